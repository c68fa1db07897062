/* assert.c - the end of the line for a broken claim. */
#include "cep/base/assert.h"

#include <stdio.h>
#include <stdlib.h>

/* The only place in the library that prints or stops the process: going on with a broken
 * invariant would be worse. */
void cb_assert_fail(const char *claim, const char *file, int line)
{
  fprintf(stderr, "%s:%d: claim does not hold: %s\n", file, line, claim);
  abort();
}
