/* reference_join.h - joins by brute force: every pair of events, and who has none. */
#ifndef REFERENCE_JOIN_H
#define REFERENCE_JOIN_H

#include "tests/support/reference_parts.h"

/* Appends what one key of the detection gives, in the order in which it comes out. */
void ref_join(ref_run *run, uint32_t detection, const ref_key *key, uint32_t key_index);

#endif
