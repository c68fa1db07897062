/*
 * needle.h - a literal without which a text cannot fit a pattern.
 *
 * Contract
 *   Given a pattern of `like`, or a regular expression that compiles, nfa_needle_* write into `out` (room for NFA_NEEDLE_MAX) bytes
 *   that occur in every text that fits, and give their number; 0: none was found. `*any_case` 1: ASCII letters among them may be of
 *   either case in the text. In doubt there is none: a needle too few costs time, one that is wrong costs matches.
 */
#ifndef NFA_NEEDLE_H
#define NFA_NEEDLE_H

#include <stddef.h>
#include <stdint.h>

#define NFA_NEEDLE_MAX 16u

uint32_t nfa_needle_like(const char *pattern, uint32_t len, char *out);
uint32_t nfa_needle_regex(const char *pattern, uint32_t len, char *out, int *any_case);

#endif
