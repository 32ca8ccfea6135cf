/* job/kernels.h - run.isa: whose kernels a study's numbers come from, so that they end in the same last digits
 * on all processors that have these.
 *
 * Three parts of the program choose by the processor: the products of layers (engine/gemm.h), which is told;
 * and OpenBLAS and the C library's functions (exp, log, sin, ...), which choose while they are loaded and are
 * told by the environment alone. So a process that finds it otherwise begins again with what
 * kernels_environment() says (app/limits.h); where that cannot be (a library in somebody's program),
 * kernels_take() says what is missing. All else is the same on any processor: loops that are compiled several
 * times contract and reorder nothing (base/clones.h).
 *
 * Sources  OpenBLAS, "Runtime variables" (OPENBLAS_CORETYPE); The GNU C Library, "Hardware Capability
 * Tunables".
 *
 * Threads  kernels_take before any that train: it is one choice for the process.
 */
#ifndef CONSORT_JOB_KERNELS_H
#define CONSORT_JOB_KERNELS_H
#include "base/arena.h"
#include "base/error.h"
#include "base/isa.h"

typedef struct {
    const char *name, *value;
    bool adds; /* to what is there, behind a colon */
} KernelSetting;
/* What has to stand in the environment when the program is loaded; `name` NULL after the last. */
const KernelSetting *kernels_environment(Isa isa);
/* Does all of it stand there? */
bool kernels_are_told(Isa isa);

/* ERR_CONFIG: the processor, this program or its libraries have other kernels only, and what helps. */
bool kernels_take(Isa isa, Error *err);
/* "OpenBLAS 0.3.21 Haswell, glibc 2.36": libraries in use whose last digits may be others. NULL: no memory. */
const char *kernels_libraries(Arena *arena);
#endif
