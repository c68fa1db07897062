/* suppress.c - silence of a key for a while after an alert; what it holds back is counted. */
#include "runtime/operator.h"

#include <string.h>

#include "cep/base/time.h"

/*
 * A slot. All zero: nothing is known of the key.
 *   is_open  1
 *   until    end of the silence; an alert at that instant comes out
 *   held     alerts held back since the last one; the next one carries the number, so the
 *            slot outlives its silence while this is not 0
 */
typedef struct silence {
  uint64_t is_open;
  int64_t until;
  uint64_t held;
} silence;
_Static_assert(sizeof(silence) <= NFA_SLOT_BYTES, "lies in the slot");

static silence get(const nfa_slot *slot)
{
  silence it;
  memcpy(&it, slot, sizeof it);
  return it;
}

static void put(nfa_slot *slot, silence it)
{
  memcpy(slot, &it, sizeof it);
}

static const prg_detection *detection_of(const rt_operator *op)
{
  return &op->core->program->detections[op->detection];
}

/* A timeout has outputs of its own: a part of the key is the one of the same name. */
static uint32_t timeout_output(const prg *program, const prg_detection *detection, uint32_t output)
{
  prg_string name = program->outputs[detection->outputs.first + output].name;
  for (uint32_t i = 0; i < detection->timeout_outputs.count; i++) {
    prg_string other = program->outputs[detection->timeout_outputs.first + i].name;
    if (strcmp(prg_text(program, name), prg_text(program, other)) == 0) return i;
  }
  return PRG_NONE;
}

static cep_status open_suppress(rt_operator *op)
{
  const prg *program = op->core->program;
  const prg_detection *detection = detection_of(op);
  cb_writer_init(&op->key, op->core->alloc);
  if (detection->suppress_by.count == 0) return CEP_OK;
  op->timeout_by = cb_new(op->core->alloc, detection->suppress_by.count * sizeof *op->timeout_by);
  if (!op->timeout_by) return CEP_E_NOMEM;
  for (uint32_t i = 0; i < detection->suppress_by.count; i++) {
    uint32_t by = program->lists[detection->suppress_by.first + i];
    op->timeout_by[i] =
        by < detection->keys.count ? PRG_NONE : timeout_output(program, detection, by - detection->keys.count);
  }
  return CEP_OK;
}

static void close_suppress(rt_operator *op)
{
  cb_writer_fini(&op->key);
  cb_free(op->core->alloc, op->timeout_by, detection_of(op)->suppress_by.count * sizeof *op->timeout_by);
  op->timeout_by = NULL;
}

static cep_value part_of(const rt_operator *op, const rt_alert *alert, uint32_t part)
{
  const prg_detection *detection = detection_of(op);
  uint32_t by = op->core->program->lists[detection->suppress_by.first + part];
  if (by < detection->keys.count) return alert->keys[by];
  if (alert->kind != CEP_TIMEOUT) return alert->outputs[by - detection->keys.count];
  return op->timeout_by[part] == PRG_NONE ? cb_null() : alert->outputs[op->timeout_by[part]];
}

int rt_suppress_key(rt_operator *op, const rt_alert *alert, rt_key *out)
{
  cb_writer_reset(&op->key);
  for (uint32_t i = 0; i < detection_of(op)->suppress_by.count; i++) {
    cep_value value = part_of(op, alert, i);
    rt_key_write(&op->key, &value);
  }
  if (op->key.status < 0 || op->key.len > UINT32_MAX) return 0;
  *out = (rt_key){op->key.data, (uint32_t)op->key.len, rt_key_hash(op->key.data, (uint32_t)op->key.len)};
  return 1;
}

static cep_status suppress_events(rt_operator *op, const rt_item *items, uint32_t count, const rt_out *out)
{
  for (uint32_t i = 0; i < count; i++) {
    nfa_slot *slot = &rt_keyed_at(&op->core->keyed, items[i].entry)->slot;
    rt_alert *alert = items[i].alert;
    silence it = get(slot);
    if (it.is_open && alert->time < it.until) {
      it.held++;
      put(slot, it);
      rt_stats_add(&op->core->stats, CEP_STAT_SUPPRESSED, op->detection, 1);
      rt_alert_free(op->core->slab, alert);
      continue;
    }
    alert->suppressed = it.held;
    put(slot, (silence){1, cb_time_add(alert->time, detection_of(op)->suppress), 0});
    cep_status status = out->alert(out->ctx, op, alert);
    if (status < 0) return status;
  }
  return CEP_OK;
}

static cep_time suppress_deadline(const rt_operator *op, const nfa_slot *slot)
{
  (void)op;
  silence it = get(slot);
  return it.is_open && it.held == 0 ? it.until : CEP_TIME_MAX;
}

static cep_status suppress_advance(rt_operator *op, cb_slab_id entry, cep_time time, const rt_out *out)
{
  (void)out;
  nfa_slot *slot = &rt_keyed_at(&op->core->keyed, entry)->slot;
  if (suppress_deadline(op, slot) <= time) *slot = (nfa_slot){{0}};
  return CEP_OK;
}

static int suppress_is_empty(const rt_operator *op, const nfa_slot *slot)
{
  (void)op;
  return !get(slot).is_open;
}

static void suppress_release(rt_operator *op, nfa_slot *slot)
{
  (void)op;
  *slot = (nfa_slot){{0}};
}

static void suppress_save(rt_operator *op, const nfa_slot *slot, cb_writer *writer)
{
  (void)op;
  silence it = get(slot);
  cb_write_i64(writer, it.until);
  cb_write_u64(writer, it.held);
}

static cep_status suppress_load(rt_operator *op, nfa_slot *slot, cb_reader *reader)
{
  (void)op;
  silence it = {.is_open = 1};
  it.until = cb_read_i64(reader);
  it.held = cb_read_u64(reader);
  if (reader->status < 0) return reader->status;
  put(slot, it);
  return CEP_OK;
}

static int suppress_check(rt_operator *op, const nfa_slot *slot)
{
  (void)op;
  static const nfa_slot empty;
  silence it = get(slot);
  return it.is_open == 1 || memcmp(slot, &empty, sizeof empty) == 0;
}

const rt_operator_kind rt_suppress = {.name = "suppress",
                                      .open = open_suppress,
                                      .close = close_suppress,
                                      .events = suppress_events,
                                      .advance = suppress_advance,
                                      .next_deadline = suppress_deadline,
                                      .is_empty = suppress_is_empty,
                                      .release = suppress_release,
                                      .save = suppress_save,
                                      .load = suppress_load,
                                      .check = suppress_check};
