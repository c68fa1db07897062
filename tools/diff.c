/* diff.c - two texts line by line: the shortest way from one to the other (Myers 1986), as hunks. */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

#define AROUND 3

typedef struct diff_line {
  const char *text;
  size_t len; /* with its end */
} diff_line;

typedef struct lines {
  diff_line *at;
  int count;
} lines;

/* `is_kept[i]`: the line is in both texts, and pairs with the next kept one of the other. */
typedef struct comparison {
  lines before, after;
  char *keeps_before, *keeps_after;
} comparison;

static int split(const diff_text *text, lines *out)
{
  const char *at = text->text, *end = at + text->len;
  size_t count = 1;
  for (size_t i = 0; i < text->len; i++) count += text->text[i] == '\n';
  out->count = 0;
  out->at = malloc(count * sizeof *out->at);
  if (!out->at) return 0;
  while (at < end) {
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    stop = stop ? stop + 1 : end;
    out->at[out->count++] = (diff_line){at, (size_t)(stop - at)};
    at = stop;
  }
  return 1;
}

static int is_same(const comparison *both, int i, int j)
{
  const diff_line *a = &both->before.at[i], *b = &both->after.at[j];
  return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

/* ---- The shortest way -------------------------------------------------------------- */

/* Row d holds, for each diagonal k = -d..d (i - j), how far `i` gets with d edits. */
static int *row_of(int *rows, int d)
{
  return rows + (size_t)d * (size_t)(d + 1); /* its middle; rows of 1, 3, 5 ... cells begin at d * d */
}

static int is_down(int *rows, int d, int k)
{
  const int *last = row_of(rows, d - 1);
  if (k == -d) return 1;
  if (k == d) return 0;
  /* Cells outside the row before are no way. */
  int up = k + 1 <= d - 1 ? last[k + 1] : -1, left = k - 1 >= -(d - 1) ? last[k - 1] : -1;
  return left < up;
}

/* Gives the number of edits, or -1: more than the maximum. `rows` has room for all of them. */
static int walk(const comparison *both, int from, int before_end, int after_end, int *rows)
{
  for (int d = 0; d <= DIFF_EDITS_MAX; d++) {
    int *row = row_of(rows, d);
    for (int k = -d; k <= d; k += 2) {
      int i = from;
      if (d > 0) i = is_down(rows, d, k) ? row_of(rows, d - 1)[k + 1] : row_of(rows, d - 1)[k - 1] + 1;
      while (i < before_end && i - k < after_end && i - k >= from && is_same(both, i, i - k)) i++;
      row[k] = i;
      if (k > -d && k < d) row[k - 1] = -1; /* of the other parity: never looked at */
      if (i >= before_end && i - k >= after_end) return d;
    }
  }
  return -1;
}

static void mark_kept(comparison *both, int from, int before_end, int after_end, int edits, int *rows)
{
  int i = before_end, j = after_end;
  for (int d = edits; d >= 0; d--) {
    int k = i - j, start_i = from;
    if (d > 0) start_i = is_down(rows, d, k) ? row_of(rows, d - 1)[k + 1] : row_of(rows, d - 1)[k - 1] + 1;
    while (i > start_i) {
      both->keeps_before[--i] = 1;
      both->keeps_after[--j] = 1;
    }
    if (d > 0) {
      if (is_down(rows, d, k)) {
        j--;
      } else {
        i--;
      }
    }
  }
}

static int compare(comparison *both)
{
  int from = 0, before_end = both->before.count, after_end = both->after.count;
  while (from < before_end && from < after_end && is_same(both, from, from)) {
    both->keeps_before[from] = both->keeps_after[from] = 1;
    from++;
  }
  while (before_end > from && after_end > from && is_same(both, before_end - 1, after_end - 1)) {
    both->keeps_before[--before_end] = 1;
    both->keeps_after[--after_end] = 1;
  }
  size_t side = DIFF_EDITS_MAX + 1;
  int *rows = malloc(side * side * sizeof *rows);
  if (!rows) return 0;
  int edits = walk(both, from, before_end, after_end, rows);
  if (edits >= 0) mark_kept(both, from, before_end, after_end, edits, rows);
  free(rows);
  return 1;
}

/* ---- Hunks ------------------------------------------------------------------------- */

static void print_line(FILE *to, char sign, const diff_line *line)
{
  fputc(sign, to);
  fwrite(line->text, 1, line->len, to);
  if (line->text[line->len - 1] != '\n') fputs("\n\\ No newline at end of file\n", to);
}

/* A range of no lines stands behind the line before it. */
static void print_range(FILE *to, char sign, int from, int count)
{
  fprintf(to, count == 1 ? " %c%d" : " %c%d,%d", sign, count > 0 ? from + 1 : from, count);
}

static int at_change(const comparison *both, int i, int j)
{
  return (i < both->before.count && !both->keeps_before[i]) || (j < both->after.count && !both->keeps_after[j]);
}

/* Past a run of changes and the lines in both that follow it, but at most `most` of those. */
static void pass(const comparison *both, int *i, int *j, int most)
{
  while (at_change(both, *i, *j)) {
    if (*i < both->before.count && !both->keeps_before[*i]) {
      ++*i;
    } else {
      ++*j;
    }
  }
  for (int n = 0; n < most && *i < both->before.count && *j < both->after.count && !at_change(both, *i, *j); n++) {
    ++*i;
    ++*j;
  }
}

static void print_hunk(FILE *to, const comparison *both, int i, int j, int i_end, int j_end)
{
  fputs("@@", to);
  print_range(to, '-', i, i_end - i);
  print_range(to, '+', j, j_end - j);
  fputs(" @@\n", to);
  while (i < i_end || j < j_end) {
    if (i < i_end && !both->keeps_before[i]) {
      print_line(to, '-', &both->before.at[i++]);
    } else if (j < j_end && !both->keeps_after[j]) {
      print_line(to, '+', &both->after.at[j++]);
    } else {
      print_line(to, ' ', &both->before.at[i++]);
      j++;
    }
  }
}

static void print_hunks(FILE *to, const comparison *both)
{
  int i = 0, j = 0;
  while (i < both->before.count || j < both->after.count) {
    if (!at_change(both, i, j)) {
      i++;
      j++;
      continue;
    }
    int lead = i < AROUND ? i : AROUND, i_end = i, j_end = j;
    if (j < lead) lead = j;
    do pass(both, &i_end, &j_end, 2 * AROUND);
    while (at_change(both, i_end, j_end));
    /* Of the lines behind the last change three are shown. */
    int tail = 0;
    while (i_end > i && j_end > j && both->keeps_before[i_end - 1] && both->keeps_after[j_end - 1]) {
      i_end--;
      j_end--;
      tail++;
    }
    if (tail > AROUND) tail = AROUND;
    print_hunk(to, both, i - lead, j - lead, i_end + tail, j_end + tail);
    i = i_end + tail;
    j = j_end + tail;
  }
}

int diff_print(FILE *to, const diff_text *before, const diff_text *after)
{
  if (before->len == after->len && memcmp(before->text, after->text, before->len) == 0) return 1;
  comparison both = {{NULL, 0}, {NULL, 0}, NULL, NULL};
  int is_good = split(before, &both.before) && split(after, &both.after);
  if (is_good) {
    both.keeps_before = calloc((size_t)both.before.count + 1, 1);
    both.keeps_after = calloc((size_t)both.after.count + 1, 1);
    is_good = both.keeps_before && both.keeps_after && compare(&both);
  }
  if (is_good) {
    fprintf(to, "--- %s\n+++ %s\n", before->name, after->name);
    print_hunks(to, &both);
  }
  free(both.keeps_before);
  free(both.keeps_after);
  free(both.before.at);
  free(both.after.at);
  return is_good && !ferror(to);
}
