/* test_batch.c - rows in, rows out; dropped rows; refusal. */
#include "cep/base/batch.h"

#include "cep/base/prng.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

static const uint8_t kinds[] = {CEP_INT, CEP_STRING, CEP_FLOAT, CEP_IP, CEP_BOOL, CEP_TIME, CEP_STRING};
#define COLUMNS ((uint32_t)sizeof kinds)

/* The value of a column in a row, from the row's seed. Strings live in `space`. */
static cep_value value_for(uint64_t seed, uint32_t column, char space[64])
{
  cb_prng prng;
  cb_prng_init(&prng, seed * 31 + column);
  if (cb_prng_chance(&prng, 30)) return cb_null();
  uint64_t number = cb_prng_next(&prng);
  if (kinds[column] == CEP_FLOAT) return cb_float((double)number / 3);
  if (kinds[column] == CEP_BOOL) return cb_bool((int)(number & 1));
  if (kinds[column] != CEP_STRING && kinds[column] != CEP_IP)
    return cb_value_i((cep_kind)kinds[column], (int64_t)number);
  uint32_t len = kinds[column] == CEP_IP ? 16 : cb_prng_below(&prng, 64);
  for (uint32_t i = 0; i < len; i++) space[i] = (char)cb_prng_next(&prng);
  cep_value value = cb_string(space, len);
  value.kind = kinds[column];
  return value;
}

static cep_status add_row(cb_batch *batch, uint64_t seed)
{
  char space[64];
  cb_batch_begin_row(batch, (cep_time)seed * 10, (uint32_t)seed % 3, seed + 100);
  for (uint32_t column = 0; column < COLUMNS; column++) {
    cep_value value = value_for(seed, column, space);
    cep_status status = cb_batch_set(batch, column, &value);
    if (status < 0) return status;
  }
  cb_batch_end_row(batch);
  return CEP_OK;
}

static void check_row(const cb_batch *batch, uint32_t row, uint64_t seed)
{
  char space[64];
  assert_true(batch->time[row] == (cep_time)seed * 10);
  assert_true(batch->position[row] == seed + 100);
  assert_int_equal(batch->input[row], seed % 3);
  for (uint32_t column = 0; column < COLUMNS; column++) {
    cep_value expected = value_for(seed, column, space), got = cb_batch_get(batch, column, row);
    if (!cb_value_same(&expected, &got)) fail_msg("column %u of row %u", column, row);
  }
}

/* Events would get fields of other events. */
static void rows_are_read_as_they_were_set(void **state)
{
  (void)state;
  static const uint32_t capacities[] = {1, 2, 63, 64, 65, CB_BATCH_MAX};
  for (size_t c = 0; c < sizeof capacities / sizeof capacities[0]; c++) {
    fault_alloc fault;
    fault_alloc_init(&fault);
    fault.moving = 1;
    cb_alloc alloc;
    cb_alloc_init(&alloc, &fault.hook, 0);
    cb_batch batch;
    assert_int_equal(cb_batch_init(&batch, &alloc, 5, COLUMNS, kinds, capacities[c]), CEP_OK);
    uint64_t calls = 0;
    for (uint64_t round = 0; round < 4; round++) {
      if (round == 3) calls = fault.calls;
      for (uint64_t row = 0; row < capacities[c]; row++) {
        uint64_t seed = (round == 3 ? 2 : round) * 5000 + row; /* the last round is the third again: warm */
        if (row % 3 == 0) {                                    /* a row that comes to nothing */
          char space[64];
          cep_value value = value_for(seed, 1, space);
          cb_batch_begin_row(&batch, 0, 0, 0);
          assert_int_equal(cb_batch_set(&batch, 1, &value), CEP_OK);
          cb_batch_drop_row(&batch);
        }
        assert_int_equal(add_row(&batch, seed), CEP_OK);
      }
      assert_int_equal(batch.count, capacities[c]);
      for (uint32_t row = 0; row < capacities[c]; row++)
        check_row(&batch, row, (round == 3 ? 2 : round) * 5000 + row);
      cb_batch_clear(&batch);
      assert_int_equal(batch.count, 0);
      assert_int_equal(batch.bytes_len, 0);
    }
    assert_int_equal(fault.calls, calls); /* a warm batch allocates nothing */
    cb_batch_fini(&batch);
    assert_int_equal(alloc.bytes_in_use, 0);
    assert_int_equal(fault_alloc_fini(&fault), 0);
  }
}

/* A field not set would show the one of an event long gone. */
static void unset_columns_are_null(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_batch batch;
  assert_int_equal(cb_batch_init(&batch, &alloc, 0, COLUMNS, kinds, 2), CEP_OK);
  cep_value one = cb_int(1), null = cb_null(), empty = cb_string("", 0);
  cb_batch_begin_row(&batch, 0, 0, 0);
  assert_int_equal(cb_batch_set(&batch, 0, &one), CEP_OK);
  assert_int_equal(cb_batch_set(&batch, 1, &empty), CEP_OK);
  cep_value open = cb_batch_get(&batch, 0, 0); /* a row may be looked at while it is open */
  assert_true(cb_value_same(&open, &one));
  cb_batch_end_row(&batch);
  cep_value got = cb_batch_get(&batch, 1, 0);
  assert_true(cb_value_same(&got, &empty));
  assert_non_null(got.as.s);
  cb_batch_clear(&batch);
  cb_batch_begin_row(&batch, 0, 0, 0);
  assert_int_equal(cb_batch_set(&batch, 2, &null), CEP_OK);
  cb_batch_end_row(&batch);
  for (uint32_t column = 0; column < COLUMNS; column++)
    assert_int_equal(cb_batch_get(&batch, column, 0).kind, CEP_NULL);
  cb_batch_fini(&batch);
}

static void a_batch_without_columns_keeps_times(void **state)
{
  (void)state;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_batch batch;
  assert_int_equal(cb_batch_init(&batch, &alloc, 0, 0, NULL, 3), CEP_OK);
  cb_batch_begin_row(&batch, 7, 1, 2);
  cb_batch_end_row(&batch);
  assert_int_equal(batch.count, 1);
  assert_true(batch.time[0] == 7);
  cb_batch_fini(&batch);
  assert_int_equal(alloc.bytes_in_use, 0);
}

static void rows_that_lie_there_are_ended_together(void **state)
{
  (void)state;
  static const uint8_t whole[2] = {CEP_INT, CEP_DURATION};
  static const uint32_t counts[] = {3, 61, 64, 1, 70};
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_batch batch;
  assert_int_equal(cb_batch_init(&batch, &alloc, 0, 2, whole, 200), CEP_OK);
  for (uint32_t i = 0; i < sizeof counts / sizeof *counts; i++) {
    for (uint32_t row = batch.count; row < batch.count + counts[i]; row++) {
      batch.time[row] = row;
      batch.words[row] = row + 1;
      batch.words[batch.capacity + row] = row + 2;
    }
    uint32_t end = batch.count + counts[i];
    cb_batch_end_rows(&batch, i, counts[i]);
    assert_int_equal(batch.count, end);
    assert_int_equal(batch.input[end - 1], i);
    cb_batch_begin_row(&batch, 0, 0, 0); /* the rows behind them have no value yet */
    assert_int_equal(cb_batch_get(&batch, 1, end).kind, CEP_NULL);
    for (uint32_t row = 0; row < end; row++) {
      assert_int_equal(cb_batch_get(&batch, 0, row).kind, CEP_INT);
      assert_true(cb_batch_get(&batch, 0, row).as.i == row + 1);
      assert_true(cb_batch_get(&batch, 1, row).as.i == row + 2);
    }
    cb_batch_drop_row(&batch);
  }
  cb_batch_fini(&batch);
}

static int fill(const cep_allocator *allocator, void *ctx)
{
  (void)ctx;
  cb_alloc alloc;
  cb_alloc_init(&alloc, allocator, 0);
  cb_batch batch;
  cep_status status = cb_batch_init(&batch, &alloc, 0, COLUMNS, kinds, 200);
  if (status < 0) return status;
  uint64_t kept[200];
  for (uint64_t seed = 0; seed < 200; seed++) {
    cep_status row_status = add_row(&batch, seed);
    if (row_status < 0) status = row_status;
    if (row_status == CEP_OK) kept[batch.count - 1] = seed;
  }
  for (uint32_t row = 0; row < batch.count; row++) check_row(&batch, row, kept[row]);
  cb_batch_fini(&batch);
  return status;
}

/* A refused row would stay half in the batch. */
static void a_refused_row_leaves_the_others(void **state)
{
  (void)state;
  assert_true(fault_alloc_sweep(fill, NULL) >= 6);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(rows_are_read_as_they_were_set),
      cmocka_unit_test(unset_columns_are_null),
      cmocka_unit_test(a_batch_without_columns_keeps_times),
      cmocka_unit_test(rows_that_lie_there_are_ended_together),
      cmocka_unit_test(a_refused_row_leaves_the_others),
  };
  return cmocka_run_group_tests_name("base/batch", tests, NULL, NULL);
}
