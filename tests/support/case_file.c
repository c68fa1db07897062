/* case_file.c - reading .case files into scenarios. */
#include "tests/support/case_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cep/base/num.h"
#include "cep/base/time.h"
#include "tests/support/scenario_parts.h"

static int fail(char error[CASE_ERROR_MAX], uint32_t line, const char *what, const char *text)
{
  snprintf(error, CASE_ERROR_MAX, "line %u: %s '%s'", line, what, text);
  return 0;
}

/* ---- Cases and lines -------------------------------------------------------------------- */

typedef struct reader {
  cb_arena *arena;
  const char *at;
  const char *end;
  uint32_t number;
} reader;

/* The next line as terminated text without its end; NULL at the end. */
static char *next_line(reader *r)
{
  if (r->at >= r->end) return NULL;
  const char *stop = memchr(r->at, '\n', (size_t)(r->end - r->at));
  if (!stop) stop = r->end;
  char *line = cb_arena_text(r->arena, r->at, (size_t)(stop - r->at));
  CB_ASSERT(line);
  r->at = stop + 1;
  r->number++;
  return line;
}

static char *trim(char *text)
{
  while (*text == ' ' || *text == '\t') text++;
  size_t len = strlen(text);
  while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\r')) text[--len] = 0;
  return text;
}

static int add_line(reader *r, case_item *item, char *text, char error[CASE_ERROR_MAX])
{
  text = trim(text);
  if (*text == 0 || *text == '#') return 1;
  case_line line = {CASE_EVENT, r->number, text};
  if (strcmp(text, "@end") == 0) line.kind = CASE_FINISH;
  else if (*text == '|') line.kind = CASE_ROW;
  else if (*text == '@') line.kind = CASE_ADVANCE;
  else if (strcmp(text, "+none") == 0) line.kind = CASE_NONE;
  else if (*text == '+') line.kind = CASE_EXPECT;
  else if (*text < '0' || *text > '9') return fail(error, r->number, "expected an event, '| row', '@time', '@end' or '+output', found", text);
  int pushed = cb_vec_push(r->arena->alloc, &item->lines, line);
  CB_ASSERT(pushed);
  return 1;
}

int case_read(cb_arena *arena, const char *text, size_t len, case_file *out, char error[CASE_ERROR_MAX])
{
  reader r = {arena, text, text + len, 0};
  memset(out, 0, sizeof *out);
  case_item *item = NULL;
  cb_writer program;
  cb_writer_init(&program, arena->alloc);
  enum { BEFORE, PROGRAM, EVENTS, OTHER } where = BEFORE;
  int ok = 1;
  for (char *line = next_line(&r); line && ok; line = next_line(&r)) {
    if (strncmp(line, "== ", 3) == 0) {
      case_item fresh = {line + 3, r.number, "", 0, {0}};
      int pushed = cb_vec_push(arena->alloc, &out->items, fresh);
      CB_ASSERT(pushed);
      item = &out->items.at[out->items.count - 1];
      cb_writer_reset(&program);
      where = PROGRAM;
    } else if (strncmp(line, "-- ", 3) == 0 && where == PROGRAM) {
      where = strcmp(line, "-- in") == 0 ? EVENTS : OTHER;
      item->has_events = where == EVENTS;
      item->program = cb_arena_text(arena, program.len ? (const char *)program.data : "", program.len);
    } else if (where == PROGRAM) {
      cb_write_printf(&program, "%s\n", line);
    } else if (where == EVENTS) {
      ok = add_line(&r, item, line, error);
    }
  }
  cb_writer_fini(&program);
  return ok;
}

void case_free(cb_arena *arena, case_file *file)
{
  for (uint32_t i = 0; i < file->items.count; i++) cb_vec_free(arena->alloc, &file->items.at[i].lines);
  cb_vec_free(arena->alloc, &file->items);
}

/* ---- Events --------------------------------------------------------------------------------- */

typedef struct builder {
  cb_arena *arena;
  const plan *meaning;
  const case_item *item;
  scn_input *inputs;
  uint32_t input_count;
  scn_act *acts;
  uint32_t act_count;
  uint32_t events;
  scn_row *rows;
  uint32_t row_count;
  char *error;
} builder;

/* The next word; a quoted text belongs to its word. */
static char *next_word(char **at)
{
  while (**at == ' ') (*at)++;
  if (**at == 0) return NULL;
  char *start = *at;
  int quoted = 0;
  while (**at && (quoted || **at != ' ')) {
    if (**at == '\\' && quoted && (*at)[1]) (*at)++;
    else if (**at == '"') quoted = !quoted;
    (*at)++;
  }
  if (**at) *(*at)++ = 0;
  return start;
}

static int read_time(const char *text, cep_time *out)
{
  return cb_duration_read(text, strlen(text), out);
}

/* A quoted text without its quotes and escapes, in place. */
static char *unquote(char *text)
{
  char *out = text;
  for (const char *in = text + 1; *in && *in != '"'; in++) {
    if (*in == '\\' && in[1]) in++;
    *out++ = *in;
  }
  *out = 0;
  return text;
}

static int read_value(builder *b, const plan_field *field, char *text, cep_value *out)
{
  if (strcmp(text, "null") == 0) {
    *out = cb_null();
    return 1;
  }
  if (field->kind == CEP_STRING) {
    if (*text == '"') text = unquote(text);
    *out = cb_string(text, (uint32_t)strlen(text));
    return 1;
  }
  cep_time time = 0;
  if ((field->kind == CEP_TIME || field->kind == CEP_DURATION) && read_time(text, &time)) {
    *out = cb_value_i(field->kind, time);
    return 1;
  }
  uint8_t *ip = scn_take(b->arena, 16);
  return cb_value_parse(field->kind, text, strlen(text), ip, out);
}

static uint32_t find_stream(const builder *b, const char *name)
{
  for (uint32_t i = 0; i < b->meaning->stream_count; i++) {
    if (strcmp(b->meaning->streams[i].name, name) == 0 && b->meaning->streams[i].input != CEP_NONE) return i;
  }
  return CEP_NONE;
}

static uint32_t find_input(const builder *b, const char *name, uint32_t partition)
{
  for (uint32_t i = 0; i < b->input_count; i++) {
    if (b->inputs[i].partition == partition && strcmp(b->inputs[i].name, name) == 0) return i;
  }
  return CEP_NONE;
}

/* `A/1`: cuts the partition off and gives it. */
static uint32_t cut_partition(char *name)
{
  char *slash = strchr(name, '/');
  if (!slash) return 0;
  *slash = 0;
  return (uint32_t)strtoul(slash + 1, NULL, 10);
}

static int read_fields(builder *b, const plan_field *fields, uint32_t count, char *at, cep_value *values, uint32_t number)
{
  for (char *word = next_word(&at); word; word = next_word(&at)) {
    char *sign = strchr(word, '=');
    if (!sign) return fail(b->error, number, "expected field=value, found", word);
    *sign = 0;
    uint32_t f = 0;
    while (f < count && strcmp(fields[f].name, word) != 0) f++;
    if (f == count) return fail(b->error, number, "there is no field", word);
    if (!read_value(b, &fields[f], sign + 1, &values[f])) return fail(b->error, number, "not a value of this field:", sign + 1);
  }
  return 1;
}

static int read_event(builder *b, const case_line *line)
{
  char *at = cb_arena_text(b->arena, line->text, strlen(line->text));
  char *time_text = next_word(&at), *name = next_word(&at);
  cep_time time = 0;
  if (!name || !read_time(time_text, &time)) return fail(b->error, line->number, "expected 'time Stream field=value …', found", line->text);
  uint32_t partition = cut_partition(name), number = find_stream(b, name);
  if (number == CEP_NONE) return fail(b->error, line->number, "no stream is read under the name", name);
  const plan_stream *stream = &b->meaning->streams[number];
  cep_value *values = scn_take(b->arena, stream->field_count * sizeof *values);
  for (uint32_t f = 0; f < stream->field_count; f++) {
    values[f] = stream->fields[f].is_time ? cb_value_i(CEP_TIME, time) : cb_null();
  }
  if (!read_fields(b, stream->fields, stream->field_count, at, values, line->number)) return 0;
  uint32_t input = find_input(b, b->meaning->inputs[stream->input].name, partition);
  CB_ASSERT(input != CEP_NONE);
  scn_act act = {SCN_PUSH, input, stream->name, time, b->events, values, stream->field_count, b->events};
  b->acts[b->act_count++] = act;
  b->events++;
  return 1;
}

/* `| table field=value …` */
static int read_row(builder *b, const case_line *line)
{
  char *at = cb_arena_text(b->arena, line->text + 1, strlen(line->text + 1));
  char *name = next_word(&at);
  uint32_t table = 0;
  if (b->act_count > 0) return fail(b->error, line->number, "rows stand before all events:", line->text);
  while (name && table < b->meaning->table_count && strcmp(b->meaning->tables[table].name, name) != 0) table++;
  if (!name || table == b->meaning->table_count) return fail(b->error, line->number, "expected '| table field=value …', found", line->text);
  const plan_table *of = &b->meaning->tables[table];
  cep_value *values = scn_take(b->arena, of->field_count * sizeof *values);
  for (uint32_t f = 0; f < of->field_count; f++) values[f] = of->fields[f].missing ? of->fields[f].missing->value : cb_null();
  b->rows[b->row_count++] = (scn_row){table, values};
  return read_fields(b, of->fields, of->field_count, at, values, line->number);
}

static int read_advance(builder *b, const case_line *line)
{
  char *at = cb_arena_text(b->arena, line->text + 1, strlen(line->text + 1));
  char *time_text = next_word(&at), *name = next_word(&at);
  scn_act act = {SCN_ADVANCE, CEP_NONE, NULL, 0, 0, NULL, 0, 0};
  if (!time_text || !read_time(time_text, &act.time)) return fail(b->error, line->number, "not a time:", line->text);
  if (name) {
    uint32_t partition = cut_partition(name);
    act.input = find_input(b, name, partition);
    if (act.input == CEP_NONE) return fail(b->error, line->number, "no input", name);
  }
  b->acts[b->act_count++] = act;
  return 1;
}

static int compare_inputs(const builder *b, const scn_input *x, const scn_input *y)
{
  uint32_t dx = 0, dy = 0;
  while (strcmp(b->meaning->inputs[dx].name, x->name) != 0) dx++;
  while (strcmp(b->meaning->inputs[dy].name, y->name) != 0) dy++;
  if (dx != dy) return dx < dy ? -1 : 1;
  return (x->partition > y->partition) - (x->partition < y->partition);
}

static void add_input(builder *b, const char *name, uint32_t partition)
{
  if (find_input(b, name, partition) != CEP_NONE) return;
  scn_input input = {name, partition};
  uint32_t at = b->input_count++;
  while (at > 0 && compare_inputs(b, &input, &b->inputs[at - 1]) < 0) {
    b->inputs[at] = b->inputs[at - 1];
    at--;
  }
  b->inputs[at] = input;
}

/* Partition 0 of every input, and those that events name. */
static void find_inputs(builder *b)
{
  for (uint32_t i = 0; i < b->meaning->input_count; i++) add_input(b, b->meaning->inputs[i].name, 0);
  for (uint32_t i = 0; i < b->item->lines.count; i++) {
    if (b->item->lines.at[i].kind != CASE_EVENT) continue;
    char *at = cb_arena_text(b->arena, b->item->lines.at[i].text, strlen(b->item->lines.at[i].text));
    next_word(&at);
    char *name = next_word(&at);
    if (!name) continue;
    uint32_t partition = cut_partition(name), stream = find_stream(b, name);
    if (stream != CEP_NONE) add_input(b, b->meaning->inputs[b->meaning->streams[stream].input].name, partition);
  }
}

static void keep_diagnostic(void *ctx, const cep_error *diagnostic)
{
  char *error = ctx;
  if (*error == 0 && diagnostic->severity == CEP_ERROR) {
    snprintf(error, CASE_ERROR_MAX, "%u:%u %s", diagnostic->line, diagnostic->column, diagnostic->text);
  }
}

static int is_expectation(case_kind kind)
{
  return kind == CASE_EXPECT || kind == CASE_NONE;
}

int case_scenario(cb_arena *arena, const case_item *item, scenario *out, char error[CASE_ERROR_MAX])
{
  plan *meaning = NULL;
  cep_error err;
  *error = 0;
  if (plan_compile(arena, "case", item->program, strlen(item->program), keep_diagnostic, error, &meaning, &err) < 0) return 0;
  builder b = {arena, meaning, item, NULL, 0, NULL, 0, 0, NULL, 0, error};
  b.inputs = scn_take(arena, (item->lines.count + meaning->input_count) * sizeof *b.inputs);
  b.acts = scn_take(arena, 2 * (item->lines.count + 1) * sizeof *b.acts);
  b.rows = scn_take(arena, (item->lines.count + 1) * sizeof *b.rows);
  find_inputs(&b);
  for (uint32_t i = 0; i < item->lines.count; i++) {
    const case_line *line = &item->lines.at[i];
    scn_act act = {SCN_FINISH, CEP_NONE, NULL, 0, 0, NULL, 0, 0};
    if (line->kind == CASE_EVENT && !read_event(&b, line)) return 0;
    if (line->kind == CASE_ADVANCE && !read_advance(&b, line)) return 0;
    if (line->kind == CASE_ROW && !read_row(&b, line)) return 0;
    if (line->kind == CASE_FINISH) b.acts[b.act_count++] = act;
    int last_of_block = i + 1 == item->lines.count || !is_expectation(item->lines.at[i + 1].kind);
    if (is_expectation(line->kind) && last_of_block) {
      act.what = SCN_CHECK;
      b.acts[b.act_count++] = act;
    }
  }
  out->text = item->program;
  out->inputs = b.inputs;
  out->input_count = b.input_count;
  out->acts = b.acts;
  out->act_count = b.act_count;
  out->rows = b.rows;
  out->row_count = b.row_count;
  return 1;
}

/* ---- Comparing one line ------------------------------------------------------------------------ */

static int is_capture(const char *word)
{
  const char *sign = strchr(word, '@');
  return sign && sign != word && *word != '+' && *word != '{' && !strchr(word, '=');
}

static uint32_t count_captures(cb_arena *arena, const char *line)
{
  char *at = cb_arena_text(arena, line, strlen(line));
  uint32_t count = 0;
  for (char *word = next_word(&at); word; word = next_word(&at)) count += (uint32_t)is_capture(word);
  return count;
}

int case_holds(cb_arena *arena, const char *expected, const char *full)
{
  uint32_t captures = count_captures(arena, expected);
  if (captures > 0 && captures != count_captures(arena, full)) return 0;
  char *wanted = cb_arena_text(arena, expected, strlen(expected)), *got = cb_arena_text(arena, full, strlen(full));
  for (char *word = next_word(&wanted); word; word = next_word(&wanted)) {
    char *other = next_word(&got);
    while (other && strcmp(other, word) != 0) other = next_word(&got);
    if (!other) return 0;
  }
  return 1;
}
