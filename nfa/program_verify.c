/* program_verify.c - every index, list, string and code of an image: inputs to routes. */
#include "nfa/program_verify.h"

#include <string.h>

#include "cep/base/error.h"
#include "cep/base/time.h"
#include "cep/base/zone.h"
#include "nfa/expr.h"

/* plan_format and plan_time_form, which the run side must not include. */
#define FORMAT_JSON 0u
#define FORMAT_CSV 2u
#define FORMAT_LAST 3u
#define TIME_FORM_STRPTIME 5u
#define YEAR_MAX 9999

int prg_claim(uint32_t *claimed, prg_list list, uint32_t section_count)
{
  if (list.first != *claimed || list.count > section_count - *claimed) return 0;
  *claimed += list.count;
  return 1;
}

int prg_claim_list(prg_claims *claims, prg_list list)
{
  uint32_t count = claims->program->lists_count;
  if (list.first > count || list.count > count - list.first) return 0;
  if (list.count > count - claims->lists) return 0;
  claims->lists += list.count;
  return 1;
}

int prg_string_is_good(const prg *program, prg_string string)
{
  return string.offset < program->strings_count && string.length < program->strings_count - string.offset &&
         program->strings[string.offset + string.length] == 0;
}

static int is_kind(uint32_t kind)
{
  return kind > CEP_NULL && kind <= CEP_IP;
}

static int const_is_good(const prg *program, uint32_t index)
{
  const prg_const *c = &program->consts[index];
  switch (c->kind) {
  case CEP_NULL: return c->word == 0 && c->length == 0;
  case CEP_BOOL: return c->word <= 1 && c->length == 0;
  case CEP_INT:
  case CEP_FLOAT:
  case CEP_TIME:
  case CEP_DURATION: return c->length == 0;
  case CEP_IP:
    if (c->length != 16) return 0;
    /* fall through */
  case CEP_STRING: return c->word <= program->strings_count && c->length <= program->strings_count - c->word;
  default: return 0;
  }
}

/* An ASCII sign that is no line end. */
static int is_sign(uint32_t c)
{
  return c > 0 && c < 0x80 && c != '\n' && c != '\r';
}

static int csv_is_good(uint32_t format, uint32_t delimiter, uint32_t quote, prg_string columns)
{
  if (format != FORMAT_CSV) return delimiter == 0 && quote == 0 && columns.length == 0;
  return is_sign(delimiter) && (quote == 0 || is_sign(quote)) && quote != delimiter;
}

static int input_is_good(prg_claims *claims, uint32_t index)
{
  const prg *program = claims->program;
  const prg_input *input = &program->inputs[index];
  const prg_string strings[] = {input->name, input->place_kind, input->place, input->time_path,
                                input->time_strptime, input->time_zone, input->csv_columns};
  for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
    if (!prg_string_is_good(program, strings[i])) return 0;
  }
  if (input->clock > PRG_CLOCK_PROCESSING || input->has_lateness > 1) return 0;
  if (!csv_is_good(input->format, input->csv_delimiter, input->csv_quote, input->csv_columns)) return 0;
  if (input->format > FORMAT_LAST || input->time_form > TIME_FORM_STRPTIME) return 0;
  if (input->regex != PRG_NONE && input->regex >= program->regexes_count) return 0;
  int has_year;
  if (input->time_form == TIME_FORM_STRPTIME &&
      !cb_time_form_valid(prg_text(program, input->time_strptime), &has_year))
    return 0;
  if (input->time_year < 0 || input->time_year > YEAR_MAX) return 0;
  cb_zone zone;
  if (input->time_zone.length > 0 && !cb_zone_parse(prg_text(program, input->time_zone), input->time_zone.length, &zone)) return 0;
  if (input->lateness < 0 || input->idle < 0 || (input->lateness > 0 && !input->has_lateness)) return 0;
  if (!prg_claim_list(claims, input->streams)) return 0;
  for (uint32_t i = 0; i < input->streams.count; i++) {
    uint32_t stream = program->lists[input->streams.first + i];
    if (stream >= program->streams_count || program->streams[stream].input != index) return 0;
    if (i > 0 && stream <= program->lists[input->streams.first + i - 1]) return 0;
  }
  return 1;
}

/* Columns are numbered through the fields that have one. */
static int fields_are_good(prg_claims *claims, prg_list fields, prg_list column_list)
{
  const prg *program = claims->program;
  if (!PRG_CLAIM(claims, fields, fields) || !PRG_CLAIM(claims, column_list, columns)) return 0;
  uint32_t columns = 0;
  for (uint32_t i = 0; i < fields.count; i++) {
    const prg_field *field = &program->fields[fields.first + i];
    if (!prg_string_is_good(program, field->name) || !prg_string_is_good(program, field->path)) return 0;
    if (!is_kind(field->kind) || field->nullable > 1 || field->is_time > 1 || field->pad != 0) return 0;
    if (field->is_time && (field->kind != CEP_TIME || field->column != PRG_NONE)) return 0;
    if (field->column != PRG_NONE) {
      if (columns == column_list.count || field->column != columns) return 0;
      if (program->columns[column_list.first + columns++] != field->kind) return 0;
    }
    if (field->missing != PRG_NONE) {
      if (field->missing >= program->consts_count) return 0;
      uint32_t kind = program->consts[field->missing].kind;
      if (kind != field->kind && kind != CEP_NULL) return 0;
    }
  }
  return columns == column_list.count && columns <= CB_CELL_COLUMNS_MAX;
}

/* Every field has a column, that of its own number. */
static int table_is_good(prg_claims *claims, uint32_t index)
{
  const prg *program = claims->program;
  const prg_table *table = &program->tables[index];
  const prg_string strings[] = {table->name, table->place, table->csv_columns};
  for (size_t i = 0; i < sizeof strings / sizeof strings[0]; i++) {
    if (!prg_string_is_good(program, strings[i])) return 0;
  }
  if (table->format != FORMAT_JSON && table->format != FORMAT_CSV) return 0;
  if (!csv_is_good(table->format, table->csv_delimiter, table->csv_quote, table->csv_columns)) return 0;
  if (!fields_are_good(claims, table->fields, table->columns) || table->columns.count != table->fields.count) return 0;
  if (table->key >= table->fields.count || table->refresh < 0) return 0;
  const prg_field *key = &program->fields[table->fields.first + table->key];
  if (key->nullable || key->kind == CEP_FLOAT || table->pad != 0) return 0;
  if (table->as_of == PRG_NONE) return 1;
  if (table->as_of >= table->fields.count || table->as_of == table->key) return 0;
  const prg_field *as_of = &program->fields[table->fields.first + table->as_of];
  return as_of->kind == CEP_TIME && !as_of->nullable;
}

/* Over an event of the stream and nothing else. */
static int is_of_event(const prg_claims *claims, uint32_t expr, uint32_t stream)
{
  const prg_expr *e = &claims->program->exprs[expr];
  return (e->stream == PRG_NONE || e->stream == stream) && !e->looks_back && claims->needs[expr].keys == 0;
}

static int atoms_are_good(prg_claims *claims, uint32_t index)
{
  const prg *program = claims->program;
  const prg_stream *stream = &program->streams[index];
  if (!PRG_CLAIM(claims, stream->atoms, atoms)) return 0;
  for (uint32_t i = 0; i < stream->atoms.count; i++) {
    const prg_atom *atom = &program->atoms[stream->atoms.first + i];
    if (atom->expr >= program->exprs_count || atom->negated > 1) return 0;
    if (!is_of_event(claims, atom->expr, index)) return 0;
  }
  return 1;
}

static int stream_is_good(prg_claims *claims, uint32_t index)
{
  const prg *program = claims->program;
  const prg_stream *stream = &program->streams[index];
  if (!prg_string_is_good(program, stream->name)) return 0;
  if ((stream->input == PRG_NONE) == (stream->detection == PRG_NONE)) return 0;
  if (stream->input != PRG_NONE && (stream->input >= program->inputs_count || stream->stratum != 0)) return 0;
  if (stream->detection != PRG_NONE) {
    if (stream->detection >= program->detections_count) return 0;
    const prg_detection *detection = &program->detections[stream->detection];
    if (detection->stream != index || detection->stratum != stream->stratum) return 0;
  }
  if (stream->regex != PRG_NONE && stream->regex >= program->regexes_count) return 0;
  if (stream->fits != PRG_NONE &&
      (stream->fits >= program->conds_count || program->conds[stream->fits].stream != index))
    return 0;
  if (stream->held_layout >= program->layouts_count) return 0;
  const prg_layout *held = &program->layouts[stream->held_layout];
  if (held->stream != index || held->columns.count != stream->columns.count) return 0;
  return fields_are_good(claims, stream->fields, stream->columns) && atoms_are_good(claims, index);
}

static int layout_is_good(prg_claims *claims, uint32_t index)
{
  const prg *program = claims->program;
  const prg_layout *layout = &program->layouts[index];
  if (layout->stream >= program->streams_count || layout->pad != 0) return 0;
  if (layout->columns.count != layout->kinds.count) return 0;
  if (!prg_claim_list(claims, layout->columns) || !PRG_CLAIM(claims, layout->kinds, kinds)) return 0;
  prg_list columns = program->streams[layout->stream].columns;
  for (uint32_t i = 0; i < layout->columns.count; i++) {
    uint32_t column = program->lists[layout->columns.first + i];
    if (column >= columns.count) return 0;
    if (i > 0 && column <= program->lists[layout->columns.first + i - 1]) return 0;
    if (program->kinds[layout->kinds.first + i] != program->columns[columns.first + column]) return 0;
  }
  return 1;
}

static int cond_is_good(prg_claims *claims, uint32_t index)
{
  const prg *program = claims->program;
  const prg_cond *cond = &program->conds[index];
  if (cond->stream >= program->streams_count || cond->pad != 0) return 0;
  if (!PRG_CLAIM(claims, cond->code, cond_code)) return 0;
  uint32_t depth = 0;
  for (uint32_t i = 0; i < cond->code.count; i++) {
    uint32_t word = program->cond_code[cond->code.first + i];
    if (word == PRG_COND_AND || word == PRG_COND_OR) {
      if (depth < 2) return 0;
      depth--;
      continue;
    }
    if (word != PRG_COND_TRUE && word >= program->streams[cond->stream].atoms.count) return 0;
    if (++depth > PRG_COND_DEPTH_MAX) return 0;
  }
  return depth == 1;
}

static int route_is_good(prg_claims *claims, uint32_t index)
{
  const prg *program = claims->program;
  const prg_route *route = &program->routes[index];
  if (route->detection >= program->detections_count || route->stream >= program->streams_count) return 0;
  const prg_detection *detection = &program->detections[route->detection];
  if (route->pad != 0 || detection->stratum <= program->streams[route->stream].stratum) return 0;
  if (route->member != PRG_NONE &&
      (route->member >= program->conds_count || program->conds[route->member].stream != route->stream))
    return 0;
  if (!prg_claim_list(claims, route->keys) || route->keys.count != detection->keys.count) return 0;
  for (uint32_t i = 0; i < route->keys.count; i++) {
    uint32_t key = program->lists[route->keys.first + i];
    if (key >= program->exprs_count) return 0;
    if (!is_of_event(claims, key, route->stream)) return 0;
    if (program->exprs[key].kind != program->keys[detection->keys.first + i].kind) return 0;
  }
  return 1;
}

/* Small sections whose items own nothing. */
static int net_is_good(prg_claims *claims, uint32_t index)
{
  return claims->program->nets[index].bits <= 128 && claims->program->nets[index].pad == 0;
}

static int regex_is_good(prg_claims *claims, uint32_t index)
{
  return prg_string_is_good(claims->program, claims->program->regexes[index].pattern);
}

static int constant_is_good(prg_claims *claims, uint32_t index)
{
  return const_is_good(claims->program, index);
}

static int key_is_good(prg_claims *claims, uint32_t index)
{
  const prg_key *key = &claims->program->keys[index];
  return prg_string_is_good(claims->program, key->name) && is_kind(key->kind) && key->pad == 0;
}

static int meta_is_good(prg_claims *claims, uint32_t index)
{
  const prg_meta *meta = &claims->program->meta[index];
  return prg_string_is_good(claims->program, meta->name) && meta->value < claims->program->consts_count &&
         meta->pad == 0;
}

/* Claims the code of every expression and fills `needs`. 1, 0, or CEP_E_NOMEM. */
static int exprs_are_good(prg_claims *claims, nfa_expr_needs *needs, cb_alloc *alloc)
{
  const prg *program = claims->program;
  uint8_t *depths = cb_new(alloc, program->code_count);
  if (!depths) return CEP_E_NOMEM;
  int good = 1;
  for (uint32_t i = 0; good && i < program->exprs_count; i++)
    good = PRG_CLAIM(claims, program->exprs[i].code, code) && nfa_expr_verify(program, i, depths, &needs[i]);
  cb_free(alloc, depths, program->code_count);
  return good;
}

typedef struct check {
  const char *section;
  uint32_t count;
  int (*is_good)(prg_claims *claims, uint32_t index);
} check;

/* Streams come before what reads their columns and atoms: those counts must be true. */
static cep_status check_items(prg_claims *claims, cep_error *err)
{
  const prg *program = claims->program;
  const check checks[] = {
      {"constant", program->consts_count, constant_is_good},
      {"net", program->nets_count, net_is_good},
      {"regular expression", program->regexes_count, regex_is_good},
      {"key", program->keys_count, key_is_good},
      {"meta entry", program->meta_count, meta_is_good},
      {"stream", program->streams_count, stream_is_good},
      {"table", program->tables_count, table_is_good},
      {"input", program->inputs_count, input_is_good},
      {"layout", program->layouts_count, layout_is_good},
      {"condition", program->conds_count, cond_is_good},
      {"detection", program->detections_count, prg_detection_is_good},
      {"route", program->routes_count, route_is_good},
      {"test", program->tests_count, prg_test_is_good},
  };
  for (size_t c = 0; c < sizeof checks / sizeof checks[0]; c++) {
    for (uint32_t i = 0; i < checks[c].count; i++) {
      if (!checks[c].is_good(claims, i))
        return cb_error_set(err, CEP_E_CORRUPT, "program image: %s %u is not valid", checks[c].section, i);
    }
  }
  return CEP_OK;
}

/* Everything that is there must have an owner. */
static int all_is_claimed(const prg_claims *claims)
{
  const prg *program = claims->program;
#define WHOLE(member) (claims->member == program->member##_count)
  return WHOLE(fields) && WHOLE(columns) && WHOLE(kinds) && WHOLE(code) && WHOLE(atoms) && WHOLE(cond_code) &&
         WHOLE(keys) && WHOLE(routes) && WHOLE(steps) && WHOLE(states) && WHOLE(edges) && WHOLE(counters) && WHOLE(counts) && WHOLE(registers) &&
         WHOLE(outputs) && WHOLE(windows) && WHOLE(joins) && WHOLE(meta) && WHOLE(test_actions) && WHOLE(test_values) && WHOLE(lists);
#undef WHOLE
}

cep_status prg_verify(const prg *program, cb_alloc *alloc, cep_error *err)
{
  size_t needs_size = (size_t)program->exprs_count * sizeof(nfa_expr_needs);
  nfa_expr_needs *needs = cb_new(alloc, needs_size);
  if (!needs) return CEP_E_NOMEM;
  prg_claims claims = {.program = program, .needs = needs};
  cep_status status = CEP_OK;
  /* The columns that code names are counted by the streams, so those lists come first. */
  for (uint32_t i = 0; i < program->streams_count && status == CEP_OK; i++) {
    prg_list columns = program->streams[i].columns;
    if (columns.count > program->columns_count)
      status = cb_error_set(err, CEP_E_CORRUPT, "program image: stream %u is not valid", i);
  }
  if (status == CEP_OK) {
    int good = exprs_are_good(&claims, needs, alloc);
    if (good < 0) status = good;
    if (good == 0) status = cb_error_set(err, CEP_E_CORRUPT, "program image: an expression is not valid");
  }
  if (status == CEP_OK) status = check_items(&claims, err);
  if (status == CEP_OK && !all_is_claimed(&claims))
    status = cb_error_set(err, CEP_E_CORRUPT, "program image: something belongs to nothing");
  cb_free(alloc, needs, needs_size);
  return status;
}
