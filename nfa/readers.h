/*
 * readers.h - which detections read a stream, by which ways, and which of them take the same events.
 *
 *   stream -> ways: (condition, key)       one for all routes that have both alike
 *   stream -> readers: (detection, its routes by those ways)
 *   stream -> classes: readers of one stratum that have the same ways, so the same events under the same keys
 *
 * Contract
 *   Made of a verified program when it is loaded, and never changes. Readers of a stream stand in the order (stratum,
 *   place in the file): the order in which they get an event. Ways, readers and classes of a stream lie together.
 *   Errors: refused memory only.
 */
#ifndef NFA_READERS_H
#define NFA_READERS_H

#include "nfa/program.h"

typedef struct nfa_way {
  uint32_t stream;
  uint32_t member;  /* CONDS, or PRG_NONE */
  prg_list keys;    /* LISTS of the program: EXPRS */
  uint32_t columns; /* in nfa_readers.columns: for each key part the column that it is, or PRG_NONE */
} nfa_way;

typedef struct nfa_reader_route {
  uint32_t route;   /* ROUTES */
  uint32_t way;
} nfa_reader_route;

typedef struct nfa_reader {
  uint32_t detection;
  uint32_t stratum;
  uint32_t class;
  int sees_all;     /* also an event that fits no step matters to it */
  prg_list routes;  /* in nfa_readers.routes */
  uint64_t starts;  /* bit s: step s can take the first event of a match */
  cep_duration allowed; /* it takes events that are late by so much */
} nfa_reader;

typedef struct nfa_class {
  uint32_t stream;
  uint32_t stratum;
  prg_list routes;  /* those of one of its readers: their ways are those of all */
} nfa_class;

typedef struct nfa_of_stream {
  prg_list ways;
  prg_list readers;
  prg_list classes;
} nfa_of_stream;

typedef struct nfa_readers {
  nfa_way *ways;
  uint32_t way_count;
  uint32_t *columns;
  uint32_t column_count;
  nfa_reader_route *routes;
  uint32_t route_count;
  nfa_reader *readers;
  uint32_t reader_count;
  nfa_class *classes;
  uint32_t class_count;
  nfa_of_stream *streams;
  prg_list *of_detection; /* in reader_classes: the classes that it is in */
  uint32_t *reader_classes;
  cep_duration allowed;   /* the most of any reader */
} nfa_readers;

cep_status nfa_readers_make(const prg *program, cb_alloc *alloc, nfa_readers **out) CB_MUST_USE;
void nfa_readers_free(const prg *program, cb_alloc *alloc, nfa_readers *readers); /* NULL is fine */

#endif
