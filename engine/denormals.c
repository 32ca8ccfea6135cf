/* The two modes of a processor's control register that turn denormal numbers into zeros. */
#include "engine/denormals.h"

#if defined(__SSE2__)
#include <xmmintrin.h>
#endif

unsigned long denormals_off(void)
{
#if defined(__SSE2__)
    unsigned state = _mm_getcsr();
    _mm_setcsr(state | 0x8040u); /* flush to zero, denormals are zero */
    return state;
#elif defined(__aarch64__)
    unsigned long state;
    __asm__ volatile("mrs %0, fpcr" : "=r"(state));
    __asm__ volatile("msr fpcr, %0" : : "r"(state | 1ul << 24));
    return state;
#else
    return 0;
#endif
}

void denormals_restore(unsigned long state)
{
#if defined(__SSE2__)
    /* The two modes alone: exception flags raised meanwhile stay raised. */
    _mm_setcsr((_mm_getcsr() & ~0x8040u) | ((unsigned)state & 0x8040u));
#elif defined(__aarch64__)
    __asm__ volatile("msr fpcr, %0" : : "r"(state));
#else
    (void)state;
#endif
}
