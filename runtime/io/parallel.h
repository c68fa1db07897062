/*
 * parallel.h - the threads that work for an engine whose keys are shared out.
 *
 *   caller: reads, hands on --wake--> thread 1 .. n-1: cep_engine_work, wake; nothing to do: sleep until the count rises
 *           waits: works too
 *
 * Contract
 *   Threads exist from rt_parallel_start to rt_parallel_end. A count rises whenever something was done or handed on;
 *   who found nothing to do sleeps until the count is another one than before it looked, so no wake-up is lost.
 *   The caller works as one of them when it has to wait. Signals go to other threads.
 *   Errors: CEP_E_NOMEM, CEP_E_IO (a thread cannot be started; os_errno). One owner.
 */
#ifndef RT_IO_PARALLEL_H
#define RT_IO_PARALLEL_H

#include <pthread.h>
#include <stdatomic.h>

#include "cep/base/value.h"

#define RT_THREADS_MAX 64u

typedef struct rt_parallel rt_parallel;
typedef struct rt_thread {
  rt_parallel *of;
  uint32_t number;
  pthread_t id;
} rt_thread;

struct rt_parallel {
  cep_engine *engine; /* NULL: its keys are not shared out */
  pthread_mutex_t lock;
  pthread_cond_t changed;
  atomic_uint count;
  atomic_uint sleepers;
  atomic_int is_over;
  unsigned seen;      /* the count before the owner looked last */
  uint32_t wanted;    /* threads, the caller's one of them */
  uint32_t started;
  rt_thread threads[RT_THREADS_MAX];
};

void rt_parallel_init(rt_parallel *parallel);
void rt_parallel_fini(rt_parallel *parallel);
/* `workers` 0: as many as there are cores. 1: nothing is shared out. */
cep_status rt_parallel_share(rt_parallel *parallel, cep_engine *engine, uint32_t workers, cep_error *err) CB_MUST_USE;
cep_status rt_parallel_start(rt_parallel *parallel, cep_error *err) CB_MUST_USE;
/* Also if it was not started. The engine goes on without threads. */
void rt_parallel_end(rt_parallel *parallel);

#endif
