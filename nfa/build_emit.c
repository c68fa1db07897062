/* build_emit.c - the sections, laid out as one block of bytes. */
#include "nfa/build_internal.h"

#include <string.h>

static const uint8_t zeros[8];

static void write_section(cb_writer *image, const void *items, size_t size)
{
  cb_write_bytes(image, items, size);
  cb_write_bytes(image, zeros, (8 - size % 8) % 8);
}

void build_emit(build *b, cb_writer *image)
{
  cb_writer_reset(image);
  prg_header header = {.magic = PRG_MAGIC, .version = PRG_VERSION, .section_count = PRG_SECTION_COUNT};
  cb_write_bytes(image, &header, sizeof header);
  uint64_t at = sizeof header + PRG_SECTION_COUNT * sizeof(prg_section);
#define S(name, type, member)                                                                                \
  {                                                                                                          \
    prg_section section = {PRG_SECTION_##name, b->out.member.count, at};                                     \
    cb_write_bytes(image, &section, sizeof section);                                                         \
    at += ((uint64_t)b->out.member.count * sizeof(type) + 7) / 8 * 8;                                        \
  }
  PRG_SECTIONS(S)
#undef S
#define S(name, type, member) write_section(image, b->out.member.at, b->out.member.count * sizeof(type));
  PRG_SECTIONS(S)
#undef S
  if (image->status < 0) {
    build_fail(b, image->status);
    return;
  }
  CB_ASSERT(image->len == at);
  header.size = at;
  header.checksum = cb_hash64(image->data + sizeof header, image->len - sizeof header);
  memcpy(image->data, &header, sizeof header);
}
