/* job/wasm.h - a model's C compiled to WebAssembly, by clang and lld with wasi-libc's headers and libm.
 *
 * In a folder of its own below `folder`, which goes with all that is in it. The module imports nothing.
 *
 * Errors   ERR_INVALID where the compiler or its library are missing, with the names of the packages, or where
 *          it fails; ERR_IO.
 */
#ifndef CONSORT_JOB_WASM_H
#define CONSORT_JOB_WASM_H
#include "model/model.h"

/* Appends the module's bytes. */
bool wasm_compile(const Model *model, const Text *header, const Text *source, const Text *shim,
                  const char *folder, Arena *arena, Text *out, Error *err);
#endif
