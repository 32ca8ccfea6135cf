/* prep/prep.h - from raw columns to the numbers a network sees, fitted on training rows only.
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
 * and is kept within +-1e30, so that a network never sees an infinity; an infinite v is missing.
 * Statistics are those of the training rows where the column is present; deviations divide by n.
 *
 *     none      shift 0, scale 1                       unit    shift 0, scale 1 / max |v|
 *     standard  mean, 1 / standard deviation           minmax  min, 1 / (max - min)
 *     robust    median, 1 / (q75 - q25), or 2 / (max - min) if the quartiles are equal; clip
 *     quantile  max(10, min(1000, n / 30)) knots       auto    robust; unit for images
 * Quantiles interpolate linearly between order statistics. A value equal to several knots takes
 * the middle of their ranks, so a column of mostly zeros puts its zeros at their mid-rank.
 *
 * With numeric_embedding `ple`, piecewise-linear encoding, a numeric column of at least three different
 * values also has T features e_1 .. e_T between x and the flag, from T + 1 edges b at the quantiles
 * t / T of the present values (equal ones once), or where prep/edges.h puts them (`ple_edges`):
 *
 *     e_t = (v - b_{t-1}) / (b_t - b_{t-1}), kept within 0 and 1
 *
 * The paper lets the first and the last bin run on beyond the edges; here x, which is clipped
 * smoothly, says how far outside a value lies, and one wild value cannot flood a layer. With `pbld` and
 * `periodic` the number stays one feature, and the network learns an embedding (engine/embed.h).
 *
 * Nominal column with L levels that stand in the training rows: one-hot. L = 2 gives one feature
 * -1 / +1 (missing or unseen: 0); otherwise L features 0 / 1, plus one for "missing" if
 * `missing_level` (some training row had it missing), plus one for "unseen" if `unseen_level`
 * (some levels were rarer than min_count, so that this bucket was trained). A level never met in
 * training goes to that bucket, and is all zeros where there is none: a weight that was never
 * trained would only add noise.
 *
 * With categorical `embed`, a column of more than embed_above levels becomes one feature that holds
 * its code instead: 1 .. L, then `missing` and `unseen` where there are such; 0 for what has no
 * code. Rows.feature says how many codes there are.
 *
 * Date: the days since 1970 are a number v as above, with all that belongs to it (`none` and `unit` give way to
 * standard). Behind its bins come the parts
 * that vary over the training rows (data/dates.h): the year, (year - year_shift) * year_scale, standardized;
 * month, weekday and hour as sine and cosine of their place in the cycle. Parts of a missing date are 0.
 *
 * Levels in order: `number` takes a level's place 0 .. L - 1 as a number v as above; `thermometer` has a 0/1
 * feature for each level k in (low, high], 1 where v >= k, and the flag (low and high are the training rows');
 * with `onehot` the column is a nominal one.
 *
 * Text: a feature for each bucket of hashed n-grams that at least two training rows fill (and at least
 * min_count), as prep/texts.h has it.
 *
 * Derived columns (prep/derive.h) are numbers made of other columns of the row, and stand behind the table's;
 * each is a numeric column as above. What is learned about the target is told a training row out of fold:
 * prep_apply_training() encodes the rows that it was fitted on, prep_apply() all others.
 *
 * A column that does not vary over the training rows becomes one feature that is always 0
 * (numeric: scale 0; nominal: no levels), so that a small fold does not fail.
 *
 * Images: x = (level - shift[i]) * scale[i] for value i, one a pixel or, in colour, three. Shift and scale
 * are fitted over all values at once: a pixel that is lit in one picture of a thousand has a tiny deviation
 * of its own, and would dominate the others. unit divides by 255.
 *
 * Source   Holzmuller, Grinsztajn, Steinwart, "Better by default", NeurIPS 2024 (robust scaling
 *          and clip); Gorishniy, Rubachev, Babenko, NeurIPS 2022 (quantile knots).
 * Memory   a Prep copies the names it keeps and outlives its table; Rows of images borrow the
 *          table's pixels.
 * Errors   ERR_DATA when nothing can be learned from the columns, or a table does not fit the
 *          prep; ERR_CONFIG for robust or quantile on images; ERR_MEMORY.
 */
#ifndef CONSORT_PREP_PREP_H
#define CONSORT_PREP_PREP_H
#include "base/field.h"
#include "data/rows.h"
#include "data/table.h"
#include "prep/derive.h"
#include "prep/texts.h"

#define NUMERIC_PREP_LIST(X)                                                                       \
    X(NUMERIC_AUTO, "auto") X(NUMERIC_NONE, "none") X(NUMERIC_UNIT, "unit")                        \
    X(NUMERIC_STANDARD, "standard") X(NUMERIC_MINMAX, "minmax") X(NUMERIC_ROBUST, "robust")        \
    X(NUMERIC_QUANTILE, "quantile")
typedef enum { NUMERIC_PREP_LIST(LIST_ID) } NumericPrep;
#define CATEGORY_PREP_LIST(X) X(CATEGORY_ONEHOT, "onehot") X(CATEGORY_EMBED, "embed")
typedef enum { CATEGORY_PREP_LIST(LIST_ID) } CategoryPrep;
#define ORDERED_PREP_LIST(X)                                                                       \
    X(ORDERED_NUMBER, "number") X(ORDERED_THERMOMETER, "thermometer") X(ORDERED_ONEHOT, "onehot")
typedef enum { ORDERED_PREP_LIST(LIST_ID) } OrderedPrep;
#define NUMERIC_EMBEDDING_LIST(X)                                                                  \
    X(NUMERIC_EMBED_NONE, "none") X(NUMERIC_EMBED_PLE, "ple") X(NUMERIC_EMBED_PBLD, "pbld")        \
    X(NUMERIC_EMBED_PERIODIC, "periodic")
typedef enum { NUMERIC_EMBEDDING_LIST(LIST_ID) } NumericEmbedding;
#define PLE_EDGES_LIST(X) X(PLE_QUANTILE, "quantile") X(PLE_SPREAD, "spread") X(PLE_TREE, "tree")
typedef enum { PLE_EDGES_LIST(LIST_ID) } PleEdges;
#define IMPUTE_RULE_LIST(X) /* what a missing number becomes; FLAG: and a 0/1 feature says so */   \
    X(IMPUTE_MEDIAN_FLAG, "median+indicator") X(IMPUTE_MEDIAN, "median")                           \
    X(IMPUTE_MEAN_FLAG, "mean+indicator") X(IMPUTE_MEAN, "mean")                                   \
    X(IMPUTE_ZERO_FLAG, "zero+indicator") X(IMPUTE_ZERO, "zero")
typedef enum { IMPUTE_RULE_LIST(LIST_ID) } ImputeRule;
#define MISSING_CATEGORY_LIST(X) X(MISSING_OWN_LEVEL, "own_level") X(MISSING_ZEROS, "zeros")
typedef enum { MISSING_CATEGORY_LIST(LIST_ID) } MissingCategory;
extern const char *const numeric_prep_names[], *const category_prep_names[], *const ordered_prep_names[],
    *const numeric_embedding_names[], *const ple_edges_names[], *const impute_rule_names[],
    *const missing_category_names[];

typedef struct {
    int numeric;          /* NumericPrep; robust includes the smooth clip */
    int categorical;      /* CategoryPrep */
    int impute;           /* ImputeRule; a flag only where training rows have both kinds */
    int missing_category; /* MissingCategory */
    int min_count;        /* levels seen fewer times join the unseen bucket; 0: keep all */
    int numeric_embedding; /* NumericEmbedding */
    int ple_bins;          /* T at most */
    int ple_edges;         /* PleEdges */
    int embed_above;       /* levels from which CATEGORY_EMBED embeds */
    int ordered;           /* OrderedPrep */
    int text_features;     /* buckets of a column of text */
    int text_ngrams, text_weight; /* TextNgrams, TextWeight */
    DeriveOptions derive;
} PrepOptions;
/* Two tables over the one record, because the configuration has two sections. */
extern const FieldTable prep_fields;    /* data.preprocess, and searchable by bare name */
extern const FieldTable missing_fields; /* data.missing: {numeric: ..., categorical: ...} */

typedef struct {
    const char *name;
    ColumnKind kind;
    int out, n_out; /* features [out, out + n_out) */
    /* numeric */
    double fill, shift, scale;
    bool clip, flag;
    int n_knots;
    const double *knots; /* increasing; their normal scores are evenly spaced in rank */
    int n_edges;         /* T + 1, or 0 */
    const double *edges; /* strictly increasing */
    int embedding;       /* FEATURE_PLAIN, FEATURE_PBLD or FEATURE_PERIODIC */
    /* date: besides these */
    unsigned parts;      /* a bit for each DatePart that is a feature, or two */
    double year_shift, year_scale;
    /* ordered, besides these: */
    OrderedPrep coding;
    int low, high;       /* thermometer: a feature for each level in (low, high] */
    /* nominal, and ordered as onehot */
    int n_levels;
    const char **levels;
    bool missing_level, unseen_level;
    bool coded;          /* one feature, a code */
    TextPrep text;
} PrepColumn;

typedef struct {
    int n_features;
    int n_columns;                  /* the table's and the derived */
    PrepColumn *columns;            /* NULL for images */
    int n_derived;
    const Derivation *derived;      /* (n_derived) of the last of the columns */
    const int *feature;             /* (n_features) as in Rows; NULL: all plain */
    int height, width, channels;    /* images */
    const float *pixel_shift, *pixel_scale; /* images: (n_features) */
} Prep;

/* Only the given rows are looked at; what stands in others changes nothing. */
bool prep_fit(const PrepOptions *options, const Table *table, const int32_t *rows, int n,
              Arena *arena, Prep **out, Error *err);
/* A Prep without statistics, of the features that all levels of the table give: no rows give more, but where so
 * few levels are left that a column is not embedded. So what the encoded rows and a network for them take is
 * known before anything is fitted. */
bool prep_most(const PrepOptions *options, const Table *table, Arena *arena, Prep **out, Error *err);
/* Rows of this prep without the rows: what each of them takes. */
Rows prep_shape(const Prep *prep);
/* Encodes the given rows (NULL: the first n) of a table whose columns follow the same schema.
 * Nominal levels are matched by their text. For images the result refers to the table's pixels. */
bool prep_apply(const Prep *prep, const Table *table, const int32_t *rows, int n, Arena *arena,
                Rows **out, Error *err);
/* The same of the very rows that it was fitted on. */
bool prep_apply_training(const Prep *prep, const Table *table, const int32_t *rows, int n, Arena *arena,
                         Rows **out, Error *err);
/* The groups of words of the table's columns, for derivations. False: no memory. */
bool prep_groups(const PrepColumn *columns, const Table *table, const int32_t *rows, int n, Arena *arena,
                 DeriveRows *out);
/* Columns that a table has itself. */
static inline int prep_table_columns(const Prep *prep) { return prep->n_columns - prep->n_derived; }
/* Sets n_out and `out` of every column, n_features and `feature` from the rest; false without memory
 * or beyond 2^20 features. For those who make a Prep from its parts: prep_fit, and the model file. */
bool prep_lay_out(Prep *prep, Arena *arena, Error *err);
/* One cell of a numeric column as its first feature (NaN: missing). What prep_apply computes, for
 * those who must compute the same: the exporters and their tests. */
double prep_number(const PrepColumn *column, double v);
/* Is a column's cell a number to it, or a word? */
static inline bool prep_by_number(const PrepColumn *column)
{
    return column->kind == COLUMN_NUMERIC || column->kind == COLUMN_DATE ||
           (column->kind == COLUMN_ORDERED && column->coding != ORDERED_ONEHOT);
}
/* Do a column's own features say all that its cells do to the others' rows? Then it can be encoded alone. */
static inline bool prep_column_alone(const Prep *prep, int column)
{
    return prep->n_derived == 0 && column < prep->n_columns;
}
/* That number: of a date days, of levels in order the place. NaN: missing. */
double prep_value(const PrepColumn *column, const Column *cells, int row);
/* The columns of text of encoded rows, of which n_rows and n_texts are set (prep_texts.c). False: no memory. */
bool prep_texts(const Prep *prep, const Table *table, const int32_t *rows, Arena *arena, Rows *result);
/* The T piecewise-linear features of a cell in short, of a column that has edges; and into e, nothing when it
 * has none. */
RampValue prep_climb(const PrepColumn *column, double v);
void prep_bins(const PrepColumn *column, double v, float *e);
/* How many features the parts of a date take, and the features of a moment in days. */
int prep_part_features(const PrepColumn *column);
void prep_parts(const PrepColumn *column, double days, float *out);
/* Seconds of a number of days, to the millionth, so that 10:00 is the same hour on any day. */
double prep_seconds(double days);
/* The quantile transform's normal score: the inverse normal distribution, clipped to +-5.2. */
double prep_normal_score(double p);
#endif
