/*
 * bytes.h - bounded writer and reader of little-endian bytes.
 *
 * Contract
 *   Errors are sticky: after the first failure every call does nothing, reads give 0 and
 *   the caller looks at `status` once at the end (CEP_E_NOMEM when a writer cannot grow,
 *   CEP_E_CORRUPT when a reader would pass its end).
 *   A writer owns its buffer; cb_writer_reset keeps it for reuse.
 *   A reader borrows. cb_read_bytes gives a pointer into what it borrowed.
 */
#ifndef CB_BYTES_H
#define CB_BYTES_H

#include <string.h>

#include "cep/base/alloc.h"

typedef struct cb_writer {
  cb_alloc *alloc;
  uint8_t *data;
  size_t len;
  size_t capacity;
  cep_status status;
} cb_writer;

void cb_writer_init(cb_writer *writer, cb_alloc *alloc);
void cb_writer_fini(cb_writer *writer);
void cb_writer_reset(cb_writer *writer);
/* Room for `more` bytes: what they are written to does not move. 1, or 0 when refused. */
int cb_writer_reserve(cb_writer *writer, size_t more);
/* The next `more` bytes, counted in, for the caller to fill; NULL after a failure. */
uint8_t *cb_write_room_slow(cb_writer *writer, size_t more);
static inline uint8_t *cb_write_room(cb_writer *writer, size_t more)
{
  if (writer->status != CEP_OK || more > writer->capacity - writer->len) return cb_write_room_slow(writer, more);
  uint8_t *at = writer->data + writer->len;
  writer->len += more;
  return at;
}
static inline void cb_write_u8(cb_writer *writer, uint8_t value)
{
  uint8_t *at = cb_write_room(writer, 1);
  if (at) *at = value;
}
void cb_write_u16(cb_writer *writer, uint16_t value);
void cb_write_u32(cb_writer *writer, uint32_t value);
void cb_write_u64(cb_writer *writer, uint64_t value);
void cb_write_i64(cb_writer *writer, int64_t value);
static inline void cb_write_bytes(cb_writer *writer, const void *data, size_t len)
{
  uint8_t *at = len > 0 ? cb_write_room(writer, len) : NULL;
  if (at) memcpy(at, data, len);
}
/* u32 length, then the bytes. */
void cb_write_block(cb_writer *writer, const void *data, size_t len);
static inline void cb_write_text(cb_writer *writer, const char *text) /* bytes of a C string, no length */
{
  cb_write_bytes(writer, text, strlen(text));
}
void cb_write_decimal(cb_writer *writer, uint64_t number);
void cb_write_hex(cb_writer *writer, const uint8_t *data, size_t len); /* two small letters or digits each */
void cb_write_printf(cb_writer *writer, const char *format, ...) CB_PRINTF(2, 3);

typedef struct cb_reader {
  const uint8_t *data;
  size_t len;
  size_t at;
  cep_status status;
} cb_reader;

void cb_reader_init(cb_reader *reader, const void *data, size_t len);
uint8_t cb_read_u8(cb_reader *reader);
uint16_t cb_read_u16(cb_reader *reader);
uint32_t cb_read_u32(cb_reader *reader);
uint64_t cb_read_u64(cb_reader *reader);
int64_t cb_read_i64(cb_reader *reader);
const void *cb_read_bytes(cb_reader *reader, size_t len);
const void *cb_read_block(cb_reader *reader, size_t *len_out);
int cb_reader_at_end(const cb_reader *reader);

#endif
