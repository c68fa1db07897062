/* block.c - records that are decoded apart from the engine that takes them. */
#include "runtime/block.h"

#include <string.h>

#include "cep/base/budget.h"

int rt_block_may(const prg *program, uint32_t declared)
{
  const prg_input *input = &program->inputs[declared];
  if (input->clock != PRG_CLOCK_EVENT || input->format == PRG_CSV) return 0;
  if (input->time_form != PRG_TIME_STRPTIME) return 1;
  /* Zones by name, and years that are not written, are told by the records before. */
  const char *form = prg_text(program, input->time_strptime);
  int has_year = input->time_year != 0 || strstr(form, "%Y");
  return has_year && !strstr(form, "%Z") && *prg_text(program, input->time_zone) == 0;
}

/* ---- Decoders ------------------------------------------------------------------------ */

cep_status rt_decoder_init(rt_decoder *decoder, const prg *program, const rt_decoding *with)
{
  memset(decoder, 0, sizeof *decoder);
  decoder->program = program;
  decoder->record_max = with->record_max;
  decoder->json_depth = with->json_depth;
  cb_alloc_init(&decoder->alloc, with->hook, 0);
  cb_alloc_share(&decoder->alloc, with->budget);
  cep_status status =
      nfa_scratch_init(&decoder->scratch, &decoder->alloc, program, with->regex_match_limit, with->regex_text_max);
  if (status < 0) {
    decoder->scratch.alloc = NULL;
    return status;
  }
  status = rt_router_init(&decoder->router, &decoder->alloc, program, &decoder->scratch, with->ask_all);
  if (status < 0) return status;
  decoder->codecs = cb_new0(&decoder->alloc, program->inputs_count * sizeof *decoder->codecs);
  decoder->tables = cb_new0(&decoder->alloc, program->tables_count * sizeof *decoder->tables);
  decoder->scratch.tables = decoder->tables;
  return decoder->codecs && decoder->tables ? CEP_OK : CEP_E_NOMEM;
}

void rt_decoder_fini(rt_decoder *decoder)
{
  const prg *program = decoder->program;
  if (!program) return;
  for (uint32_t i = 0; decoder->codecs && i < program->inputs_count; i++) rt_codec_free(&decoder->alloc, decoder->codecs[i]);
  cb_free(&decoder->alloc, decoder->codecs, program->inputs_count * sizeof *decoder->codecs);
  cb_free(&decoder->alloc, decoder->tables, program->tables_count * sizeof *decoder->tables);
  rt_router_fini(&decoder->router);
  if (decoder->scratch.alloc) nfa_scratch_fini(&decoder->scratch);
}

void rt_decoder_table(rt_decoder *decoder, uint32_t table, nfa_table *rows)
{
  decoder->tables[table].rows = rows;
}

static rt_codec *codec_of(rt_decoder *decoder, uint32_t declared)
{
  rt_codec **codec = &decoder->codecs[declared];
  if (!*codec && rt_codec_new(&decoder->alloc, decoder->program, declared, &decoder->scratch, decoder->record_max,
                              decoder->json_depth, codec) < 0)
    *codec = NULL;
  return *codec;
}

/* ---- Blocks -------------------------------------------------------------------------- */

cep_status rt_block_init(rt_block *block, const prg *program, const rt_decoding *with)
{
  memset(block, 0, sizeof *block);
  block->program = program;
  block->records_max = with->records;
  cb_alloc_init(&block->alloc, with->hook, 0);
  cb_alloc_share(&block->alloc, with->budget);
  cb_writer_init(&block->bytes, &block->alloc);
  block->stages = cb_new0(&block->alloc, program->streams_count * sizeof *block->stages);
  return block->stages ? rt_stats_init(&block->stats, &block->alloc, program) : CEP_E_NOMEM;
}

void rt_block_fini(rt_block *block)
{
  if (!block->program) return;
  rt_stages_free(block->program, &block->alloc, block->stages);
  cb_writer_fini(&block->bytes);
  cb_vec_free(&block->alloc, &block->raws);
  cb_vec_free(&block->alloc, &block->faults);
  cb_vec_free(&block->alloc, &block->touched);
  cb_vec_free(&block->alloc, &block->staged);
  cb_vec_free(&block->alloc, &block->wanted);
  rt_stats_fini(&block->stats, &block->alloc);
}

void rt_block_clear(rt_block *block)
{
  cb_writer_reset(&block->bytes);
  rt_stages_clear(block->program, block->stages);
  block->raws.count = block->faults.count = block->touched.count = block->staged.count = block->wanted.count = 0;
  rt_stats_clear(&block->stats);
  block->status = CEP_OK;
  block->has_dropped = 0;
}

int rt_block_is_full(const rt_block *block)
{
  return block->raws.count >= block->records_max || block->bytes.len >= RT_BLOCK_BYTES;
}

cep_status rt_block_add(rt_block *block, rt_input *input, const char *record, size_t len, uint64_t position)
{
  rt_raw raw = {.input = input, .position = position, .offset = block->bytes.len, .len = len};
  cb_write_bytes(&block->bytes, record, len);
  if (block->bytes.status < 0) return block->bytes.status;
  return cb_vec_push(&block->alloc, &block->raws, raw) ? CEP_OK : CEP_E_NOMEM;
}

/* ---- Decoding ------------------------------------------------------------------------ */

static cep_status set_fault(rt_block *block, rt_raw *raw, rt_verdict verdict, const rt_fault *fault)
{
  raw->verdict = verdict;
  raw->fault = block->faults.count;
  return cb_vec_push(&block->alloc, &block->faults, *fault) ? CEP_OK : CEP_E_NOMEM;
}

static cep_status decode_record(rt_block *block, rt_decoder *decoder, const rt_filler *to, uint32_t number)
{
  rt_raw *raw = &block->raws.at[number];
  const rt_input *input = raw->input;
  rt_codec *codec = codec_of(decoder, input->declared);
  if (!codec) return CEP_E_NOMEM;
  rt_fault fault = {.reason = RT_REASON_NONE};
  rt_whence whence = {input->declared, input->index, number, CEP_TIME_MIN,
                      {CEP_TIME_MIN, input->order, raw->position}};
  cep_status status = rt_codec_begin(codec, (const char *)block->bytes.data + raw->offset, raw->len, CEP_TIME_MIN,
                                     &whence.at.time, &fault);
  if (status < 0) return status;
  if (fault.reason != RT_REASON_NONE) return set_fault(block, raw, RT_VERDICT_DEAD, &fault);
  raw->time = whence.time = whence.at.time;
  raw->verdict = raw->time == CEP_TIME_MIN ? RT_VERDICT_NONE : RT_VERDICT_TIMED;
  if (raw->time == CEP_TIME_MIN || raw->time == CEP_TIME_MAX) return CEP_OK;
  uint32_t before = block->staged.count;
  status = rt_rows_fill(to, codec, &whence, &fault);
  if (status < 0) return status;
  raw->has_rows = block->staged.count > before;
  return fault.reason == RT_REASON_NONE ? CEP_OK : set_fault(block, raw, RT_VERDICT_FAULTY, &fault);
}

static cep_status decode_all(rt_block *block, rt_decoder *decoder)
{
  rt_filler to = {.program = block->program,
                  .alloc = &block->alloc,
                  .scratch = &decoder->scratch,
                  .stages = block->stages,
                  .touched = &block->touched,
                  .staged = &block->staged,
                  .capacity = CB_BATCH_MAX};
  for (uint32_t i = 0; i < block->raws.count; i++) {
    cep_status status = decode_record(block, decoder, &to, i);
    if (status < 0) return status;
  }
  for (uint32_t i = 0; i < block->staged.count; i++) {
    rt_staged *staged = &block->staged.at[i];
    rt_raw *raw = &block->raws.at[staged->record];
    rt_wanted wanted;
    cep_status status = rt_rows_look(&decoder->router, &block->stats, staged, &block->stages[staged->stream].finds, &wanted);
    if (status < 0) return status;
    if (wanted > raw->best) raw->best = wanted;
    if (!cb_vec_push(&block->alloc, &block->wanted, (uint8_t)wanted)) return CEP_E_NOMEM;
  }
  return CEP_OK;
}

void rt_block_decode(rt_block *block, rt_decoder *decoder)
{
  block->status = decode_all(block, decoder);
}

cep_status rt_block_drop(rt_block *block, rt_router *router, uint32_t record)
{
#ifdef CEP_FAULT_LATE_STAYS
  return CEP_OK; /* planted: rows of a late record go to the workers */
#endif
  cep_status status = CEP_OK;
  block->raws.at[record].is_dropped = block->has_dropped = 1;
  for (uint32_t i = 0; i < block->staged.count && status == CEP_OK; i++) {
    if (block->staged.at[i].record == record) status = rt_rows_unlook(router, &block->stats, &block->staged.at[i]);
  }
  return status;
}
