/* Sizes, an estimate of latency, and the work of training, from the shape that settings give a network. */
#include "tuner/trial/cost.h"

#include <math.h>

#include "model/latency.h"

const char *const objective_extras[] = {COST_LIST(LIST_NAME) NULL};

/* What training with some values would make, before any of it is there. */
typedef struct {
    Settings settings;
    Mlp mlp;
    int members;
    int n_rows, n_features, n_classes; /* that it is trained on */
    double flops; /* one prediction of one network */
} Shape;

static bool shape_of(const Objective *objective, const Value *values, Arena *arena, Shape *out, Error *err)
{
    Encoded encoded;
    if (!objective_settings(objective, values, arena, &out->settings, err)
        || !encoded_get(objective->encoded, &out->settings.prep, 0, &encoded, err))
        return false;
    const Rows *rows = encoded.train;
    out->n_rows = rows->n_rows;
    out->n_features = rows->n_features;
    out->n_classes = rows->n_classes;
    bool ok = train_shape(&out->settings.train, rows, arena, &out->mlp, &out->members, err);
    encoded_release(objective->encoded, &encoded);
    out->flops = 0;
    for (int l = 0; ok && l < out->mlp.n_layers; l++)
        out->flops += 2.0 * out->mlp.width[l] * out->mlp.width[l + 1];
    return ok;
}

bool objective_cost(const Objective *objective, const Value *values, double extras[COST_COUNT],
                    Error *err)
{
    Shape shape;
    Arena *arena = arena_create(0);
    if (!arena) return error_memory(err);
    bool ok = shape_of(objective, values, arena, &shape, err);
    if (ok) {
        int snapshots = shape.settings.train.snapshots;
        double nets = shape.members * (snapshots > 0 ? snapshots : 1);
        extras[COST_PARAMS] = nets * (double)shape.mlp.n_params;
        extras[COST_MODEL_BYTES] = 4 * extras[COST_PARAMS];
        extras[COST_FLOPS] = nets * shape.flops;
        extras[COST_LATENCY] = latency_us(nets, shape.flops);
        extras[COST_FEATURES] = shape.n_features;
        extras[COST_CLASSES] = shape.n_classes;
    }
    arena_destroy(arena);
    return ok;
}

/* Beside the products, a row costs as much as 90,000 of their operations (loss, activations, gathering), and
 * an update 23 a weight. Fitted to the seconds of 60 random networks of one to three layers of 4 to 512 units,
 * batches of 8 to 256, on 1600 rows of digits, one core: the logarithm is then off by 0.39 (standard
 * deviation), with the products alone by 1.07. */
double objective_work(const Objective *objective, const Value *values)
{
    enum { A_ROW = 90000, AN_UPDATE = 23 };
    Error ignored;
    Shape shape;
    double work = 0;
    Arena *arena = arena_create(0);
    if (!arena) return 0;
    if (shape_of(objective, values, arena, &shape, &ignored)) {
        const TrainOptions *train = &shape.settings.train;
        double updates = ceil((double)shape.n_rows / train_batch(train, shape.n_rows));
        work = shape.members * (double)train->epochs
             * (shape.n_rows * (shape.flops + A_ROW) + updates * AN_UPDATE * (double)shape.mlp.n_params);
    }
    arena_destroy(arena);
    return work;
}
