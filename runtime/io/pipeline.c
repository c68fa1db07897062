/* pipeline.c - reads the source furthest behind, feeds the engine, flushes the sinks. */
#include "runtime/io/pipeline.h"
#include "runtime/io/live.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cep/base/arena.h"
#include "cep/base/error.h"

/* Records fed before the choice of source is made again. */
#define BURST 64
/* Of a file, in which a time is looked for when files are put in order. */
#define PEEK_RECORDS 1000

cep_status rt_pipeline_init(rt_pipeline *pipeline, cb_alloc *alloc, cep_engine *engine, const rt_pipeline_options *options,
                            cep_error *err)
{
  memset(pipeline, 0, sizeof *pipeline);
  pipeline->alloc = alloc;
  pipeline->engine = engine;
  pipeline->options = *options;
  pipeline->ahead_of = pipeline->now = CEP_TIME_MIN;
  rt_parallel_init(&pipeline->parallel);
  if (pipe(pipeline->wake_fds) < 0) {
    int number = errno;
    cb_error_set(err, CEP_E_IO, "cannot make a pipe: %s", strerror(number));
    if (err) err->os_errno = number;
    return CEP_E_IO;
  }
  /* The program may start others, and a full pipe must not block who stops us. */
  for (int i = 0; i < 2; i++) fcntl(pipeline->wake_fds[i], F_SETFD, FD_CLOEXEC);
  fcntl(pipeline->wake_fds[1], F_SETFL, O_NONBLOCK);
  return CEP_OK;
}

void rt_pipeline_fini(rt_pipeline *pipeline)
{
  for (uint32_t i = 0; i < pipeline->feeds.count; i++) {
    rt_source *source = pipeline->feeds.at[i].source;
    source->ops->free(source);
  }
  cb_vec_free(pipeline->alloc, &pipeline->feeds);
  cb_vec_free(pipeline->alloc, &pipeline->sinks);
  rt_live_fini(pipeline);
  rt_parallel_fini(&pipeline->parallel);
  close(pipeline->wake_fds[0]);
  close(pipeline->wake_fds[1]);
}

/* ---- Sources ------------------------------------------------------------------------- */

typedef struct placed_path {
  const char *path;
  cep_time first; /* CEP_TIME_MIN: no record near its start has a time */
} placed_path;

static cb_split split_of(const cep_input *input)
{
  char delimiter, quote;
  return cep_input_csv(input, &delimiter, &quote) ? cb_split_csv(delimiter, quote) : cb_split_lines();
}

void rt_pipeline_reading(const rt_pipeline *pipeline, const cep_input *input, rt_source_options *options)
{
  *options = (rt_source_options){.split = input ? split_of(input) : cb_split_lines()};
  options->record_max = pipeline->options.record_max;
  options->read = (rt_read_options){.wake_fd = pipeline->wake_fds[0],
                                    .is_following = pipeline->is_following,
                                    .wait = pipeline->wait,
                                    .wait_ctx = pipeline->wait_ctx,
                                    .no_wait = &pipeline->no_wait};
}

/* The time of the first record that has one. */
static cep_status peek_time(rt_source *source, cep_input *input, cep_time *out, cep_error *err)
{
  *out = CEP_TIME_MIN;
  cep_status status = cep_input_new_file(input, err);
  for (int i = 0; i < PEEK_RECORDS && status == CEP_OK && *out == CEP_TIME_MIN;) {
    rt_record record;
    rt_source_state state = source->ops->next(source, &record);
    if (state == RT_SOURCE_END) break;
    if (state == RT_SOURCE_EMPTY) {
      status = source->ops->fill(source, err);
      continue;
    }
    i++;
    if (!record.is_too_long) status = cep_input_time(input, record.bytes, record.len, out, err);
  }
  return status;
}

static cep_status place_path(rt_pipeline *pipeline, cep_input *input, placed_path *placed, cep_error *err)
{
  rt_source *source;
  rt_source_options options;
  rt_pipeline_reading(pipeline, input, &options);
  options.paths = &placed->path;
  options.path_count = 1;
  options.read.is_following = 0;
  cep_status status = rt_source_file(pipeline->alloc, &options, &source, err);
  if (status < 0) return status;
  status = peek_time(source, input, &placed->first, err);
  source->ops->free(source);
  return status;
}

/* By time; of equal ones the order given stays. Few: insertion. */
static cep_status place_paths(rt_pipeline *pipeline, cep_input *input, placed_path *placed, size_t count,
                              cep_error *err)
{
  for (size_t i = 0; i < count; i++) {
    cep_status status = place_path(pipeline, input, &placed[i], err);
    if (status != CEP_OK) return status;
    placed_path own = placed[i];
    size_t at = i;
    for (; at > 0 && placed[at - 1].first > own.first; at--) placed[at] = placed[at - 1];
    placed[at] = own;
  }
  return cep_input_new_file(input, err);
}

static cep_status open_paths(rt_pipeline *pipeline, rt_feed *feed, const char *const *paths, size_t count,
                             cep_error *err)
{
  rt_source_options options;
  rt_pipeline_reading(pipeline, NULL, &options);
  options.paths = paths;
  options.path_count = count;
  return rt_source_file(pipeline->alloc, &options, &feed->source, err);
}

/* Before the engine knows of the input: one that nobody reads would hold all others back. */
static cep_status check_paths(const char *const *paths, size_t count, cep_error *err)
{
  for (size_t i = 0; i < count; i++) {
    struct stat info;
    if (stat(paths[i], &info) < 0 || access(paths[i], R_OK) < 0) {
      int number = errno;
      cb_error_set(err, CEP_E_IO, "cannot open \"%s\": %s", paths[i], strerror(number));
      if (err) err->os_errno = number;
      return CEP_E_IO;
    }
    if (!S_ISREG(info.st_mode))
      return cb_error_set(err, CEP_E_INVALID, "\"%s\" is no file; several for one input must be files", paths[i]);
  }
  return CEP_OK;
}

static cep_status open_in_order(rt_pipeline *pipeline, rt_feed *feed, const char *const *paths, size_t count,
                                cep_error *err)
{
  cb_arena arena;
  cb_arena_init(&arena, pipeline->alloc);
  placed_path *placed = cb_arena_take(&arena, count * sizeof *placed);
  const char **ordered = cb_arena_take(&arena, count * sizeof *ordered);
  cep_status status = CEP_E_NOMEM;
  if (placed && ordered) {
    for (size_t i = 0; i < count; i++) placed[i].path = paths[i];
    status = place_paths(pipeline, feed->input, placed, count, err);
    for (size_t i = 0; i < count; i++) ordered[i] = placed[i].path;
    if (status == CEP_OK) status = open_paths(pipeline, feed, ordered, count, err);
  } else {
    cb_error_set(err, status, "no memory for the names of files");
  }
  cb_arena_fini(&arena);
  return status;
}

cep_status rt_pipeline_source(rt_pipeline *pipeline, const char *input, uint32_t partition,
                              const char *const *paths, size_t path_count, cep_error *err)
{
  int is_stdin = path_count == 1 && strcmp(paths[0], "-") == 0;
  if (is_stdin && pipeline->has_stdin)
    return cb_error_set(err, CEP_E_INVALID, "standard input is read by another input already");
  if (!cb_vec_reserve(pipeline->alloc, &pipeline->feeds, 1))
    return cb_error_set(err, CEP_E_NOMEM, "no memory for one more source");
  rt_feed feed = {.heard = CEP_TIME_MIN};
  cep_status status =
      path_count == 1 ? open_paths(pipeline, &feed, paths, 1, err) : check_paths(paths, path_count, err);
  if (status < 0) return status;
  status = cep_engine_input(pipeline->engine, input, partition, &feed.input, err);
  if (status == CEP_OK && !feed.source) status = open_in_order(pipeline, &feed, paths, path_count, err);
  if (status != CEP_OK) {
    if (feed.source) feed.source->ops->free(feed.source);
    return status;
  }
  rt_source_split(feed.source, split_of(feed.input));
  pipeline->feeds.at[pipeline->feeds.count++] = feed;
  pipeline->has_stdin |= is_stdin;
  return CEP_OK;
}

cep_status rt_pipeline_sink(rt_pipeline *pipeline, rt_sink *sink, cep_error *err)
{
  if (!cb_vec_push(pipeline->alloc, &pipeline->sinks, sink))
    return cb_error_set(err, CEP_E_NOMEM, "no memory for one more sink");
  return CEP_OK;
}

/* The first sink that failed decides. */
static cep_status check_sinks(const rt_pipeline *pipeline, cep_error *err)
{
  for (uint32_t i = 0; i < pipeline->sinks.count; i++) {
    const rt_sink *sink = pipeline->sinks.at[i];
    if (sink->status == CEP_OK) continue;
    if (err && sink->status < 0) *err = sink->err;
    return sink->status;
  }
  return CEP_OK;
}

cep_status rt_pipeline_flush(rt_pipeline *pipeline, cep_error *err)
{
  for (uint32_t i = 0; i < pipeline->sinks.count; i++) (void)rt_sink_flush(pipeline->sinks.at[i]);
  return check_sinks(pipeline, err);
}

/* The feed whose input holds the frontier back; else the first that has not ended. */
rt_feed *rt_pipeline_choose(rt_pipeline *pipeline)
{
  const cep_input *held_by = NULL;
  if (pipeline->feeds.count > 1) (void)cep_engine_watermark(pipeline->engine, &held_by);
  rt_feed *first = NULL;
  for (uint32_t i = 0; i < pipeline->feeds.count; i++) {
    rt_feed *feed = &pipeline->feeds.at[i];
    if (feed->is_ended) continue;
    if (feed->input == held_by) return feed;
    if (!first) first = feed;
  }
  return first;
}

/* The engine stopped because a sink failed: that is the reason to give. */
static cep_status stopped_by(rt_pipeline *pipeline, cep_status status, cep_error *err)
{
  if (status != CEP_STOPPED) return status;
  cep_status cause = check_sinks(pipeline, err);
  return cause != CEP_OK ? cause : status;
}

/* CEP_E_LIMIT: the record stays, another source must be read first. */
static cep_status give(rt_pipeline *pipeline, rt_feed *feed, cep_error *err)
{
  const rt_record *record = &feed->record;
  cep_status status = record->is_first ? cep_input_new_file(feed->input, err) : CEP_OK;
  if (status < 0) return status;
  status = record->is_too_long
               ? cep_input_refuse(feed->input, record->bytes, record->len, record->position, "length", err)
               : cep_input_record(feed->input, record->bytes, record->len, record->position, err);
  feed->has_record = status == CEP_E_LIMIT && rt_pipeline_choose(pipeline) != feed;
  return status == CEP_LATE ? CEP_OK : stopped_by(pipeline, status, err);
}

cep_status rt_pipeline_burst(rt_pipeline *pipeline, rt_feed *feed, rt_source_state *state_out, cep_error *err)
{
  for (int i = 0; i < BURST; i++) {
    if (!feed->has_record) {
      *state_out = feed->source->ops->next(feed->source, &feed->record);
      if (*state_out != RT_SOURCE_RECORD) return CEP_OK;
      feed->has_record = 1;
    }
    *state_out = RT_SOURCE_RECORD;
    cep_status status = give(pipeline, feed, err);
    if (status == CEP_E_LIMIT && feed->has_record) return CEP_OK;
    if (status != CEP_OK) return status;
  }
  return CEP_OK;
}

cep_status rt_pipeline_end(rt_pipeline *pipeline, rt_feed *feed, cep_error *err)
{
  feed->is_ended = 1;
  return stopped_by(pipeline, cep_input_end(feed->input, err), err);
}

cep_status rt_pipeline_show(rt_pipeline *pipeline, cep_error *err)
{
  cep_status status = stopped_by(pipeline, cep_engine_flush(pipeline->engine, err), err);
  return status == CEP_OK ? rt_pipeline_flush(pipeline, err) : status;
}

/* What is under way in the engine is waited for only before a wait: a file, or a pipe that has data, is read on. */
static cep_status fill(rt_pipeline *pipeline, rt_feed *feed, cep_error *err)
{
  cep_status status = rt_pipeline_flush(pipeline, err);
  if (status != CEP_OK) return status;
  pipeline->no_wait = 1;
  status = feed->source->ops->fill(feed->source, err);
  pipeline->no_wait = 0;
  if (status != RT_READ_NOTHING) return status;
  status = rt_pipeline_show(pipeline, err);
  return status == CEP_OK ? feed->source->ops->fill(feed->source, err) : status;
}

static cep_status run_step(rt_pipeline *pipeline, rt_feed *feed, cep_error *err)
{
  rt_source_state state = RT_SOURCE_RECORD;
  uint64_t before = feed->source->counts.records;
  cep_status status = rt_pipeline_burst(pipeline, feed, &state, err);
  if (status != CEP_OK) return status;
  /* What it gave may have left another behind: that one is not made to wait for this one. */
  if (state == RT_SOURCE_EMPTY && feed->source->counts.records > before) return CEP_OK;
  switch (state) {
  case RT_SOURCE_RECORD: return CEP_OK;
  case RT_SOURCE_END: return rt_pipeline_end(pipeline, feed, err);
  case RT_SOURCE_EMPTY: break;
  }
  return fill(pipeline, feed, err);
}

static cep_status run_sources(rt_pipeline *pipeline, cep_error *err)
{
  cep_status status = CEP_OK;
  for (rt_feed *feed; status == CEP_OK && (feed = rt_pipeline_choose(pipeline));) {
    if (atomic_load(&pipeline->is_stopping))
      status = CEP_STOPPED;
    else
      status = run_step(pipeline, feed, err);
  }
  return status;
}

static cep_status run_all(rt_pipeline *pipeline, cep_error *err)
{
  cep_status status = rt_live_is_needed(pipeline) ? rt_live_run(pipeline, err) : run_sources(pipeline, err);
  if (status < 0) { /* what came before it is not lost */
    cep_error ignored;
    (void)cep_engine_flush(pipeline->engine, &ignored);
    (void)rt_pipeline_flush(pipeline, NULL);
    return status;
  }
  cep_status last =
      status == CEP_OK ? cep_engine_finish(pipeline->engine, err) : cep_engine_flush(pipeline->engine, err);
  cep_status flushed = rt_pipeline_flush(pipeline, last < 0 ? NULL : err);
  if (last < 0) return last;
  if (flushed != CEP_OK) return flushed;
  return status != CEP_OK ? status : last;
}

cep_status rt_pipeline_run(rt_pipeline *pipeline, cep_error *err)
{
  cep_status status = rt_parallel_start(&pipeline->parallel, err);
  if (status == CEP_OK) status = run_all(pipeline, err);
  rt_parallel_end(&pipeline->parallel);
  return status;
}

void rt_pipeline_stop(rt_pipeline *pipeline)
{
  int number = errno; /* it may be a signal handler that calls */
  atomic_store(&pipeline->is_stopping, 1);
  ssize_t count = write(pipeline->wake_fds[1], "", 1);
  (void)count; /* full: then a byte is there already */
  errno = number;
}
