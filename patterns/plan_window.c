/* plan_window.c - windows of the plan: lengths that go together, clauses that go with a kind. */
#include "patterns/plan_build.h"

/* A key that has gone quiet gives this many empty windows at most. */
#define EMPTY_MAX 100000

/* ---- What goes together -------------------------------------------------------------- */

static int refuse(const pat_builder *builder, cb_span span, const char *clause, plan_window_kind kind, const char *why)
{
  pat_report(builder->compile->diags, 533, span, "%s does not go with 'window %s': %s", clause, plan_window_word(kind), why);
  return 0;
}

static int check_clauses(const pat_builder *builder, const pat_window *written)
{
  int is_session = written->kind == PLAN_SESSION, is_count = written->kind == PLAN_COUNT_WINDOW, is_good = 1;
  const char *begins = is_count ? "it begins with an event, wherever the clock stands" : "a session begins with its first event";
  const char *by_count = "it is over when its events have come, whatever the time";
  if ((is_session || is_count) && written->offset_span.length > 0) is_good = refuse(builder, written->offset_span, "'offset'", written->kind, begins);
  if ((is_session || is_count) && written->even_span.length > 0)
    is_good = refuse(builder, written->even_span, "'even empty'", written->kind, "it exists because of its events");
  if (is_count && written->allowed_span.length > 0) is_good = refuse(builder, written->allowed_span, "'allowed lateness'", written->kind, by_count);
  if (is_count && written->early_span.length > 0) is_good = refuse(builder, written->early_span, "'early every'", written->kind, by_count);
  if (is_count && written->is_at_once)
    is_good = refuse(builder, builder->decl->emit_span, "'emit at once'", written->kind, "with its last event it is told of at once anyway");
  if (written->is_at_once && written->early_span.length > 0) {
    pat_report(builder->compile->diags, 533, written->early_span, "'early every' does not go with 'emit at once', which tells of a window once; leave one of them out");
    is_good = 0;
  }
  return is_good;
}

/* ---- Lengths --------------------------------------------------------------------------- */

static int check_sliding(const pat_builder *builder, const pat_window *written)
{
  pat_diags *diags = builder->compile->diags;
  if (written->every > written->length) {
    pat_report(diags, 531, written->span, "windows that begin further apart than they are long leave out the events between them; write  every  with a duration up to the length");
    return 0;
  }
  int64_t over = (written->length - 1) / written->every + 1;
  if (over <= PLAN_PANES_MAX) return 1;
  pat_report(diags, 531, written->span, "each event would be in %lld windows, more than %d; write a longer  every", (long long)over, PLAN_PANES_MAX);
  return 0;
}

static int check_count(const pat_builder *builder, const pat_window *written)
{
  pat_diags *diags = builder->compile->diags;
  if (written->every_events > written->events) {
    pat_report(diags, 531, written->span, "windows that end further apart than they have events leave out the events between them; write  every  with a number up to %llu",
               (unsigned long long)written->events);
    return 0;
  }
  uint64_t over = (written->events - 1) / written->every_events + 1;
  if (over <= PLAN_PANES_MAX) return 1;
  pat_report(diags, 531, written->span, "each event would be in %llu windows, more than %d; write a larger  every", (unsigned long long)over, PLAN_PANES_MAX);
  return 0;
}

/* The longest window that there is ends before the first report. */
static int check_early(const pat_builder *builder, const pat_window *written, const plan_window *window)
{
  cep_duration longest = pat_window_span(window);
  if (written->early_every < longest || written->kind == PLAN_COUNT_WINDOW) return 1;
  pat_report(builder->compile->diags, 531, written->early_span, "the first early report would come when the window is over; write  early every  with less than its length");
  return 0;
}

static int check_lengths(const pat_builder *builder, const pat_window *written, const plan_window *window)
{
  int is_good = 1;
  if (written->kind == PLAN_SLIDING) is_good = check_sliding(builder, written);
  if (written->kind == PLAN_COUNT_WINDOW) is_good = check_count(builder, written);
  if (!is_good || window->every == 0 || written->even_empty / window->every <= EMPTY_MAX) return is_good;
  pat_report(builder->compile->diags, 531, written->even_span, "that would be %lld empty windows behind the last event of a key, more than %d",
             (long long)(written->even_empty / window->every), EMPTY_MAX);
  return 0;
}

int pat_build_window(const pat_builder *builder, const pat_window *written, plan_window *window)
{
  window->kind = written->kind;
  window->length = written->length;
  window->every = written->kind == PLAN_TUMBLING ? written->length : written->every;
  window->max = written->max;
  window->events = written->events;
  window->every_events = written->every_events;
  window->offset = window->every > 0 ? written->offset % window->every : 0;
  window->even_empty = written->even_empty;
  window->early_every = written->early_every;
  window->allowed = written->allowed;
  window->at_once = written->is_at_once;
  int is_good = check_clauses(builder, written);
  is_good &= check_early(builder, written, window);
  return check_lengths(builder, written, window) & is_good;
}

cep_duration pat_window_span(const plan_window *window)
{
  cep_duration span = window->kind == PLAN_SESSION ? window->max : window->length;
  return span > 0 ? span : PLAN_UNBOUNDED;
}
