/* fn.c - the table of functions, made from builtin.def. */
#include "nfa/fn.h"

#include <string.h>

#include "cep/base/signature.h"

static const nfa_fn fns[] = {
#define F(name, category, arguments, result, text, example, value) {#name, arguments, nfa_fn_##name},
#include "patterns/builtin.def"
#undef F
};

const nfa_fn *nfa_fn_at(uint32_t index)
{
  return index < sizeof fns / sizeof fns[0] ? &fns[index] : NULL;
}

int nfa_fn_takes(const nfa_fn *fn, uint32_t count)
{
  uint32_t least, most;
  cb_signature_count(fn->arguments, &least, &most);
  return count >= least && count <= most;
}

/* Kinds as the letter says, and all of those that are compared alike. */
static int are_good(const char *letters, const cep_value *args, uint32_t count)
{
  uint32_t alike = CEP_NULL;
  for (uint32_t i = 0; i < count; i++) {
    char letter = cb_signature_letter(letters, i);
    if (!(cb_signature_kinds(letter) & CB_KIND_BIT(args[i].kind))) return 0;
    if (letter != 'm') continue;
    if (alike != CEP_NULL && alike != args[i].kind) return 0;
    alike = args[i].kind;
  }
  return 1;
}

cep_value nfa_fn_call(nfa_scratch *scratch, uint32_t index, const cep_value *args, uint32_t count)
{
  const nfa_fn *fn = nfa_fn_at(index);
  CB_ASSERT(fn && nfa_fn_takes(fn, count));
  return are_good(fn->arguments, args, count) ? fn->body(scratch, args, count) : cb_null();
}

/* ---- Texts in the making ----------------------------------------------------------- */

void nfa_text_put(nfa_text *text, const char *bytes, size_t len)
{
  if (text->is_full || len == 0) return;
  if (len > NFA_TEXT_MAX - text->len) {
    text->is_full = 1;
    return;
  }
  if (len > text->capacity - text->len) {
    size_t capacity = text->capacity < 32 ? 64 : 2 * text->capacity;
    while (capacity < text->len + len) capacity *= 2;
    char *more = nfa_scratch_take(text->scratch, capacity);
    if (!more) {
      text->is_full = 1;
      return;
    }
    if (text->len > 0) memcpy(more, text->bytes, text->len);
    text->bytes = more;
    text->capacity = capacity;
  }
  memcpy(text->bytes + text->len, bytes, len);
  text->len += len;
}

cep_value nfa_text_value(const nfa_text *text)
{
  return text->is_full ? cb_null() : cb_string(text->bytes ? text->bytes : "", (uint32_t)text->len);
}
