/*
 * stats.h - the counters of cep/stats.def, one for each thing of their scope.
 *
 * Contract
 *   One block: for each statistic as many words as the program has inputs (declared ones),
 *   streams or detections, or one. Made once, never grown.
 *   rt_stats_read: `index` CEP_NONE is the sum over all (of LATENESS_NEEDED the greatest);
 *   unknown statistics and indices read as 0.
 */
#ifndef RT_STATS_H
#define RT_STATS_H

#include "nfa/program.h"

typedef struct rt_stats {
  uint64_t *values;
  uint32_t first[CEP_STAT_COUNT];
  uint32_t count[CEP_STAT_COUNT];
  uint32_t total;
} rt_stats;

cep_status rt_stats_init(rt_stats *stats, cb_alloc *alloc, const prg *program) CB_MUST_USE;
void rt_stats_fini(rt_stats *stats, cb_alloc *alloc);
uint64_t rt_stats_read(const rt_stats *stats, cep_stat which, uint32_t index);

static inline uint64_t *rt_stats_at(const rt_stats *stats, cep_stat which, uint32_t index)
{
  CB_ASSERT(index < stats->count[which]);
  return &stats->values[stats->first[which] + index];
}
static inline void rt_stats_add(const rt_stats *stats, cep_stat which, uint32_t index, uint64_t more)
{
  *rt_stats_at(stats, which, index) += more;
}

#endif
