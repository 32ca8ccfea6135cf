/* The steps that make features of a row's cells, in the order of the features. */
#include "plan/steps.h"

static PlanStep *encoding(StepList *list, PlanOp op, int prep, int features, int first)
{
    PlanStep *step = steps_add(list, op, -1, features);
    step->prep = prep;
    step->first = first;
    return step;
}

static PlanOp op_of(const PrepColumn *column)
{
    if (prep_by_number(column)) return PLAN_NUMBERS;
    return column->kind == COLUMN_FREE_TEXT ? PLAN_TEXT : PLAN_WORD;
}

void plan_encode_steps(const Model *model, int p, int features, double most, StepList *list)
{
    const Prep *prep = model->preps[p];
    const int n = prep->n_columns > 0 ? prep_table_columns(prep) : 0;
    if (prep->n_columns == 0) {
        encoding(list, PLAN_PIXELS, p, features, 0)->n_columns = prep->n_features;
        return;
    }
    for (int j = 0; j < n;) {
        const PrepColumn *column = &prep->columns[j];
        PlanStep *step = encoding(list, op_of(column), p, features, column->out);
        step->column = j;
        for (j++; j < n && plan_columns_alike(column, &prep->columns[j], most);) j++;
        step->n_columns = j - step->column;
        step->wide = step->op == PLAN_NUMBERS && plan_column_wide(column, most);
    }
    for (int k = 0; k < prep->n_derived; k++) {
        PlanStep *step = encoding(list, PLAN_DERIVED, p, features, prep->columns[n + k].out);
        step->column = k;
        step->n_columns = 1;
        step->wide = plan_derived_why(prep, k, most) != WIDE_NOT;
    }
}
