/* reference_window.h - the windows of one key of an aggregate, each worked out anew from its events. */
#ifndef REFERENCE_WINDOW_H
#define REFERENCE_WINDOW_H

#include "tests/support/reference_parts.h"

/* Appends the outputs of one key, in the order in which they come out. */
void ref_windows(ref_run *run, uint32_t detection, const ref_key *key, uint32_t key_index);

#endif
