/* summary.c - counts, rate, and what a person would otherwise not notice. */
#include "summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "words.h"

/* "1,522 late events", "1 late event". The noun's plural is made with an s. */
static void say_count(uint64_t count, const char *noun)
{
  char text[NUMBER_MAX];
  fprintf(stderr, "%s %s%s", number(count, text), noun, count == 1 ? "" : "s");
}

/* Rounded up, so that the lateness named keeps all: to milliseconds below a second, to
 * seconds below ten minutes, to minutes below two days, then to hours. */
static const char *lateness(uint64_t ns, char out[NUMBER_MAX])
{
  static const struct {
    uint64_t below;
    uint64_t unit;
    const char *name;
  } steps[] = {
      {UINT64_C(1000000000), UINT64_C(1000000), "ms"},
      {UINT64_C(600) * 1000000000, UINT64_C(1000000000), "s"},
      {UINT64_C(172800) * 1000000000, UINT64_C(60) * 1000000000, "m"},
      {UINT64_MAX, UINT64_C(3600) * 1000000000, "h"},
  };
  size_t i = 0;
  while (ns > steps[i].below - steps[i].unit && i < 3) i++;
  snprintf(out, NUMBER_MAX, "%" PRIu64 "%s", ns / steps[i].unit + (ns % steps[i].unit != 0), steps[i].name);
  return out;
}

void summary_refused(run_summary *summary, const cep_refused *refused)
{
  size_t i = 0;
  while (i < SUMMARY_REASONS_MAX - 1 && summary->reasons[i].count &&
         strcmp(summary->reasons[i].word, refused->reason) != 0)
    i++;
  const char *word = i < SUMMARY_REASONS_MAX - 1 ? refused->reason : "other";
  snprintf(summary->reasons[i].word, sizeof summary->reasons[i].word, "%s", word);
  summary->reasons[i].count++;
}

static uint64_t stat(const run_summary *summary, cep_stat which, uint32_t index)
{
  return cep_engine_stat(summary->engine, which, index);
}

static uint64_t total(const run_summary *summary, cep_stat which)
{
  return stat(summary, which, CEP_NONE);
}

static void print_counts(const run_summary *summary)
{
  char a[NUMBER_MAX], b[NUMBER_MAX];
  uint64_t read = total(summary, CEP_STAT_RECORDS_READ);
  double rate = summary->seconds > 0 ? (double)read / summary->seconds : 0;
  say_count(read, "record");
  fprintf(stderr, " (%s bytes) in %.3f s: %s records/s\n", number(summary->bytes, a), summary->seconds,
          number((uint64_t)rate, b));
  static const struct {
    cep_stat which;
    const char *word;
  } ends[] = {{CEP_STAT_RECORDS_USED, "used"},
              {CEP_STAT_RECORDS_FILTERED, "filtered"},
              {CEP_STAT_RECORDS_UNKEYED, "unkeyed"},
              {CEP_STAT_RECORDS_LATE, "late"},
              {CEP_STAT_RECORDS_DEAD, "dead-lettered"}};
  for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
    fprintf(stderr, "%s%s %s", i ? ", " : "  ", number(total(summary, ends[i].which), a), ends[i].word);
  if (summary->empty_lines) fprintf(stderr, "; %s empty lines", number(summary->empty_lines, a));
  fputc('\n', stderr);
}

static void print_alerts(const run_summary *summary)
{
  char text[NUMBER_MAX];
  say_count(total(summary, CEP_STAT_ALERTS_OUT), "alert");
  fputc('\n', stderr);
  for (uint32_t i = 0; i < cep_program_detection_count(summary->program); i++) {
    fprintf(stderr, "  %s: %s", cep_program_detection_name(summary->program, i),
            number(stat(summary, CEP_STAT_ALERTS_OUT, i), text));
    uint64_t suppressed = stat(summary, CEP_STAT_SUPPRESSED, i);
    if (suppressed) fprintf(stderr, " (and %s suppressed)", number(suppressed, text));
    fputc('\n', stderr);
  }
}

static void print_late(const run_summary *summary)
{
  uint32_t count = cep_program_input_count(summary->program);
  for (uint32_t i = 0; i < count; i++) {
    char text[NUMBER_MAX];
    uint64_t late = stat(summary, CEP_STAT_RECORDS_LATE, i);
    if (!late) continue;
    if (count > 1) fprintf(stderr, "input %s: ", cep_program_input_name(summary->program, i));
    say_count(late, "late event");
    fprintf(stderr, "; lateness %s would have kept %s",
            lateness(stat(summary, CEP_STAT_LATENESS_NEEDED, i), text), late == 1 ? "it" : "all");
    uint64_t taken = stat(summary, CEP_STAT_LATE_TAKEN, i);
    if (taken) fprintf(stderr, "; %s taken all the same, by aggregates that allow it", number(taken, text));
    fprintf(stderr, "%s\n", summary->late_path || taken == late ? "" : " (--late PATH shows them)");
  }
}

static void print_refused(const run_summary *summary)
{
  char text[NUMBER_MAX];
  uint64_t dead = total(summary, CEP_STAT_RECORDS_DEAD);
  if (!dead) return;
  say_count(dead, "record");
  fputs(" dead-lettered: ", stderr);
  for (size_t i = 0; i < SUMMARY_REASONS_MAX && summary->reasons[i].count; i++)
    fprintf(stderr, "%s%s %s", i ? ", " : "", number(summary->reasons[i].count, text),
            summary->reasons[i].word);
  fprintf(stderr, "%s\n", summary->dead_letter_path ? "" : " (--dead-letter PATH shows them)");
}

static void print_tables(const run_summary *summary)
{
  for (uint32_t i = 0; i < cep_program_table_count(summary->program); i++) {
    char text[NUMBER_MAX];
    fprintf(stderr, "table %s: ", cep_program_table_name(summary->program, i));
    say_count(stat(summary, CEP_STAT_TABLE_ROWS, i), "row");
    uint64_t refused = stat(summary, CEP_STAT_TABLE_REFUSED, i), loads = stat(summary, CEP_STAT_TABLE_LOADS, i);
    if (refused) fprintf(stderr, ", %s could not be read%s", number(refused, text), summary->dead_letter_path ? "" : " (--dead-letter PATH shows them)");
    if (loads > 1) fprintf(stderr, ", read %s times", number(loads, text));
    fputc('\n', stderr);
  }
}

/* Inputs that the clock called idle, or whose clock went back. */
static void print_clocks(const run_summary *summary)
{
  for (uint32_t i = 0; i < cep_program_input_count(summary->program); i++) {
    char text[NUMBER_MAX];
    uint64_t idle = stat(summary, CEP_STAT_IDLE_SET, i), back = stat(summary, CEP_STAT_CLOCK_BACK, i);
    const char *name = cep_program_input_name(summary->program, i);
    if (idle) fprintf(stderr, "input %s was idle %s time%s\n", name, number(idle, text), idle == 1 ? "" : "s");
    if (back) fprintf(stderr, "input %s: the clock went back %s time%s; its newest time was kept\n", name, number(back, text), back == 1 ? "" : "s");
  }
}

static void print_marked(const run_summary *summary)
{
  uint64_t marked = total(summary, CEP_STAT_ALERTS_CLOCK);
  if (!marked) return;
  say_count(marked, "alert");
  fputs(" marked \"clock\": decided with a clock, another run may decide otherwise\n", stderr);
}

/* One line for each counter of a detection that is not 0. */
static void print_limits(const run_summary *summary, uint32_t detection)
{
  static const struct {
    cep_stat which;
    const char *noun;
    const char *rest;
  } limits[] = {
      {CEP_STAT_EVENTS_UNKEYED, "event", "without a key: not matched there"},
      {CEP_STAT_PARTIALS_DROPPED, "partial match", "dropped at the limit partial.max or history.max"},
      {CEP_STAT_MATCHES_DROPPED, "more match", "not reported because of 'limit N matches'"},
      {CEP_STAT_SUM_OVERFLOW, "sum", "too large for an int: null from there on"},
      {CEP_STAT_DISTINCT_DROPPED, "event", "with a value that distinct(…) had no room for: distinct.max"},
      {CEP_STAT_SKIP_MISSED, "match", "whose skip target captured nothing: nothing was skipped"},
  };
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
    char text[NUMBER_MAX];
    uint64_t count = stat(summary, limits[i].which, detection);
    if (!count) continue;
    const char *plural = count == 1 ? "" : strstr(limits[i].noun, "match") ? "es" : "s";
    fprintf(stderr, "detection %s: %s %s%s %s\n", cep_program_detection_name(summary->program, detection),
            number(count, text), limits[i].noun, plural, limits[i].rest);
  }
}

static void print_never_started(const run_summary *summary, uint32_t detection)
{
  char text[NUMBER_MAX];
  if (stat(summary, CEP_STAT_STARTED, detection)) return;
  uint64_t events = stat(summary, CEP_STAT_EVENTS_IN, detection);
  fprintf(stderr, "detection %s never began: ", cep_program_detection_name(summary->program, detection));
  if (events)
    fprintf(stderr, "none of its %s event%s could be its first step, '%s'\n", number(events, text),
            events == 1 ? "" : "s", cep_program_step_name(summary->program, detection, 0));
  else
    fputs("no event came for it\n", stderr);
}

static void print_never_came(const run_summary *summary)
{
  for (uint32_t i = 0; i < cep_program_input_count(summary->program); i++)
    if (!stat(summary, CEP_STAT_RECORDS_READ, i))
      fprintf(stderr, "input %s had no record\n", cep_program_input_name(summary->program, i));
  for (uint32_t i = 0; i < cep_program_stream_count(summary->program); i++) {
    uint32_t input = cep_program_stream_input(summary->program, i);
    if (input != CEP_NONE && stat(summary, CEP_STAT_RECORDS_READ, input) &&
        !stat(summary, CEP_STAT_STREAM_EVENTS, i))
      fprintf(stderr, "stream %s never got a record\n", cep_program_stream_name(summary->program, i));
  }
}

void summary_print(const run_summary *summary, int was_stopped)
{
  char text[NUMBER_MAX];
  print_counts(summary);
  print_alerts(summary);
  print_late(summary);
  print_refused(summary);
  print_tables(summary);
  print_clocks(summary);
  print_marked(summary);
  if (!was_stopped) print_never_came(summary);
  for (uint32_t i = 0; i < cep_program_detection_count(summary->program); i++) {
    print_limits(summary, i);
    if (!was_stopped) print_never_started(summary, i);
  }
  uint64_t regex = total(summary, CEP_STAT_REGEX_LIMIT);
  if (regex)
    fprintf(stderr, "%s texts taken as not matching: regex.match_limit was reached, or they are longer than regex.text_max\n", number(regex, text));
}
