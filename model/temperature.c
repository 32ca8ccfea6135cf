/* The one temperature that makes probabilities most likely. */
#include "model/temperature.h"

#include <math.h>

#include "model/model.h"

/* -log softmax(log p / T) of a row at its label. */
static double row_loss(double temperature, int n_classes, const float *p, int label)
{
    double top = 1e-12, total = 0, at_label = fmax(p[label], 1e-12);
    for (int c = 0; c < n_classes; c++) top = fmax(top, p[c]);
    for (int c = 0; c < n_classes; c++) total += exp(log(fmax(p[c], 1e-12) / top) / temperature);
    return log(total) - log(at_label / top) / temperature;
}

/* Its mean over the rows; NaN when none is labelled. */
static double cooled_loss(double temperature, int n, int n_classes, const float *proba,
                          const int32_t *labels, const double *weight)
{
    double sum = 0, count = 0;
    for (int i = 0; i < n; i++, proba += n_classes) {
        const double w = weight ? weight[i] : 1;
        if (labels[i] < 0 || w == 0) continue;
        sum += w * row_loss(temperature, n_classes, proba, labels[i]);
        count += w;
    }
    return sum / count;
}

/* Members were chosen, and their best epochs before them, by these very rows, on which they look
 * surer with reason than elsewhere. So T above 1 needs little evidence and T below 1 much. Averages
 * of the best 1 to 12 trials of six studies of digits, on 2000 test rows each: T above 1 lowered
 * the log loss in 17 cases of 19, however little it gained here (the other two lost 0.0005 and
 * 0.0011); T below 1 raised it in 7 of the 11 where it gained less than two standard errors. */
static bool is_worth_it(double temperature, int n, int n_classes, const float *proba,
                        const int32_t *labels, const double *weight)
{
    double sum = 0, square = 0, before = 0;
    int count = 0;
    for (int i = 0; i < n; i++, proba += n_classes) {
        if (labels[i] < 0) continue;
        const double w = weight ? weight[i] : 1;
        if (w == 0) continue;
        double loss = w * row_loss(1, n_classes, proba, labels[i]);
        double gain = loss - w * row_loss(temperature, n_classes, proba, labels[i]);
        before += loss;
        sum += gain;
        square += gain * gain;
        count++;
    }
    if (!(sum > 0.001 * before)) return false;
    if (temperature > 1) return true;
    return sum > 2 * sqrt(fmax(square - sum * sum / count, 0));
}

double temperature_fit(int n, int n_classes, const float *proba, const int32_t *labels, const double *weight)
{
    static const double golden = 0.61803398874989484820; /* (sqrt 5 - 1) / 2 */
    double low = log(0.2), high = log(5);
    double left = high - golden * (high - low), right = low + golden * (high - low);
    double at_left = cooled_loss(exp(left), n, n_classes, proba, labels, weight);
    double at_right = cooled_loss(exp(right), n, n_classes, proba, labels, weight);
    while (high - low > 1e-6) {
        if (at_left <= at_right) {
            high = right, right = left, at_right = at_left;
            left = high - golden * (high - low);
            at_left = cooled_loss(exp(left), n, n_classes, proba, labels, weight);
        } else {
            low = left, left = right, at_left = at_right;
            right = low + golden * (high - low);
            at_right = cooled_loss(exp(right), n, n_classes, proba, labels, weight);
        }
    }
    return is_worth_it(exp((low + high) / 2), n, n_classes, proba, labels, weight) ? exp((low + high) / 2) : 1;
}

void temperature_apply(double temperature, int n, int n_classes, float *proba)
{
    const ModelMember member = {.weight = 1};
    const Model model = {.schema = {.n_classes = n_classes}, .n_members = 1, .members = &member,
                         .combine = COMBINE_AVERAGE, .temperature = temperature};
    if (temperature != 1) model_combine(&model, n, proba, proba);
}
