/*
 * alert.h - one output of a detection, complete in itself.
 *
 * Contract
 *   One block: header, values, events, then the bytes that the values point to. It needs
 *   nothing but the program to be read, so it may wait (suppression, strata, a stopped
 *   callback). Made by rt_alert_make, freed by rt_alert_free. Index order: key parts and
 *   outputs as in the program; events in the order of the match.
 *   The id is XXH3-128 over: detection name, its identity, kind, key, then for each event
 *   step number, input name, partition, position; a timeout adds the step it waited for, a
 *   window its start and the number of the firing, a match of `emit once`, which has one
 *   event, when it was decided, a pair of a join by windows the start of the window.
 *   An event of a detection has the detection's name, and PRG_NONE for the partition.
 */
#ifndef RT_ALERT_H
#define RT_ALERT_H

#include "cep/base/hash.h"
#include "cep/base/value.h"
#include "nfa/expr.h"
#include "nfa/program.h"
#include "runtime/place.h"

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
  uint64_t sequence;     /* rises in the order in which the matchers gave their outputs */
  rt_place place;        /* set when it comes out */
  cb_hash128 group;      /* if events are made of it: of its key, */
  cb_hash128 least;      /* and the least id that one instant gave this key; known if `has_least` */
  int has_least;
  size_t size;           /* of the block */
  const prg *program;
  uint32_t detection;
  uint32_t kind;         /* cep_match_kind */
  int is_by_clock;       /* not decided by events alone */
  uint8_t id[16];
  cep_time time;
  cep_time time_first;
  cep_time time_last;
  uint64_t suppressed;
  uint32_t key_count;
  uint32_t output_count; /* of a timeout: its own outputs */
  uint32_t event_count;
  uint32_t cell;         /* slab id of the block */
  cep_value *keys;
  cep_value *outputs;
  rt_alert_event *events;
} rt_alert;

/* Where an engine input stands in the program: by index of the input. */
typedef struct rt_origin {
  uint32_t declared;
  uint32_t partition;
} rt_origin;

typedef struct rt_alert_parts {
  const prg *program;
  const rt_origin *origins;
  uint32_t detection;
  uint32_t kind;         /* cep_match_kind */
  uint32_t waited;       /* of a timeout; else PRG_NONE */
  uint32_t firing;       /* of a window, which has no events: 1 the first time that it is reported, */
  cep_time window_start; /* and [start, end); the start also of a join by windows */
  cep_time window_end;
  cep_time time;
  cep_time start;        /* `emit once`: of the earliest match */
  const cep_value *keys;
  const cep_value *outputs;
  nfa_captures captures; /* its slab holds the events; of a match of `emit once` only the newest one counts */
} rt_alert_parts;

/* Copies everything into one cell of `slab`. `scratch` is for the bytes of the id.
 * NULL: memory refused. */
rt_alert *rt_alert_make(cb_slab *slab, cb_writer *scratch, const rt_alert_parts *parts);
void rt_alert_free(cb_slab *slab, rt_alert *alert);

/* The order in which one engine with all keys gives them: negative, 0 or positive. `a_key` and `b_key` are emptied
 * and used for the bytes of keys. */
int rt_alert_compare(const rt_alert *a, const rt_alert *b, cb_writer *a_key, cb_writer *b_key);

void rt_place_write(cb_writer *writer, const rt_place *place);
rt_place rt_place_read(cb_reader *reader);
/* All of it as bytes, and back: one cell of `slab`. What the program does not allow is CEP_E_CORRUPT; CEP_E_NOMEM. */
void rt_alert_write(cb_writer *writer, const rt_alert *alert);
cep_status rt_alert_read(cb_reader *reader, cb_slab *slab, const prg *program, rt_alert **out) CB_MUST_USE;

/* Its outputs in the program: those of `emit` or of `on timeout emit`. */
prg_list rt_alert_outputs(const rt_alert *alert);

/* The alert record: one line of JSON without a line end, keys in this order: detection,
 * id, kind, time, start, end, key, emit, meta, events, suppressed if not 0, and "clock": true if it is by one. */
void rt_alert_write_json(cb_writer *writer, const rt_alert *alert);

#endif
