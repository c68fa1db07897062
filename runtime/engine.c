/* engine.c - making and ending an engine, its inputs, what can be asked of it. */
#include "runtime/engine.h"

#include <string.h>

#include "cep/base/error.h"
#include "runtime/engine_parts.h"
#include "runtime/fan.h"
#include "runtime/snapshot.h"
#include "runtime/window.h"

/* ---- Stages ------------------------------------------------------------------------ */

const cb_layout *rt_engine_held_layout(const rt_engine *engine, uint32_t stream)
{
  return &engine->program->layout_views[engine->program->streams[stream].held_layout];
}

cep_status rt_engine_read_cell(rt_engine *engine, uint32_t stream, cb_slab_id cell, rt_seen *out)
{
  rt_stage *single = &engine->singles[stream];
  cep_status status = rt_stage_reserve(engine->program, &engine->alloc, single, stream, 1);
  if (status < 0) return status;
  cb_batch_clear(&single->batch);
  status = cb_cell_to_row(cb_slab_at(&engine->slab, cell), rt_engine_held_layout(engine, stream), &single->batch);
  if (status < 0) return status;
  *out = (rt_seen){.batch = &single->batch};
  return CEP_OK;
}

/* ---- Making and ending --------------------------------------------------------------- */

static cep_status open_operator(rt_engine *engine, uint32_t number, const rt_operator_kind *kind, uint32_t detection)
{
  cep_status status = rt_operator_open(&engine->operators[number], &engine->core, kind, number, detection);
  if (status < 0) engine->operators[number].kind = NULL; /* it holds nothing */
  return status;
}

/* A stage that matches needs the suppression of its stratum too: to know the keys of alerts. */
static int is_of_part(const rt_part *part, uint32_t stratum, int matches)
{
  return part->stratum == 0 || (part->stratum == stratum && (part->matches || !matches));
}

/* Numbers are by stratum, so that deadlines of one instant fire stratum by stratum; they are the same for every part
 * of a program. */
static cep_status open_operators(rt_engine *engine)
{
  const prg *program = engine->program;
  uint32_t number = 0;
  for (uint32_t stratum = 1; stratum <= engine->strata; stratum++) {
    for (int pass = 0; pass < 2; pass++) {
      for (uint32_t d = 0; d < program->detections_count; d++) {
        const prg_detection *detection = &program->detections[d];
        if (detection->stratum != stratum || (pass == 1 && detection->suppress == 0)) continue;
        uint32_t at = number++;
        (pass == 0 ? engine->matcher_of : engine->suppress_of)[d] = at;
        if (engine->fan || !is_of_part(&engine->options.part, stratum, pass == 0)) continue;
        const rt_operator_kind *matcher = detection->window != PRG_NONE ? rt_window_operator(program, detection) : detection->join != PRG_NONE ? &rt_join : &rt_detect;
        cep_status status = open_operator(engine, at, pass == 0 ? matcher : &rt_suppress, d);
        if (status < 0) return status;
      }
    }
  }
  return CEP_OK;
}

cep_status rt_engine_want_stages(rt_engine *engine)
{
  if (!engine->stages) engine->stages = cb_new0(&engine->alloc, engine->program->streams_count * sizeof *engine->stages);
  return engine->stages ? CEP_OK : CEP_E_NOMEM;
}

static int make_tables(rt_engine *engine)
{
  const prg *program = engine->program;
  cb_alloc *alloc = &engine->alloc;
  engine->singles = cb_new0(alloc, program->streams_count * sizeof *engine->singles);
  for (uint32_t d = 0; d < program->detections_count; d++) {
    const prg_detection *detection = &program->detections[d];
    if (detection->stratum > engine->strata) engine->strata = detection->stratum;
    if (detection->within_events > 0 && detection->stratum > engine->counting) engine->counting = detection->stratum;
    engine->operator_count += detection->suppress != 0 ? 2 : 1;
  }
  engine->operators = cb_new0(alloc, engine->operator_count * sizeof *engine->operators);
  engine->matcher_of = cb_new0(alloc, program->detections_count * sizeof *engine->matcher_of);
  engine->suppress_of = cb_new0(alloc, program->detections_count * sizeof *engine->suppress_of);
  engine->count_ends = cb_new0(alloc, program->detections_count * sizeof *engine->count_ends);
  engine->tables = cb_new0(alloc, program->tables_count * sizeof *engine->tables);
  if (rt_engine_want_stages(engine) < 0 || !engine->singles || !engine->operators || !engine->matcher_of || !engine->suppress_of ||
      !engine->count_ends || !engine->tables)
    return 0;
  engine->scratch.tables = engine->tables;
  for (uint32_t d = 0; d < program->detections_count; d++) engine->suppress_of[d] = PRG_NONE;
  return 1;
}

/* An alert of the fan. */
static int deliver_of_fan(void *ctx, const rt_alert *alert)
{
  rt_engine *engine = ctx;
  rt_stats_add(&engine->core.stats, CEP_STAT_ALERTS_OUT, alert->detection, 1);
  rt_stats_add(&engine->core.stats, CEP_STAT_ALERTS_CLOCK, alert->detection, alert->is_by_clock != 0);
  return engine->emit.deliver(engine->emit.ctx, alert);
}

/* Where the end of an input depends on all keys of lower strata, the keys stay together. */
static cep_status make_fan(rt_engine *engine, uint32_t workers)
{
  const rt_options *options = &engine->options;
  if (options->part.stratum != 0 || workers <= 1 || engine->counting > 1 || engine->strata > 64 ||
      engine->program->detections_count == 0)
    return CEP_OK;
  return rt_fan_new(options, engine->program, workers, deliver_of_fan, engine, &engine->fan);
}

static uint32_t find_detection(const prg *program, const char *name)
{
  uint32_t i = 0;
  while (i < program->detections_count && strcmp(prg_text(program, program->detections[i].name), name) != 0) i++;
  return i < program->detections_count ? i : PRG_NONE;
}

static cep_status fill_engine(rt_engine *engine, rt_deliver_fn deliver, void *ctx)
{
  const rt_options *options = &engine->options;
  rt_frontier_init(&engine->frontier);
  engine->newest_given = CEP_TIME_MIN;
  rt_reorder_init(&engine->reorder, &engine->alloc);
  rt_arrivals_init(&engine->ahead, &engine->alloc);
  cep_status status =
      nfa_scratch_init(&engine->scratch, &engine->alloc, engine->program, options->regex_match_limit,
                       options->regex_text_max);
  if (status < 0) {
    engine->scratch.alloc = NULL;
    return status;
  }
  status = rt_core_init(&engine->core, engine->program, &engine->alloc, &engine->slab, &engine->scratch,
                        options->small_slabs);
  if (status < 0) {
    engine->core.alloc = NULL;
    return status;
  }
  engine->core.partial_max = options->partial_max;
  engine->core.history_max = options->history_max;
  engine->core.index_runs = options->index_runs;
  engine->core.evaluator = (nfa_wish)options->evaluator;
  engine->core.trace = options->trace;
  engine->core.traced = options->trace ? find_detection(engine->program, options->traced) : PRG_NONE;
  engine->core.distinct_max = options->distinct_max;
  rt_emit_init(&engine->emit, &engine->slab, &engine->core.stats, deliver, ctx);
  engine->out = (rt_out){rt_engine_alert, engine};
  status = rt_router_init(&engine->router, &engine->alloc, engine->program, &engine->scratch, options->ask_all || options->trace);
  if (status < 0) return status;
  engine->router.traced = engine->core.traced;
  if (!make_tables(engine)) return CEP_E_NOMEM;
  engine->takes_max = options->batch_events;
  status = make_fan(engine, options->workers);
  if (status < 0) return status;
  if (options->part.stratum != 0) engine->counting = engine->counting == options->part.stratum && options->part.matches;
  return open_operators(engine);
}

cep_status rt_engine_new(const rt_options *options, prg *program, rt_deliver_fn deliver, void *ctx,
                         rt_engine **out)
{
  CB_ASSERT(options->batch_events >= 1);
  CB_ASSERT(options->batch_events <= CB_BATCH_MAX);
  cb_alloc alloc;
  rt_options_alloc(options, &alloc);
  rt_engine *engine = cb_new0(&alloc, sizeof *engine);
  if (!engine) return CEP_E_NOMEM;
  engine->alloc = alloc;
  engine->options = *options;
  if (!options->budget) {
    cb_budget_init(&engine->budget, options->memory_max);
    cb_alloc_share(&engine->alloc, &engine->budget);
    engine->options.budget = &engine->budget;
  }
  engine->program = program;
  prg_ref(program);
  cb_slab_init(&engine->slab, &engine->alloc, options->small_slabs);
  cep_status status = fill_engine(engine, deliver, ctx);
  if (status < 0) {
    rt_engine_free(engine);
    return status;
  }
  *out = engine;
  return CEP_OK;
}

static void free_instant(rt_engine *engine)
{
  for (uint32_t i = 0; i < engine->later.count; i++) cb_cell_unref(&engine->slab, engine->later.at[i].cell);
  for (uint32_t i = 0; i < engine->waiting.count; i++) rt_alert_free(&engine->slab, engine->waiting.at[i]);
  for (uint32_t i = 0; i < engine->derived.count; i++) cb_cell_unref(&engine->slab, engine->derived.at[i].cell);
  cb_vec_free(&engine->alloc, &engine->later);
  cb_vec_free(&engine->alloc, &engine->waiting);
  cb_vec_free(&engine->alloc, &engine->derived);
  rt_arrivals_fini(&engine->ahead, &engine->slab);
}

static void free_inputs(rt_engine *engine)
{
  for (uint32_t i = 0; i < engine->inputs.count; i++) {
    rt_codec_free(&engine->alloc, engine->inputs.at[i]->codec);
    cb_free(&engine->alloc, engine->inputs.at[i], sizeof(rt_input));
  }
  cb_vec_free(&engine->alloc, &engine->inputs);
  while (rt_reorder_first(&engine->reorder)) {
    cb_slab_id cell = rt_reorder_take(&engine->reorder).cell;
    if (cell != CB_SLAB_NONE) cb_cell_unref(&engine->slab, cell); /* else a worker has it */
  }
  rt_reorder_fini(&engine->reorder);
  cb_vec_free(&engine->alloc, &engine->touched);
  cb_vec_free(&engine->alloc, &engine->staged);
  cb_vec_free(&engine->alloc, &engine->strays);
}

/* Also of an engine that was only partly made. */
void rt_engine_free(rt_engine *engine)
{
  if (!engine) return;
  prg *program = engine->program;
  for (rt_stage *stages; engine->fan && (stages = rt_fan_take_stages(engine->fan)) != NULL;) rt_stages_free(program, &engine->alloc, stages);
  rt_fan_free(engine->fan);
  if (engine->core.alloc) {
    rt_operators_release(engine->operators, &engine->core);
    for (uint32_t i = 0; engine->operators && i < engine->operator_count; i++) {
      if (engine->operators[i].kind) rt_operator_close(&engine->operators[i]);
    }
    rt_emit_fini(&engine->emit);
    free_instant(engine);
    free_inputs(engine);
    rt_core_fini(&engine->core);
  }
  rt_router_fini(&engine->router);
  cb_free(&engine->alloc, engine->operators, engine->operator_count * sizeof *engine->operators);
  cb_free(&engine->alloc, engine->matcher_of, program->detections_count * sizeof *engine->matcher_of);
  cb_free(&engine->alloc, engine->suppress_of, program->detections_count * sizeof *engine->suppress_of);
  cb_free(&engine->alloc, engine->count_ends, program->detections_count * sizeof *engine->count_ends);
  rt_stages_free(program, &engine->alloc, engine->stages);
  rt_stages_free(program, &engine->alloc, engine->singles);
  for (uint32_t i = 0; engine->tables && i < program->tables_count; i++) nfa_table_unref(engine->tables[i].rows);
  cb_free(&engine->alloc, engine->tables, program->tables_count * sizeof *engine->tables);
  cb_free(&engine->alloc, engine->owed_tables, program->tables_count * sizeof *engine->owed_tables);
  rt_stats_fini(&engine->before, &engine->alloc);
  if (engine->scratch.alloc) nfa_scratch_fini(&engine->scratch);
  CB_EXPENSIVE(engine->failed < 0 || cb_slab_in_use(&engine->slab) == 0);
  cb_slab_fini(&engine->slab);
  cb_alloc alloc = engine->alloc;
  cb_free(&alloc, engine, sizeof *engine);
  prg_unref(program);
  CB_EXPENSIVE(alloc.bytes_in_use == 0);
}

/* ---- Workers ------------------------------------------------------------------------- */

static cep_status decode_apart(rt_engine *engine)
{
  const rt_options *options = &engine->options;
  rt_decoding with = {.hook = engine->alloc.hook.resize ? &engine->alloc.hook : NULL,
                      .budget = options->budget,
                      .ask_all = options->ask_all,
                      .regex_match_limit = options->regex_match_limit,
                      .regex_text_max = options->regex_text_max,
                      .records = engine->takes_max,
                      .record_max = options->record_max,
                      .json_depth = options->json_depth};
  cep_status status = rt_fan_decode(engine->fan, &with);
  if (status < 0) return status;
  for (uint32_t t = 0; t < engine->program->tables_count; t++) rt_fan_decoder_table(engine->fan, t, engine->tables[t].rows);
  engine->is_decoding_apart = 1;
  return CEP_OK;
}

cep_status rt_engine_share(rt_engine *engine, uint32_t workers, const rt_crew *crew, cep_error *err)
{
  CB_ASSERT(workers <= RT_WORKERS_MAX);
  if (engine->inputs.count > 0 && !rt_engine_is_restored(engine)) return cb_error_set(err, CEP_E_INVALID, "the engine has inputs already");
  cep_status status = engine->fan ? CEP_OK : make_fan(engine, workers);
  if (status < 0) return cb_error_set(err, status, "no memory for %u workers", (unsigned)workers);
  if (!engine->fan) return CEP_OK;
  for (uint32_t t = 0; t < engine->program->tables_count && status == CEP_OK; t++) {
    if (engine->tables[t].rows) status = rt_fan_table(engine->fan, t, engine->tables[t].rows, err);
  }
  rt_fan_crew(engine->fan, crew);
  engine->takes_max = engine->options.crew_batch ? engine->options.crew_batch : CB_BATCH_MAX; /* mails of few rows cost more than the rows */
  status = decode_apart(engine);
  return status < 0 ? cb_error_set(err, status, "no memory for %u workers", (unsigned)workers) : CEP_OK;
}

void rt_engine_dismiss(rt_engine *engine)
{
  if (!engine->fan) return;
  /* What cannot be taken in is told by the next call. */
  if (engine->failed == CEP_OK && rt_engine_join(engine) < 0) engine->failed = CEP_E_NOMEM;
  engine->is_decoding_apart = 0;
  rt_fan_crew(engine->fan, NULL);
  engine->takes_max = engine->options.batch_events;
}

uint32_t rt_engine_workers(const rt_engine *engine)
{
  return engine->fan ? rt_fan_workers(engine->fan) : 1;
}

int rt_engine_work(rt_engine *engine, uint32_t first, uint32_t budget)
{
  return engine->fan ? rt_fan_work(engine->fan, first, budget) : 0;
}

/* ---- Inputs -------------------------------------------------------------------------- */

cep_status rt_engine_input(rt_engine *engine, uint32_t declared, uint32_t partition, rt_input **out, cep_error *err)
{
  cep_status status = rt_engine_begin_call(engine, err);
  if (status == CEP_OK) status = rt_engine_join(engine);
  if (status < 0) return status;
  CB_ASSERT(declared < engine->program->inputs_count);
  const prg_input *of = &engine->program->inputs[declared];
  for (uint32_t i = 0; i < engine->inputs.count; i++) {
    rt_input *there = engine->inputs.at[i];
    if (there->declared != declared || there->partition != partition) continue;
    if (there->is_unclaimed) {
      there->is_unclaimed = 0;
      *out = there;
      return CEP_OK;
    }
    return cb_error_set(err, CEP_E_INVALID, "partition %u of input \"%s\" is there already", (unsigned)partition,
                        prg_text(engine->program, of->name));
  }
  if (engine->is_finished) return cb_error_set(err, CEP_E_INVALID, "the engine has finished and takes no more inputs");
  rt_input *input = cb_new(&engine->alloc, sizeof *input);
  if (!input || !cb_vec_reserve(&engine->alloc, &engine->inputs, 1) ||
      !cb_vec_push(&engine->alloc, &engine->core.origins, ((rt_origin){declared, partition}))) {
    cb_free(&engine->alloc, input, sizeof *input);
    return cb_error_set(err, CEP_E_NOMEM, "no memory for another input");
  }
  rt_input_init(input, engine, engine->inputs.count, declared, partition,
                engine->options.ignore_lateness ? 0 : of->lateness);
  engine->inputs.at[engine->inputs.count++] = input;
  rt_frontier_update(&engine->frontier, engine->inputs.at, engine->inputs.count, PRG_NONE);
  *out = input;
  return engine->fan ? rt_fan_origin(engine->fan, declared, partition, err) : CEP_OK;
}

uint32_t rt_input_declared(const rt_input *input)
{
  return input->declared;
}

rt_engine *rt_input_engine(const rt_input *input)
{
  return input->engine;
}

/* ---- Tables ---------------------------------------------------------------------------- */

cep_status rt_engine_table(rt_engine *engine, uint32_t table, nfa_table *rows, cep_error *err)
{
  CB_ASSERT(table < engine->program->tables_count);
  cep_status status = rt_engine_begin_call(engine, err);
  /* What has been taken so far is decided with the rows of so far. */
  if (status >= 0) status = rt_engine_end_call(engine, rt_engine_process(engine), err);
  if (status < 0) {
    nfa_table_unref(rows);
    return status;
  }
  if (engine->fan) {
    cep_status fanned = rt_fan_table(engine->fan, table, rows, err);
    if (fanned < 0) status = rt_engine_end_call(engine, fanned, err);
  }
  if (engine->fan) rt_fan_decoder_table(engine->fan, table, rows);
  nfa_table_unref(engine->tables[table].rows);
  engine->tables[table].rows = rows;
  if (engine->owed_tables && engine->owed_tables[table]) engine->owed_tables[table] = 0; /* it was counted before */
  else rt_stats_add(&engine->core.stats, CEP_STAT_TABLE_LOADS, table, 1);
  return status;
}

cep_status rt_engine_rows(rt_engine *engine, uint32_t table, const void *data, size_t len, nfa_table **out, cep_error *err)
{
  const rt_options *options = &engine->options;
  rt_table_options reading = {.hook = options->hook,
                              .limits = {options->table_rows, options->table_bytes},
                              .record_max = options->record_max,
                              .json_depth = options->json_depth,
                              .refused = options->dead_letter,
                              .refused_ctx = options->dead_letter_ctx};
  uint64_t refused = 0;
  cep_status status = rt_table_read(&reading, engine->program, table, data, len, out, &refused, err);
  rt_stats_add(&engine->core.stats, CEP_STAT_TABLE_REFUSED, table, refused);
  if (status == CEP_E_LIMIT) rt_stats_add(&engine->core.stats, CEP_STAT_TABLE_KEPT, table, 1);
  return status;
}

/* ---- Clocks ---------------------------------------------------------------------------- */

int rt_engine_has_idle(const rt_engine *engine)
{
  for (uint32_t i = 0; engine->was_idle && i < engine->inputs.count; i++) {
    if (engine->inputs.at[i]->is_idle && !engine->inputs.at[i]->is_ended) return 1;
  }
  return 0;
}

int rt_engine_by_clock(const rt_engine *engine, uint32_t detection)
{
  const prg_detection *of = &engine->program->detections[detection];
  if ((of->flags & PRG_DETECT_CLOCK) || engine->is_given_clock || engine->is_late_by_idle || rt_engine_has_idle(engine)) return 1;
  for (uint32_t i = 0; i < of->tables.count; i++) {
    uint32_t table = engine->program->lists[of->tables.first + i];
    if (*rt_stats_at(&engine->core.stats, CEP_STAT_TABLE_LOADS, table) > 1) return 1;
  }
  return 0;
}

/* ---- Asking ---------------------------------------------------------------------------- */

cep_time rt_engine_watermark(const rt_engine *engine, const rt_input **held_by)
{
  uint32_t by = engine->frontier.held_by;
  if (held_by) *held_by = by == PRG_NONE ? NULL : engine->inputs.at[by];
  return engine->frontier.at.time;
}

void rt_input_look(const rt_input *input, cep_input_state *out)
{
  *out = (cep_input_state){.partition = input->partition,
                           .newest = input->newest,
                           .watermark = rt_input_watermark(input),
                           .lateness = input->lateness,
                           .is_idle = input->is_idle,
                           .is_ended = input->is_ended};
}

const prg *rt_engine_program(const rt_engine *engine)
{
  return engine->program;
}

/* The statistics that are not counted as things happen, but lie elsewhere. */
static void refresh(const rt_engine *engine)
{
  const rt_stats *stats = &engine->core.stats;
  for (uint32_t d = 0; d < engine->program->detections_count; d++) {
    const rt_operator *matcher = &engine->operators[engine->matcher_of[d]];
    const nfa_counters *counters = &matcher->worker.counters;
    *rt_stats_at(stats, CEP_STAT_KEYS_ACTIVE, d) = matcher->keys;
    *rt_stats_at(stats, CEP_STAT_STARTED, d) = counters->started;
    *rt_stats_at(stats, CEP_STAT_PARTIALS_ACTIVE, d) = counters->active;
    *rt_stats_at(stats, CEP_STAT_PARTIALS_DROPPED, d) = counters->partials_dropped;
    *rt_stats_at(stats, CEP_STAT_MATCHES_DROPPED, d) = counters->matches_dropped;
    *rt_stats_at(stats, CEP_STAT_SKIP_MISSED, d) = counters->skip_missed;
    *rt_stats_at(stats, CEP_STAT_SUM_OVERFLOW, d) = counters->sum_overflow;
  }
  for (uint32_t t = 0; t < engine->program->tables_count; t++) {
    const nfa_table_slot *slot = &engine->tables[t];
    *rt_stats_at(stats, CEP_STAT_TABLE_ROWS, t) = slot->rows ? nfa_table_rows(slot->rows) : 0;
    *rt_stats_at(stats, CEP_STAT_TABLE_UNREAD, t) = slot->unread;
  }
  *rt_stats_at(stats, CEP_STAT_REGEX_LIMIT, 0) = engine->scratch.regex_limit_hits;
  *rt_stats_at(stats, CEP_STAT_EVENTS_HELD, 0) =
      (engine->fan ? 0 : (uint64_t)rt_reorder_count(&engine->reorder)) + (engine->staged.count - engine->staged_next) + engine->plain_count + engine->later.count;
  *rt_stats_at(stats, CEP_STAT_BYTES_IN_USE, 0) = engine->options.budget == &engine->budget ? cb_budget_in_use(&engine->budget) : 0;
}

/* Statistics that the workers of a fan count. Alerts are counted where they come out. */
static int is_of_keys(cep_stat which)
{
  static const char *const scopes[] = {
#define T(name, scope, unit, text) #scope,
#include "cep/stats.def"
#undef T
  };
  if (which == CEP_STAT_ALERTS_OUT || which == CEP_STAT_ALERTS_CLOCK) return 0;
  return strcmp(scopes[which], "input") != 0 && (which == CEP_STAT_TABLE_UNREAD || strcmp(scopes[which], "table") != 0);
}

uint64_t rt_engine_stat(const rt_engine *engine, cep_stat which, uint32_t index)
{
  refresh(engine);
  uint64_t own = rt_stats_read(&engine->core.stats, which, index);
  if (engine->before.values) own += rt_stats_read(&engine->before, which, index);
  return engine->fan && is_of_keys(which) ? own + rt_fan_stat(engine->fan, which, index) : own;
}
