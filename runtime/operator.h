/*
 * operator.h - what works on the keyed, timed state: matchers, aggregates, suppression.
 *
 *   items (event | alert, with its key)
 *      \   rt_operator_events: finds or makes the entry of each key
 *       -> kind->events(items) -> rt_out
 *          then each entry touched is settled: timer armed, or, if empty, removed
 *   frontier reaches a deadline -> rt_operator_fire -> kind->advance -> rt_out, settled
 *
 * Contract
 *   An operator keeps no state beside the slots of its entries and what they reach in the
 *   slab: so whoever saves every key has saved it. Its kind is a table of functions:
 *     open, close   once; close comes after every slot was released
 *     events        a batch of items in the order of its input; the same key may come
 *                   several times. All deadlines up to their time have been fired before
 *     advance       everything of one key whose deadline is <= time
 *     end           of one key, what waits for a number of events; NULL: nothing ever does
 *     next_deadline CEP_TIME_MAX: none. May be put off by later items, never be <= a time
 *                   that was fired
 *     is_empty      nothing to keep: a slot of zero bytes
 *     release       gives back what the slot reaches, and leaves it empty
 *     save, load    one key, self-contained; the same bytes for the same state
 *     check         1: the invariants of the slot hold
 *   Outputs go to `out->alert`, which takes the alert over, in the order in which they come
 *   out. Suppression frees what it holds back.
 *   Errors: after CEP_E_NOMEM a slot may be released, no more. One owner.
 */
#ifndef RT_OPERATOR_H
#define RT_OPERATOR_H

#include "runtime/accum.h"
#include "runtime/alert.h"
#include "runtime/keyed.h"
#include "runtime/stats.h"
#include "runtime/timer.h"

typedef struct rt_operator rt_operator;

/* What all operators of one engine work with. */
typedef struct rt_core {
  const prg *program;
  cb_alloc *alloc;
  cb_slab *slab;
  nfa_scratch *scratch;
  rt_stats stats;
  rt_keyed keyed;
  rt_timers timers;
  cb_writer bytes;          /* for the bytes of one id */
  CB_VEC(rt_origin) origins; /* by index of the engine's inputs */
  cep_value *keys;          /* room for the most key parts (with windows and measures) and outputs of any detection */
  cep_value *outputs;
  uint32_t keys_max;
  uint32_t outputs_max;
  uint64_t partial_max;
  uint64_t history_max;
  uint64_t distinct_max;
  uint32_t index_runs;
  nfa_wish evaluator;
  const struct nfa_trace *trace; /* NULL: nothing is told, else of this detection: */
  uint32_t traced;
  uint64_t sequence;        /* of the next alert */
  cep_time now;             /* the instant being processed */
} rt_core;

cep_status rt_core_init(rt_core *core, const prg *program, cb_alloc *alloc, cb_slab *slab, nfa_scratch *scratch,
                        int smallest) CB_MUST_USE;
void rt_core_fini(rt_core *core); /* after the operators were closed */
/* The parts of a key, from its canonical bytes, into core->keys: borrowed from the entry. */
void rt_core_read_key(rt_core *core, const prg_detection *detection, cb_slab_id entry);

typedef struct rt_item {
  rt_key key;
  nfa_event event; /* for a matcher: the event, */
  uint64_t symbol; /* and the steps that it fits */
  rt_alert *alert; /* for suppression; taken over */
  int finds_only;  /* of no interest to a key without state: no entry is made */
  cb_slab_id entry; /* set by rt_operator_events; CB_SLAB_NONE: left out */
} rt_item;

typedef struct rt_out {
  cep_status (*alert)(void *ctx, const rt_operator *from, rt_alert *alert);
  void *ctx;
} rt_out;

typedef struct rt_operator_kind {
  const char *name;
  cep_status (*open)(rt_operator *op);
  void (*close)(rt_operator *op);
  cep_status (*events)(rt_operator *op, const rt_item *items, uint32_t count, const rt_out *out);
  cep_status (*advance)(rt_operator *op, cb_slab_id entry, cep_time time, const rt_out *out);
  cep_status (*end)(rt_operator *op, cb_slab_id entry, cep_time time, const rt_out *out);
  cep_time (*next_deadline)(const rt_operator *op, const nfa_slot *slot);
  int (*is_empty)(const rt_operator *op, const nfa_slot *slot);
  void (*release)(rt_operator *op, nfa_slot *slot);
  void (*save)(rt_operator *op, const nfa_slot *slot, cb_writer *writer);
  cep_status (*load)(rt_operator *op, nfa_slot *slot, cb_reader *reader);
  int (*check)(rt_operator *op, const nfa_slot *slot);
} rt_operator_kind;

extern const rt_operator_kind rt_detect;   /* the pattern of a detection */
/* Its `events` for one item, which has an entry. */
cep_status rt_detect_event(rt_operator *op, const rt_item *item, const rt_out *out) CB_MUST_USE;
extern const rt_operator_kind rt_aggregate; /* the windows of an aggregate: tumbling, told of once; */
extern const rt_operator_kind rt_sliding;   /* sliding or of so many events, told of at their end; */
extern const rt_operator_kind rt_spans;     /* all others: each window for itself */
extern const rt_operator_kind rt_join;      /* the pairs of a join */
extern const rt_operator_kind rt_suppress; /* its `suppress` */

#define RT_ITEMS_MAX CB_BATCH_MAX

/* How windows lie over panes. */
typedef struct rt_panes {
  int64_t width; /* of a pane: time, or events */
  int64_t slide; /* in panes */
  int64_t block; /* panes of a window */
} rt_panes;

struct rt_operator {
  const rt_operator_kind *kind;
  rt_core *core;
  uint32_t number;    /* by stratum, then matchers before suppression, then place in the file */
  uint32_t detection;
  uint64_t keys;      /* entries now */
  const nfa_evaluator *evaluator; /* of a matcher */
  nfa_worker worker;
  uint32_t *timeout_by; /* of suppression: for each part of its key, which output of a timeout; PRG_NONE: none */
  cb_writer key;        /* of suppression: key bytes of one alert */
  rt_accums accums;     /* of an aggregate */
  cb_slab_id spare;     /* of sliding windows: an accum that is worked with */
  rt_panes panes;
  cb_slab_id pair[2];   /* of a join: room for the two captures of the pair that is looked at */
};

cep_status rt_operator_open(rt_operator *op, rt_core *core, const rt_operator_kind *kind, uint32_t number,
                            uint32_t detection) CB_MUST_USE;
/* Releases every slot of every operator; then each may be closed. */
void rt_operators_release(rt_operator *operators, rt_core *core);
void rt_operator_close(rt_operator *op);

/* At most RT_ITEMS_MAX items. Fills in their entries. */
cep_status rt_operator_events(rt_operator *op, rt_item *items, uint32_t count, const rt_out *out) CB_MUST_USE;
/* The key of an alert for suppression, borrowed until the next call. 0: memory refused. */
int rt_suppress_key(rt_operator *op, const rt_alert *alert, rt_key *out);

/* The earliest real deadline of all up to this time; CEP_TIME_MAX if none. Timers that came up too early
 * are put right on the way. CEP_E_NOMEM. */
cep_status rt_operators_deadline(rt_operator *operators, rt_core *core, cep_time upto, cep_time *out) CB_MUST_USE;
/* Fires the first deadline, which is `time`. */
cep_status rt_operators_fire(rt_operator *operators, rt_core *core, cep_time time, const rt_out *out) CB_MUST_USE;

/* Nothing can come any more for this operator, which counts events: what waits for one is decided at `time`. */
cep_status rt_operator_end(rt_operator *op, cep_time time, const rt_out *out) CB_MUST_USE;
/* Takes away all timers; gives one operator those that it needs. For the end of the input only. */
void rt_operators_disarm(rt_core *core);
cep_status rt_operator_arm(rt_operator *op) CB_MUST_USE;

/* Puts back the saved state of one key, which must be whole, have no deadline up to `now`, and not be there yet:
 * CEP_E_CORRUPT. */
cep_status rt_operator_load(rt_operator *op, const rt_key *key, cb_reader *reader, cep_time now) CB_MUST_USE;

/* Tests: saves, releases and loads every key, and sees that nothing has changed. */
cep_status rt_operators_reload(rt_operator *operators, rt_core *core) CB_MUST_USE;

#endif
