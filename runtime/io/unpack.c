/* unpack.c - gzip and zstd streams to the bytes they hold. */
#include "runtime/io/unpack.h"

#define ZLIB_CONST /* what is read is not written */
#include <limits.h>
#include <string.h>
#include <zlib.h>
#include <zstd.h>

#define GZIP_WINDOW (15 + 16) /* the largest; gzip's head and checksum */
#define ZSTD_WINDOW_LOG_MAX 27

struct rt_unpack {
  z_stream gzip;
  ZSTD_DCtx *zstd; /* NULL: gzip */
  int is_within;
};

static int begins(const uint8_t *bytes, size_t len, const uint8_t *magic, size_t magic_len)
{
  return memcmp(bytes, magic, len < magic_len ? len : magic_len) == 0;
}

rt_packing rt_packing_of(const void *data, size_t len)
{
  static const uint8_t gzip[] = {0x1F, 0x8B}, zstd[] = {0x28, 0xB5, 0x2F, 0xFD}, skippable[] = {0x2A, 0x4D, 0x18};
  const uint8_t *bytes = data;
  if (len == 0) return RT_PACKING_UNSURE;
  if (begins(bytes, len, gzip, sizeof gzip)) return len < sizeof gzip ? RT_PACKING_UNSURE : RT_PACKING_GZIP;
  int is_zstd = begins(bytes, len, zstd, sizeof zstd);
  /* A frame that holds no data may come first. */
  if ((bytes[0] & 0xF0) == 0x50) is_zstd = begins(bytes + 1, len - 1, skippable, sizeof skippable);
  if (!is_zstd) return RT_PACKING_NONE;
  return len < sizeof zstd ? RT_PACKING_UNSURE : RT_PACKING_ZSTD;
}

cep_status rt_unpack_new(cb_alloc *alloc, rt_packing packing, rt_unpack **out)
{
  rt_unpack *unpack = cb_new0(alloc, sizeof *unpack);
  if (!unpack) return CEP_E_NOMEM;
  int ok;
  if (packing == RT_PACKING_ZSTD) {
    unpack->zstd = ZSTD_createDCtx();
    ok = unpack->zstd &&
         !ZSTD_isError(ZSTD_DCtx_setParameter(unpack->zstd, ZSTD_d_windowLogMax, ZSTD_WINDOW_LOG_MAX));
  } else {
    ok = inflateInit2(&unpack->gzip, GZIP_WINDOW) == Z_OK;
  }
  if (!ok) {
    rt_unpack_free(alloc, unpack);
    return CEP_E_NOMEM;
  }
  *out = unpack;
  return CEP_OK;
}

void rt_unpack_free(cb_alloc *alloc, rt_unpack *unpack)
{
  if (!unpack) return;
  if (unpack->zstd)
    ZSTD_freeDCtx(unpack->zstd);
  else
    inflateEnd(&unpack->gzip); /* of one that was never made does nothing */
  cb_free(alloc, unpack, sizeof *unpack);
}

static const char *run_gzip(rt_unpack *unpack, const void *in, size_t len, size_t *used, void *out, size_t room,
                            size_t *made)
{
  z_stream *gzip = &unpack->gzip;
  uInt in_len = len < UINT_MAX ? (uInt)len : UINT_MAX, out_len = room < UINT_MAX ? (uInt)room : UINT_MAX;
  unsigned char nothing = 0;
  gzip->next_in = len > 0 ? (const Bytef *)in : &nothing;
  gzip->avail_in = in_len;
  gzip->next_out = out;
  gzip->avail_out = out_len;
  int result = inflate(gzip, Z_NO_FLUSH);
  *used = in_len - gzip->avail_in;
  *made = out_len - gzip->avail_out;
  unpack->is_within = result != Z_STREAM_END;
  if (result == Z_STREAM_END) return inflateReset(gzip) == Z_OK ? NULL : "it cannot be read on";
  if (result == Z_OK || result == Z_BUF_ERROR) return NULL;
  return gzip->msg ? gzip->msg : result == Z_MEM_ERROR ? "no memory" : "it is no gzip";
}

const char *rt_unpack_run(rt_unpack *unpack, const void *in, size_t len, size_t *used, void *out, size_t room,
                          size_t *made)
{
  *used = *made = 0;
  if (len == 0 && !unpack->is_within) return NULL;
  if (!unpack->zstd) return run_gzip(unpack, in, len, used, out, room, made);
  ZSTD_inBuffer from = {in, len, 0};
  ZSTD_outBuffer to = {out, room, 0};
  size_t result = ZSTD_decompressStream(unpack->zstd, &to, &from);
  *used = from.pos;
  *made = to.pos;
  unpack->is_within = result != 0;
  return ZSTD_isError(result) ? ZSTD_getErrorName(result) : NULL;
}

int rt_unpack_is_within(const rt_unpack *unpack)
{
  return unpack->is_within;
}
