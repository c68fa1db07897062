/* batch.c - columns of events in flight. */
#include "cep/base/batch.h"

#include <string.h>

#define FIRST_BYTES 1024u

static uint32_t mask_words(uint32_t capacity)
{
  return (capacity + 63) / 64;
}

static size_t words_size(const cb_batch *batch)
{
  return (size_t)batch->column_count * batch->capacity * sizeof *batch->words;
}

static size_t present_size(const cb_batch *batch)
{
  return (size_t)batch->column_count * mask_words(batch->capacity) * sizeof *batch->present;
}

cep_status cb_batch_init(cb_batch *batch, cb_alloc *alloc, uint32_t stream, uint32_t column_count,
                         const uint8_t *kinds, uint32_t capacity)
{
  CB_ASSERT(capacity >= 1);
  CB_ASSERT(capacity <= CB_BATCH_MAX);
  *batch = (cb_batch){
      .alloc = alloc, .stream = stream, .column_count = column_count, .capacity = capacity, .kinds = kinds};
  if (column_count > SIZE_MAX / 8 / capacity) return CEP_E_NOMEM;
  batch->time = cb_new(alloc, capacity * sizeof *batch->time);
  batch->position = cb_new(alloc, capacity * sizeof *batch->position);
  batch->input = cb_new(alloc, capacity * sizeof *batch->input);
  batch->words = cb_new(alloc, words_size(batch));
  batch->present = cb_new0(alloc, present_size(batch));
  if (batch->time && batch->position && batch->input && batch->words && batch->present) return CEP_OK;
  cb_batch_fini(batch);
  return CEP_E_NOMEM;
}

void cb_batch_fini(cb_batch *batch)
{
  cb_free(batch->alloc, batch->time, batch->capacity * sizeof *batch->time);
  cb_free(batch->alloc, batch->position, batch->capacity * sizeof *batch->position);
  cb_free(batch->alloc, batch->input, batch->capacity * sizeof *batch->input);
  cb_free(batch->alloc, batch->words, words_size(batch));
  cb_free(batch->alloc, batch->present, present_size(batch));
  cb_free(batch->alloc, batch->bytes, batch->bytes_capacity);
  *batch = (cb_batch){.alloc = batch->alloc};
}

void cb_batch_clear(cb_batch *batch)
{
  batch->count = 0;
  batch->bytes_len = 0;
  batch->bytes_mark = 0;
}

static uint64_t *mask_of(const cb_batch *batch, uint32_t column, uint32_t row)
{
  return &batch->present[(size_t)column * mask_words(batch->capacity) + row / 64];
}

static uint64_t bit_of(uint32_t row)
{
  return (uint64_t)1 << row % 64;
}

/* Copies bytes to the end; gives (offset << 32 | length). */
static int keep_bytes(cb_batch *batch, const char *data, uint32_t len, uint64_t *word_out)
{
  if (len > batch->bytes_capacity - batch->bytes_len) {
    if (len > UINT32_MAX - batch->bytes_len) return 0;
    uint32_t needed = batch->bytes_len + len;
    uint32_t capacity = batch->bytes_capacity > UINT32_MAX / 2 ? UINT32_MAX : batch->bytes_capacity * 2;
    if (capacity < FIRST_BYTES) capacity = FIRST_BYTES;
    if (capacity < needed) capacity = needed;
    char *bytes = cb_resize(batch->alloc, batch->bytes, batch->bytes_capacity, capacity);
    if (!bytes) return 0;
    batch->bytes = bytes;
    batch->bytes_capacity = capacity;
  }
  if (len > 0) memcpy(batch->bytes + batch->bytes_len, data, len);
  *word_out = (uint64_t)batch->bytes_len << 32 | len;
  batch->bytes_len += len;
  return 1;
}

cep_status cb_batch_set(cb_batch *batch, uint32_t column, const cep_value *value)
{
  CB_ASSERT(column < batch->column_count);
  CB_ASSERT(batch->count < batch->capacity);
  uint64_t word = 0;
  if (value->kind == CEP_NULL) {
    *mask_of(batch, column, batch->count) &= ~bit_of(batch->count);
    return CEP_OK;
  }
  CB_ASSERT(value->kind == batch->kinds[column]);
  if (value->kind == CEP_STRING || value->kind == CEP_IP) {
    if (!keep_bytes(batch, value->as.s, value->length, &word)) {
      cb_batch_drop_row(batch);
      return CEP_E_NOMEM;
    }
  } else {
    memcpy(&word, &value->as, sizeof word);
  }
  cb_batch_put(batch, column, word);
  return CEP_OK;
}

static void set_bits(uint64_t *bits, uint32_t first, uint32_t end)
{
  for (uint32_t next; first < end; first = next) {
    next = (first / 64 + 1) * 64;
    uint64_t upto = next <= end ? UINT64_MAX : ((uint64_t)1 << end % 64) - 1;
    bits[first / 64] |= upto & UINT64_MAX << first % 64;
  }
}

void cb_batch_end_rows(cb_batch *batch, uint32_t input, uint32_t count)
{
  uint32_t first = batch->count, end = first + count, masks = (batch->capacity + 63) / 64;
  CB_ASSERT(count <= batch->capacity - first);
  for (uint32_t row = first; row < end; row++) batch->input[row] = input;
  for (uint32_t column = 0; column < batch->column_count; column++) set_bits(batch->present + (size_t)column * masks, first, end);
  batch->count = end;
  batch->bytes_mark = batch->bytes_len;
}

void cb_batch_drop_row(cb_batch *batch)
{
  CB_ASSERT(batch->bytes_mark <= batch->bytes_len);
  batch->bytes_len = batch->bytes_mark;
}
