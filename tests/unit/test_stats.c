/* test_stats.c - each statistic has a place for each thing of its scope, and one sum. */
#include "nfa/readers.h"
#include "runtime/stats.h"
#include "tests/support/test.h"

static void counts_are_kept_by_thing_and_summed(void **state)
{
  (void)state;
  cb_alloc alloc;
  rt_stats stats;
  nfa_readers readers = {0};
  prg program = {.readers = &readers, .inputs_count = 2, .streams_count = 3, .detections_count = 4};
  cb_alloc_init(&alloc, NULL, 0);
  assert_int_equal(rt_stats_init(&stats, &alloc, &program), CEP_OK);
  rt_stats_add(&stats, CEP_STAT_RECORDS_READ, 0, 5);
  rt_stats_add(&stats, CEP_STAT_RECORDS_READ, 1, 7);
  rt_stats_add(&stats, CEP_STAT_MATCHES, 3, 1);
  assert_int_equal(rt_stats_read(&stats, CEP_STAT_RECORDS_READ, 0), 5);
  assert_int_equal(rt_stats_read(&stats, CEP_STAT_RECORDS_READ, 1), 7);
  assert_int_equal(rt_stats_read(&stats, CEP_STAT_RECORDS_READ, CEP_NONE), 12);
  assert_int_equal(rt_stats_read(&stats, CEP_STAT_MATCHES, 3), 1);
  assert_int_equal(rt_stats_read(&stats, CEP_STAT_MATCHES, 2), 0);
  rt_stats_fini(&stats, &alloc);
  assert_int_equal(alloc.bytes_in_use, 0);
}

/* Two inputs that need 5 s and 7 s are both served by 7 s, not by 12 s. */
static void of_the_lateness_needed_the_greatest_counts(void **state)
{
  (void)state;
  cb_alloc alloc;
  rt_stats stats;
  nfa_readers readers = {0};
  prg program = {.readers = &readers, .inputs_count = 2};
  cb_alloc_init(&alloc, NULL, 0);
  assert_int_equal(rt_stats_init(&stats, &alloc, &program), CEP_OK);
  *rt_stats_at(&stats, CEP_STAT_LATENESS_NEEDED, 0) = 5;
  *rt_stats_at(&stats, CEP_STAT_LATENESS_NEEDED, 1) = 7;
  assert_int_equal(rt_stats_read(&stats, CEP_STAT_LATENESS_NEEDED, CEP_NONE), 7);
  rt_stats_fini(&stats, &alloc);
}

static void what_is_not_known_reads_as_nothing(void **state)
{
  (void)state;
  cb_alloc alloc;
  rt_stats stats;
  nfa_readers readers = {0};
  prg program = {.readers = &readers, .inputs_count = 1};
  cb_alloc_init(&alloc, NULL, 0);
  assert_int_equal(rt_stats_init(&stats, &alloc, &program), CEP_OK);
  assert_int_equal(rt_stats_read(&stats, (cep_stat)12345, 0), 0);
  assert_int_equal(rt_stats_read(&stats, CEP_STAT_RECORDS_READ, 1), 0);
  assert_int_equal(rt_stats_read(&stats, CEP_STAT_MATCHES, CEP_NONE), 0);
  rt_stats_fini(&stats, &alloc);
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(counts_are_kept_by_thing_and_summed),
                                     cmocka_unit_test(of_the_lateness_needed_the_greatest_counts),
                                     cmocka_unit_test(what_is_not_known_reads_as_nothing)};
  return cmocka_run_group_tests_name("runtime/stats", tests, NULL, NULL);
}
