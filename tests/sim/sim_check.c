/* sim_check.c - what must hold of the keys of an engine at rest, and their state as one number. */
#include <string.h>

#include "cep/base/hash.h"
#include "runtime/engine_parts.h"
#include "tests/sim/sim.h"

typedef struct checking {
  rt_engine *engine;
  const char *wrong;
  uint64_t sum;
  cb_writer bytes;
} checking;

/* Every deadline that the frontier has reached has fired, and every other one comes up in time. */
static cep_status check_entry(void *ctx, cb_slab_id id)
{
  checking *c = ctx;
  rt_core *core = &c->engine->core;
  rt_entry *entry = rt_keyed_at(&core->keyed, id);
  rt_operator *op = &c->engine->operators[entry->operator_number];
  cep_time deadline = op->kind->next_deadline(op, &entry->slot);
  if (!op->kind->check(op, &entry->slot)) c->wrong = "the state of a key is not in order";
  if (op->kind->is_empty(op, &entry->slot)) c->wrong = "the entry of a key without state was kept";
  if (deadline == CEP_TIME_MAX) return CEP_OK;
  if (rt_frontier_reached(&c->engine->frontier, deadline)) c->wrong = "a deadline was passed over";
  if (rt_timers_time(&core->timers, id) > deadline) c->wrong = "a timer is lost, or comes up too late";
  return CEP_OK;
}

const char *sim_check_keys(rt_engine *engine)
{
  checking c = {.engine = engine};
  if (!rt_timers_check(&engine->core.timers)) return "the timers are not in order";
  rt_keyed_each(&engine->core.keyed, check_entry, &c);
  return c.wrong;
}

static cep_status add_entry(void *ctx, cb_slab_id id)
{
  checking *c = ctx;
  rt_core *core = &c->engine->core;
  rt_entry *entry = rt_keyed_at(&core->keyed, id);
  rt_operator *op = &c->engine->operators[entry->operator_number];
  rt_key key = rt_keyed_key(&core->keyed, entry);
  cb_writer_reset(&c->bytes);
  cb_write_u32(&c->bytes, entry->operator_number);
  cb_write_u32(&c->bytes, key.len);
  cb_write_bytes(&c->bytes, key.bytes, key.len);
  op->kind->save(op, &entry->slot, &c->bytes);
  CB_ASSERT(c->bytes.status >= 0);
  c->sum += cb_hash64(c->bytes.data, c->bytes.len);
  return CEP_OK;
}

uint64_t sim_digest(rt_engine *engine)
{
  checking c = {.engine = engine};
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&c.bytes, &alloc);
  rt_keyed_each(&engine->core.keyed, add_entry, &c);
  cb_writer_fini(&c.bytes);
  return c.sum;
}
