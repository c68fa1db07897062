/*
 * hand_seq3.h - the rule of the B1 lanes written by hand: what a good loop for this one rule costs.
 *
 *   heap            lateness: events wait until the watermark has passed them
 *   slots           64 bytes for each key, found by open addressing, asked for 16 events ahead
 *   slot            the two oldest open matches of the key; more lie in a chain of nodes
 *
 * Contract
 *   `A then B then C` of one key within `span`: every A begins a match of its own; the first B behind it,
 * then the first C behind that. Of the matches that a C completes the one that began first comes out, and
 * ends all of the key; or, with `is_no_skip`, all of them come out and the others stay. Late is what lies
 * behind the newest time less the lateness. An event whose type is not 0, 1 or 2 fits nothing. Ends the
 * program when memory ends.
 */
#ifndef HAND_SEQ3_H
#define HAND_SEQ3_H

#include "suite.h"

typedef struct loop loop;

loop *loop_new(uint64_t keys, cep_duration span, cep_duration lateness, int is_no_skip);
void loop_free(loop *loop);
/* fields[1] is the key, fields[2] the type. */
void loop_push(loop *loop, const cep_event *events, uint32_t count);
/* Nothing more will come. */
void loop_finish(loop *loop);
/* As suite_on_match makes it. */
const suite_answer *loop_answer(const loop *loop);
uint64_t loop_bytes(const loop *loop);

#endif
