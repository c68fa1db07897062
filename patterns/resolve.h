/*
 * resolve.h - the names of a file, and the compile that fills them with meaning.
 *
 * Contract
 *   Streams, defines, detections and tables share one space of names; inputs have their own.
 *   A symbol is built when it is first asked for, so the order in a file does not matter;
 *   one that is asked for while it is being built is a cycle. A broken symbol has been
 *   reported: whoever needs it is broken in silence.
 */
#ifndef PAT_RESOLVE_H
#define PAT_RESOLVE_H

#include "patterns/ast.h"

/* Names looked through for the nearest one: a help for people, whose files are not larger. */
#define PAT_NEAR_MAX 1000u

typedef enum pat_state { PAT_UNBUILT, PAT_BUILDING, PAT_BUILT, PAT_BAD } pat_state;

typedef struct pat_symbol {
  const char *name;
  cb_span span;
  const pat_decl *decl;
  pat_state state;
  uint32_t stream;         /* index in the plan; of a define that of its base */
  uint32_t detection;      /* CEP_NONE: not one */
  uint32_t table;          /* CEP_NONE: not one */
  uint32_t stratum;        /* of the stream */
  const plan_expr *member; /* of a define: all conditions of its chain */
  int is_used;             /* something else reads it */
  uint32_t next;           /* in its hash chain: index + 1 */
} pat_symbol;

typedef struct pat_input {
  const char *name;
  cb_span span;
  const pat_stream *decl;
  int is_bad;
  int is_fed; /* a stream reads it */
  uint32_t next;
} pat_input;

typedef struct pat_compile {
  cb_arena *arena;
  pat_diags *diags;
  const pat_file *file;
  plan *plan;
  pat_symbol *symbols; /* one for each declaration but inputs */
  uint32_t symbol_count;
  uint32_t *symbol_heads;
  pat_input *inputs; /* in the order of plan->inputs */
  uint32_t input_count;
  uint32_t *input_heads;
  uint32_t mask;      /* of both tables of heads */
  int has_lost_names; /* a declaration without a readable name: unknown names are not reported */
  uint32_t depth;     /* of symbols being built */
  plan_input *plan_inputs;
  plan_stream *streams;
  plan_detection *detections;
  plan_table *tables;
} pat_compile;

/* All phases in order over `made->source`: into `made`, and what the names became into `compile`, as far as mistakes
 * let it; those go to `diags`. CEP_E_NOMEM only. */
cep_status pat_compile_source(pat_compile *compile, cb_arena *arena, pat_diags *diags, plan *made) CB_MUST_USE;
/* Collects the names and builds everything. CEP_E_NOMEM only; mistakes go to `diags`. */
cep_status pat_resolve(pat_compile *compile) CB_MUST_USE;
/* The built symbol; NULL if it is unknown (reported at `name`) or broken. */
const pat_symbol *pat_resolve_name(pat_compile *compile, const pat_name *name);
/* The built table of that name; NULL if there is none (reported at `name`) or it is broken. */
const plan_table *pat_resolve_table(pat_compile *compile, const pat_name *name);
const pat_symbol *pat_find_symbol(const pat_compile *compile, const char *name);
pat_input *pat_find_input(const pat_compile *compile, const char *name);
/* The field, CEP_NONE if there is none. A key of a detection comes before an emitted value of the same name. */
uint32_t pat_find_field(const plan_stream *stream, const char *name);
/* "; did you mean 'x'?" or "". */
const char *pat_near_field(const pat_compile *compile, const plan_stream *stream, const char *name);

/* Builders, one for each kind of declaration: 1, or 0 when the symbol is broken. */
int pat_build_inputs(pat_compile *compile);
int pat_build_stream(pat_compile *compile, pat_symbol *symbol);
int pat_build_define(pat_compile *compile, pat_symbol *symbol);
int pat_build_detection(pat_compile *compile, pat_symbol *symbol);
int pat_build_aggregate(pat_compile *compile, pat_symbol *symbol);
int pat_build_join(pat_compile *compile, pat_symbol *symbol);
int pat_build_table(pat_compile *compile, pat_symbol *symbol);

/* What inputs and tables share: options of csv into `out`, the fields of a declaration, and
 * whether each of those has one of the columns that the rules name. */
int pat_build_csv(pat_compile *compile, const pat_stream *decl, plan_input *out);
int pat_build_members(pat_compile *compile, const pat_stream *decl, const plan_field **out, uint32_t *count);
int pat_check_fields_have_columns(pat_compile *compile, const pat_stream *decl, const char *columns);

#endif
