/* The calendar in operators: year, month, weekday and hour of a number of days. */
#include "export/onnx_dates.h"

#include <math.h>

#include "data/dates.h"

OnnxValue onnx_days(OnnxExport *e, OnnxValue seconds)
{
    OnnxGraph *g = &e->g;
    const OnnxValue there = onnx_op2(g, "And", onnx_with(g, "GreaterOrEqual", seconds, DATE_LEAST),
                                     onnx_with(g, "Less", seconds, DATE_MOST));
    return onnx_where(g, there, onnx_with(g, "Div", seconds, 86400), onnx_number(g, ONNX_DOUBLE, (double)NAN));
}

/* Year, and month from 0, of whole days since 1970, INT64. Years begin in March here, so that the leap day is
 * the last one; 719468 days are those from the first of March of the year 0. An era is 400 years. */
static void year_and_month(OnnxGraph *g, OnnxValue days, OnnxValue *year, OnnxValue *month)
{
    const OnnxValue z = onnx_with(g, "Add", days, 719468), era = onnx_with(g, "Div", z, 146097);
    const OnnxValue day = onnx_op2(g, "Sub", z, onnx_with(g, "Mul", era, 146097)); /* of the era */
    OnnxValue shorter = onnx_op2(g, "Sub", day, onnx_with(g, "Div", day, 1460));
    shorter = onnx_op2(g, "Add", shorter, onnx_with(g, "Div", day, 36524));
    shorter = onnx_op2(g, "Sub", shorter, onnx_with(g, "Div", day, 146096));
    const OnnxValue of_era = onnx_with(g, "Div", shorter, 365);
    OnnxValue before = onnx_op2(g, "Add", onnx_with(g, "Mul", of_era, 365), onnx_with(g, "Div", of_era, 4));
    before = onnx_op2(g, "Sub", before, onnx_with(g, "Div", of_era, 100));
    const OnnxValue of_year = onnx_op2(g, "Sub", day, before); /* from 0, the first of March */
    const OnnxValue from_march = onnx_with(g, "Div", onnx_with(g, "Add", onnx_with(g, "Mul", of_year, 5), 2),
                                           153);
    const OnnxValue next = onnx_with(g, "Greater", from_march, 9); /* January, February */
    *month = onnx_op2(g, "Sub", onnx_with(g, "Add", from_march, 2),
                      onnx_with(g, "Mul", onnx_cast(g, next, ONNX_INT64), 12));
    *year = onnx_op2(g, "Add", onnx_op2(g, "Add", of_era, onnx_with(g, "Mul", era, 400)),
                     onnx_cast(g, next, ONNX_INT64));
}

OnnxValue onnx_date_parts(OnnxExport *e, const PrepColumn *column, OnnxValue days, OnnxValue present)
{
    OnnxGraph *g = &e->g;
    OnnxValue part[DATE_PART_COUNT], made[2 * DATE_PART_COUNT];
    int n = 0;
    const OnnxValue there = onnx_where(g, present, days, onnx_number(g, ONNX_DOUBLE, 0));
    const OnnxValue micro = onnx_op1(g, "Floor", onnx_with(g, "Add", onnx_with(g, "Mul", there, 86400e6), 0.5));
    const OnnxValue seconds = onnx_with(g, "Div", micro, 1e6);
    const OnnxValue whole = onnx_op1(g, "Floor", onnx_with(g, "Div", seconds, 86400));
    const OnnxValue day = onnx_cast(g, whole, ONNX_INT64);
    year_and_month(g, day, &part[DATE_YEAR], &part[DATE_MONTH]);
    part[DATE_WEEKDAY] = onnx_with(g, "Mod", onnx_with(g, "Add", day, 719162), 7);
    part[DATE_HOUR] = onnx_with(g, "Div", onnx_op2(g, "Sub", seconds, onnx_with(g, "Mul", whole, 86400)), 3600);
    for (int p = 0; p < DATE_PART_COUNT; p++) {
        const double cycle = date_cycle((DatePart)p);
        if (!(column->parts >> p & 1)) continue;
        OnnxValue v = onnx_cast(g, part[p], ONNX_DOUBLE);
        if (cycle > 0) {
            v = onnx_with(g, "Mul", v, 6.283185307179586477 / cycle);
            made[n++] = onnx_op1(g, "Sin", v);
            made[n++] = onnx_op1(g, "Cos", v);
        } else {
            v = onnx_with(g, "Sub", v, column->year_shift);
            made[n++] = onnx_with(g, "Mul", v, column->year_scale);
        }
    }
    const OnnxValue all = onnx_cast(g, onnx_concat(g, 1, n, made), ONNX_FLOAT);
    return onnx_where(g, present, all, onnx_number(g, ONNX_FLOAT, 0));
}
