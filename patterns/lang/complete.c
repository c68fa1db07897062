/* complete.c - what could stand at a place, proposed by what stands before it. */
#include <string.h>

#include "patterns/lang/answer.h"

enum { ITEM_FUNCTION = 3, ITEM_FIELD = 5, ITEM_VARIABLE = 6, ITEM_CLASS = 7, ITEM_VALUE = 12, ITEM_KEYWORD = 14, ITEM_TYPE = 25 };

/* Where the cursor is: what stands before the word that is being written. */
typedef struct spot {
  const lsp_question *question;
  lsp_text text;
  cb_arena arena;
  uint32_t before; /* token; CEP_NONE: none */
  uint32_t word;   /* the token that is being written; CEP_NONE */
  uint32_t decl;
  uint32_t brace;  /* the '{' around; CEP_NONE: in a head, or outside */
  int is_in_parens;
  uint32_t count;  /* of items written */
} spot;

/* ---- Items --------------------------------------------------------------------------- */

/* `rank`: nearer things come first. `insert` NULL: the label. */
static void put_item(spot *at, const char *label, int kind, char rank, const char *detail, const char *insert)
{
  cb_writer *out = at->question->out;
  cb_write_text(out, at->count++ > 0 ? ",{\"label\":" : "{\"label\":");
  cb_json_write_string(out, label, strlen(label));
  cb_write_printf(out, ",\"kind\":%d", kind);
  if (detail && *detail) {
    cb_write_text(out, ",\"detail\":");
    cb_json_write_string(out, detail, strlen(detail));
  }
  if (insert && strcmp(insert, label) != 0) {
    cb_write_text(out, ",\"insertText\":");
    cb_json_write_string(out, insert, strlen(insert));
  }
  char sort[] = {rank, ' ', 0};
  cb_write_printf(out, ",\"sortText\":");
  const char *key = cb_arena_printf(&at->arena, "%s%s", sort, label);
  if (key) cb_json_write_string(out, key, strlen(key));
  else cb_write_text(out, "\"\"");
  cb_write_text(out, "}");
}

static const char *name_text(spot *at, const char *name, const char *behind)
{
  cb_writer text;
  cb_writer_init(&text, at->question->out->alloc);
  lsp_write_name(&text, name);
  cb_write_text(&text, behind);
  const char *copy = cb_arena_text(&at->arena, text.data ? (const char *)text.data : "", text.len);
  cb_writer_fini(&text);
  return copy;
}

static void put_name(spot *at, const char *name, int kind, char rank, const char *detail)
{
  put_item(at, name, kind, rank, detail, name_text(at, name, ""));
}

static void put_words(spot *at, const char *const *words, char rank)
{
  for (; *words; words++) put_item(at, *words, ITEM_KEYWORD, rank, NULL, NULL);
}

/* `behind`: what follows such a name, for labels ": ". */
static void put_fields(spot *at, uint32_t decl, char rank, const char *behind)
{
  lsp_fields fields = {NULL, 0, 0};
  if (decl == CEP_NONE) return;
  lsp_fields_of(&at->text, &at->arena, decl, &fields);
  for (uint32_t i = 0; i < fields.count; i++) {
    cb_writer kind;
    cb_writer_init(&kind, at->question->out->alloc);
    lsp_write_kind(&kind, &fields.at[i]);
    const char *detail = cb_arena_text(&at->arena, kind.data ? (const char *)kind.data : "", kind.len);
    put_item(at, fields.at[i].name, ITEM_FIELD, rank, detail, name_text(at, fields.at[i].name, behind));
    cb_writer_fini(&kind);
  }
}

/* Fields that a key can be: of an aggregate those of its stream, of a detection those of any. */
static void put_key_fields(spot *at)
{
  const lsp_study *study = at->text.study;
  const lsp_decl *found = &study->decls.at[at->decl];
  lsp_fields fields = {NULL, 0, 0};
  if (found->decl->detect->window && lsp_is(study, found->first + 3, PAT_NAME)) {
    put_fields(at, lsp_find_decl(study, lsp_at(study, found->first + 3)->text, 0), '1', "");
    return;
  }
  for (uint32_t i = 0; i < study->decls.count; i++)
    if (study->decls.at[i].decl->kind == PAT_D_STREAM) lsp_fields_of(&at->text, &at->arena, i, &fields);
  for (uint32_t i = 0; i < fields.count; i++) put_name(at, fields.at[i].name, ITEM_FIELD, '1', NULL);
}

static void put_streams(spot *at, char rank, int with_tables)
{
  static const char *const sorts[] = {[PAT_D_INPUT] = "input", [PAT_D_STREAM] = "stream", [PAT_D_DEFINE] = "definition",
                                      [PAT_D_DETECT] = "detection", [PAT_D_TABLE] = "table", [PAT_D_OTHER] = ""};
  for (uint32_t i = 0; i < at->text.study->decls.count; i++) {
    const pat_decl *decl = at->text.study->decls.at[i].decl;
    if (i == at->decl || decl->kind == PAT_D_INPUT || (decl->kind == PAT_D_TABLE) != with_tables) continue;
    put_name(at, decl->name.text, ITEM_CLASS, rank, sorts[decl->kind]);
  }
}

static void put_inputs(spot *at)
{
  for (uint32_t i = 0; i < at->text.study->decls.count; i++) {
    const pat_decl *decl = at->text.study->decls.at[i].decl;
    if (decl->kind == PAT_D_INPUT) put_name(at, decl->name.text, ITEM_CLASS, '1', "input");
  }
}

static void put_steps(spot *at)
{
  lsp_steps steps = {NULL, 0, 0};
  lsp_steps_of(at->text.study, &at->arena, at->decl, &steps);
  for (uint32_t i = 0; i < steps.count; i++) {
    int is_again = steps.at[i].token == at->word;
    for (uint32_t k = 0; k < i; k++) is_again |= strcmp(steps.at[k].name, steps.at[i].name) == 0;
    if (!is_again) put_name(at, steps.at[i].name, ITEM_VARIABLE, '2', lsp_at(at->text.study, steps.at[i].role)->text);
  }
}

static void put_keys(spot *at)
{
  const pat_detect *detect = at->text.study->decls.at[at->decl].decl->detect;
  for (uint32_t i = 0; detect && i < detect->keys.count; i++) put_name(at, detect->keys.at[i].name.text, ITEM_VARIABLE, '1', "key");
  lsp_fields measures = {NULL, 0, 0};
  lsp_measures_of(&at->text, &at->arena, at->decl, &measures);
  for (uint32_t i = 0; i < measures.count; i++) put_name(at, measures.at[i].name, ITEM_VARIABLE, '1', "measure");
}

static void put_functions(spot *at)
{
  cb_writer *out = at->question->out;
  for (uint32_t i = 0; lsp_function_name(i); i++) {
    const char *name = lsp_function_name(i);
    cb_writer words;
    cb_writer_init(&words, out->alloc);
    (void)lsp_write_function(&words, name);
    put_item(at, name, ITEM_FUNCTION, '4', NULL, NULL);
    /* Into the item just written. */
    if (out->status == CEP_OK) out->len--;
    cb_write_text(out, ",\"documentation\":{\"kind\":\"markdown\",\"value\":");
    cb_json_write_string(out, words.data ? (const char *)words.data : "", words.len);
    cb_write_text(out, "}}");
    cb_writer_fini(&words);
  }
}

/* ---- What stands where ----------------------------------------------------------------- */

static const char *const declaration_words[] = {"input", "stream", "table", "define", "detect", "aggregate", "join", NULL};
static const char *const type_words[] = {"bool", "int", "float", "string", "time", "duration", "ip", NULL};
static const char *const place_words[] = {"file", "kafka", "stdin", NULL};
static const char *const window_words[] = {"tumbling", "sliding", "session gap", "count", NULL};
static const char *const format_words[] = {"json", "line", "csv", "logfmt", NULL};
static const char *const pattern_words[] = {"no", "optional", "immediately", "any", "within", "one of", "all of", "distinct", "greedy", "reluctant",
                                            "consecutive", "relaxed", NULL};
static const char *const expr_words[] = {"and", "or", "not", "in", "is null", "is not null", "like", "ilike", "between", "contains", "icontains",
                                         "starts with", "istarts with", "ends with", "iends with", "cidr", "div", "true", "false", "null",
                                         "case when", "then", "else", "end", NULL};
static const char *const detect_words[] = {"match", "then", "where", "as", "until", "for", "having", "after match skip past last", "after match no skip",
                                           "after match skip to next", "limit", "emit", "emit once", "on timeout emit", "suppress", "meta", "test", NULL};
static const char *const aggregate_words[] = {"having", "emit", "emit at once", "early every", "suppress", "meta", "test", NULL};
static const char *const join_words[] = {"where", "emit", "suppress", "meta", "test", NULL};
static const char *const test_words[] = {"at", "watermark", "expect", "expect nothing", "expect at", "expect timeout", "expect update", "expect late",
                                         "repeat", "every", "partition", NULL};
static const char *const field_words[] = {"time", "at", "lateness", "idle", "rfc3339", "ms", "s", "us", "ns", "zone", "year", NULL};

static int is_before(const spot *at, pat_token_kind kind)
{
  return lsp_is(at->text.study, at->before, kind);
}

static int is_before_word(const spot *at, pat_word word)
{
  return lsp_is_word(at->text.study, at->before, word);
}

/* Names and words of conditions and values. */
static void put_expr(spot *at)
{
  uint32_t place = at->word != CEP_NONE ? at->word : at->before + 1;
  uint32_t stream = lsp_stream_at(at->text.study, place);
  put_fields(at, stream, '1', "");
  put_keys(at);
  put_steps(at);
  put_streams(at, '3', 1);
  put_functions(at);
  put_words(at, expr_words, '5');
}

static void put_head(spot *at, const pat_decl *decl)
{
  static const char *const stream_head[] = {"from", "where", "format json", "format line", "format csv", "format logfmt", NULL};
  static const char *const table_head[] = {"from file", "format csv", "format json", "key", "as of", "refresh", NULL};
  static const char *const detect_head[] = {"by", "within", "unbounded", "events", NULL};
  static const char *const aggregate_head[] = {"from", "where", "by", "window tumbling", "window sliding", "window session gap", "window count", "every",
                                               "offset", "even empty for", "allowed lateness", NULL};
  static const char *const join_head[] = {"from", "as", "by", "within", "window tumbling", "window sliding", "inner", "left", "full", NULL};
  if (is_before_word(at, PAT_W_from)) {
    if (decl->kind == PAT_D_DETECT) {
      put_streams(at, '1', 0);
    } else {
      if (decl->kind == PAT_D_STREAM) put_inputs(at);
      put_words(at, place_words, '3');
    }
  } else if (is_before_word(at, PAT_W_format)) {
    put_words(at, format_words, '1');
  } else if (decl->kind == PAT_D_DETECT && is_before(at, PAT_ASSIGN)) {
    put_streams(at, '1', 0);
  } else if (decl->kind == PAT_D_DETECT && is_before_word(at, PAT_W_by)) {
    put_key_fields(at);
  } else if (is_before_word(at, PAT_W_window)) {
    put_words(at, window_words, '1');
  } else if (decl->kind == PAT_D_DETECT) {
    if (lsp_stream_at(at->text.study, at->before + 1) != CEP_NONE) put_expr(at);
    put_words(at, decl->detect->window ? aggregate_head : decl->detect->join ? join_head : detect_head, '5');
    if (decl->detect->join && is_before(at, PAT_COMMA)) put_streams(at, '1', 0);
  } else {
    if (lsp_stream_at(at->text.study, at->before + 1) != CEP_NONE) put_expr(at);
    put_words(at, decl->kind == PAT_D_TABLE ? table_head : stream_head, '5');
  }
}

static int wants_stream(const spot *at)
{
  const lsp_study *study = at->text.study;
  if (at->before == CEP_NONE) return 0;
  switch (lsp_at(study, at->before)->kind) {
  case PAT_MATCH:
  case PAT_NO:
  case PAT_UNTIL:
  case PAT_INT:
  case PAT_PLUS: return lsp_stream_at(study, at->before) == CEP_NONE && !at->is_in_parens;
  case PAT_THEN: return !lsp_is_case_then(study, at->before);
  case PAT_PAREN_OPEN: return !lsp_is(study, at->before - 1, PAT_NAME) || lsp_is_word(study, at->before - 1, PAT_W_of);
  case PAT_NAME: {
    static const pat_word words[] = {PAT_W_latest, PAT_W_optional, PAT_W_immediately, PAT_W_any, PAT_W_greedy, PAT_W_reluctant, PAT_W_consecutive, PAT_W_relaxed};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
      if (is_before_word(at, words[i])) return 1;
    return 0;
  }
  default: return 0;
  }
}

/* Behind the '{' or a ',' in it. */
static int wants_label(const spot *at)
{
  return (is_before(at, PAT_BRACE_OPEN) || is_before(at, PAT_COMMA)) && !at->is_in_parens;
}

static void put_body(spot *at, const pat_decl *decl)
{
  if (decl->kind != PAT_D_DETECT) {
    put_words(at, is_before(at, PAT_COLON) ? type_words : field_words, '1');
  } else if (wants_stream(at) && !decl->detect->window) {
    put_streams(at, '1', 0);
    put_words(at, pattern_words, '5');
  } else {
    if (!is_before(at, PAT_BRACE_OPEN) && !is_before(at, PAT_BRACE_CLOSE)) put_expr(at);
    put_words(at, decl->detect->window ? aggregate_words : decl->detect->join ? join_words : detect_words, '6');
  }
}

static void put_inner(spot *at)
{
  const lsp_study *study = at->text.study;
  uint32_t brace = at->brace;
  int is_test = brace >= 2 && lsp_is_word(study, brace - 2, PAT_W_test);
  uint32_t labels = lsp_labels_of(study, brace);
  if (is_test) {
    int is_event = at->before >= 1 && (is_before(at, PAT_DURATION) || is_before(at, PAT_STRING)) && lsp_is_word(study, at->before - 1, PAT_W_at);
    if (is_event && !lsp_is_word(study, at->before - 2, PAT_W_expect)) put_streams(at, '1', 0);
    else put_words(at, test_words, '1');
  } else if (wants_label(at)) {
    int is_output = labels == at->decl && lsp_at(study, lsp_at(study, brace)->brace)->brace == CEP_NONE && lsp_is(study, brace - 1, PAT_EMIT);
    if (!is_output) put_fields(at, labels, '1', ": ");
  } else {
    put_expr(at);
  }
}

static int is_outside(const spot *at)
{
  if (at->before == CEP_NONE || at->decl == CEP_NONE) return 1;
  return at->brace == CEP_NONE && is_before(at, PAT_BRACE_CLOSE);
}

static void put_all(spot *at)
{
  const lsp_study *study = at->text.study;
  if (is_before(at, PAT_DOT)) {
    put_fields(at, lsp_owner_of(&at->text, at->before), '1', "");
    return;
  }
  if (is_outside(at)) {
    put_words(at, declaration_words, '1');
    return;
  }
  const lsp_decl *decl = &study->decls.at[at->decl];
  if (at->before == decl->first || is_before(at, PAT_AS)) return; /* a new name */
  if (decl->decl->kind == PAT_D_DEFINE) {
    if (is_before(at, PAT_ASSIGN)) {
      put_streams(at, '1', 0);
    } else {
      put_expr(at);
      put_words(at, declaration_words, '6');
    }
  } else if (at->brace == CEP_NONE) {
    put_head(at, decl->decl);
  } else if (lsp_at(study, at->brace)->brace == CEP_NONE) {
    put_body(at, decl->decl);
  } else {
    put_inner(at);
  }
}

/* 0: in a comment or a string, where nothing is proposed. */
static int find_spot(spot *at)
{
  const lsp_study *study = at->text.study;
  uint32_t offset = at->question->offset;
  uint32_t token = lsp_token_at(study, offset);
  at->word = token != CEP_NONE && lsp_at(study, token)->kind >= PAT_NAME && lsp_at(study, token)->span.offset < offset ? token : CEP_NONE;
  if (at->word != CEP_NONE) {
    pat_token_kind kind = lsp_at(study, at->word)->kind;
    int is_letters = kind == PAT_NAME || (kind >= PAT_AND && kind <= PAT_CASE);
    if (!is_letters) at->word = CEP_NONE;
    if (kind == PAT_STRING || kind == PAT_BROKEN) return 0;
  }
  if (at->word == CEP_NONE && lsp_in_comment(study, offset)) return 0;
  at->before = at->word == CEP_NONE ? lsp_token_before(study, offset) : at->word > 0 ? at->word - 1 : CEP_NONE;
  at->decl = at->before == CEP_NONE ? CEP_NONE : lsp_decl_of(study, at->before);
  /* What begins a declaration is not in the one before it. */
  if (at->word != CEP_NONE && at->decl != CEP_NONE && lsp_decl_of(study, at->word) != at->decl) at->decl = CEP_NONE;
  at->brace = CEP_NONE;
  if (at->before == CEP_NONE) return 1;
  const lsp_token *before = lsp_at(study, at->before);
  at->brace = before->kind == PAT_BRACE_OPEN ? at->before : before->brace;
  at->is_in_parens = before->kind == PAT_PAREN_OPEN || before->kind == PAT_BRACKET_OPEN || before->paren != CEP_NONE;
  return 1;
}

void lsp_answer_completion(const lsp_question *question)
{
  spot at;
  memset(&at, 0, sizeof at);
  at.question = question;
  at.text = lsp_document_text(question->document);
  cb_arena_init(&at.arena, question->out->alloc);
  cb_write_text(question->out, "[");
  if (find_spot(&at)) put_all(&at);
  cb_write_text(question->out, "]");
  cb_arena_fini(&at.arena);
}
