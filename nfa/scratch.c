/* scratch.c - memory of computed texts, and what regular expressions need, of one worker. */
#include "nfa/fn.h"

#include <stddef.h>
#include <string.h>

#define FIRST_CAPACITY 1024u

/* At the start of a block. An evaluation that needs more than the newest block has gets a
 * bigger one; the older ones stay until the reset, because values point into them. */
typedef struct block_head {
  char *older;
  size_t older_capacity;
} block_head;

cep_status nfa_scratch_init(nfa_scratch *scratch, cb_alloc *alloc, const prg *program, uint32_t match_limit,
                            size_t text_max)
{
  /* Whoever sets `used` back to what it was leaves the head of a block that came since alone. */
  *scratch = (nfa_scratch){.alloc = alloc, .program = program, .used = (uint32_t)sizeof(block_head)};
  uint32_t pairs = 0;
  for (uint32_t i = 0; i < program->regexes_count; i++) {
    uint32_t needed = nfa_regex_pairs(program->regex_codes[i]);
    if (needed > pairs) pairs = needed;
  }
  if (pairs == 0) return CEP_OK;
  return nfa_regex_scratch_new(alloc, match_limit, text_max, pairs, &scratch->regex);
}

static void free_older(nfa_scratch *scratch)
{
  block_head head, older;
  memcpy(&head, scratch->bytes, sizeof head);
  while (head.older) {
    memcpy(&older, head.older, sizeof older);
    cb_free(scratch->alloc, head.older, head.older_capacity);
    head = older;
  }
  memset(scratch->bytes, 0, sizeof head);
}

void nfa_scratch_fini(nfa_scratch *scratch)
{
  if (scratch->bytes) {
    free_older(scratch);
    cb_free(scratch->alloc, scratch->bytes, scratch->capacity);
  }
  nfa_regex_scratch_free(scratch->alloc, scratch->regex);
  cb_json_free(scratch->json);
  *scratch = (nfa_scratch){.alloc = scratch->alloc};
}

void nfa_scratch_reset(nfa_scratch *scratch)
{
  if (!scratch->bytes) return;
  scratch->used = (uint32_t)sizeof(block_head);
  free_older(scratch);
}

char *nfa_scratch_take(nfa_scratch *scratch, size_t size)
{
  if (size > scratch->capacity - scratch->used || !scratch->bytes) {
    size_t capacity = scratch->capacity > 0 ? (size_t)scratch->capacity * 2 : FIRST_CAPACITY;
    if (capacity < size + sizeof(block_head)) capacity = size + sizeof(block_head);
    char *bytes = capacity <= UINT32_MAX ? cb_new(scratch->alloc, capacity) : NULL;
    if (!bytes) {
      scratch->overflows++;
      return NULL;
    }
    block_head head = {scratch->bytes, scratch->capacity};
    memcpy(bytes, &head, sizeof head);
    scratch->bytes = bytes;
    scratch->capacity = (uint32_t)capacity;
    scratch->used = (uint32_t)sizeof head;
  }
  char *at = scratch->bytes + scratch->used;
  scratch->used += (uint32_t)size;
  return at;
}

char *nfa_scratch_aligned(nfa_scratch *scratch, size_t size)
{
  char *at = nfa_scratch_take(scratch, size + _Alignof(max_align_t) - 1);
  return at ? at + (-(uintptr_t)at & (_Alignof(max_align_t) - 1)) : NULL;
}
