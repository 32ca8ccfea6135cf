#include "data/table.h"
bool table_synth_digits(int n, uint64_t seed, int part, double noise, Arena *arena, Table **out,
                        Error *err)
{
    (void)n, (void)seed, (void)part, (void)noise, (void)arena, (void)out;
    return error_set(err, ERR_INVALID, "the digits are not written yet");
}
