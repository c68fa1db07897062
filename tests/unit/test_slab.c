/* test_slab.c - cells: apart, unmoving, reused; refusal. */
#include "cep/base/slab.h"

#include "cep/base/prng.h"
#include "tests/support/slab_bench.h"

/* Two partial matches would share a cell. Compares with plain arrays of bytes. */
static void cells_are_apart_and_never_move(void **state)
{
  (void)state;
  enum { COUNT = 3000, STEPS = 60000 };
  static struct {
    cb_slab_id id;
    unsigned char *at;
    size_t size;
    unsigned char mark;
  } cells[COUNT];
  for (int smallest = 0; smallest < 2; smallest++) {
    fault_alloc fault;
    fault_alloc_init(&fault);
    fault.moving = 1;
    cb_alloc alloc;
    cb_alloc_init(&alloc, &fault.hook, 0);
    cb_slab slab;
    cb_slab_init(&slab, &alloc, smallest);
    memset(cells, 0, sizeof cells);
    cb_prng prng;
    cb_prng_init(&prng, 13);
    uint64_t in_use = 0;
    for (int step = 0; step < STEPS; step++) {
      uint32_t i = cb_prng_below(&prng, COUNT);
      if (cells[i].id == CB_SLAB_NONE) {
        size_t size = cb_prng_chance(&prng, 5) ? cb_prng_below(&prng, 40000) : cb_prng_below(&prng, 1100);
        cells[i].id = cb_slab_take(&slab, size);
        assert_int_not_equal(cells[i].id, CB_SLAB_NONE);
        cells[i].at = cb_slab_at(&slab, cells[i].id);
        assert_int_equal((uintptr_t)cells[i].at % 16, 0);
        cells[i].size = size;
        cells[i].mark = (unsigned char)step;
        memset(cells[i].at, cells[i].mark, size);
        in_use++;
      } else {
        assert_ptr_equal(cb_slab_at(&slab, cells[i].id), cells[i].at);
        for (size_t b = 0; b < cells[i].size; b++) {
          if (cells[i].at[b] != cells[i].mark) fail_msg("byte %zu of %zu was overwritten", b, cells[i].size);
        }
        cb_slab_give(&slab, cells[i].id);
        cells[i].id = CB_SLAB_NONE;
        in_use--;
      }
      assert_int_equal(cb_slab_in_use(&slab), in_use);
    }
    cb_slab_fini(&slab);
    assert_int_equal(cb_slab_in_use(&slab), 0);
    assert_int_equal(alloc.bytes_in_use, 0);
    assert_int_equal(fault_alloc_fini(&fault), 0);
  }
}

/* Events would cost an allocation each. */
static void a_warm_slab_allocates_nothing(void **state)
{
  (void)state;
  enum { COUNT = 500 };
  fault_alloc fault;
  fault_alloc_init(&fault);
  cb_alloc alloc;
  cb_alloc_init(&alloc, &fault.hook, 0);
  cb_slab slab;
  cb_slab_init(&slab, &alloc, 0);
  cb_slab_id ids[COUNT];
  uint64_t calls = 0;
  for (int round = 0; round < 20; round++) {
    if (round == 1) calls = fault.calls;
    cb_prng prng;
    cb_prng_init(&prng, 14); /* the same sizes, given back in another order */
    for (int i = 0; i < COUNT; i++) ids[i] = cb_slab_take(&slab, cb_prng_below(&prng, 6000));
    for (int i = 0; i < COUNT; i++) cb_slab_give(&slab, ids[(i * 7 + round) % COUNT]);
  }
  assert_int_equal(fault.calls, calls);
  cb_slab_fini(&slab);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

static void each_size_has_its_class(void **state)
{
  (void)state;
  static const size_t sizes[] = {0, 1, 32, 33, 64, 65, 128, 129, 256, 257, 512, 513, 1024, 1025, 100000};
  static const uint32_t classes[] = {0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6};
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_slab slab;
  cb_slab_init(&slab, &alloc, 1);
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    cb_slab_id id = cb_slab_take(&slab, sizes[i]);
    assert_int_not_equal(id, CB_SLAB_NONE);
    assert_int_equal(id & 7, classes[i]);
    memset(cb_slab_at(&slab, id), 1, sizes[i]);
  }
  assert_int_equal(cb_slab_take(&slab, SIZE_MAX), CB_SLAB_NONE);
  assert_int_equal(cb_slab_take(&slab, (size_t)1 << 31), CB_SLAB_NONE);
  cb_slab_fini(&slab);
}

static int take_and_give(const cep_allocator *allocator, void *ctx)
{
  (void)ctx;
  cb_alloc alloc;
  cb_alloc_init(&alloc, allocator, 0);
  cb_slab slab;
  cb_slab_init(&slab, &alloc, 1);
  static const size_t sizes[] = {10, 100, 10, 10, 5000, 100, 10, 5000, 9000, 100,
                                 10, 10,  10, 10, 10,   10,  10, 10,   10};
  int status = CEP_OK;
  uint64_t in_use = 0;
  for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
    cb_slab_id id = cb_slab_take(&slab, sizes[i]);
    if (id == CB_SLAB_NONE) {
      status = CEP_E_NOMEM; /* the slab goes on working */
      continue;
    }
    memset(cb_slab_at(&slab, id), 7, sizes[i]);
    in_use++;
    assert_int_equal(cb_slab_in_use(&slab), in_use);
  }
  cb_slab_fini(&slab);
  return status;
}

static void refused_memory_leaves_a_slab_that_works(void **state)
{
  (void)state;
  assert_true(fault_alloc_sweep(take_and_give, NULL) > 10);
}

static void a_cell_grows_with_what_it_holds(void **state)
{
  (void)state;
  slab_bench b;
  slab_bench_open(&b, 1);
  cb_slab_id id = CB_SLAB_NONE;
  for (size_t size = 16; size <= 16384; size *= 4) {
    cb_slab_id grown = cb_slab_grow(&b.slab, id, size / 4, size);
    assert_int_not_equal(grown, CB_SLAB_NONE);
    char *bytes = cb_slab_at(&b.slab, grown);
    for (size_t i = 0; id != CB_SLAB_NONE && i < size / 4; i++) assert_int_equal(bytes[i], (char)i);
    for (size_t i = 0; i < size; i++) bytes[i] = (char)i;
    id = grown;
    assert_int_equal(cb_slab_in_use(&b.slab), 1);
  }
  b.fault.fail_at = b.fault.calls;
  b.fault.fail_for_ever = 1;
  assert_int_equal(cb_slab_grow(&b.slab, id, 16384, 65536), CB_SLAB_NONE);
  assert_int_equal(cb_slab_in_use(&b.slab), 1);
  cb_slab_give(&b.slab, id);
  slab_bench_close(&b);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(cells_are_apart_and_never_move),
      cmocka_unit_test(a_warm_slab_allocates_nothing),
      cmocka_unit_test(each_size_has_its_class),
      cmocka_unit_test(a_cell_grows_with_what_it_holds),
      cmocka_unit_test(refused_memory_leaves_a_slab_that_works),
  };
  return cmocka_run_group_tests_name("base/slab", tests, NULL, NULL);
}
