/* tables.c - the files of the tables of a rule file. */
#include "tables.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int tables_take(const command_spec *command, table_paths *tables, const char *text)
{
  const char *equals = strchr(text, '=');
  if (!equals || equals == text || !equals[1]) return usage_wrong(command, "--table wants NAME=PATH, not '%s'", text);
  if (tables->count == TABLES_MAX) return usage_wrong(command, "more than %d tables", TABLES_MAX);
  unsigned i = tables->count++;
  tables->given[i].name = text;
  tables->given[i].name_len = (size_t)(equals - text);
  tables->given[i].path = equals + 1;
  return EXIT_FINE;
}

static int is_given(const table_paths *tables, unsigned given, const char *name)
{
  return strlen(name) == tables->given[given].name_len && memcmp(name, tables->given[given].name, strlen(name)) == 0;
}

int tables_check(const command_spec *command, const table_paths *tables, const rule_file *rules)
{
  uint32_t count = cep_program_table_count(rules->program);
  for (unsigned given = 0; given < tables->count; given++) {
    uint32_t i = 0;
    while (i < count && !is_given(tables, given, cep_program_table_name(rules->program, i))) i++;
    if (i == count)
      return usage_wrong(command, "%s has no table '%.*s'", rules->path, (int)tables->given[given].name_len,
                         tables->given[given].name);
  }
  return EXIT_FINE;
}

/* The bytes of the rules' path that are its folder, with the '/'. */
static size_t folder_len(const rule_file *rules)
{
  const char *slash = strrchr(rules->path, '/');
  return slash ? (size_t)(slash - rules->path) + 1 : 0;
}

char *tables_path(const table_paths *tables, const rule_file *rules, uint32_t table)
{
  const char *place = cep_program_table_place(rules->program, table);
  size_t folder = place[0] == '/' ? 0 : folder_len(rules);
  for (unsigned given = tables->count; given-- > 0;) { /* the last one counts */
    if (!is_given(tables, given, cep_program_table_name(rules->program, table))) continue;
    place = tables->given[given].path;
    folder = 0;
    break;
  }
  size_t len = strlen(place);
  char *path = malloc(folder + len + 1);
  if (!path) return NULL;
  memcpy(path, rules->path, folder);
  memcpy(path + folder, place, len + 1);
  return path;
}
