/* replay_main.c - runs a fuzz target over the files of its corpus, without libFuzzer. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A block of exactly the file's size, so that a sanitizer sees one byte too many. */
static int replay(const char *path)
{
  FILE *file = fopen(path, "rb");
  if (!file) return 0;
  long size = fseek(file, 0, SEEK_END) == 0 ? ftell(file) : -1;
  uint8_t *data = size >= 0 ? malloc((size_t)size + (size == 0)) : NULL;
  int is_read = data && fseek(file, 0, SEEK_SET) == 0 && fread(data, 1, (size_t)size, file) == (size_t)size;
  fclose(file);
  if (is_read) LLVMFuzzerTestOneInput(data, (size_t)size);
  free(data);
  return is_read;
}

int main(int argc, char **argv)
{
  unsigned count = 0;
  LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
  for (int i = 1; i < argc; i++) {
    DIR *folder = opendir(argv[i]);
    if (!folder) continue; /* a target may have no corpus yet */
    for (const struct dirent *entry; (entry = readdir(folder));) {
      char path[4096];
      if (entry->d_name[0] == '.') continue;
      snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
      if (!replay(path)) {
        fprintf(stderr, "cannot read %s\n", path);
        return 1;
      }
      count++;
    }
    closedir(folder);
  }
  printf("%u files replayed\n", count);
  return 0;
}
