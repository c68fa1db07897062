/* stats.c - counters by statistic and thing. */
#include "runtime/stats.h"

#include <string.h>

#include "nfa/readers.h"

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
  *stats = (rt_stats){.program = program, .class_words = 2 * program->readers->class_count};
  for (uint32_t i = 0; i < CEP_STAT_COUNT; i++) {
    stats->first[i] = stats->total;
    stats->count[i] = things_of(program, scopes[i]);
    stats->total += stats->count[i];
  }
  stats->values = cb_new0(alloc, stats->total * sizeof *stats->values);
  stats->classes = cb_new0(alloc, (stats->class_words + 1) * sizeof *stats->classes);
  if (stats->values && stats->classes) return CEP_OK;
  rt_stats_fini(stats, alloc);
  return CEP_E_NOMEM;
}

void rt_stats_fini(rt_stats *stats, cb_alloc *alloc)
{
  cb_free(alloc, stats->values, stats->total * sizeof *stats->values);
  cb_free(alloc, stats->classes, (stats->class_words + 1) * sizeof *stats->classes);
  *stats = (rt_stats){0};
}

void rt_stats_merge(const rt_stats *into, const rt_stats *from)
{
  for (uint32_t i = 0; i < from->total; i++) into->values[i] += from->values[i];
  for (uint32_t i = 0; i < from->class_words; i++) into->classes[i] += from->classes[i];
}

void rt_stats_clear(const rt_stats *stats)
{
  memset(stats->values, 0, stats->total * sizeof *stats->values);
  memset(stats->classes, 0, stats->class_words * sizeof *stats->classes);
}

static uint64_t read_one(const rt_stats *stats, cep_stat which, uint32_t index)
{
  uint64_t value = *rt_stats_at(stats, which, index);
  if (which != CEP_STAT_EVENTS_IN && which != CEP_STAT_EVENTS_UNKEYED) return value;
  const nfa_readers *readers = stats->program->readers;
  prg_list of = readers->of_detection[index];
  for (uint32_t i = of.first; i < of.first + of.count; i++)
    value += stats->classes[2 * readers->reader_classes[i] + (which == CEP_STAT_EVENTS_UNKEYED)];
  return value;
}

uint64_t rt_stats_read(const rt_stats *stats, cep_stat which, uint32_t index)
{
  if ((uint32_t)which >= CEP_STAT_COUNT) return 0;
  if (index != CEP_NONE) return index < stats->count[which] ? read_one(stats, which, index) : 0;
  uint64_t all = 0;
  for (uint32_t i = 0; i < stats->count[which]; i++) {
    uint64_t value = read_one(stats, which, i);
    if (which == CEP_STAT_LATENESS_NEEDED) {
      all = value > all ? value : all;
    } else {
      all += value;
    }
  }
  return all;
}
