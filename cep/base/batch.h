/*
 * batch.h - events in flight, by columns.
 *
 *             row 0   row 1   row 2
 *   time      [ ns ]  [ ns ]  [ ns ]
 *   position  [ u64]  [ u64]  [ u64]
 *   column 0  [word]  [word]  [word]     null bits
 *   column 1  [word]  [word]  [word]     null bits
 *   bytes     "alice" "bob" ...          strings and addresses, by (offset, length)
 *
 * Contract
 *   Up to `capacity` (at most CB_BATCH_MAX) events of one stream from any inputs. A word
 *   is 8 bytes whatever the kind: int64, double, or (offset << 32 | length) into the
 *   batch's bytes. A column is there for every field that some rule reads.
 *   A batch owns its bytes and is emptied whole by cb_batch_clear, which keeps memory: a
 *   warm batch allocates nothing. Offsets, never pointers, because `bytes` may move.
 *   Rows are made by: begin_row, set each column (unset ones are null), end_row; or the
 *   row is dropped by drop_row. CEP_E_NOMEM leaves the batch without the open row.
 */
#ifndef CB_BATCH_H
#define CB_BATCH_H

#include <string.h>

#include "cep/base/value.h"

#define CB_BATCH_MAX 1024u

typedef struct cb_batch {
  cb_alloc *alloc;
  uint32_t stream;
  uint32_t column_count;
  uint32_t capacity;
  uint32_t count;
  const uint8_t *kinds; /* cep_kind by column; borrowed from the program */
  cep_time *time;
  uint64_t *position;
  uint32_t *input;   /* index of the engine's input (partition) */
  uint64_t *words;   /* column c, row r at words[c * capacity + r] */
  uint64_t *present; /* bit r of present[c * (capacity/64 rounded up) + r/64]: not null */
  char *bytes;
  uint32_t bytes_len;
  uint32_t bytes_capacity;
  uint32_t bytes_mark; /* bytes_len when the open row began */
} cb_batch;

cep_status cb_batch_init(cb_batch *batch, cb_alloc *alloc, uint32_t stream, uint32_t column_count,
                         const uint8_t *kinds, uint32_t capacity) CB_MUST_USE;
void cb_batch_fini(cb_batch *batch);
void cb_batch_clear(cb_batch *batch);
/* Opens row `count` (all null). The batch must not be full. */
static inline void cb_batch_begin_row(cb_batch *batch, cep_time time, uint32_t input, uint64_t position)
{
  uint32_t row = batch->count, masks = (batch->capacity + 63) / 64;
  CB_ASSERT(row < batch->capacity);
  batch->time[row] = time;
  batch->position[row] = position;
  batch->input[row] = input;
  batch->bytes_mark = batch->bytes_len;
  uint64_t *present = batch->present + row / 64;
  for (uint32_t column = 0; column < batch->column_count; column++) present[(size_t)column * masks] &= ~((uint64_t)1 << row % 64);
}
/* A value whose word is its bits: no text, no address. */
static inline void cb_batch_put(cb_batch *batch, uint32_t column, uint64_t word)
{
  uint32_t row = batch->count;
  CB_ASSERT(column < batch->column_count);
  CB_ASSERT(row < batch->capacity);
  batch->words[(size_t)column * batch->capacity + row] = word;
  batch->present[(size_t)column * ((batch->capacity + 63) / 64) + row / 64] |= (uint64_t)1 << row % 64;
}
/* Copies the value's bytes. The value's kind is the column's, or CEP_NULL. */
cep_status cb_batch_set(cb_batch *batch, uint32_t column, const cep_value *value) CB_MUST_USE;
static inline void cb_batch_end_row(cb_batch *batch)
{
  CB_ASSERT(batch->count < batch->capacity);
  batch->count++;
  batch->bytes_mark = batch->bytes_len;
}
/* Rows behind the last one, whose times, positions and words lie in their places already: no value is null. */
void cb_batch_end_rows(cb_batch *batch, uint32_t input, uint32_t count);
void cb_batch_drop_row(cb_batch *batch);
/* Borrowed; lives until the batch is changed. */
static inline cep_value cb_batch_get(const cb_batch *batch, uint32_t column, uint32_t row)
{
  CB_ASSERT(column < batch->column_count);
  CB_ASSERT(row < batch->capacity); /* the open row may be read too */
  if (!(batch->present[(size_t)column * ((batch->capacity + 63) / 64) + row / 64] >> row % 64 & 1)) return cb_null();
  uint64_t word = batch->words[(size_t)column * batch->capacity + row];
  cep_value value = {batch->kinds[column], 0, {0}};
  if (value.kind == CEP_STRING || value.kind == CEP_IP) {
    /* An empty string may stand where no bytes were ever kept. */
    value.length = (uint32_t)word;
    value.as.s = batch->bytes ? batch->bytes + (word >> 32) : "";
  } else {
    memcpy(&value.as, &word, sizeof word);
  }
  return value;
}

#endif
