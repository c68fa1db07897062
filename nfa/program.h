/*
 * program.h - the compiled program: one block of bytes, verified whole, then trusted.
 *
 *   +--------+---------------+---------+---------+-----+---------+
 *   | header | section table | section | section | ... | strings |
 *   +--------+---------------+---------+---------+-----+---------+
 *     magic     id, offset,    arrays of the structs below, each
 *     version   count          aligned to 8 bytes, zero padded
 *     size
 *     XXH3-64 of all that follows the header
 *
 *   It is the whole dataflow: inputs -> streams -> routes -> detections -> outputs; the
 *   automaton of a detection is its states and edges.
 *
 * Contract
 *   The image is position-independent: indices and offsets only, little-endian, fixed
 *   width. prg_load verifies every index, list, code and string before anything else
 *   reads them (CEP_E_CORRUPT, CEP_E_VERSION); afterwards the run side asserts only.
 *   A `prg` is immutable but for its atomic reference count: share it between threads.
 *   Compiled regexes, conditions as tests, readers of streams and what wakes them hang beside the image; they are made at load.
 *   PRG_NONE means absent. Step numbers are those of the plan, per detection.
 */
#ifndef NFA_PROGRAM_H
#define NFA_PROGRAM_H

#include "cep/base/cell.h"
#include "cep/base/hash.h"

#define PRG_NONE  UINT32_MAX
#define PRG_OPEN  UINT32_MAX
#define PRG_MAGIC 0x31504543u /* "CEP1" */
#define PRG_VERSION 6u

typedef struct prg_string { /* terminated; `length` does not count the terminator */
  uint32_t offset;
  uint32_t length;
} prg_string;

typedef struct prg_list { /* items first .. first+count-1 of the section its comment names */
  uint32_t first;
  uint32_t count;
} prg_list;

typedef enum prg_format { PRG_JSON, PRG_LINE, PRG_CSV, PRG_LOGFMT } prg_format; /* as plan_format */
typedef enum prg_time_form {                             /* as plan_time_form */
  PRG_TIME_RFC3339,
  PRG_TIME_S,
  PRG_TIME_MS,
  PRG_TIME_US,
  PRG_TIME_NS,
  PRG_TIME_STRPTIME
} prg_time_form;

typedef enum prg_clock { PRG_CLOCK_EVENT, PRG_CLOCK_INGESTION, PRG_CLOCK_PROCESSING } prg_clock; /* as plan_clock */

typedef struct prg_input {
  prg_string name;
  prg_string place_kind;
  prg_string place;
  uint32_t format;       /* prg_format */
  uint32_t regex;        /* index in REGEXES, or PRG_NONE: format line "…" */
  uint32_t time_form;    /* prg_time_form */
  int32_t time_year;
  prg_string time_path;  /* "" : at the start of the line, or by a clock */
  prg_string time_strptime;
  prg_string time_zone;  /* the rule of zone.h, where the text has none; "": UTC */
  int64_t lateness;
  int64_t idle;
  prg_list streams;      /* LISTS: indices of its streams, ascending */
  prg_string csv_columns; /* PRG_CSV: "a,b,c"; "": the first record names them */
  uint32_t csv_delimiter; /* PRG_CSV: an ASCII sign, else 0 */
  uint32_t csv_quote;    /* likewise; 0: no quotes */
  uint32_t clock;        /* prg_clock */
  uint32_t has_lateness; /* 0: the rules say none, and `lateness` is 0 */
} prg_input;

/* Rows from outside: no part of the image. Each field has the column of its number. */
typedef struct prg_table {
  prg_string name;
  prg_string place;
  prg_list fields;       /* FIELDS */
  prg_list columns;      /* COLUMNS: their kinds */
  uint32_t key;          /* field */
  uint32_t format;       /* PRG_JSON or PRG_CSV */
  prg_string csv_columns; /* as of an input */
  uint32_t csv_delimiter;
  uint32_t csv_quote;
  int64_t refresh;       /* 0: read once */
  uint32_t as_of;        /* field of kind time from which on a row counts, until the next of its key; or PRG_NONE */
  uint32_t pad;
} prg_table;

typedef struct prg_stream {
  prg_string name;
  uint32_t input;        /* PRG_NONE for the stream of a detection */
  uint32_t detection;    /* PRG_NONE for a source stream */
  uint32_t stratum;
  uint32_t regex;        /* or PRG_NONE */
  uint32_t fits;         /* CONDS, or PRG_NONE */
  uint32_t held_layout;  /* all columns: for events that wait for the frontier */
  prg_list fields;       /* FIELDS */
  prg_list columns;      /* COLUMNS: kinds, one for each field that something reads */
  prg_list atoms;        /* ATOMS of this stream */
} prg_stream;

typedef struct prg_field {
  prg_string name;
  prg_string path;
  uint32_t kind;         /* cep_kind */
  uint32_t nullable;
  uint32_t column;       /* PRG_NONE: nothing reads it, it is not decoded */
  uint32_t is_time;
  uint32_t missing;      /* CONSTS, or PRG_NONE */
  uint32_t pad;
} prg_field;

typedef struct prg_layout {
  uint32_t stream;
  uint32_t pad;
  prg_list columns;      /* LISTS, ascending */
  prg_list kinds;        /* KINDS, in parallel */
} prg_layout;

typedef struct prg_const {
  uint32_t kind;
  uint32_t length;       /* of a string or address; its bytes are in STRINGS at `word` */
  uint64_t word;
} prg_const;

typedef struct prg_net { /* of an address test */
  uint8_t address[16];
  uint32_t bits;
  uint32_t pad;
} prg_net;

typedef struct prg_regex {
  prg_string pattern;
} prg_regex;

typedef struct prg_expr {
  prg_list code;         /* CODE */
  uint32_t depth;        /* stack cells it needs, at most NFA_STACK_MAX */
  uint32_t kind;         /* of its value */
  uint32_t stream;       /* whose event it reads, or PRG_NONE */
  uint32_t looks_back;   /* reads captures */
} prg_expr;

/* A condition of one event that is evaluated once for all rules of a stream. */
typedef struct prg_atom {
  uint32_t expr;         /* bool, does not look back */
  uint32_t negated;      /* true only where the expression is false (never where it is null) */
} prg_atom;

/* A monotone function of atoms, postfix. */
typedef struct prg_cond {
  uint32_t stream;
  uint32_t pad;
  prg_list code;         /* COND_CODE: PRG_COND_* or an index in the stream's atoms */
} prg_cond;
#define PRG_COND_AND  0xFFFFFFF0u /* of two */
#define PRG_COND_OR   0xFFFFFFF1u
#define PRG_COND_TRUE 0xFFFFFFF2u
#define PRG_COND_DEPTH_MAX 64u

typedef struct prg_key {
  prg_string name;
  uint32_t kind;
  uint32_t pad;
} prg_key;

typedef struct prg_route {
  uint32_t detection;
  uint32_t stream;
  uint32_t member;       /* CONDS, or PRG_NONE: every event of the stream */
  uint32_t pad;
  prg_list keys;         /* LISTS: EXPRS, as many as the detection has key parts */
} prg_route;

/* A value kept running for the captures of one step. */
typedef enum prg_register_kind {
  PRG_REG_COUNT,         /* arg NONE: events; else values that are not null */
  PRG_REG_SUM_INT,       /* also durations; overflow: null from then on, and counted */
  PRG_REG_SUM_FLOAT,
  PRG_REG_MIN_INT,       /* also times and durations */
  PRG_REG_MAX_INT,
  PRG_REG_MIN_FLOAT,
  PRG_REG_MAX_FLOAT,
  PRG_REG_DISTINCT,      /* of aggregates: how many different tuples without a null */
  PRG_REG_SQUARES,       /* sum of squared deviations from the mean; two PART follow: the mean, and the count */
  PRG_REG_PART,          /* what the register before needs */
  PRG_REG_MATCHES,       /* `emit once`: how many matches the partial match stands for; the first of its detection,
                            starts at 1; more than fit: null, and counted */
  /* Of aggregates. Their word is not used: who evaluates has their values in nfa_captures.values. */
  PRG_REG_FIRST,         /* arg: its value for the first event, null or not */
  PRG_REG_LAST,
  PRG_REG_HLL,           /* tuple: how many different ones without a null, estimated; int */
  PRG_REG_DDSKETCH,      /* arg: a percentile; parameter: which, bits of a double from 0 to 100 */
  PRG_REG_TOP            /* arg: JSON of the most frequent values; parameter: how many, 1 to 100 */
} prg_register_kind;
#define PRG_REG_KINDS (PRG_REG_TOP + 1u)
#define PRG_TOP_MAX   100u

typedef struct prg_register {
  uint32_t what;         /* prg_register_kind. Counts and sums start at 0, the others at null */
  uint32_t step;         /* PRG_NONE of PRG_REG_MATCHES */
  uint32_t arg;          /* EXPRS over the captured event, or PRG_NONE */
  uint32_t where;        /* EXPRS, bool; events for which it is not true are left out; or PRG_NONE */
  uint32_t in_condition; /* a condition reads it: runs that differ in it differ in what they can match */
  uint32_t kind;         /* cep_kind of its value */
  uint32_t total;        /* `emit once`: over all matches that the partial match stands for; no condition reads it */
  uint32_t pad;
  prg_list tuple;        /* LISTS: EXPRS, of PRG_REG_DISTINCT and PRG_REG_HLL, which have no arg and no where */
  uint64_t parameter;    /* of PRG_REG_DDSKETCH and PRG_REG_TOP, else 0 */
} prg_register;

/* 1 for a register whose value is no running word (nfa_captures.values). */
static inline int prg_register_is_made(const prg_register *reg)
{
  return reg->what >= PRG_REG_FIRST;
}

typedef enum prg_contiguity { PRG_RELAXED, PRG_STRICT, PRG_ANY } prg_contiguity;

enum {
  PRG_STEP_NO = 1,        /* `no`: captures nothing */
  PRG_STEP_GREEDY = 2,
  PRG_STEP_OPTIONAL = 4,
  PRG_STEP_LOOPS = 8,     /* max > 1 */
  PRG_STEP_UNTIL = 16,    /* `until`: captures nothing; ends a loop or group */
  PRG_STEP_REPEATS = 32   /* it may capture several events: it loops, or stands in a group that does */
};

typedef struct prg_step {
  prg_string name;
  prg_string role;       /* the stream as written */
  uint32_t flags;        /* PRG_STEP_* */
  uint32_t route;        /* ROUTES */
  uint32_t stream;
  uint32_t local;        /* CONDS: the part of its condition that one event decides (its define included) */
  uint32_t residual;     /* EXPRS: the part that looks back, or PRG_NONE */
  uint32_t layout;       /* LAYOUTS: what is kept of a captured event */
  uint32_t min;
  uint32_t max;
  uint32_t inner;        /* prg_contiguity */
  uint32_t hop;
  prg_list distinct;     /* LISTS: EXPRS; their columns are in the layout */
  prg_list equals;       /* LISTS: pairs of EXPRS, at most PRG_EQUALS_MAX: one of the event and one of what was captured.
                            The event fits only if those of each pair are equal; part of `residual`, told apart
                            for who looks partial matches up */
  prg_list untils;       /* LISTS: the `until`s of the step and of the groups around it: an event that meets one
                            is none for its loop */
  int64_t no_for;        /* > 0: `no X for D` */
  uint64_t identity;     /* hash of its condition, for saved state */
} prg_step;

#define PRG_EQUALS_MAX 8u

/* A number that a partial match carries: rounds of a group, or the items of an `all of`. */
typedef enum prg_counter_kind {
  PRG_COUNTER_ROUNDS,    /* rounds begun; 0 outside of the group */
  PRG_COUNTER_ITEMS      /* a bit for each item that is behind it; 0 outside */
} prg_counter_kind;

typedef struct prg_counter {
  uint32_t what;         /* prg_counter_kind */
  uint32_t most;         /* rounds: the largest value; items: the bits of all */
  uint32_t first;        /* steps of the group, first to last */
  uint32_t last;
} prg_counter;
#define PRG_COUNTERS_MAX 32u

/* A test of a counter as it is, or what becomes of it when the way is taken. */
typedef enum prg_count_kind {
  PRG_COUNT_BELOW,       /* test: < value */
  PRG_COUNT_FROM,        /* test: >= value */
  PRG_COUNT_HAS,         /* test: all bits of value */
  PRG_COUNT_LACKS,       /* test: no bit of value */
  PRG_COUNT_SET,         /* becomes value */
  PRG_COUNT_ADD,         /* one more, but not above value */
  PRG_COUNT_MARK         /* gets the bits of value */
} prg_count_kind;

typedef struct prg_count {
  uint32_t counter;      /* of the detection */
  uint32_t what;         /* prg_count_kind */
  uint32_t value;
  uint32_t pad;
} prg_count;

typedef enum prg_edge_kind {
  PRG_EDGE_REPEAT,       /* another event into the same loop; while count < max */
  PRG_EDGE_FORWARD,      /* first event into `target`, also of a new round; once count >= min */
  PRG_EDGE_FINISH        /* the match may end here; once count >= min */
} prg_edge_kind;

enum {
  PRG_EDGE_AT_ONCE = 1,  /* FINISH: no `no` to wait for and nothing greedy at the end: reported when entered */
  PRG_EDGE_AFTER_LOOP = 2 /* FINISH over a greedy loop at the end: reported when no event can go into the loop `tail`
                              any more, or the span has passed */
};

typedef struct prg_edge {
  uint32_t kind;
  uint32_t flags;
  uint32_t target;       /* step; PRG_NONE for FINISH */
  uint32_t contiguity;   /* prg_contiguity */
  prg_list nos;          /* LISTS: the `no` steps that this way passes, in order */
  prg_list guards;       /* LISTS: greedy loops before the target: an event that fits one closes this way */
  prg_list untils;       /* LISTS: an event that meets one closes this way */
  prg_list tests;        /* COUNTS: the way is there if all hold when the run is made */
  prg_list changes;      /* COUNTS: of the new run, when the way is taken */
  int64_t gap;           /* > 0: closed this long after the newest capture; 0: no bound */
  uint32_t until;        /* of the looping step that this way enters: not taken by an event that meets it; PRG_NONE */
  uint32_t lasting;      /* how many of `guards`, the last ones, hold as long as the edge waits; others for the
                            first event only */
  uint32_t passes;       /* how many of `nos`, the first ones, are direct ones of the state */
  uint32_t trailing;     /* FINISH: how many of `nos`, the last ones, are waited for */
  uint32_t tail;         /* FINISH with AFTER_LOOP: the greedy loop at the end; else PRG_NONE */
  uint32_t pad;
} prg_edge;

enum {
  PRG_STATE_PREV = 1,    /* a way on from here reads the newest captured event (`prev`) */
  PRG_STATE_UNMERGED = 2 /* histories matter in ways that registers do not show (distinct loops, x[k]) */
};

/* What a partial match can do whose newest event was taken by `step`. */
typedef struct prg_state {
  uint32_t step;         /* PRG_NONE: the start, nothing captured */
  uint32_t flags;
  prg_list edges;        /* EDGES, at most 64: REPEAT, FORWARD by target, FINISH; several of one target differ in
                            what they pass, test or change */
  prg_list direct_nos;   /* LISTS: the `no` steps right behind `step`: they end the partial match as a whole */
} prg_state;

typedef struct prg_output {
  prg_string name;
  uint32_t expr;
  uint32_t kind;
} prg_output;

typedef struct prg_meta {
  prg_string name;
  uint32_t value;        /* CONSTS */
  uint32_t pad;
} prg_meta;

typedef enum prg_skip { PRG_SKIP_PAST_LAST, PRG_SKIP_NO, PRG_SKIP_TO_NEXT, PRG_SKIP_TO_FIRST, PRG_SKIP_TO_LAST } prg_skip;

enum {
  PRG_DETECT_EARLIEST_FIRST = 1,
  PRG_DETECT_ON_TIMEOUT = 2,
  PRG_DETECT_EVERY_EVENT = 4, /* an event that fits no step still matters (strict ways) */
  PRG_DETECT_FIRST_OF = 8,    /* equal state, start and registers: one partial match is kept */
  PRG_DETECT_QUIET_START = 16, /* begins with `no X for D` */
  PRG_DETECT_LATEST = 32,      /* a new start drops what has only its first event */
  PRG_DETECT_ONCE = 64,        /* one output for all matches of an instant; its first register is PRG_REG_MATCHES */
  PRG_DETECT_WEIGHED = 128,    /* of those: equal state, start and registers are one partial match, which counts them */
  PRG_DETECT_CLOCK = 1u << 16  /* it reads, itself or through others, an input whose time is that of a clock */
};

typedef enum prg_window_kind { PRG_TUMBLING, PRG_SLIDING, PRG_SESSION, PRG_COUNT_WINDOW } prg_window_kind; /* as plan_window_kind */

/* What makes a detection an aggregate, or the windows of a join (patterns/plan.h, plan_window). Expressions read the
 * start of the window as key part (key count), its end behind that, then the measures. */
#define PRG_WINDOW_PARTS 2u
typedef struct prg_window {
  uint32_t kind;         /* prg_window_kind */
  uint32_t at_once;
  int64_t length;        /* session: the gap; count: 0 */
  int64_t every;         /* tumbling: length; sliding: at most length; else 0 */
  int64_t max;           /* session; 0: no bound */
  uint64_t events;       /* count; else 0 */
  uint64_t every_events; /* count: at most events; else 0 */
  int64_t offset;
  int64_t even_empty;    /* 0: empty windows do not exist */
  int64_t early_every;   /* 0: never early */
  int64_t allowed;       /* 0: no late events */
  uint32_t having;       /* EXPRS, or PRG_NONE */
  uint32_t pad;
  prg_list measures;     /* OUTPUTS */
} prg_window;
#define PRG_PANES_MAX 100000

typedef enum prg_join_kind { PRG_INNER, PRG_LEFT, PRG_FULL } prg_join_kind; /* as plan_join_kind */

/* What makes a detection a join: of its two steps, each is a side, whose events are those with its bit in the symbol. */
typedef struct prg_join {
  uint32_t kind;         /* prg_join_kind */
  uint32_t window;       /* WINDOWS, without measures; or PRG_NONE: `within` */
  int64_t within;        /* |time - time| < within; 0 with a window */
  uint32_t where;        /* EXPRS over the captures of a pair, bool; or PRG_NONE */
  uint32_t pad;
} prg_join;

typedef struct prg_detection {
  prg_string name;
  uint8_t identity[16];  /* XXH3-128 of plan_identity: part of every id */
  uint32_t stream;       /* its output */
  uint32_t stratum;
  uint32_t flags;        /* PRG_DETECT_* */
  uint32_t skip;         /* prg_skip */
  uint32_t skip_step;
  uint32_t window;       /* WINDOWS: it is an aggregate, with one step and no states; or PRG_NONE */
  uint32_t having;       /* EXPRS over the captures of a match, bool: it comes out only if true; or PRG_NONE */
  uint32_t join;         /* JOINS: it is a join, with two steps and no states (`window` is PRG_NONE); or PRG_NONE */
  int64_t within;        /* INT64_MAX: unbounded */
  uint64_t within_events; /* the last event inside is that many behind the first; 0: none */
  uint64_t limit;        /* 0: none */
  prg_list keys;         /* KEYS */
  prg_list routes;       /* ROUTES */
  prg_list steps;        /* STEPS, at most 64 */
  prg_list states;       /* STATES: the start first, then one for each step that captures, by step */
  prg_list registers;    /* REGISTERS, at most 64 */
  prg_list counters;     /* COUNTERS, at most PRG_COUNTERS_MAX */
  prg_list outputs;      /* OUTPUTS */
  prg_list timeout_outputs;
  prg_list meta;         /* META */
  int64_t suppress;      /* 0: none */
  prg_list suppress_by;  /* LISTS: key part i as i, output j as key count + j */
  prg_list tables;       /* LISTS: TABLES that decide what it gives, itself or through others; ascending */
} prg_detection;

typedef struct prg_test {
  prg_string name;
  uint32_t detection;
  uint32_t line;
  uint32_t column;
  uint32_t pad;
  prg_list actions;      /* TEST_ACTIONS */
} prg_test;

typedef struct prg_test_action {
  uint32_t what;         /* plan_test_do */
  uint32_t line;
  uint32_t column;
  uint32_t has_time;
  int64_t time;
  uint32_t stream;
  uint32_t partition;
  uint64_t repeat;
  int64_t every;
  prg_list values;       /* TEST_VALUES */
} prg_test_action;

typedef struct prg_test_value {
  uint32_t field;
  uint32_t value;        /* CONSTS */
} prg_test_value;

/* Every section once: S(NAME, type, member). LISTS holds bare indices; STRINGS bytes. */
#define PRG_SECTIONS(S)                                                                          \
  S(INPUTS, prg_input, inputs)                                                                   \
  S(STREAMS, prg_stream, streams)                                                                \
  S(TABLES, prg_table, tables)                                                                   \
  S(FIELDS, prg_field, fields)                                                                   \
  S(COLUMNS, uint8_t, columns)                                                                   \
  S(KINDS, uint8_t, kinds)                                                                       \
  S(LAYOUTS, prg_layout, layouts)                                                                \
  S(EXPRS, prg_expr, exprs)                                                                      \
  S(CODE, uint32_t, code)                                                                        \
  S(CONSTS, prg_const, consts)                                                                   \
  S(NETS, prg_net, nets)                                                                         \
  S(REGEXES, prg_regex, regexes)                                                                 \
  S(ATOMS, prg_atom, atoms)                                                                      \
  S(CONDS, prg_cond, conds)                                                                      \
  S(COND_CODE, uint32_t, cond_code)                                                              \
  S(KEYS, prg_key, keys)                                                                         \
  S(ROUTES, prg_route, routes)                                                                   \
  S(DETECTIONS, prg_detection, detections)                                                       \
  S(WINDOWS, prg_window, windows)                                                                \
  S(JOINS, prg_join, joins)                                                                      \
  S(STEPS, prg_step, steps)                                                                      \
  S(STATES, prg_state, states)                                                                   \
  S(EDGES, prg_edge, edges)                                                                      \
  S(COUNTERS, prg_counter, counters)                                                             \
  S(COUNTS, prg_count, counts)                                                                   \
  S(REGISTERS, prg_register, registers)                                                          \
  S(OUTPUTS, prg_output, outputs)                                                                \
  S(META, prg_meta, meta)                                                                        \
  S(TESTS, prg_test, tests)                                                                      \
  S(TEST_ACTIONS, prg_test_action, test_actions)                                                 \
  S(TEST_VALUES, prg_test_value, test_values)                                                    \
  S(LISTS, uint32_t, lists)                                                                      \
  S(STRINGS, char, strings)

typedef enum prg_section_id {
#define S(name, type, member) PRG_SECTION_##name,
  PRG_SECTIONS(S)
#undef S
  PRG_SECTION_COUNT
} prg_section_id;

typedef struct prg_section {
  uint32_t id;     /* = its place in the table */
  uint32_t count;  /* items */
  uint64_t offset; /* from the start of the image */
} prg_section;

typedef struct prg_header {
  uint32_t magic;
  uint32_t version;
  uint64_t size;     /* of the image */
  uint64_t checksum; /* of bytes sizeof(prg_header) .. size */
  uint32_t section_count;
  uint32_t pad;
} prg_header;

typedef struct nfa_regex nfa_regex;

typedef struct prg {
  cb_alloc alloc;        /* of its own: programs outlive configs and engines */
  uint8_t *image;
  size_t image_size;
#define S(name, type, member) \
  const type *member;         \
  uint32_t member##_count;
  PRG_SECTIONS(S)
#undef S
  cb_layout *layout_views; /* one for each of `layouts`, for cb_cell */
  nfa_regex **regex_codes; /* one for each of `regexes` */
  struct nfa_conds *cond_tests;
  struct nfa_readers *readers;
  struct nfa_wake *wakes;  /* one for each of `streams` */
  _Atomic uint32_t refs;
} prg;

/*
 * Verifies `size` bytes and makes a program of a copy of them, with one reference.
 * CEP_E_CORRUPT, CEP_E_VERSION, CEP_E_NOMEM. `hook` NULL: malloc.
 */
cep_status prg_load(const cep_allocator *hook, const void *image, size_t size, prg **out, cep_error *err) CB_MUST_USE;
void prg_ref(prg *program);
void prg_unref(prg *program); /* NULL is fine */

static inline const char *prg_text(const prg *program, prg_string string)
{
  return program->strings + string.offset;
}

/* Borrows the program. */
static inline cep_value prg_const_value(const prg *program, uint32_t index)
{
  const prg_const *c = &program->consts[index];
  cep_value value = {c->kind, c->length, {0}};
  if (c->kind == CEP_STRING || c->kind == CEP_IP) {
    value.as.s = program->strings + c->word;
  } else {
    memcpy(&value.as, &c->word, sizeof c->word);
  }
  return value;
}

/* States and edges of every detection as text and as Graphviz; bytecode as text. */
cep_status prg_dump_nfa(cb_writer *writer, const prg *program) CB_MUST_USE;
cep_status prg_dump_dot(cb_writer *writer, const prg *program) CB_MUST_USE;
cep_status prg_dump_code(cb_writer *writer, const prg *program) CB_MUST_USE;
/* One detection as a picture of text, or as a state diagram of Mermaid. */
cep_status prg_draw(cb_writer *writer, const prg *program, uint32_t detection, int as_mermaid) CB_MUST_USE;

#endif
