/* table.c - rows in one array, their texts in another, and sets of row numbers over them. */
#include "nfa/table.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "nfa/opcode.h"

/* `as of`: a row, or rows of one value, and when it counts: in [from, until). */
typedef struct stretch {
  uint32_t row;
  uint32_t end;   /* behind the last one of its key or value */
  cep_time from;
  cep_time until;
} stretch;

/* Row numbers by the hash of one field, as index + 1; 0: free. Open addressing. `as of`: indices of
 * stretches instead, of the first one of each key or value. */
typedef struct row_set {
  uint32_t *slots;
  uint32_t capacity; /* a power of two; 0: there is no set */
  stretch *stretches; /* of each key or value one behind the other, rising */
  uint32_t stretch_count;
  uint32_t stretch_room;
} row_set;

struct nfa_table {
  cb_alloc alloc;
  nfa_table_limits limits;
  uint32_t fields;
  uint32_t key;
  uint32_t as_of;    /* field; PRG_NONE */
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
  cb_free(&table->alloc, set->stretches, set->stretch_room * sizeof *set->stretches);
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
  made->as_of = program->tables[table].as_of;
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
    if (*slot == 0) return slot;
    uint32_t row = set->stretch_count > 0 ? set->stretches[*slot - 1].row : *slot - 1;
    if (cb_value_compare(cell_at(table, row, field), value) == CB_EQUAL) return slot;
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

static int is_sought(const cep_value *value)
{
  return value->kind != CEP_NULL && (value->kind != CEP_FLOAT || value->as.f == value->as.f);
}

static cep_status index_values(nfa_table *table, uint32_t field)
{
  row_set *set = &table->values[field];
  cep_status status = make_set(table, set);
  for (uint32_t i = 0; status == CEP_OK && i < table->keys.capacity; i++) {
    if (table->keys.slots[i] == 0) continue;
    uint32_t row = table->keys.slots[i] - 1;
    const cep_value *value = cell_at(table, row, field);
    if (is_sought(value)) *slot_of(table, set, field, value) = row + 1;
  }
  return status;
}

/* ---- As of a time ------------------------------------------------------------------------ */

/* While a set is made `end` names the slot that stands for the key or value. */
static int compare_stretches(const void *a_void, const void *b_void)
{
  const stretch *a = a_void, *b = b_void;
  if (a->end != b->end) return a->end < b->end ? -1 : 1;
  if (a->from != b->from) return a->from < b->from ? -1 : 1;
  return (a->row > b->row) - (a->row < b->row);
}

static cep_status make_stretches(nfa_table *table, row_set *set, uint32_t room)
{
  cep_status status = make_set(table, set);
  if (status < 0 || room == 0) return status;
  if (!may_hold(table, room * sizeof *set->stretches)) return CEP_E_LIMIT;
  set->stretches = cb_new(&table->alloc, room * sizeof *set->stretches);
  if (!set->stretches) return CEP_E_NOMEM;
  set->stretch_room = room;
  return CEP_OK;
}

/* Each slot to its first stretch, and each stretch to the end of its own ones. They are in order. */
static void link_stretches(row_set *set, uint32_t count)
{
  for (uint32_t first = 0, i; first < count; first = i) {
    uint32_t slot = set->stretches[first].end;
    for (i = first; i < count && set->stretches[i].end == slot; i++) {}
    for (uint32_t k = first; k < i; k++) set->stretches[k].end = i;
    set->slots[slot] = first + 1;
  }
  set->stretch_count = count;
}

static void add_stretch(const nfa_table *table, row_set *set, uint32_t *count, uint32_t field, const stretch *of)
{
  uint32_t *slot = slot_of(table, set, field, cell_at(table, of->row, field));
  if (*slot == 0) *slot = of->row + 1;
  set->stretches[*count] = *of;
  set->stretches[(*count)++].end = (uint32_t)(slot - set->slots);
}

/* Of each key its rows by time; of those with one time the last. */
static cep_status index_keys_by_time(nfa_table *table)
{
  row_set *set = &table->keys;
  cep_status status = make_stretches(table, set, table->row_count);
  if (status < 0 || table->row_count == 0) return status;
  uint32_t count = 0, kept = 0;
  for (uint32_t row = 0; row < table->row_count; row++) {
    const cep_value *from = cell_at(table, row, table->as_of);
    stretch one = {.row = row, .from = from->kind == CEP_TIME ? from->as.i : CEP_TIME_MIN, .until = CEP_TIME_MAX};
    add_stretch(table, set, &count, table->key, &one);
  }
  qsort(set->stretches, count, sizeof *set->stretches, compare_stretches);
  for (uint32_t i = 0; i < count; i++) {
    stretch *at = &set->stretches[i], *before = kept > 0 ? &set->stretches[kept - 1] : NULL;
    int is_same_key = before && before->end == at->end;
    if (!is_same_key) table->key_count++;
    if (is_same_key && before->from == at->from) kept--;
    else if (is_same_key) before->until = at->from;
    set->stretches[kept++] = *at;
  }
  link_stretches(set, kept);
  return CEP_OK;
}

/* Of each value when some row has it. */
static cep_status index_values_by_time(nfa_table *table, uint32_t field)
{
  const row_set *keys = &table->keys;
  row_set *set = &table->values[field];
  cep_status status = make_stretches(table, set, keys->stretch_count);
  if (status < 0 || keys->stretch_count == 0) return status;
  uint32_t count = 0, kept = 0;
  for (uint32_t i = 0; i < keys->stretch_count; i++) {
    if (is_sought(cell_at(table, keys->stretches[i].row, field))) add_stretch(table, set, &count, field, &keys->stretches[i]);
  }
  if (count > 1) qsort(set->stretches, count, sizeof *set->stretches, compare_stretches);
  for (uint32_t i = 0; i < count; i++) {
    stretch *at = &set->stretches[i], *before = kept > 0 ? &set->stretches[kept - 1] : NULL;
    if (before && before->end == at->end && at->from <= before->until) {
      if (at->until > before->until) before->until = at->until;
    } else {
      set->stretches[kept++] = *at;
    }
  }
  link_stretches(set, kept);
  return CEP_OK;
}

/* The stretch of a slot that has begun by `now` and goes on; NULL: none. */
static const stretch *stretch_at(const row_set *set, uint32_t slot, cep_time now)
{
  uint32_t low = slot - 1, high = set->stretches[low].end;
  while (low < high) { /* the first that has not begun */
    uint32_t middle = low + (high - low) / 2;
    if (set->stretches[middle].from <= now) low = middle + 1;
    else high = middle;
  }
  if (low == slot - 1) return NULL;
  const stretch *found = &set->stretches[low - 1];
  return now < found->until ? found : NULL;
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
  int by_time = table->as_of != PRG_NONE;
  cep_status status = by_time ? index_keys_by_time(table) : index_keys(table);
  for (uint32_t f = 0; status == CEP_OK && f < table->fields; f++) {
    if (table->is_asked[f]) status = by_time ? index_values_by_time(table, f) : index_values(table, f);
  }
  return status;
}

/* ---- Asking -------------------------------------------------------------------------------- */

int nfa_table_has(const nfa_table *table, uint32_t field, const cep_value *value, cep_time now)
{
  CB_ASSERT(field < table->fields);
  const row_set *set = &table->values[field];
  CB_ASSERT(set->capacity > 0);
  if (value->kind == CEP_FLOAT && value->as.f != value->as.f) return 0;
  uint32_t slot = *slot_of(table, set, field, value);
  return slot != 0 && (table->as_of == PRG_NONE || stretch_at(set, slot, now) != NULL);
}

cep_value nfa_table_get(const nfa_table *table, const cep_value *key, uint32_t field, cep_time now)
{
  CB_ASSERT(field < table->fields);
  uint32_t slot = *slot_of(table, &table->keys, table->key, key);
  if (slot == 0) return cb_null();
  if (table->as_of == PRG_NONE) return *cell_at(table, slot - 1, field);
  const stretch *found = stretch_at(&table->keys, slot, now);
  return found ? *cell_at(table, found->row, field) : cb_null();
}

uint64_t nfa_table_rows(const nfa_table *table)
{
  return table->key_count;
}

size_t nfa_table_bytes(const nfa_table *table)
{
  return table->alloc.bytes_in_use;
}
