/* cell.c - kept events: from rows, to rows, as bytes. */
#include "cep/base/cell.h"

#include <string.h>

_Static_assert(sizeof(cb_cell) % sizeof(uint64_t) == 0, "words follow the head");

static size_t mask_words(uint32_t count)
{
  return (count + 63) / 64;
}

static uint64_t *present_of(const cb_cell *cell)
{
  return (uint64_t *)(cell + 1); /* the cell's own memory goes on behind its head */
}

static uint64_t *words_of(const cb_cell *cell, uint32_t count)
{
  return present_of(cell) + mask_words(count);
}

static char *bytes_of(const cb_cell *cell, uint32_t count)
{
  return (char *)(words_of(cell, count) + count);
}

static int is_present(const cb_cell *cell, uint32_t kept)
{
  return (int)(present_of(cell)[kept / 64] >> kept % 64 & 1);
}

static void set_present(cb_cell *cell, uint32_t kept)
{
  present_of(cell)[kept / 64] |= (uint64_t)1 << kept % 64;
}

static int has_bytes(uint32_t kind)
{
  return kind == CEP_STRING || kind == CEP_IP;
}

size_t cb_cell_bytes(const cb_layout *layout)
{
  return sizeof(cb_cell) + (mask_words(layout->count) + layout->count) * sizeof(uint64_t);
}

/* A cell with one reference, all null. */
static cb_slab_id new_cell(cb_slab *slab, const cb_layout *layout, cep_time time, uint64_t position,
                           uint32_t input, uint32_t bytes_len, cb_cell **cell_out)
{
  CB_ASSERT(layout->count <= CB_CELL_COLUMNS_MAX);
  cb_slab_id id = cb_slab_take(slab, cb_cell_bytes(layout) + bytes_len);
  if (id == CB_SLAB_NONE) return CB_SLAB_NONE;
  cb_cell *cell = cb_slab_at(slab, id);
  *cell = (cb_cell){.time = time,
                    .position = position,
                    .input = input,
                    .layout = layout->id,
                    .refs = 1,
                    .bytes_len = bytes_len};
  memset(present_of(cell), 0, cb_cell_bytes(layout) - sizeof *cell);
  *cell_out = cell;
  return id;
}

/* Fills one column. `*bytes_at` is the length of the cell's bytes so far. */
static void put_value(cb_cell *cell, const cb_layout *layout, uint32_t kept, const cep_value *value,
                      uint32_t *bytes_at)
{
  uint64_t word;
  if (has_bytes(value->kind)) {
    CB_ASSERT(value->length <= cell->bytes_len - *bytes_at);
    if (value->length > 0) memcpy(bytes_of(cell, layout->count) + *bytes_at, value->as.s, value->length);
    word = (uint64_t)*bytes_at << 32 | value->length;
    *bytes_at += value->length;
  } else {
    memcpy(&word, &value->as, sizeof word);
  }
  words_of(cell, layout->count)[kept] = word;
  set_present(cell, kept);
}

cb_slab_id cb_cell_from_row(cb_slab *slab, const cb_layout *layout, const cb_batch *batch, uint32_t row)
{
  CB_ASSERT(layout->stream == batch->stream);
  CB_ASSERT(row < batch->count);
  uint32_t bytes_len = 0; /* a row's bytes lie in the batch, whose length is 32 bits */
  for (uint32_t kept = 0; kept < layout->count; kept++) {
    bytes_len += has_bytes(layout->kinds[kept]) ? cb_batch_get(batch, layout->columns[kept], row).length : 0;
  }
  cb_cell *cell;
  cb_slab_id id =
      new_cell(slab, layout, batch->time[row], batch->position[row], batch->input[row], bytes_len, &cell);
  if (id == CB_SLAB_NONE) return CB_SLAB_NONE;
  uint32_t bytes_at = 0;
  for (uint32_t kept = 0; kept < layout->count; kept++) {
    cep_value value = cb_batch_get(batch, layout->columns[kept], row);
    CB_ASSERT(value.kind == CEP_NULL || value.kind == layout->kinds[kept]);
    if (value.kind != CEP_NULL) put_value(cell, layout, kept, &value, &bytes_at);
  }
  return id;
}

cb_slab_id cb_cell_of_identity(cb_slab *slab, const cb_layout *layout, cep_time time, uint32_t input, uint64_t position)
{
  cb_cell *cell;
  return new_cell(slab, layout, time, position, input, 0, &cell);
}

void cb_cell_ref(cb_slab *slab, cb_slab_id id)
{
  cb_cell *cell = cb_slab_at(slab, id);
  CB_ASSERT(cell->refs > 0);
  CB_ASSERT(cell->refs < UINT32_MAX);
  cell->refs++;
}

void cb_cell_unref(cb_slab *slab, cb_slab_id id)
{
  cb_cell *cell = cb_slab_at(slab, id);
  CB_ASSERT(cell->refs > 0);
  if (--cell->refs == 0) cb_slab_give(slab, id);
}

cep_value cb_cell_get(const cb_cell *cell, const cb_layout *layout, uint32_t kept)
{
  CB_ASSERT(cell->layout == layout->id);
  CB_ASSERT(kept < layout->count);
  if (!is_present(cell, kept)) return cb_null();
  uint64_t word = words_of(cell, layout->count)[kept];
  cep_value value = {layout->kinds[kept], 0, {0}};
  if (has_bytes(value.kind)) {
    value.length = (uint32_t)word;
    value.as.s = bytes_of(cell, layout->count) + (word >> 32);
  } else {
    memcpy(&value.as, &word, sizeof word);
  }
  return value;
}

uint32_t cb_layout_find(const cb_layout *layout, uint32_t column)
{
  uint32_t low = 0, high = layout->count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (layout->columns[middle] < column) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < layout->count && layout->columns[low] == column ? low : CEP_NONE;
}

cep_status cb_cell_to_row(const cb_cell *cell, const cb_layout *layout, cb_batch *batch)
{
  CB_ASSERT(layout->stream == batch->stream);
  cb_batch_begin_row(batch, cell->time, cell->input, cell->position);
  for (uint32_t kept = 0; kept < layout->count; kept++) {
    cep_value value = cb_cell_get(cell, layout, kept);
    cep_status status = cb_batch_set(batch, layout->columns[kept], &value);
    if (status < 0) return status;
  }
  cb_batch_end_row(batch);
  return CEP_OK;
}

void cb_cell_write(cb_writer *writer, const cb_cell *cell, const cb_layout *layout)
{
  cb_write_i64(writer, cell->time);
  cb_write_u64(writer, cell->position);
  for (uint32_t kept = 0; kept < layout->count; kept++) {
    cep_value value = cb_cell_get(cell, layout, kept);
    cb_value_write(writer, &value);
  }
}

/* Reads one column and sees that it may stand there. */
static cep_value read_column(cb_reader *reader, const cb_layout *layout, uint32_t kept)
{
  cep_value value = cb_value_read(reader);
  if (value.kind != CEP_NULL && value.kind != layout->kinds[kept] && reader->status == CEP_OK) {
    reader->status = CEP_E_CORRUPT;
  }
  return value;
}

cb_slab_id cb_cell_read(cb_slab *slab, cb_reader *reader, const cb_layout *layout, uint32_t input)
{
  cep_time time = cb_read_i64(reader);
  uint64_t position = cb_read_u64(reader);
  /* Twice over the columns: the first look checks and measures, the second cannot fail. */
  size_t columns_at = reader->at, bytes_len = 0;
  for (uint32_t kept = 0; kept < layout->count && reader->status == CEP_OK; kept++) {
    bytes_len += read_column(reader, layout, kept).length;
  }
  if (bytes_len > UINT32_MAX && reader->status == CEP_OK) reader->status = CEP_E_CORRUPT;
  if (reader->status != CEP_OK) return CB_SLAB_NONE;

  cb_cell *cell;
  cb_slab_id id = new_cell(slab, layout, time, position, input, (uint32_t)bytes_len, &cell);
  if (id == CB_SLAB_NONE) {
    reader->status = CEP_E_NOMEM;
    return CB_SLAB_NONE;
  }
  reader->at = columns_at;
  uint32_t bytes_at = 0;
  for (uint32_t kept = 0; kept < layout->count; kept++) {
    cep_value value = read_column(reader, layout, kept);
    if (value.kind != CEP_NULL) put_value(cell, layout, kept, &value, &bytes_at);
  }
  CB_ASSERT(reader->status == CEP_OK);
  return id;
}
