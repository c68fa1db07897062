/* channel.c - messages between workers, as bytes in blocks that go back and forth. */
#include "runtime/channel.h"

#include <string.h>

cep_status rt_channel_init(rt_channel *channel, cb_alloc *alloc, int small)
{
  memset(channel, 0, sizeof *channel);
  channel->alloc = alloc;
  cep_status status = rt_ring_init(&channel->forward, alloc, RT_CHANNEL_BLOCKS);
  if (status == CEP_OK) status = rt_ring_init(&channel->back, alloc, RT_CHANNEL_BLOCKS);
  if (status < 0) {
    rt_channel_fini(channel);
    return status;
  }
  for (uint32_t i = 0; i < RT_CHANNEL_BLOCKS; i++) {
    cb_writer_init(&channel->blocks[i], alloc);
    if (i > 0 && small) continue;
    CB_ASSERT(rt_ring_put(&channel->back, &channel->blocks[i]));
  }
  (void)rt_channel_flush(channel);
  return CEP_OK;
}

void rt_channel_fini(rt_channel *channel)
{
  for (uint32_t i = 0; channel->forward.places && i < RT_CHANNEL_BLOCKS; i++) cb_writer_fini(&channel->blocks[i]);
  rt_ring_fini(&channel->forward, channel->alloc);
  rt_ring_fini(&channel->back, channel->alloc);
}

cb_writer *rt_channel_begin(rt_channel *channel, rt_message kind, uint32_t stage)
{
  if (!channel->open) return NULL;
  cb_write_u8(channel->open, (uint8_t)kind);
  cb_write_u32(channel->open, stage);
  return channel->open;
}

int rt_channel_flush(rt_channel *channel)
{
  cb_writer *open = channel->open;
  if (open && open->status < 0) return open->status;
  if (open && open->len > 0) {
    CB_ASSERT(rt_ring_put(&channel->forward, open)); /* there are no more blocks than places */
    channel->open = NULL;
  }
  if (!channel->open) {
    channel->open = rt_ring_take(&channel->back);
    if (channel->open) cb_writer_reset(channel->open);
  }
  return channel->open != NULL;
}

void rt_channel_pause(rt_channel *channel)
{
  if (!channel->reading || !cb_reader_at_end(&channel->reader)) return;
  CB_ASSERT(rt_ring_put(&channel->back, channel->reading));
  channel->reading = NULL;
}

cb_reader *rt_channel_next(rt_channel *channel, rt_message *kind, uint32_t *stage)
{
  cb_reader *reader = &channel->reader;
  rt_channel_pause(channel);
  if (!channel->reading) {
    channel->reading = rt_ring_take(&channel->forward);
    if (!channel->reading) return NULL;
    cb_reader_init(reader, channel->reading->data, channel->reading->len);
  }
  uint8_t byte = cb_read_u8(reader);
  *stage = cb_read_u32(reader);
  CB_ASSERT(reader->status >= 0 && byte < RT_MESSAGE_COUNT);
  *kind = (rt_message)byte;
  return reader;
}
