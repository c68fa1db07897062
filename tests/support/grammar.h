/*
 * grammar.h - the productions of docs/reference/grammar.md, as a tree that can be walked.
 *
 * Contract
 *   For tests: a mistake in the page fails the test at hand. A grammar is read once, kept by
 *   who asked for it, and freed with grammar_free. Nodes are named by index; -1 is none.
 */
#ifndef TEST_GRAMMAR_H
#define TEST_GRAMMAR_H

#include <stddef.h>
#include <stdint.h>

enum { GRAMMAR_PRODUCTIONS_MAX = 64, GRAMMAR_NODES_MAX = 2048, GRAMMAR_TERMINALS_MAX = 256, GRAMMAR_TEXT_MAX = 24 };

typedef enum grammar_kind { GRAMMAR_WORD, GRAMMAR_TERMINAL, GRAMMAR_RULE, GRAMMAR_SEQUENCE, GRAMMAR_CHOICE, GRAMMAR_OPTIONAL, GRAMMAR_REPEAT } grammar_kind;

/* A set of terminals: a bit for each of `terminals`. */
typedef struct grammar_set {
  uint64_t bits[GRAMMAR_TERMINALS_MAX / 64];
} grammar_set;

/* Children are a list: `child`, then `next` from one to the other. */
typedef struct grammar_node {
  grammar_kind kind;
  char text[GRAMMAR_TEXT_MAX]; /* of a word, a terminal or a rule */
  int child;
  int next;
  int rule;     /* GRAMMAR_RULE: the production */
  int terminal; /* GRAMMAR_WORD, GRAMMAR_TERMINAL: index in `terminals` */
  int may_be_empty;
  grammar_set first;
  grammar_set follow;
} grammar_node;

typedef struct grammar_production {
  char name[GRAMMAR_TEXT_MAX];
  int root;
  int height; /* the least nesting of productions in a sentence of it */
  int may_be_empty;
  grammar_set first;
  grammar_set follow;
} grammar_production;

typedef struct grammar {
  char *page;
  const char *at; /* where reading is */
  const char *end;
  grammar_node nodes[GRAMMAR_NODES_MAX];
  int node_count;
  grammar_production productions[GRAMMAR_PRODUCTIONS_MAX];
  int count;
  char terminals[GRAMMAR_TERMINALS_MAX][GRAMMAR_TEXT_MAX]; /* words in quotes, the others as they are */
  int terminal_count;
} grammar;

/* The productions of the page, with their sets. */
grammar *grammar_read(void);
/* Only opened at the block with this label: grammar_next then gives its tokens. */
grammar *grammar_open(const char *label);
void grammar_free(grammar *g);
/* The next token: 0 at the end, '\'' a word, 'n' a name, else the sign itself. */
int grammar_next(grammar *g, char text[GRAMMAR_TEXT_MAX]);
int grammar_find(const grammar *g, const char *production);
/* The least nesting of productions in a sentence of the node. */
int grammar_height(const grammar *g, int node);
int grammar_has(const grammar_set *set, int terminal);
/* The first terminal that both have; -1: none. */
int grammar_common(const grammar_set *a, const grammar_set *b);

#endif
