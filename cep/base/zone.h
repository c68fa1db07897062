/*
 * zone.h - zones: what clocks showed there at an instant, by a rule and without any file.
 *
 * Contract
 *   A zone is "UTC", an offset ("+05:30", "Z"), or a name of the IANA database; its rule is
 *   a POSIX TZ text ("CET-1CEST,M3.5.0,M10.5.0/3"), from a table that is part of the
 *   library. The rule of today holds for all times: how clocks were set in other years is
 *   not known here. Seconds are those of UTC since 1970, offsets seconds east of it.
 */
#ifndef CB_ZONE_H
#define CB_ZONE_H

#include "cep/base/time.h"

#define CB_ZONE_RULE_MAX 64

typedef enum cb_zone_day_kind {
  CB_ZONE_WEEKDAY, /* `week`th (5: last) `day` (0 Sunday) of the month */
  CB_ZONE_JULIAN,  /* day 1 to 365, a 29 February is never counted */
  CB_ZONE_ZERO     /* day 0 to 365, it is */
} cb_zone_day_kind;

typedef struct cb_zone_change {
  cb_zone_day_kind kind;
  uint32_t month;
  uint32_t week;
  uint32_t day;
  int32_t second; /* of the local clock before the change; may be of another day */
} cb_zone_change;

typedef struct cb_zone {
  int32_t offset;
  int32_t summer; /* offset between `from` and `to`; the same as `offset`: there is none */
  cb_zone_change from;
  cb_zone_change to;
} cb_zone;

/* The rule of a zone, terminated, in `space` or the table; NULL: unknown. */
const char *cb_zone_rule(const char *name, size_t len, char space[CB_ZONE_RULE_MAX]);
/* Names in order, for who proposes one; NULL behind the last. */
const char *cb_zone_name(uint32_t index);
int cb_zone_parse(const char *rule, size_t len, cb_zone *out); /* 1 or 0 */
int32_t cb_zone_offset(const cb_zone *zone, int64_t second);
/* Since when clocks have been set as they are at `second`, at or before it; INT64_MIN: they never change. */
int64_t cb_zone_since(const cb_zone *zone, int64_t second);
/* The instant at which clocks show `local` (seconds since 1970 by that clock): the first of
 * two; where clocks skip it, that by the offset before the change. */
int64_t cb_zone_instant(const cb_zone *zone, int64_t local);
/* The same, but of two the one nearer to `near`; INT64_MIN: the first. */
int64_t cb_zone_instant_near(const cb_zone *zone, int64_t local, int64_t near);

#endif
