/* sim_deliver.c - readers on a virtual clock: which record is there when, who is silent for how long. */
#include <stdlib.h>
#include <string.h>

#include "tests/sim/sim.h"

#define SECOND ((cep_time)1000000000)
#define INPUTS_MAX 8u

typedef struct delivery {
  cep_time clock;
  uint32_t order; /* as written */
  scn_act act;
} delivery;

typedef struct plan_of_acts {
  cb_arena *arena;
  CB_VEC(delivery) list;
} plan_of_acts;

static int compare(const void *a_void, const void *b_void)
{
  const delivery *a = a_void, *b = b_void;
  if (a->clock != b->clock) return a->clock < b->clock ? -1 : 1;
  return (a->order > b->order) - (a->order < b->order);
}

/* By input: how far the virtual clock is behind the time of its events. */
static void draw_delays(cb_prng *prng, cep_time delays[INPUTS_MAX])
{
  uint32_t most = cb_prng_chance(prng, 25) ? 60 : 4; /* one input may be far ahead of all others */
  for (uint32_t i = 0; i < INPUTS_MAX; i++) delays[i] = (cep_time)cb_prng_below(prng, most * 2) * SECOND / 2;
}

static uint32_t list_deliveries(delivery *list, const scenario *sc, cb_prng *prng)
{
  cep_time delays[INPUTS_MAX], last[INPUTS_MAX];
  draw_delays(prng, delays);
  for (uint32_t i = 0; i < INPUTS_MAX; i++) last[i] = -1000 * SECOND;
  uint32_t count = 0;
  for (uint32_t a = 0; a < sc->act_count; a++) {
    for (uint32_t i = 0; i < sc->input_count; i++) {
      const scn_act *act = &sc->acts[a];
      if (act->what == SCN_FINISH || (act->input != CEP_NONE && act->input != i)) continue;
      cep_time clock = act->time + delays[i] + (cep_time)cb_prng_below(prng, 4) * SECOND / 8;
      if (clock < last[i]) clock = last[i];
      last[i] = clock;
      list[count] = (delivery){clock, count, *act};
      list[count++].act.input = i;
    }
  }
  qsort(list, count, sizeof *list, compare);
  return count;
}

/* Says that inputs are idle that have delivered nothing for long enough. */
static uint32_t add_idle(scn_act *acts, cep_time now, cep_time idle_after, uint32_t inputs, const cep_time *last, int *is_idle)
{
  uint32_t count = 0;
  for (uint32_t i = 0; i < inputs; i++) {
    if (is_idle[i] || now - last[i] < idle_after) continue;
    is_idle[i] = 1;
    acts[count++] = (scn_act){.what = SCN_IDLE, .input = i};
  }
  return count;
}

void sim_deliver(cb_arena *arena, const scenario *sc, const sim_delivery *how, cb_prng *prng, scenario *out)
{
  CB_ASSERT(sc->input_count <= INPUTS_MAX);
  size_t room = (size_t)sc->act_count * sc->input_count + 1;
  delivery *list = cb_arena_take(arena, room * sizeof *list);
  scn_act *acts = cb_arena_take(arena, room * (2 + sc->input_count) * sizeof *acts);
  CB_ASSERT(list && acts);
  uint32_t listed = list_deliveries(list, sc, prng), count = 0;
  cep_time last[INPUTS_MAX];
  int is_idle[INPUTS_MAX] = {0};
  for (uint32_t i = 0; i < sc->input_count; i++) last[i] = listed > 0 ? list[0].clock : 0;
  for (uint32_t i = 0; i < listed; i++) {
    uint32_t input = list[i].act.input;
    if (how->idles) count += add_idle(acts + count, list[i].clock, how->idle_after, sc->input_count, last, is_idle);
    acts[count++] = list[i].act;
    last[input] = list[i].clock;
    if (list[i].act.what == SCN_PUSH) is_idle[input] = 0;
    if (cb_prng_chance(prng, how->barriers)) acts[count++] = (scn_act){.what = SCN_CHECK, .input = CEP_NONE};
  }
  const scn_act *end = &sc->acts[sc->act_count - 1];
  if (sc->act_count > 0 && end->what == SCN_FINISH) acts[count++] = *end;
  *out = *sc;
  out->acts = acts;
  out->act_count = count;
}
