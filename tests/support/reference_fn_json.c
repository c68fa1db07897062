/* reference_fn_json.c - the reference's functions of JSON: a reader that follows a way while it checks all of the text. */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "tests/support/reference_fn_parts.h"

typedef enum found_kind { FOUND_NOTHING, FOUND_NULL, FOUND_BOOL, FOUND_NUMBER, FOUND_TEXT, FOUND_MANY } found_kind;

typedef struct found {
  found_kind kind;
  int is_int; /* of numbers: fits an int */
  int is_big; /* an int that does not */
  int64_t i;  /* also how many, and whether true */
  double f;
  cep_value text;
} found;

typedef struct reader {
  cb_arena *arena;
  const char *at; /* a NUL stands behind the text */
  const char *end;
  int is_bad;
} reader;

static void white(reader *r)
{
  while (r->at < r->end && (*r->at == ' ' || *r->at == '\t' || *r->at == '\n' || *r->at == '\r')) r->at++;
}

static int accept(reader *r, char c)
{
  white(r);
  if (r->at == r->end || *r->at != c) return 0;
  r->at++;
  return 1;
}

/* ---- Texts and numbers ----------------------------------------------------------------------- */

static uint32_t four_digits(reader *r)
{
  char four[5] = "";
  for (int i = 0; i < 4 && r->at < r->end; i++) four[i] = *r->at++;
  if (strspn(four, "0123456789abcdefABCDEF") != 4) r->is_bad = 1;
  return (uint32_t)strtoul(four, NULL, 16);
}

static void put_code(cb_writer *out, uint32_t code)
{
  if (code < 0x80) {
    cb_write_u8(out, (uint8_t)code);
    return;
  }
  if (code >= 0x10000) cb_write_u8(out, (uint8_t)(0xF0 | code >> 18)), cb_write_u8(out, (uint8_t)(0x80 | (code >> 12 & 63)));
  else if (code >= 0x800) cb_write_u8(out, (uint8_t)(0xE0 | code >> 12));
  if (code < 0x800) cb_write_u8(out, (uint8_t)(0xC0 | code >> 6));
  else cb_write_u8(out, (uint8_t)(0x80 | (code >> 6 & 63)));
  cb_write_u8(out, (uint8_t)(0x80 | (code & 63)));
}

static void read_escape(reader *r, cb_writer *out)
{
  static const char signs[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";
  char c = r->at < r->end ? *r->at++ : 0;
  const char *sign = c ? strchr(signs, c) : NULL;
  if (sign) {
    cb_write_u8(out, (uint8_t)meant[sign - signs]);
    return;
  }
  if (c != 'u') {
    r->is_bad = 1;
    return;
  }
  uint32_t code = four_digits(r);
  if (code >= 0xD800 && code < 0xDC00) {
    int has_more = r->end - r->at >= 6 && r->at[0] == '\\' && r->at[1] == 'u';
    if (has_more) r->at += 2;
    uint32_t low = has_more ? four_digits(r) : 0;
    r->is_bad |= low < 0xDC00 || low > 0xDFFF;
    code = 0x10000 + (code - 0xD800) * 1024 + (low - 0xDC00);
  } else if (code >= 0xDC00 && code < 0xE000) {
    r->is_bad = 1;
  }
  if (!r->is_bad) put_code(out, code);
}

/* Behind the first quote. */
static cep_value read_text(reader *r)
{
  cb_writer out;
  cb_writer_init(&out, r->arena->alloc);
  while (!r->is_bad && r->at < r->end && *r->at != '"') {
    unsigned char c = (unsigned char)*r->at++;
    r->is_bad |= c < 0x20;
    if (c == '\\') read_escape(r, &out);
    else cb_write_u8(&out, c);
  }
  if (r->at == r->end) r->is_bad = 1;
  else r->at++;
  cep_value text = ref_text(r->arena, (const char *)out.data, out.len);
  cb_writer_fini(&out);
  return text;
}

static size_t digit_count(const char *at)
{
  return strspn(at, "0123456789");
}

static void read_number(reader *r, found *out)
{
  const char *from = r->at;
  int is_whole = 1;
  r->at += *r->at == '-';
  size_t whole = digit_count(r->at);
  if (whole == 0 || (whole > 1 && *r->at == '0')) r->is_bad = 1;
  r->at += whole;
  if (*r->at == '.') {
    r->at++;
    if (digit_count(r->at) == 0) r->is_bad = 1;
    r->at += digit_count(r->at);
    is_whole = 0;
  }
  if (*r->at == 'e' || *r->at == 'E') {
    r->at++;
    r->at += *r->at == '+' || *r->at == '-';
    if (digit_count(r->at) == 0) r->is_bad = 1;
    r->at += digit_count(r->at);
    is_whole = 0;
  }
  *out = (found){.kind = FOUND_NUMBER};
  out->f = strtod(from, NULL);
  if (!isfinite(out->f)) r->is_bad = 1;
  errno = 0;
  out->i = is_whole ? strtoll(from, NULL, 10) : 0;
  out->is_int = is_whole && errno == 0;
  out->is_big = is_whole && errno != 0;
}

/* ---- Values ------------------------------------------------------------------------------------ */

/* One step of a way: `*name` or `*place`, and what follows. NULL: the way is at its end. */
static const char *next_step(cb_arena *arena, const char *way, cep_value *name, int64_t *place)
{
  *name = cb_null();
  if (*way == '[' && way[1] == '"') {
    const char *end = strstr(way + 2, "\"]");
    *name = ref_text(arena, way + 2, (size_t)(end - way - 2));
    return end + 2;
  }
  if (*way == '[') {
    *place = strtoll(way + 1, NULL, 10);
    return strchr(way, ']') + 1;
  }
  if (*way == '.') way++;
  *name = ref_text(arena, way, strcspn(way, ".["));
  return way + name->length;
}

static found read_value(reader *r, const char *way);

static void read_many(reader *r, const char *way, char close, found *out)
{
  cep_value name = cb_null();
  int64_t place = -1, number = 0;
  int is_object = close == '}', has_found = 0;
  const char *rest = way && *way ? next_step(r->arena, way, &name, &place) : NULL;
  int fits = rest && is_object == (name.kind == CEP_STRING);
  found inner = {.kind = FOUND_NOTHING};
  if (!accept(r, close)) {
    do {
      cep_value own = cb_null();
      if (is_object) {
        if (!accept(r, '"')) r->is_bad = 1;
        else own = read_text(r);
        if (!accept(r, ':')) r->is_bad = 1;
      }
      if (r->is_bad) return;
      int is_it = fits && !has_found && (is_object ? cb_value_same(&own, &name) : number == place);
      found value = read_value(r, is_it ? rest : NULL);
      if (is_it) inner = value, has_found = 1;
      number++;
    } while (!r->is_bad && accept(r, ','));
    if (!r->is_bad && !accept(r, close)) r->is_bad = 1;
  }
  if (rest) *out = inner;
  else *out = (found){.kind = FOUND_MANY, .i = number};
}

static void read_word(reader *r, const char *word, found_kind kind, int64_t i, found *out)
{
  if ((size_t)(r->end - r->at) < strlen(word) || memcmp(r->at, word, strlen(word)) != 0) r->is_bad = 1;
  else r->at += strlen(word);
  *out = (found){.kind = kind, .i = i};
}

/* The value at the end of the way; `way` NULL: only checked. */
static found read_value(reader *r, const char *way)
{
  found out = {.kind = FOUND_NOTHING};
  white(r);
  char c = r->at < r->end ? *r->at : 0;
  if (c == '{' || c == '[') {
    r->at++;
    read_many(r, way, c == '{' ? '}' : ']', &out);
    return out;
  }
  if (c == '"') {
    r->at++;
    out = (found){.kind = FOUND_TEXT, .text = read_text(r)};
  } else if (c == 't' || c == 'f') {
    read_word(r, c == 't' ? "true" : "false", FOUND_BOOL, c == 't', &out);
  } else if (c == 'n') {
    read_word(r, "null", FOUND_NULL, 0, &out);
  } else {
    read_number(r, &out);
  }
  return way && *way ? (found){.kind = FOUND_NOTHING} : out;
}

static found find(cb_arena *arena, const cep_value *args)
{
  found nothing = {.kind = FOUND_NOTHING};
  for (uint32_t at = 0; at < args[0].length;) { /* well-formed UTF-8 */
    uint32_t size = ref_char_bytes(&args[0], at);
    if (size == 1 && (unsigned char)args[0].as.s[at] >= 0x80) return nothing;
    at += size;
  }
  reader r = {arena, ref_c_text(arena, &args[0]), NULL, 0};
  r.end = r.at + args[0].length;
  found value = read_value(&r, ref_c_text(arena, &args[1]));
  white(&r);
  return r.is_bad || r.at != r.end ? nothing : value;
}

REF_FN(json_string)
{
  found value = find(arena, args);
  cep_value number = value.is_int ? cb_int(value.i) : cb_float(value.f);
  switch (value.kind) {
    case FOUND_TEXT: return value.text;
    case FOUND_BOOL: return value.i ? cb_string("true", 4) : cb_string("false", 5);
    case FOUND_NUMBER: return ref_fn_string(arena, &number, 1);
    default: return cb_null();
  }
}

REF_FN(json_int)
{
  found value = find(arena, args);
  if (value.kind != FOUND_NUMBER || value.is_big) return cb_null();
  if (value.is_int) return cb_int(value.i);
  return value.f == floor(value.f) && value.f >= -0x1p63 && value.f < 0x1p63 ? cb_int((int64_t)value.f) : cb_null();
}

REF_FN(json_float)
{
  found value = find(arena, args);
  return value.kind == FOUND_NUMBER ? cb_float(value.f) : cb_null();
}

REF_FN(json_bool)
{
  found value = find(arena, args);
  return value.kind == FOUND_BOOL ? cb_bool(value.i != 0) : cb_null();
}

REF_FN(json_length)
{
  found value = find(arena, args);
  return value.kind == FOUND_MANY ? cb_int(value.i) : cb_null();
}
