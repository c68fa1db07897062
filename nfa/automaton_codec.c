/* automaton_codec.c - a state of the automaton to bytes and back: its shapes, by steps and ways, not by numbers. */
#include "nfa/automaton.h"

#include <string.h>

static void write_shape(const nfa_worker *runs, const nfa_shape *shape, cb_writer *writer)
{
  const prg_state *state = nfa_state(runs, shape->state);
  cb_write_u32(writer, state->step);
  cb_write_u64(writer, nfa_step(runs, state->step)->identity);
  cb_write_u32(writer, shape->count);
  cb_write_u8(writer, (uint8_t)shape->flags);
  cb_write_u64(writer, shape->met);
  cb_write_u8(writer, (uint8_t)runs->detection->counters.count);
  for (uint32_t i = 0; i < runs->detection->counters.count; i++) cb_write_u32(writer, shape->counters[i]);
  nfa_ways_write(runs, state, shape->open, writer);
}

void nfa_automaton_write(const nfa_automaton *automaton, uint32_t state, cb_writer *writer)
{
  const nfa_shapes *shapes = &automaton->states.at[state].shapes;
  cb_write_u32(writer, shapes->count);
  for (uint32_t i = 0; i < shapes->count; i++) write_shape(&automaton->runs, &shapes->at[i], writer);
}

static cep_status corrupt(const cb_reader *reader)
{
  return reader->status < 0 ? reader->status : CEP_E_CORRUPT;
}

static int is_take_step(const nfa_worker *worker, uint32_t step)
{
  return step < worker->detection->steps.count && !(nfa_step(worker, step)->flags & (PRG_STEP_NO | PRG_STEP_UNTIL));
}

static cep_status read_shape(const nfa_worker *runs, cb_reader *reader, nfa_shape *shape)
{
  const nfa_runs_own *own = (const nfa_runs_own *)runs->own;
  memset(shape, 0, sizeof *shape);
  uint32_t number = cb_read_u32(reader);
  uint64_t identity = cb_read_u64(reader);
  if (reader->status < 0 || !is_take_step(runs, number)) return corrupt(reader);
  const prg_step *step = nfa_step(runs, number);
  if (step->identity != identity) return CEP_E_MISMATCH;
  shape->state = own->steps[number].state;
  shape->count = cb_read_u32(reader);
  shape->flags = cb_read_u8(reader);
  shape->met = cb_read_u64(reader);
  uint32_t counters = cb_read_u8(reader);
  if (reader->status < 0 || shape->count == 0 || shape->count > step->max || (shape->flags & ~(uint32_t)RUN_FRESH))
    return corrupt(reader);
  if (counters != runs->detection->counters.count || (shape->met != 0 && !own->lifts)) return CEP_E_MISMATCH;
  for (uint32_t i = 0; i < counters; i++) {
    const prg_counter *counter = &runs->program->counters[runs->detection->counters.first + i];
    shape->counters[i] = cb_read_u32(reader);
    if (reader->status < 0 || !nfa_counter_holds(counter, shape->counters[i])) return corrupt(reader);
  }
  cep_status status = nfa_ways_read(runs, nfa_state(runs, shape->state), reader, &shape->open);
  if (status < 0) return status;
  int waits = shape->open != 0 && (shape->open & own->finishes[shape->state]) == 0; /* ends come out at once */
  return waits ? CEP_OK : CEP_E_CORRUPT;
}

cep_status nfa_automaton_read(nfa_automaton *automaton, cb_reader *reader, uint32_t *state)
{
  nfa_shapes shapes = {0};
  uint32_t count = cb_read_u32(reader);
  cep_status status = reader->status < 0 || count == 0 ? corrupt(reader) : CEP_OK;
  for (uint32_t i = 0; i < count && status >= 0; i++) {
    nfa_shape shape;
    status = read_shape(&automaton->runs, reader, &shape);
    if (status >= 0 && !cb_vec_push(automaton->runs.alloc, &shapes, shape)) status = CEP_E_NOMEM;
  }
  if (status >= 0) *state = nfa_automaton_state(automaton, &shapes);
  if (status >= 0 && *state == NFA_STATE_NONE) status = CEP_E_NOMEM;
  cb_vec_free(automaton->runs.alloc, &shapes);
  return status;
}
