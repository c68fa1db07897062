/* bar.c - the line that shows how far a run is, as text. */
#include "bar.h"

#include <stdio.h>
#include <string.h>

#include "words.h"

#define BAR_LEAST 8
#define BAR_MOST  30
#define GAP       2 /* columns between parts */

/* In the order of the line. */
enum { PART_SHARE, PART_RECORDS, PART_RATE, PART_AT, PART_LEFT, PART_WAITS, PART_COUNT };
typedef char bar_parts[PART_COUNT][128];

static void say_parts(const bar_view *view, bar_parts parts)
{
  char text[WHEN_MAX];
  memset(parts, 0, sizeof(bar_parts));
  if (view->share >= 0) snprintf(parts[PART_SHARE], sizeof *parts, "%3.0f%%", view->share * 100);
  snprintf(parts[PART_RECORDS], sizeof *parts, "%s records", number(view->records, text));
  if (view->rate >= 0) snprintf(parts[PART_RATE], sizeof *parts, "%s/s", number((uint64_t)view->rate, text));
  if (view->at > CEP_TIME_MIN && view->at < CEP_TIME_MAX) snprintf(parts[PART_AT], sizeof *parts, "at %s", when(view->at, text));
  /* A guess: fractions of a second would only flicker. */
  if (view->left >= 0 && view->left < 1e7)
    snprintf(parts[PART_LEFT], sizeof *parts, "%s left",
             view->left < 10 ? (snprintf(text, sizeof text, "%.0fs", view->left), text)
                             : span((cep_duration)(view->left * 1e9), text));
  snprintf(parts[PART_WAITS], sizeof *parts, "%s", view->waits);
}

/* Empties the parts that do not fit; gives the columns that are left. */
static unsigned choose_parts(bar_parts parts, unsigned room, int has_share)
{
  static const int by_rank[] = {PART_SHARE, PART_WAITS, PART_AT, PART_RATE, PART_LEFT, PART_RECORDS};
  unsigned bar = has_share ? BAR_LEAST + GAP : 0;
  for (size_t i = 0; i < sizeof by_rank / sizeof *by_rank; i++) {
    char *part = parts[by_rank[i]];
    unsigned columns = *part ? (unsigned)strlen(part) + GAP : 0;
    if (columns + bar > room)
      *part = 0;
    else
      room -= columns;
  }
  return room;
}

static size_t write_bar(double share, unsigned columns, int colours, char *out, size_t size)
{
  unsigned full = (unsigned)(share * columns + 0.5);
  size_t len = 0;
  if (colours) len += (size_t)snprintf(out + len, size - len, "\x1b[32m");
  for (unsigned i = 0; i < columns; i++) {
    if (i == full && colours) len += (size_t)snprintf(out + len, size - len, "\x1b[2m");
    len += (size_t)snprintf(out + len, size - len, "%s", i < full ? "\u2501" : "\u2500");
  }
  if (colours) len += (size_t)snprintf(out + len, size - len, "\x1b[0m");
  return len;
}

void bar_line(const bar_view *view, unsigned width, int colours, char out[BAR_LINE_MAX])
{
  bar_parts parts;
  say_parts(view, parts);
  int has_share = view->share >= 0;
  /* The last column stays free: some terminals go on to the next line when it is written. The first part has no gap. */
  unsigned room = choose_parts(parts, width - (width > 0) + GAP, has_share);
  size_t len = 0;
  *out = 0;
  if (has_share && room >= BAR_LEAST + GAP) {
    room -= GAP;
    len += write_bar(view->share, room < BAR_MOST ? room : BAR_MOST, colours, out, BAR_LINE_MAX);
  }
  for (int i = 0; i < PART_COUNT; i++)
    if (*parts[i]) len += (size_t)snprintf(out + len, BAR_LINE_MAX - len, "%s%s", len ? "  " : "", parts[i]);
}
