/* Labels and a teacher's word for them, put together. */
#include "engine/teach.h"

#include <math.h>
#include <string.h>

/* A probability, harder or softer, before what belongs together is divided by its sum. */
static double tempered(double p, double temperature)
{
    return temperature == 1 ? p : p > 0 ? pow(p, 1 / temperature) : 0;
}

void teach_aims(Trainer *t, const Rows *rows)
{
    const int n = rows->n_classes;
    const double w = t->options.soft_weight, temperature = t->options.soft_temperature;
    for (int i = 0; t->aims && i < rows->n_rows; i++) {
        const double *p = rows->soft + (size_t)i * (size_t)n;
        float *aim = t->aims + (size_t)i * (size_t)n;
        const int label = rows->labels[i];
        double sum = 0;
        for (int c = 0; c < n; c++) sum += tempered(p[c], temperature);
        const bool said = sum > 0; /* not NaN, nor nothing at all */
        for (int c = 0; c < n; c++) {
            const double hard = c == label;
            aim[c] = (float)(said ? w * (tempered(p[c], temperature) / sum) + (1 - w) * hard : hard);
        }
    }
}

double teach_target(const TrainOptions *o, const Rows *rows, int i, int k)
{
    const size_t at = (size_t)i * (size_t)rows->task->n_targets + (size_t)k;
    const double y = rows->targets[at];
    double v = rows->soft ? rows->soft[at] : NAN;
    if (isnan(v) || isnan(y)) return y;
    if (rows->task->kind == TASK_LABELS && o->soft_temperature != 1) {
        const double yes = tempered(v, o->soft_temperature), no = tempered(1 - v, o->soft_temperature);
        v = yes / (yes + no);
    }
    return o->soft_weight * v + (1 - o->soft_weight) * y;
}

void teach_gather(Trainer *t, const int32_t *index, const int32_t *partner, int n)
{
    const size_t width = (size_t)t->loss.n_classes;
    const float share = t->lambda;
    for (int i = 0; i < n; i++) {
        const float *own = t->aims + (size_t)index[i] * width;
        float *to = t->soft + (size_t)i * width;
        memcpy(to, own, width * sizeof *to);
        if (!(share < 1)) continue;
        const float *other = t->aims + (size_t)index[partner[i]] * width;
        for (size_t c = 0; c < width; c++) to[c] = share * own[c] + (1 - share) * other[c];
    }
}
