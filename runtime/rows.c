/* rows.c - records as rows of the batches of their streams. */
#include "runtime/rows.h"

#include "cep/base/time.h"

/* ---- Stages ------------------------------------------------------------------------ */

cep_status rt_stage_reserve(const prg *program, cb_alloc *alloc, rt_stage *stage, uint32_t stream, uint32_t capacity)
{
  if (stage->bits) return CEP_OK;
  const prg_stream *of = &program->streams[stream];
  uint32_t words = nfa_atom_words(program, stream);
  cep_status status =
      cb_batch_init(&stage->batch, alloc, stream, of->columns.count, program->columns + of->columns.first, capacity);
  if (status < 0) return status;
  stage->bits = cb_new0(alloc, (size_t)words * capacity * sizeof *stage->bits);
  if (!stage->bits) {
    cb_batch_fini(&stage->batch);
    return CEP_E_NOMEM;
  }
  stage->words = words;
  return CEP_OK;
}

void rt_stages_free(const prg *program, cb_alloc *alloc, rt_stage *stages)
{
  if (!stages) return;
  for (uint32_t s = 0; s < program->streams_count; s++) {
    rt_stage *stage = &stages[s];
    if (!stage->bits) continue;
    cb_free(alloc, stage->bits, (size_t)stage->words * stage->batch.capacity * sizeof *stage->bits);
    cb_batch_fini(&stage->batch);
  }
  cb_free(alloc, stages, program->streams_count * sizeof *stages);
}

void rt_stages_clear(const prg *program, rt_stage *stages)
{
  for (uint32_t s = 0; stages && s < program->streams_count; s++) {
    if (!stages[s].is_touched) continue;
    cb_batch_clear(&stages[s].batch);
    stages[s].is_touched = 0;
  }
}

/* ---- Rows -------------------------------------------------------------------------- */

cep_status rt_rows_open(const rt_filler *to, uint32_t stream, const rt_whence *whence, rt_stage **out)
{
  rt_stage *stage = &to->stages[stream];
  cep_status status = rt_stage_reserve(to->program, to->alloc, stage, stream, to->capacity);
  if (status < 0) return status;
  if (!stage->is_touched) {
    if (!cb_vec_push(to->alloc, to->touched, stream)) return CEP_E_NOMEM;
    stage->is_touched = 1;
  }
  cb_batch_begin_row(&stage->batch, whence->time, whence->input, whence->at.position);
  *out = stage;
  return CEP_OK;
}

cep_status rt_rows_close(const rt_filler *to, uint32_t stream, const rt_whence *whence, int is_typed)
{
  rt_stage *stage = &to->stages[stream];
  rt_staged staged = {.at = whence->at,
                      .stream = stream,
                      .row = stage->batch.count,
                      .record = whence->record,
                      .is_typed = is_typed != 0,
                      .is_late = whence->time < whence->at.time,
                      .from = stage};
  cb_batch_end_row(&stage->batch);
  return cb_vec_push(to->alloc, to->staged, staged) ? CEP_OK : CEP_E_NOMEM;
}

const uint64_t *rt_rows_bits(const rt_filler *to, const rt_stage *stage, uint32_t row)
{
  const prg *program = to->program;
  uint64_t *bits = stage->bits + (size_t)row * stage->words;
  prg_list atoms = program->streams[stage->batch.stream].atoms;
  nfa_env env = {.program = program, .scratch = to->scratch, .batch = &stage->batch, .row = row};
  for (uint32_t w = 0; w < stage->words; w++) bits[w] = 0;
  for (uint32_t i = 0; i < atoms.count; i++) {
    const prg_atom *atom = &program->atoms[atoms.first + i];
    cep_value value = nfa_expr_eval(&env, atom->expr);
    uint64_t holds = value.kind == CEP_BOOL && (value.as.i != 0) == (atom->negated == 0);
    bits[i / 64] |= holds << i % 64;
  }
  nfa_scratch_reset(to->scratch);
  return bits;
}

/* Whether the open row, which has a fault, meets the stream's `fits`. */
static int row_fits(const rt_filler *to, uint32_t stream)
{
  const rt_stage *stage = &to->stages[stream];
  return nfa_cond_holds(to->program, to->program->streams[stream].fits, rt_rows_bits(to, stage, stage->batch.count));
}

cep_status rt_rows_fill(const rt_filler *to, rt_codec *codec, const rt_whence *whence, rt_fault *fault)
{
  prg_list streams = to->program->inputs[whence->declared].streams;
  uint32_t before = to->staged->count;
  fault->reason = RT_REASON_NONE;
  for (uint32_t i = 0; i < streams.count; i++) {
    uint32_t stream = to->program->lists[streams.first + i];
    rt_stage *stage;
    int fits = 0;
    cep_status status = rt_rows_open(to, stream, whence, &stage);
    if (status == CEP_OK) status = rt_codec_fill(codec, stream, &stage->batch, &fits, fault);
    if (status < 0) return status;
    if (!fits || (fault->reason != RT_REASON_NONE && !row_fits(to, stream))) {
      cb_batch_drop_row(&stage->batch);
      fault->reason = RT_REASON_NONE;
      continue;
    }
    if (fault->reason != RT_REASON_NONE) {
      cb_batch_drop_row(&stage->batch);
      to->staged->count = before;
      return CEP_OK;
    }
    status = rt_rows_close(to, stream, whence, 0);
    if (status < 0) return status;
  }
  return CEP_OK;
}

/* ---- Looking ----------------------------------------------------------------------- */

void rt_rows_seen(const rt_staged *staged, rt_seen *out)
{
  const rt_stage *stage = staged->from;
  cep_duration late = cb_time_sub(staged->at.time, stage->batch.time[staged->row]);
  *out = (rt_seen){.batch = &stage->batch,
                   .row = staged->row,
                   .bits = stage->bits + (size_t)staged->row * stage->words,
                   .late = late,
                   .routed = staged->routed,
                   .item_first = staged->item_first,
                   .item_count = staged->item_count};
}

static int fits(const rt_router *router, const rt_staged *staged, const rt_seen *seen)
{
  return staged->is_typed || nfa_cond_holds(router->program, router->program->streams[staged->stream].fits, seen->bits);
}

static void count_wanted(const rt_stats *stats, const rt_reader *reader, rt_wanted wanted, uint64_t times)
{
  if (wanted == RT_UNKEYED) rt_stats_add(stats, CEP_STAT_EVENTS_UNKEYED, reader->detection, times);
  if (wanted == RT_PASSING) rt_stats_add(stats, CEP_STAT_EVENTS_IN, reader->detection, times);
}

cep_status rt_rows_look(rt_router *router, const rt_stats *stats, rt_staged *staged, rt_routed *routed, rt_wanted *out)
{
  rt_seen seen;
  rt_rows_seen(staged, &seen);
  *out = RT_UNWANTED;
  if (!fits(router, staged, &seen)) return CEP_OK;
  int is_counted = seen.late <= 0; /* of late rows only what is wanted was taken, and that is counted where it is used */
  if (is_counted) rt_stats_add(stats, CEP_STAT_STREAM_EVENTS, staged->stream, 1);
  else *out = RT_WANTED;
  staged->routed = routed;
  staged->item_first = routed->items.count;
  prg_list readers = router->by_stream[staged->stream];
  for (uint32_t i = 0; i < readers.count; i++) {
    const rt_reader *reader = &router->readers[readers.first + i];
    rt_wanted wanted;
    cep_status status = rt_router_items(router, reader, &seen, &wanted);
    if (status == CEP_OK) status = rt_routed_add(routed, router, reader);
    if (status < 0) return status;
    if (is_counted) count_wanted(stats, reader, wanted, 1);
    if (wanted > *out) *out = wanted;
  }
  staged->item_count = routed->items.count - staged->item_first;
  return CEP_OK;
}

void rt_rows_take_back(rt_router *router, const rt_stats *stats, const rt_staged *staged)
{
  rt_seen seen;
  rt_rows_seen(staged, &seen);
  if (!fits(router, staged, &seen)) return;
  rt_stats_add(stats, CEP_STAT_STREAM_EVENTS, staged->stream, UINT64_MAX);
  prg_list readers = router->by_stream[staged->stream];
  for (uint32_t i = 0; i < readers.count; i++) {
    const rt_reader *reader = &router->readers[readers.first + i];
    count_wanted(stats, reader, rt_router_wants(router, reader, &seen), UINT64_MAX);
  }
}
