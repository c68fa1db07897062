/* progress.c - what a run says on stderr while it goes on. */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "bar.h"
#include "terminal.h"
#include "words.h"

#define SECOND INT64_C(1000000000)
#define EVERY (SECOND / 2)
#define STANDSTILL (2 * SECOND) /* shorter ones are not told, */
#define AGAIN (10 * SECOND)     /* nor any sooner after another */

static cep_pipeline_state look(const run_progress *progress)
{
  cep_pipeline_state state = {.size = sizeof state};
  (void)cep_pipeline_look(progress->pipeline, &state);
  return state;
}

static cep_source_state look_at(const run_progress *progress, uint32_t index)
{
  cep_source_state source = {.size = sizeof source};
  (void)cep_pipeline_look_at(progress->pipeline, index, &source);
  return source;
}

/* "input A", or with its partition if it has several. */
static void print_name(const run_progress *progress, const cep_source_state *source)
{
  uint32_t same = 0, count = look(progress).sources;
  for (uint32_t i = 0; i < count; i++) same += strcmp(look_at(progress, i).input, source->input) == 0;
  fprintf(stderr, "input %s", source->input);
  if (same > 1) fprintf(stderr, " (partition %" PRIu32 ")", source->partition);
}

/* ---- While it waits ------------------------------------------------------------------------ */

static void print_holder(const run_progress *progress, const cep_pipeline_state *state)
{
  char text[SPAN_MAX], newest[WHEN_MAX];
  if (state->held_by == CEP_NONE) {
    fputs("all inputs are idle or at their end", stderr);
    return;
  }
  cep_source_state source = look_at(progress, state->held_by);
  print_name(progress, &source);
  fprintf(stderr, " has given nothing for %s", span(state->now - source.heard, text));
  if (source.newest == CEP_TIME_MIN)
    fputs(", and no record with a time so far", stderr);
  else if (source.lateness > 0)
    fprintf(stderr, " (it stands at %s, less its lateness of %s)", when(source.newest, newest), span(source.lateness, text));
  if (source.idle_after > 0)
    fprintf(stderr, "; after %s it is idle and holds nothing back", span(source.idle_after, text));
  else if (state->sources > 1)
    fputs("; it is waited for as long as it takes (no idle D in the rules, and none by idle.after)", stderr);
}

static void print_other(const run_progress *progress, uint32_t index, cep_time frontier)
{
  char text[WHEN_MAX], ahead[SPAN_MAX];
  cep_source_state source = look_at(progress, index);
  if (source.is_ended) return;
  fputs("  ", stderr);
  print_name(progress, &source);
  if (source.newest == CEP_TIME_MIN) {
    fputs(" has not begun\n", stderr);
    return;
  }
  fprintf(stderr, " stands at %s", when(source.newest, text));
  if (frontier != CEP_TIME_MIN && source.newest > frontier) fprintf(stderr, ", %s ahead", span(source.newest - frontier, ahead));
  fprintf(stderr, "%s\n", source.is_idle ? "; idle" : source.is_far ? "; not read on, as drift.max is reached" : "");
}

static void tell_why(run_progress *progress, const cep_pipeline_state *state)
{
  char text[SPAN_MAX], at[WHEN_MAX], count[NUMBER_MAX];
  fprintf(stderr, "cep run: time has stood at %s for %s: ", when(state->frontier, at), span(state->now - state->since, text));
  print_holder(progress, state);
  fputc('\n', stderr);
  uint64_t held = cep_engine_stat(progress->engine, CEP_STAT_EVENTS_HELD, CEP_NONE);
  uint64_t partials = cep_engine_stat(progress->engine, CEP_STAT_PARTIALS_ACTIVE, CEP_NONE);
  fprintf(stderr, "  %s event%s wait%s", number(held, count), held == 1 ? "" : "s", held == 1 ? "s" : "");
  fprintf(stderr, "; %s partial match%s open\n", number(partials, count), partials == 1 ? "" : "es");
  for (uint32_t i = 0; i < state->sources; i++)
    if (i != state->held_by) print_other(progress, i, state->frontier);
}

/* A standstill that goes on is told again after as long as it has lasted. */
static void look_why(run_progress *progress, const cep_pipeline_state *state)
{
  cep_duration stood = state->now - state->since;
  if (!state->is_waiting || stood < STANDSTILL || state->now < progress->again) return;
  progress_clear(progress);
  tell_why(progress, state);
  progress->again = state->now + (stood > AGAIN ? stood : AGAIN);
}

/* ---- The line ------------------------------------------------------------------------------- */

void progress_clear(run_progress *progress)
{
  if (progress->is_drawn) fputs("\r\x1b[K", stderr);
  progress->is_drawn = 0;
}

/* How much of all files has been read; -1: some source has no end that is known. */
static double share_read(const run_progress *progress, uint32_t sources)
{
  uint64_t taken = 0, whole = 0;
  for (uint32_t i = 0; i < sources; i++) {
    cep_source_state source = look_at(progress, i);
    if (source.whole == 0) return -1;
    taken += source.taken < source.whole ? source.taken : source.whole;
    whole += source.whole;
  }
  return whole > 0 ? (double)taken / (double)whole : -1;
}

static void say_waits(const run_progress *progress, const cep_pipeline_state *state, bar_view *view)
{
  char stood[SPAN_MAX];
  if (!state->is_waiting || state->held_by == CEP_NONE || state->now - state->since < STANDSTILL) return;
  cep_source_state source = look_at(progress, state->held_by);
  snprintf(view->waits, sizeof view->waits, "waits for input %s, %s", source.input, span(state->now - state->since, stood));
}

static void draw(run_progress *progress, const cep_pipeline_state *state)
{
  char line[BAR_LINE_MAX];
  bar_view view = {.share = share_read(progress, state->sources), .rate = -1, .left = -1, .at = state->frontier};
  for (uint32_t i = 0; i < state->sources; i++) view.records += look_at(progress, i).records;
  int is_first = progress->looked == 0;
  double seconds = (double)(state->now - progress->looked) / 1e9, since = (double)(state->now - progress->began) / 1e9;
  if (!is_first && seconds > 0) view.rate = (double)(view.records - progress->records) / seconds;
  if (!is_first && view.share > progress->share && progress->share >= 0)
    view.left = since * (1 - view.share) / (view.share - progress->share);
  progress->records = view.records;
  progress->looked = state->now;
  if (is_first) { /* what is over within a second needs no line */
    progress->began = state->now;
    progress->share = view.share;
    return;
  }
  say_waits(progress, state, &view);
  bar_line(&view, terminal_width(STDERR_FILENO), progress->colours, line);
  fprintf(stderr, "\r\x1b[K%s", line);
  fflush(stderr);
  progress->is_drawn = 1;
}

static void on_progress(void *ctx)
{
  run_progress *progress = ctx;
  cep_pipeline_state state = look(progress);
  if (progress->tells_why) look_why(progress, &state);
  if (progress->draws) draw(progress, &state);
}

/* ---- Beginning and end ------------------------------------------------------------------------ */

cep_status progress_start(run_progress *progress, cep_error *err)
{
  if (!progress->draws && !progress->tells_why) return CEP_OK;
  return cep_pipeline_on_progress(progress->pipeline, EVERY, on_progress, progress, err);
}

void progress_end(run_progress *progress, int was_stopped)
{
  char text[SPAN_MAX], count[NUMBER_MAX], at[WHEN_MAX];
  progress_clear(progress);
  cep_pipeline_state state = look(progress);
  for (uint32_t i = 0; i < state.sources && progress->tells_why; i++) {
    cep_source_state source = look_at(progress, i);
    if (source.waited < SECOND / 10) continue;
    print_name(progress, &source);
    fprintf(stderr, " was waited for: %s in all\n", span(source.waited, text));
  }
  uint64_t held = cep_engine_stat(progress->engine, CEP_STAT_EVENTS_HELD, CEP_NONE);
  if (!was_stopped || held == 0 || state.held_by == CEP_NONE) return;
  cep_source_state source = look_at(progress, state.held_by);
  fprintf(stderr, "%s event%s still waited for ", number(held, count), held == 1 ? "" : "s");
  print_name(progress, &source);
  fprintf(stderr, ", which stands at %s\n", when(source.newest, at));
}
