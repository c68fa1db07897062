/* trace.c - the evaluator `runs`, telling what becomes of each partial match and why. */
#include "nfa/trace.h"

#include <string.h>

#include "nfa/cover.h"
#include "nfa/runs.h"
#include "nfa/why.h"

/* Attempts that one line names; of lines of one kind. */
#define NAMED_MAX 6u

typedef struct seen_run {
  cb_slab_id head; /* one reference */
  uint64_t start_seq;
  uint64_t open;
  uint32_t state;
  uint64_t killers;  /* `no` steps that the event in hand fits */
  uint64_t unmet;    /* steps that had to follow at once, and that it does not fit */
} seen_run;

typedef struct seen_result {
  cb_slab_id head; /* one reference */
  nfa_result_kind kind;
} seen_result;

typedef struct traced_own {
  nfa_runs_own runs; /* first: it is what the evaluator takes it for */
  CB_VEC(seen_run) before;
  CB_VEC(seen_run) after;
  CB_VEC(seen_result) results;
  uint64_t untils; /* that the event in hand meets */
  cb_writer text;
  const nfa_out *out; /* of the call in hand */
  nfa_worker *worker;
} traced_own;

static traced_own *own_of(const nfa_worker *worker)
{
  return (traced_own *)worker->own;
}

/* ---- Lines ---------------------------------------------------------------------------------- */

static void send(const nfa_worker *worker)
{
  cb_writer *text = &own_of(worker)->text;
  size_t from = 0;
  for (size_t i = 0; i < text->len && worker->trace->tell; i++) {
    if (text->data[i] != '\n') continue;
    worker->trace->tell(worker->trace->ctx, (const char *)text->data + from, i - from);
    from = i + 1;
  }
  cb_writer_reset(text);
}

static const char *step_name(const nfa_worker *worker, uint32_t number)
{
  const prg_step *step = nfa_step(worker, number);
  int has_name = !(step->flags & (PRG_STEP_NO | PRG_STEP_UNTIL));
  return prg_text(worker->program, has_name ? step->name : step->role);
}

static void write_time(cb_writer *text, cep_time time)
{
  char at[CB_TIME_TEXT_MAX];
  cb_time_print(time, at);
  cb_write_text(text, at);
}

static void write_duration(cb_writer *text, cep_duration duration)
{
  char span[CB_TIME_TEXT_MAX];
  cb_duration_print(duration, span);
  cb_write_text(text, span);
}

static const nfa_node *first_node(const nfa_worker *worker, cb_slab_id head)
{
  const nfa_node *node = nfa_history_at(worker->slab, head);
  while (node->prev != CB_SLAB_NONE) node = nfa_history_at(worker->slab, node->prev);
  return node;
}

/* "@2376": where the first event of a history stood. */
static void write_attempt(const nfa_worker *worker, cb_slab_id head)
{
  const cb_cell *cell = (const cb_cell *)cb_slab_at(worker->slab, first_node(worker, head)->cell);
  cb_write_printf(&own_of(worker)->text, "@%llu", (unsigned long long)cell->position);
}

/* The steps that the ways in `open` lead to; "its end" for what only waits. */
static void write_awaited(const nfa_worker *worker, const seen_run *run)
{
  const prg_state *state = nfa_state(worker, run->state);
  cb_writer *text = &own_of(worker)->text;
  uint64_t named = 0;
  for (uint32_t e = 0; e < state->edges.count; e++) {
    const prg_edge *edge = nfa_edge(worker, state, e);
    if (!(run->open >> e & 1) || edge->target == PRG_NONE || (named >> edge->target & 1)) continue;
    cb_write_printf(text, "%s%s", named ? " or " : "", step_name(worker, edge->target));
    named |= 1ull << edge->target;
  }
  if (!named) cb_write_text(text, "its end");
}

/* ---- What is seen ------------------------------------------------------------------------------ */

static cep_status see_runs(nfa_worker *worker, const nfa_runs_slot *slot, int before)
{
  traced_own *own = own_of(worker);
  for (cb_slab_id id = slot->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next) {
    const nfa_run *run = nfa_run_at(worker, id);
    seen_run seen = {.head = run->head, .start_seq = run->start_seq, .open = run->open, .state = run->state};
    if (!(before ? cb_vec_push(worker->alloc, &own->before, seen) : cb_vec_push(worker->alloc, &own->after, seen))) return CEP_E_NOMEM;
    nfa_history_ref(worker->slab, run->head);
  }
  return CEP_OK;
}

static void forget(nfa_worker *worker)
{
  traced_own *own = own_of(worker);
  for (uint32_t i = 0; i < own->before.count; i++) nfa_history_unref(worker->slab, own->before.at[i].head);
  for (uint32_t i = 0; i < own->after.count; i++) nfa_history_unref(worker->slab, own->after.at[i].head);
  for (uint32_t i = 0; i < own->results.count; i++) nfa_history_unref(worker->slab, own->results.at[i].head);
  own->before.count = own->after.count = own->results.count = 0;
  own->untils = 0;
}

static cep_status on_result(void *ctx, const nfa_result *result)
{
  traced_own *own = (traced_own *)ctx;
  nfa_worker *worker = own->worker;
  seen_result seen = {result->captures.head, result->kind};
  if (!cb_vec_push(worker->alloc, &own->results, seen)) return CEP_E_NOMEM;
  nfa_history_ref(worker->slab, seen.head);
  return own->out->report(own->out->ctx, result);
}

static const cep_value *keys_of(void *ctx, uint32_t index)
{
  const nfa_out *out = ((const traced_own *)ctx)->out;
  return out->keys(out->ctx, index);
}

/* 1 if the story of this key is wanted. */
static int is_wanted(const nfa_worker *worker, const nfa_out *out, uint32_t index)
{
  const char *wanted = worker->trace->key;
  if (wanted == NULL) return 1;
  const cep_value *keys = out->keys(out->ctx, index);
  for (uint32_t i = 0; i < worker->detection->keys.count; i++) {
    char room[CB_VALUE_TEXT_MAX];
    const char *text = keys[i].kind == CEP_STRING ? keys[i].as.s : room;
    size_t len = keys[i].kind == CEP_STRING ? keys[i].length : cb_value_print(&keys[i], room);
    if (i > 0 && *wanted++ != ',') return 0;
    if (strlen(wanted) < len || memcmp(wanted, text, len) != 0) return 0;
    wanted += len;
  }
  return *wanted == 0;
}

/* Where the stories of all keys are told together. */
static void write_key(const nfa_worker *worker, uint32_t index)
{
  const nfa_out *out = own_of(worker)->out;
  cb_writer *text = &own_of(worker)->text;
  const cep_value *keys = worker->trace->key ? NULL : out->keys(out->ctx, index);
  for (uint32_t i = 0; keys && i < worker->detection->keys.count; i++) {
    cb_write_printf(text, "  %s=", prg_text(worker->program, worker->program->keys[worker->detection->keys.first + i].name));
    cb_value_write_json(text, &keys[i]);
  }
  cb_write_u8(text, '\n');
}

/* ---- Why an event is not taken ------------------------------------------------------------------ */

static nfa_env env_of(const nfa_moment *moment, const nfa_captures *captures)
{
  const nfa_worker *worker = moment->worker;
  return (nfa_env){.program = worker->program,
                   .scratch = worker->scratch,
                   .batch = moment->event->batch,
                   .row = moment->event->row,
                   .captures = captures,
                   .register_first = worker->detection->registers.first};
}

/* The step is one of the event's stream, and it does not fit: why not, once for each step. */
static void tell_refusal(nfa_moment *moment, uint32_t number, const nfa_captures *captures, uint64_t *told, cb_slab_id head)
{
  const nfa_worker *worker = moment->worker;
  const prg_step *step = nfa_step(worker, number);
  cb_writer *text = &own_of(worker)->text;
  if ((*told >> number & 1) || step->stream != moment->event->batch->stream || nfa_runs_fits(moment, number, captures)) return;
  *told |= 1ull << number;
  nfa_env env = env_of(moment, captures);
  cb_write_printf(text, "    is not %s", step_name(worker, number));
  if (captures) {
    cb_write_text(text, " of attempt ");
    write_attempt(worker, head);
  }
  cb_write_u8(text, '\n');
  if (!(moment->symbol >> number & 1)) {
    nfa_why_cond(text, &env, step->local, NFA_WHY_REFUSING, "        ");
    return;
  }
  if (step->residual != PRG_NONE) nfa_why_expr(text, &env, worker->detection, step->residual, NFA_WHY_REFUSING, "        ");
  if (step->residual == PRG_NONE || nfa_expr_holds(&env, step->residual)) cb_write_text(text, "        not distinct from what it has captured\n");
}

/* What looks back is judged for each partial match that waits for the step. */
static void count_rest(const nfa_moment *moment, uint32_t number, const nfa_captures *captures)
{
  const nfa_worker *worker = moment->worker;
  const prg_step *step = nfa_step(worker, number);
  if (!worker->trace->cover || step->residual == PRG_NONE || !(moment->symbol >> number & 1)) return;
  nfa_env env = env_of(moment, captures);
  worker->trace->cover->rest[nfa_expr_holds(&env, step->residual)][number]++;
  nfa_scratch_reset(worker->scratch);
}

static uint64_t fitting(nfa_moment *moment, prg_list steps, const nfa_captures *captures)
{
  uint64_t bits = 0;
  for (uint32_t i = 0; i < steps.count; i++) {
    uint32_t number = nfa_list_at(moment->worker, steps, i);
    count_rest(moment, number, captures);
    if (nfa_runs_fits(moment, number, captures)) bits |= 1ull << number;
  }
  return bits;
}

/* Before the event is taken: what each partial match that is there has against it. */
static void look_at_event(nfa_moment *moment)
{
  nfa_worker *worker = moment->worker;
  traced_own *own = own_of(worker);
  uint64_t told = 0;
  uint32_t i = 0;
  for (cb_slab_id id = moment->slot->first; id != CB_SLAB_NONE; id = nfa_run_at(worker, id)->next, i++) {
    nfa_run *run = nfa_run_at(worker, id);
    const prg_state *state = nfa_state(worker, run->state);
    nfa_captures captures = nfa_run_captures(worker, run);
    own->before.at[i].killers = fitting(moment, state->direct_nos, &captures);
    for (uint32_t e = 0; e < state->edges.count; e++) {
      const prg_edge *edge = nfa_edge(worker, state, e);
      if (!(run->open >> e & 1)) continue;
      own->before.at[i].killers |= fitting(moment, edge->nos, &captures);
      own->untils |= fitting(moment, edge->untils, &captures);
      if (edge->target == PRG_NONE) continue;
      count_rest(moment, edge->target, &captures);
      tell_refusal(moment, edge->target, &captures, &told, run->head);
      if (edge->contiguity == PRG_STRICT && !nfa_runs_fits(moment, edge->target, &captures)) own->before.at[i].unmet |= 1ull << edge->target;
    }
  }
  const prg_state *start = nfa_state(worker, 0);
  for (uint32_t e = 0; e < start->edges.count; e++)
    if (nfa_edge(worker, start, e)->kind == PRG_EDGE_FORWARD) tell_refusal(moment, nfa_edge(worker, start, e)->target, NULL, &told, CB_SLAB_NONE);
}

/* ---- What came of it --------------------------------------------------------------------------- */

/* The attempt goes on, or has come out. */
static int is_alive(const nfa_worker *worker, uint64_t start_seq)
{
  const traced_own *own = own_of(worker);
  for (uint32_t i = 0; i < own->after.count; i++)
    if (own->after.at[i].start_seq == start_seq) return 1;
  for (uint32_t i = 0; i < own->results.count; i++)
    if (first_node(worker, own->results.at[i].head)->seq == start_seq) return 1;
  return 0;
}

/* Steps that took the event, `no`s and `until`s that it met, outputs. */
static void count_reached(const nfa_worker *worker, uint64_t seq)
{
  const traced_own *own = own_of(worker);
  nfa_cover *cover = worker->trace->cover;
  uint64_t steps = own->untils;
  for (uint32_t i = 0; i < own->before.count; i++) steps |= own->before.at[i].killers;
  for (uint32_t i = 0; i < own->after.count; i++) {
    const nfa_node *node = nfa_history_at(worker->slab, own->after.at[i].head);
    if (node->seq == seq) steps |= 1ull << node->step;
  }
  for (uint32_t i = 0; i < own->results.count; i++) {
    const nfa_node *node = nfa_history_at(worker->slab, own->results.at[i].head);
    if (node->seq == seq) steps |= 1ull << node->step;
    if (own->results.at[i].kind == NFA_MATCHED)
      cover->matches++;
    else
      cover->timeouts++;
  }
  for (uint32_t s = 0; s < worker->detection->steps.count; s++) cover->steps[s] += steps >> s & 1;
}

static int was_there(const traced_own *own, const seen_run *run)
{
  for (uint32_t i = 0; i < own->before.count; i++)
    if (own->before.at[i].head == run->head) return 1;
  return 0;
}

/* Partial matches that this event has made, by the step that took it. */
static void tell_taken(const nfa_worker *worker)
{
  traced_own *own = own_of(worker);
  for (uint32_t step = 0; step < worker->detection->steps.count; step++) {
    uint32_t begun = 0, count = 0;
    for (uint32_t i = 0; i < own->after.count; i++) {
      const seen_run *run = &own->after.at[i];
      const nfa_node *node = nfa_history_at(worker->slab, run->head);
      if (node->step != step || was_there(own, run)) continue;
      if (node->length == 1) {
        begun++;
        continue;
      }
      if (count++ < NAMED_MAX) {
        cb_write_text(&own->text, count == 1 ? "    taken by attempt " : ", ");
        write_attempt(worker, run->head);
      }
    }
    if (count > NAMED_MAX) cb_write_printf(&own->text, " and %u more", (unsigned)(count - NAMED_MAX));
    if (count) cb_write_printf(&own->text, " as %s\n", step_name(worker, step));
    if (begun) cb_write_printf(&own->text, "    begins an attempt as %s\n", step_name(worker, step));
  }
}

static void tell_results(const nfa_worker *worker)
{
  traced_own *own = own_of(worker);
  for (uint32_t i = 0; i < own->results.count; i++) {
    cb_slab_id head = own->results.at[i].head;
    const nfa_node *node = nfa_history_at(worker->slab, head);
    cb_write_text(&own->text, own->results.at[i].kind == NFA_MATCHED ? "    MATCH of attempt " : "    TIMEOUT of attempt ");
    write_attempt(worker, head);
    cb_write_printf(&own->text, ": %u event%s, the last as %s\n", node->length, node->length == 1 ? "" : "s", step_name(worker, node->step));
  }
}

static const char *skip_text(const nfa_worker *worker)
{
  static const char *const words[] = {"past last", "no", "to next", "to first", "to last"};
  return words[worker->detection->skip];
}

/* The bound that closed a way of the run by now; 0: none. */
static cep_duration gap_over(const nfa_worker *worker, const seen_run *run, cep_time now)
{
  const prg_state *state = nfa_state(worker, run->state);
  cep_time newest = nfa_history_at(worker->slab, run->head)->time;
  for (uint32_t e = 0; e < state->edges.count; e++) {
    const prg_edge *edge = nfa_edge(worker, state, e);
    if ((run->open >> e & 1) && edge->gap > 0 && now >= cb_time_add(newest, edge->gap)) return edge->gap;
  }
  return 0;
}

static void write_time_over(const nfa_worker *worker, const seen_run *run, cep_time now)
{
  const prg_detection *detection = worker->detection;
  cb_writer *text = &own_of(worker)->text;
  cep_duration gap = gap_over(worker, run, now);
  int is_span = detection->within_events == 0 && now >= cb_time_add(first_node(worker, run->head)->time, detection->within);
  write_awaited(worker, run);
  cb_write_text(text, " did not come within ");
  if (is_span) {
    write_duration(text, detection->within);
    cb_write_text(text, " of its first event");
  } else if (gap > 0) {
    write_duration(text, gap);
    cb_write_printf(text, " of %s", step_name(worker, nfa_history_at(worker->slab, run->head)->step));
  } else {
    cb_write_printf(text, "%llu events", (unsigned long long)detection->within_events);
  }
}

static int is_dropped_by_match(const nfa_worker *worker, const seen_run *run, int by_event)
{
  return own_of(worker)->results.count > 0 && worker->detection->skip != PRG_SKIP_NO && !run->killers && !(run->unmet && by_event);
}

static void write_why_ended(const nfa_worker *worker, const seen_run *run, cep_time now, int by_event)
{
  cb_writer *text = &own_of(worker)->text;
  if (run->killers) {
    cb_write_printf(text, "it had to be without %s", step_name(worker, (uint32_t)__builtin_ctzll(run->killers)));
  } else if (run->unmet && by_event) {
    cb_write_printf(text, "%s had to be the next event", step_name(worker, (uint32_t)__builtin_ctzll(run->unmet)));
  } else if (!by_event) {
    write_time_over(worker, run, now);
  } else if (worker->detection->within_events > 0) {
    write_awaited(worker, run);
    cb_write_printf(text, " did not come within %llu events", (unsigned long long)worker->detection->within_events);
  } else if (worker->detection->having != PRG_NONE) {
    cb_write_text(text, "'having' is not true of it");
  } else {
    cb_write_text(text, "another takes its place, or a limit was reached");
  }
}

/* In one line, as they are many. */
static void tell_dropped(const nfa_worker *worker, int by_event)
{
  traced_own *own = own_of(worker);
  uint32_t count = 0;
  for (uint32_t i = 0; i < own->before.count; i++) {
    const seen_run *run = &own->before.at[i];
    int is_last = i + 1 == own->before.count || run[1].start_seq != run->start_seq;
    if (!is_last || is_alive(worker, run->start_seq) || !is_dropped_by_match(worker, run, by_event)) continue;
    if (count++ >= NAMED_MAX) continue;
    cb_write_text(&own->text, count == 1 ? "    ends: attempt " : ", ");
    write_attempt(worker, run->head);
  }
  if (count > NAMED_MAX) cb_write_printf(&own->text, " and %u more", (unsigned)(count - NAMED_MAX));
  if (count) cb_write_printf(&own->text, ": a match came out, and 'after match skip %s' drops %s\n", skip_text(worker), count == 1 ? "it" : "them");
}

/* Of an attempt that was several partial matches the last one, which is the longest, stands for it. */
static void tell_ended(const nfa_worker *worker, cep_time now, int by_event)
{
  traced_own *own = own_of(worker);
  uint32_t count = 0;
  for (uint32_t i = 0; i < own->before.count; i++) {
    const seen_run *run = &own->before.at[i];
    int is_last = i + 1 == own->before.count || run[1].start_seq != run->start_seq;
    if (!is_last || is_alive(worker, run->start_seq) || is_dropped_by_match(worker, run, by_event) || count++ >= NAMED_MAX) continue;
    uint32_t length = nfa_history_at(worker->slab, run->head)->length;
    cb_write_text(&own->text, "    ends: attempt ");
    write_attempt(worker, run->head);
    cb_write_printf(&own->text, " after %u event%s: ", length, length == 1 ? "" : "s");
    write_why_ended(worker, run, now, by_event);
    cb_write_u8(&own->text, '\n');
  }
  if (count > NAMED_MAX) cb_write_printf(&own->text, "    %u more end\n", (unsigned)(count - NAMED_MAX));
  tell_dropped(worker, by_event);
}

/* ---- The evaluator ------------------------------------------------------------------------------ */

static cep_status step_told(nfa_worker *worker, nfa_slot *slot, const nfa_event *event, uint64_t symbol, uint32_t index, const nfa_out *out)
{
  traced_own *own = own_of(worker);
  nfa_runs_slot *runs = (nfa_runs_slot *)(void *)slot;
  cep_time now = event->batch->time[event->row];
  nfa_out told = {on_result, keys_of, own};
  nfa_moment moment = {.worker = worker, .own = &own->runs, .slot = runs, .event = event, .symbol = symbol, .time = now, .index = index, .out = &told};
  own->out = out;
  own->runs.span_seq = runs->seq;
  size_t head = 0;
  cep_status status = see_runs(worker, runs, 1);
  if (status == CEP_OK) {
    write_time(&own->text, now);
    cb_write_printf(&own->text, "  %s @%llu", prg_text(worker->program, worker->program->streams[event->batch->stream].name),
                    (unsigned long long)event->batch->position[event->row]);
    write_key(worker, index);
    head = own->text.len;
    if (worker->trace->cover) nfa_cover_event(worker->trace->cover, &(nfa_env){.program = worker->program, .scratch = worker->scratch, .batch = event->batch, .row = event->row});
    look_at_event(&moment);
    status = nfa_runs_step_one(&moment);
  }
  if (status == CEP_OK) status = see_runs(worker, runs, 0);
  if (status == CEP_OK) {
    tell_taken(worker);
    tell_results(worker);
    tell_ended(worker, now, 1);
    if (own->text.len == head) cb_write_text(&own->text, own->before.count ? "    concerns no attempt\n" : "    no attempt is open\n");
    if (worker->trace->cover) count_reached(worker, moment.seq);
    send(worker);
  }
  forget(worker);
  return status;
}

static cep_status traced_step(nfa_worker *worker, nfa_slot *const *slots, const nfa_event *events, const uint64_t *symbols,
                              uint32_t count, const nfa_out *out)
{
  cep_status status = CEP_OK;
  for (uint32_t i = 0; i < count && status == CEP_OK; i++) {
    nfa_out told = {on_result, keys_of, own_of(worker)};
    own_of(worker)->out = out;
    if (is_wanted(worker, out, i)) {
      status = step_told(worker, slots[i], &events[i], symbols[i], i, out);
    } else {
      nfa_moment moment = {.worker = worker,
                           .own = &own_of(worker)->runs,
                           .slot = (nfa_runs_slot *)(void *)slots[i],
                           .event = &events[i],
                           .symbol = symbols[i],
                           .time = events[i].batch->time[events[i].row],
                           .index = i,
                           .out = &told};
      status = nfa_runs_step_one(&moment);
      forget(worker);
    }
  }
  return status;
}

typedef cep_status (*pass_fn)(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out);

static cep_status pass_told(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out, pass_fn pass)
{
  traced_own *own = own_of(worker);
  const nfa_runs_slot *runs = (const nfa_runs_slot *)(const void *)slot;
  nfa_out told = {on_result, keys_of, own};
  own->out = out;
  cep_status status = see_runs(worker, runs, 1);
  if (status == CEP_OK) status = pass(worker, slot, time, &told);
  if (status == CEP_OK) status = see_runs(worker, runs, 0);
  if (status == CEP_OK) {
    write_time(&own->text, time);
    cb_write_text(&own->text, "  the time has passed");
    write_key(worker, 0);
    size_t head = own->text.len;
    tell_results(worker);
    tell_ended(worker, time, 0);
    if (worker->trace->cover) count_reached(worker, UINT64_MAX);
    if (own->text.len > head) send(worker);
    cb_writer_reset(&own->text);
  }
  forget(worker);
  return status;
}

/* Each deadline for itself, so that each has its time. */
static cep_status traced_advance(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out)
{
  nfa_runs_slot *runs = (nfa_runs_slot *)(void *)slot;
  if (!is_wanted(worker, out, 0)) return nfa_runs.advance(worker, slot, time, out);
  cep_status status = CEP_OK;
  while (status == CEP_OK && runs->count > 0 && runs->deadline <= time && runs->deadline != CEP_TIME_MAX)
    status = pass_told(worker, slot, runs->deadline, out, nfa_runs.advance);
  return status;
}

static cep_status traced_end(nfa_worker *worker, nfa_slot *slot, cep_time time, const nfa_out *out)
{
  if (!is_wanted(worker, out, 0)) return nfa_runs.end(worker, slot, time, out);
  return pass_told(worker, slot, time, out, nfa_runs.end);
}

static cep_status traced_open(nfa_worker *worker)
{
  cep_status status = nfa_runs_open(worker, sizeof(traced_own));
  if (status < 0) return status;
  cb_writer_init(&own_of(worker)->text, worker->alloc);
  own_of(worker)->worker = worker;
  return CEP_OK;
}

static void traced_close(nfa_worker *worker)
{
  traced_own *own = own_of(worker);
  if (own != NULL) {
    cb_vec_free(worker->alloc, &own->before);
    cb_vec_free(worker->alloc, &own->after);
    cb_vec_free(worker->alloc, &own->results);
    cb_writer_fini(&own->text);
  }
  nfa_runs.close(worker);
}

static cep_time traced_deadline(const nfa_worker *worker, const nfa_slot *slot)
{
  return nfa_runs.next_deadline(worker, slot);
}

static int traced_is_empty(const nfa_slot *slot)
{
  return nfa_runs.is_empty(slot);
}

static void traced_release(nfa_worker *worker, nfa_slot *slot)
{
  nfa_runs.release(worker, slot);
}

const nfa_evaluator nfa_traced = {
    .name = "runs, told",
    .open = traced_open,
    .close = traced_close,
    .step = traced_step,
    .advance = traced_advance,
    .end = traced_end,
    .next_deadline = traced_deadline,
    .is_empty = traced_is_empty,
    .release = traced_release,
    .save = nfa_runs_save,
    .load = nfa_runs_load,
    .check = nfa_runs_check,
};
