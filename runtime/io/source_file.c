/* source_file.c - records of files and pipes. */
#include "runtime/io/source.h"

#include <string.h>
#include <sys/stat.h>

#include "cep/base/error.h"

/* One read: large enough that system calls do not show, small enough for the cache. */
#define READ_SIZE ((size_t)256 * 1024)

/*
 *      data          at              len       capacity
 *       | used already |  not yet used |  room  |
 *
 * position is that of data[at]. is_skipping: in the rest of a record that was too long, all
 * up to its end is dropped. Only bytes of one file are in memory at a time.
 */
typedef struct file_source {
  rt_source head;
  cb_alloc *alloc;
  rt_read_options read;
  char **paths;
  size_t path_count;
  size_t path; /* that is being read */
  rt_reader *reader;
  char *data;
  size_t capacity;
  size_t at;
  size_t len;
  size_t scanned; /* no record end before it, from at on */
  size_t record_max;
  uint64_t position;
  cb_split split;
  uint64_t taken_before; /* bytes of the files before this one */
  int is_skipping;
  int is_at_start; /* of a file: a byte order mark may come */
  int is_first;    /* the next record is the first of its file */
  int is_file_end; /* nothing more comes of this file */
  int is_renewed;  /* ... but of another one of that name */
} file_source;

static void use(file_source *source, size_t count)
{
  source->at += count;
  source->position += count;
  source->scanned = source->at;
}

/* Waits for more bytes only if these may be the beginning of a mark. */
static void pass_over_mark(file_source *source)
{
  static const char mark[] = "\xEF\xBB\xBF";
  if (!source->is_at_start) return;
  size_t len = source->len < 3 ? source->len : 3;
  int is_like_it = len == 0 || memcmp(source->data, mark, len) == 0;
  if (is_like_it && len < 3 && !source->is_file_end) return;
  source->is_at_start = 0;
  if (is_like_it && len == 3) use(source, 3);
}

static int give(file_source *source, rt_record *out)
{
  out->is_first = source->is_first;
  source->is_first = 0;
  source->head.counts.records++;
  return 1;
}

/* Gives the record of `len` bytes at `at`, and passes over its end. 0: it is empty. */
static int take_record(file_source *source, size_t len, size_t end, rt_record *out)
{
  const char *line = source->data + source->at;
  size_t len_used = len + end;
  if (len > 0 && line[len - 1] == '\r') len--;
  *out = (rt_record){.bytes = line, .len = len, .position = source->position};
  use(source, len_used);
  if (len == 0) {
    source->head.counts.empty_lines++;
    return 0;
  }
  if (len > source->record_max) {
    out->len = source->record_max;
    out->is_too_long = 1;
  }
  return give(source, out);
}

/* What is in memory is more than a record may have, and its end is not in sight. */
static int take_too_long(file_source *source, rt_record *out)
{
  *out = (rt_record){.bytes = source->data + source->at,
                     .len = source->record_max,
                     .position = source->position,
                     .is_too_long = 1};
  use(source, source->len - source->at);
  source->is_skipping = 1;
  return give(source, out);
}

static int has_more_files(const file_source *source)
{
  return source->is_renewed || source->path + 1 < source->path_count;
}

static rt_source_state file_next(rt_source *head, rt_record *out)
{
  file_source *source = (file_source *)head;
  if (source->is_at_start && !source->is_file_end) return RT_SOURCE_EMPTY;
  for (;;) {
    size_t rest = source->len - source->scanned;
    const char *end = rest ? cb_split_end(&source->split, source->data + source->scanned, rest) : NULL;
    if (end) {
      size_t len = (size_t)(end - source->data) - source->at;
      if (source->is_skipping) {
        source->is_skipping = 0;
        use(source, len + 1);
        continue;
      }
      if (take_record(source, len, 1, out)) return RT_SOURCE_RECORD;
      continue;
    }
    size_t held = source->len - source->at;
    source->scanned = source->len;
    if (source->is_skipping) use(source, held);
    /* One byte more than the longest record: it may be the '\r' of its end. */
    else if (held > source->record_max + 1)
      return take_too_long(source, out), RT_SOURCE_RECORD;
    else if (source->is_file_end && held > 0 && take_record(source, held, 0, out))
      return RT_SOURCE_RECORD;
    return source->is_file_end && !has_more_files(source) ? RT_SOURCE_END : RT_SOURCE_EMPTY;
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

static void begin_file(file_source *source)
{
  cb_split_restart(&source->split);
  source->is_skipping = source->is_file_end = source->is_renewed = 0;
  source->is_at_start = source->is_first = 1;
}

/* The file at hand is used up, and there is another. */
static cep_status next_file(file_source *source, cep_error *err)
{
  if (!source->is_renewed) {
    rt_reader *reader;
    cep_status status =
        rt_reader_open(source->alloc, source->paths[source->path + 1], &source->read, &reader, err);
    if (status < 0) return status;
    source->taken_before += rt_reader_taken(source->reader);
    rt_reader_free(source->reader);
    source->reader = reader;
    source->path++;
  }
  begin_file(source);
  return CEP_OK;
}

static cep_status file_fill(rt_source *head, cep_error *err)
{
  file_source *source = (file_source *)head;
  CB_ASSERT(!source->is_file_end || has_more_files(source));
  cep_status status = source->is_file_end ? next_file(source, err) : CEP_OK;
  if (status < 0) return status;
  if (!make_room(source)) return cb_error_set(err, CEP_E_NOMEM, "no memory to read \"%s\"", source->paths[source->path]);
  size_t count;
  status = rt_reader_read(source->reader, source->data + source->len, source->capacity - source->len, &count,
                          &source->is_renewed, err);
  if (status != CEP_OK) return status;
  source->len += count;
  source->head.counts.bytes += count;
  source->head.counts.taken = source->taken_before + rt_reader_taken(source->reader);
  source->is_file_end = count == 0;
  pass_over_mark(source);
  return CEP_OK;
}

static void file_free(rt_source *head)
{
  file_source *source = (file_source *)head;
  rt_reader_free(source->reader);
  cb_free(source->alloc, source->data, source->capacity);
  for (size_t i = 0; source->paths && i < source->path_count; i++)
    if (source->paths[i]) cb_free(source->alloc, source->paths[i], strlen(source->paths[i]) + 1);
  cb_free(source->alloc, source->paths, source->path_count * sizeof *source->paths);
  cb_free(source->alloc, source, sizeof *source);
}

static int copy_paths(file_source *source, const rt_source_options *options)
{
  source->path_count = options->path_count;
  source->paths = cb_new0(source->alloc, options->path_count * sizeof *source->paths);
  for (size_t i = 0; source->paths && i < options->path_count; i++) {
    size_t size = strlen(options->paths[i]) + 1;
    source->paths[i] = cb_new(source->alloc, size);
    if (!source->paths[i]) return 0;
    memcpy(source->paths[i], options->paths[i], size);
  }
  return source->paths != NULL;
}

/* Bytes of the first file, which is open, and of those that come after it. Of what is followed nobody knows. */
static uint64_t whole_size(const file_source *source)
{
  struct stat info;
  uint64_t sum = rt_reader_size(source->reader);
  if (source->read.is_following || sum == 0) return 0;
  for (size_t i = 1; i < source->path_count; i++)
    if (stat(source->paths[i], &info) == 0 && info.st_size > 0) sum += (uint64_t)info.st_size;
  return sum;
}

cep_status rt_source_file(cb_alloc *alloc, const rt_source_options *options, rt_source **out, cep_error *err)
{
  static const rt_source_ops ops = {file_next, file_fill, file_free};
  CB_ASSERT(options->path_count > 0);
  *out = NULL;
  const char *path = options->paths[0];
  file_source *source = cb_new0(alloc, sizeof *source);
  if (!source) return cb_error_set(err, CEP_E_NOMEM, "no memory to open \"%s\"", path);
  source->head.ops = &ops;
  source->alloc = alloc;
  source->record_max = options->record_max;
  source->split = options->split;
  source->read = options->read;
  begin_file(source);
  cep_status status = CEP_E_NOMEM;
  if (copy_paths(source, options))
    status = rt_reader_open(alloc, source->paths[0], &source->read, &source->reader, err);
  else
    cb_error_set(err, status, "no memory to open \"%s\"", path);
  if (status < 0) {
    file_free(&source->head);
    return status;
  }
  source->head.counts.whole = whole_size(source);
  *out = &source->head;
  return CEP_OK;
}

const char *const *rt_source_paths(const rt_source *head, size_t *count)
{
  const file_source *source = (const file_source *)head;
  *count = source->path_count;
  return (const char *const *)source->paths;
}

int rt_source_fd(const rt_source *head)
{
  return rt_reader_fd(((const file_source *)head)->reader);
}

int rt_source_waits(const rt_source *head)
{
  return rt_reader_waits(((const file_source *)head)->reader);
}

void rt_source_split(rt_source *head, cb_split split)
{
  ((file_source *)head)->split = split;
}
