/*
 * time.h - instants and durations as nanoseconds: text forms and saturating arithmetic.
 *
 * Contract
 *   Proleptic Gregorian, UTC, no leap seconds. Reading functions give 1 and set the out
 *   parameter, or 0 when the text is not of that form or out of the range of int64 ns.
 */
#ifndef CB_TIME_H
#define CB_TIME_H

#include "cep/base/assert.h"

#define CB_SECOND ((int64_t)1000000000)

cep_time cb_time_add(cep_time time, cep_duration duration); /* saturates at MIN and MAX */
/* Saturates. */
static inline cep_duration cb_time_sub(cep_time later, cep_time earlier)
{
  int64_t difference;
  if (!__builtin_sub_overflow(later, earlier, &difference)) return difference;
  return earlier < 0 ? INT64_MAX : INT64_MIN;
}

/* RFC 3339 / ISO 8601: "2015-12-10T07:28:03Z", "…03.123456789+02:00", a space for T,
 * no zone = UTC; date alone = its midnight. Seconds may be left out; ":60" is the next
 * minute's first second; a fraction has 1 to 9 digits. */
int cb_time_read_rfc3339(const char *text, size_t len, cep_time *out);
/* "250ms", "1h30m", "7d", "2w"; units ns us ms s m h d w, each a whole number, from the
 * largest down, each once. No sign. */
int cb_duration_read(const char *text, size_t len, cep_duration *out);
/* Decimal seconds, exactly: "5400", "-0.25"; digits below a nanosecond must be 0. */
int cb_duration_read_seconds(const char *text, size_t len, cep_duration *out);

#define CB_TIME_TEXT_MAX 48
/* "2015-12-10T07:28:03.5Z": UTC, as much of the fraction as needed. MIN and MAX print as
 * "-inf" and "inf". Terminated; gives the length. */
size_t cb_time_print(cep_time time, char out[CB_TIME_TEXT_MAX]);
/* "1h30m", "250ms", "0s"; negative with a leading '-'. */
size_t cb_duration_print(cep_duration duration, char out[CB_TIME_TEXT_MAX]);
/* Decimal seconds: "5400", "0.25". */
size_t cb_duration_print_seconds(cep_duration duration, char out[CB_TIME_TEXT_MAX]);

/* Calendar from days since 1970-01-01 and back. Month 1..12, day 1..31. */
int64_t cb_days_from_date(int64_t year, uint32_t month, uint32_t day);
void cb_date_from_days(int64_t days, int64_t *year, uint32_t *month, uint32_t *day);

struct cb_zone;
/*
 * A strptime-like form: %Y %m %d %e %H %M %S %y %b %B %a %A %j %p %I %f (fraction of a
 * second, 1 to 9 digits) %z (+hhmm, +hh:mm, Z) %Z (a zone word, ignored) %s (epoch
 * seconds) %T %D %F %R %%, white space in the form matches any run of white space,
 * anything else itself. Names are English, any case.
 *   `year`      the year when the form has none; 0: infer it (below)
 *   `zone`      (zone.h) of the clock when the text has none; NULL: UTC. Of two instants at
 *               which it shows the time, the one nearer to `near`; skipped ones: zone.h
 *   `near`      with year 0 and a form without a year: the year is chosen that puts the
 *               instant nearest to `near` (syslog around New Year); 1970 when `near` is
 *               CEP_TIME_MIN (for a 29 February 1972)
 *   `used_out`  bytes read (may be NULL: then all of the text must be used)
 */
int cb_time_read_form(const char *text, size_t len, const char *form, int32_t year, const struct cb_zone *zone,
                      cep_time near, size_t *used_out, cep_time *out);
/* 1 if every % in the form is known and together they can give an instant: the epoch, or
 * month and day (or day of year), with no finer part of the clock without the coarser, and
 * %I and %p only together. `*has_year` tells. */
int cb_time_form_valid(const char *form, int *has_year);
/* What a clock shows. */
typedef struct cb_clock {
  int64_t year;
  uint32_t month;       /* 1 to 12 */
  uint32_t day;         /* 1 to 31 */
  uint32_t hour;
  uint32_t minute;
  uint32_t second;
  uint32_t ns;
  uint32_t weekday;     /* 1 Monday to 7 Sunday */
  uint32_t day_of_year; /* 1 to 366 */
  int32_t offset;       /* seconds east of UTC */
  int64_t local;        /* seconds since 1970 by this clock, */
  int64_t day_number;   /* and days */
} cb_clock;

void cb_clock_at(cep_time time, int32_t offset, cb_clock *out);
/* Week and its year by ISO 8601. */
void cb_clock_week(const cb_clock *clock, int64_t *year, uint32_t *week);

#define CB_TIME_FORM_MAX    128
#define CB_TIME_WRITTEN_MAX 1024 /* what a form of that length can give */
/* In a form of %Y %y %m %d %e %j %H %I %M %S %f (nine digits) %p %a %A %b %B %u (1 Monday)
 * %G %V (year and week of ISO 8601) %z (+hhmm) %s %F %T %D %R %%; English names. The length;
 * 0 when `capacity` is too small. */
size_t cb_time_write_form(const cb_clock *clock, const char *form, size_t len, char *out, size_t capacity);
/* 1 if every % in the form is known and it is not too long. */
int cb_time_write_form_valid(const char *form, size_t len);

/* "+02:00", "-0530", "Z", "UTC". 1 or 0. */
int cb_zone_read(const char *text, size_t len, int64_t *zone_ns);

#endif
