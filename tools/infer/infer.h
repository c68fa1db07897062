/*
 * infer.h - what records look like: declarations for a log that nobody has described.
 *
 *   bytes of files --> format --> records --> fields | shapes of lines --> `input`, `stream`, `define`
 *
 * Contract
 *   Takes the bytes of one file after the other, unpacked, and gives rule text that compiles: the format by
 *   content (JSON lines, CSV with or without header, logfmt, log lines), fields with types, which of them is the
 *   time and in what form, of log lines the frequent shapes as regular expressions with named groups. Comments
 *   in the text say how sure each is. Equal bytes give equal text.
 *   The types of later records may differ from those that were seen; the text says how many were.
 *   Limits: INFER_RECORDS_MAX records and INFER_BYTES_MAX bytes over all files (log lines: INFER_LINES_MAX and
 *   INFER_LINE_BYTES_MAX), INFER_FIELDS_MAX fields, of which the INFER_DECLARED_MAX most frequent are declared,
 *   INFER_SHAPES_MAX shapes, INFER_DEPTH_MAX levels of nested objects. What is beyond is said in a comment.
 *   No I/O, no globals. Any bytes are fine. One owner.
 */
#ifndef TOOLS_INFER_INFER_H
#define TOOLS_INFER_INFER_H

#include <stddef.h>
#include <stdint.h>

#define INFER_RECORDS_MAX    100000u
#define INFER_BYTES_MAX      ((uint64_t)256 << 20)
#define INFER_LINES_MAX      20000u
#define INFER_LINE_BYTES_MAX ((uint64_t)8 << 20)
#define INFER_FIELDS_MAX     2000u
#define INFER_DECLARED_MAX   500u
#define INFER_SHAPES_MAX     30u
#define INFER_DEPTH_MAX      8u
#define INFER_NAME_MAX       48u

typedef struct infer infer;

/* NULL: no memory. `file_count`: over how many files the limits are shared out. */
infer *infer_new(uint32_t file_count);
void infer_free(infer *self);

/* The next file begins; `path` is for the text. */
void infer_file(infer *self, const char *path);
/* The next bytes of it. 0: no more of this file are wanted. */
int infer_bytes(infer *self, const char *data, size_t len);
/* It ends here. 0: the rest was not looked at. */
int infer_file_end(infer *self);

/* How far the records are out of order, if that was measured with the declarations as they were written first. */
typedef struct infer_order {
  uint64_t records;
  uint64_t behind;   /* older than the newest before them */
  uint64_t timeless; /* without a time that can be read */
  int64_t worst;     /* ns */
  int64_t lateness;  /* ns, whole milliseconds; 0 also where the records are in no order at all */
  int is_whole;      /* all records of the files, not only the sample */
} infer_order;

/* All files are in. NULL, or why nothing can be declared: a sentence without a full stop. */
const char *infer_finish(infer *self);
/* The order of the sample itself. */
void infer_sample_order(const infer *self, infer_order *out);
/* The declarations, for inputs and streams called `name` (made a name if it is none); they live as long as
 * `self`. After infer_finish, as often as wanted. NULL: no memory. */
const char *infer_rules(infer *self, const char *name, const infer_order *order, size_t *len);
/* The name that a file of this path would give. */
void infer_name(const char *path, char out[INFER_NAME_MAX]);

#endif
