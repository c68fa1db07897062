/* test_assert.c - a broken claim stops the process, in every build. */
#include "cep/base/assert.h"

#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/support/test.h"

/* What a child prints on stderr when it makes the claim; gives its status. */
static int run_child(int holds, char *text, size_t text_size)
{
  int ends[2];
  assert_int_equal(pipe(ends), 0);
  pid_t child = fork();
  assert_true(child >= 0);
  if (child == 0) {
    signal(SIGABRT, SIG_DFL); /* cmocka catches it */
    dup2(ends[1], STDERR_FILENO);
    CB_ASSERT(holds == 1);
    _exit(0);
  }
  close(ends[1]);
  ssize_t len = read(ends[0], text, text_size - 1);
  text[len > 0 ? len : 0] = 0;
  close(ends[0]);
  int status = -1;
  assert_int_equal(waitpid(child, &status, 0), child);
  return status;
}

/* The engine would go on with broken state, and tell wrong alerts. */
static void a_broken_claim_is_printed_and_aborts(void **state)
{
  (void)state;
  char text[300];
  int status = run_child(0, text, sizeof text);
  assert_true(WIFSIGNALED(status));
  assert_int_equal(WTERMSIG(status), SIGABRT);
  assert_non_null(strstr(text, "test_assert.c:"));
  assert_non_null(strstr(text, "holds == 1"));
}

static void a_claim_that_holds_does_nothing(void **state)
{
  (void)state;
  char text[300];
  int status = run_child(1, text, sizeof text);
  assert_true(WIFEXITED(status));
  assert_int_equal(WEXITSTATUS(status), 0);
  assert_string_equal(text, "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_broken_claim_is_printed_and_aborts),
      cmocka_unit_test(a_claim_that_holds_does_nothing),
  };
  return cmocka_run_group_tests_name("base/assert", tests, NULL, NULL);
}
