/* source_file.c - lines of files and pipes. */
#include "runtime/io/source.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cep/base/error.h"

/* One read: large enough that system calls do not show, small enough for the cache. */
#define READ_SIZE ((size_t)256 * 1024)

/*
 *      data          at              len       capacity
 *       | used already |  not yet used |  room  |
 *
 * position is that of data[at]. is_skipping: in the rest of a line that was too long, all
 * up to its end is dropped.
 */
typedef struct file_source {
  rt_source head;
  cb_alloc *alloc;
  char *path;
  char *data;
  size_t capacity;
  size_t at;
  size_t len;
  size_t scanned; /* no line end before it, from at on */
  size_t record_max;
  uint64_t position;
  int fd;
  int wake_fd;
  int is_stdin;
  int is_regular;
  int is_skipping;
  int is_ended;
} file_source;

static void use(file_source *source, size_t count)
{
  source->at += count;
  source->position += count;
  source->scanned = source->at;
}

static void pass_over_mark(file_source *source)
{
  if (source->position > 0 || source->len < 3) return;
  if (memcmp(source->data, "\xEF\xBB\xBF", 3) == 0) use(source, 3);
}

/* Gives the line of `len` bytes at `at`, and passes over its end. 0: it is empty. */
static int take_line(file_source *source, size_t len, size_t end, rt_record *out)
{
  const char *line = source->data + source->at;
  size_t len_used = len + end;
  if (len > 0 && line[len - 1] == '\r') len--;
  *out = (rt_record){line, len, source->position, 0};
  use(source, len_used);
  if (len == 0) {
    source->head.counts.empty_lines++;
    return 0;
  }
  if (len > source->record_max) {
    out->len = source->record_max;
    out->is_too_long = 1;
  }
  source->head.counts.records++;
  return 1;
}

/* What is in memory is more than a record may have, and its end is not in sight. */
static int take_too_long(file_source *source, rt_record *out)
{
  *out = (rt_record){source->data + source->at, source->record_max, source->position, 1};
  use(source, source->len - source->at);
  source->is_skipping = 1;
  source->head.counts.records++;
  return 1;
}

static rt_source_state file_next(rt_source *head, rt_record *out)
{
  file_source *source = (file_source *)head;
  for (;;) {
    size_t rest = source->len - source->scanned;
    const char *end = rest ? memchr(source->data + source->scanned, '\n', rest) : NULL;
    if (end) {
      size_t len = (size_t)(end - source->data) - source->at;
      if (source->is_skipping) {
        source->is_skipping = 0;
        use(source, len + 1);
        continue;
      }
      if (take_line(source, len, 1, out)) return RT_SOURCE_RECORD;
      continue;
    }
    size_t held = source->len - source->at;
    source->scanned = source->len;
    if (source->is_skipping) use(source, held);
    /* One byte more than the longest line: it may be the '\r' of its end. */
    else if (held > source->record_max + 1)
      return take_too_long(source, out), RT_SOURCE_RECORD;
    else if (source->is_ended && held > 0 && take_line(source, held, 0, out))
      return RT_SOURCE_RECORD;
    return source->is_ended ? RT_SOURCE_END : RT_SOURCE_EMPTY;
  }
}

/* Moves what is not used to the front and makes room for one read. */
static int make_room(file_source *source)
{
  size_t held = source->len - source->at;
  if (source->at > 0) {
    memmove(source->data, source->data + source->at, held);
    source->scanned -= source->at;
    source->at = 0;
    source->len = held;
  }
  if (source->capacity - held >= READ_SIZE) return 1;
  size_t wanted = held + READ_SIZE > 2 * source->capacity ? held + READ_SIZE : 2 * source->capacity;
  char *data = cb_resize(source->alloc, source->data, source->capacity, wanted);
  if (!data) return 0;
  source->data = data;
  source->capacity = wanted;
  return 1;
}

/* 1: there is something to read (or read will say what is wrong); 0: woken. */
static int wait_for_data(const file_source *source)
{
  struct pollfd fds[2] = {{source->fd, POLLIN, 0}, {source->wake_fd, POLLIN, 0}};
  while (poll(fds, source->wake_fd < 0 ? 1 : 2, -1) < 0 && errno == EINTR) {
  }
  return fds[1].revents == 0;
}

static cep_status io_failed(const file_source *source, const char *what, cep_error *err)
{
  int number = errno;
  cb_error_set(err, CEP_E_IO, "cannot %s \"%s\": %s", what, source->path, strerror(number));
  if (err) err->os_errno = number;
  return CEP_E_IO;
}

static cep_status file_fill(rt_source *head, cep_error *err)
{
  file_source *source = (file_source *)head;
  CB_ASSERT(!source->is_ended);
  if (!make_room(source)) return cb_error_set(err, CEP_E_NOMEM, "no memory to read \"%s\"", source->path);
  ssize_t count;
  do {
    if (!source->is_regular && !wait_for_data(source)) return CEP_STOPPED;
    count = read(source->fd, source->data + source->len, source->capacity - source->len);
  } while (count < 0 && (errno == EINTR || errno == EAGAIN));
  if (count < 0) return io_failed(source, "read", err);
  source->len += (size_t)count;
  source->head.counts.bytes += (uint64_t)count;
  source->is_ended = count == 0;
  pass_over_mark(source);
  return CEP_OK;
}

static void file_free(rt_source *head)
{
  file_source *source = (file_source *)head;
  if (source->fd >= 0 && !source->is_stdin) close(source->fd);
  cb_free(source->alloc, source->data, source->capacity);
  if (source->path) cb_free(source->alloc, source->path, strlen(source->path) + 1);
  cb_free(source->alloc, source, sizeof *source);
}

static cep_status open_file(file_source *source, const char *path, cep_error *err)
{
  source->is_stdin = strcmp(path, "-") == 0;
  source->fd = source->is_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
  struct stat info;
  if (source->fd < 0 || fstat(source->fd, &info) < 0) return io_failed(source, "open", err);
  if (S_ISDIR(info.st_mode)) {
    errno = EISDIR;
    return io_failed(source, "read", err);
  }
  source->is_regular = S_ISREG(info.st_mode);
  return CEP_OK;
}

cep_status rt_source_file(cb_alloc *alloc, const char *path, size_t record_max, int wake_fd, rt_source **out,
                          cep_error *err)
{
  static const rt_source_ops ops = {file_next, file_fill, file_free};
  *out = NULL;
  file_source *source = cb_new0(alloc, sizeof *source);
  if (!source) return cb_error_set(err, CEP_E_NOMEM, "no memory to open \"%s\"", path);
  source->head.ops = &ops;
  source->alloc = alloc;
  source->record_max = record_max;
  source->wake_fd = wake_fd;
  source->fd = -1;
  const char *name = strcmp(path, "-") == 0 ? "standard input" : path;
  source->path = cb_new(alloc, strlen(name) + 1);
  cep_status status = CEP_E_NOMEM;
  if (source->path) {
    memcpy(source->path, name, strlen(name) + 1);
    status = open_file(source, path, err);
  } else {
    cb_error_set(err, status, "no memory to open \"%s\"", path);
  }
  if (status < 0) {
    file_free(&source->head);
    return status;
  }
  *out = &source->head;
  return CEP_OK;
}
