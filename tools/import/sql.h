/*
 * sql.h - SQL over event streams into rule text.
 *
 * Contract
 *   Takes CREATE TABLE, SELECT ... MATCH_RECOGNIZE and SELECT ... GROUP BY TUMBLE, gives
 *   a rule file. Every remark has a place in the SQL. An ERROR says what was expected, or
 *   that something has no counterpart; then there is no rule text. CHANGED says that the
 *   rules mean something else than the SQL, and what. A NOTE tells of something that is
 *   said differently and means the same.
 *   No I/O, no globals. Any bytes are fine; at most SQL_TEXT_MAX of them, nested at most
 *   SQL_DEPTH_MAX deep, and at most SQL_REMARKS_MAX remarks.
 */
#ifndef TOOLS_IMPORT_SQL_H
#define TOOLS_IMPORT_SQL_H

#include <stddef.h>
#include <stdint.h>

#define SQL_TEXT_MAX    (1u << 20)
#define SQL_DEPTH_MAX   100
#define SQL_REMARKS_MAX 50

/* Whose meaning the SQL has where the dialects differ: greedy quantifiers give rows back in
 * the standard and do not in Flink; without AFTER MATCH the standard goes on behind the last
 * row and Flink at the next one. */
typedef enum sql_dialect { SQL_STANDARD, SQL_FLINK } sql_dialect;

typedef enum sql_remark_kind { SQL_ERROR, SQL_CHANGED, SQL_NOTE } sql_remark_kind;

typedef struct sql_remark {
  sql_remark_kind kind;
  uint32_t line;   /* from 1 */
  uint32_t column; /* in bytes, from 1 */
  const char *text;
} sql_remark;

typedef struct sql_import {
  const char *rules; /* NULL if there was an error */
  size_t rules_len;
  sql_remark remarks[SQL_REMARKS_MAX]; /* in the order of their places */
  uint32_t remark_count;
  uint32_t error_count;
  uint32_t change_count;
  struct sql_arena *arena;
} sql_import;

/* 0 if there are rules, 1 if there was an error, -1 without memory. */
int sql_import_text(sql_import *import, const char *text, size_t len, sql_dialect dialect);
/* Also after a failure. */
void sql_import_free(sql_import *import);

#endif
