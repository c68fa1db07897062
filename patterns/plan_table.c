/* plan_table.c - tables of the plan. */
#include <string.h>

#include "cep/base/cell.h"
#include "patterns/check.h"

/* A float is no key: what is almost equal would not be found. */
static int is_key_kind(cep_kind kind)
{
  return kind == CEP_BOOL || kind == CEP_INT || kind == CEP_STRING || kind == CEP_TIME || kind == CEP_DURATION || kind == CEP_IP;
}

static uint32_t find_field(const plan_table *table, const char *name)
{
  for (uint32_t i = 0; i < table->field_count; i++) {
    if (strcmp(table->fields[i].name, name) == 0) return i;
  }
  return CEP_NONE;
}

static const char *near_field(const pat_compile *compile, const plan_table *table, const char *name)
{
  pat_nearest nearest;
  pat_nearest_init(&nearest, name);
  for (uint32_t i = 0; i < table->field_count; i++) pat_nearest_offer(&nearest, table->fields[i].name);
  return pat_nearest_text(&nearest, compile->arena);
}

/* ---- The declaration ---------------------------------------------------------------- */

static int build_key(pat_compile *compile, const pat_table *decl, plan_table *table)
{
  table->key = find_field(table, decl->key.text);
  if (table->key == CEP_NONE) {
    pat_report(compile->diags, 373, decl->key.span, "table '%s' has no field '%s' to be its key%s", table->name,
               decl->key.text, near_field(compile, table, decl->key.text));
    return 0;
  }
  const plan_field *key = &table->fields[table->key];
  if (!is_key_kind(key->kind)) {
    pat_report(compile->diags, 373, decl->key.span, "the key '%s' is %s; rows are found by a bool, int, string, time, duration or ip", key->name,
               cb_kind_name(key->kind));
    return 0;
  }
  if (!key->nullable) return 1;
  pat_report(compile->diags, 373, decl->key.span, "the key '%s' may be null, and null finds nothing; leave out its '?'", key->name);
  return 0;
}

static int build_as_of(pat_compile *compile, const pat_table *decl, plan_table *table)
{
  table->as_of = CEP_NONE;
  if (!decl->as_of.text) return 1;
  uint32_t field = find_field(table, decl->as_of.text);
  const plan_field *found = field == CEP_NONE ? NULL : &table->fields[field];
  if (!found) {
    pat_report(compile->diags, 375, decl->as_of.span, "table '%s' has no field '%s' that says from when on a row counts%s", table->name, decl->as_of.text,
               near_field(compile, table, decl->as_of.text));
  } else if (field == table->key) {
    pat_report(compile->diags, 375, decl->as_of.span, "'%s' is the key already; the time from which on a row counts is another field", found->name);
  } else if (found->kind != CEP_TIME) {
    pat_report(compile->diags, 375, decl->as_of.span, "'%s' is %s; a row counts from a time on: write  %s: time", found->name, cb_kind_name(found->kind), found->name);
  } else if (found->nullable) {
    pat_report(compile->diags, 375, decl->as_of.span, "'%s' may be null, and each row counts from some time on; leave out its '?'", found->name);
  } else {
    table->as_of = field;
    return 1;
  }
  return 0;
}

static int build_format(pat_compile *compile, const pat_stream *source, plan_table *table)
{
  if (source->format != PLAN_JSON && source->format != PLAN_CSV) {
    pat_report(compile->diags, 374, source->format_span, "the rows of a table are 'json' or 'csv', not '%s'", plan_format_word(source->format));
    return 0;
  }
  table->format = source->format;
  if (source->format != PLAN_CSV) return 1;
  plan_input csv;
  memset(&csv, 0, sizeof csv);
  if (!pat_build_csv(compile, source, &csv)) return 0;
  table->csv_delimiter = csv.csv_delimiter;
  table->csv_quote = csv.csv_quote;
  table->csv_columns = csv.csv_columns;
  return !csv.csv_columns || pat_check_fields_have_columns(compile, source, csv.csv_columns);
}

int pat_build_table(pat_compile *compile, pat_symbol *symbol)
{
  const pat_table *decl = symbol->decl->table;
  plan_table *table = &compile->tables[symbol->table];
  table->name = symbol->name;
  table->span = symbol->span;
  table->place = decl->source.place;
  table->refresh = decl->refresh;
  if (decl->source.members.count > CB_CELL_COLUMNS_MAX) {
    pat_report(compile->diags, 327, symbol->span, "table '%s' has more than %u fields", symbol->name, CB_CELL_COLUMNS_MAX);
    return 0;
  }
  int is_good = build_format(compile, &decl->source, table);
  is_good &= pat_build_members(compile, &decl->source, &table->fields, &table->field_count);
  return is_good && build_key(compile, decl, table) && build_as_of(compile, decl, table);
}

/* ---- Expressions -------------------------------------------------------------------- */

static const plan_expr *new_look(pat_scope *scope, plan_op op, cep_kind kind, const pat_expr *expr, const plan_expr *arg,
                                 const plan_table *table, uint32_t field)
{
  plan_expr *look = pat_new_plan_expr(scope->compile, op, kind, expr->span, 1, &arg);
  if (!look) return NULL;
  look->table = (uint32_t)(table - scope->compile->tables);
  look->field = field;
  if (op == PLAN_LOOKUP) look->may_be_null = 1;
  return look;
}

static uint32_t want_field(pat_scope *scope, const plan_table *table, const pat_name *name)
{
  uint32_t field = find_field(table, name->text);
  if (field == CEP_NONE) {
    pat_report(scope->compile->diags, 371, name->span, "table '%s' has no field '%s'%s", table->name, name->text,
               near_field(scope->compile, table, name->text));
  }
  return field;
}

/* `sought` as the kind of a field; NULL when that cannot be, which is said. */
static const plan_expr *bring_to(pat_scope *scope, const plan_expr *sought, const plan_table *table, uint32_t field)
{
  pat_compile *compile = scope->compile;
  const plan_field *of = &table->fields[field];
  if (sought->kind == CEP_NULL) {
    pat_report(compile->diags, 403, sought->span, "null is in no table, and finds no row of one");
    return NULL;
  }
  const char *why = NULL;
  const plan_expr *converted = pat_convert(compile, sought, of->kind, &why);
  if (converted) return converted;
  pat_report(compile->diags, 401, sought->span, "'%s' is %s, and the field '%s' of table '%s' is %s%s%s", pat_text_at(compile, sought->span),
             cb_kind_name(sought->kind), of->name, table->name, cb_kind_name(of->kind), why ? ": " : "", why ? why : "");
  return NULL;
}

const plan_expr *pat_check_in_table(pat_scope *scope, const pat_expr *expr)
{
  const pat_expr *place = expr->args.at[1];
  const plan_expr *sought = pat_check(scope, expr->args.at[0]);
  const plan_table *table = pat_resolve_table(scope->compile, &place->args.at[0]->name);
  uint32_t field = table ? want_field(scope, table, &place->name) : CEP_NONE;
  if (!sought || field == CEP_NONE) return NULL;
  sought = bring_to(scope, sought, table, field);
  const plan_expr *look = sought ? new_look(scope, PLAN_IN_TABLE, CEP_BOOL, expr, sought, table, field) : NULL;
  if (!look || !expr->is_negated) return look;
  return pat_new_plan_expr(scope->compile, PLAN_NOT, CEP_BOOL, expr->span, 1, &look);
}

static const pat_expr *table_name(const pat_scope *scope, const pat_expr *expr)
{
  if (expr->kind != PAT_E_NAME || pat_find_step(scope, expr->name.text) != CEP_NONE) return NULL;
  const pat_symbol *symbol = pat_find_symbol(scope->compile, expr->name.text);
  if (!symbol || symbol->decl->kind != PAT_D_TABLE) return NULL;
  /* A field or a measure of that name comes first: rows are read with [ ] only. */
  if (scope->stream && pat_find_field(scope->stream, expr->name.text) != CEP_NONE) return NULL;
  for (uint32_t i = 0; scope->measures && i < scope->measures->count; i++) {
    if (strcmp(scope->measures->at[i].name.text, expr->name.text) == 0) return NULL;
  }
  return expr;
}

int pat_is_lookup(const pat_scope *scope, const pat_expr *expr)
{
  if (expr->kind != PAT_E_MEMBER || expr->args.at[0]->kind != PAT_E_INDEX) return 0;
  const pat_expr *name = expr->args.at[0]->args.at[0];
  const pat_symbol *symbol = name->kind == PAT_E_NAME ? pat_find_symbol(scope->compile, name->name.text) : NULL;
  return symbol && symbol->decl->kind == PAT_D_TABLE;
}

const plan_expr *pat_check_lookup(pat_scope *scope, const pat_expr *expr)
{
  const pat_expr *row = expr->args.at[0];
  const plan_expr *key = pat_check(scope, row->args.at[1]);
  const plan_table *table = pat_resolve_table(scope->compile, &row->args.at[0]->name);
  uint32_t field = table ? want_field(scope, table, &expr->name) : CEP_NONE;
  if (!key || field == CEP_NONE) return NULL;
  key = bring_to(scope, key, table, table->key);
  return key ? new_look(scope, PLAN_LOOKUP, table->fields[field].kind, expr, key, table, field) : NULL;
}

int pat_report_table(const pat_scope *scope, const pat_expr *expr)
{
  pat_compile *compile = scope->compile;
  const pat_expr *name = expr->kind == PAT_E_NAME ? table_name(scope, expr) : table_name(scope, expr->args.at[0]);
  if (!name) return 0;
  const char *table = name->name.text;
  if (expr->kind == PAT_E_INDEX) {
    pat_report(compile->diags, 372, expr->span, "'%s' is a row of a table, not a value; write %s.<field>", pat_text_at(compile, expr->span),
               pat_text_at(compile, expr->span));
  } else {
    pat_report(compile->diags, 372, expr->span, "'%s' is a table; a row of it is found by its key: %s[x].<field>, and a value among its rows by: x in %s.<field>",
               table, table, table);
  }
  return 1;
}
