/* live.c - what a run does by the clock: stamps, idleness, tables read again. */
#include "runtime/io/live.h"
#include "runtime/io/watch.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "cep/base/error.h"
#include "cep/base/time.h"

#define TABLE_READ_SIZE ((size_t)64 * 1024)
#define POLLED_MAX 64 /* of more sources than that the others are looked at after the wait */

static cep_time look_at_clock(rt_pipeline *pipeline)
{
  if (pipeline->clock) {
    pipeline->now = pipeline->clock(pipeline->clock_ctx);
  } else {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    pipeline->now = (cep_time)now.tv_sec * CB_SECOND + now.tv_nsec;
  }
  return pipeline->now;
}

static int is_clocked(const rt_feed *feed)
{
  return cep_input_time_source(feed->input) != CEP_TIME_OF_EVENT;
}

/* One that is alone holds nobody back. */
cep_duration rt_live_idle_after(const rt_pipeline *pipeline, const rt_feed *feed)
{
  cep_duration said = cep_input_idle_after(feed->input);
  if (said > 0 || pipeline->feeds.count < 2) return said;
  return cep_input_time_source(feed->input) == CEP_TIME_OF_PROCESSING ? 0 : pipeline->options.idle_after;
}

int rt_live_is_needed(const rt_pipeline *pipeline)
{
  int may_wait = 0, may_idle = 0, may_refresh = 0;
  if (pipeline->watch.tell) return 1;
  for (uint32_t i = 0; i < pipeline->feeds.count; i++) {
    const rt_feed *feed = &pipeline->feeds.at[i];
    if (is_clocked(feed)) return 1;
    may_wait |= rt_source_waits(feed->source);
    may_idle |= cep_input_idle_after(feed->input) > 0;
  }
  for (uint32_t i = 0; i < pipeline->tables.count; i++) may_refresh |= pipeline->tables.at[i].refresh > 0;
  return may_wait && (may_idle || may_refresh || pipeline->feeds.count > 1);
}

/* ---- Tables -------------------------------------------------------------------------------- */

static cep_status read_whole(rt_pipeline *pipeline, const char *path, cb_writer *out, cep_error *err)
{
  rt_read_options options = {.wake_fd = -1};
  rt_reader *reader;
  cep_status status = rt_reader_open(pipeline->alloc, path, &options, &reader, err);
  if (status < 0) return status;
  for (size_t count = 1; status == CEP_OK && count > 0;) {
    int is_new;
    if (!cb_writer_reserve(out, TABLE_READ_SIZE)) {
      status = cb_error_set(err, CEP_E_NOMEM, "no memory to read \"%s\"", path);
      break;
    }
    status = rt_reader_read(reader, (char *)out->data + out->len, TABLE_READ_SIZE, &count, &is_new, err);
    if (status == CEP_OK) out->len += count;
  }
  rt_reader_free(reader);
  return status;
}

/* What tells versions of a file apart. 0: there is none. */
static int look_at_file(const char *path, int64_t seen[5])
{
  struct stat info;
  if (stat(path, &info) < 0) return 0;
  seen[0] = (int64_t)info.st_dev;
  seen[1] = (int64_t)info.st_ino;
  seen[2] = (int64_t)info.st_size;
  seen[3] = (int64_t)info.st_mtim.tv_sec;
  seen[4] = (int64_t)info.st_mtim.tv_nsec;
  return 1;
}

static cep_status read_table(rt_pipeline *pipeline, rt_table_file *table, cep_error *err)
{
  cb_writer bytes;
  cb_writer_init(&bytes, pipeline->alloc);
  (void)look_at_file(table->path, table->seen); /* before it is read: what changes meanwhile is seen later */
  cep_status status = read_whole(pipeline, table->path, &bytes, err);
  if (status == CEP_OK) status = cep_engine_table(pipeline->engine, table->name, bytes.data, bytes.len, err);
  cb_writer_fini(&bytes);
  pipeline->table_reads += status >= 0;
  pipeline->table_failures += status < 0;
  return status;
}

cep_status rt_live_table(rt_pipeline *pipeline, const char *name, const char *path, cep_error *err)
{
  const cep_program *program = cep_engine_program(pipeline->engine);
  uint32_t index = 0;
  while (index < cep_program_table_count(program) && strcmp(cep_program_table_name(program, index), name) != 0) index++;
  if (index == cep_program_table_count(program)) return cb_error_set(err, CEP_E_NOT_FOUND, "there is no table \"%.60s\"", name);
  size_t size = strlen(path) + 1;
  rt_table_file table = {.name = cep_program_table_name(program, index),
                         .refresh = cep_program_table_refresh(program, index),
                         .due = CEP_TIME_MIN};
  table.path = cb_new(pipeline->alloc, size);
  if (!table.path || !cb_vec_reserve(pipeline->alloc, &pipeline->tables, 1)) {
    cb_free(pipeline->alloc, table.path, size);
    return cb_error_set(err, CEP_E_NOMEM, "no memory for one more table");
  }
  memcpy(table.path, path, size);
  cep_status status = read_table(pipeline, &table, err);
  if (status < 0)
    cb_free(pipeline->alloc, table.path, size);
  else
    pipeline->tables.at[pipeline->tables.count++] = table;
  return status;
}

void rt_live_fini(rt_pipeline *pipeline)
{
  for (uint32_t i = 0; i < pipeline->tables.count; i++)
    cb_free(pipeline->alloc, pipeline->tables.at[i].path, strlen(pipeline->tables.at[i].path) + 1);
  cb_vec_free(pipeline->alloc, &pipeline->tables);
}

/* A table that is due: read again if its file is another one now. */
static cep_status refresh_table(rt_pipeline *pipeline, rt_table_file *table, cep_error *err)
{
  int64_t seen[5];
  cep_error own = {.status = CEP_OK};
  int is_first = table->due == CEP_TIME_MIN;
  table->due = cb_time_add(pipeline->now, table->refresh);
  if (is_first || (look_at_file(table->path, seen) && memcmp(seen, table->seen, sizeof seen) == 0)) return CEP_OK;
  cep_status status = read_table(pipeline, table, &own);
  if (pipeline->on_table) pipeline->on_table(pipeline->on_table_ctx, table->name, table->path, status, &own);
  if (status == CEP_E_IO || status == CEP_E_LIMIT) return CEP_OK; /* it keeps its rows */
  if (status < 0 && err) *err = own;
  return status;
}

/* ---- Time ----------------------------------------------------------------------------------- */

/* The clock to whom it concerns. */
static cep_status hand_in(rt_pipeline *pipeline, cep_error *err)
{
  cep_time now = look_at_clock(pipeline);
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < pipeline->tables.count && status == CEP_OK; i++) {
    rt_table_file *table = &pipeline->tables.at[i];
    if (table->refresh > 0 && now >= table->due) status = refresh_table(pipeline, table, err);
  }
  for (uint32_t i = 0; i < pipeline->feeds.count && status == CEP_OK; i++) {
    rt_feed *feed = &pipeline->feeds.at[i];
    if (!feed->is_ended && is_clocked(feed)) status = cep_input_clock(feed->input, now, err);
  }
  return status;
}

static cep_time watermark_of(const rt_feed *feed)
{
  cep_input_state state = {.size = sizeof state};
  (void)cep_input_look(feed->input, &state);
  return state.watermark;
}

/* Takes what the source has, without a wait. `*took_out`: it had something, or came to its end. */
static cep_status try_feed(rt_pipeline *pipeline, rt_feed *feed, int *took_out, cep_error *err)
{
  rt_source_state state = RT_SOURCE_RECORD;
  uint64_t records = feed->source->counts.records;
  int had_record = feed->has_record;
  cep_status status = rt_pipeline_burst(pipeline, feed, &state, err);
  int gave = feed->source->counts.records > records || (had_record && !feed->has_record), took = gave;
  if (status == CEP_OK && state == RT_SOURCE_END) {
    took = 1;
    status = rt_pipeline_end(pipeline, feed, err);
  } else if (status == CEP_OK && state == RT_SOURCE_EMPTY) {
    status = rt_pipeline_flush(pipeline, err);
    if (status == CEP_OK) status = feed->source->ops->fill(feed->source, err);
    if (status == RT_READ_NOTHING) status = CEP_OK;
    else took |= status == CEP_OK;
  }
  if (took) feed->heard = pipeline->now;
  if (gave && pipeline->ahead_of == CEP_TIME_MIN) pipeline->ahead_of = watermark_of(feed);
  /* Bytes alone do not wake it: only a record makes the engine wait for it again, and until then it is
   * looked at in each round. */
  if (gave) feed->is_idle = 0;
  *took_out |= took;
  return status;
}

/* Before all inputs have a time, how far one goes is measured from where the first began. */
int rt_live_is_near(const rt_pipeline *pipeline, const rt_feed *feed)
{
  cep_time own = watermark_of(feed);
  if (own == CEP_TIME_MIN) return 1;
  cep_time frontier = cep_engine_watermark(pipeline->engine, NULL);
  if (frontier == CEP_TIME_MIN) frontier = pipeline->ahead_of;
  return frontier == CEP_TIME_MIN || cb_time_sub(own, frontier) <= pipeline->options.drift_max;
}

/* Those that have nothing and gave nothing for long enough. */
static cep_status set_idle(rt_pipeline *pipeline, int *took_out, cep_error *err)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < pipeline->feeds.count && status == CEP_OK; i++) {
    rt_feed *feed = &pipeline->feeds.at[i];
    cep_duration after = rt_live_idle_after(pipeline, feed);
    if (after == 0 || feed->is_ended || feed->is_idle || feed->has_record || !rt_source_waits(feed->source)) continue;
    if (pipeline->now < cb_time_add(feed->heard, after) || !rt_live_is_near(pipeline, feed)) continue;
    int took = 0;
    status = try_feed(pipeline, feed, &took, err);
    *took_out |= took;
    if (status != CEP_OK || took) continue;
    feed->is_idle = 1;
    *took_out = 1; /* another one may hold the frontier now */
    status = cep_input_idle(feed->input, 1, err);
  }
  return status;
}

/* ---- Rounds --------------------------------------------------------------------------------- */

/* Beside the one that holds the frontier back. `is_stuck`: that one has nothing to read. */
static int is_wanted(const rt_pipeline *pipeline, const rt_feed *feed, int is_stuck)
{
  return !feed->is_ended && (feed->is_idle || is_clocked(feed) || (is_stuck && rt_live_is_near(pipeline, feed)));
}

static cep_status wait_for_any(rt_pipeline *pipeline, const rt_feed *holder)
{
  if (pipeline->wait) return pipeline->wait(pipeline->wait_ctx, pipeline->wake_fds[0]) ? CEP_STOPPED : CEP_OK;
  struct pollfd fds[POLLED_MAX + 1] = {{pipeline->wake_fds[0], POLLIN, 0}};
  nfds_t count = 1;
  for (uint32_t i = 0; i < pipeline->feeds.count && count <= POLLED_MAX; i++) {
    const rt_feed *feed = &pipeline->feeds.at[i];
    /* One whose record the engine cannot hold yet is not waited for. */
    if (feed->is_ended || feed->has_record || rt_source_fd(feed->source) < 0) continue;
    if (feed != holder && !is_wanted(pipeline, feed, 1)) continue;
    fds[count++] = (struct pollfd){rt_source_fd(feed->source), POLLIN, 0};
  }
  (void)poll(fds, count, RT_LIVE_WAIT_MS);
  return CEP_OK;
}

static cep_status round_of(rt_pipeline *pipeline, rt_feed *holder, cep_error *err)
{
  int took = 0;
  cep_status status = hand_in(pipeline, err);
  if (status == CEP_OK) status = try_feed(pipeline, holder, &took, err);
  int is_stuck = !took;
  for (uint32_t i = 0; i < pipeline->feeds.count && status == CEP_OK; i++) {
    rt_feed *feed = &pipeline->feeds.at[i];
    if (feed != holder && is_wanted(pipeline, feed, is_stuck)) status = try_feed(pipeline, feed, &took, err);
  }
  if (status == CEP_OK) status = set_idle(pipeline, &took, err);
  if (status == CEP_OK && took) rt_watch_round(pipeline, 0);
  if (status != CEP_OK || took) return status;
  status = rt_pipeline_show(pipeline, err);
  if (status != CEP_OK) return status;
  rt_watch_round(pipeline, 1);
  cep_time before = pipeline->now;
  status = wait_for_any(pipeline, holder);
  look_at_clock(pipeline);
  rt_watch_waited(pipeline, holder, before);
  return status;
}

cep_status rt_live_run(rt_pipeline *pipeline, cep_error *err)
{
  cep_status status = CEP_OK;
  pipeline->no_wait = 1;
  look_at_clock(pipeline);
  for (uint32_t i = 0; i < pipeline->feeds.count; i++) pipeline->feeds.at[i].heard = pipeline->now;
  rt_watch_begin(pipeline);
  for (rt_feed *holder; status == CEP_OK && (holder = rt_pipeline_choose(pipeline));) {
    if (atomic_load(&pipeline->is_stopping))
      status = CEP_STOPPED;
    else
      status = round_of(pipeline, holder, err);
  }
  return status;
}
