/* test_firstof.c - the first-of evaluator gives what runs gives, event by event; its forms, its bytes, its limits. */
#include <stdio.h>

#include "cep/base/prng.h"
#include "nfa/firstof.h"
#include "tests/support/built.h"
#include "tests/support/fault_alloc.h"

#define SECOND ((cep_time)1000000000)

/* One evaluator over one key. */
typedef struct side {
  const nfa_evaluator *evaluator;
  cb_alloc alloc;
  cb_slab slab;
  nfa_scratch scratch;
  nfa_worker worker;
  nfa_slot slot;
  cb_batch batch;
  cb_writer lines;
  uint64_t results;
  cep_status status;
} side;

static cep_status on_result(void *ctx, const nfa_result *result)
{
  side *s = ctx;
  cb_write_printf(&s->lines, "%s %lld %lld %d:", result->kind == NFA_MATCHED ? "match" : "timeout", (long long)result->time,
                  (long long)result->start, (int)result->waited);
  for (cb_slab_id id = result->captures.head; id != CB_SLAB_NONE; id = nfa_history_at(&s->slab, id)->prev) {
    const nfa_node *node = nfa_history_at(&s->slab, id);
    const cb_cell *cell = cb_slab_at(&s->slab, node->cell);
    cb_write_printf(&s->lines, " %u@%llu/%u", node->step, (unsigned long long)cell->position, cell->input);
  }
  for (uint32_t r = 0; r < s->worker.detection->registers.count; r++)
    cb_write_printf(&s->lines, " %llu", (unsigned long long)result->captures.registers[r]);
  cb_write_u8(&s->lines, '\n');
  s->results++;
  return CEP_OK;
}

static const cep_value *no_keys(void *ctx, uint32_t index)
{
  (void)ctx, (void)index;
  return NULL;
}


static void open_side(side *s, const nfa_evaluator *evaluator, const prg *program, const cep_allocator *hook)
{
  memset(s, 0, sizeof *s);
  cb_alloc_init(&s->alloc, hook, 0);
  cb_slab_init(&s->slab, &s->alloc, 0);
  cb_writer_init(&s->lines, &s->alloc);
  const prg_detection *detection = &program->detections[0];
  s->status = nfa_scratch_init(&s->scratch, &s->alloc, program, 1000, 1000);
  const prg_stream *stream = &program->streams[0];
  if (s->status == CEP_OK) s->status = cb_batch_init(&s->batch, &s->alloc, 0, stream->columns.count, program->columns + stream->columns.first, 1);
  s->worker = (nfa_worker){.program = program, .detection = detection, .alloc = &s->alloc, .slab = &s->slab, .scratch = &s->scratch,
                           .partial_max = 1000000, .history_max = 10000};
  s->evaluator = evaluator;
  if (s->status == CEP_OK) s->status = evaluator->open(&s->worker);
}

static void close_side(side *s)
{
  if (s->worker.own) {
    s->evaluator->release(&s->worker, &s->slot);
    s->evaluator->close(&s->worker);
  }
  if (s->status == CEP_OK) assert_int_equal(cb_slab_in_use(&s->slab), 0);
  if (s->batch.alloc) cb_batch_fini(&s->batch);
  nfa_scratch_fini(&s->scratch);
  cb_writer_fini(&s->lines);
  cb_slab_fini(&s->slab);
}

static const nfa_out *out_of(side *s, nfa_out *out)
{
  *out = (nfa_out){on_result, no_keys, s};
  return out;
}

static void advance(side *s, cep_time time)
{
  nfa_out out;
  cep_time deadline;
  while (s->status >= 0 && (deadline = s->evaluator->next_deadline(&s->worker, &s->slot)) <= time && deadline < CEP_TIME_MAX)
    s->status = s->evaluator->advance(&s->worker, &s->slot, deadline, out_of(s, &out));
}

static void event(side *s, cep_time time, uint32_t input, uint64_t position, uint64_t symbol)
{
  nfa_out out;
  nfa_slot *slot = &s->slot;
  advance(s, time);
  if (s->status < 0) return;
  cb_batch_clear(&s->batch);
  cb_batch_begin_row(&s->batch, time, input, position);
  cb_batch_end_row(&s->batch);
  nfa_event one = {&s->batch, 0};
  s->status = s->evaluator->step(&s->worker, &slot, &one, &symbol, 1, out_of(s, &out));
  if (s->status >= 0 && s->worker.counters.active < 100) assert_true(s->evaluator->check(&s->worker, &s->slot));
}

/* Saved, released and loaded: the same bytes again. */
static void reload(side *s)
{
  cb_writer before, after;
  cb_reader reader;
  if (s->status < 0 || s->evaluator->is_empty(&s->slot)) return;
  cb_writer_init(&before, &s->alloc);
  cb_writer_init(&after, &s->alloc);
  s->evaluator->save(&s->worker, &s->slot, &before);
  s->status = before.status;
  if (s->status == CEP_OK) {
    s->evaluator->release(&s->worker, &s->slot);
    cb_reader_init(&reader, before.data, before.len);
    s->status = s->evaluator->load(&s->worker, &s->slot, &reader);
  }
  if (s->status == CEP_OK) s->evaluator->save(&s->worker, &s->slot, &after);
  if (s->status == CEP_OK && after.status == CEP_OK) {
    assert_int_equal(after.len, before.len);
    assert_memory_equal(after.data, before.data, before.len);
  }
  cb_writer_fini(&before);
  cb_writer_fini(&after);
}

#define HEAD "input In from stdin format json { time ts ns } stream E from In { k: int s: string } "
static const char *const patterns[] = {
    "detect d by k within 20s { match E as a where k > 0 then E as b where k > 1 then E as c where k > 2 emit { } }",
    "detect d by k within 20s { match E as a where k > 0 then E as b where k > 1 then E as c where k > 2 emit { x: a.s, y: b.s } }",
    "detect d by k within 9s { match 3+ E as a where k > 0 then E as b where k > 1 emit { n: count(a) } }",
    "detect d by k within 9s { match 3+ any E as a where k > 0 then E as b where k > 1 emit { n: count(a) } after match skip to next }",
    "detect d by k within 9s { match E as a where k > 0 then no E where k > 3 then E as b where k > 1 then no E where k > 2 emit { } on timeout emit { } }",
    "detect d by k within 9s { match E as a where k > 0 then immediately E as b where k > 1 then E as c where k > 2 emit { } after match skip to next on timeout emit { } }",
    "detect d by k within 12s { match 2 E as a where k > 0 then E as b where k > 1 then 2..3 E as c where k > 2 emit { } after match skip to next on timeout emit { } }",
    "detect d by k within 12s { match E as a where k > 0 then optional E as b where k > 1 then E as c where k > 2 emit { } }",
    "detect d by k within 12s { match E as a where k > 0 then 1+ greedy E as b where k > 1 emit { n: count(b) } }",
    "detect d by k within 12s { match one of (E as a where k > 0, E as b where k > 1) then E as c where k > 2 emit { } }",
    "detect d by k unbounded { match E as a where k > 0 then E as b where k > 1 then E as c where k > 2 emit { } after match skip to next }",
};

/* The same events through both: every result, and what is open in between, alike. `dull`: of 100 events. How many results. */
static uint64_t same_as_runs(const char *pattern, uint64_t seed, uint32_t count, uint32_t dull, int reloads)
{
  char text[600];
  snprintf(text, sizeof text, HEAD "%s", pattern);
  prg *program = built_program(text);
  assert_true(nfa_first_of_fits(program, &program->detections[0]));
  side a, b;
  cb_prng prng;
  cb_prng_init(&prng, seed);
  open_side(&a, &nfa_first_of, program, NULL);
  open_side(&b, &nfa_runs, program, NULL);
  uint32_t steps = program->detections[0].steps.count;
  cep_time time = SECOND;
  for (uint32_t i = 0; i < count; i++) {
    time += cb_prng_below(&prng, 3) * SECOND / 2;
    uint64_t symbol = cb_prng_chance(&prng, dull) ? 1 : cb_prng_below(&prng, 1u << steps);
    uint32_t input = cb_prng_chance(&prng, 10) ? 70000 : 3;
    event(&a, time, input, i, symbol);
    event(&b, time, input, i, symbol);
    if (reloads) reload(&a);
  }
  advance(&a, CEP_TIME_MAX - 1);
  advance(&b, CEP_TIME_MAX - 1);
  assert_int_equal(a.status, CEP_OK);
  assert_int_equal(a.lines.len, b.lines.len);
  assert_memory_equal(a.lines.data, b.lines.data, b.lines.len);
  assert_int_equal(a.worker.counters.started, b.worker.counters.started);
  close_side(&a);
  assert_int_equal(a.worker.counters.active, 0);
  close_side(&b);
  prg_unref(program);
  return a.results;
}

/* Two evaluators that differ on one history would differ for every user who changes a rule. */
static void any_events_give_what_runs_gives(void **state)
{
  (void)state;
  for (uint32_t p = 0; p < sizeof patterns / sizeof *patterns; p++) {
    uint64_t results = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) results += same_as_runs(patterns[p], seed + p * 100, 300, seed > 3 ? 80 : 20, seed % 2 == 0);
    assert_true(results > 0);
  }
}

static const char three[] = HEAD "detect d by k within 600s { match E as a where k > 0 then E as b where k > 1 then E as c where k > 2 emit { } }";

/* Most keys have one open match: it must need no memory but its slot. */
static void one_match_of_two_events_lies_in_its_slot(void **state)
{
  (void)state;
  prg *program = built_program(three);
  side s;
  open_side(&s, &nfa_first_of, program, NULL);
  event(&s, SECOND, 0, 1, 1);
  assert_int_equal(nfa_form_of(&s.slot), NFA_FORM_ONE);
  assert_int_equal(cb_slab_in_use(&s.slab), 0);
  event(&s, 2 * SECOND, 0, 2, 2);
  assert_int_equal(nfa_form_of(&s.slot), NFA_FORM_TWO);
  assert_int_equal(cb_slab_in_use(&s.slab), 0);
  event(&s, 3 * SECOND, 0, 3, 4);
  assert_int_equal(s.results, 1);
  assert_true(nfa_first_of.is_empty(&s.slot));
  close_side(&s);
  prg_unref(program);
}

/* A hot key: what an event costs must not follow the number of open starts. */
static void an_event_moves_all_starts_at_once(void **state)
{
  (void)state;
  prg *program = built_program(three);
  side s;
  open_side(&s, &nfa_first_of, program, NULL);
  for (uint32_t i = 0; i < 20000; i++) event(&s, SECOND + i, 0, i, 1);
  uint64_t before = cb_slab_in_use(&s.slab);
  assert_int_equal(s.worker.counters.active, 20000);
  event(&s, 2 * SECOND, 0, 30000, 2);
  assert_int_equal(cb_slab_in_use(&s.slab), before + 1); /* the one event, for all of them */
  event(&s, 3 * SECOND, 0, 30001, 1);
  event(&s, 4 * SECOND, 0, 30002, 4);
  assert_int_equal(s.results, 1);
  assert_int_equal(cb_slab_in_use(&s.slab), 0);
  close_side(&s);
  prg_unref(program);
}

/* When a key has only one open match left, its memory is given back. */
static void what_is_left_alone_goes_back_to_its_slot(void **state)
{
  (void)state;
  prg *program = built_program(three);
  side s;
  open_side(&s, &nfa_first_of, program, NULL);
  event(&s, 1 * SECOND, 0, 1, 1);
  event(&s, 2 * SECOND, 0, 2, 1);
  assert_int_equal(nfa_form_of(&s.slot), NFA_FORM_QUEUE);
  advance(&s, 601 * SECOND);
  assert_int_equal(nfa_form_of(&s.slot), NFA_FORM_ONE);
  assert_int_equal(cb_slab_in_use(&s.slab), 0);
  close_side(&s);
  prg_unref(program);
}

/* Limits drop what is newest, and count it, as runs does. */
static void limits_are_those_of_runs(void **state)
{
  (void)state;
  static const uint64_t partials[] = {3, 1000000}, histories[] = {10000, 2};
  for (uint32_t n = 0; n < 2; n++) {
    prg *program = built_program(three);
    side sides[2];
    for (uint32_t i = 0; i < 2; i++) {
      side *s = &sides[i];
      open_side(s, i == 0 ? &nfa_first_of : &nfa_runs, program, NULL);
      s->worker.partial_max = partials[n];
      s->worker.history_max = histories[n];
      for (uint32_t e = 0; e < 40; e++) event(s, SECOND * (e + 1), 0, e, e % 9 == 8 ? 4 : e % 9 == 6 ? 2 : 1);
    }
    assert_true(sides[1].worker.counters.partials_dropped > 0);
    assert_int_equal(sides[0].worker.counters.partials_dropped, sides[1].worker.counters.partials_dropped);
    assert_int_equal(sides[0].lines.len, sides[1].lines.len);
    for (uint32_t i = 0; i < 2; i++) close_side(&sides[i]);
    prg_unref(program);
  }
}

static int refused_memory(const cep_allocator *hook, void *ctx)
{
  side s;
  open_side(&s, &nfa_first_of, ctx, hook);
  for (uint32_t e = 0; e < 60 && s.status >= 0; e++) {
    event(&s, SECOND * (e + 1) / 4, 0, e, e % 11 == 10 ? 2 : 1);
    if (e % 8 == 0) reload(&s);
  }
  cep_status status = s.status;
  if (status < 0) s.evaluator->release(&s.worker, &s.slot);
  if (status < 0 && s.worker.own) assert_int_equal(s.worker.counters.active, 0);
  close_side(&s);
  return status;
}

/* Whatever is refused, nothing is lost and nothing is used after it went. */
static void refused_memory_leaves_a_slot_that_can_be_released(void **state)
{
  (void)state;
  for (uint32_t p = 1; p < 3; p++) {
    char text[600];
    snprintf(text, sizeof text, HEAD "%s", patterns[p]);
    prg *program = built_program(text);
    assert_true(fault_alloc_sweep(refused_memory, program) > 0);
    prg_unref(program);
  }
}

/* State comes from files: any bytes are refused or give a slot whose invariants hold. */
static void changed_bytes_are_refused_or_hold(void **state)
{
  (void)state;
  prg *program = built_program(three);
  for (uint32_t events = 1; events < 6; events++) {
    side s;
    cb_writer saved;
    open_side(&s, &nfa_first_of, program, NULL);
    for (uint32_t e = 0; e < events; e++) event(&s, SECOND * (e + 1), 0, e, e == 1 ? 2 : 1);
    cb_writer_init(&saved, &s.alloc);
    s.evaluator->save(&s.worker, &s.slot, &saved);
    s.evaluator->release(&s.worker, &s.slot);
    for (size_t i = 0; i < saved.len * 3; i++) {
      uint8_t *byte = saved.data + i / 3, was = *byte;
      *byte = (uint8_t)(i % 3 == 0 ? was + 1 : i % 3 == 1 ? was - 1 : 0xFF - was);
      cb_reader reader;
      cb_reader_init(&reader, saved.data, i % 7 == 0 ? i / 3 : saved.len);
      cep_status status = s.evaluator->load(&s.worker, &s.slot, &reader);
      if (status == CEP_OK) assert_true(s.evaluator->check(&s.worker, &s.slot));
      else assert_true(s.evaluator->is_empty(&s.slot));
      s.evaluator->release(&s.worker, &s.slot);
      *byte = was;
    }
    assert_int_equal(s.worker.counters.active, 0);
    cb_writer_fini(&saved);
    close_side(&s);
  }
  prg_unref(program);
}

/* Takes over the state of another evaluator. */
static cep_status take_over(side *to, side *from)
{
  cb_writer bytes;
  cb_reader reader;
  cb_writer_init(&bytes, &from->alloc);
  from->evaluator->save(&from->worker, &from->slot, &bytes);
  cb_reader_init(&reader, bytes.data, bytes.len);
  cep_status status = to->evaluator->load(&to->worker, &to->slot, &reader);
  cb_writer_fini(&bytes);
  return status;
}

/* Who forces an evaluator, or comes from a version that had one only, does not lose what is open. */
static void what_runs_has_saved_goes_on(void **state)
{
  (void)state;
  prg *program = built_program(three);
  side runs, first, refused;
  open_side(&runs, &nfa_runs, program, NULL);
  open_side(&first, &nfa_first_of, program, NULL);
  open_side(&refused, &nfa_runs, program, NULL);
  for (uint32_t e = 0; e < 7; e++) event(&runs, SECOND * (e + 1), 0, e, e == 4 ? 2 : 1);
  assert_int_equal(take_over(&first, &runs), CEP_OK);
  for (uint32_t e = 7; e < 40; e++) {
    event(&runs, SECOND * (e + 1), 0, e, e % 8);
    event(&first, SECOND * (e + 1), 0, e, e % 8);
  }
  assert_true(first.results > 0);
  assert_int_equal(first.lines.len, runs.lines.len);
  assert_memory_equal(first.lines.data, runs.lines.data, runs.lines.len);
  event(&first, 100 * SECOND, 0, 100, 1);
  assert_int_equal(take_over(&refused, &first), CEP_E_MISMATCH);
  close_side(&runs);
  close_side(&first);
  close_side(&refused);
  prg_unref(program);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(any_events_give_what_runs_gives),
      cmocka_unit_test(one_match_of_two_events_lies_in_its_slot),
      cmocka_unit_test(an_event_moves_all_starts_at_once),
      cmocka_unit_test(what_is_left_alone_goes_back_to_its_slot),
      cmocka_unit_test(limits_are_those_of_runs),
      cmocka_unit_test(refused_memory_leaves_a_slot_that_can_be_released),
      cmocka_unit_test(changed_bytes_are_refused_or_hold),
      cmocka_unit_test(what_runs_has_saved_goes_on),
  };
  return cmocka_run_group_tests_name("nfa/firstof", tests, NULL, NULL);
}
