#include "tests/test_engine.h"

#include "engine/mlp_forward.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int hidden[] = {7, 20};

/* A network whose every number differs from every other. */
static Mlp *numbered(Activation activation, Arena *arena)
{
    Mlp *mlp;
    assert_true(mlp_create(5, hidden, 2, 3, activation, arena, &mlp, NULL));
    float next = 0.01f;
    for (int l = 0; l < mlp->n_layers; l++) {
        MlpLayer layer = mlp_layer(mlp, l);
        for (int i = 0; i <= mlp->width[l]; i++) /* the bias is the last row */
            for (int j = 0; j < mlp->width[l + 1]; j++, next += 0.003f)
                layer.w[i * layer.ld + j] = (float)sin((double)next * 40);
    }
    return mlp;
}

static void layout(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Mlp *mlp = numbered(ACT_RELU, arena);
    assert_int_equal(mlp->n_params, 6 * 7 + 8 * 20 + 21 * 3);
    const float *at = mlp->params;
    for (int l = 0; l < 3; l++) {
        MlpLayer layer = mlp_layer(mlp, l);
        assert_ptr_equal(layer.w, at);
        assert_true((uintptr_t)layer.w % 64 == 0 && (uintptr_t)layer.b % 64 == 0);
        assert_ptr_equal(layer.b, layer.w + (ptrdiff_t)mlp->width[l] * layer.ld);
        at = layer.b + layer.ld;
    }
    assert_int_equal(at - mlp->params, mlp->n_floats);
    Mlp *copy;
    assert_true(mlp_copy(mlp, arena, &copy, NULL));
    assert_ptr_not_equal(copy->params, mlp->params);
    assert_memory_equal(copy->params, mlp->params, mlp->n_floats * sizeof(float));
    arena_destroy(arena);
}

/* The definition, in double, a row at a time. */
static void predict_slowly(const Mlp *mlp, const float *x, double *proba)
{
    double h[64], z[64];
    for (int i = 0; i < mlp->width[0]; i++) h[i] = (double)x[i];
    for (int l = 0; l < mlp->n_layers; l++) {
        MlpLayer layer = mlp_layer(mlp, l);
        for (int j = 0; j < mlp->width[l + 1]; j++) {
            z[j] = (double)layer.b[j];
            for (int i = 0; i < mlp->width[l]; i++) z[j] += h[i] * (double)layer.w[i * layer.ld + j];
        }
        for (int j = 0; j < mlp->width[l + 1]; j++) h[j] = l + 1 < mlp->n_layers ? tanh(z[j]) : z[j];
    }
    double sum = 0;
    for (int c = 0; c < 3; c++) sum += exp(h[c]);
    for (int c = 0; c < 3; c++) proba[c] = exp(h[c]) / sum;
}

static void predicts_by_the_definition(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Mlp *mlp = numbered(ACT_TANH, arena);
    const int sizes[] = {1, 255, 256, 257, 600};
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        int n = sizes[k];
        enum { LD = 6, LD_PROBA = 4 };
        float *x = ARENA_NEW(arena, float, n * LD), *p = ARENA_NEW(arena, float, n * LD_PROBA);
        for (int i = 0; i < n * LD; i++) x[i] = i % LD == 5 ? NAN : (float)sin(i * 0.7);
        for (int i = 0; i < n * LD_PROBA; i++) p[i] = -1;
        Rows rows = {.n_rows = n, .n_features = 5, .n_classes = 3, .x = x, .ld = LD};
        assert_true(mlp_predict(mlp, &rows, arena, p, LD_PROBA, NULL));
        for (int i = 0; i < n; i++) {
            double want[3];
            predict_slowly(mlp, x + i * LD, want);
            for (int c = 0; c < 3; c++) check_close("p", (double)p[i * LD_PROBA + c], want[c], 1e-6);
            assert_true(p[i * LD_PROBA + 3] == -1);
        }
    }
    Rows wrong = {.n_rows = 1, .n_features = 4};
    Error err;
    assert_false(mlp_predict(mlp, &wrong, arena, NULL, 3, &err));
    assert_non_null(strstr(err.message, "takes 5 features, the rows have 4"));
    arena_destroy(arena);
}

static void pictures_predict_like_their_floats(void **state)
{
    (void)state;
    enum { N = 300, D = 12 };
    Arena *arena = arena_create(0);
    Mlp *mlp;
    assert_true(mlp_create(D, hidden, 2, 3, ACT_GELU, arena, &mlp, NULL));
    for (int l = 0; l < 3; l++) {
        MlpLayer layer = mlp_layer(mlp, l);
        for (int i = 0; i < mlp->width[l]; i++)
            for (int j = 0; j < mlp->width[l + 1]; j++) layer.w[i * layer.ld + j] = (float)cos(i * 3 + j);
    }
    static uint8_t pixels[N * D];
    static int32_t source[N];
    float shift[D], scale[D];
    float *x = ARENA_NEW(arena, float, N * D), *p = ARENA_NEW(arena, float, N * 3), *q = ARENA_NEW(arena, float, N * 3);
    for (int i = 0; i < N * D; i++) pixels[i] = (uint8_t)(i * 37);
    for (int j = 0; j < D; j++) shift[j] = (float)j, scale[j] = 1.0f / 128;
    for (int i = 0; i < N; i++) {
        source[i] = N - 1 - i;
        for (int j = 0; j < D; j++) x[i * D + j] = ((float)pixels[source[i] * D + j] - shift[j]) * scale[j];
    }
    Rows images = {.n_rows = N, .n_features = D, .n_classes = 3, .pixels = pixels, .source = source,
                   .shift = shift, .scale = scale, .height = 3, .width = 4};
    Rows floats = {.n_rows = N, .n_features = D, .n_classes = 3, .x = x, .ld = D};
    assert_true(mlp_predict(mlp, &images, arena, p, 3, NULL));
    assert_true(mlp_predict(mlp, &floats, arena, q, 3, NULL));
    assert_memory_equal(p, q, N * 3 * sizeof *p);
    arena_destroy(arena);
}

static bool read_back(const TensorFile *file, const char *prefix, int n_layers, const int *width,
                      Activation activation, Arena *arena, Mlp **out, Error *err)
{
    Mlp shape = {.n_layers = n_layers, .activation = activation};
    for (int l = 0; l <= 3; l++) shape.width[l] = width[l];
    return mlp_from_tensors(file, prefix, &shape, arena, out, err);
}

static void round_trip(void **state)
{
    (void)state;
    char path[] = "/tmp/consort-mlp-XXXXXX";
    int file = mkstemp(path);
    assert_true(file >= 0);
    close(file);
    Arena *arena = arena_create(0);
    Mlp *mlp = numbered(ACT_SILU, arena), *back = NULL;
    Tensor tensors[8] = {{.name = "first", .type = TENSOR_F32, .rank = 1, .shape = {1}, .data = &(float){3}}};
    int n = 1;
    Error err = {ERR_NONE, ""};
    assert_true(mlp_to_tensors(mlp, "m0", arena, tensors, &n, NULL));
    assert_int_equal(n, 7);
    assert_string_equal(tensors[1].name, "m0.l0.w");
    assert_string_equal(tensors[6].name, "m0.l2.b");
    assert_true(tensors_write(path, "test 1", NULL, 0, tensors, n, NULL));
    TensorFile *t;
    assert_true(tensors_read(path, "test 1", &t, NULL));
    const int width[] = {5, 7, 20, 3};
    assert_true(read_back(t, "m0", 3, width, ACT_SILU, arena, &back, NULL));
    assert_int_equal(back->activation, ACT_SILU);
    assert_memory_equal(back->params, mlp->params, mlp->n_floats * sizeof(float));
    Mlp *untouched = NULL;
    /* What a hostile header could ask for. */
    const int narrow[] = {5, 7, 19, 3}, negative[] = {5, -7, 20, 3}, huge[] = {INT_MAX, INT_MAX, 20, 3};
    assert_false(read_back(t, "m0", 3, narrow, ACT_SILU, arena, &untouched, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_false(read_back(t, "m0", 3, negative, ACT_SILU, arena, &untouched, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_false(read_back(t, "m0", 3, huge, ACT_SILU, arena, &untouched, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_false(read_back(t, "m1", 3, width, ACT_SILU, arena, &untouched, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_false(read_back(t, "m0", 0, width, ACT_SILU, arena, &untouched, &err));
    assert_false(read_back(t, "m0", MLP_MAX_LAYERS + 1, width, ACT_SILU, arena, &untouched, &err));
    assert_false(read_back(t, "m0", 3, width, (Activation)99, arena, &untouched, &err));
    assert_int_equal(err.code, ERR_DATA);
    for (long k = 0;; k++) {
        arena_fail_after(arena, k);
        if (read_back(t, "m0", 3, width, ACT_SILU, arena, &back, &err)) break;
        assert_int_equal(err.code, ERR_MEMORY);
        assert_true(k < 20);
    }
    arena_fail_after(arena, -1);
    tensors_free(t);
    /* A weight that is not a number. */
    mlp_layer(mlp, 1).w[3] = NAN;
    n = 1;
    assert_true(mlp_to_tensors(mlp, "m0", arena, tensors, &n, NULL));
    assert_true(tensors_write(path, "test 1", NULL, 0, tensors, n, NULL));
    assert_true(tensors_read(path, "test 1", &t, NULL));
    assert_false(read_back(t, "m0", 3, width, ACT_SILU, arena, &untouched, &err));
    assert_int_equal(err.code, ERR_DATA);
    assert_non_null(strstr(err.message, "m0.l1.w: a weight is not a finite number"));
    assert_null(untouched);
    tensors_free(t);
    unlink(path);
    arena_destroy(arena);
}

static void shapes_that_cannot_be(void **state)
{
    (void)state;
    Arena *arena = arena_create(0);
    Mlp *mlp = NULL;
    Error err;
    int many[40] = {0}, wide[] = {1 << 24, 1 << 24};
    for (int i = 0; i < 40; i++) many[i] = 2;
    assert_false(mlp_create(0, NULL, 0, 2, ACT_RELU, arena, &mlp, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_false(mlp_create(3, many, 33, 2, ACT_RELU, arena, &mlp, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_false(mlp_create(3, wide, 2, 2, ACT_RELU, arena, &mlp, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_false(mlp_create(3, many, 1, INT_MAX, ACT_RELU, arena, &mlp, &err));
    assert_int_equal(err.code, ERR_INVALID);
    assert_null(mlp);
    for (long n = 0;; n++) {
        arena_fail_after(arena, n);
        if (mlp_create(3, many, 32, 2, ACT_RELU, arena, &mlp, &err)) break;
        assert_int_equal(err.code, ERR_MEMORY);
    }
    Mlp *copy = NULL;
    arena_fail_after(arena, 1);
    assert_false(mlp_copy(mlp, arena, &copy, &err));
    assert_int_equal(err.code, ERR_MEMORY);
    assert_null(copy);
    arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(layout),
        cmocka_unit_test(predicts_by_the_definition),
        cmocka_unit_test(pictures_predict_like_their_floats),
        cmocka_unit_test(round_trip),
        cmocka_unit_test(shapes_that_cannot_be),
    };
    mat_init(NULL);
    return cmocka_run_group_tests_name("engine/mlp", tests, NULL, NULL);
}
