/*
 * diag.h - diagnostics of one compile: collected by phase, given out in order of place.
 *
 * Contract
 *   Numbers, severities and what they mean: cep/diag.def. 100 to 299 are CEP_E_SYNTAX,
 *   900 and above CEP_E_UNSUPPORTED, the others CEP_E_SEMANTIC.
 *   The same number at the same place is kept once. At most PAT_ERRORS_MAX errors are
 *   given out, then one note.
 */
#ifndef PAT_DIAG_H
#define PAT_DIAG_H

#include "cep/base/error.h"
#include "patterns/list.h"

#define PAT_ERRORS_MAX 20u
/* Kept in one phase; what comes after it cannot be among the first 20 that a person mends. */
#define PAT_KEPT_MAX 100u

/* A rule file is no longer, so that offsets fit and hostile text ends. */
#define PAT_TEXT_MAX ((size_t)16 * 1024 * 1024)

typedef struct pat_diags {
  cb_arena *arena;
  const cb_source *source;
  cep_diag_fn report;
  void *ctx;
  PAT_LIST(cep_error) kept; /* of this phase */
  uint32_t errors;          /* given out */
  uint32_t errors_kept;     /* in `kept` */
  int is_full;
  cep_error first;          /* error */
} pat_diags;

void pat_diags_init(pat_diags *diags, cb_arena *arena, const cb_source *source, cep_diag_fn report, void *ctx);
void pat_report(pat_diags *diags, uint32_t number, cb_span span, const char *format, ...) CB_PRINTF(4, 5);
/* Ends a phase. */
void pat_diags_flush(pat_diags *diags);

/* The nearest of the names to a mistyped one. Offer each, then ask: NULL if none is near. */
typedef struct pat_nearest {
  const char *wanted;
  const char *best;
  uint32_t distance;
} pat_nearest;
void pat_nearest_init(pat_nearest *nearest, const char *wanted);
void pat_nearest_offer(pat_nearest *nearest, const char *name);
/* "; did you mean 'x'?" in the arena, or "". */
const char *pat_nearest_text(const pat_nearest *nearest, cb_arena *arena);

#endif
