/* table.c - rows in one array, their texts in another, and sets of row numbers over them. */
#include "nfa/table.h"

#include <stdatomic.h>
#include <string.h>

#include "nfa/opcode.h"

/* Row numbers by the hash of one field, as index + 1; 0: free. Open addressing. */
typedef struct row_set {
  uint32_t *slots;
  uint32_t capacity; /* a power of two; 0: there is no set */
} row_set;

struct nfa_table {
  cb_alloc alloc;
  nfa_table_limits limits;
  uint32_t fields;
  uint32_t key;
  cep_value *cells;  /* row r, field f at r * fields + f. Until the seal texts are offsets */
  uint32_t row_count;
  uint32_t row_capacity;
  char *texts;
  size_t text_count;
  size_t text_capacity;
  uint32_t key_count;
  row_set keys;
  row_set *values;   /* by field */
  uint8_t *is_asked; /* by field: some code asks `in` */
  _Atomic uint32_t refs;
};

/* ---- Making -------------------------------------------------------------------------- */

/* The fields that code asks with `in`. */
static void find_asked(const prg *program, uint32_t table, uint8_t *is_asked)
{
  for (uint32_t i = 0; i < program->exprs_count; i++) {
    const uint32_t *at = program->code + program->exprs[i].code.first, *end = at + program->exprs[i].code.count;
    for (; at < end; at += nfa_op_length(at, end)) {
      if (at[0] == NFA_OP_IN_TABLE && at[1] == table) is_asked[at[2]] = 1;
    }
  }
}

static void free_set(nfa_table *table, row_set *set)
{
  cb_free(&table->alloc, set->slots, set->capacity * sizeof *set->slots);
}

static void free_table(nfa_table *table)
{
  for (uint32_t f = 0; table->values && f < table->fields; f++) free_set(table, &table->values[f]);
  free_set(table, &table->keys);
  cb_free(&table->alloc, table->values, table->fields * sizeof *table->values);
  cb_free(&table->alloc, table->is_asked, table->fields);
  cb_free(&table->alloc, table->cells, (size_t)table->row_capacity * table->fields * sizeof *table->cells);
  cb_free(&table->alloc, table->texts, table->text_capacity);
  cb_alloc alloc = table->alloc; /* the table lies in its own memory */
  cb_free(&alloc, table, sizeof *table);
  CB_ASSERT(alloc.bytes_in_use == 0);
}

cep_status nfa_table_new(const cep_allocator *hook, const nfa_table_limits *limits, const prg *program, uint32_t table,
                         nfa_table **out)
{
  CB_ASSERT(table < program->tables_count);
  cb_alloc alloc;
  cb_alloc_init(&alloc, hook && hook->resize ? hook : NULL, 0);
  nfa_table *made = cb_new0(&alloc, sizeof *made);
  if (!made) return CEP_E_NOMEM;
  made->alloc = alloc;
  made->limits = *limits;
  made->fields = program->tables[table].fields.count;
  made->key = program->tables[table].key;
  atomic_init(&made->refs, 1);
  made->values = cb_new0(&made->alloc, made->fields * sizeof *made->values);
  made->is_asked = cb_new0(&made->alloc, made->fields);
  if (!made->values || !made->is_asked) {
    free_table(made);
    return CEP_E_NOMEM;
  }
  find_asked(program, table, made->is_asked);
  *out = made;
  return CEP_OK;
}

void nfa_table_ref(nfa_table *table)
{
  atomic_fetch_add_explicit(&table->refs, 1, memory_order_relaxed);
}

void nfa_table_unref(nfa_table *table)
{
  if (!table) return;
  uint32_t before = atomic_fetch_sub_explicit(&table->refs, 1, memory_order_acq_rel);
  CB_ASSERT(before > 0);
  if (before == 1) free_table(table);
}

/* ---- Rows ------------------------------------------------------------------------------ */

/* 1 if `more` bytes may be held beside what is. */
static int may_hold(const nfa_table *table, size_t more)
{
  return more <= table->limits.bytes_max && table->alloc.bytes_in_use <= table->limits.bytes_max - more;
}

/* Doubles an array of `*capacity` items of `size` bytes until `needed` are in it. */
static cep_status grow(nfa_table *table, void **array, size_t *capacity, size_t needed, size_t size)
{
  size_t more = *capacity > 0 ? *capacity : 64;
  while (more < needed) more *= 2;
  if (!may_hold(table, (more - *capacity) * size)) {
    more = needed; /* the last that fits may be less than double */
    if (!may_hold(table, (more - *capacity) * size)) return CEP_E_LIMIT;
  }
  void *grown = cb_resize(&table->alloc, *array, *capacity * size, more * size);
  if (!grown) return CEP_E_NOMEM;
  *array = grown;
  *capacity = more;
  return CEP_OK;
}

static int has_text(const cep_value *value)
{
  return value->kind == CEP_STRING || value->kind == CEP_IP;
}

static cep_status reserve(nfa_table *table, const cep_value *row)
{
  if (table->row_count >= table->limits.rows_max || table->row_count == UINT32_MAX / 4) return CEP_E_LIMIT;
  if (table->row_count == table->row_capacity) {
    size_t capacity = table->row_capacity;
    void *cells = table->cells;
    cep_status status = grow(table, &cells, &capacity, capacity + 1, table->fields * sizeof *table->cells);
    if (status < 0) return status;
    table->cells = cells;
    table->row_capacity = (uint32_t)capacity;
  }
  size_t bytes = 0;
  for (uint32_t f = 0; f < table->fields; f++) bytes += has_text(&row[f]) ? row[f].length : 0;
  if (bytes <= table->text_capacity - table->text_count) return CEP_OK;
  void *texts = table->texts;
  cep_status status = grow(table, &texts, &table->text_capacity, table->text_count + bytes, 1);
  table->texts = texts;
  return status;
}

cep_status nfa_table_add(nfa_table *table, const cep_value *row)
{
  CB_ASSERT(row[table->key].kind != CEP_NULL);
  cep_status status = reserve(table, row);
  if (status < 0) return status;
  cep_value *cells = table->cells + (size_t)table->row_count * table->fields;
  for (uint32_t f = 0; f < table->fields; f++) {
    cells[f] = row[f];
    if (!has_text(&row[f])) continue;
    if (row[f].length > 0) memcpy(table->texts + table->text_count, row[f].as.s, row[f].length);
    cells[f].as.i = (int64_t)table->text_count;
    table->text_count += row[f].length;
  }
  table->row_count++;
  return CEP_OK;
}

/* ---- Sets -------------------------------------------------------------------------------- */

static const cep_value *cell_at(const nfa_table *table, uint32_t row, uint32_t field)
{
  return &table->cells[(size_t)row * table->fields + field];
}

/* Equal values have equal hashes: the two zeros are one, and all that is not a number is alike. */
static uint64_t hash_of(const cep_value *value)
{
  if (has_text(value)) return cb_hash64(value->length > 0 ? value->as.s : "", value->length);
  double zero = 0;
  if (value->kind == CEP_FLOAT && value->as.f == 0) return cb_hash64(&zero, sizeof zero);
  return cb_hash64(&value->as, sizeof value->as);
}

/* The slot of the row that equals `value`, or the free one where it would stand. */
static uint32_t *slot_of(const nfa_table *table, const row_set *set, uint32_t field, const cep_value *value)
{
  for (uint32_t at = (uint32_t)hash_of(value) & (set->capacity - 1);; at = (at + 1) & (set->capacity - 1)) {
    uint32_t *slot = &set->slots[at];
    if (*slot == 0 || cb_value_compare(cell_at(table, *slot - 1, field), value) == CB_EQUAL) return slot;
  }
}

static cep_status make_set(nfa_table *table, row_set *set)
{
  uint32_t capacity = 16;
  while (capacity / 2 < table->row_count) capacity *= 2;
  if (!may_hold(table, capacity * sizeof *set->slots)) return CEP_E_LIMIT;
  set->slots = cb_new0(&table->alloc, capacity * sizeof *set->slots);
  if (!set->slots) return CEP_E_NOMEM;
  set->capacity = capacity;
  return CEP_OK;
}

/* A later row takes the place of an earlier one of its key. */
static cep_status index_keys(nfa_table *table)
{
  cep_status status = make_set(table, &table->keys);
  for (uint32_t row = 0; status == CEP_OK && row < table->row_count; row++) {
    uint32_t *slot = slot_of(table, &table->keys, table->key, cell_at(table, row, table->key));
    if (*slot == 0) table->key_count++;
    *slot = row + 1;
  }
  return status;
}

static cep_status index_values(nfa_table *table, uint32_t field)
{
  row_set *set = &table->values[field];
  cep_status status = make_set(table, set);
  for (uint32_t i = 0; status == CEP_OK && i < table->keys.capacity; i++) {
    if (table->keys.slots[i] == 0) continue;
    uint32_t row = table->keys.slots[i] - 1;
    const cep_value *value = cell_at(table, row, field);
    int is_sought = value->kind != CEP_NULL && (value->kind != CEP_FLOAT || value->as.f == value->as.f);
    if (is_sought) *slot_of(table, set, field, value) = row + 1;
  }
  return status;
}

cep_status nfa_table_seal(nfa_table *table)
{
  size_t count = (size_t)table->row_count * table->fields;
  for (size_t i = 0; i < count; i++) {
    cep_value *cell = &table->cells[i];
    if (!has_text(cell)) continue;
    /* Empty texts may stand where no bytes were ever kept. */
    cell->as.s = table->texts ? table->texts + cell->as.i : "";
  }
  cep_status status = index_keys(table);
  for (uint32_t f = 0; status == CEP_OK && f < table->fields; f++) {
    if (table->is_asked[f]) status = index_values(table, f);
  }
  return status;
}

/* ---- Asking -------------------------------------------------------------------------------- */

int nfa_table_has(const nfa_table *table, uint32_t field, const cep_value *value)
{
  CB_ASSERT(field < table->fields);
  const row_set *set = &table->values[field];
  CB_ASSERT(set->capacity > 0);
  if (value->kind == CEP_FLOAT && value->as.f != value->as.f) return 0;
  return *slot_of(table, set, field, value) != 0;
}

cep_value nfa_table_get(const nfa_table *table, const cep_value *key, uint32_t field)
{
  CB_ASSERT(field < table->fields);
  uint32_t row = *slot_of(table, &table->keys, table->key, key);
  return row == 0 ? cb_null() : *cell_at(table, row - 1, field);
}

uint64_t nfa_table_rows(const nfa_table *table)
{
  return table->key_count;
}

size_t nfa_table_bytes(const nfa_table *table)
{
  return table->alloc.bytes_in_use;
}
