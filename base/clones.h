/* base/clones.h - one function for several instruction sets.
 *
 * A function marked VEC_CLONES exists for baseline x86-64, AVX2 and AVX-512, and the loader picks the
 * one the machine has. A binary built for the baseline therefore runs anywhere and is still fast. On
 * other processors and compilers the mark means nothing and the code is ordinary C.
 *
 * Mark only loops whose result does not depend on the vector width: no sums. In ISO mode nothing is
 * contracted to a fused multiply-add, so all clones give the same bits.
 */
#ifndef CONSORT_BASE_CLONES_H
#define CONSORT_BASE_CLONES_H
#ifndef VEC_CLONES /* a test defines it empty and compares bits */
#if defined(__GNUC__) && !defined(__clang__) && defined(__x86_64__) && defined(__gnu_linux__) && \
    defined(__GLIBC__)
#define VEC_CLONES __attribute__((target_clones("default", "avx2", "avx512f")))
#else
#define VEC_CLONES
#endif
#endif
#endif
