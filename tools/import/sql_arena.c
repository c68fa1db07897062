/* sql_arena.c - memory, growing text, and remarks of one import. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/import/sql_tree.h"

typedef struct block block;
struct block {
  block *next;
  size_t used;
  size_t size;
  _Alignas(16) char bytes[];
};

struct sql_arena {
  block *newest;
  jmp_buf way_out;
};

#define BLOCK_SIZE 65536u

sql_arena *sql_arena_new(void)
{
  return calloc(1, sizeof(sql_arena));
}

void sql_arena_free(sql_arena *arena)
{
  if (!arena) return;
  for (block *at = arena->newest, *next; at; at = next) {
    next = at->next;
    free(at);
  }
  free(arena);
}

jmp_buf *sql_arena_way_out(sql_arena *arena)
{
  return &arena->way_out;
}

void *sql_take(sql_arena *arena, size_t size)
{
  size = (size + 15) & ~(size_t)15;
  block *at = arena->newest;
  if (!at || at->size - at->used < size) {
    size_t room = size > BLOCK_SIZE ? size : BLOCK_SIZE;
    at = malloc(sizeof *at + room);
    if (!at) longjmp(arena->way_out, 1);
    at->next = arena->newest;
    at->used = 0;
    at->size = room;
    arena->newest = at;
  }
  void *taken = at->bytes + at->used;
  at->used += size;
  memset(taken, 0, size);
  return taken;
}

char *sql_copy(sql_arena *arena, const char *text, size_t len)
{
  char *copy = sql_take(arena, len + 1);
  memcpy(copy, text, len);
  return copy;
}

void *sql_grow(sql_arena *arena, const void *old, size_t count, size_t room, size_t size)
{
  void *grown = sql_take(arena, room * size);
  if (count) memcpy(grown, old, count * size);
  return grown;
}

static char *format_text(sql_arena *arena, const char *format, va_list args)
{
  va_list again;
  va_copy(again, args);
  int len = vsnprintf(NULL, 0, format, args);
  char *made = sql_take(arena, len < 0 ? 1 : (size_t)len + 1);
  if (len >= 0) vsnprintf(made, (size_t)len + 1, format, again);
  va_end(again);
  return made;
}

char *sql_printf(sql_arena *arena, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  char *made = format_text(arena, format, args);
  va_end(args);
  return made;
}

void sql_put(sql_text *text, const char *piece)
{
  size_t len = strlen(piece);
  if (text->room - text->len < len + 1) {
    size_t room = (text->room + len + 64) * 2;
    text->bytes = sql_grow(text->arena, text->bytes, text->len, room, 1);
    text->room = room;
  }
  memcpy(text->bytes + text->len, piece, len + 1);
  text->len += len;
}

void sql_putf(sql_text *text, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  sql_put(text, format_text(text->arena, format, args));
  va_end(args);
}

const char *sql_text_of(const sql_text *text)
{
  return text->bytes ? text->bytes : "";
}

/* Behind those of earlier places and of the same place. */
static void insert_remark(sql_import *import, sql_remark remark)
{
  uint32_t at = import->remark_count++;
  for (; at > 0; at--) {
    const sql_remark *before = &import->remarks[at - 1];
    if (before->line < remark.line || (before->line == remark.line && before->column <= remark.column)) break;
    import->remarks[at] = *before;
  }
  import->remarks[at] = remark;
}

/* Remarks go to terminals, and into comments: neither has a use for control characters or
 * for pieces of a character. */
static void make_plain(char *text)
{
  for (unsigned char *c = (unsigned char *)text; *c;) {
    size_t len = *c < 0x80 ? 1 : *c < 0xC2 || *c > 0xF4 ? 0 : *c < 0xE0 ? 2 : *c < 0xF0 ? 3 : 4, more = 1;
    while (more < len && (c[more] & 0xC0) == 0x80) more++;
    if (len == 0 || more < len || *c < 32 || *c == 127 || (*c == 0xC2 && c[1] < 0xA0)) {
      *c++ = '?';
      continue;
    }
    c += len;
  }
}

void sql_remark_at(sql_state *state, sql_remark_kind kind, const sql_token *at, const char *format, ...)
{
  sql_import *import = state->import;
  va_list args;
  va_start(args, format);
  char *text = format_text(state->arena, format, args);
  va_end(args);
  make_plain(text);
  if (kind == SQL_ERROR) import->error_count++;
  if (kind == SQL_CHANGED) import->change_count++;
  for (uint32_t i = 0; i < import->remark_count; i++)
    if (import->remarks[i].line == at->line && strcmp(import->remarks[i].text, text) == 0) return;
  if (import->remark_count == SQL_REMARKS_MAX) return;
  insert_remark(import, (sql_remark){kind, at->line, at->column, text});
}
