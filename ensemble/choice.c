/* The budget of a selection. */
#include "ensemble/choice.h"

#include <math.h>

double select_bytes(const Choice *choice, int model)
{
    return choice->library->bytes ? (double)choice->library->bytes[model] : 0;
}

double select_budget(const Choice *choice)
{
    return choice->options->max_bytes > 0 ? choice->options->max_bytes : INFINITY;
}
