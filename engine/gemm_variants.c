/* gemm_kernel.h compiled for each length of vector, and which of them this machine can run. */
#include "engine/gemm_variants.h"

#include <stdbool.h>
#include <string.h>

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3", "fp-contract=fast")
#endif

#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__)
#define GEMM_X86 1
#pragma GCC push_options
#pragma GCC target("avx512f,fma")
#define GEMM_NAME(name) avx512_##name
#define GEMM_ISA ISA_AVX512
#define GEMM_LANES 16
#define GEMM_ROWS 8
#define GEMM_VECTORS 2
#include "engine/gemm_kernel.h"
#pragma GCC pop_options
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#define GEMM_NAME(name) avx2_##name
#define GEMM_ISA ISA_AVX2
#define GEMM_LANES 8
#define GEMM_ROWS 6
#define GEMM_VECTORS 2
#include "engine/gemm_kernel.h"
#pragma GCC pop_options
#endif

/* What the whole program was compiled for. */
#define GEMM_NAME(name) baseline_##name
#if defined(__AVX2__) && defined(__FMA__)
#define GEMM_ISA ISA_AVX2
#elif defined(__x86_64__)
#define GEMM_ISA ISA_SSE2
#elif defined(__aarch64__)
#define GEMM_ISA ISA_NEON
#else
#define GEMM_ISA ISA_GENERIC
#endif
#define GEMM_LANES 4
#define GEMM_ROWS 4
#define GEMM_VECTORS 2
#include "engine/gemm_kernel.h"

const GemmKernels *gemm_variant(int i)
{
#ifdef GEMM_X86
    if (isa_there(ISA_AVX512) && i-- == 0) return &avx512_kernels;
    if (isa_there(ISA_AVX2) && i-- == 0) return &avx2_kernels;
#endif
    return i == 0 ? &baseline_kernels : NULL;
}
