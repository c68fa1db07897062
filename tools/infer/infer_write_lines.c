/* infer_write_lines.c - lines of text as declarations: an input with what all lines begin with, a stream for each shape. */
#include <string.h>

#include "cep/base/num.h"
#include "tools/infer/infer_lines.h"

/* ---- Regular expressions ------------------------------------------------------------------------ */

/* In a raw string, where a quote stands behind a backslash. */
static void write_literal(infer *self, infer_text text)
{
  for (size_t i = 0; i < text.len; i++) {
    unsigned char c = (unsigned char)text.at[i];
    if (c < 0x20 || c == 0x7F)
      cb_write_printf(&self->text, "\\x%02x", c);
    else if (c >= 0x80) /* it may be no UTF-8 */
      cb_write_text(&self->text, ".");
    else
      cb_write_printf(&self->text, strchr("\\^$.[]|()?*+{}\"#", c) ? "\\%c" : "%c", c);
  }
}

static const char *conversion(char letter)
{
  switch (letter) {
  case 'Y': return "\\d{4}";
  case 'y': return "\\d\\d";
  case 'b': return "[A-Z][a-z]+";
  case 'a': return "[A-Z][a-z]+";
  case 'f': return "\\d+";
  case 'p': return "[APap][Mm]";
  case 'Z': return "[A-Z]+";
  case 'z': return "(?:Z|[+-]\\d\\d:?\\d\\d)";
  default: return "\\d{1,2}";
  }
}

/* What a form of time reads. Numbers of a form without signs between them have two digits each. */
static void write_form_regex(infer *self, const char *form)
{
  int is_tight = strstr(form, "%y%m") || strstr(form, "%Y%m");
  for (const char *c = form; *c; c++) {
    if (*c == ' ') {
      cb_write_text(&self->text, " +");
    } else if (*c == '%') {
      const char *digits = conversion(*++c);
      cb_write_text(&self->text, is_tight && strcmp(digits, "\\d{1,2}") == 0 ? "\\d\\d" : digits);
    } else {
      write_literal(self, (infer_text){c, 1});
    }
  }
}

/* So many words are passed over. */
static void write_words(infer *self, uint32_t count)
{
  if (count == 1) cb_write_text(&self->text, "\\S+\\s+");
  if (count > 1) cb_write_printf(&self->text, "(?:\\S+\\s+){%u}", count);
}

static void write_time_regex(infer *self, const infer_lines *lines)
{
  cb_writer *out = &self->text;
  if (lines->place == INFER_AT_BRACKET) cb_write_text(out, "\\[");
  if (lines->place == INFER_IN_BRACKET) cb_write_text(out, "[^\\[]*\\[");
  if (lines->place == INFER_AT_TOKEN) write_words(self, lines->token);
  cb_write_text(out, "(?<ts>");
  if (lines->form >= INFER_FORM_TEXT)
    write_form_regex(self, infer_form_text(lines->form));
  else
    cb_write_text(out, "\\S+");
  cb_write_text(out, lines->place == INFER_AT_BRACKET || lines->place == INFER_IN_BRACKET ? ")\\]" : ")");
}

static const char *piece_regex(const infer_piece *piece)
{
  switch (piece->kind) {
  case INFER_PIECE_INT: return "-?\\d+";
  case INFER_PIECE_FLOAT: return "-?\\d+(?:\\.\\d+)?";
  case INFER_PIECE_IP: return "[0-9A-Fa-f.:]+";
  case INFER_PIECE_HEX: return "0x[0-9A-Fa-f]+";
  case INFER_PIECE_SIGN:
  case INFER_PIECE_TEXT:
  case INFER_PIECE_QUOTED:
  case INFER_PIECE_WORD: break;
  }
  return "\\S+";
}

/* A variable up to the sign that stands right behind it. */
static void write_variable(infer *self, const infer_piece *piece, const infer_piece *next)
{
  cb_writer *out = &self->text;
  int is_quoted = piece->kind == INFER_PIECE_QUOTED;
  if (is_quoted) cb_write_text(out, "\\\"");
  if (piece->name) cb_write_printf(out, "(?<%s>", piece->name);
  if (is_quoted)
    cb_write_text(out, "[^\\\"]*");
  else if (piece->kind != INFER_PIECE_WORD || !next || next->has_gap)
    cb_write_text(out, piece_regex(piece));
  else if (next->kind == INFER_PIECE_SIGN && strchr(")]}>\",;=(", next->text.at[0]))
    cb_write_printf(out, "[^\\s\\%c]+", next->text.at[0]);
  else
    cb_write_text(out, "\\S+?");
  if (piece->name) cb_write_text(out, ")");
  if (is_quoted) cb_write_text(out, "\\\"");
}

static void write_piece(infer *self, const infer_piece *piece, const infer_piece *next, int is_first)
{
  if (piece->has_gap && !is_first) cb_write_text(&self->text, " +");
  if (piece->kind >= INFER_PIECE_INT)
    write_variable(self, piece, next);
  else
    write_literal(self, piece->text);
}

static void write_shape_regex(infer *self, const infer_shape *shape)
{
  int is_open = 0;
  for (uint32_t i = 0; i < shape->count; i++) {
    const infer_piece *piece = &shape->pieces[i], *next = i + 1 < shape->count ? piece + 1 : NULL;
    if (piece->is_optional != is_open) cb_write_text(&self->text, is_open ? ")?" : "(?:");
    is_open = piece->is_optional;
    write_piece(self, piece, next, i == 0);
  }
  cb_write_text(&self->text, is_open ? ")?" : "");
  cb_write_text(&self->text, shape->has_rest ? "" : "\\s*$");
}

/* ---- The input ---------------------------------------------------------------------------------- */

static void write_form(infer *self, const infer_lines *lines)
{
  if (lines->form < INFER_FORM_TEXT)
    cb_write_text(&self->text, infer_form_words(lines->form));
  else
    cb_write_printf(&self->text, " \"%s\"", infer_form_text(lines->form));
}

static void write_head_regex(infer *self, const infer_lines *lines)
{
  cb_writer *out = &self->text;
  cb_write_text(out, "r\"^");
  if (lines->form != CEP_NONE) write_time_regex(self, lines);
  if (lines->is_syslog) {
    cb_write_text(out, " +(?<host>\\S+) +(?<process>[^\\s\\[:]+)(?:\\[(?<pid>\\d+)\\])?: *(?<message>.*)\"");
    return;
  }
  if (lines->form != CEP_NONE) cb_write_text(out, "[\\s:,|-]*");
  if (lines->level != CEP_NONE) {
    write_words(self, lines->level);
    cb_write_text(out, "[\\[<]?(?<level>\\w+)[\\]>:,]*\\s+");
  }
  cb_write_text(out, "(?<message>.*)\"");
}

static void write_input(infer *self, const char *name, const infer_lines *lines, const infer_order *order)
{
  cb_writer *out = &self->text;
  cb_write_printf(out, "input %s", name);
  infer_write_place(self);
  cb_write_text(out, " format line ");
  write_head_regex(self, lines);
  cb_write_text(out, " {\n    time ");
  if (lines->form == CEP_NONE) {
    cb_write_text(out, "ingestion");
  } else {
    cb_write_text(out, "ts");
    write_form(self, lines);
    infer_write_lateness(self, order);
  }
  cb_write_text(out, "\n    ");
  if (lines->is_syslog) cb_write_text(out, "host: string  process: string  pid: int?  ");
  if (lines->level != CEP_NONE) cb_write_text(out, "level: string  ");
  cb_write_text(out, "message: string\n}\n");
}

/* ---- The streams -------------------------------------------------------------------------------- */

static void write_fields(infer *self, const infer_shape *shape)
{
  cb_writer *out = &self->text;
  const char *before = " { ";
  for (uint32_t i = 0; i < shape->count; i++) {
    const infer_piece *piece = &shape->pieces[i];
    if (!piece->name || piece->kind < INFER_PIECE_INT) continue;
    const char *kind = piece->kind == INFER_PIECE_INT ? "int" : piece->kind == INFER_PIECE_FLOAT ? "float" : piece->kind == INFER_PIECE_IP ? "ip" : "string";
    cb_write_printf(out, "%s%s: %s%s", before, piece->name, kind, piece->is_optional ? "?" : "");
    before = "  ";
  }
  cb_write_text(out, before[1] == '{' ? " { }\n" : " }\n");
}

/* The words in front of the message, counted and not looked at again. */
static void write_stream_start(infer *self, const infer_lines *lines, const infer_shape *shape)
{
  cb_writer *out = &self->text;
  if (lines->is_syslog) {
    const char *form = lines->form >= INFER_FORM_TEXT ? infer_form_text(lines->form) : "";
    unsigned words = 2 + (lines->place == INFER_AT_TOKEN ? lines->token : 0);
    for (; *form; form++) words += *form == ' ';
    cb_write_text(out, "^");
    write_words(self, words);
    write_literal(self, shape->process);
    cb_write_text(out, "(?:\\[\\d+\\])?: *");
    return;
  }
  cb_write_text(out, "^");
  if (lines->form != CEP_NONE) {
    size_t from = out->len;
    write_time_regex(self, lines);
    for (size_t i = from; i + 4 < out->len; i++) /* the group is the input's */
      if (memcmp(out->data + i, "(?<ts>", 6) == 0) {
        memcpy(out->data + i, "(?:", 3);
        memmove(out->data + i + 3, out->data + i + 6, out->len - i - 6);
        out->len -= 3;
        break;
      }
    cb_write_text(out, "[\\s:,|-]*");
  }
  if (lines->level != CEP_NONE) write_words(self, lines->level + 1);
}

static void write_shape(infer *self, const char *name, const infer_lines *lines, const infer_shape *shape)
{
  cb_writer *out = &self->text;
  cb_write_text(out, "\n// ");
  infer_write_number(self, shape->lines);
  cb_write_text(out, shape->lines == 1 ? " line: " : " lines: ");
  infer_write_quoted(self, shape->example, 150);
  cb_write_printf(out, "\nstream %s from %s r\"", shape->name, name);
  write_stream_start(self, lines, shape);
  write_shape_regex(self, shape);
  cb_write_text(out, "\"");
  write_fields(self, shape);
}

/* One line is no shape yet; a tenth of a per cent is a rare one. */
static int is_frequent(const infer *self, const infer_shape *shape)
{
  return shape->lines >= 2 && shape->lines * 1000 >= self->records && shape->count > 0;
}

static void write_shapes(infer *self, const char *name)
{
  cb_writer *out = &self->text;
  const infer_lines *lines = self->found;
  cb_write_printf(out, "stream Line from %s { }\n", name);
  uint64_t rare = 0, rare_lines = lines->unshaped;
  for (uint32_t i = 0; i < lines->shapes.count; i++) {
    const infer_shape *shape = lines->shapes.at[i];
    if (i < INFER_SHAPES_MAX && is_frequent(self, shape)) {
      write_shape(self, name, lines, shape);
      continue;
    }
    rare++;
    rare_lines += shape->lines;
  }
  if (rare == 0) return;
  cb_write_text(out, "\n// ");
  infer_write_number(self, rare_lines);
  cb_write_printf(out, " line%s of ", rare_lines == 1 ? "" : "s");
  infer_write_number(self, rare);
  cb_write_text(out, rare == 1 ? " other shape: only in Line.\n" : " other shapes: only in Line.\n");
}

static void write_access(infer *self, const char *name, const infer_lines *lines, const infer_order *order)
{
  cb_writer *out = &self->text;
  cb_write_text(out, "// An access log of a web server.\n");
  cb_write_printf(out, "stream %s", name);
  infer_write_place(self);
  cb_write_text(out, " format line r\"^(?<client>\\S+) \\S+ (?<user>\\S+) \\[(?<ts>[^\\]]+)\\] \\\"(?<method>\\w+)? ?(?<path>[^ \\\"]*)[^\\\"]*\\\" (?<status>\\d{3}) (?:-|(?<bytes>\\d+))");
  if (lines->is_combined) cb_write_text(out, " \\\"(?<referer>[^\\\"]*)\\\" \\\"(?<agent>[^\\\"]*)\\\"");
  cb_write_text(out, "\" {\n    time ts");
  write_form(self, lines);
  infer_write_lateness(self, order);
  cb_write_printf(out, "\n    client: %s", lines->has_addresses ? "ip" : "string");
  cb_write_text(out, "  user: string  method: string?  path: string  status: int  bytes: int?");
  if (lines->is_combined) cb_write_text(out, "\n    referer: string  agent: string");
  cb_write_text(out, "\n}\n");
}

void infer_write_lines(infer *self, const char *name, const infer_order *order)
{
  cb_writer *out = &self->text;
  const infer_lines *lines = self->found;
  infer_write_head(self, lines->form != CEP_NONE ? order : NULL);
  if (lines->form == CEP_NONE) {
    cb_write_text(out, "// No line begins with a time: the time is that of reading, which differs in each run.\n");
  } else {
    if (!infer_form_has_year(lines->form)) cb_write_text(out, "// The times have no year: say it behind the form (year 2026), or it is counted from 1970 on.\n");
    if (lines->form >= INFER_FORM_TEXT && !infer_form_has_zone(lines->form))
      cb_write_text(out, "// The times have no zone: say it behind the form (zone \"Europe/Berlin\") if it is not UTC.\n");
  }
  if (lines->is_access && lines->form != CEP_NONE) {
    write_access(self, name, lines, order);
    return;
  }
  if (lines->headless > 0) {
    cb_write_text(out, "// ");
    infer_write_number(self, lines->headless);
    cb_write_text(out, " lines do not begin like the others: they are passed over.\n");
  }
  write_input(self, name, lines, order);
  write_shapes(self, name);
}
