/* snapshot_save.c - the state of every stage at a barrier, put together in one order. */
#include <stdlib.h>
#include <string.h>

#include "cep/base/error.h"
#include "cep/base/time.h"
#include "runtime/snapshot_parts.h"

/*
 * The share of one stage: items one behind the other, in no order.
 *   section u8 | block: place, bytes that sort it | block: body
 */
typedef struct share {
  rt_engine *engine;
  const rt_engine *intake; /* its frontier is that of the source events */
  cb_writer out;
  cb_writer place;
  cb_writer body;
} share;

static void begin_share(share *it, rt_engine *engine, const rt_engine *intake)
{
  it->engine = engine;
  it->intake = intake;
  cb_writer_init(&it->out, &engine->alloc);
  cb_writer_init(&it->place, &engine->alloc);
  cb_writer_init(&it->body, &engine->alloc);
}

static void end_share(share *it)
{
  if (!it->engine) return;
  cb_writer_fini(&it->out);
  cb_writer_fini(&it->place);
  cb_writer_fini(&it->body);
}

/* ---- Items ------------------------------------------------------------------------------- */

static void begin_item(share *it)
{
  cb_writer_reset(&it->place);
  cb_writer_reset(&it->body);
}

static void end_item(share *it, uint32_t section)
{
  if (it->place.status < 0) it->out.status = it->place.status;
  if (it->body.status < 0) it->out.status = it->body.status;
  cb_write_u8(&it->out, (uint8_t)section);
  cb_write_block(&it->out, it->place.data, it->place.len);
  cb_write_block(&it->out, it->body.data, it->body.len);
}

/* The high byte first, so that bytes compare as numbers do. */
static void sort_by(share *it, uint64_t number)
{
  uint8_t bytes[8];
  for (int i = 0; i < 8; i++) bytes[i] = (uint8_t)(number >> (56 - 8 * i));
  cb_write_bytes(&it->place, bytes, sizeof bytes);
}

static void sort_by_time(share *it, cep_time time)
{
  sort_by(it, (uint64_t)time ^ UINT64_C(1) << 63);
}

static cep_status save_key(void *ctx, cb_slab_id id)
{
  share *it = ctx;
  const rt_keyed *keyed = &it->engine->core.keyed;
  const rt_entry *entry = rt_keyed_at(keyed, id);
  rt_operator *op = &it->engine->operators[entry->operator_number];
  rt_key key = rt_keyed_key(keyed, entry);
  begin_item(it);
  sort_by(it, (uint64_t)entry->group << 32 | entry->operator_number);
  cb_write_bytes(&it->place, key.bytes, key.len);
  cb_write_u32(&it->body, entry->operator_number);
  cb_write_block(&it->body, key.bytes, key.len);
  op->kind->save(op, &entry->slot, &it->body);
  end_item(it, RT_SECTION_KEY);
  return it->out.status;
}

static void save_row(share *it, uint32_t stream, const rt_triple *at, cb_slab_id id)
{
  const cb_cell *cell = cb_slab_at(&it->engine->slab, id);
  begin_item(it);
  sort_by_time(it, at->time);
  sort_by(it, at->order);
  sort_by(it, at->position);
  sort_by(it, stream);
  cb_write_u32(&it->body, cell->input);
  cb_write_u32(&it->body, stream);
  cb_write_i64(&it->body, at->time);
  cb_cell_write(&it->body, cell, rt_engine_held_layout(it->engine, stream));
  end_item(it, RT_SECTION_ROW);
}

/* A table whose rows are still to be handed in, after a restore. */
static int owes_table(const rt_engine *intake)
{
  for (uint32_t t = 0; intake->owed_tables && t < intake->program->tables_count; t++) {
    if (intake->owed_tables[t]) return 1;
  }
  return 0;
}

/* A row counts only if some detection has a key of it; one that the frontier has passed, if one above stratum 1 has: to
 * others nobody gives it. While a table is owed nobody can tell, and every row counts. */
static cep_status is_awaited(share *it, uint32_t stream, const rt_triple *at, cb_slab_id cell, int *out)
{
  rt_engine *engine = it->engine;
  uint32_t lowest = rt_frontier_passed(&it->intake->frontier, at) ? 2 : 1;
  rt_seen seen;
  *out = owes_table(it->intake);
  if (*out) return CEP_OK;
  cep_status status = rt_engine_read_cell(engine, stream, cell, &seen);
  if (status == CEP_OK) seen.late = cb_time_sub(at->time, seen.batch->time[seen.row]);
  if (status == CEP_OK) status = rt_router_recall(&engine->router, &seen);
  if (status < 0) return status;
  for (uint32_t i = seen.list.first; i < seen.list.first + seen.list.count; i++)
    *out |= rt_router_reader(&engine->router, &seen.finds->all.at[i])->stratum >= lowest;
  return CEP_OK;
}

static cep_status save_if_awaited(share *it, uint32_t stream, const rt_triple *at, cb_slab_id cell)
{
  int is_kept;
  cep_status status = is_awaited(it, stream, at, cell, &is_kept);
  if (status == CEP_OK && is_kept) save_row(it, stream, at, cell);
  return status;
}

static cep_status save_rows(share *it)
{
  rt_engine *engine = it->engine;
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < rt_reorder_count(&engine->reorder) && status == CEP_OK; i++) {
    const rt_held *held = rt_reorder_at(&engine->reorder, i);
    status = save_if_awaited(it, held->stream, &held->at, held->cell);
  }
  for (uint32_t i = 0; i < engine->later.count && status == CEP_OK; i++) {
    const rt_later *later = &engine->later.at[i];
    const cb_cell *cell = cb_slab_at(&engine->slab, later->cell);
    status = save_if_awaited(it, later->stream, &(rt_triple){cell->time, later->order, cell->position}, later->cell);
  }
  return status;
}

/* Without what depends on who has which keys. */
static void write_alert(cb_writer *writer, const rt_alert *alert)
{
  rt_alert plain = *alert;
  plain.sequence = 0;
  plain.has_least = 0;
  plain.place = (rt_place){.time = CEP_TIME_MIN};
  memset(&plain.group, 0, sizeof plain.group);
  memset(&plain.least, 0, sizeof plain.least);
  rt_alert_write(writer, &plain);
}

static void save_waiting(share *it, const rt_alert *alert)
{
  CB_ASSERT(!alert->has_least); /* those of other stages have been worked off */
  begin_item(it);
  cb_hash128 group = rt_engine_group_of(it->engine, alert->keys, alert->key_count, NULL);
  if (it->engine->core.bytes.status < 0) it->out.status = CEP_E_NOMEM;
  sort_by(it, alert->detection);
  cb_write_bytes(&it->place, group.bytes, sizeof group.bytes);
  sort_by(it, alert->sequence);
  write_alert(&it->body, alert);
  end_item(it, RT_SECTION_WAITING);
}

static void save_derived(share *it, const rt_derived *derived)
{
  CB_ASSERT(!derived->has_least);
#ifdef CEP_FAULT_MAIL_LOST
  return;
#endif
  rt_derived plain = *derived;
  plain.sequence = 0;
  memset(&plain.least, 0, sizeof plain.least);
  begin_item(it);
  sort_by_time(it, derived->time);
  sort_by(it, derived->detection);
  cb_write_bytes(&it->place, derived->group.bytes, sizeof derived->group.bytes);
  sort_by(it, derived->sequence);
  cb_write_u32(&it->body, derived->key_group);
  rt_derived_write(it->engine, &plain, &it->body);
  end_item(it, RT_SECTION_DERIVED);
}

static cep_status save_share(share *it)
{
  rt_engine *engine = it->engine;
  CB_ASSERT(engine->staged.count == 0);
  cep_status status = save_rows(it);
  for (uint32_t i = 0; i < engine->waiting.count; i++) save_waiting(it, engine->waiting.at[i]);
  for (uint32_t i = 0; i < engine->derived.count; i++) save_derived(it, &engine->derived.at[i]);
  for (uint32_t i = 0; i < engine->ahead.heap.count; i++) {
    const rt_arrival *arrival = &engine->ahead.heap.at[i];
    if (arrival->alert) save_waiting(it, arrival->alert);
    else save_derived(it, &arrival->derived);
  }
  rt_keyed_each(&engine->core.keyed, save_key, it);
  return status < 0 ? status : it->out.status;
}

/* ---- Putting shares together -------------------------------------------------------------- */

typedef struct item {
  uint32_t section;
  uint32_t place_len;
  const uint8_t *place;
  const uint8_t *body;
  size_t body_len;
} item;

typedef struct saving {
  cb_alloc *alloc;
  share *shares; /* of worker w, stage s: at w * stages + s */
  uint32_t share_count;
  uint32_t stages;
  const rt_engine *intake;
  CB_VEC(item) items;
} saving;

static int compare_items(const void *a_void, const void *b_void)
{
  const item *a = a_void, *b = b_void;
  if (a->section != b->section) return a->section < b->section ? -1 : 1;
  uint32_t common = a->place_len < b->place_len ? a->place_len : b->place_len;
  int order = memcmp(a->place, b->place, common);
  return order != 0 ? order : (a->place_len > b->place_len) - (a->place_len < b->place_len);
}

static cep_status list_items(saving *all, const share *it)
{
  cb_reader reader;
  cb_reader_init(&reader, it->out.data, it->out.len);
  while (!cb_reader_at_end(&reader)) {
    item one = {.section = cb_read_u8(&reader)};
    size_t len;
    one.place = cb_read_block(&reader, &len);
    one.place_len = (uint32_t)len;
    one.body = cb_read_block(&reader, &one.body_len);
    CB_ASSERT(reader.status == CEP_OK);
    if (!cb_vec_push(all->alloc, &all->items, one)) return CEP_E_NOMEM;
  }
  return CEP_OK;
}

/* A row that several stages or workers hold is one. */
static void drop_doubles(saving *all)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < all->items.count; i++) {
    const item *one = &all->items.at[i];
    if (one->section == RT_SECTION_ROW && kept > 0 && compare_items(&all->items.at[kept - 1], one) == 0) continue;
    all->items.at[kept++] = *one;
  }
  all->items.count = kept;
}

static cep_status write_sections(saving *all, cb_writer *out)
{
  for (uint32_t i = 0; i < all->share_count; i++) {
    cep_status status = list_items(all, &all->shares[i]);
    if (status < 0) return status;
  }
  if (all->items.count > 1) qsort(all->items.at, all->items.count, sizeof(item), compare_items);
  drop_doubles(all);
  uint32_t next = 0;
  for (uint32_t section = 0; section < RT_SECTIONS; section++) {
    uint32_t end = next;
    while (end < all->items.count && all->items.at[end].section == section) end++;
    cb_write_u32(out, end - next);
    for (; next < end; next++) cb_write_block(out, all->items.at[next].body, all->items.at[next].body_len);
  }
  return out->status;
}

/* On the thread of the worker; its memory, too. What is refused here does not stop the worker. */
static cep_status save_stage(void *ctx, uint64_t barrier, uint32_t stage, rt_engine *engine)
{
  (void)barrier;
  saving *all = ctx;
  share *it = &all->shares[engine->options.part.worker * all->stages + stage];
  begin_share(it, engine, all->intake);
  cep_status status = save_share(it);
  if (status < 0 && it->out.status == CEP_OK) it->out.status = status;
  return CEP_OK;
}

/* The shares of all stages, or of the one engine that has everything. */
static cep_status collect_shares(rt_engine *engine, saving *all, cep_error *err)
{
  const rt_workers *workers = engine->fan ? rt_fan_all(engine->fan) : NULL;
  all->stages = workers ? workers->stage_count : 1;
  all->share_count = all->stages * (workers ? workers->count : 1);
  all->shares = cb_new0(all->alloc, all->share_count * sizeof *all->shares);
  if (!all->shares) return CEP_E_NOMEM;
  if (!workers) {
    begin_share(&all->shares[0], engine, all->intake);
    return save_share(&all->shares[0]);
  }
  cep_status status = rt_fan_barrier(engine->fan, save_stage, all, err);
  if (status < 0) engine->failed = CEP_E_NOMEM;
  for (uint32_t i = 0; i < all->share_count && status >= 0; i++) status = all->shares[i].out.status;
  return status;
}

/* ---- What the taking side knows ------------------------------------------------------------- */

static void write_input(const rt_input *input, cb_writer *out)
{
  cb_write_u32(out, input->declared);
  cb_write_u32(out, input->partition);
  cb_write_i64(out, input->newest);
  cb_write_i64(out, input->advanced);
  cb_write_i64(out, input->clock);
  cb_write_u64(out, input->next_position);
  int has_learned = input->codec && rt_codec_has_learned(input->codec); /* who decodes may be somebody else */
  cb_write_u8(out, (uint8_t)((input->is_idle ? RT_SAVED_IDLE : 0) | (input->is_ended ? RT_SAVED_ENDED : 0) |
                             (has_learned ? RT_SAVED_CODEC : 0)));
  if (has_learned) rt_codec_save(input->codec, out);
}

static void write_intake(const rt_engine *engine, cb_writer *out)
{
  const rt_frontier *frontier = &engine->frontier;
  cb_write_u8(out, (uint8_t)((engine->was_idle ? RT_SAVED_WAS_IDLE : 0) |
                             (engine->is_late_by_idle ? RT_SAVED_LATE_BY_IDLE : 0) |
                             (engine->is_finished ? RT_SAVED_FINISHED : 0) | (frontier->is_end ? RT_SAVED_END : 0)));
  cb_write_i64(out, engine->newest_given);
  cb_write_i64(out, frontier->at.time);
  cb_write_u64(out, frontier->at.order);
  cb_write_u64(out, frontier->at.position);
  cb_write_u32(out, engine->inputs.count);
  for (uint32_t i = 0; i < engine->inputs.count; i++) write_input(engine->inputs.at[i], out);
}

static void write_counters(const rt_engine *engine, cb_writer *out)
{
  cb_write_u32(out, engine->core.stats.total);
  for (uint32_t which = 0; which < CEP_STAT_COUNT; which++) {
    for (uint32_t i = 0; i < engine->core.stats.count[which]; i++)
      cb_write_u64(out, rt_stat_is_unsaved((cep_stat)which) ? 0 : rt_engine_stat(engine, (cep_stat)which, i));
  }
}

/* What the workers have given and the callback did not want yet, into the queue of the engine. */
static int keep_pending(void *ctx, const rt_alert *alert)
{
  rt_engine *engine = ctx;
  cb_writer *bytes = &engine->core.bytes;
  cb_writer_reset(bytes);
  write_alert(bytes, alert);
  cb_reader reader;
  cb_reader_init(&reader, bytes->data, bytes->len);
  rt_alert *copy = NULL;
  if (bytes->status < 0 || rt_alert_read(&reader, &engine->slab, engine->program, &copy) < 0) {
    engine->failed = CEP_E_NOMEM; /* it is lost */
    return 1;
  }
  rt_emit_add(&engine->emit, copy);
  return 0;
}

static cep_status write_pending(rt_engine *engine, cb_writer *out)
{
  if (engine->fan && rt_fan_drain(engine->fan, keep_pending, engine) != CEP_OK) return CEP_E_NOMEM;
  uint32_t count = 0;
  for (const rt_alert *alert = engine->emit.first; alert; alert = alert->next) count++;
  cb_write_u32(out, count);
  for (const rt_alert *alert = engine->emit.first; alert; alert = alert->next) write_alert(out, alert);
  return out->status;
}

/* ---- All of it ---------------------------------------------------------------------------------- */

static cep_status write_all(rt_engine *engine, saving *all, const void *position, size_t position_len, cb_writer *out)
{
  size_t start = out->len;
  cb_write_u64(out, RT_SNAPSHOT_MAGIC);
  cb_write_u32(out, RT_SNAPSHOT_VERSION);
  cb_write_u64(out, rt_snapshot_program(engine->program));
  cb_write_block(out, position, position_len);
  write_intake(engine, out);
  write_counters(engine, out);
  cep_status status = write_sections(all, out);
  if (status >= 0) status = write_pending(engine, out);
  if (status >= 0) cb_write_u64(out, cb_hash64(out->data + start, out->len - start));
  return status < 0 ? status : out->status;
}

/* `delivers`: as far as the callback wants. With workers all has come that can come only when the barrier is passed. */
static cep_status save(rt_engine *engine, int delivers, const void *position, size_t position_len, cb_writer *out, cep_error *err)
{
  saving all = {.alloc = &engine->alloc, .intake = engine};
  cep_status status = collect_shares(engine, &all, err);
  cep_status given = delivers ? rt_engine_end_call(engine, CEP_OK, err) : CEP_OK;
  if (status >= 0) status = write_all(engine, &all, position, position_len, out);
  for (uint32_t i = 0; all.shares && i < all.share_count; i++) end_share(&all.shares[i]);
  cb_free(all.alloc, all.shares, all.share_count * sizeof *all.shares);
  cb_vec_free(all.alloc, &all.items);
  if (status < 0) return cb_error_set(err, status, "no memory to save the state of the engine");
  return given;
}

cep_status rt_engine_save(rt_engine *engine, const void *position, size_t position_len, cb_writer *out, cep_error *err)
{
  CB_ASSERT(engine->options.part.stratum == 0);
  cep_status status = rt_engine_begin_call(engine, err);
  if (status < 0) return status;
  status = rt_engine_process(engine);
  if (status < 0) return rt_engine_end_call(engine, status, err);
  return save(engine, 1, position, position_len, out, err);
}

/* ---- Into another engine ------------------------------------------------------------------------ */

/* What the old one was given since it was put back. */
static cep_status hand_tables(const rt_engine *from, rt_engine *to, cep_error *err)
{
  cep_status status = CEP_OK;
  for (uint32_t t = 0; t < from->program->tables_count && status == CEP_OK; t++) {
    nfa_table *rows = from->tables[t].rows;
    if (!rows) continue;
    nfa_table_ref(rows);
    status = rt_engine_table(to, t, rows, err);
  }
  return status;
}

static cep_status fill_other(rt_engine *from, rt_engine *to, cep_error *err)
{
  cb_writer bytes;
  cb_writer_init(&bytes, &from->alloc);
  const void *position;
  size_t position_len;
  cep_status status = save(from, 0, "", 0, &bytes, err);
  if (status == CEP_OK) status = rt_engine_restore(to, bytes.data, bytes.len, &position, &position_len, err);
  if (status == CEP_OK) status = hand_tables(from, to, err);
  cb_writer_fini(&bytes);
  return status;
}

int rt_engine_is_restored(const rt_engine *engine)
{
  uint32_t unclaimed = 0;
  for (uint32_t i = 0; i < engine->inputs.count; i++) unclaimed += engine->inputs.at[i]->is_unclaimed != 0;
  return unclaimed > 0 && unclaimed == engine->inputs.count;
}

cep_status rt_engine_reshare(rt_engine **engine, uint32_t workers, cep_error *err)
{
  rt_engine *from = *engine, *to = NULL;
  CB_ASSERT(rt_engine_is_restored(from));
  cep_status status = rt_engine_begin_call(from, err);
  if (status < 0) return status;
  rt_options options = from->options;
  options.workers = workers;
  options.budget = NULL;
  status = rt_engine_new(&options, from->program, from->emit.deliver, from->emit.ctx, &to);
  if (status < 0) return cb_error_set(err, status, "no memory for %u workers", (unsigned)workers);
  status = fill_other(from, to, err);
  rt_engine_free(status < 0 ? to : from);
  if (status < 0) return status;
  *engine = to;
  return CEP_OK;
}
