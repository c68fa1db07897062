/*
 * stats.h - the counters of cep/stats.def, one for each thing of their scope.
 *
 * Contract
 *   One block: for each statistic as many words as the program has inputs (declared ones),
 *   streams or detections, or one. Made once, never grown.
 *   Of events that are nothing special to a detection it is counted by classes of readers (nfa/readers.h) what they were
 *   (rt_stats_add_class); rt_stats_read adds that to what is counted for the detection.
 *   rt_stats_read: `index` CEP_NONE is the sum over all (of LATENESS_NEEDED the greatest);
 *   unknown statistics and indices read as 0.
 */
#ifndef RT_STATS_H
#define RT_STATS_H

#include "nfa/program.h"

typedef struct rt_stats {
  const prg *program;
  uint64_t *values;
  uint32_t first[CEP_STAT_COUNT];
  uint32_t count[CEP_STAT_COUNT];
  uint32_t total;
  uint64_t *classes;    /* by class: EVENTS_IN, EVENTS_UNKEYED */
  uint32_t class_words;
} rt_stats;

cep_status rt_stats_init(rt_stats *stats, cb_alloc *alloc, const prg *program) CB_MUST_USE;
void rt_stats_fini(rt_stats *stats, cb_alloc *alloc);
uint64_t rt_stats_read(const rt_stats *stats, cep_stat which, uint32_t index);
/* Of the same program. */
void rt_stats_merge(const rt_stats *into, const rt_stats *from);
void rt_stats_clear(const rt_stats *stats);

static inline uint64_t *rt_stats_at(const rt_stats *stats, cep_stat which, uint32_t index)
{
  CB_ASSERT(index < stats->count[which]);
  return &stats->values[stats->first[which] + index];
}
static inline void rt_stats_add(const rt_stats *stats, cep_stat which, uint32_t index, uint64_t more)
{
  *rt_stats_at(stats, which, index) += more;
}
static inline void rt_stats_add_class(const rt_stats *stats, uint32_t class, uint64_t in, uint64_t unkeyed)
{
  CB_ASSERT(class < stats->class_words / 2);
  stats->classes[2 * class] += in;
  stats->classes[2 * class + 1] += unkeyed;
}

#endif
