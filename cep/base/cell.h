/*
 * cell.h - an event that is held or captured.
 *
 *   +------+----------+-------+--------+------+---------+--------------+-------+
 *   | time | position | input | layout | refs | present | word 0..n-1  | bytes |
 *   +------+----------+-------+--------+------+---------+--------------+-------+
 *
 * Contract
 *   A cell keeps only the columns of its layout; words are as in a batch, with offsets
 *   into the cell's own bytes. Lives in a cb_slab, is counted by references, and goes back
 *   to the slab with the last one. A layout with no columns keeps identity and time only.
 *   At most CB_CELL_COLUMNS_MAX columns.
 */
#ifndef CB_CELL_H
#define CB_CELL_H

#include "cep/base/batch.h"
#include "cep/base/slab.h"

#define CB_CELL_COLUMNS_MAX 1024u

/* Borrowed from the program image: the columns of `stream` that a cell keeps, ascending. */
typedef struct cb_layout {
  uint32_t id;
  uint32_t stream;
  uint32_t count;
  const uint32_t *columns;
  const uint8_t *kinds; /* of the kept columns */
} cb_layout;

typedef struct cb_cell {
  cep_time time;
  uint64_t position;
  uint32_t input;
  uint32_t layout;
  uint32_t refs;
  uint32_t bytes_len;
  /* uint64_t present[(count + 63) / 64]; uint64_t words[count]; char bytes[bytes_len]; */
} cb_cell;

/* One reference. CB_SLAB_NONE: memory refused. */
cb_slab_id cb_cell_from_row(cb_slab *slab, const cb_layout *layout, const cb_batch *batch, uint32_t row);
/* A cell of identity and time: the columns are null. */
cb_slab_id cb_cell_of_identity(cb_slab *slab, const cb_layout *layout, cep_time time, uint32_t input, uint64_t position);
void cb_cell_ref(cb_slab *slab, cb_slab_id cell);
void cb_cell_unref(cb_slab *slab, cb_slab_id cell);
/* The value of kept column number `kept` (index into layout->columns). */
cep_value cb_cell_get(const cb_cell *cell, const cb_layout *layout, uint32_t kept);
/* Memory of a cell of the layout without strings and addresses. */
size_t cb_cell_bytes(const cb_layout *layout);
/* The index of `column` in the layout, or CEP_NONE. O(log count). */
uint32_t cb_layout_find(const cb_layout *layout, uint32_t column);
/* Appends the cell as a row; columns outside the layout are null. The layout's stream is the batch's. */
cep_status cb_cell_to_row(const cb_cell *cell, const cb_layout *layout, cb_batch *batch) CB_MUST_USE;
/* Self-contained bytes (without input, layout and references, which the caller names) and back. */
void cb_cell_write(cb_writer *writer, const cb_cell *cell, const cb_layout *layout);
/* CB_SLAB_NONE with reader->status set: CEP_E_CORRUPT or CEP_E_NOMEM. */
cb_slab_id cb_cell_read(cb_slab *slab, cb_reader *reader, const cb_layout *layout, uint32_t input);

#endif
