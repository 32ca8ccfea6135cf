/* base/text_float.h - floats as text, many of them. */
#ifndef CONSORT_BASE_TEXT_FLOAT_H
#define CONSORT_BASE_TEXT_FLOAT_H
#include "base/text.h"

/* Appends what printf's "%.9g" makes of it, digit for digit, in a tenth of its time. */
void text_float(Text *text, float value);
#endif
