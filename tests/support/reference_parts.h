/*
 * reference_parts.h - what the files of the reference evaluator share.
 *
 * Contract
 *   Private to tests/support/reference*.c. Positions are indices in a ref_key's input, so
 *   that two events compare as their positions do.
 */
#ifndef REFERENCE_PARTS_H
#define REFERENCE_PARTS_H

#include "tests/support/reference.h"

/* ---- Expressions ------------------------------------------------------------------- */

/* What an expression is evaluated over. */
typedef struct ref_scope {
  ref_run *run;
  const ref_event *event;      /* under test; NULL in outputs */
  const ref_capture *captures; /* of the assignment so far */
  uint32_t capture_count;
  const cep_value *keys;
  const plan_window *window;   /* of an aggregate; its captures are the events of one window */
  uint64_t matches;            /* of `emit once`; its captures are those of all matches, one after the other */
  cep_time window_start;       /* of that window, */
  cep_time window_end;
  cep_time now;                /* when it is decided, in outputs */
} ref_scope;

cep_value ref_eval(const ref_scope *scope, const plan_expr *expr);
/* first, last, approx_percentile and top over the values of a window's events, in their order. */
cep_value ref_estimate(const ref_scope *scope, const plan_expr *expr, const cep_value *values, uint32_t count);
/* 1 only if it is true. NULL holds always. */
int ref_holds(const ref_scope *scope, const plan_expr *expr);

/* ---- The input of one key ----------------------------------------------------------- */

typedef struct ref_entry {
  uint32_t event;  /* in ref_run.events */
  uint64_t routes; /* bit r: by route r the event has this key */
} ref_entry;

typedef struct ref_key {
  const cep_value *keys;
  CB_VEC(ref_entry) input;
} ref_key;

/* ---- Assignments --------------------------------------------------------------------- */

/* An instant at which something is decided: a deadline, an event, or right after an event.
 * Deadlines <= t come before the events at t. */
typedef struct ref_moment {
  cep_time time;
  uint32_t is_event;
  uint32_t position;
  uint32_t is_after;
} ref_moment;

static inline int ref_moment_compare(ref_moment a, ref_moment b)
{
  if (a.time != b.time) return a.time < b.time ? -1 : 1;
  if (a.is_event != b.is_event) return a.is_event ? 1 : -1;
  if (!a.is_event) return 0;
  if (a.position != b.position) return a.position < b.position ? -1 : 1;
  return (int)a.is_after - (int)b.is_after;
}

/* One assignment of events to steps, and what becomes of it. */
typedef struct ref_history {
  const ref_capture *captures;
  const uint32_t *positions; /* of the captures, in the key's input */
  uint32_t count;
  ref_moment born;
  ref_moment dies;      /* the last instant at which something was open; `born` if nothing ever was */
  int completes;
  ref_moment completed; /* if it completes */
  int times_out;        /* its last way to a step is closed by the end of the span or of a gap */
  ref_moment timed_out; /* when */
  uint32_t waited;
  int is_reported;      /* by itself, or by another path to the same captures, */
  ref_moment reported;  /* and when */
  int is_timed;         /* the same, as a timeout */
} ref_history;

typedef struct ref_search {
  ref_run *run;
  const plan_detection *detection;
  const ref_key *key;
  cep_time newest;       /* of all keys */
  const uint8_t *starts; /* by position: the event starts a match */
  CB_VEC(ref_history) found;
  int too_big;
} ref_search;

/* Writes down all assignments of one key. */
void ref_search_all(ref_search *search);

/* ---- Identity ---------------------------------------------------------------------------- */

/* The 128-bit id of an output, from what it is made of. */
void ref_identify(const ref_run *run, ref_output *output);

#endif
