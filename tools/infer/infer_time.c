/* infer_time.c - forms of time: which of them reads the values of a field. */
#include <string.h>

#include "cep/base/num.h"
#include "cep/base/time.h"
#include "tools/infer/infer_parts.h"

/* From the most telling to the least: of two forms that read the same values the first counts. */
static const char *const forms[] = {
    "",
    " s",
    " ms",
    " us",
    " ns",
    "%Y-%m-%dT%H:%M:%S.%f%z", /* from here on forms of text */
    "%Y-%m-%dT%H:%M:%S%z",
    "%Y-%m-%dT%H:%M:%S.%f",
    "%Y-%m-%dT%H:%M:%S",
    "%Y-%m-%d %H:%M:%S.%f %z",
    "%Y-%m-%d %H:%M:%S %z",
    "%Y-%m-%d %H:%M:%S.%f",
    "%Y-%m-%d %H:%M:%S,%f",
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%d-%H.%M.%S.%f",
    "%Y/%m/%d %H:%M:%S.%f",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d %H:%M:%S",
    "%d/%b/%Y:%H:%M:%S %z",
    "%d/%b/%Y:%H:%M:%S",
    "%d-%b-%Y %H:%M:%S.%f",
    "%d-%b-%Y %H:%M:%S",
    "%a, %d %b %Y %H:%M:%S %z",
    "%a, %d %b %Y %H:%M:%S %Z",
    "%a %b %e %H:%M:%S.%f %Y",
    "%a %b %e %H:%M:%S %Y",
    "%a %b %e %H:%M:%S %Z %Y",
    "%b %e %Y %H:%M:%S",
    "%b %e %H:%M:%S.%f",
    "%b %e %H:%M:%S",
    "%d.%m.%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S",
    "%d/%m/%Y %H:%M:%S",
    "%y/%m/%d %H:%M:%S",
    "%y%m%d %H%M%S",
    "%Y%m%dT%H%M%S%z",
    "%Y%m%d%H%M%S",
    "%Y-%m-%d %H:%M",
};
_Static_assert(sizeof forms / sizeof *forms <= INFER_FORMS_MAX, "a bit for each form");

/* Values before one that fits none of them is believed. */
#define TRIED_MIN 20

size_t infer_form_count(void)
{
  return sizeof forms / sizeof *forms;
}

const char *infer_form_words(size_t form)
{
  CB_ASSERT(form < INFER_FORM_TEXT);
  return forms[form];
}

const char *infer_form_text(size_t form)
{
  CB_ASSERT(form >= INFER_FORM_TEXT && form < infer_form_count());
  return forms[form];
}

int infer_form_has_year(size_t form)
{
  int has_year = 1;
  return form < INFER_FORM_TEXT || (cb_time_form_valid(forms[form], &has_year) && has_year);
}

int infer_form_has_zone(size_t form)
{
  return form > INFER_FORM_RFC3339 && (form < INFER_FORM_TEXT || strstr(forms[form], "%z") != NULL);
}

/* A number that is an instant of the years 2000 to 2100 in this unit. */
static int read_number(size_t form, infer_text text, cep_time *out)
{
  int64_t unit = CB_SECOND;
  for (size_t i = INFER_FORM_S; i < form; i++) unit /= 1000;
  int64_t least = INT64_C(946684800) * (CB_SECOND / unit), most = INT64_C(4102444800) * (CB_SECOND / unit), whole;
  double f;
  if (text.len < 9 || !infer_is_digit(text.at[0]) || !infer_is_digit(text.at[1])) return 0;
  if (cb_num_int(text.at, text.len, &whole)) {
    if (whole < least || whole >= most) return 0;
    *out = whole * unit;
    return 1;
  }
  if (!cb_num_float(text.at, text.len, &f) || !(f >= (double)least) || !(f < (double)most)) return 0;
  *out = (int64_t)(f * (double)unit);
  return 1;
}

int infer_form_read(size_t form, infer_text text, cep_time near, size_t *used, cep_time *out)
{
  if (form >= INFER_FORM_TEXT) return cb_time_read_form(text.at, text.len, forms[form], 0, NULL, near, used, out);
  if (used) return 0;
  if (form != INFER_FORM_RFC3339) return read_number(form, text, out);
  return text.len > 10 && cb_time_read_rfc3339(text.at, text.len, out);
}

void infer_ticks_see(infer_ticks *ticks, cep_time time)
{
  if (ticks->hits++ == 0 || time >= ticks->newest) {
    ticks->newest = time;
    return;
  }
  ticks->behind++;
  cep_duration behind = cb_time_sub(ticks->newest, time);
  if (behind > ticks->worst) ticks->worst = behind;
}

void infer_clock_see(infer_clock *clock, infer_text text, int is_number)
{
  clock->values++;
  for (size_t form = 0; form < infer_form_count(); form++) {
    if (clock->off >> form & 1 || (is_number && (form < INFER_FORM_S || form > INFER_FORM_NS))) continue;
    infer_ticks *ticks = &clock->ticks[form];
    cep_time time;
    if (infer_form_read(form, text, ticks->hits ? ticks->newest : CEP_TIME_MIN, NULL, &time))
      infer_ticks_see(ticks, time);
    else if (clock->values >= TRIED_MIN && ticks->hits < clock->values / 2)
      clock->off |= (uint64_t)1 << form;
  }
}

uint32_t infer_clock_form(const infer_clock *clock)
{
  uint32_t best = CEP_NONE;
  for (uint32_t form = 0; form < infer_form_count(); form++) {
    if (clock->ticks[form].hits * 10 < clock->values * 9 || clock->ticks[form].hits == 0) continue;
    if (best == CEP_NONE || clock->ticks[form].hits > clock->ticks[best].hits) best = form;
  }
  return best;
}
