/* Numbers, histograms and pictures as parts of a document. */
#include "inspect/say.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base64.h"

double say_round(double x)
{
    char text[40];
    if (!isfinite(x)) return x;
    snprintf(text, sizeof text, "%.4g", x);
    return strtod(text, NULL);
}

Doc *say_numbers(const double *x, size_t n)
{
    Doc *list = doc_array();
    for (size_t i = 0; i < n; i++) doc_add(list, doc_number(say_round(x[i])));
    return list;
}

Doc *say_histogram(const float *x, size_t n)
{
    double low = INFINITY, high = -INFINITY, count[SAY_BINS] = {0};
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i])) continue;
        low = fmin(low, (double)x[i]);
        high = fmax(high, (double)x[i]);
    }
    if (!(low <= high)) return doc_null();
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i])) continue;
        double at = high > low ? ((double)x[i] - low) / (high - low) * SAY_BINS : 0;
        count[at >= SAY_BINS ? SAY_BINS - 1 : (int)at]++;
    }
    Doc *out = doc_object(), *counts;
    doc_set_number(out, "low", say_round(low));
    doc_set_number(out, "high", say_round(high));
    counts = doc_set(out, "counts", doc_array());
    for (int b = 0; b < SAY_BINS; b++) doc_add(counts, doc_number(count[b]));
    return out;
}

void say_bytes(Doc *out, const char *key, const unsigned char *bytes, size_t n)
{
    Text text = {0};
    base64_add(bytes, n, &text);
    if (text_ok(&text)) doc_set_text(out, key, text.bytes ? text.bytes : "");
    text_free(&text);
}

void say_signed(Doc *out, const char *key, const double *x, size_t n, double scale)
{
    char name[64];
    double most = 0;
    for (size_t i = 0; i < n; i++) most = fmax(most, fabs(x[i]));
    if (scale == 0) scale = most;
    unsigned char *bytes = malloc(n ? n : 1);
    for (size_t i = 0; bytes && i < n; i++) {
        double share = scale > 0 ? fmax(-1, fmin(1, x[i] / scale)) : 0;
        bytes[i] = (unsigned char)(128 + lround(127 * share));
    }
    if (bytes) say_bytes(out, key, bytes, n);
    free(bytes);
    snprintf(name, sizeof name, "%s_scale", key);
    doc_set_number(out, name, say_round(scale));
}
