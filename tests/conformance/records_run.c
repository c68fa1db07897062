/* records_run.c - one run over the lines of a case: through the interface, from files, packed files, or a pipe. */
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "cep/cep_io.h"
#include "runtime/io/parallel.h"
#include "tests/conformance/records.h"
#include "tests/support/scenario_parts.h"

#define INPUTS_MAX 4u
#define PATH_ROOM  64u

/* Of all files and runs: one after the other. */
static char folder[PATH_ROOM];

typedef struct run {
  cb_arena *arena;
  const rec_case *it;
  const rec_way *way;
  rec_outcome *out;
  cb_prng prng;
  cep_config *config;
  cep_program *program;
  cep_engine *engine;
  cep_input *inputs[INPUTS_MAX];
} run;

static void note(run *r, cep_status status, const char *what, const cep_error *err)
{
  if (status >= 0 || r->out->status < 0) return;
  r->out->status = status;
  snprintf(r->out->error, sizeof r->out->error, "%s: %s: %s", what, cep_status_name(status), err->text);
}

/* ---- What comes out ------------------------------------------------------------------------ */

static cep_status keep(void *ctx, const void *data, size_t len)
{
  cb_write_bytes(ctx, data, len);
  return CEP_OK;
}

static int on_match(void *ctx, const cep_match *match)
{
  run *r = ctx;
  cep_status status = cep_match_write_json(match, keep, &r->out->alerts);
  CB_ASSERT(status == CEP_OK);
  cb_write_text(&r->out->alerts, "\n");
  r->out->alert_count++;
  return 0;
}

static void write_refused(cb_writer *w, const cep_refused *refused, const char *detail, const void *record, size_t len)
{
  cb_write_printf(w, "%s/%u %llu %s: %s; %lld %lld ", refused->input, (unsigned)refused->partition,
                  (unsigned long long)refused->position, refused->reason, detail, (long long)refused->time,
                  (long long)refused->lateness_needed);
  cb_write_bytes(w, record, len);
  cb_write_text(w, "\n");
}

static void on_late(void *ctx, const cep_refused *refused)
{
  run *r = ctx;
  r->out->late_count++;
  write_refused(&r->out->refused, refused, refused->detail, refused->record, refused->record_len);
  write_refused(&r->out->late, refused, refused->detail, NULL, 0);
}

static void on_dead(void *ctx, const cep_refused *refused)
{
  run *r = ctx;
  r->out->dead_count++;
  write_refused(&r->out->refused, refused, refused->detail, refused->record, refused->record_len);
}

/* What is a matter of how many there are, or of when one looks, is left out. */
static void write_counts(run *r)
{
  r->out->dropped_count = cep_engine_stat(r->engine, CEP_STAT_PARTIALS_DROPPED, CEP_NONE) + cep_engine_stat(r->engine, CEP_STAT_DISTINCT_DROPPED, CEP_NONE);
  for (int s = 0; s < CEP_STAT_COUNT; s++) {
    cep_stat which = (cep_stat)s;
    if (which == CEP_STAT_BYTES_IN_USE || which == CEP_STAT_EVENTS_HELD) continue;
    cb_write_printf(&r->out->counts, "%s", cep_stat_name(which));
    for (uint32_t i = 0; i < 8; i++) cb_write_printf(&r->out->counts, " %llu", (unsigned long long)cep_engine_stat(r->engine, which, i));
    cb_write_text(&r->out->counts, "\n");
  }
}

/* ---- Setting up -------------------------------------------------------------------------- */

static void set(run *r, const char *key, uint32_t value)
{
  cep_error err = {0};
  char text[16];
  snprintf(text, sizeof text, "%u", (unsigned)value);
  note(r, cep_config_set(r->config, key, text, &err), key, &err);
}

static void set_limit(run *r, const char *key, uint32_t value)
{
  if (value > 0) set(r, key, value);
}

static void make_config(run *r)
{
  const rec_limits *limits = &r->it->limits;
  cep_status status = cep_config_new(NULL, &r->config);
  CB_ASSERT(status == CEP_OK);
  cep_config_set_late(r->config, on_late, r);
  cep_config_set_dead_letter(r->config, on_dead, r);
  set(r, "record.max", REC_RECORD_MAX);
  set(r, "json.depth", 8);
  set_limit(r, "partial.max", limits->partial);
  set_limit(r, "history.max", limits->history);
  set_limit(r, "distinct.max", limits->distinct);
  set_limit(r, "held.max", limits->held);
  set(r, "debug.small_slabs", (uint32_t)cb_prng_chance(&r->prng, 30));
  set(r, "debug.crew_batch", 1 + cb_prng_below(&r->prng, 6));
  set(r, "batch.events", cb_prng_chance(&r->prng, 40) ? 1 : 1 + cb_prng_below(&r->prng, 9));
  if (r->way->crew == REC_ALONE && r->way->kind == REC_RECORDS) set(r, "debug.workers", r->way->workers);
}

static void give_tables(run *r)
{
  cep_error err = {0};
  plan *meaning = r->it->sc->row_count > 0 ? scn_plan(r->arena, r->it->text, NULL) : NULL;
  for (uint32_t i = 0; meaning && i < meaning->table_count; i++) {
    cb_writer bytes;
    cb_writer_init(&bytes, r->arena->alloc);
    scn_table_bytes(&bytes, &meaning->tables[i], i, r->it->sc);
    note(r, cep_engine_table(r->engine, meaning->tables[i].name, bytes.data, bytes.len, &err), "table", &err);
    cb_writer_fini(&bytes);
  }
}

static void open_inputs(run *r)
{
  cep_error err = {0};
  const scenario *sc = r->it->sc;
  CB_ASSERT(sc->input_count <= INPUTS_MAX);
  for (uint32_t i = 0; i < sc->input_count && r->out->status >= 0; i++)
    note(r, cep_engine_input(r->engine, sc->inputs[i].name, sc->inputs[i].partition, &r->inputs[i], &err), "input", &err);
}

/* ---- Through the interface ------------------------------------------------------------------ */

static cep_status push(run *r, const rec_act *act, cep_error *err)
{
  if (!act->row) return CEP_OK;
  cep_event event = {sizeof event, 0, act->row->time, act->position, act->row->values, act->row->value_count};
  cep_status status = cep_program_stream(r->program, act->row->stream, &event.stream);
  return status == CEP_OK ? cep_input_push(r->inputs[act->input], &event, err) : status;
}

static void give_line(run *r, const rec_act *act)
{
  cep_error err = {0};
  cep_input *input = r->inputs[act->input];
  cep_status status;
  if (r->way->kind == REC_ROWS) status = push(r, act, &err);
  else if (act->what == REC_LONG) status = cep_input_refuse(input, act->text, REC_RECORD_MAX, act->position, "length", &err);
  else status = cep_input_record(input, act->text, act->len, act->position, &err);
  if (status != CEP_E_LIMIT || r->it->limits.held == 0) {
    note(r, status, "record", &err);
    return;
  }
  r->out->held_count++;
  cb_write_printf(&r->out->refused, "%s/%u %llu limit: %s\n", r->it->sc->inputs[act->input].name,
                  (unsigned)r->it->sc->inputs[act->input].partition, (unsigned long long)act->position, err.text);
}

static void give(run *r, const rec_act *act)
{
  cep_error err = {0};
  if (act->what == REC_FINISH) {
    note(r, cep_engine_finish(r->engine, &err), "finish", &err);
  } else if (act->what == REC_ADVANCE) {
    for (uint32_t i = 0; i < r->it->sc->input_count; i++)
      if (act->input == CEP_NONE || act->input == i) note(r, cep_input_advance(r->inputs[i], act->time, &err), "advance", &err);
  } else {
    give_line(r, act);
  }
}

static void give_all(run *r)
{
  cep_error err = {0};
  for (uint32_t i = 0; i < r->it->act_count && r->out->status >= 0; i++) {
    give(r, &r->it->acts[i]);
    while (r->way->crew == REC_TURNS && cb_prng_chance(&r->prng, 40)) (void)cep_engine_work(r->engine, cb_prng_below(&r->prng, r->way->workers));
    if (cb_prng_chance(&r->prng, 3)) note(r, cep_engine_flush(r->engine, &err), "flush", &err);
  }
  note(r, cep_engine_flush(r->engine, &err), "flush", &err);
}

static void wake_nobody(void *ctx)
{
  (void)ctx;
}

static void work_for_owner(void *ctx)
{
  run *r = ctx;
  (void)cep_engine_work(r->engine, cb_prng_below(&r->prng, r->way->workers));
}

static void run_interface(run *r)
{
  cep_error err = {0};
  rt_parallel parallel = {0};
  rt_parallel_init(&parallel);
  cep_crew crew = {sizeof crew, wake_nobody, work_for_owner, r};
  if (r->way->crew == REC_TURNS) note(r, cep_engine_share(r->engine, r->way->workers, &crew, &err), "share", &err);
  if (r->way->crew == REC_THREADS) note(r, rt_parallel_share(&parallel, r->engine, r->way->workers, &err), "share", &err);
  open_inputs(r);
  if (r->out->status >= 0) give_tables(r);
  if (r->out->status >= 0) note(r, rt_parallel_start(&parallel, &err), "threads", &err);
  if (r->out->status >= 0) give_all(r);
  if (r->out->status >= 0) write_counts(r);
  rt_parallel_end(&parallel);
  rt_parallel_fini(&parallel);
  if (r->way->crew == REC_TURNS) cep_engine_dismiss(r->engine);
}

/* ---- Files ----------------------------------------------------------------------------------- */

int rec_open(void)
{
  const char *home = getenv("TMPDIR");
  snprintf(folder, sizeof folder, "%s/cep-records-XXXXXX", home && strlen(home) < 32 ? home : "/tmp");
  if (!mkdtemp(folder)) return 0;
  char path[PATH_ROOM + 16];
  snprintf(path, sizeof path, "%s/pipe", folder);
  return mkfifo(path, 0600) == 0;
}

void rec_close(void)
{
  static const char *const names[] = {"pipe", "0", "1", "2", "3"};
  char path[PATH_ROOM + 16];
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    snprintf(path, sizeof path, "%s/%s", folder, names[i]);
    (void)unlink(path);
  }
  (void)rmdir(folder);
}

/* All lines of an input as they stand in its file. */
static void write_lines(const rec_case *it, uint32_t input, cb_writer *w)
{
  for (uint32_t i = 0; i < it->act_count; i++) {
    const rec_act *act = &it->acts[i];
    if (!act->text || act->input != input) continue;
    CB_ASSERT(act->position == w->len);
    cb_write_bytes(w, act->text, act->len);
    cb_write_text(w, act->end);
  }
}

/* Packed: in members of any length, the same in each run of a case. */
static void write_file(const run *r, const char *path, const cb_writer *bytes)
{
  cb_prng pieces;
  cb_prng_init(&pieces, bytes->len);
  FILE *plain = r->way->kind == REC_PACKED ? NULL : fopen(path, "wb");
  if (plain) {
    if (bytes->len > 0) CB_ASSERT(fwrite(bytes->data, 1, bytes->len, plain) == bytes->len);
    CB_ASSERT(fclose(plain) == 0);
    return;
  }
  (void)unlink(path);
  for (size_t at = 0; at < bytes->len || at == 0;) {
    size_t more = 1 + cb_prng_below(&pieces, 2000);
    if (more > bytes->len - at) more = bytes->len - at;
    gzFile packed = gzopen(path, "ab1");
    CB_ASSERT(packed && gzwrite(packed, bytes->data + at, (unsigned)more) == (int)more && gzclose(packed) == Z_OK);
    at += more;
    if (more == 0) return;
  }
}

typedef struct writer {
  pthread_t thread;
  const char *path;
  const cb_writer *bytes;
  cb_prng prng;
} writer;

/* In pieces that end anywhere, so that the reader finds nothing now and then. */
static void *write_pipe(void *ctx)
{
  writer *self = ctx;
  int fd = open(self->path, O_WRONLY | O_CLOEXEC);
  for (size_t at = 0; fd >= 0 && at < self->bytes->len;) {
    size_t more = 1 + cb_prng_below(&self->prng, 300);
    if (more > self->bytes->len - at) more = self->bytes->len - at;
    ssize_t written = write(fd, self->bytes->data + at, more);
    if (written < 0) break;
    at += (size_t)written;
    if (cb_prng_chance(&self->prng, 50)) sched_yield();
  }
  if (fd >= 0) close(fd);
  return NULL;
}

static void add_sources(run *r, cep_pipeline *pipeline, writer *to_pipe, cb_writer *bytes)
{
  cep_error err = {0};
  const scenario *sc = r->it->sc;
  char path[PATH_ROOM + 16];
  for (uint32_t i = 0; i < sc->input_count && r->out->status >= 0; i++) {
    cb_writer_reset(bytes);
    write_lines(r->it, i, bytes);
    if (r->way->kind == REC_PIPE) {
      snprintf(path, sizeof path, "%s/pipe", folder);
      *to_pipe = (writer){.path = path, .bytes = bytes};
      cb_prng_init(&to_pipe->prng, cb_prng_next(&r->prng));
      int number = pthread_create(&to_pipe->thread, NULL, write_pipe, to_pipe);
      CB_ASSERT(number == 0);
    } else {
      snprintf(path, sizeof path, "%s/%u", folder, (unsigned)i);
      write_file(r, path, bytes);
    }
    note(r, cep_pipeline_source(pipeline, sc->inputs[i].name, sc->inputs[i].partition, path, &err), "source", &err);
  }
}

static void run_files(run *r)
{
  cep_error err = {0};
  cep_pipeline *pipeline = NULL;
  writer to_pipe;
  cb_writer bytes;
  cb_writer_init(&bytes, r->arena->alloc);
  note(r, cep_pipeline_new(r->config, r->engine, &pipeline, &err), "pipeline", &err);
  if (pipeline) note(r, cep_pipeline_workers(pipeline, r->way->workers, &err), "workers", &err);
  if (r->out->status >= 0) give_tables(r);
  if (r->out->status >= 0) add_sources(r, pipeline, &to_pipe, &bytes);
  if (r->out->status >= 0) note(r, cep_pipeline_run(pipeline, &err), "run", &err);
  if (r->out->status >= 0) write_counts(r);
  cep_pipeline_free(pipeline);
  if (r->way->kind == REC_PIPE) (void)pthread_join(to_pipe.thread, NULL);
  cb_writer_fini(&bytes);
}

/* ---- A run -------------------------------------------------------------------------------------- */

void rec_run(cb_arena *arena, const rec_case *it, const rec_way *way, uint64_t seed, rec_outcome *out)
{
  run r = {.arena = arena, .it = it, .way = way, .out = out};
  *out = (rec_outcome){.status = CEP_OK};
  cb_writer_init(&out->alerts, arena->alloc);
  cb_writer_init(&out->refused, arena->alloc);
  cb_writer_init(&out->late, arena->alloc);
  cb_writer_init(&out->counts, arena->alloc);
  cb_prng_init(&r.prng, seed);
  cep_error err = {0};
  make_config(&r);
  note(&r, cep_program_compile(r.config, "case", it->text, strlen(it->text), &r.program, &err), "compile", &err);
  if (r.program) note(&r, cep_engine_new(r.config, r.program, on_match, &r, &r.engine, &err), "engine", &err);
  if (r.engine && way->kind <= REC_RECORDS) run_interface(&r);
  else if (r.engine) run_files(&r);
  cep_engine_free(r.engine);
  cep_program_free(r.program);
  cep_config_free(r.config);
}

void rec_fini(rec_outcome *outcome)
{
  cb_writer_fini(&outcome->alerts);
  cb_writer_fini(&outcome->refused);
  cb_writer_fini(&outcome->late);
  cb_writer_fini(&outcome->counts);
}
