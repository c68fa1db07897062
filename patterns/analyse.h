/*
 * analyse.h - what a rule file says that it cannot mean: warnings over the finished plan.
 *
 * Contract
 *   Called once all of a file is right. Only warns; the plan stays as it is. Each warning is
 *   certain: what is called never true is true for no event, a detection that is said never to
 *   fire finds nothing in any stream. What takes too much work to find out is not said.
 *   A warning lies not upon another one: what has been reported inside of the same words may
 *   be the reason. Aggregates, groups, `one of`, `all of`, `until` are all looked into.
 *   CEP_E_NOMEM, else CEP_OK.
 */
#ifndef PAT_ANALYSE_H
#define PAT_ANALYSE_H

#include "patterns/check.h"
#include "patterns/possible.h"

cep_status pat_analyse(pat_compile *compile);

/* ---- Among the files of this ---------------------------------------------------------- */

/* Steps and what surely holds for their events: stream, define, `where`. */
#define PAT_GIVEN_MAX 3u

typedef struct pat_analysis {
  pat_compile *compile;
  const plan *plan;
  pat_logic logic;
  const plan_detection *detection; /* under test */
  uint64_t is_needed;              /* bit i: every match has step i */
} pat_analysis;

/* "so this detection can never fire" or less, for a step that takes nothing. */
const char *pat_without_step(const pat_analysis *analysis, uint32_t step);
/* What each event of a step is, its own condition included. */
uint32_t pat_given(const pat_analysis *analysis, const plan_step *step, pat_asked given[PAT_GIVEN_MAX]);
/* Whether each event that `narrow` takes meets the conditions of `wide` too; 0 also if it takes none. */
int pat_implies(pat_analysis *analysis, const plan_step *narrow, const plan_step *wide);
/* Lengths, counts, gaps, `no`: what a match needs against what it may have. */
void pat_analyse_pattern(pat_analysis *analysis);
/* Detections that find what another one finds. */
void pat_analyse_pairs(pat_analysis *analysis);

#endif
