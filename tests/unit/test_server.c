/* test_server.c - the language server where memory is refused: it answers or ends, and keeps nothing. */
#include "tests/support/test.h"

#include "tests/support/fault_alloc.h"
#include "tests/support/lsp_session.h"

static const char rules[] = "stream A { time t  k: int }\ndetect d by k within 1m { match A as a then A as b where b.k == a. emit { x: last(b).k } }\n";

static int play(cb_alloc *alloc, cep_status *status)
{
  lsp_server *server = NULL;
  cb_prng prng;
  *status = lsp_server_new(alloc, &server);
  if (*status < 0) return 1;
  cb_prng_init(&prng, 3);
  int is_good = lsp_session_play(server, &prng, rules, sizeof rules - 1, status);
  lsp_server_free(server);
  return is_good;
}

/* An editor would hang, or the server die with files open. */
static void every_refusal_is_survived(void **state)
{
  (void)state;
  cep_status status;
  cb_alloc alloc;
  fault_alloc fault;
  for (uint64_t n = 0; n < 2000; n += n < 120 ? 1 : 61) {
    fault_alloc_init(&fault);
    fault.fail_at = n;
    cb_alloc_init(&alloc, &fault.hook, 0);
    assert_true(play(&alloc, &status));
    assert_true(status == CEP_OK || status == CEP_E_NOMEM);
    assert_int_equal(alloc.bytes_in_use, 0);
    assert_int_equal(fault_alloc_fini(&fault), 0);
  }
}

static void a_session_is_answered_whole(void **state)
{
  (void)state;
  cep_status status;
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  assert_true(play(&alloc, &status));
  assert_int_equal(status, CEP_OK);
  assert_int_equal(alloc.bytes_in_use, 0);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_session_is_answered_whole),
      cmocka_unit_test(every_refusal_is_survived),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
