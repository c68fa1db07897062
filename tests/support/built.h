/*
 * built.h - rule text to a program image and a program, without the facade.
 *
 * Contract
 *   built_image fills an empty writer with the image, or fails the test with the
 *   diagnostic and its place. built_program gives a program; prg_unref it.
 */
#ifndef BUILT_H
#define BUILT_H

#include "nfa/build.h"
#include "tests/support/test.h"

static inline void built_ignore(void *ctx, const cep_error *diagnostic)
{
  (void)ctx;
  (void)diagnostic;
}

/* CEP_OK, or the first mistake's status, also in `err`. */
static inline cep_status built_try(cb_alloc *alloc, const char *text, cb_writer *image, cep_error *err)
{
  cb_arena arena;
  plan *meaning = NULL;
  cb_arena_init(&arena, alloc);
  cep_status status = plan_compile(&arena, "test.cep", text, strlen(text), built_ignore, NULL, &meaning, err);
  if (status == CEP_OK) status = nfa_build(alloc, meaning, image, err);
  cb_arena_fini(&arena);
  return status;
}

static inline void built_image(cb_alloc *alloc, const char *text, cb_writer *image)
{
  cep_error err = {0};
  cep_status status = built_try(alloc, text, image, &err);
  if (status < 0) fail_msg("%s at %u:%u: %s", cep_status_name(status), err.line, err.column, err.text);
}

static inline prg *built_program(const char *text)
{
  cb_alloc alloc;
  cb_writer image;
  cep_error err = {0};
  prg *program = NULL;
  cb_alloc_init(&alloc, NULL, 0);
  cb_writer_init(&image, &alloc);
  built_image(&alloc, text, &image);
  if (prg_load(NULL, image.data, image.len, &program, &err) < 0) fail_msg("%s", err.text);
  cb_writer_fini(&image);
  return program;
}

#endif
