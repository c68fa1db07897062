/*
 * fan.h - rows of an engine that only takes and judges them, to the workers that have their keys; their alerts back.
 *
 *   rt_fan_row, row, ... --> a list for each worker --rt_fan_send--> mail --> workers --> collector --> deliver
 *
 * Contract
 *   The engine that owns a fan has inputs, but no keys: it decodes, judges and counts records, and says how far the
 *   frontier is. Rows of one rt_fan_send borrow the engine's stages; with threads off (the only way so far) all
 *   workers have worked them off when it returns. Alerts come out as from one engine with all keys.
 *   Errors: CEP_E_NOMEM, CEP_E_LIMIT (too many strata). One owner.
 */
#ifndef RT_FAN_H
#define RT_FAN_H

#include "runtime/collect.h"
#include "runtime/worker.h"

typedef struct rt_fan rt_fan;

cep_status rt_fan_new(const rt_options *options, prg *program, uint32_t workers, rt_deliver_fn deliver, void *ctx,
                      rt_fan **out) CB_MUST_USE;
void rt_fan_free(rt_fan *fan);

cep_status rt_fan_origin(rt_fan *fan, uint32_t declared, uint32_t partition, cep_error *err) CB_MUST_USE;
/* Takes no reference over. */
cep_status rt_fan_table(rt_fan *fan, uint32_t table, nfa_table *rows, cep_error *err) CB_MUST_USE;
/* To every worker that has a key which some reader makes of the row. */
cep_status rt_fan_row(rt_fan *fan, rt_router *router, const rt_staged *row, const rt_seen *seen) CB_MUST_USE;
/* The rows so far, and how far the frontier has got behind them. CEP_STOPPED does not occur: give decides that. */
cep_status rt_fan_send(rt_fan *fan, const rt_frontier *frontier, cep_time newest, int is_by_clock, cep_error *err) CB_MUST_USE;
/* Alerts that may come out. CEP_OK or CEP_STOPPED. */
cep_status rt_fan_give(rt_fan *fan) CB_MUST_USE;
/* The sum over all workers and stages. */
uint64_t rt_fan_stat(const rt_fan *fan, cep_stat which, uint32_t index);

#endif
