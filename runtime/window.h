/*
 * window.h - what all windows of aggregates have in common: where they lie, what is told of them.
 *
 * Contract
 *   Windows of tumbling and sliding aggregates are numbered: window k is
 *   [k * every + offset, k * every + offset + length), cut off at the ends of time; an end
 *   of CEP_TIME_MAX never comes.
 *   rt_window_report works out measures, `having` and outputs of a window, and gives out its
 *   alert if `having` holds. It resets the scratch. CEP_E_NOMEM.
 */
#ifndef RT_WINDOW_H
#define RT_WINDOW_H

#include "runtime/operator.h"

__extension__ typedef __int128 rt_wide; /* times, before they are cut off at the ends of what there is */

static inline const prg_window *rt_window_of(const rt_operator *op)
{
  const prg *program = op->core->program;
  return &program->windows[program->detections[op->detection].window];
}

/* Of an operator that keeps nothing but accums. */
cep_status rt_window_open(rt_operator *op) CB_MUST_USE;
void rt_window_close(rt_operator *op);

const rt_operator_kind *rt_window_operator(const prg *program, const prg_detection *detection);

cep_time rt_window_start(const prg_window *how, int64_t number);
cep_time rt_window_end(const prg_window *how, int64_t number);
int64_t rt_window_first(const prg_window *how, cep_time time); /* of those that end behind `time` */
int64_t rt_window_last(const prg_window *how, cep_time time);  /* of those that have begun at `time` */

#define RT_FIRING_ONCE 1u /* of a window that is told of once */

typedef struct rt_report {
  cb_slab_id entry;
  const rt_accum *accum;
  cep_time start;
  cep_time end;
  cep_time time;
  uint32_t kind;   /* CEP_WINDOW or CEP_UPDATE */
  uint32_t firing; /* its number if it is told of */
} rt_report;

cep_status rt_window_report(rt_operator *op, const rt_report *report, const rt_out *out, int *is_told) CB_MUST_USE;

#endif
