/* compact_codec.c - the graph of one key to bytes and back. */
#include "nfa/compact.h"

#include <string.h>

/*
 *   version | counted, tidy_at, due | nodes: (2, left, right) of a union,
 *     (1, left + 1, start if there is no left, step, seq, how many nodes back its cell was, or 0, input, cell) of an
 *     output ...
 *   | lists: (shapes: (step, its identity, count, flags, met, counters, ways) ..., nodes) ...
 *
 * Nodes are numbered as they stand, without those that no list reaches; seq anew. So the same state gives the same
 * bytes. `counted` and `tidy_at` keep the moment at which both an engine that was saved and one that was loaded
 * look for what is over.
 */

/* ---- Saving -------------------------------------------------------------------------- */

/* How many nodes before `node` (by their new numbers) has one the same cell: an event's cell is with its neighbours. */
static uint32_t cell_back(const nfa_tecs *set, const uint32_t *moved, uint32_t node)
{
  for (uint32_t i = node; i-- > 0;) {
    if (moved[i] == NFA_TECS_NONE || set->at[i].is_union) continue;
    if (set->at[i].seq != set->at[node].seq) return 0;
    if (set->at[i].right == set->at[node].right) return moved[node] - moved[i];
  }
  return 0;
}

static void write_output(const nfa_tecs *set, const uint32_t *moved, uint32_t node, uint32_t seq, cb_writer *writer)
{
  const nfa_worker *worker = set->worker;
  const nfa_tecs_node *it = &set->at[node];
  cb_write_u8(writer, 1);
  cb_write_u32(writer, it->left == NFA_TECS_NONE ? 0 : moved[it->left] + 1);
  if (it->left == NFA_TECS_NONE) cb_write_i64(writer, it->max_start);
  cb_write_u32(writer, it->step);
  cb_write_u32(writer, seq);
  uint32_t back = cell_back(set, moved, node);
  cb_write_u32(writer, back);
  if (back > 0) return;
  const cb_cell *cell = (const cb_cell *)cb_slab_at(worker->slab, it->right);
  cb_write_u32(writer, cell->input);
  cb_cell_write(writer, cell, &worker->program->layout_views[cell->layout]);
}

static void write_nodes(const nfa_tecs *set, const uint32_t *moved, uint32_t count, cb_writer *writer)
{
  uint32_t written = 0, seq = 0, seq_before = 0;
  cb_write_u32(writer, count);
  for (uint32_t i = 0; i < set->slot->count; i++) {
    const nfa_tecs_node *it = &set->at[i];
    if (moved[i] != written) continue;
    written++;
    if (it->is_union) {
      cb_write_u8(writer, 2);
      cb_write_u32(writer, moved[it->left]);
      cb_write_u32(writer, moved[it->right]);
      continue;
    }
    if (it->seq != seq_before) seq++;
    seq_before = it->seq;
    write_output(set, moved, i, seq, writer);
  }
}

static void write_lists(const nfa_tecs *set, const uint32_t *moved, cb_writer *writer)
{
  nfa_list_view list;
  uint32_t count = 0;
  const nfa_automaton *automaton = &nfa_compact_own_of(set->worker)->automaton;
  for (uint32_t at = 0; nfa_list_next(set->worker, set->slot, &at, &list);) count++;
  cb_write_u32(writer, count);
  for (uint32_t at = 0; nfa_list_next(set->worker, set->slot, &at, &list);) {
    nfa_automaton_write(automaton, list.state, writer);
    cb_write_u32(writer, list.count);
    for (uint32_t i = 0; i < list.count; i++) cb_write_u32(writer, moved[list.nodes[i]]);
  }
}

static void save_graph(nfa_worker *worker, nfa_compact_slot *slot, cb_writer *writer)
{
  nfa_tecs set = nfa_tecs_of(worker, slot);
  uint32_t count;
  if (!nfa_tecs_number(&set, CEP_TIME_MIN, &count)) {
    writer->status = CEP_E_NOMEM;
    return;
  }
  const uint32_t *moved = nfa_compact_own_of(worker)->moved.at;
  cb_write_u8(writer, NFA_SAVED_COMPACT);
  cb_write_u32(writer, slot->counted);
  cb_write_u32(writer, slot->tidy_at);
  cb_write_i64(writer, slot->due);
  write_nodes(&set, moved, count, writer);
  write_lists(&set, moved, writer);
}

void nfa_compact_save(nfa_worker *worker, const nfa_slot *slot, cb_writer *writer)
{
  nfa_compact_slot copy, graph;
  memcpy(&copy, slot, sizeof copy);
  if (!nfa_compact_is_one(&copy)) {
    save_graph(worker, &copy, writer);
    return;
  }
  if (!nfa_compact_graph_of(worker, &copy, &graph)) {
    writer->status = CEP_E_NOMEM;
    return;
  }
  save_graph(worker, &graph, writer);
  nfa_tecs_release(worker, &graph);
}

/* ---- Loading ------------------------------------------------------------------------- */

typedef struct loading {
  nfa_tecs set;
  nfa_compact_own *own;
  cb_reader *reader;
} loading;

static cep_status corrupt(const loading *l)
{
  return l->reader->status < 0 ? l->reader->status : CEP_E_CORRUPT;
}

static int is_take_step(const nfa_worker *worker, uint32_t step)
{
  return step < worker->detection->steps.count && !(nfa_step(worker, step)->flags & (PRG_STEP_NO | PRG_STEP_UNTIL));
}

static cep_status read_union(loading *l)
{
  const nfa_compact_slot *slot = l->set.slot;
  uint32_t left = cb_read_u32(l->reader), right = cb_read_u32(l->reader);
  if (l->reader->status < 0 || left >= slot->count || right >= slot->count) return corrupt(l);
  if (l->set.at[left].max_start < l->set.at[right].max_start) return corrupt(l);
  uint32_t nodes[2] = {left, right};
  return nfa_tecs_merge(&l->set, nodes, 2) != NFA_TECS_NONE ? CEP_OK : CEP_E_NOMEM;
}

static cep_status read_output(loading *l)
{
  nfa_worker *worker = l->set.worker;
  nfa_compact_slot *slot = l->set.slot;
  uint32_t left = cb_read_u32(l->reader);
  int64_t start = left == 0 ? cb_read_i64(l->reader) : 0;
  uint32_t step = cb_read_u32(l->reader), seq = cb_read_u32(l->reader), back = cb_read_u32(l->reader);
  if (l->reader->status < 0 || left > slot->count || !is_take_step(worker, step)) return corrupt(l);
  if (seq < slot->seq || seq > slot->seq + 1 || seq == 0 || back > slot->count) return corrupt(l);
  slot->seq = seq;
  uint32_t layout = nfa_step(worker, step)->layout;
  cb_slab_id cell;
  if (back > 0) {
    const nfa_tecs_node *other = &l->set.at[slot->count - back];
    cell = other->is_union ? CB_SLAB_NONE : other->right;
    if (cell == CB_SLAB_NONE || ((const cb_cell *)cb_slab_at(worker->slab, cell))->layout != layout) return corrupt(l);
    cb_cell_ref(worker->slab, cell);
  } else {
    uint32_t input = cb_read_u32(l->reader);
    if (l->reader->status < 0) return corrupt(l);
    cell = cb_cell_read(worker->slab, l->reader, &worker->program->layout_views[layout], input);
    if (cell == CB_SLAB_NONE) return corrupt(l);
    if (!nfa_event_may_be(worker, input, ((const cb_cell *)cb_slab_at(worker->slab, cell))->time)) {
      cb_cell_unref(worker->slab, cell);
      return corrupt(l);
    }
  }
  uint32_t node = nfa_tecs_output(&l->set, left == 0 ? NFA_TECS_NONE : left - 1, cell, step, start);
  cb_cell_unref(worker->slab, cell);
  return node != NFA_TECS_NONE ? CEP_OK : CEP_E_NOMEM;
}

static cep_status read_nodes(loading *l)
{
  uint32_t count = cb_read_u32(l->reader);
  cep_status status = l->reader->status;
  for (uint32_t i = 0; i < count && status >= 0; i++) {
    uint32_t kind = cb_read_u8(l->reader);
    if (kind == 1) status = read_output(l);
    else status = kind == 2 ? read_union(l) : corrupt(l);
  }
  return status;
}

static cep_status read_list(loading *l)
{
  nfa_worker *worker = l->set.worker;
  nfa_compact_own *own = l->own;
  uint32_t state;
  cep_status status = nfa_automaton_read(&own->automaton, l->reader, &state);
  if (status < 0) return status;
  for (uint32_t i = 0; i < own->next_count; i++) {
    if (own->next.at[i].state == state) return CEP_E_CORRUPT;
  }
  uint32_t count = cb_read_u32(l->reader);
  if (l->reader->status < 0 || count == 0) return corrupt(l);
  nfa_union_list *list = nfa_union_list_add(worker, state);
  if (list == NULL) return CEP_E_NOMEM;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t node = cb_read_u32(l->reader);
    if (l->reader->status < 0 || node >= l->set.slot->count) return corrupt(l);
    if (!cb_vec_push(worker->alloc, &list->nodes, node)) return CEP_E_NOMEM;
  }
  return CEP_OK;
}

static cep_status read_all(loading *l)
{
  nfa_compact_slot *slot = l->set.slot;
  uint32_t version = cb_read_u8(l->reader);
  if (version == NFA_SAVED_RUNS || version == NFA_SAVED_TALLY) return CEP_E_MISMATCH;
  if (version != NFA_SAVED_COMPACT) return corrupt(l);
  uint32_t counted = cb_read_u32(l->reader), tidy_at = cb_read_u32(l->reader);
  cep_time due = cb_read_i64(l->reader);
  cep_status status = l->reader->status < 0 ? corrupt(l) : read_nodes(l);
  l->own->next_count = 0;
  uint32_t lists = status < 0 ? 0 : cb_read_u32(l->reader);
  for (uint32_t i = 0; i < lists && status >= 0; i++) status = read_list(l);
  if (status < 0 || l->reader->status < 0) return status < 0 ? status : corrupt(l);
  if (nfa_compact_counts(l->set.worker) ? due < 0 || due > INT64_MAX / 2 : !nfa_due_may_be(l->set.worker, due)) return corrupt(l);
  if (counted < slot->count || tidy_at < NFA_TIDY_LEAST || (lists == 0 && slot->count > 0)) return corrupt(l);
  if (!nfa_tecs_store(&l->set)) return CEP_E_NOMEM;
  l->set.worker->counters.active += counted - slot->count;
  slot->counted = counted;
  slot->tidy_at = tidy_at;
  slot->due = due;
  return CEP_OK;
}

cep_status nfa_compact_load(nfa_worker *worker, nfa_slot *slot, cb_reader *reader)
{
  nfa_compact_slot *at = (nfa_compact_slot *)(void *)slot;
  memset(slot, 0, sizeof *slot);
  loading l = {.set = nfa_tecs_of(worker, at), .own = nfa_compact_own_of(worker), .reader = reader};
  cep_status status = read_all(&l);
  if (status >= 0 && !nfa_compact_check(worker, slot)) status = CEP_E_CORRUPT;
  if (status < 0) nfa_tecs_release(worker, at);
  else nfa_compact_fold(worker, at);
  return status;
}
