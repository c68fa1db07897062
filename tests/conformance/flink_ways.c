/* flink_ways.c - runs a case in every way that must not matter. */
#include <stdlib.h>
#include <string.h>

#include "tests/conformance/flink.h"

/* ---- Shuffled ------------------------------------------------------------------------------ */

static uint32_t draw(uint64_t *seed, uint32_t below)
{
  *seed = *seed * 6364136223846793005u + 1442695040888963407u;
  return (uint32_t)((*seed >> 33) % below);
}

/* Any order, but events of one time in the order that they had. */
static void shuffle(scn_act *acts, uint32_t count, uint64_t *seed)
{
  for (uint32_t i = count; i > 1; i--) {
    uint32_t k = draw(seed, i);
    scn_act moved = acts[i - 1];
    acts[i - 1] = acts[k];
    acts[k] = moved;
  }
  for (uint32_t i = 1; i < count; i++) {
    scn_act moved = acts[i];
    uint32_t to = i;
    for (uint32_t k = i; k > 0; k--) {
      if (acts[k - 1].time != moved.time || acts[k - 1].position < moved.position) continue;
      acts[to] = acts[k - 1];
      to = k - 1;
    }
    acts[to] = moved;
  }
}

static int waits_for_watermarks(const char *text)
{
  return strstr(text, "`$time` lateness") != NULL;
}

static const char *with_lateness(fl_case *c)
{
  const char *text = c->scenario.text, *at = strstr(text, "`$time`\n");
  if (!at) return text;
  at += strlen("`$time`");
  return cb_arena_printf(c->arena, "%s lateness 36500d%s", cb_arena_text(c->arena, text, (size_t)(at - text)), at);
}

/* The same events between the same watermarks in another order; NULL if the case has
 * events out of order though nothing waits for them. */
static const scenario *shuffled(fl_case *c)
{
  const scenario *from = &c->scenario;
  int waits = waits_for_watermarks(from->text);
  scenario *to = cb_arena_take(c->arena, sizeof *to);
  scn_act *acts = cb_arena_take(c->arena, (2 * from->act_count + 1) * sizeof *acts);
  CB_ASSERT(to && acts);
  uint64_t seed = from->act_count;
  uint32_t count = 0, start = 0;
  cep_time newest = CEP_TIME_MIN;
  for (uint32_t i = 0; i <= from->act_count; i++) {
    const scn_act *act = i < from->act_count ? &from->acts[i] : NULL;
    if (act && act->what == SCN_PUSH) {
      if (!waits && act->time < newest) return NULL;
      if (act->time > newest) newest = act->time;
      acts[count++] = *act;
      continue;
    }
    shuffle(acts + start, count - start, &seed);
    if (!waits && newest != CEP_TIME_MIN) acts[count++] = (scn_act){SCN_ADVANCE, CEP_NONE, NULL, newest, 0, NULL, 0, 0};
    if (act && act->what == SCN_ADVANCE && act->time > newest) newest = act->time;
    if (act) acts[count++] = *act;
    start = count;
  }
  for (uint32_t i = 0; i < count; i++) acts[i].position = i;
  *to = *from;
  to->text = with_lateness(c);
  to->acts = acts;
  to->act_count = count;
  return to;
}

static int compare_tags(const void *a, const void *b)
{
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return (x > y) - (x < y);
}

static const char *judge_shuffled(fl_case *c, scn_outcome *first)
{
  const scenario *other = shuffled(c);
  if (!other) return NULL;
  scn_outcome *got = scn_engine(c->arena, other, &scn_ways[0]);
  qsort(first->late, first->late_count, sizeof *first->late, compare_tags);
  qsort(got->late, got->late_count, sizeof *got->late, compare_tags);
  return scn_compare(c->arena, first, got, 0);
}

/* For who looks for the reason: all that came out. */
static const char *with_outputs(fl_case *c, const char *wrong, const scn_outcome *got)
{
  if (!wrong || !c->verbose) return wrong;
  cb_writer w;
  cb_writer_init(&w, c->arena->alloc);
  cb_write_text(&w, wrong);
  for (uint32_t i = 0; i < got->output_count; i++) {
    cb_write_text(&w, "\n  ");
    scn_print_output(&w, &got->outputs[i]);
  }
  const char *text = cb_arena_text(c->arena, (const char *)w.data, w.len);
  cb_writer_fini(&w);
  return text;
}

/* ---- All ------------------------------------------------------------------------------------- */

static const char *judge_reference(fl_case *c)
{
  scn_outcome *got = scn_reference(c->arena, &c->scenario);
  if (!got->too_big) return with_outputs(c, fl_check(c, got), got);
  fl_cant(c, "too large for the reference");
  return NULL;
}

const char *fl_judge(fl_case *c, int reference)
{
  if (reference) return judge_reference(c);
  scn_outcome *first = scn_engine(c->arena, &c->scenario, &scn_ways[0]);
  const char *wrong = with_outputs(c, fl_check(c, first), first), *way = scn_ways[0].name;
  for (uint32_t i = 1; i < scn_way_count && !wrong; i++) {
    way = scn_ways[i].name;
    wrong = scn_compare(c->arena, first, scn_engine(c->arena, &c->scenario, &scn_ways[i]), 1);
  }
  if (!wrong) {
    way = "shuffled";
    wrong = judge_shuffled(c, first);
  }
  return wrong ? cb_arena_printf(c->arena, "%s: %s", way, wrong) : NULL;
}
