/* Figures of a comparison: how the best score of each study grew. */
#include "reports/figures.h"

#include <math.h>

#include "reports/figure_data.h"
#include "reports/sheet.h"

static bool best_so_far(const Doc *document, const char *by, const char *label, Arena *arena, Text *out)
{
    static const Tone tones[] = {TONE_ACCENT, TONE_INK, TONE_GREY, TONE_ACCENT, TONE_INK, TONE_GREY};
    static const unsigned how[] = {LINE_PLAIN, LINE_PLAIN, LINE_PLAIN, LINE_DASHED, LINE_DASHED, LINE_DOTTED};
    enum { LOOKS = 6 };
    const Doc *studies = doc_get(document, "studies"), *metric = doc_get(document, "metric");
    bool up = doc_to_bool(doc_get(metric, "maximize"), true);
    double last = 0, low, high;
    int total = 0, at = 0, n_studies = (int)doc_count(studies), n, m;
    Figure f;
    for (int s = 0; s < n_studies; s++)
        total += 3 + (int)doc_count(doc_get(doc_get(doc_at(studies, (size_t)s), "curve"), "best"));
    double *all = figure_room(total + 1, arena, out);
    if (!all) return out->broken = true;
    for (int s = 0; s < n_studies; s++) {
        const Doc *curve = doc_get(doc_at(studies, (size_t)s), "curve");
        double *x = figure_numbers(doc_get(curve, by), arena, out, &n);
        double *y = figure_numbers(doc_get(curve, "best"), arena, out, &m);
        for (int i = 0; x && y && i < n && i < m; i++) all[at++] = y[i], last = fmax(last, x[i]);
        /* the first trials are far from all that follows */
        for (int k = 0; k < 2 && y; k++) all[at++] = y[m - 1];
    }
    if (!(last > 0) || !figure_domain(all, at, up, &low, &high)) return false;
    const char *of_y = arena_print(arena, "%s %s", sheet_text(metric, "label"), up ? "↑" : "↓");
    figure_begin(&f, FIGURE_COLUMN, 160 + 9.0 * n_studies, "The best so far of each study", out);
    f.bottom = 132;
    Axis x = axis_linear(0, last, f.left, f.right - 4), y = axis_linear(low, high, f.bottom, f.top);
    figure_axis_x(&f, &x, label);
    figure_axis_y(&f, &y, figure_words(of_y, out));
    for (int s = n_studies - 1; s >= 0; s--) {
        const Doc *study = doc_at(studies, (size_t)s), *curve = doc_get(study, "curve");
        double *across = figure_numbers(doc_get(curve, by), arena, out, &n);
        double *upward = figure_numbers(doc_get(curve, "best"), arena, out, &m);
        Spot *line = figure_spots(n, arena, out);
        double legend = f.bottom + 34 + 9 * s;
        figure_line(&f, (Spot[]){{f.left, legend - 2.4}, {f.left + 16, legend - 2.4}}, 2, tones[s % LOOKS], 1.2,
                    how[s % LOOKS]);
        figure_text(&f, (Spot){f.left + 20, legend}, 's', TONE_INK, 50, sheet_text(study, "label"));
        if (!across || !upward || !line) continue;
        for (int i = 0; i < n && i < m; i++)
            line[i] = (Spot){axis_at(&x, across[i]), axis_at(&y, figure_clamp(upward[i], low, high))};
        figure_line(&f, line, n < m ? n : m, tones[s % LOOKS], 1.2, how[s % LOOKS] | LINE_STEPS);
    }
    figure_end(&f);
    return true;
}

bool figure_compare_trials(const Doc *document, Arena *arena, Text *out)
{
    return best_so_far(document, "trials", "trials", arena, out);
}

bool figure_compare_cpu(const Doc *document, Arena *arena, Text *out)
{
    return best_so_far(document, "cpu_s", "seconds of processor time", arena, out);
}
