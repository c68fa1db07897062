/* hll.c - HyperLogLog: hashes as long as there are few, then registers. */
#include "runtime/hll.h"

#include <math.h>
#include <string.h>

#define INDEX_BITS 12u
#define REGISTERS  (1u << INDEX_BITS)
#define RANK_MAX   (64u - INDEX_BITS + 1u)
#define FIRST_ROOM 8u

static int is_dense(const rt_hll *hll)
{
  return hll->count > RT_HLL_SPARSE_MAX;
}

static uint64_t *hashes_of(const rt_hll *hll, const cb_slab *slab)
{
  return cb_slab_at(slab, hll->cells);
}

static uint8_t *registers_of(const rt_hll *hll, const cb_slab *slab)
{
  return cb_slab_at(slab, hll->cells);
}

static void note(uint8_t *registers, uint64_t hash)
{
  uint64_t rest = hash << INDEX_BITS | UINT64_C(1) << (INDEX_BITS - 1);
  uint8_t rank = (uint8_t)(__builtin_clzll(rest) + 1);
  uint8_t *at = &registers[hash >> (64 - INDEX_BITS)];
  if (rank > *at) *at = rank;
}

/* Room for one hash more. */
static int grow(rt_hll *hll, cb_slab *slab)
{
  if (hll->count < hll->capacity) return 1;
  uint32_t capacity = hll->capacity > 0 ? hll->capacity * 2 : FIRST_ROOM;
  cb_slab_id cells = cb_slab_grow(slab, hll->cells, hll->count * sizeof(uint64_t), capacity * sizeof(uint64_t));
  if (cells == CB_SLAB_NONE) return 0;
  hll->cells = cells;
  hll->capacity = capacity;
  return 1;
}

static int become_dense(rt_hll *hll, cb_slab *slab)
{
  cb_slab_id cells = cb_slab_take(slab, REGISTERS);
  if (cells == CB_SLAB_NONE) return 0;
  uint8_t *registers = cb_slab_at(slab, cells);
  memset(registers, 0, REGISTERS);
  for (uint32_t i = 0; i < hll->count && !is_dense(hll); i++) note(registers, hashes_of(hll, slab)[i]);
  if (hll->cells != CB_SLAB_NONE) cb_slab_give(slab, hll->cells);
  *hll = (rt_hll){.cells = cells, .count = RT_HLL_SPARSE_MAX + 1};
  return 1;
}

int rt_hll_add(rt_hll *hll, cb_slab *slab, uint64_t hash)
{
  if (is_dense(hll)) {
    note(registers_of(hll, slab), hash);
    return 1;
  }
  uint32_t low = 0, high = hll->count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (hashes_of(hll, slab)[middle] < hash) low = middle + 1;
    else high = middle;
  }
  if (low < hll->count && hashes_of(hll, slab)[low] == hash) return 1;
  if (hll->count == RT_HLL_SPARSE_MAX) {
    if (!become_dense(hll, slab)) return 0;
    note(registers_of(hll, slab), hash);
    return 1;
  }
  if (!grow(hll, slab)) return 0;
  uint64_t *hashes = hashes_of(hll, slab);
  memmove(&hashes[low + 1], &hashes[low], (hll->count - low) * sizeof *hashes);
  hashes[low] = hash;
  hll->count++;
  return 1;
}

int rt_hll_merge(rt_hll *into, const rt_hll *from, cb_slab *slab)
{
  if (!is_dense(from)) {
    for (uint32_t i = 0; i < from->count; i++) {
      if (!rt_hll_add(into, slab, hashes_of(from, slab)[i])) return 0;
    }
    return 1;
  }
  if (!is_dense(into) && !become_dense(into, slab)) return 0;
  uint8_t *registers = registers_of(into, slab);
  const uint8_t *more = registers_of(from, slab);
  for (uint32_t i = 0; i < REGISTERS; i++) registers[i] = more[i] > registers[i] ? more[i] : registers[i];
  return 1;
}

/* ---- The estimate: Ertl's, which needs no table of corrections --------------------------- */

static double sigma(double x)
{
  double y = 1, z = x, before;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (z > before);
  return z;
}

static double tau(double x)
{
  if (x <= 0 || x >= 1) return 0;
  double y = 1, z = 1 - x, before;
  do {
    x = sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (z < before);
  return z / 3;
}

uint64_t rt_hll_estimate(const rt_hll *hll, const cb_slab *slab)
{
  if (!is_dense(hll)) return hll->count;
  uint32_t with_rank[RANK_MAX + 1] = {0};
  const uint8_t *registers = registers_of(hll, slab);
  for (uint32_t i = 0; i < REGISTERS; i++) with_rank[registers[i]]++;
  const double all = REGISTERS, two_ln_2 = 1.3862943611198906;
  double z = all * tau(1 - with_rank[RANK_MAX] / all);
  for (uint32_t rank = RANK_MAX - 1; rank >= 1; rank--) z = 0.5 * (z + with_rank[rank]);
  z += all * sigma(with_rank[0] / all); /* never all of them: then sigma has no end */
  double estimate = all / z * all / two_ln_2;
  return estimate < 0x1p63 ? (uint64_t)(estimate + 0.5) : INT64_MAX;
}

/* ---- Kept ---------------------------------------------------------------------------------- */

void rt_hll_clear(rt_hll *hll, cb_slab *slab)
{
  if (hll->cells != CB_SLAB_NONE) cb_slab_give(slab, hll->cells);
  *hll = (rt_hll){0};
}

void rt_hll_save(const rt_hll *hll, const cb_slab *slab, cb_writer *writer)
{
  cb_write_u32(writer, hll->count);
  if (is_dense(hll)) cb_write_bytes(writer, registers_of(hll, slab), REGISTERS);
  for (uint32_t i = 0; i < hll->count && !is_dense(hll); i++) cb_write_u64(writer, hashes_of(hll, slab)[i]);
}

cep_status rt_hll_load(rt_hll *hll, cb_slab *slab, cb_reader *reader)
{
  uint32_t count = cb_read_u32(reader);
  if (reader->status == CEP_OK && count > RT_HLL_SPARSE_MAX + 1) reader->status = CEP_E_CORRUPT;
  if (reader->status == CEP_OK && count == RT_HLL_SPARSE_MAX + 1) {
    const void *registers = cb_read_bytes(reader, REGISTERS);
    if (reader->status == CEP_OK && !become_dense(hll, slab)) reader->status = CEP_E_NOMEM;
    if (reader->status == CEP_OK) memcpy(registers_of(hll, slab), registers, REGISTERS);
  } else {
    for (uint32_t i = 0; i < count && reader->status == CEP_OK; i++) {
      uint64_t hash = cb_read_u64(reader);
      if (reader->status == CEP_OK && !rt_hll_add(hll, slab, hash)) reader->status = CEP_E_NOMEM;
    }
    if (reader->status == CEP_OK && hll->count != count) reader->status = CEP_E_CORRUPT;
  }
  if (reader->status == CEP_OK && !rt_hll_check(hll, slab)) reader->status = CEP_E_CORRUPT;
  if (reader->status < 0) rt_hll_clear(hll, slab);
  return reader->status;
}

int rt_hll_check(const rt_hll *hll, const cb_slab *slab)
{
  if (hll->count == 0) return hll->cells == CB_SLAB_NONE;
  if (hll->cells == CB_SLAB_NONE || hll->count > RT_HLL_SPARSE_MAX + 1) return 0;
  if (!is_dense(hll)) {
    for (uint32_t i = 1; i < hll->count; i++) {
      if (hashes_of(hll, slab)[i - 1] >= hashes_of(hll, slab)[i]) return 0;
    }
    return hll->count <= hll->capacity;
  }
  uint32_t empty = 0;
  for (uint32_t i = 0; i < REGISTERS; i++) {
    if (registers_of(hll, slab)[i] > RANK_MAX) return 0;
    empty += registers_of(hll, slab)[i] == 0;
  }
  return empty < REGISTERS;
}
