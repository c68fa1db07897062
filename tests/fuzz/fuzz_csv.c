/* fuzz_csv.c - any bytes as a file of CSV: split alike in any pieces, and each record is accounted for. */
#include <stdlib.h>
#include <string.h>

#include "cep/base/split.h"
#include "tests/support/record_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Both ends of the record at `at` must be one, whatever the pieces. */
static size_t record_len(const char *at, size_t len, size_t piece)
{
  cb_split whole = cb_split_csv(',', '"'), cut = whole;
  const char *end = cb_split_end(&whole, at, len), *cut_end = NULL;
  for (size_t from = 0; from < len && !cut_end; from += piece)
    cut_end = cb_split_end(&cut, at + from, len - from < piece ? len - from : piece);
  if (end != cut_end || whole.state != cut.state) abort();
  return end ? (size_t)(end - at) : len;
}

/* The first byte says how large the pieces are; the record of the header comes from the data. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static record_feed feed; /* the program is compiled once for all inputs */
  if (!feed.program && !feed_open(&feed, "1")) abort();
  if (!feed_restart(&feed)) abort();
  size_t piece = size > 0 ? 1 + data[0] % 32 : 1, at = size > 0;
  while (at < size) {
    size_t len = record_len((const char *)data + at, size - at, piece);
    if (feed_row(&feed, (const char *)data + at, len) < 0) abort();
    at += len + 1;
  }
  if (cep_engine_finish(feed.engine, NULL) < 0) abort();
  if (!feed_account(&feed)) abort();
  return 0;
}
