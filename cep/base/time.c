/* time.c - calendar, durations, RFC 3339. */
#include "cep/base/time.h"

#include <string.h>

#include "cep/base/num.h"
#include "cep/base/time_parts.h"

cep_time cb_time_add(cep_time time, cep_duration duration)
{
  int64_t sum;
  if (!__builtin_add_overflow(time, duration, &sum)) return sum;
  return duration > 0 ? CEP_TIME_MAX : CEP_TIME_MIN;
}

/* ---- Calendar ------------------------------------------------------------------- */

static int64_t floor_div(int64_t a, int64_t b)
{
  return a / b - (a % b < 0);
}

/* Years are counted from March, so that the leap day is a year's last: then the days
 * before a month need no table and no look at the year. */
int64_t cb_days_from_date(int64_t year, uint32_t month, uint32_t day)
{
  CB_ASSERT(month >= 1 && month <= 12);
  CB_ASSERT(year > -100000000 && year < 100000000);
  int64_t march_year = month > 2 ? year : year - 1;
  int64_t months = (month + 9) % 12;            /* since March */
  int64_t days_before = (153 * months + 2) / 5; /* 31 30 31 30 31, again, then 31 28 */
  int64_t leap_days = floor_div(march_year, 4) - floor_div(march_year, 100) + floor_div(march_year, 400);
  return 365 * march_year + leap_days + days_before + (int64_t)day - 1 - 719468; /* 0000-03-01 */
}

void cb_date_from_days(int64_t days, int64_t *year, uint32_t *month, uint32_t *day)
{
  CB_ASSERT(days > -36500000000 && days < 36500000000);
  int64_t from_march = days + 719468;
  int64_t cycle = floor_div(from_march, 146097); /* 400 years */
  int64_t rest = from_march - cycle * 146097;
  int64_t century = rest / 36524;
  if (century > 3) century = 3; /* the cycle's own leap day */
  rest -= century * 36524;
  int64_t four = rest / 1461;
  rest -= four * 1461;
  int64_t single = rest / 365;
  if (single > 3) single = 3;
  rest -= single * 365;
  int64_t months = (5 * rest + 2) / 153;
  *day = (uint32_t)(rest - (153 * months + 2) / 5 + 1);
  *month = (uint32_t)(months < 10 ? months + 3 : months - 9);
  *year = cycle * 400 + century * 100 + four * 4 + single + (months >= 10);
}

int cb_date_valid(int64_t year, uint32_t month, uint32_t day)
{
  static const uint8_t lengths[12] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (month < 1 || month > 12 || day < 1) return 0;
  int leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return day <= lengths[month - 1] + (uint32_t)(leap && month == 2);
}

int cb_time_from_seconds(int64_t seconds, int64_t ns, cep_time *out)
{
  if (seconds < 0 && ns > 0) { /* the least instant's seconds alone are out of range */
    seconds++;
    ns -= CB_SECOND;
  }
  int64_t time;
  if (__builtin_mul_overflow(seconds, CB_SECOND, &time) || __builtin_add_overflow(time, ns, &time)) return 0;
  if (time == CEP_TIME_MIN || time == CEP_TIME_MAX) return 0; /* these mean "never" */
  *out = time;
  return 1;
}

/* ---- Reading -------------------------------------------------------------------- */

int cb_scan_digits(const char *text, size_t len, size_t *at, size_t min, size_t max, int64_t *out)
{
  CB_ASSERT(max <= 18);
  size_t start = *at;
  int64_t number = 0;
  while (*at < len && *at - start < max && text[*at] >= '0' && text[*at] <= '9') {
    number = number * 10 + (text[(*at)++] - '0');
  }
  if (*at - start < min) return 0;
  *out = number;
  return 1;
}

int cb_scan_fraction(const char *text, size_t len, size_t *at, int64_t *ns)
{
  size_t start = *at;
  if (!cb_scan_digits(text, len, at, 1, 9, ns)) return 0;
  for (size_t digits = *at - start; digits < 9; digits++) *ns *= 10;
  return *at == len || text[*at] < '0' || text[*at] > '9';
}

int cb_scan_zone(const char *text, size_t len, size_t *at, int64_t *zone_ns)
{
  if (*at < len && (text[*at] == 'Z' || text[*at] == 'z')) {
    ++*at;
    *zone_ns = 0;
    return 1;
  }
  if (*at >= len || (text[*at] != '+' && text[*at] != '-')) return 0;
  int64_t sign = text[(*at)++] == '-' ? -1 : 1;
  int64_t hours, minutes = 0;
  if (!cb_scan_digits(text, len, at, 2, 2, &hours) || hours > 23) return 0;
  if (*at < len && text[*at] == ':') {
    ++*at;
    if (!cb_scan_digits(text, len, at, 2, 2, &minutes)) return 0;
  } else if (*at < len && text[*at] >= '0' && text[*at] <= '9') {
    if (!cb_scan_digits(text, len, at, 2, 2, &minutes)) return 0;
  }
  if (minutes > 59) return 0;
  *zone_ns = sign * (hours * 60 + minutes) * 60 * CB_SECOND;
  return 1;
}

int cb_zone_read(const char *text, size_t len, int64_t *zone_ns)
{
  size_t at = 0;
  if (len == 3 && memcmp(text, "UTC", 3) == 0) {
    *zone_ns = 0;
    return 1;
  }
  int64_t zone;
  if (!cb_scan_zone(text, len, &at, &zone) || at != len) return 0;
  *zone_ns = zone;
  return 1;
}

static int scan_char(const char *text, size_t len, size_t *at, const char *any_of)
{
  if (*at >= len || text[*at] == 0 || !strchr(any_of, text[*at])) return 0;
  ++*at;
  return 1;
}

/* "hh:mm", then perhaps ":ss" and a fraction, then perhaps a zone. */
static int scan_clock(const char *text, size_t len, size_t *at, int64_t *seconds, int64_t *ns)
{
  int64_t hour, minute, second = 0, zone = 0;
  if (!cb_scan_digits(text, len, at, 2, 2, &hour) || hour > 23) return 0;
  if (!scan_char(text, len, at, ":")) return 0;
  if (!cb_scan_digits(text, len, at, 2, 2, &minute) || minute > 59) return 0;
  if (scan_char(text, len, at, ":")) {
    if (!cb_scan_digits(text, len, at, 2, 2, &second) || second > 60) return 0;
    if (scan_char(text, len, at, ".,") && !cb_scan_fraction(text, len, at, ns)) return 0;
  }
  if (*at < len && !cb_scan_zone(text, len, at, &zone)) return 0;
  *seconds = (hour * 60 + minute) * 60 + second - zone / CB_SECOND;
  return *at == len;
}

int cb_time_read_rfc3339(const char *text, size_t len, cep_time *out)
{
  size_t at = 0;
  int64_t year, month, day, seconds = 0, ns = 0;
  if (!cb_scan_digits(text, len, &at, 4, 4, &year)) return 0;
  if (!scan_char(text, len, &at, "-") || !cb_scan_digits(text, len, &at, 2, 2, &month)) return 0;
  if (!scan_char(text, len, &at, "-") || !cb_scan_digits(text, len, &at, 2, 2, &day)) return 0;
  if (!cb_date_valid(year, (uint32_t)month, (uint32_t)day)) return 0;
  if (at < len) {
    if (!scan_char(text, len, &at, "Tt ")) return 0;
    if (!scan_clock(text, len, &at, &seconds, &ns)) return 0;
  }
  return cb_time_from_seconds(cb_days_from_date(year, (uint32_t)month, (uint32_t)day) * 86400 + seconds, ns,
                              out);
}

/* From the largest: a duration is written in this order, each unit once. */
static const struct {
  char name[4];
  int64_t ns;
} units[] = {
    {"w", 604800 * CB_SECOND},
    {"d", 86400 * CB_SECOND},
    {"h", 3600 * CB_SECOND},
    {"m", 60 * CB_SECOND},
    {"s", CB_SECOND},
    {"ms", 1000000},
    {"us", 1000},
    {"ns", 1},
};
#define UNIT_COUNT (sizeof units / sizeof units[0])

int cb_duration_read(const char *text, size_t len, cep_duration *out)
{
  size_t at = 0, first_unit = 0;
  int64_t sum = 0;
  do {
    int64_t number, part;
    if (!cb_scan_digits(text, len, &at, 1, 18, &number)) return 0;
    size_t start = at;
    while (at < len && text[at] >= 'a' && text[at] <= 'z') at++;
    size_t unit = first_unit;
    while (unit < UNIT_COUNT && (strlen(units[unit].name) != at - start ||
                                 memcmp(units[unit].name, text + start, at - start) != 0)) {
      unit++;
    }
    if (unit == UNIT_COUNT) return 0;
    if (__builtin_mul_overflow(number, units[unit].ns, &part) || __builtin_add_overflow(sum, part, &sum))
      return 0;
    first_unit = unit + 1;
  } while (at < len);
  *out = sum;
  return 1;
}

int cb_duration_read_seconds(const char *text, size_t len, cep_duration *out)
{
  size_t at = 0;
  int64_t seconds, ns = 0;
  int64_t sign = len > 0 && text[0] == '-' ? -1 : 1;
  if (sign < 0) at++;
  if (!cb_scan_digits(text, len, &at, 1, 18, &seconds)) return 0;
  if (at < len) {
    if (text[at++] != '.') return 0;
    while (len > at + 9 && text[len - 1] == '0') len--; /* what is below a nanosecond */
    if (!cb_scan_fraction(text, len, &at, &ns)) return 0;
  }
  if (at != len) return 0;
  int64_t whole, sum;
  if (__builtin_mul_overflow(sign * seconds, CB_SECOND, &whole)) return 0;
  if (__builtin_add_overflow(whole, sign * ns, &sum)) return 0;
  *out = sum;
  return 1;
}

/* ---- Printing ------------------------------------------------------------------- */

/* `number` in at least `width` digits; gives the end. */
static char *put_number(char *out, uint64_t number, int width)
{
  char digits[20];
  int count = 0;
  do {
    digits[count++] = (char)('0' + number % 10);
    number /= 10;
  } while (number > 0 || count < width);
  while (count > 0) *out++ = digits[--count];
  return out;
}

static char *put_two(char *out, uint64_t number)
{
  *out++ = (char)('0' + number / 10);
  *out++ = (char)('0' + number % 10);
  return out;
}

/* ".5" for 500000000 ns; nothing for 0. */
static char *put_fraction(char *out, uint64_t ns)
{
  if (ns == 0) return out;
  *out++ = '.';
  int width = 9;
  for (; ns % 1000 == 0; ns /= 1000) width -= 3;
  out = put_number(out, ns, width);
  while (out[-1] == '0') out--;
  return out;
}

size_t cb_time_print(cep_time time, char out[CB_TIME_TEXT_MAX])
{
  if (time == CEP_TIME_MIN || time == CEP_TIME_MAX) {
    const char *word = time == CEP_TIME_MIN ? "-inf" : "inf";
    memcpy(out, word, strlen(word) + 1);
    return strlen(word);
  }
  int64_t seconds = floor_div(time, CB_SECOND);
  int64_t days = floor_div(seconds, 86400);
  uint64_t ns = (uint64_t)(time % CB_SECOND < 0 ? time % CB_SECOND + CB_SECOND : time % CB_SECOND);
  uint64_t of_day = (uint64_t)(seconds - days * 86400);
  int64_t year;
  uint32_t month, day;
  cb_date_from_days(days, &year, &month, &day);
  char *at = put_two(put_two(out, (uint64_t)year / 100), (uint64_t)year % 100); /* 1677 .. 2262 */
  *at++ = '-';
  at = put_two(at, month);
  *at++ = '-';
  at = put_two(at, day);
  *at++ = 'T';
  at = put_two(at, of_day / 3600);
  *at++ = ':';
  at = put_two(at, of_day / 60 % 60);
  *at++ = ':';
  at = put_two(at, of_day % 60);
  at = put_fraction(at, ns);
  *at++ = 'Z';
  *at = 0;
  return (size_t)(at - out);
}

static uint64_t magnitude(int64_t value)
{
  return value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
}

size_t cb_duration_print(cep_duration duration, char out[CB_TIME_TEXT_MAX])
{
  char *at = out;
  uint64_t rest = magnitude(duration);
  if (duration < 0) *at++ = '-';
  for (size_t unit = 1; unit < UNIT_COUNT; unit++) { /* no weeks: "10d" reads better than "1w3d" */
    uint64_t number = rest / (uint64_t)units[unit].ns;
    rest %= (uint64_t)units[unit].ns;
    if (number == 0 && !(duration == 0 && units[unit].ns == CB_SECOND)) continue;
    at = put_number(at, number, 1);
    for (const char *name = units[unit].name; *name; name++) *at++ = *name;
  }
  *at = 0;
  return (size_t)(at - out);
}

size_t cb_duration_print_seconds(cep_duration duration, char out[CB_TIME_TEXT_MAX])
{
  char *at = out;
  uint64_t size = magnitude(duration);
  if (duration < 0) *at++ = '-';
  at = put_number(at, size / (uint64_t)CB_SECOND, 1);
  at = put_fraction(at, size % (uint64_t)CB_SECOND);
  *at = 0;
  return (size_t)(at - out);
}
