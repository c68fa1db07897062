/* bytes.c - little-endian bytes, out and in. */
#include "cep/base/bytes.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIRST_CAPACITY 256u

void cb_writer_init(cb_writer *writer, cb_alloc *alloc)
{
  *writer = (cb_writer){.alloc = alloc};
}

void cb_writer_fini(cb_writer *writer)
{
  cb_free(writer->alloc, writer->data, writer->capacity);
  *writer = (cb_writer){.alloc = writer->alloc};
}

void cb_writer_reset(cb_writer *writer)
{
  writer->len = 0;
  writer->status = CEP_OK;
}

static int grow(cb_writer *writer, size_t needed)
{
  size_t capacity = writer->capacity < FIRST_CAPACITY / 2 ? FIRST_CAPACITY
                    : writer->capacity > SIZE_MAX / 2     ? SIZE_MAX
                                                          : writer->capacity * 2;
  if (capacity < needed) capacity = needed;
  uint8_t *data = cb_resize(writer->alloc, writer->data, writer->capacity, capacity);
  if (!data) return 0;
  writer->data = data;
  writer->capacity = capacity;
  return 1;
}

int cb_writer_reserve(cb_writer *writer, size_t more)
{
  if (more <= writer->capacity - writer->len) return 1;
  return more <= SIZE_MAX - writer->len && grow(writer, writer->len + more);
}

uint8_t *cb_write_room_slow(cb_writer *writer, size_t more)
{
  if (writer->status != CEP_OK) return NULL;
  if (!cb_writer_reserve(writer, more)) {
    writer->status = CEP_E_NOMEM;
    return NULL;
  }
  return cb_write_room(writer, more);
}

/* Bytes are placed one by one: the order is then the same on every machine, and the
 * compiler makes one store of it where it can. */
static void write_number(cb_writer *writer, uint64_t value, size_t bytes)
{
  uint8_t *at = cb_write_room(writer, bytes);
  if (!at) return;
  for (size_t i = 0; i < bytes; i++) at[i] = (uint8_t)(value >> (8 * i));
}

void cb_write_u16(cb_writer *writer, uint16_t value)
{
  write_number(writer, value, 2);
}

void cb_write_u32(cb_writer *writer, uint32_t value)
{
  write_number(writer, value, 4);
}

void cb_write_u64(cb_writer *writer, uint64_t value)
{
  write_number(writer, value, 8);
}

void cb_write_i64(cb_writer *writer, int64_t value)
{
  write_number(writer, (uint64_t)value, 8);
}

void cb_write_block(cb_writer *writer, const void *data, size_t len)
{
  if (len > UINT32_MAX) {
    if (writer->status == CEP_OK) writer->status = CEP_E_NOMEM;
    return;
  }
  cb_write_u32(writer, (uint32_t)len);
  cb_write_bytes(writer, data, len);
}

void cb_write_decimal(cb_writer *writer, uint64_t number)
{
  char digits[20];
  size_t at = sizeof digits;
  do {
    digits[--at] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0);
  cb_write_bytes(writer, digits + at, sizeof digits - at);
}

void cb_write_hex(cb_writer *writer, const uint8_t *data, size_t len)
{
  static const char hex[] = "0123456789abcdef";
  CB_ASSERT(len <= SIZE_MAX / 2);
  uint8_t *at = cb_write_room(writer, len * 2);
  for (size_t i = 0; at && i < len; i++) {
    *at++ = (uint8_t)hex[data[i] >> 4];
    *at++ = (uint8_t)hex[data[i] & 15];
  }
}

void cb_write_printf(cb_writer *writer, const char *format, ...)
{
  va_list args;
  va_start(args, format);
  va_list again;
  va_copy(again, args);
  int len = vsnprintf(NULL, 0, format, args);
  CB_ASSERT(len >= 0);
  uint8_t *at = cb_write_room(writer, (size_t)len + 1);
  if (at) {
    vsnprintf((char *)at, (size_t)len + 1, format, again);
    writer->len--; /* the terminator is not part of the text */
  }
  va_end(again);
  va_end(args);
}

void cb_reader_init(cb_reader *reader, const void *data, size_t len)
{
  *reader = (cb_reader){.data = data, .len = len};
}

const void *cb_read_bytes(cb_reader *reader, size_t len)
{
  static const uint8_t nothing = 0;
  if (reader->status != CEP_OK) return NULL;
  if (len > reader->len - reader->at) {
    reader->status = CEP_E_CORRUPT;
    return NULL;
  }
  if (len == 0) return &nothing; /* no bytes at a NULL is no failure */
  const uint8_t *at = reader->data + reader->at;
  reader->at += len;
  return at;
}

static uint64_t read_number(cb_reader *reader, size_t bytes)
{
  const uint8_t *at = cb_read_bytes(reader, bytes);
  uint64_t value = 0;
  if (!at) return 0;
  for (size_t i = 0; i < bytes; i++) value |= (uint64_t)at[i] << (8 * i);
  return value;
}

uint8_t cb_read_u8(cb_reader *reader)
{
  return (uint8_t)read_number(reader, 1);
}

uint16_t cb_read_u16(cb_reader *reader)
{
  return (uint16_t)read_number(reader, 2);
}

uint32_t cb_read_u32(cb_reader *reader)
{
  return (uint32_t)read_number(reader, 4);
}

uint64_t cb_read_u64(cb_reader *reader)
{
  return read_number(reader, 8);
}

int64_t cb_read_i64(cb_reader *reader)
{
  return (int64_t)read_number(reader, 8);
}

const void *cb_read_block(cb_reader *reader, size_t *len_out)
{
  uint32_t len = cb_read_u32(reader);
  const void *data = cb_read_bytes(reader, len);
  *len_out = data ? len : 0;
  return data;
}

int cb_reader_at_end(const cb_reader *reader)
{
  return reader->at == reader->len;
}
