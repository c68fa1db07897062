/* literals.c - a trie of the literals, made into an automaton that reads each byte of a text once. */
#include "nfa/literals.h"

#include <string.h>

static uint8_t folded(uint8_t byte, int any_case)
{
  return any_case && byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte - 'A' + 'a') : byte;
}

/* Bytes that no literal has, if there are any, are one class, the first; each other one has its own. */
static uint32_t find_classes(nfa_literals *set, const nfa_literal *literals, int any_case)
{
  uint8_t is_used[256] = {0};
  uint32_t bytes = 0, used = 0;
  for (uint32_t i = 0; i < set->count; i++) {
    bytes += literals[i].len;
    for (uint32_t k = 0; k < literals[i].len; k++) is_used[folded((uint8_t)literals[i].bytes[k], any_case)] = 1;
  }
  for (uint32_t b = 0; b < 256; b++) used += is_used[b];
  uint32_t classes = used < 256;
  for (uint32_t b = 0; b < 256; b++) {
    if (is_used[b]) set->class_of[b] = (uint8_t)classes++;
  }
  for (uint32_t b = 'A'; any_case && b <= 'Z'; b++) set->class_of[b] = set->class_of[b - 'A' + 'a'];
  set->classes = classes;
  return bytes;
}

/* The path of one literal; 0 in `next` is no way yet, for nothing leads back to the root in a trie. */
static void add_literal(nfa_literals *set, const nfa_literal *literal, uint32_t number)
{
  uint32_t state = 0;
  for (uint32_t k = 0; k < literal->len; k++) {
    uint32_t *to = &set->next[(size_t)state * set->classes + set->class_of[(uint8_t)literal->bytes[k]]];
    if (*to == 0) *to = set->states++;
    state = *to;
  }
  set->shorter[number] = set->first[state];
  set->first[state] = number + 1;
}

/* What ends at `state` beside its own literals is what ends at `back`, its longest end that is a state too. */
static void link_shorter(nfa_literals *set, uint32_t state, uint32_t back)
{
  uint32_t last = set->first[state];
  if (last == 0) {
    set->first[state] = set->first[back];
    return;
  }
  while (set->shorter[last - 1] != 0) last = set->shorter[last - 1];
  set->shorter[last - 1] = set->first[back];
}

/* Breadth first, so that shorter ends are complete. `queue` and `back` have room for all states. */
static void complete(nfa_literals *set, uint32_t *queue, uint32_t *back)
{
  uint32_t head = 0, tail = 0;
  back[0] = 0;
  for (uint32_t c = 0; c < set->classes; c++) {
    uint32_t to = set->next[c];
    if (to == 0) continue;
    back[to] = 0;
    queue[tail++] = to;
  }
  while (head < tail) {
    uint32_t state = queue[head++];
    uint32_t *row = set->next + (size_t)state * set->classes;
    const uint32_t *otherwise = set->next + (size_t)back[state] * set->classes;
    link_shorter(set, state, back[state]);
    for (uint32_t c = 0; c < set->classes; c++) {
      if (row[c] == 0) {
        row[c] = otherwise[c];
      } else {
        back[row[c]] = otherwise[c];
        queue[tail++] = row[c];
      }
    }
  }
}

cep_status nfa_literals_make(nfa_literals *set, cb_alloc *alloc, const nfa_literal *literals, uint32_t count, int any_case)
{
  *set = (nfa_literals){.count = count};
  uint32_t room = find_classes(set, literals, any_case) + 1; /* states */
  size_t size = (size_t)room * set->classes * sizeof *set->next;
  uint32_t *next = cb_new0(alloc, size), *first = cb_new0(alloc, room * sizeof *first);
  uint32_t *queue = cb_new(alloc, room * sizeof *queue), *back = cb_new(alloc, room * sizeof *back);
  set->shorter = cb_new0(alloc, (count + 1) * sizeof *set->shorter);
  int is_made = next && first && queue && back && set->shorter;
  if (is_made) {
    set->next = next;
    set->first = first;
    set->states = 1;
    for (uint32_t i = 0; i < count; i++) add_literal(set, &literals[i], i);
    complete(set, queue, back);
    set->next = cb_resize(alloc, next, size, (size_t)set->states * set->classes * sizeof *next);
    set->first = cb_resize(alloc, first, room * sizeof *first, set->states * sizeof *first);
    is_made = set->next && set->first;
    if (set->next) next = NULL;
    if (set->first) first = NULL;
  }
  cb_free(alloc, next, size);
  cb_free(alloc, first, room * sizeof *first);
  cb_free(alloc, queue, room * sizeof *queue);
  cb_free(alloc, back, room * sizeof *back);
  return is_made ? CEP_OK : CEP_E_NOMEM;
}

void nfa_literals_free(nfa_literals *set, cb_alloc *alloc)
{
  cb_free(alloc, set->next, (size_t)set->states * set->classes * sizeof *set->next);
  cb_free(alloc, set->first, set->states * sizeof *set->first);
  cb_free(alloc, set->shorter, (set->count + 1) * sizeof *set->shorter);
  *set = (nfa_literals){0};
}

uint32_t nfa_literals_find(const nfa_literals *set, const char *text, uint32_t len, uint64_t *seen, uint32_t *found)
{
  uint32_t state = 0, count = 0;
  for (uint32_t i = 0; i < len; i++) {
    state = set->next[(size_t)state * set->classes + set->class_of[(uint8_t)text[i]]];
    /* Where a literal was found before, so was all that ends with it. */
    for (uint32_t at = set->first[state]; at != 0 && !(seen[(at - 1) / 64] >> (at - 1) % 64 & 1); at = set->shorter[at - 1]) {
      seen[(at - 1) / 64] |= UINT64_C(1) << (at - 1) % 64;
      found[count++] = at - 1;
    }
  }
  return count;
}
