/* time_write.c - instants written in forms, like those that time_form.c reads. */
#include <string.h>

#include "cep/base/time_parts.h"

static const char *const days[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
static const char *const months[] = {"January", "February", "March",     "April",   "May",      "June",
                                     "July",    "August",   "September", "October", "November", "December"};

void cb_clock_at(cep_time time, int32_t offset, cb_clock *out)
{
  int64_t seconds = time / CB_SECOND, ns = time % CB_SECOND;
  if (ns < 0) {
    ns += CB_SECOND;
    seconds--;
  }
  seconds += offset;
  int64_t of_day = (seconds % 86400 + 86400) % 86400, day = (seconds - of_day) / 86400;
  *out = (cb_clock){.offset = offset, .local = seconds, .day_number = day, .ns = (uint32_t)ns};
  cb_date_from_days(day, &out->year, &out->month, &out->day);
  out->hour = (uint32_t)(of_day / 3600);
  out->minute = (uint32_t)(of_day / 60 % 60);
  out->second = (uint32_t)(of_day % 60);
  out->weekday = (uint32_t)(((day + 3) % 7 + 7) % 7) + 1; /* 1970 began on a Thursday */
  out->day_of_year = (uint32_t)(day - cb_days_from_date(out->year, 1, 1)) + 1;
}

/* The week belongs to the year that its Thursday is in. */
void cb_clock_week(const cb_clock *clock, int64_t *year, uint32_t *week)
{
  int64_t thursday = clock->day_number + 4 - clock->weekday;
  uint32_t month, day;
  cb_date_from_days(thursday, year, &month, &day);
  *week = (uint32_t)((thursday - cb_days_from_date(*year, 1, 1)) / 7) + 1;
}

/* ---- Forms ------------------------------------------------------------------------- */

typedef struct text {
  char *at;
  size_t len;
  size_t capacity;
} text;

static void put(text *out, const char *bytes, size_t len)
{
  for (size_t i = 0; i < len; i++, out->len++) {
    if (out->len < out->capacity) out->at[out->len] = bytes[i];
  }
}

static void put_number(text *out, int64_t number, int digits, char fill)
{
  char bytes[24];
  int at = (int)sizeof bytes, is_negative = number < 0;
  uint64_t left = is_negative ? 0 - (uint64_t)number : (uint64_t)number;
  do {
    bytes[--at] = (char)('0' + left % 10);
    left /= 10;
    digits--;
  } while (left > 0);
  while (digits-- > 0) bytes[--at] = fill;
  if (is_negative) bytes[--at] = '-';
  put(out, bytes + at, sizeof bytes - (size_t)at);
}

static void put_zone(text *out, int32_t offset)
{
  int32_t size = offset < 0 ? -offset : offset;
  put(out, offset < 0 ? "-" : "+", 1);
  put_number(out, size / 3600, 2, '0');
  put_number(out, size / 60 % 60, 2, '0');
}

static void put_form(text *out, const cb_clock *clock, const char *form, size_t len);

static void put_conversion(text *out, const cb_clock *clock, char letter)
{
  int64_t week_year;
  uint32_t week;
  cb_clock_week(clock, &week_year, &week);
  switch (letter) {
  case 'Y': put_number(out, clock->year, 4, '0'); return;
  case 'y': put_number(out, clock->year % 100, 2, '0'); return;
  case 'm': put_number(out, clock->month, 2, '0'); return;
  case 'd': put_number(out, clock->day, 2, '0'); return;
  case 'e': put_number(out, clock->day, 2, ' '); return;
  case 'j': put_number(out, clock->day_of_year, 3, '0'); return;
  case 'H': put_number(out, clock->hour, 2, '0'); return;
  case 'I': put_number(out, (clock->hour + 11) % 12 + 1, 2, '0'); return;
  case 'M': put_number(out, clock->minute, 2, '0'); return;
  case 'S': put_number(out, clock->second, 2, '0'); return;
  case 'f': put_number(out, clock->ns, 9, '0'); return;
  case 'p': put(out, clock->hour < 12 ? "AM" : "PM", 2); return;
  case 'a': put(out, days[clock->weekday - 1], 3); return;
  case 'A': put(out, days[clock->weekday - 1], strlen(days[clock->weekday - 1])); return;
  case 'b': put(out, months[clock->month - 1], 3); return;
  case 'B': put(out, months[clock->month - 1], strlen(months[clock->month - 1])); return;
  case 'u': put_number(out, clock->weekday, 1, '0'); return;
  case 'G': put_number(out, week_year, 4, '0'); return;
  case 'V': put_number(out, week, 2, '0'); return;
  case 'z': put_zone(out, clock->offset); return;
  case 's': put_number(out, clock->local - clock->offset, 1, '0'); return;
  case '%': put(out, "%", 1); return;
  default: {
    const char *all = cb_time_longhand(letter);
    if (all) put_form(out, clock, all, strlen(all));
    return;
  }
  }
}

static void put_form(text *out, const cb_clock *clock, const char *form, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (form[i] != '%' || i + 1 == len) {
      put(out, form + i, 1);
    } else {
      put_conversion(out, clock, form[++i]);
    }
  }
}

size_t cb_time_write_form(const cb_clock *clock, const char *form, size_t len, char *out, size_t capacity)
{
  text written = {out, 0, capacity};
  put_form(&written, clock, form, len);
  return written.len <= capacity ? written.len : 0;
}

int cb_time_write_form_valid(const char *form, size_t len)
{
  for (size_t i = 0; i < len; i++) {
    if (form[i] != '%') continue;
    if (++i == len || form[i] == '\0' || !strchr("YymdejHIMSfpaAbBuGVzs%TRDF", form[i])) return 0;
  }
  return len <= CB_TIME_FORM_MAX;
}
