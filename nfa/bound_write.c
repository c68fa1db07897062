/* bound_write.c - amounts that grow with the number of events, and a bound as text. */
#include "nfa/bound.h"

#include "cep/base/time.h"
#include "nfa/match.h"

/* ---- Amounts ------------------------------------------------------------------------------ */

nfa_amount nfa_amount_of(uint64_t times)
{
  return (nfa_amount){times, 0};
}

nfa_amount nfa_amount_endless(void)
{
  return (nfa_amount){1, NFA_POWER_MAX + 1};
}

static nfa_amount checked(int is_over, nfa_amount amount)
{
  return is_over || !nfa_amount_is_bound(amount) ? nfa_amount_endless() : amount;
}

/* A lower power is never more than a higher one, as n > 0. */
nfa_amount nfa_amount_add(nfa_amount a, nfa_amount b)
{
  if (a.times == 0) return b;
  if (b.times == 0) return a;
  nfa_amount sum = {0, a.power > b.power ? a.power : b.power};
  return checked(__builtin_add_overflow(a.times, b.times, &sum.times), sum);
}

nfa_amount nfa_amount_times(nfa_amount a, uint64_t times)
{
  nfa_amount product = {0, a.power};
  if (times == 0) return nfa_amount_of(0);
  return checked(__builtin_mul_overflow(a.times, times, &product.times), product);
}

nfa_amount nfa_amount_chosen(nfa_amount a, uint32_t choices)
{
  if (a.times == 0) return a;
  if (choices > NFA_POWER_MAX) return nfa_amount_endless();
  return checked(0, (nfa_amount){a.times, a.power + choices});
}

static uint64_t ways_to_mix(uint32_t a, uint32_t b)
{
  uint64_t ways = 1;
  for (uint32_t i = 1; i <= b; i++) ways = ways * (a + i) / i;
  return ways;
}

nfa_amount nfa_amount_product(nfa_amount a, nfa_amount b)
{
  nfa_amount product = {0, a.power + b.power};
  if (a.times == 0 || b.times == 0) return nfa_amount_of(0);
  if (!nfa_amount_is_bound(product)) return nfa_amount_endless();
  int is_over = __builtin_mul_overflow(a.times, b.times, &product.times);
  return nfa_amount_times(checked(is_over, product), ways_to_mix(a.power, b.power));
}

nfa_amount nfa_amount_lesser(nfa_amount a, nfa_amount b)
{
  if (a.times == 0 || b.times == 0) return nfa_amount_of(0);
  if (a.power != b.power) return a.power < b.power ? a : b;
  return a.times < b.times ? a : b;
}

nfa_amount nfa_amount_greater(nfa_amount a, nfa_amount b)
{
  if (a.times == 0) return b;
  if (b.times == 0) return a;
  return (nfa_amount){a.times > b.times ? a.times : b.times, a.power > b.power ? a.power : b.power};
}

uint64_t nfa_amount_at(nfa_amount amount, uint64_t n)
{
  uint64_t ways = 1;
  if (amount.times == 0) return 0;
  if (!nfa_amount_is_bound(amount)) return UINT64_MAX;
  for (uint32_t i = 0; i < amount.power; i++) {
    uint64_t next;
    if (n > UINT64_MAX - i || __builtin_mul_overflow(ways, n + i, &next)) return UINT64_MAX;
    ways = next / (i + 1); /* so many ways to choose i + 1: always whole */
  }
  return __builtin_mul_overflow(ways, amount.times, &ways) ? UINT64_MAX : ways;
}

static uint64_t add_bytes(uint64_t sum, nfa_amount amount, uint64_t each, uint64_t n)
{
  uint64_t count = nfa_amount_at(amount, n), bytes;
  if (count == UINT64_MAX || __builtin_mul_overflow(count, each, &bytes)) return UINT64_MAX;
  return sum > UINT64_MAX - bytes ? UINT64_MAX : sum + bytes;
}

uint64_t nfa_bound_bytes(const nfa_bound *bound, uint64_t n)
{
  uint64_t bytes = add_bytes(bound->fixed_bytes, bound->partials, bound->partial_bytes, n);
  bytes = add_bytes(bytes, bound->waiting, bound->partial_bytes, n);
  bytes = add_bytes(bytes, bound->captures, bound->capture_bytes, n);
  return add_bytes(bytes, bound->events, bound->event_bytes, n);
}

/* ---- Text ---------------------------------------------------------------------------------- */

/* "n (n + 1) / 2"; with `times` in front. */
static void write_amount(cb_writer *writer, nfa_amount amount)
{
  static const uint32_t divisors[NFA_POWER_MAX + 1] = {1, 1, 2, 6, 24, 120, 720};
  uint64_t times = amount.times;
  uint32_t divisor = divisors[amount.power];
  while (divisor > 1 && times % 2 == 0 && divisor % 2 == 0) { /* 2 n (n + 1) / 2 reads badly */
    times /= 2;
    divisor /= 2;
  }
  if (times > 1 || amount.power == 0) cb_write_printf(writer, "%llu%s", (unsigned long long)times, amount.power > 0 ? " " : "");
  for (uint32_t i = 0; i < amount.power; i++) {
    if (i == 0) cb_write_text(writer, "n");
    else cb_write_printf(writer, " (n + %u)", i);
  }
  if (divisor > 1) cb_write_printf(writer, " / %u", divisor);
}

static void write_span(cb_writer *writer, const nfa_bound *bound)
{
  char text[CB_TIME_TEXT_MAX];
  if (bound->span_events > 0) {
    cb_write_printf(writer, "%llu events", (unsigned long long)bound->span_events);
  } else if (bound->span == INT64_MAX) {
    cb_write_text(writer, "all events of the key so far: without a span nothing else bounds it");
  } else {
    cb_write_text(writer, "the events of the key within ");
    cb_write_bytes(writer, text, cb_duration_print(bound->span, text));
  }
}

static void write_bytes(cb_writer *writer, const nfa_bound *bound)
{
  nfa_amount parts[NFA_POWER_MAX + 1] = {{bound->fixed_bytes, 0}};
  const nfa_amount all[] = {nfa_amount_times(nfa_amount_add(bound->partials, bound->waiting), bound->partial_bytes),
                            nfa_amount_times(bound->captures, bound->capture_bytes),
                            nfa_amount_times(bound->events, bound->event_bytes)};
  for (uint32_t i = 0; i < 3; i++) {
    if (!nfa_amount_is_bound(all[i])) {
      cb_write_text(writer, ", bytes not bound");
      return;
    }
    nfa_amount *part = &parts[all[i].power];
    *part = nfa_amount_add(*part, all[i]);
  }
  cb_write_text(writer, "\n             bytes ");
  for (uint32_t p = 0, shown = 0; p <= NFA_POWER_MAX; p++) {
    if (parts[p].times == 0) continue;
    if (shown++) cb_write_text(writer, " + ");
    write_amount(writer, parts[p]);
  }
  if (!bound->has_strings) return;
  cb_write_text(writer, " + the strings of the events");
}

static void write_why_endless(cb_writer *writer, const prg *program, const prg_detection *detection, const nfa_bound *bound)
{
  cb_write_text(writer, "not bound but by partial.max");
  if (bound->is_too_big) cb_write_text(writer, ": too many states and counters together to work it out");
  if (bound->doubles_at == PRG_NONE) return;
  cb_write_printf(writer, ": at step %s each event may multiply the partial matches",
                  prg_text(program, program->steps[detection->steps.first + bound->doubles_at].name));
}

static void write_bound(cb_writer *writer, const prg *program, const prg_detection *detection, const nfa_bound *bound)
{
  cb_write_text(writer, "  key state  ");
  if (bound->partials.times == 0) {
    cb_write_text(writer, "no partial match");
    if (bound->fixed_bytes > 0) cb_write_printf(writer, ", bytes %llu", (unsigned long long)bound->fixed_bytes);
    cb_write_u8(writer, '\n');
    return;
  }
  if (!nfa_amount_is_bound(bound->partials)) {
    write_why_endless(writer, program, detection, bound);
    cb_write_u8(writer, '\n');
    return;
  }
  cb_write_text(writer, bound->is_graph ? "nodes for all partial matches " : bound->is_tally ? "events and starts that are counted " : "partial matches ");
  write_amount(writer, bound->partials);
  if (!bound->is_tally) cb_write_text(writer, ", events ");
  if (!bound->is_tally && !nfa_amount_is_bound(bound->events)) cb_write_text(writer, "not bound");
  else if (!bound->is_tally) write_amount(writer, bound->events);
  if (bound->waiting.times > 0) {
    cb_write_text(writer, ", matches that wait ");
    if (nfa_amount_is_bound(bound->waiting)) write_amount(writer, bound->waiting);
    else cb_write_text(writer, "not bound");
  }
  write_bytes(writer, bound);
  if (bound->partials.power > 0 || bound->events.power > 0 || bound->captures.power > 0) {
    cb_write_text(writer, "\n             n is ");
    write_span(writer, bound);
  }
  cb_write_u8(writer, '\n');
}

uint32_t nfa_bytes_beside(uint32_t register_kind)
{
  switch ((prg_register_kind)register_kind) {
  case PRG_REG_SUM_INT: return 8;
  case PRG_REG_DISTINCT:
  case PRG_REG_TOP: return 24;
  case PRG_REG_FIRST:
  case PRG_REG_LAST: return 32;
  case PRG_REG_HLL:
  case PRG_REG_DDSKETCH: return 16;
  default: return 0;
  }
}

/* What an aggregate keeps of some events: NULL, the words, and what lies beside them (runtime/accum.h). */
static uint64_t bytes_of_accum(const prg *program, prg_list registers, uint32_t *sets)
{
  uint64_t bytes = (1 + registers.count) * sizeof(uint64_t);
  for (uint32_t r = registers.first; r < registers.first + registers.count; r++) {
    uint32_t what = program->registers[r].what;
    bytes += nfa_bytes_beside(what);
    *sets += what == PRG_REG_DISTINCT || what == PRG_REG_TOP;
  }
  return bytes;
}

static void write_window(cb_writer *writer, const prg *program, const prg_detection *detection)
{
  const prg_window *how = &program->windows[detection->window];
  uint32_t sets = 0;
  uint64_t accum = bytes_of_accum(program, detection->registers, &sets);
  int is_alone = how->kind == PRG_TUMBLING && how->early_every == 0 && how->allowed == 0;
  int is_paned = how->kind == PRG_COUNT_WINDOW || (how->kind == PRG_SLIDING && !how->at_once && how->early_every == 0 && how->allowed == 0);
  cb_write_text(writer, "  evaluator  window: sums that are kept running, and no events\n");
  cb_write_text(writer, is_alone   ? "  an event   the key's slot, and the sums of its open window: O(sums)\n"
                        : is_paned ? "  an event   the key's slot, and the sums of the part of windows that it is in: O(sums); a window that ends: two such parts\n"
                                   : "  an event   the key's slot, and the sums of each window that it is in: O(open windows of the key)\n");
  if (is_alone) {
    cb_write_printf(writer, "  key state  one open window, bytes %llu", (unsigned long long)(NFA_ENTRY_BYTES + cb_slab_bytes(accum)));
  } else if (is_paned) {
    cb_write_printf(writer, "  key state  parts of windows that have events, bytes %llu each", (unsigned long long)cb_slab_bytes(accum + NFA_PANE_BYTES));
  } else {
    cb_write_printf(writer, "  key state  windows that are open%s, bytes %llu each", how->allowed > 0 ? " or may still get late events" : "",
                    (unsigned long long)cb_slab_bytes(accum + NFA_SPAN_BYTES));
  }
  if (sets > 0) cb_write_printf(writer, " + up to distinct.max values in each of %u set%s", sets, sets == 1 ? "" : "s");
  cb_write_u8(writer, '\n');
}

cep_status nfa_bound_write(cb_writer *writer, const prg *program, const prg_detection *detection)
{
  nfa_bound bound;
  if (detection->window != PRG_NONE) {
    write_window(writer, program, detection);
    return writer->status;
  }
  if (detection->join != PRG_NONE) {
    cb_write_text(writer, "  evaluator  join: the events of both sides, by key and in order of time\n"
                          "  an event   the key's slot, and the events of the other side that it may go with: O(those)\n"
                          "  key state  events of both sides that may still find a partner, partial.max of each at most\n");
    return writer->status;
  }
  cep_status status = nfa_bound_of(writer->alloc, program, detection, &bound);
  if (status < 0) return status;
  cb_write_printf(writer, "  an event   %s\n", nfa_evaluator_cost(program, detection, bound.is_looked_up));
  write_bound(writer, program, detection, &bound);
  return writer->status;
}
