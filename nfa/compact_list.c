/* compact_list.c - the matches of an event, one after the other in their order.
 *
 *   nodes lead from the end of a match back to its start; the order goes by the start, then by the next
 *   event, and so on. So what the ends reach is turned round first:
 *
 *     ends -> c5 -> union -> b4 -> a3          a1 -> b2, b4       b2 -> c5       1 2 5
 *                         -> b2 -> a1          a3 -> b4           b4 -> c5       1 4 5,  3 4 5
 *
 *   and then walked from the starts on, the nearest event first. Every way leads to an end: nothing is looked at
 *   in vain, and nothing has to be sorted. Edges are found in order of the nodes they lead to, which is that of
 *   the events. If no more than so many matches may come out, no output needs edges to more events than that. */
#include "nfa/compact.h"

#include <string.h>

#include "nfa/register.h"

#define AGAIN 0x80000000u /* on the stack: a union whose halves have been walked */

typedef struct work {
  nfa_tecs *set;
  nfa_listing *listing;
  nfa_mark *marks;
  int64_t oldest;
  cep_time now;
  uint32_t index;
  const nfa_out *out;
  uint32_t low;        /* nodes that are seen lie between */
  uint32_t high;
  uint64_t looked_at_max;
  uint64_t reported_max;
  uint64_t looked_at;
  uint64_t reported;
  nfa_mark starts;     /* as if one output stood before all starts */
} work;

static cb_alloc *alloc_of(const work *w) { return w->set->worker->alloc; }
static const nfa_tecs_node *node_at(const work *w, uint32_t node) { return &w->set->at[node]; }
static int is_young(const work *w, uint32_t node) { return w->set->at[node].max_start >= w->oldest; }

static int push(const work *w, uint32_t item) { return cb_vec_push(alloc_of(w), &w->listing->stack, item); }

/* ---- What the ends reach ------------------------------------------------------------------- */

static int reserve(work *w)
{
  nfa_listing *listing = w->listing;
  uint32_t count = w->set->slot->count, words = count / 64 + 1, had = listing->seen.count;
  listing->marks.count = 0;
  if (!cb_vec_reserve(alloc_of(w), &listing->marks, count)) return 0;
  w->marks = listing->marks.at;
  if (words <= had) return 1;
  if (!cb_vec_reserve(alloc_of(w), &listing->seen, words - had)) return 0;
  memset(listing->seen.at + had, 0, (words - had) * sizeof *listing->seen.at);
  listing->seen.count = words;
  return 1;
}

static int see(work *w, uint32_t node)
{
  uint64_t *word = &w->listing->seen.at[node / 64], bit = 1ull << (node % 64);
  if (*word & bit) return 1;
  *word |= bit;
  if (node < w->low) w->low = node;
  if (node > w->high) w->high = node;
  w->marks[node] = (nfa_mark){0};
  return push(w, node);
}

static int see_all(work *w)
{
  const nfa_compact_own *own = nfa_compact_own_of(w->set->worker);
  w->listing->stack.count = 0;
  w->low = UINT32_MAX;
  w->high = 0;
  for (uint32_t i = 0; i < own->ends.count; i++) {
    if (!see(w, own->ends.at[i])) return 0;
  }
  while (w->listing->stack.count > 0) {
    const nfa_tecs_node *node = node_at(w, w->listing->stack.at[--w->listing->stack.count]);
    if (node->left != NFA_TECS_NONE && !see(w, node->left)) return 0;
    if (node->is_union && is_young(w, node->right) && !see(w, node->right)) return 0;
  }
  return 1;
}

static void forget_seen(work *w)
{
  if (w->low > w->high) return;
  memset(&w->listing->seen.at[w->low / 64], 0, (w->high / 64 - w->low / 64 + 1) * sizeof(uint64_t));
}

/* ---- Turned round ---------------------------------------------------------------------------- */

/* Only the edges to the first events are kept, as many as matches may be looked at; but all to one event, which may
 * be taken by several steps. */
static int add_edge(work *w, nfa_mark *from, uint32_t node)
{
  nfa_listing *listing = w->listing;
  uint32_t *first = &from->first_edge, *last = &from->last_edge;
  int is_same = *last != 0 && node_at(w, listing->edges.at[*last - 1].node)->seq == node_at(w, node)->seq;
  from->is_full = !is_same && from->fan == w->looked_at_max;
  if (from->is_full) return 1;
  from->fan += !is_same;
  nfa_next_edge edge = {.node = node, .next = 0};
  if (!cb_vec_push(alloc_of(w), &listing->edges, edge)) return 0;
  if (*first == 0) *first = listing->edges.count;
  else listing->edges.at[*last - 1].next = listing->edges.count;
  *last = listing->edges.count;
  return 1;
}

static int is_full(const work *w, uint32_t node) { return !is_young(w, node) || w->marks[node].is_full; }

/* An edge from each output below `output` to it. */
static int add_edges(work *w, uint32_t output)
{
  nfa_listing *listing = w->listing;
  listing->stack.count = 0;
  if (!push(w, node_at(w, output)->left)) return 0;
  while (listing->stack.count > 0) {
    uint32_t at = listing->stack.at[--listing->stack.count], node = at & ~AGAIN;
    const nfa_tecs_node *it = node_at(w, node);
    nfa_mark *mark = &w->marks[node];
    if (at & AGAIN) mark->is_full = is_full(w, it->left) && is_full(w, it->right);
    if ((at & AGAIN) || is_full(w, node)) continue;
    if (it->is_union) {
      if (!push(w, node | AGAIN) || !push(w, it->right) || !push(w, it->left)) return 0;
    } else if (!add_edge(w, mark, output)) {
      return 0;
    }
  }
  return 1;
}

static uint64_t add_up(uint64_t a, uint64_t b) { return a > UINT64_MAX - b ? UINT64_MAX : a + b; }

/* How many matches a node stands for, those below it being known; and the edges to it. */
static int turn_round(work *w, uint32_t node)
{
  const nfa_tecs_node *it = node_at(w, node);
  nfa_mark *mark = &w->marks[node];
  if (it->is_union) {
    mark->matches = w->marks[it->left].matches;
    if (is_young(w, it->right)) mark->matches = add_up(mark->matches, w->marks[it->right].matches);
    return 1;
  }
  mark->matches = it->left == NFA_TECS_NONE ? 1 : w->marks[it->left].matches;
  return it->left == NFA_TECS_NONE ? add_edge(w, &w->starts, node) : add_edges(w, node);
}

static int turn_all(work *w)
{
  const uint64_t *seen = w->listing->seen.at;
  w->listing->edges.count = 0;
  for (uint32_t i = w->low / 64; i <= w->high / 64; i++) {
    for (uint64_t rest = seen[i]; rest != 0; rest &= rest - 1) {
      if (!turn_round(w, i * 64 + (uint32_t)__builtin_ctzll(rest))) return 0;
    }
  }
  return 1;
}

/* ---- A match as it is shown -------------------------------------------------------------------- */

static nfa_node *chain_at(const work *w, uint32_t depth)
{
  return (nfa_node *)cb_slab_at(w->set->worker->slab, w->listing->chain.at[depth]);
}

/* Room for one event more, its registers included. */
static int deepen(work *w)
{
  nfa_listing *listing = w->listing;
  nfa_worker *worker = w->set->worker;
  uint32_t depth = listing->chain.count, registers = worker->detection->registers.count;
  listing->words.count = depth * registers;
  listing->nulls.count = listing->path.count = depth;
  if (!cb_vec_reserve(alloc_of(w), &listing->words, registers) || !cb_vec_push(alloc_of(w), &listing->nulls, 0) ||
      !cb_vec_push(alloc_of(w), &listing->path, NFA_TECS_NONE))
    return 0;
  cb_slab_id id = cb_slab_take(worker->slab, sizeof(nfa_node));
  if (id == CB_SLAB_NONE) return 0;
  *(nfa_node *)cb_slab_at(worker->slab, id) =
      (nfa_node){.prev = depth > 0 ? listing->chain.at[depth - 1] : CB_SLAB_NONE, .refs = 1, .length = depth + 1};
  if (cb_vec_push(alloc_of(w), &listing->chain, id)) return 1;
  cb_slab_give(worker->slab, id);
  return 0;
}

/* The registers after the event at this depth. */
static void take_registers(work *w, uint32_t depth)
{
  const nfa_worker *worker = w->set->worker;
  prg_list registers = worker->detection->registers;
  uint64_t *words = w->listing->words.at + (size_t)depth * registers.count, *null = &w->listing->nulls.at[depth];
  const nfa_node *node = chain_at(w, depth);
  memset(words, 0, registers.count * sizeof *words);
  *null = nfa_compact_own_of(worker)->null_at_start;
  if (depth > 0) memcpy(words, words - registers.count, registers.count * sizeof *words);
  if (depth > 0) *null = null[-1];
  nfa_env env = {.program = worker->program,
                 .scratch = worker->scratch,
                 .cell = (const cb_cell *)cb_slab_at(worker->slab, node->cell),
                 .register_first = registers.first};
  for (uint32_t r = 0; r < registers.count; r++) {
    const prg_register *reg = &worker->program->registers[registers.first + r];
    if (reg->step == node->step) nfa_register_take(&env, reg, r, words, null, &w->set->worker->counters.sum_overflow);
  }
}

/* Makes the chain the events of the beginning; what is there already from the last one stays. */
static void show(work *w, uint32_t beginning, uint32_t length)
{
  nfa_listing *listing = w->listing;
  uint32_t changed = length;
  for (uint32_t at = beginning, depth = length; depth-- > 0; at = listing->beginnings.at[at].before) {
    uint32_t node = listing->beginnings.at[at].node;
    if (listing->path.at[depth] == node) continue;
    listing->path.at[depth] = node;
    changed = depth;
    nfa_node *shown = chain_at(w, depth);
    shown->cell = node_at(w, node)->right;
    shown->seq = node_at(w, node)->seq;
    shown->step = node_at(w, node)->step;
    shown->time = ((const cb_cell *)cb_slab_at(w->set->worker->slab, shown->cell))->time;
  }
  if (w->set->worker->detection->registers.count == 0) return;
  for (uint32_t depth = changed; depth < length; depth++) take_registers(w, depth);
}

static int having_holds(const work *w, const nfa_captures *captures)
{
  const nfa_worker *worker = w->set->worker;
  if (worker->detection->having == PRG_NONE) return 1;
  nfa_scratch_reset(worker->scratch);
  nfa_env env = {.program = worker->program,
                 .scratch = worker->scratch,
                 .captures = captures,
                 .register_first = worker->detection->registers.first,
                 .keys = w->out->keys(w->out->ctx, w->index),
                 .now = w->now};
  return nfa_expr_holds(&env, worker->detection->having);
}

static cep_status report(work *w, uint32_t beginning, uint32_t length)
{
  nfa_listing *listing = w->listing;
  const nfa_worker *worker = w->set->worker;
  w->looked_at++;
  show(w, beginning, length);
  nfa_captures captures = {.slab = worker->slab,
                           .head = listing->chain.at[length - 1],
                           .registers = listing->words.at + (size_t)(length - 1) * worker->detection->registers.count,
                           .null = listing->nulls.at[length - 1]};
  if (!having_holds(w, &captures)) return CEP_OK;
  if (w->reported == w->reported_max) {
    w->set->worker->counters.matches_dropped++;
    return CEP_OK;
  }
  w->reported++;
  nfa_result result = {.kind = NFA_MATCHED,
                       .index = w->index,
                       .time = w->now,
                       .start = chain_at(w, 0)->time,
                       .waited = PRG_NONE,
                       .captures = captures};
  return w->out->report(w->out->ctx, &result);
}

/* ---- From the starts on -------------------------------------------------------------------------- */

/* The place of the nearest event that something of the level goes on with; 0: none. */
static uint32_t nearest(const work *w, const nfa_level *level)
{
  uint32_t seq = 0;
  for (uint32_t i = level->first; i < level->first + level->count; i++) {
    uint32_t edge = w->listing->beginnings.at[i].cursor;
    if (edge == 0) continue;
    uint32_t own = node_at(w, w->listing->edges.at[edge - 1].node)->seq;
    if (seq == 0 || own < seq) seq = own;
  }
  return seq;
}

/* All that go on with the event at that place: a level of its own, in order of the steps. 0: memory refused. */
static int go_on(work *w, const nfa_level *level, uint32_t seq, nfa_level *out)
{
  nfa_listing *listing = w->listing;
  *out = (nfa_level){.first = listing->beginnings.count};
  for (uint32_t i = level->first; i < level->first + level->count; i++) {
    uint32_t edge = listing->beginnings.at[i].cursor;
    while (edge != 0 && node_at(w, listing->edges.at[edge - 1].node)->seq == seq) {
      uint32_t node = listing->edges.at[edge - 1].node;
      nfa_beginning next = {.node = node, .before = i, .cursor = w->marks[node].first_edge};
      if (!cb_vec_push(alloc_of(w), &listing->beginnings, next)) return 0;
      edge = listing->edges.at[edge - 1].next;
    }
    listing->beginnings.at[i].cursor = edge;
  }
  out->count = listing->beginnings.count - out->first;
  return 1;
}

/* A level whose events are all there, or are too many, is no beginning any more. */
static cep_status finish_level(work *w, const nfa_level *level, uint32_t length, int is_end)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < level->count && status >= 0 && w->looked_at < w->looked_at_max; i++) {
    if (is_end && length <= w->set->worker->history_max) {
      status = report(w, level->first + i, length);
    } else {
      w->set->worker->counters.partials_dropped++;
      w->looked_at++;
    }
  }
  w->listing->beginnings.count = level->first;
  return status;
}

/* Beginnings that have the same events are gone on with together: events come first in the order, steps last. */
static cep_status walk(work *w)
{
  nfa_listing *listing = w->listing;
  uint32_t end_seq = w->set->slot->seq;
  nfa_level level = {0, 1}, next;
  nfa_beginning none = {.node = NFA_TECS_NONE, .cursor = w->starts.first_edge};
  cep_status status = CEP_OK;
  listing->beginnings.count = listing->levels.count = 0;
  if (!cb_vec_push(alloc_of(w), &listing->beginnings, none) || !cb_vec_push(alloc_of(w), &listing->levels, level))
    return CEP_E_NOMEM;
  while (listing->levels.count > 0 && status >= 0 && w->looked_at < w->looked_at_max) {
    level = listing->levels.at[listing->levels.count - 1];
    uint32_t seq = nearest(w, &level), length = listing->levels.count;
    if (seq == 0) {
      listing->beginnings.count = level.first;
      listing->levels.count--;
      continue;
    }
    if (listing->chain.count < length && !deepen(w)) return CEP_E_NOMEM;
    if (!go_on(w, &level, seq, &next)) return CEP_E_NOMEM;
    int is_end = seq == end_seq, is_long = length > w->set->worker->history_max;
    if (is_end || is_long) status = finish_level(w, &next, length, is_end);
    else if (!cb_vec_push(alloc_of(w), &listing->levels, next)) status = CEP_E_NOMEM;
  }
  return status;
}

/* ---- All of it ------------------------------------------------------------------------------------- */

static void count_dropped(work *w)
{
  const nfa_compact_own *own = nfa_compact_own_of(w->set->worker);
  uint64_t all = 0, *dropped = &w->set->worker->counters.matches_dropped;
  for (uint32_t i = 0; i < own->ends.count; i++) all = add_up(all, w->marks[own->ends.at[i]].matches);
  if (all > w->looked_at) *dropped = add_up(*dropped, all - w->looked_at);
}

static void set_limits(work *w)
{
  const nfa_worker *worker = w->set->worker;
  uint64_t limit = worker->detection->limit;
  w->reported_max = limit > 0 && limit < worker->partial_max ? limit : worker->partial_max;
  w->looked_at_max = worker->detection->having == PRG_NONE ? w->reported_max : worker->partial_max;
}

cep_status nfa_compact_report(nfa_tecs *set, int64_t oldest, uint32_t index, cep_time now, const nfa_out *out)
{
  nfa_listing *listing = &nfa_compact_own_of(set->worker)->listing;
  work w = {.set = set, .listing = listing, .oldest = oldest, .now = now, .index = index, .out = out};
  set_limits(&w);
  if (!reserve(&w)) return CEP_E_NOMEM;
  listing->chain.count = 0;
  int is_ready = see_all(&w) && turn_all(&w);
  cep_status status = is_ready ? walk(&w) : CEP_E_NOMEM;
  if (status >= 0) count_dropped(&w);
  forget_seen(&w);
  for (uint32_t i = 0; i < listing->chain.count; i++) cb_slab_give(set->worker->slab, listing->chain.at[i]);
  listing->chain.count = 0;
  return status;
}

void nfa_listing_free(nfa_worker *worker, nfa_listing *listing)
{
  cb_vec_free(worker->alloc, &listing->marks);
  cb_vec_free(worker->alloc, &listing->seen);
  cb_vec_free(worker->alloc, &listing->stack);
  cb_vec_free(worker->alloc, &listing->edges);
  cb_vec_free(worker->alloc, &listing->beginnings);
  cb_vec_free(worker->alloc, &listing->levels);
  cb_vec_free(worker->alloc, &listing->chain);
  cb_vec_free(worker->alloc, &listing->words);
  cb_vec_free(worker->alloc, &listing->nulls);
  cb_vec_free(worker->alloc, &listing->path);
}
