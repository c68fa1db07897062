/* wake_handle.c - the shapes of code that an index can serve. */
#include "nfa/wake_handle.h"

#include <string.h>

#include "nfa/opcode.h"

/* Guesses: an equality holds seldom, a range for every second event. */
#define WEIGHT_TEXT       2u
#define WEIGHT_SHORT_TEXT 8u
#define WEIGHT_HALF       16u

/* [CONST k][IN_ITEM] of the first, [JUMP_TRUE j][CONST k][IN_ITEM] of each other one. */
#define IN_FIRST 4u
#define IN_ITEM  3u
#define IN_NEXT  5u

static uint32_t kind_of(const prg *program, uint32_t stream, uint32_t column)
{
  return program->columns[program->streams[stream].columns.first + column];
}

/* Of the column's kind, and not NaN, which nothing is equal to. */
static int is_comparable(const cep_value *value, uint32_t kind)
{
  return value->kind == kind && (value->kind != CEP_FLOAT || value->as.f == value->as.f);
}

static void set_equal(nfa_handle *handle, const cep_value *value)
{
  handle->kind = NFA_HANDLE_EQUAL;
  handle->is_exact = 1;
  handle->value = *value;
  handle->item_count = 1;
  handle->weight = value->kind == CEP_BOOL ? WEIGHT_HALF : 1;
}

static void set_bound(nfa_handle *handle, nfa_op op, const cep_value *value, int is_turned)
{
  int is_below = op == NFA_OP_LT || op == NFA_OP_LE;
  if (value->kind == CEP_BOOL) return;
  handle->kind = is_below != is_turned ? NFA_HANDLE_BELOW : NFA_HANDLE_ABOVE;
  handle->is_exact = 1;
  handle->is_open = op == NFA_OP_LT || op == NFA_OP_GT;
  handle->value = *value;
  handle->weight = WEIGHT_HALF;
}

static void set_text(nfa_handle *handle, const char *text, uint32_t len, int any_case, int is_exact)
{
  if (len == 0) return;
  uint32_t cut = len > NFA_NEEDLE_MAX ? len - NFA_NEEDLE_MAX : 0; /* the end stays */
  handle->kind = NFA_HANDLE_TEXT;
  handle->is_exact = is_exact && cut == 0;
  handle->any_case = any_case;
  handle->text_len = len - cut;
  memcpy(handle->text, text + cut, len - cut);
  handle->weight = len > 2 ? WEIGHT_TEXT : WEIGHT_SHORT_TEXT;
}

static void read_text_test(nfa_handle *handle, nfa_op op, const cep_value *part)
{
  char needle[NFA_NEEDLE_MAX];
  switch (op) {
  case NFA_OP_CONTAINS:
  case NFA_OP_ICONTAINS: set_text(handle, part->as.s, part->length, op == NFA_OP_ICONTAINS, 1); return;
  case NFA_OP_STARTS:
  case NFA_OP_ENDS: set_text(handle, part->as.s, part->length, 0, 0); return;
  case NFA_OP_ISTARTS:
  case NFA_OP_IENDS: set_text(handle, part->as.s, part->length, 1, 0); return;
  case NFA_OP_LIKE:
  case NFA_OP_ILIKE: set_text(handle, needle, nfa_needle_like(part->as.s, part->length, needle), op == NFA_OP_ILIKE, 0); return;
  default: return;
  }
}

/* `column op constant`, or turned round. */
static void read_comparison(const prg *program, uint32_t stream, const uint32_t *code, nfa_handle *handle)
{
  int is_turned = code[0] == NFA_OP_CONST;
  if (code[is_turned ? 2 : 0] != NFA_OP_COLUMN || code[is_turned ? 0 : 2] != NFA_OP_CONST) return;
  handle->column = code[is_turned ? 3 : 1];
  cep_value value = prg_const_value(program, code[is_turned ? 1 : 3]);
  if (!is_comparable(&value, kind_of(program, stream, handle->column))) return;
  nfa_op op = (nfa_op)code[4];
  if (op == NFA_OP_EQ) set_equal(handle, &value);
  else if (op == NFA_OP_LT || op == NFA_OP_LE || op == NFA_OP_GT || op == NFA_OP_GE) set_bound(handle, op, &value, is_turned);
  else if (!is_turned && value.kind == CEP_STRING) read_text_test(handle, op, &value);
}

static uint32_t const_of_item(const uint32_t *items, uint32_t index)
{
  return index == 0 ? items[1] : items[IN_ITEM + (index - 1) * IN_NEXT + 3];
}

static int is_item(const uint32_t *items, uint32_t index)
{
  const uint32_t *at = index == 0 ? items : items + IN_ITEM + (index - 1) * IN_NEXT + 2;
  return at[0] == NFA_OP_CONST && at[2] == NFA_OP_IN_ITEM && (index == 0 || at[-2] == NFA_OP_JUMP_TRUE);
}

/* `column in [constants]`: [COLUMN f][CONST false], the items, [IN_END]. */
static void read_list(const prg *program, uint32_t stream, const uint32_t *code, uint32_t count, nfa_handle *handle)
{
  if (count < IN_FIRST + IN_ITEM + 1 || (count - IN_FIRST - IN_ITEM - 1) % IN_NEXT != 0) return;
  if (code[0] != NFA_OP_COLUMN || code[2] != NFA_OP_CONST || code[count - 1] != NFA_OP_IN_END) return;
  cep_value so_far = prg_const_value(program, code[3]);
  if (so_far.kind != CEP_BOOL || so_far.as.i != 0) return;
  uint32_t items = 1 + (count - IN_FIRST - IN_ITEM - 1) / IN_NEXT;
  for (uint32_t i = 0; i < items; i++) {
    if (!is_item(code + IN_FIRST, i)) return;
    cep_value value = prg_const_value(program, const_of_item(code + IN_FIRST, i));
    if (!is_comparable(&value, kind_of(program, stream, code[1]))) return;
  }
  handle->kind = NFA_HANDLE_EQUAL;
  handle->column = code[1];
  handle->is_exact = 1;
  handle->items = (uint32_t)(code - program->code) + IN_FIRST;
  handle->item_count = items;
  handle->weight = 1 + items / 4;
}

cep_value nfa_handle_value(const prg *program, const nfa_handle *handle, uint32_t index)
{
  CB_ASSERT(index < handle->item_count);
  if (handle->items == 0) return handle->value;
  return prg_const_value(program, const_of_item(program->code + handle->items, index));
}

nfa_handle nfa_handle_of(const prg *program, uint32_t stream, const prg_atom *atom)
{
  nfa_handle handle = {.kind = NFA_HANDLE_NONE};
  prg_list list = program->exprs[atom->expr].code;
  const uint32_t *code = program->code + list.first;
  if (list.count == 2 && code[0] == NFA_OP_COLUMN && kind_of(program, stream, code[1]) == CEP_BOOL) {
    cep_value wanted = cb_bool(!atom->negated); /* a bool by itself */
    handle.column = code[1];
    set_equal(&handle, &wanted);
    return handle;
  }
  if (atom->negated) return handle; /* holds for nearly all events */
  if (list.count == 5) read_comparison(program, stream, code, &handle);
  if (list.count == 4 && code[0] == NFA_OP_COLUMN && code[2] == NFA_OP_REGEX && kind_of(program, stream, code[1]) == CEP_STRING) {
    prg_string pattern = program->regexes[code[3]].pattern;
    char needle[NFA_NEEDLE_MAX];
    int any_case = 0;
    uint32_t len = nfa_needle_regex(prg_text(program, pattern), pattern.length, needle, &any_case);
    handle.column = code[1];
    set_text(&handle, needle, len, any_case, 0);
  }
  if (handle.kind == NFA_HANDLE_NONE) read_list(program, stream, code, list.count, &handle);
  return handle;
}
