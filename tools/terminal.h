/*
 * terminal.h - what may be written to a terminal.
 *
 * Contract
 *   Whether a descriptor is a terminal whose line can be drawn over, and whether colours are wanted on it:
 * not with NO_COLOR set (to anything but nothing), neither with TERM=dumb or without TERM.
 */
#ifndef TOOLS_TERMINAL_H
#define TOOLS_TERMINAL_H

#include <stddef.h>
#include <stdio.h>

int terminal_draws(int fd);
int terminal_colours(int fd);
/* Columns; 80 if it does not say. */
unsigned terminal_width(int fd);

/* Bytes of the character at the start of `text` if a terminal may have it; 0: a control character, one that turns the
 * direction of text, or not UTF-8. Overlong forms are left to the terminal. */
size_t terminal_step(const char *text, size_t len);
/* What would move the cursor or upset the terminal becomes a blank or '?', one column. */
void terminal_put(FILE *to, const char *text, size_t len);

#endif
