/* evaluator.c - which evaluator a detection gets, and why, in words. */
#include "nfa/match.h"

#define RUNS "runs: one record for each partial match; "

static const char *why_runs(const prg_detection *detection)
{
  if ((detection->flags & PRG_DETECT_FIRST_OF) && detection->skip == PRG_SKIP_PAST_LAST)
    return RUNS
        "first-of is on: with 'skip past last' only one of those with the same state, start and values "
        "can ever be reported";
  if (detection->flags & PRG_DETECT_FIRST_OF)
    return RUNS
        "first-of is on: with 'skip to next' only one of those with the same state, start and values can "
        "ever be reported";
  if (detection->flags & PRG_DETECT_WEIGHED)
    return RUNS "with 'emit once' those with the same state, start and values are one record, which counts them";
  if (detection->flags & PRG_DETECT_EARLIEST_FIRST)
    return RUNS
        "first-of is off: with 'earliest start first' a finished match may still be pruned by another";
  if ((detection->flags & PRG_DETECT_ONCE) && (detection->flags & PRG_DETECT_ON_TIMEOUT))
    return RUNS "none stands for several, although it is 'emit once': 'on timeout' asks for each of them";
  if (detection->flags & PRG_DETECT_ONCE)
    return RUNS "none stands for several, although it is 'emit once': by the counts of its groups one match may come "
                "about in more than one way";
  if (detection->skip == PRG_SKIP_NO) return RUNS "first-of is off: with 'no skip' every match is reported";
  if (detection->skip == PRG_SKIP_TO_FIRST || detection->skip == PRG_SKIP_TO_LAST)
    return RUNS "first-of is off: what 'skip to' a step leaves depends on the events that it captured";
  return RUNS "first-of is off: 'limit' asks for more than one match of an event";
}

const nfa_evaluator *nfa_evaluator_for(const prg *program, const prg_detection *detection, const char **why)
{
  (void)program;
  if (why) *why = why_runs(detection);
  return &nfa_runs;
}
