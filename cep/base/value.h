/*
 * value.h - cep_value: make, compare, print.
 *
 * Contract
 *   Values borrow their bytes. Numbers of kind int and float compare by value, exactly
 *   (no rounding of the int); other kinds compare only with their own kind. Strings by
 *   bytes. NaN is equal to nothing and unordered.
 */
#ifndef CB_VALUE_H
#define CB_VALUE_H

#include "cep/base/bytes.h"

static inline cep_value cb_null(void)
{
  cep_value v = {CEP_NULL, 0, {0}};
  return v;
}
static inline cep_value cb_value_i(cep_kind kind, int64_t i)
{
  cep_value v = {(uint32_t)kind, 0, {0}};
  v.as.i = i;
  return v;
}
static inline cep_value cb_bool(int b) { return cb_value_i(CEP_BOOL, b != 0); }
static inline cep_value cb_int(int64_t i) { return cb_value_i(CEP_INT, i); }
static inline cep_value cb_float(double f)
{
  cep_value v = {CEP_FLOAT, 0, {0}};
  v.as.f = f;
  return v;
}
static inline cep_value cb_string(const char *s, uint32_t len)
{
  cep_value v = {CEP_STRING, len, {0}};
  v.as.s = s;
  return v;
}

typedef enum cb_order { CB_LESS = -1, CB_EQUAL = 0, CB_GREATER = 1, CB_UNORDERED = 2 } cb_order;

const char *cb_kind_name(cep_kind kind); /* "int", "string", ...; "null" */
/* CB_UNORDERED for kinds that do not compare, NaN, or a null on either side. */
cb_order cb_value_compare(const cep_value *a, const cep_value *b);
/* Same kind and same bytes; null equals null, NaN equals NaN (for tables and tests). */
int cb_value_same(const cep_value *a, const cep_value *b);
/* Self-delimiting canonical bytes: for keys, ids, images and saved state. */
void cb_value_write(cb_writer *writer, const cep_value *value);
/* Borrows from the reader. Unknown kinds set CEP_E_CORRUPT. */
cep_value cb_value_read(cb_reader *reader);
/* JSON: strings escaped (invalid UTF-8 as U+FFFD), times RFC 3339 in quotes, durations
 * decimal seconds, addresses text in quotes, floats shortest, NaN and infinities null. */
void cb_value_write_json(cb_writer *writer, const cep_value *value);
/* All but strings: as in JSON without quotes. Gives the length. */
#define CB_VALUE_TEXT_MAX 128
size_t cb_value_print(const cep_value *value, char out[CB_VALUE_TEXT_MAX]);
void cb_json_write_string(cb_writer *writer, const char *text, size_t len);

/* Text of an address to 16 bytes (IPv4 as ::ffff:a.b.c.d) and back. 1 or 0. */
int cb_ip_read(const char *text, size_t len, uint8_t out[16]);
#define CB_IP_TEXT_MAX 48
size_t cb_ip_print(const uint8_t ip[16], char out[CB_IP_TEXT_MAX]);
/* "10.0.0.0/8", "2001:db8::/32", a bare address = all bits. Bits count in the 128-bit form. */
int cb_cidr_read(const char *text, size_t len, uint8_t out[16], uint32_t *bits_out);
int cb_cidr_holds(const uint8_t net[16], uint32_t bits, const uint8_t ip[16]);

/* Text to a value of `kind` as a log line or CSV field gives it (time: RFC 3339;
 * duration: "5m" or decimal seconds; bool: true/false). Strings borrow `text`; an address
 * needs 16 bytes at `ip_space`. 1 or 0. */
int cb_value_parse(cep_kind kind, const char *text, size_t len, uint8_t ip_space[16], cep_value *out);

#endif
