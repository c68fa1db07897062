/*
 * infer_lines.h - lines of text: where their time stands, what all of them begin with, the shapes of the rest.
 *
 *   Dec 10 06:55:48 LabSZ sshd[24200]: Failed password for invalid user admin from 10.0.0.7 port 4711 ssh2
 *   | time         | head              | message, cut into pieces                                        |
 *
 * Contract
 *   Private to tools/infer. A shape is a list of pieces, each a text that stays or a variable. The algorithm is that of
 *   Drain (P. He, J. Zhu, Z. Zheng, M. R. Lyu, "Drain: An Online Log Parsing Approach with Fixed Depth Tree", ICWS
 *   2017): lines with as many pieces and the same first one are compared with the shapes there are, piece by
 *   piece; the most alike takes the line if enough is the same, and what differs becomes a variable. Added to it:
 *   pieces are finer than words, what holds digits is a variable from the start, and two shapes of which one has
 *   some pieces more become one with an optional part.
 */
#ifndef TOOLS_INFER_LINES_H
#define TOOLS_INFER_LINES_H

#include "tools/infer/infer_parts.h"

#define INFER_PIECES_MAX 48

typedef enum infer_piece_kind {
  INFER_PIECE_SIGN,  /* punctuation, as it is */
  INFER_PIECE_TEXT,  /* a word, as it is */
  INFER_PIECE_INT,   /* from here on variables */
  INFER_PIECE_FLOAT,
  INFER_PIECE_IP,
  INFER_PIECE_HEX,
  INFER_PIECE_QUOTED,
  INFER_PIECE_WORD
} infer_piece_kind;

typedef struct infer_piece {
  infer_piece_kind kind;
  infer_text text;   /* of variables: the first value */
  int has_gap;       /* blanks in front of it */
  uint64_t same;     /* lines that had that first value */
  int is_optional;   /* part of the optional run */
  const char *name;  /* of the group; NULL: not captured */
} infer_piece;

typedef struct infer_shape {
  infer_text process;
  infer_piece *pieces; /* room for twice INFER_PIECES_MAX */
  uint32_t count;
  int has_rest;        /* more follows than was looked at */
  uint64_t lines;
  uint64_t optional_lines; /* that have the optional run */
  infer_text example;  /* the first line */
  int is_merged;       /* into another one */
  const char *name;
} infer_shape;

typedef enum infer_place { INFER_AT_START, INFER_AT_BRACKET, INFER_IN_BRACKET, INFER_AT_TOKEN } infer_place;

struct infer_lines {
  uint32_t form;     /* CEP_NONE: no time was found */
  infer_place place; /* where the time begins: first, behind a first '[', in the first [...], or at a token */
  uint32_t token;    /* of INFER_AT_TOKEN */
  uint32_t head_tokens; /* words before the message, those of the time counted */
  int is_access;     /* access log of a web server */
  int is_combined;   /* with referer and agent */
  int has_addresses; /* each client is one, not the name of a host */
  int is_syslog;     /* host, process, pid: message */
  uint32_t level;    /* token behind the time that is a level; CEP_NONE: none */
  infer_ticks ticks;
  uint64_t headless; /* lines that do not begin so */
  CB_VEC(infer_shape *) shapes;
  uint64_t unshaped; /* lines past the limit of shapes */
};

/* The time of a line and what stands behind it. 0: it has none there. */
int infer_line_time(const infer_lines *lines, infer_text line, cep_time near, cep_time *time, infer_text *rest);
/* The parts of what follows. 0: it does not begin so. */
int infer_line_head(const infer_lines *lines, infer_text rest, infer_text *process, infer_text *message);
/* Cuts a message; `*has_rest`: there was no more room. */
uint32_t infer_pieces_cut(infer_text message, infer_piece *out, int *has_rest);
void infer_shapes_add(infer *self, infer_text process, infer_text message, infer_text line);
/* Merges, sorts by frequency, names. */
void infer_shapes_end(infer *self);
/* 1 if it is an access log: the Common Log Format, or with referer and agent. */
int infer_access_line(infer_text line, int *is_combined);
int infer_is_level(infer_text word);

#endif
