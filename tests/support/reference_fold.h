/* reference_fold.h - from assignments to outputs: order, skip rule, timeouts, limit, over time. */
#ifndef REFERENCE_FOLD_H
#define REFERENCE_FOLD_H

#include "tests/support/reference_parts.h"

/* Appends the outputs of one key, in the order in which they come out. */
void ref_fold(ref_search *search, uint32_t detection, uint32_t key_index);

#endif
