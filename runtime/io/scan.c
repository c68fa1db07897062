/* scan.c - reads files once for their times only: the lateness that their records need. */
#include "runtime/io/scan.h"

#include <string.h>

#include "cep/base/error.h"
#include "cep/base/time.h"

/* Records between two looks whether to stop. */
#define STRETCH 4096

/* Up to the next whole millisecond, from ten seconds on to the next second: what one would write. */
static cep_duration round_up(cep_duration lateness)
{
  cep_duration unit = lateness < 10 * CB_SECOND ? CB_SECOND / 1000 : CB_SECOND;
  return (lateness + unit - 1) / unit * unit;
}

static cep_status scan_record(const rt_pipeline *pipeline, cep_input *input, const rt_record *record,
                              cep_disorder *disorder, cep_error *err)
{
  cep_status status = record->is_first ? cep_input_new_file(input, err) : CEP_OK;
  if (status == CEP_OK && !record->is_too_long)
    status = cep_input_scan(input, record->bytes, record->len, disorder, err);
  if (status == CEP_OK && disorder->records % STRETCH == 0 && atomic_load(&pipeline->is_stopping)) status = CEP_STOPPED;
  return status;
}

static cep_status scan_feed(rt_pipeline *pipeline, const rt_feed *feed, cep_disorder *disorder, cep_error *err)
{
  rt_source_options options;
  rt_pipeline_reading(pipeline, feed->input, &options);
  options.paths = rt_source_paths(feed->source, &options.path_count);
  rt_source *source;
  cep_status status = rt_source_file(pipeline->alloc, &options, &source, err);
  if (status < 0) return status;
  rt_source_state state = RT_SOURCE_RECORD;
  while (status == CEP_OK && state != RT_SOURCE_END) {
    rt_record record;
    state = source->ops->next(source, &record);
    if (state == RT_SOURCE_RECORD)
      status = scan_record(pipeline, feed->input, &record, disorder, err);
    else if (state == RT_SOURCE_EMPTY)
      status = source->ops->fill(source, err);
  }
  source->ops->free(source);
  return status < 0 || status == CEP_STOPPED ? status : cep_input_new_file(feed->input, err);
}

/* Partitions are independent of each other: the worst counts. */
static void add_disorder(cep_disorder *sum, const cep_disorder *more)
{
  if (more->newest > sum->newest) sum->newest = more->newest;
  if (more->worst > sum->worst) sum->worst = more->worst;
  sum->records += more->records;
  sum->behind += more->behind;
  sum->timeless += more->timeless;
}

static int is_of(const rt_feed *feed, const char *name)
{
  return strcmp(cep_input_name(feed->input), name) == 0;
}

/* All that is read of an input can be read twice. */
static int can_scan(const rt_pipeline *pipeline, const char *name)
{
  int found = 0;
  for (uint32_t i = 0; i < pipeline->feeds.count; i++) {
    const rt_feed *feed = &pipeline->feeds.at[i];
    if (!is_of(feed, name)) continue;
    if (rt_source_waits(feed->source) || cep_input_time_source(feed->input) != CEP_TIME_OF_EVENT) return 0;
    found = 1;
  }
  return found;
}

static cep_status scan_input(rt_pipeline *pipeline, const char *name, cep_scanned *scanned, cep_error *err)
{
  for (uint32_t i = 0; i < pipeline->feeds.count; i++) {
    if (!is_of(&pipeline->feeds.at[i], name)) continue;
    cep_disorder disorder = {.size = sizeof disorder, .newest = CEP_TIME_MIN};
    cep_status status = scan_feed(pipeline, &pipeline->feeds.at[i], &disorder, err);
    if (status != CEP_OK) return status;
    add_disorder(&scanned->disorder, &disorder);
  }
  if (scanned->disorder.worst <= CEP_SCAN_MAX) scanned->lateness = round_up(scanned->disorder.worst);
  for (uint32_t i = 0; i < pipeline->feeds.count; i++) {
    if (!is_of(&pipeline->feeds.at[i], name)) continue;
    cep_status status = cep_input_lateness(pipeline->feeds.at[i].input, scanned->lateness, err);
    if (status < 0) return status;
  }
  return CEP_OK;
}

cep_status rt_scan(rt_pipeline *pipeline, cep_scanned_fn tell, void *ctx, cep_error *err)
{
  const cep_program *program = cep_engine_program(pipeline->engine);
  for (uint32_t i = 0; i < cep_program_input_count(program); i++) {
    const char *name = cep_program_input_name(program, i);
    if (cep_program_input_lateness(program, i) >= 0 || !can_scan(pipeline, name)) continue;
    cep_scanned scanned = {.size = sizeof scanned,
                           .input = name,
                           .disorder = {.size = sizeof scanned.disorder, .newest = CEP_TIME_MIN}};
    cep_status status = scan_input(pipeline, name, &scanned, err);
    if (status != CEP_OK) return status;
    if (tell) tell(ctx, &scanned);
  }
  return CEP_OK;
}
