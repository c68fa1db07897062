/* runs_lookup.c - which partial matches wait for values, and what those values are.
 *
 * A way is steady if an event that fits none of the steps it looks at leaves it as it is, and
 * each of those steps asks for an equality between the event and what was captured. Then
 * only events with the equal value concern it. Two steps that compare with the same captured
 * values have one lookup. */
#include "nfa/runs.h"

/* ---- Of the detection ------------------------------------------------------------------ */

static int same_captured(const nfa_worker *worker, prg_list a, prg_list b)
{
  if (a.count != b.count) return 0;
  for (uint32_t i = 1; i < a.count; i += 2) {
    if (nfa_list_at(worker, a, i) != nfa_list_at(worker, b, i)) return 0;
  }
  return 1;
}

static void number_lookups(const nfa_worker *worker, nfa_runs_own *own)
{
  for (uint32_t s = 0; s < worker->detection->steps.count; s++) {
    prg_list equals = nfa_step(worker, s)->equals;
    if (equals.count == 0) continue;
    uint32_t at = 0;
    while (at < own->lookup_count && !same_captured(worker, nfa_step(worker, own->lookup_steps[at])->equals, equals)) at++;
    if (at == NFA_LOOKUPS_MAX) continue;
    if (at == own->lookup_count) own->lookup_steps[own->lookup_count++] = s;
    own->lookup_of[s] = (uint8_t)(at + 1);
  }
}

/* Adds the lookups of the steps; 0 if one of them has none. */
static int look_at(const nfa_worker *worker, const nfa_runs_own *own, prg_list steps, uint64_t *seen)
{
  for (uint32_t i = 0; i < steps.count; i++) {
    uint32_t step = nfa_list_at(worker, steps, i);
    if (own->lookup_of[step] == 0) return 0;
    *seen |= 1ull << step;
  }
  return 1;
}

/* Ends that come with a deadline only. */
static int waits_for_span(const prg_edge *finish)
{
  return !(finish->flags & (PRG_EDGE_AT_ONCE | PRG_EDGE_AFTER_LOOP)) && finish->trailing > 0;
}

static int is_steady(const nfa_worker *worker, const nfa_runs_own *own, const prg_edge *edge, uint64_t *seen)
{
  if (edge->kind == PRG_EDGE_FINISH) {
    if (!waits_for_span(edge)) return 0;
  } else {
    if (edge->contiguity == PRG_STRICT || own->lookup_of[edge->target] == 0) return 0;
    *seen |= 1ull << edge->target;
  }
  if (edge->until != PRG_NONE) {
    if (own->lookup_of[edge->until] == 0) return 0;
    *seen |= 1ull << edge->until;
  }
  return look_at(worker, own, edge->nos, seen) && look_at(worker, own, edge->guards, seen) &&
         look_at(worker, own, edge->untils, seen);
}

static void look_at_state(const nfa_worker *worker, nfa_runs_own *own, uint32_t s)
{
  const prg_state *state = nfa_state(worker, s);
  uint64_t steps = 0;
  if (own->lifters[s] != 0 || own->fresh_matters[s] || !look_at(worker, own, state->direct_nos, &steps)) return;
  for (uint32_t e = 0; e < state->edges.count; e++) {
    uint64_t seen = 0;
    if (!is_steady(worker, own, nfa_edge(worker, state, e), &seen)) continue;
    own->steady[s] |= 1ull << e;
    steps |= seen;
  }
  if (own->steady[s] == 0) return;
  own->looked_up |= steps;
  for (uint64_t rest = steps; rest != 0; rest &= rest - 1) {
    own->lookups[s] |= (uint8_t)(1u << (own->lookup_of[__builtin_ctzll(rest)] - 1u));
  }
}

int nfa_runs_has_spans_only(const nfa_worker *worker)
{
  const nfa_runs_own *own = (const nfa_runs_own *)worker->own;
  for (uint32_t s = 1; s < worker->detection->states.count; s++) {
    const prg_state *state = nfa_state(worker, s);
    if (own->gaps[s] != 0) return 0;
    for (uint32_t e = 0; e < state->edges.count; e++) {
      const prg_edge *edge = nfa_edge(worker, state, e);
      for (uint32_t n = 0; n < edge->nos.count; n++) {
        if (nfa_step(worker, nfa_list_at(worker, edge->nos, n))->no_for > 0) return 0;
      }
    }
  }
  return worker->detection->within_events == 0;
}

void nfa_lookups_find(const nfa_worker *worker)
{
  nfa_runs_own *own = (nfa_runs_own *)worker->own;
  if (worker->index_runs == 0 || own->may_twin || !nfa_runs_has_spans_only(worker)) return;
  /* A start concerns all others; records that are added up concern each other at any time. */
  if (worker->detection->flags & (PRG_DETECT_LATEST | PRG_DETECT_WEIGHED)) return;
  number_lookups(worker, own);
  for (uint32_t s = 1; s < worker->detection->states.count; s++) look_at_state(worker, own, s);
}

/* ---- Values ---------------------------------------------------------------------------- */

/* Equal values have equal hashes; both sides are of one kind. */
static uint64_t mix(uint64_t hash, const cep_value *value)
{
  uint64_t words[2] = {hash, 0};
  if (value->kind == CEP_STRING || value->kind == CEP_IP) {
    words[1] = cb_hash64(value->as.s, value->length);
  } else if (value->kind == CEP_FLOAT) {
    double f = value->as.f + 0.0; /* of the two zeros one */
    memcpy(&words[1], &f, sizeof f);
  } else {
    words[1] = (uint64_t)value->as.i;
  }
  return cb_hash64(words, sizeof words);
}

static int hash_side(const nfa_env *env, prg_list equals, uint32_t side, uint32_t lookup, uint64_t *hash)
{
  nfa_scratch *scratch = env->scratch;
  uint32_t used = scratch->used;
  uint64_t overflows = scratch->overflows;
  int all = 1;
  *hash = lookup;
  for (uint32_t i = side; i < equals.count && all; i += 2) {
    cep_value value = nfa_expr_eval(env, env->program->lists[equals.first + i]);
    all = value.kind != CEP_NULL;
    if (all) *hash = mix(*hash, &value);
  }
  int failed = scratch->overflows != overflows;
  scratch->used = used;
  return all ? 1 : failed ? -1 : 0;
}

int nfa_lookup_of_run(const nfa_worker *worker, nfa_run *run, uint32_t lookup, uint64_t *hash)
{
  const nfa_runs_own *own = (const nfa_runs_own *)worker->own;
  nfa_captures captures = nfa_run_captures(worker, run);
  nfa_env env = {.program = worker->program,
                 .scratch = worker->scratch,
                 .captures = &captures,
                 .register_first = worker->detection->registers.first};
  int found = hash_side(&env, nfa_step(worker, own->lookup_steps[lookup])->equals, 1, lookup, hash);
  if (found == 0) *hash = cb_hash64(&run->start_seq, sizeof run->start_seq); /* equal to nothing: any place will do */
  return found >= 0;
}

int nfa_lookup_of_event(const nfa_moment *moment, uint32_t step, uint64_t *hash)
{
  const nfa_worker *worker = moment->worker;
  nfa_env env = {.program = worker->program,
                 .scratch = worker->scratch,
                 .batch = moment->event->batch,
                 .row = moment->event->row,
                 .register_first = worker->detection->registers.first};
  return hash_side(&env, nfa_step(worker, step)->equals, 0, moment->own->lookup_of[step] - 1u, hash) > 0;
}
