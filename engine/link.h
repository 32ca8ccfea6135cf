/* engine/link.h - from the outputs of a network to what it predicts (data/task.h says in which scales).
 *
 *     softmax     K outputs, K probabilities e^z / sum
 *     cumulative  K - 1 outputs, K probabilities: P(class > k) = sigmoid(a_k), a_0 = z_0 and
 *                 a_k = a_{k-1} - softplus(z_k), so that they fall whatever the network says
 *     identity    y = shift + scale z
 *     log         y = exp(log_shift + log_scale z) - log_offset
 *     rate        y = exp(log_mean + z)
 *     quantiles   the middle one is z, those above it add softplus(z), those below subtract it: they never
 *                 cross. Then as identity
 *     sigmoid     T outputs, T probabilities
 *
 * A shipped network says which of these it is for (Mlp.link).
 *
 * Shapes   z (outputs), out (values) of one row. Units: of probabilities, or v of data/task.h.
 * Errors   none. nan in gives nan out.
 * Source   cumulative: McCullagh, J. R. Statist. Soc. B 42 (1980), without proportional odds; quantiles by
 *          increments: Gasthaus et al., AISTATS 2019.
 */
#ifndef CONSORT_ENGINE_LINK_H
#define CONSORT_ENGINE_LINK_H
#include "data/task.h"

#define LINK_LIST(X)                                                                               \
    X(LINK_SOFTMAX, "softmax") X(LINK_CUMULATIVE, "cumulative") X(LINK_IDENTITY, "identity")       \
    X(LINK_LOG, "log") X(LINK_RATE, "rate") X(LINK_QUANTILES, "quantiles") X(LINK_SIGMOID, "sigmoid")
typedef enum { LINK_LIST(LIST_ID) LINK_COUNT } Link;
extern const char *const link_names[];

/* May a network for this task have this link? */
bool link_fits(Link link, const Task *task);
void link_row(Link link, const Task *task, int n_classes, const float *z, float *out);

double link_softplus(double z);
double link_sigmoid(double z);
/* Index of the quantile that stands by itself. */
int link_middle(const Task *task);
#endif
