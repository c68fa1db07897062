/* frontier.c - the least place over several inputs. */
#include "runtime/frontier.h"

void rt_frontier_init(rt_frontier *frontier)
{
  *frontier = (rt_frontier){.at = {CEP_TIME_MIN, 0, 0}, .held_by = PRG_NONE};
}

void rt_frontier_end(rt_frontier *frontier)
{
  *frontier = (rt_frontier){{CEP_TIME_MAX, UINT64_MAX, UINT64_MAX}, 1, PRG_NONE};
}

static void raise(rt_frontier *frontier, const rt_triple *place)
{
  if (rt_triple_compare(place, &frontier->at) > 0) frontier->at = *place;
}

void rt_frontier_update(rt_frontier *frontier, rt_input *const *inputs, uint32_t count, uint32_t moved)
{
  if (moved != PRG_NONE && frontier->held_by != PRG_NONE && frontier->held_by != moved) {
    /* Another one holds it: this one matters only if it is now the least, as after waking. */
    rt_triple next = rt_input_next(inputs[moved]), least = rt_input_next(inputs[frontier->held_by]);
    if (inputs[moved]->is_idle || inputs[moved]->is_ended || rt_triple_compare(&next, &least) > 0) return;
  }
  rt_triple least = {CEP_TIME_MAX, UINT64_MAX, UINT64_MAX}, greatest = {CEP_TIME_MIN, 0, 0};
  uint32_t held_by = PRG_NONE, idle = 0;
  for (uint32_t i = 0; i < count; i++) {
    const rt_input *input = inputs[i];
    rt_triple next = input->is_ended ? rt_input_reach(input) : rt_input_next(input);
    if (!input->is_ended && !input->is_idle) {
      if (held_by == PRG_NONE || rt_triple_compare(&next, &least) < 0) {
        least = next;
        held_by = i;
      }
      continue;
    }
    if (rt_triple_compare(&next, &greatest) > 0) greatest = next;
    if (!input->is_ended) idle++;
  }
  frontier->held_by = held_by;
  if (held_by != PRG_NONE) {
    raise(frontier, &least);
  } else if (idle > 0) {
    raise(frontier, &greatest);
  } else if (count > 0) {
    rt_frontier_end(frontier);
  }
}
