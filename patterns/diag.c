/* diag.c - diagnostics of one compile: collected by phase, given out in order of place. */
#include "patterns/diag.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static cep_severity severity_of(uint32_t number)
{
  switch (number) {
#define D(diag_number, diag_severity, summary) \
  case diag_number: return diag_severity;
#include "cep/diag.def"
#undef D
  }
  CB_UNREACHABLE();
}

static cep_status status_of(uint32_t number)
{
  if (number < 300) return CEP_E_SYNTAX;
  return number < 900 ? CEP_E_SEMANTIC : CEP_E_UNSUPPORTED;
}

void pat_diags_init(pat_diags *diags, cb_arena *arena, const cb_source *source, cep_diag_fn report, void *ctx)
{
  memset(diags, 0, sizeof *diags);
  diags->arena = arena;
  diags->source = source;
  diags->report = report;
  diags->ctx = ctx;
}

static int is_kept(const pat_diags *diags, uint32_t number, cb_span span)
{
  for (uint32_t i = 0; i < diags->kept.count; i++) {
    const cep_error *kept = &diags->kept.at[i];
    if (kept->code == number && kept->offset == span.offset && kept->length == span.length) return 1;
  }
  return 0;
}

void pat_report(pat_diags *diags, uint32_t number, cb_span span, const char *format, ...)
{
  if (diags->kept.count >= PAT_KEPT_MAX) diags->is_full = 1;
  if (diags->is_full || is_kept(diags, number, span)) return;
  char text[CEP_ERROR_TEXT_MAX * 2];
  va_list args;
  va_start(args, format);
  vsnprintf(text, sizeof text, format, args);
  va_end(args);
  cep_error error;
  memset(&error, 0, sizeof error);
  (void)cb_error_at(&error, status_of(number), number, diags->source, span, "%s", text);
  error.severity = (uint32_t)severity_of(number);
  if (!pat_list_push(diags->arena, &diags->kept, error)) return;
  if (error.severity == CEP_ERROR) diags->errors_kept++;
}

/* Insertion: places mostly come in order already, and the sort must keep equal places as they came. */
static void sort_by_place(cep_error *errors, uint32_t count)
{
  for (uint32_t i = 1; i < count; i++) {
    cep_error moving = errors[i];
    uint32_t to = i;
    while (to > 0 && errors[to - 1].offset > moving.offset) {
      errors[to] = errors[to - 1];
      to--;
    }
    errors[to] = moving;
  }
}

static void give_out(pat_diags *diags, const cep_error *error)
{
  if (diags->errors > PAT_ERRORS_MAX) return;
  if (error->severity == CEP_ERROR) {
    if (diags->errors == 0) diags->first = *error;
    diags->errors++;
    if (diags->errors > PAT_ERRORS_MAX) {
      cep_error note = *error;
      note.severity = CEP_NOTE;
      note.code = 0;
      snprintf(note.text, sizeof note.text, "more than %u errors; the others are not shown", PAT_ERRORS_MAX);
      if (diags->report) diags->report(diags->ctx, &note);
      return;
    }
  }
  if (diags->report) diags->report(diags->ctx, error);
}

void pat_diags_flush(pat_diags *diags)
{
  sort_by_place(diags->kept.at, diags->kept.count);
  for (uint32_t i = 0; i < diags->kept.count; i++) give_out(diags, &diags->kept.at[i]);
  diags->kept.count = 0;
  diags->errors_kept = 0;
  diags->is_full = 0;
}

/* ---- Nearest names ---------------------------------------------------------------- */

#define NEAREST_MAX 32u

static uint8_t lower_byte(char c)
{
  return (uint8_t)(c >= 'A' && c <= 'Z' ? c + 32 : c);
}

/* Edits (insert, delete, change, swap of neighbours) between two short names. */
static uint32_t edit_distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
  uint32_t rows[3][NEAREST_MAX + 1];
  for (uint32_t j = 0; j <= b_len; j++) rows[1][j] = j;
  for (uint32_t i = 1; i <= a_len; i++) {
    uint32_t *before = rows[(i + 2) % 3], *last = rows[i % 3], *row = rows[(i + 1) % 3];
    row[0] = i;
    for (uint32_t j = 1; j <= b_len; j++) {
      uint32_t cost = lower_byte(a[i - 1]) != lower_byte(b[j - 1]);
      uint32_t best = last[j - 1] + cost;
      if (last[j] + 1 < best) best = last[j] + 1;
      if (row[j - 1] + 1 < best) best = row[j - 1] + 1;
      int swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
      if (swapped && before[j - 2] + 1 < best) best = before[j - 2] + 1;
      row[j] = best;
    }
  }
  return rows[(a_len + 1) % 3][b_len];
}

void pat_nearest_init(pat_nearest *nearest, const char *wanted)
{
  nearest->wanted = wanted;
  nearest->best = NULL;
  size_t len = strlen(wanted);
  /* One edit in a short name, about one in three characters of a long one. */
  nearest->distance = len < 3 ? 2 : (uint32_t)(len / 3) + 2;
}

void pat_nearest_offer(pat_nearest *nearest, const char *name)
{
  size_t wanted_len = strlen(nearest->wanted), len = strlen(name);
  if (wanted_len > NEAREST_MAX || len > NEAREST_MAX) return;
  size_t apart = wanted_len > len ? wanted_len - len : len - wanted_len;
  if (apart >= nearest->distance) return;
  uint32_t distance = edit_distance(nearest->wanted, wanted_len, name, len);
  if (distance >= nearest->distance || distance >= len) return;
  nearest->distance = distance;
  nearest->best = name;
}

const char *pat_nearest_text(const pat_nearest *nearest, cb_arena *arena)
{
  if (!nearest->best) return "";
  const char *text = cb_arena_printf(arena, "; did you mean '%s'?", nearest->best);
  return text ? text : "";
}
