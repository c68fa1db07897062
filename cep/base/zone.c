/* zone.c - POSIX rules of zones, read and applied. */
#include "cep/base/zone.h"

#include <string.h>

#define DAY 86400

typedef struct named_zone {
  const char *name;
  const char *rule;
} named_zone;

static const named_zone zones[] = {
#define Z(name, rule) {name, rule},
#include "cep/base/zones.def"
#undef Z
};
#define ZONE_COUNT (sizeof zones / sizeof *zones)

/* ---- By name ----------------------------------------------------------------------- */

const char *cb_zone_name(uint32_t index)
{
  return index < ZONE_COUNT ? zones[index].name : NULL;
}

static int compare(const char *name, size_t len, const char *other)
{
  size_t other_len = strlen(other);
  int order = memcmp(name, other, len < other_len ? len : other_len);
  return order != 0 ? order : (len > other_len) - (len < other_len);
}

static char *put_two(char *at, int64_t number)
{
  *at++ = (char)('0' + number / 10 % 10);
  *at++ = (char)('0' + number % 10);
  return at;
}

/* "+05:30" as the rule "<+05:30>-05:30": POSIX counts to the west. */
static const char *rule_of_offset(int64_t offset_ns, char space[CB_ZONE_RULE_MAX])
{
  int64_t seconds = offset_ns / CB_SECOND, size = seconds < 0 ? -seconds : seconds;
  char *at = space;
  memcpy(at, "<UTC>", 5);
  at += 5;
  *at++ = seconds < 0 ? '+' : '-';
  at = put_two(at, size / 3600);
  *at++ = ':';
  at = put_two(at, size / 60 % 60);
  *at = '\0';
  return space;
}

const char *cb_zone_rule(const char *name, size_t len, char space[CB_ZONE_RULE_MAX])
{
  int64_t offset_ns;
  if (cb_zone_read(name, len, &offset_ns)) return rule_of_offset(offset_ns, space);
  size_t low = 0, high = ZONE_COUNT;
  while (low < high) {
    size_t middle = (low + high) / 2;
    int order = compare(name, len, zones[middle].name);
    if (order == 0) return zones[middle].rule;
    if (order < 0) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return NULL;
}

/* ---- Rules ------------------------------------------------------------------------- */

typedef struct cursor {
  const char *at;
  const char *end;
} cursor;

static int take(cursor *in, char c)
{
  if (in->at == in->end || *in->at != c) return 0;
  in->at++;
  return 1;
}

static int number(cursor *in, uint32_t most, uint32_t *out)
{
  const char *from = in->at;
  uint32_t value = 0;
  while (in->at < in->end && *in->at >= '0' && *in->at <= '9' && in->at - from < 4) value = value * 10 + (uint32_t)(*in->at++ - '0');
  *out = value;
  return in->at > from && value <= most;
}

/* "EST" or "<+03>": of no use but for the eye. */
static int short_name(cursor *in)
{
  const char *from = in->at;
  if (take(in, '<')) {
    while (in->at < in->end && *in->at != '>') in->at++;
    return take(in, '>');
  }
  while (in->at < in->end && ((*in->at >= 'A' && *in->at <= 'Z') || (*in->at >= 'a' && *in->at <= 'z'))) in->at++;
  return in->at - from >= 3;
}

/* [+-]h[:m[:s]], up to a week. */
static int clock_time(cursor *in, int32_t *out)
{
  uint32_t hours, minutes = 0, seconds = 0;
  int is_negative = take(in, '-');
  if (!is_negative) (void)take(in, '+');
  if (!number(in, 167, &hours)) return 0;
  if (take(in, ':')) {
    if (!number(in, 59, &minutes)) return 0;
    if (take(in, ':') && !number(in, 59, &seconds)) return 0;
  }
  int32_t all = (int32_t)(hours * 3600 + minutes * 60 + seconds);
  *out = is_negative ? -all : all;
  return 1;
}

static int change(cursor *in, cb_zone_change *out)
{
  *out = (cb_zone_change){.second = 2 * 3600};
  if (!take(in, ',')) return 0;
  if (take(in, 'M')) {
    out->kind = CB_ZONE_WEEKDAY;
    if (!number(in, 12, &out->month) || out->month == 0 || !take(in, '.')) return 0;
    if (!number(in, 5, &out->week) || out->week == 0 || !take(in, '.')) return 0;
    if (!number(in, 6, &out->day)) return 0;
  } else if (take(in, 'J')) {
    out->kind = CB_ZONE_JULIAN;
    if (!number(in, 365, &out->day) || out->day == 0) return 0;
  } else {
    out->kind = CB_ZONE_ZERO;
    if (!number(in, 365, &out->day)) return 0;
  }
  return !take(in, '/') || clock_time(in, &out->second);
}

int cb_zone_parse(const char *rule, size_t len, cb_zone *out)
{
  cursor in = {rule, rule + len};
  cb_zone zone = {0};
  int32_t west;
  if (len > CB_ZONE_RULE_MAX || !short_name(&in) || !clock_time(&in, &west)) return 0;
  zone.offset = zone.summer = -west;
  if (in.at < in.end) {
    if (!short_name(&in)) return 0;
    zone.summer = zone.offset + 3600;
    if (in.at < in.end && *in.at != ',') {
      if (!clock_time(&in, &west)) return 0;
      zone.summer = -west;
    }
    if (!change(&in, &zone.from) || !change(&in, &zone.to)) return 0;
  }
  if (in.at != in.end) return 0;
  *out = zone;
  return 1;
}

/* ---- Applied ----------------------------------------------------------------------- */

/* The clock at which the change is, in seconds since 1970 by that clock. */
static int64_t change_in_year(const cb_zone_change *at, int64_t year)
{
  int64_t days = cb_days_from_date(year, 1, 1);
  int64_t first_of_march = cb_days_from_date(year, 3, 1);
  int is_leap = first_of_march - days == 60;
  switch (at->kind) {
  case CB_ZONE_ZERO: days += at->day; break;
  case CB_ZONE_JULIAN: days += at->day - 1 + (is_leap && at->day >= 60); break;
  case CB_ZONE_WEEKDAY: {
    int64_t first = cb_days_from_date(year, at->month, 1);
    int64_t next = at->month == 12 ? cb_days_from_date(year + 1, 1, 1) : cb_days_from_date(year, at->month + 1, 1);
    int64_t weekday = ((first + 4) % 7 + 7) % 7; /* 1970 began on a Thursday */
    days = first + ((int64_t)at->day - weekday + 7) % 7 + 7 * ((int64_t)at->week - 1);
    if (days >= next) days -= 7;
    break;
  }
  }
  return days * DAY + at->second;
}

static int64_t floor_days(int64_t seconds)
{
  int64_t days = seconds / DAY;
  return seconds % DAY < 0 ? days - 1 : days;
}

int32_t cb_zone_offset(const cb_zone *zone, int64_t second)
{
  if (zone->summer == zone->offset) return zone->offset;
  int64_t year;
  uint32_t month, day;
  cb_date_from_days(floor_days(second + zone->offset), &year, &month, &day);
  int64_t from = change_in_year(&zone->from, year) - zone->offset;
  int64_t to = change_in_year(&zone->to, year) - zone->summer;
  int is_summer = from < to ? second >= from && second < to : second >= from || second < to;
  return is_summer ? zone->summer : zone->offset;
}

int64_t cb_zone_since(const cb_zone *zone, int64_t second)
{
  if (zone->summer == zone->offset) return INT64_MIN;
  int64_t year, since = INT64_MIN;
  uint32_t month, day;
  cb_date_from_days(floor_days(second + zone->offset), &year, &month, &day);
  for (int64_t y = year - 1; y <= year + 1; y++) {
    int64_t from = change_in_year(&zone->from, y) - zone->offset;
    int64_t to = change_in_year(&zone->to, y) - zone->summer;
    if (from <= second && from > since) since = from;
    if (to <= second && to > since) since = to;
  }
  return since;
}

int64_t cb_zone_instant(const cb_zone *zone, int64_t local)
{
  int32_t more = zone->offset > zone->summer ? zone->offset : zone->summer;
  int32_t less = zone->offset > zone->summer ? zone->summer : zone->offset;
  int64_t early = local - more, late = local - less;
  if (cb_zone_offset(zone, early) == more) return early;
  /* Shown by the other clock, or skipped: then the clock before the change, which was behind. */
  return late;
}

int64_t cb_zone_instant_near(const cb_zone *zone, int64_t local, int64_t near)
{
  int32_t less = zone->offset > zone->summer ? zone->summer : zone->offset;
  int64_t first = cb_zone_instant(zone, local), second = local - less;
  if (first == second || near == INT64_MIN || cb_zone_offset(zone, second) != less) return first;
  return near > first + (second - first) / 2 ? second : first;
}
