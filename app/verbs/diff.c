/* app/verbs/diff.c - two trials side by side, as a table or as JSON. */
#include "app/verbs/verbs.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "app/arguments.h"
#include "app/output.h"
#include "job/diff.h"
#include "reports/columns.h"

static const char *param_text(const Doc *params, const char *key, Arena *arena)
{
    const Doc *value = doc_get(params, key);
    Text text = {0};
    if (!value || doc_kind(value) == DOC_NULL) return "-";
    if (doc_kind(value) == DOC_TEXT) return doc_to_text(value, "");
    const char *copy = doc_print(value, 0, &text) ? arena_copy(arena, text.bytes) : NULL;
    text_free(&text);
    return copy ? copy : "?";
}

static double metric_of(const Diff *d, int side, const MetricRow *like)
{
    for (int i = 0; i < d->n_metrics[side]; i++) {
        const MetricRow *m = &d->metrics[side][i];
        if (m->fold == -1 && strcmp(m->split, like->split) == 0 && strcmp(m->name,
                                                                          like->name) == 0) return m->value;
    }
    return NAN;
}

static void add(Sheet *sheet, const char *name, const char *a, const char *b, const char *delta)
{
    Cell *row = sheet_row(sheet);
    row[0].text = name, row[1].text = a, row[2].text = b, row[3].text = delta;
}

static bool print_table(const Diff *d, bool all, int fit, Arena *arena, Text *out)
{
    const char *key;
    const Doc *child;
    int same = 0;
    const char *titles[] = {"", arena_print(arena, "trial %d", d->row[0].number),
                            arena_print(arena, "trial %d", d->row[1].number), "difference", NULL};
    const size_t most = 1 + doc_count(d->params[0]) + doc_count(d->params[1]) + (size_t)d->n_metrics[0];
    Sheet sheet;
    if (!titles[1] || !titles[2] || !sheet_plain(titles, most, arena, &sheet, NULL)) return false;
    add(&sheet, "state", trial_state_names[d->row[0].state], trial_state_names[d->row[1].state], "");
    for (int side = 0; side < 2; side++)
        for (size_t i = 0; doc_member(d->params[side], i, &key, &child); i++) {
            if (side == 1 && doc_get(d->params[0], key)) continue; /* shown already */
            const char *a = param_text(d->params[0], key, arena), *b = param_text(d->params[1], key, arena);
            if (strcmp(a, b) == 0 && !all) same++;
            else add(&sheet, key, a, b, "");
        }
    for (int i = 0; i < d->n_metrics[0]; i++) {
        const MetricRow *m = &d->metrics[0][i];
        double a = m->value, b = metric_of(d, 1, m);
        if (m->fold != -1 || (isnan(a) && isnan(b))) continue;
        add(&sheet, metric_heading(m, d->program, NULL, arena), isnan(a) ? "–" : arena_print(arena, "%.6g", a),
            isnan(b) ? "–" : arena_print(arena, "%.6g", b),
            isnan(b - a) ? "–" : arena_print(arena, "%+.6g", b - a));
    }
    if (!sheet_whole(&sheet)) return false;
    sheet_print(&sheet, fit, out);
    if (same) text_print(out, "%d parameter%s the same (-v shows them)\n", same, same == 1 ? " is" : "s are");
    return text_ok(out);
}

enum { CHANGE = 400 };

/* Five decimals of a share, five digits of a quantity, which may be 1e-7 or 1e7, without a power of ten. */
static const char *change(double x, bool quantity, char text[CHANGE])
{
    const bool large = fabs(x) >= 1e4 && fabs(x) < 1e12;
    snprintf(text, CHANGE, !quantity ? "%+.5f" : large ? "%+.0f" : "%+.5g", x);
    return text;
}

static void print_test(const Diff *d, Text *out)
{
    const Paired *p = &d->paired;
    char text[2][CHANGE];
    const bool quantity = p->delta[0].metric == METRIC_RMSE; /* in a unit of its own, 1e-7 or 1e7 */
    if (!d->tested) {
        text_print(out, "\nno paired test: %s\n", d->untested);
        return;
    }
    text_print(out, "\non the %d rows that both predicted, trial %d minus trial %d:\n", p->n, d->row[1].number,
               d->row[0].number);
    for (int i = 0; i < PAIRED_METRICS; i++) {
        const PairedDelta *m = &p->delta[i];
        text_print(out, "  %-10s %s  ", metric_label(m->metric), change(m->delta, quantity, text[0]));
        if (isnan(m->p)) text_add(out, "(no test: too few rows of some class)\n");
        else
            text_print(out, "(95 %% from %s to %s)  p = %.3g\n", change(m->low95, quantity, text[0]),
                       change(m->high95, quantity, text[1]), m->p);
    }
    if (quantity)
        text_print(out, "  nearer to the truth: %d and %d rows (exact sign test: p = %.3g)\n", p->only_a,
                   p->only_b, p->mcnemar_p);
    else
        text_print(out, "  right in one alone: %d and %d (McNemar's exact test for the accuracy)\n", p->only_a,
                   p->only_b);
}

static void print_json(const Diff *d, Text *out)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "study", d->study);
    Doc *trials = doc_set(doc, "trials", doc_array());
    for (int side = 0; side < 2; side++) {
        Doc *trial = doc_add(trials, doc_object());
        doc_set_number(trial, "trial", d->row[side].number);
        doc_set_text(trial, "state", trial_state_names[d->row[side].state]);
        doc_set_number(trial, "value", d->row[side].value);
        doc_set(trial, "params", doc_copy(d->params[side]));
        Doc *metrics = doc_set(trial, "metrics", doc_object());
        for (int i = 0; i < d->n_metrics[side]; i++)
            if (d->metrics[side][i].fold == -1 && strcmp(d->metrics[side][i].split, "val") == 0)
                doc_set_number(metrics, d->metrics[side][i].name, d->metrics[side][i].value);
    }
    if (d->tested) {
        Doc *test = doc_set(doc, "paired", doc_object());
        doc_set_number(test, "rows", d->paired.n);
        doc_set_number(test, "only_a", d->paired.only_a);
        doc_set_number(test, "only_b", d->paired.only_b);
        for (int i = 0; i < PAIRED_METRICS; i++) {
            const PairedDelta *m = &d->paired.delta[i];
            Doc *entry = doc_set(test, metric_name(m->metric), doc_object());
            doc_set_number(entry, "delta", m->delta);
            doc_set_number(entry, "low95", m->low95);
            doc_set_number(entry, "high95", m->high95);
            doc_set_number(entry, "p", m->p);
        }
    } else {
        doc_set_text(doc, "no_test", d->untested);
    }
    doc_print(doc, 1, out);
    text_add(out, "\n");
    doc_free(doc);
}

static bool read_numbers(const Cli *cli, int numbers[2], Error *err)
{
    const char *const *given = cli->arguments + cli->n_arguments - 2;
    double first;
    if (cli->n_arguments == 2 && !text_to_number(given[0], &first)
        && is_forgotten(cli, given[0], "two trials", err))
        return false;
    for (int side = 0; side < 2; side++) {
        double number;
        if (!text_to_number(given[side], &number) || number < 0 || number != floor(number) || number > 1e9)
            return error_set(err, ERR_CONFIG, "`%.60s` is no trial number; usage: consort diff [STUDY] A B",
                             given[side]);
        numbers[side] = (int)number;
    }
    return true;
}

int cmd_diff(Cli *cli)
{
    Error err;
    Diff diff = {0};
    Place place;
    Text text = {0};
    int numbers[2];
    bool ok = read_numbers(cli, numbers, &err)
           && find_place(cli, cli->n_arguments > 2 ? cli->arguments[0] : NULL, &place, &err)
           && diff_trials(&place, numbers, cli->arena, &diff, &err);
    if (ok && cli->json) {
        print_json(&diff, &text);
    } else if (ok) {
        ok = print_table(&diff, cli->verbose > 0, output_width(cli, OUTPUT_TABLE), cli->arena, &text)
          || error_memory(&err);
        print_test(&diff, &text);
    }
    diff_free(&diff);
    int code = ok ? cli_answer(&text) : cli_fail(&err);
    text_free(&text);
    return code;
}
