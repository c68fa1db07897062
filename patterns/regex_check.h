/*
 * regex_check.h - whether a regular expression compiles, and its named groups.
 *
 * Contract
 *   PCRE2 with UTF; nothing of it is kept. Allocates through PCRE2's own malloc, freed
 *   before the call returns.
 */
#ifndef PAT_REGEX_CHECK_H
#define PAT_REGEX_CHECK_H

#include <stddef.h>
#include <stdint.h>

/* 1 if it compiles; else 0 with PCRE2's reason and the byte at which it stands. */
int pat_regex_check(const char *pattern, size_t len, char *why, size_t why_size, size_t *at_out);
/* 1 if the pattern (one that compiles) has a group of that name. */
int pat_regex_has_group(const char *pattern, size_t len, const char *name);
/* Its number, 0: there is none. How many groups there are. */
uint32_t pat_regex_group(const char *pattern, size_t len, const char *name);
uint32_t pat_regex_groups(const char *pattern, size_t len);

#endif
