/* base/isa.h - the sets of instructions for which there are kernels, by name.
 *
 * A kernel sums in the same order whatever it is compiled for; what differs between these is whether a product
 * is fused with its addition (avx2, avx512, neon) or rounded first (sse2), which kernels a BLAS takes, and
 * which functions a C library has. engine/gemm.h knows which of them a processor can run.
 */
#ifndef CONSORT_BASE_ISA_H
#define CONSORT_BASE_ISA_H
#include "base/names.h"

/* Those of one kind of processor stand side by side, what runs on fewer of them later. */
#define ISA_LIST(X)                                                                              \
    X(ISA_AUTO, "auto")       /* the last that the processor has */                              \
    X(ISA_SSE2, "sse2")       /* x86-64: all of them */                                          \
    X(ISA_AVX2, "avx2")       /* with FMA */                                                     \
    X(ISA_AVX512, "avx512")                                                                      \
    X(ISA_NEON, "neon")       /* 64-bit ARM */                                                   \
    X(ISA_GENERIC, "generic") /* whatever the compiler makes of C elsewhere */
typedef enum { ISA_LIST(LIST_ID) ISA_COUNT } Isa;
extern const char *const isa_names[];

/* What a processor that has `a` and one that has `b` both have; ISA_AUTO: nothing. */
Isa isa_common(Isa a, Isa b);
#endif
