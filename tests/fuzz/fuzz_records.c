/* fuzz_records.c - any bytes as records, a line each: none crashes, each one is accounted for. */
#include <stdlib.h>
#include <string.h>

#include "tests/support/record_feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  static record_feed feed; /* the program is compiled once for all inputs */
  if (!feed.program && !feed_open(&feed, "1")) abort();
  if (!feed_restart(&feed)) abort();
  const char *at = (const char *)data, *end = at + size;
  while (at < end) {
    const char *line_end = memchr(at, '\n', (size_t)(end - at));
    if (!line_end) line_end = end;
    if (feed_record(&feed, at, (size_t)(line_end - at)) < 0) abort();
    at = line_end + 1;
  }
  if (cep_engine_finish(feed.engine, NULL) < 0) abort();
  if (!feed_account(&feed)) abort();
  return 0;
}
