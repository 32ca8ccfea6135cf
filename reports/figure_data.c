/* What several figures take from the document in the same way. */
#include "reports/figure_data.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "reports/sheet.h"

double *figure_room(int n, Arena *arena, Text *out)
{
    double *room = ARENA_NEW(arena, double, n + 1);
    if (!room) out->broken = true;
    return room;
}

double *figure_numbers(const Doc *list, Arena *arena, Text *out, int *n)
{
    *n = (int)doc_count(list);
    double *numbers = *n > 0 ? figure_room(*n, arena, out) : NULL;
    for (int i = 0; numbers && i < *n; i++) numbers[i] = doc_to_number(doc_at(list, (size_t)i), NAN);
    return numbers;
}

const char *figure_words(const char *text, Text *out)
{
    if (!text) out->broken = true;
    return text ? text : "";
}

Spot *figure_spots(int n, Arena *arena, Text *out)
{
    Spot *spots = ARENA_NEW(arena, Spot, n + 1);
    if (!spots) out->broken = true;
    return spots;
}

const char *figure_metric(const Doc *document, Arena *arena, Text *out, bool *up)
{
    const Doc *study = doc_get(document, "study");
    *up = doc_to_bool(doc_get(study, "maximize"), true);
    return figure_words(arena_print(arena, "%s %s", doc_to_text(doc_get(study, "metric_label"), "score"),
                                    *up ? "↑" : "↓"), out);
}

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

bool figure_domain(double *value, int n, bool up, double *low, double *high)
{
    int m = 0;
    for (int i = 0; i < n; i++)
        if (isfinite(value[i])) value[m++] = up ? -value[i] : value[i]; /* best first */
    if (m == 0) return false;
    qsort(value, (size_t)m, sizeof *value, by_size);
    double best = value[0], middle = value[m / 2], worst = value[m - 1];
    double room = middle - best > 0 ? middle - best : (worst - best) / 3;
    worst = fmin(worst, middle + 3 * room);
    double pad = (worst - best > 0 ? worst - best : best != 0 ? fabs(best) : 1) * .05;
    *low = up ? -(worst + pad) : best - pad;
    *high = up ? -(best - pad) : worst + pad;
    return true;
}

double figure_clamp(double value, double low, double high)
{
    return isfinite(value) ? fmin(high, fmax(low, value)) : NAN;
}

Setting figure_setting(const Doc *parameter, double from, double to)
{
    const Doc *values = doc_get(parameter, "values");
    const char *scale = sheet_text(parameter, "scale");
    Setting s = {.parameter = parameter, .category = strcmp(scale, "category") == 0, .low = from, .high = to};
    s.n_categories = (int)doc_count(doc_get(parameter, "categories"));
    if (s.category) return s;
    bool log = strcmp(scale, "log") == 0;
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < doc_count(values); i++) {
        double value = doc_to_number(doc_at(values, i), NAN);
        if (!isfinite(value) || (log && value <= 0)) continue;
        low = fmin(low, value), high = fmax(high, value);
    }
    double inset = (to - from) * .04;
    s.scale = (log ? axis_log : axis_linear)(low, high, from + inset, to - inset);
    return s;
}

double figure_setting_at(const Setting *s, double value)
{
    if (!s->category) return isfinite(value) ? axis_at(&s->scale, value) : NAN;
    return isfinite(value) ? s->low + (value + .5) / fmax(1, s->n_categories) * (s->high - s->low) : NAN;
}

const char *figure_category(const Setting *s, int i)
{
    return doc_to_text(doc_at(doc_get(s->parameter, "categories"), (size_t)i), "");
}
