/*
 * arrival.h - what waits for an instant that is not open yet: events of detections, alerts for suppression.
 *
 * Contract
 *   Gives back, of what lies at the earliest instant, one after the other in no particular order: who asks
 *   sorts them (engine_instant.c). Owns cells and alerts until they are taken. Errors: refused memory
 *   only, and then nothing was taken over. O(log waiting). One owner.
 */
#ifndef RT_ARRIVAL_H
#define RT_ARRIVAL_H

#include "cep/base/hash.h"
#include "cep/base/slab.h"
#include "cep/base/vec.h"
#include "runtime/alert.h"

/* An event of a detection, for its readers. */
typedef struct rt_derived {
  cep_time time;
  uint32_t detection;
  uint32_t stratum;
  uint32_t key_group; /* of the key (rt_key_group), where it came out; */
  cb_hash128 group;  /* of the key: events of one key stay together, */
  cb_hash128 id;
  cb_hash128 least;  /* at the least id among them, */
  uint64_t sequence; /* in the order in which they came out */
  int has_least;     /* it came from elsewhere, where `least` was found */
  cb_slab_id cell;
} rt_derived;

typedef struct rt_arrival {
  cep_time time;
  rt_alert *alert;    /* NULL: an event */
  rt_derived derived;
} rt_arrival;

typedef struct rt_arrivals {
  cb_alloc *alloc;
  CB_VEC(rt_arrival) heap; /* the first is the earliest */
} rt_arrivals;

void rt_arrivals_init(rt_arrivals *arrivals, cb_alloc *alloc);
void rt_arrivals_fini(rt_arrivals *arrivals, cb_slab *slab);
int rt_arrivals_add(rt_arrivals *arrivals, const rt_arrival *arrival); /* 0: memory refused */
/* CEP_TIME_MAX: none. */
cep_time rt_arrivals_first(const rt_arrivals *arrivals);
rt_arrival rt_arrivals_take(rt_arrivals *arrivals);

#endif
