/*
 * fan.h - rows of an engine that only takes and judges them, to the workers that have their keys; their alerts back.
 *
 *   rt_fan_row, row, ... --> a list for each worker --rt_fan_send--> mail --> workers --> collector --> deliver
 *   block of records --rt_fan_submit--> decoded by whoever works --rt_fan_decoded--> judged --rt_fan_send_block--> mail
 *            chunk: rows and lists of one rt_fan_send, free again when all its mail has come back
 *
 * Contract
 *   The engine that owns a fan has inputs, but no keys: it decodes, judges and counts records, and says how far the
 *   frontier is. Alerts come out as from one engine with all keys.
 *   Without a crew all workers have worked everything off when rt_fan_send returns: the owner polls them by turns. With a
 *   crew others poll, by rt_fan_work, from any threads: a worker is claimed for the time of one
 *   poll. rt_fan_send then only mails, and asks the crew to wait if no chunk is free; rt_fan_settle waits
 *   for all.
 *   Errors: CEP_E_NOMEM, CEP_E_LIMIT (too many strata). What a worker was refused is seen by the next call of
 *   the owner. One owner; only rt_fan_work may be called by others.
 */
#ifndef RT_FAN_H
#define RT_FAN_H

#include "runtime/block.h"
#include "runtime/collect.h"
#include "runtime/worker.h"

typedef struct rt_fan rt_fan;

cep_status rt_fan_new(const rt_options *options, prg *program, uint32_t workers, rt_deliver_fn deliver, void *ctx,
                      rt_fan **out) CB_MUST_USE;
void rt_fan_free(rt_fan *fan);
uint32_t rt_fan_workers(const rt_fan *fan);
/* The workers themselves. */
rt_workers *rt_fan_all(rt_fan *fan);
/* NULL: the owner polls again. Nobody may be in rt_fan_work. */
void rt_fan_crew(rt_fan *fan, const rt_crew *crew);
/* Polls one worker, from `first` on, that has something to do and that nobody else polls. 1: something was done. */
int rt_fan_work(rt_fan *fan, uint32_t first, uint32_t budget);

cep_status rt_fan_origin(rt_fan *fan, uint32_t declared, uint32_t partition, cep_error *err) CB_MUST_USE;
/* Takes no reference over. */
cep_status rt_fan_table(rt_fan *fan, uint32_t table, nfa_table *rows, cep_error *err) CB_MUST_USE;
/* To every worker that has a key which some reader makes of the row. */
cep_status rt_fan_row(rt_fan *fan, rt_router *router, const rt_staged *row) CB_MUST_USE;
/* The rows so far, and how far the frontier has got behind them. `*stages`: where the rows lie, in exchange for
 * others that are empty; NULL comes back if none are there yet. */
cep_status rt_fan_send(rt_fan *fan, const rt_frontier *frontier, cep_time newest, int is_by_clock, rt_stage **stages,
                       cep_error *err) CB_MUST_USE;
/* ---- Records decoded apart: only with a crew ----
 * Blocks are given back by rt_fan_decoded in the order in which they were submitted. */
cep_status rt_fan_decode(rt_fan *fan, const rt_decoding *with) CB_MUST_USE;
void rt_fan_decoder_table(rt_fan *fan, uint32_t table, nfa_table *rows);
/* The block being filled. NULL with CEP_OK: all are under way; go on with those that are decoded, or wait. */
rt_block *rt_fan_block(rt_fan *fan, cep_status *status);
/* The block being filled, if it has records, is to be decoded. */
void rt_fan_submit(rt_fan *fan);
/* 1 if blocks are under way between rt_fan_submit and rt_fan_send_block. */
int rt_fan_is_decoding(const rt_fan *fan);
/* The first of them, if it has been decoded; else NULL. */
rt_block *rt_fan_decoded(rt_fan *fan);
/* That one, but for what was dropped of it, and how far the frontier has got behind it. */
cep_status rt_fan_send_block(rt_fan *fan, const rt_frontier *frontier, cep_time newest, int is_by_clock, cep_error *err) CB_MUST_USE;
/* Until something may have changed. */
cep_status rt_fan_wait(rt_fan *fan, cep_error *err) CB_MUST_USE;

/* All that was sent has been worked off by all workers, and their alerts can be given. */
cep_status rt_fan_settle(rt_fan *fan, cep_error *err) CB_MUST_USE;
/* Alerts that may come out. CEP_OK or CEP_STOPPED. */
cep_status rt_fan_give(rt_fan *fan) CB_MUST_USE;
/* The stages of one chunk after the other, before rt_fan_free; NULL: no more. */
rt_stage *rt_fan_take_stages(rt_fan *fan);
/* As rt_fan_settle; and each stage of each worker is shown to `saved`, on the thread that polls it, when all that was sent has come to it. */
cep_status rt_fan_barrier(rt_fan *fan, rt_saved_fn saved, void *ctx, cep_error *err) CB_MUST_USE;
/* Alerts that may come out, to someone else than the callback. */
cep_status rt_fan_drain(rt_fan *fan, rt_deliver_fn deliver, void *ctx) CB_MUST_USE;
/* The sum over all workers and stages. */
uint64_t rt_fan_stat(rt_fan *fan, cep_stat which, uint32_t index);

#endif
