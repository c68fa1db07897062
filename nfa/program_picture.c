/* program_picture.c - the automaton of one detection as a picture: of text, or for Mermaid. */
#include "nfa/program.h"

#include <string.h>

#include "cep/base/time.h"
#include "cep/base/utf8.h"
#include "nfa/program_text.h"

#define LABEL_MAX 160u /* a longer condition is cut: it stands in the rules */
#define NAME_WIDTH_MAX 24u

typedef enum arrow_kind { ARROW_AGAIN, ARROW_ON, ARROW_GONE } arrow_kind;

typedef struct picture {
  const prg *program;
  const prg_detection *detection;
  cb_writer *out;
  cb_writer label; /* of the arrow or state in work: parts joined by commas */
  int is_mermaid;
  uint32_t width;  /* of the names that arrows lead to */
  uint32_t left;   /* arrows of this state that are still to come */
} picture;

/* Where arrows lead to that are no steps. */
enum { TO_MATCH = 1000, TO_TIMEOUT, TO_GONE };

static const prg_step *step_at(const picture *p, uint32_t step)
{
  return &p->program->steps[p->detection->steps.first + step];
}

static const char *name_of(const picture *p, uint32_t place)
{
  switch (place) {
  case PRG_NONE: return "start";
  case TO_MATCH: return p->detection->window == PRG_NONE ? "match" : "result";
  case TO_TIMEOUT: return "timeout";
  case TO_GONE: return "gone";
  default: return p->detection->window == PRG_NONE ? prg_text(p->program, step_at(p, place)->name) : "window";
  }
}

/* ---- Labels ---------------------------------------------------------------------------- */

static void part(picture *p)
{
  if (p->label.len > 0) cb_write_text(&p->label, ", ");
}

static void write_duration(cb_writer *writer, int64_t duration)
{
  char text[CB_TIME_TEXT_MAX];
  cb_write_bytes(writer, text, cb_duration_print(duration, text));
}

/* The stream of a step, and its condition. */
static void write_what(picture *p, const prg_step *step)
{
  cb_write_text(&p->label, prg_text(p->program, step->role));
  if (step->local != PRG_NONE) {
    cb_write_text(&p->label, " where ");
    prg_write_cond(&p->label, p->program, step->local);
  }
  if (step->residual != PRG_NONE) {
    cb_write_text(&p->label, step->local != PRG_NONE ? " and " : " where ");
    prg_write_expr(&p->label, p->program, p->detection, step->residual);
  }
}

static void write_count(picture *p, const prg_step *step)
{
  if (step->max == PRG_OPEN) {
    cb_write_printf(&p->label, "%u+ ", step->min);
  } else if (step->max > step->min) {
    cb_write_printf(&p->label, "%u..%u ", step->min, step->max);
  } else if (step->max > 1) {
    cb_write_printf(&p->label, "%u ", step->min);
  }
  for (uint32_t i = 0; i < step->distinct.count; i++) {
    cb_write_text(&p->label, i > 0 ? ", " : "distinct(");
    prg_write_expr(&p->label, p->program, p->detection, p->program->lists[step->distinct.first + i]);
  }
  if (step->distinct.count > 0) cb_write_text(&p->label, ") ");
  if (step->flags & PRG_STEP_GREEDY) cb_write_text(&p->label, "greedy ");
}

/* "1m without X", "the next is no X", "no X": what has to be true of a `no` that is passed. */
static void write_absence(picture *p, const prg_step *no, int is_trailing)
{
  part(p);
  if (no->no_for > 0) {
    cb_write_text(&p->label, is_trailing ? "after " : "");
    write_duration(&p->label, no->no_for);
    cb_write_text(&p->label, " without ");
  } else if (no->hop == PRG_STRICT) {
    cb_write_text(&p->label, is_trailing ? "when the next is no " : "the next is no ");
  } else {
    cb_write_text(&p->label, is_trailing ? "when the span is over without " : "no ");
  }
  write_what(p, no);
}

/* Those right behind the state end it as a whole and have arrows of their own; here they are said only
 * where something is waited for. */
static void write_absences(picture *p, const prg_edge *edge)
{
  for (uint32_t i = 0; i < edge->nos.count; i++) {
    const prg_step *no = step_at(p, p->program->lists[edge->nos.first + i]);
    int is_trailing = edge->kind == PRG_EDGE_FINISH && i + edge->trailing >= edge->nos.count;
    if (is_trailing || i >= edge->passes || no->no_for > 0 || no->hop == PRG_STRICT) write_absence(p, no, is_trailing);
  }
}

static void write_names(picture *p, prg_list list, const char *before)
{
  for (uint32_t i = 0; i < list.count; i++) {
    const prg_step *step = step_at(p, p->program->lists[list.first + i]);
    part(p);
    cb_write_text(&p->label, before);
    if (step->flags & PRG_STEP_UNTIL) {
      write_what(p, step);
    } else {
      cb_write_text(&p->label, prg_text(p->program, step->name));
    }
  }
}

static void write_bound(picture *p, const prg_state *state, const prg_edge *edge)
{
  if (state->step == PRG_NONE) return;
  const prg_step *step = step_at(p, state->step);
  if (edge->kind == PRG_EDGE_REPEAT) {
    if (step->max == PRG_OPEN) return;
    part(p);
    cb_write_printf(&p->label, "up to %u", step->max);
  } else if (step->min > 1) {
    part(p);
    cb_write_printf(&p->label, step->min == step->max ? "with %u" : "from %u on", step->min);
  }
}

/* "rounds", or "rounds of a" where there are several groups with rounds. */
static void write_rounds(picture *p, uint32_t number)
{
  const prg_counter *counters = p->program->counters + p->detection->counters.first;
  uint32_t kinds = 0;
  for (uint32_t i = 0; i < p->detection->counters.count; i++) kinds += counters[i].what == PRG_COUNTER_ROUNDS;
  part(p);
  cb_write_text(&p->label, "rounds");
  if (kinds > 1) cb_write_printf(&p->label, " from %s on", name_of(p, counters[number].first));
}

static void write_counts(picture *p, const prg_edge *edge)
{
  for (uint32_t i = 0; i < edge->tests.count; i++) {
    const prg_count *test = &p->program->counts[edge->tests.first + i];
    switch ((prg_count_kind)test->what) {
    case PRG_COUNT_BELOW:
    case PRG_COUNT_FROM:
      write_rounds(p, test->counter);
      cb_write_printf(&p->label, test->what == PRG_COUNT_BELOW ? " < %u" : " >= %u", test->value);
      break;
    case PRG_COUNT_HAS:
      part(p);
      cb_write_text(&p->label, "when all items are there");
      break;
    default:
      part(p);
      cb_write_text(&p->label, "if not there yet");
      break;
    }
  }
  for (uint32_t i = 0; i < edge->changes.count; i++) {
    if (p->program->counts[edge->changes.first + i].what != PRG_COUNT_ADD) continue;
    part(p);
    cb_write_text(&p->label, "next round");
  }
}

static void label_edge(picture *p, const prg_state *state, const prg_edge *edge)
{
  static const char *const words[] = {"", "immediately", "any"};
  if (edge->kind != PRG_EDGE_FINISH && state->step != PRG_NONE) cb_write_text(&p->label, words[edge->contiguity]);
  if (edge->gap > 0) {
    part(p);
    cb_write_text(&p->label, "within ");
    write_duration(&p->label, edge->gap);
  }
  write_bound(p, state, edge);
  write_counts(p, edge);
  write_absences(p, edge);
  if (edge->kind == PRG_EDGE_FINISH && edge->tail != PRG_NONE) {
    part(p);
    cb_write_printf(&p->label, "when no further %s can come", name_of(p, edge->tail));
  }
  if (edge->kind == PRG_EDGE_FINISH && p->detection->having != PRG_NONE) {
    part(p);
    cb_write_text(&p->label, "if ");
    prg_write_expr(&p->label, p->program, p->detection, p->detection->having);
  }
  uint32_t first_only = edge->guards.count - edge->lasting;
  write_names(p, (prg_list){edge->guards.first, first_only}, "given up if the next fits ");
  write_names(p, (prg_list){edge->guards.first + first_only, edge->lasting}, "given up once one fits ");
  write_names(p, edge->untils, "until ");
  if (edge->until != PRG_NONE) {
    part(p);
    cb_write_text(&p->label, "not with a ");
    write_what(p, step_at(p, edge->until));
  }
}

/* ---- Either form ----------------------------------------------------------------------- */

/* Mermaid has signs of its own, which it reads as entities; control signs would break lines. */
static void write_sign(picture *p, const uint8_t *at, const uint8_t *end)
{
  uint8_t sign = *at, next = at + 1 < end ? at[1] : ' ';
  int is_letter = (next | 32) >= 'a' && (next | 32) <= 'z';
  if (sign < 0x20) {
    cb_write_u8(p->out, ' ');
  } else if (p->is_mermaid && (sign == ':' || sign == ';' || sign == '#' || sign == '`' || (sign == '%' && next == '%') ||
                               (sign == '<' && (is_letter || next == '/' || next == '!' || next == '?')))) {
    cb_write_printf(p->out, "#%u;", sign);
  } else {
    cb_write_u8(p->out, sign);
  }
}

static void write_label(picture *p)
{
  const uint8_t *at = p->label.data;
  size_t len = p->label.status == CEP_OK ? p->label.len : 0, shown = len;
  if (len > LABEL_MAX) {
    shown = LABEL_MAX;
    while (shown > 0 && (at[shown] & 0xC0) == 0x80) shown--;
  }
  for (size_t i = 0; i < shown; i++) write_sign(p, at + i, at + shown);
  if (shown < len) cb_write_text(p->out, "…");
  if (p->label.status < 0 && p->out->status == CEP_OK) p->out->status = p->label.status;
  cb_writer_reset(&p->label);
}

static void write_id(picture *p, uint32_t place)
{
  if (place == PRG_NONE || place == TO_MATCH) {
    cb_write_text(p->out, "[*]");
  } else if (place == TO_TIMEOUT || place == TO_GONE) {
    cb_write_text(p->out, name_of(p, place));
  } else {
    cb_write_printf(p->out, "s%u", place);
  }
}

static void write_name(picture *p, const char *name)
{
  cb_write_text(&p->label, name);
  write_label(p);
}

/* The label has been written by whoever calls. */
static void arrow(picture *p, uint32_t from, uint32_t to, arrow_kind kind)
{
  static const char *const marks[] = {"─↻ ", "─▶ ", "─✗ "};
  CB_ASSERT(p->left > 0);
  p->left--;
  if (p->is_mermaid) {
    cb_write_text(p->out, "    ");
    write_id(p, from);
    cb_write_text(p->out, " --> ");
    write_id(p, to);
    if (p->label.len > 0) cb_write_text(p->out, " : ");
  } else {
    cb_writer label = p->label;
    cb_writer_init(&p->label, p->out->alloc);
    cb_write_text(p->out, p->left > 0 ? "  ├" : "  └");
    cb_write_text(p->out, marks[kind]);
    const char *name = name_of(p, to);
    write_name(p, name);
    size_t used = cb_utf8_count(name, strlen(name));
    for (size_t i = used; i < p->width && label.len > 0; i++) cb_write_u8(p->out, ' ');
    if (label.len > 0) cb_write_text(p->out, "  ");
    cb_writer_fini(&p->label);
    p->label = label;
  }
  write_label(p);
  cb_write_u8(p->out, '\n');
}

/* Its name; then, in the label already, what it takes. */
static void box(picture *p, uint32_t place)
{
  if (p->is_mermaid) {
    if (place == PRG_NONE) return;
    cb_write_printf(p->out, "    s%u : ", place);
    cb_writer label = p->label;
    cb_writer_init(&p->label, p->out->alloc);
    write_name(p, name_of(p, place));
    cb_writer_fini(&p->label);
    p->label = label;
    cb_write_printf(p->out, "\n    s%u : ", place);
  } else {
    cb_writer label = p->label;
    cb_writer_init(&p->label, p->out->alloc);
    cb_write_u8(p->out, '\n');
    write_name(p, name_of(p, place));
    cb_writer_fini(&p->label);
    p->label = label;
    if (p->label.len > 0) cb_write_text(p->out, ": ");
  }
  write_label(p);
  cb_write_u8(p->out, '\n');
}

/* ---- Detections ------------------------------------------------------------------------ */

/* When a partial match of this state times out, if that is reported; 0: never. */
static int label_timeout(picture *p, const prg_state *state)
{
  int64_t longest = 0;
  uint32_t ways = 0, bound = 0;
  for (uint32_t i = 0; i < state->edges.count; i++) {
    const prg_edge *edge = &p->program->edges[state->edges.first + i];
    if (edge->kind == PRG_EDGE_FINISH) continue;
    ways++;
    bound += edge->gap > 0;
    if (edge->gap > longest) longest = edge->gap;
  }
  if (state->step == PRG_NONE || ways == 0 || !(p->detection->flags & PRG_DETECT_ON_TIMEOUT)) return 0;
  if (bound == ways) {
    cb_write_text(&p->label, "after ");
    write_duration(&p->label, longest);
    return 1;
  }
  if (p->detection->within == INT64_MAX && p->detection->within_events == 0) return 0;
  cb_write_text(&p->label, "when the span is over");
  return 1;
}

static void draw_state(picture *p, const prg_state *state)
{
  int times_out = label_timeout(p, state);
  cb_writer_reset(&p->label);
  /* Under `match latest` the first step is plain, and what has only its event is replaced. */
  int is_replaced = (p->detection->flags & PRG_DETECT_LATEST) && state == &p->program->states[p->detection->states.first + 1];
  /* Before the start nothing is there that could end: its `no` is said on the arrow. */
  uint32_t ends = state->step == PRG_NONE ? 0 : state->direct_nos.count;
  p->left = ends + state->edges.count + (uint32_t)times_out + (uint32_t)is_replaced;
  if (!p->is_mermaid) {
    if (state->step != PRG_NONE) {
      write_count(p, step_at(p, state->step));
      write_what(p, step_at(p, state->step));
    }
    box(p, state->step);
  }
  for (uint32_t i = 0; i < state->edges.count; i++) {
    const prg_edge *edge = &p->program->edges[state->edges.first + i];
    label_edge(p, state, edge);
    arrow(p, state->step, edge->kind == PRG_EDGE_FINISH ? TO_MATCH : edge->target,
          edge->kind == PRG_EDGE_REPEAT ? ARROW_AGAIN : ARROW_ON);
  }
  if (is_replaced) {
    cb_write_printf(&p->label, "a new %s takes its place", name_of(p, state->step));
    arrow(p, state->step, state->step, ARROW_AGAIN);
  }
  for (uint32_t i = 0; i < ends; i++) {
    const prg_step *no = step_at(p, p->program->lists[state->direct_nos.first + i]);
    if (no->hop == PRG_STRICT && no->no_for == 0) cb_write_text(&p->label, "next ");
    write_what(p, no);
    if (no->no_for > 0) {
      cb_write_text(&p->label, " within ");
      write_duration(&p->label, no->no_for);
    }
    arrow(p, state->step, TO_GONE, ARROW_GONE);
  }
  if (!times_out) return;
  (void)label_timeout(p, state);
  arrow(p, state->step, TO_TIMEOUT, ARROW_ON);
}

static void draw_boxes(picture *p)
{
  for (uint32_t i = 0; i < p->detection->states.count; i++) {
    uint32_t step = p->program->states[p->detection->states.first + i].step;
    if (step == PRG_NONE) continue;
    write_count(p, step_at(p, step));
    write_what(p, step_at(p, step));
    box(p, step);
  }
}

static void draw_pattern(picture *p)
{
  if (p->is_mermaid) draw_boxes(p);
  for (uint32_t i = 0; i < p->detection->states.count; i++)
    draw_state(p, &p->program->states[p->detection->states.first + i]);
}

/* An aggregate has no automaton of steps; but a window begins, takes, and ends. */
static void draw_window(picture *p)
{
  const prg_window *window = &p->program->windows[p->detection->window];
  const char *stream = prg_text(p->program, step_at(p, 0)->role);
  p->left = 1;
  if (!p->is_mermaid) box(p, PRG_NONE);
  cb_write_printf(&p->label, "%s of the key", stream);
  arrow(p, PRG_NONE, 0, ARROW_ON);
  prg_window span = *window;
  span.even_empty = span.early_every = 0; /* arrows of their own */
  prg_write_window(&p->label, &span);
  box(p, 0);
  p->left = 2u + (window->even_empty > 0) + (window->early_every > 0);
  cb_write_printf(&p->label, "%s", stream);
  arrow(p, 0, 0, ARROW_AGAIN);
  if (window->even_empty > 0) {
    cb_write_text(&p->label, "empty ones for ");
    write_duration(&p->label, window->even_empty);
    arrow(p, 0, 0, ARROW_AGAIN);
  }
  if (window->early_every > 0) {
    cb_write_text(&p->label, "every ");
    write_duration(&p->label, window->early_every);
    cb_write_text(&p->label, ", if it grew");
    arrow(p, 0, TO_MATCH, ARROW_ON);
  }
  cb_write_text(&p->label, window->kind == PRG_COUNT_WINDOW ? "when full" : window->at_once ? "at once" : "at its end");
  if (window->having != PRG_NONE) {
    cb_write_text(&p->label, ", if ");
    prg_write_expr(&p->label, p->program, p->detection, window->having);
  }
  arrow(p, 0, TO_MATCH, ARROW_ON);
}

/* One side of a join: its events wait for those of the other. */
static void draw_side(picture *p, uint32_t side)
{
  const prg_join *join = &p->program->joins[p->detection->join];
  p->left = 1;
  if (!p->is_mermaid) box(p, PRG_NONE);
  cb_write_text(&p->label, prg_text(p->program, step_at(p, side)->role));
  arrow(p, PRG_NONE, side, ARROW_ON);
  if (join->window == PRG_NONE) {
    cb_write_text(&p->label, "within ");
    write_duration(&p->label, join->within);
  } else {
    prg_write_window(&p->label, &p->program->windows[join->window]);
  }
  box(p, side);
  int comes_alone = join->kind == PRG_FULL || (join->kind == PRG_LEFT && side == 0);
  p->left = comes_alone ? 2 : 1;
  cb_write_printf(&p->label, "with each %s of the key", prg_text(p->program, step_at(p, 1 - side)->name));
  if (join->where != PRG_NONE) {
    cb_write_text(&p->label, ", if ");
    prg_write_expr(&p->label, p->program, p->detection, join->where);
  }
  arrow(p, side, TO_MATCH, ARROW_ON);
  if (!comes_alone) return;
  cb_write_text(&p->label, "alone, when none can come any more");
  arrow(p, side, TO_MATCH, ARROW_ON);
}

static void write_head(picture *p)
{
  const prg_detection *detection = p->detection;
  cb_write_text(&p->label, prg_text(p->program, detection->name));
  for (uint32_t i = 0; i < detection->keys.count; i++)
    cb_write_printf(&p->label, "%s%s", i > 0 ? ", " : " by ", prg_text(p->program, p->program->keys[detection->keys.first + i].name));
  if (detection->window == PRG_NONE && detection->join == PRG_NONE) {
    if (detection->within_events > 0) {
      cb_write_printf(&p->label, " within %llu events", (unsigned long long)detection->within_events);
    } else if (detection->within == INT64_MAX) {
      cb_write_text(&p->label, " unbounded");
    } else {
      cb_write_text(&p->label, " within ");
      write_duration(&p->label, detection->within);
    }
  }
  int is_mermaid = p->is_mermaid;
  p->is_mermaid = 0; /* a comment */
  write_label(p);
  p->is_mermaid = is_mermaid;
  cb_write_u8(p->out, '\n');
}

cep_status prg_draw(cb_writer *writer, const prg *program, uint32_t detection, int as_mermaid)
{
  picture p = {.program = program, .detection = &program->detections[detection], .out = writer, .is_mermaid = as_mermaid};
  cb_writer_init(&p.label, writer->alloc);
  p.width = (uint32_t)strlen("timeout");
  for (uint32_t i = 0; i < p.detection->steps.count; i++) {
    if (step_at(&p, i)->flags & (PRG_STEP_NO | PRG_STEP_UNTIL)) continue;
    const char *name = prg_text(program, step_at(&p, i)->name);
    size_t width = cb_utf8_count(name, strlen(name));
    if (width > p.width && width <= NAME_WIDTH_MAX) p.width = (uint32_t)width;
  }
  if (as_mermaid) cb_write_text(writer, "%% ");
  write_head(&p);
  if (as_mermaid) cb_write_text(writer, "stateDiagram-v2\n");
  if (p.detection->join != PRG_NONE) {
    draw_side(&p, 0);
    draw_side(&p, 1);
  } else if (p.detection->window != PRG_NONE) {
    draw_window(&p);
  } else {
    draw_pattern(&p);
  }
  cb_writer_fini(&p.label);
  return writer->status;
}
