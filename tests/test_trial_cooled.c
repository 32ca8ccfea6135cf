/* A trial's networks cooled: what they say afterwards is what its predictions became, and which trials are left
 * alone. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "engine/mlp_forward.h"
#include "tuner/trial/cooled.h"

enum { N = 300, D = 4, K = 3 };

typedef struct {
    Arena *arena;
    float x[N * 8];
    float proba[N * K];
    int32_t labels[N];
    Rows rows;
    Mlp *net;
    Table table;
    Split split;
    ModelNet nets[2];
    Gathered gathered;
    ObjectiveOptions options;
} Made;

/* One network of random weights, too sure or too timid by `scale`, and labels drawn from what it would say. */
static Made *make(const int *hidden, int n_hidden, float scale)
{
    Arena *arena = arena_create(0);
    Made *m = ARENA_NEW(arena, Made, 1);
    Error err = {0};
    Rng rng = rng_stream(3, (uint32_t)n_hidden, RNG_TEST);
    m->arena = arena;
    for (int i = 0; i < N * 8; i++) m->x[i] = i % 8 < D ? (float)(2 * rng_uniform(&rng) - 1) : 0;
    m->rows = (Rows){.n_rows = N, .n_features = D, .n_classes = K, .x = m->x, .ld = 8};
    assert_true(mlp_create(D, hidden, n_hidden, K, ACT_TANH, arena, &m->net, &err));
    for (int l = 0; l < m->net->n_layers; l++) {
        const MlpLayer layer = mlp_layer(m->net, l);
        for (int i = 0; i <= m->net->width[l]; i++) /* the last is the bias */
            for (int o = 0; o < m->net->width[l + 1]; o++)
                layer.w[i * layer.ld + o] = (float)(4 * rng_uniform(&rng) - 2);
    }
    assert_true(mlp_predict(m->net, &m->rows, arena, m->proba, K, &err));
    for (int i = 0; i < N; i++) {
        double u = rng_uniform(&rng);
        for (m->labels[i] = 0; m->labels[i] < K - 1; m->labels[i]++)
            if ((u -= (double)m->proba[i * K + m->labels[i]]) < 0) break;
    }
    const MlpLayer last = mlp_layer(m->net, m->net->n_layers - 1);
    for (int i = 0; i < (m->net->width[m->net->n_layers - 1] + 1) * last.ld; i++) last.w[i] *= scale;
    assert_true(mlp_predict(m->net, &m->rows, arena, m->proba, K, &err));
    m->table = (Table){.n_rows = N, .n_classes = K};
    m->split = (Split){.n_folds = 1, .n_times = 1};
    m->nets[0] = m->nets[1] = (ModelNet){m->net, 0};
    m->gathered = (Gathered){.n_runs = 1, .n_rows = N, .labels = m->labels, .proba = m->proba, .nets = m->nets,
                             .n_nets = 1};
    m->options = (ObjectiveOptions){.table = &m->table, .split = &m->split};
    return m;
}

static double log_loss(const Made *m)
{
    double sum = 0;
    for (int i = 0; i < N; i++) sum -= log((double)m->proba[i * K + m->labels[i]]);
    return sum / N;
}

static void networks_say_what_the_predictions_became(void **state)
{
    (void)state;
    static const int widths[] = {6};
    for (int n_hidden = 0; n_hidden < 2; n_hidden++)
        for (int way = 0; way < 2; way++) {
            Made *m = make(widths, n_hidden, way ? 4.0f : 0.25f);
            Error err = {0};
            float said[N * K];
            const double before = log_loss(m);
            gathered_cool(&m->options, &(TrainOptions){.cool = true}, &m->gathered);
            assert_true(log_loss(m) < before - 0.02);
            assert_true(mlp_predict(m->net, &m->rows, m->arena, said, K, &err));
            for (int i = 0; i < N * K; i++) assert_true(fabs((double)(said[i] - m->proba[i])) < 2e-6);
            arena_destroy(m->arena);
        }
}

static void others_are_left_alone(void **state)
{
    (void)state;
    static double weight[K] = {1, 1, 1};
    for (int what = 0; what < 6; what++) {
        Made *m = make(NULL, 0, 4.0f);
        float proba[N * K];
        const float *w = mlp_layer(m->net, 0).w, first = w[0];
        const TrainOptions train = {.cool = what != 0};
        memcpy(proba, m->proba, sizeof proba);
        if (what == 1) m->gathered.n_nets = 2;           /* members, snapshots */
        if (what == 2) m->gathered.n_runs = m->gathered.n_nets = 2; /* seeds */
        if (what == 3) m->split.n_folds = m->gathered.n_runs = m->gathered.n_nets = m->split.n_times = 2; /* repeats */
        if (what == 4) m->table.task.kind = TASK_ORDERED;
        if (what == 5) m->gathered.class_weight = weight;
        gathered_cool(&m->options, &train, &m->gathered);
        assert_memory_equal(proba, m->proba, sizeof proba);
        assert_true(w[0] == first);
        arena_destroy(m->arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(networks_say_what_the_predictions_became), cmocka_unit_test(others_are_left_alone),
    };
    return cmocka_run_group_tests_name("tuner/trial/cooled", tests, NULL, NULL);
}
