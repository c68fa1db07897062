/*
 * assert.h - claims that hold if our own code is right.
 *
 * Contract
 *   CB_ASSERT stays on in every build: on failure it prints the claim and aborts.
 *   CB_EXPENSIVE is compiled in only with CEP_EXPENSIVE_CHECKS; it may walk everything.
 *   Wrong input from outside is never asserted: it gets a cep_status.
 */
#ifndef CB_ASSERT_H
#define CB_ASSERT_H

#include "cep/cep.h"

#define CB_MUST_USE __attribute__((warn_unused_result))
#define CB_PRINTF(f, a) __attribute__((format(printf, f, a)))

#ifdef __cplusplus
extern "C"
#endif
__attribute__((noreturn)) void cb_assert_fail(const char *claim, const char *file, int line);

#define CB_ASSERT(claim) ((claim) ? (void)0 : cb_assert_fail(#claim, __FILE__, __LINE__))
#define CB_UNREACHABLE() cb_assert_fail("unreachable", __FILE__, __LINE__)
#ifdef CEP_EXPENSIVE_CHECKS
#define CB_EXPENSIVE(claim) CB_ASSERT(claim)
#else
#define CB_EXPENSIVE(claim) ((void)0)
#endif

#endif
