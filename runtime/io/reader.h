/*
 * reader.h - the bytes of a file or pipe, unpacked.
 *
 * Contract
 *   A file that begins like gzip or zstd is unpacked. A read may wait: for a pipe until it
 *   has data, for a followed file until it grows. A followed file that got shorter is read from
 *   its start again; one whose path names another file by now is read to its end, and then the
 *   other one. A packed file, a pipe and standard input are not followed: they end.
 *   Errors: CEP_E_IO with os_errno and the name, of a broken or cut stream also the place in
 *   it; CEP_E_NOMEM; CEP_STOPPED: `wake_fd` became readable, or the wait function said so.
 *   Borrows `path`, `options`. One owner.
 */
#ifndef RT_IO_READER_H
#define RT_IO_READER_H

#include "cep/base/alloc.h"

typedef struct rt_read_options {
  int wake_fd; /* -1: nothing interrupts a wait */
  int is_following;
  int (*wait)(void *ctx, int wake_fd); /* as cep_wait_fn; NULL: a quarter of a second */
  void *wait_ctx;
  const int *no_wait; /* while not 0 nothing is waited for; NULL: always 0 */
} rt_read_options;

/* A status of reading beside those of cep.h: there is nothing, but not the end. */
enum { RT_READ_NOTHING = 100 };

typedef struct rt_reader rt_reader;
/* The path "-": standard input. */
cep_status rt_reader_open(cb_alloc *alloc, const char *path, const rt_read_options *options, rt_reader **out,
                          cep_error *err) CB_MUST_USE;
void rt_reader_free(rt_reader *reader);
/* What a wait for data would wait for; -1: it only can be looked again (a followed file), or there is no wait. */
int rt_reader_fd(const rt_reader *reader);
/* Bytes of the file that is open, as it lies there: how many were read, and how many it has (0: a pipe). */
uint64_t rt_reader_taken(const rt_reader *reader);
uint64_t rt_reader_size(const rt_reader *reader);
/* 1 if reading may have to wait. */
int rt_reader_waits(const rt_reader *reader);
/* With `no_wait` RT_READ_NOTHING instead of a wait. `*count` 0: the end; or of a followed file that it begins anew, if `*is_new`. */
cep_status rt_reader_read(rt_reader *reader, char *out, size_t room, size_t *count, int *is_new,
                          cep_error *err) CB_MUST_USE;

#endif
