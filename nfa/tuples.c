/* tuples.c - values as bytes, to hash and to tell apart; how many different ones captured events have. */
#include "nfa/tuples.h"

#include <string.h>

#include "nfa/fn.h"

/* Kind, length, then eight bytes or as many as the length says. */
#define HEAD_BYTES 5u

static int has_bytes(const cep_value *value)
{
  return value->kind == CEP_STRING || value->kind == CEP_IP;
}

static size_t size_of(const cep_value *value)
{
  return HEAD_BYTES + (has_bytes(value) ? value->length : sizeof value->as);
}

static char *put_u32(char *at, uint32_t word)
{
  for (int i = 0; i < 4; i++) *at++ = (char)(uint8_t)(word >> 8 * i);
  return at;
}

const char *nfa_tuple_bytes(nfa_scratch *scratch, const cep_value *values, uint32_t count, size_t *len_out)
{
  size_t len = 0;
  for (uint32_t i = 0; i < count; i++) len += size_of(&values[i]);
  char *bytes = nfa_scratch_take(scratch, len), *at = bytes;
  if (!bytes) return NULL;
  for (uint32_t i = 0; i < count; i++) {
    cep_value value = values[i];
    if (value.kind == CEP_FLOAT && value.as.f == 0) value.as.f = 0;
    *at++ = (char)value.kind;
    if (has_bytes(&value)) {
      at = put_u32(at, value.length);
      if (value.length > 0) memcpy(at, value.as.s, value.length);
      at += value.length;
      continue;
    }
    uint64_t word;
    memcpy(&word, &value.as, sizeof word);
    at = put_u32(at, (uint32_t)sizeof word);
    at = put_u32(at, (uint32_t)word);
    at = put_u32(at, (uint32_t)(word >> 32));
  }
  *len_out = len;
  return bytes;
}

/* ---- Different ones ---------------------------------------------------------------- */

/* Tuples are told apart by 128 bits of their hash. An open table in the scratch. */
typedef struct seen {
  char *slots; /* of sizeof(cb_hash128), all zero: free */
  uint32_t capacity;
} seen;

static int is_new(const seen *table, cb_hash128 hash)
{
  static const cb_hash128 none;
  uint32_t at;
  if (memcmp(&hash, &none, sizeof hash) == 0) hash.bytes[0] = 1;
  memcpy(&at, hash.bytes, sizeof at);
  for (;; at++) {
    char *slot = table->slots + (size_t)(at & (table->capacity - 1)) * sizeof hash;
    if (memcmp(slot, &hash, sizeof hash) == 0) return 0;
    if (memcmp(slot, &none, sizeof hash) != 0) continue;
    memcpy(slot, &hash, sizeof hash);
    return 1;
  }
}

static int make_table(nfa_scratch *scratch, uint32_t entries, seen *out)
{
  out->capacity = 8;
  while (out->capacity < entries + entries / 2 && out->capacity < UINT32_MAX / 2) out->capacity *= 2;
  size_t size = (size_t)out->capacity * sizeof(cb_hash128);
  out->slots = nfa_scratch_take(scratch, size);
  if (out->slots) memset(out->slots, 0, size);
  return out->slots != NULL;
}

/* 1 and its hash, 0 when a part is null, -1 when memory is refused. */
static int tuple_of(const nfa_env *env, const uint32_t *exprs, uint32_t count, cb_hash128 *out)
{
  cep_value *values = (cep_value *)(void *)nfa_scratch_aligned(env->scratch, count * sizeof *values);
  if (!values) return -1;
  for (uint32_t i = 0; i < count; i++) {
    values[i] = nfa_expr_eval(env, exprs[i]);
    if (values[i].kind == CEP_NULL) return 0;
  }
  size_t len;
  const char *bytes = nfa_tuple_bytes(env->scratch, values, count, &len);
  if (!bytes) return -1;
  *out = cb_hash128_of(bytes, len);
  return 1;
}

cep_value nfa_distinct(const nfa_env *env, uint32_t step, const uint32_t *exprs, uint32_t count)
{
  if (!env->captures || env->captures->head == CB_SLAB_NONE) return cb_int(0);
  const cb_slab *slab = env->captures->slab;
  uint32_t events = 0;
  for (cb_slab_id id = env->captures->head; id != CB_SLAB_NONE; id = nfa_history_at(slab, id)->prev)
    events += nfa_history_at(slab, id)->step == step;
  seen table;
  int64_t different = 0;
  if (!make_table(env->scratch, events, &table)) return cb_null();
  for (cb_slab_id id = env->captures->head; id != CB_SLAB_NONE; id = nfa_history_at(slab, id)->prev) {
    const nfa_node *node = nfa_history_at(slab, id);
    if (node->step != step) continue;
    nfa_env one = {.program = env->program,
                   .scratch = env->scratch,
                   .cell = (const cb_cell *)cb_slab_at(slab, node->cell)};
    cb_hash128 hash;
    int is_whole = tuple_of(&one, exprs, count, &hash);
    if (is_whole < 0) return cb_null();
    if (is_whole) different += is_new(&table, hash);
  }
  return cb_int(different);
}
