/* json_cases.c - files of test cases. */
#include "tests/support/json_cases.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <zstd.h>

static char *read_file(const char *path, size_t *len_out)
{
  FILE *file = fopen(path, "rb");
  if (!file) return NULL;
  size_t len = 0, room = 1 << 16;
  char *text = malloc(room);
  while (text) {
    len += fread(text + len, 1, room - len, file);
    if (len < room) break;
    room *= 2;
    char *grown = realloc(text, room);
    if (!grown) free(text);
    text = grown;
  }
  fclose(file);
  *len_out = len;
  return text;
}

static char *unpack(char *packed, size_t packed_len, size_t *len_out)
{
  unsigned long long size = ZSTD_getFrameContentSize(packed, packed_len);
  size_t room = size < ((unsigned long long)1 << 30) ? (size_t)size : (size_t)1 << 28;
  char *text = malloc(room + 1);
  size_t len = text ? ZSTD_decompress(text, room, packed, packed_len) : 0;
  free(packed);
  if (!text || ZSTD_isError(len)) {
    free(text);
    return NULL;
  }
  *len_out = len;
  return text;
}

static int ends_with(const char *text, const char *end)
{
  size_t len = strlen(text), end_len = strlen(end);
  return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

static void read_text(const char *text, size_t len, json_case_fn on_case, void *ctx)
{
  cb_alloc alloc;
  cb_alloc_init(&alloc, NULL, 0);
  cb_arena whole;
  cb_arena_init(&whole, &alloc);
  json *list = json_read(&whole, text, len);
  if (list && list->kind == JSON_LIST) {
    for (uint32_t i = 0; i < list->count; i++) {
      cb_arena arena;
      cb_arena_init(&arena, &alloc);
      on_case(ctx, &arena, list->items[i]);
      cb_arena_fini(&arena);
    }
  }
  int is_list = list && list->kind == JSON_LIST;
  cb_arena_fini(&whole);
  const char *at = text, *end = text + len;
  while (!is_list && at < end) { /* a case on each line */
    const char *stop = memchr(at, '\n', (size_t)(end - at));
    if (!stop) stop = end;
    cb_arena arena;
    cb_arena_init(&arena, &alloc);
    json *it = stop > at ? json_read(&arena, at, (size_t)(stop - at)) : NULL;
    if (stop > at) on_case(ctx, &arena, it);
    cb_arena_fini(&arena);
    at = stop + 1;
  }
}

static int compare_names(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_folder(const char *path, json_case_fn on_case, void *ctx)
{
  DIR *folder = opendir(path);
  if (!folder) return 0;
  char *names[1000];
  size_t count = 0;
  for (struct dirent *entry = readdir(folder); entry && count < 1000; entry = readdir(folder)) {
    if (!ends_with(entry->d_name, ".json") && !ends_with(entry->d_name, ".ndjson") && !ends_with(entry->d_name, ".zst")) continue;
    size_t room = strlen(path) + strlen(entry->d_name) + 2;
    names[count] = malloc(room);
    if (names[count]) snprintf(names[count++], room, "%s/%s", path, entry->d_name);
  }
  closedir(folder);
  qsort(names, count, sizeof *names, compare_names);
  int ok = 1;
  for (size_t i = 0; i < count; i++) {
    ok &= json_cases_read(names[i], on_case, ctx);
    free(names[i]);
  }
  return ok;
}

int json_cases_read(const char *path, json_case_fn on_case, void *ctx)
{
  struct stat is;
  if (stat(path, &is) == 0 && S_ISDIR(is.st_mode)) return read_folder(path, on_case, ctx);
  size_t len = 0;
  char *text = read_file(path, &len);
  if (text && ends_with(path, ".zst")) text = unpack(text, len, &len);
  if (!text) {
    fprintf(stderr, "cannot read %s\n", path);
    return 0;
  }
  read_text(text, len, on_case, ctx);
  free(text);
  return 1;
}

int json_cases_there(const char *path)
{
  struct stat is;
  if (stat(path, &is) == 0) return 1;
  printf("skipped: %s is not there\n", path);
  return 0;
}
