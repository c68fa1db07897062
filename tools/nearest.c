/* nearest.c - which of several names was meant by one that is none of them. */
#include "nearest.h"

#include <stdio.h>
#include <string.h>

#define LETTERS_MAX 40
#define FAR 2

nearest nearest_begin(const char *wanted, size_t wanted_len)
{
  return (nearest){.wanted = wanted, .wanted_len = wanted_len, .distance = FAR + 1};
}

static size_t least(size_t a, size_t b)
{
  return a < b ? a : b;
}

/* Three rows of the table are enough: the one before is looked at for letters that were swapped. */
static size_t distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
  size_t rows[3][LETTERS_MAX + 1];
  for (size_t j = 0; j <= b_len; j++) rows[0][j] = j;
  for (size_t i = 1; i <= a_len; i++) {
    size_t *row = rows[i % 3];
    const size_t *before = rows[(i + 2) % 3], *two_before = rows[(i + 1) % 3];
    row[0] = i;
    for (size_t j = 1; j <= b_len; j++) {
      row[j] = least(before[j - 1] + (a[i - 1] != b[j - 1]), least(before[j], row[j - 1]) + 1);
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) row[j] = least(row[j], two_before[j - 2] + 1);
    }
  }
  return rows[a_len % 3][b_len];
}

void nearest_offer(nearest *to, const char *name)
{
  size_t len = strlen(name);
  if (len > LETTERS_MAX || to->wanted_len > LETTERS_MAX) return;
  size_t far = distance(to->wanted, to->wanted_len, name, len);
  if (far >= to->distance || far * 2 >= len) return;
  to->distance = far;
  to->name = name;
}

void nearest_tell(const nearest *of, const char *before)
{
  if (of->name) fprintf(stderr, "; did you mean '%s%s'?", before, of->name);
}
