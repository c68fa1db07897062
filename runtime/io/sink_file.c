/* sink_file.c - lines to a file, a pipe or standard output. */
#include "runtime/io/sink.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cep/base/error.h"

typedef struct file_sink {
  rt_sink head;
  cb_alloc *alloc;
  char *path; /* for messages */
  int fd;
  int is_stdout;
} file_sink;

static cep_status io_failed(const file_sink *sink, const char *what, cep_error *err)
{
  int number = errno;
  cb_error_set(err, CEP_E_IO, "cannot %s \"%s\": %s", what, sink->path, strerror(number));
  if (err) err->os_errno = number;
  return CEP_E_IO;
}

static cep_status file_write(rt_sink *head, const void *data, size_t len, cep_error *err)
{
  file_sink *sink = (file_sink *)head;
  for (const char *at = data; len > 0;) {
    ssize_t count = write(sink->fd, at, len);
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EPIPE) return CEP_STOPPED;
    if (count < 0) return io_failed(sink, "write", err);
    at += count;
    len -= (size_t)count;
  }
  return CEP_OK;
}

static void file_free(rt_sink *head)
{
  file_sink *sink = (file_sink *)head;
  if (sink->fd >= 0 && !sink->is_stdout) close(sink->fd);
  cb_writer_fini(&sink->head.lines);
  if (sink->path) cb_free(sink->alloc, sink->path, strlen(sink->path) + 1);
  cb_free(sink->alloc, sink, sizeof *sink);
}

static cep_status open_file(file_sink *sink, const char *path, cep_error *err)
{
  sink->is_stdout = strcmp(path, "-") == 0;
  const char *name = sink->is_stdout ? "standard output" : path;
  sink->path = cb_new(sink->alloc, strlen(name) + 1);
  if (!sink->path) return cb_error_set(err, CEP_E_NOMEM, "no memory to open \"%s\"", path);
  memcpy(sink->path, name, strlen(name) + 1);
  sink->fd = sink->is_stdout ? STDOUT_FILENO : open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  return sink->fd < 0 ? io_failed(sink, "open", err) : CEP_OK;
}

cep_status rt_sink_file(cb_alloc *alloc, const char *path, rt_sink **out, cep_error *err)
{
  static const rt_sink_ops ops = {file_write, file_free};
  *out = NULL;
  file_sink *sink = cb_new0(alloc, sizeof *sink);
  if (!sink) return cb_error_set(err, CEP_E_NOMEM, "no memory to open \"%s\"", path);
  sink->head.ops = &ops;
  sink->alloc = alloc;
  sink->fd = -1;
  cb_writer_init(&sink->head.lines, alloc);
  cep_status status = open_file(sink, path, err);
  if (status < 0) {
    file_free(&sink->head);
    return status;
  }
  *out = &sink->head;
  return CEP_OK;
}
