/* time_form.c - instants in the forms of logs. */
#include <string.h>

#include "cep/base/time_parts.h"
#include "cep/base/zone.h"

/* What a text said so far; which parts it has is known from the form. */
typedef struct parts {
  int64_t year, month, day, day_of_year;
  int64_t hour, half_hour, minute, second, ns;
  int64_t zone_ns;
  const cb_zone *zone; /* where the form has none; NULL: UTC */
  int64_t epoch;
  int pm;
  int epoch_negative;
} parts;

enum {
  HAS_YEAR = 1 << 0,
  HAS_MONTH = 1 << 1,
  HAS_DAY = 1 << 2,
  HAS_DAY_OF_YEAR = 1 << 3,
  HAS_HOUR = 1 << 4,
  HAS_HALF_HOUR = 1 << 5,
  HAS_HALF = 1 << 6,
  HAS_MINUTE = 1 << 7,
  HAS_SECOND = 1 << 8,
  HAS_FRACTION = 1 << 9,
  HAS_ZONE = 1 << 10,
  HAS_EPOCH = 1 << 11
};

typedef struct cursor {
  const char *text;
  size_t len;
  size_t at;
} cursor;

static int is_space(char c)
{
  return c == ' ' || (c >= '\t' && c <= '\r');
}

static char lower(char c)
{
  return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int is_letter(char c)
{
  return lower(c) >= 'a' && lower(c) <= 'z';
}

/* What a conversion gives, -1 if it is unknown. Compounds are spelt out by cb_time_longhand. */
static int gives(char conversion)
{
  switch (conversion) {
  case 'Y':
  case 'y': return HAS_YEAR;
  case 'm':
  case 'b':
  case 'B': return HAS_MONTH;
  case 'd':
  case 'e': return HAS_DAY;
  case 'j': return HAS_DAY_OF_YEAR;
  case 'H': return HAS_HOUR;
  case 'I': return HAS_HALF_HOUR;
  case 'p': return HAS_HALF;
  case 'M': return HAS_MINUTE;
  case 'S': return HAS_SECOND;
  case 'f': return HAS_FRACTION;
  case 'z': return HAS_ZONE;
  case 's': return HAS_EPOCH;
  case 'a':
  case 'A':
  case 'Z':
  case '%': return 0;
  default: return -1;
  }
}

const char *cb_time_longhand(char conversion)
{
  switch (conversion) {
  case 'T': return "%H:%M:%S";
  case 'R': return "%H:%M";
  case 'D': return "%m/%d/%y";
  case 'F': return "%Y-%m-%d";
  default: return NULL;
  }
}

/* All that the form gives; -1 if a conversion is unknown. */
static int form_gives(const char *form)
{
  int sum = 0;
  for (; *form; form++) {
    if (*form != '%') continue;
    const char *parts_of = cb_time_longhand(*++form);
    int given = parts_of ? form_gives(parts_of) : gives(*form);
    if (given < 0) return -1;
    sum |= given;
  }
  return sum;
}

/* A date, and no lone piece of a clock; or the epoch. */
static int is_instant(int has)
{
  if (has < 0) return 0;
  if (has & HAS_EPOCH) return 1;
  int date = (has & (HAS_MONTH | HAS_DAY)) == (HAS_MONTH | HAS_DAY) || (has & HAS_DAY_OF_YEAR);
  if (!date) return 0;
  if (!(has & HAS_HALF_HOUR) != !(has & HAS_HALF)) return 0;
  if ((has & HAS_HOUR) && (has & HAS_HALF_HOUR)) return 0;
  if ((has & HAS_MINUTE) && !(has & (HAS_HOUR | HAS_HALF_HOUR))) return 0;
  if ((has & HAS_SECOND) && !(has & HAS_MINUTE)) return 0;
  return !(has & HAS_FRACTION) || (has & HAS_SECOND);
}

int cb_time_form_valid(const char *form, int *has_year)
{
  int has = form_gives(form);
  if (!is_instant(has)) return 0;
  *has_year = (has & (HAS_YEAR | HAS_EPOCH)) != 0;
  return 1;
}

static int number(cursor *in, size_t digits_min, size_t digits_max, int64_t least, int64_t most, int64_t *out)
{
  return cb_scan_digits(in->text, in->len, &in->at, digits_min, digits_max, out) && *out >= least &&
         *out <= most;
}

/* One of `names` (lower case, parted by spaces), whole or its first three letters.
 * Gives its index in `*out`. */
static int name(cursor *in, const char *names, int64_t *out)
{
  size_t letters = 0;
  while (in->at + letters < in->len && is_letter(in->text[in->at + letters])) letters++;
  const char *text = in->text + in->at;
  int64_t index = 0;
  while (*names) {
    size_t length = strcspn(names, " ");
    size_t same = 0;
    while (same < length && same < letters && lower(text[same]) == names[same]) same++;
    if (same >= 3) { /* between short and whole ("Sept") only the short name counts */
      in->at += same == length ? length : 3;
      *out = index;
      return 1;
    }
    names += length;
    if (*names == ' ') names++;
    index++;
  }
  return 0;
}

static int epoch_seconds(cursor *in, parts *out)
{
  if (in->at < in->len && in->text[in->at] == '-') {
    out->epoch_negative = 1;
    in->at++;
  }
  return cb_scan_digits(in->text, in->len, &in->at, 1, 18, &out->epoch);
}

static int zone_word(cursor *in)
{
  size_t start = in->at;
  while (in->at < in->len && is_letter(in->text[in->at])) in->at++;
  return in->at > start;
}

static int half_of_day(cursor *in, parts *out)
{
  if (in->len - in->at < 2 || lower(in->text[in->at + 1]) != 'm') return 0;
  char first = lower(in->text[in->at]);
  if (first != 'a' && first != 'p') return 0;
  out->pm = first == 'p';
  in->at += 2;
  return 1;
}

static int two_digit_year(cursor *in, parts *out)
{
  if (!number(in, 2, 2, 0, 99, &out->year)) return 0;
  out->year += out->year < 69 ? 2000 : 1900; /* as POSIX has it */
  return 1;
}

static int conversion(cursor *in, char letter, parts *out)
{
  int64_t ignored;
  switch (letter) {
  case 'Y': return number(in, 4, 4, 0, 9999, &out->year);
  case 'y': return two_digit_year(in, out);
  case 'm': return number(in, 1, 2, 1, 12, &out->month);
  case 'b':
  case 'B':
    if (!name(in, "january february march april may june july august september october november december",
              &out->month)) {
      return 0;
    }
    out->month++;
    return 1;
  case 'e':
    while (in->at < in->len && in->text[in->at] == ' ') in->at++;
    return number(in, 1, 2, 1, 31, &out->day);
  case 'd': return number(in, 1, 2, 1, 31, &out->day);
  case 'j': return number(in, 1, 3, 1, 366, &out->day_of_year);
  case 'H': return number(in, 1, 2, 0, 23, &out->hour);
  case 'I': return number(in, 1, 2, 1, 12, &out->half_hour);
  case 'p': return half_of_day(in, out);
  case 'M': return number(in, 1, 2, 0, 59, &out->minute);
  case 'S': return number(in, 1, 2, 0, 60, &out->second);
  case 'f': return cb_scan_fraction(in->text, in->len, &in->at, &out->ns);
  case 'z': return cb_scan_zone(in->text, in->len, &in->at, &out->zone_ns);
  case 's': return epoch_seconds(in, out);
  case 'a':
  case 'A': return name(in, "sunday monday tuesday wednesday thursday friday saturday", &ignored);
  case 'Z': return zone_word(in);
  case '%': return in->at < in->len && in->text[in->at++] == '%';
  default: return 0;
  }
}

static int read_parts(cursor *in, const char *form, parts *out)
{
  for (; *form; form++) {
    if (is_space(*form)) {
      while (in->at < in->len && is_space(in->text[in->at])) in->at++;
      continue;
    }
    if (*form != '%') {
      if (in->at >= in->len || in->text[in->at++] != *form) return 0;
      continue;
    }
    form++;
    const char *parts_of = cb_time_longhand(*form);
    if (parts_of ? !read_parts(in, parts_of, out) : !conversion(in, *form, out)) return 0;
  }
  return 1;
}

static int instant_in_year(const parts *read, int has, int64_t year, cep_time near, cep_time *out)
{
  int64_t days;
  if (has & HAS_DAY_OF_YEAR) {
    if (read->day_of_year == 366 && !cb_date_valid(year, 2, 29)) return 0;
    days = cb_days_from_date(year, 1, 1) + read->day_of_year - 1;
  } else {
    if (!cb_date_valid(year, (uint32_t)read->month, (uint32_t)read->day)) return 0;
    days = cb_days_from_date(year, (uint32_t)read->month, (uint32_t)read->day);
  }
  int64_t hour = has & HAS_HALF_HOUR ? read->half_hour % 12 + 12 * read->pm : read->hour;
  int64_t of_day = (hour * 60 + read->minute) * 60 + read->second;
  int64_t local = days * 86400 + of_day;
  if (has & HAS_ZONE) {
    local -= read->zone_ns / CB_SECOND;
  } else if (read->zone) {
    local = cb_zone_instant_near(read->zone, local, near == CEP_TIME_MIN ? INT64_MIN : near / CB_SECOND);
  }
  return cb_time_from_seconds(local, read->ns, out);
}

/* The nearest of the years around `near`. Eight to each side reach a 29 February also
 * over a century that has none. */
static int instant_near(const parts *read, int has, cep_time near, cep_time *out)
{
  if (near == CEP_TIME_MIN) {
    return instant_in_year(read, has, 1970, near, out) || instant_in_year(read, has, 1972, near, out);
  }
  int64_t seconds = near / CB_SECOND, year;
  uint32_t month, day;
  cb_date_from_days(seconds / 86400, &year, &month, &day);
  int found = 0;
  uint64_t least = UINT64_MAX;
  for (int64_t candidate = year - 8; candidate <= year + 8; candidate++) {
    cep_time time;
    if (!instant_in_year(read, has, candidate, near, &time)) continue;
    uint64_t distance = time > near ? (uint64_t)time - (uint64_t)near : (uint64_t)near - (uint64_t)time;
    if (distance >= least) continue;
    least = distance;
    *out = time;
    found = 1;
  }
  return found;
}

int cb_time_read_form(const char *text, size_t len, const char *form, int32_t year, const cb_zone *zone,
                      cep_time near, size_t *used_out, cep_time *out)
{
  int has = form_gives(form);
  if (!is_instant(has)) return 0;
  cursor in = {text, len, 0};
  parts read = {.zone = zone};
  if (!read_parts(&in, form, &read)) return 0;
  if (!used_out && in.at != len) return 0;

  cep_time time;
  int done;
  if (has & HAS_EPOCH) {
    int64_t sign = read.epoch_negative ? -1 : 1;
    done = cb_time_from_seconds(sign * read.epoch, sign * read.ns, &time);
  } else if (has & HAS_YEAR) {
    done = instant_in_year(&read, has, read.year, near, &time);
  } else if (year != 0) {
    done = year > 0 && year <= 9999 && instant_in_year(&read, has, year, near, &time);
  } else {
    done = instant_near(&read, has, near, &time);
  }
  if (!done || time == CEP_TIME_MIN || time == CEP_TIME_MAX) return 0;
  *out = time;
  if (used_out) *used_out = in.at;
  return 1;
}
