/*
 * seq3_loop.h - the rule of bench_seq3 written by hand: what a good loop for this one rule costs.
 *
 *   newest, heap    lateness: events wait until the watermark has passed them
 *   table           key -> first, last of its open matches (open addressing)
 *   nodes           one open match: when it began, where its first two events lie
 *
 * Contract
 *   `A then B then C` of one key within `span`, by the default rules of the language: every
 *   A begins a match of its own; the first B behind it, then the first C behind that; of
 *   the matches that a C completes the one that began first comes out, and ends all of the key.
 *   Late is what lies behind the newest time less the lateness. Exits when memory ends.
 */
#ifndef SEQ3_LOOP_H
#define SEQ3_LOOP_H

#include <cep/cep.h>

typedef struct loop loop;

loop *loop_new(uint64_t keys, cep_duration span, cep_duration lateness);
void loop_free(loop *loop);
/* fields[1] is the key, fields[2] the type. */
void loop_push(loop *loop, const cep_event *event);
/* Nothing more will come. */
void loop_finish(loop *loop);
uint64_t loop_matches(const loop *loop);
uint64_t loop_late(const loop *loop);
/* Sum over all matches of seq3_hash: the order does not matter. */
uint64_t loop_hash(const loop *loop);
uint64_t loop_bytes(const loop *loop);

uint64_t seq3_hash(int64_t key, const uint64_t positions[3]);

#endif
