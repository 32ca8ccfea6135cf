/* Figures of values with intervals, a row each: the verdict, the way to the winner, what columns matter; and
 * when the order of trials settles, how scores lie. */
#include "reports/figures.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "reports/figure_data.h"
#include "reports/sheet.h"

/* ---- rows with intervals -------------------------------------------------------------------------- */

enum { MOST_ROWS = 20 };

typedef struct {
    const char *label;
    double value, low, high;
    bool strong;
} Row;

typedef struct {
    Row row[MOST_ROWS];
    int n;
} Rows;

static void add_row(Rows *rows, const char *label, const Doc *score, const char *key, bool strong)
{
    double value = sheet_number(score, key);
    if (rows->n == MOST_ROWS || !isfinite(value)) return;
    rows->row[rows->n++] = (Row){label, value, sheet_number(score, "low95"), sheet_number(score, "high95"),
                                 strong};
}

/* Dots with whiskers; the strong ones in colour. `zero`: from there the eye measures. */
static void draw_rows(const Rows *rows, const char *title, const char *label, bool zero, Text *out)
{
    static const double STEP = 12;
    double low = zero ? 0 : INFINITY, high = zero ? 0 : -INFINITY;
    Figure f;
    for (int i = 0; i < rows->n; i++) {
        const Row *r = &rows->row[i];
        low = fmin(low, isfinite(r->low) ? fmin(r->low, r->value) : r->value);
        high = fmax(high, isfinite(r->high) ? fmax(r->high, r->value) : r->value);
    }
    figure_begin(&f, FIGURE_COLUMN, 38 + STEP * rows->n, title, out);
    f.left = 96, f.top = 6, f.bottom = f.top + STEP * rows->n;
    double pad = high > low ? (high - low) * .04 : 0;
    Axis x = axis_linear(low - (zero && low == 0 ? 0 : pad), high + pad, f.left, f.right - 30);
    if (zero && low < 0)
        figure_segment(&f, (Spot){axis_at(&x, 0), f.top}, (Spot){axis_at(&x, 0), f.bottom}, TONE_LIGHT, .6);
    for (int i = 0; i < rows->n; i++) {
        const Row *r = &rows->row[i];
        Tone tone = r->strong ? TONE_ACCENT : TONE_INK;
        double y = f.top + STEP * (i + .5), from = axis_at(&x, r->low), to = axis_at(&x, r->high);
        figure_text(&f, (Spot){f.left - 5, y + 2.4}, 'e', tone, 25, r->label);
        figure_segment(&f, (Spot){from, y}, (Spot){to, y}, tone, .8);
        figure_segment(&f, (Spot){from, y - 2}, (Spot){from, y + 2}, tone, .8);
        figure_segment(&f, (Spot){to, y - 2}, (Spot){to, y + 2}, tone, .8);
        figure_dots(&f, &(Spot){axis_at(&x, r->value), y}, 1, 1.8, tone);
        char number[24];
        snprintf(number, sizeof number, fabs(r->value) >= 1000 ? "%.0f" : "%.4f", r->value);
        figure_text(&f, (Spot){f.right - 24, y + 2.4}, 's', tone, 0, number);
    }
    figure_axis_x(&f, &x, label);
    figure_end(&f);
}

bool figure_verdict(const Doc *document, Arena *arena, Text *out)
{
    const Doc *verdict = doc_get(document, "verdict"), *baselines = doc_get(document, "baselines");
    bool ensemble = strcmp(sheet_text(verdict, "winner"), "ensemble") == 0, up;
    Rows rows = {.n = 0};
    const char *metric = figure_metric(document, arena, out, &up);
    add_row(&rows, ensemble ? "ensemble" : "best trial", doc_get(verdict, "score"), "value", true);
    if (ensemble) add_row(&rows, "best trial", doc_get(verdict, "single"), "value", false);
    for (size_t i = doc_count(baselines); i > 0; i--) /* the hardest to beat first */
        add_row(&rows, sheet_text(doc_at(baselines, i - 1), "name"), doc_get(doc_at(baselines, i - 1), "score"),
                "value", false);
    if (rows.n < 2) return false;
    bool test = strcmp(sheet_text(verdict, "split"), "test") == 0;
    const char *label = arena_print(arena, "%s %s", test ? "test" : "validation", metric);
    draw_rows(&rows, "The model beside what it has to beat, with 95 % intervals", figure_words(label, out),
              false, out);
    return true;
}

bool figure_ablation(const Doc *document, Arena *arena, Text *out)
{
    const Doc *way = doc_get(document, "ablation"), *steps = doc_get(way, "steps"), *from = doc_get(way,
                                                                                                    "from");
    bool up;
    Rows rows = {.n = 0};
    if (doc_count(steps) == 0) return false;
    const char *metric = figure_metric(document, arena, out, &up);
    const char *start = arena_print(arena, "trial %.0f, %s", sheet_number(from, "trial"), sheet_text(from,
                                                                                                     "what"));
    add_row(&rows, figure_words(start, out), doc_get(way, "start"), "value", false);
    for (size_t i = 0; i < doc_count(steps); i++) {
        const Doc *step = doc_at(steps, i);
        const char *label = arena_print(arena, "%s → %s", sheet_text(step, "name"),
                                        sheet_value(arena, doc_get(step, "after")));
        add_row(&rows, figure_words(label, out), doc_get(step, "score"), "value", i + 1 == doc_count(steps));
    }
    if (rows.n < 2) return false;
    const char *label = arena_print(arena, "%s as the model expects it", metric);
    draw_rows(&rows, "From the first configuration to the winner, a change at a time", figure_words(label, out),
              false,
              out);
    return true;
}

bool figure_permutation(const Doc *document, Arena *arena, Text *out)
{
    const Doc *importance = doc_get(doc_get(document, "inside"), "importance");
    const Doc *features = doc_get(importance, "features");
    Rows rows = {.n = 0};
    for (size_t i = 0; i < doc_count(features); i++)
        add_row(&rows, sheet_text(doc_at(features, i), "name"), doc_at(features, i), "drop", i == 0);
    if (rows.n < 2) return false;
    const char *label = arena_print(arena, "loss of %s, column shuffled",
                                    sheet_text(importance, "metric_label"));
    draw_rows(&rows, "What the model draws on, with 95 % intervals", figure_words(label, out), true, out);
    return true;
}

/* ---- when the order settles ------------------------------------------------------------------------ */

bool figure_stopping(const Doc *document, Arena *arena, Text *out)
{
    static const char *const keys[] = {"low95", "high95", "rho"};
    const Doc *stopping = doc_get(document, "stopping");
    double safe = sheet_number(stopping, "safe_epoch"), low = 0;
    int n, m;
    double *epoch = figure_numbers(doc_get(stopping, "epoch"), arena, out, &n);
    double *least = figure_numbers(doc_get(stopping, "low95"), arena, out, &m);
    Figure f;
    if (!epoch || n < 2) return false;
    for (int i = 0; least && i < m; i++)
        if (isfinite(least[i])) low = fmin(low, least[i]);
    figure_begin(&f, FIGURE_COLUMN, 140, "How the order of trials after some epochs agrees with the last", out);
    Axis x = axis_linear(1, epoch[n - 1], f.left, f.right - 4), y = axis_linear(low, 1, f.bottom, f.top);
    figure_axis_x(&f, &x, "epochs");
    figure_axis_y(&f, &y, "rank correlation");
    for (int k = 0; k < 3; k++) {
        double *value = figure_numbers(doc_get(stopping, keys[k]), arena, out, &m);
        Spot *line = figure_spots(n, arena, out);
        if (!value || !line || m != n) continue;
        for (int i = 0; i < n; i++) line[i] = (Spot){axis_at(&x, epoch[i]), axis_at(&y, value[i])};
        figure_line(&f, line, n, k < 2 ? TONE_GREY : TONE_ACCENT, k < 2 ? .6 : 1.2, k < 2 ? LINE_DASHED
                    : LINE_PLAIN);
    }
    figure_key(&f, figure_key(&f, f.left, TONE_ACCENT, LINE_PLAIN, "Spearman's rho"), TONE_GREY, LINE_DASHED,
               "95 % interval");
    if (isfinite(safe)) {
        double at = axis_at(&x, safe);
        figure_line(&f, (Spot[]){{at, f.top}, {at, f.bottom}}, 2, TONE_INK, .6, LINE_DOTTED);
        figure_label(&f, (Spot){at + 3, f.bottom - 4}, 's', 0, "at least 0.9 from here on");
    }
    figure_end(&f);
    return true;
}

/* ---- how scores lie --------------------------------------------------------------------------------- */

/* The share of complete trials that are at least as good. */
bool figure_distribution(const Doc *document, Arena *arena, Text *out)
{
    const Doc *trials = doc_get(document, "trials"), *state = doc_get(trials, "state");
    int n, m = 0;
    double *value = figure_numbers(doc_get(trials, "value"), arena, out, &n), low, high;
    bool up;
    Figure f;
    for (int i = 0; value && i < n; i++) {
        bool complete = strcmp(doc_to_text(doc_at(state, (size_t)i), ""), "COMPLETE") == 0;
        if (complete && isfinite(value[i])) value[m++] = value[i];
    }
    if (m < 3) return false;
    const char *metric = figure_metric(document, arena, out, &up);
    figure_domain(value, m, up, &low, &high); /* sorts: best first, minimized */
    figure_begin(&f, FIGURE_COLUMN, 140, "How the scores lie: the share of trials that are at least as good",
                 out);
    Axis x = axis_linear(low, high, f.left, f.right - 4), y = axis_linear(0, 1, f.bottom, f.top);
    Spot *line = figure_spots(m, arena, out);
    if (!line) return true;
    figure_axis_x(&f, &x, metric);
    figure_axis_y(&f, &y, "share of trials");
    for (int i = 0; i < m; i++)
        line[i] = (Spot){axis_at(&x, figure_clamp(up ? -value[i] : value[i], low, high)),
                         axis_at(&y, (i + 1.0) / m)};
    figure_line(&f, line, m, TONE_ACCENT, 1.2, LINE_STEPS);
    figure_end(&f);
    return true;
}
