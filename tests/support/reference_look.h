/*
 * reference_look.h - one assignment while it is looked at, and the questions about it.
 *
 * Contract
 *   Private to tests/support/reference*.c. Positions are those of the key's input.
 */
#ifndef REFERENCE_LOOK_H
#define REFERENCE_LOOK_H

#include "tests/support/reference_ways.h"

typedef struct ref_look {
  ref_search *search;
  const plan_detection *detection;
  const ref_capture *captures;
  const uint32_t *positions;
  uint32_t count;
  uint32_t step;  /* of the newest capture */
  uint32_t last;  /* its position */
  cep_time t_last;
  const ref_cursor *cursor;
  ref_direct direct;   /* `no`s right behind the newest capture */
  uint32_t span_last;  /* last position inside a span of events */
  ref_moment span_end; /* ref_never: there is none */
  uint32_t killed;     /* position of the event that meets one of `direct`; REF_NONE */
  uint32_t replaced;   /* `match latest`: position of the later start; REF_NONE */
} ref_look;

void ref_look_at(ref_look *l, ref_search *search, const ref_capture *captures, const uint32_t *positions,
                 uint32_t count, const ref_cursor *cursor);
/* Finds `killed` and `replaced`. */
void ref_look_ahead(ref_look *l);

/* ---- Moments ------------------------------------------------------------------------------ */

static const ref_moment ref_never = {CEP_TIME_MAX, 1, UINT32_MAX, 1};

uint32_t ref_input_count(const ref_look *l);
cep_time ref_time_at(const ref_look *l, uint32_t position);
ref_moment ref_at_event(const ref_look *l, uint32_t position);
ref_moment ref_at_deadline(cep_time time);
ref_moment ref_later(ref_moment a, ref_moment b);
cep_time ref_plus(cep_time time, cep_duration duration);
int ref_in_span(const ref_look *l, uint32_t position);

/* ---- Does an event fit -------------------------------------------------------------------- */

int ref_is_greedy(const plan_step *step); /* a loop that takes what it can */
/* As an assignment of `count` captures sees it. */
int ref_fits_seen(const ref_search *search, uint32_t step, uint32_t position, const ref_capture *captures, uint32_t count);
int ref_fits(const ref_look *l, uint32_t step, uint32_t position);
/* Fits, and meets no `until` of the loop or of a group around it. */
int ref_fits_loop(const ref_search *search, uint32_t step, uint32_t position, const ref_capture *captures, uint32_t count);
/* Does the event close the way by an `until` of a loop or group that the way stays in or goes into. */
int ref_until_met(const ref_look *l, const ref_way *way, uint32_t position);

/* ---- Absence ------------------------------------------------------------------------------ */

/* Does the event meet a `no` on the path that is not right behind the newest capture. */
int ref_meets_indirect(const ref_look *l, const ref_path *path, uint32_t position);
/* Does it meet an `immediately no` on the path: then it is not taken, not even to complete a match. */
int ref_blocked(const ref_look *l, const ref_path *path, uint32_t position);
/* Before this time nothing is taken: quiet periods on the path. */
cep_time ref_wait_until(const ref_look *l, const ref_path *path);
/* Where in the path the `no`s begin that nothing follows; `count` if there are none. */
uint32_t ref_trailing_from(const ref_path *path);

/* ---- Greed -------------------------------------------------------------------------------- */

/* Does the event fit a greedy loop that the path leaves or leaves out. `enters_optional`:
 * what comes at the end of the path could be left out (the end of the match: 0). */
int ref_guarded(const ref_look *l, const ref_path *path, int enters_optional, uint32_t position);
/* Does the newest event fit such a loop other than the last, as the assignment before it saw that event. */
int ref_end_guarded(const ref_look *l, const ref_path *end);

#endif
