/* fuzz_sql.c - any bytes as SQL: refused with places inside it, or rules that are one text. */
#include <stdlib.h>
#include <string.h>

#include "tools/import/sql.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  for (int dialect = SQL_STANDARD; dialect <= SQL_FLINK; dialect++) {
    sql_import import;
    int done = sql_import_text(&import, (const char *)data, size, (sql_dialect)dialect);
    if (done < 0 || (done == 1) != (import.error_count > 0) || (done == 0) != (import.rules != NULL)) abort();
    if (import.rules && strlen(import.rules) != import.rules_len) abort();
    for (uint32_t i = 0; i < import.remark_count; i++)
      if (import.remarks[i].line == 0 || import.remarks[i].line > size + 1 || import.remarks[i].column > size + 1) abort();
    sql_import_free(&import);
  }
  return 0;
}
