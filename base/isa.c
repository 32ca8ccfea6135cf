/* Sets of instructions by name, and what two processors have in common. */
#include "base/isa.h"

#include <stdbool.h>

const char *const isa_names[] = {ISA_LIST(LIST_NAME) NULL};

static bool of_x86(Isa isa) { return isa == ISA_SSE2 || isa == ISA_AVX2 || isa == ISA_AVX512; }

Isa isa_common(Isa a, Isa b)
{
    if (a == b) return a;
    return of_x86(a) && of_x86(b) ? (a < b ? a : b) : ISA_AUTO;
}
