/* test_history.c - the order of histories that share tails, judged by comparing all their events. */
#include "nfa/history.h"
#include "cep/base/prng.h"
#include "tests/support/test.h"

#define NODES 600u

typedef struct forest {
  cb_alloc alloc;
  cb_slab slab;
  cb_layout layout;
  cb_slab_id at[NODES];
} forest;

static void add(forest *f, uint32_t node, cb_slab_id prev, uint32_t step, uint64_t seq)
{
  cb_slab_id cell = cb_cell_of_identity(&f->slab, &f->layout, (cep_time)seq, 0, seq);
  assert_true(cell != CB_SLAB_NONE);
  f->at[node] = nfa_history_add(&f->slab, prev, cell, step, seq, (cep_time)seq);
  assert_true(f->at[node] != CB_SLAB_NONE);
}

/* One long chain, from which others branch off, and go on with the same events or with others. */
static void grow(forest *f, uint32_t seed)
{
  cb_prng prng;
  cb_prng_init(&prng, seed);
  cb_alloc_init(&f->alloc, NULL, 0);
  cb_slab_init(&f->slab, &f->alloc, 0);
  f->layout = (cb_layout){0};
  add(f, 0, CB_SLAB_NONE, 0, 1);
  for (uint32_t i = 1; i < NODES; i++) {
    uint32_t back = cb_prng_below(&prng, 4) > 0 ? 1 : 1 + cb_prng_below(&prng, i);
    cb_slab_id prev = f->at[i - back];
    uint64_t seq = nfa_history_at(&f->slab, prev)->seq + 1 + cb_prng_below(&prng, 8) / 7;
    add(f, i, prev, cb_prng_below(&prng, 2), seq);
  }
}

static void fell(forest *f)
{
  for (uint32_t i = 0; i < NODES; i++) nfa_history_unref(&f->slab, f->at[i]);
  assert_int_equal(cb_slab_in_use(&f->slab), 0);
  cb_slab_fini(&f->slab);
}

static uint32_t events_of(const forest *f, cb_slab_id head, const nfa_node *events[NODES])
{
  uint32_t count = 0;
  for (cb_slab_id id = head; id != CB_SLAB_NONE; id = nfa_history_at(&f->slab, id)->prev) {
    const nfa_node *node = nfa_history_at(&f->slab, id);
    events[node->length - 1] = node;
    count++;
  }
  return count;
}

static int order_of_all_events(const forest *f, cb_slab_id a, cb_slab_id b)
{
  static const nfa_node *left[NODES], *right[NODES];
  uint32_t m = events_of(f, a, left), n = events_of(f, b, right), by_step = NODES;
  for (uint32_t i = 0; i < m && i < n; i++) {
    if (left[i]->seq != right[i]->seq) return left[i]->seq < right[i]->seq ? -1 : 1;
    if (left[i]->step != right[i]->step && by_step == NODES) by_step = i;
  }
  if (m != n) return m > n ? -1 : 1;
  if (by_step == NODES) return 0;
  return left[by_step]->step < right[by_step]->step ? -1 : 1;
}

static void the_order_is_that_of_the_first_event_that_differs(void **state)
{
  (void)state;
  static forest f;
  for (uint32_t seed = 1; seed <= 20; seed++) {
    grow(&f, seed);
    cb_prng prng;
    cb_prng_init(&prng, seed + 100);
    for (uint32_t i = 0; i < 3000; i++) {
      cb_slab_id a = f.at[cb_prng_below(&prng, NODES)], b = f.at[cb_prng_below(&prng, NODES)];
      assert_int_equal(nfa_history_order(&f.slab, a, b), order_of_all_events(&f, a, b));
    }
    assert_int_equal(nfa_history_order(&f.slab, CB_SLAB_NONE, f.at[0]), 1);
    assert_int_equal(nfa_history_order(&f.slab, CB_SLAB_NONE, CB_SLAB_NONE), 0);
    fell(&f);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {cmocka_unit_test(the_order_is_that_of_the_first_event_that_differs)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
