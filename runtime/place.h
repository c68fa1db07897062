/*
 * place.h - where in the order of everything an output comes out.
 *
 *   instant t: | deadlines | events to stratum 1 | suppression 1 | events to stratum 2 | ...
 *   phase             0               1                  2                 3
 *
 * Contract
 *   One engine gives its alerts in rising order of (place, key for deadlines, sequence). The
 *   order needs nothing that depends on how keys are shared out, so the alerts of several
 *   engines, each with its own keys, merge into what one engine with all keys gives.
 *   `word` by phase:
 *     deadline     number of the operator. Then the key decides, which is not in here
 *                  (rt_alert_compare): its group, then its bytes
 *     events       0, order, position, stream of a source event; or 1, (stratum, detection),
 *                  least id of its key in two words, sequence of an event of a detection; or 2,
 *                  detection, of what ends with the input; then the key decides
 *     suppression  detection, id in two words
 *   `reader` is the detection that an event was given to, `item` which of its keys.
 */
#ifndef RT_PLACE_H
#define RT_PLACE_H

#include "cep/base/value.h"

#define RT_PHASE_DEADLINE 0u
#define RT_PHASE_EVENTS(stratum)   ((stratum) * 2 - 1)
#define RT_PHASE_SUPPRESS(stratum) ((stratum) * 2)
#define RT_PLACE_WORDS 5
enum { RT_PLACE_SOURCE, RT_PLACE_DERIVED, RT_PLACE_END }; /* word 0 of events */

typedef struct rt_place {
  cep_time time;
  uint32_t phase;
  uint32_t reader;
  uint64_t item;
  uint64_t word[RT_PLACE_WORDS];
} rt_place;

/* 1 if of one place the key decides. */
static inline int rt_place_is_by_key(const rt_place *place)
{
  return place->phase == RT_PHASE_DEADLINE || (place->phase % 2 == 1 && place->word[0] == RT_PLACE_END);
}

static inline int rt_place_compare(const rt_place *a, const rt_place *b)
{
  if (a->time != b->time) return a->time < b->time ? -1 : 1;
  if (a->phase != b->phase) return a->phase < b->phase ? -1 : 1;
  for (int i = 0; i < RT_PLACE_WORDS; i++) {
    if (a->word[i] != b->word[i]) return a->word[i] < b->word[i] ? -1 : 1;
  }
  if (a->reader != b->reader) return a->reader < b->reader ? -1 : 1;
  return (a->item > b->item) - (a->item < b->item);
}

#endif
