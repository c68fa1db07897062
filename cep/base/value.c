/* value.c - values: names, order, bytes, text. */
#include "cep/base/value.h"

#include <string.h>

#include "cep/base/num.h"
#include "cep/base/time.h"
#include "cep/base/utf8.h"

const char *cb_kind_name(cep_kind kind)
{
  switch (kind) {
  case CEP_NULL: return "null";
  case CEP_BOOL: return "bool";
  case CEP_INT: return "int";
  case CEP_FLOAT: return "float";
  case CEP_STRING: return "string";
  case CEP_TIME: return "time";
  case CEP_DURATION: return "duration";
  case CEP_IP: return "ip";
  }
  CB_UNREACHABLE();
}

static cb_order order_of_ints(int64_t a, int64_t b)
{
  return a < b ? CB_LESS : a > b ? CB_GREATER : CB_EQUAL;
}

static cb_order order_of_floats(double a, double b)
{
  if (a != a || b != b) return CB_UNORDERED;
  return a < b ? CB_LESS : a > b ? CB_GREATER : CB_EQUAL;
}

/* Exact: (double)i would round above 2^53, so the float comes to the int's side. */
static cb_order order_of_int_and_float(int64_t i, double f)
{
  if (f != f) return CB_UNORDERED;
  if (f >= 0x1p63) return CB_LESS;
  if (f < -0x1p63) return CB_GREATER;
  int64_t whole = (int64_t)f; /* toward zero */
  if (i != whole) return i < whole ? CB_LESS : CB_GREATER;
  double rest = f - (double)whole; /* exact: 0 where doubles have no fraction any more */
  return rest > 0 ? CB_LESS : rest < 0 ? CB_GREATER : CB_EQUAL;
}

static cb_order order_of_bytes(const char *a, uint32_t a_len, const char *b, uint32_t b_len)
{
  uint32_t common = a_len < b_len ? a_len : b_len;
  int order = common > 0 ? memcmp(a, b, common) : 0;
  if (order != 0) return order < 0 ? CB_LESS : CB_GREATER;
  return a_len < b_len ? CB_LESS : a_len > b_len ? CB_GREATER : CB_EQUAL;
}

cb_order cb_value_compare(const cep_value *a, const cep_value *b)
{
  if (a->kind == CEP_INT && b->kind == CEP_FLOAT) return order_of_int_and_float(a->as.i, b->as.f);
  if (a->kind == CEP_FLOAT && b->kind == CEP_INT) {
    cb_order order = order_of_int_and_float(b->as.i, a->as.f);
    return order == CB_LESS ? CB_GREATER : order == CB_GREATER ? CB_LESS : order;
  }
  if (a->kind != b->kind) return CB_UNORDERED;
  switch ((cep_kind)a->kind) {
  case CEP_NULL: return CB_UNORDERED;
  case CEP_BOOL:
  case CEP_INT:
  case CEP_TIME:
  case CEP_DURATION: return order_of_ints(a->as.i, b->as.i);
  case CEP_FLOAT: return order_of_floats(a->as.f, b->as.f);
  case CEP_STRING:
  case CEP_IP: return order_of_bytes(a->as.s, a->length, b->as.s, b->length);
  }
  CB_UNREACHABLE();
}

/* The bits of a float as they are kept: every NaN is one NaN. */
static uint64_t bits_of_float(double f)
{
  uint64_t bits;
  if (f != f) return 0x7FF8000000000000u;
  memcpy(&bits, &f, sizeof bits);
  return bits;
}

int cb_value_same(const cep_value *a, const cep_value *b)
{
  if (a->kind != b->kind) return 0;
  switch ((cep_kind)a->kind) {
  case CEP_NULL: return 1;
  case CEP_BOOL:
  case CEP_INT:
  case CEP_TIME:
  case CEP_DURATION: return a->as.i == b->as.i;
  case CEP_FLOAT: return bits_of_float(a->as.f) == bits_of_float(b->as.f);
  case CEP_STRING:
  case CEP_IP: return order_of_bytes(a->as.s, a->length, b->as.s, b->length) == CB_EQUAL;
  }
  CB_UNREACHABLE();
}

/* A kind and a word at once: most keys are just that. */
static void write_word(cb_writer *writer, uint8_t kind, uint64_t word)
{
  uint8_t bytes[9] = {kind};
  for (uint32_t i = 0; i < 8; i++) bytes[1 + i] = (uint8_t)(word >> 8 * i);
  cb_write_bytes(writer, bytes, sizeof bytes);
}

void cb_value_write(cb_writer *writer, const cep_value *value)
{
  uint8_t kind = (uint8_t)value->kind;
  switch ((cep_kind)value->kind) {
  case CEP_NULL: cb_write_u8(writer, kind); return;
  case CEP_BOOL:
    cb_write_u8(writer, kind);
    cb_write_u8(writer, value->as.i != 0);
    return;
  case CEP_INT:
  case CEP_TIME:
  case CEP_DURATION: write_word(writer, kind, (uint64_t)value->as.i); return;
  case CEP_FLOAT: write_word(writer, kind, bits_of_float(value->as.f)); return;
  case CEP_STRING:
    cb_write_u8(writer, kind);
    cb_write_block(writer, value->as.s, value->length);
    return;
  case CEP_IP:
    cb_write_u8(writer, kind);
    cb_write_bytes(writer, value->as.s, 16);
    return;
  }
  CB_UNREACHABLE();
}

static cep_value corrupt(cb_reader *reader)
{
  if (reader->status == CEP_OK) reader->status = CEP_E_CORRUPT;
  return cb_null();
}

cep_value cb_value_read(cb_reader *reader)
{
  uint8_t kind = cb_read_u8(reader);
  cep_value value = cb_null();
  switch (kind) {
  case CEP_NULL: return value;
  case CEP_BOOL: {
    uint8_t b = cb_read_u8(reader);
    if (b > 1) return corrupt(reader);
    value = cb_bool(b);
    break;
  }
  case CEP_INT:
  case CEP_TIME:
  case CEP_DURATION: value = cb_value_i((cep_kind)kind, cb_read_i64(reader)); break;
  case CEP_FLOAT: {
    uint64_t bits = cb_read_u64(reader);
    double f;
    memcpy(&f, &bits, sizeof f);
    if (bits_of_float(f) != bits) return corrupt(reader); /* a NaN that nobody writes */
    value = cb_float(f);
    break;
  }
  case CEP_STRING: {
    size_t len;
    const char *s = cb_read_block(reader, &len);
    value = cb_string(s, (uint32_t)len);
    break;
  }
  case CEP_IP: {
    const char *s = cb_read_bytes(reader, 16);
    value = cb_string(s, 16);
    value.kind = CEP_IP;
    break;
  }
  default: return corrupt(reader);
  }
  return reader->status == CEP_OK ? value : cb_null();
}

static size_t print_word(const char *word, char *out)
{
  size_t len = strlen(word);
  memcpy(out, word, len + 1);
  return len;
}

size_t cb_value_print(const cep_value *value, char out[CB_VALUE_TEXT_MAX])
{
  switch ((cep_kind)value->kind) {
  case CEP_BOOL: return print_word(value->as.i ? "true" : "false", out);
  case CEP_INT: return cb_num_print_int(value->as.i, out);
  case CEP_FLOAT: return cb_num_print_float(value->as.f, out);
  case CEP_TIME: return cb_time_print(value->as.i, out);
  case CEP_DURATION: return cb_duration_print_seconds(value->as.i, out);
  case CEP_IP: return cb_ip_print((const uint8_t *)value->as.s, out);
  case CEP_NULL:
  case CEP_STRING: break;
  }
  return print_word("null", out);
}

static int text_is(const char *text, size_t len, const char *word)
{
  return len == strlen(word) && memcmp(text, word, len) == 0;
}

int cb_value_parse(cep_kind kind, const char *text, size_t len, uint8_t ip_space[16], cep_value *out)
{
  int64_t i;
  double f;
  switch (kind) {
  case CEP_NULL: return 0;
  case CEP_BOOL:
    if (!text_is(text, len, "true") && !text_is(text, len, "false")) return 0;
    *out = cb_bool(text[0] == 't');
    return 1;
  case CEP_INT:
    if (!cb_num_int(text, len, &i)) return 0;
    *out = cb_int(i);
    return 1;
  case CEP_FLOAT:
    if (!cb_num_float(text, len, &f)) return 0;
    *out = cb_float(f);
    return 1;
  case CEP_STRING:
    if (len > UINT32_MAX) return 0;
    *out = cb_string(text, (uint32_t)len);
    return 1;
  case CEP_TIME:
    if (!cb_time_read_rfc3339(text, len, &i)) return 0;
    *out = cb_value_i(CEP_TIME, i);
    return 1;
  case CEP_DURATION:
    if (!cb_duration_read(text, len, &i) && !cb_duration_read_seconds(text, len, &i)) return 0;
    *out = cb_value_i(CEP_DURATION, i);
    return 1;
  case CEP_IP:
    if (!cb_ip_read(text, len, ip_space)) return 0;
    *out = cb_string((const char *)ip_space, 16);
    out->kind = CEP_IP;
    return 1;
  }
  CB_UNREACHABLE();
}
