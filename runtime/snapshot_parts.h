/*
 * snapshot_parts.h - what snapshot_save.c and snapshot_load.c agree on.
 *
 *   section   count | block, block, ...
 *
 * Contract
 *   Private to runtime/snapshot*.c. Blocks of a section, little-endian:
 *     ROW      input, stream, time of its place, cell       rises by (time, order of the input, position, stream)
 *     WAITING  alert that waits for suppression             by (detection, hash of its key, order)
 *     DERIVED  group of the key, event of a detection       by (time, detection, hash of its key, order)
 *     KEY      operator, key, slot                          by (group, operator, key)
 *     PENDING  alert that is to be delivered                in the order of deliveries
 */
#ifndef RT_SNAPSHOT_PARTS_H
#define RT_SNAPSHOT_PARTS_H

#include "runtime/engine_stage.h"
#include "runtime/fan.h"
#include "runtime/snapshot.h"

#define RT_SNAPSHOT_MAGIC 0x50414E5350454343ull /* "CCEPSNAP" */

enum { RT_SECTION_ROW, RT_SECTION_WAITING, RT_SECTION_DERIVED, RT_SECTION_KEY, RT_SECTIONS };

/* Flags of the engine and of an input. */
enum { RT_SAVED_WAS_IDLE = 1, RT_SAVED_LATE_BY_IDLE = 2, RT_SAVED_FINISHED = 4, RT_SAVED_END = 8 };
enum { RT_SAVED_IDLE = 1, RT_SAVED_ENDED = 2, RT_SAVED_CODEC = 4 };

/* 1: the statistic is what is there now, or work of this run, and lies in no snapshot. */
static inline int rt_stat_is_unsaved(cep_stat which)
{
  return which == CEP_STAT_TABLE_ROWS || which == CEP_STAT_TABLE_UNREAD || which == CEP_STAT_REGEX_LIMIT ||
         which == CEP_STAT_KEYS_ACTIVE || which == CEP_STAT_PARTIALS_ACTIVE || which == CEP_STAT_EVENTS_HELD ||
         which == CEP_STAT_BYTES_IN_USE;
}

/* What says that a program is the same. */
static inline uint64_t rt_snapshot_program(const prg *program)
{
  return ((const prg_header *)(const void *)program->image)->checksum;
}

#endif
