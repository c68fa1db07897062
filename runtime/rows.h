/*
 * rows.h - records as rows of the batches of their streams.
 *
 *   record --codec--> open row --fits?--> staged: (stage of its stream, row) --look--> who wants it
 *
 * Contract
 *   An rt_filler says where rows go and what they are made with; all of it is borrowed. A record with a fault in one
 *   of its streams leaves no staged row; rows that nothing names stay in their batches until those are cleared.
 *   Errors: CEP_E_NOMEM. One owner.
 */
#ifndef RT_ROWS_H
#define RT_ROWS_H

#include "cep/base/vec.h"
#include "runtime/codec.h"
#include "runtime/input.h"
#include "runtime/route.h"

/* Rows of one stream. Made at its first row. */
typedef struct rt_stage {
  cb_batch batch;
  rt_finds finds;   /* of its rows that were looked at */
  nfa_rows plain;   /* rows that are not listed in `staged`: typed, on time, each a record of its own */
  uint32_t plain_count;
  int is_touched;   /* listed in `touched` */
} rt_stage;

typedef struct rt_staged {
  rt_triple at;
  uint32_t stream;
  uint32_t row;     /* in its stage */
  uint32_t record;  /* rows of one record have one number */
  const rt_stage *from; /* where the row lies */
  uint32_t declared;
  uint8_t is_typed; /* pushed as a row: its stream is the one that the caller named */
  uint8_t is_late;  /* its place is behind its time: for aggregates that allow it */
  uint8_t is_found; /* `found` are its finds in those of its stage */
  prg_list found;
} rt_staged;

typedef CB_VEC(uint32_t) rt_touched;
typedef CB_VEC(rt_staged) rt_staged_rows;

typedef struct rt_filler {
  const prg *program;
  cb_alloc *alloc;
  nfa_scratch *scratch;
  rt_stage *stages; /* by stream */
  rt_touched *touched;
  rt_staged_rows *staged;
  uint32_t capacity; /* of a batch */
} rt_filler;

/* What a record of an input is: its time, where it stands (of a late one behind that time), and its number among those
 * taken together. */
typedef struct rt_whence {
  uint32_t declared;
  uint32_t input;
  uint32_t record;
  cep_time time;
  rt_triple at;
} rt_whence;

cep_status rt_stage_reserve(const prg *program, cb_alloc *alloc, rt_stage *stage, uint32_t stream, uint32_t capacity) CB_MUST_USE;
void rt_stages_free(const prg *program, cb_alloc *alloc, rt_stage *stages);
void rt_stage_clear(rt_stage *stage);
/* Rows of the stages that are touched. */
void rt_stages_clear(const prg *program, rt_stage *stages);

/* The stage of a stream, ready for rows. */
cep_status rt_rows_want(const rt_filler *to, uint32_t stream, rt_stage **out) CB_MUST_USE;
cep_status rt_rows_open(const rt_filler *to, uint32_t stream, const rt_whence *whence, rt_stage **out) CB_MUST_USE;
cep_status rt_rows_close(const rt_filler *to, uint32_t stream, const rt_whence *whence, int is_typed) CB_MUST_USE;
/* The open row, which is on time and its record's only one. */
static inline void rt_rows_close_plain(rt_stage *stage)
{
  uint32_t row = stage->batch.count;
  cb_batch_end_row(&stage->batch);
  stage->plain.bits[row / 64] |= (uint64_t)1 << row % 64;
  stage->plain_count++;
}
/* The record that the codec has begun, for each stream that it fits. `fault->reason` set: it is to be refused. */
cep_status rt_rows_fill(const rt_filler *to, rt_codec *codec, const rt_whence *whence, rt_fault *fault) CB_MUST_USE;

void rt_rows_seen(const rt_staged *staged, rt_seen *out);
/* 1 if the row is one of its stream, which is found out of it where it was not said. Begins it. */
int rt_rows_begin(rt_router *router, const rt_staged *staged);
/* What becomes of one row: counted `times` for each detection that would want it. `keep`, the finds of its stage: there they are
 * found again, as long as there are not too many. */
cep_status rt_rows_look(rt_router *router, const rt_stats *stats, rt_staged *staged, rt_finds *keep, rt_wanted *out) CB_MUST_USE;
/* The same of the plain rows of a stage, which are many: those that are wanted are staged; `counts` gets how many records were what. */
cep_status rt_rows_look_plain(const rt_filler *to, rt_router *router, const rt_stats *stats, rt_input *const *inputs, uint32_t stream,
                              uint64_t counts[RT_WANTED + 1]) CB_MUST_USE;
/* Takes back what was counted of a row that was looked at. */
cep_status rt_rows_unlook(rt_router *router, const rt_stats *stats, const rt_staged *staged) CB_MUST_USE;

#endif
