/*
 * table.h - bytes of a file to the rows of a table.
 *
 * Contract
 *   Records are cut, decoded and judged as those of an input of the table's format. One that
 *   cannot be read is given to `refused` with its place (byte offset) and is not in the table; the
 *   others are. A UTF-8 byte order mark at the start is passed over, empty lines are no records.
 *   CEP_E_LIMIT: more rows or bytes than the limits allow; CEP_E_NOMEM. Then there is no table,
 *   and `err` says why. The result is sealed, with one reference.
 */
#ifndef RT_TABLE_H
#define RT_TABLE_H

#include "nfa/table.h"

typedef struct rt_table_options {
  cep_allocator hook; /* resize NULL: malloc */
  nfa_table_limits limits;
  size_t record_max;
  size_t json_depth;
  cep_refused_fn refused; /* NULL: nowhere */
  void *refused_ctx;
} rt_table_options;

cep_status rt_table_read(const rt_table_options *options, const prg *program, uint32_t table, const void *data, size_t len,
                         nfa_table **out, uint64_t *refused_out, cep_error *err) CB_MUST_USE;

#endif
