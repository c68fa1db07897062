/* input.c - watermark, lateness and position of one input. */
#include "runtime/input.h"

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

rt_triple rt_input_next(const rt_input *input)
{
  return (rt_triple){rt_input_watermark(input), input->order, input->next_position};
}

rt_triple rt_input_reach(const rt_input *input)
{
  cep_time time = input->newest > input->advanced ? input->newest : input->advanced;
  return (rt_triple){time, input->order, input->next_position};
}
