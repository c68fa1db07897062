/*
 * build.h - plan to program image.
 *
 * Contract
 *   Writes the image of `plan` to `image`. The passes, each in a file of its own:
 *   mark (what is read), flow (inputs, streams, fields, columns, routes, outputs), expressions (bytecode,
 *   registers, atoms in negation normal form), automaton (states and edges), tests; then
 *   everything is laid out. The same plan gives the same bytes.
 *   CEP_E_LIMIT with a place in the text: more than 64 registers of a detection or ways out
 *   of a step; more than 1,024 fields of a stream that something reads; an expression or
 *   condition that needs more than 64 values at a time. CEP_E_NOMEM.
 */
#ifndef NFA_BUILD_H
#define NFA_BUILD_H

#include "nfa/program.h"
#include "patterns/plan.h"

cep_status nfa_build(cb_alloc *alloc, const plan *plan, cb_writer *image, cep_error *err) CB_MUST_USE;

#endif
