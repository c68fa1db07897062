/* random_judge.c - the engine in every way, and the reference, over one random case. */
#include <string.h>

#include "nfa/build.h"
#include "nfa/match.h"
#include "tests/conformance/random.h"

/* Keeps a case below some milliseconds. */
#define HISTORIES_MAX 1500u

const char RND_INVALID[] = "the program does not compile";
const char RND_UNSUPPORTED[] = "the engine cannot run it yet";
const char RND_TOO_BIG[] = "too large for the reference evaluator";

static const char *in_way(cb_arena *arena, const char *way, const char *wrong)
{
  return wrong ? cb_arena_printf(arena, "%s: %s", way, wrong) : NULL;
}

static void count(const scn_outcome *outcome, rnd_tally *tally)
{
  for (uint32_t i = 0; i < outcome->output_count; i++) {
    tally->matches += outcome->outputs[i].kind == CEP_MATCH;
    tally->timeouts += outcome->outputs[i].kind == CEP_TIMEOUT;
  }
  tally->late += outcome->late_count;
}

/* How many detections an evaluator may have. */
static void count_evaluators(cb_arena *arena, const char *text, rnd_tally *tally)
{
  cep_error err;
  cb_writer image;
  prg *program = NULL;
  const plan *meaning = scn_plan(arena, text, &err);
  cb_writer_init(&image, arena->alloc);
  if (meaning && nfa_build(arena->alloc, meaning, &image, &err) == CEP_OK && prg_load(NULL, image.data, image.len, &program, &err) == CEP_OK) {
    for (uint32_t d = 0; d < program->detections_count; d++) {
      const prg_detection *detection = &program->detections[d];
      tally->compact += nfa_evaluator_for(program, detection, NFA_WISH_NONE, NULL) == &nfa_compact;
      tally->first_of += nfa_evaluator_for(program, detection, NFA_WISH_NONE, NULL) == &nfa_first_of;
    }
  }
  prg_unref(program);
  cb_writer_fini(&image);
}

/* Arrival does not matter when every event stays on time. */
static const char *judge_shuffled(cb_arena *arena, const gen_case *it, uint64_t seed, const scn_outcome *first)
{
  if (it->lateness == 0 || it->pause_at > 0 || first->late_count > 0) return NULL;
  for (uint32_t i = 1; i < it->event_count; i++) {
    if (it->events[i].time < it->events[i - 1].time) return NULL; /* shuffled already */
  }
  for (uint32_t n = 0; n < it->detection_count; n++) {
    if (it->detections[n].suppress) return NULL; /* ordered by ids, and those hold positions */
  }
  cb_prng shuffle;
  cb_prng_init(&shuffle, seed);
  scenario mixed;
  memset(&mixed, 0, sizeof mixed);
  if (!gen_scenario(arena, it, &shuffle, &mixed)) return RND_INVALID;
  const scn_outcome *got = scn_engine(arena, &mixed, &scn_ways[0]);
  return in_way(arena, "shuffled within the lateness", scn_compare(arena, first, got, 0));
}

const char *rnd_judge(cb_arena *arena, const gen_case *it, uint64_t seed, int quick, rnd_tally *tally)
{
  scenario sc;
  memset(&sc, 0, sizeof sc);
  if (!gen_scenario(arena, it, NULL, &sc)) return RND_INVALID;
  sc.histories_max = HISTORIES_MAX;
  const scn_outcome *reference = scn_reference(arena, &sc);
  if (reference->too_big) return RND_TOO_BIG;
  const scn_outcome *first = scn_engine(arena, &sc, &scn_ways[0]);
  if (first->status == CEP_E_UNSUPPORTED) return RND_UNSUPPORTED;
  if (tally) count(first, tally);
  if (tally) count_evaluators(arena, sc.text, tally);
  const char *wrong = in_way(arena, "reference, engine", scn_compare(arena, reference, first, 1));
  if (quick) return wrong;
  for (uint32_t i = 1; i < scn_way_count && !wrong; i++) {
    const scn_outcome *got = scn_engine(arena, &sc, &scn_ways[i]);
    wrong = in_way(arena, scn_ways[i].name, scn_compare(arena, first, got, 1));
  }
  return wrong ? wrong : judge_shuffled(arena, it, seed, first);
}
