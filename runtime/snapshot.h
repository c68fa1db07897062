/*
 * snapshot.h - all that an engine knows, as bytes, and back.
 *
 *   | magic, version, program | position | inputs, frontier | counters | rows held | alerts, events of the open
 *   instant | keys | alerts not yet delivered | checksum |
 *
 *   worker 0, stage 0 --at a barrier--> share --+
 *   worker 0, stage 1 ----------------> share --+--sorted, of equal ones one--> snapshot --> any number of workers
 *   worker 1, stage 0 ----------------> share --+
 *
 * Contract
 *   The bytes do not depend on how many workers have the keys, nor on which order of events of other keys led to
 *   the state: keys lie by (group, operator, key), rows by (time, input, position, stream), what belongs to the open
 *   instant by (detection, key, order in which it came out). They hold no rows of tables and no settings.
 *   rt_engine_save first processes all that was taken, and delivers; what the callback did not want yet is in
 *   the bytes. A refused allocation leaves the engine as it was, unless it was refused in the processing.
 *   rt_engine_restore is for an engine that was just made; whatever it gives but CEP_OK, the engine may only be freed.
 *   Hostile bytes: CEP_E_CORRUPT. Another format: CEP_E_VERSION. Another program: CEP_E_MISMATCH.
 *   Rows of tables must be handed in again before anything else happens; that is not counted once more.
 *   Counted work that depends on the run (CEP_STAT_TABLE_UNREAD, CEP_STAT_REGEX_LIMIT) begins anew.
 *   Memory: about three times the bytes while saving.
 */
#ifndef RT_SNAPSHOT_H
#define RT_SNAPSHOT_H

#include "runtime/engine.h"

#define RT_SNAPSHOT_VERSION 1u

/* Appends to `out`. CEP_OK, CEP_STOPPED (and the bytes are whole), CEP_E_NOMEM. */
cep_status rt_engine_save(rt_engine *engine, const void *position, size_t position_len, cb_writer *out,
                          cep_error *err) CB_MUST_USE;
/* `position_out` borrows from `data`. */
cep_status rt_engine_restore(rt_engine *engine, const void *data, size_t len, const void **position_out,
                             size_t *position_len_out, cep_error *err) CB_MUST_USE;
/* 1: it was put back, and nobody has asked for any of its inputs yet. */
int rt_engine_is_restored(const rt_engine *engine);
/* Such an engine goes over into another one with so many workers, and is freed. If that fails, it is as it was. */
cep_status rt_engine_reshare(rt_engine **engine, uint32_t workers, cep_error *err) CB_MUST_USE;

#endif
