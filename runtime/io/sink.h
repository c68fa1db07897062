/*
 * sink.h - where lines go to, as an object.
 *
 * Contract
 *   A line is built at the end of `lines` and closed with rt_sink_line_end, which writes
 *   when enough is gathered; rt_sink_flush writes now. The first failure sticks in
 *   `status` and `err`: CEP_STOPPED when the reader of a pipe went away, CEP_E_IO (with
 *   os_errno), CEP_E_NOMEM; after it nothing is taken and nothing is written.
 *   Borrows `alloc`. Freeing does not flush. One owner.
 */
#ifndef RT_IO_SINK_H
#define RT_IO_SINK_H

#include "cep/base/bytes.h"

typedef struct rt_sink rt_sink;
typedef struct rt_sink_ops {
  /* All of it, or a failure. */
  cep_status (*write)(rt_sink *sink, const void *data, size_t len, cep_error *err) CB_MUST_USE;
  void (*free)(rt_sink *sink);
} rt_sink_ops;
/* The head of every kind of sink. */
struct rt_sink {
  const rt_sink_ops *ops;
  cb_writer lines; /* not yet written */
  uint64_t line_count;
  cep_status status;
  cep_error err;
};

void rt_sink_line_end(rt_sink *sink);
cep_status rt_sink_flush(rt_sink *sink);
/* One line: why a record was refused, and the record (see cep_sink_refused). */
void rt_sink_refused(rt_sink *sink, const cep_refused *refused);

/* A file, made or emptied, or standard output for the path "-". */
cep_status rt_sink_file(cb_alloc *alloc, const char *path, rt_sink **out, cep_error *err) CB_MUST_USE;

#endif
