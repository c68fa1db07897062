/* route.c - readers of streams; keys and symbols of an event. */
#include "runtime/route.h"

#include <string.h>

static int sees_all(const prg_detection *detection)
{
  return (detection->flags & (PRG_DETECT_EVERY_EVENT | PRG_DETECT_QUIET_START)) != 0;
}

static uint64_t starts_of(const prg *program, const prg_detection *detection)
{
  if (detection->flags & PRG_DETECT_QUIET_START) return UINT64_MAX; /* even a key's first event is remembered */
  if (detection->window != PRG_NONE || detection->join != PRG_NONE) return UINT64_MAX; /* any event is kept */
  const prg_state *start = &program->states[detection->states.first];
  uint64_t starts = 0;
  for (uint32_t e = 0; e < start->edges.count; e++) {
    const prg_edge *edge = &program->edges[start->edges.first + e];
    if (edge->kind == PRG_EDGE_FORWARD) starts |= UINT64_C(1) << edge->target;
  }
  return starts;
}

static cep_duration allowed_of(const prg *program, const prg_detection *detection)
{
  return detection->window != PRG_NONE ? program->windows[detection->window].allowed : 0;
}

/* Counts the readers of all streams and their routes; fills them in if there is room. */
static void collect(rt_router *router, uint32_t strata)
{
  const prg *program = router->program;
  router->reader_count = router->route_count = 0;
  for (uint32_t s = 0; s < program->streams_count; s++) {
    uint32_t first = router->reader_count;
    for (uint32_t stratum = 1; stratum <= strata; stratum++) {
      for (uint32_t d = 0; d < program->detections_count; d++) {
        const prg_detection *detection = &program->detections[d];
        if (detection->stratum != stratum) continue;
        rt_reader reader = {d, stratum, {router->route_count, 0}, sees_all(detection), starts_of(program, detection), allowed_of(program, detection)};
        if (reader.allowed > router->allowed) router->allowed = reader.allowed;
        for (uint32_t r = 0; r < detection->routes.count; r++) {
          if (program->routes[detection->routes.first + r].stream != s) continue;
          if (router->routes) router->routes[router->route_count] = detection->routes.first + r;
          router->route_count++;
          reader.routes.count++;
        }
        if (reader.routes.count == 0) continue;
        if (reader.routes.count > router->item_max) router->item_max = reader.routes.count;
        if (router->readers) router->readers[router->reader_count] = reader;
        router->reader_count++;
      }
    }
    if (router->by_stream) router->by_stream[s] = (prg_list){first, router->reader_count - first};
  }
}

static uint32_t strata_of(const prg *program)
{
  uint32_t strata = 0;
  for (uint32_t d = 0; d < program->detections_count; d++) {
    if (program->detections[d].stratum > strata) strata = program->detections[d].stratum;
  }
  return strata;
}

cep_status rt_router_init(rt_router *router, cb_alloc *alloc, const prg *program, nfa_scratch *scratch)
{
  *router = (rt_router){.program = program, .alloc = alloc, .scratch = scratch};
  cb_writer_init(&router->key, alloc);
  uint32_t strata = strata_of(program);
  collect(router, strata);
  router->readers = cb_new0(alloc, (router->reader_count + 1) * sizeof *router->readers);
  router->routes = cb_new0(alloc, (router->route_count + 1) * sizeof *router->routes);
  router->by_stream = cb_new0(alloc, (program->streams_count + 1) * sizeof *router->by_stream);
  router->items = cb_new0(alloc, (router->item_max + 1) * sizeof *router->items);
  if (!router->readers || !router->routes || !router->by_stream || !router->items) {
    rt_router_fini(router);
    return CEP_E_NOMEM;
  }
  collect(router, strata);
  return CEP_OK;
}

void rt_router_fini(rt_router *router)
{
  if (!router->alloc) return;
  cb_free(router->alloc, router->readers, (router->reader_count + 1) * sizeof *router->readers);
  cb_free(router->alloc, router->routes, (router->route_count + 1) * sizeof *router->routes);
  cb_free(router->alloc, router->by_stream, (router->program->streams_count + 1) * sizeof *router->by_stream);
  cb_free(router->alloc, router->items, (router->item_max + 1) * sizeof *router->items);
  cb_writer_fini(&router->key);
  *router = (rt_router){0};
}

int rt_router_is_read_above(const rt_router *router, uint32_t stream)
{
  prg_list readers = router->by_stream[stream];
  return readers.count > 0 && router->readers[readers.first + readers.count - 1].stratum > 1;
}

/* Nobody but aggregates that allow it sees an event that is late. */
static int may_see(const rt_reader *reader, const rt_seen *seen)
{
  return seen->late <= 0 || seen->late <= reader->allowed;
}

/* Appends the key of one route. 0: it is null in some part, and nothing is appended. */
static int write_key(rt_router *router, const prg_route *route, const rt_seen *seen)
{
  nfa_env env = {
      .program = router->program, .scratch = router->scratch, .batch = seen->batch, .row = seen->row};
  size_t start = router->key.len;
  for (uint32_t i = 0; i < route->keys.count; i++) {
    cep_value part = nfa_expr_eval(&env, router->program->lists[route->keys.first + i]);
    if (part.kind == CEP_NULL) {
      router->key.len = start;
      return 0;
    }
    rt_key_write(&router->key, &part);
  }
  return 1;
}

/* 1 if no part of the key is null. */
static int has_key(rt_router *router, const prg_route *route, const rt_seen *seen)
{
  nfa_env env = {
      .program = router->program, .scratch = router->scratch, .batch = seen->batch, .row = seen->row};
  for (uint32_t i = 0; i < route->keys.count; i++) {
    if (nfa_expr_eval(&env, router->program->lists[route->keys.first + i]).kind == CEP_NULL) return 0;
  }
  return 1;
}

rt_wanted rt_router_wants(rt_router *router, const rt_reader *reader, const rt_seen *seen)
{
  const prg_detection *detection = &router->program->detections[reader->detection];
  rt_wanted wanted = RT_UNWANTED;
  nfa_scratch_reset(router->scratch);
  for (uint32_t r = 0; r < reader->routes.count && may_see(reader, seen); r++) {
    uint32_t index = router->routes[reader->routes.first + r];
    const prg_route *route = &router->program->routes[index];
    if (!nfa_cond_holds(router->program, route->member, seen->bits)) continue;
    if (!has_key(router, route, seen)) {
      if (wanted == RT_UNWANTED) wanted = RT_UNKEYED;
    } else if (reader->sees_all || nfa_symbol(router->program, detection, index, seen->bits) != 0) {
      return RT_WANTED;
    } else {
      wanted = RT_PASSING;
    }
  }
  return wanted;
}

/* The key that begins at `start` becomes an item, or joins an earlier one of the same key.
 * Keys of items lie one behind the other; pointers are set when the buffer moves no more. */
static void join_item(rt_router *router, size_t start, uint64_t symbol)
{
  uint32_t len = (uint32_t)(router->key.len - start);
  const uint8_t *at = router->key.data;
  for (uint32_t i = 0; i < router->item_count; i++) {
    rt_item *item = &router->items[i];
    if (item->key.len == len && (len == 0 || memcmp(at, router->key.data + start, len) == 0)) {
      item->symbol |= symbol;
      router->key.len = start;
      return;
    }
    at += item->key.len;
  }
  router->items[router->item_count++] = (rt_item){.key = {NULL, len, 0}, .symbol = symbol};
}

/* Leaves out what nobody needs, and says where keys lie. */
static void finish_items(rt_router *router, const rt_reader *reader, const rt_seen *seen)
{
  static const uint8_t nothing[1];
  const uint8_t *at = router->key.data ? router->key.data : nothing;
  uint32_t kept = 0;
  for (uint32_t i = 0; i < router->item_count; i++) {
    rt_item item = router->items[i];
    item.key.bytes = at;
    at += item.key.len;
    if (item.symbol == 0 && !reader->sees_all) continue;
    /* An event that fits no first step can go on with what a key has begun, or end it, but begins nothing. */
    item.finds_only = (item.symbol & reader->starts) == 0 && reader->starts != UINT64_MAX;
    item.key.hash = rt_key_hash(item.key.bytes, item.key.len);
    item.event = (nfa_event){seen->batch, seen->row};
    router->items[kept++] = item;
  }
  router->item_count = kept;
}

cep_status rt_router_items(rt_router *router, const rt_reader *reader, const rt_seen *seen, rt_wanted *out)
{
  const prg *program = router->program;
  const prg_detection *detection = &program->detections[reader->detection];
  rt_wanted wanted = RT_UNWANTED;
  router->item_count = 0;
  cb_writer_reset(&router->key);
  nfa_scratch_reset(router->scratch);
  for (uint32_t r = 0; r < reader->routes.count && may_see(reader, seen); r++) {
    uint32_t index = router->routes[reader->routes.first + r];
    const prg_route *route = &program->routes[index];
    if (!nfa_cond_holds(program, route->member, seen->bits)) continue;
    uint64_t symbol = nfa_symbol(program, detection, index, seen->bits);
    /* With more routes even a key without symbol has its place among the items. */
    int makes_item = symbol != 0 || reader->sees_all || reader->routes.count > 1;
    size_t start = router->key.len;
    if (makes_item ? !write_key(router, route, seen) : !has_key(router, route, seen)) {
      if (wanted == RT_UNWANTED) wanted = RT_UNKEYED;
      continue;
    }
    if (router->key.status < 0) return router->key.status;
    wanted = RT_WANTED;
    if (makes_item) join_item(router, start, symbol);
  }
  if (router->key.len > UINT32_MAX) return CEP_E_NOMEM;
  finish_items(router, reader, seen);
  *out = wanted == RT_WANTED && router->item_count == 0 ? RT_PASSING : wanted;
  return CEP_OK;
}
