/* The names of a plan's operations, numbers and types, and which columns go together. */
#include "plan/plan.h"

const char *const plan_op_names[] = {PLAN_OP_LIST(LIST_NAME) NULL};
const char *const plan_numbers_names[] = {PLAN_NUMBERS_LIST(LIST_NAME) NULL};
const char *const plan_type_names[] = {PLAN_TYPE_LIST(LIST_NAME) NULL};

bool plan_columns_alike(const PrepColumn *a, const PrepColumn *b, double most)
{
    return prep_by_number(a) && prep_by_number(b) && a->kind == COLUMN_NUMERIC && b->kind == COLUMN_NUMERIC
        && a->clip == b->clip && a->flag == b->flag && a->n_knots == 0 && b->n_knots == 0 && a->n_edges == 0
        && b->n_edges == 0 && plan_column_wide(a, most) == plan_column_wide(b, most);
}
