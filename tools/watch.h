/*
 * watch.h - files, and when they change.
 *
 * Contract
 *   A file has changed when its time, its size or which file has its name are others than when it was added; also when it comes
 * or goes. It is looked at four times a second: editors write in too many ways for anything finer. Copies paths.
 */
#ifndef TOOLS_WATCH_H
#define TOOLS_WATCH_H

#define WATCH_MAX 512

typedef struct watch_list {
  struct {
    char *path;
    long long seen[5];
  } files[WATCH_MAX];
  unsigned count;
} watch_list;

/* Of more than WATCH_MAX those behind are not watched. */
void watch_add(watch_list *list, const char *path);
void watch_clear(watch_list *list);
/* The path of the first that has changed; it lives until the list is cleared. */
const char *watch_wait(const watch_list *list);

#endif
