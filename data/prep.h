/* data/prep.h - from raw columns to the numbers a network sees, fitted on training rows only.
 *
 * One PrepColumn per raw column says how it becomes `n_out` features from position `out` on. The
 * struct is open: the model file stores it and the C exporter prints it, so that a deployed model
 * computes exactly this. All arithmetic is double, rounded to float at the end.
 *
 * Numeric column, raw value v:
 *     missing  v = fill; and if `flag`, one more 0/1 feature, 1 where it was missing
 *     quantile v = normal score of v's place among `knots`, clipped to +-5.2 (n_knots > 0)
 *     x = (v - shift) * scale
 *     clip     x = x / sqrt(1 + (x / 3)^2)          (smooth clip, RealMLP: Holzmuller et al. 2024)
 * Nominal column with L levels: one-hot. L = 2 gives one feature -1 / +1 (missing or unseen: 0);
 * otherwise L features 0 / 1, plus one for "missing" if `missing_level`, plus one for "unseen"
 * if `unseen_level` (the unknown bucket).
 * Images: x = (grey - shift[i]) * scale[i] for pixel i.
 *
 * Source   engine.md section 1; Holzmuller, Grinsztajn, Steinwart, "Better by default", 2024.
 * Errors   ERR_DATA when nothing can be learned from the columns, ERR_MEMORY.
 */
#ifndef CONSORT_DATA_PREP_H
#define CONSORT_DATA_PREP_H
#include "data/rows.h"
#include "data/table.h"

typedef enum {
    NUMERIC_NONE, NUMERIC_UNIT, NUMERIC_STANDARD, NUMERIC_MINMAX, NUMERIC_ROBUST, NUMERIC_QUANTILE
} NumericPrep; /* unit: divided by 255 for images, by the largest magnitude for columns */
typedef enum { IMPUTE_MEDIAN, IMPUTE_MEAN, IMPUTE_ZERO } ImputeRule;
typedef enum { CATEGORY_ONEHOT } CategoryPrep;

typedef struct {
    int numeric;       /* NumericPrep; robust includes the smooth clip */
    int categorical;   /* CategoryPrep */
    int impute;        /* ImputeRule */
    bool missing_flag; /* a 0/1 feature for numeric columns that have missing cells */
    int min_count;     /* levels seen fewer times join the unseen bucket; 0: keep all */
} PrepOptions;
extern const FieldTable prep_fields; /* data.preprocess, and searchable by bare name */

typedef struct {
    const char *name;
    ColumnKind kind;
    int out, n_out; /* features [out, out + n_out) */
    /* numeric */
    double fill, shift, scale;
    bool clip, flag;
    int n_knots;
    const double *knots; /* increasing; their normal scores are evenly spaced in rank */
    /* nominal */
    int n_levels;
    const char **levels;
    bool missing_level, unseen_level;
} PrepColumn;

typedef struct {
    int n_features;
    int n_columns;
    PrepColumn *columns;            /* NULL for images */
    int height, width;              /* images */
    const float *pixel_shift, *pixel_scale; /* images: (n_features) */
} Prep;

bool prep_fit(const PrepOptions *options, const Table *table, const int32_t *rows, int n,
              Arena *arena, Prep **out, Error *err);
/* Encodes the given rows of a table whose columns follow the same schema. Nominal levels are
 * matched by their text. For images the result refers to the table's pixels. */
bool prep_apply(const Prep *prep, const Table *table, const int32_t *rows, int n, Arena *arena,
                Rows **out, Error *err);
/* The quantile transform's normal score, shared with the exporter's tests. */
double prep_normal_score(double p);
#endif
