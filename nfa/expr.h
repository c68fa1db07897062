/*
 * expr.h - the expression machine.
 *
 * Contract
 *   Evaluates verified code of a program over one event and, if it looks back, over the
 *   captures of one partial match. Three-valued: an unknown bool is CEP_NULL. Never fails:
 *   overflow, division by zero and a full scratch give null (the last is counted).
 *   Values borrow from the batch, the cells, the program, a table, or the scratch; those of the
 *   scratch live until nfa_scratch_reset. No allocation once the scratch is warm.
 */
#ifndef NFA_EXPR_H
#define NFA_EXPR_H

#include "cep/base/json.h"
#include "nfa/history.h"
#include "nfa/program.h"
#include "nfa/regex.h"
#include "nfa/table.h"

#define NFA_STACK_MAX 64u
#define NFA_REGISTERS_MAX 64u

/* Bytes of computed strings, and what regular expressions need. One for each worker. */
typedef struct nfa_scratch {
  cb_alloc *alloc;
  char *bytes;
  uint32_t used;
  uint32_t capacity;
  const prg *program;
  nfa_regex_scratch *regex;
  cb_json *json; /* made when JSON is first looked into */
  uint64_t regex_limit_hits;
  uint64_t overflows; /* strings refused because memory was */
  nfa_table_slot *tables; /* by table of the program; borrowed. NULL: all are without rows */
} nfa_scratch;

/* The limits are those of regex.h. */
cep_status nfa_scratch_init(nfa_scratch *scratch, cb_alloc *alloc, const prg *program, uint32_t match_limit,
                            size_t text_max) CB_MUST_USE;
void nfa_scratch_fini(nfa_scratch *scratch);
void nfa_scratch_reset(nfa_scratch *scratch);

/* The captures of one partial match. Registers as words; bit i of `null` set: null. */
typedef struct nfa_captures {
  const cb_slab *slab;
  cb_slab_id head;
  const uint64_t *registers;
  uint64_t null;
  const cep_value *values; /* by register: of those that are made (prg_register_is_made); NULL: all null */
} nfa_captures;

typedef struct nfa_env {
  const prg *program;
  nfa_scratch *scratch;
  const cb_batch *batch;   /* the event under test is this row, */
  uint32_t row;
  const cb_cell *cell;     /* or, if not NULL, this cell: fields outside its layout are null */
  const nfa_captures *captures; /* NULL: nothing captured */
  uint32_t register_first; /* index in REGISTERS of the detection's first */
  const cep_value *keys;   /* key parts, measures, start and end of the window, for outputs; NULL: none */
  cep_time now;            /* without an event under test: when it is decided */
} nfa_env;

cep_value nfa_expr_eval(const nfa_env *env, uint32_t expr);
/* The column that is all of the expression; PRG_NONE: it is more. */
uint32_t nfa_expr_column(const prg *program, uint32_t expr);
/* How many different tuples without a null the `count` expressions have over the captured events of the step. */
cep_value nfa_distinct(const nfa_env *env, uint32_t step, const uint32_t *exprs, uint32_t count);
/* 1 only if the value is the bool true. */
int nfa_expr_holds(const nfa_env *env, uint32_t expr);

#endif
