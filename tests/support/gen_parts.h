/* gen_parts.h - the constructs, and what the files of the generator share. Private to tests/support/gen*.c. */
#ifndef GEN_PARTS_H
#define GEN_PARTS_H

#include "tests/support/gen.h"

/* C(name, words) */
#define GEN_CONSTRUCTS(C)                       \
  C(THEN, "then")                               \
  C(IMMEDIATELY, "then immediately")            \
  C(ANY, "then any")                            \
  C(NO_MIDDLE, "no in the middle")              \
  C(NO_LAST, "no last")                         \
  C(NEXT_NO_MIDDLE, "immediately no in the middle") \
  C(NEXT_NO_LAST, "immediately no last")        \
  C(QUIET_FIRST, "no for first")                \
  C(QUIET_MIDDLE, "no for in the middle")       \
  C(QUIET_LAST, "no for last")                  \
  C(EXACT, "exact count")                       \
  C(RANGE, "range")                             \
  C(OPEN, "open count")                         \
  C(FROM_ZERO, "count from 0")                  \
  C(OPTIONAL, "optional")                       \
  C(DISTINCT, "distinct")                       \
  C(GREEDY_MIDDLE, "greedy in the middle")      \
  C(GREEDY_LAST, "greedy last")                 \
  C(RELUCTANT, "reluctant")                     \
  C(CONSECUTIVE, "consecutive")                 \
  C(RELAXED, "relaxed")                         \
  C(INNER_ANY, "any between")                   \
  C(CAPTURED, "captured field")                 \
  C(OWN, "own captures")                        \
  C(FIRST, "first")                             \
  C(LAST, "last")                               \
  C(INDEX, "index")                             \
  C(COUNT, "count")                             \
  C(SUM, "sum")                                 \
  C(AVG, "avg")                                 \
  C(MINMAX, "min, max")                         \
  C(STDDEV, "stddev")                           \
  C(DISTINCT_OF, "distinct over captures")      \
  C(PREV, "prev")                               \
  C(NULLS, "is null, coalesce")                 \
  C(IN, "in")                                   \
  C(LIKE, "like, ilike")                        \
  C(REGEX, "regex")                             \
  C(PART, "starts, ends, contains")             \
  C(CIDR, "cidr")                               \
  C(CASE, "case, if, nullif")                   \
  C(ARITHMETIC, "arithmetic")                   \
  C(PAST_LAST, "skip past last")                \
  C(NO_SKIP, "no skip")                         \
  C(TO_NEXT, "skip to next")                    \
  C(TO_FIRST, "skip to first")                  \
  C(TO_LAST, "skip to last")                    \
  C(EARLIEST, "earliest start first")           \
  C(LIMIT, "limit N")                           \
  C(LIMIT_NONE, "limit unbounded")              \
  C(TIMEOUT, "on timeout")                      \
  C(UNBOUNDED, "unbounded")                     \
  C(KEY_NONE, "no key")                         \
  C(KEY_ONE, "one key")                         \
  C(KEY_TWO, "two keys")                        \
  C(KEY_NULL, "null keys")                      \
  C(TWO_STREAMS, "two streams")                 \
  C(ONE_INPUT, "streams of one input")          \
  C(PARTITIONS, "partitions")                   \
  C(TIES, "ties in time")                       \
  C(DEFINE, "define")                           \
  C(TWO_ROUTES, "a stream under two keys")      \
  C(DERIVED, "detection as a step")             \
  C(TALLY, "aggregate as a step")               \
  C(SUPPRESS, "suppress")                       \
  C(GROUP, "group")                             \
  C(GROUP_EXACT, "group with an exact count")   \
  C(GROUP_RANGE, "group with a range")          \
  C(GROUP_OPEN, "group with an open count")     \
  C(GROUP_OPTIONAL, "optional group")           \
  C(GROUP_NESTED, "group in a group")           \
  C(GROUP_GREEDY, "greedy in a group")          \
  C(GROUP_NO, "no in a group")                  \
  C(ONE_OF, "one of")                           \
  C(CHOICE, "choice of several steps")          \
  C(ALL_OF, "all of")                           \
  C(UNTIL, "until of a loop")                   \
  C(UNTIL_GROUP, "until of a group")            \
  C(UNTIL_CAPTURED, "until with captures")      \
  C(GAP, "then within")                         \
  C(GAP_GROUP, "then within a group")           \
  C(HAVING, "having")                           \
  C(LATEST, "match latest")                     \
  C(WITHIN_EVENTS, "within N events")           \
  C(ONCE, "emit once")                          \
  C(KEY_WORDS, "key as an expression")          \
  C(OTHER_KEY, "detection by another key")      \
  C(LATENESS, "lateness")                       \
  C(TABLE, "table")                             \
  C(FN_TEXT, "functions of texts")              \
  C(FN_REGEX, "functions of regex")             \
  C(FN_ADDRESS, "functions of addresses")       \
  C(FN_TIME, "functions of time")               \
  C(FN_NUMBER, "functions of numbers")          \
  C(FN_CONVERT, "conversions")                  \
  C(FN_HASH, "hashes")                          \
  C(FN_JSON, "json")                            \
  C(GOES_BACK, "times that go back")

typedef enum gen_construct {
#define C(name, words) GEN_C_##name,
  GEN_CONSTRUCTS(C)
#undef C
  GEN_CONSTRUCTS_END
} gen_construct;

#define GEN_BIT(name) ((gen_set)1 << GEN_C_##name)

/* Steps, groups, counts, hops, untils, greed and conditions. */
void gen_shape(const gen_case *it, gen_detection *d, cb_prng *prng, int two_streams, int derived);
/* Fills one condition of step `number`; `until`: of its loop's until, which has `role`. */
void gen_condition(gen_cond *out, cb_prng *prng, const gen_detection *d, uint32_t number, gen_role role, int is_until);
void gen_output(gen_cond *out, cb_prng *prng, const gen_detection *d, uint32_t number);
void gen_once_output(gen_cond *out, cb_prng *prng, const gen_detection *d, uint32_t number);
void gen_having(gen_cond *out, cb_prng *prng, const gen_detection *d, int has_key);
void gen_events(gen_case *it, cb_prng *prng);

/* The number of the last step that captures. */
uint32_t gen_last_taking(const gen_detection *d);
/* Is the count of this more than one possible. */
int gen_loops(const gen_count *count);
/* May the step capture several events: it loops, or stands in a group that does. */
int gen_repeats(const gen_detection *d, uint32_t number);
/* The innermost group that holds step `number`; GEN_GROUPS_MAX: none. */
uint32_t gen_group_of(const gen_detection *d, uint32_t number);
/* The outermost group that begins at `first` and is inside of `outer` (GEN_GROUPS_MAX: none is). */
uint32_t gen_group_at(const gen_detection *d, uint32_t first, uint32_t outer);

#endif
