/* compact_count.c - how many matches an event completes, and what their events add up to, without listing them. */
#include "nfa/compact.h"

#include <string.h>

#include "nfa/register.h"

/* The sums of a node are those of all its histories that are not over: an output adds its event to each of them, a
 * union adds up two sums. Children stand before their parents, so one walk over what is reached is enough. It
 * cannot be kept from event to event: what is over changes. */
typedef struct work {
  nfa_tecs *set;
  nfa_listing *listing;
  int64_t oldest;
  uint32_t registers;
} work;

static uint64_t *words_of(const work *w, uint32_t node) { return w->listing->words.at + (size_t)node * w->registers; }

static void count_output(const work *w, uint32_t node)
{
  nfa_worker *worker = w->set->worker;
  const nfa_tecs_node *it = &w->set->at[node];
  uint64_t *words = words_of(w, node), *null = &w->listing->nulls.at[node];
  const cb_cell *cell = (const cb_cell *)cb_slab_at(worker->slab, it->right);
  if (it->left != NFA_TECS_NONE) {
    memcpy(words, words_of(w, it->left), w->registers * sizeof *words);
    *null = w->listing->nulls.at[it->left];
    w->listing->starts.at[node] = w->listing->starts.at[it->left];
  } else {
    memset(words, 0, w->registers * sizeof *words);
    *null = nfa_compact_own_of(worker)->null_at_start;
    words[0] = 1; /* PRG_REG_MATCHES */
    w->listing->starts.at[node] = cell->time;
  }
  prg_list registers = worker->detection->registers;
  nfa_env env = {.program = worker->program, .scratch = worker->scratch, .cell = cell, .register_first = registers.first};
  for (uint32_t r = 0; r < registers.count; r++) {
    const prg_register *reg = &worker->program->registers[registers.first + r];
    if (reg->step == it->step) nfa_register_take(&env, reg, r, words, null, &worker->counters.sum_overflow);
  }
}

static void add(const work *w, uint32_t into, uint32_t node)
{
  nfa_worker *worker = w->set->worker;
  nfa_registers_join(worker->program, worker->detection->registers, words_of(w, into), &w->listing->nulls.at[into], words_of(w, node),
                     w->listing->nulls.at[node], &worker->counters.sum_overflow);
  if (w->listing->starts.at[node] < w->listing->starts.at[into]) w->listing->starts.at[into] = w->listing->starts.at[node];
}

static void copy(const work *w, uint32_t into, uint32_t node)
{
  memcpy(words_of(w, into), words_of(w, node), w->registers * sizeof(uint64_t));
  w->listing->nulls.at[into] = w->listing->nulls.at[node];
  w->listing->starts.at[into] = w->listing->starts.at[node];
}

static void count_node(const work *w, uint32_t node)
{
  const nfa_tecs_node *it = &w->set->at[node];
  if (!it->is_union) {
    count_output(w, node);
    return;
  }
  copy(w, node, it->left);
  if (w->set->at[it->right].max_start >= w->oldest) add(w, node, it->right);
}

static int reserve(const work *w)
{
  cb_alloc *alloc = w->set->worker->alloc;
  uint32_t count = w->set->slot->count;
  w->listing->words.count = w->listing->nulls.count = w->listing->starts.count = 0;
  return cb_vec_reserve(alloc, &w->listing->words, count * w->registers) && cb_vec_reserve(alloc, &w->listing->nulls, count) &&
         cb_vec_reserve(alloc, &w->listing->starts, count);
}

/* The event in hand, by the earliest of the steps that completed a match, is what the alert shows. */
static cep_status report(const work *w, uint32_t sum, uint32_t shown, const nfa_when *when)
{
  nfa_worker *worker = w->set->worker;
  const nfa_tecs_node *it = &w->set->at[shown];
  cb_cell_ref(worker->slab, it->right);
  cb_slab_id head = nfa_history_add(worker->slab, CB_SLAB_NONE, it->right, it->step, it->seq, when->now);
  if (head == CB_SLAB_NONE) {
    cb_cell_unref(worker->slab, it->right);
    return CEP_E_NOMEM;
  }
  nfa_result result = {.kind = NFA_MATCHED,
                       .index = when->index,
                       .time = when->now,
                       .start = w->listing->starts.at[sum],
                       .waited = PRG_NONE,
                       .captures = {.slab = worker->slab, .head = head, .registers = words_of(w, sum), .null = w->listing->nulls.at[sum]}};
  cep_status status = when->out->report(when->out->ctx, &result);
  nfa_history_unref(worker->slab, head);
  return status;
}

cep_status nfa_compact_count(nfa_tecs *set, int64_t oldest, const nfa_when *when)
{
  const nfa_compact_own *own = nfa_compact_own_of(set->worker);
  work w = {.set = set, .listing = &nfa_compact_own_of(set->worker)->listing, .oldest = oldest, .registers = set->worker->detection->registers.count};
  nfa_reach reach;
  if (!reserve(&w) || !nfa_reach_ends(&reach, set, oldest)) return CEP_E_NOMEM;
  for (uint32_t i = reach.low / 64; i <= reach.high / 64; i++) {
    for (uint64_t rest = reach.seen[i]; rest != 0; rest &= rest - 1) count_node(&w, i * 64 + (uint32_t)__builtin_ctzll(rest));
  }
  uint32_t sum = own->ends.at[0], shown = sum;
  for (uint32_t i = 1; i < own->ends.count; i++) {
    add(&w, sum, own->ends.at[i]);
    if (set->at[own->ends.at[i]].step < set->at[shown].step) shown = own->ends.at[i];
  }
  nfa_reach_forget(&reach);
  return report(&w, sum, shown, when);
}
