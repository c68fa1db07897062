/* format_check.c - what a layout must keep, whatever the text. */
#include "tests/support/format_check.h"

#include <string.h>

#include "patterns/format.h"
#include "patterns/lexer.h"
#include "patterns/plan.h"

static void report_nothing(void *ctx, const cep_error *diagnostic)
{
  (void)ctx;
  (void)diagnostic;
}

static void start_lexer(pat_lexer *lexer, pat_diags *diags, cb_source *source, cb_arena *arena, const char *text, size_t len)
{
  cb_source_init(source, "text", text, (uint32_t)len);
  pat_diags_init(diags, arena, source, report_nothing, NULL);
  pat_lexer_init(lexer, arena, diags, text, (uint32_t)len);
}

static const char *compare_tokens(cb_arena *arena, const char *a, size_t a_len, const char *b, size_t b_len)
{
  pat_lexer one, other;
  pat_diags diags[2];
  cb_source sources[2];
  start_lexer(&one, &diags[0], &sources[0], arena, a, a_len);
  start_lexer(&other, &diags[1], &sources[1], arena, b, b_len);
  for (;;) {
    pat_token x = pat_lexer_next(&one), y = pat_lexer_next(&other);
    if (x.kind != y.kind || x.is_label != y.is_label || x.span.length != y.span.length ||
        memcmp(a + x.span.offset, b + y.span.offset, x.span.length) != 0)
      return cb_arena_printf(arena, "token '%.*s' became '%.*s'", (int)x.span.length, a + x.span.offset, (int)y.span.length,
                             b + y.span.offset);
    if (x.kind == PAT_END) return NULL;
  }
}

/* ---- Comments, found without the lexer ------------------------------------------------ */

static size_t past_quoted(const char *text, size_t len, size_t at)
{
  char quote = text[at++];
  while (at < len && text[at] != quote) at += text[at] == '\\' && quote == '"' ? 2 : 1;
  return at + 1;
}

static size_t past_comment(const char *text, size_t len, size_t at)
{
  int is_line = text[at + 1] == '/';
  at += 2;
  while (at < len && !(is_line ? text[at] == '\n' : at + 1 < len && text[at] == '*' && text[at + 1] == '/')) at++;
  return is_line || at >= len ? at : at + 2;
}

/* All comments, a line end behind each, no line with blanks at its end. */
static void collect_comments(cb_writer *out, const char *text, size_t len)
{
  for (size_t at = 0; at < len;) {
    if (text[at] == '"' || text[at] == '`') {
      at = past_quoted(text, len, at);
    } else if (text[at] == '/' && at + 1 < len && (text[at + 1] == '/' || text[at + 1] == '*')) {
      size_t end = past_comment(text, len, at);
      for (; at <= end; at++) {
        if (at == end || text[at] == '\n') {
          while (out->len > 0 && (out->data[out->len - 1] == ' ' || out->data[out->len - 1] == '\t' || out->data[out->len - 1] == '\r'))
            out->len--;
          cb_write_text(out, "\n");
        } else {
          cb_write_u8(out, (uint8_t)text[at]);
        }
      }
      at = end;
    } else {
      at++;
    }
  }
}

static const char *compare_comments(cb_arena *arena, const char *a, size_t a_len, const char *b, size_t b_len)
{
  cb_writer one, other;
  cb_writer_init(&one, arena->alloc);
  cb_writer_init(&other, arena->alloc);
  collect_comments(&one, a, a_len);
  collect_comments(&other, b, b_len);
  int is_same = one.len == other.len && (one.len == 0 || memcmp(one.data, other.data, one.len) == 0);
  cb_writer_fini(&one);
  cb_writer_fini(&other);
  return is_same ? NULL : "comments differ";
}

/* ---- Plans and lines ------------------------------------------------------------------ */

static int print_plan(cb_arena *arena, cb_writer *out, const char *text, size_t len)
{
  plan *made = NULL;
  cep_error err;
  return plan_compile(arena, "text", text, len, report_nothing, NULL, &made, &err) == CEP_OK && plan_print(out, made) == CEP_OK;
}

static const char *compare_plans(cb_arena *arena, const char *a, size_t a_len, const char *b, size_t b_len)
{
  cb_writer one, other;
  cb_writer_init(&one, arena->alloc);
  cb_writer_init(&other, arena->alloc);
  int is_one = print_plan(arena, &one, a, a_len), is_other = print_plan(arena, &other, b, b_len);
  int is_same = is_one == is_other && (!is_one || (one.len == other.len && memcmp(one.data, other.data, one.len) == 0));
  cb_writer_fini(&one);
  cb_writer_fini(&other);
  return is_same ? NULL : "plans differ";
}

static const char *check_lines(const char *text, size_t len)
{
  if (len > 0 && text[len - 1] != '\n') return "the last line does not end";
  if (len > 1 && text[len - 2] == '\n') return "an empty line at the end";
  for (size_t i = 1; i < len; i++)
    if (text[i] == '\n' && (text[i - 1] == ' ' || text[i - 1] == '\t' || text[i - 1] == '\r')) return "a line ends with blanks";
  return NULL;
}

/* ---- All of it ------------------------------------------------------------------------ */

static const char *check_layout(cb_arena *arena, const char *text, size_t len, const cb_writer *first, cb_writer *again)
{
  const char *laid_out = first->data ? (const char *)first->data : "";
  const char *fault = compare_tokens(arena, text, len, laid_out, first->len);
  if (!fault) fault = compare_comments(arena, text, len, laid_out, first->len);
  if (!fault) fault = compare_plans(arena, text, len, laid_out, first->len);
  if (!fault) fault = check_lines(laid_out, first->len);
  if (fault) return cb_arena_printf(arena, "%s:\n%.*s", fault, (int)first->len, laid_out);
  cep_error err;
  if (pat_format_text(arena, "again", laid_out, first->len, report_nothing, NULL, again, &err) != CEP_OK)
    return cb_arena_printf(arena, "refused again: %s\n%.*s", err.text, (int)first->len, laid_out);
  if (again->len == first->len && (again->len == 0 || memcmp(again->data, first->data, again->len) == 0)) return NULL;
  return cb_arena_printf(arena, "once:\n%.*stwice:\n%.*s", (int)first->len, laid_out, (int)again->len, (const char *)again->data);
}

const char *format_check(cb_arena *arena, const char *text, size_t len, int *is_laid_out)
{
  cb_writer first, again;
  cep_error err;
  cb_writer_init(&first, arena->alloc);
  cb_writer_init(&again, arena->alloc);
  cep_status status = pat_format_text(arena, "text", text, len, report_nothing, NULL, &first, &err);
  const char *fault = NULL;
  if (is_laid_out) *is_laid_out = status == CEP_OK;
  if (status == CEP_OK) {
    fault = check_layout(arena, text, len, &first, &again);
  } else if (first.len > 0) {
    fault = "refused, and yet written";
  }
  cb_writer_fini(&first);
  cb_writer_fini(&again);
  return fault;
}

const char *format_shake(cb_arena *arena, cb_prng *prng, const char *text, size_t len)
{
  static const char *const gaps[] = {" ",       "  ",     "\n",         "\n\n\n",     "\t",         "\r\n",           " // c\n",
                                     "\n//c \n", " /**/ ", "\n/* c */ ", " /* a\n b */", "// a\n// b\n", "\n\n /* x */\n\n"};
  pat_lexer lexer;
  pat_diags diags;
  cb_source source;
  cb_writer out;
  cb_writer_init(&out, arena->alloc);
  start_lexer(&lexer, &diags, &source, arena, text, len);
  uint32_t wild = cb_prng_below(prng, 100);
  for (pat_token token = pat_lexer_next(&lexer); token.kind != PAT_END; token = pat_lexer_next(&lexer)) {
    uint32_t which = cb_prng_below(prng, 100) < wild ? cb_prng_below(prng, sizeof gaps / sizeof *gaps) : cb_prng_below(prng, 2);
    cb_write_text(&out, gaps[which]);
    cb_write_bytes(&out, text + token.span.offset, token.span.length);
  }
  const char *shaken = cb_arena_text(arena, out.data ? (const char *)out.data : "", out.len);
  cb_writer_fini(&out);
  return shaken ? shaken : "";
}
