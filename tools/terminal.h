/*
 * terminal.h - what may be written to a terminal.
 *
 * Contract
 *   Whether a descriptor is a terminal whose line can be drawn over, and whether colours are wanted on it:
 * not with NO_COLOR set (to anything but nothing), neither with TERM=dumb or without TERM.
 */
#ifndef TOOLS_TERMINAL_H
#define TOOLS_TERMINAL_H

int terminal_draws(int fd);
int terminal_colours(int fd);
/* Columns; 80 if it does not say. */
unsigned terminal_width(int fd);

#endif
