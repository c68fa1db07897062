/* lexer.c - rule text to tokens. */
#include "patterns/lexer.h"

#include <string.h>

#include "cep/base/num.h"
#include "cep/base/time.h"
#include "cep/base/utf8.h"

/* Longer numbers have no meaning that a shorter one has not. */
#define NUMBER_MAX 120u

static const char *const token_texts[PAT_TOKEN_KINDS] = {
#define T(name, text) [PAT_##name] = text,
#define O(name, text) [PAT_##name] = text,
#include "patterns/token.def"
};

static const char *const word_texts[PAT_WORDS] = {
  [PAT_W_NONE] = "",
#define K(name) [PAT_W_##name] = #name,
#include "patterns/token.def"
};

const char *pat_token_text(pat_token_kind kind)
{
  return token_texts[kind] ? token_texts[kind] : "";
}

const char *pat_word_text(pat_word word)
{
  return word_texts[word];
}

void pat_lexer_init(pat_lexer *lexer, cb_arena *arena, pat_diags *diags, const char *text, uint32_t len)
{
  memset(lexer, 0, sizeof *lexer);
  lexer->arena = arena;
  lexer->diags = diags;
  lexer->text = text;
  lexer->len = len;
  /* A byte order mark says nothing. */
  if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) lexer->at = 3;
}

/* The byte `ahead` of the place, 0 past the end; a zero in the text is no token anyway. */
static char peek(const pat_lexer *lexer, uint32_t ahead)
{
  return lexer->len - lexer->at > ahead ? lexer->text[lexer->at + ahead] : '\0';
}

static int is_digit(char c)
{
  return c >= '0' && c <= '9';
}

static int is_name_start(char c)
{
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static int is_name_char(char c)
{
  return is_name_start(c) || is_digit(c);
}

static cb_span span_from(const pat_lexer *lexer, uint32_t start)
{
  cb_span span = {start, lexer->at - start};
  return span;
}

/* Past white space and comments. 0 if a comment does not end; then at its start. */
static int skip_space(pat_lexer *lexer)
{
  while (lexer->at < lexer->len) {
    char c = peek(lexer, 0);
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
      lexer->at++;
    } else if (c == '/' && peek(lexer, 1) == '/') {
      while (lexer->at < lexer->len && peek(lexer, 0) != '\n') lexer->at++;
    } else if (c == '/' && peek(lexer, 1) == '*') {
      uint32_t at = lexer->at + 2;
      while (at + 1 < lexer->len && !(lexer->text[at] == '*' && lexer->text[at + 1] == '/')) at++;
      if (at + 1 >= lexer->len) return 0;
      lexer->at = at + 2;
    } else {
      return 1;
    }
  }
  return 1;
}

static int label_follows(const pat_lexer *lexer)
{
  pat_lexer ahead = *lexer;
  return skip_space(&ahead) && peek(&ahead, 0) == ':';
}

/* ---- Names ------------------------------------------------------------------------ */

static int text_is(const char *text, uint32_t len, const char *word)
{
  return strlen(word) == len && memcmp(text, word, len) == 0;
}

static void find_word(pat_token *token, const char *text, uint32_t len)
{
  for (int kind = PAT_AND; kind <= PAT_CASE; kind++) {
    if (text[0] == token_texts[kind][0] && text_is(text, len, token_texts[kind])) {
      token->kind = (pat_token_kind)kind;
      return;
    }
  }
  for (int word = PAT_W_NONE + 1; word < PAT_WORDS; word++) {
    if (text[0] == word_texts[word][0] && text_is(text, len, word_texts[word])) {
      token->word = (pat_word)word;
      return;
    }
  }
}

static void finish_name(pat_lexer *lexer, pat_token *token, const char *text, uint32_t len)
{
  if (len > PAT_NAME_MAX) {
    token->kind = PAT_BROKEN;
    pat_report(lexer->diags, 101, token->span, "a name has at most %u bytes, this one has %u", PAT_NAME_MAX, len);
    return;
  }
  token->text = cb_arena_text(lexer->arena, text, len);
  token->text_len = len;
  if (!token->text) token->kind = PAT_BROKEN;
}

static pat_token read_name(pat_lexer *lexer, uint32_t start)
{
  while (is_name_char(peek(lexer, 0))) lexer->at++;
  pat_token token = {.kind = PAT_NAME, .span = span_from(lexer, start)};
  token.is_label = label_follows(lexer);
  const char *text = lexer->text + start;
  if (!token.is_label) find_word(&token, text, token.span.length);
  finish_name(lexer, &token, text, token.span.length);
  return token;
}

static pat_token read_quoted_name(pat_lexer *lexer, uint32_t start)
{
  pat_token token = {.kind = PAT_BROKEN};
  lexer->at++;
  while (lexer->at < lexer->len && peek(lexer, 0) != '`' && peek(lexer, 0) != '\n') lexer->at++;
  const char *text = lexer->text + start + 1;
  uint32_t len = lexer->at - start - 1;
  if (peek(lexer, 0) != '`') {
    /* Most likely the closing one is missing: what is on the line is still read. */
    lexer->at = start + 1;
    while (is_name_char(peek(lexer, 0)) || peek(lexer, 0) == '.') lexer->at++;
    token.span = span_from(lexer, start);
    pat_report(lexer->diags, 102, token.span, "a name in back-ticks does not end on its line");
    return token;
  }
  lexer->at++;
  token.span = span_from(lexer, start);
  if (len == 0) {
    pat_report(lexer->diags, 103, token.span, "there is no name between the back-ticks");
  } else if (memchr(text, 0, len) || !cb_utf8_valid(text, len)) {
    pat_report(lexer->diags, 104, token.span, "a name in back-ticks must be UTF-8 without a zero byte");
  } else {
    token.kind = PAT_NAME;
    token.is_label = label_follows(lexer);
    finish_name(lexer, &token, text, len);
  }
  return token;
}

/* ---- Numbers ---------------------------------------------------------------------- */

static void skip_digits(pat_lexer *lexer)
{
  while (is_digit(peek(lexer, 0)) || peek(lexer, 0) == '_') lexer->at++;
}

/* The digits without '_', terminated; 0 if there are too many. */
static size_t clean_number(const pat_lexer *lexer, cb_span span, char out[NUMBER_MAX + 1])
{
  size_t len = 0;
  for (uint32_t i = 0; i < span.length; i++) {
    char c = lexer->text[span.offset + i];
    if (c == '_') continue;
    if (len == NUMBER_MAX) return 0;
    out[len++] = c;
  }
  out[len] = '\0';
  return len;
}

static void read_duration(pat_lexer *lexer, pat_token *token, uint32_t start)
{
  while (is_name_char(peek(lexer, 0))) lexer->at++;
  token->span = span_from(lexer, start);
  token->kind = PAT_DURATION;
  char text[NUMBER_MAX + 1];
  size_t len = clean_number(lexer, token->span, text);
  if (len > 0 && cb_duration_read(text, len, &token->i)) return;
  token->kind = PAT_BROKEN;
  pat_report(lexer->diags, 105, token->span,
             "%s is no duration: whole numbers with the units ns us ms s m h d w, like 1h30m, up to 292 years",
             pat_token_found(lexer, token));
}

static void finish_number(pat_lexer *lexer, pat_token *token, int is_float)
{
  char text[NUMBER_MAX + 1];
  size_t len = clean_number(lexer, token->span, text);
  int is_good;
  if (is_float) {
    token->kind = PAT_FLOAT;
    is_good = len > 0 && cb_num_float(text, len, &token->f);
  } else {
    token->kind = PAT_INT;
    token->is_int_min = strcmp(text, "9223372036854775808") == 0;
    is_good = len > 0 && (token->is_int_min || cb_num_int(text, len, &token->i));
  }
  if (is_good) return;
  token->kind = PAT_BROKEN;
  pat_report(lexer->diags, 106, token->span, "the number %s is out of range", pat_token_found(lexer, token));
}

static pat_token read_number(pat_lexer *lexer, uint32_t start)
{
  pat_token token = {.kind = PAT_INT};
  int is_float = 0;
  if (peek(lexer, 0) == '0' && (peek(lexer, 1) == 'x' || peek(lexer, 1) == 'X')) {
    lexer->at += 2;
    while (is_name_char(peek(lexer, 0))) lexer->at++;
  } else {
    skip_digits(lexer);
    /* A dot belongs to the number only before a digit: 2..4 is a range. */
    if (peek(lexer, 0) == '.' && is_digit(peek(lexer, 1))) {
      is_float = 1;
      lexer->at++;
      skip_digits(lexer);
    }
    char e = peek(lexer, 0), sign = peek(lexer, 1);
    int is_signed = sign == '+' || sign == '-';
    if ((e == 'e' || e == 'E') && is_digit(peek(lexer, is_signed ? 2 : 1))) {
      is_float = 1;
      lexer->at += is_signed ? 2 : 1;
      skip_digits(lexer);
    }
    if (is_name_char(peek(lexer, 0))) {
      read_duration(lexer, &token, start);
      return token;
    }
  }
  token.span = span_from(lexer, start);
  finish_number(lexer, &token, is_float);
  return token;
}

/* ---- Strings ---------------------------------------------------------------------- */

/* The closing quote, or where the line or text ends without one. */
static uint32_t find_quote(const pat_lexer *lexer, uint32_t at)
{
  while (at < lexer->len && lexer->text[at] != '"' && lexer->text[at] != '\n') {
    at += lexer->text[at] == '\\' && at + 1 < lexer->len && lexer->text[at + 1] != '\n' ? 2 : 1;
  }
  return at;
}

static int hex_digit(char c)
{
  if (is_digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/* `text` begins behind "\u". Gives the bytes read, 0 if it is no {hex} of a character but zero. */
static uint32_t read_code_point(const char *text, uint32_t len, uint32_t *code_out)
{
  uint32_t code = 0, at = 1;
  if (len < 3 || text[0] != '{') return 0;
  while (at < len && hex_digit(text[at]) >= 0 && at <= 6) code = code * 16 + (uint32_t)hex_digit(text[at++]);
  if (at == 1 || at >= len || text[at] != '}' || code == 0) return 0;
  *code_out = code;
  return at + 1;
}

/* Decodes one escape at text[0] == '\\'. Gives the bytes read, 0 for an unknown one. */
static uint32_t read_escape(const char *text, uint32_t len, char *out, uint32_t *out_len)
{
  static const char letters[] = "nt\\\"", meanings[] = "\n\t\\\"";
  if (len < 2) return 0;
  if (text[1] == 'u') {
    uint32_t code = 0, used = read_code_point(text + 2, len - 2, &code);
    char bytes[4];
    size_t count = used ? cb_utf8_encode(code, bytes) : 0;
    if (count == 0) return 0;
    memcpy(out + *out_len, bytes, count);
    *out_len += (uint32_t)count;
    return used + 2;
  }
  const char *letter = text[1] ? strchr(letters, text[1]) : NULL;
  if (!letter) return 0;
  out[(*out_len)++] = meanings[letter - letters];
  return 2;
}

/* Escapes take at least as many bytes as what they stand for, so `text_len` is room enough. */
static int decode(pat_lexer *lexer, pat_token *token, uint32_t from, uint32_t to)
{
  char *out = cb_arena_take(lexer->arena, (size_t)(to - from) + 1);
  if (!out) return 0;
  uint32_t len = 0;
  for (uint32_t at = from; at < to;) {
    if (lexer->text[at] != '\\') {
      out[len++] = lexer->text[at++];
      continue;
    }
    uint32_t used = read_escape(lexer->text + at, to - at, out, &len);
    if (used == 0) {
      cb_span span = {at, to - at > 1 ? 2 : 1};
      pat_report(lexer->diags, 107, span,
                 "unknown escape in a string: there are \\n \\t \\\\ \\\" and \\u{…}; a raw string r\"…\" has none");
      return 0;
    }
    at += used;
  }
  token->text = out;
  token->text_len = len;
  return 1;
}

static pat_token read_string(pat_lexer *lexer, uint32_t start, int is_raw)
{
  pat_token token = {.kind = PAT_BROKEN};
  uint32_t from = start + (is_raw ? 2 : 1);
  uint32_t to = find_quote(lexer, from);
  int is_closed = to < lexer->len && lexer->text[to] == '"';
  lexer->at = is_closed ? to + 1 : to < lexer->len ? to : lexer->len;
  token.span = span_from(lexer, start);
  if (!is_closed) {
    pat_report(lexer->diags, 108, token.span, "a string does not end on its line; the closing '\"' is missing");
    return token;
  }
  if (memchr(lexer->text + from, 0, to - from) || !cb_utf8_valid(lexer->text + from, to - from)) {
    pat_report(lexer->diags, 109, token.span, "a string must be UTF-8 without a zero byte");
    return token;
  }
  if (is_raw) {
    /* A backslash keeps the quote behind it from ending the string, and both stay: so a
     * regular expression can hold one. */
    token.text = cb_arena_text(lexer->arena, lexer->text + from, to - from);
    token.text_len = to - from;
    token.kind = token.text ? PAT_STRING : PAT_BROKEN;
  } else if (decode(lexer, &token, from, to)) {
    token.kind = PAT_STRING;
  }
  return token;
}

/* ---- Signs ------------------------------------------------------------------------ */

/* What people write out of habit from other languages; taken for the word meant. */
static int read_foreign_sign(pat_lexer *lexer, pat_token *token, uint32_t start)
{
  static const struct {
    const char *text;
    pat_token_kind kind;
  } foreign[] = {{"&&", PAT_AND}, {"||", PAT_OR}, {"<>", PAT_NE}, {"=~", PAT_MATCHES}, {"!", PAT_NOT}};
  for (size_t i = 0; i < sizeof foreign / sizeof *foreign; i++) {
    uint32_t len = (uint32_t)strlen(foreign[i].text);
    if (lexer->len - start < len || memcmp(lexer->text + start, foreign[i].text, len) != 0) continue;
    lexer->at = start + len;
    token->kind = foreign[i].kind;
    token->span = span_from(lexer, start);
    pat_report(lexer->diags, 110, token->span, "'%s' is not of this language; write '%s'", foreign[i].text,
               token_texts[foreign[i].kind]);
    return 1;
  }
  return 0;
}

/* 'text' as other languages have it is taken for a string, so that it is one mistake. */
static int read_foreign_string(pat_lexer *lexer, pat_token *token, uint32_t start)
{
  uint32_t from = start + 1, to = from;
  while (to < lexer->len && lexer->text[to] != '\'' && lexer->text[to] != '\n' && lexer->text[to] != '\\') to++;
  int is_closed = to < lexer->len && lexer->text[to] == '\'';
  if (!is_closed || memchr(lexer->text + from, 0, to - from) || !cb_utf8_valid(lexer->text + from, to - from)) return 0;
  token->text = cb_arena_text(lexer->arena, lexer->text + from, to - from);
  if (!token->text) return 0;
  token->kind = PAT_STRING;
  token->text_len = to - from;
  lexer->at = to + 1;
  token->span = span_from(lexer, start);
  pat_report(lexer->diags, 110, token->span, "a string stands in double quotes");
  return 1;
}

static pat_token read_strange(pat_lexer *lexer, uint32_t start)
{
  pat_token token = {.kind = PAT_BROKEN};
  char first = lexer->text[start];
  if (first == '\'' && read_foreign_string(lexer, &token, start)) return token;
  /* A run of strange bytes is one mistake. */
  do lexer->at++;
  while (lexer->at < lexer->len && (uint8_t)lexer->text[lexer->at] >= 0x80);
  token.span = span_from(lexer, start);
  const char *hint = first == '#'    ? "a comment begins with '//'"
                     : first == ';'  ? "nothing stands between clauses"
                     : first == '\'' ? "a string stands in double quotes"
                                     : "a name with other characters stands in back-ticks";
  pat_report(lexer->diags, 111, token.span, "%s belongs to no word or sign of the language; %s", pat_token_found(lexer, &token),
             hint);
  if (first == '#')
    while (lexer->at < lexer->len && lexer->text[lexer->at] != '\n') lexer->at++;
  return token;
}

static pat_token read_sign(pat_lexer *lexer, uint32_t start)
{
  pat_token token = {.kind = PAT_BROKEN};
  uint32_t best = 0;
  for (int kind = PAT_BRACE_OPEN; kind <= PAT_PERCENT; kind++) {
    uint32_t len = (uint32_t)strlen(token_texts[kind]);
    if (len <= best || lexer->len - start < len || memcmp(lexer->text + start, token_texts[kind], len) != 0) continue;
    best = len;
    token.kind = (pat_token_kind)kind;
  }
  int is_short = token.kind == PAT_BROKEN || token.kind == PAT_LT || token.kind == PAT_ASSIGN;
  if (is_short && read_foreign_sign(lexer, &token, start)) return token;
  if (best == 0) return read_strange(lexer, start);
  lexer->at = start + best;
  token.span = span_from(lexer, start);
  return token;
}

pat_token pat_lexer_next(pat_lexer *lexer)
{
  if (!skip_space(lexer)) {
    pat_token token = {.kind = PAT_BROKEN, .span = {lexer->at, 2}};
    pat_report(lexer->diags, 112, token.span, "a comment that begins with '/*' does not end");
    lexer->at = lexer->len;
    return token;
  }
  uint32_t start = lexer->at;
  if (start >= lexer->len) {
    pat_token token = {.kind = PAT_END, .span = {lexer->len, 0}};
    return token;
  }
  char c = peek(lexer, 0);
  if (c == 'r' && peek(lexer, 1) == '"') return read_string(lexer, start, 1);
  if (is_name_start(c)) return read_name(lexer, start);
  if (is_digit(c)) return read_number(lexer, start);
  if (c == '"') return read_string(lexer, start, 0);
  if (c == '`') return read_quoted_name(lexer, start);
  return read_sign(lexer, start);
}

const char *pat_token_found(const pat_lexer *lexer, const pat_token *token)
{
  if (token->kind == PAT_END) return "the end of the file";
  uint32_t len = token->span.length;
  int is_cut = len > 40;
  if (is_cut) len = 40;
  /* Not through the middle of a character. */
  while (is_cut && len > 0 && ((uint8_t)lexer->text[token->span.offset + len] & 0xC0) == 0x80) len--;
  char clean[48] = "";
  for (uint32_t i = 0; i < len; i++) {
    char c = lexer->text[token->span.offset + i];
    clean[i] = (uint8_t)c < 0x20 || c == 0x7F ? '?' : c;
  }
  if (!cb_utf8_valid(clean, len)) return "a byte that is not UTF-8";
  const char *text = cb_arena_printf(lexer->arena, "'%.*s%s'", (int)len, clean, is_cut ? "…" : "");
  return text ? text : "";
}
