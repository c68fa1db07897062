/* keyed.c - the keyed table: one small open-addressing table for each key group. */
#include "runtime/keyed.h"

#include <stdlib.h>
#include <string.h>

#include "cep/base/hash.h"
#include "nfa/bound.h"

#define FIRST_CAPACITY 8u

_Static_assert(sizeof(rt_entry) == NFA_ENTRY_BYTES, "what the bound of a key's state says");

struct rt_keyed_order {
  rt_key key;
  uint32_t operator_number;
  cb_slab_id id;
};

void rt_keyed_init(rt_keyed *keyed, cb_alloc *alloc, cb_slab *slab, int smallest)
{
  *keyed = (rt_keyed){.alloc = alloc, .slab = slab, .smallest = smallest};
}

static void give_entry(rt_keyed *keyed, cb_slab_id id)
{
  rt_entry *entry = rt_keyed_at(keyed, id);
  if (entry->key_len == RT_KEY_SPILLED) cb_slab_give(keyed->slab, entry->key.spilled.id);
  cb_slab_give(keyed->slab, id);
}

void rt_keyed_fini(rt_keyed *keyed)
{
  for (uint32_t g = 0; g < RT_GROUPS; g++) {
    rt_keyed_group *group = &keyed->groups[g];
    for (uint32_t i = 0; i < group->capacity; i++) {
      if (group->cells[i].entry != CB_SLAB_NONE) give_entry(keyed, group->cells[i].entry);
    }
    cb_free(keyed->alloc, group->cells, group->capacity * sizeof *group->cells);
  }
  cb_free(keyed->alloc, keyed->order, keyed->order_capacity * sizeof *keyed->order);
  rt_keyed_init(keyed, keyed->alloc, keyed->slab, keyed->smallest);
}

uint64_t rt_key_hash(const uint8_t *bytes, uint32_t len)
{
  return cb_hash64(bytes, len);
}

void rt_key_write(cb_writer *writer, const cep_value *part)
{
  cep_value value = *part;
  if (value.kind == CEP_FLOAT && value.as.f == 0) value.as.f = 0;
  cb_value_write(writer, &value);
}

/* The high half: the low bits are the same for all of a group. */
static uint32_t cell_hash(uint64_t hash, uint32_t operator_number)
{
  return (uint32_t)(hash >> 32) ^ operator_number * 0x9E3779B1u;
}

rt_key rt_keyed_bytes(const rt_keyed *keyed, const rt_entry *entry)
{
  if (entry->key_len != RT_KEY_SPILLED) return (rt_key){entry->key.bytes, entry->key_len, 0};
  return (rt_key){cb_slab_at(keyed->slab, entry->key.spilled.id), entry->key.spilled.len, 0};
}

rt_key rt_keyed_key(const rt_keyed *keyed, const rt_entry *entry)
{
  rt_key key = rt_keyed_bytes(keyed, entry);
  key.hash = rt_key_hash(key.bytes, key.len);
  return key;
}

static int compare_bytes(const rt_key *a, const rt_key *b)
{
  uint32_t common = a->len < b->len ? a->len : b->len;
  int order = common > 0 ? memcmp(a->bytes, b->bytes, common) : 0;
  return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

int rt_keyed_compare(const rt_keyed *keyed, const rt_entry *a, const rt_entry *b)
{
  if (a->group != b->group) return a->group < b->group ? -1 : 1;
  rt_key a_key = rt_keyed_bytes(keyed, a), b_key = rt_keyed_bytes(keyed, b);
  return compare_bytes(&a_key, &b_key);
}

static int key_is(const rt_keyed *keyed, const rt_entry *entry, const rt_key *key)
{
  rt_key own = rt_keyed_bytes(keyed, entry);
  return own.len == key->len && (own.len == 0 || memcmp(own.bytes, key->bytes, own.len) == 0);
}

cb_slab_id rt_keyed_find(const rt_keyed *keyed, uint32_t operator_number, const rt_key *key)
{
  const rt_keyed_group *group = &keyed->groups[rt_key_group(key->hash)];
  if (group->count == 0) return CB_SLAB_NONE;
  uint32_t hash = cell_hash(key->hash, operator_number), mask = group->capacity - 1;
  for (uint32_t i = hash & mask; group->cells[i].entry != CB_SLAB_NONE; i = (i + 1) & mask) {
    if (group->cells[i].hash != hash) continue;
    const rt_entry *entry = rt_keyed_at(keyed, group->cells[i].entry);
    if (entry->operator_number == operator_number && key_is(keyed, entry, key)) return group->cells[i].entry;
  }
  return CB_SLAB_NONE;
}

void rt_keyed_expect(const rt_keyed *keyed, uint32_t operator_number, uint64_t hash)
{
  const rt_keyed_group *group = &keyed->groups[rt_key_group(hash)];
  if (group->capacity > 0) __builtin_prefetch(&group->cells[cell_hash(hash, operator_number) & (group->capacity - 1)]);
}

void rt_keyed_expect_entry(const rt_keyed *keyed, uint32_t operator_number, uint64_t hash)
{
  const rt_keyed_group *group = &keyed->groups[rt_key_group(hash)];
  if (group->count == 0) return;
  uint32_t own = cell_hash(hash, operator_number), mask = group->capacity - 1;
  for (uint32_t i = own & mask; group->cells[i].entry != CB_SLAB_NONE; i = (i + 1) & mask) {
    if (group->cells[i].hash != own) continue;
    __builtin_prefetch(rt_keyed_at(keyed, group->cells[i].entry), 1);
    return;
  }
}

static void place(rt_keyed_cell *cells, uint32_t capacity, rt_keyed_cell cell)
{
  uint32_t mask = capacity - 1, i = cell.hash & mask;
  while (cells[i].entry != CB_SLAB_NONE) i = (i + 1) & mask;
  cells[i] = cell;
}

/* Room for one more, with at least a quarter of the cells free. */
static int make_room(rt_keyed *keyed, rt_keyed_group *group)
{
  if (group->count + 1 <= group->capacity / 4 * 3) return 1;
  if (group->capacity > UINT32_MAX / 2 / sizeof *group->cells) return 0;
  uint32_t capacity = group->capacity > 0 ? group->capacity * 2 : keyed->smallest ? 4 : FIRST_CAPACITY;
  rt_keyed_cell *cells = cb_new0(keyed->alloc, capacity * sizeof *cells);
  if (!cells) return 0;
  for (uint32_t i = 0; i < group->capacity; i++) {
    if (group->cells[i].entry != CB_SLAB_NONE) place(cells, capacity, group->cells[i]);
  }
  cb_free(keyed->alloc, group->cells, group->capacity * sizeof *cells);
  group->cells = cells;
  group->capacity = capacity;
  return 1;
}

static cb_slab_id new_entry(rt_keyed *keyed, uint32_t operator_number, const rt_key *key)
{
  cb_slab_id id = cb_slab_take(keyed->slab, sizeof(rt_entry));
  if (id == CB_SLAB_NONE) return CB_SLAB_NONE;
  rt_entry *entry = rt_keyed_at(keyed, id);
  *entry = (rt_entry){.operator_number = operator_number, .flags = RT_ENTRY_CHANGED};
  entry->group = (uint8_t)rt_key_group(key->hash);
  if (key->len <= RT_KEY_INLINE) {
    entry->key_len = (uint8_t)key->len;
    if (key->len > 0) memcpy(entry->key.bytes, key->bytes, key->len);
    return id;
  }
  cb_slab_id spilled = cb_slab_take(keyed->slab, key->len);
  if (spilled == CB_SLAB_NONE) {
    cb_slab_give(keyed->slab, id);
    return CB_SLAB_NONE;
  }
  memcpy(cb_slab_at(keyed->slab, spilled), key->bytes, key->len);
  entry->key_len = RT_KEY_SPILLED;
  entry->key.spilled.id = spilled;
  entry->key.spilled.len = key->len;
  return id;
}

cb_slab_id rt_keyed_add(rt_keyed *keyed, uint32_t operator_number, const rt_key *key)
{
  cb_slab_id id = rt_keyed_find(keyed, operator_number, key);
  if (id != CB_SLAB_NONE) return id;
  rt_keyed_group *group = &keyed->groups[rt_key_group(key->hash)];
  if (!make_room(keyed, group)) return CB_SLAB_NONE;
  id = new_entry(keyed, operator_number, key);
  if (id == CB_SLAB_NONE) return CB_SLAB_NONE;
  place(group->cells, group->capacity, (rt_keyed_cell){cell_hash(key->hash, operator_number), id});
  group->count++;
  keyed->count++;
  return id;
}

/* Frees cell `i` by moving later ones of the run back, so that no mark is left behind and
 * a table that keys come to and leave stays as quick as a new one. */
static void close_gap(rt_keyed_group *group, uint32_t i)
{
  uint32_t mask = group->capacity - 1, gap = i;
  for (uint32_t j = (i + 1) & mask; group->cells[j].entry != CB_SLAB_NONE; j = (j + 1) & mask) {
    uint32_t home = group->cells[j].hash & mask;
    if (((j - home) & mask) < ((j - gap) & mask)) continue; /* its home lies behind the gap */
    group->cells[gap] = group->cells[j];
    gap = j;
  }
  group->cells[gap] = (rt_keyed_cell){0, CB_SLAB_NONE};
}

void rt_keyed_remove(rt_keyed *keyed, cb_slab_id id)
{
  rt_entry *entry = rt_keyed_at(keyed, id);
  CB_ASSERT(entry->timer == 0);
  rt_keyed_group *group = &keyed->groups[entry->group];
  CB_ASSERT(group->count > 0);
  rt_key key = rt_keyed_key(keyed, entry);
  uint32_t i = cell_hash(key.hash, entry->operator_number) & (group->capacity - 1);
  while (group->cells[i].entry != id) {
    CB_ASSERT(group->cells[i].entry != CB_SLAB_NONE);
    i = (i + 1) & (group->capacity - 1);
  }
  close_gap(group, i);
  group->count--;
  keyed->count--;
  give_entry(keyed, id);
}

static int compare_orders(const void *a_void, const void *b_void)
{
  const rt_keyed_order *a = a_void, *b = b_void;
  if (a->operator_number != b->operator_number) return a->operator_number < b->operator_number ? -1 : 1;
  return compare_bytes(&a->key, &b->key);
}

static int reserve_order(rt_keyed *keyed, uint32_t count)
{
  if (count <= keyed->order_capacity) return 1;
  rt_keyed_order *order = cb_resize(keyed->alloc, keyed->order, keyed->order_capacity * sizeof *order,
                                    count * sizeof *order);
  if (!order) return 0;
  keyed->order = order;
  keyed->order_capacity = count;
  return 1;
}

cep_status rt_keyed_walk(rt_keyed *keyed, int changed, rt_keyed_visit visit, void *ctx)
{
  for (uint32_t g = 0; g < RT_GROUPS; g++) {
    const rt_keyed_group *group = &keyed->groups[g];
    if (!reserve_order(keyed, group->count)) return CEP_E_NOMEM;
    uint32_t count = 0;
    for (uint32_t i = 0; i < group->capacity; i++) {
      if (group->cells[i].entry == CB_SLAB_NONE) continue;
      const rt_entry *entry = rt_keyed_at(keyed, group->cells[i].entry);
      if (changed && !(entry->flags & RT_ENTRY_CHANGED)) continue;
      keyed->order[count++] =
          (rt_keyed_order){rt_keyed_bytes(keyed, entry), entry->operator_number, group->cells[i].entry};
    }
    if (count > 1) qsort(keyed->order, count, sizeof *keyed->order, compare_orders);
    for (uint32_t i = 0; i < count; i++) {
      cep_status status = visit(ctx, keyed->order[i].id);
      if (status != CEP_OK) return status;
    }
  }
  return CEP_OK;
}

void rt_keyed_each(rt_keyed *keyed, rt_keyed_visit visit, void *ctx)
{
  for (uint32_t g = 0; g < RT_GROUPS; g++) {
    const rt_keyed_group *group = &keyed->groups[g];
    for (uint32_t i = 0; i < group->capacity; i++) {
      if (group->cells[i].entry != CB_SLAB_NONE && visit(ctx, group->cells[i].entry) != CEP_OK) return;
    }
  }
}

static cep_status mark_saved(void *ctx, cb_slab_id id)
{
  rt_keyed_at(ctx, id)->flags &= (uint8_t)~RT_ENTRY_CHANGED;
  return CEP_OK;
}

void rt_keyed_saved(rt_keyed *keyed)
{
  rt_keyed_each(keyed, mark_saved, keyed);
}
