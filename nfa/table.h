/*
 * table.h - the rows of a table of the rules, found by key and by value.
 *
 *   nfa_table_new --add, add, …--> seal --> has, get; ref, unref
 *
 * Contract
 *   Rows are copied in, in the order of the fields of the declaration, whole. Of rows with one
 *   key the last counts; of a table `as of` a time, each from its time on until the next one of its
 *   key, and of those with one time the last. Before the seal only `add` may be called, after it nothing changes:
 *   share it between threads; references are atomic.
 *   Memory comes from `hook` (resize NULL: malloc) and is counted for this table alone.
 *   CEP_E_LIMIT: more than rows_max rows were added, or more than bytes_max are needed; the table
 *   can then only be given up. CEP_E_NOMEM.
 *   What `get` gives borrows from the table. A set of values is made for each field that code of
 *   the program asks with `in`; has() may be called for those only.
 */
#ifndef NFA_TABLE_H
#define NFA_TABLE_H

#include "nfa/program.h"

typedef struct nfa_table nfa_table;

/* One for each table of a program, of the engine that runs it. */
typedef struct nfa_table_slot {
  nfa_table *rows;  /* NULL: none were handed in yet */
  uint64_t unread;  /* looked into while there were none */
} nfa_table_slot;

typedef struct nfa_table_limits {
  uint64_t rows_max;
  size_t bytes_max;
} nfa_table_limits;

/* `table`: index in the program, which is not kept. */
cep_status nfa_table_new(const cep_allocator *hook, const nfa_table_limits *limits, const prg *program, uint32_t table,
                         nfa_table **out) CB_MUST_USE;
/* A value for each field; that of the key is not null. */
cep_status nfa_table_add(nfa_table *table, const cep_value *row) CB_MUST_USE;
cep_status nfa_table_seal(nfa_table *table) CB_MUST_USE;
void nfa_table_ref(nfa_table *table);
void nfa_table_unref(nfa_table *table); /* NULL is fine */

/* 1 if some row that counts at `now` equals `value` in that field. O(log rows of the value), else O(1). */
int nfa_table_has(const nfa_table *table, uint32_t field, const cep_value *value, cep_time now);
/* The field of the row of that key that counts at `now`; null if there is none. */
cep_value nfa_table_get(const nfa_table *table, const cep_value *key, uint32_t field, cep_time now);
/* Different keys; bytes held. */
uint64_t nfa_table_rows(const nfa_table *table);
size_t nfa_table_bytes(const nfa_table *table);

#endif
