/*
 * api_internal.h - what is behind the opaque types of cep.h.
 *
 * Contract
 *   Private to cep/api_*.c. Arguments of the caller are checked here and nowhere below:
 *   what fails is CEP_E_INVALID and names the argument.
 */
#ifndef CEP_API_INTERNAL_H
#define CEP_API_INTERNAL_H

#include <stdatomic.h>

#include "cep/base/error.h"
#include "nfa/program.h"
#include "nfa/trace.h"
#include "runtime/engine.h"

/* One member for each line of config.def. */
typedef struct api_settings {
#define C(key, member, type, initial, min, max, text) int64_t member;
#include "cep/config.def"
#undef C
} api_settings;

typedef struct api_log {
  cep_log_fn write; /* NULL: nowhere */
  void *ctx;
} api_log;

struct cep_config {
  cb_alloc alloc;
  api_settings settings;
  api_log log;
  cep_diag_fn diag;
  void *diag_ctx;
  cep_refused_fn late;
  void *late_ctx;
  cep_refused_fn dead_letter;
  void *dead_letter_ctx;
  nfa_trace story; /* `tell` NULL: none */
  const char *told; /* the detection */
};

/* Immutable but for `refs` once it is given out. */
struct cep_program {
  cb_alloc alloc;
  _Atomic uint32_t refs;
  api_settings settings; /* for tests of the rules */
  prg *image;
  cb_writer plan; /* the printed plan; empty if loaded */
};

struct cep_input {
  cep_engine *engine;
  rt_input *inner;
  cep_input *next;
};

struct cep_engine {
  cb_alloc alloc;
  cep_program *program;
  rt_engine *inner;
  cep_match_fn on_match;
  void *ctx;
  api_log log;
  cb_writer position; /* put back with a state; empty: none */
  cb_writer json; /* of the match being written; keeps its memory */
  cep_input *inputs;
  nfa_trace story; /* `tell` NULL: none */
  int is_busy;    /* a call is running: what comes from its callbacks is refused */
  int is_doomed;  /* freed by a callback: ends when the running call does */
  int is_stopped; /* memory was refused, and the log has been told */
};

struct cep_match {
  cep_engine *engine;
  const rt_alert *alert;
};

void api_settings_init(api_settings *settings);
/* The settings as the engine takes them; callbacks are left out. */
rt_options api_options(const api_settings *settings, const cep_allocator *hook);
/* A wish for an evaluator that is not for all detections of the program is an error. */
cep_status api_check_evaluator(const api_settings *settings, const prg *program, cep_error *err) CB_MUST_USE;
void api_log_line(const api_log *log, cep_log_level level, const char *format, ...) CB_PRINTF(3, 4);
/* Gives the bytes to the caller's function; CEP_E_IO if that fails with no status of its own. */
cep_status api_write(cep_write_fn write, void *ctx, const void *data, size_t len, cep_error *err) CB_MUST_USE;

/* Around every call that may change an engine: one at a time (CEP_E_BUSY), and what its end brings with it. An engine that
 * a callback has freed is gone after api_leave. */
cep_status api_enter(cep_engine *engine, cep_error *err) CB_MUST_USE;
cep_status api_leave(cep_engine *engine, cep_status status);

/* The table of that name; CEP_E_NOT_FOUND. */
cep_status api_find_table(const prg *image, const char *name, uint32_t *out, cep_error *err) CB_MUST_USE;

/* The rows of a table into its place in `tables`, one for each table of the program. */
cep_status api_read_rows(const cep_program *program, const cep_table_rows *given, nfa_table **tables, cep_error *err) CB_MUST_USE;

/* "argument 'x' ..." with CEP_E_INVALID. */
#define API_NEED(claim, argument, text)                                                                      \
  do {                                                                                                       \
    if (!(claim)) return cb_error_set(err, CEP_E_INVALID, "argument '%s' %s", argument, text);               \
  } while (0)

#endif
