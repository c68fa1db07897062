/* taken.c - the cells of the event in hand, made when a step first takes it. */
#include "nfa/taken.h"

static uint32_t layout_of(const nfa_worker *worker, uint32_t step)
{
  return worker->program->steps[worker->detection->steps.first + step].layout;
}

cb_slab_id nfa_taken_cell(nfa_worker *worker, nfa_taken *taken, const nfa_event *event, uint32_t step)
{
  uint32_t layout = layout_of(worker, step);
  for (uint32_t s = 0; s < taken->steps; s++) {
    if (taken->cells[s] != CB_SLAB_NONE && layout_of(worker, s) == layout) return taken->cells[s];
  }
  cb_slab_id cell = cb_cell_from_row(worker->slab, &worker->program->layout_views[layout], event->batch, event->row);
  if (cell == CB_SLAB_NONE) return CB_SLAB_NONE;
  taken->cells[step] = cell;
  if (taken->steps <= step) taken->steps = step + 1;
  return cell;
}

void nfa_taken_forget(nfa_worker *worker, nfa_taken *taken)
{
  for (uint32_t s = 0; s < taken->steps; s++) {
    if (taken->cells[s] != CB_SLAB_NONE) cb_cell_unref(worker->slab, taken->cells[s]);
    taken->cells[s] = CB_SLAB_NONE;
  }
  taken->steps = 0;
}
