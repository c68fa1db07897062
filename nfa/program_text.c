/* program_text.c - bytecode back to the expression that it came from. */
#include "nfa/program_text.h"

#include <string.h>

#include "cep/base/time.h"
#include "nfa/expr.h"
#include "nfa/fn.h"
#include "nfa/opcode.h"

/* The texts of the values on the stack lie one behind the other in one buffer. */
typedef struct piece {
  size_t start;
  int joins; /* the instruction or condition word that made it; -1: stands alone */
} piece;

typedef struct printer {
  const prg *program;
  const prg_detection *detection;
  const prg_expr *expr;
  const char *prefix; /* before fields of the event; NULL: none */
  cb_writer text;
  piece pieces[NFA_STACK_MAX + 1];
  uint32_t top;
  uint32_t present_targets[NFA_STACK_MAX]; /* of coalesce: where its arguments join */
  uint32_t present_count;
} printer;

static void begin(printer *p)
{
  CB_ASSERT(p->top < NFA_STACK_MAX);
  p->pieces[p->top++] = (piece){p->text.len, -1};
}

static size_t end_of(const printer *p, uint32_t index)
{
  return index + 1 < p->top ? p->pieces[index + 1].start : p->text.len;
}

static int is_logic(int joins)
{
  return joins == NFA_OP_AND || joins == NFA_OP_OR;
}

/* Copies piece `index` to the end of the buffer, in brackets if `inside` asks for them. */
static void append(printer *p, uint32_t index, size_t end, int inside)
{
  int joins = p->pieces[index].joins;
  int brackets = joins >= 0 && joins != inside && (!is_logic(inside) || is_logic(joins));
  size_t len = end - p->pieces[index].start;
  if (brackets) cb_write_u8(&p->text, '(');
  for (size_t i = 0; i < len && p->text.status == CEP_OK; i++) /* the buffer may move */
    cb_write_u8(&p->text, p->text.data[p->pieces[index].start + i]);
  if (brackets) cb_write_u8(&p->text, ')');
}

/* What was written from `from` on takes the place of the newest `count` pieces. */
static void replace(printer *p, uint32_t count, size_t from, int joins)
{
  p->top -= count;
  size_t start = p->pieces[p->top].start;
  if (p->text.status == CEP_OK) {
    memmove(p->text.data + start, p->text.data + from, p->text.len - from);
    p->text.len = start + (p->text.len - from);
  }
  p->pieces[p->top++] = (piece){start, joins};
}

static void join(printer *p, const char *word, int joins)
{
  size_t from = p->text.len, middle = p->pieces[p->top - 1].start;
  int inside = is_logic(joins) ? joins : -1;
  append(p, p->top - 2, middle, inside);
  cb_write_printf(&p->text, " %s ", word);
  append(p, p->top - 1, from, inside);
  replace(p, 2, from, joins);
}

static void surround(printer *p, const char *before, const char *after, uint32_t count, int joins)
{
  size_t from = p->text.len;
  cb_write_text(&p->text, before);
  for (uint32_t i = 0; i < count; i++) {
    uint32_t index = p->top - count + i;
    if (i > 0) cb_write_text(&p->text, ", ");
    append(p, index, i + 1 < count ? end_of(p, index) : from,
           count > 1 || *after == ')' ? p->pieces[index].joins : -1);
  }
  cb_write_text(&p->text, after);
  replace(p, count, from, joins);
}

static const prg_step *step_of(const printer *p, uint32_t step)
{
  return p->detection && step < p->detection->steps.count
             ? &p->program->steps[p->detection->steps.first + step]
             : NULL;
}

static void write_field(printer *p, uint32_t stream, uint32_t column)
{
  const prg *program = p->program;
  prg_list fields = program->streams[stream].fields;
  for (uint32_t i = fields.first; i < fields.first + fields.count; i++) {
    int is_it = column == PRG_NONE ? program->fields[i].is_time != 0 : program->fields[i].column == column;
    if (!is_it) continue;
    cb_write_text(&p->text, prg_text(program, program->fields[i].name));
    return;
  }
  if (column == PRG_NONE) {
    cb_write_text(&p->text, "time");
  } else {
    cb_write_printf(&p->text, "column %u", column);
  }
}

static void write_captured(printer *p, uint32_t number, int32_t nth, uint32_t column)
{
  const prg_step *step = step_of(p, number);
  if (!step) {
    cb_write_printf(&p->text, "step %u[%d].", number, nth);
    if (column == PRG_NONE) {
      cb_write_text(&p->text, "time");
    } else {
      cb_write_printf(&p->text, "column %u", column);
    }
    return;
  }
  const char *name = prg_text(p->program, step->name);
  if (!(step->flags & PRG_STEP_REPEATS) && nth == 0) {
    cb_write_printf(&p->text, "%s.", name);
  } else if (nth == 0 || nth == -1) {
    cb_write_printf(&p->text, "%s(%s).", nth == 0 ? "first" : "last", name);
  } else {
    cb_write_printf(&p->text, "%s[%d].", name, nth);
  }
  write_field(p, step->stream, column);
}

static void print_code(printer *p, uint32_t expr);

static void write_inner(printer *p, uint32_t expr, const char *prefix)
{
  printer inner = {.program = p->program, .prefix = prefix};
  cb_writer_init(&inner.text, p->text.alloc);
  print_code(&inner, expr);
  cb_write_bytes(&p->text, inner.text.data, inner.text.len);
  if (inner.text.status < 0 && p->text.status == CEP_OK) p->text.status = inner.text.status;
  cb_writer_fini(&inner.text);
}

static void write_register(printer *p, uint32_t index)
{
  static const char *const words[] = {"count",    "sum",    "sum",  "min",   "max",  "min",             "max",
                                      "distinct", "stddev", "part", "matches", "first", "last", "approx_distinct", "approx_percentile", "top"};
  _Static_assert(sizeof words / sizeof words[0] == PRG_REG_KINDS, "a word for each");
  if (!p->detection) {
    cb_write_printf(&p->text, "register %u", index);
    return;
  }
  const prg_register *reg = &p->program->registers[p->detection->registers.first + index];
  cb_write_printf(&p->text, "%s(", words[reg->what]);
  if (reg->what == PRG_REG_MATCHES) {
    cb_write_u8(&p->text, ')');
    return;
  }
  const char *step = prg_text(p->program, step_of(p, reg->step)->name);
  for (uint32_t i = 0; i < reg->tuple.count; i++) {
    if (i > 0) cb_write_text(&p->text, ", ");
    write_inner(p, p->program->lists[reg->tuple.first + i], step);
  }
  if (reg->tuple.count > 0) {
    cb_write_u8(&p->text, ')');
    return;
  }
  if (reg->what == PRG_REG_TOP) cb_write_printf(&p->text, "%llu, ", (unsigned long long)reg->parameter);
  if (reg->arg != PRG_NONE) {
    write_inner(p, reg->arg, step);
  } else {
    cb_write_text(&p->text, step);
  }
  if (reg->where != PRG_NONE) {
    cb_write_text(&p->text, " where ");
    write_inner(p, reg->where, step);
  }
  if (reg->what == PRG_REG_DDSKETCH) {
    double percent;
    memcpy(&percent, &reg->parameter, sizeof percent);
    cb_write_printf(&p->text, ", %g", percent);
  }
  cb_write_u8(&p->text, ')');
}

static void write_distinct(printer *p, const uint32_t *at)
{
  const prg_step *step = step_of(p, at[1]);
  const char *name = step ? prg_text(p->program, step->name) : "captured";
  cb_write_text(&p->text, "distinct(");
  for (uint32_t i = 0; i < at[2]; i++) {
    if (i > 0) cb_write_text(&p->text, ", ");
    write_inner(p, at[3 + i], name);
  }
  cb_write_u8(&p->text, ')');
}

static void write_key(printer *p, uint32_t index)
{
  uint32_t keys = p->detection ? p->detection->keys.count : 0;
  if (p->detection && index >= keys + PRG_WINDOW_PARTS) {
    prg_list measures = p->program->windows[p->detection->window].measures;
    cb_write_text(&p->text, prg_text(p->program, p->program->outputs[measures.first + index - keys - PRG_WINDOW_PARTS].name));
  } else if (p->detection && index >= keys) {
    cb_write_text(&p->text, index == keys ? "window_start" : "window_end");
  } else if (p->detection) {
    cb_write_text(&p->text, prg_text(p->program, p->program->keys[p->detection->keys.first + index].name));
  } else {
    cb_write_printf(&p->text, "key %u", index);
  }
}

static void print_prev(printer *p, const uint32_t *at)
{
  size_t from = p->text.len;
  cb_write_text(&p->text, "prev(");
  const prg_step *step = at[1] > 0 ? step_of(p, at[2]) : NULL;
  if (step) {
    write_field(p, step->stream, at[3]);
  } else {
    cb_write_text(&p->text, "…");
  }
  uint32_t otherwise = p->top - 1;
  size_t len = from - p->pieces[otherwise].start;
  int is_null = p->text.status == CEP_OK && len == 4 &&
                memcmp(p->text.data + p->pieces[otherwise].start, "null", 4) == 0;
  if (!is_null) {
    cb_write_text(&p->text, ", ");
    append(p, otherwise, from, p->pieces[otherwise].joins);
  }
  cb_write_u8(&p->text, ')');
  replace(p, 1, from, -1);
}

static void print_nets(printer *p, const uint32_t *at)
{
  size_t from = p->text.len;
  append(p, p->top - 1, from, -1);
  cb_write_text(&p->text, " in cidr (");
  for (uint32_t i = 0; i < at[2] && p->text.len - from < PRG_TEXT_MAX; i++) {
    char ip[CB_IP_TEXT_MAX];
    const prg_net *net = &p->program->nets[at[1] + i];
    size_t len = cb_ip_print(net->address, ip);
    int is_v4 = memchr(ip, ':', len) == NULL && net->bits >= 96;
    cb_write_printf(&p->text, "%s\"%s/%u\"", i > 0 ? ", " : "", ip, is_v4 ? net->bits - 96 : net->bits);
  }
  cb_write_u8(&p->text, ')');
  replace(p, 1, from, NFA_OP_CIDR);
}

static void print_look(printer *p, const uint32_t *at)
{
  size_t from = p->text.len;
  const prg_table *table = &p->program->tables[at[1]];
  const char *name = prg_text(p->program, table->name), *field = prg_text(p->program, p->program->fields[table->fields.first + at[2]].name);
  if (at[0] == NFA_OP_IN_TABLE) {
    append(p, p->top - 1, from, -1);
    cb_write_printf(&p->text, " in %s.%s", name, field);
  } else {
    cb_write_printf(&p->text, "%s[", name);
    append(p, p->top - 1, from, p->pieces[p->top - 1].joins);
    cb_write_printf(&p->text, "].%s", field);
  }
  replace(p, 1, from, at[0] == NFA_OP_IN_TABLE ? (int)NFA_OP_IN_TABLE : -1);
}

/* sought, so far, item: the `false` that `so far` begins with is not shown. */
static void print_in_item(printer *p)
{
  size_t from = p->text.len;
  uint32_t so_far = p->top - 2;
  int is_first = p->pieces[so_far].joins != NFA_OP_IN_ITEM;
  if (!is_first) {
    append(p, so_far, end_of(p, so_far), NFA_OP_IN_ITEM);
    cb_write_text(&p->text, ", ");
  }
  append(p, p->top - 1, from, p->pieces[p->top - 1].joins);
  replace(p, 2, from, NFA_OP_IN_ITEM);
}

static const char *word_of(nfa_op op)
{
  switch (op) {
  case NFA_OP_AND: return "and";
  case NFA_OP_OR: return "or";
  case NFA_OP_EQ: return "==";
  case NFA_OP_NE: return "!=";
  case NFA_OP_LT: return "<";
  case NFA_OP_LE: return "<=";
  case NFA_OP_GT: return ">";
  case NFA_OP_GE: return ">=";
  case NFA_OP_ADD_INT:
  case NFA_OP_ADD_FLOAT:
  case NFA_OP_ADD_DURATION:
  case NFA_OP_ADD_TIME: return "+";
  case NFA_OP_SUB_INT:
  case NFA_OP_SUB_FLOAT:
  case NFA_OP_SUB_DURATION:
  case NFA_OP_SUB_TIME:
  case NFA_OP_SUB_TIMES: return "-";
  case NFA_OP_MUL_INT:
  case NFA_OP_MUL_FLOAT:
  case NFA_OP_MUL_DURATION_INT:
  case NFA_OP_MUL_DURATION_FLOAT: return "*";
  case NFA_OP_AVG:
  case NFA_OP_DIV_FLOAT:
  case NFA_OP_DIV_DURATION_FLOAT:
  case NFA_OP_DIV_DURATIONS: return "/";
  case NFA_OP_IDIV: return "div";
  case NFA_OP_MOD: return "%";
  case NFA_OP_LIKE: return "like";
  case NFA_OP_ILIKE: return "ilike";
  case NFA_OP_CONTAINS: return "contains";
  case NFA_OP_STARTS: return "starts with";
  case NFA_OP_ENDS: return "ends with";
  case NFA_OP_ICONTAINS: return "icontains";
  case NFA_OP_ISTARTS: return "istarts with";
  case NFA_OP_IENDS: return "iends with";
  default: CB_UNREACHABLE();
  }
}

static void write_quoted(cb_writer *writer, const char *text, uint32_t len)
{
  if (len > PRG_TEXT_MAX) {
    cb_write_printf(writer, "<%u bytes>", len);
  } else {
    cb_json_write_string(writer, text, len);
  }
}

void prg_write_const(cb_writer *writer, const prg *program, uint32_t index)
{
  cep_value value = prg_const_value(program, index);
  char text[CB_TIME_TEXT_MAX];
  if (value.kind == CEP_DURATION) {
    cb_write_bytes(writer, text, cb_duration_print(value.as.i, text));
  } else if (value.kind == CEP_STRING) {
    write_quoted(writer, value.as.s, value.length);
  } else {
    cb_value_write_json(writer, &value);
  }
}

static void write_part(cb_writer *writer, const char *word, int64_t duration)
{
  char text[CB_TIME_TEXT_MAX];
  if (duration == 0) return;
  cb_write_text(writer, word);
  cb_write_bytes(writer, text, cb_duration_print(duration, text));
}

void prg_write_window(cb_writer *writer, const prg_window *window)
{
  static const char *const words[] = {"tumbling", "sliding", "session gap", "count"};
  cb_write_text(writer, words[window->kind]);
  write_part(writer, " ", window->length);
  if (window->kind == PRG_SLIDING) write_part(writer, " every ", window->every);
  if (window->kind == PRG_COUNT_WINDOW) cb_write_printf(writer, " %llu", (unsigned long long)window->events);
  if (window->every_events != window->events) cb_write_printf(writer, " every %llu", (unsigned long long)window->every_events);
  write_part(writer, " max ", window->max);
  write_part(writer, " offset ", window->offset);
  write_part(writer, " even empty for ", window->even_empty);
  write_part(writer, " allowed lateness ", window->allowed);
  write_part(writer, ", early every ", window->early_every);
}

/* Instructions that put a new value on the stack. */
static void print_leaf(printer *p, const uint32_t *at)
{
  begin(p);
  uint32_t stream = p->expr->stream;
  switch ((nfa_op)at[0]) {
  case NFA_OP_CONST: prg_write_const(&p->text, p->program, at[1]); return;
  case NFA_OP_PATTERN: {
    prg_string pattern = p->program->regexes[at[1]].pattern;
    write_quoted(&p->text, prg_text(p->program, pattern), pattern.length);
    return;
  }
  case NFA_OP_COLUMN:
  case NFA_OP_TIME:
    if (p->prefix) cb_write_printf(&p->text, "%s.", p->prefix);
    write_field(p, stream, at[0] == NFA_OP_TIME ? PRG_NONE : at[1]);
    return;
  case NFA_OP_KEY: write_key(p, at[1]); return;
  case NFA_OP_CAPTURE: write_captured(p, at[1], (int32_t)at[2], at[3]); return;
  case NFA_OP_CAPTURE_TIME: write_captured(p, at[1], (int32_t)at[2], PRG_NONE); return;
  case NFA_OP_REGISTER: write_register(p, at[1]); return;
  case NFA_OP_DISTINCT: write_distinct(p, at); return;
  default: CB_UNREACHABLE();
  }
}

static void print_call(printer *p, const uint32_t *at)
{
  char name[64];
  const char *word = nfa_fn_at(at[1])->name;
  size_t len = strlen(word);
  CB_ASSERT(len + 2 <= sizeof name);
  memcpy(name, word, len);
  memcpy(name + len, "(", 2);
  surround(p, name, ")", at[2], -1);
}

#define CASE_WORD "case "

/* A choice whose otherwise is a choice: one more `when` in front of it. */
static void print_select(printer *p)
{
  size_t from = p->text.len;
  uint32_t otherwise = p->top - 3;
  size_t word = sizeof CASE_WORD - 1;
  int goes_on = p->pieces[otherwise].joins == NFA_OP_SELECT;
  cb_write_text(&p->text, CASE_WORD "when ");
  append(p, p->top - 2, end_of(p, p->top - 2), p->pieces[p->top - 2].joins);
  cb_write_text(&p->text, " then ");
  append(p, p->top - 1, from, p->pieces[p->top - 1].joins);
  cb_write_text(&p->text, goes_on ? " " : " else ");
  if (goes_on) p->pieces[otherwise].start += word;
  append(p, otherwise, end_of(p, otherwise), p->pieces[otherwise].joins);
  if (goes_on) p->pieces[otherwise].start -= word;
  if (!goes_on) cb_write_text(&p->text, " end");
  replace(p, 3, from, NFA_OP_SELECT);
}

/* The sum of squares and the count, which both say what they are of: once is enough. */
static void print_stddev(printer *p)
{
  p->text.len = p->pieces[p->top - 1].start;
  p->top--;
}

static void print_op(printer *p, const uint32_t *at)
{
  nfa_op op = (nfa_op)at[0];
  switch (op) {
  case NFA_OP_CONST:
  case NFA_OP_PATTERN:
  case NFA_OP_COLUMN:
  case NFA_OP_TIME:
  case NFA_OP_KEY:
  case NFA_OP_CAPTURE:
  case NFA_OP_CAPTURE_TIME:
  case NFA_OP_DISTINCT:
  case NFA_OP_REGISTER: print_leaf(p, at); return;
  case NFA_OP_PREV: print_prev(p, at); return;
  case NFA_OP_TO_FLOAT: return; /* nobody wrote it */
  case NFA_OP_NOT: surround(p, "not ", "", 1, NFA_OP_NOT); return;
  case NFA_OP_NEG_INT:
  case NFA_OP_NEG_FLOAT:
  case NFA_OP_NEG_DURATION: surround(p, "-", "", 1, NFA_OP_NEG_INT); return;
  case NFA_OP_IS_NULL: surround(p, "", " is null", 1, NFA_OP_IS_NULL); return;
  case NFA_OP_REGEX: {
    size_t from = p->text.len;
    prg_string pattern = p->program->regexes[at[1]].pattern;
    append(p, p->top - 1, from, -1);
    cb_write_text(&p->text, " ~ ");
    write_quoted(&p->text, prg_text(p->program, pattern), pattern.length);
    replace(p, 1, from, NFA_OP_REGEX);
    return;
  }
  case NFA_OP_CIDR: print_nets(p, at); return;
  case NFA_OP_IN_TABLE:
  case NFA_OP_LOOKUP: print_look(p, at); return;
  case NFA_OP_IN_ITEM: print_in_item(p); return;
  case NFA_OP_IN_END:
    p->pieces[p->top - 1].joins = NFA_OP_IN_ITEM; /* always in brackets */
    join(p, "in", NFA_OP_IN_END);
    return;
  case NFA_OP_CALL: print_call(p, at); return;
  case NFA_OP_SELECT: print_select(p); return;
  case NFA_OP_STDDEV: print_stddev(p); return;
  case NFA_OP_JUMP_FALSE:
  case NFA_OP_JUMP_TRUE: return;              /* a short cut */
  case NFA_OP_JUMP_PRESENT: CB_UNREACHABLE(); /* kept by the caller */
  default: join(p, word_of(op), (int)op); return;
  }
}

/* Arguments of a `coalesce` stay on the stack until the place where all of them meet. */
static void land(printer *p, uint32_t place)
{
  uint32_t count = 1;
  while (p->present_count > 0 && p->present_targets[p->present_count - 1] == place && p->top > count) {
    p->present_count--;
    count++;
  }
  if (count > 1) surround(p, "coalesce(", ")", count, -1);
}

/* 0 when the code is of no shape that the compiler makes, or too long to show. */
static int print_all(printer *p)
{
  const uint32_t *code = p->program->code + p->expr->code.first;
  uint32_t count = p->expr->code.count;
  for (uint32_t place = 0; place < count;) {
    land(p, place);
    const nfa_op_info *info = nfa_op_at(code[place]);
    uint32_t pops = info->pops == NFA_POPS_COUNT ? code[place + 2] : info->pops;
    if (p->top < pops || p->top + 1 >= NFA_STACK_MAX || p->text.len > PRG_TEXT_MAX) return 0;
    if (code[place] == NFA_OP_JUMP_PRESENT) {
      if (p->present_count == NFA_STACK_MAX) return 0;
      p->present_targets[p->present_count++] = code[place + 1];
    } else {
      print_op(p, code + place);
    }
    place += nfa_op_length(code + place, code + count);
  }
  land(p, count);
  return p->top == 1 && p->text.len <= PRG_TEXT_MAX;
}

static void print_code(printer *p, uint32_t expr)
{
  p->expr = &p->program->exprs[expr];
  if (print_all(p) || p->text.status < 0) return;
  cb_writer_reset(&p->text);
  p->top = 0;
  p->present_count = 0;
  begin(p);
  cb_write_printf(&p->text, "expression %u", expr);
}

void prg_write_expr(cb_writer *writer, const prg *program, const prg_detection *detection, uint32_t expr)
{
  printer p = {.program = program, .detection = detection};
  cb_writer_init(&p.text, writer->alloc);
  print_code(&p, expr);
  cb_write_bytes(writer, p.text.data, p.text.len);
  if (p.text.status < 0 && writer->status == CEP_OK) writer->status = p.text.status;
  cb_writer_fini(&p.text);
}

/* The atom as one piece. */
static void print_atom(printer *p, const prg_atom *atom)
{
  printer inner = {.program = p->program};
  cb_writer_init(&inner.text, p->text.alloc);
  print_code(&inner, atom->expr);
  begin(p);
  cb_write_bytes(&p->text, inner.text.data, inner.text.len);
  p->pieces[p->top - 1].joins = atom->negated && inner.top > 0 ? inner.pieces[0].joins : -1;
  if (inner.text.status < 0 && p->text.status == CEP_OK) p->text.status = inner.text.status;
  cb_writer_fini(&inner.text);
  if (atom->negated) surround(p, "not ", "", 1, -1);
}

void prg_write_cond(cb_writer *writer, const prg *program, uint32_t cond)
{
  if (cond == PRG_NONE) {
    cb_write_text(writer, "always");
    return;
  }
  printer p = {.program = program};
  const prg_cond *c = &program->conds[cond];
  prg_list atoms = program->streams[c->stream].atoms;
  cb_writer_init(&p.text, writer->alloc);
  for (uint32_t i = 0; i < c->code.count && p.text.len <= PRG_TEXT_MAX; i++) {
    uint32_t word = program->cond_code[c->code.first + i];
    if (word == PRG_COND_AND) {
      join(&p, "and", NFA_OP_AND);
    } else if (word == PRG_COND_OR) {
      join(&p, "or", NFA_OP_OR);
    } else if (word == PRG_COND_TRUE) {
      begin(&p);
      cb_write_text(&p.text, "true");
    } else {
      print_atom(&p, &program->atoms[atoms.first + word]);
    }
  }
  if (p.text.len > PRG_TEXT_MAX) {
    cb_write_printf(writer, "condition %u", cond);
  } else {
    cb_write_bytes(writer, p.text.data, p.text.len);
  }
  if (p.text.status < 0 && writer->status == CEP_OK) writer->status = p.text.status;
  cb_writer_fini(&p.text);
}
