/* firstof_codec.c - a slot as one of the runs evaluator and back: for what it alone can say, and for bytes.
 *
 *   form | the slot as runs (match_codec.c)      without the form: it is one of the runs evaluator
 *
 * The form is saved too: so what is restored goes on as what was saved, byte for byte. */
#include "nfa/firstof.h"

#include <string.h>

/* ---- To runs --------------------------------------------------------------------------- */

typedef struct converting {
  nfa_worker *worker;
  nfa_runs_slot slot; /* what has been made so far */
  cb_slab_id *end;
} converting;

/* Takes over the history. */
static int add_run(converting *c, uint32_t situation, cb_slab_id head, uint64_t start_seq, cep_time start_time)
{
  const nfa_first_own *own = nfa_first_own_of(c->worker);
  cb_slab_id id = head != CB_SLAB_NONE ? cb_slab_take(c->worker->slab, own->runs.run_size) : CB_SLAB_NONE;
  if (id == CB_SLAB_NONE) {
    nfa_history_unref(c->worker->slab, head);
    return 0;
  }
  nfa_run *run = nfa_run_at(c->worker, id);
  nfa_shape_write(c->worker, nfa_situation_at(own, situation), run);
  run->head = head;
  run->start_seq = start_seq;
  run->start_time = start_time;
  if (!nfa_history_registers(c->worker, head, nfa_run_registers(run), &run->null)) {
    nfa_run_free(c->worker, id);
    return 0;
  }
  *c->end = id;
  c->end = &run->next;
  c->slot.last = id;
  if (c->slot.count++ == 0) c->slot.deadline = nfa_runs_deadline(c->worker, run);
  return 1;
}

static int add_alone(converting *c, const nfa_alone *alone)
{
  c->slot.seq = alone->form;
  return add_run(c, alone->situation, nfa_alone_history(c->worker, alone), 1, alone->time[0]);
}

static int add_queue(converting *c, const nfa_queue *queue)
{
  c->slot.seq = queue->seq;
  if (queue->silent_below > 0) {
    nfa_extra *extra = nfa_extra_make(c->worker, &c->slot);
    if (extra == NULL) return 0;
    extra->silent_below = queue->silent_below;
  }
  for (cb_slab_id id = queue->first; id != CB_SLAB_NONE; id = nfa_group_at(c->worker, id)->next) {
    const nfa_group *group = nfa_group_at(c->worker, id);
    int is_there = nfa_walk_first(c->worker, group);
    for (; is_there > 0; is_there = nfa_walk_next(c->worker)) {
      const nfa_caught start = *nfa_walk_start(c->worker);
      if (!add_run(c, group->situation, nfa_walk_history(c->worker), start.seq, start.time)) return 0;
    }
    if (is_there < 0) return 0;
  }
  return 1;
}

static void free_runs(converting *c)
{
  c->worker->counters.active += c->slot.count; /* which were not counted */
  nfa_runs.release(c->worker, (nfa_slot *)(void *)&c->slot);
}

static int make_runs(converting *c, const nfa_slot *slot)
{
  c->end = &c->slot.first;
  int done = nfa_form_of(slot) == NFA_FORM_QUEUE ? add_queue(c, nfa_queue_seen(slot)) : add_alone(c, nfa_alone_seen(slot));
  if (!done) free_runs(c);
  return done;
}

cep_status nfa_first_to_runs(nfa_worker *worker, nfa_slot *slot)
{
  converting c = {.worker = worker};
  if (!make_runs(&c, slot)) return CEP_E_NOMEM;
  nfa_first_of.release(worker, slot);
  worker->counters.active += c.slot.count;
  *nfa_runs_of(slot) = c.slot;
  return CEP_OK;
}

void nfa_first_save(nfa_worker *worker, const nfa_slot *slot, cb_writer *writer)
{
  nfa_first_form form = nfa_form_of(slot);
  if (form == NFA_FORM_RUNS) {
    nfa_runs_save(worker, slot, writer);
    return;
  }
  cb_write_u8(writer, (uint8_t)(NFA_SAVED_FIRST_OF + form));
  converting c = {.worker = worker};
  if (!make_runs(&c, slot)) {
    writer->status = CEP_E_NOMEM;
    return;
  }
  nfa_runs_save(worker, (const nfa_slot *)(const void *)&c.slot, writer);
  free_runs(&c);
}

/* ---- From runs ------------------------------------------------------------------------- */

static nfa_caught caught_of(nfa_worker *worker, const nfa_node *node)
{
  const cb_cell *cell = (const cb_cell *)cb_slab_at(worker->slab, node->cell);
  nfa_caught event = {.time = node->time, .at = cell->position, .seq = (uint32_t)node->seq, .input = (uint16_t)cell->input, .step = (uint8_t)node->step};
  if (worker->program->layout_views[cell->layout].count == 0 && cell->input < NFA_INPUT_CELL) return event;
  cb_cell_ref(worker->slab, node->cell);
  event.at = node->cell;
  event.input = NFA_INPUT_CELL;
  return event;
}

/* The history as links below each other, those that own->path already leads to left out. */
static int add_links(nfa_worker *worker, nfa_group *group, cb_slab_id head)
{
  nfa_ids *path = &nfa_first_own_of(worker)->path;
  uint32_t depth = 0;
  if (group->count == 0) path->count = 0;
  while (depth < path->count) {
    const nfa_link *link = nfa_link_at(worker, path->at[depth]);
    const nfa_node *node = nfa_history_at(worker->slab, head);
    if (link->child == CB_SLAB_NONE || link->event.seq != node->seq || link->event.step != node->step || node->prev == CB_SLAB_NONE) break;
    head = node->prev;
    depth++;
  }
  for (uint32_t at = depth; head != CB_SLAB_NONE; at++) {
    const nfa_node *node = nfa_history_at(worker->slab, head);
    cb_slab_id id = cb_slab_take(worker->slab, sizeof(nfa_link));
    if (id == CB_SLAB_NONE) return 0;
    *nfa_link_at(worker, id) = (nfa_link){.event = caught_of(worker, node)};
    cb_slab_id *to = &group->first;
    if (at == depth && depth < path->count) to = &nfa_link_at(worker, path->at[depth])->next;
    else if (at > 0) to = &nfa_link_at(worker, path->at[at - 1])->child;
    *to = id;
    if (at == 0) group->last = id;
    path->count = at;
    if (!cb_vec_push(worker->alloc, path, id)) return 0;
    head = node->prev;
  }
  return 1;
}

static int add_start(nfa_worker *worker, nfa_queue *queue, nfa_run *run, cb_slab_id *last)
{
  uint32_t situation = nfa_situation_of(worker, run), length = nfa_history_at(worker->slab, run->head)->length;
  if (situation == 0) return 0;
  if (*last == CB_SLAB_NONE || nfa_group_at(worker, *last)->situation != situation) {
    cb_slab_id id = cb_slab_take(worker->slab, sizeof(nfa_group));
    if (id == CB_SLAB_NONE) return 0;
    *nfa_group_at(worker, id) = (nfa_group){.situation = situation};
    if (*last == CB_SLAB_NONE) queue->first = id;
    else nfa_group_at(worker, *last)->next = id;
    *last = id;
  }
  nfa_group *group = nfa_group_at(worker, *last);
  if (!add_links(worker, group, run->head)) return 0;
  group->count++;
  queue->count++;
  worker->counters.active++;
  if (group->longest < length) group->longest = length;
  return 1;
}

/* A queue of what the slot of runs has. CEP_E_CORRUPT: two of one start. */
static cep_status make_queue(nfa_worker *worker, const nfa_runs_slot *runs, nfa_slot *out)
{
  nfa_queue *queue = nfa_queue_of(out);
  const nfa_extra *extra = nfa_extra_at(worker, runs);
  *queue = (nfa_queue){.seq = (uint32_t)runs->seq, .silent_below = extra != NULL ? extra->silent_below : 0, .form = NFA_FORM_QUEUE};
  cb_slab_id last = CB_SLAB_NONE;
  uint64_t start_seq = 0;
  for (cb_slab_id id = runs->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    nfa_run *run = nfa_run_at(worker, id);
    if (run->start_seq <= start_seq) return CEP_E_CORRUPT;
    start_seq = run->start_seq;
    if (!add_start(worker, queue, run, &last)) return CEP_E_NOMEM;
  }
  nfa_queue_tidy(worker, queue);
  return CEP_OK;
}

cep_status nfa_first_load(nfa_worker *worker, nfa_slot *slot, cb_reader *reader)
{
  memset(slot, 0, sizeof *slot);
  size_t at = reader->at;
  uint32_t form = cb_read_u8(reader) - NFA_SAVED_FIRST_OF;
  if (reader->status < 0) return reader->status;
  if (form < NFA_FORM_ONE || form > NFA_FORM_QUEUE) {
    reader->at = at;
    return nfa_runs_load(worker, slot, reader);
  }
  cep_status status = nfa_runs_load(worker, slot, reader);
  if (status < 0) return status;
  const nfa_runs_slot *runs = nfa_runs_of(slot);
  nfa_slot made = {{0}};
  int is_one = form != NFA_FORM_QUEUE;
  const nfa_extra *extra = nfa_extra_at(worker, runs);
  int waits = extra != NULL && (is_one || extra->waiting != CB_SLAB_NONE);
  if (waits || runs->count == 0 || runs->seq > UINT32_MAX || (is_one && (runs->count > 1 || runs->seq != form))) {
    status = CEP_E_CORRUPT;
  } else {
    status = make_queue(worker, runs, &made);
  }
  nfa_runs.release(worker, slot);
  if (status == CEP_OK && is_one) nfa_queue_shrink(worker, &made);
  if (status == CEP_OK && is_one && nfa_form_of(&made) != (nfa_first_form)form) status = CEP_E_CORRUPT;
  if (status == CEP_OK) {
    *slot = made;
  } else {
    if (reader->status == CEP_OK && status == CEP_E_CORRUPT) reader->status = status;
    nfa_first_of.release(worker, &made);
  }
  return status;
}

/* ---- Invariants ------------------------------------------------------------------------ */

static int is_situation_of(const nfa_worker *worker, uint32_t situation, const nfa_caught *newest)
{
  const nfa_first_own *own = nfa_first_own_of(worker);
  if (situation == NFA_START || situation >= own->automaton.states.count || own->automaton.states.at[situation].refs == 0) return 0;
  return nfa_state(worker, nfa_situation_at(own, situation)->state)->step == newest->step;
}

/* The path leads backwards in the order of the key. */
static int path_holds(const nfa_worker *worker)
{
  const nfa_ids *path = &nfa_first_own_of(worker)->path;
  for (uint32_t i = 1; i < path->count; i++) {
    const nfa_caught *newer = &nfa_link_at(worker, path->at[i - 1])->event, *older = &nfa_link_at(worker, path->at[i])->event;
    if (older->seq >= newer->seq || older->time > newer->time) return 0;
  }
  return 1;
}

static int group_holds(nfa_worker *worker, const nfa_group *group, uint64_t *start_seq)
{
  const nfa_ids *path = &nfa_first_own_of(worker)->path;
  uint32_t count = 0;
  cb_slab_id top = CB_SLAB_NONE;
  int is_there = nfa_walk_first(worker, group);
  for (; is_there > 0; is_there = nfa_walk_next(worker)) {
    const nfa_caught *start = nfa_walk_start(worker);
    top = path->at[0];
    if (start->seq <= *start_seq || !path_holds(worker) || path->count > group->longest) return 0;
    if (!is_situation_of(worker, group->situation, &nfa_link_at(worker, top)->event)) return 0;
    *start_seq = start->seq;
    count++;
  }
  return is_there < 0 || (count > 0 && count == group->count && top == group->last);
}

static int queue_holds(nfa_worker *worker, const nfa_queue *queue)
{
  uint64_t start_seq = 0;
  uint32_t count = 0, before = NFA_START;
  for (cb_slab_id id = queue->first; id != CB_SLAB_NONE; id = nfa_group_at(worker, id)->next) {
    const nfa_group *group = nfa_group_at(worker, id);
    if (group->situation == before || !group_holds(worker, group, &start_seq)) return 0;
    before = group->situation;
    count += group->count;
  }
  if (count == 0 || count != queue->count || start_seq > queue->seq) return 0;
  return nfa_walk_first(worker, nfa_group_at(worker, queue->first)) < 0 || nfa_walk_start(worker)->time == queue->oldest;
}

int nfa_first_check(nfa_worker *worker, const nfa_slot *slot)
{
  switch (nfa_form_of(slot)) {
  case NFA_FORM_RUNS: return nfa_runs_check(worker, slot);
  case NFA_FORM_QUEUE: return queue_holds(worker, nfa_queue_seen(slot));
  case NFA_FORM_ONE:
  case NFA_FORM_TWO: break;
  }
  const nfa_alone *alone = nfa_alone_seen(slot);
  nfa_caught newest = nfa_alone_event(worker, alone, alone->form - 1u);
  return alone->time[0] <= newest.time && is_situation_of(worker, alone->situation, &newest);
}
