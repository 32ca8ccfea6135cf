/* The options, and how a fitted Prep is applied. How it is fitted stands in prep_fit.c. */
#include "prep/prep.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "data/dates.h"

const char *const numeric_prep_names[] = {NUMERIC_PREP_LIST(LIST_NAME) NULL};
const char *const category_prep_names[] = {CATEGORY_PREP_LIST(LIST_NAME) NULL};
const char *const ordered_prep_names[] = {ORDERED_PREP_LIST(LIST_NAME) NULL};
const char *const numeric_embedding_names[] = {NUMERIC_EMBEDDING_LIST(LIST_NAME) NULL};
const char *const ple_edges_names[] = {PLE_EDGES_LIST(LIST_NAME) NULL};
const char *const impute_rule_names[] = {IMPUTE_RULE_LIST(LIST_NAME) NULL};
const char *const missing_category_names[] = {MISSING_CATEGORY_LIST(LIST_NAME) NULL};

#define F(member) offsetof(PrepOptions, member)
static const Field prep_field_list[] = {
    {"numeric", FIELD_CHOICE, F(numeric), "auto", .choices = numeric_prep_names,
     .searchable = true,
     .help = "scaling of numbers; auto: robust for tables, unit (grey / 255) for images"},
    {"categorical", FIELD_CHOICE, F(categorical), "onehot", .choices = category_prep_names,
     .searchable = true,
     .help = "how words become numbers; embed: learned numbers for columns of many levels"},
    {"embed_above", FIELD_INT, F(embed_above), "8", 1, 1000000, .searchable = true,
     .help = "categorical embed: columns of more levels than this are embedded"},
    {"numeric_embedding", FIELD_CHOICE, F(numeric_embedding), "none",
     .choices = numeric_embedding_names, .searchable = true, .alias = "embedding",
     .help = "more inputs for each number: ple piecewise linear, pbld and periodic learned waves"},
    {"ple_bins", FIELD_INT, F(ple_bins), "16", 2, 256, .searchable = true,
     .help = "numeric_embedding ple: bins of a column"},
    {"ple_edges", FIELD_CHOICE, F(ple_edges), "quantile", .choices = ple_edges_names, .searchable = true,
     .help = "where they end: quantiles; spread, which shares them out better; tree, by the label"},
    {"ordered", FIELD_CHOICE, F(ordered), "number", .choices = ordered_prep_names, .searchable = true,
     .help = "levels in order (data.columns): a number, a feature for each step, or as other words"},
    {"text_features", FIELD_INT, F(text_features), "4096", 16, 65536, .searchable = true,
     .help = "columns of text: into how many buckets their n-grams are hashed"},
    {"text_ngrams", FIELD_CHOICE, F(text_ngrams), "words", .choices = text_ngram_names, .searchable = true,
     .help = "columns of text: words and pairs of them, 3 to 5 characters in a row, or both"},
    {"text_weight", FIELD_CHOICE, F(text_weight), "tfidf", .choices = text_weight_names, .searchable = true,
     .help = "columns of text: what an n-gram counts; tfidf: more where few rows have it"},
    {"min_count", FIELD_INT, F(min_count), "0", 0, 1000000, .searchable = true,
     .help = "levels seen fewer times share one `unseen` feature"},
    {"target_encoding", FIELD_CHOICE, F(derive.target_encoding), "none", .choices = target_encoding_names,
     .searchable = true,
     .help = "oof: a number for each word, the mean of the target where it stands, out of fold"},
    {"crosses", FIELD_INT, F(derive.crosses), "0", 0, DERIVE_MOST_PAIRS, .searchable = true,
     .help = "pairs of columns of words, encoded by the target; at most so many are chosen"},
    {"arithmetic", FIELD_INT, F(derive.arithmetic), "0", 0, DERIVE_MOST_PAIRS, .searchable = true,
     .help = "differences, ratios, products and sums of two numbers; at most so many are chosen"},
    {"aggregates", FIELD_INT, F(derive.aggregates), "0", 0, DERIVE_MOST_PAIRS, .searchable = true,
     .help = "a number's mean by a word, and its distance from it; at most so many pairs are chosen"},
};
const FieldTable prep_fields = FIELD_TABLE("preprocess", prep_field_list);

static const Field missing_field_list[] = {
    {"numeric", FIELD_CHOICE, F(impute), "median+indicator", .choices = impute_rule_names,
     .searchable = true,
     .help = "what a missing number becomes; indicator: a 0/1 feature says that it was missing"},
    {"categorical", FIELD_CHOICE, F(missing_category), "own_level",
     .choices = missing_category_names, .searchable = true,
     .help = "a missing word is a level of its own, or all zeros"},
};
#undef F
const FieldTable missing_fields = FIELD_TABLE("missing", missing_field_list);

/* Inverse of the normal distribution. A start good to 4.5e-4 (Abramowitz and Stegun 26.2.23), then
 * two of Halley's steps on Q(z) - q with Q(z) = erfc(z / sqrt 2) / 2, each of which triples the
 * number of right digits. */
double prep_normal_score(double p)
{
    double q = p < 0.5 ? p : 1 - p; /* the smaller tail; z >= 0 */
    if (!(q > 0)) return p < 0.5 ? -5.2 : 5.2;
    double t = sqrt(-2 * log(q));
    double z = t - (2.515517 + t * (0.802853 + t * 0.010328)) /
                       (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
    for (int step = 0; step < 2; step++) {
        double excess = 0.5 * erfc(z * 0.70710678118654752440) - q;
        double newton = excess * 2.50662827463100050242 * exp(z * z / 2);
        z += newton / (1 - z * newton / 2);
    }
    if (z > 5.2) z = 5.2;
    return p < 0.5 ? -z : z;
}

/* The place of v among n knots, in [0, 1]. */
static double knot_rank(const double *knots, int n, double v)
{
    int below = 0, end = n; /* knots < v */
    while (below < end) {
        int middle = below + (end - below) / 2;
        if (knots[middle] < v)
            below = middle + 1;
        else
            end = middle;
    }
    if (below == n) return 1;
    if (knots[below] == v) {
        int last = below;
        end = n - 1;
        while (last < end) {
            int middle = end - (end - last) / 2;
            if (knots[middle] > v)
                end = middle - 1;
            else
                last = middle;
        }
        return ((double)below + last) / 2 / (n - 1);
    }
    if (below == 0) return 0;
    double left = knots[below - 1], span = knots[below] - left;
    double share = isfinite(span) ? (v - left) / span : 0.5;
    return (below - 1 + share) / (n - 1);
}

double prep_number(const PrepColumn *column, double v)
{
    static const double limit = 1e30;
    if (column->scale == 0) return 0;
    if (!isfinite(v)) v = column->fill;
    if (column->n_knots > 0)
        v = prep_normal_score(knot_rank(column->knots, column->n_knots, v));
    double x = (v - column->shift) * column->scale;
    if (x > limit) x = limit;
    if (x < -limit) x = -limit;
    return column->clip ? x / sqrt(1 + (x / 3) * (x / 3)) : x;
}

RampValue prep_climb(const PrepColumn *column, double v)
{
    const double *b = column->edges;
    int low = 0, high = column->n_edges - 1; /* b[low] <= v < b[high], or one of the two ends */
    if (!isfinite(v)) v = column->fill;
    while (high - low > 1) {
        const int middle = (low + high) / 2;
        if (v >= b[middle]) low = middle;
        else high = middle;
    }
    const double from = b[low], to = b[low + 1];
    return (RampValue){low, v <= from ? 0.0f : v >= to ? 1.0f : (float)((v - from) / (to - from))};
}

void prep_bins(const PrepColumn *column, double v, float *e)
{
    if (column->n_edges < 2) return;
    const RampValue at = prep_climb(column, v);
    for (int t = 0; t + 1 < column->n_edges; t++) e[t] = t < at.bin ? 1.0f : t == at.bin ? at.part : 0.0f;
}

double prep_value(const PrepColumn *column, const Column *cells, int row)
{
    if (column->kind == COLUMN_NUMERIC) return column_number(cells, row);
    if (column->kind == COLUMN_ORDERED) return cells->code[row] < 0 ? NAN : cells->code[row];
    double seconds = column_number(cells, row);
    return date_is_there(seconds) ? seconds / 86400 : NAN;
}

double prep_seconds(double days)
{
    return floor(days * 86400e6 + 0.5) / 1e6;
}

int prep_part_features(const PrepColumn *column)
{
    int n = 0;
    for (int p = 0; p < DATE_PART_COUNT; p++)
        if (column->parts >> p & 1) n += date_cycle((DatePart)p) > 0 ? 2 : 1;
    return n;
}

void prep_parts(const PrepColumn *column, double days, float *out)
{
    double part[DATE_PART_COUNT];
    bool there = isfinite(days);
    if (there) date_parts(prep_seconds(days), part);
    for (int p = 0; p < DATE_PART_COUNT; p++) {
        double cycle = date_cycle((DatePart)p);
        if (!(column->parts >> p & 1)) continue;
        if (cycle > 0) {
            double angle = there ? 6.283185307179586477 * part[p] / cycle : 0;
            *out++ = there ? (float)sin(angle) : 0;
            *out++ = there ? (float)cos(angle) : 0;
        } else {
            *out++ = there ? (float)((part[p] - column->year_shift) * column->year_scale) : 0;
        }
    }
}

/* ---- the features ---- */

/* How many codes a coded column has besides 0. */
static int code_count(const PrepColumn *column)
{
    return column->n_levels + column->missing_level + column->unseen_level;
}

static int column_features(const PrepColumn *column)
{
    int own = column->kind == COLUMN_DATE ? prep_part_features(column) : 0;
    if (column->kind == COLUMN_ORDERED && column->coding == ORDERED_THERMOMETER)
        return column->high > column->low ? column->high - column->low + column->flag : 1;
    if (prep_by_number(column)) return 1 + (column->n_edges > 1 ? column->n_edges - 1 : 0) + own + column->flag;
    if (column->kind == COLUMN_FREE_TEXT) return column->text.n > 0 ? column->text.n : 1;
    if (column->coded || column->n_levels == 2) return 1;
    int n = code_count(column);
    return n > 0 ? n : 1;
}

bool prep_lay_out(Prep *prep, Arena *arena, Error *err)
{
    enum { MOST_FEATURES = 1 << 20 };
    bool plain = true;
    prep->n_features = 0;
    for (int j = 0; j < prep->n_columns; j++) {
        PrepColumn *column = &prep->columns[j];
        column->out = prep->n_features;
        column->n_out = column_features(column);
        if (column->n_out > MOST_FEATURES - prep->n_features)
            return error_set(err, ERR_DATA,
                             "column `%s`: encoding makes more than %d features; set "
                             "data.preprocess.min_count or `categorical: embed`, or drop the column",
                             column->name, MOST_FEATURES);
        prep->n_features += column->n_out;
        plain = plain && !column->coded && column->embedding == FEATURE_PLAIN;
    }
    prep->feature = NULL;
    if (plain) return true;
    int *feature = ARENA_NEW(arena, int, prep->n_features);
    if (!feature) return error_memory(err);
    for (int j = 0; j < prep->n_columns; j++) {
        const PrepColumn *column = &prep->columns[j];
        feature[column->out] = column->coded ? code_count(column) : column->embedding;
    }
    prep->feature = feature;
    return true;
}

/* Several features of which one at most is 1? They are kept as its place (data/rows.h). */
static bool is_hot(const PrepColumn *column)
{
    return !prep_by_number(column) && column->kind != COLUMN_FREE_TEXT && column->n_out > 1;
}

/* How many features of a column are a ramp; they follow its first one. */
static int prep_ramp(const PrepColumn *column)
{
    const bool steps = column->kind == COLUMN_ORDERED && column->coding == ORDERED_THERMOMETER;
    return prep_by_number(column) && !steps && column->n_edges > 1 ? column->n_edges - 1 : 0;
}

Rows prep_shape(const Prep *prep)
{
    Rows shape = {.n_features = prep->n_features, .feature = prep->feature, .height = prep->height,
                  .width = prep->width, .channels = prep->channels};
    for (int j = 0; j < prep->n_columns; j++) {
        bool hot = is_hot(&prep->columns[j]), text = prep->columns[j].kind == COLUMN_FREE_TEXT;
        const int bins = prep_ramp(&prep->columns[j]);
        shape.n_hot += hot;
        shape.n_texts += text;
        shape.n_ramps += bins > 0;
        shape.n_plain += hot || text ? 0 : prep->columns[j].n_out - bins;
    }
    shape.ld = prep->n_columns > 0 ? (shape.n_plain + 7) / 8 * 8 : 0;
    return shape;
}

typedef struct {
    const char *text;
    int place;
} Level;

static int compare_levels(const void *a, const void *b)
{
    return strcmp(((const Level *)a)->text, ((const Level *)b)->text);
}

/* map[code] = the prep's level for each level of the table, or n_levels when it has none. */
static int *match_levels(const PrepColumn *column, const Column *cells, Arena *arena)
{
    int n = column->n_levels;
    Level *sorted = ARENA_NEW(arena, Level, n);
    int *map = ARENA_NEW(arena, int, cells->n_levels);
    if (!sorted || !map) return NULL;
    for (int i = 0; i < n; i++) sorted[i] = (Level){column->levels[i], i};
    if (n > 1) qsort(sorted, (size_t)n, sizeof *sorted, compare_levels);
    for (int code = 0; code < cells->n_levels; code++) {
        Level wanted = {cells->levels[code], 0};
        const Level *found =
            n > 0 ? bsearch(&wanted, sorted, (size_t)n, sizeof *sorted, compare_levels) : NULL;
        map[code] = found ? found->place : n;
    }
    return map;
}

/* The thermometer: level k's feature is 1 from there on. */
static void prep_steps(const PrepColumn *column, double v, float *to)
{
    double level = isfinite(v) ? v : column->fill;
    int n = column->high - column->low;
    if (n < 1) to[0] = 0;
    for (int k = 0; k < n; k++) to[k] = level >= column->low + 1 + k;
    if (n >= 1 && column->flag) to[n] = isfinite(v) ? 0 : 1;
}

/* `x` is where the column's floats of the first row go, its bins left out, and `climbed` where these do. */
static void encode_number(const PrepColumn *column, const Column *cells, const int32_t *rows, int n,
                          float *x, int ld, RampValue *climbed, int n_ramps)
{
    const int bins = prep_ramp(column);
    for (int i = 0; i < n; i++) {
        double v = prep_value(column, cells, rows ? rows[i] : i);
        float *to = x + (size_t)i * (size_t)ld;
        if (column->kind == COLUMN_ORDERED && column->coding == ORDERED_THERMOMETER) {
            prep_steps(column, v, to);
            continue;
        }
        to[0] = (float)prep_number(column, v);
        if (bins > 0) climbed[(size_t)i * (size_t)n_ramps] = prep_climb(column, v);
        if (column->parts) prep_parts(column, v, to + 1);
        if (column->flag) to[column->n_out - 1 - bins] = isfinite(v) ? 0 : 1;
    }
}

/* Which of its codes 0, 1, ... a cell of a column has: its level, then `missing`, then `unseen`; -1: none. */
static int place_of(const PrepColumn *column, const int *map, int code)
{
    if (code >= 0 && map[code] < column->n_levels) return map[code];
    if (code < 0) return column->missing_level ? column->n_levels : -1;
    return column->unseen_level ? column->n_levels + column->missing_level : -1;
}

/* A column that is one feature: a code, -1 or +1, or whether its only level is there. */
static void encode_category(const PrepColumn *column, const Column *cells, const int *map,
                            const int32_t *rows, int n, float *x, int ld)
{
    for (int i = 0; i < n; i++) {
        int code = cells->code[rows ? rows[i] : i], place = place_of(column, map, code);
        float value = place == 0;
        if (column->coded) value = (float)(place + 1);
        else if (column->n_levels == 2) value = place < 0 ? 0 : place == 0 ? -1 : 1;
        x[(size_t)i * (size_t)ld] = value;
    }
}

/* A column of several features: the one that is 1. */
static void encode_place(const PrepColumn *column, const Column *cells, const int *map,
                         const int32_t *rows, int n, int32_t *hot, int n_hot)
{
    for (int i = 0; i < n; i++) {
        int place = place_of(column, map, cells->code[rows ? rows[i] : i]);
        hot[(size_t)i * (size_t)n_hot] = place < 0 ? -1 : column->out + place;
    }
}

bool prep_groups(const PrepColumn *columns, const Table *table, const int32_t *rows, int n, Arena *arena,
                 DeriveRows *out)
{
    int *n_groups = ARENA_NEW(arena, int, table->n_columns);
    const int32_t **group = ARENA_NEW(arena, const int32_t *, table->n_columns);
    if (!n_groups || !group) return false;
    for (int j = 0; j < table->n_columns; j++) {
        const PrepColumn *column = &columns[j];
        if (column->kind != COLUMN_NOMINAL || column->n_levels == 0) continue;
        const int *map = match_levels(column, &table->columns[j], arena);
        int32_t *of = ARENA_NEW(arena, int32_t, n);
        if (!map || !of) return false;
        for (int i = 0; i < n; i++) {
            const int code = table->columns[j].code[rows ? rows[i] : i], known = column->n_levels;
            of[i] = code < 0 ? known : map[code] < known ? map[code] : known + 1;
        }
        n_groups[j] = column->n_levels + 2;
        group[j] = of;
    }
    *out = (DeriveRows){table, rows, n, n_groups, group};
    return true;
}

/* Derived columns while a table is encoded: the numbers of one after the other, by place of the row. */
typedef struct {
    Arena *scratch; /* NULL: there are none */
    DeriveRows in;
    double *value;
} Deriving;

static bool derive_begin(const Prep *prep, const Table *table, const int32_t *rows, int n, Deriving *d)
{
    *d = (Deriving){0};
    if (prep->n_derived == 0) return true;
    d->scratch = arena_create(0);
    d->value = d->scratch ? ARENA_NEW(d->scratch, double, n) : NULL;
    return d->value && prep_groups(prep->columns, table, rows, n, d->scratch, &d->in);
}

/* As cells of a number, of which row i is the i-th that is encoded. */
static bool derive_next(Deriving *d, const Derivation *derivation, bool training, Column *cells)
{
    *cells = (Column){.kind = COLUMN_NUMERIC, .number = d->value};
    if (training) return derive_training(derivation, &d->in, d->scratch, d->value);
    derive_values(derivation, &d->in, d->value);
    return true;
}

/* Tables read against a model's schema fit by construction; this is for all others. */
static bool check_fit(const Prep *prep, const Table *table, Error *err)
{
    if (!prep->columns) {
        if (table->pixels && table->height == prep->height && table->width == prep->width
            && pixels_channels(table->channels) == pixels_channels(prep->channels))
            return true;
        if (!table->pixels)
            return error_set(err, ERR_DATA, "expected images of %d x %d, found a table",
                             prep->height, prep->width);
        return error_set(err, ERR_DATA, "expected images of %d x %d%s, found %d x %d%s", prep->height,
                         prep->width, pixels_colour(prep->channels), table->height, table->width,
                         pixels_colour(table->channels));
    }
    const int n_columns = prep_table_columns(prep);
    if (!table->columns || table->n_columns != n_columns)
        return error_set(err, ERR_DATA, "expected a table of %d columns, found %s of %d",
                         n_columns, table->columns ? "one" : "images",
                         table->columns ? table->n_columns : (int)PIXELS_OF(table));
    for (int j = 0; j < n_columns; j++)
        if (table->columns[j].kind != prep->columns[j].kind)
            return error_set(err, ERR_DATA, "column `%s` should be %s", prep->columns[j].name,
                             column_kind_names[prep->columns[j].kind]);
    return true;
}

static bool encode_columns(const Prep *prep, const Table *table, const int32_t *rows, Deriving *deriving,
                           bool training, Arena *arena, Rows *result, Error *err)
{
    const int n = result->n_rows, ld = result->ld, n_hot = result->n_hot;
    int at = 0, at_hot = 0, at_ramp = 0;
    float *x = ARENA_NEW(arena, float, (size_t)n * (size_t)ld);
    int *plain = ARENA_NEW(arena, int, result->n_plain);
    int32_t *hot = ARENA_NEW(arena, int32_t, (size_t)n * (size_t)n_hot);
    Ramp *ramp = ARENA_NEW(arena, Ramp, result->n_ramps);
    RampValue *climbed = ARENA_NEW(arena, RampValue, (size_t)n * (size_t)result->n_ramps);
    if (!x || !plain || !hot || !ramp || !climbed) return error_memory(err);
    for (int j = 0; j < prep->n_columns; j++) {
        const PrepColumn *column = &prep->columns[j];
        const int made = j - table->n_columns;
        Column derived;
        const Column *cells = made < 0 ? &table->columns[j] : &derived;
        if (column->kind == COLUMN_FREE_TEXT) continue;
        if (made >= 0 && !derive_next(deriving, &prep->derived[made], training, &derived))
            return error_memory(err);
        const bool words = !prep_by_number(column);
        const int *map = words ? match_levels(column, cells, arena) : NULL;
        if (words && !map) return error_memory(err);
        if (is_hot(column)) {
            encode_place(column, cells, map, rows, n, hot + at_hot++, n_hot);
            continue;
        }
        if (map) encode_category(column, cells, map, rows, n, x + at, ld);
        else encode_number(column, cells, made < 0 ? rows : NULL, n, x + at, ld, climbed + at_ramp,
                           result->n_ramps);
        const int bins = prep_ramp(column);
        if (bins > 0) ramp[at_ramp++] = (Ramp){column->out + 1, bins};
        for (int k = 0; k < column->n_out; k++)
            if (k < 1 || k > bins) plain[at++] = column->out + k;
    }
    if (result->n_texts > 0 && !prep_texts(prep, table, rows, arena, result)) return error_memory(err);
    result->x = x;
    result->plain = plain;
    result->hot = hot;
    result->ramp = ramp;
    result->climbed = climbed;
    return true;
}

static bool encode_table(const Prep *prep, const Table *table, const int32_t *rows, bool training, Arena *arena,
                         Rows *result, Error *err)
{
    Deriving deriving;
    bool ok = derive_begin(prep, table, rows, result->n_rows, &deriving) || error_memory(err);
    ok = ok && encode_columns(prep, table, rows, &deriving, training, arena, result, err);
    arena_destroy(deriving.scratch);
    return ok;
}

static bool apply(const Prep *prep, const Table *table, const int32_t *rows, int n, bool training, Arena *arena,
                  Rows **out, Error *err)
{
    if (!check_fit(prep, table, err)) return false;
    Rows *result = ARENA_NEW(arena, Rows, 1);
    if (!result) return error_memory(err);
    *result = prep_shape(prep);
    result->n_rows = n;
    result->n_classes = table->n_classes;
    result->task = &table->task;
    if (table->targets) {
        size_t width = (size_t)table->task.n_targets;
        double *targets = ARENA_NEW(arena, double, (size_t)n * width);
        if (!targets) return error_memory(err);
        for (int i = 0; i < n; i++)
            memcpy(targets + (size_t)i * width, table->targets + (size_t)(rows ? rows[i] : i) * width,
                   width * sizeof *targets);
        result->targets = targets;
    }
    if (table->labels) {
        int32_t *labels = ARENA_NEW(arena, int32_t, n);
        if (!labels) return error_memory(err);
        for (int i = 0; i < n; i++) labels[i] = table->labels[rows ? rows[i] : i];
        result->labels = labels;
    }
    if (table->weight) {
        float *weight = ARENA_NEW(arena, float, n);
        if (!weight) return error_memory(err);
        for (int i = 0; i < n; i++) weight[i] = (float)table->weight[rows ? rows[i] : i];
        result->weight = weight;
    }
    if (table->soft) {
        result->soft = table_soft(table, rows, n, arena);
        if (!result->soft) return error_memory(err);
    }
    if (prep->columns) {
        if (!encode_table(prep, table, rows, training, arena, result, err)) return false;
    } else {
        if (rows) {
            int32_t *source = ARENA_NEW(arena, int32_t, n);
            if (!source) return error_memory(err);
            if (n > 0) memcpy(source, rows, (size_t)n * sizeof *source);
            result->source = source;
        }
        result->pixels = table->pixels;
        result->shift = prep->pixel_shift;
        result->scale = prep->pixel_scale;
    }
    *out = result;
    return true;
}

bool prep_apply(const Prep *prep, const Table *table, const int32_t *rows, int n, Arena *arena,
                Rows **out, Error *err)
{
    return apply(prep, table, rows, n, false, arena, out, err);
}

bool prep_apply_training(const Prep *prep, const Table *table, const int32_t *rows, int n, Arena *arena,
                         Rows **out, Error *err)
{
    return apply(prep, table, rows, n, true, arena, out, err);
}
