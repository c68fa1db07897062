/* operator.c - entries, timers and slots around the functions of an operator. */
#include "runtime/operator.h"

#include <string.h>

static int make_values(rt_core *core)
{
  const prg *program = core->program;
  for (uint32_t i = 0; i < program->detections_count; i++) {
    const prg_detection *detection = &program->detections[i];
    uint32_t outputs = detection->outputs.count > detection->timeout_outputs.count
                           ? detection->outputs.count
                           : detection->timeout_outputs.count;
    uint32_t keys = detection->keys.count;
    if (detection->window != PRG_NONE) keys += PRG_WINDOW_PARTS + program->windows[detection->window].measures.count;
    if (detection->join != PRG_NONE) keys += PRG_WINDOW_PARTS;
    if (keys > core->keys_max) core->keys_max = keys;
    if (outputs > core->outputs_max) core->outputs_max = outputs;
  }
  if (core->keys_max == 0) core->keys_max = 1;
  if (core->outputs_max == 0) core->outputs_max = 1;
  core->keys = cb_new(core->alloc, core->keys_max * sizeof *core->keys);
  core->outputs = cb_new(core->alloc, core->outputs_max * sizeof *core->outputs);
  return core->keys && core->outputs;
}

cep_status rt_core_init(rt_core *core, const prg *program, cb_alloc *alloc, cb_slab *slab, nfa_scratch *scratch,
                        int smallest)
{
  *core = (rt_core){.program = program, .alloc = alloc, .slab = slab, .scratch = scratch, .now = CEP_TIME_MIN};
  rt_keyed_init(&core->keyed, alloc, slab, smallest);
  rt_timers_init(&core->timers, alloc, &core->keyed);
  cb_writer_init(&core->bytes, alloc);
  cep_status status = rt_stats_init(&core->stats, alloc, program);
  if (status == CEP_OK && !make_values(core)) status = CEP_E_NOMEM;
  if (status < 0) rt_core_fini(core);
  return status;
}

void rt_core_fini(rt_core *core)
{
  cb_free(core->alloc, core->keys, core->keys_max * sizeof *core->keys);
  cb_free(core->alloc, core->outputs, core->outputs_max * sizeof *core->outputs);
  core->keys = core->outputs = NULL;
  cb_vec_free(core->alloc, &core->origins);
  cb_writer_fini(&core->bytes);
  rt_timers_fini(&core->timers);
  rt_keyed_fini(&core->keyed);
  rt_stats_fini(&core->stats, core->alloc);
}

void rt_core_read_key(rt_core *core, const prg_detection *detection, cb_slab_id id)
{
  rt_key key = rt_keyed_key(&core->keyed, rt_keyed_at(&core->keyed, id));
  cb_reader reader;
  cb_reader_init(&reader, key.bytes, key.len);
  CB_ASSERT(detection->keys.count <= core->keys_max);
  for (uint32_t i = 0; i < detection->keys.count; i++) core->keys[i] = cb_value_read(&reader);
  CB_ASSERT(cb_reader_at_end(&reader));
}

cep_status rt_operator_open(rt_operator *op, rt_core *core, const rt_operator_kind *kind, uint32_t number,
                            uint32_t detection)
{
  *op = (rt_operator){.kind = kind, .core = core, .number = number, .detection = detection};
  return kind->open(op);
}

void rt_operator_close(rt_operator *op)
{
  op->kind->close(op);
}

typedef struct released {
  rt_operator *operators;
  rt_core *core;
} released;

static cep_status release_one(void *ctx, cb_slab_id id)
{
  released *all = ctx;
  rt_entry *entry = rt_keyed_at(&all->core->keyed, id);
  rt_operator *op = &all->operators[entry->operator_number];
  op->kind->release(op, &entry->slot);
  return CEP_OK;
}

void rt_operators_release(rt_operator *operators, rt_core *core)
{
  released all = {operators, core};
  rt_keyed_each(&core->keyed, release_one, &all);
}

/* After the slot was touched: an empty one goes, any other has a timer that is not too late. */
static cep_status settle(rt_operator *op, cb_slab_id id)
{
  rt_core *core = op->core;
  rt_entry *entry = rt_keyed_at(&core->keyed, id);
  CB_EXPENSIVE(op->kind->check(op, &entry->slot));
  if (op->evaluator ? op->evaluator->is_empty(&entry->slot) : op->kind->is_empty(op, &entry->slot)) {
    rt_timers_disarm(&core->timers, id);
    rt_keyed_remove(&core->keyed, id);
    op->keys--;
    return CEP_OK;
  }
  entry->flags |= RT_ENTRY_CHANGED;
  if (entry->timer != 0 && op->worker.deadline_rises) return CEP_OK;
  cep_time deadline = op->kind->next_deadline(op, &entry->slot);
  if (deadline >= rt_timers_time(&core->timers, id)) return CEP_OK;
  return rt_timers_arm(&core->timers, id, deadline) ? CEP_OK : CEP_E_NOMEM;
}

static cep_status find_entry(rt_operator *op, rt_item *item)
{
  rt_keyed *keyed = &op->core->keyed;
  if (item->finds_only) {
    item->entry = rt_keyed_find(keyed, op->number, &item->key);
    return CEP_OK;
  }
  uint64_t before = keyed->count;
  item->entry = rt_keyed_add(keyed, op->number, &item->key);
  if (item->entry == CB_SLAB_NONE) return CEP_E_NOMEM;
  op->keys += keyed->count - before;
  return CEP_OK;
}

/* Most calls are of one item. */
static cep_status one_event(rt_operator *op, rt_item *item, const rt_out *out)
{
  cep_status status = find_entry(op, item);
  if (status < 0 || item->entry == CB_SLAB_NONE) return status;
  status = op->evaluator ? rt_detect_event(op, item, out) : op->kind->events(op, item, 1, out);
  return status < 0 ? status : settle(op, item->entry);
}

cep_status rt_operator_events(rt_operator *op, rt_item *items, uint32_t count, const rt_out *out)
{
  CB_ASSERT(count <= RT_ITEMS_MAX);
  if (count == 1) return one_event(op, items, out);
  for (uint32_t i = 0; i < count; i++) {
    cep_status status = find_entry(op, &items[i]);
    if (status < 0) return status;
  }
  cep_status status = op->kind->events(op, items, count, out);
  if (status < 0) return status; /* the slots may be released, no more */
  for (uint32_t i = 0; i < count; i++) {
    cb_slab_id entry = items[i].entry;
    if (entry == CB_SLAB_NONE) continue;
    /* Once settled it may be gone: of one key only the first item settles it. */
    for (uint32_t j = i; j < count; j++) {
      if (items[j].entry == entry) items[j].entry = CB_SLAB_NONE;
    }
    status = settle(op, entry);
    if (status < 0) return status;
  }
  return CEP_OK;
}

cep_status rt_operators_deadline(rt_operator *operators, rt_core *core, cep_time upto, cep_time *out)
{
  const rt_timer *first;
  while ((first = rt_timers_first(&core->timers, upto)) != NULL) {
    cb_slab_id id = first->entry;
    const rt_operator *op = &operators[first->operator_number];
    cep_time deadline = op->kind->next_deadline(op, &rt_keyed_at(&core->keyed, id)->slot);
    if (deadline == first->time) {
      *out = deadline;
      return CEP_OK;
    }
    CB_ASSERT(deadline > first->time);
    if (deadline == CEP_TIME_MAX) {
      rt_timers_disarm(&core->timers, id);
    } else if (!rt_timers_arm(&core->timers, id, deadline)) {
      return CEP_E_NOMEM;
    }
  }
  *out = CEP_TIME_MAX;
  return CEP_OK;
}

cep_status rt_operators_fire(rt_operator *operators, rt_core *core, cep_time time, const rt_out *out)
{
  const rt_timer *first = rt_timers_first(&core->timers, time);
  CB_ASSERT(first);
  CB_ASSERT(first->time == time);
  cb_slab_id id = first->entry;
  rt_operator *op = &operators[first->operator_number];
  rt_timers_disarm(&core->timers, id);
  cep_status status = op->kind->advance(op, id, time, out);
  if (status < 0) return status;
  CB_ASSERT(op->kind->next_deadline(op, &rt_keyed_at(&core->keyed, id)->slot) > time);
  return settle(op, id);
}

typedef struct gathering {
  const rt_core *core;
  uint32_t operator_number;
  CB_VEC(cb_slab_id) entries;
} gathering;

static cep_status gather(void *ctx, cb_slab_id id)
{
  gathering *all = ctx;
  if (rt_keyed_at(&all->core->keyed, id)->operator_number != all->operator_number) return CEP_OK;
  return cb_vec_push(all->core->alloc, &all->entries, id) ? CEP_OK : CEP_E_NOMEM;
}

/* In the order of saved state, which no table's layout has a part in. */
cep_status rt_operator_end(rt_operator *op, cep_time time, const rt_out *out)
{
  rt_core *core = op->core;
  gathering all = {.core = core, .operator_number = op->number};
  cep_status status = rt_keyed_walk(&core->keyed, 0, gather, &all);
  for (uint32_t i = 0; i < all.entries.count && status == CEP_OK; i++) {
    status = op->kind->end(op, all.entries.at[i], time, out);
    if (status == CEP_OK) status = settle(op, all.entries.at[i]);
  }
  cb_vec_free(core->alloc, &all.entries);
  return status;
}

static cep_status disarm(void *ctx, cb_slab_id id)
{
  rt_core *core = ctx;
  rt_timers_disarm(&core->timers, id);
  return CEP_OK;
}

void rt_operators_disarm(rt_core *core)
{
  rt_keyed_each(&core->keyed, disarm, core);
}

typedef struct arming {
  const rt_operator *op;
  cep_status status;
} arming;

static cep_status arm(void *ctx, cb_slab_id id)
{
  arming *all = ctx;
  rt_core *core = all->op->core;
  const rt_entry *entry = rt_keyed_at(&core->keyed, id);
  if (entry->operator_number != all->op->number) return CEP_OK;
  cep_time deadline = all->op->kind->next_deadline(all->op, &entry->slot);
  if (deadline < CEP_TIME_MAX && !rt_timers_arm(&core->timers, id, deadline)) all->status = CEP_E_NOMEM;
  return all->status;
}

cep_status rt_operator_arm(rt_operator *op)
{
  arming all = {op, CEP_OK};
  rt_keyed_each(&op->core->keyed, arm, &all);
  return all.status;
}

/* Whole, and nothing that time has passed. */
static int may_stay(rt_operator *op, const nfa_slot *slot, cep_time now)
{
  if (!op->kind->check(op, slot) || op->kind->is_empty(op, slot)) return 0;
  cep_time deadline = op->kind->next_deadline(op, slot);
  return deadline > now || deadline == CEP_TIME_MAX;
}

cep_status rt_operator_load(rt_operator *op, const rt_key *key, cb_reader *reader, cep_time now)
{
  rt_core *core = op->core;
  if (rt_keyed_find(&core->keyed, op->number, key) != CB_SLAB_NONE) return CEP_E_CORRUPT;
  cb_slab_id id = rt_keyed_add(&core->keyed, op->number, key);
  if (id == CB_SLAB_NONE) return CEP_E_NOMEM;
  nfa_slot *slot = &rt_keyed_at(&core->keyed, id)->slot;
  op->worker.input_limit = core->origins.count > 0 ? core->origins.count : 1;
  op->worker.time_limit = now; /* no event of a state is to come */
  cep_time before = core->now;
  core->now = now;
  cep_status status = op->kind->load(op, slot, reader);
  core->now = before;
  op->worker.input_limit = 0; /* inputs may be added later */
  if (status >= 0 && !may_stay(op, slot, now)) {
    op->kind->release(op, slot);
    status = CEP_E_CORRUPT;
  }
  if (status < 0) {
    rt_keyed_remove(&core->keyed, id);
    return status == CEP_E_NOMEM ? status : CEP_E_CORRUPT;
  }
  op->keys++;
#ifdef CEP_FAULT_TIMERS_LOST
  return CEP_OK;
#endif
  cep_time deadline = op->kind->next_deadline(op, slot);
  if (deadline == CEP_TIME_MAX || rt_timers_arm(&core->timers, id, deadline)) return CEP_OK;
  return CEP_E_NOMEM;
}

typedef struct reload {
  rt_operator *operators;
  rt_core *core;
  cb_writer before;
  cb_writer after;
} reload;

static cep_status reload_one(void *ctx, cb_slab_id id)
{
  reload *all = ctx;
  rt_entry *entry = rt_keyed_at(&all->core->keyed, id);
  rt_operator *op = &all->operators[entry->operator_number];
  cep_time deadline = op->kind->next_deadline(op, &entry->slot);
  cb_writer_reset(&all->before);
  op->kind->save(op, &entry->slot, &all->before);
  if (all->before.status < 0) return all->before.status;
  op->kind->release(op, &entry->slot);
  CB_ASSERT(op->kind->is_empty(op, &entry->slot));

  cb_reader reader;
  cb_reader_init(&reader, all->before.data, all->before.len);
  cep_status status = op->kind->load(op, &entry->slot, &reader);
  if (status == CEP_E_NOMEM) return status;
  CB_ASSERT(status == CEP_OK);
  CB_ASSERT(cb_reader_at_end(&reader));
  CB_ASSERT(op->kind->next_deadline(op, &entry->slot) == deadline);
  CB_EXPENSIVE(op->kind->check(op, &entry->slot));

  cb_writer_reset(&all->after);
  op->kind->save(op, &entry->slot, &all->after);
  if (all->after.status < 0) return all->after.status;
  CB_ASSERT(all->after.len == all->before.len);
  CB_ASSERT(memcmp(all->after.data, all->before.data, all->after.len) == 0);
  return CEP_OK;
}

cep_status rt_operators_reload(rt_operator *operators, rt_core *core)
{
  reload all = {.operators = operators, .core = core};
  cb_writer_init(&all.before, core->alloc);
  cb_writer_init(&all.after, core->alloc);
  cep_status status = rt_keyed_walk(&core->keyed, 0, reload_one, &all);
  if (status == CEP_OK) rt_keyed_saved(&core->keyed);
  cb_writer_fini(&all.before);
  cb_writer_fini(&all.after);
  return status;
}
