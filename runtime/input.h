/*
 * input.h - one partition or file: how far its time has got, and what is late in it.
 *
 *   newest - lateness       newest
 *        |-------------------|          an event here is on time, in any order
 *   -----^ late before it
 *
 * Contract
 *   W_p = max(newest time seen - lateness, last advance) promises: nothing older is taken
 *   from this input. It moves with each record whose time could be read, and only after
 *   that record was judged by the W_p of those before it. Exactly `lateness` behind is on
 *   time.
 *   Positions rise. `order` numbers inputs by (declared input, partition), never by when
 *   they were made or read: it decides between events of one time.
 *   All arithmetic saturates. These functions cannot fail and know nothing of the engine;
 *   the calls of engine.h that take an rt_input are in engine_take.c.
 */
#ifndef RT_INPUT_H
#define RT_INPUT_H

#include "cep/base/time.h"
#include "runtime/codec.h"
#include "runtime/engine.h"

/* A place in the order of all events. */
typedef struct rt_triple {
  cep_time time;
  uint64_t order;
  uint64_t position;
} rt_triple;

static inline int rt_triple_compare(const rt_triple *a, const rt_triple *b)
{
  if (a->time != b->time) return a->time < b->time ? -1 : 1;
  if (a->order != b->order) return a->order < b->order ? -1 : 1;
  return (a->position > b->position) - (a->position < b->position);
}

struct rt_input {
  rt_engine *engine;
  rt_codec *codec;       /* NULL until the first record */
  uint32_t index;        /* in the engine's inputs, by when it was made */
  uint32_t declared;     /* in the program's inputs */
  uint32_t partition;
  uint64_t order;        /* declared << 32 | partition */
  cep_duration lateness;
  cep_time newest;       /* CEP_TIME_MIN: nothing seen */
  cep_time advanced;     /* CEP_TIME_MIN: never */
  cep_time clock;        /* what it shows, of inputs whose time it is; CEP_TIME_MIN: not handed in yet */
  uint64_t next_position;
  uint64_t ahead;        /* the same of records that are being decoded apart; less: none are */
  int is_idle;           /* holds nothing back until it delivers again */
  int is_ended;
  int is_unclaimed;      /* put back with a saved state, and not asked for yet */
};

void rt_input_init(rt_input *input, rt_engine *engine, uint32_t index, uint32_t declared, uint32_t partition,
                   cep_duration lateness);
static inline cep_time rt_input_watermark(const rt_input *input)
{
  cep_time seen = cb_time_sub(input->newest, input->lateness);
  return seen > input->advanced ? seen : input->advanced;
}
/* The least place where an event that is still to come, and on time, can be. */
rt_triple rt_input_next(const rt_input *input);
/* The place behind all that has come. */
rt_triple rt_input_reach(const rt_input *input);
/* 1 if `position` may be the next one's. CEP_POSITION_NEXT is counted into `*out`. */
static inline int rt_input_position(const rt_input *input, uint64_t position, uint64_t *out)
{
  if (position == CEP_POSITION_NEXT) position = input->next_position;
  *out = position;
  return position >= input->next_position && position < CEP_POSITION_NEXT;
}
/* A time was seen: the watermark moves. */
static inline void rt_input_see(rt_input *input, cep_time time)
{
  if (time > input->newest) input->newest = time;
}

#endif
