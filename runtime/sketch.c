/* sketch.c - counts of values in buckets whose width grows with the values. */
#include "runtime/sketch.h"

#include <math.h>
#include <string.h>

#define PER_OCTAVE 50   /* a bucket is 1/50 of the power of two below it wide: 2 % of its values at most */
#define OFFSET     60000 /* of the number of a bucket: above 1,074 octaves below 1, so that no number of a positive one is 0 */
#define INFINITE   (OFFSET + 1024 * PER_OCTAVE)
#define FIRST_ROOM 8u

typedef struct bucket {
  uint64_t count;
  int32_t number; /* 0: of zero; -n: of the negative values of bucket n */
  uint32_t pad;
} bucket;

static bucket *buckets_of(const rt_sketch *sketch, const cb_slab *slab)
{
  return cb_slab_at(slab, sketch->cells);
}

static int32_t number_of(double value)
{
  if (value == 0) return 0;
  double size = value < 0 ? -value : value;
  int32_t number = INFINITE;
  if (size < HUGE_VAL) {
    int exponent;
    double part = frexp(size, &exponent) * 2 - 1; /* [0, 1) */
    number = OFFSET + (exponent - 1) * PER_OCTAVE + (int32_t)(part * PER_OCTAVE);
  }
  return value < 0 ? -number : number;
}

/* A value that no value of the bucket is further from than 1 % of itself. */
static double value_of(int32_t number)
{
  if (number == 0) return 0;
  int32_t from = (number < 0 ? -number : number) - OFFSET;
  if (from >= INFINITE - OFFSET) return number < 0 ? -HUGE_VAL : HUGE_VAL;
  int32_t octave = from / PER_OCTAVE - (from % PER_OCTAVE < 0);
  double low = 1 + (from - octave * PER_OCTAVE) / (double)PER_OCTAVE, high = low + 1.0 / PER_OCTAVE;
  double middle = ldexp(2 * low * high / (low + high), octave);
  return number < 0 ? -middle : middle;
}

static uint32_t place_of(const rt_sketch *sketch, const cb_slab *slab, int32_t number)
{
  uint32_t low = 0, high = sketch->count;
  while (low < high) {
    uint32_t middle = (low + high) / 2;
    if (buckets_of(sketch, slab)[middle].number < number) low = middle + 1;
    else high = middle;
  }
  return low;
}

/* Room for one bucket more: one more than there may be in the end. */
static int grow(rt_sketch *sketch, cb_slab *slab)
{
  if (sketch->count < sketch->capacity) return 1;
  uint32_t capacity = sketch->capacity > 0 ? sketch->capacity * 2 : FIRST_ROOM;
  if (capacity > RT_SKETCH_BUCKETS_MAX) capacity = RT_SKETCH_BUCKETS_MAX + 1;
  cb_slab_id cells = cb_slab_grow(slab, sketch->cells, sketch->count * sizeof(bucket), capacity * sizeof(bucket));
  if (cells == CB_SLAB_NONE) return 0;
  sketch->cells = cells;
  sketch->capacity = capacity;
  return 1;
}

static int add(rt_sketch *sketch, cb_slab *slab, int32_t number, uint64_t count)
{
  uint32_t at = place_of(sketch, slab, number);
  if (at < sketch->count && buckets_of(sketch, slab)[at].number == number) {
    buckets_of(sketch, slab)[at].count += count;
    return 1;
  }
  if (!grow(sketch, slab)) return 0;
  bucket *buckets = buckets_of(sketch, slab);
  memmove(&buckets[at + 1], &buckets[at], (sketch->count - at) * sizeof *buckets);
  buckets[at] = (bucket){.count = count, .number = number};
  if (++sketch->count <= RT_SKETCH_BUCKETS_MAX) return 1;
  buckets[1].count += buckets[0].count;
  memmove(&buckets[0], &buckets[1], --sketch->count * sizeof *buckets);
  return 1;
}

int rt_sketch_add(rt_sketch *sketch, cb_slab *slab, double value)
{
  return value != value || add(sketch, slab, number_of(value), 1);
}

int rt_sketch_merge(rt_sketch *into, const rt_sketch *from, cb_slab *slab)
{
  for (uint32_t i = from->count; i > 0; i--) { /* from above: what becomes one in the end never is two */
    const bucket *more = &buckets_of(from, slab)[i - 1];
    if (!add(into, slab, more->number, more->count)) return 0;
  }
  return 1;
}

int rt_sketch_percentile(const rt_sketch *sketch, const cb_slab *slab, double percent, double *out)
{
  uint64_t all = 0, passed = 0;
  for (uint32_t i = 0; i < sketch->count; i++) all += buckets_of(sketch, slab)[i].count;
  if (all == 0) return 0;
  uint64_t rank = (uint64_t)(percent / 100 * (double)(all - 1));
  for (uint32_t i = 0; i < sketch->count; i++) {
    const bucket *at = &buckets_of(sketch, slab)[i];
    passed += at->count;
    *out = value_of(at->number);
    if (passed > rank) return 1;
  }
  return 1;
}

/* ---- Kept ---------------------------------------------------------------------------------- */

void rt_sketch_clear(rt_sketch *sketch, cb_slab *slab)
{
  if (sketch->cells != CB_SLAB_NONE) cb_slab_give(slab, sketch->cells);
  *sketch = (rt_sketch){0};
}

void rt_sketch_save(const rt_sketch *sketch, const cb_slab *slab, cb_writer *writer)
{
  cb_write_u32(writer, sketch->count);
  for (uint32_t i = 0; i < sketch->count; i++) {
    const bucket *at = &buckets_of(sketch, slab)[i];
    cb_write_u32(writer, (uint32_t)at->number);
    cb_write_u64(writer, at->count);
  }
}

cep_status rt_sketch_load(rt_sketch *sketch, cb_slab *slab, cb_reader *reader)
{
  uint32_t count = cb_read_u32(reader);
  if (reader->status == CEP_OK && count > RT_SKETCH_BUCKETS_MAX) reader->status = CEP_E_CORRUPT;
  for (uint32_t i = 0; i < count && reader->status == CEP_OK; i++) {
    int32_t number = (int32_t)cb_read_u32(reader);
    uint64_t of_it = cb_read_u64(reader);
    if (reader->status == CEP_OK && !add(sketch, slab, number, of_it)) reader->status = CEP_E_NOMEM;
  }
  if (reader->status == CEP_OK && (sketch->count != count || !rt_sketch_check(sketch, slab))) reader->status = CEP_E_CORRUPT;
  if (reader->status < 0) rt_sketch_clear(sketch, slab);
  return reader->status;
}

int rt_sketch_check(const rt_sketch *sketch, const cb_slab *slab)
{
  if ((sketch->cells != CB_SLAB_NONE) != (sketch->count > 0)) return 0;
  if (sketch->count > sketch->capacity || sketch->count > RT_SKETCH_BUCKETS_MAX) return 0;
  for (uint32_t i = 0; i < sketch->count; i++) {
    const bucket *at = &buckets_of(sketch, slab)[i];
    if (at->count == 0 || at->number > INFINITE || at->number < -INFINITE) return 0;
    if (i > 0 && buckets_of(sketch, slab)[i - 1].number >= at->number) return 0;
  }
  return 1;
}
