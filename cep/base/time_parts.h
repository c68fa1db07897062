/*
 * time_parts.h - what the files about times share of reading and writing them.
 *
 * Contract
 *   Scanners read at `*at`, move it past what they took and give 1; after a 0 `*at` is
 *   anywhere up to `len`. For time.c, time_form.c and time_write.c only.
 */
#ifndef CB_TIME_PARTS_H
#define CB_TIME_PARTS_H

#include "cep/base/time.h"

/* `min` to `max` (at most 18) digits. */
int cb_scan_digits(const char *text, size_t len, size_t *at, size_t min, size_t max, int64_t *out);
/* 1 to 9 digits of a fraction of a second; a tenth digit is refused, not dropped. */
int cb_scan_fraction(const char *text, size_t len, size_t *at, int64_t *ns);
/* Z, +hh, +hhmm, +hh:mm. */
int cb_scan_zone(const char *text, size_t len, size_t *at, int64_t *zone_ns);

/* What a conversion that stands for several is short for; NULL: it is one of its own. */
const char *cb_time_longhand(char conversion);

int cb_date_valid(int64_t year, uint32_t month, uint32_t day);
/* Seconds since 1970 and 0 <= ns < a second; 0 when out of range. */
int cb_time_from_seconds(int64_t seconds, int64_t ns, cep_time *out);

#endif
