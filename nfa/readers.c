/* readers.c - routes of all detections by stream; equal ones found by sorting. */
#include "nfa/readers.h"

#include <stdlib.h>
#include <string.h>

#include "nfa/expr.h"

/* ---- Of one detection ---------------------------------------------------------------------- */

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

static nfa_reader reader_of(const prg *program, uint32_t index)
{
  const prg_detection *detection = &program->detections[index];
  return (nfa_reader){.detection = index,
                      .stratum = detection->stratum,
                      .sees_all = (detection->flags & (PRG_DETECT_EVERY_EVENT | PRG_DETECT_QUIET_START)) != 0,
                      .starts = starts_of(program, detection),
                      .allowed = detection->window != PRG_NONE ? program->windows[detection->window].allowed : 0};
}

/* ---- Ways ---------------------------------------------------------------------------------- */

/* A route while equal ones are looked for. */
typedef struct sorted_route {
  const prg *program;
  uint32_t route;
} sorted_route;

static int compare_words(const uint32_t *a, uint32_t a_count, const uint32_t *b, uint32_t b_count)
{
  if (a_count != b_count) return a_count < b_count ? -1 : 1;
  for (uint32_t i = 0; i < a_count; i++) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

static int compare_ways(const prg *program, const prg_route *a, const prg_route *b)
{
  if (a->stream != b->stream) return a->stream < b->stream ? -1 : 1;
  if (a->member != b->member) return a->member < b->member ? -1 : 1;
  return compare_words(program->lists + a->keys.first, a->keys.count, program->lists + b->keys.first, b->keys.count);
}

static int compare_routes(const void *a_void, const void *b_void)
{
  const sorted_route *a = a_void, *b = b_void;
  int order = compare_ways(a->program, &a->program->routes[a->route], &b->program->routes[b->route]);
  return order != 0 ? order : (a->route > b->route) - (a->route < b->route);
}

static void add_way(const prg *program, nfa_readers *all, const prg_route *route)
{
  prg_list *of = &all->streams[route->stream].ways;
  if (of->count++ == 0) of->first = all->way_count;
  all->ways[all->way_count++] = (nfa_way){route->stream, route->member, route->keys, all->column_count};
  for (uint32_t i = 0; i < route->keys.count; i++)
    all->columns[all->column_count++] = nfa_expr_column(program, program->lists[route->keys.first + i]);
}

/* `way_of[route]` gets the number of its way. */
static void find_ways(const prg *program, nfa_readers *all, sorted_route *sorted, uint32_t *way_of)
{
  for (uint32_t r = 0; r < program->routes_count; r++) sorted[r] = (sorted_route){program, r};
  qsort(sorted, program->routes_count, sizeof *sorted, compare_routes);
  for (uint32_t i = 0; i < program->routes_count; i++) {
    const prg_route *route = &program->routes[sorted[i].route];
    if (i == 0 || compare_ways(program, route, &program->routes[sorted[i - 1].route]) != 0) add_way(program, all, route);
    way_of[sorted[i].route] = all->way_count - 1;
  }
}

/* ---- Readers ------------------------------------------------------------------------------- */

/* A route with its place in the order of readers. */
typedef struct placed_route {
  uint32_t stream;
  uint32_t stratum;
  uint32_t detection;
  uint32_t route;
} placed_route;

static int compare_placed(const void *a_void, const void *b_void)
{
  const placed_route *a = a_void, *b = b_void;
  if (a->stream != b->stream) return a->stream < b->stream ? -1 : 1;
  if (a->stratum != b->stratum) return a->stratum < b->stratum ? -1 : 1;
  if (a->detection != b->detection) return a->detection < b->detection ? -1 : 1;
  return (a->route > b->route) - (a->route < b->route);
}

static void find_readers(const prg *program, nfa_readers *all, placed_route *placed, const uint32_t *way_of)
{
  uint32_t count = 0;
  for (uint32_t d = 0; d < program->detections_count; d++) {
    const prg_detection *detection = &program->detections[d];
    for (uint32_t r = detection->routes.first; r < detection->routes.first + detection->routes.count; r++)
      placed[count++] = (placed_route){program->routes[r].stream, detection->stratum, d, r};
  }
  CB_ASSERT(count <= program->routes_count);
  qsort(placed, count, sizeof *placed, compare_placed);
  for (uint32_t i = 0; i < count; i++) {
    if (i == 0 || placed[i].stream != placed[i - 1].stream || placed[i].detection != placed[i - 1].detection) {
      prg_list *of = &all->streams[placed[i].stream].readers;
      if (of->count++ == 0) of->first = all->reader_count;
      nfa_reader reader = reader_of(program, placed[i].detection);
      reader.routes.first = all->route_count;
      if (reader.allowed > all->allowed) all->allowed = reader.allowed;
      all->readers[all->reader_count++] = reader;
    }
    all->readers[all->reader_count - 1].routes.count++;
    all->routes[all->route_count++] = (nfa_reader_route){placed[i].route, way_of[placed[i].route]};
  }
}

/* ---- Classes ------------------------------------------------------------------------------- */

typedef struct sorted_reader {
  const nfa_readers *all;
  uint32_t stream;
  uint32_t reader;
} sorted_reader;

static int compare_classes(const sorted_reader *a, const sorted_reader *b)
{
  const nfa_reader *x = &a->all->readers[a->reader], *y = &b->all->readers[b->reader];
  if (a->stream != b->stream) return a->stream < b->stream ? -1 : 1;
  if (x->stratum != y->stratum) return x->stratum < y->stratum ? -1 : 1;
  if (x->routes.count != y->routes.count) return x->routes.count < y->routes.count ? -1 : 1;
  for (uint32_t i = 0; i < x->routes.count; i++) {
    uint32_t v = a->all->routes[x->routes.first + i].way, w = b->all->routes[y->routes.first + i].way;
    if (v != w) return v < w ? -1 : 1;
  }
  return 0;
}

static int compare_readers(const void *a_void, const void *b_void)
{
  const sorted_reader *a = a_void, *b = b_void;
  int order = compare_classes(a, b);
  return order != 0 ? order : (a->reader > b->reader) - (a->reader < b->reader);
}

static void find_classes(const prg *program, nfa_readers *all, sorted_reader *sorted)
{
  uint32_t count = 0;
  for (uint32_t s = 0; s < program->streams_count; s++) {
    prg_list of = all->streams[s].readers;
    for (uint32_t i = 0; i < of.count; i++) sorted[count++] = (sorted_reader){all, s, of.first + i};
  }
  qsort(sorted, count, sizeof *sorted, compare_readers);
  for (uint32_t i = 0; i < count; i++) {
    nfa_reader *reader = &all->readers[sorted[i].reader];
    if (i == 0 || compare_classes(&sorted[i], &sorted[i - 1]) != 0) {
      prg_list *of = &all->streams[sorted[i].stream].classes;
      if (of->count++ == 0) of->first = all->class_count;
      all->classes[all->class_count++] = (nfa_class){sorted[i].stream, reader->stratum, reader->routes};
    }
    reader->class = all->class_count - 1;
  }
}

/* Classes by detection: how many each has, where they begin, then which. */
static void list_classes(const prg *program, nfa_readers *all)
{
  for (uint32_t i = 0; i < all->reader_count; i++) all->of_detection[all->readers[i].detection].count++;
  uint32_t next = 0;
  for (uint32_t d = 0; d < program->detections_count; d++) {
    all->of_detection[d].first = next;
    next += all->of_detection[d].count;
    all->of_detection[d].count = 0;
  }
  for (uint32_t i = 0; i < all->reader_count; i++) {
    prg_list *of = &all->of_detection[all->readers[i].detection];
    all->reader_classes[of->first + of->count++] = all->readers[i].class;
  }
}

/* ---- All ----------------------------------------------------------------------------------- */

/* Key parts of all routes, together. */
static uint32_t parts_of(const prg *program)
{
  uint32_t parts = 0;
  for (uint32_t r = 0; r < program->routes_count; r++) parts += program->routes[r].keys.count;
  return parts;
}

static int make_arrays(const prg *program, cb_alloc *alloc, nfa_readers *all)
{
  uint32_t routes = program->routes_count + 1;
  all->ways = cb_new0(alloc, routes * sizeof *all->ways);
  all->columns = cb_new0(alloc, (parts_of(program) + 1) * sizeof *all->columns);
  all->routes = cb_new0(alloc, routes * sizeof *all->routes);
  all->readers = cb_new0(alloc, routes * sizeof *all->readers);
  all->classes = cb_new0(alloc, routes * sizeof *all->classes);
  all->streams = cb_new0(alloc, (program->streams_count + 1) * sizeof *all->streams);
  all->of_detection = cb_new0(alloc, (program->detections_count + 1) * sizeof *all->of_detection);
  all->reader_classes = cb_new0(alloc, routes * sizeof *all->reader_classes);
  return all->ways && all->columns && all->routes && all->readers && all->classes && all->streams && all->of_detection && all->reader_classes;
}

void nfa_readers_free(const prg *program, cb_alloc *alloc, nfa_readers *all)
{
  if (!all) return;
  uint32_t routes = program->routes_count + 1;
  cb_free(alloc, all->ways, routes * sizeof *all->ways);
  cb_free(alloc, all->columns, (parts_of(program) + 1) * sizeof *all->columns);
  cb_free(alloc, all->routes, routes * sizeof *all->routes);
  cb_free(alloc, all->readers, routes * sizeof *all->readers);
  cb_free(alloc, all->classes, routes * sizeof *all->classes);
  cb_free(alloc, all->streams, (program->streams_count + 1) * sizeof *all->streams);
  cb_free(alloc, all->of_detection, (program->detections_count + 1) * sizeof *all->of_detection);
  cb_free(alloc, all->reader_classes, routes * sizeof *all->reader_classes);
  cb_free(alloc, all, sizeof *all);
}

/* What is only needed while they are made. */
typedef union making {
  sorted_route route;
  placed_route placed;
  sorted_reader reader;
} making;

cep_status nfa_readers_make(const prg *program, cb_alloc *alloc, nfa_readers **out)
{
  nfa_readers *all = *out = cb_new0(alloc, sizeof *all);
  if (!all || !make_arrays(program, alloc, all)) return CEP_E_NOMEM;
  uint32_t room = program->routes_count + 1;
  void *sorted = cb_new(alloc, room * sizeof(making));
  uint32_t *way_of = cb_new(alloc, room * sizeof *way_of);
  int is_made = sorted && way_of;
  if (is_made) {
    find_ways(program, all, sorted, way_of);
    find_readers(program, all, sorted, way_of);
    find_classes(program, all, sorted);
    list_classes(program, all);
  }
  cb_free(alloc, sorted, room * sizeof(making));
  cb_free(alloc, way_of, room * sizeof *way_of);
  return is_made ? CEP_OK : CEP_E_NOMEM;
}
