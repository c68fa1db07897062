/*
 * wake.h - which readers of a stream an event may concern, found by the event's values.
 *
 *   a == 3      column a:  hash of constants     \
 *   v > 10      column v:  sorted bounds          >-- trigger: atom, readers --> bits of readers
 *   s ~ /x.y/   column s:  one literal automaton /
 *
 * Contract
 *   Made of a verified program when it is loaded, and never changes. For every reader some atoms are chosen of which at
 *   least one must hold if any of its steps fits an event; those that are shared by the fewest readers. A trigger fires
 *   where its atom may hold. A reader without such a set, or that must see all events, is asked always.
 *   nfa_wake_run: what fires, fires; triggers that are exact also settle their atoms in the facts. nfa_wake_list
 *   gives the readers to be asked, in their order: every reader that a step of which fits the event is among them.
 *   Null, NaN and kinds are as nfa_expr_eval has them: they are not equal to anything and in no range.
 *   Errors: refused memory only, when made. One owner of nfa_woken.
 */
#ifndef NFA_WAKE_H
#define NFA_WAKE_H

#include "nfa/literals.h"
#include "nfa/predicate.h"
#include "nfa/readers.h"

typedef struct nfa_trigger {
  uint32_t atom;
  uint32_t is_exact; /* it fires if and only if the atom holds */
  prg_list readers;  /* in nfa_wake.readers */
} nfa_trigger;

/* Constants of one column. */
typedef struct nfa_equal_item {
  cep_value value;
  uint64_t hash;
  uint32_t trigger;
  uint32_t next;     /* of the same place in the table, + 1; 0: none */
} nfa_equal_item;

typedef struct nfa_equals {
  uint32_t column;
  uint32_t mask;     /* places - 1 */
  uint32_t *places;  /* items + 1 */
  nfa_equal_item *items;
  uint32_t item_count;
} nfa_equals;

/* Bounds of one column, rising: by value, then those first that are met by less. */
typedef struct nfa_range_end {
  cep_value value;
  uint32_t trigger;
  uint32_t is_open;  /* < or >, not <= or >= */
} nfa_range_end;

typedef struct nfa_ranges {
  uint32_t column;
  int is_upper;      /* the event's value is below the bound */
  nfa_range_end *items;
  uint32_t item_count;
} nfa_ranges;

typedef struct nfa_texts {
  uint32_t column;
  nfa_literals literals;
  uint32_t *triggers; /* by literal */
} nfa_texts;

typedef struct nfa_wake {
  nfa_equals *equals;
  uint32_t equals_count;
  nfa_ranges *ranges;
  uint32_t ranges_count;
  nfa_texts *texts;
  uint32_t texts_count;
  nfa_trigger *triggers;
  uint32_t trigger_count;
  uint32_t *readers;  /* of the stream, from 0, by trigger */
  uint32_t reader_count;
  uint64_t *settled;  /* atoms of exact triggers */
  uint32_t settled_words;
  uint64_t *always;   /* readers that are asked for every event, */
  uint64_t *always_words; /* and which words of those are not 0 */
  uint32_t always_count; /* words */
} nfa_wake;

/* What has fired for one event. */
typedef struct nfa_woken {
  cb_alloc *alloc;
  uint64_t *readers;  /* of the stream, from 0 */
  uint64_t *words;    /* which words of `readers` are not 0 */
  uint32_t count;     /* words of `readers` */
  uint64_t *seen;     /* of nfa_literals_find */
  uint32_t *found;
  uint32_t literals;  /* of the largest set */
} nfa_woken;

/* One for each stream. */
cep_status nfa_wakes_make(const prg *program, cb_alloc *alloc, nfa_wake **out) CB_MUST_USE;
void nfa_wakes_free(const prg *program, cb_alloc *alloc, nfa_wake *wakes); /* NULL is fine */

cep_status nfa_woken_init(nfa_woken *woken, cb_alloc *alloc, const prg *program) CB_MUST_USE;
void nfa_woken_fini(nfa_woken *woken);

/* The event is that of the facts. */
void nfa_wake_run(const nfa_wake *wake, nfa_facts *facts, nfa_woken *woken);
/* Numbers from 0 within the stream into `out`, which has room for all its readers: how many. What had fired is forgotten. */
uint32_t nfa_wake_list(const nfa_wake *wake, nfa_woken *woken, uint32_t *out);

/* For expensive checks, behind nfa_wake_list: 1 if no other reader has a step that fits, and what was settled is so. Forgets the facts. */
int nfa_wake_check(const nfa_wake *wake, nfa_facts *facts, const uint32_t *asked, uint32_t count);

/* The same bits for values that are equal, of one kind. */
uint64_t nfa_wake_hash(const cep_value *value);

#endif
