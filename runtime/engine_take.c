/* engine_take.c - records as they come: judged, filled in, staged; time moved. */
#include "cep/base/error.h"
#include "cep/base/time.h"
#include "runtime/engine_parts.h"
#include "runtime/fan.h"

static const prg_input *declared_of(const rt_input *input)
{
  return &input->engine->program->inputs[input->declared];
}

static const char *name_of(const rt_input *input)
{
  return prg_text(input->engine->program, declared_of(input)->name);
}

static void count(const rt_input *input, cep_stat which)
{
  rt_stats_add(&input->engine->core.stats, which, input->declared, 1);
}

/* ---- Refused --------------------------------------------------------------------------- */

void rt_input_report_dead(rt_input *input, uint64_t position, const char *reason, const char *detail,
                          const char *record, size_t len)
{
  const rt_options *options = &input->engine->options;
  count(input, CEP_STAT_RECORDS_DEAD);
  if (!options->dead_letter) return;
  cep_refused refused = {.input = name_of(input),
                         .partition = input->partition,
                         .position = position,
                         .reason = reason,
                         .detail = detail,
                         .record = record,
                         .record_len = len};
  options->dead_letter(options->dead_letter_ctx, &refused);
}

static void count_late(rt_input *input, const rt_triple *at)
{
  rt_engine *engine = input->engine;
  count(input, CEP_STAT_RECORDS_LATE);
  /* Behind the frontier only, as after waking, an event may even be the newest. */
  cep_duration needed = at->time < input->newest ? cb_time_sub(input->newest, at->time) : 0;
  uint64_t *most = rt_stats_at(&engine->core.stats, CEP_STAT_LATENESS_NEEDED, input->declared);
  if ((uint64_t)needed > *most) *most = (uint64_t)needed;
}

static void report_late(rt_input *input, const rt_triple *at, const char *record, size_t len)
{
  rt_engine *engine = input->engine;
  if (!engine->options.late) return;
  cep_duration needed = at->time < input->newest ? cb_time_sub(input->newest, at->time) : 0;
  char time[CB_TIME_TEXT_MAX], mark[CB_TIME_TEXT_MAX];
  cep_time own = rt_input_watermark(input);
  int is_own = at->time < own;
  cb_time_print(at->time, time);
  cb_time_print(is_own ? own : engine->frontier.at.time, mark);
  cb_writer *detail = &engine->core.bytes;
  cb_writer_reset(detail);
  cb_write_printf(detail, "its time %s is behind the %s %s", time,
                  is_own ? "watermark of its input," : "frontier of all inputs,", mark);
  cb_write_u8(detail, 0);
  cep_refused refused = {.input = name_of(input),
                         .partition = input->partition,
                         .position = at->position,
                         .reason = rt_reason_word(RT_REASON_LATE),
                         .detail = detail->status < 0 ? "" : (const char *)detail->data,
                         .record = record,
                         .record_len = len,
                         .time = at->time,
                         .lateness_needed = needed};
  engine->options.late(engine->options.late_ctx, &refused);
}

/* ---- Taking ------------------------------------------------------------------------------ */

static int is_ahead(const rt_input *input)
{
  rt_triple next = rt_input_next(input);
  return rt_triple_compare(&next, &input->engine->frontier.at) > 0;
}

void rt_input_moved(rt_input *input)
{
  rt_engine *engine = input->engine;
  rt_frontier_update(&engine->frontier, engine->inputs.at, engine->inputs.count, input->index);
}

static cep_status refuse_position(const rt_input *input, uint64_t position, cep_error *err)
{
  return cb_error_set(err, CEP_E_INVALID, "position %llu of input \"%s\" does not rise, expected %llu or more",
                      (unsigned long long)position, name_of(input), (unsigned long long)input->next_position);
}

/* Of the inputs only one that is ahead of the frontier is ever made to wait: the one that holds it back must go on, or
 * nothing would ever be released. */
static cep_status make_room(rt_input *input, cep_error *err)
{
  rt_engine *engine = input->engine;
  rt_input_moved(input);
  if (!is_ahead(input)) return CEP_OK;
  cep_status status = rt_engine_process(engine);
  if (status < 0 || rt_reorder_count(&engine->reorder) < engine->options.held_max) return status;
  return cb_error_set(err, CEP_E_LIMIT, "%u events wait for the other inputs (held.max), and input \"%s\" is ahead of them",
                      rt_reorder_count(&engine->reorder), name_of(input));
}

cep_status rt_input_ask(rt_input *input, uint64_t position, uint64_t *position_out, cep_error *err)
{
  rt_engine *engine = input->engine;
  if (input->is_ended) return cb_error_set(err, CEP_E_INVALID, "input \"%s\" has ended", name_of(input));
  if (!rt_input_position(input, position, position_out)) return refuse_position(input, position, err);
  if (input->is_idle) { /* what was decided without it comes before it */
    cep_status status = rt_engine_process(engine);
    if (status < 0) return status;
  }
  if (rt_engine_has_room(engine)) return CEP_OK;
  return make_room(input, err);
}

/* A call that takes a record. */
static cep_status begin_take(rt_input *input, uint64_t position, uint64_t *position_out, cep_error *err)
{
  cep_status status = rt_engine_begin_call(input->engine, err);
  if (status == CEP_OK) status = rt_engine_join(input->engine);
  return status == CEP_OK ? rt_input_may_take(input, position, position_out, err) : status;
}

static cep_status end_take(rt_input *input, cep_status status, cep_error *err)
{
  rt_engine *engine = input->engine;
  if (status >= 0) {
    rt_input_moved(input);
    cep_status processed = CEP_OK;
    if (++engine->takes >= engine->takes_max) processed = rt_engine_process(engine);
    if (processed < 0) status = processed;
  }
  return rt_engine_end_call(engine, status, err);
}

/* The ends of the range mean "never" for deadlines and watermarks: no event lies there. */
int rt_input_is_no_time(rt_input *input, const rt_triple *at, const char *record, size_t len)
{
  if (rt_is_time(at->time)) return 0;
  rt_input_report_dead(input, at->position, rt_reason_word(RT_REASON_TIME),
                       "the time is the first or the last that 64 bits can hold, which stands for none", record, len);
  return 1;
}

/* A late record was counted: whether it would be late if no input had been idle is not known, if
 * it is late only by the frontier. What came before it is decided first, so that batches do not show. */
static cep_status note_late(rt_input *input, const rt_triple *at)
{
  rt_engine *engine = input->engine;
  if (!engine->was_idle || engine->is_late_by_idle || at->time < rt_input_watermark(input)) return CEP_OK;
  rt_input_moved(input);
  cep_status status = rt_engine_process(engine);
  engine->is_late_by_idle = 1;
  return status;
}

rt_filler rt_engine_filler(rt_engine *engine)
{
  return (rt_filler){.program = engine->program,
                     .alloc = &engine->alloc,
                     .scratch = &engine->scratch,
                     .stages = engine->stages,
                     .touched = &engine->touched,
                     .staged = &engine->staged,
                     .capacity = engine->takes_max};
}

rt_whence rt_input_whence(const rt_input *input, const rt_triple *at, const rt_triple *place)
{
  return (rt_whence){input->declared, input->index, input->engine->takes, at->time, *place};
}

/* ---- Late, but allowed ---------------------------------------------------------------------- */

int rt_input_find_place(const rt_input *input, const rt_triple *at, rt_triple *place)
{
  const rt_engine *engine = input->engine;
  *place = *at;
  place->time = rt_input_watermark(input);
  return at->time < place->time && cb_time_sub(place->time, at->time) <= engine->program->readers->allowed &&
         !rt_frontier_passed(&engine->frontier, place);
}

/* Of the rows of a late record those stay that some reader takes so late. */
static cep_status keep_allowed(rt_engine *engine, uint32_t before)
{
  uint32_t kept = before;
  for (uint32_t i = before; i < engine->staged.count; i++) {
    rt_staged staged = engine->staged.at[i];
    prg_list found = {0, 0};
    rt_finds_clear(&engine->router.own);
    cep_status status = rt_rows_begin(&engine->router, &staged) ? rt_router_find(&engine->router, &engine->router.own, &found) : CEP_OK;
    if (status < 0) return status;
    if (found.count > 0) engine->staged.at[kept++] = staged;
  }
  engine->staged.count = kept;
  return CEP_OK;
}

cep_status rt_input_end_late(rt_input *input, const rt_triple *at, uint32_t staged_before, const char *record, size_t len)
{
  count_late(input, at);
  cep_status status = keep_allowed(input->engine, staged_before);
  if (status < 0) return status;
  if (input->engine->staged.count > staged_before) {
    count(input, CEP_STAT_LATE_TAKEN);
    return CEP_OK;
  }
  report_late(input, at, record, len);
  status = note_late(input, at);
  return status < 0 ? status : CEP_LATE;
}

/* ---- Records ---------------------------------------------------------------------------------- */

static cep_status take_streams(rt_input *input, const rt_triple *at, const rt_triple *place, const char *record, size_t len)
{
  rt_engine *engine = input->engine;
  const rt_filler filler = rt_engine_filler(engine);
  const rt_whence whence = rt_input_whence(input, at, place);
  uint32_t before = engine->staged.count;
  rt_fault fault;
  cep_status status = rt_rows_fill(&filler, input->codec, &whence, &fault);
  if (status < 0 || place->time != at->time) return status; /* of late ones end_late tells */
  if (fault.reason != RT_REASON_NONE) {
    rt_input_report_dead(input, at->position, rt_reason_word(fault.reason), fault.detail, record, len);
  } else if (engine->staged.count == before) {
    count(input, CEP_STAT_RECORDS_FILTERED);
  }
  return CEP_OK;
}

/* What the codec needs to know of time (rt_codec_begin). */
static cep_time near_of(const rt_input *input)
{
  return declared_of(input)->clock == PRG_CLOCK_EVENT ? input->newest : input->clock;
}

/* Made at the first record: an input that is pushed typed rows needs none. */
cep_status rt_input_want_codec(rt_input *input)
{
  rt_engine *engine = input->engine;
  if (input->codec) return CEP_OK;
  return rt_codec_new(&engine->alloc, engine->program, input->declared, &engine->scratch,
                      engine->options.record_max, engine->options.json_depth, &input->codec);
}

static cep_status take_record(rt_input *input, const char *record, size_t len, uint64_t position)
{
  cep_status status = rt_input_want_codec(input);
  if (status < 0) return status;
  rt_fault fault = {.reason = RT_REASON_NONE};
  rt_triple at = {CEP_TIME_MIN, input->order, position};
  status = rt_codec_begin(input->codec, record, len, near_of(input), &at.time, &fault);
  if (status < 0) return status;
  if (fault.reason != RT_REASON_NONE) {
    rt_input_report_dead(input, position, rt_reason_word(fault.reason), fault.detail, record, len);
    return CEP_OK;
  }
  if (at.time == CEP_TIME_MIN) { /* a line of no stream, and so without a time */
    count(input, CEP_STAT_RECORDS_FILTERED);
    return CEP_OK;
  }
  if (rt_input_is_no_time(input, &at, record, len)) return CEP_OK;
  if (!rt_input_is_late(input, &at)) return take_streams(input, &at, &at, record, len);
  rt_triple place;
  uint32_t before = input->engine->staged.count;
  if (rt_input_find_place(input, &at, &place)) status = take_streams(input, &at, &place, record, len);
  return status < 0 ? status : rt_input_end_late(input, &at, before, record, len);
}

/* ---- Records that were decoded apart ------------------------------------------------------------ */

int rt_input_judge(rt_input *input, const rt_triple *at, const char *record, size_t len)
{
  if (!rt_input_is_late(input, at)) return 0;
  count_late(input, at);
  report_late(input, at, record, len);
  return 1;
}

cep_status rt_input_record(rt_input *input, const char *record, size_t len, uint64_t position, cep_error *err)
{
  if (rt_engine_is_apart(input)) return rt_engine_take_apart(input, record, len, position, err);
  uint64_t own;
  if (declared_of(input)->clock != PRG_CLOCK_EVENT && input->clock == CEP_TIME_MIN)
    return cb_error_set(err, CEP_E_INVALID, "the time of input \"%s\" is that of a clock, which was not handed in yet", name_of(input));
  cep_status status = begin_take(input, position, &own, err);
  if (status < 0) return rt_engine_end_call(input->engine, status, err);
  rt_input_begin_take(input, own);
  return end_take(input, take_record(input, record, len, own), err);
}

cep_status rt_input_refuse(rt_input *input, const char *record, size_t len, uint64_t position, const char *reason,
                           cep_error *err)
{
  uint64_t own;
  cep_status status = begin_take(input, position, &own, err);
  if (status < 0) return rt_engine_end_call(input->engine, status, err);
  rt_input_begin_take(input, own);
  rt_input_report_dead(input, own, reason, "the reader refused the record", record, len);
  return end_take(input, CEP_OK, err);
}

/* ---- Files ---------------------------------------------------------------------------------------- */

void rt_input_new_file(rt_input *input)
{
  if (input->codec) rt_codec_restart(input->codec);
}

/* CEP_TIME_MIN without a fault: the record is none that has a time. */
static cep_status read_time(rt_input *input, const char *record, size_t len, cep_time near, cep_time *out, rt_fault *fault,
                            cep_error *err)
{
  *out = CEP_TIME_MIN;
  cep_status status = rt_input_want_codec(input);
  if (status == CEP_OK) status = rt_codec_begin(input->codec, record, len, near, out, fault);
  if (status < 0) return cb_error_set(err, status, "no memory to read the time of a record");
  if (fault->reason != RT_REASON_NONE) *out = CEP_TIME_MIN;
  return CEP_OK;
}

cep_status rt_input_time(rt_input *input, const char *record, size_t len, cep_time *out, cep_error *err)
{
  rt_fault fault;
  return read_time(input, record, len, near_of(input), out, &fault, err);
}

cep_status rt_input_scan(rt_input *input, const char *record, size_t len, cep_disorder *disorder, cep_error *err)
{
  cep_time time;
  rt_fault fault;
  cep_status status = read_time(input, record, len, disorder->newest, &time, &fault, err);
  if (status < 0) return status;
  disorder->records++;
  if (fault.reason != RT_REASON_NONE || time == CEP_TIME_MAX) {
    disorder->timeless++;
  } else if (time >= disorder->newest) {
    disorder->newest = time;
  } else if (time != CEP_TIME_MIN) {
    disorder->behind++;
    cep_duration behind = cb_time_sub(disorder->newest, time);
    if (behind > disorder->worst) disorder->worst = behind;
  }
  return CEP_OK;
}

cep_status rt_input_wait(rt_input *input, cep_duration lateness, cep_error *err)
{
  const prg_input *declared = declared_of(input);
  if (declared->clock != PRG_CLOCK_EVENT || declared->has_lateness)
    return cb_error_set(err, CEP_E_INVALID, "the lateness of input \"%s\" is what its rules say",
                        prg_text(input->engine->program, declared->name));
  if (input->newest != CEP_TIME_MIN || input->advanced != CEP_TIME_MIN)
    return cb_error_set(err, CEP_E_INVALID, "input \"%s\" has begun: its lateness cannot change",
                        prg_text(input->engine->program, declared->name));
  input->lateness = lateness;
  return CEP_OK;
}

int rt_input_csv(const rt_input *input, char *delimiter, char *quote)
{
  const prg_input *declared = declared_of(input);
  if (declared->format != PRG_CSV) return 0;
  *delimiter = (char)declared->csv_delimiter;
  *quote = (char)declared->csv_quote;
  return 1;
}

/* ---- Time ---------------------------------------------------------------------------------------- */

/* What was taken before is judged before time moves otherwise. */
static cep_status begin_time_call(rt_engine *engine, cep_error *err)
{
  cep_status status = rt_engine_begin_call(engine, err);
  if (status < 0) return status;
  status = rt_engine_join(engine);
  return status < 0 ? rt_engine_end_call(engine, status, err) : CEP_OK;
}

/* Time has moved without a record: all that waits in batches is processed too. */
static cep_status move_time(rt_engine *engine, uint32_t moved, cep_error *err)
{
  rt_frontier_update(&engine->frontier, engine->inputs.at, engine->inputs.count, moved);
  return rt_engine_end_call(engine, rt_engine_process(engine), err);
}

cep_status rt_input_advance(rt_input *input, cep_time watermark, cep_error *err)
{
  cep_status status = begin_time_call(input->engine, err);
  if (status < 0) return status;
  if (input->is_ended) return cb_error_set(err, CEP_E_INVALID, "input \"%s\" has ended", name_of(input));
  if (watermark < input->advanced) {
    char was[CB_TIME_TEXT_MAX], is[CB_TIME_TEXT_MAX];
    cb_time_print(input->advanced, was);
    cb_time_print(watermark, is);
    return cb_error_set(err, CEP_E_INVALID, "the watermark of input \"%s\" goes back from %s to %s", name_of(input),
                        was, is);
  }
  input->advanced = watermark;
  return move_time(input->engine, input->index, err);
}

cep_status rt_input_clock(rt_input *input, cep_time now, cep_error *err)
{
  cep_status status = begin_time_call(input->engine, err);
  if (status < 0) return status;
  uint32_t clock = declared_of(input)->clock;
  if (clock == PRG_CLOCK_EVENT)
    return cb_error_set(err, CEP_E_INVALID, "the time of input \"%s\" is that of its events, not of a clock", name_of(input));
  if (input->is_ended) return cb_error_set(err, CEP_E_INVALID, "input \"%s\" has ended", name_of(input));
  if (now < input->clock) {
    count(input, CEP_STAT_CLOCK_BACK);
    return CEP_OK;
  }
  if (now == input->clock) return CEP_OK;
  input->clock = now;
  if (clock != PRG_CLOCK_PROCESSING || now <= input->advanced) return CEP_OK;
  input->advanced = now;
  return move_time(input->engine, input->index, err);
}

cep_status rt_input_idle(rt_input *input, int idle, cep_error *err)
{
  cep_status status = begin_time_call(input->engine, err);
  if (status < 0) return status;
  if (input->is_ended) return cb_error_set(err, CEP_E_INVALID, "input \"%s\" has ended", name_of(input));
  if ((idle != 0) != input->is_idle) status = rt_engine_process(input->engine);
  if (status < 0) return rt_engine_end_call(input->engine, status, err);
  if (idle && !input->is_idle) count(input, CEP_STAT_IDLE_SET);
  input->is_idle = idle != 0;
  input->engine->was_idle |= input->is_idle;
  return move_time(input->engine, PRG_NONE, err);
}

cep_status rt_input_end(rt_input *input, cep_error *err)
{
  cep_status status = begin_time_call(input->engine, err);
  if (status < 0) return status;
  if (input->is_idle) { /* what was decided while it was is marked so, in a batch too */
    status = rt_engine_process(input->engine);
    if (status < 0) return rt_engine_end_call(input->engine, status, err);
  }
  input->is_ended = 1;
  return move_time(input->engine, PRG_NONE, err);
}

/* Nothing is under way when this returns. */
static cep_status process_all(rt_engine *engine, cep_error *err)
{
  cep_status status = rt_engine_process(engine);
  return status == CEP_OK && engine->fan ? rt_fan_settle(engine->fan, err) : status;
}

cep_status rt_engine_flush(rt_engine *engine, cep_error *err)
{
  cep_status status = begin_time_call(engine, err);
  if (status < 0) return status;
  return rt_engine_end_call(engine, process_all(engine, err), err);
}

cep_status rt_engine_finish(rt_engine *engine, cep_error *err)
{
  cep_status status = begin_time_call(engine, err);
  if (status < 0) return status;
  if (rt_engine_has_idle(engine)) { /* what was decided while it was is marked so, in a batch too */
    status = rt_engine_process(engine);
    if (status < 0) return rt_engine_end_call(engine, status, err);
  }
  for (uint32_t i = 0; i < engine->inputs.count; i++) engine->inputs.at[i]->is_ended = 1;
  engine->is_finished = 1;
  rt_frontier_end(&engine->frontier);
  return rt_engine_end_call(engine, process_all(engine, err), err);
}
