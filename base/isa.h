/* base/isa.h - the sets of instructions for which there are kernels, by name.
 *
 * A kernel sums in the same order whatever it is compiled for; what differs between these is whether a product
 * is fused with its addition (avx2, avx512, neon) or rounded first (sse2), which kernels a BLAS takes, and
 * which functions a C library has. engine/gemm.h takes kernels, job/kernels.h sees to the libraries.
 */
#ifndef CONSORT_BASE_ISA_H
#define CONSORT_BASE_ISA_H
#include <stdbool.h>

#include "base/names.h"

/* Those of one kind of processor stand side by side, what fewer of them have later. */
#define ISA_LIST(X)                                                                              \
    X(ISA_AUTO, "auto")       /* the last that the processor has */                              \
    X(ISA_SSE2, "sse2")       /* x86-64: all of them */                                          \
    X(ISA_AVX2, "avx2")       /* and FMA */                                                      \
    X(ISA_AVX512, "avx512")   /* F, BW, DQ and VL */                                             \
    X(ISA_NEON, "neon")       /* 64-bit ARM */                                                   \
    X(ISA_GENERIC, "generic") /* whatever the compiler makes of C elsewhere */
typedef enum { ISA_LIST(LIST_ID) ISA_COUNT } Isa;
extern const char *const isa_names[];

/* Does this processor have it? It always has ISA_AUTO. */
bool isa_there(Isa isa);
/* What a processor that takes `a` and one that takes `b` both have; ISA_AUTO: nothing. */
Isa isa_common(Isa a, Isa b);
/* "sse2, avx2, avx512": what this processor has, into `out`. Returns `out`. */
char *isa_list(char *out, size_t size);
#endif
