/* seq3_loop.c - a three-step sequence by key, by hand. */
#include "seq3_loop.h"

#include "meter.h"

typedef struct node {
  cep_time start;
  uint64_t position_a;
  uint64_t position_b;
  uint32_t has_b;
  uint32_t next; /* index + 1 */
} node;

typedef struct slot {
  int64_t key;
  uint32_t is_used;
  uint32_t first; /* index + 1 */
  uint32_t last;
  uint32_t pad;
} slot;

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
  uint64_t position;
  uint64_t matches, late, hash;
};

uint64_t seq3_hash(int64_t key, const uint64_t positions[3])
{
  uint64_t hash = meter_mix(0, (uint64_t)key);
  for (int i = 0; i < 3; i++) hash = meter_mix(hash, positions[i]);
  return hash;
}

static void *must(void *memory)
{
  if (memory) return memory;
  fprintf(stderr, "no memory for the loop\n");
  exit(1);
}

loop *loop_new(uint64_t keys, cep_duration span, cep_duration lateness)
{
  loop *self = must(calloc(1, sizeof *self));
  uint64_t capacity = 16;
  while (capacity < keys * 2) capacity *= 2;
  self->slots = must(calloc(capacity, sizeof *self->slots));
  self->mask = capacity - 1;
  self->span = span;
  self->lateness = lateness;
  self->newest = CEP_TIME_MIN;
  return self;
}

void loop_free(loop *self)
{
  free(self->slots);
  free(self->nodes);
  free(self->heap);
  free(self);
}

static slot *slot_of(loop *self, int64_t key)
{
  uint64_t at = (uint64_t)key * 0x9E3779B97F4A7C15u;
  for (at = (at ^ at >> 32) & self->mask; self->slots[at].is_used; at = (at + 1) & self->mask) {
    if (self->slots[at].key == key) return &self->slots[at];
  }
  self->slots[at] = (slot){.key = key, .is_used = 1};
  return &self->slots[at];
}

static uint32_t take_node(loop *self)
{
  if (self->node_free) {
    uint32_t id = self->node_free;
    self->node_free = self->nodes[id - 1].next;
    return id;
  }
  if (self->node_count == self->node_capacity) {
    self->node_capacity = self->node_capacity ? self->node_capacity * 2 : 1024;
    self->nodes = must(realloc(self->nodes, self->node_capacity * sizeof *self->nodes));
  }
  return ++self->node_count;
}

static void drop_first(loop *self, slot *at)
{
  uint32_t id = at->first;
  at->first = self->nodes[id - 1].next;
  if (!at->first) at->last = 0;
  self->nodes[id - 1].next = self->node_free;
  self->node_free = id;
}

static void complete(loop *self, slot *at, const held *event)
{
  for (uint32_t id = at->first; id; id = self->nodes[id - 1].next) {
    const node *open = &self->nodes[id - 1];
    if (!open->has_b) continue;
    uint64_t positions[3] = {open->position_a, open->position_b, event->position};
    self->matches++;
    self->hash += seq3_hash(event->key, positions);
    while (at->first) drop_first(self, at);
    return;
  }
}

static void meet(loop *self, const held *event)
{
  if (event->type > 2) return;
  slot *at = slot_of(self, event->key);
  while (at->first && self->nodes[at->first - 1].start + self->span <= event->time) drop_first(self, at);
  if (event->type == 0) {
    uint32_t id = take_node(self);
    self->nodes[id - 1] = (node){.start = event->time, .position_a = event->position};
    if (at->last) self->nodes[at->last - 1].next = id;
    if (!at->first) at->first = id;
    at->last = id;
  } else if (event->type == 1) {
    for (uint32_t id = at->first; id; id = self->nodes[id - 1].next) {
      node *open = &self->nodes[id - 1];
      if (open->has_b) continue;
      open->has_b = 1;
      open->position_b = event->position;
    }
  } else {
    complete(self, at, event);
  }
}

static int is_before(const held *a, const held *b)
{
  return a->time != b->time ? a->time < b->time : a->position < b->position;
}

static void hold(loop *self, const held *event)
{
  if (self->heap_count == self->heap_capacity) {
    self->heap_capacity = self->heap_capacity ? self->heap_capacity * 2 : 1024;
    self->heap = must(realloc(self->heap, self->heap_capacity * sizeof *self->heap));
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

void loop_push(loop *self, const cep_event *event)
{
  held taken = {event->time, self->position++, event->fields[1].as.i, event->fields[2].as.i};
  if (self->newest != CEP_TIME_MIN && taken.time < self->newest - self->lateness) {
    self->late++;
    return;
  }
  if (taken.time > self->newest) self->newest = taken.time;
  if (self->lateness == 0) {
    meet(self, &taken);
    return;
  }
  hold(self, &taken);
  /* One at the watermark itself is released: what may still come there has a later position. */
  while (self->heap_count > 0 && self->heap[0].time <= self->newest - self->lateness) release_first(self);
}

void loop_finish(loop *self)
{
  while (self->heap_count > 0) release_first(self);
}

uint64_t loop_matches(const loop *self) { return self->matches; }
uint64_t loop_late(const loop *self) { return self->late; }
uint64_t loop_hash(const loop *self) { return self->hash; }

uint64_t loop_bytes(const loop *self)
{
  return (self->mask + 1) * sizeof *self->slots + self->node_capacity * sizeof *self->nodes +
         self->heap_capacity * sizeof *self->heap;
}
