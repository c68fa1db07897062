/*
 * sql_tree.h - SQL statements as they were written, and what the importer's files share.
 *
 * Contract
 *   All memory is of one arena and lives as long as the import. sql_take gives zeroed
 *   bytes or does not come back: it jumps to sql_import_text, the only place that looks
 *   for it, so no other function has to. Names are as written; they are compared without
 *   regard to the case of letters unless they were quoted.
 */
#ifndef TOOLS_IMPORT_SQL_TREE_H
#define TOOLS_IMPORT_SQL_TREE_H

#include <setjmp.h>

#include "tools/import/sql.h"

/* ---- Memory, text, remarks ------------------------------------------------------------- */

typedef struct sql_arena sql_arena;

sql_arena *sql_arena_new(void);
void sql_arena_free(sql_arena *arena);
jmp_buf *sql_arena_way_out(sql_arena *arena);
void *sql_take(sql_arena *arena, size_t size);
char *sql_copy(sql_arena *arena, const char *text, size_t len);
char *sql_printf(sql_arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* `old` with room for `room` elements of `size` bytes; the first `count` are kept. */
void *sql_grow(sql_arena *arena, const void *old, size_t count, size_t room, size_t size);

typedef struct sql_text {
  sql_arena *arena;
  char *bytes; /* ends with NUL */
  size_t len;
  size_t room;
} sql_text;

void sql_put(sql_text *text, const char *piece);
void sql_putf(sql_text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
const char *sql_text_of(const sql_text *text); /* never NULL */

/* ---- Tokens ------------------------------------------------------------------------------ */

typedef enum sql_token_kind {
  SQL_END,
  SQL_NAME,
  SQL_QUOTED, /* a name in "..." or `...` */
  SQL_NUMBER,
  SQL_STRING,
  SQL_SIGN,
  SQL_WRONG /* text says what is wrong */
} sql_token_kind;

typedef struct sql_token {
  sql_token_kind kind;
  uint32_t line;
  uint32_t column;
  const char *text; /* without quotes; the sign */
} sql_token;

/* All tokens of the text; the last is SQL_END. */
sql_token *sql_lex(sql_arena *arena, const char *text, size_t len);
int sql_same(const char *a, const char *b); /* ASCII letters in any case */

#define SQL_HEIGHT_MAX 180 /* below what the rule language takes */

/* ---- Expressions ------------------------------------------------------------------------- */

typedef enum sql_expr_kind {
  SQL_X_NULL,
  SQL_X_BOOL,      /* number: 0 or 1 */
  SQL_X_NUMBER,    /* text */
  SQL_X_STRING,    /* text */
  SQL_X_INTERVAL,  /* ns */
  SQL_X_TIMESTAMP, /* text, as our time constants are */
  SQL_X_COLUMN,    /* [qualifier.]text */
  SQL_X_STAR,      /* [qualifier.]*, in COUNT only */
  SQL_X_CALL,      /* text(args) */
  SQL_X_NOT,
  SQL_X_MINUS,
  SQL_X_BINARY,    /* text is the operator: OR AND = <> < <= > >= + - * / % || */
  SQL_X_IS_NULL,   /* negated: IS NOT NULL */
  SQL_X_BETWEEN,
  SQL_X_IN,
  SQL_X_LIKE,      /* text: the pattern in our form */
  SQL_X_CASE       /* condition, value, ..., else */
} sql_expr_kind;

typedef struct sql_expr sql_expr;
struct sql_expr {
  sql_expr_kind kind;
  const sql_token *at;
  const char *text;
  const char *qualifier; /* NULL: none */
  int64_t ns;
  int number;
  int negated;     /* NOT IN, NOT LIKE, NOT BETWEEN, IS NOT NULL */
  int distinct;    /* COUNT(DISTINCT x) */
  int is_running;  /* RUNNING was written */
  int height;      /* of the tree below; the parser keeps it at SQL_HEIGHT_MAX */
  sql_expr **args;
  uint32_t arg_count;
};

/* ---- Patterns ----------------------------------------------------------------------------- */

#define SQL_OPEN       UINT32_MAX
#define SQL_COUNT_MAX  1000000u
#define SQL_LEAVES_MAX 64u

typedef enum sql_node_kind {
  SQL_P_EMPTY,
  SQL_P_FAIL,    /* a variable that no row fits */
  SQL_P_VAR,
  SQL_P_SEQ,
  SQL_P_ALT,
  SQL_P_REPEAT,  /* items[0] */
  SQL_P_PERMUTE,
  SQL_P_ANCHOR,  /* ^ or $ */
  SQL_P_EXCLUDE  /* items[0] */
} sql_node_kind;

typedef struct sql_node sql_node;
struct sql_node {
  sql_node_kind kind;
  const sql_token *at;
  struct sql_var *var;
  sql_node **items;
  uint32_t item_count;
  uint32_t min;
  uint32_t max;
  int is_reluctant;
  uint32_t leaf;       /* number of a SQL_P_VAR among the leaves */
  const char *step;    /* of a SQL_P_VAR: the name of our step */
  sql_node *parent;
};

typedef struct sql_var sql_var;
struct sql_var {
  const char *name;
  const sql_token *at;
  sql_expr *define;    /* NULL: every row */
  uint32_t uses;       /* in PATTERN, after simplification */
  sql_node *leaf;      /* the first of them */
  int repeats;         /* it may have several rows */
  int is_sure;         /* it has a row in each match */
  int is_referenced;   /* by a condition or measure of others */
  sql_var *next;
};

/* ---- Statements --------------------------------------------------------------------------- */

typedef enum sql_type { SQL_T_OTHER, SQL_T_BOOL, SQL_T_INT, SQL_T_FLOAT, SQL_T_STRING, SQL_T_TIME, SQL_T_IP, SQL_T_DURATION } sql_type;

typedef struct sql_column {
  const char *name;
  const sql_token *at;
  sql_type type;
  int not_null;
  int is_processing;   /* AS PROCTIME() */
  const char *epoch;   /* AS TO_TIMESTAMP_LTZ(epoch, digits): the column */
  int digits;
} sql_column;

typedef struct sql_option {
  const char *name;
  const char *value;
  const sql_token *at;
} sql_option;

typedef struct sql_table sql_table;
struct sql_table {
  const char *name;
  const sql_token *at;
  sql_column *columns;
  uint32_t column_count;
  const char *time;    /* column of the watermark; NULL: none yet */
  int64_t lateness_ns;
  sql_option *options;
  uint32_t option_count;
  int is_used;
  sql_table *next;
};

typedef struct sql_item { /* of SELECT or MEASURES */
  const char *name;      /* NULL: no alias */
  sql_expr *expr;        /* NULL: `*` */
  const sql_token *at;
} sql_item;

typedef struct sql_items {
  sql_item *all;
  uint32_t count;
} sql_items;

typedef enum sql_skip { SQL_SKIP_UNSAID, SQL_SKIP_PAST_LAST, SQL_SKIP_NEXT, SQL_SKIP_FIRST, SQL_SKIP_LAST } sql_skip;

typedef struct sql_subset {
  const char *name;
  const char **members;
  uint32_t member_count;
} sql_subset;

typedef struct sql_match {
  sql_items measures;
  sql_expr **partition;
  uint32_t partition_count;
  const char *order;
  const sql_token *order_at;
  int has_more_order;
  int all_rows;
  const sql_token *all_rows_at;
  sql_skip skip;
  const char *skip_to;
  const sql_token *skip_at;
  sql_node *pattern;
  const sql_token *pattern_at;
  int64_t within_ns; /* 0: none */
  sql_subset *subsets;
  uint32_t subset_count;
  sql_var *vars;     /* of PATTERN, in its order; DEFINE fills them */
} sql_match;

typedef enum sql_window_kind { SQL_TUMBLE, SQL_HOP, SQL_SESSION } sql_window_kind;

typedef struct sql_select sql_select;
struct sql_select {
  const char *name;  /* INSERT INTO name, CREATE VIEW name AS; else made from the table's */
  const sql_token *at;
  sql_items items;
  const char *from;
  const sql_token *from_at;
  sql_match *match;      /* NULL: a window */
  const char *alias;     /* of the match or table; NULL */
  sql_expr *where;
  sql_expr **group;      /* keys; TUMBLE(...) and the like among them are in the fields below */
  uint32_t group_count;
  sql_expr *having;
  sql_window_kind window;
  int64_t length_ns;     /* of a session: the gap */
  int64_t slide_ns;      /* SQL_HOP */
  int64_t offset_ns;
  const char *window_time; /* the column of the time; NULL: no window */
  const sql_token *window_at;
  int is_table_function; /* FROM TABLE(TUMBLE(...)) */
  sql_select *next;
};

typedef struct sql_state {
  sql_arena *arena;
  sql_import *import;
  sql_dialect dialect;
  const sql_token *token;
  int is_lost;     /* the statement has an error: nothing is read any more until it ends */
  int depth;
  sql_table *tables;
  sql_select *selects;
  sql_text out;
} sql_state;

/* A remark at a token; after the first errors of a statement have been told, is_lost keeps
 * the parser quiet. */
void sql_remark_at(sql_state *state, sql_remark_kind kind, const sql_token *at, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* ---- Reading (sql_parse*.c) --------------------------------------------------------------- */

int sql_at_word(const sql_state *state, const char *word);
int sql_at_sign(const sql_state *state, const char *sign);
int sql_take_word(sql_state *state, const char *word); /* 1 and goes on, if it is there */
int sql_take_sign(sql_state *state, const char *sign);
void sql_need_word(sql_state *state, const char *word);
void sql_need_sign(sql_state *state, const char *sign);
void sql_expected(sql_state *state, const char *what);
const char *sql_need_name(sql_state *state, const char *what);
void sql_advance(sql_state *state);
int sql_enter(sql_state *state); /* 0: too deep, told */
int64_t sql_parse_interval(sql_state *state); /* behind INTERVAL; ns > 0, 0: told */
sql_expr *sql_parse_expr(sql_state *state);   /* never NULL */
void sql_append_expr(sql_state *state, sql_expr ***list, uint32_t *count, sql_expr *expr);
void sql_parse_items(sql_state *state, sql_items *items, int star_allowed);
sql_match *sql_parse_match(sql_state *state);
void sql_parse(sql_state *state);

/* ---- Patterns (sql_pattern.c, sql_choice.c, sql_disjoint.c) ------------------------------- */

/* The same pattern with less in it: no empty parts, no parts that never match, no quantifier
 * of one, and of a reluctant end only what it takes. */
sql_node *sql_simplify(sql_state *state, sql_node *node, int is_whole);
int sql_may_be_empty(const sql_node *node);
int sql_is_fixed(const sql_node *node, uint64_t *len); /* every match has `len` rows */
/* Leaves in the order of the text, parents, and what the variables are. */
uint32_t sql_number(sql_state *state, sql_node *root, sql_node **leaves);

typedef struct sql_choices { /* what may come next, the preferred first; SQL_CHOICE_END: the match ends */
  uint32_t all[SQL_LEAVES_MAX + 1];
  uint32_t count;
} sql_choices;

#define SQL_CHOICE_END UINT32_MAX

sql_choices sql_first(const sql_node *node);
/* Tells where SQL would choose otherwise than the rules do. */
void sql_check_choices(sql_state *state, const sql_table *table, const sql_match *match);
/* Certainly no row fits both, at the same place of the same partial match. */
int sql_exclude_each_other(sql_state *state, const sql_table *table, const sql_match *match,
                           const sql_var *a, const sql_var *b);

/* ---- Expressions in our words (sql_say.c, sql_say_match.c) --------------------------------- */

typedef enum sql_place { SQL_IN_DEFINE, SQL_IN_MEASURE, SQL_IN_WHERE, SQL_IN_WINDOW } sql_place;

typedef struct sql_say {
  sql_state *state;
  const sql_table *table;
  const sql_match *match;
  sql_place place;
  const sql_var *own;      /* SQL_IN_DEFINE */
  int has_pairs;           /* PREV(x) is the field prev_x */
  int is_quiet;            /* nothing is told; what cannot be said is only counted */
  uint32_t faults;
  sql_text *measures;      /* SQL_IN_WINDOW: where new measures go */
  sql_text *seen;          /* SQL_IN_WINDOW: measures so far as "text=name\n" */
  const char *wanted_name; /* SQL_IN_WINDOW: for a measure that is an item of its own */
  uint32_t measure_count;
} sql_say;

/* The expression as rule text that can stand where `level` is needed (0: anywhere). */
const char *sql_say_expr(sql_say *say, const sql_expr *expr, int level);
sql_type sql_type_of(const sql_say *say, const sql_expr *expr);
int sql_may_be_null(const sql_say *say, const sql_expr *expr);
void sql_cannot(sql_say *say, const sql_token *at, const char *format, ...) __attribute__((format(printf, 3, 4)));
const sql_column *sql_column_of(const sql_table *table, const char *name);
sql_var *sql_var_of(const sql_match *match, const char *name);
const char *sql_say_name(sql_arena *arena, const char *name);   /* in back-ticks if need be */
const char *sql_say_string(sql_arena *arena, const char *text); /* in quotes */
const char *sql_say_duration(sql_arena *arena, int64_t ns);
/* Columns, navigation and aggregates over the rows of a match. `level` as above, in and out. */
const char *sql_say_of_match(sql_say *say, const sql_expr *expr, int *level);
int sql_is_aggregate(const char *name);
int sql_calls(const sql_expr *expr, const char *name); /* the function is called in it */
int sql_is_false(const sql_expr *expr);
int sql_is_true(const sql_expr *expr);

enum { SQL_L_ANY, SQL_L_OR, SQL_L_AND, SQL_L_NOT, SQL_L_TEST, SQL_L_SUM, SQL_L_PRODUCT, SQL_L_UNARY, SQL_L_PRIMARY };

/* ---- Statements in our words (sql_table.c, sql_match.c, sql_window.c) ---------------------- */

sql_table *sql_find_table(sql_state *state, const char *name);
void sql_write_table(sql_state *state, const sql_table *table);
void sql_write_match(sql_state *state, const sql_select *select, sql_table *table);
void sql_write_window(sql_state *state, const sql_select *select, sql_table *table);

#endif
