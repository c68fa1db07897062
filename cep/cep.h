/*
 * cep.h - find patterns in streams of events.
 *
 *     config --> program (a rule file compiled once, immutable, shared)
 *                   |
 *                   +--> engine (one owner)
 *                           inputs: push / record / advance --> match callback
 *
 * What holds for every function, unless its own comment says otherwise:
 *
 *   Status    Functions return cep_status. Negative: failed, and the objects passed in
 *             are as they were. Zero: done. Positive: done, and there is something to
 *             know (CEP_LATE, CEP_STOPPED).
 *   Errors    A `cep_error *err` is the caller's, may be NULL, is written only on
 *             failure and never owns memory.
 *   Ownership cep_X_new, _compile and _load give an object that ends with cep_X_free;
 *             free(NULL) does nothing. Arguments are borrowed for the call; what the
 *             library keeps it copies. A returned pointer belongs to the object it came
 *             from and lives as long as the comment of its function says.
 *   Threads   cep_program is immutable: share it freely. Every other object has one
 *             owner at a time; different objects may be used by different threads.
 *             Of an engine whose keys are shared out (cep_engine_share) other threads may call
 *             cep_engine_work. The library starts no thread, installs no signal handler and keeps no mutable
 *             global.
 *   Callbacks Run on the calling thread, inside the call that caused them. A callback
 *             may not change its engine: CEP_E_BUSY. The const accessors are allowed.
 *   Text      UTF-8 with an explicit length; names are C strings.
 *   Time      cep_time is nanoseconds since 1970-01-01T00:00:00Z, cep_duration
 *             nanoseconds. Event time comes only from events and cep_input_advance.
 */
#ifndef CEP_CEP_H
#define CEP_CEP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define CEP_API __attribute__((visibility("default")))
#else
#define CEP_API
#endif

/* ---- Version ------------------------------------------------------------------- */

#define CEP_VERSION_MAJOR 0
#define CEP_VERSION_MINOR 1
#define CEP_VERSION_PATCH 0
#define CEP_VERSION_NUM   (CEP_VERSION_MAJOR * 10000 + CEP_VERSION_MINOR * 100 + CEP_VERSION_PATCH)

/* Changes when a program built against an older header must be rebuilt. */
#define CEP_ABI_VERSION 0

/* The program image this library writes, and the oldest that it still reads. */
#define CEP_IMAGE_VERSION     1
#define CEP_IMAGE_VERSION_MIN 1

/* The library actually linked, as CEP_VERSION_NUM and as text ("0.1.0"). */
CEP_API uint32_t cep_version(void);
CEP_API const char *cep_version_string(void);

/* ---- Status and errors ---------------------------------------------------------- */

typedef int32_t cep_status;

enum {
  CEP_STOPPED = 2,        /* the callback asked to stop; work is kept for the next call */
  CEP_LATE = 1,           /* the event is behind its input's watermark; counted, not matched */
  CEP_OK = 0,
  CEP_E_INVALID = -1,     /* an argument breaks this header's contract */
  CEP_E_NOMEM = -2,       /* the allocator said no, or "memory.max" is reached */
  CEP_E_LIMIT = -3,       /* a configured limit was reached */
  CEP_E_SYNTAX = -4,      /* the rule text does not parse */
  CEP_E_SEMANTIC = -5,    /* it parses, but cannot mean anything: names, types */
  CEP_E_NOT_FOUND = -6,   /* no such input, stream, field, detection */
  CEP_E_BUSY = -7,        /* called from inside this engine's callback */
  CEP_E_IO = -8,          /* a read or write failed */
  CEP_E_CORRUPT = -9,     /* bytes read back are not what was written */
  CEP_E_VERSION = -10,    /* format or ABI of another version */
  CEP_E_MISMATCH = -11,   /* the bytes belong to another program */
  CEP_E_UNSUPPORTED = -12 /* not in this build, or not supported yet */
};

/* "CEP_E_NOMEM", and one plain sentence about it. Static; never NULL. */
CEP_API const char *cep_status_name(cep_status status);
CEP_API const char *cep_status_text(cep_status status);

#define CEP_ERROR_TEXT_MAX 256

typedef enum cep_severity { CEP_ERROR, CEP_WARNING, CEP_NOTE } cep_severity;

/* Frozen layout. `text` is always terminated and names the thing at fault. */
typedef struct cep_error {
  cep_status status;
  uint32_t code;     /* documented diagnostic number, 0 if none */
  uint32_t line;     /* 1-based; 0 if the error has no place in a text */
  uint32_t column;   /* 1-based, in bytes */
  uint32_t offset;   /* 0-based, in bytes */
  uint32_t length;   /* bytes the error covers */
  int32_t os_errno;  /* for CEP_E_IO, else 0 */
  uint32_t severity; /* a cep_severity */
  char text[CEP_ERROR_TEXT_MAX];
} cep_error;

/* ---- Hooks ---------------------------------------------------------------------- */

/*
 * Memory. One function does it all; sizes are always exact, so accounting needs no
 * header in the block.
 *   resize(ctx, NULL, 0, n)  a new block aligned for any type, or NULL
 *   resize(ctx, p, old, n)   the block resized, or NULL with p untouched
 *   resize(ctx, p, old, 0)   frees; returns NULL; never fails
 * It must be thread-safe only if objects made with it are used by several threads.
 */
typedef struct cep_allocator {
  void *(*resize)(void *ctx, void *ptr, size_t size_old, size_t size_new);
  void *ctx;
} cep_allocator;

typedef enum cep_log_level { CEP_LOG_ERROR, CEP_LOG_WARN, CEP_LOG_INFO, CEP_LOG_DEBUG } cep_log_level;

typedef void (*cep_log_fn)(void *ctx, cep_log_level level, const char *text, size_t text_len);
/* Writes all of it or fails. */
typedef cep_status (*cep_write_fn)(void *ctx, const void *data, size_t data_len);
/* Reads up to `data_cap` bytes; `*data_len` 0 is the end. */
typedef cep_status (*cep_read_fn)(void *ctx, void *data, size_t data_cap, size_t *data_len);

/* ---- Configuration -------------------------------------------------------------- */

typedef struct cep_config cep_config;

/* `allocator` NULL means the C library's. Objects made from a config use its allocator
 * and copy its settings: the config may be freed or reused at once.
 * CEP_E_VERSION if this header and the library disagree on the ABI. */
#define cep_config_new(allocator, out) cep_config_new_abi(CEP_ABI_VERSION, allocator, out)
CEP_API cep_status cep_config_new_abi(uint32_t abi, const cep_allocator *allocator, cep_config **out);
CEP_API void cep_config_free(cep_config *config);

/* Sets one key from its text form: ("memory.max", "1GiB"), ("partial.max", "100000").
 * Keys, defaults, ranges: docs/reference/config.md, made from the table this reads.
 * CEP_E_NOT_FOUND: no such key. CEP_E_INVALID: not a value of its type or range. */
CEP_API cep_status cep_config_set(cep_config *config, const char *key, const char *value, cep_error *err);
/* What a key is set to: bytes, a number, or 0 and 1. CEP_E_NOT_FOUND: no such key. */
CEP_API cep_status cep_config_get(const cep_config *config, const char *key, int64_t *out, cep_error *err);
/* Where objects made from this config take their memory; lives as long as the config. */
CEP_API const cep_allocator *cep_config_allocator(const cep_config *config);
CEP_API void cep_config_set_log(cep_config *config, cep_log_fn log, void *ctx);

/* One call for each diagnostic of a compile: at most 20 errors, then one note. */
typedef void (*cep_diag_fn)(void *ctx, const cep_error *diagnostic);
/* One call for each late or undecodable record. `reason` is a stable short word
 * ("late", "json", "type", "time", ...). `detail` is a sentence. `record` holds the raw
 * bytes, NULL for typed rows. `time` and `lateness_needed` are 0 unless it is late. */
typedef struct cep_refused {
  const char *input;
  uint32_t partition;
  uint64_t position;
  const char *reason;
  const char *detail;
  const void *record;
  size_t record_len;
  int64_t time;
  int64_t lateness_needed;
  int is_table; /* it is a row of the table called `input` */
} cep_refused;
typedef void (*cep_refused_fn)(void *ctx, const cep_refused *refused);
/* One call for each test block; texts live during the call. */
typedef struct cep_test_result {
  const char *detection;
  const char *name;
  int passed;
  uint32_t line;        /* of the expectation that failed, or of the test */
  uint32_t column;
  const char *expected; /* "" when passed */
  const char *got;
} cep_test_result;
typedef void (*cep_test_fn)(void *ctx, const cep_test_result *result);

/* One call for each line of a story. */
typedef void (*cep_story_fn)(void *ctx, const char *line, size_t len);

CEP_API void cep_config_set_diagnostics(cep_config *config, cep_diag_fn report, void *ctx);
CEP_API void cep_config_set_late(cep_config *config, cep_refused_fn late, void *ctx);
CEP_API void cep_config_set_dead_letter(cep_config *config, cep_refused_fn dead, void *ctx);
/* Engines made from now on tell the story of one detection, which has a pattern: what began, what each event was to the partial matches,
 * why it was not more, and why each of them ended. `key` NULL: of all keys; else its parts as text, with "," between. Texts are
 * borrowed until the engine has gone. Such an engine is slow, and its keys cannot be shared out. `tell` NULL: no story. */
CEP_API void cep_config_set_story(cep_config *config, const char *detection, const char *key, cep_story_fn tell, void *ctx);

/* ---- Events --------------------------------------------------------------------- */

typedef int64_t cep_time;
typedef int64_t cep_duration;
typedef uint32_t cep_stream_id;

#define CEP_TIME_MIN      INT64_MIN
#define CEP_TIME_MAX      INT64_MAX
#define CEP_POSITION_NEXT UINT64_MAX
#define CEP_NONE          UINT32_MAX

typedef enum cep_kind {
  CEP_NULL,
  CEP_BOOL,
  CEP_INT,
  CEP_FLOAT,
  CEP_STRING,
  CEP_TIME,
  CEP_DURATION,
  CEP_IP
} cep_kind;

/* Frozen layout, 16 bytes. Bytes of strings and addresses are borrowed. */
typedef struct cep_value {
  uint32_t kind;   /* a cep_kind */
  uint32_t length; /* bytes of a string; 16 for CEP_IP; else 0 */
  union {
    int64_t i; /* CEP_INT, CEP_TIME, CEP_DURATION; CEP_BOOL as 0 or 1 */
    double f;
    const char *s; /* CEP_STRING; CEP_IP: 16 bytes, IPv4 as ::ffff:a.b.c.d */
  } as;
} cep_value;

/* fields[i] is the i-th field of the stream's declaration (cep_program_field). Both
 * directions use it: pushed by the caller, and given for the events of a match, where a
 * field that nothing reads is null. */
typedef struct cep_event {
  uint32_t size; /* sizeof(cep_event) */
  cep_stream_id stream;
  cep_time time;
  uint64_t position; /* rises within its input; CEP_POSITION_NEXT lets the input count */
  const cep_value *fields;
  uint32_t field_count;
} cep_event;

/* The value as text: strings as they are, times as RFC 3339, durations in seconds, addresses as ever, null as "null".
 * As snprintf: cut to `size` and terminated, and gives the length that all of it has. */
CEP_API size_t cep_value_print(const cep_value *value, char *out, size_t size);

/* ---- Programs ------------------------------------------------------------------- */

typedef struct cep_program cep_program;
typedef uint32_t cep_detection_id;

/* Compiles a rule file. `name` is used in messages only; every diagnostic goes to the
 * config's diagnostic callback, the first error also into `err`.
 * Errors: CEP_E_SYNTAX, CEP_E_SEMANTIC, CEP_E_UNSUPPORTED with the place; CEP_E_LIMIT;
 * CEP_E_NOMEM. */
CEP_API cep_status cep_program_compile(const cep_config *config, const char *name, const char *text,
                                       size_t text_len, cep_program **out, cep_error *err);

/* A compiled program as bytes, and back. Loading verifies version, checksum and every
 * offset: hostile bytes give CEP_E_CORRUPT or CEP_E_VERSION, never undefined behaviour. */
CEP_API cep_status cep_program_save(const cep_program *program, cep_write_fn write, void *ctx,
                                    cep_error *err);
CEP_API cep_status cep_program_load(const cep_config *config, const void *image, size_t image_len,
                                    cep_program **out, cep_error *err);

/* Reference counted; ref and free may be called from any thread. */
CEP_API cep_program *cep_program_ref(cep_program *program);
CEP_API void cep_program_free(cep_program *program);

/* Look-ups by name: CEP_E_NOT_FOUND. Names live as long as the program; NULL past the end. */
CEP_API uint32_t cep_program_input_count(const cep_program *program);
CEP_API const char *cep_program_input_name(const cep_program *program, uint32_t index);
/* The place the rules name: the path of `from file "x"`, "-" for `from stdin`, else "". */
CEP_API const char *cep_program_input_place(const cep_program *program, uint32_t index);
/* How late its events may be, as the rules say; -1: they say nothing (then it is 0), or time is that of a clock. */
CEP_API cep_duration cep_program_input_lateness(const cep_program *program, uint32_t index);
CEP_API uint32_t cep_program_stream_count(const cep_program *program);
CEP_API const char *cep_program_stream_name(const cep_program *program, cep_stream_id stream);
CEP_API cep_status cep_program_stream(const cep_program *program, const char *name, cep_stream_id *out);
/* The input that the stream is read from; CEP_NONE for the stream of a detection. */
CEP_API uint32_t cep_program_stream_input(const cep_program *program, cep_stream_id stream);
CEP_API uint32_t cep_program_field_count(const cep_program *program, cep_stream_id stream);
CEP_API const char *cep_program_field_name(const cep_program *program, cep_stream_id stream, uint32_t index);
CEP_API cep_status cep_program_field(const cep_program *program, cep_stream_id stream, const char *name,
                                     uint32_t *index_out);
/* What a row has there: a cep_kind (CEP_NULL past the end); 1 if null may be pushed; 1 if it is the event's time, which
 * rows bring as cep_event.time and here. */
CEP_API cep_kind cep_program_field_kind(const cep_program *program, cep_stream_id stream, uint32_t index);
CEP_API int cep_program_field_may_be_null(const cep_program *program, cep_stream_id stream, uint32_t index);
CEP_API int cep_program_field_is_time(const cep_program *program, cep_stream_id stream, uint32_t index);
CEP_API uint32_t cep_program_detection_count(const cep_program *program);
CEP_API const char *cep_program_detection_name(const cep_program *program, cep_detection_id detection);
/* The steps of a detection that capture, in the order of the text. */
CEP_API const char *cep_program_step_name(const cep_program *program, cep_detection_id detection,
                                          uint32_t index);
/* Names of what its alerts have, in their order: key parts, emitted values (of a timeout others than of a match). */
CEP_API const char *cep_program_key_name(const cep_program *program, cep_detection_id detection, uint32_t index);
CEP_API const char *cep_program_value_name(const cep_program *program, cep_detection_id detection, int of_timeout,
                                           uint32_t index);
/* What `meta` says; NULL past the end. `out`, which may be NULL, borrows from the program. */
CEP_API const char *cep_program_meta(const cep_program *program, cep_detection_id detection, uint32_t index,
                                     cep_value *out);
CEP_API uint32_t cep_program_test_count(const cep_program *program);
/* The tables that conditions look into; their rows are no part of a program. NULL, 0 past the end. */
CEP_API uint32_t cep_program_table_count(const cep_program *program);
CEP_API const char *cep_program_table_name(const cep_program *program, uint32_t index);
/* The path that the rules name, as it is written there. */
CEP_API const char *cep_program_table_place(const cep_program *program, uint32_t index);
/* How often to look for new rows; 0: never. */
CEP_API cep_duration cep_program_table_refresh(const cep_program *program, uint32_t index);

/* Runs the `test` blocks; one call of `report` for each, in file order. CEP_OK also when
 * some fail: `*failed_out` counts them. Tables are without rows. */
CEP_API cep_status cep_program_test(cep_program *program, cep_test_fn report, void *ctx,
                                    uint32_t *failed_out, cep_error *err);
/* The same with rows for some tables, as for cep_engine_table. CEP_E_INVALID: a row cannot be read. */
typedef struct cep_table_rows {
  const char *name;
  const void *data;
  size_t data_len;
} cep_table_rows;
CEP_API cep_status cep_program_test_with(cep_program *program, const cep_table_rows *tables, size_t table_count,
                                         cep_test_fn report, void *ctx, uint32_t *failed_out, cep_error *err);

/* One thing of a detection that tests can reach; texts live during the call. */
typedef struct cep_coverage {
  const char *detection;
  const char *what; /* "step"; "no", "until": of an event that it is about; "true", "false": of a part of a condition; "match"; "timeout" */
  const char *step; /* that it belongs to; "" */
  const char *text;
  uint64_t times;
} cep_coverage;
typedef void (*cep_coverage_fn)(void *ctx, const cep_coverage *item);
/* The same of those tests that are wanted: `wants` NULL, or not 0 for a test of this name. `ctx` is that of both functions. */
typedef struct cep_test_options {
  uint32_t size; /* sizeof(cep_test_options) */
  const cep_table_rows *tables;
  size_t table_count;
  int (*wants)(void *ctx, const char *detection, const char *name);
  cep_test_fn report;
  void *ctx;
  cep_coverage_fn covered; /* NULL; else told behind the last test of all that the tests of a detection can reach, of each with a pattern */
} cep_test_options;
CEP_API cep_status cep_program_test_run(cep_program *program, const cep_test_options *options, uint32_t *failed_out,
                                        cep_error *err);

typedef enum cep_explain {
  CEP_EXPLAIN_PLAN, /* what will be matched, as an indented tree */
  CEP_EXPLAIN_NFA,  /* states and edges, as text; which evaluator, and why */
  CEP_EXPLAIN_DOT,  /* states and edges, for Graphviz */
  CEP_EXPLAIN_CODE, /* bytecode, disassembled */
  CEP_EXPLAIN_AUTOMATON, /* a picture of each automaton, of text */
  CEP_EXPLAIN_MERMAID    /* a state diagram of each, for Mermaid */
} cep_explain;

/* The text is for people and golden tests; it may change in any release. PLAN of a
 * program that was loaded, not compiled, is CEP_E_UNSUPPORTED. */
CEP_API cep_status cep_program_explain(const cep_program *program, cep_explain what, cep_write_fn write,
                                       void *ctx, cep_error *err);
/* AUTOMATON or MERMAID of one detection; anything else is CEP_E_INVALID. */
CEP_API cep_status cep_program_explain_detection(const cep_program *program, cep_explain what,
                                                 cep_detection_id detection, cep_write_fn write, void *ctx,
                                                 cep_error *err);

/* What one record of an input is to the rules: its time and fields, the streams it fits or why not, and of each detection the
 * key and the steps it fits, with the parts of their conditions and the values those look at. What looks back to captured
 * events is shown as it is for a partial match without any. */
typedef struct cep_record_question {
  uint32_t size; /* sizeof(cep_record_question) */
  cep_detection_id detection; /* CEP_NONE: all */
  const char *input;
  const void *record;
  size_t record_len;
  const void *header; /* of CSV whose columns the rules do not name: the record that does; else NULL */
  size_t header_len;
  const cep_table_rows *tables; /* as of cep_program_test_with; those that are not given are without rows */
  size_t table_count;
} cep_record_question;
/* CEP_E_NOT_FOUND: no such input. A record that cannot be read is explained, too. */
CEP_API cep_status cep_program_explain_record(const cep_program *program, const cep_record_question *question,
                                              cep_write_fn write, void *ctx, cep_error *err);

/* ---- Engines -------------------------------------------------------------------- */

typedef struct cep_engine cep_engine;
typedef struct cep_match cep_match;

/* `match` and all it gives are valid only during the call. Return 0 to go on; non-zero
 * makes the running call return CEP_STOPPED, and the matches not yet delivered come
 * first in the next call. */
typedef int (*cep_match_fn)(void *ctx, const cep_match *match);

/* Holds its own reference to the program. Errors: CEP_E_INVALID, CEP_E_NOMEM. */
CEP_API cep_status cep_engine_new(const cep_config *config, cep_program *program, cep_match_fn on_match,
                                  void *ctx, cep_engine **out, cep_error *err);
CEP_API void cep_engine_free(cep_engine *engine);
/* Lives as long as the engine. */
CEP_API const cep_program *cep_engine_program(const cep_engine *engine);

/* An input is one partition, file or connection of a declared input: lateness, idleness
 * and watermark are its own. It belongs to the engine. All inputs that take part must be
 * there before the first event: a later one can only add to what is not yet decided, and
 * its events behind the frontier are late.
 * CEP_E_NOT_FOUND: no input of that name. CEP_E_INVALID: that partition exists; one that came
 * back with cep_engine_restore is given out once. */
typedef struct cep_input cep_input;
CEP_API cep_status cep_engine_input(cep_engine *engine, const char *name, uint32_t partition,
                                    cep_input **out, cep_error *err);

/* Takes one event. Events may come in any order ahead of the input's watermark (newest
 * time seen less the declared lateness); one behind it is counted, given to the late
 * callback, and returns CEP_LATE. A field of the wrong kind, or null where the
 * declaration has no `?`, is given to the dead-letter callback, and CEP_OK.
 * CEP_E_INVALID: unknown stream, not a stream of this input, wrong field count, or a
 * position that does not rise. CEP_E_LIMIT: the event was not taken; advance, push again. */
CEP_API cep_status cep_input_push(cep_input *input, const cep_event *event, cep_error *err);

/* Takes events one behind the other, as so many calls of cep_input_push would, but at less cost. `*taken` (which
 * may be NULL) is how many were taken: less than `count` if the callback said stop, or if one was refused (the first
 * that was not taken; `err` is of that one). CEP_LATE: some were late. */
CEP_API cep_status cep_input_push_all(cep_input *input, const cep_event *events, uint32_t count, uint32_t *taken,
                                      cep_error *err);

/* Takes one record (JSON object, text line, row of CSV, logfmt line; without its line end) as the input's
 * declaration says. One that does not decode is counted, given to the dead-letter
 * callback, and CEP_OK. Else as cep_input_push. */
CEP_API cep_status cep_input_record(cep_input *input, const void *record, size_t record_len,
                                    uint64_t position, cep_error *err);

/* Refuses a record on the reader's behalf (too long, torn): counted and dead-lettered. */
CEP_API cep_status cep_input_refuse(cep_input *input, const void *record, size_t record_len,
                                    uint64_t position, const char *reason, cep_error *err);

/* For who reads files: what follows is another one. Of CSV whose columns the rules do not
 * name, its first record names them, as the first record of an input does. */
CEP_API cep_status cep_input_new_file(cep_input *input, cep_error *err);
/* For who puts files in order: the event time of a record, which is not taken.
 * CEP_TIME_MIN: it has none that can be read. Moves nothing but what cep_input_new_file
 * sets back. */
CEP_API cep_status cep_input_time(cep_input *input, const void *record, size_t record_len, cep_time *out,
                                  cep_error *err);
/* How far the records of an input are out of the order of their times. */
typedef struct cep_disorder {
  uint32_t size;       /* sizeof(cep_disorder) */
  cep_time newest;     /* CEP_TIME_MIN: none yet */
  cep_duration worst;  /* the lateness with which none of them would be late */
  uint64_t records;
  uint64_t behind;     /* how many would be late without any lateness */
  uint64_t timeless;   /* how many have no time that can be read */
} cep_disorder;
/* For who can read everything twice: looks at the time of a record, which is not taken, and goes on
 * with `disorder`, which begins with a `newest` of CEP_TIME_MIN and zeros. Moves nothing but
 * what cep_input_new_file sets back. CEP_E_INVALID: the size is another. */
CEP_API cep_status cep_input_scan(cep_input *input, const void *record, size_t record_len, cep_disorder *disorder,
                                  cep_error *err);
/* How late its events may be, for an input of whose lateness the rules say nothing (cep_program_input_lateness)
 * and whose time is that of its events; before its first record. No part of a checkpoint.
 * CEP_E_INVALID: negative, said by the rules, or too late. */
CEP_API cep_status cep_input_lateness(cep_input *input, cep_duration lateness, cep_error *err);
/* For who cuts bytes into records: 1 if those of this input are CSV, whose quotes may hold
 * line ends, with its delimiter and quote (0: none); else 0, each line is a record. */
CEP_API int cep_input_csv(const cep_input *input, char *delimiter, char *quote);

/* Promises that no event older than `watermark` will come from this input. Going
 * backwards is CEP_E_INVALID; staying still, or behind the newest time less the
 * lateness, does nothing. */
CEP_API cep_status cep_input_advance(cep_input *input, cep_time watermark, cep_error *err);
/* Where the time of an input's records comes from. */
typedef enum cep_time_source { CEP_TIME_OF_EVENT, CEP_TIME_OF_INGESTION, CEP_TIME_OF_PROCESSING } cep_time_source;
CEP_API cep_time_source cep_input_time_source(const cep_input *input);
/* For inputs with `time ingestion` or `time processing`: what the clock shows. Records from now on have
 * that time, so it must be called before the first one, and then as often as it matters. With
 * `time processing` it also moves time, as cep_input_advance. A clock that goes back is counted
 * and held at its newest time. Typed rows bring their own time. CEP_E_INVALID: the input's
 * time is that of its events. */
CEP_API cep_status cep_input_clock(cep_input *input, cep_time now, cep_error *err);
/* After how long without a record the rules call the input idle; 0: never. Whoever has a clock
 * keeps to it and calls cep_input_idle. */
CEP_API cep_duration cep_input_idle_after(const cep_input *input);
/* An idle input holds nothing back until it delivers again. What comes out while one is idle is
 * marked (cep_match_clock): another run may decide otherwise. So is all that comes out after a
 * record was late because of that. */
CEP_API cep_status cep_input_idle(cep_input *input, int idle, cep_error *err);
CEP_API cep_status cep_input_end(cep_input *input, cep_error *err);

/* Hands in the rows of a table, as the bytes of a file of its format, in place of those it had;
 * before the first time it has none. They are copied. What has been processed stays as it was
 * decided; what has not, and waits for the frontier, sees the new rows. A row that cannot be read is
 * counted, given to the dead-letter callback under the table's name, and left out. From the
 * second time on, alerts that look into the table are marked (cep_match_clock).
 * CEP_E_NOT_FOUND: no such table. CEP_E_LIMIT: above "table.rows" or "table.bytes"; CEP_E_NOMEM:
 * for the rows. Then the table has the rows that it had, and the engine goes on. */
CEP_API cep_status cep_engine_table(cep_engine *engine, const char *name, const void *data, size_t data_len,
                                    cep_error *err);

/* ---- Workers ---------------------------------------------------------------------- */

/* How the owner of an engine and the threads that work for it hear of each other. */
typedef struct cep_crew {
  uint32_t size;            /* sizeof(cep_crew) */
  void (*wake)(void *ctx);  /* by the owner: there is work */
  /* By the owner, which cannot go on before work was done: calls cep_engine_work, or waits until somebody has. It may
   * return early, and is called again. */
  void (*wait)(void *ctx);
  void *ctx;
} cep_crew;
/* Shares the keys of the engine out over `workers` (1 to 64), for which any threads work by cep_engine_work; what comes
 * out, and its order, stay as they are. Before the first input; of an engine that was restored, before the first is asked
 * for. From then on calls hand their records on and return; callbacks run on the owner's thread, in later calls;
 * cep_engine_flush, cep_engine_finish and cep_engine_checkpoint wait for all.
 * Rows wait for each other as with "batch.events" of 1024. The allocator must be thread-safe.
 * CEP_E_INVALID: there is an input already. */
CEP_API cep_status cep_engine_share(cep_engine *engine, uint32_t workers, const cep_crew *crew, cep_error *err);
/* Over how many the keys are shared out: 1 also where the rules do not allow more. */
CEP_API uint32_t cep_engine_workers(const cep_engine *engine);
/* By any thread, while the engine lives: some work of one worker, of `first` if it has any. 1: something was done, which
 * others may wait for. Failures are told to the owner. */
CEP_API int cep_engine_work(cep_engine *engine, uint32_t first);
/* The owner alone works from here on. Nobody may be in cep_engine_work. */
CEP_API void cep_engine_dismiss(cep_engine *engine);

/* With "batch.events" above 1 rows wait until a batch is full; this processes them now. */
CEP_API cep_status cep_engine_flush(cep_engine *engine, cep_error *err);
/* End of stream: ends every input. The engine takes no more events. */
CEP_API cep_status cep_engine_finish(cep_engine *engine, cep_error *err);

/* The least watermark of the inputs that are not idle; `held_by` may be NULL. */
CEP_API cep_time cep_engine_watermark(const cep_engine *engine, const cep_input **held_by);
CEP_API const char *cep_input_name(const cep_input *input);
/* How far an input has got. */
typedef struct cep_input_state {
  uint32_t size;         /* sizeof(cep_input_state) */
  uint32_t partition;
  cep_time newest;       /* time seen; CEP_TIME_MIN: none */
  cep_time watermark;    /* its own; CEP_TIME_MIN: none */
  cep_duration lateness; /* as declared */
  int is_idle;
  int is_ended;
} cep_input_state;
/* `out->size` says how much to fill. */
CEP_API cep_status cep_input_look(const cep_input *input, cep_input_state *out);

/* Names and meaning: docs/reference/stats.md, made from cep/stats.def. */
typedef enum cep_stat {
#define T(name, scope, unit, text) CEP_STAT_##name,
#include "stats.def"
#undef T
  CEP_STAT_COUNT
} cep_stat;

/* `index` is the input (in order of cep_program_input_name), stream or detection of a
 * statistic with that scope, CEP_NONE the sum over all. Unknown ones read as 0. */
CEP_API uint64_t cep_engine_stat(const cep_engine *engine, cep_stat which, uint32_t index);
CEP_API const char *cep_stat_name(cep_stat which);
/* What `index` is an index of: "engine" (nothing), "input", "stream", "detection", "table". */
CEP_API const char *cep_stat_scope(cep_stat which);

/* ---- Checkpoints ----------------------------------------------------------------- */

/* Writes all that the engine knows, and with it `position`, any bytes of yours: how far you
 * have read, say, so that both are put back or neither. What was taken so far is processed and delivered
 * first, as cep_engine_flush does it; matches that the callback did not want yet are part of the state.
 * The bytes are the same for any number of workers. Rows of tables and settings are not in them.
 * CEP_STOPPED: as ever, and the state is written. CEP_E_IO: `write` failed; the engine goes on. */
CEP_API cep_status cep_engine_checkpoint(cep_engine *engine, const void *position, size_t position_len,
                                         cep_write_fn write, void *ctx, cep_error *err);

/* As cep_engine_new, and then puts the state back. The number of workers may be another one. Goes on as
 * the engine that wrote it would have: ask for its inputs with cep_engine_input, which gives each out
 * as it was, hand in the rows of tables again before anything else, and push what came
 * after `position`. CEP_E_CORRUPT, CEP_E_VERSION, CEP_E_MISMATCH (of another program), CEP_E_IO. */
CEP_API cep_status cep_engine_restore(const cep_config *config, cep_program *program, cep_match_fn on_match,
                                      void *ctx, cep_read_fn read, void *read_ctx, cep_engine **out,
                                      cep_error *err);

/* The position that came back with the state; it lives as long as the engine. NULL and 0 for an engine that
 * was not restored. */
CEP_API const void *cep_engine_position(const cep_engine *engine, size_t *length_out);

/* ---- Matches (inside the callback only) ------------------------------------------ */

typedef enum cep_match_kind { CEP_MATCH, CEP_TIMEOUT, CEP_WINDOW, CEP_UPDATE } cep_match_kind;

CEP_API cep_detection_id cep_match_detection(const cep_match *match);
CEP_API cep_match_kind cep_match_what(const cep_match *match);
/* 16 bytes. The same input gives the same id on every run and after every restore. */
CEP_API const uint8_t *cep_match_id(const cep_match *match);
/* When it was decided: the completing event's time, or the deadline's. */
CEP_API cep_time cep_match_time(const cep_match *match);
/* Of the first and the last event; of a window, which has no events, its start and its end. */
CEP_API cep_time cep_match_time_first(const cep_match *match);
CEP_API cep_time cep_match_time_last(const cep_match *match);
/* Alerts that `suppress` held back since the last one of its key. */
CEP_API uint64_t cep_match_suppressed(const cep_match *match);
/* 1 if it was decided not by the events alone: by a clock (`time processing`, `time ingestion`), while an
 * input was idle, or with rows of a table that were handed in while the engine ran. */
CEP_API int cep_match_clock(const cep_match *match);
/* Key parts and emitted values, by index and name (`name` may be NULL); NULL past the end. */
CEP_API const cep_value *cep_match_key(const cep_match *match, uint32_t index, const char **name);
CEP_API const cep_value *cep_match_value(const cep_match *match, uint32_t index, const char **name);

/* One captured event. Names live as long as the program. */
typedef struct cep_captured {
  uint32_t size; /* sizeof(cep_captured) */
  uint32_t step_number;
  const char *step;
  const char *stream;
  const char *input;
  uint32_t partition;
  uint64_t position;
  cep_time time;
} cep_captured;
CEP_API uint32_t cep_match_event_count(const cep_match *match);
/* `out->size` says how much to fill. CEP_E_NOT_FOUND past the end. */
CEP_API cep_status cep_match_event(const cep_match *match, uint32_t index, cep_captured *out);

/* The alert record as one line of JSON, without a line end. */
CEP_API cep_status cep_match_write_json(const cep_match *match, cep_write_fn write, void *ctx);

#ifdef __cplusplus
}
#endif

#endif
