/*
 * format_parts.h - what the files of the formatter share.
 *
 * Contract
 *   A text is its tokens, with a gap in front of each. A gap holds comments and becomes a blank, nothing, or a line
 *   end. Groups are runs of tokens that nest; a gap belongs to the innermost group that holds it and the token before
 *   it. A group that fits into its line is flat: its gaps are blanks. Otherwise it is open, and its gaps that may break do.
 *   Indices of tokens and groups; CEP_NONE for none. All in one arena.
 */
#ifndef PAT_FORMAT_PARTS_H
#define PAT_FORMAT_PARTS_H

#include "patterns/ast.h"

typedef struct fmt_comment {
  cb_span span;     /* without blanks at its end */
  int is_own_line;  /* nothing but blanks in front of it */
  int has_blank;    /* an empty line in front of it */
  int is_to_line_end; /* nothing can follow it on its line: it begins with two slashes, or has several lines */
} fmt_comment;

typedef enum fmt_gap {
  FMT_SPACE,
  FMT_NONE,
  FMT_SOFT,      /* a blank; open: a line end */
  FMT_SOFT_NONE, /* nothing; open: a line end */
  FMT_FILL,      /* a blank; open: a line end where what follows would pass the width */
  FMT_FIELD,     /* two blanks; open: a line end where the author has one, else as FMT_FILL */
  FMT_LINE       /* a line end */
} fmt_gap;

typedef struct fmt_token {
  pat_token_kind kind;
  pat_word word;
  int is_label;
  cb_span span;
  uint32_t match;   /* of a bracket: the other one */
  uint32_t comment; /* the first of those in front of it */
  uint32_t comment_count;
  int has_line_end; /* in the text, between it and what stands before it */
  int has_blank;    /* an empty line there */
  fmt_gap gap;
  uint32_t owner;   /* of the gap: the group; CEP_NONE: the file */
  uint32_t pad;     /* further blanks in a flat gap, if the braces that open at `pad_in` are open */
  uint32_t pad_in;
  uint64_t width_to; /* of all flat gaps and tokens before it, its own gap included */
  uint32_t width;
} fmt_token;

typedef struct fmt_group {
  uint32_t first, last; /* tokens */
  uint32_t indent;      /* blanks more than its line has */
  int is_frame;         /* holds others and breaks nothing itself */
  int is_braces;        /* empty lines in it stay, one of them */
  int is_head;          /* of a declaration */
  int is_body;          /* the braces behind a head: open if that is, and indented as if it were not */
  int is_forced;        /* open for certain */
  int is_decided;
  int is_open;
  uint32_t base;        /* indent of the line on which it begins */
} fmt_group;

typedef struct fmt {
  cb_arena *arena;
  const cb_source *source;
  PAT_LIST(fmt_token) tokens; /* the last is PAT_END */
  PAT_LIST(fmt_comment) comments;
  PAT_LIST(fmt_group) groups; /* by first token; of those that begin together the outer before the inner */
} fmt;

/* Tokens, brackets, comments. The text has been parsed without a mistake. */
void pat_format_read(fmt *text);
/* Gaps and groups. */
void pat_format_mark(fmt *text, const pat_file *file);
void pat_format_write(fmt *text, cb_writer *out);

#endif
