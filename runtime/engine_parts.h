/*
 * engine_parts.h - what engine.c shares with engine_take.c, engine_rows.c, engine_sweep.c, engine_instant.c, engine_last.c,
 *   engine_apart.c.
 *
 *   rows taken --> staged rows --sorted--> sweep <-- reorder (cells of rows ahead of F)
 *                                            |
 *             deadlines -> matchers <--------+
 *                              |
 *                        alerts --> waiting (suppression) --> emit
 *                              \--> derived (readers of higher strata)
 *
 * Contract
 *   Private to runtime/engine*.c.
 *   An instant is open from its first deadline or event until the frontier is beyond it;
 *   `later`, `waiting` and `derived` hold what belongs to the open instant, `ahead` what lies behind it.
 *   Staged rows lie in the batches of their streams, which are emptied after each sweep.
 */
#ifndef RT_ENGINE_PARTS_H
#define RT_ENGINE_PARTS_H

#include "runtime/emit.h"
#include "runtime/engine.h"
#include "runtime/frontier.h"
#include "runtime/operator.h"
#include "runtime/reorder.h"
#include "runtime/rows.h"

/* A source event of the open instant that higher strata read. */
typedef struct rt_later {
  uint32_t stream;
  cb_slab_id cell;
  uint64_t order; /* of its input */
} rt_later;

struct rt_fan;

struct rt_engine {
  rt_core core;
  cb_budget budget;   /* of this engine and all that works for it; of a stage not used */
  cb_alloc alloc;
  cb_slab slab;
  nfa_scratch scratch;
  rt_options options;
  prg *program;
  uint32_t strata;

  rt_operator *operators;   /* by number; those of other stages are not open */
  uint32_t operator_count;
  uint32_t *matcher_of;     /* by detection: number of its operator */
  uint32_t *suppress_of;    /* the same; PRG_NONE */
  rt_router router;

  nfa_table_slot *tables;   /* by table; the scratch looks here */

  CB_VEC(rt_input *) inputs;
  rt_frontier frontier;
  rt_reorder reorder;

  rt_stage *stages;         /* by stream: rows as they are taken */
  rt_stage *singles;        /* by stream: one row read back from a cell */
  rt_touched touched; /* stages that hold rows */
  rt_staged_rows staged;
  rt_staged_rows strays;    /* of those, while they are sorted */
  uint32_t plain_count;     /* rows of stages that are not listed there */
  uint32_t staged_next;     /* the first not yet processed */
  uint32_t takes;           /* records since the last sweep, */
  uint32_t takes_max;       /* and how many there may be */

  int is_open;              /* the instant core.now */
  uint32_t counting;        /* the highest stratum with a span of events: it ends with the input; 0: none */
  cep_time *count_ends;     /* by detection: when */
  cep_time newest_given; /* CEP_TIME_MIN: none */
  int is_last;              /* the open instant is that of the newest that any input has delivered, */
  int is_past_last;         /* or was */
  CB_VEC(rt_later) later;
  CB_VEC(rt_alert *) waiting;
  CB_VEC(rt_derived) derived;
  rt_arrivals ahead;        /* what waits for its instant */
  uint64_t test_rows;       /* rows given by rt_engine_derived_row */
  rt_stats before;          /* counted before the state was put back; no values: it was not */
  uint8_t *owed_tables;     /* by table: 1: its rows were not put back, and are still to be handed in */
  rt_place place;           /* where we are in the order of outputs */

  struct rt_fan *fan;       /* who has the keys; NULL: we */
  rt_emit emit;
  rt_out out;
  int is_decoding_apart;    /* records, by others (engine_apart.c) */
  int is_given_clock;       /* of a stage: whoever gives it rows says so */
  int was_idle;             /* some input was said to be idle, */
  int is_late_by_idle;      /* and a record was late because of that */
  int is_stopping;          /* the callback asked to, in this call */
  int is_finished;
  cep_status failed;        /* CEP_E_NOMEM once memory was refused in the middle of work */
};

/* engine.c */
/* Where rows lie as they are taken, if there is nothing yet. */
cep_status rt_engine_want_stages(rt_engine *engine) CB_MUST_USE;
/* A held event as the one row of its stream's single stage, with its bits. */
cep_status rt_engine_read_cell(rt_engine *engine, uint32_t stream, cb_slab_id cell, rt_seen *out) CB_MUST_USE;
const cb_layout *rt_engine_held_layout(const rt_engine *engine, uint32_t stream);

int rt_engine_has_idle(const rt_engine *engine);
/* engine_take.c: makes the codec of an input that has none yet. */
cep_status rt_input_want_codec(rt_input *input) CB_MUST_USE;

/* engine_sweep.c: everything that the frontier has passed, of staged rows and held ones. */
cep_status rt_engine_process(rt_engine *engine) CB_MUST_USE;
/* Counts a record under the best that became of its rows. */
void rt_engine_count_record(rt_engine *engine, uint32_t declared, rt_wanted best);
/* The same of rows that were looked at already. */
cep_status rt_engine_run(rt_engine *engine) CB_MUST_USE;
/* CEP_OK, CEP_STOPPED, or a failure, which then stays. */
cep_status rt_engine_end_call(rt_engine *engine, cep_status status, cep_error *err) CB_MUST_USE;
cep_status rt_engine_begin_call(rt_engine *engine, cep_error *err) CB_MUST_USE;
/* All deadlines up to `time`, before which there are none. */
cep_status rt_engine_fire(rt_engine *engine, cep_time time) CB_MUST_USE;

/* engine_apart.c: records that others decode. */
/* 1 if the records of this input are decoded apart, now. */
int rt_engine_is_apart(const rt_input *input);
cep_status rt_engine_take_apart(rt_input *input, const char *record, size_t len, uint64_t position, cep_error *err) CB_MUST_USE;
/* All that has been taken so has been judged and handed on. Before anything else changes time. */
cep_status rt_engine_join(rt_engine *engine) CB_MUST_USE;

/* engine_take.c, of a record: what it comes to */
rt_filler rt_engine_filler(rt_engine *engine);
rt_whence rt_input_whence(const rt_input *input, const rt_triple *at, const rt_triple *place);
/* The frontier is where it has got to. */
void rt_input_moved(rt_input *input);
static inline int rt_engine_has_room(const rt_engine *engine)
{
  return rt_reorder_count(&engine->reorder) + engine->staged.count + engine->plain_count < engine->options.held_max;
}
/* What is asked of every record before anything is changed; the one, where there is something to ask. */
cep_status rt_input_ask(rt_input *input, uint64_t position, uint64_t *position_out, cep_error *err) CB_MUST_USE;
static inline cep_status rt_input_may_take(rt_input *input, uint64_t position, uint64_t *position_out, cep_error *err)
{
  if (!input->is_ended && !input->is_idle && rt_engine_has_room(input->engine) && rt_input_position(input, position, position_out)) return CEP_OK;
  return rt_input_ask(input, position, position_out, err);
}
/* From here on the record is the input's: counted, and its position is used up. */
static inline void rt_input_begin_take(rt_input *input, uint64_t position)
{
  rt_stats_add(&input->engine->core.stats, CEP_STAT_RECORDS_READ, input->declared, 1);
  input->next_position = position + 1;
  input->is_idle = 0;
}
/* Late by the watermark of the records before it; else its time moves the watermark. */
static inline int rt_input_is_late(rt_input *input, const rt_triple *at)
{
  if (at->time < rt_input_watermark(input) || rt_frontier_passed(&input->engine->frontier, at)) return 1;
  rt_input_see(input, at->time);
  return 0;
}
static inline int rt_is_time(cep_time time)
{
  return time != CEP_TIME_MIN && time != CEP_TIME_MAX;
}
/* The place in the order where aggregates may take a late record. 0: none does. */
int rt_input_find_place(const rt_input *input, const rt_triple *at, rt_triple *place);
/* What has become of a late record, whose rows are staged behind `staged_before`. CEP_OK: some aggregate has it. */
cep_status rt_input_end_late(rt_input *input, const rt_triple *at, uint32_t staged_before, const char *record, size_t len) CB_MUST_USE;
/* 1: late, counted and told; else the watermark has moved. */
int rt_input_judge(rt_input *input, const rt_triple *at, const char *record, size_t len);
void rt_input_report_dead(rt_input *input, uint64_t position, const char *reason, const char *detail, const char *record, size_t len);
/* 1: it is no time that an event can have, counted and told. */
int rt_input_is_no_time(rt_input *input, const rt_triple *at, const char *record, size_t len);

/* engine_instant.c */
/* One event for the readers of one stratum. `is_new`: it was not looked at and counted when taken. */
cep_status rt_engine_feed(rt_engine *engine, const rt_seen *seen, uint32_t stratum, int is_new) CB_MUST_USE;
/* What the operators give. */
cep_status rt_engine_alert(void *ctx, const rt_operator *from, rt_alert *alert);
/* Suppression, then the next stratum, until all of the open instant is done. */
cep_status rt_engine_close_instant(rt_engine *engine) CB_MUST_USE;
/* What waited for the open instant. */
cep_status rt_engine_open_instant(rt_engine *engine) CB_MUST_USE;
/* What suppression of one stratum has to look at in the open instant. */
cep_status rt_engine_suppress(rt_engine *engine, uint32_t stratum) CB_MUST_USE;
/* The source events of the open instant, for one stratum above the first. */
cep_status rt_engine_feed_later(rt_engine *engine, uint32_t stratum) CB_MUST_USE;
cep_status rt_engine_feed_derived(rt_engine *engine, const rt_derived *derived, uint32_t stratum) CB_MUST_USE;
void rt_engine_sort_derived(rt_engine *engine);
/* Events of one key stay together: a name for the key; and the group of keys that it is in, unless that is NULL. */
cb_hash128 rt_engine_group_of(rt_engine *engine, const cep_value *keys, uint32_t count, uint32_t *key_group_out);
/* The instant is over. */
void rt_engine_drop_instant(rt_engine *engine);

/* engine_last.c: `within N events` when the input ends. */
/* The time of the newest that any input has delivered; CEP_TIME_MIN: nothing. */
cep_time rt_engine_last(const rt_engine *engine);
/* Opens the last instant, or says that the open one is it. */
void rt_engine_begin_last(rt_engine *engine);
/* What the detections of a stratum count, and of which nothing more can come at this instant. */
cep_status rt_engine_end_counts(rt_engine *engine, uint32_t stratum) CB_MUST_USE;
/* Instead of rt_engine_close_instant, if a detection of events of detections counts. */
cep_status rt_engine_close_last(rt_engine *engine) CB_MUST_USE;

#endif
