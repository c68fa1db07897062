/*
 * program_run.h - runs some events through an engine of any program image.
 *
 * Contract
 *   For images that a test has damaged, of which the loader says that they are right: events of every stream
 *   with values of the declared kinds, all from one seed, through cep.h; then time moves on and the inputs end. What comes
 *   out is written as records and means nothing. Small limits keep it short. Statuses that the engine may give
 *   for a strange program (a limit, no memory) end it early.
 */
#ifndef PROGRAM_RUN_H
#define PROGRAM_RUN_H

#include "nfa/program.h"

/* `image` is that of `program`. */
void program_run(const prg *program, const void *image, size_t image_len, uint64_t seed);

#endif
