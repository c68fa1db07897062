/* input.c - watermark, lateness and position of one input. */
#include "runtime/input.h"

#include "cep/base/time.h"

void rt_input_init(rt_input *input, rt_engine *engine, uint32_t index, uint32_t declared, uint32_t partition,
                   cep_duration lateness)
{
  CB_ASSERT(lateness >= 0);
  *input = (rt_input){.engine = engine,
                      .index = index,
                      .declared = declared,
                      .partition = partition,
                      .order = (uint64_t)declared << 32 | partition,
                      .lateness = lateness,
                      .newest = CEP_TIME_MIN,
                      .advanced = CEP_TIME_MIN,
                      .clock = CEP_TIME_MIN};
}

cep_time rt_input_watermark(const rt_input *input)
{
  cep_time seen = cb_time_sub(input->newest, input->lateness);
  return seen > input->advanced ? seen : input->advanced;
}

rt_triple rt_input_next(const rt_input *input)
{
  return (rt_triple){rt_input_watermark(input), input->order, input->next_position};
}

rt_triple rt_input_reach(const rt_input *input)
{
  cep_time time = input->newest > input->advanced ? input->newest : input->advanced;
  return (rt_triple){time, input->order, input->next_position};
}

int rt_input_position(const rt_input *input, uint64_t position, uint64_t *out)
{
  if (position == CEP_POSITION_NEXT) position = input->next_position;
  *out = position;
  return position >= input->next_position && position < CEP_POSITION_NEXT;
}

void rt_input_see(rt_input *input, cep_time time)
{
  if (time > input->newest) input->newest = time;
}
