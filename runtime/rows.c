/* rows.c - records as rows of the batches of their streams. */
#include "runtime/rows.h"

#include <string.h>

#include "cep/base/time.h"

/* ---- Stages ------------------------------------------------------------------------ */

cep_status rt_stage_reserve(const prg *program, cb_alloc *alloc, rt_stage *stage, uint32_t stream, uint32_t capacity)
{
  if (stage->batch.capacity > 0) return CEP_OK;
  const prg_stream *of = &program->streams[stream];
  cep_status status = cb_batch_init(&stage->batch, alloc, stream, of->columns.count, program->columns + of->columns.first, capacity);
  if (status < 0) return status;
  rt_finds_init(&stage->finds, alloc);
  return CEP_OK;
}

void rt_stages_free(const prg *program, cb_alloc *alloc, rt_stage *stages)
{
  if (!stages) return;
  for (uint32_t s = 0; s < program->streams_count; s++) {
    if (stages[s].batch.capacity == 0) continue;
    rt_finds_fini(&stages[s].finds);
    cb_batch_fini(&stages[s].batch);
  }
  cb_free(alloc, stages, program->streams_count * sizeof *stages);
}

void rt_stage_clear(rt_stage *stage)
{
  cb_batch_clear(&stage->batch);
  rt_finds_clear(&stage->finds);
  memset(&stage->plain, 0, sizeof stage->plain);
  stage->plain_count = 0;
  stage->is_touched = 0;
}

void rt_stages_clear(const prg *program, rt_stage *stages)
{
  for (uint32_t s = 0; stages && s < program->streams_count; s++) {
    if (!stages[s].is_touched) continue;
    rt_stage_clear(&stages[s]);
  }
}

/* ---- Rows -------------------------------------------------------------------------- */

cep_status rt_rows_want(const rt_filler *to, uint32_t stream, rt_stage **out)
{
  rt_stage *stage = &to->stages[stream];
  cep_status status = rt_stage_reserve(to->program, to->alloc, stage, stream, to->capacity);
  if (status < 0) return status;
  if (!stage->is_touched) {
    if (!cb_vec_push(to->alloc, to->touched, stream)) return CEP_E_NOMEM;
    stage->is_touched = 1;
  }
  *out = stage;
  return CEP_OK;
}

cep_status rt_rows_open(const rt_filler *to, uint32_t stream, const rt_whence *whence, rt_stage **out)
{
  cep_status status = rt_rows_want(to, stream, out);
  if (status < 0) return status;
  cb_batch_begin_row(&(*out)->batch, whence->time, whence->input, whence->at.position);
  return CEP_OK;
}

cep_status rt_rows_close(const rt_filler *to, uint32_t stream, const rt_whence *whence, int is_typed)
{
  rt_stage *stage = &to->stages[stream];
  rt_staged staged = {.at = whence->at,
                      .stream = stream,
                      .row = stage->batch.count,
                      .record = whence->record,
                      .declared = whence->declared,
                      .is_typed = is_typed != 0,
                      .is_late = whence->time < whence->at.time,
                      .from = stage};
  cb_batch_end_row(&stage->batch);
  return cb_vec_push(to->alloc, to->staged, staged) ? CEP_OK : CEP_E_NOMEM;
}

/* Whether the open row, which has a fault, meets the stream's `fits`. */
static int row_fits(const rt_filler *to, uint32_t stream)
{
  const rt_stage *stage = &to->stages[stream];
  nfa_env env = {.program = to->program, .scratch = to->scratch, .batch = &stage->batch, .row = stage->batch.count};
  int fits = nfa_cond_is_true(&env, to->program->streams[stream].fits);
  nfa_scratch_reset(to->scratch);
  return fits;
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

/* Finds of one stage that are kept: those of a row more are found again when they are needed. */
#define FINDS_MAX 65536u

void rt_rows_seen(const rt_staged *staged, rt_seen *out)
{
  const rt_stage *stage = staged->from;
  cep_duration late = cb_time_sub(staged->at.time, stage->batch.time[staged->row]);
  *out = (rt_seen){&stage->batch, staged->row, late, staged->is_found ? &stage->finds : NULL, staged->found};
}

int rt_rows_begin(rt_router *router, const rt_staged *staged)
{
  rt_seen seen;
  rt_rows_seen(staged, &seen);
  rt_router_begin(router, &seen);
  return staged->is_typed || rt_router_fits(router);
}

cep_status rt_rows_look(rt_router *router, const rt_stats *stats, rt_staged *staged, rt_finds *keep, rt_wanted *out)
{
  *out = RT_UNWANTED;
  if (!rt_rows_begin(router, staged)) return CEP_OK;
  *out = RT_WANTED;
  if (router->seen.late > 0) return CEP_OK; /* only what is wanted was taken */
  staged->is_found = keep->all.count < FINDS_MAX;
  if (!staged->is_found) {
    keep = &router->own;
    rt_finds_clear(keep);
  }
  cep_status status = rt_router_find(router, keep, &staged->found);
  if (status < 0) return status;
  if (staged->found.count == 0) *out = rt_router_best(router);
  rt_stats_add(stats, CEP_STAT_STREAM_EVENTS, staged->stream, 1);
  rt_router_count(router, stats, keep, staged->found, 0, 1);
  return CEP_OK;
}

static rt_staged plain_row(const rt_stage *stage, rt_input *const *inputs, uint32_t row)
{
  const cb_batch *batch = &stage->batch;
  const rt_input *input = inputs[batch->input[row]];
  return (rt_staged){.at = {batch->time[row], input->order, batch->position[row]},
                     .stream = batch->stream,
                     .row = row,
                     .declared = input->declared,
                     .is_typed = 1,
                     .from = stage};
}

/* One by one. */
static cep_status look_at_each(const rt_filler *to, rt_router *router, const rt_stats *stats, rt_input *const *inputs, rt_stage *stage,
                               uint64_t counts[RT_WANTED + 1])
{
  for (uint32_t row = 0; row < stage->batch.count; row++) {
    if (!(stage->plain.bits[row / 64] >> row % 64 & 1)) continue;
    rt_staged staged = plain_row(stage, inputs, row);
    rt_wanted wanted;
    cep_status status = rt_rows_look(router, stats, &staged, &stage->finds, &wanted);
    if (status < 0) return status;
    counts[wanted]++;
    if (wanted == RT_WANTED && !cb_vec_push(to->alloc, to->staged, staged)) return CEP_E_NOMEM;
  }
  return CEP_OK;
}

#ifdef CEP_EXPENSIVE_CHECKS
/* 1 if the row alone is found to be what it was found to be among all. */
static int is_as_alone(rt_router *router, const rt_staged *staged, int is_wanted)
{
  rt_finds *own = &router->own;
  prg_list list;
  rt_finds_clear(own);
  if (!rt_rows_begin(router, staged)) return 0;
  if (rt_router_find(router, own, &list) < 0) return 1; /* no memory: it is not known */
  if (!is_wanted || list.count != 1) return !is_wanted && list.count == 0;
  const rt_find *alone = &own->all.at[list.first], *found = &staged->from->finds.all.at[staged->found.first];
  rt_key a = rt_finds_key(own, alone->key), b = rt_finds_key(&staged->from->finds, found->key);
  return alone->reader == found->reader && alone->symbol == found->symbol && a.hash == b.hash && a.len == b.len &&
         memcmp(a.bytes, b.bytes, a.len) == 0;
}
#endif

cep_status rt_rows_look_plain(const rt_filler *to, rt_router *router, const rt_stats *stats, rt_input *const *inputs, uint32_t stream,
                              uint64_t counts[RT_WANTED + 1])
{
  rt_stage *stage = &to->stages[stream];
  if (stage->plain_count == 0) return CEP_OK;
  if (!router->straight[stream]) return look_at_each(to, router, stats, inputs, stage, counts);
  nfa_rows wanted;
  uint32_t find = stage->finds.all.count;
  cep_status status = rt_router_rows(router, stats, &stage->batch, &stage->plain, &stage->finds, &wanted, counts);
  if (status < 0 || !cb_vec_reserve(to->alloc, to->staged, stage->finds.all.count - find)) return CEP_E_NOMEM;
  for (uint32_t w = 0; w < nfa_row_words(stage->batch.count); w++) {
    for (uint64_t left = wanted.bits[w]; left != 0; left &= left - 1) {
      rt_staged staged = plain_row(stage, inputs, w * 64 + (uint32_t)__builtin_ctzll(left));
      staged.is_found = 1;
      staged.found = (prg_list){find++, 1};
      CB_EXPENSIVE(is_as_alone(router, &staged, 1));
      to->staged->at[to->staged->count++] = staged;
    }
#ifdef CEP_EXPENSIVE_CHECKS
    for (uint64_t left = stage->plain.bits[w] & ~wanted.bits[w]; left != 0; left &= left - 1) {
      rt_staged staged = plain_row(stage, inputs, w * 64 + (uint32_t)__builtin_ctzll(left));
      CB_ASSERT(is_as_alone(router, &staged, 0));
    }
#endif
  }
  return CEP_OK;
}

cep_status rt_rows_unlook(rt_router *router, const rt_stats *stats, const rt_staged *staged)
{
  prg_list found;
  if (!rt_rows_begin(router, staged)) return CEP_OK;
  rt_finds_clear(&router->own);
  cep_status status = rt_router_find(router, &router->own, &found);
  if (status < 0) return status;
  rt_stats_add(stats, CEP_STAT_STREAM_EVENTS, staged->stream, UINT64_MAX);
  rt_router_count(router, stats, &router->own, found, 0, UINT64_MAX);
  return CEP_OK;
}
