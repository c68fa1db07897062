/* words.c - numbers as people read them. */
#include "words.h"

#include <inttypes.h>
#include <stdio.h>

const char *number(uint64_t value, char out[NUMBER_MAX])
{
  char digits[NUMBER_MAX];
  int len = snprintf(digits, sizeof digits, "%" PRIu64, value);
  char *to = out;
  for (int i = 0; i < len; i++) {
    if (i > 0 && (len - i) % 3 == 0) *to++ = ',';
    *to++ = digits[i];
  }
  *to = 0;
  return out;
}
