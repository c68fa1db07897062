/*
 * codec_parts.h - what codec.c shares with the formats: codec_json.c, codec_line.c, codec_csv.c, codec_logfmt.c.
 *
 * Contract
 *   Private to runtime/codec*.c. The tables are made once by rt_codec_new, in the codec's
 *   arena: only fields that something reads are in them. The parts of the current record
 *   (`record` and below) are valid from `begin` to the last `fill` of it.
 */
#ifndef RT_CODEC_PARTS_H
#define RT_CODEC_PARTS_H

#include "cep/base/arena.h"
#include "cep/base/bytes.h"
#include "cep/base/json.h"
#include "cep/base/split.h"
#include "cep/base/time.h"
#include "cep/base/vec.h"
#include "cep/base/zone.h"
#include "runtime/codec.h"

/* "source.ip": as one member of that spelling, and as a way down; `way` is empty if the
 * text has no dot. */
typedef struct rt_path {
  cb_json_path literal;
  cb_json_path way;
} rt_path;

typedef struct rt_codec_field {
  const prg_field *field;
  rt_path path;
  uint32_t group;       /* of the stream's regex, 0: none */
  uint32_t input_group; /* of the input's regex, 0: none */
  uint32_t name;        /* of csv and logfmt: index in `names` */
} rt_codec_field;

typedef struct rt_codec_stream {
  const nfa_regex *regex; /* or NULL */
  uint32_t field_count;
  rt_codec_field *fields;
} rt_codec_stream;

/* Where a group of the input's regex lies in the line. */
typedef struct rt_span {
  size_t start;
  size_t end;
  int is_set;
} rt_span;

/* Text for a field, as a record has it. */
typedef struct rt_text {
  const char *at;
  size_t len;
  int is_set;
  int is_quoted; /* then empty is a text, and not nothing */
} rt_text;

/* A column or key that something reads. */
typedef struct rt_name {
  const char *at;
  size_t len;
  rt_text text; /* in the current record */
} rt_name;

struct rt_codec {
  cb_alloc *alloc;
  cb_arena arena;
  const prg *program;
  const prg_input *input;
  prg_input own;       /* of a table: what would be an input's */
  nfa_scratch *scratch;
  size_t record_max;
  uint32_t *stream_at; /* by stream of the program: index in `streams`, or PRG_NONE */
  rt_codec_stream *streams;
  uint32_t stream_count;
  rt_path time_path;
  cb_zone zone;
  const cb_zone *zone_used; /* &zone; NULL: UTC */
  cb_json *json;          /* NULL for lines */
  const nfa_regex *regex; /* of the input, or NULL */
  uint32_t time_group;    /* of `regex` */
  rt_span *spans;
  uint32_t span_count;
  /* csv and logfmt */
  CB_VEC(rt_name) names;
  uint32_t time_name;
  cb_writer unquoted; /* texts of the record that are not in it as they are */
  CB_VEC(uint32_t) columns; /* csv: index in `names`, or PRG_NONE */
  cb_split csv;
  int has_columns; /* csv: named, by the rules or by the first record */

  const char *record;
  size_t record_len;
  cep_time time;
  int fits; /* 0: the line is not one of this input */
};

#define RT_FOUND_MAX 72 /* bytes of a description of what was found, with its terminator */

/* Quotes `text`: at most 40 bytes of it, control characters and bad UTF-8 escaped. */
void rt_found_text(char out[RT_FOUND_MAX], const char *text, size_t len);
/* Sets the fault unless there is one. `what`: "field" or "time". */
void rt_fault_set(rt_fault *fault, rt_reason reason, const char *what, const char *name, const char *found,
                  const char *expected);
const char *rt_kind_expected(cep_kind kind);
const char *rt_time_expected(const prg_input *input);

/* Decimal text, with fraction and exponent, times 10^shift, cut to a whole number. 1 or 0:
 * not a number, or out of range. */
int rt_decimal_read(const char *text, size_t len, int32_t shift, int64_t *out);
/* As above, of the shortest text of the double: 0.1 means one tenth. */
int rt_decimal_of_float(double value, int32_t shift, int64_t *out);
/* The input's time form: powers of ten of its unit in nanoseconds, or -1 if it is text. */
int32_t rt_time_shift(const prg_input *input);
/* A text in the input's time form; all of it. */
int rt_time_read(const rt_codec *codec, const char *text, size_t len, cep_time near, cep_time *out);

/* Puts the default, or null, in place of a value that is not there. */
cep_status rt_codec_missing(rt_codec *codec, const prg_field *field, cb_batch *batch,
                            rt_fault *fault) CB_MUST_USE;

/* What a text means for a field: a value, nothing, or a fault. */
cep_status rt_text_fill(rt_codec *codec, const prg_field *field, const rt_text *text, cb_batch *batch,
                        rt_fault *fault) CB_MUST_USE;
/* The input's time out of a text. */
void rt_text_time(rt_codec *codec, const rt_text *text, cep_time near, rt_fault *fault);

/* csv and logfmt: the index of a name that something reads, or PRG_NONE. */
uint32_t rt_name_find(const rt_codec *codec, const char *text, size_t len);
/* The current record is wrong as a whole. */
void rt_record_wrong(rt_fault *fault, rt_reason reason, const char *format, ...) CB_PRINTF(3, 4);
cep_status rt_named_fill(rt_codec *codec, const rt_codec_stream *stream, cb_batch *batch,
                         rt_fault *fault) CB_MUST_USE;

/* The columns as the rules name them. CEP_E_NOMEM. */
cep_status rt_csv_prepare(rt_codec *codec) CB_MUST_USE;
cep_status rt_csv_begin(rt_codec *codec, cep_time near, rt_fault *fault) CB_MUST_USE;
cep_status rt_logfmt_begin(rt_codec *codec, cep_time near, rt_fault *fault) CB_MUST_USE;
cep_status rt_json_begin(rt_codec *codec, cep_time near, rt_fault *fault) CB_MUST_USE;
cep_status rt_json_fill(rt_codec *codec, const rt_codec_stream *stream, cb_batch *batch,
                        rt_fault *fault) CB_MUST_USE;
cep_status rt_line_begin(rt_codec *codec, cep_time near, rt_fault *fault) CB_MUST_USE;
cep_status rt_line_fill(rt_codec *codec, const rt_codec_stream *stream, cb_batch *batch, int *fits_out,
                        rt_fault *fault) CB_MUST_USE;

#endif
