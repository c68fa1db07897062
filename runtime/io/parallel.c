/* parallel.c - the threads that work for an engine whose keys are shared out. */
#include "runtime/io/parallel.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "cep/base/error.h"

/* Looks at the count before going to sleep: some microseconds, less than a wake-up takes. */
#define LOOKS 2000

void rt_parallel_init(rt_parallel *parallel)
{
  pthread_mutex_init(&parallel->lock, NULL);
  pthread_cond_init(&parallel->changed, NULL);
  atomic_init(&parallel->count, 0);
  atomic_init(&parallel->sleepers, 0);
  atomic_init(&parallel->is_over, 0);
}

void rt_parallel_fini(rt_parallel *parallel)
{
  if (parallel->engine) cep_engine_dismiss(parallel->engine);
  pthread_cond_destroy(&parallel->changed);
  pthread_mutex_destroy(&parallel->lock);
}

/* ---- Waking and sleeping -------------------------------------------------------------------- */

static void wake(void *ctx)
{
  rt_parallel *parallel = ctx;
  atomic_fetch_add(&parallel->count, 1);
  if (atomic_load(&parallel->sleepers) == 0) return;
  pthread_mutex_lock(&parallel->lock);
  pthread_cond_broadcast(&parallel->changed);
  pthread_mutex_unlock(&parallel->lock);
}

/* Until the count is not `seen`. */
static void sleep_until_changed(rt_parallel *parallel, unsigned seen)
{
  for (int i = 0; i < LOOKS; i++) {
    if (atomic_load_explicit(&parallel->count, memory_order_relaxed) != seen) return;
  }
  pthread_mutex_lock(&parallel->lock);
  atomic_fetch_add(&parallel->sleepers, 1); /* before the count is looked at: wake does it the other way round */
  while (atomic_load(&parallel->count) == seen) pthread_cond_wait(&parallel->changed, &parallel->lock);
  atomic_fetch_sub(&parallel->sleepers, 1);
  pthread_mutex_unlock(&parallel->lock);
}

/* The owner of the engine has to wait. It looks again at what it waits for after this returns, and so after
 * `seen` was read. */
static void wait_for_work(void *ctx)
{
  rt_parallel *parallel = ctx;
  if (cep_engine_work(parallel->engine, 0)) {
    wake(parallel);
  } else if (parallel->started > 0) {
    sleep_until_changed(parallel, parallel->seen);
  }
  parallel->seen = atomic_load(&parallel->count);
}

static void *work(void *ctx)
{
  const rt_thread *self = ctx;
  rt_parallel *parallel = self->of;
  for (;;) {
    unsigned seen = atomic_load(&parallel->count);
    if (atomic_load(&parallel->is_over)) return NULL;
    if (cep_engine_work(parallel->engine, self->number)) wake(parallel);
    else sleep_until_changed(parallel, seen);
  }
}

/* ---- Beginning and end ---------------------------------------------------------------------- */

cep_status rt_parallel_share(rt_parallel *parallel, cep_engine *engine, uint32_t workers, cep_error *err)
{
  if (workers == 0) {
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    workers = cores < 1 ? 1 : cores > (long)RT_THREADS_MAX ? RT_THREADS_MAX : (uint32_t)cores;
  }
  if (workers == 1) return CEP_OK;
  cep_crew crew = {.size = sizeof crew, .wake = wake, .wait = wait_for_work, .ctx = parallel};
  parallel->engine = engine;
  cep_status status = cep_engine_share(engine, workers, &crew, err);
  if (status < 0) parallel->engine = NULL;
  else parallel->wanted = cep_engine_workers(engine);
  return status;
}

cep_status rt_parallel_start(rt_parallel *parallel, cep_error *err)
{
  if (!parallel->engine) return CEP_OK;
  sigset_t all, before;
  sigfillset(&all);
  (void)pthread_sigmask(SIG_SETMASK, &all, &before);
  int number = 0;
  for (uint32_t i = 1; i < parallel->wanted && number == 0; i++) {
    rt_thread *thread = &parallel->threads[parallel->started];
    *thread = (rt_thread){.of = parallel, .number = i};
    number = pthread_create(&thread->id, NULL, work, thread);
    if (number == 0) parallel->started++;
  }
  (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
  if (number == 0) return CEP_OK;
  cb_error_set(err, CEP_E_IO, "cannot start a thread: %s", strerror(number));
  if (err) err->os_errno = number;
  return CEP_E_IO;
}

void rt_parallel_end(rt_parallel *parallel)
{
  if (!parallel->engine) return;
  atomic_store(&parallel->is_over, 1);
  wake(parallel);
  for (uint32_t i = 0; i < parallel->started; i++) (void)pthread_join(parallel->threads[i].id, NULL);
  parallel->started = 0;
}
