/* The names of a plan's operations, numbers and types, and which columns go together. */
#include "plan/plan.h"

#include <math.h>

const char *const plan_op_names[] = {PLAN_OP_LIST(LIST_NAME) NULL};
const char *const plan_numbers_names[] = {PLAN_NUMBERS_LIST(LIST_NAME) NULL};
const char *const plan_type_names[] = {PLAN_TYPE_LIST(LIST_NAME) NULL};

/* Numbers that lie this close beside their size are not the same to a network, and barely to a float. */
static bool close_together(double a, double b)
{
    return fabs(b - a) < 0x1p-16 * fmax(fabs(a), fabs(b));
}

bool plan_column_wide(const PrepColumn *column)
{
    if (column->kind == COLUMN_DATE) return true;
    if (fabs(column->shift * column->scale) > 0x1p10) return true;
    if (fabs(column->fill * column->scale) > 0x1p16) return true;
    for (int k = 1; k < column->n_knots; k++)
        if (column->knots[k] > column->knots[k - 1] &&
            close_together(column->knots[k - 1], column->knots[k]))
            return true;
    for (int k = 1; k < column->n_edges; k++)
        if (close_together(column->edges[k - 1], column->edges[k])) return true;
    return false;
}

bool plan_columns_alike(const PrepColumn *a, const PrepColumn *b)
{
    return prep_by_number(a) && prep_by_number(b) && a->kind == COLUMN_NUMERIC && b->kind == COLUMN_NUMERIC
        && a->clip == b->clip && a->flag == b->flag && a->n_knots == 0 && b->n_knots == 0 && a->n_edges == 0
        && b->n_edges == 0 && plan_column_wide(a) == plan_column_wide(b);
}
