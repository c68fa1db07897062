/* hand_seq3.c - a three-step sequence by key, by hand. */
#include "hand_seq3.h"

#define AHEAD 16u
#define INLINE 2u

typedef struct open_match {
  cep_time start;
  uint64_t position_a;
  uint64_t position_b; /* UINT64_MAX: no B yet. Those with a B began before those without */
} open_match;

typedef struct slot {
  int64_t key;
  uint16_t is_used;
  uint16_t count;
  uint32_t chain; /* index + 1 of the node behind the inline ones */
  open_match open[INLINE];
} slot;
_Static_assert(sizeof(slot) == 64, "a line of the cache");

typedef struct node {
  open_match open;
  uint32_t next; /* index + 1 */
} node;

typedef struct held {
  cep_time time;
  uint64_t position;
  int64_t key;
  int64_t type;
} held;

struct loop {
  slot *slots;
  uint64_t mask;
  node *nodes;
  uint32_t node_count, node_capacity, node_free;
  held *heap;
  size_t heap_count, heap_capacity;
  cep_duration span, lateness;
  cep_time newest;
  int is_no_skip;
  suite_answer answer;
};

loop *loop_new(uint64_t keys, cep_duration span, cep_duration lateness, int is_no_skip)
{
  loop *self = suite_memory(calloc(1, sizeof *self));
  uint64_t capacity = 16;
  while (capacity < keys * 2) capacity *= 2;
  self->slots = suite_memory(aligned_alloc(64, capacity * sizeof *self->slots));
  memset(self->slots, 0, capacity * sizeof *self->slots);
  self->mask = capacity - 1;
  self->span = span;
  self->lateness = lateness;
  self->newest = CEP_TIME_MIN;
  self->is_no_skip = is_no_skip;
  return self;
}

void loop_free(loop *self)
{
  free(self->slots);
  free(self->nodes);
  free(self->heap);
  free(self);
}

static uint64_t place_of(const loop *self, int64_t key)
{
  uint64_t at = (uint64_t)key * 0x9E3779B97F4A7C15u;
  return (at ^ at >> 32) & self->mask;
}

static slot *slot_of(loop *self, int64_t key)
{
  uint64_t at = place_of(self, key);
  for (; self->slots[at].is_used; at = (at + 1) & self->mask) {
    if (self->slots[at].key == key) return &self->slots[at];
  }
  self->slots[at].key = key;
  self->slots[at].is_used = 1;
  return &self->slots[at];
}

/* ---- The open matches of a key, oldest first ------------------------------------------------- */

static uint32_t take_node(loop *self)
{
  if (self->node_free) {
    uint32_t id = self->node_free;
    self->node_free = self->nodes[id - 1].next;
    return id;
  }
  if (self->node_count == self->node_capacity) {
    self->node_capacity = self->node_capacity ? self->node_capacity * 2 : 1024;
    self->nodes = suite_memory(realloc(self->nodes, self->node_capacity * sizeof *self->nodes));
  }
  return ++self->node_count;
}

static void append(loop *self, slot *at, open_match open)
{
  if (at->count < INLINE) {
    at->open[at->count++] = open;
    return;
  }
  uint32_t id = take_node(self);
  self->nodes[id - 1] = (node){.open = open};
  uint32_t *link = &at->chain;
  while (*link) link = &self->nodes[*link - 1].next;
  *link = id;
  at->count++;
}

static void drop_first(loop *self, slot *at)
{
  at->open[0] = at->open[1];
  if (at->count-- <= INLINE) return;
  uint32_t id = at->chain;
  at->open[1] = self->nodes[id - 1].open;
  at->chain = self->nodes[id - 1].next;
  self->nodes[id - 1].next = self->node_free;
  self->node_free = id;
}

static void meet_b(open_match *open, uint64_t position)
{
  if (open->position_b == UINT64_MAX) open->position_b = position;
}

static void all_meet_b(loop *self, slot *at, uint64_t position)
{
  for (uint32_t i = 0; i < at->count && i < INLINE; i++) meet_b(&at->open[i], position);
  for (uint32_t id = at->chain; id; id = self->nodes[id - 1].next)
    meet_b(&self->nodes[id - 1].open, position);
}

static void complete(loop *self, slot *at, const held *event)
{
  while (at->count && at->open[0].position_b != UINT64_MAX) {
    uint64_t positions[3] = {at->open[0].position_a, at->open[0].position_b, event->position};
    self->answer.matches++;
    self->answer.hash += suite_hash(event->key, positions, 3);
    drop_first(self, at);
    while (!self->is_no_skip && at->count) drop_first(self, at);
  }
}

static void meet(loop *self, const held *event)
{
  if (event->type > 2) return;
  slot *at = slot_of(self, event->key);
  while (at->count && at->open[0].start + self->span <= event->time) drop_first(self, at);
  if (event->type == 0)
    append(self, at, (open_match){event->time, event->position, UINT64_MAX});
  else if (event->type == 1)
    all_meet_b(self, at, event->position);
  else
    complete(self, at, event);
}

/* ---- Lateness ---------------------------------------------------------------------------------- */

static int is_before(const held *a, const held *b)
{
  return a->time != b->time ? a->time < b->time : a->position < b->position;
}

static void hold(loop *self, const held *event)
{
  if (self->heap_count == self->heap_capacity) {
    self->heap_capacity = self->heap_capacity ? self->heap_capacity * 2 : 1024;
    self->heap = suite_memory(realloc(self->heap, self->heap_capacity * sizeof *self->heap));
  }
  size_t at = self->heap_count++;
  for (; at > 0 && is_before(event, &self->heap[(at - 1) / 2]); at = (at - 1) / 2) {
    self->heap[at] = self->heap[(at - 1) / 2];
  }
  self->heap[at] = *event;
}

static void release_first(loop *self)
{
  held first = self->heap[0], last = self->heap[--self->heap_count];
  size_t at = 0;
  for (size_t child = 1; child < self->heap_count; child = at * 2 + 1) {
    if (child + 1 < self->heap_count && is_before(&self->heap[child + 1], &self->heap[child])) child++;
    if (!is_before(&self->heap[child], &last)) break;
    self->heap[at] = self->heap[child];
    at = child;
  }
  self->heap[at] = last;
  meet(self, &first);
}

static void push_late(loop *self, const cep_event *event)
{
  held taken = {event->time, event->position, suite_key(event), suite_type(event)};
  if (self->newest != CEP_TIME_MIN && taken.time < self->newest - self->lateness) {
    self->answer.late++;
    return;
  }
  if (taken.time > self->newest) self->newest = taken.time;
  /* One that fits nothing moves time, and need not wait. */
  if (taken.type <= 2) hold(self, &taken);
  /* One at the watermark itself is released: what may still come there has a later position. */
  while (self->heap_count > 0 && self->heap[0].time <= self->newest - self->lateness) release_first(self);
}

void loop_push(loop *self, const cep_event *events, uint32_t count)
{
  if (self->lateness > 0) {
    for (uint32_t i = 0; i < count; i++) push_late(self, &events[i]);
    return;
  }
  for (uint32_t i = 0; i < count; i++) {
    if (i + AHEAD < count && suite_type(&events[i + AHEAD]) <= 2)
      __builtin_prefetch(&self->slots[place_of(self, suite_key(&events[i + AHEAD]))], 1);
    held taken = {events[i].time, events[i].position, suite_key(&events[i]), suite_type(&events[i])};
    meet(self, &taken);
  }
}

void loop_finish(loop *self)
{
  while (self->heap_count > 0) release_first(self);
}

const suite_answer *loop_answer(const loop *self)
{
  return &self->answer;
}

uint64_t loop_bytes(const loop *self)
{
  return (self->mask + 1) * sizeof *self->slots + self->node_capacity * sizeof *self->nodes +
         self->heap_capacity * sizeof *self->heap;
}
