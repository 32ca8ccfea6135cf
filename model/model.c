/* Prediction with a whole model, and several models made one. Files are model_file.c.
 *
 * Rows go through in blocks: encode once per preprocessing, run every network that uses it, add to
 * its member's sum. So memory does not grow with the table, and a batch of 60 000 pictures needs
 * no more than one of 2 000. Sums run in double and in a fixed order (by preprocessing, then by
 * member and network), so that the same rows give the same bits.
 */
#include "model/model.h"

#include <math.h>
#include <string.h>

#include "engine/mlp_forward.h"
#include "model/pool.h"

const char *const combine_names[] = {COMBINE_LIST(LIST_NAME) NULL};
#define LIST_FEATURE(id, name, value) [-(value)] = name,
const char *const feature_names[] = {FEATURE_LIST(LIST_FEATURE) NULL};

/* ---- prediction ----------------------------------------------------------------------------- */

enum { BLOCK_ROWS = 2048, BLOCK_CELLS = 1 << 21 };

/* What one block needs. R = rows of a block, M = members, K = classes. */
typedef struct {
    const Model *model;
    const Table *table;
    int rows;         /* R */
    int32_t *index;   /* (R) rows of the table */
    uint8_t *moved;   /* (R, D) pictures of one view; NULL: one view */
    double *sum;      /* (M, R, K) of the networks' probabilities */
    float *proba;     /* (R, K) one network's */
    float *member;    /* (M, R, K) the members' */
    Arena *encoded;   /* reset for each preprocessing */
    Arena *work;      /* reset for each network */
} Block;

static bool block_create(const Model *model, const Table *table, Arena *arena, Block *block,
                         Error *err)
{
    size_t n_values = (size_t)model_values(model), n_members = (size_t)model->n_members;
    size_t rows = BLOCK_CELLS / (n_values * n_members) + 1;
    if (rows > BLOCK_ROWS) rows = BLOCK_ROWS;
    if (rows > (size_t)table->n_rows) rows = (size_t)table->n_rows;
    *block = (Block){.model = model, .table = table, .rows = (int)rows};
    block->index = ARENA_NEW(arena, int32_t, rows);
    block->sum = ARENA_NEW(arena, double, n_members * rows * n_values);
    block->proba = ARENA_NEW(arena, float, rows * n_values);
    block->member = ARENA_NEW(arena, float, n_members * rows * n_values);
    if (!block->index || !block->sum || !block->proba || !block->member) return error_memory(err);
    if (model->views > 1) {
        block->moved = ARENA_NEW(arena, uint8_t,
                                 rows * PIXELS_OF(table));
        if (!block->moved) return error_memory(err);
    }
    block->encoded = arena_create(0);
    block->work = arena_create(0);
    return block->encoded && block->work ? true : error_memory(err);
}

/* The pictures from .. from + n - 1 moved right by dx and down by dy; what comes in is 0. */
static void move_pictures(const Table *table, int from, int n, int dx, int dy, uint8_t *moved)
{
    const int h = table->height, w = table->width, deep = pixels_channels(table->channels);
    const size_t size = PIXELS_OF(table);
    memset(moved, 0, (size_t)n * size);
    for (int i = 0; i < n; i++) {
        const uint8_t *picture = table->pixels + (size_t)(from + i) * size;
        uint8_t *to = moved + (size_t)i * size;
        for (int y = dy > 0 ? dy : 0; y < h && y - dy < h; y++) {
            int left = dx > 0 ? dx : 0, width = w - (dx < 0 ? -dx : dx);
            if (width > 0)
                memcpy(to + (y * w + left) * deep, picture + ((y - dy) * w + left - dx) * deep,
                       (size_t)width * (size_t)deep);
        }
    }
}

/* Adds what the networks say of the block's rows of `table` to block->sum. */
static bool add_networks(Block *block, const Table *table, int n, Error *err)
{
    const Model *model = block->model;
    const int n_values = model_values(model);
    const size_t cells = (size_t)n * (size_t)n_values;
    for (int p = 0; p < model->n_preps; p++) {
        Rows *rows = NULL; /* encoded when the first network asks for it */
        for (int m = 0; m < model->n_members; m++) {
            const ModelMember *member = &model->members[m];
            for (int k = 0; k < member->n_nets; k++) {
                if (member->nets[k].prep != p) continue;
                if (!rows && !prep_apply(model->preps[p], table, block->index, n, block->encoded,
                                         &rows, err))
                    return false;
                rows->task = &model->schema.task; /* the table may come without a label */
                rows->n_classes = model->schema.n_classes;
                if (!mlp_predict(member->nets[k].mlp, rows, block->work, block->proba, n_values,
                                 err))
                    return false;
                arena_reset(block->work);
                double *sum = block->sum + (size_t)m * cells;
                for (size_t i = 0; i < cells; i++) sum[i] += block->proba[i];
            }
        }
        arena_reset(block->encoded);
    }
    return true;
}

/* Leaves the members' probabilities of rows from .. from + n - 1 in block->member (M, n, K). */
static bool block_run(Block *block, int from, int n, Error *err)
{
    const Model *model = block->model;
    const int n_values = model_values(model);
    const size_t cells = (size_t)n * (size_t)n_values;
    static const int8_t steps[9][2] = {{0, 0}, {1, 0},  {-1, 0}, {0, 1},  {0, -1},
                                       {1, 1}, {1, -1}, {-1, 1}, {-1, -1}};
    const int views = model->views > 1 ? model->views : 1;
    memset(block->sum, 0, (size_t)model->n_members * cells * sizeof *block->sum);
    for (int v = 0; v < views; v++) {
        Table moved = *block->table;
        for (int i = 0; i < n; i++) block->index[i] = views > 1 ? i : from + i;
        if (views > 1) {
            move_pictures(block->table, from, n, steps[v][0], steps[v][1], block->moved);
            moved.pixels = block->moved;
            moved.n_rows = n;
            moved.labels = NULL;
            moved.targets = NULL;
        }
        if (!add_networks(block, &moved, n, err)) return false;
    }
    for (int m = 0; m < model->n_members; m++)
        for (size_t i = 0; i < cells; i++)
            block->member[(size_t)m * cells + i] =
                (float)(block->sum[(size_t)m * cells + i] / (model->members[m].n_nets * views));
    return true;
}

bool model_set_views(Model *model, int views, Error *err)
{
    if (views != 1 && views != 5 && views != 9)
        return error_set(err, ERR_CONFIG, "%d views; 1, 5 and 9 are possible", views);
    if (views > 1 && model->schema.n_columns > 0)
        return error_set(err, ERR_CONFIG, "views move pictures; this model is for tables");
    model->views = views;
    return true;
}

/* A table read with another schema is a bug of the caller's, except for what a file decides: how
 * large its pictures are. */
bool model_fits(const Model *model, const Table *table, Error *err)
{
    const Schema *schema = &model->schema;
    bool image = schema->n_columns == 0;
    if (image != (table->pixels != NULL))
        return error_set(err, ERR_DATA, "the model expects %s, the data are %s",
                         image ? "images" : "a table", image ? "a table" : "images");
    if (image && (table->height != schema->height || table->width != schema->width
                  || pixels_channels(table->channels) != pixels_channels(schema->channels)))
        return error_set(err, ERR_DATA, "the model expects images of %d x %d%s, the data are %d x %d%s",
                         schema->height, schema->width, pixels_colour(schema->channels), table->height,
                         table->width, pixels_colour(table->channels));
    if (table->n_columns != schema->n_columns)
        return error_set(err, ERR_DATA, "the model expects %d columns, the data have %d",
                         schema->n_columns, table->n_columns);
    return true;
}

/* Exactly one of `proba` (n, K) and `members` (M, n, K) is wanted. */
static bool predict(const Model *model, const Table *table, Arena *arena, float *proba,
                    float *members, Error *err)
{
    if (!model_fits(model, table, err)) return false;
    if (table->n_rows == 0) return true;
    const size_t n_values = (size_t)model_values(model);
    Block block;
    bool ok = block_create(model, table, arena, &block, err);
    for (int from = 0; ok && from < table->n_rows; from += block.rows) {
        int n = table->n_rows - from < block.rows ? table->n_rows - from : block.rows;
        const size_t cells = (size_t)n * n_values;
        ok = block_run(&block, from, n, err);
        if (!ok) break;
        if (proba) model_combine(model, n, block.member, proba + (size_t)from * n_values);
        for (int m = 0; members && m < model->n_members; m++)
            memcpy(members + ((size_t)m * (size_t)table->n_rows + (size_t)from) * n_values,
                   block.member + (size_t)m * cells, cells * sizeof *members);
    }
    arena_destroy(block.encoded);
    arena_destroy(block.work);
    return ok;
}

bool model_predict(const Model *model, const Table *table, Arena *arena, float *proba, Error *err)
{
    return predict(model, table, arena, proba, NULL, err);
}

bool model_predict_members(const Model *model, const Table *table, Arena *arena, float *proba,
                           Error *err)
{
    return predict(model, table, arena, NULL, proba, err);
}

static double total_weight(const Model *model)
{
    double total = 0;
    for (int m = 0; m < model->n_members; m++) total += model->members[m].weight;
    return total;
}

/* p^(1/T), normalized: a softmax of log p / T. */
static void cool(double temperature, int n_classes, float *p)
{
    double top = 1e-12, total = 0;
    for (int c = 0; c < n_classes; c++) top = fmax(top, p[c]);
    for (int c = 0; c < n_classes; c++) {
        double cooled = exp(log(fmax(p[c], 1e-12) / top) / temperature);
        total += cooled;
        p[c] = (float)cooled;
    }
    for (int c = 0; c < n_classes; c++) p[c] = (float)(p[c] / total);
}

void model_combine(const Model *model, int n, const float *members, float *proba)
{
    const int n_classes = model_values(model);
    const size_t cells = (size_t)n * (size_t)n_classes;
    const double total = total_weight(model);
    const bool pooled = model->combine == COMBINE_POOL;
    const int stride = task_stride(&model->schema.task);
    for (int i = 0; i < n; i++) {
        const float *row = members + (size_t)i * (size_t)n_classes;
        float *out = proba + (size_t)i * (size_t)n_classes;
        if (model->combine == COMBINE_VOTE) {
            memset(out, 0, (size_t)n_classes * sizeof *out);
            for (int m = 0; m < model->n_members; m++) {
                const float *q = row + (size_t)m * cells;
                int top = 0;
                for (int c = 1; c < n_classes; c++)
                    if (q[c] > q[top]) top = c;
                out[top] += (float)(model->members[m].weight / total);
            }
            continue;
        }
        for (int c = 0; c < n_classes; c++) {
            double p = 0;
            for (int m = 0; m < model->n_members; m++) {
                const double q = row[(size_t)m * cells + (size_t)c];
                p += model->members[m].weight * (pooled ? pool_log(q) : q);
            }
            out[c] = model->intercept ? (float)(model->intercept[c / stride] + model->slope * (p / total))
                                      : (float)(p / total);
        }
        if (pooled) pool_softmax(n_classes, 1, out);
        if (model->calibration) calibration_apply(model->calibration, n_classes, out);
        else if (model->temperature != 1) cool(model->temperature, n_classes, out);
    }
}

/* What deciding for class c may cost. */
static double expected_cost(const Model *model, const float *proba, int c)
{
    double sum = 0;
    for (int t = 0; t < model->schema.n_classes; t++)
        sum += proba[t] * model->cost[t * model->schema.n_classes + c];
    return sum;
}

int model_decide(const Model *model, const float *proba)
{
    int best = 0;
    double most = -INFINITY;
    for (int c = 0; c < model->schema.n_classes; c++) {
        double p = model->cost ? -expected_cost(model, proba, c)
                               : proba[c] * (model->decision ? model->decision[c] : 1.0);
        if (p > most) most = p, best = c;
    }
    return best;
}

/* ---- size ----------------------------------------------------------------------------------- */

size_t model_n_params(const Model *model)
{
    size_t n = 0;
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++)
            n += model->members[m].nets[k].mlp->n_params;
    return n;
}

size_t model_bytes(const Model *model)
{
    return model_n_params(model) * sizeof(float);
}

/* ---- joining -------------------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool same_texts(int n, const char *const *a, const char *const *b)
{
    for (int i = 0; i < n; i++)
        if (!same_text(a[i], b[i])) return false;
    return true;
}

static bool same_doubles(int n, const double *a, const double *b)
{
    return n == 0 || memcmp(a, b, (size_t)n * sizeof *a) == 0;
}

static bool same_task(const Task *a, const Task *b)
{
    if (a->kind != b->kind || a->n_targets != b->n_targets || a->n_quantiles != b->n_quantiles) return false;
    for (int t = 0; t < a->n_targets; t++) {
        const Target *x = &a->targets[t], *y = &b->targets[t];
        if (!same_text(x->name, y->name) || x->origin != y->origin || x->unit != y->unit
            || x->shift != y->shift ||
            x->scale != y->scale || !same_text(x->answer[0], y->answer[0]) || !same_text(x->answer[1],
                                                                                         y->answer[1]))
            return false;
    }
    return same_doubles(a->n_quantiles, a->quantiles, b->quantiles);
}

static bool same_schema(const Schema *a, const Schema *b)
{
    if (!same_task(&a->task, &b->task)) return false;
    if (a->n_columns != b->n_columns || a->height != b->height || a->width != b->width ||
        pixels_channels(a->channels) != pixels_channels(b->channels) ||
        a->n_classes != b->n_classes || !same_texts(a->n_classes, a->classes, b->classes))
        return false;
    for (int i = 0; i < a->n_columns; i++) {
        const Column *x = &a->columns[i], *y = &b->columns[i];
        if (x->kind != y->kind || !same_text(x->name, y->name) || x->style != y->style ||
            !same_text(x->format, y->format))
            return false;
        if (x->kind != COLUMN_FREE_TEXT && /* a table has levels of its texts, a model file none */
            (x->n_levels != y->n_levels || !same_texts(x->n_levels, x->levels, y->levels)))
            return false;
    }
    return true;
}

static bool same_prep_column(const PrepColumn *a, const PrepColumn *b)
{
    if (a->kind != b->kind || a->out != b->out || a->n_out != b->n_out) return false;
    if (a->coding != b->coding || a->low != b->low || a->high != b->high || a->parts != b->parts ||
        a->year_shift != b->year_shift || a->year_scale != b->year_scale)
        return false;
    if (a->kind == COLUMN_FREE_TEXT) {
        const TextPrep *x = &a->text, *y = &b->text;
        return x->n_buckets == y->n_buckets && x->ngrams == y->ngrams && x->weight == y->weight &&
               x->n == y->n &&
               (x->n == 0 || memcmp(x->bucket, y->bucket, (size_t)x->n * sizeof *x->bucket) == 0) &&
               same_doubles(x->n, x->idf, y->idf);
    }
    if (prep_by_number(a))
        return a->fill == b->fill && a->shift == b->shift && a->scale == b->scale &&
               a->clip == b->clip && a->flag == b->flag && a->n_knots == b->n_knots &&
               same_doubles(a->n_knots, a->knots, b->knots) && a->embedding == b->embedding &&
               a->n_edges == b->n_edges && same_doubles(a->n_edges, a->edges, b->edges);
    return a->coded == b->coded && a->missing_level == b->missing_level && a->unseen_level == b->unseen_level &&
           a->n_levels == b->n_levels && same_texts(a->n_levels, a->levels, b->levels);
}

static bool same_derivation(const Derivation *a, const Derivation *b)
{
    return a->kind == b->kind && a->a == b->a && a->b == b->b && a->value == b->value &&
           a->n_cells == b->n_cells && same_doubles(a->n_cells, a->cells, b->cells);
}

static bool same_prep(const Prep *a, const Prep *b)
{
    if (a == b) return true;
    if (a->n_features != b->n_features || a->n_columns != b->n_columns ||
        a->n_derived != b->n_derived || a->height != b->height || a->width != b->width ||
        pixels_channels(a->channels) != pixels_channels(b->channels))
        return false;
    for (int i = 0; i < a->n_derived; i++)
        if (!same_derivation(&a->derived[i], &b->derived[i])) return false;
    for (int i = 0; i < a->n_columns; i++)
        if (!same_prep_column(&a->columns[i], &b->columns[i])) return false;
    const size_t bytes = (size_t)a->n_features * sizeof *a->pixel_shift;
    return a->n_columns > 0 || (memcmp(a->pixel_shift, b->pixel_shift, bytes) == 0 &&
                                memcmp(a->pixel_scale, b->pixel_scale, bytes) == 0);
}

static bool says_missing(const ReadRules *rules)
{
    return rules->n_missing > 0 && rules->missing != missing_unsaid;
}

/* The geometric mean of what they weighed the classes by, weighted like they; NULL when none did. */
static const double *mean_class_weight(const Model *const *models, const double *weights, int n, Arena *arena,
                                       bool *ok)
{
    const int k = models[0]->schema.n_classes;
    double total = 0, *mean = NULL;
    *ok = true;
    for (int i = 0; i < n; i++) {
        total += weights[i];
        if (models[i]->class_weight && !mean) {
            mean = ARENA_NEW(arena, double, k);
            *ok = mean != NULL;
            for (int c = 0; mean && c < k; c++) mean[c] = 0;
        }
    }
    for (int i = 0; mean && i < n; i++)
        for (int c = 0; c < k && models[i]->class_weight; c++)
            mean[c] += weights[i] / total * log(models[i]->class_weight[c]);
    for (int c = 0; mean && c < k; c++) mean[c] = exp(mean[c]);
    return mean;
}

bool model_join(const Model *const *models, const double *weights, int n, Arena *arena,
                Model **out, Error *err)
{
    int n_members = 0, n_preps = 0;
    if (n < 1) return error_set(err, ERR_INVALID, "there is no model to join");
    for (int i = 0; i < n; i++) {
        if (!(weights[i] > 0) || !isfinite(weights[i]))
            return error_set(err, ERR_INVALID, "model %s: weight %g is not positive",
                             models[i]->name, weights[i]);
        if (!same_schema(&models[0]->schema, &models[i]->schema))
            return error_set(err, ERR_DATA,
                             "models %s and %s expect different columns or classes; only models "
                             "of the same data can be joined",
                             models[0]->name, models[i]->name);
        n_members += models[i]->n_members;
        n_preps += models[i]->n_preps;
    }
    Model *model = ARENA_NEW(arena, Model, 1);
    ModelMember *members = ARENA_NEW(arena, ModelMember, n_members);
    const Prep **preps = ARENA_NEW(arena, const Prep *, n_preps);
    int *place = ARENA_NEW(arena, int, n_preps); /* of each model's prep among the shared ones */
    if (!model || !members || !preps || !place) return error_memory(err);
    int used_preps = 0, used_members = 0;
    for (int i = 0; i < n; i++) {
        const Model *from = models[i];
        for (int p = 0; p < from->n_preps; p++) {
            int at = 0;
            while (at < used_preps && !same_prep(preps[at], from->preps[p])) at++;
            if (at == used_preps) preps[used_preps++] = from->preps[p];
            place[p] = at;
        }
        for (int m = 0; m < from->n_members; m++) {
            ModelMember *member = &members[used_members++];
            *member = from->members[m];
            member->weight = weights[i] * from->members[m].weight / total_weight(from);
            ModelNet *nets = ARENA_NEW(arena, ModelNet, member->n_nets);
            if (!nets) return error_memory(err);
            for (int k = 0; k < member->n_nets; k++)
                nets[k] = (ModelNet){from->members[m].nets[k].mlp,
                                     place[from->members[m].nets[k].prep]};
            member->nets = nets;
        }
    }
    /* A study that an older program began has models that do not say how their rows are read. */
    Schema schema = models[0]->schema;
    for (int i = 1; i < n; i++) {
        const ReadRules *rules = &models[i]->schema.rules;
        schema.rules.decimal_comma |= rules->decimal_comma;
        if (!schema.rules.layout.width)
            schema.rules.layout = rules->layout, schema.columns = models[i]->schema.columns; /* with places */
        if (schema.rules.names == NAMES_UNSAID) schema.rules.names = rules->names;
        if (!says_missing(&schema.rules) && says_missing(rules))
            schema.rules.missing = rules->missing, schema.rules.n_missing = rules->n_missing;
    }
    bool ok;
    const double *class_weight = mean_class_weight(models, weights, n, arena, &ok);
    if (!ok) return error_memory(err);
    *model = (Model){.name = models[0]->name, .schema = schema, .n_preps = used_preps,
                     .preps = preps, .n_members = n_members, .members = members,
                     .combine = COMBINE_AVERAGE, .temperature = 1, .class_weight = class_weight,
                     .interest = models[0]->interest};
    *out = model;
    return true;
}
