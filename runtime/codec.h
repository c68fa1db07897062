/*
 * codec.h - records of an input to rows of its streams.
 *
 *   record --begin--> time   --fill(stream)--> open row of the stream's batch
 *
 * Contract
 *   One codec for each engine input; format and fields come from the program. `begin`
 *   parses the record once; `fill` is then called for each stream of the input and sets
 *   the columns of the row that the caller opened. Only fields that some rule reads are
 *   converted; a fault in another one is not noticed (but a JSON record must be well
 *   formed as a whole).
 *   Faults of the record are not errors of the call: they come back as a reason (a stable
 *   word for counting) and a sentence. Nothing is kept of the record after `fill`.
 *   No allocation once warm. CEP_E_NOMEM as usual. One owner.
 */
#ifndef RT_CODEC_H
#define RT_CODEC_H

#include "nfa/expr.h"

/* Why a record is refused: R(name, word). */
#define RT_REASONS(R) \
  R(NONE, "")         \
  R(LATE, "late")     \
  R(JSON, "json")     \
  R(CSV, "csv")       \
  R(LOGFMT, "logfmt") \
  R(LENGTH, "length") \
  R(TIME, "time")     \
  R(TYPE, "type")     \
  R(NULL, "null")     \
  R(READER, "reader")
typedef enum rt_reason {
#define R(name, word) RT_REASON_##name,
  RT_REASONS(R)
#undef R
  RT_REASON_COUNT
} rt_reason;
const char *rt_reason_word(rt_reason reason);

typedef struct rt_fault {
  rt_reason reason;
  char detail[160]; /* a sentence: names the field, says what was found and expected */
} rt_fault;

typedef struct rt_codec rt_codec;

/* `scratch` is the engine's: it carries the regex limits. */
cep_status rt_codec_new(cb_alloc *alloc, const prg *program, uint32_t input, nfa_scratch *scratch,
                        size_t record_max, size_t json_depth, rt_codec **out) CB_MUST_USE;
/* Of a table of the program: rows have no time, and `fill` is called with any stream. */
cep_status rt_codec_of_table(cb_alloc *alloc, const prg *program, uint32_t table, nfa_scratch *scratch,
                             size_t record_max, size_t json_depth, rt_codec **out) CB_MUST_USE;
void rt_codec_free(cb_alloc *alloc, rt_codec *codec);

/* What follows is another file: of csv without columns in the rules, its first record names
 * them again. */
void rt_codec_restart(rt_codec *codec);

/* What a codec has learnt from its records: the columns that the first record of csv named. As bytes, if it has learnt
 * something, and back. */
int rt_codec_has_learned(const rt_codec *codec);
void rt_codec_save(const rt_codec *codec, cb_writer *writer);
cep_status rt_codec_load(rt_codec *codec, cb_reader *reader) CB_MUST_USE;

/* `near`: the newest time of the input, or CEP_TIME_MIN (for times without a year); of an input whose time
 * is that of a clock, what the clock shows: the record's time.
 * With fault->reason set the record is refused and `fill` must not be called.
 * CEP_TIME_MIN in `*time_out` without a fault: a line that fits no stream, so that nothing
 * says where its time is; or the record of csv that names the columns. It is filtered, and moves no time; `fill` must not be called. */
cep_status rt_codec_begin(rt_codec *codec, const char *record, size_t len, cep_time near,
                          cep_time *time_out, rt_fault *fault) CB_MUST_USE;
/* `*fits_out` 0: the record is not one of this stream (its regex does not match). A value
 * that cannot be converted, or is missing where the field has no '?', leaves its column
 * null and sets the fault, the first one only: it counts if the row then meets the
 * stream's `fits`. */
cep_status rt_codec_fill(rt_codec *codec, uint32_t stream, cb_batch *batch, int *fits_out, rt_fault *fault) CB_MUST_USE;

#endif
