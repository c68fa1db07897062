/* fn_time.c - what clocks and calendars show at an instant, and instants as text. */
#include "nfa/fn.h"

#include <string.h>

#include "cep/base/zone.h"

/* The zone is argument `at`, UTC if that is not there. 0: it is no rule. */
static int zone_of(const cep_value *args, uint32_t count, uint32_t at, cb_zone *out)
{
  *out = (cb_zone){0};
  return at >= count || cb_zone_parse(args[at].as.s, args[at].length, out);
}

static int64_t seconds_of(cep_time time)
{
  int64_t seconds = time / CB_SECOND;
  return time % CB_SECOND < 0 ? seconds - 1 : seconds;
}

/* The clock of args[0], in the zone of args[1]. */
static int clock_of(const cep_value *args, uint32_t count, cb_clock *out)
{
  cb_zone zone;
  if (!zone_of(args, count, 1, &zone)) return 0;
  cb_clock_at(args[0].as.i, cb_zone_offset(&zone, seconds_of(args[0].as.i)), out);
  return 1;
}

#define PART(name, value)                                                                                    \
  cep_value nfa_fn_##name(nfa_scratch *scratch, const cep_value *args, uint32_t count)                       \
  {                                                                                                          \
    cb_clock clock;                                                                                          \
    (void)scratch;                                                                                           \
    return clock_of(args, count, &clock) ? cb_int((int64_t)(value)) : cb_null();                             \
  }
PART(year, clock.year)
PART(month, clock.month)
PART(day, clock.day)
PART(hour, clock.hour)
PART(minute, clock.minute)
PART(second, clock.second)
PART(weekday, clock.weekday)
PART(day_of_year, clock.day_of_year)
#undef PART

cep_value nfa_fn_week(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  cb_clock clock;
  int64_t year;
  uint32_t week;
  (void)scratch;
  if (!clock_of(args, count, &clock)) return cb_null();
  cb_clock_week(&clock, &year, &week);
  return cb_int(week);
}

cep_value nfa_fn_time_of_day(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  cb_clock clock;
  (void)scratch;
  if (!clock_of(args, count, &clock)) return cb_null();
  int64_t seconds = (int64_t)clock.hour * 3600 + clock.minute * 60 + clock.second;
  return cb_value_i(CEP_DURATION, seconds * CB_SECOND + clock.ns);
}

/* ---- Forms ------------------------------------------------------------------------- */

static cep_value written(nfa_scratch *scratch, const cb_clock *clock, const char *form, uint32_t len)
{
  char *text = len <= CB_TIME_FORM_MAX ? nfa_scratch_take(scratch, CB_TIME_WRITTEN_MAX) : NULL;
  if (!text) return cb_null();
  size_t written_len = cb_time_write_form(clock, form, len, text, CB_TIME_WRITTEN_MAX);
  return cb_string(text, (uint32_t)written_len);
}

cep_value nfa_fn_date(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  cb_clock clock;
  return clock_of(args, count, &clock) ? written(scratch, &clock, "%Y-%m-%d", 8) : cb_null();
}

cep_value nfa_fn_format_time(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  cb_zone zone;
  cb_clock clock;
  if (!zone_of(args, count, 2, &zone)) return cb_null();
  cb_clock_at(args[0].as.i, cb_zone_offset(&zone, seconds_of(args[0].as.i)), &clock);
  return written(scratch, &clock, args[1].as.s, args[1].length);
}

/* 1 if texts of the form carry a zone of their own. */
static int has_zone(const char *form)
{
  for (; *form; form++) {
    if (*form != '%') continue;
    if (*++form == 'z' || *form == 's') return 1;
    if (!*form) break;
  }
  return 0;
}

/* The instant of a clock's reading, given as if the clock were UTC's. */
static cep_value instant(const cb_zone *zone, cep_time local)
{
  int64_t ns = local % CB_SECOND < 0 ? local % CB_SECOND + CB_SECOND : local % CB_SECOND, time;
  int64_t second = cb_zone_instant(zone, seconds_of(local));
  if (__builtin_mul_overflow(second, CB_SECOND, &time) || __builtin_add_overflow(time, ns, &time)) return cb_null();
  if (time == CEP_TIME_MIN || time == CEP_TIME_MAX) return cb_null();
  return cb_value_i(CEP_TIME, time);
}

cep_value nfa_fn_parse_time(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  char form[CB_TIME_FORM_MAX + 1];
  cb_zone zone;
  cep_time time;
  int has_year;
  (void)scratch;
  if (args[1].length > CB_TIME_FORM_MAX || !zone_of(args, count, 2, &zone)) return cb_null();
  if (args[1].length > 0) memcpy(form, args[1].as.s, args[1].length);
  form[args[1].length] = '\0';
  if (!cb_time_form_valid(form, &has_year) || !has_year) return cb_null();
  if (!cb_time_read_form(args[0].as.s, args[0].length, form, 0, NULL, CEP_TIME_MIN, NULL, &time)) return cb_null();
  return has_zone(form) ? cb_value_i(CEP_TIME, time) : instant(&zone, time);
}

/* ---- Cut down ---------------------------------------------------------------------- */

/* How far the clock is behind a whole multiple of `step`. */
static int64_t into_step(cep_time time, int64_t offset, cep_duration step)
{
  int64_t into = time % step, more = offset % step;
  if (into < 0) into += step;
  if (more < 0) more += step;
  return into >= step - more ? into - (step - more) : into + more;
}

/* The newest instant not after `time` at which the clock shows a whole multiple of `step`, or
 * skips one. From one setting of the clocks back to the one before, until there is one. */
static cep_value cut_down(const cb_zone *zone, cep_time time, cep_duration step)
{
  while (step > 0) {
    int64_t offset = cb_zone_offset(zone, seconds_of(time)), since = cb_zone_since(zone, seconds_of(time)), began, result;
    if (__builtin_sub_overflow(time, into_step(time, offset * CB_SECOND, step), &result)) result = CEP_TIME_MIN;
    if (since == INT64_MIN || __builtin_mul_overflow(since, CB_SECOND, &began) || result >= began)
      return result == CEP_TIME_MIN ? cb_null() : cb_value_i(CEP_TIME, result);
    int64_t forward = (offset - cb_zone_offset(zone, since - 1)) * CB_SECOND;
    if (forward > 0 && cb_time_sub(began, result) <= forward) return cb_value_i(CEP_TIME, began);
    if (began == CEP_TIME_MIN) break;
    time = began - 1;
  }
  return cb_null();
}

cep_value nfa_fn_trunc(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  cb_zone zone;
  (void)scratch;
  return zone_of(args, count, 2, &zone) ? cut_down(&zone, args[0].as.i, args[1].as.i) : cb_null();
}

cep_value nfa_fn_start_of_day(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  cb_zone zone;
  (void)scratch;
  return zone_of(args, count, 1, &zone) ? cut_down(&zone, args[0].as.i, 86400 * CB_SECOND) : cb_null();
}

/* ---- Numbers ----------------------------------------------------------------------- */

cep_value nfa_fn_epoch_s(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return cb_int(seconds_of(args[0].as.i));
}

cep_value nfa_fn_epoch_ms(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  int64_t ms = args[0].as.i / 1000000;
  return cb_int(args[0].as.i % 1000000 < 0 ? ms - 1 : ms);
}

cep_value nfa_fn_seconds(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return cb_float((double)args[0].as.i / 1e9);
}

cep_value nfa_fn_ms(nfa_scratch *scratch, const cep_value *args, uint32_t count)
{
  (void)scratch;
  (void)count;
  return cb_int(args[0].as.i / 1000000);
}
