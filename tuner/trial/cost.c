/* Sizes, an estimate of latency, and the work of training, from the shape that settings give a network. */
#include "tuner/trial/cost.h"

#include <math.h>

#include "model/latency.h"
#include "plan/measure.h"

const char *const objective_extras[] = {COST_LIST(LIST_NAME) NULL};

/* What training with some values would make, before any of it is there. */
typedef struct {
    Settings settings;
    Mlp mlp;
    int members;
    int n_rows, n_features, n_classes; /* that it is trained on */
    double flops; /* one prediction of one network */
    double spared; /* of these by what is encoded as ramps, in training */
} Shape;

static bool count(const Rows *rows, Arena *arena, Shape *out, Error *err)
{
    if (!train_shape(&out->settings.train, rows, arena, &out->mlp, &out->members, err)) return false;
    out->flops = out->spared = 0;
    for (int l = 0; l < out->mlp.n_layers; l++) out->flops += 2.0 * out->mlp.width[l] * out->mlp.width[l + 1];
    if (rows->n_ramps > 0) { /* two entries a ramp, one a one-hot column */
        double entries = rows->n_plain + rows->n_hot + 2.0 * rows->n_ramps;
        out->spared = 2 * fmax(out->mlp.width[0] - entries, 0) * out->mlp.width[1];
    }
    return true;
}

/* A model of so many networks of this shape, on a board. */
static bool on_board(const Table *table, const Prep *prep, const Mlp *mlp, int nets, Arena *arena,
                     PlanSize *out, Error *err)
{
    ModelNet *net = ARENA_NEW(arena, ModelNet, nets);
    ModelMember *member = ARENA_NEW(arena, ModelMember, 1);
    const Prep **preps = ARENA_NEW(arena, const Prep *, 1);
    Model *model = ARENA_NEW(arena, Model, 1);
    Plan *plan;
    if (!net || !member || !preps || !model) return error_memory(err);
    for (int i = 0; i < nets; i++) net[i].mlp = mlp;
    *member = (ModelMember){.weight = 1, .n_nets = nets, .nets = net};
    preps[0] = prep;
    *model = (Model){.schema = table_schema(table), .n_preps = 1, .preps = preps, .n_members = 1,
                     .members = member, .combine = COMBINE_AVERAGE, .slope = 1, .temperature = 1};
    if (!plan_make(model, arena, &plan, err)) return false;
    plan_measure(plan, out);
    return true;
}

/* `board`: what its networks take there; NULL: nobody asks. */
static bool shape_of(const Objective *objective, const Value *values, Arena *arena, Shape *out,
                     PlanSize *board, Error *err)
{
    Encoded encoded;
    if (!objective_settings(objective, values, arena, &out->settings, err)
        || !encoded_get(objective->encoded, &out->settings.prep, 0, &encoded, err))
        return false;
    const Rows *rows = encoded.train;
    out->n_rows = rows->n_rows;
    out->n_features = rows->n_features;
    out->n_classes = rows->n_classes;
    bool ok = count(rows, arena, out, err);
    if (ok && board) {
        const int snapshots = out->settings.train.snapshots;
        const int nets = out->members * (snapshots > 0 ? snapshots : 1);
        ok = on_board(objective->o.table, encoded.prep, &out->mlp, nets, arena, board, err);
    }
    encoded_release(objective->encoded, &encoded);
    return ok;
}

bool objective_cost(const Objective *objective, const Value *values, double extras[COST_COUNT],
                    Error *err)
{
    Shape shape;
    PlanSize board;
    Arena *arena = arena_create(0);
    if (!arena) return error_memory(err);
    bool ok = shape_of(objective, values, arena, &shape, &board, err);
    if (ok) {
        int snapshots = shape.settings.train.snapshots;
        double nets = shape.members * (snapshots > 0 ? snapshots : 1);
        extras[COST_PARAMS] = nets * (double)shape.mlp.n_params;
        extras[COST_MODEL_BYTES] = 4 * extras[COST_PARAMS];
        extras[COST_FLOPS] = nets * shape.flops;
        extras[COST_LATENCY] = latency_us(nets, shape.flops);
        extras[COST_FEATURES] = shape.n_features;
        extras[COST_CLASSES] = shape.n_classes;
        extras[COST_FLASH] = (double)board.flash;
        extras[COST_RAM] = (double)(board.ram + board.stack);
        extras[COST_CYCLES] = board.cycles_m4;
    }
    arena_destroy(arena);
    return ok;
}

/* Beside the products, a row costs as much as 90,000 of their operations (loss, activations, gathering), and
 * an update 23 a weight. Fitted to the seconds of 60 random networks of one to three layers of 4 to 512 units,
 * batches of 8 to 256, on 1600 rows of digits, one core: the logarithm is then off by 0.39 (standard
 * deviation), with the products alone by 1.07. */
static double work_of(const Shape *shape)
{
    enum { A_ROW = 90000, AN_UPDATE = 23 };
    const TrainOptions *train = &shape->settings.train;
    const double updates = ceil((double)shape->n_rows / train_batch(train, shape->n_rows));
    return shape->members * (double)train->epochs
         * (shape->n_rows * (shape->flops - shape->spared + A_ROW)
            + updates * AN_UPDATE * (double)shape->mlp.n_params);
}

double objective_work(const Objective *objective, const Value *values)
{
    Error ignored;
    Shape shape;
    double work = 0;
    Arena *arena = arena_create(0);
    if (!arena) return 0;
    if (shape_of(objective, values, arena, &shape, NULL, &ignored)) work = work_of(&shape);
    arena_destroy(arena);
    return work;
}

bool cost_of_any_table(const Settings *settings, Arena *arena, double *work, Error *err)
{
    enum { ROWS = 1000, NUMBERS = 30, CLASSES = 4 };
    Shape shape = {.settings = *settings, .n_rows = ROWS};
    const Rows rows = {.n_rows = ROWS, .n_features = NUMBERS, .n_plain = NUMBERS, .n_classes = CLASSES};
    if (!count(&rows, arena, &shape, err)) return false;
    *work = work_of(&shape);
    return true;
}

bool cost_of_settings(const Settings *settings, const Table *table, int n_rows, Arena *arena, double *work,
                      Error *err)
{
    Shape shape = {.settings = *settings, .n_rows = n_rows};
    Prep *prep;
    if (!prep_most(&settings->prep, table, arena, &prep, err)) return false;
    Rows rows = prep_shape(prep);
    rows.n_rows = n_rows;
    rows.n_classes = table->n_classes > 1 ? table->n_classes : 2;
    rows.task = table->labels || table->targets ? &table->task : NULL;
    if (!count(&rows, arena, &shape, err)) return false;
    *work = work_of(&shape);
    return true;
}
