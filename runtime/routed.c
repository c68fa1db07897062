/* routed.c - the items of rows, kept from where the rows are looked at to where their keys are. */
#include "runtime/routed.h"

void rt_routed_init(rt_routed *routed, cb_alloc *alloc)
{
  *routed = (rt_routed){.alloc = alloc};
  cb_writer_init(&routed->keys, alloc);
}

void rt_routed_fini(rt_routed *routed)
{
  if (!routed->alloc) return;
  cb_writer_fini(&routed->keys);
  cb_vec_free(routed->alloc, &routed->items);
}

void rt_routed_clear(rt_routed *routed)
{
  cb_writer_reset(&routed->keys);
  routed->items.count = 0;
}

cep_status rt_routed_add(rt_routed *routed, const rt_router *router, const rt_reader *reader)
{
  for (uint32_t i = 0; i < router->item_count; i++) {
    const rt_item *item = &router->items[i];
    rt_routed_item own = {.hash = item->key.hash,
                          .symbol = item->symbol,
                          .key = (uint32_t)routed->keys.len,
                          .key_len = item->key.len,
                          .reader = (uint32_t)(reader - router->readers),
                          .stratum = reader->stratum,
                          .number = i,
                          .finds_only = item->finds_only};
    cb_write_bytes(&routed->keys, item->key.bytes, item->key.len);
    if (routed->keys.status < 0 || routed->keys.len > UINT32_MAX) return CEP_E_NOMEM;
    if (!cb_vec_push(routed->alloc, &routed->items, own)) return CEP_E_NOMEM;
  }
  return CEP_OK;
}

rt_item rt_routed_item_of(const rt_routed *routed, const rt_routed_item *item, const rt_seen *seen)
{
  static const uint8_t nothing[1];
  const uint8_t *bytes = routed->keys.data ? routed->keys.data + item->key : nothing;
  return (rt_item){.key = {bytes, item->key_len, item->hash},
                   .event = {seen->batch, seen->row},
                   .symbol = item->symbol,
                   .finds_only = item->finds_only};
}
