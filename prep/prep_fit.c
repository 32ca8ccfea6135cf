/* What a Prep learns from the training rows: one column at a time, and nothing else is looked at.
 *
 * Every statistic that needs an order comes from one sort of the column's present values, a radix
 * sort on the bits of the doubles: linear in the rows, in the arena's memory, and the same for
 * rows in any order. Means are taken about the smallest value, so that a large offset costs no
 * digits and a constant column has a deviation of exactly 0.
 */
#include <math.h>
#include <string.h>

#include "data/dates.h"
#include "data/order.h"
#include "prep/edges.h"
#include "prep/prep.h"

enum { MAX_FEATURES = 1 << 20 };

typedef struct {
    const Table *table;
    const int32_t *rows;
    int n;
    const PrepOptions *options;
    NumericPrep numeric;   /* without auto */
    double *sorted;        /* (n) present values of the column at hand, increasing */
    uint64_t *keys, *keys_too; /* (n) */
    int *counts;           /* (most levels of any column) */
    Arena *arena, *scratch; /* scratch: the four above, which go when it is fitted */
} Fit;

/* Fills fit->sorted and returns how many values are present. */
static int sort_present(Fit *fit, const PrepColumn *column, const Column *cells)
{
    int present = 0;
    for (int i = 0; i < fit->n; i++) {
        double v = prep_value(column, cells, fit->rows ? fit->rows[i] : i);
        if (isfinite(v)) fit->keys[present++] = order_key(v);
    }
    if (present == 0) return 0;
    const uint64_t *keys = order_keys(fit->keys, fit->keys_too, present, UINT64_MAX);
    for (int i = 0; i < present; i++) fit->sorted[i] = order_value(keys[i]);
    return present;
}

/* The p-quantile of n sorted values, linear between order statistics (Hyndman and Fan's type 7). */
static double quantile(const double *sorted, int n, double p)
{
    double place = p * (n - 1);
    int low = (int)place;
    if (low >= n - 1) return sorted[n - 1];
    double share = place - low, a = sorted[low], b = sorted[low + 1];
    return isfinite(b - a) ? a + (b - a) * share : a * (1 - share) + b * share;
}

static void mean_and_deviation(const double *sorted, int n, double *mean, double *deviation)
{
    double sum = 0, squares = 0;
    for (int i = 0; i < n; i++) sum += sorted[i] - sorted[0];
    double offset = sum / n;
    for (int i = 0; i < n; i++) {
        double d = sorted[i] - sorted[0] - offset;
        squares += d * d;
    }
    *mean = sorted[0] + offset;
    *deviation = sqrt(squares / n);
}

/* 1 / width; a column narrower than doubles can invert is as good as constant. */
static double inverse(double width)
{
    double scale = 1 / width;
    return isfinite(scale) ? scale : 0;
}

static bool fit_knots(Fit *fit, int present, PrepColumn *column, Error *err)
{
    int n = present / 30;
    n = n < 10 ? 10 : n > 1000 ? 1000 : n;
    double *knots = ARENA_NEW(fit->arena, double, n);
    if (!knots) return error_memory(err);
    for (int i = 0; i < n; i++) {
        knots[i] = quantile(fit->sorted, present, (double)i / (n - 1));
        if (i > 0 && knots[i] < knots[i - 1]) knots[i] = knots[i - 1]; /* rounding */
    }
    column->knots = knots;
    column->n_knots = n;
    return true;
}

/* Shift and scale, of a column that is not constant. */
static bool fit_scale(Fit *fit, int present, double mean, double deviation, PrepColumn *column,
                      Error *err)
{
    const double *sorted = fit->sorted;
    double low = sorted[0], high = sorted[present - 1];
    double largest = fmax(fabs(low), fabs(high));
    column->shift = 0;
    column->scale = 1;
    bool raw = fit->numeric == NUMERIC_NONE || fit->numeric == NUMERIC_UNIT;
    switch (column->kind == COLUMN_DATE && raw ? NUMERIC_STANDARD : fit->numeric) {
    case NUMERIC_UNIT: column->scale = inverse(largest); break;
    case NUMERIC_STANDARD:
        column->shift = mean;
        column->scale = inverse(deviation);
        break;
    case NUMERIC_MINMAX:
        column->shift = low;
        column->scale = inverse(high - low);
        break;
    case NUMERIC_ROBUST: {
        double spread = quantile(sorted, present, 0.75) - quantile(sorted, present, 0.25);
        column->shift = quantile(sorted, present, 0.5);
        column->scale = spread > 0 ? inverse(spread) : inverse((high - low) / 2);
        column->clip = true;
        break;
    }
    case NUMERIC_QUANTILE: return fit_knots(fit, present, column, err);
    case NUMERIC_AUTO:
    case NUMERIC_NONE: break;
    }
    /* Values near the end of the doubles: sums and widths overflow, so use the magnitude alone. */
    if (!isfinite(column->shift) || column->scale == 0) {
        column->shift = 0;
        column->scale = inverse(largest);
    }
    return true;
}

/* The present values with what is to be predicted; of several targets the first. */
static bool edge_rows(Fit *fit, int present, const PrepColumn *column, const Column *cells, EdgeRows *out)
{
    const Table *table = fit->table;
    int *next = ARENA_NEW(fit->scratch, int, present);
    int32_t *label = table->labels ? ARENA_NEW(fit->scratch, int32_t, present) : NULL;
    double *target = table->targets ? ARENA_NEW(fit->scratch, double, present) : NULL;
    *out = (EdgeRows){fit->sorted, label, target, present, table->n_classes};
    if (!next || (!label && !target)) return !label && !target && next;
    memset(next, 0, (size_t)present * sizeof *next);
    for (int i = 0; i < fit->n; i++) {
        const int row = fit->rows ? fit->rows[i] : i;
        const double v = prep_value(column, cells, row);
        int low = 0, high = present;
        if (!isfinite(v)) continue;
        while (low < high) { /* the first place of this value; `next` says how many are taken */
            int middle = low + (high - low) / 2;
            if (fit->sorted[middle] < v) low = middle + 1;
            else high = middle;
        }
        const int at = low + next[low]++;
        if (label) label[at] = table->labels[row];
        if (target) target[at] = table->targets[(size_t)row * (size_t)table->task.n_targets];
    }
    return true;
}

/* Edges for the piecewise-linear encoding; none for two values, where the number itself says all. */
static bool fit_edges(Fit *fit, int present, const Column *cells, PrepColumn *column, Error *err)
{
    int bins = fit->options->ple_bins, n = 0, place = 0;
    while (place < present && fit->sorted[place] == fit->sorted[0]) place++;
    if (place == present || fit->sorted[place] == fit->sorted[present - 1]) return true;
    double *edges = ARENA_NEW(fit->arena, double, bins + 1);
    if (!edges) return error_memory(err);
    EdgeRows rows;
    const bool by_label = fit->options->ple_edges == PLE_TREE && (fit->table->labels || fit->table->targets);
    if (by_label && !edge_rows(fit, present, column, cells, &rows)) return error_memory(err);
    if (by_label) n = edges_tree(&rows, bins, fit->scratch, edges);
    else if (fit->options->ple_edges == PLE_SPREAD) n = edges_spread(fit->sorted, present, bins, edges);
    if (n < 0) return error_memory(err);
    for (int t = 0; !by_label && fit->options->ple_edges != PLE_SPREAD && t <= bins; t++) {
        double edge = quantile(fit->sorted, present, (double)t / bins);
        if (n == 0 || (edge > edges[n - 1] && isfinite(edge - edges[n - 1]))) edges[n++] = edge;
    }
    if (n < 3) return true;
    column->edges = edges;
    column->n_edges = n;
    return true;
}

/* What the number becomes besides itself. */
static bool fit_embedding(Fit *fit, int present, const Column *cells, PrepColumn *column, Error *err)
{
    switch ((NumericEmbedding)fit->options->numeric_embedding) {
    case NUMERIC_EMBED_PLE: return fit_edges(fit, present, cells, column, err);
    case NUMERIC_EMBED_PBLD: column->embedding = FEATURE_PBLD; break;
    case NUMERIC_EMBED_PERIODIC: column->embedding = FEATURE_PERIODIC; break;
    case NUMERIC_EMBED_NONE: break;
    }
    return true;
}

static bool wants_flag(const PrepOptions *options)
{
    int rule = options->impute;
    return rule == IMPUTE_MEDIAN_FLAG || rule == IMPUTE_MEAN_FLAG || rule == IMPUTE_ZERO_FLAG;
}

/* Which parts of the present dates vary, and how the years spread. */
static void fit_parts(const Fit *fit, int present, PrepColumn *column)
{
    double first[DATE_PART_COUNT], part[DATE_PART_COUNT], sum = 0, squares = 0;
    date_parts(prep_seconds(fit->sorted[0]), first);
    for (int i = 0; i < present; i++) {
        date_parts(prep_seconds(fit->sorted[i]), part);
        double years = part[DATE_YEAR] - first[DATE_YEAR];
        sum += years;
        squares += years * years;
        for (int p = 0; p < DATE_PART_COUNT; p++)
            if (part[p] != first[p]) column->parts |= 1u << p;
    }
    double mean = sum / present;
    column->year_shift = first[DATE_YEAR] + mean;
    column->year_scale = column->parts >> DATE_YEAR & 1 ? inverse(sqrt(squares / present - mean * mean)) : 0;
}

static bool fit_number(Fit *fit, const Column *cells, PrepColumn *column, Error *err)
{
    int present = sort_present(fit, column, cells);
    int rule = fit->options->impute;
    column->flag = wants_flag(fit->options) && present > 0 && present < fit->n;
    if (present == 0) return true;
    double mean, deviation;
    mean_and_deviation(fit->sorted, present, &mean, &deviation);
    if (rule == IMPUTE_MEDIAN || rule == IMPUTE_MEDIAN_FLAG)
        column->fill = quantile(fit->sorted, present, 0.5);
    else if (rule == IMPUTE_MEAN || rule == IMPUTE_MEAN_FLAG)
        column->fill = isfinite(mean) ? mean : quantile(fit->sorted, present, 0.5);
    if (fit->sorted[0] == fit->sorted[present - 1]) return true;
    if (column->kind == COLUMN_DATE) fit_parts(fit, present, column);
    if (column->kind == COLUMN_ORDERED && column->coding == ORDERED_THERMOMETER) {
        column->low = (int)fit->sorted[0];
        column->high = (int)fit->sorted[present - 1];
        column->scale = 1; /* it says something */
        return true;
    }
    return fit_scale(fit, present, mean, deviation, column, err) &&
           fit_embedding(fit, present, cells, column, err);
}

static bool fit_category(Fit *fit, const Column *cells, PrepColumn *column, Error *err)
{
    int *counts = fit->counts, kept = 0, rare = 0, missing = 0;
    int least = fit->options->min_count > 1 ? fit->options->min_count : 1;
    memset(counts, 0, (size_t)cells->n_levels * sizeof *counts);
    for (int i = 0; i < fit->n; i++) {
        int code = cells->code[fit->rows ? fit->rows[i] : i];
        if (code >= 0)
            counts[code]++;
        else
            missing++;
    }
    for (int code = 0; code < cells->n_levels; code++) {
        kept += counts[code] >= least;
        rare += counts[code] > 0 && counts[code] < least;
    }
    if (kept + (rare > 0) + (missing > 0) < 2) return true; /* one outcome: says nothing */
    column->levels = ARENA_NEW(fit->arena, const char *, kept);
    if (!column->levels) return error_memory(err);
    for (int code = 0; code < cells->n_levels; code++) {
        if (counts[code] < least) continue;
        const char *level = arena_copy(fit->arena, cells->levels[code]);
        if (!level) return error_memory(err);
        column->levels[column->n_levels++] = level;
    }
    column->coded = fit->options->categorical == CATEGORY_EMBED &&
                    kept > fit->options->embed_above;
    if (kept == 2 && !column->coded) return true;
    column->missing_level = missing > 0 && fit->options->missing_category == MISSING_OWN_LEVEL;
    column->unseen_level = rare > 0;
    return true;
}

static bool fit_text(Fit *fit, const Column *cells, PrepColumn *column, Error *err)
{
    const PrepOptions *o = fit->options;
    column->text = (TextPrep){.n_buckets = o->text_features > 0 ? o->text_features : 4096,
                              .ngrams = (TextNgrams)o->text_ngrams, .weight = (TextWeight)o->text_weight};
    int least = o->min_count > 2 ? o->min_count : 2;
    return text_fit(cells, fit->rows, fit->n, least, fit->arena, &column->text) || error_memory(err);
}

/* Room for `n` derived columns behind the table's, with their names. */
static bool add_derived(Prep *prep, const Table *table, Derivation *derived, int n, Arena *arena)
{
    const int own = table->n_columns;
    const Schema schema = table_schema(table);
    PrepColumn *columns = ARENA_NEW(arena, PrepColumn, own + n);
    if (!columns) return false;
    memcpy(columns, prep->columns, (size_t)own * sizeof *columns);
    for (int k = 0; k < n; k++) {
        const char *name = derive_name(&derived[k], &schema, arena);
        if (!name) return false;
        columns[own + k] = (PrepColumn){.kind = COLUMN_NUMERIC, .name = name};
    }
    prep->columns = columns;
    prep->n_columns = own + n;
    prep->derived = derived;
    prep->n_derived = n;
    return true;
}

/* Chooses derived columns and fits them as numbers: `informative` counts those that vary. */
static bool fit_derived(Fit *fit, Prep *prep, int *informative, Error *err)
{
    const Table *table = fit->table;
    DeriveRows in;
    Derivation *derived;
    int n;
    if (!prep_groups(prep->columns, table, fit->rows, fit->n, fit->scratch, &in) ||
        !derive_fit(&fit->options->derive, &in, fit->arena, &derived, &n))
        return error_memory(err);
    if (n == 0) return true;
    double *value = ARENA_NEW(fit->scratch, double, fit->n);
    if (!value || !add_derived(prep, table, derived, n, fit->arena)) return error_memory(err);
    const Column cells = {.kind = COLUMN_NUMERIC, .number = value};
    fit->rows = NULL; /* from here on values lie in the order of the training rows */
    for (int k = 0; k < n; k++) {
        PrepColumn *column = &prep->columns[table->n_columns + k];
        if (!derive_training(&derived[k], &in, fit->scratch, value)) return error_memory(err);
        if (!fit_number(fit, &cells, column, err)) return false;
        *informative += column->scale != 0;
    }
    return true;
}

static bool derives(const DeriveOptions *o)
{
    return o->target_encoding != TARGET_NONE || o->crosses + o->arithmetic + o->aggregates > 0;
}

static bool fit_columns(Fit *fit, Prep *prep, Error *err)
{
    const Table *table = fit->table;
    int most_levels = 0, informative = 0;
    for (int j = 0; j < table->n_columns; j++) {
        const Column *cells = &table->columns[j];
        if (column_has_words(cells->kind) && cells->n_levels > most_levels)
            most_levels = cells->n_levels;
    }
    fit->sorted = ARENA_NEW(fit->scratch, double, fit->n);
    fit->keys = ARENA_NEW(fit->scratch, uint64_t, fit->n);
    fit->keys_too = ARENA_NEW(fit->scratch, uint64_t, fit->n);
    fit->counts = ARENA_NEW(fit->scratch, int, most_levels);
    prep->columns = ARENA_NEW(fit->arena, PrepColumn, table->n_columns);
    if (!fit->sorted || !fit->keys || !fit->keys_too || !fit->counts || !prep->columns)
        return error_memory(err);
    prep->n_columns = table->n_columns;
    for (int j = 0; j < table->n_columns; j++) {
        const Column *cells = &table->columns[j];
        PrepColumn *column = &prep->columns[j];
        column->kind = cells->kind;
        column->name = arena_copy(fit->arena, cells->name ? cells->name : "");
        if (!column->name) return error_memory(err);
        if (cells->kind == COLUMN_ORDERED) column->coding = (OrderedPrep)fit->options->ordered;
        bool ok = prep_by_number(column)             ? fit_number(fit, cells, column, err)
                : column->kind == COLUMN_FREE_TEXT ? fit_text(fit, cells, column, err)
                                                   : fit_category(fit, cells, column, err);
        if (!ok) return false;
        informative += column->scale != 0 || column->text.n > 0 || column->flag || column->n_levels > 0 ||
                       column->missing_level || column->unseen_level;
    }
    if (derives(&fit->options->derive) && !fit_derived(fit, prep, &informative, err)) return false;
    if (informative == 0)
        return error_set(err, ERR_DATA,
                         "none of the %d columns varies over the %d training rows: there is "
                         "nothing to learn from; check data.label, data.features and data.drop",
                         table->n_columns, fit->n);
    return prep_lay_out(prep, fit->arena, err);
}

/* Over all pixels of the training rows at once, from the counts of the 256 grey levels. */
static bool fit_images(Fit *fit, Prep *prep, Error *err)
{
    const Table *table = fit->table;
    size_t d = PIXELS_OF(table);
    if (d == 0 || d > MAX_FEATURES)
        return error_set(err, ERR_DATA, "images of %d x %d%s cannot be used", table->height, table->width,
                         pixels_colour(table->channels));
    double shift = 0, scale = 1;
    if (fit->numeric == NUMERIC_UNIT) {
        scale = 1.0 / 255;
    } else if (fit->numeric != NUMERIC_NONE) {
        int64_t counts[256] = {0};
        for (int i = 0; i < fit->n; i++) {
            const uint8_t *p = table->pixels + (size_t)(fit->rows ? fit->rows[i] : i) * d;
            for (size_t j = 0; j < d; j++) counts[p[j]]++;
        }
        int low = 0, high = 255;
        while (low < 255 && counts[low] == 0) low++;
        while (high > 0 && counts[high] == 0) high--;
        double sum = 0, squares = 0, n = (double)fit->n * (double)d;
        for (int v = 0; v < 256; v++) sum += (double)counts[v] * v;
        for (int v = 0; v < 256; v++) {
            double deviation = v - sum / n;
            squares += (double)counts[v] * deviation * deviation;
        }
        if (low == high)
            return error_set(err, ERR_DATA,
                             "all pixels of the %d training images are %d: there is nothing to "
                             "learn from",
                             fit->n, low);
        shift = fit->numeric == NUMERIC_STANDARD ? sum / n : low;
        scale = fit->numeric == NUMERIC_STANDARD ? 1 / sqrt(squares / n) : 1.0 / (high - low);
    }
    float *shifts = ARENA_NEW(fit->arena, float, d), *scales = ARENA_NEW(fit->arena, float, d);
    if (!shifts || !scales) return error_memory(err);
    for (size_t j = 0; j < d; j++) {
        shifts[j] = (float)shift;
        scales[j] = (float)scale;
    }
    prep->n_features = (int)d;
    prep->height = table->height;
    prep->width = table->width;
    prep->channels = table->channels;
    prep->pixel_shift = shifts;
    prep->pixel_scale = scales;
    return true;
}

bool prep_fit(const PrepOptions *options, const Table *table, const int32_t *rows, int n,
              Arena *arena, Prep **out, Error *err)
{
    bool images = table->pixels != NULL;
    int numeric = options->numeric;
    if (numeric == NUMERIC_AUTO) numeric = images ? NUMERIC_UNIT : NUMERIC_ROBUST;
    if (n < 1) return error_set(err, ERR_DATA, "there are no training rows");
    if (images && (numeric == NUMERIC_ROBUST || numeric == NUMERIC_QUANTILE))
        return error_set(err, ERR_CONFIG,
                         "numeric: %s is for tables; for images use unit, standard or minmax",
                         numeric_prep_names[numeric]);
    if (images && options->numeric_embedding != NUMERIC_EMBED_NONE)
        return error_set(err, ERR_CONFIG,
                         "numeric_embedding: %s is for tables; for images leave it at none",
                         numeric_embedding_names[options->numeric_embedding]);
    if (!images && table->n_columns < 1)
        return error_set(err, ERR_DATA,
                         "the table has no columns to learn from; check data.features and "
                         "data.drop");
    Prep *prep = ARENA_NEW(arena, Prep, 1);
    if (!prep) return error_memory(err);
    Fit fit = {.table = table, .rows = rows, .n = n, .options = options,
               .numeric = (NumericPrep)numeric, .arena = arena, .scratch = arena_create(0)};
    if (!fit.scratch) return error_memory(err);
    bool ok = images ? fit_images(&fit, prep, err) : fit_columns(&fit, prep, err);
    arena_destroy(fit.scratch);
    if (ok) *out = prep;
    return ok;
}

/* What a number becomes besides itself, at most. */
static void most_of_number(const PrepOptions *options, PrepColumn *column, bool has_missing)
{
    int embedding = column->coding == ORDERED_THERMOMETER ? NUMERIC_EMBED_NONE : options->numeric_embedding;
    column->flag = wants_flag(options) && has_missing;
    if (embedding == NUMERIC_EMBED_PLE) column->n_edges = options->ple_bins + 1;
    if (embedding == NUMERIC_EMBED_PBLD) column->embedding = FEATURE_PBLD;
    if (embedding == NUMERIC_EMBED_PERIODIC) column->embedding = FEATURE_PERIODIC;
}

bool prep_most(const PrepOptions *options, const Table *table, Arena *arena, Prep **out, Error *err)
{
    Prep *prep = ARENA_NEW(arena, Prep, 1);
    PrepColumn *columns = prep ? ARENA_NEW(arena, PrepColumn, table->n_columns) : NULL;
    if (!columns) return error_memory(err);
    *prep = (Prep){.n_features = (int)PIXELS_OF(table), .height = table->height, .width = table->width,
                   .channels = table->channels, .n_columns = table->n_columns, .columns = columns};
    for (int j = 0; j < table->n_columns; j++) {
        const Column *cells = &table->columns[j];
        PrepColumn *column = &columns[j];
        column->kind = cells->kind;
        column->name = cells->name ? cells->name : "";
        if (cells->kind == COLUMN_ORDERED) column->coding = (OrderedPrep)options->ordered;
        if (prep_by_number(column)) {
            if (column->kind == COLUMN_DATE) column->parts = (1u << DATE_PART_COUNT) - 1;
            if (cells->kind == COLUMN_ORDERED) column->high = cells->n_levels - 1;
            most_of_number(options, column, cells->n_missing > 0);
            continue;
        }
        if (column->kind == COLUMN_FREE_TEXT) { /* two rows at least have an n-gram of each feature */
            double grams = text_grams_most(cells, table->n_rows, (TextNgrams)options->text_ngrams) / 2;
            column->text.n = grams < options->text_features ? (int)grams : options->text_features;
            continue;
        }
        column->n_levels = cells->n_levels;
        column->coded = options->categorical == CATEGORY_EMBED && cells->n_levels > options->embed_above;
        if (cells->n_levels == 2 && !column->coded) continue;
        column->missing_level = cells->n_missing > 0 && options->missing_category == MISSING_OWN_LEVEL;
        column->unseen_level = options->min_count > 1;
    }
    Derivation *derived;
    int n = 0;
    if (table->n_columns > 0 && derives(&options->derive)) {
        if (!derive_most(&options->derive, table, arena, &derived, &n) ||
            !add_derived(prep, table, derived, n, arena))
            return error_memory(err);
        /* No kind yet: a number that may be missing. */
        for (int k = 0; k < n; k++) most_of_number(options, &prep->columns[table->n_columns + k], true);
    }
    if (table->n_columns > 0 && !prep_lay_out(prep, arena, err)) return false;
    *out = prep;
    return true;
}
