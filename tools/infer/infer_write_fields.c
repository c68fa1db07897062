/* infer_write_fields.c - a stream of JSON, CSV or logfmt records as declarations. */
#include <string.h>

#include "cep/base/utf8.h"
#include "cep/base/value.h"
#include "tools/infer/infer_parts.h"

#define COMMENT_COLUMN 44
#define KINDS_MAX      12
#define EXAMPLE_LEN    24

/* ---- Which fields ------------------------------------------------------------------------------- */

/* In more records than the field that only just finds a place. Ties: the earlier one. */
static uint64_t share_needed(const infer *self)
{
  uint64_t least = 0, most = self->records;
  while (least < most) { /* the lowest share that at most DECLARED_MAX fields reach */
    uint64_t middle = least + (most - least) / 2;
    uint32_t count = 0;
    for (uint32_t i = 0; i < self->fields.count; i++) count += self->fields.at[i]->records >= middle;
    if (count <= INFER_DECLARED_MAX)
      most = middle;
    else
      least = middle + 1;
  }
  return least;
}

static int can_be_said(const infer_field *field)
{
  return cb_utf8_valid(field->path, field->path_len);
}

static void name_field(infer *self, infer_names *names, infer_field *field)
{
  char plain[INFER_NAME_MAX];
  infer_text path = {field->path, field->path_len};
  for (const char *dot; path.len >= INFER_NAME_MAX && (dot = memchr(path.at, '.', path.len)); path.at = dot + 1)
    path.len -= (size_t)(dot + 1 - path.at); /* the last names say more than the first */
  if (infer_identifier(path, plain) == 0) memcpy(plain, "field", 6);
  size_t len = strlen(plain);
  if (infer_is_reserved(plain) && len + 2 <= sizeof plain) memcpy(plain + len, "_", 2);
  field->name = infer_name_take(self, names, plain);
}

/* ---- One field ---------------------------------------------------------------------------------- */

static uint64_t value_count(const infer *self, const infer_field *field)
{
  uint64_t count = field->records - field->types[INFER_NULL];
  return self->format == INFER_JSON ? count : count - field->empty;
}

/* Whether a record of the sample has nothing that the declared type could hold. */
static int is_nullable(const infer *self, const infer_field *field, cep_kind kind)
{
  if (self->format == INFER_CSV && kind == CEP_STRING) return field->records < self->records;
  return value_count(self, field) < self->records;
}

static void write_percent(infer *self, uint64_t part)
{
  uint64_t percent = self->records ? part * 100 / self->records : 0;
  if (percent == 0)
    cb_write_text(&self->text, "below 1 %");
  else
    cb_write_printf(&self->text, "%llu %%", (unsigned long long)percent);
}

/* At most three, if there are no more; else the first. */
static void write_values(infer *self, const infer_field *field, int can_be_all)
{
  if (field->value_count == 0) return;
  int is_all = can_be_all && !field->has_more_values && field->value_count <= 3;
  cb_write_text(&self->text, is_all ? "" : "e.g. ");
  for (uint32_t i = 0; i < (is_all ? field->value_count : 1); i++) {
    const infer_value *value = &field->values[i];
    if (i > 0) cb_write_text(&self->text, ", ");
    cep_kind kind = infer_field_kind(self, field);
    int is_bare = kind == CEP_INT || kind == CEP_FLOAT || kind == CEP_BOOL;
    if (!is_bare || (self->format == INFER_JSON && value->is_text))
      infer_write_quoted(self, (infer_text){value->text, value->len}, EXAMPLE_LEN);
    else
      cb_write_bytes(&self->text, value->text, value->len);
  }
}

static void begin_comment(infer *self, size_t from)
{
  cb_write_u8(&self->text, ' ');
  while (self->text.len - from < COMMENT_COLUMN && self->text.status >= 0) cb_write_u8(&self->text, ' ');
  cb_write_text(&self->text, "// ");
}

static void write_remarks(infer *self, const infer_field *field, cep_kind kind)
{
  uint64_t count = value_count(self, field), misfits = infer_field_misfits(self, field, kind);
  if (count < self->records) {
    write_percent(self, count);
    cb_write_text(&self->text, "; ");
  }
  write_values(self, field, 1);
  if (misfits > 0) {
    cb_write_text(&self->text, "; ");
    infer_write_number(self, misfits);
    cb_write_text(&self->text, " are of another type: a rule that reads it refuses those records");
  }
  uint64_t texts = field->types[INFER_TEXT];
  if (self->format == INFER_JSON && kind == CEP_STRING && texts > 0 && field->as[INFER_AS_INT] == texts)
    cb_write_printf(&self->text, "; a number as text: int(%s)", field->name);
}

static void write_path(infer *self, const infer_field *field)
{
  if (strlen(field->name) == field->path_len && memcmp(field->name, field->path, field->path_len) == 0) return;
  cb_write_text(&self->text, " at ");
  infer_write_string(self, (infer_text){field->path, field->path_len});
}

static void write_field(infer *self, const infer_field *field)
{
  cep_kind kind = infer_field_kind(self, field);
  size_t from = self->text.len;
  cb_write_printf(&self->text, "    %s: %s%s", field->name, cb_kind_name(kind), is_nullable(self, field, kind) ? "?" : "");
  write_path(self, field);
  begin_comment(self, from);
  write_remarks(self, field, kind);
  cb_write_text(&self->text, "\n");
}

/* ---- The time ----------------------------------------------------------------------------------- */

static void write_form(infer *self, uint32_t form)
{
  if (form < INFER_FORM_TEXT)
    cb_write_text(&self->text, infer_form_words(form));
  else
    cb_write_printf(&self->text, " \"%s\"", infer_form_text(form));
}

static void write_time(infer *self, const infer_field *time, const infer_order *order)
{
  cb_writer *out = &self->text;
  if (!time) {
    cb_write_text(out, "    time ingestion\n");
    return;
  }
  size_t from = out->len;
  cb_write_printf(out, "    time %s", time->name);
  write_path(self, time);
  write_form(self, infer_clock_form(time->clock));
  infer_write_lateness(self, order);
  begin_comment(self, from);
  write_values(self, time, 0);
  cb_write_text(out, "\n");
}

static void write_time_remarks(infer *self, const infer_field *time)
{
  cb_writer *out = &self->text;
  if (!time) {
    cb_write_text(out, "// No field looks like the time of the event: the time is that of reading, which differs in each run.\n");
    return;
  }
  uint32_t form = infer_clock_form(time->clock), others = 0;
  if (!infer_form_has_year(form)) cb_write_text(out, "// The times have no year: say it behind the form (year 2026), or it is counted from 1970 on.\n");
  if (form >= INFER_FORM_TEXT && !infer_form_has_zone(form))
    cb_write_text(out, "// The times have no zone: say it behind the form (zone \"Europe/Berlin\") if it is not UTC.\n");
  for (uint32_t i = 0; i < self->fields.count; i++) {
    const infer_field *field = self->fields.at[i];
    if (field == time || !field->name || !infer_is_like_time(field)) continue;
    cb_write_text(out, others++ ? ", " : "// Other fields like a time: ");
    infer_write_quoted(self, (infer_text){field->path, field->path_len}, 60);
    cb_write_text(out, " (");
    write_percent(self, field->records);
    cb_write_text(out, ")");
    if (others == 6) break;
  }
  if (others > 0) cb_write_text(out, ".\n");
}

/* ---- Kinds of records ---------------------------------------------------------------------------- */

/* How much a name sounds like the kind of a record; 0: not at all. */
static unsigned kind_rank(const infer_field *field)
{
  static const char *const words[] = {"method", "status", "severity", "severitytext", "loglevel", "level", "category", "op", "operation", "action", "kind", "type", "event", "eventname", "eventtype", "eventid"};
  char plain[INFER_NAME_MAX];
  size_t len = 0;
  for (size_t i = 0; i < field->path_len && len + 1 < sizeof plain; i++)
    if (infer_is_letter(field->path[i])) plain[len++] = infer_lower(field->path[i]);
  plain[len] = 0;
  for (unsigned i = 0; i < sizeof words / sizeof *words; i++)
    if (strcmp(plain, words[i]) == 0) return i + 1;
  return 0;
}

static const infer_field *find_kinds(const infer *self)
{
  const infer_field *best = NULL;
  unsigned most = 0;
  for (uint32_t i = 0; i < self->fields.count; i++) {
    const infer_field *field = self->fields.at[i];
    cep_kind kind = infer_field_kind(self, field);
    unsigned rank = kind_rank(field);
    if (rank <= most || !field->name || (kind != CEP_STRING && kind != CEP_INT)) continue;
    if (field->value_count < 2 || field->records * 100 < self->records * 95) continue;
    if (field->has_more_values && kind == CEP_STRING) continue;
    best = field;
    most = rank;
  }
  return best;
}

static void write_kind(infer *self, const infer_field *field, const infer_value *value, const char *stream, infer_names *names)
{
  cb_writer *out = &self->text;
  char camel[INFER_NAME_MAX];
  infer_text text = {value->text, value->len};
  int is_number = infer_field_kind(self, field) == CEP_INT;
  if (!cb_utf8_valid(text.at, text.len)) return;
  if (is_number) {
    const char *both = cb_arena_printf(&self->arena, "%s %.*s", field->name, (int)text.len, text.at);
    if (!both) return;
    text = (infer_text){both, strlen(both)};
  }
  if (infer_camel(text, camel) == 0 || infer_is_reserved(camel)) return;
  size_t from = out->len;
  cb_write_printf(out, "define %s = %s where %s == ", infer_name_take(self, names, camel), stream, field->name);
  if (is_number)
    cb_write_bytes(out, value->text, value->len);
  else
    infer_write_string(self, text);
  begin_comment(self, from);
  infer_write_number(self, value->count);
  cb_write_text(out, "\n");
}

/* The most frequent first; of equal ones the one that came first. */
static void write_kinds(infer *self, const char *stream)
{
  const infer_field *field = find_kinds(self);
  if (!field) return;
  infer_names names = {0};
  (void)infer_name_take(self, &names, stream);
  uint8_t is_done[INFER_VALUES_MAX] = {0};
  for (uint32_t n = 0; n < KINDS_MAX && n < field->value_count; n++) {
    uint32_t best = INFER_VALUES_MAX;
    for (uint32_t i = 0; i < field->value_count; i++)
      if (!is_done[i] && (best == INFER_VALUES_MAX || field->values[i].count > field->values[best].count)) best = i;
    is_done[best] = 1;
    write_kind(self, field, &field->values[best], stream, &names);
  }
  if (field->value_count > KINDS_MAX || field->has_more_values) {
    cb_write_text(&self->text, "// There are more values of ");
    cb_write_printf(&self->text, "%s.\n", field->name);
  }
  infer_names_free(self, &names);
}

/* ---- All of it ---------------------------------------------------------------------------------- */

static void write_format(infer *self)
{
  cb_writer *out = &self->text;
  if (self->format != INFER_CSV) {
    cb_write_text(out, self->format == INFER_JSON ? " format json" : " format logfmt");
    return;
  }
  const char *before = " (";
  cb_write_text(out, " format csv");
  if (!self->has_header) {
    cb_write_text(out, " (columns \"");
    for (uint32_t i = 0; i < self->columns.count; i++) cb_write_printf(out, "%sc%u", i ? "," : "", i + 1);
    cb_write_text(out, "\"");
    before = ", ";
  }
  if (self->split.delimiter != ',') {
    cb_write_printf(out, self->split.delimiter == '\t' ? "%sdelimiter \"\\t\"" : "%sdelimiter \"%c\"", before, self->split.delimiter);
    before = ", ";
  }
  if (before[0] == ',') cb_write_text(out, ")");
}

/* Arrays, what is always null, and what no path can name. */
static void write_left_out(infer *self, uint64_t needed)
{
  cb_writer *out = &self->text;
  uint32_t count = 0, rare = 0;
  for (uint32_t i = 0; i < self->fields.count; i++) {
    const infer_field *field = self->fields.at[i];
    rare += field->records < needed;
    if (field->records < needed || (can_be_said(field) && infer_field_kind(self, field) != CEP_NULL)) continue;
    cb_write_text(out, count++ ? ", " : "    // Not declared: ");
    infer_write_quoted(self, (infer_text){field->path, field->path_len}, 60);
    if (field->types[INFER_ARRAY] + field->types[INFER_OBJECT] > 0)
      cb_write_text(out, field->types[INFER_ARRAY] ? " (an array)" : " (an object too deep)");
    else
      cb_write_text(out, can_be_said(field) ? " (never a value)" : " (its name is not UTF-8)");
    if (count == 20) break;
  }
  if (count > 0) cb_write_text(out, count == 20 ? ", ...\n" : ".\n");
  if (rare > 0) cb_write_printf(out, "    // %u fields that are rarer are not declared.\n", rare);
  if (self->lost_fields > 0) cb_write_printf(out, "    // There are more than %u fields; the others were not looked at.\n", INFER_FIELDS_MAX);
  if (self->dotted > 0) cb_write_text(out, "    // Some nested names have a dot in them or are too long: no path reaches those.\n");
}

void infer_write_fields(infer *self, const char *name, const infer_order *order)
{
  cb_writer *out = &self->text;
  infer_field *time = infer_time_field(self);
  infer_names names = {0};
  (void)infer_name_take(self, &names, "ingestion");
  (void)infer_name_take(self, &names, "processing");
  uint64_t needed = share_needed(self);
  if (time) name_field(self, &names, time);
  for (uint32_t i = 0; i < self->fields.count; i++) {
    infer_field *field = self->fields.at[i];
    if (field == time) continue;
    field->name = NULL;
    if (field->records >= needed && can_be_said(field) && infer_field_kind(self, field) != CEP_NULL) name_field(self, &names, field);
  }
  infer_write_head(self, time ? order : NULL);
  write_time_remarks(self, time);
  cb_write_printf(out, "stream %s", name);
  infer_write_place(self);
  write_format(self);
  cb_write_text(out, " {\n");
  write_time(self, time, order);
  for (uint32_t i = 0; i < self->fields.count; i++)
    if (self->fields.at[i] != time && self->fields.at[i]->name) write_field(self, self->fields.at[i]);
  write_left_out(self, needed);
  cb_write_text(out, "}\n");
  write_kinds(self, name);
  infer_names_free(self, &names);
}
