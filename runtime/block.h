/*
 * block.h - records that are decoded apart from the engine that takes them.
 *
 *   owner: rt_block_add, add, ... --> any thread: rt_block_decode --> owner: judges record by record, in order
 *
 * Contract
 *   A block copies the records; it has its own memory, and one owner at a time. Decoding needs nothing of the engine but
 *   what never changes, so it can be done by any thread with a decoder that it has for itself: it gives each
 *   record its time, or why it has none, its rows, and what they are to the detections, counted in the block. Whether a record is late
 *   is for the owner to find out, who takes the rows of a late one back (rt_block_drop).
 *   Only for inputs of which each record can be read alone (rt_block_may): not where it takes other records to
 *   know what a column is called, or in which year it was.
 *   Errors: CEP_E_NOMEM.
 */
#ifndef RT_BLOCK_H
#define RT_BLOCK_H

#include "runtime/rows.h"
#include "runtime/stats.h"

#define RT_BLOCK_BYTES ((size_t)512 * 1024) /* a block with more is full */

typedef enum rt_verdict {
  RT_VERDICT_DEAD,    /* refused; a fault tells why */
  RT_VERDICT_NONE,    /* of no stream, and so without a time */
  RT_VERDICT_TIMED,   /* has a time, and rows if it fits a stream */
  RT_VERDICT_FAULTY   /* has a time; to be refused unless it is late */
} rt_verdict;

typedef struct rt_raw {
  rt_input *input;
  uint64_t position;
  size_t offset;      /* of its bytes */
  size_t len;
  rt_verdict verdict;
  cep_time time;
  uint32_t fault;     /* in `faults` */
  int has_rows;
  rt_wanted best;     /* of its rows */
  int is_dropped;     /* by rt_block_drop */
} rt_raw;

typedef struct rt_block {
  const prg *program;
  cb_alloc alloc;
  uint32_t records_max;
  cb_writer bytes;
  CB_VEC(rt_raw) raws;
  CB_VEC(rt_fault) faults;
  rt_stage *stages;   /* by stream */
  rt_touched touched;
  rt_staged_rows staged; /* all rows, in the order of their records; `record`: which, */
  CB_VEC(uint8_t) wanted; /* and what becomes of each (rt_wanted) */
  rt_stats stats;     /* what the rows are to streams and detections */
  cep_status status;  /* of decoding */
  int has_dropped;    /* some record was */
} rt_block;

/* What one thread decodes with. */
typedef struct rt_decoder {
  const prg *program;
  cb_alloc alloc;
  nfa_scratch scratch;
  rt_router router;
  rt_codec **codecs;  /* by declared input; made when needed */
  nfa_table_slot *tables;
  size_t record_max;
  size_t json_depth;
} rt_decoder;

typedef struct rt_decoding {
  const cep_allocator *hook;
  cb_budget *budget; /* of the engine that the records are for */
  int ask_all;
  uint32_t regex_match_limit;
  size_t regex_text_max;
  uint32_t records; /* of a block: with so many it is full */
  size_t record_max;
  size_t json_depth;
} rt_decoding;

/* 1 if each record of the input can be read alone. */
int rt_block_may(const prg *program, uint32_t declared);

cep_status rt_decoder_init(rt_decoder *decoder, const prg *program, const rt_decoding *with) CB_MUST_USE;
void rt_decoder_fini(rt_decoder *decoder); /* also of one that was only partly made */
/* Borrows the rows. Nobody may be decoding. */
void rt_decoder_table(rt_decoder *decoder, uint32_t table, nfa_table *rows);

cep_status rt_block_init(rt_block *block, const prg *program, const rt_decoding *with) CB_MUST_USE;
void rt_block_fini(rt_block *block);
void rt_block_clear(rt_block *block);
int rt_block_is_full(const rt_block *block);
cep_status rt_block_add(rt_block *block, rt_input *input, const char *record, size_t len, uint64_t position) CB_MUST_USE;
/* What it comes to is `block->status`. */
void rt_block_decode(rt_block *block, rt_decoder *decoder);
/* Nothing of the record's rows is counted any more. By the owner, with its own router. */
cep_status rt_block_drop(rt_block *block, rt_router *router, uint32_t record) CB_MUST_USE;

#endif
