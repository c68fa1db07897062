/* suite.c - sides that take turns, and their report. */
#include "suite.h"

uint64_t suite_events(const suite_plan *suite, uint64_t otherwise)
{
  uint64_t events = suite->events ? suite->events : otherwise;
  return suite->is_tiny && events > 3000 ? 3000 : events;
}

uint64_t suite_keys(const suite_plan *suite, uint64_t otherwise)
{
  return suite->is_tiny && otherwise > 1000 ? otherwise / 1000 : otherwise;
}

/* ---- Rounds -------------------------------------------------------------------------------- */

void suite_race_run(suite_race *race)
{
  for (uint64_t round = 0; round <= race->suite->rounds; round++) {
    for (uint32_t i = 0; i < race->side_count; i++) {
      suite_side *side = &race->sides[i];
      suite_took took = side->turn(side->ctx, round);
      if (round == 0) continue;
      side->ns[round - 1] = (double)took.ns / (double)(took.events ? took.events : 1);
      side->took += took.ns;
      side->events += took.events;
    }
  }
}

void suite_race_note(suite_race *race, const char *name, double value)
{
  if (race->note_count < SUITE_NOTES_MAX) race->notes[race->note_count++] = (suite_note){name, value};
}

/* ---- Reports -------------------------------------------------------------------------------- */

static int answers_are_equal(const suite_race *race)
{
  const suite_answer *first = race->sides[0].answer;
  for (uint32_t i = 1; i < race->side_count; i++) {
    const suite_answer *other = race->sides[i].answer;
    if (other &&
        (other->matches != first->matches || other->hash != first->hash || other->late != first->late))
      return 0;
  }
  return 1;
}

/* The rounds are sorted by this: the last that is done with them. */
static result side_result(const suite_race *race, suite_side *side)
{
  return result_of(side->name, side->ns, race->suite->rounds);
}

static void print_answers(const suite_race *race, int is_equal)
{
  printf("%-26s", "");
  for (uint32_t i = 0; i < race->side_count; i++) {
    const suite_answer *answer = race->sides[i].answer;
    if (!answer || (i > 0 && is_equal)) continue;
    printf("%s %llu matches, hash %016llx", race->sides[i].name, (unsigned long long)answer->matches,
           (unsigned long long)answer->hash);
    if (answer->late) printf(", %llu late", (unsigned long long)answer->late);
    printf("; ");
  }
  printf("%s", is_equal ? "equal" : "DIFFERENT");
  for (uint32_t i = 0; i < race->note_count; i++)
    printf("; %s %.6g", race->notes[i].name, race->notes[i].value);
  printf("\n");
}

static void write_name(FILE *to, const char *name)
{
  fputs(",\"", to);
  for (; *name; name++) fputc(*name == ' ' ? '_' : *name, to);
  fputs("\":", to);
}

static void write_json(const suite_race *race, const result *ratio, const result *sides)
{
  FILE *to = race->suite->json;
  if (!to) return;
  result_write(to, ratio);
  for (uint32_t i = 0; i < race->side_count; i++) {
    fprintf(to, ",\"%s\":{\"ns\":%.6g,\"min\":%.6g,\"max\":%.6g,\"cpu_seconds\":%.6g,\"events\":%llu}",
            race->sides[i].name, sides[i].median, sides[i].min, sides[i].max,
            (double)race->sides[i].took / 1e9, (unsigned long long)race->sides[i].events);
  }
  const suite_answer *answer = race->sides[0].answer;
  if (answer)
    fprintf(to, ",\"matches\":%llu,\"hash\":\"%016llx\"", (unsigned long long)answer->matches,
            (unsigned long long)answer->hash);
  for (uint32_t i = 0; i < race->note_count; i++) {
    write_name(to, race->notes[i].name);
    fprintf(to, "%.9g", race->notes[i].value);
  }
  fprintf(to, ",\"peak_bytes\":%llu}\n", (unsigned long long)meter_peak());
  fflush(to);
}

static void print_change(const suite_plan *suite, const result *ratio)
{
  const result *then = results_find(&suite->earlier, ratio->name);
  if (!then) return;
  printf("%-26s before: %.4g (%.4g .. %.4g), now %.4g: %.3g times, %s\n", "", then->median, then->min,
         then->max, ratio->median, ratio->median / then->median, result_verdict(ratio, then));
}

void suite_race_report(suite_race *race)
{
  if (race->suite->events_to) return;
  uint64_t rounds = race->suite->rounds;
  double shares[SUITE_ROUNDS_MAX];
  result sides[4], ratio;
  suite_side *last = &race->sides[race->side_count - 1];
  for (uint64_t i = 0; i < rounds; i++)
    shares[i] = race->sides[0].ns[i] > 0 ? last->ns[i] / race->sides[0].ns[i] : 0;
  ratio = result_of(race->name, shares, rounds);
  int is_equal = answers_are_equal(race);
  if (!is_equal) race->suite->failed = 1;
  for (uint32_t i = 0; i < race->side_count; i++) {
    sides[i] = side_result(race, &race->sides[i]);
    printf("%-26s %-8s %11.0f/s %9.1f ns (%.1f .. %.1f)", i == 0 ? race->name : "", race->sides[i].name,
           sides[i].median > 0 ? 1e9 / sides[i].median : 0, sides[i].median, sides[i].min, sides[i].max);
    if (i + 1 == race->side_count && i > 0)
      printf("   %.3g %% (%.3g .. %.3g)", 100 * ratio.median, 100 * ratio.min, 100 * ratio.max);
    printf("\n");
  }
  print_answers(race, is_equal);
  print_change(race->suite, &ratio);
  write_json(race, &ratio, sides);
  fflush(stdout);
}
