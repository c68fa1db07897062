/* firstof_queue.c - starts in groups, the events that they have in common above them. */
#include "nfa/firstof.h"

#include <string.h>

#include "nfa/register.h"

/* ---- Events ---------------------------------------------------------------------------- */

int nfa_catch(nfa_moment *moment, uint32_t step, nfa_caught *out)
{
  nfa_worker *worker = moment->worker;
  const cb_batch *batch = moment->event->batch;
  uint32_t row = moment->event->row, input = batch->input[row];
  *out = (nfa_caught){.time = moment->time, .at = batch->position[row], .seq = (uint32_t)moment->seq, .input = (uint16_t)input, .step = (uint8_t)step};
  if (worker->program->layout_views[nfa_step(worker, step)->layout].count == 0 && input < NFA_INPUT_CELL) return 1;
  cb_slab_id cell = nfa_taken_cell(worker, &moment->own->taken, moment->event, step);
  if (cell == CB_SLAB_NONE) return 0;
  cb_cell_ref(worker->slab, cell);
  out->at = cell;
  out->input = NFA_INPUT_CELL;
  return 1;
}

void nfa_caught_free(nfa_worker *worker, const nfa_caught *event)
{
  if (event->input == NFA_INPUT_CELL) cb_cell_unref(worker->slab, (cb_slab_id)event->at);
}

cb_slab_id nfa_caught_history(nfa_worker *worker, cb_slab_id head, const nfa_caught *event)
{
  cb_slab *slab = worker->slab;
  cb_slab_id cell = (cb_slab_id)event->at, longer = CB_SLAB_NONE;
  if (event->input == NFA_INPUT_CELL) {
    cb_cell_ref(slab, cell);
  } else {
    const cb_layout *layout = &worker->program->layout_views[nfa_step(worker, event->step)->layout];
    cell = cb_cell_of_identity(slab, layout, event->time, event->input, event->at);
  }
  if (cell != CB_SLAB_NONE) longer = nfa_history_add(slab, head, cell, event->step, event->seq, event->time);
  if (longer == CB_SLAB_NONE && cell != CB_SLAB_NONE) cb_cell_unref(slab, cell);
  nfa_history_unref(slab, head);
  return longer;
}

int nfa_history_registers(nfa_worker *worker, cb_slab_id head, uint64_t *registers, uint64_t *null)
{
  nfa_runs_own *own = &nfa_first_own_of(worker)->runs;
  *null = own->null_at_start;
  memset(registers, 0, worker->detection->registers.count * sizeof *registers);
  own->sorted.count = 0;
  for (cb_slab_id id = head; id != CB_SLAB_NONE; id = nfa_history_at(worker->slab, id)->prev) {
    if (!cb_vec_push(worker->alloc, &own->sorted, id)) return 0;
  }
  for (uint32_t i = own->sorted.count; i-- > 0;) {
    const nfa_node *node = nfa_history_at(worker->slab, own->sorted.at[i]);
    nfa_env env = {.program = worker->program,
                   .scratch = worker->scratch,
                   .cell = (const cb_cell *)cb_slab_at(worker->slab, node->cell),
                   .register_first = worker->detection->registers.first};
    prg_list taken = own->steps[node->step].registers;
    for (uint32_t r = taken.first; r < taken.first + taken.count; r++) {
      uint32_t at = own->register_order[r];
      nfa_register_take(&env, &worker->program->registers[worker->detection->registers.first + at], at, registers, null,
                        &worker->counters.sum_overflow);
    }
  }
  return 1;
}

nfa_caught nfa_alone_event(const nfa_worker *worker, const nfa_alone *alone, uint32_t i)
{
  nfa_caught event = {.time = alone->time[i], .at = alone->at[i], .seq = i + 1, .input = alone->input[i], .step = alone->first_step};
  const nfa_shape *shape = nfa_situation_at(nfa_first_own_of(worker), alone->situation);
  if (i + 1 == alone->form) event.step = (uint8_t)nfa_state(worker, shape->state)->step;
  return event;
}

cb_slab_id nfa_alone_history(nfa_worker *worker, const nfa_alone *alone)
{
  cb_slab_id head = CB_SLAB_NONE;
  for (uint32_t i = 0; i < alone->form; i++) {
    nfa_caught event = nfa_alone_event(worker, alone, i);
    head = nfa_caught_history(worker, head, &event);
    if (head == CB_SLAB_NONE) return CB_SLAB_NONE;
  }
  return head;
}

void nfa_alone_free(nfa_worker *worker, nfa_slot *slot)
{
  const nfa_alone *alone = nfa_alone_seen(slot);
  for (uint32_t i = 0; i < alone->form; i++) {
    if (alone->input[i] == NFA_INPUT_CELL) cb_cell_unref(worker->slab, (cb_slab_id)alone->at[i]);
  }
  worker->counters.active--;
  memset(slot, 0, sizeof *slot);
}

/* ---- Links ----------------------------------------------------------------------------- */

/* Takes over the event. 0: memory refused. */
static cb_slab_id new_link(nfa_worker *worker, const nfa_caught *event, cb_slab_id child)
{
  cb_slab_id id = cb_slab_take(worker->slab, sizeof(nfa_link));
  if (id == CB_SLAB_NONE) nfa_caught_free(worker, event);
  else *nfa_link_at(worker, id) = (nfa_link){.child = child, .event = *event};
  return id;
}

static void free_link(nfa_worker *worker, cb_slab_id id)
{
  nfa_caught_free(worker, &nfa_link_at(worker, id)->event);
  cb_slab_give(worker->slab, id);
}

/* A list and all below it: the children of each link take its place in the list. */
static void free_links(nfa_worker *worker, cb_slab_id first)
{
  while (first != CB_SLAB_NONE) {
    cb_slab_id gone = first, next = nfa_link_at(worker, gone)->next;
    first = nfa_link_at(worker, gone)->child;
    free_link(worker, gone);
    cb_slab_id last = first;
    while (last != CB_SLAB_NONE && nfa_link_at(worker, last)->next != CB_SLAB_NONE) last = nfa_link_at(worker, last)->next;
    if (last != CB_SLAB_NONE) nfa_link_at(worker, last)->next = next;
    else first = next;
  }
}

/* ---- Groups ---------------------------------------------------------------------------- */

static cb_slab_id new_group(nfa_worker *worker, uint32_t situation, cb_slab_id link)
{
  cb_slab_id id = cb_slab_take(worker->slab, sizeof(nfa_group));
  if (id == CB_SLAB_NONE) return CB_SLAB_NONE;
  *nfa_group_at(worker, id) = (nfa_group){.first = link, .last = link, .count = 1, .longest = 1, .situation = situation};
  return id;
}

int nfa_group_take(nfa_worker *worker, nfa_group *group, const nfa_caught *event)
{
  cb_slab_id link = new_link(worker, event, group->first);
  if (link == CB_SLAB_NONE) return 0;
  group->first = group->last = link;
  group->longest++;
  return 1;
}

void nfa_group_clear(nfa_worker *worker, nfa_queue *queue, nfa_group *group)
{
  free_links(worker, group->first);
  queue->count -= group->count;
  worker->counters.active -= group->count;
  group->first = group->last = CB_SLAB_NONE;
  group->count = 0;
}

/* The first start, and the events that nothing else has. */
void nfa_group_drop_first(nfa_worker *worker, nfa_queue *queue, nfa_group *group)
{
  cb_slab_id *cut = &group->first;
  for (cb_slab_id *link = cut; *link != CB_SLAB_NONE; link = &nfa_link_at(worker, *link)->child) {
    if (nfa_link_at(worker, *link)->next != CB_SLAB_NONE) cut = link;
  }
  cb_slab_id gone = *cut;
  *cut = nfa_link_at(worker, gone)->next;
  while (gone != CB_SLAB_NONE) {
    cb_slab_id child = nfa_link_at(worker, gone)->child;
    free_link(worker, gone);
    gone = child;
  }
  if (group->first == CB_SLAB_NONE) group->last = CB_SLAB_NONE;
  group->count--;
  queue->count--;
  worker->counters.active--;
}

static const nfa_caught *first_start(const nfa_worker *worker, const nfa_group *group)
{
  const nfa_link *link = nfa_link_at(worker, group->first);
  while (link->child != CB_SLAB_NONE) link = nfa_link_at(worker, link->child);
  return &link->event;
}

/* ---- The queue ------------------------------------------------------------------------- */

void nfa_queue_prune(nfa_worker *worker, nfa_queue *queue, uint64_t below)
{
  for (cb_slab_id id = queue->first; id != CB_SLAB_NONE; id = nfa_group_at(worker, id)->next) {
    nfa_group *group = nfa_group_at(worker, id);
    if (below > queue->seq) nfa_group_clear(worker, queue, group);
    while (group->count > 0 && first_start(worker, group)->seq < below) nfa_group_drop_first(worker, queue, group);
    if (group->count > 0) return;
  }
}

void nfa_queue_expire(nfa_worker *worker, nfa_queue *queue, cep_time last)
{
  for (cb_slab_id id = queue->first; id != CB_SLAB_NONE; id = nfa_group_at(worker, id)->next) {
    nfa_group *group = nfa_group_at(worker, id);
    while (group->count > 0 && first_start(worker, group)->time <= last) nfa_group_drop_first(worker, queue, group);
    if (group->count > 0) return;
  }
}

void nfa_queue_tidy(nfa_worker *worker, nfa_queue *queue)
{
  cb_slab_id *link = &queue->first;
  nfa_group *before = NULL;
  while (*link != CB_SLAB_NONE) {
    cb_slab_id id = *link;
    nfa_group *group = nfa_group_at(worker, id);
    int joins = before != NULL && group->count > 0 && before->situation == group->situation;
    if (joins) {
      nfa_link_at(worker, before->last)->next = group->first;
      before->last = group->last;
      before->count += group->count;
      if (before->longest < group->longest) before->longest = group->longest;
    }
    if (joins || group->count == 0) {
      *link = group->next;
      cb_slab_give(worker->slab, id);
      continue;
    }
    before = group;
    link = &group->next;
  }
  if (queue->first == CB_SLAB_NONE) memset(queue, 0, sizeof *queue);
  else queue->oldest = first_start(worker, nfa_group_at(worker, queue->first))->time;
}

int nfa_queue_add(nfa_worker *worker, nfa_queue *queue, uint32_t situation, const nfa_caught *start)
{
  cb_slab_id *end = &queue->first;
  nfa_group *last = NULL;
  for (; *end != CB_SLAB_NONE; end = &last->next) last = nfa_group_at(worker, *end);
  cb_slab_id link = new_link(worker, start, CB_SLAB_NONE);
  if (link == CB_SLAB_NONE) return 0;
  if (last != NULL && last->count > 0 && last->situation == situation) {
    nfa_link_at(worker, last->last)->next = link;
    last->last = link;
    last->count++;
  } else {
    *end = new_group(worker, situation, link);
    if (*end == CB_SLAB_NONE) {
      free_link(worker, link);
      return 0;
    }
  }
  queue->count++;
  worker->counters.active++;
  return 1;
}

int nfa_queue_make(nfa_worker *worker, nfa_slot *slot)
{
  const nfa_alone alone = *nfa_alone_seen(slot);
  nfa_caught event = nfa_alone_event(worker, &alone, 0);
  cb_slab_id start = cb_slab_take(worker->slab, sizeof(nfa_link)), second = CB_SLAB_NONE;
  if (start == CB_SLAB_NONE) return 0;
  if (alone.form == NFA_FORM_TWO) second = cb_slab_take(worker->slab, sizeof(nfa_link));
  cb_slab_id top = alone.form == NFA_FORM_TWO ? second : start;
  cb_slab_id group = top != CB_SLAB_NONE ? new_group(worker, alone.situation, top) : CB_SLAB_NONE;
  if (group == CB_SLAB_NONE) {
    if (second != CB_SLAB_NONE) cb_slab_give(worker->slab, second);
    cb_slab_give(worker->slab, start);
    return 0;
  }
  *nfa_link_at(worker, start) = (nfa_link){.event = event};
  if (second != CB_SLAB_NONE) *nfa_link_at(worker, second) = (nfa_link){.child = start, .event = nfa_alone_event(worker, &alone, 1)};
  nfa_group_at(worker, group)->longest = alone.form;
  *nfa_queue_of(slot) = (nfa_queue){.first = group, .count = 1, .seq = alone.form, .oldest = event.time, .form = NFA_FORM_QUEUE};
  return 1;
}

void nfa_queue_shrink(nfa_worker *worker, nfa_slot *slot)
{
  const nfa_queue queue = *nfa_queue_seen(slot);
  const nfa_group *group = nfa_group_at(worker, queue.first);
  cb_slab_id newest = group->first, start = newest;
  if (nfa_link_at(worker, start)->child != CB_SLAB_NONE) start = nfa_link_at(worker, start)->child;
  if (nfa_link_at(worker, start)->child != CB_SLAB_NONE) return;
  if (nfa_link_at(worker, start)->event.seq < queue.silent_below) return;
  const nfa_caught *a = &nfa_link_at(worker, start)->event, *b = &nfa_link_at(worker, newest)->event;
  nfa_alone alone = {.situation = (uint16_t)group->situation, .first_step = a->step, .form = NFA_FORM_ONE};
  alone.time[0] = a->time;
  alone.at[0] = a->at;
  alone.input[0] = a->input;
  if (newest != start) {
    alone.time[1] = b->time;
    alone.at[1] = b->at;
    alone.input[1] = b->input;
    alone.form = NFA_FORM_TWO;
    cb_slab_give(worker->slab, newest);
  }
  cb_slab_give(worker->slab, start);
  cb_slab_give(worker->slab, queue.first);
  *nfa_alone_of(slot) = alone;
}

void nfa_queue_free(nfa_worker *worker, nfa_slot *slot)
{
  nfa_queue *queue = nfa_queue_of(slot);
  for (cb_slab_id id = queue->first, next; id != CB_SLAB_NONE; id = next) {
    next = nfa_group_at(worker, id)->next;
    nfa_group_clear(worker, queue, nfa_group_at(worker, id));
    cb_slab_give(worker->slab, id);
  }
  memset(slot, 0, sizeof *slot);
}

/* ---- Walking --------------------------------------------------------------------------- */

static int walk_down(nfa_worker *worker, cb_slab_id id)
{
  nfa_ids *path = &nfa_first_own_of(worker)->path;
  for (; id != CB_SLAB_NONE; id = nfa_link_at(worker, id)->child) {
    if (!cb_vec_push(worker->alloc, path, id)) return -1;
  }
  return 1;
}

int nfa_walk_first(nfa_worker *worker, const nfa_group *group)
{
  nfa_first_own_of(worker)->path.count = 0;
  return group->first != CB_SLAB_NONE ? walk_down(worker, group->first) : 0;
}

int nfa_walk_next(nfa_worker *worker)
{
  nfa_ids *path = &nfa_first_own_of(worker)->path;
  while (path->count > 0) {
    cb_slab_id next = nfa_link_at(worker, path->at[--path->count])->next;
    if (next != CB_SLAB_NONE) return walk_down(worker, next);
  }
  return 0;
}

cb_slab_id nfa_walk_history(nfa_worker *worker)
{
  const nfa_ids *path = &nfa_first_own_of(worker)->path;
  cb_slab_id head = CB_SLAB_NONE;
  for (uint32_t i = path->count; i-- > 0;) {
    head = nfa_caught_history(worker, head, &nfa_link_at(worker, path->at[i])->event);
    if (head == CB_SLAB_NONE) return CB_SLAB_NONE;
  }
  return head;
}
