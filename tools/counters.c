/* counters.c - all counters of a run as one JSON object. */
#include "counters.h"

#include <inttypes.h>
#include <string.h>

static const struct {
  cep_stat which;
  const char *scope;
} stats[] = {
#define T(name, scope, unit, text) {CEP_STAT_##name, #scope},
#include "cep/stats.def"
#undef T
};
#define STAT_COUNT (sizeof stats / sizeof *stats)

/* Those with this scope, of one thing; NULL: all, summed up. */
static void write_stats(FILE *to, const run_summary *summary, const char *scope, uint32_t index)
{
  const char *comma = "";
  fputc('{', to);
  for (size_t i = 0; i < STAT_COUNT; i++) {
    if (scope && strcmp(stats[i].scope, scope) != 0) continue;
    fprintf(to, "%s\"%s\":%" PRIu64, comma, cep_stat_name(stats[i].which),
            cep_engine_stat(summary->engine, stats[i].which, index));
    comma = ",";
  }
  fputc('}', to);
}

/* Names are words of the rules and need no escape. */
static void write_scope(FILE *to, const run_summary *summary, const char *scope, uint32_t count,
                        const char *(*name)(const cep_program *, uint32_t))
{
  fprintf(to, ",\"%ss\":{", scope);
  for (uint32_t i = 0; i < count; i++) {
    fprintf(to, "%s\"%s\":", i ? "," : "", name(summary->program, i));
    write_stats(to, summary, scope, i);
  }
  fputc('}', to);
}

void counters_write(FILE *to, const run_summary *summary)
{
  const cep_program *program = summary->program;
  fprintf(to, "{\"seconds\":%.3f,\"bytes\":%" PRIu64 ",\"empty_lines\":%" PRIu64 ",\"refused\":{", summary->seconds,
          summary->bytes, summary->empty_lines);
  for (size_t i = 0; i < SUMMARY_REASONS_MAX && summary->reasons[i].count; i++)
    fprintf(to, "%s\"%s\":%" PRIu64, i ? "," : "", summary->reasons[i].word, summary->reasons[i].count);
  fputs("},\"total\":", to);
  write_stats(to, summary, NULL, CEP_NONE);
  write_scope(to, summary, "input", cep_program_input_count(program), cep_program_input_name);
  write_scope(to, summary, "stream", cep_program_stream_count(program), cep_program_stream_name);
  write_scope(to, summary, "detection", cep_program_detection_count(program), cep_program_detection_name);
  write_scope(to, summary, "table", cep_program_table_count(program), cep_program_table_name);
  fputc('}', to);
}
