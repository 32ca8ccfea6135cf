/* Adds up what a trial allocates, from the sizes that engine/ and data/ say they need. */
#include "tuner/trial/footprint.h"

double footprint_table(const Table *table)
{
    double n = table->n_rows, bytes = n * sizeof *table->labels + n * table->height * table->width
                                    + n * table->task.n_targets * sizeof *table->targets;
    for (int j = 0; j < table->n_columns; j++)
        bytes += n * (column_has_words(table->columns[j].kind) ? sizeof(int32_t) : sizeof(double));
    return bytes;
}

/* What is not 0 in the texts of all rows, from above. */
static double text_entries(const Table *table, const PrepOptions *prep)
{
    double n = 0;
    for (int j = 0; j < table->n_columns; j++)
        if (table->columns[j].kind == COLUMN_FREE_TEXT)
            n += text_grams_most(&table->columns[j], table->n_rows, (TextNgrams)prep->text_ngrams);
    return n;
}

/* n encoded rows: labels, and floats and places of ones, or the number of a picture each. */
static double encoded_bytes(const Rows *shape, int n)
{
    double row = shape->height > 0 ? sizeof *shape->source : sizeof *shape->x * (shape->n_plain + 7.0)
                                                           + sizeof *shape->hot * (double)shape->n_hot
                                                           + sizeof *shape->climbed * (double)shape->n_ramps;
    if (shape->task) row += (double)shape->task->n_targets * sizeof *shape->targets;
    if (shape->weight) row += sizeof *shape->weight;
    if (shape->soft) row += (double)(shape->n_classes + shape->task->n_targets) * sizeof *shape->soft;
    return n * (sizeof *shape->labels + row);
}

bool footprint_trial(const FootprintOptions *options, Arena *arena, double *bytes, Error *err)
{
    const Table *table = options->table;
    const Split *split = options->split;
    const TrainOptions *train = options->train;
    Prep *prep;
    Mlp mlp;
    int members, repeats = train->seeds_per_trial < 1 ? 1 : train->seeds_per_trial;
    if (!prep_most(options->prep, table, arena, &prep, err)) return false;
    Rows shape = prep_shape(prep);
    shape.n_classes = table->n_classes;
    shape.task = &table->task;
    const float weighed = 1; /* only that they have weights, or a teacher, is looked at */
    const double taught = 1;
    shape.weight = table->weight ? &weighed : NULL;
    shape.soft = table->soft ? &taught : NULL;
    if (!train_shape(train, &shape, arena, &mlp, &members, err)) return false;
    const double values = table_values(table);
    int runs = split->n_folds * repeats;
    double sum = 0, largest = 0, state = 0, n_valid = 0, entries = text_entries(table, options->prep);
    for (int f = 0; f < split->n_folds; f++) {
        shape.n_rows = split->n_train[f];
        size_t run = train_bytes(train, &shape, split->n_valid[f], arena, err);
        if (run == SIZE_MAX) return false;
        if ((double)run > largest) largest = (double)run;
        sum += encoded_bytes(&shape, split->n_train[f]) + encoded_bytes(&shape, split->n_valid[f]);
        double share = ((double)split->n_train[f] + split->n_valid[f]) / table->n_rows;
        sum += share * entries * (sizeof *shape.text_at + sizeof *shape.text_value);
        state = (double)train_state_bytes(train, &shape, arena);
        n_valid += split->n_valid[f];
    }
    sum += n_valid * (values * (sizeof(double) + sizeof(float)) + 2 * sizeof(int32_t))
         + table->n_rows * (double)sizeof(int32_t);
    double nets = (double)runs * members * (train->snapshots > 0 ? train->snapshots : 1);
    double kept = runs > 1 ? nets * (double)mlp.n_floats * sizeof(float) : 0;
    double training = largest + kept, writing = runs > 1 ? kept : largest;
    if (options->keeps_files) {
        writing += n_valid * values * (sizeof(double) + sizeof(float)); /* calibration: z, p */
        training += state;
        writing += 2 * nets * (double)mlp.n_params * sizeof(float); /* from copies of the weights */
    }
    *bytes = sum + (training > writing ? training : writing);
    return true;
}
