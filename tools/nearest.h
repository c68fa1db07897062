/*
 * nearest.h - which of several names was meant by one that is none of them.
 *
 * Contract
 *   Names are offered one after the other; the nearest is the first of those that take the fewest letters to
 *   insert, leave out, replace or swap with their neighbour (the restricted distance of Damerau and Levenshtein).
 *   A name is only near if that is less than half of its letters, and not more than two. Names longer than 40
 *   letters are near to none. No memory, no errors.
 */
#ifndef TOOLS_NEAREST_H
#define TOOLS_NEAREST_H

#include <stddef.h>

typedef struct nearest {
  const char *wanted;
  size_t wanted_len;
  size_t distance;
  const char *name; /* NULL: none is near */
} nearest;

nearest nearest_begin(const char *wanted, size_t wanted_len);
void nearest_offer(nearest *to, const char *name);
/* Prints "; did you mean 'name'?" to stderr, or nothing; `before` stands in front of the name. */
void nearest_tell(const nearest *of, const char *before);

#endif
