/* route.c - from an event to its readers, its keys and its symbols. */
#include "runtime/route.h"

#include <string.h>

/* ---- Making -------------------------------------------------------------------------------- */

static void find_rooms(rt_router *router)
{
  const nfa_readers *readers = router->program->readers;
  for (uint32_t s = 0; s < router->program->streams_count; s++) {
    const nfa_of_stream *of = &readers->streams[s];
    if (of->ways.count > router->way_room) router->way_room = of->ways.count;
    if (of->classes.count > router->class_room) router->class_room = of->classes.count;
    if (of->readers.count > router->reader_room) router->reader_room = of->readers.count;
  }
  for (uint32_t r = 0; r < readers->reader_count; r++) {
    if (readers->readers[r].routes.count > router->item_room) router->item_room = readers->readers[r].routes.count;
  }
  router->way_room++;
  router->class_room++;
  router->reader_room++;
  router->item_room++;
}

cep_status rt_router_init(rt_router *router, cb_alloc *alloc, const prg *program, nfa_scratch *scratch, int is_asking_all)
{
  *router = (rt_router){.program = program, .alloc = alloc, .is_asking_all = is_asking_all, .traced = PRG_NONE};
  rt_finds_init(&router->own, alloc);
  find_rooms(router);
  cep_status status = nfa_facts_init(&router->facts, alloc, program, scratch);
  if (status == CEP_OK) status = nfa_woken_init(&router->woken, alloc, program);
  router->ways = cb_new0(alloc, router->way_room * sizeof *router->ways);
  router->way_keys = cb_new0(alloc, router->way_room * sizeof *router->way_keys);
  router->classes = cb_new0(alloc, router->class_room * sizeof *router->classes);
  router->asked = cb_new0(alloc, router->reader_room * sizeof *router->asked);
  router->items = cb_new0(alloc, router->item_room * sizeof *router->items);
  router->straight = cb_new0(alloc, (program->streams_count + 1) * sizeof *router->straight);
  if (status < 0 || !router->ways || !router->way_keys || !router->classes || !router->asked || !router->items || !router->straight) {
    rt_router_fini(router);
    return CEP_E_NOMEM;
  }
  if (!is_asking_all) rt_router_find_straight(router);
  return CEP_OK;
}

void rt_router_fini(rt_router *router)
{
  cb_alloc *alloc = router->alloc;
  if (!alloc) return;
  nfa_facts_fini(&router->facts);
  nfa_woken_fini(&router->woken);
  cb_free(alloc, router->ways, router->way_room * sizeof *router->ways);
  cb_free(alloc, router->way_keys, router->way_room * sizeof *router->way_keys);
  cb_free(alloc, router->classes, router->class_room * sizeof *router->classes);
  cb_free(alloc, router->asked, router->reader_room * sizeof *router->asked);
  cb_free(alloc, router->items, router->item_room * sizeof *router->items);
  cb_free(alloc, router->straight, (router->program->streams_count + 1) * sizeof *router->straight);
  rt_finds_fini(&router->own);
  *router = (rt_router){0};
}

int rt_router_is_read_above(const rt_router *router, uint32_t stream)
{
  const nfa_readers *readers = router->program->readers;
  prg_list of = readers->streams[stream].readers;
  return of.count > 0 && readers->readers[of.first + of.count - 1].stratum > 1;
}

void rt_finds_init(rt_finds *finds, cb_alloc *alloc)
{
  memset(finds, 0, sizeof *finds);
  cb_writer_init(&finds->bytes, alloc);
}

void rt_finds_fini(rt_finds *finds)
{
  cb_vec_free(finds->bytes.alloc, &finds->all);
  cb_vec_free(finds->bytes.alloc, &finds->keys);
  cb_writer_fini(&finds->bytes);
}

void rt_finds_clear(rt_finds *finds)
{
  finds->all.count = finds->keys.count = 0;
  cb_writer_reset(&finds->bytes);
}

/* ---- Ways and keys -------------------------------------------------------------------------- */

static const nfa_of_stream *of_stream(const rt_router *router)
{
  return &router->program->readers->streams[router->seen.batch->stream];
}

static cep_value key_part(const rt_router *router, const nfa_way *way, uint32_t part)
{
  uint32_t column = router->program->readers->columns[way->columns + part];
  if (column != PRG_NONE) return cb_batch_get(router->seen.batch, column, router->seen.row);
  return nfa_expr_eval(&router->facts.env, router->program->lists[way->keys.first + part]);
}

static rt_wanted look_at_way(rt_router *router, const nfa_way *way)
{
  if (!nfa_cond_holds(&router->facts, way->member)) return RT_UNWANTED;
  for (uint32_t i = 0; i < way->keys.count; i++) {
    if (key_part(router, way, i).kind == CEP_NULL) return RT_UNKEYED;
  }
  return RT_PASSING;
}

/* What the row is to the stream's ways, and from that to its classes. */
static void look_at_ways(rt_router *router)
{
  const nfa_readers *readers = router->program->readers;
  const nfa_of_stream *of = of_stream(router);
  for (uint32_t w = 0; w < of->ways.count; w++) router->ways[w] = (uint8_t)look_at_way(router, &readers->ways[of->ways.first + w]);
  for (uint32_t c = 0; c < of->classes.count; c++) {
    const nfa_class *class = &readers->classes[of->classes.first + c];
    uint8_t best = RT_UNWANTED;
    for (uint32_t i = 0; i < class->routes.count; i++) {
      uint8_t wanted = router->ways[readers->routes[class->routes.first + i].way - of->ways.first];
      if (wanted > best) best = wanted;
    }
    router->classes[c] = best;
  }
}

/* The key of a way in `to`, written when it is first wanted. */
static cep_status key_of_way(rt_router *router, uint32_t number, rt_finds *to, uint32_t *out)
{
  uint32_t in_stream = number - of_stream(router)->ways.first;
  if (router->ways[in_stream] == RT_WANTED) {
    *out = router->way_keys[in_stream];
    return CEP_OK;
  }
  const nfa_way *way = &router->program->readers->ways[number];
  size_t start = to->bytes.len;
  for (uint32_t i = 0; i < way->keys.count; i++) {
    cep_value part = key_part(router, way, i);
    rt_key_write(&to->bytes, &part);
  }
  if (to->bytes.status < 0) return to->bytes.status;
  if (to->bytes.len > UINT32_MAX) return CEP_E_NOMEM;
  rt_found_key key = {.at = (uint32_t)start, .len = (uint32_t)(to->bytes.len - start)};
  key.hash = rt_key_hash(key.len > 0 ? to->bytes.data + start : (const uint8_t *)"", key.len);
  if (!cb_vec_push(to->bytes.alloc, &to->keys, key)) return CEP_E_NOMEM;
  router->ways[in_stream] = RT_WANTED;
  *out = router->way_keys[in_stream] = to->keys.count - 1;
  return CEP_OK;
}

/* ---- Finding -------------------------------------------------------------------------------- */

void rt_router_begin(rt_router *router, const rt_seen *seen)
{
  router->seen = *seen;
  nfa_facts_begin(&router->facts, seen->batch, seen->row);
}

int rt_router_fits(rt_router *router)
{
  return nfa_cond_holds(&router->facts, router->program->streams[router->seen.batch->stream].fits);
}

static int same_key(const rt_finds *finds, uint32_t a, uint32_t b)
{
  const rt_found_key *x = &finds->keys.at[a], *y = &finds->keys.at[b];
  if (a == b) return 1;
  return x->len == y->len && x->hash == y->hash && (x->len == 0 || memcmp(finds->bytes.data + x->at, finds->bytes.data + y->at, x->len) == 0);
}

/* Joins a find of the reader, from `first` on, that has the same key. */
static cep_status add_find(rt_finds *to, uint32_t first, const rt_find *find)
{
  for (uint32_t i = first; i < to->all.count; i++) {
    if (!same_key(to, to->all.at[i].key, find->key)) continue;
    to->all.at[i].symbol |= find->symbol;
    return CEP_OK;
  }
  return cb_vec_push(to->bytes.alloc, &to->all, *find) ? CEP_OK : CEP_E_NOMEM;
}

/* A reader with several routes: keys in the order of its routes, also of those that fit no step; these go at the end. */
/* Also an event that fits no step is of interest. */
static int sees_all(const rt_router *router, const nfa_reader *reader)
{
  return reader->sees_all || reader->detection == router->traced;
}

static cep_status ask_routes(rt_router *router, uint32_t number, const nfa_reader *reader, rt_finds *to)
{
  const nfa_readers *readers = router->program->readers;
  const prg_detection *detection = &router->program->detections[reader->detection];
  uint32_t first = to->all.count, ways = of_stream(router)->ways.first;
  for (uint32_t r = 0; r < reader->routes.count; r++) {
    const nfa_reader_route *route = &readers->routes[reader->routes.first + r];
    if (router->ways[route->way - ways] < RT_PASSING) continue;
    rt_find find = {number, 0, nfa_symbol(&router->facts, detection, route->route)};
    cep_status status = key_of_way(router, route->way, to, &find.key);
    if (status == CEP_OK) status = add_find(to, first, &find);
    if (status < 0) return status;
  }
  if (sees_all(router, reader)) return CEP_OK;
  uint32_t kept = first;
  for (uint32_t i = first; i < to->all.count; i++) {
    if (to->all.at[i].symbol != 0) to->all.at[kept++] = to->all.at[i];
  }
  to->all.count = kept;
  return CEP_OK;
}

static cep_status ask(rt_router *router, uint32_t number, rt_finds *to)
{
  const nfa_readers *readers = router->program->readers;
  const nfa_reader *reader = &readers->readers[number];
  if (router->seen.late > 0 && router->seen.late > reader->allowed) return CEP_OK;
  if (router->classes[reader->class - of_stream(router)->classes.first] < RT_PASSING) return CEP_OK;
  if (reader->routes.count > 1) return ask_routes(router, number, reader, to);
  const nfa_reader_route *route = &readers->routes[reader->routes.first];
  rt_find find = {number, 0, nfa_symbol(&router->facts, &router->program->detections[reader->detection], route->route)};
  if (find.symbol == 0 && !sees_all(router, reader)) return CEP_OK;
  cep_status status = key_of_way(router, route->way, to, &find.key);
  if (status < 0) return status;
  return cb_vec_push(to->bytes.alloc, &to->all, find) ? CEP_OK : CEP_E_NOMEM;
}

static uint32_t list_asked(rt_router *router)
{
  uint32_t stream = router->seen.batch->stream, count = of_stream(router)->readers.count;
  if (count == 0) return 0;
  if (!router->is_asking_all) {
    const nfa_wake *wake = &router->program->wakes[stream];
    nfa_wake_run(wake, &router->facts, &router->woken);
    return nfa_wake_list(wake, &router->woken, router->asked);
  }
  for (uint32_t i = 0; i < count; i++) router->asked[i] = i;
  return count;
}

cep_status rt_router_find(rt_router *router, rt_finds *to, prg_list *out)
{
  uint32_t asked = list_asked(router), first = of_stream(router)->readers.first;
  *out = (prg_list){to->all.count, 0};
  look_at_ways(router);
  for (uint32_t i = 0; i < asked; i++) {
    cep_status status = ask(router, first + router->asked[i], to);
    if (status < 0) return status;
  }
  out->count = to->all.count - out->first;
  CB_EXPENSIVE(router->is_asking_all || nfa_wake_check(&router->program->wakes[router->seen.batch->stream], &router->facts, router->asked, asked));
  return CEP_OK;
}

cep_status rt_router_recall(rt_router *router, rt_seen *seen)
{
  if (seen->finds) return CEP_OK;
  rt_finds_clear(&router->own);
  rt_router_begin(router, seen);
  cep_status status = rt_router_find(router, &router->own, &seen->list);
  seen->finds = &router->own;
  return status;
}

/* ---- What it is to all ---------------------------------------------------------------------- */

rt_wanted rt_router_takes(const rt_router *router, const nfa_reader *reader)
{
  return (rt_wanted)router->classes[reader->class - of_stream(router)->classes.first];
}

rt_wanted rt_router_best(const rt_router *router)
{
  uint8_t best = RT_UNWANTED;
  for (uint32_t c = 0; c < of_stream(router)->classes.count; c++) {
    if (router->classes[c] > best) best = router->classes[c];
  }
  return (rt_wanted)best;
}

void rt_router_count(const rt_router *router, const rt_stats *stats, const rt_finds *finds, prg_list list, uint32_t stratum, uint64_t times)
{
  const nfa_readers *readers = router->program->readers;
  prg_list classes = of_stream(router)->classes;
  for (uint32_t c = 0; c < classes.count; c++) {
    if (stratum != 0 && readers->classes[classes.first + c].stratum != stratum) continue;
    rt_stats_add_class(stats, classes.first + c, router->classes[c] == RT_PASSING ? times : 0, router->classes[c] == RT_UNKEYED ? times : 0);
  }
  for (uint32_t i = list.first; i < list.first + list.count; i++) {
    const nfa_reader *reader = &readers->readers[finds->all.at[i].reader];
    if (i > list.first && finds->all.at[i - 1].reader == finds->all.at[i].reader) continue;
    if (stratum == 0 || reader->stratum == stratum) rt_stats_add(stats, CEP_STAT_EVENTS_IN, reader->detection, 0 - times);
  }
}

uint32_t rt_router_items(rt_router *router, const rt_seen *seen, uint32_t first)
{
  const rt_find *finds = seen->finds->all.at + first;
  const nfa_reader *reader = rt_router_reader(router, finds);
  uint32_t count = 0, end = seen->list.first + seen->list.count - first;
  for (; count < end && finds[count].reader == finds->reader; count++) {
    CB_ASSERT(count < router->item_room);
    router->items[count] = (rt_item){.key = rt_finds_key(seen->finds, finds[count].key),
                                     .event = {seen->batch, seen->row},
                                     .symbol = finds[count].symbol,
                                     /* An event that fits no first step can go on with what a key has begun, or end it, but begins nothing. */
                                     .finds_only = (finds[count].symbol & reader->starts) == 0 && reader->starts != UINT64_MAX && reader->detection != router->traced};
  }
  return count;
}
