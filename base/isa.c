/* Sets of instructions by name, which of them this processor has, and what two have in common. */
#include "base/isa.h"

const char *const isa_names[] = {ISA_LIST(LIST_NAME) NULL};

bool isa_there(Isa isa)
{
#if defined(__x86_64__)
    switch (isa) {
    case ISA_AUTO:
    case ISA_SSE2: return true;
    case ISA_AVX2: return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    case ISA_AVX512:
        return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
            && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
    default: return false;
    }
#elif defined(__aarch64__)
    return isa == ISA_AUTO || isa == ISA_NEON;
#else
    return isa == ISA_AUTO || isa == ISA_GENERIC;
#endif
}

static bool of_x86(Isa isa) { return isa == ISA_SSE2 || isa == ISA_AVX2 || isa == ISA_AVX512; }

Isa isa_common(Isa a, Isa b)
{
    if (a == b) return a;
    return of_x86(a) && of_x86(b) ? (a < b ? a : b) : ISA_AUTO;
}

char *isa_list(char *out, size_t size)
{
    const char *there[ISA_COUNT + 1];
    int n = 0;
    for (int isa = ISA_AUTO + 1; isa < ISA_COUNT; isa++)
        if (isa_there((Isa)isa)) there[n++] = isa_names[isa];
    there[n] = NULL;
    return names_join(there, out, size);
}
