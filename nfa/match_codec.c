/* match_codec.c - the runs of one key to bytes and back. */
#include "nfa/runs.h"

#include <string.h>

/*
 *   version | seq | cells: (input, step, cell) ... | nodes: (prev, cell, step, seq) ...
 *   | runs: (step, its identity, count, flags, node, registers, counters, ways) ...
 *   | extra: silence, quiet starts, waiting matches
 *
 * Ways are written as (kind, target step, which of those), not as bits of the compiled state. Cells and
 * nodes are numbered in the order in which the runs reach them, oldest event first: the
 * same state gives the same bytes, wherever it lies in the slab. A cell's `input` is the
 * engine's number for it: the snapshot around this names the inputs.
 */

/* ---- Saving -------------------------------------------------------------------------- */

typedef struct numbering {
  nfa_ids nodes; /* in order of their number; node->mark is number + 1 */
  nfa_ids cells;
  CB_VEC(uint32_t) cell_steps;
  CB_VEC(uint64_t) table; /* cell id << 32 | number + 1; open addressing */
  int failed;
} numbering;

static uint32_t table_slot(const numbering *n, cb_slab_id cell)
{
  uint32_t mask = n->table.capacity - 1;
  uint32_t at = (cell * 2654435761u) & mask;
  while (n->table.at[at] != 0 && (uint32_t)(n->table.at[at] >> 32) != cell) at = (at + 1) & mask;
  return at;
}

static int table_grow(cb_alloc *alloc, numbering *n)
{
  if (n->cells.count * 2 < n->table.capacity) return 1;
  uint32_t capacity = n->table.capacity == 0 ? 64 : n->table.capacity * 2;
  uint64_t *at = (uint64_t *)cb_new0(alloc, capacity * sizeof *at);
  if (at == NULL) return 0;
  cb_vec_free(alloc, &n->table);
  n->table.at = at;
  n->table.capacity = capacity;
  for (uint32_t i = 0; i < n->cells.count; i++) {
    n->table.at[table_slot(n, n->cells.at[i])] = (uint64_t)n->cells.at[i] << 32 | (i + 1);
  }
  return 1;
}

static void number_cell(nfa_worker *worker, numbering *n, const nfa_node *node)
{
  if (!table_grow(worker->alloc, n)) {
    n->failed = 1;
    return;
  }
  uint32_t at = table_slot(n, node->cell);
  if (n->table.at[at] != 0) return;
  if (!cb_vec_push(worker->alloc, &n->cells, node->cell) ||
      !cb_vec_push(worker->alloc, &n->cell_steps, node->step)) {
    n->failed = 1;
    return;
  }
  n->table.at[at] = (uint64_t)node->cell << 32 | n->cells.count;
}

/* Numbers what `head` reaches and is not numbered yet, oldest first. */
static void number_history(nfa_worker *worker, numbering *n, cb_slab_id head)
{
  uint32_t first = n->nodes.count;
  cb_slab_id id = head;
  while (id != CB_SLAB_NONE && nfa_history_at(worker->slab, id)->mark == 0) {
    if (!cb_vec_push(worker->alloc, &n->nodes, id)) {
      n->failed = 1;
      n->nodes.count = first;
      return;
    }
    id = nfa_history_at(worker->slab, id)->prev;
  }
  uint32_t end = n->nodes.count;
  for (uint32_t a = first, b = end; a + 1 < b; a++) { /* turn round */
    b--;
    cb_slab_id swap = n->nodes.at[a];
    n->nodes.at[a] = n->nodes.at[b];
    n->nodes.at[b] = swap;
  }
  for (uint32_t i = first; i < end; i++) {
    nfa_node *node = (nfa_node *)cb_slab_at(worker->slab, n->nodes.at[i]);
    node->mark = i + 1;
    number_cell(worker, n, node);
  }
}

static void write_nodes(nfa_worker *worker, numbering *n, cb_writer *writer)
{
  cb_write_u32(writer, n->cells.count);
  for (uint32_t i = 0; i < n->cells.count; i++) {
    const cb_cell *cell = (const cb_cell *)cb_slab_at(worker->slab, n->cells.at[i]);
    cb_write_u32(writer, cell->input);
    cb_write_u32(writer, n->cell_steps.at[i]);
    cb_cell_write(writer, cell, &worker->program->layout_views[cell->layout]);
  }
  cb_write_u32(writer, n->nodes.count);
  for (uint32_t i = 0; i < n->nodes.count; i++) {
    const nfa_node *node = nfa_history_at(worker->slab, n->nodes.at[i]);
    uint32_t prev = node->prev == CB_SLAB_NONE ? 0 : nfa_history_at(worker->slab, node->prev)->mark;
    cb_write_u32(writer, prev);
    cb_write_u32(writer, (uint32_t)n->table.at[table_slot(n, node->cell)] - 1);
    cb_write_u32(writer, node->step);
    cb_write_u64(writer, node->seq);
  }
}

void nfa_ways_write(const nfa_worker *worker, const prg_state *state, uint64_t open, cb_writer *writer)
{
  cb_write_u8(writer, (uint8_t)__builtin_popcountll(open));
  uint32_t ordinal = 0; /* among the edges of one kind and target, which follow each other */
  for (uint32_t e = 0; e < state->edges.count; e++) {
    const prg_edge *edge = nfa_edge(worker, state, e);
    int is_next = e > 0 && edge[-1].kind == edge->kind && edge[-1].target == edge->target;
    ordinal = is_next ? ordinal + 1 : 0;
    if (!(open >> e & 1)) continue;
    cb_write_u8(writer, (uint8_t)edge->kind);
    cb_write_u32(writer, edge->target);
    cb_write_u8(writer, (uint8_t)ordinal);
  }
}

static void write_run(nfa_worker *worker, cb_slab_id id, cb_writer *writer)
{
  nfa_run *run = nfa_run_at(worker, id);
  const prg_state *state = nfa_state(worker, run->state);
  cb_write_u32(writer, state->step);
  cb_write_u64(writer, nfa_step(worker, state->step)->identity);
  cb_write_u32(writer, run->count);
  cb_write_u8(writer, (uint8_t)run->flags);
  cb_write_u32(writer, nfa_history_at(worker->slab, run->head)->mark - 1);
  cb_write_u64(writer, run->null);
  for (uint32_t r = 0; r < worker->detection->registers.count; r++) {
    cb_write_u64(writer, nfa_run_registers(run)[r]);
  }
  const nfa_runs_own *own = (const nfa_runs_own *)worker->own;
  cb_write_u8(writer, (uint8_t)own->counter_count);
  for (uint32_t c = 0; c < own->counter_count; c++) cb_write_u32(writer, nfa_run_counters(worker, run)[c]);
  cb_write_u8(writer, own->lifts != 0);
  if (own->lifts) cb_write_u64(writer, nfa_run_met(worker, run));
  nfa_ways_write(worker, state, run->open, writer);
}

static void write_list(nfa_worker *worker, cb_slab_id first, cb_writer *writer)
{
  uint32_t count = 0;
  for (cb_slab_id id = first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) count++;
  cb_write_u32(writer, count);
  for (cb_slab_id id = first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) write_run(worker, id, writer);
}

void nfa_runs_save(nfa_worker *worker, const nfa_slot *slot, cb_writer *writer)
{
  const nfa_runs_slot *at = (const nfa_runs_slot *)(const void *)slot;
  nfa_extra *extra = nfa_extra_at(worker, at);
  for (cb_slab_id id = at->first; at->index != CB_SLAB_NONE && id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    nfa_run_refresh(worker, at, nfa_run_at(worker, id));
  }
  cb_slab_id waiting = extra != NULL ? extra->waiting : CB_SLAB_NONE;
  numbering n;
  memset(&n, 0, sizeof n);
  for (cb_slab_id id = at->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    number_history(worker, &n, nfa_run_at(worker, id)->head);
  }
  for (cb_slab_id id = waiting; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    number_history(worker, &n, nfa_run_at(worker, id)->head);
  }
  if (n.failed) {
    writer->status = CEP_E_NOMEM;
  } else {
    cb_write_u8(writer, NFA_SAVED_RUNS);
    cb_write_u64(writer, at->seq);
    write_nodes(worker, &n, writer);
    write_list(worker, at->first, writer);
    cb_write_u8(writer, extra != NULL);
    if (extra != NULL) {
      cb_write_u64(writer, extra->silent_below);
      cb_write_u32(writer, extra->quiet_count);
      for (uint32_t i = 0; i < extra->quiet_count; i++) cb_write_i64(writer, nfa_extra_since(extra)[i]);
      write_list(worker, waiting, writer);
    }
  }
  for (uint32_t i = 0; i < n.nodes.count; i++) {
    ((nfa_node *)cb_slab_at(worker->slab, n.nodes.at[i]))->mark = 0;
  }
  cb_vec_free(worker->alloc, &n.nodes);
  cb_vec_free(worker->alloc, &n.cells);
  cb_vec_free(worker->alloc, &n.cell_steps);
  cb_vec_free(worker->alloc, &n.table);
}

/* ---- Loading ------------------------------------------------------------------------- */

typedef struct loading {
  nfa_worker *worker;
  nfa_runs_slot *slot;
  cb_reader *reader;
  nfa_ids cells; /* one reference each, given back at the end */
  nfa_ids nodes;
  CB_VEC(uint32_t) starts; /* by node: the number of the first node of its chain */
} loading;

static cep_status corrupt(loading *l)
{
  if (l->reader->status >= 0) l->reader->status = CEP_E_CORRUPT;
  return l->reader->status;
}

static int is_take_step(const nfa_worker *worker, uint32_t step)
{
  return step < worker->detection->steps.count && !(nfa_step(worker, step)->flags & (PRG_STEP_NO | PRG_STEP_UNTIL));
}

static cep_status read_cells(loading *l)
{
  nfa_worker *worker = l->worker;
  uint32_t count = cb_read_u32(l->reader);
  for (uint32_t i = 0; i < count && l->reader->status >= 0; i++) {
    uint32_t input = cb_read_u32(l->reader);
    uint32_t step = cb_read_u32(l->reader);
    if (l->reader->status < 0 || !is_take_step(worker, step)) return corrupt(l);
    const cb_layout *layout = &worker->program->layout_views[nfa_step(worker, step)->layout];
    cb_slab_id cell = cb_cell_read(worker->slab, l->reader, layout, input);
    if (cell == CB_SLAB_NONE) return corrupt(l);
    if (!nfa_event_may_be(worker, input, ((const cb_cell *)cb_slab_at(worker->slab, cell))->time)) {
      cb_cell_unref(worker->slab, cell);
      return corrupt(l);
    }
    if (!cb_vec_push(worker->alloc, &l->cells, cell)) {
      cb_cell_unref(worker->slab, cell);
      return CEP_E_NOMEM;
    }
  }
  return l->reader->status;
}

static cep_status read_node(loading *l)
{
  nfa_worker *worker = l->worker;
  uint32_t prev = cb_read_u32(l->reader);
  uint32_t cell = cb_read_u32(l->reader);
  uint32_t step = cb_read_u32(l->reader);
  uint64_t seq = cb_read_u64(l->reader);
  if (l->reader->status < 0 || prev > l->nodes.count || cell >= l->cells.count) return corrupt(l);
  if (!is_take_step(worker, step) || seq == 0 || seq > l->slot->seq) return corrupt(l);
  cb_slab_id cell_id = l->cells.at[cell];
  const cb_cell *at = (const cb_cell *)cb_slab_at(worker->slab, cell_id);
  if (at->layout != nfa_step(worker, step)->layout) return corrupt(l);
  cb_slab_id prev_id = prev == 0 ? CB_SLAB_NONE : l->nodes.at[prev - 1];
  if (prev != 0) {
    const nfa_node *before = nfa_history_at(worker->slab, prev_id);
    if (before->seq >= seq || before->time > at->time || before->length == UINT32_MAX) return corrupt(l);
  }
  uint32_t start = prev == 0 ? l->nodes.count : l->starts.at[prev - 1];
  if (!cb_vec_push(worker->alloc, &l->starts, start) || !cb_vec_reserve(worker->alloc, &l->nodes, 1)) return CEP_E_NOMEM;
  cb_cell_ref(worker->slab, cell_id);
  cb_slab_id node = nfa_history_add(worker->slab, prev_id, cell_id, step, seq, at->time);
  if (node == CB_SLAB_NONE) {
    cb_cell_unref(worker->slab, cell_id);
    return CEP_E_NOMEM;
  }
  l->nodes.at[l->nodes.count++] = node;
  return CEP_OK;
}

cep_status nfa_ways_read(const nfa_worker *worker, const prg_state *state, cb_reader *reader, uint64_t *open)
{
  uint32_t count = cb_read_u8(reader);
  *open = 0;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t kind = cb_read_u8(reader);
    uint32_t target = cb_read_u32(reader);
    uint32_t e = 0;
    uint32_t ordinal = cb_read_u8(reader);
    while (e < state->edges.count &&
           (nfa_edge(worker, state, e)->kind != kind || nfa_edge(worker, state, e)->target != target)) {
      e++;
    }
    e += ordinal;
    int is_there = reader->status >= 0 && e < state->edges.count && nfa_edge(worker, state, e)->kind == kind &&
                   nfa_edge(worker, state, e)->target == target;
    if (!is_there) return reader->status < 0 ? reader->status : CEP_E_CORRUPT;
    *open |= 1ull << e;
  }
  return reader->status;
}

static cep_status read_counters(loading *l, nfa_run *run)
{
  const nfa_worker *worker = l->worker;
  prg_list counters = worker->detection->counters;
  uint32_t count = cb_read_u8(l->reader);
  if (l->reader->status < 0) return corrupt(l);
  if (count != counters.count) return CEP_E_MISMATCH;
  for (uint32_t i = 0; i < count; i++) {
    uint32_t value = cb_read_u32(l->reader);
    if (l->reader->status < 0 || !nfa_counter_holds(&worker->program->counters[counters.first + i], value)) return corrupt(l);
    nfa_run_counters(worker, run)[i] = value;
  }
  int lifts = ((const nfa_runs_own *)worker->own)->lifts;
  if ((cb_read_u8(l->reader) != 0) != lifts) return l->reader->status < 0 ? corrupt(l) : CEP_E_MISMATCH;
  if (lifts) nfa_run_set_met(worker, run, cb_read_u64(l->reader));
  return l->reader->status < 0 ? corrupt(l) : CEP_OK;
}

/* What the bytes say of a run, checked; fills all but `next`. */
static cep_status read_run_body(loading *l, nfa_run *run)
{
  nfa_worker *worker = l->worker;
  const nfa_runs_own *own = (const nfa_runs_own *)worker->own;
  uint32_t number = cb_read_u32(l->reader);
  uint64_t identity = cb_read_u64(l->reader);
  if (l->reader->status < 0 || !is_take_step(worker, number)) return corrupt(l);
  const prg_step *step = nfa_step(worker, number);
  if (step->identity != identity) return CEP_E_MISMATCH;
  run->state = own->steps[number].state;
  run->count = cb_read_u32(l->reader);
  run->flags = cb_read_u8(l->reader);
  uint32_t node = cb_read_u32(l->reader);
  run->null = cb_read_u64(l->reader);
  for (uint32_t r = 0; r < worker->detection->registers.count; r++) {
    nfa_run_registers(run)[r] = cb_read_u64(l->reader);
  }
  if (l->reader->status < 0 || node >= l->nodes.count || run->count == 0 || run->count > step->max) return corrupt(l);
  int is_once = (worker->detection->flags & PRG_DETECT_ONCE) != 0;
  if (is_once && !(run->null & 1) && (int64_t)nfa_run_registers(run)[0] < 1) return corrupt(l);
  if ((run->flags & ~(uint32_t)(RUN_FRESH | RUN_TIMED_OUT | RUN_SILENT)) != 0) return corrupt(l);
  const nfa_node *start = nfa_history_at(worker->slab, l->nodes.at[l->starts.at[node]]);
  if (nfa_history_at(worker->slab, l->nodes.at[node])->step != number) return corrupt(l);
  run->start_seq = start->seq;
  run->start_time = start->time;
  cep_status status = read_counters(l, run);
  if (status >= 0) status = nfa_ways_read(worker, nfa_state(worker, run->state), l->reader, &run->open);
  if (status < 0) return status;
  run->head = l->nodes.at[node];
  nfa_history_ref(worker->slab, run->head);
  return CEP_OK;
}

/* Runs of one key start in order of time, and an end that is free has come out. */
static int is_in_time(const nfa_worker *worker, const nfa_run *run, cep_time start_before)
{
  return run->start_time >= start_before && nfa_runs_deadline(worker, run) != CEP_TIME_MIN;
}

/* Reads a list of runs behind `*link`. `is_open`: partial matches, which have a way on. */
static cep_status read_list(loading *l, cb_slab_id *link, int is_open)
{
  nfa_worker *worker = l->worker;
  uint32_t count = cb_read_u32(l->reader);
  uint64_t start_before = 0;
  cep_time time_before = CEP_TIME_MIN;
  for (uint32_t i = 0; i < count; i++) {
    if (l->reader->status < 0) return l->reader->status;
    cb_slab_id id = cb_slab_take(worker->slab, ((const nfa_runs_own *)worker->own)->run_size);
    if (id == CB_SLAB_NONE) return CEP_E_NOMEM;
    nfa_run *run = nfa_run_at(worker, id);
    memset(run, 0, sizeof *run);
    cep_status status = read_run_body(l, run);
    if (status < 0) {
      cb_slab_give(worker->slab, id);
      return status;
    }
    *link = id;
    link = &run->next;
    if (is_open) {
      l->slot->count++;
      worker->counters.active++;
    }
    if (run->start_seq < start_before || (is_open && run->open == 0)) return corrupt(l);
    if (is_open && !is_in_time(worker, run, time_before)) return corrupt(l);
    start_before = run->start_seq;
    time_before = run->start_time;
  }
  return CEP_OK;
}

static cep_status read_extra(loading *l)
{
  if (cb_read_u8(l->reader) == 0) return l->reader->status;
  nfa_extra *extra = nfa_extra_make(l->worker, l->slot);
  if (extra == NULL) return CEP_E_NOMEM;
  extra->silent_below = cb_read_u64(l->reader);
  if (cb_read_u32(l->reader) != extra->quiet_count) return corrupt(l);
  for (uint32_t i = 0; i < extra->quiet_count; i++) {
    nfa_extra_since(extra)[i] = cb_read_i64(l->reader);
    if (l->reader->status < 0 || !nfa_time_may_be(l->worker, nfa_extra_since(extra)[i])) return corrupt(l);
  }
  return read_list(l, &extra->waiting, 0);
}

static cep_status read_all(loading *l)
{
  uint32_t version = cb_read_u8(l->reader);
  int is_first_of = version > NFA_SAVED_FIRST_OF && version <= NFA_SAVED_FIRST_OF + NFA_SAVED_FORMS;
  if (version == NFA_SAVED_COMPACT || version == NFA_SAVED_TALLY || is_first_of) return CEP_E_MISMATCH;
  if (version != NFA_SAVED_RUNS) return corrupt(l);
  l->slot->seq = cb_read_u64(l->reader);
  ((nfa_runs_own *)l->worker->own)->span_seq = l->slot->seq;
  cep_status status = read_cells(l);
  uint32_t nodes = status < 0 ? 0 : cb_read_u32(l->reader);
  for (uint32_t i = 0; i < nodes && status >= 0; i++) status = read_node(l);
  if (status >= 0) status = read_list(l, &l->slot->first, 1);
  if (status >= 0) status = read_extra(l);
  if (status >= 0) status = l->reader->status;
  return status;
}

cep_status nfa_runs_load(nfa_worker *worker, nfa_slot *slot, cb_reader *reader)
{
  loading l = {.worker = worker, .slot = (nfa_runs_slot *)(void *)slot, .reader = reader};
  memset(slot, 0, sizeof *slot);
  cep_status status = read_all(&l);
  for (uint32_t i = 0; i < l.nodes.count; i++) nfa_history_unref(worker->slab, l.nodes.at[i]);
  for (uint32_t i = 0; i < l.cells.count; i++) cb_cell_unref(worker->slab, l.cells.at[i]);
  cb_vec_free(worker->alloc, &l.nodes);
  cb_vec_free(worker->alloc, &l.cells);
  cb_vec_free(worker->alloc, &l.starts);
  if (status < 0) {
    nfa_runs.release(worker, slot);
    return status;
  }
  if (l.slot->count > 0 || l.slot->extra != CB_SLAB_NONE) nfa_runs_sweep(worker, l.slot, 0);
  nfa_index_settle(worker, l.slot);
  return CEP_OK;
}
