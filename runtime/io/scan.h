/*
 * scan.h - reads files once for their times only: the lateness that their records need.
 *
 * Contract
 *   For inputs of whose lateness the rules say nothing, all of whose sources are regular files
 *   that are not followed. The times are read and compared as the engine does it, so with the lateness that is set none of the records
 *   is late to its own partition. It is the same for all partitions of an input. Nothing is set where more than
 *   CEP_SCAN_MAX would be needed. Costs one more reading of the files; no memory but the buffer of one source.
 *   Before the run. Errors: those of reading; CEP_STOPPED.
 */
#ifndef RT_IO_SCAN_H
#define RT_IO_SCAN_H

#include "runtime/io/pipeline.h"

cep_status rt_scan(rt_pipeline *pipeline, cep_scanned_fn tell, void *ctx, cep_error *err) CB_MUST_USE;

#endif
