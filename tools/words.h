/*
 * words.h - numbers as people read them.
 *
 * Contract
 *   Writes into the caller's array and gives it back.
 */
#ifndef TOOLS_WORDS_H
#define TOOLS_WORDS_H

#include <stdint.h>

#define NUMBER_MAX 32

/* "1,522". */
const char *number(uint64_t value, char out[NUMBER_MAX]);

#endif
