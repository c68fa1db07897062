/* gen_errors.h - the examples of docs/reference/errors.md, compiled as they are written. */
#ifndef GEN_ERRORS_H
#define GEN_ERRORS_H

#include <stdio.h>

/*
 * One section for each diagnostic of cep/diag.def with the examples of cep/diag.examples: what is
 * wrong, what is said of it, what is right. 0, told on stderr, if a number has no example, a wrong
 * text gives another diagnostic than its number or none, or a right one gives any.
 */
int gen_errors(FILE *out);

#endif
