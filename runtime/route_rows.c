/* route_rows.c - all rows of a batch to the one reader of their stream. */
#include <string.h>

#include "runtime/route.h"

/* ---- Which streams ---------------------------------------------------------------------- */

/* One reader by one route, whose key is columns, and conditions that can be looked at for all rows at once. */
static int is_straight(const prg *program, uint32_t stream)
{
  const nfa_readers *readers = program->readers;
  const nfa_of_stream *of = &readers->streams[stream];
  if (of->readers.count != 1) return 0;
  const nfa_reader *reader = &readers->readers[of->readers.first];
  if (reader->routes.count != 1) return 0;
  const nfa_reader_route *route = &readers->routes[reader->routes.first];
  const nfa_way *way = &readers->ways[route->way];
  if (!nfa_is_columnar(program, way->member)) return 0;
  for (uint32_t i = 0; i < way->keys.count; i++) {
    if (readers->columns[way->columns + i] == PRG_NONE) return 0;
  }
  prg_list steps = program->detections[reader->detection].steps;
  for (uint32_t s = 0; s < steps.count; s++) {
    const prg_step *step = &program->steps[steps.first + s];
    if (step->route == route->route && !nfa_is_columnar(program, step->local)) return 0;
  }
  return 1;
}

void rt_router_find_straight(rt_router *router)
{
  for (uint32_t s = 0; s < router->program->streams_count; s++) router->straight[s] = is_straight(router->program, s) != 0;
}

/* ---- Bits ------------------------------------------------------------------------------- */

/* What the rows of a batch are, a bit each. */
typedef struct looked {
  uint32_t words;
  uint32_t steps;
  nfa_rows taken;   /* of the reader's input, under a key */
  nfa_rows unkeyed; /* would be, but for their key */
  nfa_rows wanted;
  nfa_rows fits[64]; /* by step */
} looked;

static void look_at_way(const prg *program, const nfa_way *way, const cb_batch *batch, const nfa_rows *rows, looked *out)
{
  nfa_rows present;
  nfa_columnar(program, way->member, batch, &out->taken);
  for (uint32_t w = 0; w < out->words; w++) out->unkeyed.bits[w] = out->taken.bits[w] &= rows->bits[w];
  for (uint32_t i = 0; i < way->keys.count; i++) {
    nfa_columnar_present(batch, program->readers->columns[way->columns + i], &present);
    for (uint32_t w = 0; w < out->words; w++) out->taken.bits[w] &= present.bits[w];
  }
  for (uint32_t w = 0; w < out->words; w++) out->unkeyed.bits[w] &= ~out->taken.bits[w];
}

static void look_at_steps(const prg *program, const nfa_reader *reader, uint32_t route, const cb_batch *batch, looked *out)
{
  prg_list steps = program->detections[reader->detection].steps;
  CB_ASSERT(steps.count <= 64);
  out->steps = steps.count;
  memset(out->wanted.bits, 0, out->words * sizeof *out->wanted.bits);
  for (uint32_t s = 0; s < steps.count; s++) {
    const prg_step *step = &program->steps[steps.first + s];
    if (step->route != route) {
      memset(out->fits[s].bits, 0, out->words * sizeof *out->fits[s].bits);
      continue;
    }
    nfa_columnar(program, step->local, batch, &out->fits[s]);
    for (uint32_t w = 0; w < out->words; w++) out->wanted.bits[w] |= out->fits[s].bits[w];
  }
  for (uint32_t w = 0; w < out->words; w++) out->wanted.bits[w] = out->taken.bits[w] & (reader->sees_all ? UINT64_MAX : out->wanted.bits[w]);
}

static uint64_t count_bits(const nfa_rows *rows, uint32_t words)
{
  uint64_t count = 0;
  for (uint32_t w = 0; w < words; w++) count += (uint64_t)__builtin_popcountll(rows->bits[w]);
  return count;
}

/* ---- Finds ------------------------------------------------------------------------------ */

/* `hash` 0: not known yet. */
static cep_status add_key(const rt_router *router, const nfa_way *way, const cb_batch *batch, uint32_t row, rt_finds *to, uint64_t hash)
{
  size_t start = to->bytes.len;
  for (uint32_t i = 0; i < way->keys.count; i++) {
    cep_value part = cb_batch_get(batch, router->program->readers->columns[way->columns + i], row);
    rt_key_write(&to->bytes, &part);
  }
  if (to->bytes.status < 0) return to->bytes.status;
  if (to->bytes.len > UINT32_MAX) return CEP_E_NOMEM;
  rt_found_key key = {.hash = hash, .at = (uint32_t)start, .len = (uint32_t)(to->bytes.len - start)};
  if (hash == 0) key.hash = rt_key_hash(key.len > 0 ? to->bytes.data + start : (const uint8_t *)"", key.len);
  to->keys.at[to->keys.count++] = key; /* there is room */
  return CEP_OK;
}

cep_status rt_router_refind(rt_router *router, rt_seen *seen, uint64_t hash, uint64_t symbol)
{
  const nfa_readers *readers = router->program->readers;
  uint32_t number = readers->streams[seen->batch->stream].readers.first;
  const nfa_reader *reader = &readers->readers[number];
  rt_finds *own = &router->own;
  cb_alloc *alloc = own->bytes.alloc;
  rt_finds_clear(own);
  if (!cb_vec_reserve(alloc, &own->all, 1) || !cb_vec_reserve(alloc, &own->keys, 1)) return CEP_E_NOMEM;
  own->all.at[own->all.count++] = (rt_find){number, 0, symbol};
  seen->finds = own;
  seen->list = (prg_list){0, 1};
  return add_key(router, &readers->ways[readers->routes[reader->routes.first].way], seen->batch, seen->row, own, hash);
}

/* A find for each row that is wanted, in their order. */
static cep_status add_finds(const rt_router *router, const nfa_way *way, uint32_t reader, const cb_batch *batch, const looked *in, rt_finds *to)
{
  uint32_t count = (uint32_t)count_bits(&in->wanted, in->words);
  cb_alloc *alloc = to->bytes.alloc;
  if (!cb_vec_reserve(alloc, &to->all, count) || !cb_vec_reserve(alloc, &to->keys, count)) return CEP_E_NOMEM;
  for (uint32_t w = 0; w < in->words; w++) {
    for (uint64_t left = in->wanted.bits[w]; left != 0; left &= left - 1) {
      uint32_t bit = (uint32_t)__builtin_ctzll(left);
      rt_find find = {reader, to->keys.count, 0};
      for (uint32_t s = 0; s < in->steps; s++) find.symbol |= (in->fits[s].bits[w] >> bit & 1) << s;
      to->all.at[to->all.count++] = find;
      cep_status status = add_key(router, way, batch, w * 64 + bit, to, 0);
      if (status < 0) return status;
    }
  }
  return CEP_OK;
}

cep_status rt_router_rows(rt_router *router, const rt_stats *stats, const cb_batch *batch, const nfa_rows *rows, rt_finds *to,
                          nfa_rows *wanted, uint64_t counts[RT_WANTED + 1])
{
  const prg *program = router->program;
  const nfa_readers *readers = program->readers;
  uint32_t number = readers->streams[batch->stream].readers.first;
  const nfa_reader *reader = &readers->readers[number];
  const nfa_reader_route *route = &readers->routes[reader->routes.first];
  const nfa_way *way = &readers->ways[route->way];
  looked in;
  in.words = nfa_row_words(batch->count);
  look_at_way(program, way, batch, rows, &in);
  look_at_steps(program, reader, route->route, batch, &in);
  cep_status status = add_finds(router, way, number, batch, &in, to);
  if (status < 0) return status;
  uint64_t all = count_bits(rows, in.words), taken = count_bits(&in.taken, in.words), unkeyed = count_bits(&in.unkeyed, in.words);
  uint64_t found = count_bits(&in.wanted, in.words);
  rt_stats_add(stats, CEP_STAT_STREAM_EVENTS, batch->stream, all);
  rt_stats_add_class(stats, reader->class, taken, unkeyed);
  rt_stats_add(stats, CEP_STAT_EVENTS_IN, reader->detection, 0 - found); /* those are counted where they are given to it */
  memcpy(wanted->bits, in.wanted.bits, in.words * sizeof *wanted->bits);
  counts[RT_WANTED] += found;
  counts[RT_PASSING] += taken - found;
  counts[RT_UNKEYED] += unkeyed;
  counts[RT_UNWANTED] += all - taken - unkeyed;
  return CEP_OK;
}
