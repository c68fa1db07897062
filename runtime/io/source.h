/*
 * source.h - where records come from, as an object.
 *
 *     fill  --->  [ bytes in memory ]  --next-->  record, record, ...
 *
 * Contract
 *   `next` gives the next record out of memory and never waits; `fill` reads once more
 *   and may wait, unless `read.no_wait` forbids it: then it may give RT_READ_NOTHING. A record borrows the source's memory until the next call of either.
 *   `fill` after the end is not allowed. Positions rise. Errors: CEP_E_IO with os_errno and the
 *   name of the source, CEP_E_NOMEM; CEP_STOPPED from `fill`: it was woken while it waited.
 *   A record that a quote holds open at the end of its file ends there. One owner.
 */
#ifndef RT_IO_SOURCE_H
#define RT_IO_SOURCE_H

#include "cep/base/split.h"
#include "runtime/io/reader.h"

typedef struct rt_record {
  const char *bytes;
  size_t len;
  uint64_t position;
  int is_too_long; /* `bytes` is only its beginning */
  int is_first;    /* of a file */
} rt_record;

typedef enum rt_source_state {
  RT_SOURCE_RECORD, /* a record is given */
  RT_SOURCE_EMPTY,  /* nothing in memory: fill */
  RT_SOURCE_END     /* there will be no more */
} rt_source_state;

typedef struct rt_source_counts {
  uint64_t bytes;
  uint64_t records;
  uint64_t empty_lines;
  uint64_t taken; /* bytes of the files themselves, packed if they are packed */
  uint64_t whole; /* of all its files, as they were when it was opened; 0: nobody knows */
} rt_source_counts;

typedef struct rt_source rt_source;
typedef struct rt_source_ops {
  rt_source_state (*next)(rt_source *source, rt_record *out);
  cep_status (*fill)(rt_source *source, cep_error *err) CB_MUST_USE;
  void (*free)(rt_source *source);
} rt_source_ops;
/* The head of every kind of source. */
struct rt_source {
  const rt_source_ops *ops;
  rt_source_counts counts;
};

/* How a source reads: `paths` are read one behind the other, positions go on through all. */
typedef struct rt_source_options {
  const char *const *paths; /* "-", alone: standard input */
  size_t path_count;
  size_t record_max;        /* longer records are given cut and marked */
  cb_split split;           /* where records end */
  rt_read_options read;
} rt_source_options;
/* Records of files, or of standard input. The first file is opened at once. Borrows `alloc`;
 * copies the paths. */
cep_status rt_source_file(cb_alloc *alloc, const rt_source_options *options, rt_source **out,
                          cep_error *err) CB_MUST_USE;
/* Its files in the order in which they are read. */
const char *const *rt_source_paths(const rt_source *source, size_t *count);
/* As rt_reader_fd and rt_reader_waits, of the file at hand. */
int rt_source_fd(const rt_source *source);
int rt_source_waits(const rt_source *source);
/* Where records end, if that is known later; before anything was read. */
void rt_source_split(rt_source *source, cb_split split);

#endif
