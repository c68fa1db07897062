/* test_channel.c - messages arrive in their order; without a free block there is nothing to write to. */
#include "runtime/channel.h"
#include "tests/support/fault_alloc.h"
#include "tests/support/test.h"

static void messages_arrive_in_their_order(void **state)
{
  (void)state;
  fault_alloc fault;
  cb_alloc alloc;
  rt_channel channel;
  fault_alloc_init(&fault);
  cb_alloc_init(&alloc, &fault.hook, 0);
  assert_int_equal(rt_channel_init(&channel, &alloc, 0), CEP_OK);
  rt_message kind;
  uint32_t stage;
  uint64_t read = 0;
  for (uint64_t sent = 0; sent < 1000;) {
    for (int i = 0; i < 7; i++, sent++) {
      cb_writer *writer = rt_channel_begin(&channel, sent % 2 ? RT_MESSAGE_DONE : RT_MESSAGE_BARRIER, (uint32_t)sent);
      assert_non_null(writer);
      cb_write_u64(writer, sent);
    }
    assert_int_equal(rt_channel_flush(&channel), 1);
    for (cb_reader *reader; (reader = rt_channel_next(&channel, &kind, &stage)) != NULL; read++) {
      assert_int_equal(kind, read % 2 ? RT_MESSAGE_DONE : RT_MESSAGE_BARRIER);
      assert_int_equal(stage, read);
      assert_int_equal(cb_read_u64(reader), read);
    }
    assert_int_equal(read, sent);
  }
  rt_channel_fini(&channel);
  assert_int_equal(fault_alloc_fini(&fault), 0);
}

static void a_sender_without_a_block_has_to_wait_for_the_receiver(void **state)
{
  (void)state;
  cb_alloc alloc;
  rt_channel channel;
  cb_alloc_init(&alloc, NULL, 0);
  assert_int_equal(rt_channel_init(&channel, &alloc, 1), CEP_OK); /* one block */
  cb_writer *writer = rt_channel_begin(&channel, RT_MESSAGE_DONE, 3);
  assert_non_null(writer);
  cb_write_i64(writer, 5);
  assert_int_equal(rt_channel_flush(&channel), 0);
  assert_null(rt_channel_begin(&channel, RT_MESSAGE_DONE, 3));
  rt_message kind;
  uint32_t stage;
  cb_reader *reader = rt_channel_next(&channel, &kind, &stage);
  assert_int_equal(cb_read_i64(reader), 5);
  assert_int_equal(rt_channel_flush(&channel), 0); /* it is still being read */
  assert_null(rt_channel_next(&channel, &kind, &stage));
  assert_int_equal(rt_channel_flush(&channel), 1);
  rt_channel_fini(&channel);
}

static int one_message(const cep_allocator *allocator, void *ctx)
{
  (void)ctx;
  cb_alloc alloc;
  rt_channel channel;
  cb_alloc_init(&alloc, allocator, 0);
  cep_status status = rt_channel_init(&channel, &alloc, 0);
  if (status < 0) return status;
  cb_write_u64(rt_channel_begin(&channel, RT_MESSAGE_BARRIER, 0), 1);
  int flushed = rt_channel_flush(&channel);
  rt_channel_fini(&channel);
  return flushed < 0 ? flushed : CEP_OK;
}

static void refused_memory_shows_when_it_is_sent(void **state)
{
  (void)state;
  assert_true(fault_alloc_sweep(one_message, NULL) > 2);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(messages_arrive_in_their_order),
      cmocka_unit_test(a_sender_without_a_block_has_to_wait_for_the_receiver),
      cmocka_unit_test(refused_memory_shows_when_it_is_sent),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
