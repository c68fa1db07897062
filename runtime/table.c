/* table.c - bytes of a file to the rows of a table. */
#include "runtime/table.h"

#include <stdio.h>
#include <string.h>

#include "cep/base/error.h"
#include "cep/base/split.h"
#include "runtime/codec.h"

typedef struct reading {
  const rt_table_options *options;
  const prg *program;
  const prg_table *of;
  cb_alloc alloc; /* of what is needed while reading */
  nfa_scratch scratch;
  rt_codec *codec;
  cb_batch batch; /* of one row */
  cep_value *row;
  nfa_table *table;
  uint64_t records;
  uint64_t refused;
} reading;

static const char *name_of(const reading *r)
{
  return prg_text(r->program, r->of->name);
}

static void refuse(reading *r, uint64_t position, const rt_fault *fault, const char *record, size_t len)
{
  r->refused++;
  if (!r->options->refused) return;
  char detail[sizeof fault->detail + 96];
  snprintf(detail, sizeof detail, "record %llu of table '%.40s': %s", (unsigned long long)r->records, name_of(r),
           fault->detail);
  cep_refused refused = {.input = name_of(r),
                         .position = position,
                         .reason = rt_reason_word(fault->reason),
                         .detail = detail,
                         .record = record,
                         .record_len = len,
                         .is_table = 1};
  r->options->refused(r->options->refused_ctx, &refused);
}

static cep_status take_row(reading *r, uint64_t position, const char *record, size_t len)
{
  rt_fault fault = {.reason = RT_REASON_NONE};
  int fits;
  cb_batch_begin_row(&r->batch, 0, 0, position);
  cep_status status = rt_codec_fill(r->codec, 0, &r->batch, &fits, &fault);
  if (status < 0) return status;
  if (fault.reason != RT_REASON_NONE) {
    refuse(r, position, &fault, record, len);
  } else {
    for (uint32_t f = 0; f < r->of->fields.count; f++) r->row[f] = cb_batch_get(&r->batch, f, 0);
    status = nfa_table_add(r->table, r->row);
  }
  cb_batch_drop_row(&r->batch);
  return status;
}

static cep_status take_record(reading *r, uint64_t position, const char *record, size_t len)
{
  rt_fault fault = {.reason = RT_REASON_NONE};
  cep_time time = CEP_TIME_MIN;
  r->records++;
  cep_status status = rt_codec_begin(r->codec, record, len, 0, &time, &fault);
  if (status < 0) return status;
  if (fault.reason != RT_REASON_NONE) {
    refuse(r, position, &fault, record, len);
    return CEP_OK;
  }
  return time == CEP_TIME_MIN ? CEP_OK : take_row(r, position, record, len); /* else it names the columns */
}

static cep_status take_all(reading *r, const char *bytes, size_t len)
{
  int is_csv = r->of->format == PRG_CSV;
  cb_split split = is_csv ? cb_split_csv((char)r->of->csv_delimiter, (char)r->of->csv_quote) : cb_split_lines();
  size_t at = len >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
  cep_status status = CEP_OK;
  while (at < len && status == CEP_OK) {
    const char *end = cb_split_end(&split, bytes + at, len - at);
    size_t next = end ? (size_t)(end - bytes) + 1 : len;
    size_t count = next - at - (end != NULL);
    int is_empty = count == 0 || (count == 1 && bytes[at] == '\r');
    if (!is_empty) status = take_record(r, at, bytes + at, count);
    at = next;
  }
  return status;
}

static cep_status prepare(reading *r, uint32_t table)
{
  const rt_table_options *options = r->options;
  cep_status status = rt_codec_of_table(&r->alloc, r->program, table, &r->scratch, options->record_max,
                                        options->json_depth, &r->codec);
  if (status < 0) return status;
  r->row = cb_new0(&r->alloc, r->of->fields.count * sizeof *r->row);
  if (!r->row) return CEP_E_NOMEM;
  status = cb_batch_init(&r->batch, &r->alloc, 0, r->of->columns.count, r->program->columns + r->of->columns.first, 1);
  if (status < 0) return status;
  return nfa_table_new(&options->hook, &options->limits, r->program, table, &r->table);
}

static void finish(reading *r)
{
  if (r->batch.alloc) cb_batch_fini(&r->batch);
  cb_free(&r->alloc, r->row, r->of->fields.count * sizeof *r->row);
  rt_codec_free(&r->alloc, r->codec);
  CB_ASSERT(r->alloc.bytes_in_use == 0);
}

cep_status rt_table_read(const rt_table_options *options, const prg *program, uint32_t table, const void *data, size_t len,
                         nfa_table **out, uint64_t *refused_out, cep_error *err)
{
  CB_ASSERT(table < program->tables_count);
  reading r = {.options = options, .program = program, .of = &program->tables[table]};
  cb_alloc_init(&r.alloc, options->hook.resize ? &options->hook : NULL, 0);
  cep_status status = prepare(&r, table);
  if (status == CEP_OK) status = take_all(&r, data, len);
  if (status == CEP_OK) status = nfa_table_seal(r.table);
  *refused_out = r.refused;
  if (status == CEP_OK) {
    *out = r.table;
  } else {
    nfa_table_unref(r.table);
    if (status == CEP_E_LIMIT)
      (void)cb_error_set(err, status, "table '%.60s' is too large: at most %llu rows (table.rows) and %zu bytes (table.bytes)", name_of(&r),
                         (unsigned long long)options->limits.rows_max, options->limits.bytes_max);
    else
      (void)cb_error_set(err, status, "no memory for table '%.60s'", name_of(&r));
  }
  finish(&r);
  return status;
}
