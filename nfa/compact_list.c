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
  const nfa_out *out;
  nfa_reach reach;
  int may_fill;        /* so few may be looked at that outputs may have more edges than needed */
  uint64_t looked_at_max;
  uint64_t reported_max;
  uint64_t looked_at;
  uint64_t reported;
  nfa_mark starts;     /* as if one output stood before all starts */
  uint32_t alone;      /* so many levels from the first on have one beginning each: the chain shows them */
  uint32_t changed;    /* registers are right up to this depth */
  nfa_result result;
} work;

static cb_alloc *alloc_of(const work *w) { return w->set->worker->alloc; }
static const nfa_tecs_node *node_at(const work *w, uint32_t node) { return &w->set->at[node]; }
static int is_young(const work *w, uint32_t node) { return w->set->at[node].max_start >= w->oldest; }

/* ---- Turned round ---------------------------------------------------------------------------- */

/* Only the edges to the first events are kept, as many as matches may be looked at; but all to one event, which may
 * be taken by several steps. */
static int add_edge(work *w, nfa_mark *from, uint32_t node)
{
  nfa_listing *listing = w->listing;
  nfa_next_edge edge = {.node = node, .seq = node_at(w, node)->seq};
  if (listing->edges.count == listing->edges.capacity && !cb_vec_reserve(alloc_of(w), &listing->edges, 1)) return 0;
  nfa_next_edge *last = from->last_edge != 0 ? &listing->edges.at[from->last_edge - 1] : NULL;
  uint32_t is_new = last == NULL || last->seq != edge.seq;
  from->is_full = is_new && from->fan == w->looked_at_max;
  if (from->is_full) return 1;
  from->fan += is_new;
  listing->edges.at[listing->edges.count++] = edge;
  if (last == NULL) from->first_edge = listing->edges.count;
  else last->next = listing->edges.count;
  from->last_edge = listing->edges.count;
  return 1;
}

static int is_full(const work *w, uint32_t node) { return !is_young(w, node) || w->marks[node].is_full; }

/* An edge from each output below `output` to it. */
static int add_edges(work *w, uint32_t output)
{
  w->reach.stack[w->reach.top++] = node_at(w, output)->left;
  while (w->reach.top > 0) {
    uint32_t at = w->reach.stack[--w->reach.top], node = at & ~AGAIN;
    const nfa_tecs_node *it = node_at(w, node);
    nfa_mark *mark = &w->marks[node];
    if (at & AGAIN) mark->is_full = is_full(w, it->left) && is_full(w, it->right);
    if ((at & AGAIN) || is_full(w, node)) continue;
    if (it->is_union) {
      if (w->may_fill) w->reach.stack[w->reach.top++] = node | AGAIN;
      w->reach.stack[w->reach.top++] = it->right;
      w->reach.stack[w->reach.top++] = it->left;
    } else if (!add_edge(w, mark, output)) {
      w->reach.top = 0;
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
  *mark = (nfa_mark){0};
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
  w->listing->edges.count = 0;
  for (uint32_t i = w->reach.low / 64; i <= w->reach.high / 64; i++) {
    for (uint64_t rest = w->reach.seen[i]; rest != 0; rest &= rest - 1) {
      if (!turn_round(w, i * 64 + (uint32_t)__builtin_ctzll(rest))) return 0;
    }
  }
  return 1;
}

/* ---- A match as it is shown -------------------------------------------------------------------- */

/* Room for one event more, its registers included. */
static int deepen(work *w)
{
  nfa_listing *listing = w->listing;
  nfa_worker *worker = w->set->worker;
  uint32_t depth = listing->chain.count, registers = worker->detection->registers.count;
  listing->words.count = depth * registers;
  listing->nulls.count = depth;
  if (!cb_vec_reserve(alloc_of(w), &listing->words, registers) || !cb_vec_push(alloc_of(w), &listing->nulls, 0)) return 0;
  cb_slab_id id = cb_slab_take(worker->slab, sizeof(nfa_node));
  if (id == CB_SLAB_NONE) return 0;
  nfa_shown shown = {.id = id, .node = (nfa_node *)cb_slab_at(worker->slab, id)};
  *shown.node = (nfa_node){.prev = depth > 0 ? listing->chain.at[depth - 1].id : CB_SLAB_NONE, .refs = 1, .length = depth + 1};
  shown.of = NFA_TECS_NONE;
  if (cb_vec_push(alloc_of(w), &listing->chain, shown)) return 1;
  cb_slab_give(worker->slab, id);
  return 0;
}

/* The registers after the event at this depth. */
static void take_registers(work *w, uint32_t depth)
{
  const nfa_worker *worker = w->set->worker;
  prg_list registers = worker->detection->registers;
  uint64_t *words = w->listing->words.at + (size_t)depth * registers.count, *null = &w->listing->nulls.at[depth];
  const nfa_node *node = w->listing->chain.at[depth].node;
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

/* The node as the event at this depth of the chain. */
static void show(work *w, uint32_t depth, uint32_t node)
{
  nfa_shown *shown = &w->listing->chain.at[depth];
  if (shown->of == node) return;
  const nfa_tecs_node *it = node_at(w, node);
  shown->of = node;
  if (depth < w->changed) w->changed = depth;
  shown->node->cell = it->right;
  shown->node->seq = it->seq;
  shown->node->step = it->step;
  shown->node->time = ((const cb_cell *)cb_slab_at(w->set->worker->slab, it->right))->time;
}

static int having_holds(const work *w)
{
  const nfa_worker *worker = w->set->worker;
  if (worker->detection->having == PRG_NONE) return 1;
  nfa_scratch_reset(worker->scratch);
  nfa_env env = {.program = worker->program,
                 .scratch = worker->scratch,
                 .captures = &w->result.captures,
                 .register_first = worker->detection->registers.first,
                 .keys = w->out->keys(w->out->ctx, w->result.index),
                 .now = w->result.time};
  return nfa_expr_holds(&env, worker->detection->having);
}

/* The chain is a match of this length. */
static cep_status report(work *w, uint32_t length)
{
  nfa_listing *listing = w->listing;
  uint32_t registers = w->set->worker->detection->registers.count;
  nfa_captures *captures = &w->result.captures;
  w->looked_at++;
  if (registers > 0) {
    for (; w->changed < length; w->changed++) take_registers(w, w->changed);
    captures->registers = listing->words.at + (size_t)(length - 1) * registers;
    captures->null = listing->nulls.at[length - 1];
  }
  captures->head = listing->chain.at[length - 1].id;
  if (!having_holds(w)) return CEP_OK;
  if (w->reported == w->reported_max) {
    w->set->worker->counters.matches_dropped++;
    return CEP_OK;
  }
  w->reported++;
  w->result.start = listing->chain.at[0].node->time;
  return w->out->report(w->out->ctx, &w->result);
}

/* ---- From the starts on -------------------------------------------------------------------------- */

/* The place of the nearest event that something of the level goes on with; 0: none. */
static uint32_t nearest(const work *w, const nfa_level *level)
{
  uint32_t seq = 0;
  for (uint32_t i = level->first; i < level->first + level->count; i++) {
    uint32_t edge = w->listing->beginnings.at[i].cursor;
    if (edge == 0) continue;
    uint32_t own = w->listing->edges.at[edge - 1].seq;
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
    while (edge != 0 && listing->edges.at[edge - 1].seq == seq) {
      uint32_t node = listing->edges.at[edge - 1].node;
      nfa_beginning next = {.node = node, .before = i, .cursor = w->marks[node].first_edge};
      if (listing->beginnings.count == listing->beginnings.capacity && !cb_vec_reserve(alloc_of(w), &listing->beginnings, 1)) return 0;
      listing->beginnings.at[listing->beginnings.count++] = next;
      edge = listing->edges.at[edge - 1].next;
    }
    listing->beginnings.at[i].cursor = edge;
  }
  out->count = listing->beginnings.count - out->first;
  return 1;
}

/* Makes the chain the events of the beginning, which are so many. */
static void show_all(work *w, uint32_t beginning, uint32_t length)
{
  const nfa_beginning *beginnings = w->listing->beginnings.at;
  for (uint32_t depth = length; depth > 0; depth--) {
    show(w, depth - 1, beginnings[beginning].node);
    if (depth == w->alone) return;
    beginning = beginnings[beginning].before;
  }
}

/* A level whose events are all there, or are too many, is no beginning any more. */
static cep_status finish_level(work *w, const nfa_level *level, uint32_t length, int is_end)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < level->count && status >= 0 && w->looked_at < w->looked_at_max; i++) {
    if (is_end && length <= w->set->worker->history_max) {
      show_all(w, level->first + i, length);
      status = report(w, length);
    } else {
      w->set->worker->counters.partials_dropped++;
      w->looked_at++;
    }
  }
  w->listing->beginnings.count = level->first;
  return status;
}

/* One more level. While none has more than one beginning the chain follows them. 0: memory refused. */
static int push_level(work *w, const nfa_level *level, uint32_t length)
{
  nfa_listing *listing = w->listing;
  if (level->count == 1 && w->alone == length - 1) {
    show(w, length - 1, listing->beginnings.at[level->first].node);
    w->alone = length;
  }
  return cb_vec_push(alloc_of(w), &listing->levels, *level);
}

static void pop_level(work *w)
{
  nfa_listing *listing = w->listing;
  listing->beginnings.count = listing->levels.at[--listing->levels.count].first;
  if (w->alone >= listing->levels.count) w->alone = listing->levels.count > 0 ? listing->levels.count - 1 : 0;
}

/* The only beginning of the level, whose events the chain shows, one event further, until there is more to it: several
 * steps that take an event, or more than one event to come. */
static cep_status walk_alone(work *w, nfa_beginning *beginning, uint32_t length)
{
  cep_status status = CEP_OK;
  const nfa_next_edge *edges = w->listing->edges.at;
  while (beginning->cursor != 0 && status >= 0 && w->looked_at < w->looked_at_max) {
    const nfa_next_edge *edge = &edges[beginning->cursor - 1];
    if (edge->next != 0 && edges[edge->next - 1].seq == edge->seq) return CEP_OK;
    const nfa_mark *mark = &w->marks[edge->node];
    if (mark->first_edge != 0 && (mark->first_edge != mark->last_edge || edges[mark->first_edge - 1].seq != w->set->slot->seq)) return CEP_OK;
    beginning->cursor = edge->next;
    show(w, length - 1, edge->node);
    if (mark->first_edge != 0) show(w, length, edges[mark->first_edge - 1].node);
    status = report(w, mark->first_edge != 0 ? length + 1 : length);
  }
  return status;
}

/* Beginnings that have the same events are gone on with together: events come first in the order, steps last. The
 * level at the bottom has no event yet. */
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
    uint32_t length = listing->levels.count;
    while (listing->chain.count <= length) {
      if (!deepen(w)) return CEP_E_NOMEM;
    }
    if (w->alone == length - 1 && level.count == 1 && length < w->set->worker->history_max) {
      status = walk_alone(w, &listing->beginnings.at[level.first], length);
      if (status < 0 || w->looked_at == w->looked_at_max) break;
    }
    uint32_t seq = nearest(w, &level);
    if (seq == 0) {
      pop_level(w);
      continue;
    }
    if (!go_on(w, &level, seq, &next)) return CEP_E_NOMEM;
    int is_end = seq == end_seq, is_long = length > w->set->worker->history_max;
    if (is_end || is_long) status = finish_level(w, &next, length, is_end);
    else if (!push_level(w, &next, length)) status = CEP_E_NOMEM;
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

cep_status nfa_compact_report(nfa_tecs *set, int64_t oldest, const nfa_when *when)
{
  nfa_listing *listing = &nfa_compact_own_of(set->worker)->listing;
  work w = {.set = set, .listing = listing, .oldest = oldest, .out = when->out};
  w.result = (nfa_result){.kind = NFA_MATCHED, .index = when->index, .time = when->now, .waited = PRG_NONE, .captures = {.slab = set->worker->slab}};
  set_limits(&w);
  w.may_fill = w.looked_at_max < set->slot->count;
  listing->marks.count = listing->chain.count = 0;
  if (!cb_vec_reserve(set->worker->alloc, &listing->marks, set->slot->count) || !nfa_reach_ends(&w.reach, set, oldest)) return CEP_E_NOMEM;
  w.marks = listing->marks.at;
  cep_status status = turn_all(&w) ? walk(&w) : CEP_E_NOMEM;
  if (status >= 0) count_dropped(&w);
  nfa_reach_forget(&w.reach);
  for (uint32_t i = 0; i < listing->chain.count; i++) cb_slab_give(set->worker->slab, listing->chain.at[i].id);
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
  cb_vec_free(worker->alloc, &listing->starts);
}
