/* api_io.c - sinks and pipelines as cep_io.h shows them. */
#include <string.h>

#include "cep/base/error.h"
#include "runtime/io/live.h"
#include "runtime/io/scan.h"
#include "runtime/io/watch.h"

struct cep_sink {
  cb_alloc alloc;
  rt_sink *inner;
};

struct cep_pipeline {
  cb_alloc alloc;
  rt_pipeline inner;
  int has_run;
};

static cep_status missing(const char *argument, cep_error *err)
{
  return cb_error_set(err, CEP_E_INVALID, "argument '%s' is NULL", argument);
}

/* ---- Sinks -------------------------------------------------------------------------- */

cep_status cep_sink_file(const cep_config *config, const char *path, cep_sink **out, cep_error *err)
{
  if (!config || !path || !out) return missing(!config ? "config" : !path ? "path" : "out", err);
  cb_alloc alloc;
  cb_alloc_init(&alloc, cep_config_allocator(config), 0);
  cep_sink *sink = cb_new0(&alloc, sizeof *sink);
  if (!sink) return cb_error_set(err, CEP_E_NOMEM, "no memory for a sink");
  sink->alloc = alloc;
  cep_status status = rt_sink_file(&sink->alloc, path, &sink->inner, err);
  if (status < 0)
    cep_sink_free(sink);
  else
    *out = sink;
  return status;
}

void cep_sink_free(cep_sink *sink)
{
  if (!sink) return;
  if (sink->inner) sink->inner->ops->free(sink->inner);
  cb_alloc alloc = sink->alloc;
  cb_free(&alloc, sink, sizeof *sink);
}

cep_status cep_sink_status(const cep_sink *sink, cep_error *err)
{
  if (!sink) return missing("sink", err);
  if (err && sink->inner->status < 0) *err = sink->inner->err;
  return sink->inner->status;
}

cep_status cep_sink_flush(cep_sink *sink, cep_error *err)
{
  if (!sink) return missing("sink", err);
  (void)rt_sink_flush(sink->inner);
  return cep_sink_status(sink, err);
}

void cep_sink_line(cep_sink *sink, const void *text, size_t len)
{
  if (!sink || (!text && len)) return;
  cb_write_bytes(&sink->inner->lines, text, len);
  rt_sink_line_end(sink->inner);
}

uint64_t cep_sink_lines(const cep_sink *sink)
{
  return sink ? sink->inner->line_count : 0;
}

static cep_status gather(void *ctx, const void *data, size_t len)
{
  cb_writer *lines = ctx;
  cb_write_bytes(lines, data, len);
  return lines->status;
}

int cep_sink_match(void *ctx, const cep_match *match)
{
  cep_sink *sink = ctx;
  rt_sink *inner = sink->inner;
  if (inner->status != CEP_OK) return 1;
  cep_status status = cep_match_write_json(match, gather, &inner->lines);
  if (status < 0)
    inner->status =
        cb_error_set(&inner->err, status, "an alert could not be written: %s", cep_status_text(status));
  else
    rt_sink_line_end(inner);
  return inner->status != CEP_OK;
}

void cep_sink_refused(void *ctx, const cep_refused *refused)
{
  cep_sink *sink = ctx;
  rt_sink_refused(sink->inner, refused);
}

/* ---- Pipelines ------------------------------------------------------------------------ */

cep_status cep_pipeline_new(const cep_config *config, cep_engine *engine, cep_pipeline **out, cep_error *err)
{
  if (!config || !engine || !out) return missing(!config ? "config" : !engine ? "engine" : "out", err);
  int64_t record_max = 0, drift_max = 0, idle_after = 0;
  cep_status status = cep_config_get(config, "record.max", &record_max, err);
  if (status == CEP_OK) status = cep_config_get(config, "drift.max", &drift_max, err);
  if (status == CEP_OK) status = cep_config_get(config, "idle.after", &idle_after, err);
  if (status < 0) return status;
  cb_alloc alloc;
  cb_alloc_init(&alloc, cep_config_allocator(config), 0);
  cep_pipeline *pipeline = cb_new0(&alloc, sizeof *pipeline);
  if (!pipeline) return cb_error_set(err, CEP_E_NOMEM, "no memory for a pipeline");
  pipeline->alloc = alloc;
  const rt_pipeline_options options = {.record_max = (size_t)record_max, .drift_max = drift_max, .idle_after = idle_after};
  status = rt_pipeline_init(&pipeline->inner, &pipeline->alloc, engine, &options, err);
  if (status < 0)
    cb_free(&alloc, pipeline, sizeof *pipeline);
  else
    *out = pipeline;
  return status;
}

void cep_pipeline_free(cep_pipeline *pipeline)
{
  if (!pipeline) return;
  rt_pipeline_fini(&pipeline->inner);
  cb_alloc alloc = pipeline->alloc;
  cb_free(&alloc, pipeline, sizeof *pipeline);
}

cep_status cep_pipeline_workers(cep_pipeline *pipeline, uint32_t workers, cep_error *err)
{
  if (!pipeline) return missing("pipeline", err);
  if (workers > RT_THREADS_MAX) return cb_error_set(err, CEP_E_INVALID, "more than %u workers", RT_THREADS_MAX);
  return rt_parallel_share(&pipeline->inner.parallel, pipeline->inner.engine, workers, err);
}

cep_status cep_pipeline_source(cep_pipeline *pipeline, const char *input, uint32_t partition,
                               const char *path, cep_error *err)
{
  if (!pipeline || !input || !path) return missing(!pipeline ? "pipeline" : !input ? "input" : "path", err);
  return rt_pipeline_source(&pipeline->inner, input, partition, &path, 1, err);
}

cep_status cep_pipeline_files(cep_pipeline *pipeline, const char *input, uint32_t partition,
                              const char *const *paths, size_t path_count, cep_error *err)
{
  if (!pipeline || !input || !paths) return missing(!pipeline ? "pipeline" : !input ? "input" : "paths", err);
  if (path_count == 0) return cb_error_set(err, CEP_E_INVALID, "there is no path");
  for (size_t i = 0; i < path_count; i++)
    if (!paths[i]) return missing("paths", err);
  return rt_pipeline_source(&pipeline->inner, input, partition, paths, path_count, err);
}

cep_status cep_pipeline_follow(cep_pipeline *pipeline, cep_wait_fn wait, void *ctx, cep_error *err)
{
  if (!pipeline) return missing("pipeline", err);
  pipeline->inner.is_following = 1;
  pipeline->inner.wait = wait;
  pipeline->inner.wait_ctx = ctx;
  return CEP_OK;
}

cep_status cep_pipeline_clock(cep_pipeline *pipeline, cep_clock_fn now, void *ctx, cep_error *err)
{
  if (!pipeline) return missing("pipeline", err);
  pipeline->inner.clock = now;
  pipeline->inner.clock_ctx = ctx;
  return CEP_OK;
}

cep_status cep_pipeline_table(cep_pipeline *pipeline, const char *name, const char *path, cep_error *err)
{
  if (!pipeline || !name || !path) return missing(!pipeline ? "pipeline" : !name ? "name" : "path", err);
  return rt_live_table(&pipeline->inner, name, path, err);
}

cep_status cep_pipeline_on_table(cep_pipeline *pipeline, cep_table_fn tell, void *ctx, cep_error *err)
{
  if (!pipeline) return missing("pipeline", err);
  pipeline->inner.on_table = tell;
  pipeline->inner.on_table_ctx = ctx;
  return CEP_OK;
}

cep_status cep_pipeline_sink(cep_pipeline *pipeline, cep_sink *sink, cep_error *err)
{
  if (!pipeline || !sink) return missing(!pipeline ? "pipeline" : "sink", err);
  return rt_pipeline_sink(&pipeline->inner, sink->inner, err);
}

cep_status cep_pipeline_scan(cep_pipeline *pipeline, cep_scanned_fn tell, void *ctx, cep_error *err)
{
  if (!pipeline) return missing("pipeline", err);
  if (pipeline->has_run) return cb_error_set(err, CEP_E_INVALID, "the pipeline has run already");
  return rt_scan(&pipeline->inner, tell, ctx, err);
}

cep_status cep_pipeline_run(cep_pipeline *pipeline, cep_error *err)
{
  if (!pipeline) return missing("pipeline", err);
  if (pipeline->has_run) return cb_error_set(err, CEP_E_INVALID, "the pipeline has run already");
  pipeline->has_run = 1;
  return rt_pipeline_run(&pipeline->inner, err);
}

void cep_pipeline_stop(cep_pipeline *pipeline)
{
  if (pipeline) rt_pipeline_stop(&pipeline->inner);
}

cep_status cep_pipeline_count(const cep_pipeline *pipeline, cep_pipeline_counts *out)
{
  if (!pipeline || !out || out->size < sizeof out->size) return CEP_E_INVALID;
  cep_pipeline_counts counts = {.size = out->size,
                                .sources = pipeline->inner.feeds.count,
                                .table_reads = pipeline->inner.table_reads,
                                .table_failures = pipeline->inner.table_failures};
  for (uint32_t i = 0; i < pipeline->inner.feeds.count; i++) {
    const rt_source_counts *source = &pipeline->inner.feeds.at[i].source->counts;
    counts.bytes += source->bytes;
    counts.lines += source->records;
    counts.empty_lines += source->empty_lines;
  }
  memcpy(out, &counts, out->size < sizeof counts ? out->size : sizeof counts);
  return CEP_OK;
}

/* ---- Readers --------------------------------------------------------------------------- */

struct cep_reader {
  cb_alloc alloc;
  rt_read_options options;
  rt_reader *inner;
  size_t size;
  char path[];
};

cep_status cep_reader_open(const cep_config *config, const char *path, cep_reader **out, cep_error *err)
{
  if (!config || !path || !out) return missing(!config ? "config" : !path ? "path" : "out", err);
  cb_alloc alloc;
  cb_alloc_init(&alloc, cep_config_allocator(config), 0);
  size_t path_size = strlen(path) + 1, size = sizeof(cep_reader) + path_size;
  cep_reader *reader = cb_new0(&alloc, size);
  if (!reader) return cb_error_set(err, CEP_E_NOMEM, "no memory to open \"%s\"", path);
  reader->alloc = alloc;
  reader->options.wake_fd = -1;
  reader->size = size;
  memcpy(reader->path, path, path_size);
  cep_status status = rt_reader_open(&reader->alloc, reader->path, &reader->options, &reader->inner, err);
  if (status < 0)
    cep_reader_free(reader);
  else
    *out = reader;
  return status;
}

void cep_reader_free(cep_reader *reader)
{
  if (!reader) return;
  rt_reader_free(reader->inner);
  cb_alloc alloc = reader->alloc;
  cb_free(&alloc, reader, reader->size);
}

cep_status cep_reader_read(cep_reader *reader, void *data, size_t room, size_t *len_out, cep_error *err)
{
  if (!reader || !data || !len_out) return missing(!reader ? "reader" : !data ? "data" : "len_out", err);
  int is_new;
  return rt_reader_read(reader->inner, data, room, len_out, &is_new, err);
}

/* ---- Progress -------------------------------------------------------------------------- */

cep_status cep_pipeline_on_progress(cep_pipeline *pipeline, cep_duration every, cep_progress_fn tell, void *ctx, cep_error *err)
{
  if (!pipeline) return missing("pipeline", err);
  if (tell && every <= 0) return cb_error_set(err, CEP_E_INVALID, "argument 'every' is not above 0");
  rt_watch *watch = &pipeline->inner.watch;
  watch->tell = tell;
  watch->ctx = ctx;
  watch->every = every;
  return CEP_OK;
}

cep_status cep_pipeline_look(const cep_pipeline *pipeline, cep_pipeline_state *out)
{
  if (!pipeline || !out || out->size < sizeof out->size) return CEP_E_INVALID;
  cep_pipeline_state state;
  rt_watch_look(&pipeline->inner, &state);
  state.size = out->size;
  memcpy(out, &state, out->size < sizeof state ? out->size : sizeof state);
  return CEP_OK;
}

cep_status cep_pipeline_look_at(const cep_pipeline *pipeline, uint32_t source, cep_source_state *out)
{
  if (!pipeline || !out || out->size < sizeof out->size) return CEP_E_INVALID;
  cep_source_state state;
  cep_status status = rt_watch_source(&pipeline->inner, source, &state);
  if (status < 0) return status;
  state.size = out->size;
  memcpy(out, &state, out->size < sizeof state ? out->size : sizeof state);
  return CEP_OK;
}
