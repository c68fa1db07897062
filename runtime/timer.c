/* timer.c - deadlines: in lines while they come in order, in a heap where they do not. */
#include "runtime/timer.h"

#include "runtime/timer_sort.h"

#define FIRST_RING 16u
/* Places in a line are numbered on and on, so that an entry's stays when the ring grows: no pause for many entries. */
#define PLACES 0x7FFFFFFFu

void rt_timers_init(rt_timers *timers, cb_alloc *alloc, const rt_keyed *keyed)
{
  *timers = (rt_timers){.alloc = alloc, .keyed = keyed};
}

void rt_timers_fini(rt_timers *timers)
{
  for (uint32_t i = 0; i < timers->lines.count; i++) {
    rt_timer_line *line = &timers->lines.at[i];
    cb_free(timers->alloc, line->ring, line->capacity * sizeof *line->ring);
  }
  cb_vec_free(timers->alloc, &timers->lines);
  cb_vec_free(timers->alloc, &timers->heap);
}

static int is_before(const rt_timers *timers, const rt_timer *a, const rt_timer *b)
{
  if (a->time != b->time) return a->time < b->time;
  if (a->operator_number != b->operator_number) return a->operator_number < b->operator_number;
  return rt_keyed_compare(timers->keyed, rt_keyed_at(timers->keyed, a->entry), rt_keyed_at(timers->keyed, b->entry)) < 0;
}

/* ---- The heap ----------------------------------------------------------------------------- */

static void put(rt_timers *timers, uint32_t at, rt_timer timer)
{
  timers->heap.at[at] = timer;
  rt_keyed_at(timers->keyed, timer.entry)->timer = at + 1;
}

/* Both move a gap rather than swap: `timer` is written once, where it ends up. */
static void rise(rt_timers *timers, uint32_t at, rt_timer timer)
{
  while (at > 0) {
    uint32_t parent = (at - 1) / 2;
    if (!is_before(timers, &timer, &timers->heap.at[parent])) break;
    put(timers, at, timers->heap.at[parent]);
    at = parent;
  }
  put(timers, at, timer);
}

static void sink(rt_timers *timers, uint32_t at, rt_timer timer)
{
  for (;;) {
    uint32_t child = at * 2 + 1;
    if (child >= timers->heap.count) break;
    if (child + 1 < timers->heap.count &&
        is_before(timers, &timers->heap.at[child + 1], &timers->heap.at[child])) {
      child++;
    }
    if (!is_before(timers, &timers->heap.at[child], &timer)) break;
    put(timers, at, timers->heap.at[child]);
    at = child;
  }
  put(timers, at, timer);
}

/* Puts `timer` where another one has left; 0 in `entry`: the last of the heap takes the place. */
static void fill_place(rt_timers *timers, uint32_t at, rt_timer timer)
{
  if (timer.entry == CB_SLAB_NONE) {
    timer = timers->heap.at[--timers->heap.count];
    if (at == timers->heap.count) return;
  }
  if (at > 0 && is_before(timers, &timer, &timers->heap.at[(at - 1) / 2])) {
    rise(timers, at, timer);
  } else {
    sink(timers, at, timer);
  }
}

/* Room was reserved. */
static void push(rt_timers *timers, rt_timer timer)
{
  rise(timers, timers->heap.count++, timer);
}

/* ---- Lines ------------------------------------------------------------------------------------ */

static rt_timer *ring_at(const rt_timer_line *line, uint32_t n)
{
  return &line->ring[(line->first + n) & (line->capacity - 1)];
}

/* Of an entry that is in the line. */
static rt_timer *ring_of(const rt_timer_line *line, const rt_entry *entry)
{
  return &line->ring[(entry->timer - 1) & (line->capacity - 1)];
}

static void put_in_line(rt_timers *timers, rt_timer_line *line, uint32_t n, rt_timer timer)
{
  *ring_at(line, n) = timer;
  rt_entry *entry = rt_keyed_at(timers->keyed, timer.entry);
  entry->timer = ((line->first + n) & PLACES) + 1;
  entry->flags |= RT_ENTRY_IN_LINE;
}

/* Closes up over the places of those that were disarmed. */
static void close_ranks(rt_timers *timers, rt_timer_line *line)
{
  uint32_t kept = 0;
  for (uint32_t i = 0; i < line->count; i++) {
    rt_timer timer = *ring_at(line, i);
    if (timer.entry != CB_SLAB_NONE) put_in_line(timers, line, kept++, timer);
  }
  line->count = kept;
  line->gone = 0;
}

/* Room for one more. What was disarmed is never more than what is alive, but for a few. */
static int reserve_line(rt_timers *timers, rt_timer_line *line)
{
  if (line->count < line->capacity) return 1;
  if (line->count > 0 && line->gone >= line->count / 2) {
    close_ranks(timers, line);
    return 1;
  }
  if (line->capacity > PLACES / 2) return 0;
  rt_timer_line grown = *line;
  grown.capacity = line->capacity > 0 ? line->capacity * 2 : FIRST_RING;
  grown.ring = cb_new(timers->alloc, grown.capacity * sizeof *grown.ring);
  if (!grown.ring) return 0;
  for (uint32_t i = 0; i < line->count; i++) *ring_at(&grown, i) = *ring_at(line, i);
  cb_free(timers->alloc, line->ring, line->capacity * sizeof *line->ring);
  *line = grown;
  return 1;
}

static rt_timer_line *line_of(rt_timers *timers, uint32_t operator_number)
{
  while (timers->lines.count <= operator_number) {
    if (!cb_vec_push(timers->alloc, &timers->lines, ((rt_timer_line){.head = CB_SLAB_NONE}))) return NULL;
  }
  return &timers->lines.at[operator_number];
}

/* So many places ahead in a line, entries are asked for from memory. */
#define PLACES_AHEAD 8u

static void look_ahead(const rt_timers *timers, const rt_timer_line *line)
{
  if (line->count <= PLACES_AHEAD) return;
  cb_slab_id entry = ring_at(line, PLACES_AHEAD)->entry;
  if (entry != CB_SLAB_NONE) __builtin_prefetch(rt_keyed_at(timers->keyed, entry), 1);
}

/* The next of the line, taken out of it; `entry` is CB_SLAB_NONE if there is none. */
static rt_timer step_forward(rt_timers *timers, rt_timer_line *line)
{
  rt_timer next = {.entry = CB_SLAB_NONE};
  while (line->count > 0 && next.entry == CB_SLAB_NONE) {
    next = *ring_at(line, 0);
    line->first = (line->first + 1) & PLACES;
    line->count--;
    if (next.entry == CB_SLAB_NONE) line->gone--;
  }
  line->is_sorted = line->is_sorted && next.time == line->time;
  line->head = next.entry;
  line->time = next.time;
  look_ahead(timers, line);
  if (next.entry != CB_SLAB_NONE) rt_keyed_at(timers->keyed, next.entry)->flags &= (uint8_t)~RT_ENTRY_IN_LINE;
  return next;
}

static rt_timer *head_of(const rt_timers *timers, const rt_timer_line *line)
{
  return &timers->heap.at[rt_keyed_at(timers->keyed, line->head)->timer - 1];
}

/* Whether the timer may stand at the end of the line, whose head is in the heap: of an instant that has been sorted only in its order. */
static int is_last(const rt_timers *timers, const rt_timer_line *line, const rt_timer *timer)
{
  const rt_timer *last = line->count > 0 ? ring_at(line, line->count - 1) : head_of(timers, line);
  if (timer->time != last->time) return timer->time > last->time;
  if (!line->is_sorted || timer->time != line->time) return 1;
  return last->entry != CB_SLAB_NONE && is_before(timers, last, timer);
}

/* Takes what was disarmed out of the first `count` places. How many are left. */
static uint32_t close_front(rt_timers *timers, rt_timer_line *line, uint32_t count)
{
  uint32_t to = count;
  for (uint32_t i = count; i > 0; i--) {
    rt_timer timer = *ring_at(line, i - 1);
    if (timer.entry != CB_SLAB_NONE && --to != i - 1) put_in_line(timers, line, to, timer);
  }
  line->first = (line->first + to) & PLACES;
  line->count -= to;
  line->gone -= to;
  return count - to;
}

/* Takes the first of `count` sorted places away and puts the head among the others. */
static void head_in_line(const rt_timers *timers, const rt_timer_line *line, uint32_t count, rt_timer head)
{
  uint32_t low = 1, high = count;
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (is_before(timers, ring_at(line, middle), &head)) low = middle + 1;
    else high = middle;
  }
  for (uint32_t i = 1; i < low; i++) *ring_at(line, i - 1) = *ring_at(line, i);
  *ring_at(line, low - 1) = head;
}

/* The head and all of its instant, in the order of their keys. */
static void sort_line(rt_timers *timers, rt_timer_line *line)
{
  uint32_t count = 0;
  line->is_sorted = 1;
  while (count < line->count && ring_at(line, count)->time == line->time) count++;
  count = close_front(timers, line, count);
  if (count == 0) return;
  int is_moved = rt_timer_sort(timers->keyed, line, count);
  uint32_t heap_place = rt_keyed_at(timers->keyed, line->head)->timer - 1;
  rt_timer head = timers->heap.at[heap_place], least = *ring_at(line, 0);
  if (is_before(timers, &head, &least)) least = head;
  else head_in_line(timers, line, count, head);
  for (uint32_t i = 0; i < count && (is_moved || least.entry != head.entry); i++) put_in_line(timers, line, i, *ring_at(line, i));
  if (least.entry == head.entry) return;
  line->head = least.entry;
  rt_keyed_at(timers->keyed, least.entry)->flags &= (uint8_t)~RT_ENTRY_IN_LINE;
  rise(timers, heap_place, least);
}

/* ---- Both ---------------------------------------------------------------------------------------- */

int rt_timers_arm(rt_timers *timers, cb_slab_id entry, cep_time time)
{
  rt_timer timer = {time, entry, rt_keyed_at(timers->keyed, entry)->operator_number};
  rt_timer_line *line = line_of(timers, timer.operator_number);
  if (!line) return 0;
  /* The only one of its operator needs no ring: of ten thousand operators most have one key or none. */
  if (line->head != CB_SLAB_NONE && line->head != entry && !reserve_line(timers, line)) return 0;
  if (!cb_vec_reserve(timers->alloc, &timers->heap, timers->heap.count + 1)) return 0;
  rt_timers_disarm(timers, entry);
  if (line->head == CB_SLAB_NONE) {
    line->head = entry;
    line->time = time;
    line->is_sorted = 0;
    push(timers, timer);
  } else if (is_last(timers, line, &timer)) {
    put_in_line(timers, line, line->count++, timer);
  } else {
    push(timers, timer);
  }
  return 1;
}

void rt_timers_disarm(rt_timers *timers, cb_slab_id entry)
{
  rt_entry *found = rt_keyed_at(timers->keyed, entry);
  if (found->timer == 0) return;
  rt_timer_line *line = &timers->lines.at[found->operator_number];
  uint32_t at = found->timer - 1;
  found->timer = 0;
  if (found->flags & RT_ENTRY_IN_LINE) {
    found->flags &= (uint8_t)~RT_ENTRY_IN_LINE;
    line->ring[at & (line->capacity - 1)].entry = CB_SLAB_NONE;
    line->gone++;
  } else if (line->head == entry) {
    fill_place(timers, at, step_forward(timers, line));
  } else {
    fill_place(timers, at, (rt_timer){.entry = CB_SLAB_NONE});
  }
}

cep_time rt_timers_time(const rt_timers *timers, cb_slab_id entry)
{
  const rt_entry *found = rt_keyed_at(timers->keyed, entry);
  if (found->timer == 0) return CEP_TIME_MAX;
  if (!(found->flags & RT_ENTRY_IN_LINE)) return timers->heap.at[found->timer - 1].time;
  return ring_of(&timers->lines.at[found->operator_number], found)->time;
}

const rt_timer *rt_timers_first(rt_timers *timers, cep_time upto)
{
  if (timers->heap.count == 0 || timers->heap.at[0].time > upto) return NULL;
  rt_timer_line *line = &timers->lines.at[timers->heap.at[0].operator_number];
  if (!line->is_sorted && line->head != CB_SLAB_NONE && line->time == timers->heap.at[0].time) sort_line(timers, line);
  return &timers->heap.at[0];
}

static int check_line(const rt_timers *timers, const rt_timer_line *line)
{
  if (line->head == CB_SLAB_NONE) return line->count == 0;
  const rt_timer *before = head_of(timers, line);
  if (before->entry != line->head || before->time != line->time) return 0;
  uint32_t gone = 0;
  for (uint32_t i = 0; i < line->count; i++) {
    const rt_timer *timer = ring_at(line, i);
    if (timer->entry == CB_SLAB_NONE) {
      gone++;
      continue;
    }
    const rt_entry *entry = rt_keyed_at(timers->keyed, timer->entry);
    if (ring_of(line, entry) != timer || !(entry->flags & RT_ENTRY_IN_LINE)) return 0;
    int is_sorted = line->is_sorted && timer->time == line->time;
    if (is_sorted ? !is_before(timers, before, timer) : timer->time < before->time) return 0;
    before = timer;
  }
  return gone == line->gone;
}

int rt_timers_check(const rt_timers *timers)
{
  for (uint32_t i = 0; i < timers->heap.count; i++) {
    const rt_timer *timer = &timers->heap.at[i];
    const rt_entry *entry = rt_keyed_at(timers->keyed, timer->entry);
    if (entry->timer != i + 1 || (entry->flags & RT_ENTRY_IN_LINE)) return 0;
    if (i > 0 && is_before(timers, timer, &timers->heap.at[(i - 1) / 2])) return 0;
  }
  for (uint32_t i = 0; i < timers->lines.count; i++) {
    if (!check_line(timers, &timers->lines.at[i])) return 0;
  }
  return 1;
}
