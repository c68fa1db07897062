/* stats.c - counters by statistic and thing. */
#include "runtime/stats.h"

typedef enum rt_scope { SCOPE_engine, SCOPE_input, SCOPE_stream, SCOPE_detection, SCOPE_table } rt_scope;

static const rt_scope scopes[CEP_STAT_COUNT] = {
#define T(name, scope, unit, text) SCOPE_##scope,
#include "cep/stats.def"
#undef T
};

static uint32_t things_of(const prg *program, rt_scope scope)
{
  switch (scope) {
  case SCOPE_engine: return 1;
  case SCOPE_input: return program->inputs_count;
  case SCOPE_stream: return program->streams_count;
  case SCOPE_detection: return program->detections_count;
  case SCOPE_table: return program->tables_count;
  }
  CB_UNREACHABLE();
}

cep_status rt_stats_init(rt_stats *stats, cb_alloc *alloc, const prg *program)
{
  *stats = (rt_stats){0};
  for (uint32_t i = 0; i < CEP_STAT_COUNT; i++) {
    stats->first[i] = stats->total;
    stats->count[i] = things_of(program, scopes[i]);
    stats->total += stats->count[i];
  }
  stats->values = cb_new0(alloc, stats->total * sizeof *stats->values);
  return stats->values ? CEP_OK : CEP_E_NOMEM;
}

void rt_stats_fini(rt_stats *stats, cb_alloc *alloc)
{
  cb_free(alloc, stats->values, stats->total * sizeof *stats->values);
  *stats = (rt_stats){0};
}

uint64_t rt_stats_read(const rt_stats *stats, cep_stat which, uint32_t index)
{
  if ((uint32_t)which >= CEP_STAT_COUNT) return 0;
  if (index != CEP_NONE) return index < stats->count[which] ? *rt_stats_at(stats, which, index) : 0;
  uint64_t all = 0;
  for (uint32_t i = 0; i < stats->count[which]; i++) {
    uint64_t value = *rt_stats_at(stats, which, i);
    if (which == CEP_STAT_LATENESS_NEEDED) {
      all = value > all ? value : all;
    } else {
      all += value;
    }
  }
  return all;
}
