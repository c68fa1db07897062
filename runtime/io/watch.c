/* watch.c - how far a run has got, and what it waits for. */
#include "runtime/io/watch.h"

#include "cep/base/time.h"
#include "runtime/io/live.h"

void rt_watch_begin(rt_pipeline *pipeline)
{
  rt_watch *watch = &pipeline->watch;
  watch->frontier = cep_engine_watermark(pipeline->engine, NULL);
  watch->since = pipeline->now;
  watch->due = cb_time_add(pipeline->now, watch->every);
}

void rt_watch_round(rt_pipeline *pipeline, int is_waiting)
{
  rt_watch *watch = &pipeline->watch;
  if (!watch->tell) return;
  cep_time frontier = cep_engine_watermark(pipeline->engine, NULL);
  if (frontier != watch->frontier) {
    watch->frontier = frontier;
    watch->since = pipeline->now;
  }
  if (pipeline->now < watch->due) return;
  watch->due = cb_time_add(pipeline->now, watch->every);
  watch->is_waiting = is_waiting;
  watch->tell(watch->ctx);
  watch->is_waiting = 0;
}

void rt_watch_waited(rt_pipeline *pipeline, rt_feed *holder, cep_time before)
{
  if (pipeline->now > before) holder->waited = cb_time_add(holder->waited, cb_time_sub(pipeline->now, before));
}

void rt_watch_look(const rt_pipeline *pipeline, cep_pipeline_state *out)
{
  const cep_input *held_by = NULL;
  *out = (cep_pipeline_state){.sources = pipeline->feeds.count,
                              .held_by = CEP_NONE,
                              .frontier = cep_engine_watermark(pipeline->engine, &held_by),
                              .now = pipeline->now,
                              .since = pipeline->watch.since,
                              .is_waiting = pipeline->watch.is_waiting};
  for (uint32_t i = 0; i < pipeline->feeds.count && held_by; i++) {
    if (pipeline->feeds.at[i].input == held_by) out->held_by = i;
  }
}

cep_status rt_watch_source(const rt_pipeline *pipeline, uint32_t index, cep_source_state *out)
{
  if (index >= pipeline->feeds.count) return CEP_E_NOT_FOUND;
  const rt_feed *feed = &pipeline->feeds.at[index];
  cep_input_state input = {.size = sizeof input};
  (void)cep_input_look(feed->input, &input);
  *out = (cep_source_state){.partition = input.partition,
                            .input = cep_input_name(feed->input),
                            .bytes = feed->source->counts.bytes,
                            .records = feed->source->counts.records,
                            .newest = input.newest,
                            .lateness = input.lateness,
                            .heard = feed->heard,
                            .waited = feed->waited,
                            .idle_after = rt_live_idle_after(pipeline, feed),
                            .taken = feed->source->counts.taken,
                            .whole = feed->source->counts.whole,
                            .is_idle = input.is_idle,
                            .is_ended = input.is_ended,
                            .is_far = !input.is_ended && !rt_live_is_near(pipeline, feed)};
  return CEP_OK;
}
