/* The table of a run's options: names, limits, defaults, help. */
#include "engine/train_options.h"

#include <stddef.h>

#include "engine/activation.h"
#include "engine/task.h"

const char *const optimizer_names[] = {OPTIMIZER_LIST(LIST_NAME) NULL};
const char *const strength_names[] = {STRENGTH_LIST(LIST_NAME) NULL};
const char *const norm_names[] = {NORM_LIST(LIST_NAME) NULL};
const char *const best_of_names[] = {BEST_OF_LIST(LIST_NAME) NULL};
const char *const lr_scaling_names[] = {LR_SCALING_LIST(LIST_NAME) NULL};
const char *const schedule_names[] = {SCHEDULE_LIST(LIST_NAME) NULL};
const char *const sampling_names[] = {SAMPLING_LIST(LIST_NAME) NULL};
const char *const class_weight_names[] = {CLASS_WEIGHT_LIST(LIST_NAME) NULL};
const char *const init_names[] = {INIT_LIST(LIST_NAME) NULL};

enum { WIDEST = 65536, DEFAULT_WIDTH = 128 };

#define F(member) .offset = offsetof(TrainOptions, member), .searchable = true
#define WIDTH(i)                                                                             \
    {.name = "width_" #i, .kind = FIELD_INT, F(width[i - 1]), .fallback = "0", .low = 0,     \
     .high = WIDEST, .help = "units of hidden layer " #i ", with num_layers"}

static const Field train_field_list[] = {
    /* architecture */
    {.name = "hidden", .alias = "hidden_sizes hidden_layer_sizes", .kind = FIELD_INT_LIST, F(hidden),
     .fallback = "[128]", .low = 1,
     .high = WIDEST, .help = "units of the hidden layers; [] for none (logistic regression)"},
    {.name = "num_layers", .alias = "n_layers hidden_layers", .kind = FIELD_INT, F(num_layers),
     .fallback = "0", .low = 0,
     .high = TRAIN_MAX_WIDTHS,
     .help = "number of hidden layers when their widths are width_1, width_2, ...; 0: see hidden"},
    WIDTH(1), WIDTH(2), WIDTH(3), WIDTH(4), WIDTH(5), WIDTH(6), WIDTH(7), WIDTH(8),
    {.name = "activation", .kind = FIELD_CHOICE, F(activation), .fallback = "relu",
     .choices = activation_names, .help = "function of the hidden units"},
    {.name = "init", .kind = FIELD_CHOICE, F(init), .fallback = "auto", .choices = init_names,
     .help = "first weights; auto: he for relu-like, lecun for selu, glorot for tanh and sigmoid"},
    {.name = "norm", .kind = FIELD_CHOICE, F(norm), .fallback = "none", .choices = norm_names,
     .help = "normalization of the hidden layers before their activation"},
    {.name = "residual", .alias = "skip_connections", .kind = FIELD_BOOL, F(residual),
     .fallback = "false",
     .help = "each hidden layer after the first adds its input to its output, where widths agree"},
    {.name = "input_scaling", .kind = FIELD_BOOL, F(input_scaling), .fallback = "false",
     .help = "a learned factor for each input, before the first layer"},
    {.name = "members", .kind = FIELD_INT, F(members), .fallback = "1", .low = 1,
     .high = TRAIN_MAX_MEMBERS,
     .help = "networks trained as one, sharing most weights (TabM, BatchEnsemble)"},
    {.name = "embed_frequencies", .kind = FIELD_INT, F(embed_frequencies), .fallback = "16",
     .low = 1, .high = 256, .help = "numeric_embedding pbld, periodic: frequencies of a column"},
    {.name = "embed_sigma", .kind = FIELD_REAL, F(embed_sigma), .fallback = "0.1", .low = 0,
     .high = 1000, .open_low = true,
     .help = "numeric_embedding pbld, periodic: spread of the first frequencies"},
    {.name = "embed_size", .kind = FIELD_INT, F(embed_size), .fallback = "4", .low = 2, .high = 256,
     .help = "numeric_embedding pbld, periodic: inputs that a number becomes"},
    {.name = "category_size", .kind = FIELD_INT, F(category_size), .fallback = "8", .low = 1,
     .high = 256, .help = "categorical embed: inputs that a category becomes"},
    /* optimization */
    {.name = "optimizer", .alias = "optim", .kind = FIELD_CHOICE, F(optimizer), .fallback = "adamw",
     .choices = optimizer_names, .help = "how the weights follow the gradient"},
    {.name = "learning_rate", .alias = "lr", .kind = FIELD_REAL, F(learning_rate),
     .fallback = "0.001", .low = 0,
     .high = 100, .open_low = true, .help = "step size at its highest"},
    {.name = "momentum", .kind = FIELD_REAL, F(momentum), .fallback = "0.9", .low = 0,
     .high = 0.9999, .help = "sgd: share of the last step that is kept"},
    {.name = "nesterov", .kind = FIELD_BOOL, F(nesterov), .fallback = "false",
     .help = "sgd: look ahead along the momentum"},
    {.name = "beta1", .kind = FIELD_REAL, F(beta1), .fallback = "0.9", .low = 0, .high = 0.9999,
     .help = "adam, adamw: memory of the mean gradient"},
    {.name = "beta2", .kind = FIELD_REAL, F(beta2), .fallback = "0.999", .low = 0,
     .high = 0.999999, .help = "adam, adamw: memory of the squared gradient"},
    {.name = "rms_decay", .kind = FIELD_REAL, F(rms_decay), .fallback = "0.99", .low = 0,
     .high = 0.999999, .help = "rmsprop: memory of the squared gradient"},
    {.name = "epsilon", .alias = "eps", .kind = FIELD_REAL, F(epsilon),
     .fallback = "1e-8", .low = 1e-16,
     .high = 1, .help = "rmsprop, adam, adamw: keeps the division finite"},
    {.name = "batch_size", .alias = "batch bs", .kind = FIELD_INT, F(batch_size),
     .fallback = "64", .low = 1,
     .high = 1 << 20, .help = "rows a step"},
    {.name = "min_steps", .kind = FIELD_INT, F(min_steps), .fallback = "8", .low = 0, .high = 1 << 20,
     .help = "steps an epoch has at least: few rows come in smaller batches, down to 16; 0: off"},
    {.name = "drop_last", .kind = FIELD_BOOL, F(drop_last), .fallback = "false",
     .help = "leave out an epoch's last batch when it is not full"},
    {.name = "epochs", .alias = "max_epochs n_epochs", .kind = FIELD_INT, F(epochs),
     .fallback = "30", .low = 1, .high = 100000,
     .help = "passes over the training rows"},
    {.name = "patience", .alias = "early_stopping_patience", .kind = FIELD_INT, F(patience),
     .fallback = "0", .low = 0,
     .high = 100000,
     .help = "stop after so many epochs without a better metric; 0: run all epochs"},
    {.name = "schedule", .alias = "lr_schedule scheduler", .kind = FIELD_CHOICE, F(schedule),
     .fallback = "cosine",
     .choices = schedule_names, .help = "how the learning rate moves"},
    {.name = "warmup_epochs", .alias = "warmup", .kind = FIELD_REAL, F(warmup_epochs),
     .fallback = "0", .low = 0,
     .high = 100000, .help = "epochs in which the learning rate rises to its full height"},
    {.name = "lr_step_epochs", .kind = FIELD_REAL, F(lr_step_epochs), .fallback = "10", .low = 0,
     .high = 100000, .open_low = true,
     .help = "step, exponential: epochs in which the rate falls by lr_decay"},
    {.name = "lr_decay", .kind = FIELD_REAL, F(lr_decay), .fallback = "0.5", .low = 0, .high = 1,
     .open_low = true, .help = "step, exponential: factor per lr_step_epochs"},
    {.name = "lr_final", .kind = FIELD_REAL, F(lr_final), .fallback = "0", .low = 0, .high = 1,
     .help = "cosine, coslog4, onecycle: share of the rate that is left at the end"},
    {.name = "clip_norm", .alias = "grad_clip", .kind = FIELD_REAL, F(clip_norm),
     .fallback = "0", .low = 0,
     .high = 1e6, .help = "longest gradient; longer ones are scaled down; 0: off"},
    {.name = "lr_scaling", .kind = FIELD_CHOICE, F(lr_scaling), .fallback = "none",
     .choices = lr_scaling_names,
     .help = "ntk: the rate of a weight is divided by the root of its layer's inputs (RealMLP)"},
    {.name = "bias_lr", .kind = FIELD_REAL, F(bias_lr), .fallback = "1", .low = 0, .high = 1000,
     .help = "factor on the learning rate of biases"},
    {.name = "scaling_lr", .kind = FIELD_REAL, F(scaling_lr), .fallback = "1", .low = 0,
     .high = 1000, .help = "factor on the learning rate of the input scaling"},
    {.name = "embed_lr", .kind = FIELD_REAL, F(embed_lr), .fallback = "1", .low = 0, .high = 1000,
     .help = "factor on the learning rate of embeddings"},
    {.name = "first_layer_lr", .kind = FIELD_REAL, F(first_layer_lr), .fallback = "1", .low = 0,
     .high = 1000, .help = "factor on the learning rate of the first layer"},
    {.name = "ema", .alias = "ema_decay", .kind = FIELD_REAL, F(ema), .fallback = "0", .low = 0,
     .high = 0.99999,
     .help = "validate and keep a moving average of the weights with this memory; 0: off"},
    {.name = "best_of", .kind = FIELD_CHOICE, F(best_of), .fallback = "epochs",
     .choices = best_of_names,
     .help = "what is kept: the best of all epochs, or of those that end a cycle of the schedule, or the last"},
    {.name = "snapshots", .kind = FIELD_INT, F(snapshots), .fallback = "0", .low = 0,
     .high = TRAIN_MAX_SNAPSHOTS,
     .help = "keep the networks at the ends of so many of the schedule's last cycles; 0: the best epoch"},
    /* regularization */
    {.name = "loss", .alias = "objective_loss criterion", .kind = FIELD_CHOICE, F(loss), .fallback = "auto",
     .choices = loss_names,
     .help = "numbers: what is minimized; auto: squared, or the pinball loss of data.quantiles"},
    {.name = "huber_delta", .alias = "delta", .kind = FIELD_REAL, F(huber_delta), .fallback = "1", .low = 0,
     .high = 1000, .open_low = true,
     .help = "loss huber: errors beyond so many standard deviations of the target count linearly"},
    {.name = "input_dropout", .kind = FIELD_REAL, F(input_dropout), .fallback = "0", .low = 0,
     .high = 0.95, .help = "share of inputs dropped in training"},
    {.name = "dropout", .kind = FIELD_REAL, F(dropout), .fallback = "0", .low = 0, .high = 0.95,
     .help = "share of hidden units dropped in training"},
    {.name = "l1", .kind = FIELD_REAL, F(l1), .fallback = "0", .low = 0, .high = 100,
     .help = "adds l1 * sum |w| to the loss (weights, not biases)"},
    {.name = "l2", .alias = "alpha", .kind = FIELD_REAL, F(l2),
     .fallback = "0", .low = 0, .high = 100,
     .help = "adds l2/2 * sum w^2 to the loss (weights, not biases)"},
    {.name = "weight_decay", .alias = "wd", .kind = FIELD_REAL, F(weight_decay),
     .fallback = "0.0001", .low = 0,
     .high = 100,
     .help = "decoupled decay of the weights a step, times the learning rate; not with adam"},
    {.name = "label_smoothing", .kind = FIELD_REAL, F(label_smoothing), .fallback = "0", .low = 0,
     .high = 0.9, .help = "share of each label spread over all classes"},
    {.name = "soft_weight", .kind = FIELD_REAL, F(soft_weight), .fallback = "0.7", .low = 0, .high = 1,
     .help = "data.soft_labels: what the teacher's word counts for; the rest is the label's"},
    {.name = "soft_temperature", .kind = FIELD_REAL, F(soft_temperature), .fallback = "1", .low = 0.1,
     .high = 100, .help = "data.soft_labels: above 1 softens the teacher's probabilities, below hardens them"},
    {.name = "max_norm", .kind = FIELD_REAL, F(max_norm), .fallback = "0", .low = 0, .high = 1e6,
     .help = "longest vector of weights into a hidden unit; 0: off"},
    {.name = "dropout_schedule", .kind = FIELD_CHOICE, F(dropout_schedule), .fallback = "constant",
     .choices = strength_names,
     .help = "flat_cos: dropout is full for half the run and then falls to 0"},
    {.name = "decay_schedule", .kind = FIELD_CHOICE, F(decay_schedule), .fallback = "constant",
     .choices = strength_names,
     .help = "flat_cos: weight_decay is full for half the run and then falls to 0"},
    {.name = "focal_gamma", .alias = "focal", .kind = FIELD_REAL, F(focal_gamma), .fallback = "0",
     .low = 0, .high = 10, .help = "focal loss: how much less the easy rows count; 0: off"},
    {.name = "mixup", .alias = "mixup_alpha", .kind = FIELD_REAL, F(mixup), .fallback = "0",
     .low = 0, .high = 10,
     .help = "mix pairs of rows and their labels, shares from Beta(mixup, mixup); 0: off"},
    {.name = "cutmix", .alias = "cutmix_alpha", .kind = FIELD_REAL, F(cutmix), .fallback = "0",
     .low = 0, .high = 10,
     .help = "swap columns between pairs of rows, shares from Beta(cutmix, cutmix); 0: off"},
    {.name = "class_weight", .kind = FIELD_CHOICE, F(class_weight), .fallback = "none",
     .choices = class_weight_names, .help = "weight of a row by how rare its class is"},
    {.name = "sampling", .kind = FIELD_CHOICE, F(sampling), .fallback = "none", .choices = sampling_names,
     .help = "show all classes alike: batches in turn, rare ones several times, or few of the frequent"},
    {.name = "augment", .kind = FIELD_SECTION, F(augment), .section = &augment_fields,
     .help = "random changes to the training rows"},
    {.name = "cool", .kind = FIELD_BOOL, F(cool), .fallback = "false",
     .help = "classes: a trial's networks get the temperature that suits its out-of-fold predictions"},
    {.name = "seeds_per_trial", .kind = FIELD_INT, .offset = offsetof(TrainOptions, seeds_per_trial),
     .fallback = "1", .low = 1, .high = 64,
     .help = "train each configuration with so many seeds and score their mean"},
};
const FieldTable train_fields = FIELD_TABLE("train", train_field_list);

bool train_hidden(const TrainOptions *options, int *widths, int *n, Error *err)
{
    const IntList *hidden = &options->hidden;
    if (options->num_layers == 0) {
        for (int i = 0; i < TRAIN_MAX_WIDTHS; i++)
            if (options->width[i] > 0)
                return error_set(err, ERR_CONFIG,
                                 "train: width_%d is set but num_layers is not; set num_layers, or "
                                 "write the widths as `hidden: [%d]`", i + 1, options->width[i]);
        for (int i = 0; i < hidden->n; i++) widths[i] = hidden->items[i];
        *n = hidden->n;
        return true;
    }
    /* The default of `hidden` cannot be told from the same list written out, and gives way. */
    if (hidden->n != 0 && !(hidden->n == 1 && hidden->items[0] == DEFAULT_WIDTH))
        return error_set(err, ERR_CONFIG,
                         "train: both `hidden` and `num_layers` are set; remove one of them");
    if (options->num_layers < 0 || options->num_layers > TRAIN_MAX_WIDTHS)
        return error_set(err, ERR_CONFIG, "train: num_layers is %d; 0 to %d are possible",
                         options->num_layers, TRAIN_MAX_WIDTHS);
    for (int i = 0; i < options->num_layers; i++) {
        if (options->width[i] < 1)
            return error_set(err, ERR_CONFIG, "train: num_layers is %d but width_%d is not set",
                             options->num_layers, i + 1);
        widths[i] = options->width[i];
    }
    *n = options->num_layers;
    return true;
}

int train_batch(const TrainOptions *options, int n_rows)
{
    enum { LEAST = 16 };
    int most = options->min_steps > 0 ? n_rows / options->min_steps : n_rows;
    if (most < LEAST) most = LEAST < n_rows ? LEAST : n_rows;
    return options->batch_size < most ? options->batch_size : most;
}
