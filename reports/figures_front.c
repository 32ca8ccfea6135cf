/* Figures of several goals: the front, and how it grew. */
#include "reports/figures.h"

#include <math.h>
#include <string.h>

#include "reports/figure_data.h"
#include "reports/sheet.h"

bool figure_front(const Doc *document, Arena *arena, Text *out)
{
    const Doc *front = doc_get(document, "front"), *goals = doc_get(front, "metrics");
    const Doc *values = doc_get(front, "values"), *members = doc_get(front, "members");
    const Doc *first = doc_at(goals, 0), *second = doc_at(goals, 1);
    int n, m, k = (int)doc_count(members);
    double *y = figure_numbers(doc_at(values, 0), arena, out, &n);
    double *x = figure_numbers(doc_at(values, 1), arena, out, &m);
    double low, high, left = INFINITY, right = -INFINITY;
    Figure f;
    if (!x || !y || n != m || k < 2) return false;
    double *sorted = figure_room(n, arena, out);
    Spot *dots = figure_spots(n, arena, out), *line = figure_spots(k, arena, out);
    if (!sorted || !dots || !line) return out->broken = true;
    memcpy(sorted, y, (size_t)n * sizeof *y);
    bool up = doc_to_bool(doc_get(first, "maximize"), true), log = doc_to_bool(doc_get(second, "cost"), false);
    if (!figure_domain(sorted, n, up, &low, &high)) return false;
    for (int i = 0; i < k; i++) { /* the front is drawn whole */
        double end = doc_to_number(doc_at(doc_get(doc_at(members, (size_t)i), "values"), 0), NAN);
        if (isfinite(end)) low = fmin(low, end), high = fmax(high, end);
    }
    for (int i = 0; i < n; i++)
        if (isfinite(x[i])) left = fmin(left, x[i]), right = fmax(right, x[i]);
    figure_begin(&f, FIGURE_COLUMN, 160, "The front: no trial on it is beaten in everything", out);
    Axis across = (log ? axis_log : axis_linear)(left, right, f.left + 4, f.right - 4);
    Axis upward = axis_linear(low, high, f.bottom - 3, f.top + 2);
    bool costs = !doc_to_bool(doc_get(second, "maximize"), false);
    const char *way = costs ? "↓" : "↑";
    const char *of_x = arena_print(arena, "%s %s%s", sheet_text(second, "label"), way, log ? " (log)" : "");
    const char *of_y = arena_print(arena, "%s %s", sheet_text(first, "label"), up ? "↑" : "↓");
    figure_axis_x(&f, &across, figure_words(of_x, out));
    figure_axis_y(&f, &upward, figure_words(of_y, out));
    for (int i = 0; i < n; i++)
        dots[i] = (Spot){axis_at(&across, x[i]), axis_at(&upward, figure_clamp(y[i], low, high))};
    for (int i = 0; i < k; i++) {
        const Doc *at = doc_get(doc_at(members, (size_t)i), "values");
        line[k - 1 - i] = (Spot){axis_at(&across, doc_to_number(doc_at(at, 1), NAN)),
                                 axis_at(&upward, doc_to_number(doc_at(at, 0), NAN))};
    }
    figure_dots(&f, dots, n, 1.1, TONE_GREY);
    /* What a cost buys holds up to the next; the members come cheapest first now. */
    if (doc_count(goals) == 2) figure_line(&f, line, k, TONE_ACCENT, .9, costs ? LINE_STEPS : LINE_PLAIN);
    figure_dots(&f, line, k, 1.7, TONE_ACCENT);
    for (int i = 0; i < k; i++)
        if (doc_to_bool(doc_get(doc_at(members, (size_t)i), "knee"), false)) {
            const Spot at = line[k - 1 - i];
            bool leftwards = at.x > (f.left + f.right) / 2; /* the word stays inside */
            figure_ring(&f, at, 3.2, TONE_INK);
            figure_label(&f, (Spot){at.x + (leftwards ? -6 : 6), at.y - 4}, leftwards ? 'e' : 's', 0, "knee");
        }
    figure_end(&f);
    return true;
}

bool figure_volume(const Doc *document, Arena *arena, Text *out)
{
    int n;
    double *volume = figure_numbers(doc_get(doc_get(document, "front"), "volume"), arena, out, &n), most = 0;
    Figure f;
    for (int i = 0; volume && i < n; i++)
        if (isfinite(volume[i])) most = fmax(most, volume[i]);
    if (n < 2 || !(most > 0)) return false;
    figure_begin(&f, FIGURE_COLUMN, 130, "How the front grew: share of the box it covers", out);
    Axis x = axis_linear(1, n, f.left, f.right - 4), y = axis_linear(0, most * 1.05, f.bottom, f.top);
    Spot *line = figure_spots(n, arena, out);
    if (!line) return true;
    figure_axis_x(&f, &x, "finished trials");
    figure_axis_y(&f, &y, "hypervolume ↑");
    for (int i = 0; i < n; i++) line[i] = (Spot){axis_at(&x, i + 1), axis_at(&y, volume[i])};
    figure_line(&f, line, n, TONE_ACCENT, 1.2, LINE_STEPS);
    figure_end(&f);
    return true;
}
