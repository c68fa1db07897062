/*
 * json_cases.h - reads files of test cases: a JSON list, or one JSON value a line.
 *
 * Contract
 *   A path is a file, also packed by zstd (`.zst`), or a folder, whose .json, .ndjson and
 *   .zst files are read in the order of their names. `on_case` is called for each case;
 *   `it` is NULL for a line that is not JSON. The arena, and all in it, is gone after the call.
 */
#ifndef JSON_CASES_H
#define JSON_CASES_H

#include "tests/support/json_tree.h"

typedef void (*json_case_fn)(void *ctx, cb_arena *arena, const json *it);

/* 1 if `path` is there; else says that it is skipped. */
int json_cases_there(const char *path);
/* 0: a file could not be read (said on stderr). */
int json_cases_read(const char *path, json_case_fn on_case, void *ctx);

#endif
