/*
 * ast.h - a rule file as it was written.
 *
 * Contract
 *   Plain data in one arena, made by the parser. Every node keeps its span. A declaration
 *   with `is_broken` had a mistake that has been reported: it is not looked at again, but
 *   its name is known. Names are as written (no quotes); `text` is NULL where there is none.
 *   Depth of expressions is at most PAT_DEPTH_MAX.
 */
#ifndef PAT_AST_H
#define PAT_AST_H

#include "patterns/lexer.h"
#include "patterns/plan.h"

/* Every pass over expressions recurses; this keeps their stacks small. */
#define PAT_DEPTH_MAX 200u

typedef struct pat_name {
  const char *text;
  cb_span span;
} pat_name;

typedef enum pat_expr_kind {
  PAT_E_LITERAL,
  PAT_E_NAME,    /* name */
  PAT_E_MEMBER,  /* args[0] . name */
  PAT_E_INDEX,   /* args[0] [ args[1] ] */
  PAT_E_CALL,    /* name ( args… ) or name ( where args[0] ) */
  PAT_E_OP,      /* op over args; is_negated: not of it. PLAN_IN_TABLE: args[0] in args[1], a PAT_E_MEMBER of a name */
  PAT_E_BETWEEN, /* args[0] between args[1] and args[2] */
  PAT_E_CASE     /* case when args[0] then args[1] … else the last end */
} pat_expr_kind;

typedef struct pat_expr pat_expr;
typedef PAT_LIST(pat_expr *) pat_exprs;
struct pat_expr {
  pat_expr_kind kind;
  plan_op op;
  int is_negated;
  int has_where;
  cb_span span;
  cb_span op_span; /* PAT_E_OP: the sign or word */
  uint32_t depth;
  pat_name name;
  cep_value value;
  pat_exprs args;
};

typedef struct pat_entry {
  pat_name name;
  pat_expr *expr;
} pat_entry;
typedef PAT_LIST(pat_entry) pat_object;

typedef struct pat_member {
  pat_name name;
  cep_kind kind;
  int is_nullable;
  pat_name path;     /* at "…" */
  pat_expr *missing; /* = literal; NULL */
} pat_member;

typedef PAT_LIST(pat_member) pat_members;

typedef struct pat_time {
  cb_span span;      /* length 0: not declared */
  plan_clock clock;  /* not PLAN_CLOCK_EVENT: `field` is the word that says so */
  pat_name field;    /* text NULL: at the start of a line */
  pat_name path;
  int has_form;
  plan_time_form form;
  pat_name strptime;
  int32_t year;
  pat_name zone;
  uint32_t member;   /* index among the members at which the field stands */
  cep_duration lateness;
  cb_span lateness_span; /* length 0: not written */
  cep_duration idle;
  cb_span idle_span;
} pat_time;

/* An input, or a stream with or without one of its own. */
typedef struct pat_stream {
  int is_input;       /* written `input` */
  int has_place;
  const char *place_kind;
  const char *place;
  pat_name from;      /* the input; NULL: one of its own */
  pat_name regex;     /* behind the input's name */
  pat_expr *where;
  int has_format;
  cb_span format_span;
  plan_format format;
  pat_name line;      /* format line "…" */
  int has_header;     /* format csv (header) */
  pat_name columns;   /* format csv (columns "…"); NULL: the first record names them */
  cb_span twice;      /* an option of csv that stands again; length 0: none */
  pat_name delimiter;
  pat_name quote;
  pat_members members;
  pat_time time;
} pat_stream;

typedef struct pat_table {
  pat_stream source; /* place, format and members only */
  pat_name key;
  pat_name as_of;       /* NULL: not written */
  cep_duration refresh; /* 0: not written */
} pat_table;

typedef struct pat_define {
  pat_name base;
  pat_expr *where;
} pat_define;

typedef struct pat_key {
  pat_name name;
  pat_exprs parts; /* behind '=' */
} pat_key;

/* A leaf of a pattern, or an event that ends a loop. */
typedef struct pat_step {
  plan_step_kind kind;
  cb_span span;     /* of the element, without its hop; of an `until` from that word */
  pat_name name;    /* behind `as`; NULL */
  pat_name role;
  pat_expr *where;
  pat_exprs distinct;
  int has_for;
  cep_duration no_for;
} pat_step;

/* What stands between two `then`: a step, or a group of elements. */
typedef struct pat_element pat_element;
typedef PAT_LIST(pat_element) pat_elements;
struct pat_element {
  plan_element_kind kind; /* the items of PLAN_ONE_OF are PLAN_SEQUENCE */
  cb_span span;      /* without its hop */
  cb_span word_span; /* the count, if any; else `no`, `(`, `one of`, `all of`; length 0 of a step alone */
  uint32_t step;     /* PLAN_STEP: index in the steps of the detection; else CEP_NONE */
  pat_elements items;
  plan_contiguity hop;
  cb_span hop_span;
  cep_duration gap;  /* 0: none */
  int is_optional;
  int has_count;
  int64_t min, max;  /* max PLAN_OPEN for `n+` */
  int has_greed;
  plan_greed greed;
  cb_span greed_span;
  int has_inner;
  plan_contiguity inner;
  uint32_t until;    /* index of the step; CEP_NONE */
};

typedef struct pat_test_action {
  plan_test_do what;
  cb_span span;
  int has_time;
  int64_t time;
  pat_name stream;
  uint64_t number; /* repeat of AT; COUNT; LATE */
  cep_duration every;
  uint32_t partition;
  pat_object object;
} pat_test_action;

typedef struct pat_test {
  pat_name name;
  PAT_LIST(pat_test_action) actions;
} pat_test;

/* What an aggregate has and a detection has not; of a join the first lines, to the offset. */
typedef struct pat_window {
  plan_window_kind kind;
  cb_span span;            /* from the word for the kind on */
  cep_duration length;     /* of a session: the gap */
  cep_duration every;      /* of a sliding one */
  cep_duration max;        /* of a session; 0: not written */
  uint64_t events;
  uint64_t every_events;
  cep_duration offset;
  cb_span offset_span;     /* length 0, as of those below: not written */
  cep_duration even_empty;
  cb_span even_span;
  cep_duration allowed;
  cb_span allowed_span;
  cep_duration early_every;
  cb_span early_span;
  pat_object measures;
  cb_span having_span;     /* length 0: none */
  pat_expr *having;
  int is_at_once;
} pat_window;

typedef struct pat_join {
  plan_join_kind kind;
  cep_duration within; /* 0: by windows */
  pat_window *window;  /* NULL */
  cb_span where_span;  /* length 0: none */
  pat_expr *where;
} pat_join;

/* A detection; or an aggregate: that has one step, which says what it counts; or a join: two, its sides. */
typedef struct pat_detect {
  pat_window *window;  /* NULL: not an aggregate */
  pat_join *join;      /* NULL: not a join */
  PAT_LIST(pat_key) keys;
  int has_span;
  cep_duration within; /* PLAN_UNBOUNDED */
  uint64_t within_events; /* 0: not written so */
  cb_span match_span;  /* length 0: no match clause */
  PAT_LIST(pat_step) steps; /* in text order; the leaves of the pattern, and behind a loop its `until` */
  cb_span latest_span;      /* length 0: not written */
  pat_element pattern;      /* PLAN_SEQUENCE; of an aggregate or a join without items */
  pat_expr *having;    /* NULL: none */
  cb_span skip_span;   /* length 0: not written */
  plan_skip skip;
  pat_name skip_step;
  int is_earliest_first;
  cb_span limit_span;  /* length 0: not written */
  uint64_t limit;      /* 0: unbounded */
  cb_span emit_span;
  cb_span once_span;   /* length 0: not written */
  pat_object emit;
  cb_span timeout_span;
  pat_object timeout_emit;
  cb_span suppress_span;
  cep_duration suppress;
  PAT_LIST(pat_name) suppress_by;
  cb_span meta_span;
  pat_object meta;
  PAT_LIST(pat_test) tests;
} pat_detect;

typedef enum pat_decl_kind {
  PAT_D_INPUT,
  PAT_D_STREAM,
  PAT_D_DEFINE,
  PAT_D_DETECT,
  PAT_D_TABLE,
  PAT_D_OTHER /* of a kind that is not built: only its name */
} pat_decl_kind;

typedef struct pat_decl {
  pat_decl_kind kind;
  pat_name name; /* NULL: lost in a mistake */
  int is_broken;
  pat_stream *stream;
  pat_define *define;
  pat_detect *detect;
  pat_table *table;
} pat_decl;

typedef struct pat_file {
  PAT_LIST(pat_decl) decls;
} pat_file;

/* The tree as indented text, for goldens. */
cep_status pat_ast_print(cb_writer *writer, const pat_file *file) CB_MUST_USE;
/* One expression, every operation in parentheses. */
void pat_ast_print_expr(cb_writer *writer, const pat_expr *expr);

#endif
