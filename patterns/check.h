/*
 * check.h - expressions as written to expressions of the plan: names, kinds, constants.
 *
 * Contract
 *   Functions give NULL after reporting the mistake; a part that is NULL makes the whole
 *   NULL without another word. Results are folded and lie in the arena.
 */
#ifndef PAT_CHECK_H
#define PAT_CHECK_H

#include "patterns/plan_shape.h"
#include "patterns/resolve.h"

typedef enum pat_scope_kind {
  PAT_IN_CONSTANT, /* no names at all */
  PAT_IN_EVENT,    /* bare names are fields of one event */
  PAT_IN_STEP,     /* and steps name what has been captured */
  PAT_IN_OUTPUT,   /* bare names are keys, steps what was captured */
  PAT_IN_WINDOW    /* of an aggregate: bare names are keys and measures, in an aggregate's parentheses fields of `stream` */
} pat_scope_kind;

typedef struct pat_scope {
  pat_compile *compile;
  pat_scope_kind kind;
  const char *what;          /* "'emit'", "a define": for messages */
  const plan_stream *stream; /* whose fields bare names are */
  uint32_t field_count;      /* how many of them may be read */
  const char *role;          /* in a key: the name that may stand before '.'; NULL */
  const plan_step *steps;
  uint32_t step_count;
  uint32_t step;             /* PAT_IN_STEP: the one under test */
  const plan_element *pattern; /* PAT_IN_STEP, PAT_IN_OUTPUT */
  const plan_shape *shape;   /* PAT_IN_STEP */
  const plan_detection *detection; /* PAT_IN_OUTPUT: its keys */
  const pat_object *measures; /* PAT_IN_WINDOW: all that are written, */
  const plan_output *measures_built; /* and those that may be read */
  uint32_t measure_count;
  int is_timeout;            /* any step may have captured nothing */
  uint64_t sure;             /* PAT_IN_OUTPUT of a join: bit i: there is an event of side i */
  int is_once;               /* PAT_IN_OUTPUT: of `emit once`, which is about many matches */
  int is_aggregate;          /* inside an aggregate's parentheses */
  uint32_t over;             /* the step that it ranges over; CEP_NONE: not seen yet */
  uint32_t fields_read;      /* PLAN_FIELDs made */
} pat_scope;

void pat_scope_constant(pat_scope *scope, pat_compile *compile, const char *what);
void pat_scope_event(pat_scope *scope, pat_compile *compile, const plan_stream *stream, const char *what);

const plan_expr *pat_check(pat_scope *scope, const pat_expr *expr);
/* Of kind bool. */
const plan_expr *pat_check_condition(pat_scope *scope, const pat_expr *expr);
/* A constant brought to `kind` (CEP_NULL: any kind): strings to addresses, times and durations,
 * numbers to seconds. `what` names the place in messages. 1 or 0. */
int pat_check_constant(pat_compile *compile, const pat_expr *expr, cep_kind kind, const char *what, cep_value *out);
/* `a and b`. NULL only when memory is refused. */
const plan_expr *pat_both(pat_compile *compile, const plan_expr *a, const plan_expr *b);

/* What a person wrote there, on one line and cut short. */
const char *pat_text_at(const pat_compile *compile, cb_span span);

/* ---- Among the checker's files ------------------------------------------------------ */

plan_expr *pat_new_plan_expr(const pat_compile *compile, plan_op op, cep_kind kind, cb_span span, uint32_t arg_count,
                             const plan_expr *const *args);
const plan_expr *pat_new_constant(const pat_compile *compile, cb_span span, cep_kind kind, cep_value value);
/* As `kind` if it is that, an int where a float is wanted, or a constant string where an
 * address, time or duration is. NULL, nothing reported, if it cannot be (`*why` then may say more). */
const plan_expr *pat_convert(const pat_compile *compile, const plan_expr *expr, cep_kind kind, const char **why);
/* Brings both to one kind. 0, nothing reported, if that cannot be. */
int pat_unify(const pat_compile *compile, const plan_expr **a, const plan_expr **b, const char **why);
const plan_expr *pat_check_name(pat_scope *scope, const pat_expr *expr);
const plan_expr *pat_check_member(pat_scope *scope, const pat_expr *expr);
const plan_expr *pat_check_call(pat_scope *scope, const pat_expr *expr);
const plan_expr *pat_check_case(pat_scope *scope, const pat_expr *expr);
const plan_expr *pat_check_coalesce(pat_scope *scope, const pat_expr *expr);
const plan_expr *pat_check_if(pat_scope *scope, const pat_expr *expr);
const plan_expr *pat_check_nullif(pat_scope *scope, const pat_expr *expr);
/* The arguments of a call; NULL when one of them is wrong. */
const plan_expr **pat_check_all(pat_scope *scope, const pat_expr *expr);
/* Aggregates; CEP_NONE: there is none of that name. */
uint32_t pat_find_aggregate(const char *name);
const plan_expr *pat_check_aggregate(pat_scope *scope, const pat_expr *expr, plan_aggregate what);
const char *pat_aggregate_name(uint32_t what); /* NULL behind the last */
/* check_window.c. window_start and window_end; NULL, nothing reported, for other names. */
const plan_expr *pat_check_bound(pat_scope *scope, const pat_name *name);
void pat_offer_bounds(pat_nearest *nearest);
/* A function that only windows have, of PLAN_FIRST and those behind it, but PLAN_APPROX_DISTINCT. The caller
 * sees to the kinds: `*value` is what it goes over. */
plan_expr *pat_check_made(pat_scope *scope, const pat_expr *expr, plan_aggregate what, pat_scope *inner, const plan_expr **value);
/* 1 if the constant is a regular expression; 0: reported. */
int pat_check_regex(pat_scope *scope, const plan_expr *pattern);
/* 1 if the text names a zone; 0: reported. */
int pat_check_zone(pat_compile *compile, const char *name, size_t len, cb_span span);
/* Functions of builtin.def, likewise. */
uint32_t pat_find_builtin(const char *name);
const plan_expr *pat_check_builtin(pat_scope *scope, const pat_expr *expr, uint32_t index);
const char *pat_builtin_name(uint32_t index);
/* The capture that `expr` names: x, x[k], first(x), last(x). 1 with step and nth; 0 when it is
 * something else or reported. */
typedef struct pat_capture {
  uint32_t step;
  int32_t nth;
  int is_bare; /* the step's name alone */
} pat_capture;
int pat_find_capture(pat_scope *scope, const pat_expr *expr, pat_capture *out);
uint32_t pat_find_step(const pat_scope *scope, const char *name);
const plan_expr *pat_read_capture(pat_scope *scope, const pat_capture *capture, const pat_name *field, cb_span span);
const plan_expr *pat_check_prev(pat_scope *scope, const pat_expr *expr);
const plan_expr *pat_check_matches(pat_scope *scope, const pat_expr *expr);
/* plan_table.c. `expr` is x in t.f, and t[x].f where pat_is_lookup says so. */
const plan_expr *pat_check_in_table(pat_scope *scope, const pat_expr *expr);
int pat_is_lookup(const pat_scope *scope, const pat_expr *expr);
const plan_expr *pat_check_lookup(pat_scope *scope, const pat_expr *expr);
/* A table's name where a value or a step is needed. 1 if said. */
int pat_report_table(const pat_scope *scope, const pat_expr *expr);

#endif
