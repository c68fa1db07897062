/*
 * cep_io.h - files and pipes around an engine: sources, sinks, and the loop between them.
 *
 *     file | pipe --> source --+
 *     file | pipe --> source --+--> pipeline --> engine --> sink (alerts)
 *                                                      +--> sink (late, dead-letter)
 *
 * Contract
 *   Purpose   libcep-io, a library of its own beside libcep. Records are lines, or rows of CSV. It
 *             reads on the calling thread, inside cep_pipeline_run; only with
 *             cep_pipeline_workers there are threads beside it, for the time of the run. All callbacks are on the calling thread.
 *             It looks at a clock only where something asks for it (Clock, Progress).
 *   Files     What begins like gzip or zstd is unpacked, whatever its name; members and
 *             frames may follow each other; zstd windows up to 128 MiB. A stream that is
 *             broken or cut off is CEP_E_IO; the records before it have been taken.
 *   Records   A line without its end ("\n" or "\r\n"); the last one needs no end. NUL and
 *             any other byte may stand in it. An empty line is no record. In CSV a line end
 *             within quotes is text; quotes that the end of a file leaves open end there. A
 *             record longer than "record.max" is refused with the reason "length", its first
 *             record.max bytes given, and left at its own end. A UTF-8 byte order mark at the
 *             start of a file is passed over.
 *   Position  The byte offset of the record in its file, unpacked; in a pipe, of all that was
 *             read; of several files read as one, behind all bytes of those before.
 *   Following A followed file is never ended. One that got shorter is read from its start; if
 *             its path names another file, the old one is read to its end and then that.
 *             Packed files, pipes and standard input are read as ever. Sinks are flushed
 *             before each wait.
 *   Order     With several sources the one furthest behind in event time is read, so that
 *             no input runs ahead of the others. A file is ended at its end, a pipe when
 *             its writer closes it. While the one furthest behind is a pipe or followed file without data,
 *             the others are read ahead: no further than "drift.max" of event time beyond it (and a few
 *             records), then all wait for it, until it gives something, ends, or is called idle. What is
 *             read ahead is held in memory, "held.max" events at most.
 *   Clock     `time ingestion` and `time processing` take the time of a record, and the latter also what
 *             passes between records, from the pipeline's clock (cep_pipeline_clock). By it an input is idle
 *             when its pipe or followed file gave nothing for as long as the rules say (`idle D`), else, if
 *             there are several sources, for "idle.after"; a file that is not followed never is. By it the file of a table (`refresh D`) is looked at again, if
 *             some source is a pipe or followed, and read if it changed. While it waits the pipeline
 *             looks up ten times a second.
 *   Status    As in cep.h. CEP_E_IO carries os_errno and names the file.
 *   Ownership A sink is used by the engine as a callback: free it after the engine. A
 *             pipeline borrows its engine and its sinks: free it before both.
 *   Threads   One owner for each object. Only cep_pipeline_stop may be called from another
 *             thread or from a signal handler. No signal handler is installed: a program
 *             that does not want to die of a closed pipe ignores SIGPIPE itself.
 */
#ifndef CEP_CEP_IO_H
#define CEP_CEP_IO_H

#include "cep/cep.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Sinks ----------------------------------------------------------------------- */

/* Writes lines, NDJSON mostly, to a file (made or emptied) or, for the path "-", to standard output.
 * Writes are gathered; the pipeline flushes before it waits for input. After a failed
 * write a sink takes nothing more and cep_sink_status tells why. */
typedef struct cep_sink cep_sink;

CEP_API cep_status cep_sink_file(const cep_config *config, const char *path, cep_sink **out, cep_error *err);
/* Does not flush: what is not flushed is lost. */
CEP_API void cep_sink_free(cep_sink *sink);
CEP_API cep_status cep_sink_flush(cep_sink *sink, cep_error *err);
/* CEP_OK; CEP_STOPPED when the reader of a pipe went away; CEP_E_IO, CEP_E_NOMEM. */
CEP_API cep_status cep_sink_status(const cep_sink *sink, cep_error *err);
/* A line of the caller's own, without its end. */
CEP_API void cep_sink_line(cep_sink *sink, const void *text, size_t len);
/* Lines taken. */
CEP_API uint64_t cep_sink_lines(const cep_sink *sink);

/* A cep_match_fn with a cep_sink as its ctx: the alert record. Non-zero once the sink has
 * failed. */
CEP_API int cep_sink_match(void *sink, const cep_match *match);
/* A cep_refused_fn with a cep_sink as its ctx, for late and dead-letter outputs:
 * {"reason","detail","input","partition","position","time"?,"lateness"?,"length","record"}.
 * `time`, and `lateness` (what would have kept it, in seconds), only when it is late.
 * `length` counts the raw bytes. `record` is text: the first 4 KiB of them, what is not
 * UTF-8 replaced by U+FFFD; null for typed rows. */
CEP_API void cep_sink_refused(void *sink, const cep_refused *refused);

/* ---- Pipelines -------------------------------------------------------------------- */

typedef struct cep_pipeline cep_pipeline;

typedef struct cep_pipeline_counts {
  uint32_t size; /* sizeof(cep_pipeline_counts) */
  uint32_t sources;
  uint64_t bytes;       /* read */
  uint64_t lines;       /* records given to the engine, refused ones included */
  uint64_t empty_lines; /* passed over */
  uint64_t table_reads; /* of tables, the first time included */
  uint64_t table_failures; /* of tables, that could not be read or were too large */
} cep_pipeline_counts;

CEP_API cep_status cep_pipeline_new(const cep_config *config, cep_engine *engine, cep_pipeline **out,
                                    cep_error *err);
CEP_API void cep_pipeline_free(cep_pipeline *pipeline);

/* Shares the keys of the engine out over `workers` (cep_engine_share), and runs as many threads, the caller's one of
 * them, inside cep_pipeline_run; 0: as many as there are cores. 1, as if never called: the caller's thread does it all.
 * Before the first source. The output is the same, byte for byte. */
CEP_API cep_status cep_pipeline_workers(cep_pipeline *pipeline, uint32_t workers, cep_error *err);

/* Opens a file, or for the path "-" standard input, as one partition of a declared input.
 * CEP_E_IO: it cannot be opened. CEP_E_NOT_FOUND: no input of that name. CEP_E_INVALID:
 * that partition exists, or standard input is used already. */
CEP_API cep_status cep_pipeline_source(cep_pipeline *pipeline, const char *input, uint32_t partition,
                                       const char *path, cep_error *err);
/* Several files as one partition: read one behind the other, by the first event time in each
 * (of equal ones, and where none can be read, in the order given). Positions go on: the bytes of the files
 * before count in. With one path as cep_pipeline_source. CEP_E_INVALID also: one of
 * several is not a regular file. */
CEP_API cep_status cep_pipeline_files(cep_pipeline *pipeline, const char *input, uint32_t partition,
                                      const char *const *paths, size_t path_count, cep_error *err);
/* Waits until it is worth to look at followed files again, at most as long as it wants; not
 * 0 to stop the run, which it should do once `wake_fd` is readable. */
typedef int (*cep_wait_fn)(void *ctx, int wake_fd);
/* Sources that are opened from now on are followed: at its end a file is waited for until it
 * grows (see cep_io.h, Following). `wait` NULL: looks four times a second. */
CEP_API cep_status cep_pipeline_follow(cep_pipeline *pipeline, cep_wait_fn wait, void *ctx, cep_error *err);
/* What the clock shows: nanoseconds since 1970-01-01T00:00:00Z. */
typedef cep_time (*cep_clock_fn)(void *ctx);
/* NULL: the system's. Before the run. */
CEP_API cep_status cep_pipeline_clock(cep_pipeline *pipeline, cep_clock_fn now, void *ctx, cep_error *err);
/* Reads the file of a table, unpacked, and hands its rows to the engine (cep_engine_table); again when
 * the rules say `refresh`. CEP_E_NOT_FOUND: no such table. CEP_E_IO: it cannot be read. */
CEP_API cep_status cep_pipeline_table(cep_pipeline *pipeline, const char *name, const char *path, cep_error *err);
/* Told of each table that was read again, or could not be (`status` negative; it keeps the rows it has). */
typedef void (*cep_table_fn)(void *ctx, const char *name, const char *path, cep_status status, const cep_error *err);
CEP_API cep_status cep_pipeline_on_table(cep_pipeline *pipeline, cep_table_fn tell, void *ctx, cep_error *err);
/* A sink that the pipeline flushes, and that ends the run when it fails. */
CEP_API cep_status cep_pipeline_sink(cep_pipeline *pipeline, cep_sink *sink, cep_error *err);

/* Of an input that was scanned: what its records are like, and the lateness that it has now. */
typedef struct cep_scanned {
  uint32_t size;         /* sizeof(cep_scanned) */
  const char *input;     /* lives as long as the program */
  cep_duration lateness; /* rounded up to a round one; 0 if CEP_SCAN_MAX would not be enough */
  cep_disorder disorder; /* over all of its sources; the worst of them counts */
} cep_scanned;
/* More than a day: the records are in another order than that of their times. */
#define CEP_SCAN_MAX ((cep_duration)86400000000000)
typedef void (*cep_scanned_fn)(void *ctx, const cep_scanned *scanned);
/* Reads the sources of inputs of whose lateness the rules say nothing (cep_program_input_lateness), if all sources of
 * the input are regular files that are not followed, and gives the input the lateness that its records need. One call of `tell` for each of them. After the
 * last source, before the run. CEP_STOPPED: cep_pipeline_stop was called. CEP_E_IO: as the run. */
CEP_API cep_status cep_pipeline_scan(cep_pipeline *pipeline, cep_scanned_fn tell, void *ctx, cep_error *err);

/* Reads every source to its end, then finishes the engine and flushes the sinks.
 * CEP_STOPPED: cep_pipeline_stop was called, or the reader of a sink went away; the inputs
 * are not ended then, what is decided has been written. May be called once.
 * CEP_E_IO: reading or writing failed. Else the engine's errors. */
CEP_API cep_status cep_pipeline_run(cep_pipeline *pipeline, cep_error *err);
/* Asks a running pipeline to stop soon, also one that waits for input. */
CEP_API void cep_pipeline_stop(cep_pipeline *pipeline);
/* `out->size` says how much to fill. */
CEP_API cep_status cep_pipeline_count(const cep_pipeline *pipeline, cep_pipeline_counts *out);

/* ---- Readers ----------------------------------------------------------------------- */

/* The bytes of a file, or for the path "-" of standard input, unpacked: for who looks into one before there are rules. */
typedef struct cep_reader cep_reader;
/* CEP_E_IO: it cannot be opened. Copies the path. */
CEP_API cep_status cep_reader_open(const cep_config *config, const char *path, cep_reader **out, cep_error *err);
CEP_API void cep_reader_free(cep_reader *reader);
/* Up to `room` bytes; `*len_out` 0: the end. CEP_E_IO: reading failed, or what is packed is broken. */
CEP_API cep_status cep_reader_read(cep_reader *reader, void *data, size_t room, size_t *len_out, cep_error *err);

/* ---- Progress ---------------------------------------------------------------------- */

/* Where a run is. Times of the clock: CEP_TIME_MIN if none was looked at. */
typedef struct cep_pipeline_state {
  uint32_t size;      /* sizeof(cep_pipeline_state) */
  uint32_t sources;
  uint32_t held_by;   /* the source that holds event time back; CEP_NONE: none does */
  int is_waiting;     /* nothing can be read now; then all that is decided has come out, and statistics are exact */
  cep_time frontier;  /* event time up to which all is decided; CEP_TIME_MIN: some source has not begun */
  cep_time now;       /* by the clock */
  cep_time since;     /* by the clock, when the frontier moved last; the start of the run if it never did */
} cep_pipeline_state;
/* Where one of its sources is; they are numbered as they were opened. */
typedef struct cep_source_state {
  uint32_t size;           /* sizeof(cep_source_state) */
  uint32_t partition;
  const char *input;       /* lives as long as the program */
  uint64_t bytes;          /* read */
  uint64_t records;        /* given to the engine */
  cep_time newest;         /* event time seen; CEP_TIME_MIN: none */
  cep_duration lateness;   /* as declared: up to so far behind `newest` it holds time back */
  cep_time heard;          /* by the clock, when it last gave something; the start of the run if never */
  cep_duration waited;     /* by the clock: for how long nothing could be read because of it */
  cep_duration idle_after; /* if it says nothing for so long it is idle; 0: it never is */
  int is_idle;
  int is_ended;
  int is_far;              /* more than "drift.max" ahead: not read until the others come closer */
  uint64_t taken;          /* bytes of its files themselves, packed if they are packed */
  uint64_t whole;          /* of all its files when it was opened; 0: not known, of a pipe or what is followed */
} cep_source_state;
/* Called within cep_pipeline_run, on its thread, between records; also while it waits. It may ask the pipeline and the
 * engine, not change them. Statistics of detections cost a stop of the workers unless `is_waiting`. */
typedef void (*cep_progress_fn)(void *ctx);
/* About so often by the pipeline's clock, which is then looked at. Before the run. `tell` NULL: never.
 * CEP_E_INVALID: `every` is not above 0. */
CEP_API cep_status cep_pipeline_on_progress(cep_pipeline *pipeline, cep_duration every, cep_progress_fn tell, void *ctx,
                                            cep_error *err);
/* Also before and after the run. `out->size` says how much to fill. */
CEP_API cep_status cep_pipeline_look(const cep_pipeline *pipeline, cep_pipeline_state *out);
/* CEP_E_NOT_FOUND: no such source. */
CEP_API cep_status cep_pipeline_look_at(const cep_pipeline *pipeline, uint32_t source, cep_source_state *out);

#ifdef __cplusplus
}
#endif

#endif
