/*
 * alert.h - one output of a detection, complete in itself.
 *
 * Contract
 *   One block: header, values, events, then the bytes that the values point to. It needs
 *   nothing but the program to be read, so it may wait (suppression, strata, a stopped
 *   callback). Made by rt_alert_make, freed by rt_alert_free. Index order: key parts and
 *   outputs as in the program; events in the order of the match.
 *   The id is XXH3-128 over: detection name, its identity, kind, key, then for each event
 *   step number, input name, partition, position; a timeout adds the step it waited for.
 */
#ifndef RT_ALERT_H
#define RT_ALERT_H

#include "cep/base/value.h"
#include "nfa/program.h"

typedef struct rt_alert_event {
  uint32_t step;      /* number in the detection */
  uint32_t stream;
  uint32_t input;     /* engine input; PRG_NONE for an event of a detection */
  uint32_t partition;
  uint64_t position;  /* of an event of a detection: the first 8 bytes of its id, big-endian */
  cep_time time;
} rt_alert_event;

typedef struct rt_alert {
  struct rt_alert *next; /* free for whoever holds it */
  size_t size;           /* of the block */
  const prg *program;
  uint32_t detection;
  uint32_t kind;         /* cep_match_kind */
  uint8_t id[16];
  cep_time time;
  cep_time time_first;
  cep_time time_last;
  uint64_t suppressed;
  uint32_t key_count;
  uint32_t output_count; /* of a timeout: its own outputs */
  uint32_t event_count;
  uint32_t pad;
  cep_value *keys;
  cep_value *outputs;
  rt_alert_event *events;
} rt_alert;

/* The alert record: one line of JSON without a line end, keys in this order: detection,
 * id, kind, time, start, end, key, emit, meta, events, and suppressed if not 0. */
void rt_alert_write_json(cb_writer *writer, const rt_alert *alert);

#endif
