/*
 * program_verify.h - is what an image holds good to be run without further checks?
 *
 * Contract
 *   Called with every section in place. CEP_E_CORRUPT names section and item; CEP_E_NOMEM.
 *   What belongs to one owner (fields to a stream, steps to a detection, code to an
 *   expression, ...) must lie in the order of the owners without gap or overlap; so the
 *   work is linear in the size of the image.
 */
#ifndef NFA_PROGRAM_VERIFY_H
#define NFA_PROGRAM_VERIFY_H

#include "nfa/expr_verify.h"

cep_status prg_verify(const prg *program, cb_alloc *alloc, cep_error *err) CB_MUST_USE;

/* Shared by the parts of the verifier: where each owned section has been claimed up to. */
typedef struct prg_claims {
  const prg *program;
  const nfa_expr_needs *needs; /* of every expression */
#define S(name, type, member) uint32_t member;
  PRG_SECTIONS(S)
#undef S
} prg_claims;

/* 1 if the list begins where the claims end and lies within the section; claims it. */
int prg_claim(uint32_t *claimed, prg_list list, uint32_t section_count);
#define PRG_CLAIM(claims, list, member)                                                                      \
  prg_claim(&(claims)->member, (list), (claims)->program->member##_count)
/* The same for lists of indices: they may lie anywhere, but not be longer in sum than LISTS. */
int prg_claim_list(prg_claims *claims, prg_list list);
int prg_string_is_good(const prg *program, prg_string string);

/* Item `index` of a section, with all that it owns. 1 or 0. */
int prg_detection_is_good(prg_claims *claims, uint32_t index);
int prg_test_is_good(prg_claims *claims, uint32_t index);

#endif
