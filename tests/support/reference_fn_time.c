/* reference_fn_time.c - the reference's functions of time: the calendar of the C library, zones by their rule year by year. */
#define _DEFAULT_SOURCE /* timegm */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <time.h>

#include "tests/support/reference_fn_parts.h"

#define SECOND 1000000000

static int64_t into_second(int64_t ns)
{
  return ns % SECOND < 0 ? ns % SECOND + SECOND : ns % SECOND;
}

/* ---- Zones --------------------------------------------------------------------------------- */

typedef struct zone {
  int64_t winter; /* seconds east of UTC */
  int64_t summer;
  int changes;
  char from[32];  /* "M3.5.0/3": when summer begins, and ends */
  char to[32];
} zone;

/* Behind a name or <name>. */
static const char *behind_name(const char *at)
{
  if (*at == '<') return strchr(at, '>') + 1;
  while ((*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z')) at++;
  return at;
}

/* [+-]h[:m[:s]] as seconds. */
static const char *read_clock(const char *at, int64_t *out)
{
  int64_t sign = *at == '-' ? -1 : 1, unit = 3600;
  if (*at == '-' || *at == '+') at++;
  *out = atoi(at) * unit;
  for (at += strspn(at, "0123456789"); *at == ':'; at += strspn(at, "0123456789")) {
    unit /= 60;
    *out += atoi(++at) * unit;
  }
  *out *= sign;
  return at;
}

static void read_rule(const char *rule, zone *out)
{
  memset(out, 0, sizeof *out);
  const char *at = read_clock(behind_name(rule), &out->winter);
  out->winter = out->summer = -out->winter;
  if (!*at) return;
  out->changes = 1;
  at = behind_name(at);
  out->summer = out->winter + 3600;
  if (*at != ',') {
    at = read_clock(at, &out->summer);
    out->summer = -out->summer;
  }
  CB_ASSERT(sscanf(at, ",%31[^,],%31[^,]", out->from, out->to) == 2);
}

/* UTC, an offset, or a name of the table. */
static zone zone_of(cb_arena *arena, const cep_value *args, uint32_t count, uint32_t at)
{
  static const char *const table[][2] = {
#define Z(name, rule) {name, rule},
#include "cep/base/zones.def"
#undef Z
  };
  zone found;
  memset(&found, 0, sizeof found);
  if (at >= count) return found;
  const char *name = ref_c_text(arena, &args[at]);
  int hours = 0, minutes = 0;
  if (sscanf(name, "%3d:%2d", &hours, &minutes) >= 1) {
    found.winter = abs(hours) * 3600 + minutes * 60;
    if (name[0] == '-') found.winter = -found.winter;
    found.summer = found.winter;
    return found;
  }
  for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
    if (strcmp(table[i][0], name) == 0) read_rule(table[i][1], &found);
  }
  return found;
}

/* Seconds since 1970 by the clock that is in force before the change of the year. */
static int64_t change_in(const char *rule, int year)
{
  int64_t second = 7200;
  struct tm tm;
  memset(&tm, 0, sizeof tm);
  tm.tm_year = year - 1900;
  tm.tm_mday = 1;
  if (strchr(rule, '/')) (void)read_clock(strchr(rule, '/') + 1, &second);
  if (rule[0] != 'M') {
    int is_julian = rule[0] == 'J', day = atoi(rule + is_julian);
    int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    tm.tm_mday = is_julian ? day + (is_leap && day > 59) : day + 1;
    return (int64_t)timegm(&tm) + second;
  }
  int month, week, day, seen = 0;
  int64_t found = 0;
  CB_ASSERT(sscanf(rule, "M%d.%d.%d", &month, &week, &day) == 3);
  for (int mday = 1; mday <= 31; mday++) { /* the days of the month, one after the other */
    tm.tm_mon = month - 1;
    tm.tm_mday = mday;
    int64_t midnight = (int64_t)timegm(&tm);
    if (tm.tm_mon != month - 1) break;
    if (tm.tm_wday != day || seen == week) continue;
    seen++;
    found = midnight;
  }
  return found + second;
}

static struct tm calendar(int64_t second)
{
  struct tm tm;
  time_t at = (time_t)second;
  CB_ASSERT(gmtime_r(&at, &tm));
  return tm;
}

/* By the newest change of this year, the one before and the one behind. */
static int64_t offset_at(const zone *z, int64_t second)
{
  int64_t newest = INT64_MIN, offset = z->winter;
  if (!z->changes) return offset;
  int year = calendar(second).tm_year + 1900;
  for (int y = year - 1; y <= year + 1; y++) {
    int64_t from = change_in(z->from, y) - z->winter, to = change_in(z->to, y) - z->summer;
    if (from <= second && from > newest) newest = from, offset = z->summer;
    if (to <= second && to > newest) newest = to, offset = z->winter;
  }
  return offset;
}

/* ---- What clocks show ------------------------------------------------------------------------ */

static int64_t down(int64_t ns, int64_t unit)
{
  return ns / unit - (ns % unit < 0);
}

static struct tm shown(cb_arena *arena, const cep_value *args, uint32_t count, uint32_t at)
{
  zone z = zone_of(arena, args, count, at);
  int64_t second = down(args[0].as.i, SECOND);
  return calendar(second + offset_at(&z, second));
}

#define PART(name, value)                                                                                    \
  REF_FN(name)                                                                                               \
  {                                                                                                          \
    struct tm tm = shown(arena, args, count, 1);                                                             \
    return cb_int(value);                                                                                    \
  }
PART(year, tm.tm_year + 1900)
PART(month, tm.tm_mon + 1)
PART(day, tm.tm_mday)
PART(hour, tm.tm_hour)
PART(minute, tm.tm_min)
PART(second, tm.tm_sec)
PART(weekday, (tm.tm_wday + 6) % 7 + 1)
PART(day_of_year, tm.tm_yday + 1)
#undef PART

REF_FN(week)
{
  char text[8];
  struct tm tm = shown(arena, args, count, 1);
  (void)strftime(text, sizeof text, "%V", &tm);
  return cb_int(atoi(text));
}

REF_FN(time_of_day)
{
  struct tm tm = shown(arena, args, count, 1);
  int64_t ns = into_second(args[0].as.i);
  return cb_value_i(CEP_DURATION, ((tm.tm_hour * 60 + tm.tm_min) * 60 + tm.tm_sec) * (int64_t)SECOND + ns);
}

REF_FN(epoch_s)
{
  return cb_int(down(args[0].as.i, SECOND));
}

REF_FN(epoch_ms)
{
  return cb_int(down(args[0].as.i, 1000000));
}

REF_FN(seconds)
{
  return cb_float((double)args[0].as.i / 1e9);
}

REF_FN(ms)
{
  return cb_int(args[0].as.i / 1000000);
}

REF_FN(format_time)
{
  zone z = zone_of(arena, args, count, 2);
  int64_t second = down(args[0].as.i, SECOND), offset = offset_at(&z, second);
  struct tm tm = calendar(second + offset);
  const char *form = ref_c_text(arena, &args[1]);
  cb_writer out;
  cb_writer_init(&out, arena->alloc);
  for (; *form; form++) {
    char one[] = "%_", text[64];
    if (*form != '%') {
      cb_write_u8(&out, (uint8_t)*form);
      continue;
    }
    one[1] = *++form;
    int64_t minutes = (offset < 0 ? -offset : offset) / 60;
    if (*form == 'f') snprintf(text, sizeof text, "%09lld", (long long)into_second(args[0].as.i));
    else if (*form == 's') snprintf(text, sizeof text, "%lld", (long long)second);
    else if (*form == 'z') snprintf(text, sizeof text, "%c%02d%02d", offset < 0 ? '-' : '+', (int)(minutes / 60), (int)(minutes % 60));
    else (void)strftime(text, sizeof text, one, &tm);
    cb_write_text(&out, text);
  }
  return ref_made(arena, &out);
}

REF_FN(date)
{
  cep_value of_form[] = {args[0], cb_string("%Y-%m-%d", 8), count > 1 ? args[1] : cb_string("UTC", 3)};
  return ref_fn_format_time(arena, of_form, 3);
}

/* ---- Instants of clocks ------------------------------------------------------------------------ */

/* The first instant whose clock shows `local` (ns); where none does, by the clock before the change. */
static cep_value instant(const zone *z, ref_wide local)
{
  int64_t offsets[] = {z->winter > z->summer ? z->winter : z->summer, z->winter > z->summer ? z->summer : z->winter};
  ref_wide time = local - (ref_wide)offsets[1] * SECOND;
  for (int i = 1; i >= 0; i--) {
    ref_wide candidate = local - (ref_wide)offsets[i] * SECOND;
    if (candidate < INT64_MIN || candidate > INT64_MAX) continue;
    if (offset_at(z, down((int64_t)candidate, SECOND)) == offsets[i]) time = candidate;
  }
  return time <= INT64_MIN || time >= INT64_MAX ? cb_null() : cb_value_i(CEP_TIME, (int64_t)time);
}

/* The newest change that sets clocks forward past a multiple. */
static ref_wide newest_skip(const zone *z, cep_time time, int64_t step)
{
  ref_wide newest = INT64_MIN;
  int year = calendar(down(time, SECOND)).tm_year + 1900;
  for (int y = year - 3; y <= year + 1 && z->changes; y++) {
    for (int i = 0; i < 2; i++) {
      int64_t before = i == 0 ? z->winter : z->summer, behind = i == 0 ? z->summer : z->winter;
      ref_wide at = (ref_wide)(change_in(i == 0 ? z->from : z->to, y) - before) * SECOND;
      ref_wide first = at + (ref_wide)before * SECOND, into = first % step;
      ref_wide multiple = into == 0 ? first : into < 0 ? first - into : first - into + step;
      if (multiple < at + (ref_wide)behind * SECOND && at <= time && at > newest) newest = at;
    }
  }
  return newest;
}

/* Back from `time`, over the multiples that each of the two clocks shows. */
static cep_value cut_down(const zone *z, cep_time time, int64_t step)
{
  int64_t offsets[] = {z->winter, z->summer};
  ref_wide newest = newest_skip(z, time, step);
  for (int i = 0; i < 2; i++) {
    ref_wide local = (ref_wide)time + (ref_wide)offsets[i] * SECOND, into = local % step;
    local -= into < 0 ? into + step : into;
    for (int tries = 0; tries < 20000; tries++, local -= step) {
      ref_wide at = local - (ref_wide)offsets[i] * SECOND;
      if (at <= newest) break;
      if (offset_at(z, down((int64_t)at, SECOND)) != offsets[i]) continue;
      newest = at;
      break;
    }
  }
  return newest == INT64_MIN ? cb_null() : cb_value_i(CEP_TIME, (int64_t)newest);
}

REF_FN(trunc)
{
  zone z = zone_of(arena, args, count, 2);
  return cut_down(&z, args[0].as.i, args[1].as.i);
}

REF_FN(start_of_day)
{
  zone z = zone_of(arena, args, count, 1);
  return cut_down(&z, args[0].as.i, 86400ll * SECOND);
}

/* ---- Reading --------------------------------------------------------------------------------- */

typedef struct reading {
  const char *at;
  struct tm tm;
  int64_t ns;
  int64_t offset;
  int64_t epoch;
  int has_epoch, has_offset, has_day_of_year, has_half, is_afternoon, day_of_year, is_bad;
} reading;

/* `least` to `most` digits: as many as there are. */
static int64_t digits(reading *r, int least, int most, int64_t low, int64_t high)
{
  int64_t number = 0;
  int many = 0;
  for (; many < most && *r->at >= '0' && *r->at <= '9'; many++) number = number * 10 + (*r->at++ - '0');
  if (many < least || number < low || number > high) r->is_bad = 1;
  return number;
}

/* A name in full, or its first three letters. */
static int name_of(reading *r, const char *const *names)
{
  for (int i = 0; names[i]; i++) {
    size_t len = strlen(names[i]);
    if (strncasecmp(r->at, names[i], 3) != 0) continue;
    r->at += strncasecmp(r->at, names[i], len) == 0 ? len : 3;
    return i;
  }
  r->is_bad = 1;
  return 0;
}

static void read_offset(reading *r)
{
  r->has_offset = 1;
  if (*r->at == 'Z' || *r->at == 'z') {
    r->at++;
    return;
  }
  int sign = *r->at == '-' ? -1 : 1;
  if (*r->at != '-' && *r->at != '+') r->is_bad = 1;
  else r->at++;
  r->offset = digits(r, 2, 2, 0, 23) * 3600;
  int has_colon = *r->at == ':';
  r->at += has_colon;
  if (has_colon || (*r->at >= '0' && *r->at <= '9')) r->offset += digits(r, 2, 2, 0, 59) * 60;
  r->offset *= sign;
}

static void read_fraction(reading *r)
{
  const char *from = r->at;
  r->ns = digits(r, 1, 9, 0, SECOND);
  for (size_t many = (size_t)(r->at - from); many < 9; many++) r->ns *= 10;
  if (*r->at >= '0' && *r->at <= '9') r->is_bad = 1;
}

static void read_epoch(reading *r)
{
  int sign = *r->at == '-' ? -1 : 1;
  r->at += sign < 0;
  r->epoch = digits(r, 1, 18, 0, INT64_MAX) * sign;
  r->has_epoch = sign;
}

static void read_form(reading *r, const char *form);

static void read_one(reading *r, char letter)
{
  static const char *const months[] = {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December", NULL};
  static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", NULL};
  switch (letter) {
    case 'Y': r->tm.tm_year = (int)digits(r, 4, 4, 0, 9999) - 1900; return;
    case 'y':
      r->tm.tm_year = (int)digits(r, 2, 2, 0, 99);
      r->tm.tm_year += r->tm.tm_year < 69 ? 100 : 0;
      return;
    case 'm': r->tm.tm_mon = (int)digits(r, 1, 2, 1, 12) - 1; return;
    case 'b':
    case 'B': r->tm.tm_mon = name_of(r, months); return;
    case 'a':
    case 'A': (void)name_of(r, days); return;
    case 'e':
      while (*r->at == ' ') r->at++;
      r->tm.tm_mday = (int)digits(r, 1, 2, 1, 31);
      return;
    case 'd': r->tm.tm_mday = (int)digits(r, 1, 2, 1, 31); return;
    case 'j': r->day_of_year = (int)digits(r, 1, 3, 1, 366), r->has_day_of_year = 1; return;
    case 'H': r->tm.tm_hour = (int)digits(r, 1, 2, 0, 23); return;
    case 'I': r->tm.tm_hour = (int)digits(r, 1, 2, 1, 12), r->has_half = 1; return;
    case 'p':
      if (strncasecmp(r->at, "am", 2) != 0 && strncasecmp(r->at, "pm", 2) != 0) r->is_bad = 1;
      else r->is_afternoon = *r->at == 'p' || *r->at == 'P', r->at += 2;
      return;
    case 'M': r->tm.tm_min = (int)digits(r, 1, 2, 0, 59); return;
    case 'S': r->tm.tm_sec = (int)digits(r, 1, 2, 0, 60); return;
    case 'f': read_fraction(r); return;
    case 'z': read_offset(r); return;
    case 's': read_epoch(r); return;
    case 'T': read_form(r, "%H:%M:%S"); return;
    case 'R': read_form(r, "%H:%M"); return;
    case 'D': read_form(r, "%m/%d/%y"); return;
    case 'F': read_form(r, "%Y-%m-%d"); return;
    default: r->is_bad |= *r->at++ != letter; return; /* %% */
  }
}

static void read_form(reading *r, const char *form)
{
  for (; *form && !r->is_bad; form++) {
    if (*form == ' ') r->at += strspn(r->at, " \t\n\v\f\r");
    else if (*form == '%') read_one(r, *++form);
    else if (*r->at == *form) r->at++;
    else r->is_bad = 1;
  }
}

REF_FN(parse_time)
{
  zone z = zone_of(arena, args, count, 2);
  reading r;
  memset(&r, 0, sizeof r);
  r.tm.tm_mday = 1;
  r.at = ref_c_text(arena, &args[0]);
  const char *end = r.at + args[0].length;
  read_form(&r, ref_c_text(arena, &args[1]));
  if (r.is_bad || r.at != end) return cb_null();
  if (r.has_epoch) {
    ref_wide time = (ref_wide)r.epoch * SECOND + r.has_epoch * r.ns;
    return time <= INT64_MIN || time >= INT64_MAX ? cb_null() : cb_value_i(CEP_TIME, (int64_t)time);
  }
  if (r.has_half) r.tm.tm_hour = r.tm.tm_hour % 12 + 12 * r.is_afternoon;
  struct tm day = r.tm;
  if (r.has_day_of_year) day.tm_mon = 0, day.tm_mday = r.day_of_year;
  day.tm_hour = day.tm_min = day.tm_sec = 0;
  struct tm there = day;
  (void)timegm(&there);
  if (there.tm_year != day.tm_year || (!r.has_day_of_year && there.tm_mday != day.tm_mday)) return cb_null(); /* no such day */
  ref_wide local = (ref_wide)timegm(&day) + (r.tm.tm_hour * 60 + r.tm.tm_min) * 60 + r.tm.tm_sec;
  local = local * SECOND + r.ns;
  zone utc;
  memset(&utc, 0, sizeof utc);
  return r.has_offset ? instant(&utc, local - (ref_wide)r.offset * SECOND) : instant(&z, local);
}
