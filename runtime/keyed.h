/*
 * keyed.h - the keyed table: (operator, key) -> entry.
 *
 *   group 0..255 = XXH3 of the key's bytes, low 8 bits
 *     cells   | hash, entry | hash, entry | ...        open addressing, grown by itself
 *                       \
 *   entry (64 bytes)     -> | operator | timer | group, flags | key 12 | slot 40 |
 *                                                   long keys: -> | hash | bytes |
 *
 * Contract
 *   A key is the canonical bytes of its parts (cb_value_write of each). Entries lie in the
 *   slab, are named by slab id and never move; only the small tables of cells are rehashed,
 *   one group at a time.
 *   The hash and so the groups are fixed: the same key is in the same group on every
 *   machine. The layout of a table depends on its history; no output may depend on it:
 *   whatever reaches an output or saved bytes goes through rt_keyed_walk.
 *   A new entry has an empty slot, no timer, and is `changed`. The caller empties the slot
 *   and takes the timer away before rt_keyed_remove.
 *   Errors: refused memory only; then nothing has changed. One owner.
 */
#ifndef RT_KEYED_H
#define RT_KEYED_H

#include "cep/base/slab.h"
#include "cep/base/value.h"
#include "nfa/match.h"

#define RT_GROUPS      256u
#define RT_KEY_INLINE  12u /* an int is 9 bytes; the entry then fills one cache line */
#define RT_KEY_SPILLED 0xFFu

enum {
  RT_ENTRY_CHANGED = 1, /* its slot was touched since rt_keyed_saved */
  RT_ENTRY_IN_LINE = 2  /* `timer` is the number of a place in the line of its operator */
};

typedef struct rt_entry {
  uint32_t operator_number;
  uint32_t timer;  /* place among the deadlines + 1; 0: none (timer.h) */
  uint8_t group;
  uint8_t key_len; /* bytes in `key`, or RT_KEY_SPILLED */
  uint8_t flags;   /* RT_ENTRY_* */
  uint8_t pad;
  union {
    uint8_t bytes[RT_KEY_INLINE];
    struct {
      cb_slab_id id; /* of the bytes */
      uint32_t len;
    } spilled;
  } key;
  nfa_slot slot;
} rt_entry;
_Static_assert(sizeof(rt_entry) == 64, "one cache line");

typedef struct rt_keyed_cell {
  uint32_t hash;
  cb_slab_id entry; /* CB_SLAB_NONE: free */
} rt_keyed_cell;

typedef struct rt_keyed_group {
  rt_keyed_cell *cells;
  uint32_t capacity; /* 0 or a power of two */
  uint32_t count;
} rt_keyed_group;

typedef struct rt_key {
  const uint8_t *bytes;
  uint32_t len;
  uint64_t hash; /* rt_key_hash */
} rt_key;

typedef struct rt_keyed_order rt_keyed_order;

typedef struct rt_keyed {
  cb_alloc *alloc;
  cb_slab *slab;
  int smallest; /* tests: tables begin with two cells */
  uint64_t count;
  rt_keyed_group groups[RT_GROUPS];
  rt_keyed_order *order; /* of the group that a walk is in */
  uint32_t order_capacity;
} rt_keyed;

void rt_keyed_init(rt_keyed *keyed, cb_alloc *alloc, cb_slab *slab, int smallest);
/* Frees tables, entries and long keys; what the slots reach is the caller's. */
void rt_keyed_fini(rt_keyed *keyed);

uint64_t rt_key_hash(const uint8_t *bytes, uint32_t len);
static inline uint32_t rt_key_group(uint64_t hash)
{
  return (uint32_t)(hash & (RT_GROUPS - 1));
}
/* Appends one part of a key. Values that compare equal give the same bytes: -0.0 is 0.0. */
void rt_key_write(cb_writer *writer, const cep_value *part);

static inline rt_entry *rt_keyed_at(const rt_keyed *keyed, cb_slab_id id)
{
  return (rt_entry *)cb_slab_at(keyed->slab, id);
}
/* Borrowed; lives as long as the entry. The first without the hash: that of 0. */
rt_key rt_keyed_bytes(const rt_keyed *keyed, const rt_entry *entry);
rt_key rt_keyed_key(const rt_keyed *keyed, const rt_entry *entry);
/* Orders entries by (group, key bytes): negative, 0 or positive. */
int rt_keyed_compare(const rt_keyed *keyed, const rt_entry *a, const rt_entry *b);

/* CB_SLAB_NONE: not there. */
cb_slab_id rt_keyed_find(const rt_keyed *keyed, uint32_t operator_number, const rt_key *key);
/* For who will look for a key: asks for the memory where it begins to look; later for the entry that seems to be it. */
void rt_keyed_expect(const rt_keyed *keyed, uint32_t operator_number, uint64_t hash);
void rt_keyed_expect_entry(const rt_keyed *keyed, uint32_t operator_number, uint64_t hash);
/* The entry, made if it is not there. CB_SLAB_NONE: memory refused. Copies the key. */
cb_slab_id rt_keyed_add(rt_keyed *keyed, uint32_t operator_number, const rt_key *key);
void rt_keyed_remove(rt_keyed *keyed, cb_slab_id id);

/*
 * Visits every entry (`changed`: only those with RT_ENTRY_CHANGED) in the order of saved
 * state: by (group, operator, key bytes). `visit` may change slots and flags, but neither
 * add nor remove entries. Stops at the first status that is not CEP_OK and gives it back.
 */
typedef cep_status (*rt_keyed_visit)(void *ctx, cb_slab_id id);
cep_status rt_keyed_walk(rt_keyed *keyed, int changed, rt_keyed_visit visit, void *ctx) CB_MUST_USE;
/* Visits every entry in no order that means anything; cannot fail on its own. */
void rt_keyed_each(rt_keyed *keyed, rt_keyed_visit visit, void *ctx);
/* All that is there has been saved: no entry is `changed` any more. */
void rt_keyed_saved(rt_keyed *keyed);

#endif
