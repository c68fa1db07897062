/*
 * program_text.h - code and conditions of a program, written as a person would.
 *
 * Contract
 *   For explain only. `detection` names steps, keys and registers; NULL: numbers stand for
 *   them. A text longer than PRG_TEXT_MAX bytes is replaced by the number of its expression.
 *   Errors stick to the writer.
 */
#ifndef NFA_PROGRAM_TEXT_H
#define NFA_PROGRAM_TEXT_H

#include "nfa/program.h"

#define PRG_TEXT_MAX 1000u

void prg_write_expr(cb_writer *writer, const prg *program, const prg_detection *detection, uint32_t expr);
void prg_write_cond(cb_writer *writer, const prg *program, uint32_t cond);
/* `sliding 10m every 1m offset 5s`: as in the rules, behind `window`. */
void prg_write_window(cb_writer *writer, const prg_window *window);
void prg_write_const(cb_writer *writer, const prg *program, uint32_t index);

#endif
