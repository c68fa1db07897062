/*
 * plan.h - what to match: the checked, typed meaning of a rule file, as plain data.
 *
 *   rule text --patterns/--> plan --nfa/build_*--> program image
 *                              \--> the reference evaluator of the tests
 *
 * Contract
 *   Everything lies in one arena and is immutable once built; pointers stay valid as long
 *   as the arena. Names are C strings. Arrays are pointer and count; empty ones have count 0.
 *   Types are checked: every operator has operands of the kinds that its comment names,
 *   with PLAN_TO_FLOAT where an int meets a float. Constants are folded.
 *   Units: nanoseconds. "Open" counts are PLAN_OPEN. Indices that are absent are CEP_NONE.
 *   The plan knows no automaton: steps are as written, defines are resolved into
 *   conditions, names into indices.
 */
#ifndef PLAN_H
#define PLAN_H

#include "cep/base/arena.h"
#include "cep/base/source.h"
#include "cep/base/value.h"

#define PLAN_OPEN      UINT32_MAX
#define PLAN_UNBOUNDED INT64_MAX
/* Limits; more is a diagnostic. A step's condition is one bit of a 64-bit symbol. */
#define PLAN_STEPS_MAX 64u
#define PLAN_KEYS_MAX  8u
#define PLAN_ITEMS_MAX 16u    /* of `all of` */
#define PLAN_COUNTERS_MAX 16u /* groups that repeat, and `all of`, in one detection */
#define PLAN_NESTING_MAX 16u  /* groups in groups */
#define PLAN_ROUNDS_MAX 65535u /* count of a group */

/* ---- Expressions ------------------------------------------------------------------ */

typedef enum plan_op {
  PLAN_CONST,    /* value */
  PLAN_FIELD,    /* field: of the event under test; inside an aggregate's arg and where: of the captured event */
  PLAN_KEY,      /* index: a part of the detection's key (outputs only) */
  PLAN_MEASURE,  /* index: a measure of the aggregate; in a measure an earlier one */
  PLAN_CAPTURE,  /* step, nth, field: field of the nth capture of a step; null past the end */
  PLAN_PREV,     /* prev[]: the field of the newest captured event, by the step that took it; arg 0 if
                    there: the value when nothing is captured yet (null else) */
  PLAN_AGGREGATE,/* aggregate, step, arg 0 (not for count of events), where in arg 1 */
  PLAN_TO_FLOAT, /* int -> float */
  PLAN_NOT,      /* bool; three-valued, as and, or */
  PLAN_AND,      /* two or more bools */
  PLAN_OR,
  PLAN_EQ,       /* two of one kind (int and float are brought to float) */
  PLAN_NE,
  PLAN_LT,       /* not for bool and ip */
  PLAN_LE,
  PLAN_GT,
  PLAN_GE,
  PLAN_ADD,      /* int int, float float, time duration, duration duration. Overflow gives null */
  PLAN_SUB,      /* the same, and time time -> duration */
  PLAN_MUL,      /* int int, float float, duration int, duration float */
  PLAN_DIV,      /* float float -> float, duration duration -> float, duration float -> duration; by zero: null */
  PLAN_IDIV,     /* int int, truncating; by zero: null */
  PLAN_MOD,      /* int int, sign of the dividend; by zero: null */
  PLAN_NEG,      /* int, float, duration */
  PLAN_IS_NULL,  /* any; never null itself */
  PLAN_IN,       /* arg 0 equals one of args 1..; null if none does and one of them, or arg 0, is null */
  PLAN_LIKE,     /* string, pattern constant: % any run, _ one character, \ escapes */
  PLAN_ILIKE,    /* the same, ASCII letters in any case */
  PLAN_REGEX,    /* string, pattern constant: searched, not anchored (PCRE2, UTF) */
  PLAN_CONTAINS, /* two strings */
  PLAN_STARTS,
  PLAN_ENDS,
  PLAN_ICONTAINS,/* ASCII letters in any case */
  PLAN_ISTARTS,
  PLAN_IENDS,
  PLAN_CIDR,     /* ip; args 1..: string constants of checked networks */
  PLAN_COALESCE, /* the first that is not null */
  PLAN_CALL,     /* function: index into builtin.def, args */
  PLAN_CASE,     /* args: condition, value, condition, value ..., at last the value if none is true. Values of one kind */
  PLAN_IN_TABLE, /* bool: arg 0 equals field `field` of some row of table `table`; null if arg 0 is null */
  PLAN_LOOKUP,   /* field `field` of the row of table `table` whose key is arg 0; null if there is none */
  PLAN_MATCHES,  /* int, in `emit once` only: how many matches the event completes */
  PLAN_WINDOW_START, /* time: of the window that is told of (measures, having and emit; emit of a join by windows) */
  PLAN_WINDOW_END
} plan_op;

typedef enum plan_aggregate {
  PLAN_COUNT,    /* no arg: events; arg: values that are not null; a where alone: events for which it is true */
  PLAN_SUM,      /* int -> int (overflow: null), float -> float, duration -> duration; over nothing 0 */
  PLAN_AVG,      /* float, or duration for durations; over nothing null */
  PLAN_MIN,      /* int float time duration */
  PLAN_MAX,
  PLAN_DISTINCT, /* how many different tuples of all args; one with a null is none */
  PLAN_STDDEV,   /* float, of a sample (n - 1); null below two values */
  /* Of windows only. */
  PLAN_FIRST,    /* any kind: the value of the first event, which may be null */
  PLAN_LAST,
  PLAN_APPROX_DISTINCT,   /* as PLAN_DISTINCT, estimated */
  PLAN_APPROX_PERCENTILE, /* int, float -> float; duration -> duration; over nothing null. `value`: a float, 0 to 100 */
  PLAN_TOP       /* string: JSON of the most frequent values. `value`: an int, 1 to PLAN_TOP_MAX */
} plan_aggregate;
#define PLAN_TOP_MAX 100

typedef struct plan_prev {
  uint32_t step;  /* the step that took the newest captured event */
  uint32_t field; /* of that step's stream */
} plan_prev;

typedef struct plan_expr plan_expr;
struct plan_expr {
  plan_op op;
  cep_kind kind;  /* of the result; CEP_NULL only for the constant null */
  int may_be_null;
  cb_span span;
  const plan_expr *const *args;
  uint32_t arg_count;
  uint32_t field;
  uint32_t index;    /* PLAN_KEY: the part; PLAN_MEASURE; PLAN_CALL: the function */
  uint32_t step;     /* PLAN_CAPTURE, PLAN_AGGREGATE */
  uint32_t table;    /* PLAN_IN_TABLE, PLAN_LOOKUP */
  int32_t nth;       /* 0 the first, 1 the second ...; -1 the last, -2 the one before ... */
  plan_aggregate aggregate;
  const plan_prev *prev;
  uint32_t prev_count;
  cep_value value;   /* PLAN_CONST; PLAN_AGGREGATE: the number that its function takes; bytes in the arena */
};

/* 1 if the value depends on captured events (PLAN_CAPTURE, PLAN_PREV, PLAN_AGGREGATE in it). */
int plan_expr_looks_back(const plan_expr *expr);

/* ---- Inputs and streams ------------------------------------------------------------ */

typedef enum plan_format { PLAN_JSON, PLAN_LINE, PLAN_CSV, PLAN_LOGFMT } plan_format;

const char *plan_format_word(plan_format format); /* as in the rules */

#define PLAN_DELIMITER ',' /* of csv, if not said */
#define PLAN_QUOTE     '"'

typedef enum plan_time_form {
  PLAN_TIME_RFC3339,
  PLAN_TIME_S,  /* epoch numbers: int, float, or text of one */
  PLAN_TIME_MS,
  PLAN_TIME_US,
  PLAN_TIME_NS,
  PLAN_TIME_STRPTIME
} plan_time_form;

typedef struct plan_field {
  const char *name;
  cep_kind kind;
  int nullable;
  const char *path;        /* where in the record: "source.ip"; the name if not said */
  const plan_expr *missing; /* constant for a value that is not there; NULL: null */
  int is_time;             /* the input's time field: its value is always the event's time */
} plan_field;

/* Where the time of an event comes from. */
typedef enum plan_clock {
  PLAN_CLOCK_EVENT,     /* the record: the rest of `time_...` below says how */
  PLAN_CLOCK_INGESTION, /* when the record was taken in: by a broker's stamp, or else by the clock of who pushes */
  PLAN_CLOCK_PROCESSING /* the clock of who pushes, which also moves time while nothing comes */
} plan_clock;

typedef struct plan_input {
  plan_clock clock;
  const char *name;
  cb_span span;
  const char *place_kind;  /* "file", "kafka", "stdin" or "" */
  const char *place;       /* "" if none */
  plan_format format;
  const char *line_regex;  /* of the input itself (`format line "…"`), NULL if none */
  char csv_delimiter;      /* of PLAN_CSV, an ASCII sign */
  char csv_quote;          /* 0: no quotes */
  const char *csv_columns; /* "a,b,c"; NULL: the first record names them */
  uint32_t time_field;     /* index of the field in its streams (the same in each), CEP_NONE: none is named */
  const char *time_path;   /* record path of the time; NULL: at the start of the line */
  plan_time_form time_form;
  const char *time_strptime; /* or NULL */
  int32_t time_year;       /* 0: in the form, or inferred */
  const char *time_zone;   /* a name that zone.h knows, where the text has none; NULL: UTC */
  cep_duration lateness;
  int has_lateness;        /* it is declared, if only as 0 */
  cep_duration idle;       /* 0: not said */
} plan_input;

typedef struct plan_stream {
  const char *name;
  cb_span span;
  uint32_t input;          /* CEP_NONE for the stream of a detection */
  uint32_t detection;      /* CEP_NONE for one that is read from an input */
  uint32_t stratum;        /* 0 for one from an input, else that of its detection */
  const plan_field *fields; /* of a detection: the key parts, then the emitted values */
  uint32_t field_count;
  const char *regex;       /* searched in a line; groups fill fields of their name; NULL: none */
  const plan_expr *fits;   /* condition that a record must meet; NULL: none */
} plan_stream;

/* ---- Tables ------------------------------------------------------------------------- */

/* Rows from outside, looked up by key. They are no part of the plan: whoever runs it hands
 * them in, and may exchange them. Of rows with one key (and one time) the last counts. */
typedef struct plan_table {
  const char *name;
  cb_span span;
  const char *place;       /* of the file */
  plan_format format;      /* PLAN_CSV or PLAN_JSON (one object a line) */
  char csv_delimiter;
  char csv_quote;
  const char *csv_columns; /* NULL: the first record names them */
  const plan_field *fields;
  uint32_t field_count;
  uint32_t key;            /* index of the key field: int, string, ip, bool, time or duration; not nullable */
  uint32_t as_of;          /* index of a time field, not nullable and not the key: from when on a row counts, until the
                              next one of its key. A look at the table is as of the time of the event under test, in
                              `emit` and `having` of the decision. CEP_NONE: of rows with one key the last counts, always */
  cep_duration refresh;    /* 0: read once */
} plan_table;

/* ---- Detections --------------------------------------------------------------------- */

typedef enum plan_contiguity {
  PLAN_RELAXED, /* then: skips events that do not fit; takes the first that does */
  PLAN_STRICT,  /* immediately, consecutive: the very next event of the detection's input */
  PLAN_ANY      /* any: takes it, and also goes on without it */
} plan_contiguity;

typedef enum plan_greed { PLAN_RELUCTANT, PLAN_GREEDY } plan_greed;

typedef enum plan_step_kind {
  PLAN_TAKE,
  PLAN_NO,   /* `no X`: hop PLAN_STRICT for `immediately no`; no_for > 0 for `no X for D` */
  PLAN_UNTIL /* `until X`: ends the loop or group whose `until` is this step; behind it in the numbering */
} plan_step_kind;

/* An event may come to a detection by several routes (a stream under two defines with
 * different keys). It is in the input of a key once, whatever the number of routes. */
typedef struct plan_route {
  uint32_t stream;             /* never a define: those are in `member` */
  const plan_expr *member;     /* the events of the stream that are in the input; NULL: all */
  const plan_expr *const *keys; /* key_count of the detection; same kinds in every route */
} plan_route;

typedef struct plan_step {
  plan_step_kind kind;
  const char *name;       /* as written after `as`; else the name of its stream or define */
  int named;              /* it was written */
  const char *role;       /* the stream or define as written */
  cb_span span;
  uint32_t route;
  uint32_t stream;
  const plan_expr *member; /* the define's condition (all defines of a chain joined), NULL: none. On the event alone */
  const plan_expr *where;  /* NULL: always true */
  plan_contiguity hop;     /* from the element before, as the element says; of the first step PLAN_RELAXED */
  cep_duration gap;        /* `then within D`; 0: none */
  int optional;
  int counted;             /* a count was written */
  uint32_t min;            /* >= 1 */
  uint32_t max;            /* >= min; PLAN_OPEN */
  plan_contiguity inner;   /* between repetitions */
  plan_greed greed;
  const plan_expr *const *distinct; /* values that must be new to this loop, and not null */
  uint32_t distinct_count;
  cep_duration no_for;     /* 0: none */
  uint32_t until;          /* of a loop: the step of kind PLAN_UNTIL; CEP_NONE */
  int repeats;             /* it may capture several events: max > 1, or it stands in a group that repeats */
} plan_step;

/* How the steps stand together: a tree. Its leaves are the steps of kind TAKE and NO in the
 * order of their numbers. */
typedef enum plan_element_kind {
  PLAN_STEP,
  PLAN_SEQUENCE, /* `( a then b )`; also the whole pattern and each choice of `one of` */
  PLAN_ONE_OF,   /* one of the items, each a PLAN_SEQUENCE */
  PLAN_ALL_OF    /* each of the items, one after the other in any order; items are not of kind NO */
} plan_element_kind;

typedef struct plan_element plan_element;
struct plan_element {
  plan_element_kind kind;
  cb_span span;
  uint32_t step;              /* PLAN_STEP; what follows is then as in the step */
  const plan_element *items;
  uint32_t item_count;
  plan_contiguity hop;        /* from the element before. The first item of a sequence, and the items of
                                 `one of` and `all of`, have the hop of what they stand in, but `inner` of it from
                                 the second round on; the first of the whole pattern PLAN_RELAXED */
  cep_duration gap;           /* from the newest captured event to the first of this element, when it is
                                 entered from outside; 0: none */
  int optional;               /* may be left out as a whole */
  uint32_t min;               /* rounds, >= 1 */
  uint32_t max;               /* >= min; PLAN_OPEN */
  plan_contiguity inner;      /* between rounds; of `all of` also between its items */
  uint32_t until;             /* step of kind PLAN_UNTIL, CEP_NONE */
};

typedef enum plan_skip { PLAN_SKIP_PAST_LAST, PLAN_SKIP_NO, PLAN_SKIP_TO_NEXT, PLAN_SKIP_TO_FIRST, PLAN_SKIP_TO_LAST } plan_skip;

typedef struct plan_output {
  const char *name;
  const plan_expr *expr; /* PLAN_KEY, PLAN_CAPTURE, PLAN_AGGREGATE at its leaves */
} plan_output;

typedef struct plan_meta {
  const char *name;
  cep_value value;
} plan_meta;

typedef enum plan_window_kind {
  PLAN_TUMBLING,    /* [k * every + offset, k * every + offset + length) for every whole k; every = length */
  PLAN_SLIDING,     /* the same, every <= length */
  PLAN_SESSION,     /* from an event on, as long as the next one of the key comes less than `length` behind the newest */
  PLAN_COUNT_WINDOW /* so many events of the key */
} plan_window_kind;

const char *plan_window_word(plan_window_kind kind); /* as in the rules */

/* The windows of an aggregate, or (kind, length, every and offset only) of a join. */
typedef struct plan_window {
  plan_window_kind kind;
  cep_duration length;        /* tumbling, sliding: > 0; session: the gap, > 0; count: 0 */
  cep_duration every;         /* tumbling: length; sliding: 0 < every <= length; else 0 */
  cep_duration max;           /* of a session: it ends so long behind its start at the latest; 0: no bound */
  uint64_t events;            /* of a count window, > 0 */
  uint64_t every_events;      /* of a count window: 0 < every_events <= events */
  cep_duration offset;        /* 0 <= offset < every */
  cep_duration early_every;   /* a window that is open is told of so often, if it took events since; 0: it is not */
  cep_duration allowed;       /* events late by so much are still taken, and windows told of again; 0: none */
  cep_duration even_empty;    /* a window without events exists if it has a part in [t, t + even_empty) for
                                 an event of its key at t; 0: it does not */
  int at_once;                /* reported when `having` first holds, not at the end */
  const plan_output *measures; /* PLAN_KEY, PLAN_MEASURE (earlier ones), PLAN_AGGREGATE at the leaves; so `having` and emit */
  uint32_t measure_count;
  const plan_expr *having;    /* NULL: every window */
} plan_window;

#define PLAN_PANES_MAX 100000 /* windows over one instant; parts that one window is made of */

typedef enum plan_join_kind { PLAN_INNER, PLAN_LEFT, PLAN_FULL } plan_join_kind;

const char *plan_join_word(plan_join_kind kind);

/* Pairs of events, one of each side, with equal keys. */
typedef struct plan_join {
  plan_join_kind kind;       /* who comes out without a partner: nobody, those of the first side, those of both */
  cep_duration within;       /* |a.time - b.time| < within; 0: in one window of `window` */
  const plan_window *window; /* tumbling or sliding; NULL */
  const plan_expr *where;    /* over the captures of both steps; NULL: every pair */
} plan_join;

typedef struct plan_suppress {
  cep_duration duration;  /* 0: no suppress */
  const uint32_t *by;     /* key part i as i, emitted value j as key_count + j */
  uint32_t by_count;
} plan_suppress;

typedef enum plan_test_do { PLAN_TEST_AT, PLAN_TEST_WATERMARK, PLAN_TEST_MATCH, PLAN_TEST_TIMEOUT, PLAN_TEST_COUNT, PLAN_TEST_NOTHING, PLAN_TEST_LATE, PLAN_TEST_UPDATE } plan_test_do;

typedef struct plan_test_value {
  uint32_t field; /* AT: of the stream; MATCH, UPDATE: index of the emitted value; TIMEOUT: of the timeout's */
  cep_value value;
} plan_test_value;

typedef struct plan_test_action {
  plan_test_do what;
  cb_span span;
  cep_time time;          /* AT, WATERMARK; expected decision time if has_time */
  int has_time;
  uint32_t stream;        /* AT; also the stream of a detection */
  uint32_t partition;
  uint64_t repeat;        /* AT: events; COUNT, LATE: the number */
  cep_duration every;
  const plan_test_value *values;
  uint32_t value_count;
} plan_test_action;

typedef struct plan_test {
  const char *name;
  cb_span span;
  const plan_test_action *actions;
  uint32_t action_count;
} plan_test;

typedef struct plan_detection {
  /* Not NULL: an aggregate. It has one route, whose `member` holds its `where`, and one step, which takes
   * every event of it; no skip, no limit, no timeouts; `within` is the length of the window, PLAN_UNBOUNDED
   * for one that has none. */
  const plan_window *window;
  /* Not NULL: a join. It has two steps, for the sides as written, which may share a route; they have no conditions
   * but those of their defines; no skip, no limit, no timeouts; `within` is join->within or the length of its
   * windows. */
  const plan_join *join;
  const char *name;
  cb_span span;
  uint32_t stream;       /* its output as a stream */
  uint32_t stratum;      /* 1 + the highest it reads */
  cep_duration within;   /* PLAN_UNBOUNDED */
  uint64_t within_events; /* `within N events`: events of the input behind the first; 0: none (`within` is then PLAN_UNBOUNDED) */
  const char *const *key_names;
  const cep_kind *key_kinds;
  uint32_t key_count;    /* 0: one match state for the whole input */
  const plan_route *routes;
  uint32_t route_count;
  const plan_step *steps; /* numbered by index, `no` and `until` included */
  uint32_t step_count;
  plan_element pattern;   /* PLAN_SEQUENCE, once; of an aggregate or a join without items */
  int latest;             /* `match latest`: the first element is one step that does not repeat */
  const plan_expr *having; /* over the whole match: PLAN_KEY, PLAN_CAPTURE, PLAN_AGGREGATE at its leaves; NULL: none */
  plan_skip skip;
  uint32_t skip_step;    /* of PLAN_SKIP_TO_FIRST and _LAST */
  int earliest_first;    /* `earliest start first` */
  uint64_t limit;        /* matches that one event or deadline of a key may report; 0: no limit */
  const plan_output *emit; /* what was written, or the default: `step.field` of single-event steps */
  uint32_t emit_count;
  int emit_once;         /* one output for all matches that one event completes: PLAN_KEY, PLAN_MATCHES and
                            PLAN_AGGREGATE (over all pairs of match and capture) at the leaves of emit */
  int on_timeout;
  const plan_output *timeout_emit;
  uint32_t timeout_emit_count;
  plan_suppress suppress;
  const plan_meta *meta;
  uint32_t meta_count;
  const plan_test *tests;
  uint32_t test_count;
} plan_detection;

typedef struct plan {
  cb_source source;
  const plan_table *tables;
  uint32_t table_count;
  const plan_input *inputs;
  uint32_t input_count;
  const plan_stream *streams; /* in file order; those of detections among them. Defines are not streams here */
  uint32_t stream_count;
  const plan_detection *detections; /* in file order */
  uint32_t detection_count;
} plan;

/* A canonical text of all that decides what a detection matches and emits, names of
 * steps and streams included: the bytes whose hash goes into match ids. */
cep_status plan_identity(cb_writer *writer, const plan *plan, const plan_detection *detection) CB_MUST_USE;

/* The plan as an indented tree, for people and goldens. */
cep_status plan_print(cb_writer *writer, const plan *plan) CB_MUST_USE;

/*
 * Text to plan. Every diagnostic goes to `report`, in order of place within a phase; at
 * most 20 errors. The arena keeps the plan; `text` must live as long.
 * CEP_E_SYNTAX, CEP_E_SEMANTIC, CEP_E_UNSUPPORTED: the first error's status, also in `err`.
 * CEP_E_NOMEM. Not more than 16 MiB of text: CEP_E_LIMIT.
 */
cep_status plan_compile(cb_arena *arena, const char *name, const char *text, size_t text_len,
                        cep_diag_fn report, void *report_ctx, plan **out, cep_error *err) CB_MUST_USE;

#endif
