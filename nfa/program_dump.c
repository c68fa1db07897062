/* program_dump.c - a program for people: automata as text and as drawings, code as a listing. */
#include "nfa/program.h"

#include <string.h>

#include "cep/base/time.h"
#include "nfa/bound.h"
#include "nfa/match.h"
#include "nfa/opcode.h"
#include "nfa/program_text.h"

static const char *const contiguities[] = {"", "immediately ", "any "};
static const char *const inners[] = {"relaxed", "consecutive", "any"};
static const char *const skips[] = {"past last", "no skip", "to next", "to first", "to last"};

static const prg_step *step_at(const prg *program, const prg_detection *detection, uint32_t step)
{
  return &program->steps[detection->steps.first + step];
}

static const char *step_name(const prg *program, const prg_detection *detection, uint32_t step)
{
  return prg_text(program, step_at(program, detection, step)->name);
}

static void write_duration(cb_writer *writer, int64_t duration)
{
  char text[CB_TIME_TEXT_MAX];
  cb_write_bytes(writer, text, cb_duration_print(duration, text));
}

static void write_count(cb_writer *writer, const prg_step *step)
{
  if (step->max == PRG_OPEN) {
    cb_write_printf(writer, "%u+ ", step->min);
  } else if (step->max > step->min) {
    cb_write_printf(writer, "%u..%u ", step->min, step->max);
  } else if (step->max > 1) {
    cb_write_printf(writer, "%u ", step->min);
  }
}

/* ---- Text ------------------------------------------------------------------------------ */

static void write_head(cb_writer *writer, const prg *program, const prg_detection *detection)
{
  cb_write_printf(writer, "detection %s\n", prg_text(program, detection->name));
  cb_write_text(writer, "  within ");
  if (detection->within_events > 0) {
    cb_write_printf(writer, "%llu events", (unsigned long long)detection->within_events);
  } else if (detection->within == INT64_MAX) {
    cb_write_text(writer, "unbounded");
  } else {
    write_duration(writer, detection->within);
  }
  cb_write_printf(writer, ", stratum %u, %s", detection->stratum, skips[detection->skip]);
  if (detection->skip == PRG_SKIP_TO_FIRST || detection->skip == PRG_SKIP_TO_LAST)
    cb_write_printf(writer, " %s", step_name(program, detection, detection->skip_step));
  if (detection->flags & PRG_DETECT_EARLIEST_FIRST) cb_write_text(writer, ", earliest start first");
  if (detection->flags & PRG_DETECT_LATEST) cb_write_text(writer, ", latest start only");
  if (detection->limit > 0) cb_write_printf(writer, ", limit %llu", (unsigned long long)detection->limit);
  if (detection->flags & PRG_DETECT_ON_TIMEOUT) cb_write_text(writer, ", timeouts are reported");
  if (detection->flags & PRG_DETECT_EVERY_EVENT) cb_write_text(writer, ", needs every event of its key");
  const char *why;
  (void)nfa_evaluator_for(program, detection, NFA_WISH_NONE, &why);
  cb_write_printf(writer, "\n  evaluator %s\n", why);
  if (detection->having == PRG_NONE) return;
  cb_write_text(writer, "  having ");
  prg_write_expr(writer, program, detection, detection->having);
  cb_write_u8(writer, '\n');
}

static void write_routes(cb_writer *writer, const prg *program, const prg_detection *detection)
{
  for (uint32_t i = detection->routes.first; i < detection->routes.first + detection->routes.count; i++) {
    const prg_route *route = &program->routes[i];
    cb_write_printf(writer, "  input %s", prg_text(program, program->streams[route->stream].name));
    for (uint32_t k = 0; k < route->keys.count; k++) {
      const prg_key *key = &program->keys[detection->keys.first + k];
      cb_write_printf(writer, "%s %s = ", k > 0 ? "," : " by", prg_text(program, key->name));
      prg_write_expr(writer, program, NULL, program->lists[route->keys.first + k]);
    }
    if (route->member != PRG_NONE) {
      cb_write_text(writer, " where ");
      prg_write_cond(writer, program, route->member);
    }
    cb_write_u8(writer, '\n');
  }
}

static void write_kept(cb_writer *writer, const prg *program, const prg_step *step)
{
  const prg_layout *layout = &program->layouts[step->layout];
  prg_list fields = program->streams[layout->stream].fields;
  uint32_t kept = 0;
  for (uint32_t i = fields.first; i < fields.first + fields.count && kept < layout->columns.count; i++) {
    if (program->fields[i].column != program->lists[layout->columns.first + kept]) continue;
    cb_write_printf(writer, "%s%s", kept++ > 0 ? ", " : "\n         keeps ",
                    prg_text(program, program->fields[i].name));
  }
}

static void write_step(cb_writer *writer, const prg *program, const prg_detection *detection, uint32_t index)
{
  const prg_step *step = step_at(program, detection, index);
  cb_write_printf(writer, "  step %u ", index);
  if (step->flags & PRG_STEP_NO) cb_write_text(writer, step->hop == PRG_STRICT ? "immediately no " : "no ");
  if (step->flags & PRG_STEP_UNTIL) cb_write_text(writer, "until ");
  if (step->flags & PRG_STEP_OPTIONAL) cb_write_text(writer, "optional ");
  write_count(writer, step);
  if (step->flags & PRG_STEP_GREEDY) cb_write_text(writer, "greedy ");
  if (step->flags & PRG_STEP_LOOPS) cb_write_printf(writer, "%s ", inners[step->inner]);
  cb_write_text(writer, prg_text(program, step->role));
  if (!(step->flags & (PRG_STEP_NO | PRG_STEP_UNTIL))) cb_write_printf(writer, " as %s", prg_text(program, step->name));
  if (step->no_for > 0) {
    cb_write_text(writer, " for ");
    write_duration(writer, step->no_for);
  }
  if (step->local != PRG_NONE) {
    cb_write_text(writer, "\n         if ");
    prg_write_cond(writer, program, step->local);
  }
  if (step->residual != PRG_NONE) {
    cb_write_text(writer, "\n         if, looking back, ");
    prg_write_expr(writer, program, detection, step->residual);
  }
  for (uint32_t i = 0; i < step->distinct.count; i++) {
    cb_write_text(writer, i > 0 ? ", " : "\n         distinct ");
    prg_write_expr(writer, program, detection, program->lists[step->distinct.first + i]);
  }
  write_kept(writer, program, step);
  cb_write_u8(writer, '\n');
}

static void write_registers(cb_writer *writer, const prg *program, const prg_detection *detection)
{
  static const char *const words[] = {"count",    "sum",     "sum",  "min",   "max",  "min",             "max",
                                      "distinct", "squares", "part", "matches", "first", "last", "approx_distinct", "approx_percentile", "top"};
  _Static_assert(sizeof words / sizeof words[0] == PRG_REG_KINDS, "a word for each");
  for (uint32_t i = 0; i < detection->registers.count; i++) {
    const prg_register *reg = &program->registers[detection->registers.first + i];
    cb_write_printf(writer, "  register %u %s", i, words[reg->what]);
    if (reg->step != PRG_NONE) cb_write_printf(writer, " of %s", step_name(program, detection, reg->step));
    if (reg->arg != PRG_NONE) {
      cb_write_text(writer, ": ");
      prg_write_expr(writer, program, detection, reg->arg);
    }
    for (uint32_t k = 0; k < reg->tuple.count; k++) {
      cb_write_text(writer, k > 0 ? ", " : ": ");
      prg_write_expr(writer, program, detection, program->lists[reg->tuple.first + k]);
    }
    if (reg->where != PRG_NONE) {
      cb_write_text(writer, " where ");
      prg_write_expr(writer, program, detection, reg->where);
    }
    if (reg->total) cb_write_text(writer, ", over all matches");
    if (reg->what == PRG_REG_TOP) cb_write_printf(writer, ", %llu of them", (unsigned long long)reg->parameter);
    if (reg->what == PRG_REG_DDSKETCH) {
      double percent;
      memcpy(&percent, &reg->parameter, sizeof percent);
      cb_write_printf(writer, ", at %g", percent);
    }
    cb_write_text(writer, reg->in_condition ? ", in a condition\n" : "\n");
  }
}

static void write_counters(cb_writer *writer, const prg *program, const prg_detection *detection)
{
  for (uint32_t i = 0; i < detection->counters.count; i++) {
    const prg_counter *counter = &program->counters[detection->counters.first + i];
    cb_write_printf(writer, "  counter %u %s of steps %u to %u", i,
                    counter->what == PRG_COUNTER_ITEMS ? "items" : "rounds", counter->first, counter->last);
    if (counter->what == PRG_COUNTER_ROUNDS) cb_write_printf(writer, ", at most %u", counter->most);
    cb_write_u8(writer, '\n');
  }
}

static void write_steps(cb_writer *writer, const prg *program, const prg_detection *detection, prg_list list,
                        const char *before)
{
  for (uint32_t i = 0; i < list.count; i++) {
    uint32_t step = program->lists[list.first + i];
    cb_write_printf(writer, "%s%s", i > 0 ? ", " : before,
                    prg_text(program, (step_at(program, detection, step)->flags & (PRG_STEP_NO | PRG_STEP_UNTIL))
                                          ? step_at(program, detection, step)->role
                                          : step_at(program, detection, step)->name));
  }
}

/* From its least number of events on, and for a repetition below its most. */
static void write_bound(cb_writer *writer, const prg *program, const prg_detection *detection,
                        const prg_state *state, const prg_edge *edge)
{
  if (state->step == PRG_NONE) return;
  const prg_step *step = step_at(program, detection, state->step);
  if (edge->kind == PRG_EDGE_REPEAT) {
    if (step->max != PRG_OPEN) cb_write_printf(writer, " up to %u", step->max);
  } else if (step->min > 1) {
    cb_write_printf(writer, " from %u on", step->min);
  }
}

/* What an edge asks of the counters, and what it makes of them. */
static void write_counts(cb_writer *writer, const prg *program, const prg_edge *edge)
{
  for (uint32_t i = 0; i < edge->tests.count; i++) {
    const prg_count *test = &program->counts[edge->tests.first + i];
    cb_write_printf(writer, "%s c%u ", i > 0 ? " and" : ", if", test->counter);
    switch ((prg_count_kind)test->what) {
    case PRG_COUNT_BELOW: cb_write_printf(writer, "< %u", test->value); break;
    case PRG_COUNT_FROM: cb_write_printf(writer, ">= %u", test->value); break;
    case PRG_COUNT_HAS: cb_write_printf(writer, "has 0x%x", test->value); break;
    default: cb_write_printf(writer, "lacks 0x%x", test->value); break;
    }
  }
  for (uint32_t i = 0; i < edge->changes.count; i++) {
    const prg_count *change = &program->counts[edge->changes.first + i];
    cb_write_printf(writer, ", c%u ", change->counter);
    switch ((prg_count_kind)change->what) {
    case PRG_COUNT_SET: cb_write_printf(writer, "= %u", change->value); break;
    case PRG_COUNT_ADD: cb_write_text(writer, "+ 1"); break;
    default: cb_write_printf(writer, "gets 0x%x", change->value); break;
    }
  }
}

static void write_edge(cb_writer *writer, const prg *program, const prg_detection *detection,
                       const prg_state *state, const prg_edge *edge)
{
  cb_write_printf(writer, "    %s", contiguities[edge->contiguity]);
  if (edge->kind == PRG_EDGE_FINISH) {
    cb_write_text(writer, "finish");
    cb_write_text(writer, edge->flags & PRG_EDGE_AT_ONCE      ? " at once"
                          : edge->flags & PRG_EDGE_AFTER_LOOP ? " when the loop ends"
                                                              : " when the wait ends");
  } else {
    cb_write_printf(writer, "%s %s", edge->kind == PRG_EDGE_REPEAT ? "again" : "then",
                    step_name(program, detection, edge->target));
  }
  write_bound(writer, program, detection, state, edge);
  if (edge->gap > 0) {
    cb_write_text(writer, " within ");
    write_duration(writer, edge->gap);
  }
  write_counts(writer, program, edge);
  write_steps(writer, program, detection, edge->nos, ", no ");
  uint32_t first_only = edge->guards.count - edge->lasting;
  write_steps(writer, program, detection, (prg_list){edge->guards.first, first_only}, ", given up if the next is a ");
  write_steps(writer, program, detection, (prg_list){edge->guards.first + first_only, edge->lasting}, ", given up on a ");
  write_steps(writer, program, detection, edge->untils, ", until ");
  if (edge->until != PRG_NONE)
    cb_write_printf(writer, ", not with a %s", prg_text(program, step_at(program, detection, edge->until)->role));
  cb_write_u8(writer, '\n');
}

static void write_state(cb_writer *writer, const prg *program, const prg_detection *detection,
                        const prg_state *state)
{
  cb_write_printf(writer, "  state %s",
                  state->step == PRG_NONE ? "start" : step_name(program, detection, state->step));
  if (state->flags & PRG_STATE_PREV) cb_write_text(writer, ", newest event matters");
  if (state->flags & PRG_STATE_UNMERGED) cb_write_text(writer, ", histories matter");
  write_steps(writer, program, detection, state->direct_nos, ", ends on ");
  cb_write_u8(writer, '\n');
  for (uint32_t i = 0; i < state->edges.count; i++)
    write_edge(writer, program, detection, state, &program->edges[state->edges.first + i]);
}

/* A join: what pairs are made of. */
static void write_join(cb_writer *writer, const prg *program, const prg_detection *detection)
{
  static const char *const words[] = {"inner", "left", "full"};
  const prg_join *join = &program->joins[detection->join];
  cb_write_printf(writer, "join %s\n  ", prg_text(program, detection->name));
  if (join->window == PRG_NONE) {
    cb_write_text(writer, "within ");
    write_duration(writer, join->within);
  } else {
    cb_write_text(writer, "window ");
    prg_write_window(writer, &program->windows[join->window]);
  }
  cb_write_printf(writer, " %s, stratum %u\n", words[join->kind], detection->stratum);
  write_routes(writer, program, detection);
  for (uint32_t i = 0; i < detection->steps.count; i++) write_step(writer, program, detection, i);
  if (join->where == PRG_NONE) return;
  cb_write_text(writer, "  where ");
  prg_write_expr(writer, program, detection, join->where);
  cb_write_u8(writer, '\n');
}

/* An aggregate has no automaton: its window, and what is worked out of the registers. */
static void write_window(cb_writer *writer, const prg *program, const prg_detection *detection)
{
  const prg_window *window = &program->windows[detection->window];
  cb_write_printf(writer, "aggregate %s\n  window ", prg_text(program, detection->name));
  prg_write_window(writer, window);
  cb_write_printf(writer, ", stratum %u%s\n", detection->stratum, window->at_once ? ", reported at once" : "");
  write_routes(writer, program, detection);
  write_registers(writer, program, detection);
  for (uint32_t i = window->measures.first; i < window->measures.first + window->measures.count; i++) {
    cb_write_printf(writer, "  measure %s = ", prg_text(program, program->outputs[i].name));
    prg_write_expr(writer, program, detection, program->outputs[i].expr);
    cb_write_u8(writer, '\n');
  }
  if (window->having == PRG_NONE) return;
  cb_write_text(writer, "  having ");
  prg_write_expr(writer, program, detection, window->having);
  cb_write_u8(writer, '\n');
}

cep_status prg_dump_nfa(cb_writer *writer, const prg *program)
{
  for (uint32_t d = 0; d < program->detections_count; d++) {
    const prg_detection *detection = &program->detections[d];
    if (d > 0) cb_write_u8(writer, '\n');
    int is_join = detection->join != PRG_NONE, is_window = detection->window != PRG_NONE;
    (is_join ? write_join : is_window ? write_window : write_head)(writer, program, detection);
    cep_status status = nfa_bound_write(writer, program, detection);
    if (status < 0) return status;
    if (is_join || is_window) continue;
    write_routes(writer, program, detection);
    for (uint32_t i = 0; i < detection->steps.count; i++) write_step(writer, program, detection, i);
    write_registers(writer, program, detection);
    write_counters(writer, program, detection);
    for (uint32_t i = 0; i < detection->states.count; i++)
      write_state(writer, program, detection, &program->states[detection->states.first + i]);
  }
  return writer->status;
}

/* ---- Drawing --------------------------------------------------------------------------- */

static void write_dot_name(cb_writer *writer, uint32_t detection, uint32_t step)
{
  if (step == PRG_NONE) {
    cb_write_printf(writer, "d%u_start", detection);
  } else {
    cb_write_printf(writer, "d%u_s%u", detection, step);
  }
}

static void write_dot_text(cb_writer *writer, const char *text)
{
  for (; *text; text++) {
    if (*text == '"' || *text == '\\') cb_write_u8(writer, '\\');
    cb_write_u8(writer, (uint8_t)*text);
  }
}

static void write_dot_edge(cb_writer *writer, const prg *program, uint32_t d, const prg_state *state,
                           const prg_edge *edge)
{
  const prg_detection *detection = &program->detections[d];
  cb_write_text(writer, "    ");
  write_dot_name(writer, d, state->step);
  cb_write_text(writer, " -> ");
  if (edge->kind == PRG_EDGE_FINISH) {
    cb_write_printf(writer, "d%u_end", d);
  } else {
    write_dot_name(writer, d, edge->target);
  }
  cb_writer label;
  cb_writer_init(&label, writer->alloc);
  cb_write_text(&label, contiguities[edge->contiguity]);
  if (edge->kind == PRG_EDGE_FINISH && !(edge->flags & PRG_EDGE_AT_ONCE)) cb_write_text(&label, "waits");
  write_bound(&label, program, detection, state, edge);
  if (edge->gap > 0) {
    cb_write_text(&label, " within ");
    write_duration(&label, edge->gap);
  }
  write_counts(&label, program, edge);
  write_steps(&label, program, detection, edge->nos, " no ");
  write_steps(&label, program, detection, edge->guards, " unless ");
  write_steps(&label, program, detection, edge->untils, " until ");
  cb_write_u8(&label, 0);
  cb_write_text(writer, " [label=\"");
  if (label.status == CEP_OK) write_dot_text(writer, (const char *)label.data + (label.data[0] == ' '));
  if (label.status < 0 && writer->status == CEP_OK) writer->status = label.status;
  cb_write_text(writer, edge->kind == PRG_EDGE_FINISH && !(edge->flags & PRG_EDGE_AT_ONCE)
                            ? "\", style=dashed];\n"
                            : "\"];\n");
  cb_writer_fini(&label);
}

static void write_dot_detection(cb_writer *writer, const prg *program, uint32_t d)
{
  const prg_detection *detection = &program->detections[d];
  cb_write_printf(writer, "  subgraph cluster_%u {\n    label=\"", d);
  write_dot_text(writer, prg_text(program, detection->name));
  cb_write_printf(writer,
                  "\";\n    d%u_start [shape=point];\n    d%u_end [shape=doublecircle, label=\"\"];\n", d, d);
  if (detection->window != PRG_NONE) {
    cb_write_printf(writer, "    d%u_start -> d%u_end [label=\"", d, d);
    prg_write_window(writer, &program->windows[detection->window]);
    cb_write_text(writer, "\", style=dashed];\n");
  }
  if (detection->join != PRG_NONE) cb_write_printf(writer, "    d%u_start -> d%u_end [label=\"pairs\"];\n", d, d);
  for (uint32_t i = 0; i < detection->states.count; i++) {
    const prg_state *state = &program->states[detection->states.first + i];
    if (state->step != PRG_NONE) {
      cb_write_text(writer, "    ");
      write_dot_name(writer, d, state->step);
      cb_write_text(writer, " [label=\"");
      write_count(writer, step_at(program, detection, state->step));
      write_dot_text(writer, step_name(program, detection, state->step));
      cb_write_text(writer, "\"];\n");
    }
  }
  for (uint32_t i = 0; i < detection->states.count; i++) {
    const prg_state *state = &program->states[detection->states.first + i];
    for (uint32_t e = 0; e < state->edges.count; e++)
      write_dot_edge(writer, program, d, state, &program->edges[state->edges.first + e]);
  }
  cb_write_text(writer, "  }\n");
}

cep_status prg_dump_dot(cb_writer *writer, const prg *program)
{
  cb_write_text(writer, "digraph program {\n  rankdir=LR;\n  node [shape=box];\n");
  for (uint32_t d = 0; d < program->detections_count; d++) write_dot_detection(writer, program, d);
  cb_write_text(writer, "}\n");
  return writer->status;
}

/* ---- Code ------------------------------------------------------------------------------ */

static void write_operands(cb_writer *writer, const prg *program, const prg_expr *expr, const uint32_t *at)
{
  const char *letters = nfa_op_at(at[0])->operands;
  uint32_t length = nfa_op_length(at, program->code + expr->code.first + expr->code.count);
  for (uint32_t i = 1; i < length; i++) {
    char letter = i <= strlen(letters) ? letters[i - 1] : ' ';
    if (letter == 'n') {
      cb_write_printf(writer, " %d", (int32_t)at[i]);
    } else {
      cb_write_printf(writer, " %u", at[i]);
    }
    if (letter == 'c') {
      cb_write_text(writer, "  ; ");
      prg_write_const(writer, program, at[i]);
    }
  }
}

static void write_listing(cb_writer *writer, const prg *program, uint32_t index)
{
  const prg_expr *expr = &program->exprs[index];
  const uint32_t *code = program->code + expr->code.first;
  cb_write_printf(writer, "expression %u: %s, depth %u", index, cb_kind_name((cep_kind)expr->kind),
                  expr->depth);
  if (expr->stream != PRG_NONE)
    cb_write_printf(writer, ", of %s", prg_text(program, program->streams[expr->stream].name));
  cb_write_text(writer, expr->looks_back ? ", looks back\n  = " : "\n  = ");
  prg_write_expr(writer, program, NULL, index);
  cb_write_u8(writer, '\n');
  for (uint32_t place = 0; place < expr->code.count;) {
    cb_write_printf(writer, "  %3u %s", place, nfa_op_at(code[place])->name);
    write_operands(writer, program, expr, code + place);
    cb_write_u8(writer, '\n');
    place += nfa_op_length(code + place, code + expr->code.count);
  }
}

static void write_stream(cb_writer *writer, const prg *program, uint32_t index)
{
  const prg_stream *stream = &program->streams[index];
  cb_write_printf(writer, "stream %s: %u columns, %u atoms\n", prg_text(program, stream->name),
                  stream->columns.count, stream->atoms.count);
  for (uint32_t i = 0; i < stream->atoms.count; i++) {
    const prg_atom *atom = &program->atoms[stream->atoms.first + i];
    cb_write_printf(writer, "  atom %u = %sexpression %u\n", i, atom->negated ? "not " : "", atom->expr);
  }
}

cep_status prg_dump_code(cb_writer *writer, const prg *program)
{
  for (uint32_t i = 0; i < program->streams_count; i++) write_stream(writer, program, i);
  for (uint32_t i = 0; i < program->exprs_count; i++) write_listing(writer, program, i);
  return writer->status;
}
