/*
 * infer_parts.h - what the files of tools/infer share.
 *
 * Contract
 *   Private to tools/infer. All that is found lives in the arena of `infer`, which remembers when memory was
 *   refused: nobody else looks.
 */
#ifndef TOOLS_INFER_PARTS_H
#define TOOLS_INFER_PARTS_H

#include "cep/base/arena.h"
#include "cep/base/bytes.h"
#include "cep/base/json_walk.h"
#include "cep/base/split.h"
#include "cep/base/vec.h"
#include "tools/infer/infer.h"

/* ---- Texts -------------------------------------------------------------------------------------- */

typedef struct infer_text {
  const char *at;
  size_t len;
} infer_text;

/* What a value is in JSON. In the other formats each is a text. */
typedef enum infer_type {
  INFER_NULL,
  INFER_BOOL,
  INFER_INT,
  INFER_FLOAT,
  INFER_TEXT,
  INFER_ARRAY,
  INFER_OBJECT,
  INFER_TYPE_COUNT
} infer_type;

/* What a text could be read as. */
typedef enum infer_as {
  INFER_AS_BOOL,
  INFER_AS_INT,
  INFER_AS_FLOAT,
  INFER_AS_IP,
  INFER_AS_TIME,
  INFER_AS_DURATION,
  INFER_AS_COUNT
} infer_as;

int infer_text_is(infer_as as, infer_text text);
int infer_is_letter(char c);
int infer_is_digit(char c);
int infer_is_word(char c); /* of a name: letter, digit, '_' */
char infer_lower(char c);
/* 1 if the text holds the word, whatever the case of its letters. */
int infer_has_word(infer_text text, const char *word);
/* A name of letters, digits and '_' out of any text, at most INFER_NAME_MAX - 1 long; empty if nothing is left. */
size_t infer_identifier(infer_text text, char out[INFER_NAME_MAX]);
/* The same as words, each with a capital: "brute force" is "BruteForce". */
size_t infer_camel(infer_text text, char out[INFER_NAME_MAX]);
/* 1 if it may not stand bare in an expression. */
int infer_is_reserved(const char *name);

/* Names that are given out once: `name` gets a number if it is there already. */
typedef struct infer_names {
  CB_VEC(const char *) taken;
} infer_names;

/* ---- Time --------------------------------------------------------------------------------------- */

#define INFER_FORMS_MAX 40

/* The forms are numbered; the first is RFC 3339, the next four are numbers since 1970. */
enum { INFER_FORM_RFC3339, INFER_FORM_S, INFER_FORM_MS, INFER_FORM_US, INFER_FORM_NS, INFER_FORM_TEXT };
size_t infer_form_count(void);
/* As the language writes it, behind `time FIELD`: "", " ms", " \"%d...\"". */
const char *infer_form_words(size_t form);
/* The strptime form of one from INFER_FORM_TEXT on. */
const char *infer_form_text(size_t form);
int infer_form_has_year(size_t form);
int infer_form_has_zone(size_t form);
/* `used` NULL: all of the text. Only forms from INFER_FORM_TEXT on can be read from the start of one. */
int infer_form_read(size_t form, infer_text text, cep_time near, size_t *used, cep_time *out);

/* The times of one field by one form, in the order of the records. */
typedef struct infer_ticks {
  uint64_t hits;
  uint64_t behind;
  cep_duration worst;
  cep_time newest;
} infer_ticks;

typedef struct infer_clock {
  uint64_t values;
  uint64_t off; /* a bit for each form that is not tried any more */
  infer_ticks ticks[INFER_FORMS_MAX];
} infer_clock;

void infer_ticks_see(infer_ticks *ticks, cep_time time);
void infer_clock_see(infer_clock *clock, infer_text text, int is_number);
/* The form that reads the most; CEP_NONE: none reads nine in ten. */
uint32_t infer_clock_form(const infer_clock *clock);

/* ---- Fields ------------------------------------------------------------------------------------- */

#define INFER_VALUES_MAX 64
#define INFER_VALUE_LEN  40

typedef struct infer_value {
  const char *text;
  size_t len;
  int is_text;
  uint64_t count;
} infer_value;

typedef struct infer_field {
  const char *path;
  size_t path_len;
  uint64_t hash;
  uint64_t records;  /* that have it */
  uint64_t last;     /* the number of the last of them */
  uint64_t types[INFER_TYPE_COUNT];
  uint64_t as[INFER_AS_COUNT]; /* of the texts that are not empty */
  uint64_t empty;    /* texts */
  infer_clock *clock; /* NULL: nothing like a time came yet */
  uint64_t clockless; /* values that were like no time, before there was one */
  infer_value values[INFER_VALUES_MAX]; /* different ones, in the order they came */
  uint32_t value_count;
  int has_more_values;
  const char *name;  /* in the declarations */
} infer_field;

/* ---- Lines -------------------------------------------------------------------------------------- */

typedef struct infer_lines infer_lines;

typedef enum infer_format { INFER_UNKNOWN, INFER_JSON, INFER_CSV, INFER_LOGFMT, INFER_LINE } infer_format;

struct infer {
  cb_alloc alloc;
  cb_arena arena;
  int has_failed; /* memory */
  uint32_t file_count;
  uint32_t file;  /* that is being read, from 1 */
  const char *path; /* of the first */
  const char *fault;
  infer_format format;
  cb_split split;
  cb_writer bytes; /* of the file, not cut into records yet */
  uint64_t file_bytes;
  uint64_t file_records;
  int is_cut;       /* some file was not looked at to its end */
  int is_file_done; /* no more of this one */
  /* what was seen */
  uint64_t records;
  uint64_t bad;
  uint64_t empty_lines;
  const char *bad_why; /* of the first bad one */
  /* fields */
  cb_json *json;      /* judges records, */
  cb_json_walk *walk; /* and shows what is in them */
  CB_VEC(infer_field *) fields;
  CB_VEC(uint32_t) index; /* by hash: field + 1, 0: none */
  uint64_t lost_fields;  /* values of fields past the limit */
  uint64_t dotted;       /* nested members with a dot in their name, which no path reaches */
  /* csv */
  int has_header;
  int has_columns;
  CB_VEC(infer_field *) columns;
  cb_writer unquoted;
  /* lines */
  CB_VEC(infer_text) lines;
  infer_lines *found;
  cb_writer text; /* what infer_rules gave */
};

/* How a file begins decides on its format; sets `format`, `split`, `has_header`, or `fault`. */
void infer_format_find(infer *self, const char *bytes, size_t len);
/* One record. 0: it cannot be read; infer->bad_why says why if it is the first. */
int infer_json_record(infer *self, const char *record, size_t len);
int infer_csv_record(infer *self, const char *record, size_t len);
int infer_logfmt_record(infer *self, const char *record, size_t len);
/* The columns are c1, c2, ... */
void infer_csv_columns(infer *self, size_t count);
/* How many fields a row of csv has; 0: it is none. */
size_t infer_csv_split(const infer *self, const char *record, size_t len, infer_text *out, size_t room);

infer_field *infer_field_find(infer *self, const char *path, size_t len);
void infer_field_see(infer *self, infer_field *field, infer_type type, infer_text text);
/* The type of its values; what the others are is in the counts. */
cep_kind infer_field_kind(const infer *self, const infer_field *field);
/* Values that do not fit it, null apart. */
uint64_t infer_field_misfits(const infer *self, const infer_field *field, cep_kind kind);
/* 1 if its values can be read as times, and not only as numbers that might be. */
int infer_is_like_time(const infer_field *field);
/* The field that is the time, or NULL. */
infer_field *infer_time_field(const infer *self);

/* Time and shapes of the lines, once all are in. */
void infer_lines_find(infer *self);
void infer_lines_order(const infer *self, infer_order *out);

/* The declarations into `text`. */
void infer_write_fields(infer *self, const char *name, const infer_order *order);
void infer_write_lines(infer *self, const char *name, const infer_order *order);
/* What both write: the head comment, the share, the place and lateness. */
void infer_write_head(infer *self, const infer_order *order);
void infer_write_lateness(infer *self, const infer_order *order);
void infer_write_place(infer *self);
void infer_write_number(infer *self, uint64_t value);
/* At most `most` bytes of it, in quotes, what cannot stand in a comment replaced. */
void infer_write_quoted(infer *self, infer_text text, size_t most);
/* A text of the language. */
void infer_write_string(infer *self, infer_text text);
/* `wanted` if it is new, else with a number behind it. Lives in the arena. */
const char *infer_name_take(infer *self, infer_names *names, const char *wanted);
int infer_name_is_taken(const infer_names *names, const char *name);
void infer_names_free(infer *self, infer_names *names);

#endif
