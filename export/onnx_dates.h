/* export/onnx_dates.h - the calendar in operators. */
#ifndef CONSORT_EXPORT_ONNX_DATES_H
#define CONSORT_EXPORT_ONNX_DATES_H
#include "export/onnx_export.h"

/* Days since 1970 of seconds; NaN where there is no such date. */
OnnxValue onnx_days(OnnxExport *e, OnnxValue seconds);
/* The features that are parts of a date; 0 where it is not `present`. */
OnnxValue onnx_date_parts(OnnxExport *e, const PrepColumn *column, OnnxValue days, OnnxValue present);
#endif
