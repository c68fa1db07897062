/* test_cell.c - cells from rows, to rows, to bytes and back. */
#include "cep/base/cell.h"

#include "cep/base/prng.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

#define STREAM 3u
#define COLUMNS 130u

static uint8_t kinds[COLUMNS];

/* A layout of random columns. The tables are the caller's. */
static cb_layout random_layout(cb_prng *prng, uint32_t columns[COLUMNS], uint8_t kept_kinds[COLUMNS])
{
  cb_layout layout = {
      .id = cb_prng_below(prng, 100), .stream = STREAM, .columns = columns, .kinds = kept_kinds};
  uint32_t share = cb_prng_below(prng, 101);
  for (uint32_t column = 0; column < COLUMNS; column++) {
    if (!cb_prng_chance(prng, share)) continue;
    columns[layout.count] = column;
    kept_kinds[layout.count++] = kinds[column];
  }
  return layout;
}

static void fill_row(cb_prng *prng, cb_batch *batch)
{
  cb_batch_begin_row(batch, (cep_time)cb_prng_next(prng), cb_prng_below(prng, 9), cb_prng_next(prng));
  for (uint32_t column = 0; column < COLUMNS; column++) {
    char space[100];
    if (cb_prng_chance(prng, 25)) continue;
    cep_value value = cb_value_i((cep_kind)kinds[column], (int64_t)cb_prng_next(prng));
    if (kinds[column] == CEP_BOOL) value.as.i &= 1;
    if (kinds[column] == CEP_FLOAT) value.as.f = (double)cb_prng_below(prng, 1000) / 8;
    if (kinds[column] == CEP_STRING || kinds[column] == CEP_IP) {
      uint32_t len = kinds[column] == CEP_IP ? 16 : cb_prng_below(prng, sizeof space);
      for (uint32_t i = 0; i < len; i++) space[i] = (char)cb_prng_next(prng);
      value = cb_string(space, len);
      value.kind = kinds[column];
    }
    assert_int_equal(cb_batch_set(batch, column, &value), CEP_OK);
  }
  cb_batch_end_row(batch);
}

static void check_cell(const cb_cell *cell, const cb_layout *layout, const cb_batch *batch, uint32_t row)
{
  assert_true(cell->time == batch->time[row]);
  assert_true(cell->position == batch->position[row]);
  assert_int_equal(cell->input, batch->input[row]);
  assert_int_equal(cell->layout, layout->id);
  for (uint32_t kept = 0; kept < layout->count; kept++) {
    cep_value expected = cb_batch_get(batch, layout->columns[kept], row),
              got = cb_cell_get(cell, layout, kept);
    if (!cb_value_same(&expected, &got)) fail_msg("column %u", layout->columns[kept]);
  }
}

static void check_row(const cb_batch *rows, const cb_layout *layout, const cb_batch *batch)
{
  assert_int_equal(rows->count, 1);
  assert_true(rows->time[0] == batch->time[0]);
  assert_true(rows->position[0] == batch->position[0]);
  assert_int_equal(rows->input[0], batch->input[0]);
  for (uint32_t column = 0; column < COLUMNS; column++) {
    cep_value expected = cb_batch_get(batch, column, 0), got = cb_batch_get(rows, column, 0);
    if (cb_layout_find(layout, column) == CEP_NONE) expected = cb_null();
    assert_true(cb_value_same(&expected, &got));
  }
}

/* A captured event would not be the event. */
static void an_event_survives_every_way(void **state)
{
  (void)state;
  cb_prng prng;
  cb_prng_init(&prng, 15);
  fault_alloc fault;
  fault_alloc_init(&fault);
  fault.moving = 1;
  cb_alloc alloc;
  cb_alloc_init(&alloc, &fault.hook, 0);
  cb_slab slab;
  cb_slab_init(&slab, &alloc, 1);
  cb_batch batch, rows;
  assert_int_equal(cb_batch_init(&batch, &alloc, STREAM, COLUMNS, kinds, 1), CEP_OK);
  assert_int_equal(cb_batch_init(&rows, &alloc, STREAM, COLUMNS, kinds, 1), CEP_OK);
  cb_writer writer;
  cb_writer_init(&writer, &alloc);
  for (int i = 0; i < 1000; i++) {
    uint32_t columns[COLUMNS];
    uint8_t kept_kinds[COLUMNS];
    cb_layout layout = random_layout(&prng, columns, kept_kinds);
    cb_batch_clear(&batch);
    cb_batch_clear(&rows);
    fill_row(&prng, &batch);
    cb_slab_id id = cb_cell_from_row(&slab, &layout, &batch, 0);
    assert_int_not_equal(id, CB_SLAB_NONE);
    const cb_cell *cell = cb_slab_at(&slab, id);
    check_cell(cell, &layout, &batch, 0);
    assert_int_equal(cb_cell_to_row(cell, &layout, &rows), CEP_OK);
    check_row(&rows, &layout, &batch);

    cb_writer_reset(&writer);
    cb_cell_write(&writer, cell, &layout);
    cb_reader reader;
    cb_reader_init(&reader, writer.data, writer.len);
    cb_slab_id again = cb_cell_read(&slab, &reader, &layout, batch.input[0]);
    assert_int_equal(reader.status, CEP_OK);
    assert_true(cb_reader_at_end(&reader));
    check_cell(cb_slab_at(&slab, again), &layout, &batch, 0);
    cb_cell_unref(&slab, id);
    cb_cell_unref(&slab, again);
    assert_int_equal(cb_slab_in_use(&slab), 0);
  }
  cb_writer_fini(&writer);
  cb_batch_fini(&batch);
  cb_batch_fini(&rows);
  cb_slab_fini(&slab);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

/* A cell would go back to the slab while something points at it. */
static void the_last_reference_gives_the_cell_back(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_slab slab;
  cb_slab_init(&slab, &alloc, 0);
  cb_batch batch;
  assert_int_equal(cb_batch_init(&batch, &alloc, STREAM, 0, NULL, 1), CEP_OK);
  cb_batch_begin_row(&batch, 1, 2, 3);
  cb_batch_end_row(&batch);
  cb_layout layout = {.id = 0, .stream = STREAM}; /* identity and time only */
  cb_slab_id id = cb_cell_from_row(&slab, &layout, &batch, 0);
  cb_cell_ref(&slab, id);
  cb_cell_ref(&slab, id);
  cb_cell_unref(&slab, id);
  cb_cell_unref(&slab, id);
  assert_int_equal(cb_slab_in_use(&slab), 1);
  assert_true(((const cb_cell *)cb_slab_at(&slab, id))->time == 1);
  cb_cell_unref(&slab, id);
  assert_int_equal(cb_slab_in_use(&slab), 0);
  cb_batch_fini(&batch);
  cb_slab_fini(&slab);
}

static void columns_are_found_in_the_layout(void **state)
{
  (void)state;
  static const uint32_t columns[] = {1, 4, 5, 9, 200};
  cb_layout layout = {.count = 5, .columns = columns};
  uint32_t next = 0;
  for (uint32_t column = 0; column < 300; column++) {
    int kept = next < 5 && columns[next] == column;
    assert_int_equal(cb_layout_find(&layout, column), kept ? next : CEP_NONE);
    next += (uint32_t)kept;
  }
  layout.count = 0;
  assert_int_equal(cb_layout_find(&layout, 1), CEP_NONE);
}

/* Saved state from a bad disk would crash the engine that loads it. */
static void damaged_bytes_are_refused_or_make_a_sound_cell(void **state)
{
  (void)state;
  cb_prng prng;
  cb_prng_init(&prng, 16);
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_slab slab;
  cb_slab_init(&slab, &alloc, 1);
  cb_batch batch;
  assert_int_equal(cb_batch_init(&batch, &alloc, STREAM, COLUMNS, kinds, 1), CEP_OK);
  cb_writer writer, again;
  cb_writer_init(&writer, &alloc);
  cb_writer_init(&again, &alloc);
  fill_row(&prng, &batch);
  uint32_t columns[COLUMNS];
  uint8_t kept_kinds[COLUMNS];
  for (uint32_t column = 0; column < 16; column++) {
    columns[column] = column;
    kept_kinds[column] = kinds[column];
  }
  cb_layout layout = {.id = 1, .stream = STREAM, .count = 16, .columns = columns, .kinds = kept_kinds};
  cb_slab_id id = cb_cell_from_row(&slab, &layout, &batch, 0);
  cb_cell_write(&writer, cb_slab_at(&slab, id), &layout);
  cb_cell_unref(&slab, id);
  for (size_t len = 0; len < writer.len; len++) { /* every cut */
    cb_reader reader;
    cb_reader_init(&reader, writer.data, len);
    assert_int_equal(cb_cell_read(&slab, &reader, &layout, 0), CB_SLAB_NONE);
    assert_int_equal(reader.status, CEP_E_CORRUPT);
  }
  for (size_t at = 0; at < writer.len * 8; at++) { /* every bit */
    writer.data[at / 8] ^= (uint8_t)(1u << at % 8);
    cb_reader reader;
    cb_reader_init(&reader, writer.data, writer.len);
    id = cb_cell_read(&slab, &reader, &layout, 0);
    assert_int_equal(id != CB_SLAB_NONE, reader.status == CEP_OK);
    if (id != CB_SLAB_NONE) {
      cb_writer_reset(&again);
      cb_cell_write(&again, cb_slab_at(&slab, id), &layout);
      assert_int_equal(again.len, reader.at);
      assert_memory_equal(again.data, writer.data, again.len);
      cb_cell_unref(&slab, id);
    }
    writer.data[at / 8] ^= (uint8_t)(1u << at % 8);
  }
  assert_int_equal(cb_slab_in_use(&slab), 0);
  cb_writer_fini(&writer);
  cb_writer_fini(&again);
  cb_batch_fini(&batch);
  cb_slab_fini(&slab);
}

static int all_ways(cb_alloc *alloc, cb_slab *slab, cb_batch *batch, cb_writer *writer)
{
  static const uint32_t columns[] = {2, 5, 6};
  const uint8_t kept_kinds[] = {kinds[2], kinds[5], kinds[6]};
  cb_layout layout = {.id = 1, .stream = STREAM, .count = 3, .columns = columns, .kinds = kept_kinds};
  cep_status status = cb_batch_init(batch, alloc, STREAM, COLUMNS, kinds, 2);
  if (status < 0) return status;
  cb_batch_begin_row(batch, 1, 2, 3);
  for (uint32_t column = 0; column < COLUMNS; column++) {
    if (kinds[column] != CEP_STRING) continue;
    cep_value value = cb_string("text", 4);
    status = cb_batch_set(batch, column, &value);
    if (status < 0) return status;
  }
  cb_batch_end_row(batch);
  cb_slab_id id = cb_cell_from_row(slab, &layout, batch, 0);
  if (id == CB_SLAB_NONE) return CEP_E_NOMEM;
  status = cb_cell_to_row(cb_slab_at(slab, id), &layout, batch);
  assert_int_equal(batch->count, status < 0 ? 1 : 2);
  if (status < 0) return status;
  cb_cell_write(writer, cb_slab_at(slab, id), &layout);
  if (writer->status < 0) return writer->status;
  for (int i = 0; i < 3; i++) {
    cb_reader reader;
    cb_reader_init(&reader, writer->data, writer->len);
    if (cb_cell_read(slab, &reader, &layout, 0) == CB_SLAB_NONE) return reader.status;
  }
  return CEP_OK;
}

static int scenario(const cep_allocator *allocator, void *ctx)
{
  (void)ctx;
  cb_alloc alloc;
  cb_alloc_init(&alloc, allocator, 0);
  cb_slab slab;
  cb_batch batch = {.alloc = &alloc};
  cb_writer writer;
  cb_slab_init(&slab, &alloc, 1);
  cb_writer_init(&writer, &alloc);
  int status = all_ways(&alloc, &slab, &batch, &writer);
  cb_writer_fini(&writer);
  cb_batch_fini(&batch);
  cb_slab_fini(&slab);
  return status;
}

static void refused_memory_is_told(void **state)
{
  (void)state;
  assert_true(fault_alloc_sweep(scenario, NULL) > 8);
}

int main(void)
{
  for (uint32_t column = 0; column < COLUMNS; column++) kinds[column] = (uint8_t)(CEP_BOOL + column % 7);
  kinds[2] = kinds[5] = CEP_STRING;
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(an_event_survives_every_way),
      cmocka_unit_test(the_last_reference_gives_the_cell_back),
      cmocka_unit_test(columns_are_found_in_the_layout),
      cmocka_unit_test(damaged_bytes_are_refused_or_make_a_sound_cell),
      cmocka_unit_test(refused_memory_is_told),
  };
  return cmocka_run_group_tests_name("base/cell", tests, NULL, NULL);
}
