/* reader.c - the bytes of a file or pipe, unpacked. */
#include "runtime/io/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cep/base/error.h"
#include "runtime/io/unpack.h"

#define PACKED_SIZE ((size_t)64 * 1024)
#define FOLLOW_WAIT_MS 250

struct rt_reader {
  cb_alloc *alloc;
  const char *path; /* for messages and for following */
  const rt_read_options *options;
  int fd;
  int is_stdin;
  int is_regular;
  dev_t dev;
  ino_t ino;
  uint64_t offset; /* bytes read of this file */
  rt_packing packing;
  rt_unpack *unpack; /* NULL: the bytes are as they are */
  const char *fault; /* of the packed stream: said when all before it has been given */
  uint8_t *packed;   /* the first bytes of any file, all of a packed one */
  size_t packed_at;
  size_t packed_len;
};

static cep_status io_failed(const rt_reader *reader, const char *what, cep_error *err)
{
  int number = errno;
  cb_error_set(err, CEP_E_IO, "cannot %s \"%s\": %s", what, reader->path, strerror(number));
  if (err) err->os_errno = number;
  return CEP_E_IO;
}

static cep_status broken(const rt_reader *reader, const char *why, cep_error *err)
{
  cb_error_set(err, CEP_E_IO, "\"%s\" is broken at its byte %llu: %s", reader->path,
               (unsigned long long)(reader->offset - (reader->packed_len - reader->packed_at)), why);
  if (err) err->os_errno = EBADMSG;
  return CEP_E_IO;
}

/* ---- Opening ------------------------------------------------------------------------- */

/* Keeps what is open when it fails. */
static cep_status open_file(rt_reader *reader, const char *path, cep_error *err)
{
  struct stat info;
  int fd = reader->is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return io_failed(reader, "open", err);
  cep_status status = CEP_OK;
  if (fstat(fd, &info) < 0) {
    status = io_failed(reader, "open", err);
  } else if (S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    status = io_failed(reader, "read", err);
  }
  if (status < 0) {
    if (!reader->is_stdin) close(fd);
    return status;
  }
  if (reader->fd >= 0) close(reader->fd);
  reader->fd = fd;
  reader->is_regular = S_ISREG(info.st_mode);
  reader->dev = info.st_dev;
  reader->ino = info.st_ino;
  reader->offset = 0;
  reader->packing = RT_PACKING_UNSURE;
  reader->packed_at = reader->packed_len = 0;
  return CEP_OK;
}

cep_status rt_reader_open(cb_alloc *alloc, const char *path, const rt_read_options *options, rt_reader **out,
                          cep_error *err)
{
  *out = NULL;
  rt_reader *reader = cb_new0(alloc, sizeof *reader);
  if (!reader) return cb_error_set(err, CEP_E_NOMEM, "no memory to open \"%s\"", path);
  reader->alloc = alloc;
  reader->options = options;
  reader->fd = -1;
  reader->is_stdin = strcmp(path, "-") == 0;
  reader->path = reader->is_stdin ? "standard input" : path;
  reader->packed = cb_new(alloc, PACKED_SIZE);
  cep_status status = reader->packed ? open_file(reader, path, err)
                                     : cb_error_set(err, CEP_E_NOMEM, "no memory to open \"%s\"", path);
  if (status < 0) {
    rt_reader_free(reader);
    return status;
  }
  *out = reader;
  return CEP_OK;
}

void rt_reader_free(rt_reader *reader)
{
  if (!reader) return;
  if (reader->fd >= 0 && !reader->is_stdin) close(reader->fd);
  rt_unpack_free(reader->alloc, reader->unpack);
  cb_free(reader->alloc, reader->packed, PACKED_SIZE);
  cb_free(reader->alloc, reader, sizeof *reader);
}

/* ---- Bytes as they are ----------------------------------------------------------------- */

static int must_not_wait(const rt_reader *reader)
{
  return reader->options->no_wait && *reader->options->no_wait;
}

static int is_followed(const rt_reader *reader)
{
  return reader->options->is_following && reader->is_regular && !reader->is_stdin;
}

int rt_reader_fd(const rt_reader *reader)
{
  return reader->is_regular ? -1 : reader->fd;
}

uint64_t rt_reader_taken(const rt_reader *reader)
{
  return reader->offset;
}

uint64_t rt_reader_size(const rt_reader *reader)
{
  struct stat info;
  return reader->is_regular && fstat(reader->fd, &info) == 0 ? (uint64_t)info.st_size : 0;
}

int rt_reader_waits(const rt_reader *reader)
{
  return !reader->is_regular || (is_followed(reader) && !reader->unpack);
}

/* CEP_OK: there is something to read (or read will say what is wrong). */
static cep_status wait_for_data(const rt_reader *reader)
{
  int wake_fd = reader->options->wake_fd, is_ready;
  struct pollfd fds[2] = {{reader->fd, POLLIN, 0}, {wake_fd, POLLIN, 0}};
  while ((is_ready = poll(fds, wake_fd < 0 ? 1 : 2, must_not_wait(reader) ? 0 : -1)) < 0 && errno == EINTR) {
  }
  if (is_ready == 0) return RT_READ_NOTHING;
  return fds[1].revents == 0 ? CEP_OK : CEP_STOPPED;
}

static cep_status read_bytes(rt_reader *reader, void *out, size_t room, size_t *count, cep_error *err)
{
  ssize_t got;
  do {
    cep_status status = reader->is_regular ? CEP_OK : wait_for_data(reader);
    if (status != CEP_OK) return status;
    got = read(reader->fd, out, room);
  } while (got < 0 && (errno == EINTR || errno == EAGAIN));
  if (got < 0) return io_failed(reader, "read", err);
  *count = (size_t)got;
  reader->offset += (size_t)got;
  return CEP_OK;
}

/* ---- Packed ---------------------------------------------------------------------------- */

/* Reads until it is clear what the file is. */
static cep_status find_packing(rt_reader *reader, cep_error *err)
{
  while (reader->packing == RT_PACKING_UNSURE) {
    size_t count = 0;
    cep_status status =
        read_bytes(reader, reader->packed + reader->packed_len, PACKED_SIZE - reader->packed_len, &count, err);
    if (status != CEP_OK) return status;
    reader->packed_len += count;
    reader->packing = rt_packing_of(reader->packed, reader->packed_len);
    if (count == 0) break; /* the end; a followed file may go on later */
  }
  if (reader->packing != RT_PACKING_GZIP && reader->packing != RT_PACKING_ZSTD) return CEP_OK;
  rt_unpack_free(reader->alloc, reader->unpack);
  reader->unpack = NULL;
  cep_status status = rt_unpack_new(reader->alloc, reader->packing, &reader->unpack);
  return status < 0 ? cb_error_set(err, status, "no memory to unpack \"%s\"", reader->path) : CEP_OK;
}

static cep_status read_packed(rt_reader *reader, char *out, size_t room, size_t *count, cep_error *err)
{
  for (;;) {
    size_t used, held = reader->packed_len - reader->packed_at;
    if (reader->fault) return broken(reader, reader->fault, err);
    reader->fault =
        rt_unpack_run(reader->unpack, reader->packed + reader->packed_at, held, &used, out, room, count);
    reader->packed_at += used;
    if (*count > 0) return CEP_OK;
    if (reader->fault) continue;
    if (reader->packed_at < reader->packed_len) continue;
    size_t got = 0;
    cep_status status = read_bytes(reader, reader->packed, PACKED_SIZE, &got, err);
    if (status != CEP_OK) return status;
    reader->packed_at = 0;
    reader->packed_len = got;
    if (got > 0) continue;
    return rt_unpack_is_within(reader->unpack) ? broken(reader, "it is cut off here", err) : CEP_OK;
  }
}

/* ---- Following ------------------------------------------------------------------------- */

static int wait_a_while(const rt_reader *reader)
{
  const rt_read_options *options = reader->options;
  if (options->wait) return options->wait(options->wait_ctx, options->wake_fd);
  struct pollfd fd = {options->wake_fd, POLLIN, 0};
  return poll(&fd, options->wake_fd < 0 ? 0 : 1, FOLLOW_WAIT_MS) > 0;
}

/* At the end of a followed file. `*is_new`: another one begins. */
static cep_status look_again(rt_reader *reader, int *is_new, cep_error *err)
{
  struct stat open_one, named_one;
  if (fstat(reader->fd, &open_one) < 0) return io_failed(reader, "read", err);
  if ((uint64_t)open_one.st_size < reader->offset) {
    if (lseek(reader->fd, 0, SEEK_SET) < 0) return io_failed(reader, "read", err);
    reader->offset = 0;
    *is_new = 1;
    return CEP_OK;
  }
  /* What was written last to the old file is read before the new one. */
  if ((uint64_t)open_one.st_size > reader->offset || stat(reader->path, &named_one) < 0) return CEP_OK;
  if (named_one.st_dev == reader->dev && named_one.st_ino == reader->ino) return CEP_OK;
  cep_status status = open_file(reader, reader->path, err);
  *is_new = status == CEP_OK;
  return status < 0 && err && err->os_errno == ENOENT ? CEP_OK : status; /* gone again meanwhile */
}

static cep_status read_followed(rt_reader *reader, char *out, size_t room, size_t *count, int *is_new,
                                cep_error *err)
{
  for (;;) {
    cep_status status = read_bytes(reader, out, room, count, err);
    if (status != CEP_OK || *count > 0) return status;
    int only_look = must_not_wait(reader);
    if (!only_look && wait_a_while(reader)) return CEP_STOPPED;
    status = look_again(reader, is_new, err);
    if (status != CEP_OK || *is_new) return status;
    if (only_look) return RT_READ_NOTHING;
  }
}

cep_status rt_reader_read(rt_reader *reader, char *out, size_t room, size_t *count, int *is_new, cep_error *err)
{
  *count = 0;
  *is_new = 0;
  if (reader->packing == RT_PACKING_UNSURE) {
    cep_status status = find_packing(reader, err);
    if (status != CEP_OK) return status;
  }
  if (reader->packing == RT_PACKING_GZIP || reader->packing == RT_PACKING_ZSTD)
    return read_packed(reader, out, room, count, err);
  int is_following = is_followed(reader);
  if (reader->packed_len == 0 && reader->packing == RT_PACKING_UNSURE && !is_following) return CEP_OK;
  reader->packing = RT_PACKING_NONE; /* too short to be anything else */
  if (reader->packed_at < reader->packed_len) {
    size_t held = reader->packed_len - reader->packed_at;
    *count = held < room ? held : room;
    memcpy(out, reader->packed + reader->packed_at, *count);
    reader->packed_at += *count;
    return CEP_OK;
  }
  if (is_following) return read_followed(reader, out, room, count, is_new, err);
  return read_bytes(reader, out, room, count, err);
}
