/*
 * frontier.h - the least place where anything can still come.
 *
 * Contract
 *   F = the least of (W_p, p, next position of p) over the inputs that are neither idle
 *   nor ended. What is before F is complete and in order. F never goes back: an input that
 *   wakes up, or comes later, behind F finds its events judged against F.
 *   With no such input left: if some are idle, what has come from the others need not wait
 *   for them: F is the greatest of the idle ones' places and of what the ended ones have
 *   delivered; if all have ended, F is the end of time. Without any input F is its start.
 *   O(inputs) when the input that holds F moves, else O(1).
 */
#ifndef RT_FRONTIER_H
#define RT_FRONTIER_H

#include "runtime/input.h"

typedef struct rt_frontier {
  rt_triple at;
  int is_end;       /* nothing at all can come: beyond every time */
  uint32_t held_by; /* index of the input that holds it; PRG_NONE: no input does */
} rt_frontier;

void rt_frontier_init(rt_frontier *frontier);
/* `moved`: the one input that has changed since the last call; PRG_NONE: any may have. */
void rt_frontier_update(rt_frontier *frontier, rt_input *const *inputs, uint32_t count, uint32_t moved);
/* The end of all streams. */
void rt_frontier_end(rt_frontier *frontier);

static inline int rt_frontier_passed(const rt_frontier *frontier, const rt_triple *place)
{
  return frontier->is_end || rt_triple_compare(place, &frontier->at) < 0;
}
/* 1 if no event of this instant can come any more. */
static inline int rt_frontier_is_beyond(const rt_frontier *frontier, cep_time time)
{
  return frontier->is_end || frontier->at.time > time;
}
/* 1 if a deadline at this instant is reached. */
static inline int rt_frontier_reached(const rt_frontier *frontier, cep_time time)
{
  return frontier->is_end || frontier->at.time >= time;
}

#endif
