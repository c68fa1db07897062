/* accum.c - running values, sets and sketches of some events: taken, merged, seen, saved. */
#include "runtime/accum.h"

#include <math.h>
#include <string.h>

#include "cep/base/hash.h"
#include "nfa/bound.h"
#include "nfa/fn.h"
#include "nfa/register.h"
#include "runtime/distinct.h"
#include "runtime/hll.h"
#include "runtime/operator.h"
#include "runtime/sketch.h"

#define EDGE_INLINE 16u

/* The value of the first or the last event. */
typedef struct edge {
  cep_time time;
  cb_slab_id spilled; /* of its bytes, if they are too long */
  uint32_t len;       /* 0: no event yet */
  uint8_t bytes[EDGE_INLINE];
} edge;

static const prg_register *register_at(const rt_accums *all, uint32_t r)
{
  return &all->core->program->registers[all->registers.first + r];
}

/* What the register keeps beside its word. */
static void *beside(const rt_accums *all, rt_accum *accum, uint32_t r)
{
  return (uint8_t *)accum + all->parts[r].at;
}
static const void *beside_seen(const rt_accums *all, const rt_accum *accum, uint32_t r)
{
  return (const uint8_t *)accum + all->parts[r].at;
}

_Static_assert(sizeof(rt_distinct) <= 24 && sizeof(edge) == 32 && sizeof(rt_hll) == 16 && sizeof(rt_sketch) == 16, "nfa_bytes_beside");

static rt_taking taking_of(const prg *program, const prg_register *reg, uint32_t column)
{
  if (reg->where != PRG_NONE || (reg->arg != PRG_NONE && column == PRG_NONE)) return RT_TAKE_ANY;
  uint32_t kind = reg->arg == PRG_NONE ? CEP_NULL : program->exprs[reg->arg].kind;
  switch ((prg_register_kind)reg->what) {
  case PRG_REG_COUNT: return kind == CEP_NULL ? RT_TAKE_COUNT : RT_TAKE_ANY;
  case PRG_REG_SUM_INT: return kind == CEP_INT ? RT_TAKE_SUM_INT : RT_TAKE_ANY;
  case PRG_REG_SUM_FLOAT: return kind == CEP_FLOAT ? RT_TAKE_SUM_FLOAT : RT_TAKE_ANY;
  case PRG_REG_MIN_INT: return kind == CEP_INT ? RT_TAKE_LEAST : RT_TAKE_ANY;
  case PRG_REG_MAX_INT: return kind == CEP_INT ? RT_TAKE_GREATEST : RT_TAKE_ANY;
  default: return RT_TAKE_ANY;
  }
}

cep_status rt_accums_open(rt_accums *all, rt_core *core, uint32_t detection)
{
  prg_list registers = core->program->detections[detection].registers;
  CB_ASSERT(registers.count <= 64);
  *all = (rt_accums){.core = core, .detection = detection, .registers = registers};
  cb_writer_init(&all->bytes, core->alloc);
  if (registers.count > 0 && !(all->parts = cb_new0(core->alloc, registers.count * sizeof *all->parts))) return CEP_E_NOMEM;
  all->null_at_start = nfa_registers_null_at_start(core->program, registers);
  all->size = (uint32_t)(sizeof(rt_accum) + registers.count * sizeof(uint64_t));
  for (uint32_t r = 0; r < registers.count; r++) {
    const prg_register *reg = register_at(all, r);
    uint32_t bytes = nfa_bytes_beside(reg->what);
    all->parts[r].column = reg->arg == PRG_NONE ? PRG_NONE : nfa_expr_column(core->program, reg->arg);
    all->parts[r].taking = taking_of(core->program, reg, all->parts[r].column);
    if (bytes == 0) continue;
    all->parts[r].at = all->size;
    all->size += bytes;
  }
  return CEP_OK;
}

void rt_accums_close(rt_accums *all)
{
  cb_writer_fini(&all->bytes);
  cb_free(all->core->alloc, all->parts, all->registers.count * sizeof *all->parts);
  all->parts = NULL;
}

void rt_accum_begin(const rt_accums *all, rt_accum *accum)
{
  memset(accum, 0, all->size);
  accum->null = all->null_at_start;
}

static void drop_edge(const rt_accums *all, edge *at)
{
  if (at->spilled != CB_SLAB_NONE) cb_slab_give(all->core->slab, at->spilled);
  *at = (edge){0};
}

void rt_accum_release(const rt_accums *all, rt_accum *accum)
{
  for (uint32_t r = 0; r < all->registers.count; r++) {
    if (all->parts[r].at == 0) continue;
    void *it = beside(all, accum, r);
    switch ((prg_register_kind)register_at(all, r)->what) {
    case PRG_REG_DISTINCT:
    case PRG_REG_TOP: rt_distinct_clear(it, all->core->slab); break;
    case PRG_REG_FIRST:
    case PRG_REG_LAST: drop_edge(all, it); break;
    case PRG_REG_HLL: rt_hll_clear(it, all->core->slab); break;
    case PRG_REG_DDSKETCH: rt_sketch_clear(it, all->core->slab); break;
    default: break;
    }
  }
}

/* ---- One event ------------------------------------------------------------------------------- */

/* The values of a tuple as bytes. 0: one is null, or memory was refused. */
static int write_tuple(rt_accums *all, const nfa_env *env, const prg_register *reg)
{
  nfa_scratch_reset(env->scratch);
  cb_writer_reset(&all->bytes);
  for (uint32_t i = 0; i < reg->tuple.count; i++) {
    cep_value value = nfa_expr_eval(env, env->program->lists[reg->tuple.first + i]);
    if (value.kind == CEP_NULL) return 0;
    rt_key_write(&all->bytes, &value);
  }
  return all->bytes.status == CEP_OK && all->bytes.len <= UINT32_MAX;
}

static cep_status refused(const rt_accums *all)
{
  return all->bytes.status < 0 || all->bytes.len > UINT32_MAX ? CEP_E_NOMEM : CEP_OK;
}

static cep_status after_add(const rt_accums *all, rt_distinct_added added, uint64_t events)
{
  if (added == RT_DISTINCT_FULL) rt_stats_add(&all->core->stats, CEP_STAT_DISTINCT_DROPPED, all->detection, events);
  return added == RT_DISTINCT_NOMEM ? CEP_E_NOMEM : CEP_OK;
}

static void add_wide(uint64_t *low, int64_t *high, uint64_t more_low, int64_t more_high)
{
  uint64_t sum = *low + more_low;
  *high += more_high + (sum < *low);
  *low = sum;
}

/* The event's value of the register; 0: it has none that counts. */
static int value_of(const nfa_env *env, const prg_register *reg, cep_value *out)
{
  nfa_scratch_reset(env->scratch);
  if (reg->where != PRG_NONE && !nfa_expr_holds(env, reg->where)) return 0;
  *out = nfa_expr_eval(env, reg->arg);
  return out->kind != CEP_NULL;
}

static cep_status take_counted(rt_accums *all, const nfa_env *env, const prg_register *reg, rt_distinct *set)
{
  cep_value value;
  if (!value_of(env, reg, &value)) return CEP_OK;
  cb_writer_reset(&all->bytes);
  rt_key_write(&all->bytes, &value);
  if (refused(all) < 0) return CEP_E_NOMEM;
  return after_add(all, rt_distinct_count(set, all->core->slab, all->bytes.data, (uint32_t)all->bytes.len, 1, all->core->distinct_max), 1);
}

static int is_beyond(const prg_register *reg, const edge *kept, cep_time time)
{
  if (kept->len == 0) return 1;
  return reg->what == PRG_REG_FIRST ? time < kept->time : time >= kept->time;
}

static cep_status set_edge(const rt_accums *all, edge *at, cep_time time, const uint8_t *bytes, uint32_t len)
{
  cb_slab_id spilled = len > EDGE_INLINE ? cb_slab_take(all->core->slab, len) : CB_SLAB_NONE;
  if (len > EDGE_INLINE && spilled == CB_SLAB_NONE) return CEP_E_NOMEM;
  drop_edge(all, at);
  *at = (edge){.time = time, .spilled = spilled, .len = len};
  memcpy(len > EDGE_INLINE ? cb_slab_at(all->core->slab, spilled) : at->bytes, bytes, len);
  return CEP_OK;
}

static const uint8_t *bytes_of(const rt_accums *all, const edge *at)
{
  return at->len > EDGE_INLINE ? cb_slab_at(all->core->slab, at->spilled) : at->bytes;
}

static cep_status take_edge(rt_accums *all, const nfa_env *env, const prg_register *reg, edge *at)
{
  cep_time time = env->batch->time[env->row];
  if (!is_beyond(reg, at, time)) return CEP_OK;
  cep_value value;
  if (!value_of(env, reg, &value)) value = cb_null();
  cb_writer_reset(&all->bytes);
  cb_value_write(&all->bytes, &value);
  return refused(all) < 0 ? CEP_E_NOMEM : set_edge(all, at, time, all->bytes.data, (uint32_t)all->bytes.len);
}

/* A register that keeps more than a word. */
static cep_status take_beside(rt_accums *all, rt_accum *accum, const nfa_env *env, const prg_register *reg, uint32_t r)
{
  cb_slab *slab = all->core->slab;
  void *it = beside(all, accum, r);
  cep_value value;
  switch ((prg_register_kind)reg->what) {
  case PRG_REG_SUM_INT:
    if (value_of(env, reg, &value)) add_wide(&accum->words[r], it, (uint64_t)value.as.i, value.as.i < 0 ? -1 : 0);
    return CEP_OK;
  case PRG_REG_DISTINCT: {
    if (!write_tuple(all, env, reg)) return refused(all);
    rt_distinct_added added = rt_distinct_add(it, slab, all->bytes.data, (uint32_t)all->bytes.len, all->core->distinct_max);
    accum->words[r] += added == RT_DISTINCT_NEW;
    return after_add(all, added, 1);
  }
  case PRG_REG_HLL:
    if (!write_tuple(all, env, reg)) return refused(all);
    return rt_hll_add(it, slab, cb_hash64(all->bytes.data, all->bytes.len)) ? CEP_OK : CEP_E_NOMEM;
  case PRG_REG_DDSKETCH:
    if (!value_of(env, reg, &value)) return CEP_OK;
    return rt_sketch_add(it, slab, value.kind == CEP_FLOAT ? value.as.f : (double)value.as.i) ? CEP_OK : CEP_E_NOMEM;
  case PRG_REG_TOP: return take_counted(all, env, reg, it);
  default: return take_edge(all, env, reg, it);
  }
}

/* Of a register that a column alone goes into. What has not its kind counts as null: only a forged image has such. */
static void take_column(rt_accums *all, rt_accum *accum, const nfa_event *event, uint32_t r)
{
  const rt_accum_part *part = &all->parts[r];
  cep_value value = cb_batch_get(event->batch, part->column, event->row);
  uint64_t *word = &accum->words[r], bit = UINT64_C(1) << r;
  if (value.kind != (part->taking == RT_TAKE_SUM_FLOAT ? CEP_FLOAT : CEP_INT)) return;
  if (part->taking == RT_TAKE_SUM_INT) {
    add_wide(word, beside(all, accum, r), (uint64_t)value.as.i, value.as.i < 0 ? -1 : 0);
  } else if (part->taking == RT_TAKE_SUM_FLOAT) {
    double sum;
    memcpy(&sum, word, sizeof sum);
    sum += value.as.f;
    memcpy(word, &sum, sizeof sum);
  } else if ((accum->null & bit) || (part->taking == RT_TAKE_LEAST ? value.as.i < (int64_t)*word : value.as.i > (int64_t)*word)) {
    *word = (uint64_t)value.as.i;
    accum->null &= ~bit;
  }
}

cep_status rt_accum_take(rt_accums *all, rt_accum *accum, const nfa_event *event)
{
  rt_core *core = all->core;
  nfa_env env = {.program = core->program,
                 .scratch = core->scratch,
                 .batch = event->batch,
                 .row = event->row,
                 .register_first = all->registers.first};
  uint64_t none = 0; /* sums, which could overflow, are kept beside */
  for (uint32_t r = 0; r < all->registers.count; r++) {
    if (all->parts[r].taking == RT_TAKE_COUNT) {
      accum->words[r]++;
      continue;
    }
    if (all->parts[r].taking != RT_TAKE_ANY) {
      take_column(all, accum, event, r);
      continue;
    }
    const prg_register *reg = register_at(all, r);
    if (all->parts[r].at == 0) {
      nfa_register_take(&env, reg, r, accum->words, &accum->null, &none);
      continue;
    }
    cep_status status = take_beside(all, accum, &env, reg, r);
    if (status < 0) return status;
  }
  return CEP_OK;
}

/* ---- Two become one ------------------------------------------------------------------------- */

static cep_status merge_sets(rt_accums *all, const prg_register *reg, rt_distinct *into, const rt_distinct *from, uint64_t *word)
{
  rt_core *core = all->core;
  rt_distinct_value value;
  for (cb_slab_id id = rt_distinct_next(from, core->slab, CB_SLAB_NONE, &value); id != CB_SLAB_NONE;
       id = rt_distinct_next(from, core->slab, id, &value)) {
    int is_counted = reg->what == PRG_REG_TOP;
    uint64_t events = is_counted ? rt_distinct_counted(&value) : 1;
    rt_distinct_added added = is_counted
                                  ? rt_distinct_count(into, core->slab, value.bytes, value.len, events, core->distinct_max)
                                  : rt_distinct_add(into, core->slab, value.bytes, value.len, core->distinct_max);
    if (!is_counted) *word += added == RT_DISTINCT_NEW;
    cep_status status = after_add(all, added, events);
    if (status < 0) return status;
  }
  return CEP_OK;
}

static cep_status merge_beside(rt_accums *all, rt_accum *into, const rt_accum *from, uint32_t r)
{
  cb_slab *slab = all->core->slab;
  const prg_register *reg = register_at(all, r);
  void *it = beside(all, into, r);
  const void *more = beside_seen(all, from, r);
  switch ((prg_register_kind)reg->what) {
  case PRG_REG_SUM_INT: add_wide(&into->words[r], it, from->words[r], *(const int64_t *)more); return CEP_OK;
  case PRG_REG_DISTINCT:
  case PRG_REG_TOP: return merge_sets(all, reg, it, more, &into->words[r]);
  case PRG_REG_HLL: return rt_hll_merge(it, more, slab) ? CEP_OK : CEP_E_NOMEM;
  case PRG_REG_DDSKETCH: return rt_sketch_merge(it, more, slab) ? CEP_OK : CEP_E_NOMEM;
  default: {
    const edge *other = more;
    if (other->len == 0 || !is_beyond(reg, it, other->time)) return CEP_OK;
    return set_edge(all, it, other->time, bytes_of(all, other), other->len);
  }
  }
}

cep_status rt_accum_merge(rt_accums *all, rt_accum *into, const rt_accum *from)
{
  for (uint32_t r = 0; r < all->registers.count; r++) {
    if (all->parts[r].at == 0) {
      nfa_register_merge(register_at(all, r), r, into->words, &into->null, from->words, from->null);
      continue;
    }
    cep_status status = merge_beside(all, into, from, r);
    if (status < 0) return status;
  }
  return CEP_OK;
}

/* ---- What expressions see --------------------------------------------------------------------- */

typedef struct ranked {
  cep_value value;
  uint64_t count;
  rt_distinct_value bytes;
} ranked;

static int compare_bytes(const rt_distinct_value *a, const rt_distinct_value *b)
{
  int order = memcmp(a->bytes, b->bytes, a->len < b->len ? a->len : b->len);
  return order != 0 ? order : (a->len > b->len) - (a->len < b->len);
}

/* By how often, then by value; NaN, which is beside all values, by its bytes. */
static int comes_before(const ranked *a, const ranked *b)
{
  if (a->count != b->count) return a->count > b->count;
  cb_order order = cb_value_compare(&a->value, &b->value);
  return order == CB_LESS || (order != CB_GREATER && compare_bytes(&a->bytes, &b->bytes) < 0);
}

static uint32_t rank_values(const cb_slab *slab, const rt_distinct *set, uint32_t places, ranked *best)
{
  uint32_t count = 0;
  rt_distinct_value value;
  for (cb_slab_id id = rt_distinct_next(set, slab, CB_SLAB_NONE, &value); id != CB_SLAB_NONE; id = rt_distinct_next(set, slab, id, &value)) {
    cb_reader reader;
    cb_reader_init(&reader, value.bytes, value.len);
    ranked one = {cb_value_read(&reader), rt_distinct_counted(&value), value};
    uint32_t at = count < places ? count++ : places;
    if (at == places && !comes_before(&one, &best[--at])) continue;
    for (; at > 0 && comes_before(&one, &best[at - 1]); at--) best[at] = best[at - 1];
    best[at] = one;
  }
  return count;
}

static cep_status see_top(rt_accums *all, const prg_register *reg, const rt_distinct *set, cep_value *out)
{
  ranked best[PRG_TOP_MAX];
  uint32_t count = rank_values(all->core->slab, set, (uint32_t)reg->parameter, best);
  cb_writer *text = &all->bytes;
  cb_writer_reset(text);
  cb_write_u8(text, '[');
  for (uint32_t i = 0; i < count; i++) {
    cb_write_text(text, i > 0 ? ",{\"value\":" : "{\"value\":");
    cb_value_write_json(text, &best[i].value);
    cb_write_printf(text, ",\"count\":%llu}", (unsigned long long)best[i].count);
  }
  cb_write_u8(text, ']');
  if (refused(all) < 0) return CEP_E_NOMEM;
  char *kept = nfa_scratch_take(all->core->scratch, text->len);
  if (kept) {
    memcpy(kept, text->data, text->len);
    *out = cb_string(kept, (uint32_t)text->len);
  }
  return CEP_OK;
}

static cep_value see_percentile(const rt_accums *all, const prg_register *reg, const rt_sketch *sketch)
{
  double percent, found;
  memcpy(&percent, &reg->parameter, sizeof percent);
  if (!rt_sketch_percentile(sketch, all->core->slab, percent, &found)) return cb_null();
  if (reg->kind != CEP_DURATION) return cb_float(found);
  double whole = round(found);
  return cb_value_i(CEP_DURATION, whole >= 0x1p63 ? INT64_MAX : whole < -0x1p63 ? INT64_MIN : (int64_t)whole);
}

static cep_value see_edge(const rt_accums *all, const edge *at)
{
  if (at->len == 0) return cb_null();
  cb_reader reader;
  cb_reader_init(&reader, bytes_of(all, at), at->len);
  return cb_value_read(&reader);
}

cep_status rt_accum_see(rt_accums *all, const rt_accum *accum, rt_accum_seen *out)
{
  out->captures = (nfa_captures){.slab = all->core->slab, .head = CB_SLAB_NONE, .registers = accum->words, .null = accum->null, .values = out->values};
  out->overflows = 0;
  for (uint32_t r = 0; r < all->registers.count; r++) {
    if (all->parts[r].at == 0) continue;
    const prg_register *reg = register_at(all, r);
    const void *it = beside_seen(all, accum, r);
    cep_status status = CEP_OK;
    out->values[r] = cb_null();
    switch ((prg_register_kind)reg->what) {
    case PRG_REG_SUM_INT:
      if (*(const int64_t *)it == (int64_t)accum->words[r] >> 63) break;
      out->captures.null |= UINT64_C(1) << r;
      out->overflows++;
      break;
    case PRG_REG_DISTINCT: break;
    case PRG_REG_HLL: out->values[r] = cb_int((int64_t)rt_hll_estimate(it, all->core->slab)); break;
    case PRG_REG_DDSKETCH: out->values[r] = see_percentile(all, reg, it); break;
    case PRG_REG_TOP: status = see_top(all, reg, it, &out->values[r]); break;
    default: out->values[r] = see_edge(all, it); break;
    }
    if (status < 0) return status;
  }
  return CEP_OK;
}

/* ---- Saved state ------------------------------------------------------------------------------- */

static void save_set(const rt_accums *all, const rt_distinct *set, int is_counted, cb_writer *writer)
{
  rt_distinct_value value;
  if (!is_counted) {
    rt_distinct_save(set, all->core->slab, writer);
    return;
  }
  cb_write_u32(writer, set->count);
  for (cb_slab_id id = rt_distinct_next(set, all->core->slab, CB_SLAB_NONE, &value); id != CB_SLAB_NONE;
       id = rt_distinct_next(set, all->core->slab, id, &value)) {
    cb_write_u64(writer, rt_distinct_counted(&value));
    cb_write_block(writer, value.bytes, value.len);
  }
}

static int is_value(const void *bytes, size_t len)
{
  cb_reader reader;
  cb_reader_init(&reader, bytes, len);
  (void)cb_value_read(&reader);
  return reader.status == CEP_OK && cb_reader_at_end(&reader);
}

static cep_status load_counted(const rt_accums *all, rt_distinct *set, cb_reader *reader)
{
  uint32_t count = cb_read_u32(reader);
  for (uint32_t i = 0; i < count && reader->status == CEP_OK; i++) {
    uint64_t times = cb_read_u64(reader);
    size_t len;
    const void *bytes = cb_read_block(reader, &len);
    if (reader->status < 0) break;
    if (!is_value(bytes, len) || times == 0) return reader->status = CEP_E_CORRUPT;
    rt_distinct_added added = rt_distinct_count(set, all->core->slab, bytes, (uint32_t)len, times, UINT64_MAX);
    if (added == RT_DISTINCT_NOMEM) reader->status = CEP_E_NOMEM;
    if (added == RT_DISTINCT_OLD) reader->status = CEP_E_CORRUPT;
  }
  return reader->status;
}

static cep_status load_edge(const rt_accums *all, edge *at, cb_reader *reader)
{
  cep_time time = cb_read_i64(reader);
  size_t len;
  const void *bytes = cb_read_block(reader, &len);
  if (reader->status < 0 || len == 0) return reader->status;
  if (len > UINT32_MAX || !is_value(bytes, len)) return CEP_E_CORRUPT;
  return set_edge(all, at, time, bytes, (uint32_t)len);
}

void rt_accum_save(const rt_accums *all, const rt_accum *accum, cb_writer *writer)
{
  cb_write_u64(writer, accum->null);
  for (uint32_t r = 0; r < all->registers.count; r++) {
    cb_write_u64(writer, accum->words[r]);
    if (all->parts[r].at == 0) continue;
    uint32_t what = register_at(all, r)->what;
    const void *it = beside_seen(all, accum, r);
    if (what == PRG_REG_SUM_INT) {
      cb_write_i64(writer, *(const int64_t *)it);
    } else if (what == PRG_REG_DISTINCT || what == PRG_REG_TOP) {
      save_set(all, it, what == PRG_REG_TOP, writer);
    } else if (what == PRG_REG_HLL) {
      rt_hll_save(it, all->core->slab, writer);
    } else if (what == PRG_REG_DDSKETCH) {
      rt_sketch_save(it, all->core->slab, writer);
    } else {
      const edge *at = it;
      cb_write_i64(writer, at->time);
      cb_write_block(writer, bytes_of(all, at), at->len);
    }
  }
}

static cep_status load_beside(const rt_accums *all, rt_accum *accum, uint32_t r, cb_reader *reader)
{
  void *it = beside(all, accum, r);
  switch ((prg_register_kind)register_at(all, r)->what) {
  case PRG_REG_SUM_INT: *(int64_t *)it = cb_read_i64(reader); return reader->status;
  case PRG_REG_DISTINCT: return rt_distinct_load(it, all->core->slab, reader);
  case PRG_REG_TOP: return load_counted(all, it, reader);
  case PRG_REG_HLL: return rt_hll_load(it, all->core->slab, reader);
  case PRG_REG_DDSKETCH: return rt_sketch_load(it, all->core->slab, reader);
  default: return load_edge(all, it, reader);
  }
}

cep_status rt_accum_load(const rt_accums *all, rt_accum *accum, cb_reader *reader)
{
  cep_status status = CEP_OK;
  accum->null = cb_read_u64(reader);
  for (uint32_t r = 0; r < all->registers.count && status == CEP_OK; r++) {
    accum->words[r] = cb_read_u64(reader);
    status = all->parts[r].at == 0 ? reader->status : load_beside(all, accum, r, reader);
  }
  if (status == CEP_OK) status = reader->status;
  if (status == CEP_OK && !rt_accum_check(all, accum)) status = CEP_E_CORRUPT;
  if (status < 0) rt_accum_release(all, accum);
  return status;
}

int rt_accum_check(const rt_accums *all, const rt_accum *accum)
{
  const cb_slab *slab = all->core->slab;
  for (uint32_t r = 0; r < all->registers.count; r++) {
    if (all->parts[r].at == 0) continue;
    uint32_t what = register_at(all, r)->what;
    const void *it = beside_seen(all, accum, r);
    if (what == PRG_REG_DISTINCT && accum->words[r] != ((const rt_distinct *)it)->count) return 0;
    if ((what == PRG_REG_DISTINCT || what == PRG_REG_TOP) && !rt_distinct_check(it, slab)) return 0;
    if (what == PRG_REG_HLL && !rt_hll_check(it, slab)) return 0;
    if (what == PRG_REG_DDSKETCH && !rt_sketch_check(it, slab)) return 0;
    if (what != PRG_REG_FIRST && what != PRG_REG_LAST) continue;
    const edge *at = it;
    if ((at->spilled != CB_SLAB_NONE) != (at->len > EDGE_INLINE)) return 0;
  }
  return 1;
}
