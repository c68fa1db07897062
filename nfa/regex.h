/*
 * regex.h - PCRE2 behind a few functions.
 *
 * Contract
 *   Compiled with UTF and JIT where there is one; without JIT the interpreter gives the
 *   same answers. A nfa_regex is immutable; a scratch has one owner and carries the
 *   match, depth and heap limits, which are never unlimited, and the longest text. Texts that are not UTF-8 are
 *   matched as they are (PCRE2_MATCH_INVALID_UTF).
 */
#ifndef NFA_REGEX_H
#define NFA_REGEX_H

#include "cep/base/alloc.h"

typedef struct nfa_regex nfa_regex;


typedef struct nfa_regex_scratch nfa_regex_scratch;

/* CEP_E_CORRUPT when the pattern does not compile, CEP_E_NOMEM. Keeps `alloc`: it must not move. */
cep_status nfa_regex_new(cb_alloc *alloc, const char *pattern, size_t len, nfa_regex **out) CB_MUST_USE;
void nfa_regex_free(cb_alloc *alloc, nfa_regex *regex);
/* The number of the group, 0 if there is none of that name. */
uint32_t nfa_regex_group(const nfa_regex *regex, const char *name);

/* `pairs`: the most groups (and the whole) of any regex it will serve. PCRE2 counts its work anew at each
 * place where a match could begin, and not at all in simple loops: the length of a text bounds what is left. */
cep_status nfa_regex_scratch_new(cb_alloc *alloc, uint32_t match_limit, size_t text_max, uint32_t pairs,
                                 nfa_regex_scratch **out) CB_MUST_USE;
void nfa_regex_scratch_free(cb_alloc *alloc, nfa_regex_scratch *scratch);
uint32_t nfa_regex_pairs(const nfa_regex *regex);
/* 1 found, 0 not, -1 stopped at a limit, or the text is longer than text_max (counts as not). */
int nfa_regex_search(const nfa_regex *regex, nfa_regex_scratch *scratch, const char *text, size_t len);
/* The same, at or behind a place; what stands before it is seen by look-behind. `from` is no more than `len`. */
int nfa_regex_search_from(const nfa_regex *regex, nfa_regex_scratch *scratch, const char *text, size_t len, size_t from);
/* A group of the last successful search: 1 and where it lies, 0 if it took no part. */
int nfa_regex_span(const nfa_regex_scratch *scratch, uint32_t group, size_t *start_out, size_t *end_out);

#endif
