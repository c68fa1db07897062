/*
 * engine.h - take -> order -> key -> operators -> alerts: the whole loop.
 *
 * Contract
 *   Pure: time comes from rows and rt_input_advance. One owner.
 *   Every call that moves time first takes its row, then processes what the frontier has
 *   passed, then delivers. With batch_events > 1 rows wait until that many records have been
 *   taken, or advance, idle, end, flush or finish is called; lateness is always judged row
 *   by row when the row is taken. Alerts come out in one canonical order that does not
 *   depend on batching (docs/internals/time.md):
 *     for each instant t: deadlines at t (by stratum, detection, key), source events of t
 *     in the order (input, position, stream), then for each stratum: suppression, then
 *     the events of that stratum's detections at t.
 *   Errors: CEP_E_NOMEM makes the engine refuse all further calls with CEP_E_NOMEM.
 *   CEP_STOPPED: `deliver` gave non-zero; alerts not delivered come first in the next call.
 */
#ifndef RT_ENGINE_H
#define RT_ENGINE_H

#include "cep/base/budget.h"
#include "nfa/program.h"
#include "runtime/alert.h"
#include "runtime/arrival.h"
#include "runtime/codec.h"
#include "runtime/keyed.h"
#include "runtime/table.h"

/*
 * What an engine does of a program: all of it (stratum 0), or one stage of it for the keys of one worker. Of a
 * stage the rows are those that its stratum reads, events of detections and alerts come from
 * other engines and go to them.
 */
typedef struct rt_part {
  uint32_t stratum;    /* 0: all */
  int matches;         /* the patterns and windows of the stratum, */
  int suppresses;      /* its suppression */
  uint32_t worker;     /* of `workers`: whose keys (rt_owner_of) */
  uint32_t workers;    /* 0, or 1: all keys */
} rt_part;

#define RT_WORKERS_MAX 64u

/* The worker that has a key: neighbouring groups of keys stay together. */
static inline uint32_t rt_owner_of(uint64_t key_hash, uint32_t workers)
{
  return workers <= 1 ? 0 : rt_key_group(key_hash) * workers / RT_GROUPS;
}

/* Where what a stage gives to other stages goes. */
typedef struct rt_exchange {
  /* An event of a detection, for the readers of a stratum at the workers in `workers`, a bit each. */
  cep_status (*derived)(void *ctx, const rt_derived *derived, uint32_t stratum, uint64_t workers);
  /* An alert to the suppression of its stratum at a worker. */
  cep_status (*alert)(void *ctx, const rt_alert *alert, uint32_t worker);
  void *ctx;
} rt_exchange;

typedef struct rt_options {
  cep_allocator hook;      /* resize NULL: malloc */
  size_t memory_max;       /* of all that an engine holds, its workers included */
  cb_budget *budget;       /* of a stage: its engine's; else NULL */
  uint64_t partial_max;
  uint64_t history_max;
  uint64_t distinct_max;
  uint64_t held_max;
  size_t record_max;
  size_t json_depth;
  uint64_t table_rows;
  size_t table_bytes;
  uint32_t regex_match_limit;
  size_t regex_text_max;
  uint32_t batch_events;
  uint32_t index_runs;     /* as in nfa_worker; 0: never */
  uint32_t crew_batch;     /* records that a crew gets together; 0: as many as a batch may hold */
  uint32_t evaluator;      /* nfa_wish */
  const struct nfa_trace *trace; /* NULL: nothing is told; else of the detection of this name (nfa/trace.h) */
  const char *traced;
  int ask_all;             /* tests: every detection is asked about every event of its streams */
  int reload_keys;         /* tests: save, release and load every key's state after each event and deadline */
  int small_slabs;
  uint32_t workers;        /* above 1: the keys are shared out over as many (fan.h) */
  rt_part part;
  rt_exchange exchange;    /* of a stage */
  int ignore_lateness;     /* test blocks: every input has lateness 0 and never idles */
  cep_refused_fn late;
  void *late_ctx;
  cep_refused_fn dead_letter;
  void *dead_letter_ctx;
} rt_options;

/* An allocator for what works for the engine that the options are of. */
static inline void rt_options_alloc(const rt_options *options, cb_alloc *out)
{
  cb_alloc_init(out, options->hook.resize ? &options->hook : NULL, 0);
  if (options->budget) cb_alloc_share(out, options->budget);
}

typedef struct rt_engine rt_engine;
typedef struct rt_input rt_input;
typedef int (*rt_deliver_fn)(void *ctx, const rt_alert *alert);

cep_status rt_engine_new(const rt_options *options, prg *program, rt_deliver_fn deliver, void *ctx,
                         rt_engine **out) CB_MUST_USE;
void rt_engine_free(rt_engine *engine);

/* Who polls the workers of an engine. */
typedef struct rt_crew {
  void (*wake)(void *ctx); /* something has come that somebody may go on with */
  /* The owner cannot go on: polls some worker, or waits until somebody has. It may return early. */
  void (*wait)(void *ctx);
  void *ctx;
} rt_crew;

/* Shares the keys out over workers, which the crew polls; before there is any input, or of one that was put back
 * (rt_engine_reshare). What cannot be shared out stays whole. CEP_E_INVALID: there are inputs. */
cep_status rt_engine_share(rt_engine *engine, uint32_t workers, const rt_crew *crew, cep_error *err) CB_MUST_USE;
/* The owner polls again. */
void rt_engine_dismiss(rt_engine *engine);
/* 1 if the keys are not shared out. */
uint32_t rt_engine_workers(const rt_engine *engine);
/* By any thread: polls some worker, from `first` on. 1: something was done. */
int rt_engine_work(rt_engine *engine, uint32_t first, uint32_t budget);

/* CEP_E_INVALID: that partition is there already, or the engine has finished. One that was put back with a saved
 * state is given out once, as it was. */
cep_status rt_engine_input(rt_engine *engine, uint32_t input, uint32_t partition, rt_input **out, cep_error *err) CB_MUST_USE;

/* As cep_input_push_all, _push, _record, _refuse, _advance, _idle, _end of cep.h. */
cep_status rt_input_rows(rt_input *input, const cep_event *events, uint32_t count, uint32_t *taken, cep_error *err) CB_MUST_USE;
static inline cep_status rt_input_row(rt_input *input, const cep_event *event, cep_error *err)
{
  uint32_t taken;
  return rt_input_rows(input, event, 1, &taken, err);
}
cep_status rt_input_record(rt_input *input, const char *record, size_t len, uint64_t position, cep_error *err) CB_MUST_USE;
cep_status rt_input_refuse(rt_input *input, const char *record, size_t len, uint64_t position, const char *reason, cep_error *err) CB_MUST_USE;
/* What follows is another file. */
void rt_input_new_file(rt_input *input);
/* The time that a record has, without taking it; CEP_TIME_MIN: none. */
cep_status rt_input_time(rt_input *input, const char *record, size_t len, cep_time *out, cep_error *err) CB_MUST_USE;
/* The same for all records before the first is taken: how far they are out of order. */
cep_status rt_input_scan(rt_input *input, const char *record, size_t len, cep_disorder *disorder, cep_error *err) CB_MUST_USE;
/* The lateness, where the rules say none; before the first record. */
cep_status rt_input_wait(rt_input *input, cep_duration lateness, cep_error *err) CB_MUST_USE;
/* 1 if the records are csv. */
int rt_input_csv(const rt_input *input, char *delimiter, char *quote);
/* As cep_input_clock. */
cep_status rt_input_clock(rt_input *input, cep_time now, cep_error *err) CB_MUST_USE;
cep_status rt_input_advance(rt_input *input, cep_time watermark, cep_error *err) CB_MUST_USE;
cep_status rt_input_idle(rt_input *input, int idle, cep_error *err) CB_MUST_USE;
cep_status rt_input_end(rt_input *input, cep_error *err) CB_MUST_USE;
cep_status rt_engine_flush(rt_engine *engine, cep_error *err) CB_MUST_USE;
cep_status rt_engine_finish(rt_engine *engine, cep_error *err) CB_MUST_USE;

/* Test blocks: an event of a detection's stream, given from outside, at its decision time.
 * CEP_LATE: the frontier is beyond it; nothing was taken. */
cep_status rt_engine_derived_row(rt_engine *engine, const cep_event *event, cep_error *err) CB_MUST_USE;

/* Exchanges the rows of a table, between batches; takes over one reference, also when it fails. */
cep_status rt_engine_table(rt_engine *engine, uint32_t table, nfa_table *rows, cep_error *err) CB_MUST_USE;
/* The rows for that, out of the bytes of a file. Whatever it gives, the engine can go on. */
cep_status rt_engine_rows(rt_engine *engine, uint32_t table, const void *data, size_t len, nfa_table **out, cep_error *err) CB_MUST_USE;
/* 1 if what the detection decides now is not decided by events alone. */
int rt_engine_by_clock(const rt_engine *engine, uint32_t detection);

cep_time rt_engine_watermark(const rt_engine *engine, const rt_input **held_by);
const prg *rt_engine_program(const rt_engine *engine);
void rt_input_look(const rt_input *input, cep_input_state *out); /* all but `size` */
uint32_t rt_input_declared(const rt_input *input); /* index in the program's inputs */
uint64_t rt_engine_stat(const rt_engine *engine, cep_stat which, uint32_t index);
rt_engine *rt_input_engine(const rt_input *input);

#endif
