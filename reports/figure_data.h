/* reports/figure_data.h - what several figures take from the document in the same way.
 *
 * Memory  the arena; where it runs out, `out` is marked as broken and the figure stays unfinished.
 */
#ifndef CONSORT_REPORTS_FIGURE_DATA_H
#define CONSORT_REPORTS_FIGURE_DATA_H
#include "base/arena.h"
#include "base/doc.h"
#include "reports/figure.h"

/* A list of numbers, NaN where there is none. NULL for an empty list or without memory. */
double *figure_numbers(const Doc *list, Arena *arena, Text *out, int *n);
double *figure_room(int n, Arena *arena, Text *out); /* NULL: no memory, and `out` is broken */
const char *figure_words(const char *text, Text *out); /* "" for NULL, as where memory ran out */
Spot *figure_spots(int n, Arena *arena, Text *out); /* NULL: no memory, and `out` is broken */
/* The study's metric with its arrow: "macro F1 ↑"; and which way it is better. */
const char *figure_metric(const Doc *document, Arena *arena, Text *out, bool *up);
/* A few hopeless values must not press the rest into a line: what is drawn reaches at most so far below the
 * middle as gives the better half its room. `value` (n) is changed: sorted. False: no value is finite. */
bool figure_domain(double *value, int n, bool up, double *low, double *high);
/* The place of a value in it: beyond the worse end it lies on the edge. */
double figure_clamp(double value, double low, double high);
/* The positions of a setting's values (report.json's `parameters`): categories stand side by side. */
typedef struct {
    const Doc *parameter;
    bool category;
    int n_categories;
    double low, high; /* where categories lie */
    Axis scale;
} Setting;
Setting figure_setting(const Doc *parameter, double from, double to);
double figure_setting_at(const Setting *setting, double value); /* NaN: it does not apply */
const char *figure_category(const Setting *setting, int i);
#endif
