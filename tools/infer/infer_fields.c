/* infer_fields.c - what is known of each field: how often, of which types, which values, which times. */
#include <string.h>

#include "cep/base/num.h"
#include "cep/base/utf8.h"
#include "tools/infer/infer_parts.h"

/* ---- The table ---------------------------------------------------------------------------------- */

static uint64_t hash_of(const char *text, size_t len)
{
  uint64_t hash = UINT64_C(14695981039346656037);
  for (size_t i = 0; i < len; i++) hash = (hash ^ (unsigned char)text[i]) * UINT64_C(1099511628211);
  return hash ^ hash >> 32;
}

static uint32_t *slot_of(const infer *self, const char *path, size_t len, uint64_t hash)
{
  uint32_t mask = self->index.count - 1;
  for (uint32_t i = (uint32_t)hash & mask;; i = (i + 1) & mask) {
    uint32_t *slot = &self->index.at[i];
    if (*slot == 0) return slot;
    const infer_field *field = self->fields.at[*slot - 1];
    if (field->hash == hash && field->path_len == len && memcmp(field->path, path, len) == 0) return slot;
  }
}

/* Twice as many slots as there may be fields, at once: they are few. */
static int make_index(infer *self)
{
  if (self->index.count > 0) return 1;
  uint32_t count = 1;
  while (count < 2 * INFER_FIELDS_MAX) count *= 2;
  if (!cb_vec_reserve(&self->alloc, &self->index, count)) return 0;
  memset(self->index.at, 0, count * sizeof *self->index.at);
  self->index.count = count;
  return 1;
}

infer_field *infer_field_find(infer *self, const char *path, size_t len)
{
  if (!make_index(self)) {
    self->has_failed = 1;
    return NULL;
  }
  uint64_t hash = hash_of(path, len);
  uint32_t *slot = slot_of(self, path, len, hash);
  if (*slot) return self->fields.at[*slot - 1];
  if (self->fields.count == INFER_FIELDS_MAX || len == 0 || len > 255 || memchr(path, 0, len)) {
    self->lost_fields++;
    return NULL;
  }
  infer_field *field = cb_arena_take(&self->arena, sizeof *field);
  const char *copy = cb_arena_text(&self->arena, path, len);
  if (!field || !copy || !cb_vec_push(&self->alloc, &self->fields, field)) {
    self->has_failed = 1;
    return NULL;
  }
  field->path = copy;
  field->path_len = len;
  field->hash = hash;
  *slot = self->fields.count;
  return field;
}

/* ---- Values ------------------------------------------------------------------------------------- */

static void see_value(infer *self, infer_field *field, infer_text text, int is_text)
{
  for (uint32_t i = 0; i < field->value_count; i++) {
    infer_value *value = &field->values[i];
    if (value->len != text.len || value->is_text != is_text || memcmp(value->text, text.at, text.len) != 0) continue;
    value->count++;
    return;
  }
  if (field->has_more_values) return;
  if (field->value_count == INFER_VALUES_MAX || text.len > INFER_VALUE_LEN) {
    field->has_more_values = 1;
    if (field->value_count > 0) return;
    while (text.len > INFER_VALUE_LEN || (text.len > 0 && !cb_utf8_valid(text.at, text.len))) text.len--;
  }
  const char *copy = cb_arena_text(&self->arena, text.at, text.len);
  if (copy) field->values[field->value_count++] = (infer_value){copy, text.len, is_text, 1};
}

/* A clock is large: a field gets one when a value is like a time, or never when the first ones are not. */
static void see_time(infer *self, infer_field *field, infer_text text, int is_number)
{
  if (!field->clock) {
    if (field->clockless >= 20 || text.len < 9 || text.len > 64) {
      field->clockless++;
      return;
    }
    infer_clock probe = {0};
    infer_clock_see(&probe, text, is_number);
    if (infer_clock_form(&probe) == CEP_NONE) {
      field->clockless++;
      return;
    }
    field->clock = cb_arena_take(&self->arena, sizeof *field->clock);
    if (!field->clock) return;
  }
  infer_clock_see(field->clock, text, is_number);
}

static void see_text(infer_field *field, infer_text text)
{
  uint64_t before = field->types[INFER_TEXT] - field->empty - 1;
  for (int as = 0; as < INFER_AS_COUNT; as++)
    if (field->as[as] == before && infer_text_is((infer_as)as, text)) field->as[as]++;
}

void infer_field_see(infer *self, infer_field *field, infer_type type, infer_text text)
{
  if (field->last == self->records + 1) return; /* of a name that comes again the first counts */
  field->last = self->records + 1;
  field->records++;
  field->types[type]++;
  if (type == INFER_TEXT && text.len == 0) field->empty++;
  if (type == INFER_NULL || type == INFER_ARRAY || type == INFER_OBJECT || text.len == 0) return;
  if (type == INFER_TEXT) see_text(field, text);
  if (type != INFER_BOOL) see_time(self, field, text, type != INFER_TEXT);
  see_value(self, field, text, type == INFER_TEXT);
}

/* ---- What they mean ----------------------------------------------------------------------------- */

/* All texts that are not empty can be read so. */
static int are_all(const infer_field *field, infer_as as)
{
  uint64_t texts = field->types[INFER_TEXT] - field->empty;
  return texts > 0 && field->as[as] == texts;
}

static cep_kind kind_of_texts(const infer *self, const infer_field *field)
{
  int is_json = self->format == INFER_JSON; /* there a number is no text, and an empty text is no address */
  if (is_json && field->empty > 0) return CEP_STRING;
  if (!is_json && are_all(field, INFER_AS_BOOL)) return CEP_BOOL;
  if (!is_json && are_all(field, INFER_AS_INT)) return CEP_INT;
  if (!is_json && are_all(field, INFER_AS_FLOAT)) return CEP_FLOAT;
  if (are_all(field, INFER_AS_IP)) return CEP_IP;
  if (are_all(field, INFER_AS_TIME)) return CEP_TIME;
  if (are_all(field, INFER_AS_DURATION)) return CEP_DURATION;
  return CEP_STRING;
}

cep_kind infer_field_kind(const infer *self, const infer_field *field)
{
  const uint64_t *types = field->types;
  uint64_t numbers = types[INFER_INT] + types[INFER_FLOAT];
  if (types[INFER_TEXT] > 0 && types[INFER_TEXT] >= numbers && types[INFER_TEXT] >= types[INFER_BOOL])
    return kind_of_texts(self, field);
  if (numbers > 0 && numbers >= types[INFER_BOOL]) return types[INFER_FLOAT] ? CEP_FLOAT : CEP_INT;
  return types[INFER_BOOL] ? CEP_BOOL : CEP_NULL;
}

uint64_t infer_field_misfits(const infer *self, const infer_field *field, cep_kind kind)
{
  uint64_t fit = 0;
  const uint64_t *types = field->types;
  switch (kind) {
  case CEP_NULL: break;
  case CEP_BOOL: fit = types[INFER_BOOL]; break;
  case CEP_INT: fit = types[INFER_INT]; break;
  case CEP_FLOAT: fit = types[INFER_INT] + types[INFER_FLOAT]; break;
  case CEP_STRING:
  case CEP_TIME:
  case CEP_DURATION:
  case CEP_IP: fit = types[INFER_TEXT]; break;
  }
  if (self->format != INFER_JSON) fit = types[INFER_TEXT];
  return field->records - types[INFER_NULL] - fit;
}

/* ---- The time ----------------------------------------------------------------------------------- */

/* How much a name sounds like the time of an event; less is better. */
static unsigned rank_of_name(const infer_field *field)
{
  static const char *const best[] = {"eventtime", "eventtimestamp", "timestamp", "ts", "time", "datetime", "timegenerated", "date", "t", "when"};
  static const char *const others[] = {"receiv", "ingest", "index", "process", "collect", "updat", "modif", "expir", "creat", "start", "end", "birth", "prev"};
  char plain[INFER_NAME_MAX];
  size_t len = 0;
  for (size_t i = 0; i < field->path_len; i++) {
    char c = infer_lower(field->path[i]);
    if (c == '.') len = 0;
    if ((infer_is_letter(c) || infer_is_digit(c)) && len + 1 < sizeof plain) plain[len++] = c;
  }
  plain[len] = 0;
  infer_text text = {plain, len};
  for (size_t i = 0; i < sizeof best / sizeof *best; i++)
    if (strcmp(plain, best[i]) == 0) return i < 2 ? 0 : 1;
  int is_like = infer_has_word(text, "time") || infer_has_word(text, "date") || infer_has_word(text, "epoch") ||
                (len > 2 && strcmp(plain + len - 2, "ts") == 0) || (len > 2 && strcmp(plain + len - 2, "at") == 0);
  unsigned rank = is_like ? 2 : 4;
  for (size_t i = 0; i < sizeof others / sizeof *others; i++)
    if (infer_has_word(text, others[i])) return rank + 1;
  return rank;
}

int infer_is_like_time(const infer_field *field)
{
  uint32_t form = field->clock ? infer_clock_form(field->clock) : CEP_NONE;
  if (form == CEP_NONE || !cb_utf8_valid(field->path, field->path_len)) return 0;
  return form < INFER_FORM_S || form > INFER_FORM_NS || rank_of_name(field) <= 3;
}

/* A record without a time is refused: the share comes first, then the name, then the order. */
static uint64_t badness(const infer *self, const infer_field *field)
{
  if (!infer_is_like_time(field)) return UINT64_MAX;
  const infer_ticks *ticks = &field->clock->ticks[infer_clock_form(field->clock)];
  unsigned rank = rank_of_name(field);
  uint64_t missing = (self->records - ticks->hits) * 100 / (self->records ? self->records : 1);
  if (missing > 50) return UINT64_MAX;
  uint64_t behind = ticks->behind * 1000 / ticks->hits;
  uint64_t nested = 0;
  for (size_t i = 0; i < field->path_len; i++) nested += field->path[i] == '.';
  return missing << 32 | (uint64_t)rank << 24 | nested << 16 | behind;
}

infer_field *infer_time_field(const infer *self)
{
  infer_field *best = NULL;
  uint64_t least = UINT64_MAX;
  for (uint32_t i = 0; i < self->fields.count; i++) {
    infer_field *field = self->fields.at[i];
    uint64_t bad = badness(self, field);
    if (bad >= least) continue;
    least = bad;
    best = field;
  }
  return best;
}
