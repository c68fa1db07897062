/* build_tests.c - the `test` blocks of the rule file. */
#include "nfa/build_internal.h"

static prg_test_action action_of(build *b, const plan_test_action *action)
{
  prg_test_action item = {.what = (uint32_t)action->what,
                          .has_time = action->has_time != 0,
                          .time = action->time,
                          .stream = action->what == PLAN_TEST_AT ? action->stream : PRG_NONE,
                          .partition = action->partition,
                          .repeat = action->repeat,
                          .every = action->every,
                          .values = {b->out.test_values.count, action->value_count}};
  cb_source_place(&b->plan->source, action->span.offset, &item.line, &item.column);
  for (uint32_t i = 0; i < action->value_count; i++) {
    prg_test_value value = {action->values[i].field, build_const(b, &action->values[i].value)};
    BUILD_PUSH(b, test_values, value);
  }
  return item;
}

void build_tests(build *b)
{
  for (uint32_t d = 0; d < b->plan->detection_count; d++) {
    const plan_detection *detection = &b->plan->detections[d];
    for (uint32_t t = 0; t < detection->test_count && b->status == CEP_OK; t++) {
      const plan_test *test = &detection->tests[t];
      prg_test item = {.name = build_string(b, test->name),
                       .detection = d,
                       .actions = {b->out.test_actions.count, test->action_count}};
      cb_source_place(&b->plan->source, test->span.offset, &item.line, &item.column);
      for (uint32_t i = 0; i < test->action_count; i++) {
        prg_test_action action = action_of(b, &test->actions[i]);
        BUILD_PUSH(b, test_actions, action);
      }
      BUILD_PUSH(b, tests, item);
    }
  }
}
