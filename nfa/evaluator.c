/* evaluator.c - which evaluator a detection gets, and why, in words. */
#include "nfa/match.h"

static const char *why_runs(const prg_detection *detection)
{
  if (detection->flags & PRG_DETECT_FIRST_OF) {
    return detection->skip == PRG_SKIP_PAST_LAST
             ? "runs: one record for each partial match; first-of is on, because under 'skip past last' of partial "
               "matches in the same state, with the same start and values, only one can ever be reported"
             : "runs: one record for each partial match; first-of is on, because under 'skip to next' of partial "
               "matches in the same state, with the same start and values, only one can ever be reported";
  }
  if (detection->flags & PRG_DETECT_EARLIEST_FIRST)
    return "runs: one record for each partial match; first-of is off, because with 'earliest start first' a "
           "finished match may still be pruned by another one";
  if (detection->skip == PRG_SKIP_NO)
    return "runs: one record for each partial match; first-of is off, because under 'no skip' every match is "
           "reported";
  if (detection->skip == PRG_SKIP_TO_FIRST || detection->skip == PRG_SKIP_TO_LAST)
    return "runs: one record for each partial match; first-of is off, because what 'skip to' a step leaves depends "
           "on the events that it captured";
  return "runs: one record for each partial match; first-of is off, because 'limit' asks for more than one match "
         "of an event";
}

const nfa_evaluator *nfa_evaluator_for(const prg *program, const prg_detection *detection, const char **why)
{
  (void)program;
  if (why) *why = why_runs(detection);
  return &nfa_runs;
}
