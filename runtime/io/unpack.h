/*
 * unpack.h - gzip and zstd streams to the bytes they hold.
 *
 * Contract
 *   Told apart by their first bytes, never by a name. Members and frames may follow each
 *   other. Works piece by piece: memory does not depend on how much comes out; a zstd window
 *   of more than 128 MiB (--long=27) is refused. zlib and libzstd take their own memory. One owner.
 */
#ifndef RT_IO_UNPACK_H
#define RT_IO_UNPACK_H

#include "cep/base/alloc.h"

typedef enum rt_packing {
  RT_PACKING_UNSURE, /* too few bytes to tell */
  RT_PACKING_NONE,
  RT_PACKING_GZIP,
  RT_PACKING_ZSTD
} rt_packing;

/* What a file is that begins with these bytes. */
rt_packing rt_packing_of(const void *bytes, size_t len);

typedef struct rt_unpack rt_unpack;
/* CEP_E_NOMEM. */
cep_status rt_unpack_new(cb_alloc *alloc, rt_packing packing, rt_unpack **out) CB_MUST_USE;
void rt_unpack_free(cb_alloc *alloc, rt_unpack *unpack);
/* Takes some of `in` (`*used`) and gives some bytes (`*made`); no progress with `in` not
 * empty does not happen. NULL, or what is wrong: the stream is broken. */
const char *rt_unpack_run(rt_unpack *unpack, const void *in, size_t len, size_t *used, void *out, size_t room,
                          size_t *made);
/* 1 if the stream may not end here. */
int rt_unpack_is_within(const rt_unpack *unpack);

#endif
