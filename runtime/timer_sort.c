/* timer_sort.c - deadlines of one instant in the order of their keys: by group first, then a heap for each group. */
#include "runtime/timer_sort.h"

/*
 * While it is sorted, a place holds the beginning of its key where its instant was, so that most comparisons
 * touch no entry: entries lie anywhere in memory.
 */
#define ENTRIES_AHEAD 16u

typedef struct sorting {
  const rt_keyed *keyed;
  rt_timer *ring;
  uint32_t first;
  uint32_t mask;
} sorting;

static rt_timer *place_at(const sorting *all, uint32_t n)
{
  return &all->ring[(all->first + n) & all->mask];
}

static const rt_entry *entry_at(const sorting *all, uint32_t n)
{
  return rt_keyed_at(all->keyed, place_at(all, n)->entry);
}

static void expect_entry(const sorting *all, uint32_t n, uint32_t count)
{
  if (n + ENTRIES_AHEAD < count) __builtin_prefetch(entry_at(all, n + ENTRIES_AHEAD));
}

/* The group and the first seven bytes of the key: less, if the key comes before. */
static int64_t word_of(const rt_keyed *keyed, const rt_entry *entry)
{
  rt_key key = rt_keyed_bytes(keyed, entry);
  uint64_t word = entry->group;
  for (uint32_t i = 0; i < 7; i++) word = word << 8 | (i < key.len ? key.bytes[i] : 0);
  return (int64_t)(word ^ UINT64_C(1) << 63);
}

static uint32_t group_of(const rt_timer *place)
{
  return (uint32_t)((uint64_t)place->time >> 56) ^ 0x80;
}

static int is_before(const sorting *all, const rt_timer *a, const rt_timer *b)
{
  if (a->time != b->time) return a->time < b->time;
  return rt_keyed_compare(all->keyed, rt_keyed_at(all->keyed, a->entry), rt_keyed_at(all->keyed, b->entry)) < 0;
}

static int is_in_order(const sorting *all, uint32_t count)
{
  for (uint32_t i = 1; i < count; i++) {
    if (is_before(all, place_at(all, i), place_at(all, i - 1))) return 0;
  }
  return 1;
}

/* ---- By group: each place goes to where its group is to lie ------------------------------------- */

static void part_groups(const sorting *all, uint32_t count, uint32_t ends[RT_GROUPS])
{
  uint32_t next[RT_GROUPS], sizes[RT_GROUPS] = {0};
  for (uint32_t i = 0; i < count; i++) sizes[group_of(place_at(all, i))]++;
  for (uint32_t g = 0, sum = 0; g < RT_GROUPS; g++) {
    next[g] = sum;
    ends[g] = sum += sizes[g];
  }
  for (uint32_t g = 0; g < RT_GROUPS; g++) {
    while (next[g] < ends[g]) {
      rt_timer *at = place_at(all, next[g]), moved = *at;
      rt_timer *to = place_at(all, next[group_of(&moved)]++);
      *at = *to; /* itself, if it is in its place */
      *to = moved;
    }
  }
}

/* ---- A group: a heap whose greatest goes to the end ---------------------------------------------- */

static void sink(const sorting *all, uint32_t at, uint32_t count, rt_timer place)
{
  for (uint32_t child; (child = at * 2 + 1) < count; at = child) {
    if (child + 1 < count && is_before(all, place_at(all, child), place_at(all, child + 1))) child++;
    if (!is_before(all, &place, place_at(all, child))) break;
    *place_at(all, at) = *place_at(all, child);
  }
  *place_at(all, at) = place;
}

static void sort_group(const sorting *all, uint32_t count)
{
  for (uint32_t i = count / 2; i > 0; i--) sink(all, i - 1, count, *place_at(all, i - 1));
  for (uint32_t left = count; left > 1; left--) {
    rt_timer last = *place_at(all, left - 1);
    *place_at(all, left - 1) = *place_at(all, 0);
    sink(all, 0, left - 1, last);
  }
}

int rt_timer_sort(const rt_keyed *keyed, rt_timer_line *line, uint32_t count)
{
  if (count < 2) return 0;
  sorting all = {keyed, line->ring, line->first, line->capacity - 1};
  cep_time time = place_at(&all, 0)->time;
  for (uint32_t i = 0; i < count; i++) {
    expect_entry(&all, i, count);
    place_at(&all, i)->time = word_of(keyed, entry_at(&all, i));
  }
  int is_moved = !is_in_order(&all, count);
  if (is_moved) {
    uint32_t ends[RT_GROUPS];
    part_groups(&all, count, ends);
    for (uint32_t g = 0, from = 0; g < RT_GROUPS; from = ends[g++]) {
      sorting part = {keyed, line->ring, line->first + from, all.mask};
      if (ends[g] - from > 1) sort_group(&part, ends[g] - from);
    }
  }
  for (uint32_t i = 0; i < count; i++) place_at(&all, i)->time = time;
  return is_moved;
}
