/* watch.c - files, and when they change. */
#include "watch.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define EVERY_NS 250000000L

static void look(const char *path, long long seen[5])
{
  struct stat info;
  memset(seen, 0, 5 * sizeof *seen);
  if (stat(path, &info) < 0) return;
  seen[0] = (long long)info.st_dev;
  seen[1] = (long long)info.st_ino;
  seen[2] = (long long)info.st_size;
  seen[3] = (long long)info.st_mtim.tv_sec;
  seen[4] = (long long)info.st_mtim.tv_nsec;
}

void watch_add(watch_list *list, const char *path)
{
  if (list->count == WATCH_MAX) return;
  char *copy = strdup(path);
  if (!copy) return;
  list->files[list->count].path = copy;
  look(path, list->files[list->count++].seen);
}

void watch_clear(watch_list *list)
{
  for (unsigned i = 0; i < list->count; i++) free(list->files[i].path);
  list->count = 0;
}

const char *watch_wait(const watch_list *list)
{
  const struct timespec every = {0, EVERY_NS};
  for (;;) {
    nanosleep(&every, NULL);
    for (unsigned i = 0; i < list->count; i++) {
      long long now[5];
      look(list->files[i].path, now);
      if (memcmp(now, list->files[i].seen, sizeof now) != 0) return list->files[i].path;
    }
  }
}
