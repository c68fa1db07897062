/* coverage.c - what the tests of a rule file reach, counted and listed. */
#include "coverage.h"

#include <stdlib.h>
#include <string.h>

static double share(unsigned reached, unsigned count)
{
  return count ? 100.0 * reached / count : 100.0;
}

void coverage_end(coverage *into)
{
  if (!into->missing) return;
  (void)fclose(into->missing);
  printf("%3.0f%%  %s: %u of %u reached\n", share(into->reached, into->count), into->detection, into->reached, into->count);
  fwrite(into->missing_text, 1, into->missing_len, stdout);
  free(into->missing_text);
  into->missing = NULL;
  into->missing_text = NULL;
  into->all_reached += into->reached;
  into->all_count += into->count;
  into->reached = into->count = 0;
}

static void write_missing(FILE *to, const cep_coverage *item)
{
  if (strcmp(item->what, "true") == 0 || strcmp(item->what, "false") == 0)
    fprintf(to, "      never %-5s  %s: %s\n", item->what, item->step, item->text);
  else if (strcmp(item->what, "step") == 0)
    fprintf(to, "      never taken  %s\n", item->text);
  else if (strcmp(item->what, "no") == 0 || strcmp(item->what, "until") == 0)
    fprintf(to, "      never came   %s %s\n", item->what, item->text);
  else
    fprintf(to, "      never        %s\n", item->text);
}

void coverage_item(coverage *into, const cep_coverage *item)
{
  if (into->missing && strcmp(into->detection, item->detection) != 0) coverage_end(into);
  if (!into->missing) {
    into->missing = open_memstream(&into->missing_text, &into->missing_len);
    if (!into->missing) return;
    snprintf(into->detection, sizeof into->detection, "%s", item->detection);
  }
  into->count++;
  into->reached += item->times > 0;
  if (item->times == 0) write_missing(into->missing, item);
}

void coverage_print_all(const coverage *into)
{
  printf("%3.0f%%  of all: %u of %u reached\n", share(into->all_reached, into->all_count), into->all_reached, into->all_count);
}
