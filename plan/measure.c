/* What a plan takes on a board, from its shapes and a table of what gcc makes of each function of
 * plan/runtime/.
 *
 * The numbers are of gcc 12, -O2, for a Cortex-M4F; bench/boards_table.sh says how they were found.
 */
#include "plan/measure.h"

#include <math.h>
#include <string.h>
