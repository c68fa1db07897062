/* wake.c - the values of an event to the triggers that fire, and those to readers. */
#include "nfa/wake.h"

#include <string.h>

/* ---- What has fired ------------------------------------------------------------------------ */

cep_status nfa_woken_init(nfa_woken *woken, cb_alloc *alloc, const prg *program)
{
  *woken = (nfa_woken){.alloc = alloc};
  uint32_t readers = 0;
  for (uint32_t s = 0; s < program->streams_count; s++) {
    const nfa_wake *wake = &program->wakes[s];
    if (program->readers->streams[s].readers.count > readers) readers = program->readers->streams[s].readers.count;
    for (uint32_t i = 0; i < wake->texts_count; i++) {
      if (wake->texts[i].literals.count > woken->literals) woken->literals = wake->texts[i].literals.count;
    }
  }
  woken->count = readers / 64 + 1;
  woken->readers = cb_new0(alloc, woken->count * sizeof *woken->readers);
  woken->words = cb_new0(alloc, (woken->count / 64 + 1) * sizeof *woken->words);
  woken->seen = cb_new0(alloc, (woken->literals / 64 + 1) * sizeof *woken->seen);
  woken->found = cb_new(alloc, (woken->literals + 1) * sizeof *woken->found);
  if (woken->readers && woken->words && woken->seen && woken->found) return CEP_OK;
  nfa_woken_fini(woken);
  return CEP_E_NOMEM;
}

void nfa_woken_fini(nfa_woken *woken)
{
  if (!woken->alloc) return;
  cb_free(woken->alloc, woken->readers, woken->count * sizeof *woken->readers);
  cb_free(woken->alloc, woken->words, (woken->count / 64 + 1) * sizeof *woken->words);
  cb_free(woken->alloc, woken->seen, (woken->literals / 64 + 1) * sizeof *woken->seen);
  cb_free(woken->alloc, woken->found, (woken->literals + 1) * sizeof *woken->found);
  *woken = (nfa_woken){0};
}

static void fire(const nfa_wake *wake, uint32_t number, nfa_facts *facts, nfa_woken *woken)
{
  const nfa_trigger *trigger = &wake->triggers[number];
  if (trigger->is_exact) nfa_facts_set(facts, trigger->atom);
  const uint32_t *readers = wake->readers + trigger->readers.first;
  for (uint32_t i = 0; i < trigger->readers.count; i++) {
    uint32_t word = readers[i] / 64;
    woken->readers[word] |= UINT64_C(1) << readers[i] % 64;
    woken->words[word / 64] |= UINT64_C(1) << word % 64;
  }
}

/* ---- Values to triggers -------------------------------------------------------------------- */

uint64_t nfa_wake_hash(const cep_value *value)
{
  uint64_t word;
  if (value->kind == CEP_STRING || value->kind == CEP_IP) return cb_hash64(value->as.s, value->length);
  memcpy(&word, &value->as, sizeof word);
#ifndef CEP_FAULT_NEGATIVE_ZERO
  if (value->kind == CEP_FLOAT && value->as.f == 0) word = 0; /* -0.0 is 0.0 */
#endif
  word *= UINT64_C(0x9E3779B97F4A7C15);
  return word ^ word >> 32;
}

static void look_up(const nfa_wake *wake, const nfa_equals *equals, nfa_facts *facts, nfa_woken *woken)
{
  cep_value value = cb_batch_get(facts->env.batch, equals->column, facts->env.row);
  if (value.kind == CEP_NULL) return;
  uint64_t hash = nfa_wake_hash(&value);
  for (uint32_t at = equals->places[hash & equals->mask]; at != 0; at = equals->items[at - 1].next) {
    const nfa_equal_item *item = &equals->items[at - 1];
    if (item->hash == hash && cb_value_compare(&value, &item->value) == CB_EQUAL) fire(wake, item->trigger, facts, woken);
  }
}

/* 1 if the value is on the bound's side. */
static int is_met(const nfa_ranges *bounds, const nfa_range_end *bound, const cep_value *value)
{
  cb_order order = cb_value_compare(value, &bound->value);
  if (order == CB_EQUAL) return !bound->is_open;
  return order == (bounds->is_upper ? CB_LESS : CB_GREATER);
}

/* Of rising bounds those above a value are the last ones, those below it the first ones. */
static void compare_all(const nfa_wake *wake, const nfa_ranges *bounds, nfa_facts *facts, nfa_woken *woken)
{
  cep_value value = cb_batch_get(facts->env.batch, bounds->column, facts->env.row);
  if (value.kind == CEP_NULL) return;
  uint32_t low = 0, high = bounds->item_count; /* the place where it changes is between */
  while (low < high) {
    uint32_t middle = low + (high - low) / 2;
    if (is_met(bounds, &bounds->items[middle], &value) == bounds->is_upper) high = middle;
    else low = middle + 1;
  }
  uint32_t first = bounds->is_upper ? low : 0, end = bounds->is_upper ? bounds->item_count : low;
  for (uint32_t i = first; i < end; i++) fire(wake, bounds->items[i].trigger, facts, woken);
}

static void search_text(const nfa_wake *wake, const nfa_texts *texts, nfa_facts *facts, nfa_woken *woken)
{
  cep_value value = cb_batch_get(facts->env.batch, texts->column, facts->env.row);
  if (value.kind != CEP_STRING) return;
  uint32_t count = nfa_literals_find(&texts->literals, value.as.s, value.length, woken->seen, woken->found);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t literal = woken->found[i];
    woken->seen[literal / 64] = 0; /* all that were found are gone through */
    fire(wake, texts->triggers[literal], facts, woken);
  }
}

void nfa_wake_run(const nfa_wake *wake, nfa_facts *facts, nfa_woken *woken)
{
  for (uint32_t i = 0; i < wake->equals_count; i++) look_up(wake, &wake->equals[i], facts, woken);
  for (uint32_t i = 0; i < wake->ranges_count; i++) compare_all(wake, &wake->ranges[i], facts, woken);
  for (uint32_t i = 0; i < wake->texts_count; i++) search_text(wake, &wake->texts[i], facts, woken);
  facts->settled = wake->settled;
}

uint32_t nfa_wake_list(const nfa_wake *wake, nfa_woken *woken, uint32_t *out)
{
  uint32_t count = 0;
  for (uint32_t s = 0; s <= wake->always_count / 64; s++) {
    uint64_t words = woken->words[s] | wake->always_words[s];
    woken->words[s] = 0;
    for (; words != 0; words &= words - 1) {
      uint32_t word = s * 64 + (uint32_t)__builtin_ctzll(words);
      uint64_t bits = woken->readers[word] | wake->always[word];
      woken->readers[word] = 0;
      for (; bits != 0; bits &= bits - 1) out[count++] = word * 64 + (uint32_t)__builtin_ctzll(bits);
    }
  }
  return count;
}

/* ---- Checks -------------------------------------------------------------------------------- */

static int is_settled_right(const nfa_wake *wake, nfa_facts *facts, uint32_t atom)
{
  const prg *program = facts->env.program;
  const prg_atom *of = &program->atoms[program->streams[facts->env.batch->stream].atoms.first + atom];
  if (!(wake->settled[atom / 64] >> atom % 64 & 1)) return 1;
  cep_value value = nfa_expr_eval(&facts->env, of->expr);
  uint64_t holds = value.kind == CEP_BOOL && (value.as.i != 0) == (of->negated == 0);
  return holds == (facts->holds[atom / 64] >> atom % 64 & 1);
}

static int fits_some(nfa_facts *facts, const nfa_reader *reader)
{
  const nfa_readers *readers = facts->env.program->readers;
  uint64_t symbol = 0;
  for (uint32_t r = 0; r < reader->routes.count; r++)
    symbol |= nfa_symbol(facts, &facts->env.program->detections[reader->detection], readers->routes[reader->routes.first + r].route);
  return symbol != 0;
}

int nfa_wake_check(const nfa_wake *wake, nfa_facts *facts, const uint32_t *asked, uint32_t count)
{
  const prg *program = facts->env.program;
  nfa_scratch *scratch = facts->env.scratch;
  uint32_t stream = facts->env.batch->stream, next = 0;
  prg_list readers = program->readers->streams[stream].readers;
  /* Nothing is counted twice. Without tables other atoms may be answered otherwise: that must not matter. */
  uint64_t limit_hits = scratch->regex_limit_hits, overflows = scratch->overflows;
  nfa_table_slot *tables = scratch->tables;
  scratch->tables = NULL;
  int is_right = 1;
  for (uint32_t a = 0; a < program->streams[stream].atoms.count; a++) is_right &= is_settled_right(wake, facts, a);
  nfa_facts_begin(facts, facts->env.batch, facts->env.row);
  for (uint32_t r = 0; r < readers.count; r++) {
    if (next < count && asked[next] == r) {
      next++;
      continue;
    }
    const nfa_reader *reader = &program->readers->readers[readers.first + r];
    is_right &= !reader->sees_all && !fits_some(facts, reader);
  }
  scratch->tables = tables;
  scratch->regex_limit_hits = limit_hits;
  scratch->overflows = overflows;
  return is_right && next == count;
}
