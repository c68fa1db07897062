/*
 * program_use.h - does with a loaded program all that reads it.
 *
 * Contract
 *   Prints it in every form, evaluates every expression that a detection, route, stream or
 *   register has (over a row of each stream, over captured events and over none), every
 *   condition and symbol. For images that a test has damaged: what the loader lets pass must be
 *   safe to run; the answers mean nothing. Memory that is refused ends it early.
 */
#ifndef PROGRAM_USE_H
#define PROGRAM_USE_H

#include "nfa/program.h"

void program_use(const prg *program);

#endif
