/*
 * num.h - text to numbers and back: exact, whole text or nothing, independent of locale.
 *
 * Contract
 *   Reading gives 1 and sets `*out`, or 0 and leaves it. Nothing is allocated.
 */
#ifndef CB_NUM_H
#define CB_NUM_H

#include "cep/base/assert.h"

#ifdef __cplusplus
extern "C" {
#endif

/* 1 if all of the text is a decimal (or 0x hexadecimal, for cb_num_int) number in range. No spaces, no '+'. */
int cb_num_int(const char *text, size_t len, int64_t *out);
int cb_num_float(const char *text, size_t len, double *out);

#define CB_NUM_TEXT_MAX 40
/* Terminated; gives the length. Floats: the shortest text that reads back as the same
 * double ("0.1", "1e+300", "-0"), with an exponent below 1e-4 and from 1e16 on; "null" for
 * NaN and infinities. Whole numbers have no ".0". */
size_t cb_num_print_int(int64_t value, char out[CB_NUM_TEXT_MAX]);
size_t cb_num_print_float(double value, char out[CB_NUM_TEXT_MAX]);

#ifdef __cplusplus
}
#endif

#endif
