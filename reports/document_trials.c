/* What needs every trial: their columns, the parameters with their scales, constants, failures, lanes. */
#include "reports/document_parts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utc.h"

enum { MOST_CATEGORIES = 64, MOST_PARAMETERS = 256 };

static double rounded(double seconds)
{
    return round(seconds * 1e3) / 1e3;
}

/* ---- time ------------------------------------------------------------------------------------ */

/* A trial's row is written in a batch a moment after it starts, its end at once: the end less what it
 * took is the better clock. */
static double start_of(const TrialRow *trial)
{
    double start = utc_seconds(trial->start_utc), end = utc_seconds(trial->end_utc);
    return isfinite(end) && trial->seconds > 0 ? end - trial->seconds : start;
}

typedef struct {
    double start;
    int at;
} StartKey;

static int by_start(const void *a, const void *b)
{
    const StartKey *x = a, *y = b;
    if (x->start != y->start) return x->start < y->start ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Which thread of its process ran a trial is not kept; the first row that is free when a trial starts
 * shows the same thing. Clocks are read at different places, so a row counts as free a little
 * early. */
static void assign_lanes(const Facts *facts, StartKey *keys, Slot *slots, Lanes *lanes)
{
    enum { MOST_LANES = 256 };
    static const double EARLY = 0.05;
    double free_at[MOST_LANES], first = INFINITY, busy = 0, span = 0;
    int n = 0, n_lanes = 0;
    for (int i = 0; i < facts->n_trials; i++) {
        slots[i] = (Slot){start_of(&facts->trials[i]), -1};
        if (slots[i].start < first) first = slots[i].start;
    }
    for (int i = 0; i < facts->n_trials; i++) {
        slots[i].start -= first;
        double seconds = facts->trials[i].seconds;
        if (isfinite(slots[i].start) && seconds > 0) keys[n++] = (StartKey){slots[i].start, i};
    }
    qsort(keys, (size_t)n, sizeof *keys, by_start);
    for (int k = 0; k < n; k++) {
        Slot *slot = &slots[keys[k].at];
        double seconds = facts->trials[keys[k].at].seconds, end = slot->start + seconds;
        int lane = 0;
        while (lane < n_lanes && free_at[lane] > slot->start + EARLY) lane++;
        if (lane == MOST_LANES) continue;
        if (lane == n_lanes) n_lanes++, free_at[lane] = 0;
        if (free_at[lane] > slot->start) slot->start = free_at[lane], end = slot->start + seconds;
        free_at[lane] = end;
        slot->lane = lane;
        busy += seconds;
        if (end > span) span = end;
    }
    *lanes = (Lanes){n_lanes, span, span > 0 ? busy / (n_lanes * span) : NAN};
}

/* ---- parameters ------------------------------------------------------------------------------ */

typedef struct {
    const char *name;
    const Param *param;       /* of the space, or NULL */
    const char *scale;        /* "log", "linear", "category" */
    bool varies, numeric;     /* every value is a number */
    double low, high;
    int n_categories;
    const char *category[MOST_CATEGORIES];
    double number[MOST_CATEGORIES]; /* of a category that is a number */
} Column;

/* A parameter's value for people: "0.003", "relu", "[256, 128]". */
static const char *param_text(const Facts *facts, const Doc *value)
{
    if (doc_kind(value) == DOC_TEXT) return doc_to_text(value, "");
    if (doc_kind(value) == DOC_NUMBER) {
        double number = doc_to_number(value, NAN);
        bool whole = number == floor(number) && fabs(number) < 1e15;
        return facts_text(facts, arena_print(facts->arena, whole ? "%.0f" : "%.6g", number));
    }
    Text json = {0};
    const char *text = doc_print(value, 0, &json) ? arena_copy(facts->arena, json.bytes) : NULL;
    text_free(&json);
    return facts_text(facts, text);
}

static int find_column(const Column *columns, int n, const char *name)
{
    for (int c = 0; c < n; c++)
        if (strcmp(columns[c].name, name) == 0) return c;
    return n;
}

static int find_category(const Column *column, const char *label)
{
    for (int c = 0; c < column->n_categories; c++)
        if (strcmp(column->category[c], label) == 0) return c;
    return -1;
}

/* In the order of the configuration, then as the trials name them. */
static int name_columns(const Facts *facts, Column *columns)
{
    int n = 0;
    for (int p = 0; facts->stored.space && p < facts->stored.space->n_params && n < MOST_PARAMETERS; p++) {
        const Param *param = &facts->stored.space->params[p];
        columns[n++] = (Column){.name = param->name, .param = param};
    }
    for (int i = 0; i < facts->n_trials; i++) {
        const char *name;
        const Doc *value;
        for (size_t m = 0; doc_member(facts->params[i], m, &name, &value); m++)
            if (find_column(columns, n, name) == n && n < MOST_PARAMETERS)
                columns[n++] = (Column){.name = name};
    }
    return n;
}

static void look_at_values(const Facts *facts, Column *column)
{
    bool absent = false, present = false, overflow = false;
    column->numeric = true;
    column->low = INFINITY;
    column->high = -INFINITY;
    for (int i = 0; i < facts->n_trials; i++) {
        const Doc *value = doc_get(facts->params[i], column->name);
        if (!facts->params[i]) continue;
        if (doc_kind(value) == DOC_NULL) {
            absent = true;
            continue;
        }
        present = true;
        double number = doc_to_number(value, NAN);
        column->numeric = column->numeric && isfinite(number);
        if (number < column->low) column->low = number;
        if (number > column->high) column->high = number;
        if (overflow) continue; /* too many to be categories */
        const char *label = param_text(facts, value);
        if (find_category(column, label) >= 0) continue;
        overflow = column->n_categories == MOST_CATEGORIES;
        if (overflow) continue;
        column->number[column->n_categories] = number;
        column->category[column->n_categories++] = label;
    }
    column->varies = column->n_categories > 1 || (absent && present);
}

static void sort_categories(Column *column) /* by number; words keep the order they came in */
{
    for (int i = 1; i < column->n_categories && column->numeric; i++)
        for (int k = i; k > 0 && column->number[k] < column->number[k - 1]; k--) {
            const char *label = column->category[k];
            double number = column->number[k];
            column->category[k] = column->category[k - 1];
            column->number[k] = column->number[k - 1];
            column->category[k - 1] = label;
            column->number[k - 1] = number;
        }
}

static void choose_scale(Column *column)
{
    bool listed = column->param && (column->param->distribution == DIST_CATEGORICAL ||
                                    column->param->distribution == DIST_CATEGORICAL_P);
    bool known = column->param && !listed && column->param->distribution != DIST_DERIVED &&
                 column->param->distribution != DIST_CONSTANT;
    const char *name = known ? distribution_names[column->param->distribution] : "";
    /* With `zero_prob` a log scale has zeros, too; the page sets them apart. */
    bool spread = column->low > 0 && column->high > 50 * column->low;
    bool logarithmic = known ? strstr(name, "log") != NULL : spread;
    column->scale = logarithmic ? "log" : "linear";
    if (column->numeric && !listed && (known || column->n_categories > 8)) return;
    column->scale = "category";
    sort_categories(column);
}

static int read_columns(const Facts *facts, Column *columns)
{
    int n = name_columns(facts, columns);
    for (int c = 0; c < n; c++) {
        look_at_values(facts, &columns[c]);
        choose_scale(&columns[c]);
    }
    return n;
}

static void put_parameters(const Facts *facts, Column *columns, Doc *document)
{
    int n = read_columns(facts, columns);
    Doc *out = doc_set(document, "parameters", doc_array());
    Doc *constants = doc_set(document, "constants", doc_object());
    for (int c = 0; c < n; c++) {
        const Column *column = &columns[c];
        if (!column->varies) {
            if (column->n_categories) doc_set_text(constants, column->name, column->category[0]);
            continue;
        }
        bool category = strcmp(column->scale, "category") == 0;
        Doc *parameter = doc_add(out, doc_object());
        doc_set_text(parameter, "name", column->name);
        doc_set_text(parameter, "scale", column->scale);
        Doc *categories = category ? doc_set(parameter, "categories", doc_array()) : NULL;
        for (int k = 0; k < column->n_categories && category; k++)
            doc_add(categories, doc_text(column->category[k]));
        Doc *values = doc_set(parameter, "values", doc_array());
        for (int i = 0; i < facts->n_trials; i++) {
            if (!facts->shown[i]) continue;
            const Doc *value = doc_get(facts->params[i], column->name);
            int k = -1;
            if (category && doc_kind(value) != DOC_NULL)
                k = find_category(column, param_text(facts, value));
            if (category) doc_add(values, k < 0 ? doc_null() : doc_number(k));
            else doc_add(values, doc_number(doc_to_number(value, NAN)));
        }
    }
}

/* ---- trials, history, failures ---------------------------------------------------------------- */

/* How the point was found: "gp", "sobol", ...; for others where it came from. */
static void put_kind(const TrialRow *trial, Doc *list)
{
    Doc *trace = trial->trace ? doc_parse(trial->trace, strlen(trial->trace), NULL) : NULL;
    const char *kind = doc_to_text(doc_get(trace, "kind"), NULL);
    doc_add(list, doc_text(kind ? kind : trial->source ? trial->source : ""));
    doc_free(trace);
}

/* What the reader does not see all of. NULL: no memory. */
static const char *thinned_note(const Facts *facts)
{
    const char *more = "";
    if (facts->sample.thinned)
        more = arena_print(facts->arena, " What settings matter, what each level brings and when the order of"
                           " trials settles is worked out from %d trials, an even sample. Counts, ranks, the"
                           " best so far, times and the front are those of all.", facts->sample.n_modelled);
    return !more ? NULL
         : arena_print(facts->arena, "Charts show %d of %d trials: the best %d, each that was the best so far,"
                       " and an even sample of the rest. The database has them all.%s", facts->n_shown,
                       facts->n_trials, FACTS_BEST, more);
}

static bool put_trials(const Facts *facts, Doc *document, Error *err)
{
    const bool *shown = facts->shown;
    const int n_shown = facts->n_shown;
    bool maximize = facts->study.maximize;
    double best = NAN, seconds = 0;
    Lanes lanes = {0};
    Slot *slots = ARENA_NEW(facts->arena, Slot, facts->n_trials);
    StartKey *keys = ARENA_NEW(facts->arena, StartKey, facts->n_trials);
    if (!slots || !keys) return error_memory(err);
    if (!document_crew(facts, slots, &lanes, document, err)) return false;
    if (lanes.n == 0) assign_lanes(facts, keys, slots, &lanes);
    Doc *out = doc_set(document, "trials", doc_object());
    doc_set_number(out, "total", facts->n_trials);
    doc_set_number(out, "shown", n_shown);
    if (n_shown < facts->n_trials) doc_set_text(out, "note", facts_text(facts, thinned_note(facts)));
    if (facts->sample.thinned) doc_set_number(out, "modelled", facts->sample.n_modelled);
    Doc *number = doc_set(out, "number", doc_array()), *state = doc_set(out, "state", doc_array());
    Doc *value = doc_set(out, "value", doc_array()), *so_far = doc_set(out, "best", doc_array());
    Doc *start = doc_set(out, "start_s", doc_array()), *took = doc_set(out, "seconds", doc_array());
    Doc *lane = doc_set(out, "lane", doc_array()), *size = doc_set(out, "n_params", doc_array());
    Doc *cpu = doc_set(out, "cpu_s", doc_array()), *peak = doc_set(out, "peak_bytes", doc_array());
    Doc *kind = doc_set(out, "kind", doc_array());
    for (int i = 0; i < facts->n_trials; i++) {
        const TrialRow *trial = &facts->trials[i];
        bool counts = trial_ranks(trial);
        if (counts && (isnan(best) || (maximize ? trial->value > best : trial->value < best)))
            best = trial->value;
        if (isfinite(trial->seconds)) seconds += trial->seconds;
        if (!shown[i]) continue;
        doc_add(number, doc_number(trial->number));
        doc_add(state, doc_text(trial_state_names[trial->state]));
        doc_add(value, doc_number(trial->value));
        doc_add(so_far, doc_number(best));
        doc_add(start, doc_number(rounded(slots[i].start)));
        doc_add(took, doc_number(rounded(trial->seconds)));
        doc_add(lane, slots[i].lane >= 0 ? doc_number(slots[i].lane) : doc_null());
        doc_add(cpu, doc_number(rounded(trial->cpu_s)));
        doc_add(peak, trial->peak_bytes > 0 ? doc_number((double)trial->peak_bytes) : doc_null());
        put_kind(trial, kind);
        doc_add(size, trial->n_params > 0 ? doc_number((double)trial->n_params) : doc_null());
    }
    if (!document_board(facts, shown, n_shown, out, err)) return false;
    doc_set_number(out, "trial_seconds", rounded(seconds));
    if (lanes.n == 0) return true;
    doc_set_number(out, "lanes", lanes.n);
    doc_set_number(out, "span_s", rounded(lanes.span));
    doc_set_number(out, "utilization", lanes.share);
    return true;
}

static void put_counts(const Facts *facts, Doc *document)
{
    int count[TRIAL_STATE_COUNT] = {0};
    for (int i = 0; i < facts->n_trials; i++) count[facts->trials[i].state]++;
    Doc *out = doc_set(document, "counts", doc_object());
    doc_set_number(out, "total", facts->n_trials);
    for (int s = 0; s < TRIAL_STATE_COUNT; s++)
        if (count[s]) doc_set_number(out, trial_state_names[s], count[s]);
}

static bool put_failures(const Facts *facts, Doc *document, Error *err)
{
    Doc *out = doc_set(document, "failures", doc_array());
    enum { MOST_REASONS = 16 };
    struct {
        const char *code;
        int n, first;
    } reason[MOST_REASONS];
    int n = 0;
    for (int i = 0; i < facts->n_trials; i++) {
        const TrialRow *trial = &facts->trials[i];
        const bool breaks = trial->state == TRIAL_COMPLETE && trial->fail_code;
        if (trial->state != TRIAL_FAILED && trial->state != TRIAL_INFEASIBLE && !breaks) continue;
        const char *code = trial->fail_code ? trial->fail_code : trial_state_names[trial->state];
        int r = 0;
        while (r < n && strcmp(reason[r].code, code) != 0) r++;
        if (r == MOST_REASONS) continue;
        if (r == n) reason[n].code = code, reason[n].n = 0, reason[n++].first = i;
        reason[r].n++;
    }
    for (int r = 0; r < n; r++) {
        const TrialRow *example = &facts->trials[reason[r].first];
        if (!facts_whole(facts, reason[r].first, err)) return false;
        Doc *failure = doc_add(out, doc_object());
        doc_set_text(failure, "code", reason[r].code);
        doc_set_number(failure, "n", reason[r].n);
        doc_set_number(failure, "trial", example->number);
        doc_set_text(failure, "text", example->fail_text);
    }
    return true;
}

bool document_trials(const Facts *facts, Doc *document, Error *err)
{
    Column *columns = ARENA_NEW(facts->arena, Column, MOST_PARAMETERS);
    if (!columns) return error_memory(err);
    put_counts(facts, document);
    if (!put_trials(facts, document, err)) return false;
    put_parameters(facts, columns, document);
    return put_failures(facts, document, err);
}
