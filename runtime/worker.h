/*
 * worker.h - all stages of a program for some of its keys, as a passive object.
 *
 *   mail (rows, frontier) --ring--> stage 0 --channels, one for each worker--> stage 1 --> ...
 *                                      \--> alerts, low places --channel--> collector
 *
 * Contract
 *   A program is cut into stages: the patterns and windows of stratum 1, its suppression if that goes by
 *   another key, stratum 2, and so on. Every worker has all stages, for the key groups it owns
 *   (rt_owner_of). Stage 0 goes on as far as its mail says; a later stage as far as all earlier stages of all
 *   workers have told that they are done.
 *   rt_worker_poll is the only call that does anything: it takes what has come, works at most `budget` mails off, and
 *   returns; it never waits. A worker whose channels are full takes in what others send, but no mail.
 *   A worker has one owner at a time; rings and channels are all that it shares.
 *   Mail is taken over and goes back through `returned` once it is worked off.
 *   Errors: CEP_E_NOMEM, after which the group cannot go on. CEP_E_LIMIT does not occur.
 */
#ifndef RT_WORKER_H
#define RT_WORKER_H

#include "runtime/channel.h"
#include "runtime/engine_stage.h"

#define RT_STAGES_MAX 128u
#define RT_MAIL_RING  64u /* a power of two */

typedef enum rt_mail_kind {
  RT_MAIL_ROWS,    /* rows, and how far the frontier has got behind them */
  RT_MAIL_ORIGIN,  /* one more input */
  RT_MAIL_TABLE,   /* other rows of a table, from here on */
  RT_MAIL_BARRIER, /* save the state */
  RT_MAIL_END      /* nothing will come any more */
} rt_mail_kind;

typedef struct rt_mail {
  rt_mail_kind kind;
  rt_frontier frontier; /* ROWS, END */
  cep_time newest;      /* ROWS, END: of all that any input has delivered; CEP_TIME_MIN: nothing yet */
  int is_by_clock;
  const rt_staged *rows; /* ROWS: those that this worker has a key of, in the order of their records, */
  const uint64_t *strata; /* and for each of them: bit s - 1: a reader of stratum s has one */
  uint32_t row_count;
  rt_origin origin;      /* ORIGIN */
  uint32_t table;        /* TABLE, */
  nfa_table *table_rows; /* one reference, taken over */
  uint64_t barrier;      /* BARRIER */
} rt_mail;

typedef enum rt_polled {
  RT_POLLED_IDLE,    /* nothing has come */
  RT_POLLED_WORK,    /* something was done */
  RT_POLLED_BLOCKED, /* others must take first what is for them */
  RT_POLLED_END      /* all stages have come to their end, and all has been sent */
} rt_polled;

typedef struct rt_worker rt_worker;

/* All workers of one program, and the channels between them. */
typedef struct rt_workers {
  uint32_t count;
  uint32_t stage_count;
  rt_part stages[RT_STAGES_MAX]; /* without worker and workers */
  rt_worker *at[RT_WORKERS_MAX];
} rt_workers;

/* Told of the state of each stage at a barrier, on the thread of the worker. */
typedef cep_status (*rt_saved_fn)(void *ctx, uint64_t barrier, uint32_t stage, rt_engine *engine);

/* The stages of a program. More than RT_STAGES_MAX: CEP_E_LIMIT. */
cep_status rt_stages_of(const prg *program, rt_part *out, uint32_t *count_out) CB_MUST_USE;

/* `options->part`, `exchange` and the callbacks for records are not looked at. `memory_max` holds for each stage engine. */
cep_status rt_workers_new(const rt_options *options, prg *program, uint32_t count, rt_workers *out) CB_MUST_USE;
void rt_workers_free(rt_workers *workers);

/* 0: the ring is full, nothing was taken over. What was returned must have been taken before. */
int rt_worker_mail(rt_worker *worker, rt_mail *mail);
int rt_worker_is_full(const rt_worker *worker);
/* Mail that was worked off; NULL: none. By the one who sends mail. */
rt_mail *rt_worker_returned(rt_worker *worker);
/* To the collector. */
rt_channel *rt_worker_out(rt_worker *worker);
cep_status rt_worker_poll(rt_worker *worker, uint32_t budget, rt_polled *out, cep_error *err) CB_MUST_USE;
rt_engine *rt_worker_stage(rt_worker *worker, uint32_t stage);
/* NULL: nobody. While nobody polls the worker. */
void rt_worker_on_saved(rt_worker *worker, rt_saved_fn saved, void *ctx);

#endif
