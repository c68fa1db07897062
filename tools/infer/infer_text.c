/* infer_text.c - what a text could be read as; names made of texts. */
#include <string.h>

#include "cep/base/num.h"
#include "cep/base/time.h"
#include "cep/base/value.h"
#include "tools/infer/infer_parts.h"

#define NAME_ENOUGH 20

int infer_is_letter(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

int infer_is_digit(char c)
{
  return c >= '0' && c <= '9';
}

int infer_is_word(char c)
{
  return infer_is_letter(c) || infer_is_digit(c) || c == '_';
}

char infer_lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

int infer_has_word(infer_text text, const char *word)
{
  size_t len = strlen(word);
  for (size_t i = 0; i + len <= text.len; i++) {
    size_t same = 0;
    while (same < len && infer_lower(text.at[i + same]) == word[same]) same++;
    if (same == len) return 1;
  }
  return 0;
}

/* "007" is a name, not a number. */
static int has_leading_zero(infer_text text)
{
  size_t at = text.len > 0 && text.at[0] == '-';
  return text.len > at + 1 && text.at[at] == '0' && infer_is_digit(text.at[at + 1]);
}

int infer_text_is(infer_as as, infer_text text)
{
  int64_t i;
  double f;
  uint8_t ip[16];
  switch (as) {
  case INFER_AS_BOOL:
    return (text.len == 4 && memcmp(text.at, "true", 4) == 0) || (text.len == 5 && memcmp(text.at, "false", 5) == 0);
  case INFER_AS_INT: return !has_leading_zero(text) && cb_num_int(text.at, text.len, &i);
  case INFER_AS_FLOAT: return !has_leading_zero(text) && cb_num_float(text.at, text.len, &f);
  case INFER_AS_IP: return cb_ip_read(text.at, text.len, ip);
  case INFER_AS_TIME: return text.len > 10 && cb_time_read_rfc3339(text.at, text.len, &i);
  case INFER_AS_DURATION: return cb_duration_read(text.at, text.len, &i);
  case INFER_AS_COUNT: break;
  }
  CB_UNREACHABLE();
}

/* ---- Names -------------------------------------------------------------------------------------- */

size_t infer_identifier(infer_text text, char out[INFER_NAME_MAX])
{
  size_t len = 0;
  for (size_t i = 0; i < text.len && len + 1 < INFER_NAME_MAX; i++) {
    char c = infer_is_word(text.at[i]) ? text.at[i] : '_';
    if (c == '_' && (len == 0 || out[len - 1] == '_') && text.at[i] != '_') continue;
    if (len == 0 && infer_is_digit(c)) out[len++] = '_';
    if (len + 1 < INFER_NAME_MAX) out[len++] = c;
  }
  while (len > 0 && out[len - 1] == '_' && text.at[text.len - 1] != '_') len--;
  out[len] = 0;
  return len;
}

size_t infer_camel(infer_text text, char out[INFER_NAME_MAX])
{
  size_t len = 0;
  int begins = 1, is_loud = 1; /* AUDIT_FAILURE is AuditFailure */
  for (size_t i = 0; i < text.len; i++) is_loud &= text.at[i] < 'a' || text.at[i] > 'z';
  for (size_t i = 0; i < text.len && len + 1 < INFER_NAME_MAX; i++) {
    char c = is_loud && !begins ? infer_lower(text.at[i]) : text.at[i];
    if (!infer_is_letter(c) && !infer_is_digit(c)) {
      begins = 1;
      continue;
    }
    if (len == 0 && infer_is_digit(c)) continue;
    out[len++] = begins && c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
    begins = 0;
  }
  out[len] = 0;
  return len;
}

int infer_is_reserved(const char *name)
{
  static const char *const words[] = {"and",  "or",   "not",   "in",   "is", "like", "ilike", "between", "true",   "false", "null",
                                      "where", "then", "no",   "as",   "match", "emit", "having", "until", "case"};
  for (size_t i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(words[i], name) == 0) return 1;
  return 0;
}

int infer_name_is_taken(const infer_names *names, const char *name)
{
  for (uint32_t i = 0; i < names->taken.count; i++)
    if (strcmp(names->taken.at[i], name) == 0) return 1;
  return 0;
}

const char *infer_name_take(infer *self, infer_names *names, const char *wanted)
{
  const char *name = cb_arena_text(&self->arena, wanted, strlen(wanted));
  for (unsigned number = 2; name && infer_name_is_taken(names, name); number++)
    name = cb_arena_printf(&self->arena, "%s_%u", wanted, number);
  if (!name || !cb_vec_push(&self->alloc, &names->taken, name)) {
    self->has_failed = 1;
    return "x";
  }
  return name;
}

void infer_names_free(infer *self, infer_names *names)
{
  cb_vec_free(&self->alloc, &names->taken);
}

/* The first words of it, no more than a name should have. */
static infer_text shortened(infer_text text)
{
  for (size_t i = 1; i < text.len; i++) {
    int is_word_end = !infer_is_letter(text.at[i]) && !infer_is_digit(text.at[i]);
    if (is_word_end && i >= NAME_ENOUGH) text.len = i;
  }
  return text;
}

/* The file's name without folders and endings: "/var/log/auth.log.1" is "Auth". */
void infer_name(const char *path, char out[INFER_NAME_MAX])
{
  const char *slash = strrchr(path, '/');
  infer_text base = {slash ? slash + 1 : path, 0};
  base.len = strcspn(base.at, ".");
  if (base.len == 0 && *base.at == '.') {
    base.at++;
    base.len = strcspn(base.at, ".");
  }
  if (infer_camel(shortened(base), out) == 0 || infer_is_reserved(out)) memcpy(out, "Event", 6);
}
