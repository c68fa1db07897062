/* words.c - numbers and times as people read them. */
#include "words.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#define SECOND INT64_C(1000000000)

const char *number(uint64_t value, char out[NUMBER_MAX])
{
  char digits[NUMBER_MAX];
  int len = snprintf(digits, sizeof digits, "%" PRIu64, value);
  char *to = out;
  for (int i = 0; i < len; i++) {
    if (i > 0 && (len - i) % 3 == 0) *to++ = ',';
    *to++ = digits[i];
  }
  *to = 0;
  return out;
}

const char *span(cep_duration ns, char out[SPAN_MAX])
{
  int64_t s = ns / SECOND;
  if (ns < 10 * SECOND)
    snprintf(out, SPAN_MAX, "%.1fs", (double)ns / 1e9);
  else if (s < 60)
    snprintf(out, SPAN_MAX, "%" PRId64 "s", s);
  else if (s < 3600)
    snprintf(out, SPAN_MAX, "%" PRId64 "m%02" PRId64 "s", s / 60, s % 60);
  else if (s < 86400)
    snprintf(out, SPAN_MAX, "%" PRId64 "h%02" PRId64 "m", s / 3600, s / 60 % 60);
  else
    snprintf(out, SPAN_MAX, "%" PRId64 "d%02" PRId64 "h", s / 86400, s / 3600 % 24);
  return out;
}

const char *when(cep_time time, char out[WHEN_MAX])
{
  struct tm parts;
  time_t seconds = (time_t)(time / SECOND - (time % SECOND < 0));
  if (time == CEP_TIME_MIN || !gmtime_r(&seconds, &parts) || strftime(out, WHEN_MAX, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0)
    snprintf(out, WHEN_MAX, "its beginning");
  return out;
}

const char *duration(int64_t ns, char out[NUMBER_MAX])
{
  int64_t ms = ns / 1000000 + (ns % 1000000 != 0);
  if (ms % 1000 == 0)
    snprintf(out, NUMBER_MAX, "%" PRId64 "s", ms / 1000);
  else
    snprintf(out, NUMBER_MAX, "%" PRId64 "ms", ms);
  return out;
}
