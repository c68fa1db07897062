/* plan_source.c - inputs and streams of the plan. */
#include <string.h>

#include "cep/base/cell.h"
#include "cep/base/time.h"
#include "patterns/check.h"
#include "patterns/regex_check.h"

/* ---- Inputs ------------------------------------------------------------------------ */

static int check_regex(pat_compile *compile, const pat_name *regex)
{
  char why[128];
  size_t at = 0;
  if (!regex->text || pat_regex_check(regex->text, strlen(regex->text), why, sizeof why, &at)) return 1;
  pat_report(compile->diags, 408, regex->span, "the regular expression is wrong at its byte %zu: %s", at, why);
  return 0;
}

static int check_strptime(pat_compile *compile, const pat_time *time, plan_input *input)
{
  int has_year = 0;
  if (!cb_time_form_valid(time->strptime.text, &has_year)) {
    pat_report(compile->diags, 335, time->strptime.span,
               "the time form \"%s\" has an unknown %% letter, or too few of them to give a time", time->strptime.text);
    return 0;
  }
  input->time_strptime = time->strptime.text;
  input->time_year = time->year;
  input->time_zone = time->zone.text;
  return !time->zone.text || pat_check_zone(compile, time->zone.text, strlen(time->zone.text), time->zone.span);
}

/* The time is told by a clock, not by the record; the word that says so names the field. */
static int build_clock(pat_compile *compile, const pat_time *time, plan_input *input)
{
  input->time_field = time->member;
  input->time_path = NULL;
  if (time->clock == PLAN_CLOCK_INGESTION) return 1;
  if (time->lateness_span.length > 0) {
    pat_report(compile->diags, 376, time->lateness_span, "with 'time processing' nothing comes late: the time of a record is that of its arrival; leave 'lateness' out");
    return 0;
  }
  if (time->idle_span.length > 0) {
    pat_report(compile->diags, 376, time->idle_span, "with 'time processing' time goes on while nothing comes, so the input is never idle; leave 'idle' out");
    return 0;
  }
  return 1;
}

/* A line's time stands at its start, or in a group of the input's own regular expression: it
 * is read before any stream has been found to fit. */
static int check_line_time(pat_compile *compile, const pat_stream *decl, const pat_time *time)
{
  if (!time->field.text) return 1;
  if (decl->line.text && pat_regex_has_group(decl->line.text, strlen(decl->line.text), time->field.text)) return 1;
  pat_report(compile->diags, 324, time->field.span,
             "the time of a line is read from a group (?<%s>…) of 'format line r\"…\"', or by a form at its start: time \"%%b %%d %%H:%%M:%%S\"",
             time->field.text);
  return 0;
}

static int build_time(pat_compile *compile, const pat_input *source, plan_input *input)
{
  const pat_stream *decl = source->decl;
  const pat_time *time = &decl->time;
  input->time_field = CEP_NONE;
  if (time->span.length == 0) {
    pat_report(compile->diags, 325, source->span, "'%s' has no time; write  time FIELD  for the field that holds it", source->name);
    return 0;
  }
  input->time_form = time->form;
  input->lateness = time->lateness;
  input->has_lateness = time->lateness_span.length > 0;
  input->idle = time->idle;
  input->clock = time->clock;
  if (time->clock != PLAN_CLOCK_EVENT) return build_clock(compile, time, input);
  if (time->strptime.text && !check_strptime(compile, time, input)) return 0;
  if (time->field.text) {
    input->time_field = time->member;
    input->time_path = time->path.text ? time->path.text : time->field.text;
  } else if (decl->format != PLAN_LINE) {
    pat_report(compile->diags, 324, time->span, "a time form alone stands for the start of a text line; a %s record needs the field: time FIELD \"%s\"",
               plan_format_word(decl->format), time->strptime.text);
    return 0;
  }
  return decl->format != PLAN_LINE || check_line_time(compile, decl, time);
}

/* ---- CSV --------------------------------------------------------------------------- */

static int is_sign(const pat_name *sign)
{
  unsigned char c = (unsigned char)sign->text[0];
  return strlen(sign->text) == 1 && c < 0x80 && c != '\n' && c != '\r';
}

/* 1 if the text lists a column of that name. */
static int has_column(const char *columns, const char *name)
{
  size_t len = strlen(name);
  for (const char *at = columns;; at++) {
    size_t here = strcspn(at, ",");
    if (here == len && memcmp(at, name, len) == 0) return 1;
    at += here;
    if (!*at) return 0;
  }
}

static int check_columns(pat_compile *compile, const pat_name *columns)
{
  const char *at = columns->text;
  for (;;) {
    size_t len = strcspn(at, ",");
    if (len == 0) {
      pat_report(compile->diags, 336, columns->span, "a name is missing in the list of columns");
      return 0;
    }
    if (!at[len]) return 1;
    at += len + 1;
  }
}

int pat_build_csv(pat_compile *compile, const pat_stream *decl, plan_input *out)
{
  out->csv_delimiter = PLAN_DELIMITER;
  out->csv_quote = PLAN_QUOTE;
  out->csv_columns = decl->columns.text;
  if (decl->twice.length > 0) {
    pat_report(compile->diags, 336, decl->twice, "an option of csv stands twice");
    return 0;
  }
  if (decl->columns.text && decl->has_header) {
    pat_report(compile->diags, 336, decl->columns.span, "either the first record names the columns, or the rules do");
    return 0;
  }
  if (decl->columns.text && !check_columns(compile, &decl->columns)) return 0;
  if (decl->delimiter.text) {
    if (!is_sign(&decl->delimiter)) {
      pat_report(compile->diags, 336, decl->delimiter.span, "the delimiter is one ASCII sign, and no line end");
      return 0;
    }
    out->csv_delimiter = decl->delimiter.text[0];
  }
  if (decl->quote.text) {
    if (decl->quote.text[0] && !is_sign(&decl->quote)) {
      pat_report(compile->diags, 336, decl->quote.span, "the quote is one ASCII sign, or \"\" for none");
      return 0;
    }
    out->csv_quote = decl->quote.text[0];
  }
  if (out->csv_quote == out->csv_delimiter) {
    pat_report(compile->diags, 336, decl->format_span, "delimiter and quote are the same sign");
    return 0;
  }
  return 1;
}

/* With the columns in the rules, a field that none of them fills is a mistake. */
int pat_check_fields_have_columns(pat_compile *compile, const pat_stream *decl, const char *columns)
{
  int is_good = 1;
  for (uint32_t i = 0; i < decl->members.count; i++) {
    const pat_member *member = &decl->members.at[i];
    const pat_name *name = member->path.text ? &member->path : &member->name;
    if (has_column(columns, name->text)) continue;
    pat_report(compile->diags, 336, name->span, "there is no column '%s'", name->text);
    is_good = 0;
  }
  const pat_name *time = decl->time.path.text ? &decl->time.path : &decl->time.field;
  if (decl->time.clock == PLAN_CLOCK_EVENT && time->text && !has_column(columns, time->text)) {
    pat_report(compile->diags, 336, time->span, "there is no column '%s'", time->text);
    is_good = 0;
  }
  return is_good;
}

static int build_input(pat_compile *compile, const pat_input *source, plan_input *input)
{
  const pat_stream *decl = source->decl;
  input->name = source->name;
  input->span = source->span;
  input->place_kind = decl->has_place ? decl->place_kind : "";
  input->place = decl->place ? decl->place : "";
  input->format = decl->format;
  input->line_regex = decl->line.text;
  if (!check_regex(compile, &decl->line)) return 0;
  if (decl->format == PLAN_CSV && !pat_build_csv(compile, decl, input)) return 0;
  return build_time(compile, source, input);
}

int pat_build_inputs(pat_compile *compile)
{
  for (uint32_t i = 0; i < compile->input_count && !compile->arena->failed; i++) {
    pat_input *input = &compile->inputs[i];
    if (!input->is_bad && !build_input(compile, input, &compile->plan_inputs[i])) input->is_bad = 1;
  }
  return !compile->arena->failed;
}

/* ---- Fields ------------------------------------------------------------------------ */

typedef struct field_list {
  pat_compile *compile;
  plan_field *at;
  uint32_t count;
  int is_good;
} field_list;

static const plan_expr *missing_value(field_list *list, const pat_member *member)
{
  cep_value value;
  pat_compile *compile = list->compile;
  if (!pat_check_constant(compile, member->missing, member->kind, "the value of a missing field", &value)) {
    list->is_good = 0;
    return NULL;
  }
  if (value.kind == CEP_NULL) {
    pat_report(compile->diags, 326, member->missing->span, "null as the value of a missing field is said by '%s?'",
               cb_kind_name(member->kind));
    list->is_good = 0;
    return NULL;
  }
  return pat_new_constant(compile, member->missing->span, member->kind, value);
}

static void add_field(field_list *list, const pat_member *member, plan_format format)
{
  pat_compile *compile = list->compile;
  if (member->path.text && format == PLAN_LINE) {
    pat_report(compile->diags, 326, member->path.span, "'at' is a path in a json record; in a line the group (?<%s>…) fills the field",
               member->name.text);
    list->is_good = 0;
  }
  plan_field *field = &list->at[list->count++];
  field->name = member->name.text;
  field->kind = member->kind;
  field->nullable = member->is_nullable;
  field->path = member->path.text ? member->path.text : member->name.text;
  if (member->missing) field->missing = missing_value(list, member);
}

static void add_time_field(field_list *list, const pat_time *time)
{
  plan_field *field = &list->at[list->count++];
  field->name = time->field.text;
  field->kind = CEP_TIME;
  field->path = time->path.text ? time->path.text : time->field.text;
  field->is_time = 1;
}

/* The input's field of that name, when a stream says it again; NULL: there is none. */
static const plan_field *find_earlier(const field_list *list, const char *name)
{
  for (uint32_t i = 0; i < list->count; i++) {
    if (strcmp(list->at[i].name, name) == 0) return &list->at[i];
  }
  return NULL;
}

/* `inherited`: how many fields are the input's; to say one of those again with the same type is allowed. */
static void add_member(field_list *list, const pat_member *member, plan_format format, uint32_t inherited)
{
  const plan_field *earlier = find_earlier(list, member->name.text);
  if (!earlier) {
    add_field(list, member, format);
    return;
  }
  pat_diags *diags = list->compile->diags;
  int is_same = 0;
  if (earlier >= list->at + inherited) {
    pat_report(diags, 307, member->name.span, earlier->is_time ? "the field '%s' is declared already, by 'time'"
                                                               : "the field '%s' is declared twice", member->name.text);
  } else if (earlier->kind != member->kind || earlier->nullable != member->is_nullable) {
    pat_report(diags, 307, member->name.span, "the input declares '%s' as %s%s already", member->name.text,
               cb_kind_name(earlier->kind), earlier->nullable ? "?" : "");
  } else if (member->path.text || member->missing) {
    pat_report(diags, 307, member->name.span, "the field '%s' is the input's; its path and default stand there", member->name.text);
  } else {
    is_same = 1;
  }
  if (!is_same) list->is_good = 0;
}

/* The fields of one declaration, the time at its place among them. */
static void add_members(field_list *list, const pat_stream *decl, plan_format format, uint32_t inherited)
{
  for (uint32_t i = 0; i <= decl->members.count; i++) {
    if (decl->time.field.text && decl->time.member == i) {
      if (find_earlier(list, decl->time.field.text)) {
        pat_report(list->compile->diags, 307, decl->time.field.span, "the field '%s' is declared twice; 'time' declares it already",
                   decl->time.field.text);
        list->is_good = 0;
      } else {
        add_time_field(list, &decl->time);
      }
    }
    if (i < decl->members.count) add_member(list, &decl->members.at[i], format, inherited);
  }
}

static int make_fields(pat_compile *compile, pat_symbol *symbol, const pat_input *input, uint32_t *inherited)
{
  const pat_stream *decl = symbol->decl->stream;
  plan_stream *stream = &compile->streams[symbol->stream];
  uint32_t room = input->decl->members.count + 1;
  if (decl != input->decl) room += decl->members.count;
  if (room > CB_CELL_COLUMNS_MAX) {
    pat_report(compile->diags, 327, symbol->span, "stream '%s' has more than %u fields", symbol->name, CB_CELL_COLUMNS_MAX - 1);
    return 0;
  }
  field_list list = {compile, cb_arena_take(compile->arena, room * sizeof *list.at), 0, 1};
  if (!list.at) return 0;
  add_members(&list, input->decl, input->decl->format, 0);
  *inherited = list.count;
  if (decl != input->decl) add_members(&list, decl, input->decl->format, *inherited);
  stream->fields = list.at;
  stream->field_count = list.count;
  return list.is_good;
}

int pat_build_members(pat_compile *compile, const pat_stream *decl, const plan_field **out, uint32_t *count)
{
  field_list list = {compile, cb_arena_take(compile->arena, (decl->members.count + 1) * sizeof *list.at), 0, 1};
  if (!list.at) return 0;
  add_members(&list, decl, decl->format, 0);
  *out = list.at;
  *count = list.count;
  return list.is_good;
}

/* ---- Streams ----------------------------------------------------------------------- */

/* Everything that must not be null has a group that fills it. */
static int check_groups(pat_compile *compile, const plan_stream *stream, const char *line_regex)
{
  int is_good = 1;
  for (uint32_t i = 0; i < stream->field_count; i++) {
    const plan_field *field = &stream->fields[i];
    if (field->is_time || field->nullable || field->missing) continue;
    if (stream->regex && pat_regex_has_group(stream->regex, strlen(stream->regex), field->name)) continue;
    if (line_regex && pat_regex_has_group(line_regex, strlen(line_regex), field->name)) continue;
    pat_report(compile->diags, 328, stream->span, "no group (?<%s>…) fills the field '%s' of stream '%s'; add one, or make it nullable with '?'",
               field->name, field->name, stream->name);
    is_good = 0;
  }
  return is_good;
}

static int check_own_clauses(pat_compile *compile, const pat_stream *decl, const pat_input *input)
{
  if (decl == input->decl) return 1;
  if (decl->time.span.length > 0) {
    pat_report(compile->diags, 329, decl->time.span, "the time of a stream is that of its input '%s'", input->name);
    return 0;
  }
  if (decl->has_format) {
    pat_report(compile->diags, 329, decl->format_span, "the format of a stream is that of its input '%s'", input->name);
    return 0;
  }
  if (decl->regex.text && input->decl->format != PLAN_LINE) {
    pat_report(compile->diags, 329, decl->regex.span, "a regular expression reads lines, and the records of '%s' are %s; write a 'where'",
               input->name, plan_format_word(input->decl->format));
    return 0;
  }
  return check_regex(compile, &decl->regex);
}

static pat_input *find_own_input(pat_compile *compile, const pat_symbol *symbol)
{
  const pat_stream *decl = symbol->decl->stream;
  const pat_name *name = decl->from.text ? &decl->from : &symbol->decl->name;
  pat_input *input = pat_find_input(compile, name->text);
  if (input && (decl->from.text || input->decl == decl)) return input;
  if (!decl->from.text || compile->has_lost_names) return NULL;
  pat_nearest nearest;
  pat_nearest_init(&nearest, name->text);
  for (uint32_t i = 0; i < compile->input_count && i < PAT_NEAR_MAX; i++)
    pat_nearest_offer(&nearest, compile->inputs[i].name);
  const char *hint = pat_nearest_text(&nearest, compile->arena);
  if (!*hint && pat_find_symbol(compile, name->text)) hint = "; a part of a stream is made by 'define'";
  pat_report(compile->diags, 301, name->span, "unknown input '%s'%s", name->text, hint);
  return NULL;
}

int pat_build_stream(pat_compile *compile, pat_symbol *symbol)
{
  const pat_stream *decl = symbol->decl->stream;
  plan_stream *stream = &compile->streams[symbol->stream];
  pat_input *input = find_own_input(compile, symbol);
  if (!input) return 0;
  input->is_fed = 1;
  if (input->is_bad || !check_own_clauses(compile, decl, input)) return 0;
  stream->name = symbol->name;
  stream->span = symbol->span;
  stream->input = (uint32_t)(input - compile->inputs);
  stream->detection = CEP_NONE;
  stream->regex = decl->regex.text;
  uint32_t inherited = 0;
  if (!make_fields(compile, symbol, input, &inherited)) return 0;
  if (input->decl->format == PLAN_LINE && !check_groups(compile, stream, input->decl->line.text)) return 0;
  if (input->decl->columns.text && !pat_check_fields_have_columns(compile, decl, input->decl->columns.text)) return 0;
  if (!decl->where) return 1;
  pat_scope scope;
  pat_scope_event(&scope, compile, stream, "the 'where' of a stream");
  scope.field_count = inherited;
  stream->fits = pat_check_condition(&scope, decl->where);
  return stream->fits != NULL;
}
