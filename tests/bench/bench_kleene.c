/*
 * bench_kleene.c - the compact evaluator alone, on one key: what an event costs, and what a match costs.
 *
 *   bench_kleene [--events N] [--rounds N] [--seed N] [--within N] [--tiny 1]
 *
 * Nine types of event, all of one key. "keep": `a then any 1+ any b then any c` within the last N events, with a c
 * that does not come: what it costs to keep all partial matches, whose number doubles with each b. "list": `a then
 * any b then any c`, every match of which is reported; who gets it looks at its three events. Beside it the same
 * by two nested loops over rings of positions. The evaluator gets rows in batches and their symbols, without
 * decoding, routing, keys and alerts. Exit code 1: the answers differ.
 */
#include "meter.h"
#include "nfa/build.h"
#include "nfa/match.h"
#include "patterns/plan.h"

#define TYPES 9u
#define BLOCK 1000u
#define TICK  1000u /* nanoseconds from event to event */

static const char rules[] = "input In from stdin format json { time ts ns }\n"
                            "stream E from In { type: int }\n"
                            "detect d within %llu events {\n"
                            "  match E as a where type == 0\n"
                            "  then any %sE as b where type == 1\n"
                            "  then any E as c where type == 2\n"
                            "  after match no skip limit unbounded emit { }\n"
                            "}\n";

typedef struct answer {
  uint64_t matches, hash;
} answer;

typedef struct side {
  cb_alloc alloc;
  cb_slab slab;
  prg *program;
  nfa_scratch scratch;
  nfa_worker worker;
  nfa_slot slot;
  cb_batch batch;
  answer got;
} side;

static void must(cep_status status, const char *what)
{
  if (status >= 0) return;
  fprintf(stderr, "%s: %s\n", what, cep_status_name(status));
  exit(1);
}

static prg *compile(cb_alloc *alloc, const char *text)
{
  cb_arena arena;
  cb_writer image;
  plan *meaning;
  prg *program = NULL;
  cep_error err = {0};
  cb_arena_init(&arena, alloc);
  cb_writer_init(&image, alloc);
  must(plan_compile(&arena, "kleene", text, strlen(text), NULL, NULL, &meaning, &err), err.text);
  must(nfa_build(alloc, meaning, &image, &err), err.text);
  must(prg_load(NULL, image.data, image.len, &program, &err), err.text);
  cb_writer_fini(&image);
  cb_arena_fini(&arena);
  return program;
}

static void open_side(side *self, uint64_t within, int is_list)
{
  char text[sizeof rules + 64];
  memset(self, 0, sizeof *self);
  snprintf(text, sizeof text, rules, (unsigned long long)within, is_list ? "" : "1+ reluctant any ");
  cb_alloc_init(&self->alloc, NULL, 0);
  cb_slab_init(&self->slab, &self->alloc, 0);
  self->program = compile(&self->alloc, text);
  must(nfa_scratch_init(&self->scratch, &self->alloc, self->program, 1000, 1000), "scratch");
  self->worker = (nfa_worker){.program = self->program,
                              .detection = &self->program->detections[0],
                              .alloc = &self->alloc,
                              .slab = &self->slab,
                              .scratch = &self->scratch,
                              .partial_max = 100000000,
                              .history_max = 100000000};
  must(nfa_compact.open(&self->worker), "open");
  const prg_stream *stream = &self->program->streams[0];
  must(cb_batch_init(&self->batch, &self->alloc, 0, stream->columns.count, self->program->columns + stream->columns.first, CB_BATCH_MAX), "batch");
}

static void close_side(side *self)
{
  nfa_compact.release(&self->worker, &self->slot);
  nfa_compact.close(&self->worker);
  cb_batch_fini(&self->batch);
  nfa_scratch_fini(&self->scratch);
  prg_unref(self->program);
  cb_slab_fini(&self->slab);
}

/* Looks at each event of the match. */
static cep_status on_result(void *ctx, const nfa_result *result)
{
  answer *got = ctx;
  uint64_t hash = 0;
  for (cb_slab_id id = result->captures.head; id != CB_SLAB_NONE;) {
    const nfa_node *node = nfa_history_at(result->captures.slab, id);
    hash = hash * 31 + (uint64_t)node->time;
    id = node->prev;
  }
  got->matches++;
  got->hash += hash;
  return CEP_OK;
}

/* ---- The loop ------------------------------------------------------------------------------ */

typedef struct ring {
  uint64_t *at;
  uint64_t first, end, mask;
} ring;

typedef struct loop {
  ring a, b;
  uint64_t within;
  answer got;
} loop;

static ring ring_of(uint64_t within)
{
  ring r = {.mask = 1};
  while (r.mask < within + 2) r.mask *= 2;
  r.at = malloc(r.mask * sizeof *r.at);
  if (!r.at) exit(1);
  r.mask--;
  return r;
}

static void forget(ring *r, uint64_t position, uint64_t within)
{
  while (r->first < r->end && position - r->at[r->first & r->mask] > within) r->first++;
}

static void loop_event(loop *self, uint64_t position, uint32_t type)
{
  if (type > 2) return;
  forget(&self->a, position, self->within);
  forget(&self->b, position, self->within);
  if (type == 0) self->a.at[self->a.end++ & self->a.mask] = position;
  if (type == 1) self->b.at[self->b.end++ & self->b.mask] = position;
  for (uint64_t i = self->a.first; type == 2 && i < self->a.end; i++) {
    uint64_t first = self->a.at[i & self->a.mask];
    for (uint64_t k = self->b.first; k < self->b.end; k++) {
      uint64_t second = self->b.at[k & self->b.mask];
      if (second < first) continue;
      self->got.matches++;
      self->got.hash += ((position * 31 + second) * 31 + first) * TICK;
    }
  }
}

/* ---- Turns ---------------------------------------------------------------------------------- */

typedef struct stream {
  uint64_t random, position;
  uint32_t types[BLOCK];
  int is_list;
} stream;

static void fill(stream *self)
{
  for (uint32_t i = 0; i < BLOCK; i++) {
    uint32_t type = (uint32_t)(meter_random(&self->random) >> 20) % TYPES;
    self->types[i] = type == 2 && !self->is_list ? TYPES : type;
  }
}

static uint64_t engine_turn(side *self, const stream *events)
{
  static nfa_slot *slots[BLOCK];
  static nfa_event rows[BLOCK];
  static uint64_t symbols[BLOCK];
  const nfa_out out = {.report = on_result, .ctx = &self->got};
  cb_batch_clear(&self->batch);
  for (uint32_t i = 0; i < BLOCK; i++) {
    uint64_t position = events->position + i;
    cb_batch_begin_row(&self->batch, (cep_time)(position * TICK), 0, position);
    cb_batch_end_row(&self->batch);
    slots[i] = &self->slot;
    rows[i] = (nfa_event){&self->batch, i};
    symbols[i] = events->types[i] < 3 ? 1ull << events->types[i] : 0;
  }
  uint64_t start = meter_now();
  must(nfa_compact.step(&self->worker, slots, rows, symbols, BLOCK, &out), "step");
  return meter_now() - start;
}

static uint64_t loop_turn(loop *self, const stream *events)
{
  uint64_t start = meter_now();
  for (uint32_t i = 0; i < BLOCK; i++) loop_event(self, events->position + i, events->types[i]);
  return meter_now() - start;
}

/* 1: the answers differ. */
static int run(uint64_t within, uint64_t blocks, uint64_t rounds, uint64_t seed, int is_list)
{
  side engine;
  loop by_hand = {.a = ring_of(within), .b = ring_of(within), .within = within};
  stream events = {.random = seed, .is_list = is_list};
  double took[2][100], matches[100];
  open_side(&engine, within, is_list);
  uint64_t warm = within / BLOCK + 1;
  if (rounds > 100) rounds = 100;
  for (uint64_t r = 0; r <= rounds; r++) {
    uint64_t sums[2] = {0, 0}, before = engine.got.matches, turns = r == 0 ? warm : blocks;
    for (uint64_t i = 0; i < turns; i++) {
      fill(&events);
      sums[0] += engine_turn(&engine, &events);
      if (is_list) sums[1] += loop_turn(&by_hand, &events);
      events.position += BLOCK;
    }
    if (r == 0) continue;
    for (int s = 0; s < 2; s++) took[s][r - 1] = (double)sums[s] / (double)(turns * BLOCK);
    matches[r - 1] = (double)(engine.got.matches - before) / (double)(turns * BLOCK);
  }
  double event = meter_quantile(took[0], rounds, 0.5), least = took[0][0], most = took[0][rounds - 1];
  printf("%s within %6llu events: %9.1f ns an event (%.1f .. %.1f), %llu KiB", is_list ? "list" : "keep", (unsigned long long)within, event, least,
         most, (unsigned long long)(cb_slab_bytes_in_use(&engine.slab) / 1024));
  int same = !is_list || (engine.got.matches == by_hand.got.matches && engine.got.hash == by_hand.got.hash);
  if (is_list) {
    double each = meter_quantile(matches, rounds, 0.5), loop_event_ns = meter_quantile(took[1], rounds, 0.5);
    printf("; %.1f million matches a second, the loop %.1f; %llu matches: %s", each / event * 1e3, each / loop_event_ns * 1e3,
           (unsigned long long)engine.got.matches, same ? "equal" : "DIFFERENT");
  }
  printf("\n");
  close_side(&engine);
  free(by_hand.a.at);
  free(by_hand.b.at);
  return !same;
}

int main(int argc, char **argv)
{
  uint64_t events = meter_option(argc, argv, "--events", 0), rounds = meter_option(argc, argv, "--rounds", 5);
  uint64_t seed = meter_option(argc, argv, "--seed", 7), one = meter_option(argc, argv, "--within", 0);
  int tiny = meter_option(argc, argv, "--tiny", 0) != 0, failed = 0;
  static const uint64_t sizes[] = {100, 1000, 10000, 100000};
  for (uint32_t i = 0; i < 4; i++) {
    if ((one > 0 && one != sizes[i]) || (tiny && i > 1)) continue;
    failed |= run(sizes[i], (events > 0 ? events : tiny ? 2000 : 400000) / BLOCK, tiny ? 1 : rounds, seed, 0);
  }
  for (uint32_t i = 0; i < 2; i++) {
    if ((one > 0 && one != sizes[i]) || (tiny && i > 0)) continue;
    failed |= run(sizes[i], (events > 0 ? events : tiny || i > 0 ? 4000 : 200000) / BLOCK, tiny ? 1 : rounds, seed, 1);
  }
  return failed;
}
