/* differences.c - the tables of the page of differences. */
#include "tests/support/differences.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ROWS_MAX = 500, NAMES_MAX = 5000 };

typedef struct span {
  const char *at;
  const char *end;
} span;

static char *read_page(const char *path, size_t *len_out)
{
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  size_t room = 1 << 20, len = 0;
  char *text = malloc(room);
  if (text) len = fread(text, 1, room, file);
  fclose(file);
  *len_out = len;
  return text;
}

/* The cell that starts at `at`, behind a bar; moves to the bar that ends it. */
static span next_cell(span *line)
{
  span cell = {line->at, line->at};
  while (cell.end < line->end && *cell.end != '|') cell.end++;
  line->at = cell.end < line->end ? cell.end + 1 : line->end;
  while (cell.at < cell.end && *cell.at == ' ') cell.at++;
  while (cell.end > cell.at && cell.end[-1] == ' ') cell.end--;
  return cell;
}

static const char *keep(cb_arena *arena, span text)
{
  const char *kept = cb_arena_text(arena, text.at, (size_t)(text.end - text.at));
  CB_ASSERT(kept);
  return kept;
}

static void read_names(cb_arena *arena, differences *d, span cell)
{
  for (;;) {
    const char *open = memchr(cell.at, '`', (size_t)(cell.end - cell.at));
    const char *close = open ? memchr(open + 1, '`', (size_t)(cell.end - open - 1)) : NULL;
    if (!close) return;
    CB_ASSERT(d->name_count < NAMES_MAX);
    d->names[d->name_count++] = (diff_name){keep(arena, (span){open + 1, close}), d->row_count - 1};
    cell.at = close + 1;
  }
}

static void read_row(cb_arena *arena, differences *d, span line, const char *section)
{
  line.at++;
  span first = next_cell(&line), last = first;
  while (line.at < line.end) {
    span cell = next_cell(&line);
    if (cell.at < cell.end || line.at < line.end) last = cell;
  }
  if (first.at == first.end || *first.at == '-') return; /* the rule below the titles */
  CB_ASSERT(d->row_count < ROWS_MAX);
  d->rows[d->row_count++] = (diff_row){section, keep(arena, first), 0};
  read_names(arena, d, last);
}

differences *diff_read(cb_arena *arena, const char *path)
{
  size_t len = 0;
  char *text = read_page(path, &len);
  if (!text) return NULL;
  differences *d = cb_arena_take(arena, sizeof *d);
  CB_ASSERT(d);
  *d = (differences){cb_arena_take(arena, ROWS_MAX * sizeof *d->rows), 0, cb_arena_take(arena, NAMES_MAX * sizeof *d->names), 0};
  CB_ASSERT(d->rows && d->names);
  const char *section = "", *end = text + len;
  for (const char *at = text; at < end;) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    span line = {at, stop ? stop : end};
    if (line.end - line.at > 3 && memcmp(line.at, "## ", 3) == 0) section = keep(arena, (span){line.at + 3, line.end});
    if (line.end > line.at && *line.at == '|') read_row(arena, d, line, section);
    at = line.end + 1;
  }
  free(text);
  return d;
}

diff_row *diff_find(differences *d, const char *name)
{
  for (uint32_t i = 0; d && i < d->name_count; i++) {
    if (strcmp(d->names[i].name, name) == 0) return &d->rows[d->names[i].row];
  }
  return NULL;
}

uint32_t diff_found(const differences *d, const char *section)
{
  uint32_t found = 0;
  for (uint32_t i = 0; d && i < d->row_count; i++) {
    if (strcmp(d->rows[i].section, section) == 0) found += d->rows[i].found;
  }
  return found;
}

void diff_print(const differences *d)
{
  for (uint32_t i = 0; d && i < d->row_count; i++) {
    if (d->rows[i].found) printf("%5u  %s: %s\n", d->rows[i].found, d->rows[i].section, d->rows[i].what);
  }
}
