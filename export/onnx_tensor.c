/* Operators by name: those of one number, of two, and those that know of shapes. */
#include "export/onnx_tensor.h"

#include <math.h>
#include <string.h>

bool onnx_tensor_create(OnnxType type, int n_dims, const int *dims, Arena *arena, OnnxTensor *out, Error *err)
{
    *out = (OnnxTensor){.type = type, .n_dims = n_dims, .n = 1};
    for (int i = 0; i < n_dims; i++) out->n *= (size_t)(out->dims[i] = dims[i]);
    if (type == ONNX_STRING) out->words = ARENA_NEW(arena, const char *, out->n);
    else out->v = ARENA_NEW(arena, double, out->n);
    return out->words || out->v || error_memory(err);
}

typedef struct {
    const OnnxStep *step;
    const OnnxTensor *a, *b, *c; /* the first three inputs, or NULL */
    OnnxTensor *out;
    Arena *arena;
    Error *err;
} Job;

static bool wrong(const Job *job)
{
    return error_set(job->err, ERR_INVALID, "ONNX: %s of tensors that do not go together", job->step->op);
}

static const OnnxAttribute *attribute(const Job *job, const char *name)
{
    for (int i = 0; i < job->step->n_attributes; i++)
        if (strcmp(job->step->attributes[i].name, name) == 0) return &job->step->attributes[i];
    return NULL;
}

static double attribute_number(const Job *job, const char *name, double otherwise)
{
    const OnnxAttribute *found = attribute(job, name);
    return found ? found->number : otherwise;
}

static bool make(const Job *job, OnnxType type, int n_dims, const int *dims)
{
    return onnx_tensor_create(type, n_dims, dims, job->arena, job->out, job->err);
}

static void copy(OnnxTensor *to, size_t i, const OnnxTensor *from, size_t j)
{
    if (to->words) to->words[i] = from->words[j];
    else to->v[i] = from->v[j];
}

/* ---- of one number --------------------------------------------------------------------------- */

static double sign(double x) { return (x > 0) - (x < 0); }
static double relu(double x) { return x > 0 ? x : 0; }
static double negated(double x) { return -x; }
static double sigmoid(double x) { return 1 / (1 + exp(-x)); }
static double softplus(double x) { return x > 40 ? x : log1p(exp(x)); }
static double not(double x) { return x == 0; }
static double itself(double x) { return x; }

static const struct {
    const char *op;
    double (*of)(double x);
} functions[] = {
    {"Abs", fabs}, {"Neg", negated}, {"Sqrt", sqrt}, {"Log", log}, {"Exp", exp}, {"Floor", floor},
    {"Round", nearbyint}, {"Sin", sin}, {"Cos", cos}, {"Sign", sign}, {"Not", not}, {"Relu", relu},
    {"Tanh", tanh}, {"Erf", erf}, {"Sigmoid", sigmoid}, {"Softplus", softplus}, {"Cast", itself},
    {"Identity", itself},
};

static bool of_one(const Job *job, double of(double))
{
    const OnnxType type = (OnnxType)attribute_number(job, "to", job->a->type);
    if (!make(job, type, job->a->n_dims, job->a->dims)) return false;
    for (size_t i = 0; i < job->out->n; i++) {
        if (job->a->words) job->out->words[i] = job->a->words[i];
        else job->out->v[i] = type == ONNX_INT64 ? trunc(of(job->a->v[i])) : of(job->a->v[i]);
    }
    return true;
}

static bool leaky_or_selu(const Job *job)
{
    const bool selu = strcmp(job->step->op, "Selu") == 0;
    const double alpha = attribute_number(job, "alpha", selu ? 1.67326319217681884765625 : 0.01);
    const double gamma = attribute_number(job, "gamma", 1.05070102214813232421875);
    if (!make(job, job->a->type, job->a->n_dims, job->a->dims)) return false;
    for (size_t i = 0; i < job->out->n; i++) {
        const double x = job->a->v[i];
        if (selu) job->out->v[i] = gamma * (x > 0 ? x : alpha * expm1(x));
        else job->out->v[i] = x > 0 ? x : alpha * x;
    }
    return true;
}

/* ---- of two or three, broadcast ---------------------------------------------------------------- */

static double add(double x, double y) { return x + y; }
static double subtract(double x, double y) { return x - y; }
static double multiply(double x, double y) { return x * y; }
static double divide(double x, double y) { return x / y; }
static double larger(double x, double y) { return isnan(x) || isnan(y) ? (double)NAN : fmax(x, y); }
static double smaller(double x, double y) { return isnan(x) || isnan(y) ? (double)NAN : fmin(x, y); }
static double modulo(double x, double y) { return x - y * floor(x / y); }
static double less(double x, double y) { return x < y; }
static double at_most(double x, double y) { return x <= y; }
static double more(double x, double y) { return x > y; }
static double at_least(double x, double y) { return x >= y; }
static double equal(double x, double y) { return x == y; }
static double both(double x, double y) { return x != 0 && y != 0; }

static const struct {
    const char *op;
    double (*of)(double x, double y);
    bool compares;
} pairs[] = {
    {"Add", add, false}, {"Sub", subtract, false}, {"Mul", multiply, false}, {"Div", divide, false},
    {"Max", larger, false}, {"Min", smaller, false}, {"Mod", modulo, false}, {"Less", less, true},
    {"LessOrEqual", at_most, true}, {"Greater", more, true}, {"GreaterOrEqual", at_least, true},
    {"Equal", equal, true}, {"And", both, true},
};

/* The size that dimension i of n has in a tensor, counted from the last. */
static int size_at(const OnnxTensor *t, int i, int n)
{
    const int k = i - (n - t->n_dims);
    return k < 0 ? 1 : t->dims[k];
}

/* Where element `at` of the result stands in an operand that is broadcast. */
static size_t place_in(const OnnxTensor *t, const OnnxTensor *result, size_t at)
{
    size_t place = 0, step = 1;
    for (int i = result->n_dims - 1; i >= 0; i--) {
        const size_t size = (size_t)result->dims[i], own = (size_t)size_at(t, i, result->n_dims);
        place += own > 1 ? at % size * step : 0;
        step *= own;
        at /= size;
    }
    return place;
}

static bool broadcast(const Job *job, OnnxType type)
{
    const OnnxTensor *const in[3] = {job->a, job->b, job->c};
    int dims[ONNX_MOST_DIMS] = {0}, n_dims = 0;
    for (int k = 0; k < 3 && in[k]; k++) n_dims = in[k]->n_dims > n_dims ? in[k]->n_dims : n_dims;
    for (int i = 0; i < n_dims; i++) {
        dims[i] = 1;
        for (int k = 0; k < 3 && in[k]; k++) {
            const int size = size_at(in[k], i, n_dims);
            if (size != 1 && dims[i] != 1 && size != dims[i]) return wrong(job);
            if (size != 1) dims[i] = size;
        }
    }
    return make(job, type, n_dims, dims);
}

static bool of_two(const Job *job, double of(double, double), bool compares)
{
    if (job->a->words || job->b->words) return wrong(job);
    if (!broadcast(job, compares ? ONNX_BOOL : job->a->type)) return false;
    for (size_t i = 0; i < job->out->n; i++) {
        const double y = of(job->a->v[place_in(job->a, job->out, i)], job->b->v[place_in(job->b, job->out, i)]);
        job->out->v[i] = job->a->type == ONNX_INT64 ? trunc(y) : y;
    }
    return true;
}

static bool where(const Job *job)
{
    if (!broadcast(job, job->b->type)) return false;
    for (size_t i = 0; i < job->out->n; i++) {
        const OnnxTensor *from = job->a->v[place_in(job->a, job->out, i)] != 0 ? job->b : job->c;
        copy(job->out, i, from, place_in(from, job->out, i));
    }
    return true;
}

static bool clip(const Job *job)
{
    if (!make(job, job->a->type, job->a->n_dims, job->a->dims)) return false;
    for (size_t i = 0; i < job->out->n; i++)
        job->out->v[i] = smaller(larger(job->a->v[i], job->b->v[0]), job->c->v[0]);
    return true;
}

/* ---- shapes ------------------------------------------------------------------------------------ */

/* How many elements stand before, along and behind an axis. */
typedef struct {
    int axis;
    size_t before, along, behind;
} Around;

static Around around(const OnnxTensor *t, double axis)
{
    Around r = {(int)axis < 0 ? (int)axis + t->n_dims : (int)axis, 1, 1, 1};
    for (int i = 0; i < t->n_dims; i++)
        *(i < r.axis ? &r.before : i == r.axis ? &r.along : &r.behind) *= (size_t)t->dims[i];
    return r;
}

static bool concat(const Job *job)
{
    const Around first = around(job->a, attribute_number(job, "axis", 0));
    int dims[ONNX_MOST_DIMS], total = 0;
    memcpy(dims, job->a->dims, sizeof dims);
    for (int k = 0; k < job->step->n_in; k++) {
        const Around one = around(job->step->in[k], first.axis);
        if (one.before != first.before || one.behind != first.behind || job->step->in[k]->type != job->a->type)
            return wrong(job);
        total += (int)one.along;
    }
    dims[first.axis] = total;
    if (!make(job, job->a->type, job->a->n_dims, dims)) return false;
    size_t from = 0;
    for (int k = 0; k < job->step->n_in; k++) {
        const OnnxTensor *t = job->step->in[k];
        const Around one = around(t, first.axis);
        const size_t width = one.along * one.behind, whole = (size_t)total * one.behind;
        for (size_t i = 0; i < one.before * width; i++)
            copy(job->out, i / width * whole + from + i % width, t, i);
        from += width;
    }
    return true;
}

static bool reshape(const Job *job)
{
    int dims[ONNX_MOST_DIMS], n = (int)job->b->n, open = -1;
    size_t known = 1;
    if (n > ONNX_MOST_DIMS) return wrong(job);
    for (int i = 0; i < n; i++) {
        dims[i] = (int)job->b->v[i];
        if (dims[i] == 0) dims[i] = i < job->a->n_dims ? job->a->dims[i] : -2;
        if (dims[i] == -1) open = i;
        else known *= (size_t)dims[i];
    }
    if (open >= 0) dims[open] = known > 0 ? (int)(job->a->n / known) : 0;
    if (known * (open >= 0 ? (size_t)dims[open] : 1) != job->a->n) return wrong(job);
    if (!make(job, job->a->type, n, dims)) return false;
    for (size_t i = 0; i < job->out->n; i++) copy(job->out, i, job->a, i);
    return true;
}

static bool transpose(const Job *job)
{
    const OnnxAttribute *perm = attribute(job, "perm");
    const int n = job->a->n_dims;
    int dims[ONNX_MOST_DIMS] = {0};
    size_t stride[ONNX_MOST_DIMS] = {0}, step = 1;
    if (!perm || perm->n != n) return wrong(job);
    for (int i = n - 1; i >= 0; step *= (size_t)job->a->dims[i--]) stride[i] = step;
    for (int i = 0; i < n; i++) dims[i] = job->a->dims[(int)perm->numbers[i]];
    if (!make(job, job->a->type, n, dims)) return false;
    for (size_t i = 0; i < job->out->n; i++) {
        size_t from = 0, at = i;
        for (int k = n - 1; k >= 0; at /= (size_t)dims[k--])
            from += at % (size_t)dims[k] * stride[(int)perm->numbers[k]];
        copy(job->out, i, job->a, from);
    }
    return true;
}

/* Elements `index` (n) along an axis, in place of which stand `dims` (n_dims). */
static bool take(const Job *job, int axis, size_t n, const double *index, int n_dims, const int *dims)
{
    const Around r = around(job->a, axis);
    int all[2 * ONNX_MOST_DIMS], n_all = 0;
    for (int i = 0; i < r.axis; i++) all[n_all++] = job->a->dims[i];
    for (int i = 0; i < n_dims; i++) all[n_all++] = dims[i];
    for (int i = r.axis + 1; i < job->a->n_dims; i++) all[n_all++] = job->a->dims[i];
    if (n_all > ONNX_MOST_DIMS) return wrong(job);
    if (!make(job, job->a->type, n_all, all)) return false;
    for (size_t b = 0, to = 0; b < r.before; b++)
        for (size_t k = 0; k < n; k++) {
            if (!(index[k] >= 0 && index[k] < (double)r.along)) return wrong(job);
            for (size_t i = 0; i < r.behind; i++)
                copy(job->out, to++, job->a, (b * r.along + (size_t)index[k]) * r.behind + i);
        }
    return true;
}

static bool gather(const Job *job)
{
    return take(job, (int)attribute_number(job, "axis", 0), job->b->n, job->b->v, job->b->n_dims, job->b->dims);
}

/* With one start, end and axis each. */
static bool slice(const Job *job)
{
    if (job->step->n_in != 4 || job->b->n != 1 || job->c->n != 1 || job->step->in[3]->n != 1) return wrong(job);
    const int from = (int)job->b->v[0], n = (int)job->c->v[0] - from, axis = (int)job->step->in[3]->v[0];
    double *index = n > 0 ? ARENA_NEW(job->arena, double, n) : NULL;
    if (!index) return n > 0 ? error_memory(job->err) : wrong(job);
    for (int i = 0; i < n; i++) index[i] = from + i;
    return take(job, axis, (size_t)n, index, 1, &n);
}

/* ---- along an axis ----------------------------------------------------------------------------- */

/* ReduceSum, ReduceMean, ArgMax, ArgMin: of the first axis that is said. */
static bool reduce(const Job *job)
{
    const char *op = job->step->op;
    const OnnxAttribute *axes = attribute(job, "axes");
    const bool arg = strncmp(op, "Arg", 3) == 0, least = strcmp(op, "ArgMin") == 0;
    const Around r = around(job->a, arg ? attribute_number(job, "axis", 0) : axes ? axes->numbers[0]
                                      : job->b ? job->b->v[0] : 0);
    const bool keep = attribute_number(job, "keepdims", 1) != 0;
    int dims[ONNX_MOST_DIMS], n = 0;
    for (int i = 0; i < job->a->n_dims; i++)
        if (i != r.axis || keep) dims[n++] = i == r.axis ? 1 : job->a->dims[i];
    if (!make(job, arg ? ONNX_INT64 : job->a->type, n, dims)) return false;
    for (size_t i = 0; i < job->out->n; i++) {
        const double *v = job->a->v + i / r.behind * r.along * r.behind + i % r.behind;
        double sum = 0, best = 0;
        for (size_t k = 0; k < r.along; k++) {
            const double x = v[k * r.behind], top = v[(size_t)best * r.behind];
            sum += x;
            if (least ? x < top : x > top) best = (double)k;
        }
        job->out->v[i] = arg ? best : strcmp(op, "ReduceMean") == 0 ? sum / (double)r.along : sum;
    }
    return true;
}

/* Softmax and CumSum, of the last axis. */
static bool along_rows(const Job *job)
{
    const bool exclusive = attribute_number(job, "exclusive", 0) != 0;
    const size_t width = job->a->n_dims > 0 ? (size_t)job->a->dims[job->a->n_dims - 1] : 1;
    if (!make(job, job->a->type, job->a->n_dims, job->a->dims)) return false;
    for (size_t from = 0; from < job->a->n; from += width) {
        const double *v = job->a->v + from;
        double *out = job->out->v + from, top = -INFINITY, sum = 0;
        for (size_t k = 0; k < width; k++) top = fmax(top, v[k]);
        for (size_t k = 0; k < width && job->b; k++) {
            out[k] = exclusive ? sum : sum + v[k];
            sum += v[k];
        }
        for (size_t k = 0; k < width && !job->b; k++) sum += out[k] = exp(v[k] - top);
        for (size_t k = 0; k < width && !job->b; k++) out[k] /= sum;
    }
    return true;
}

/* All of a row, from the largest on; equal ones as they stand. */
static bool top_k(const Job *job)
{
    OnnxTensor *places = job->step->out[1];
    const size_t width = (size_t)job->a->dims[job->a->n_dims - 1];
    if (job->step->n_out != 2 || job->b->v[0] != (double)width) return wrong(job);
    if (!make(job, job->a->type, job->a->n_dims, job->a->dims)
        || !onnx_tensor_create(ONNX_INT64, job->a->n_dims, job->a->dims, job->arena, places, job->err))
        return false;
    for (size_t from = 0; from < job->a->n; from += width)
        for (size_t k = 0; k < width; k++) {
            size_t at = 0; /* how many come before it */
            for (size_t i = 0; i < width; i++)
                at += job->a->v[from + i] > job->a->v[from + k]
                   || (job->a->v[from + i] == job->a->v[from + k] && i < k);
            job->out->v[from + at] = job->a->v[from + k];
            places->v[from + at] = (double)k;
        }
    return true;
}

static bool scatter(const Job *job)
{
    const size_t width = (size_t)job->a->dims[job->a->n_dims - 1];
    if (job->b->n != job->a->n || job->c->n != job->a->n) return wrong(job);
    if (!make(job, job->a->type, job->a->n_dims, job->a->dims)) return false;
    for (size_t i = 0; i < job->a->n; i++) job->out->v[i] = job->a->v[i];
    for (size_t i = 0; i < job->a->n; i++) job->out->v[i / width * width + (size_t)job->b->v[i]] = job->c->v[i];
    return true;
}

/* ---- products, words ---------------------------------------------------------------------------- */

/* MatMul of (..., n, k) by (..., k, m) or (k, m); Gemm of matrices, the second perhaps transposed, plus c. */
static bool product(const Job *job)
{
    const OnnxTensor *a = job->a, *b = job->b;
    const bool gemm = strcmp(job->step->op, "Gemm") == 0, turned = attribute_number(job, "transB", 0) != 0;
    if (a->n_dims < 2 || b->n_dims < 2) return wrong(job);
    const size_t n = (size_t)a->dims[a->n_dims - 2], inner = (size_t)a->dims[a->n_dims - 1];
    const size_t m = (size_t)b->dims[b->n_dims - (turned ? 2 : 1)];
    int dims[ONNX_MOST_DIMS];
    memcpy(dims, a->dims, sizeof dims);
    dims[a->n_dims - 1] = (int)m;
    if ((size_t)b->dims[b->n_dims - (turned ? 1 : 2)] != inner || !make(job, a->type, a->n_dims, dims))
        return wrong(job);
    for (size_t r = 0; r < (n * inner > 0 ? a->n / inner : 0); r++) {
        const double *w = b->v + (b->n_dims > 2 ? r / n * inner * m : 0), *x = a->v + r * inner;
        double *y = job->out->v + r * m;
        for (size_t j = 0; gemm && job->c && j < m; j++) y[j] = job->c->v[job->c->n == 1 ? 0 : j];
        for (size_t k = 0; k < inner; k++)
            for (size_t j = 0; j < m && x[k] != 0; j++) y[j] += x[k] * w[turned ? j * inner + k : k * m + j];
    }
    return true;
}

static bool label_encoder(const Job *job)
{
    const OnnxAttribute *keys = attribute(job, "keys_strings"), *ints = attribute(job, "values_int64s");
    const OnnxAttribute *values = ints ? ints : attribute(job, "values_floats");
    const double other = attribute_number(job, ints ? "default_int64" : "default_float", ints ? -1 : 0);
    if (!keys || !values || keys->words.n != values->n || !job->a->words) return wrong(job);
    if (!make(job, ints ? ONNX_INT64 : ONNX_FLOAT, job->a->n_dims, job->a->dims)) return false;
    for (size_t i = 0; i < job->a->n; i++) {
        const int k = text_set_find(&keys->words, job->a->words[i], strlen(job->a->words[i]));
        job->out->v[i] = k >= 0 ? values->numbers[k] : other;
    }
    return true;
}

static const struct {
    const char *op;
    bool (*compute)(const Job *job);
    int n_in; /* at least */
} others[] = {
    {"Where", where, 3}, {"Clip", clip, 3}, {"Concat", concat, 1}, {"Reshape", reshape, 2},
    {"Transpose", transpose, 1}, {"Gather", gather, 2}, {"Slice", slice, 4}, {"ReduceSum", reduce, 2},
    {"ReduceMean", reduce, 1}, {"ArgMax", reduce, 1}, {"ArgMin", reduce, 1}, {"Softmax", along_rows, 1},
    {"CumSum", along_rows, 2}, {"TopK", top_k, 2}, {"ScatterElements", scatter, 3}, {"Gemm", product, 2},
    {"MatMul", product, 2}, {"LabelEncoder", label_encoder, 1}, {"LeakyRelu", leaky_or_selu, 1},
    {"Selu", leaky_or_selu, 1},
};

static bool compute(const Job *job)
{
    const char *op = job->step->op;
    const int n = job->step->n_in;
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++)
        if (strcmp(op, functions[i].op) == 0) return n == 1 ? of_one(job, functions[i].of) : wrong(job);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        if (strcmp(op, pairs[i].op) == 0)
            return n == 2 ? of_two(job, pairs[i].of, pairs[i].compares) : wrong(job);
    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (strcmp(op, others[i].op) == 0) return n >= others[i].n_in ? others[i].compute(job) : wrong(job);
    return error_set(job->err, ERR_INVALID, "ONNX: %.40s is no operator of ours", op);
}

bool onnx_tensor_compute(const OnnxStep *step, Arena *arena, Error *err)
{
    const Job job = {step, step->n_in > 0 ? step->in[0] : NULL, step->n_in > 1 ? step->in[1] : NULL,
                     step->n_in > 2 ? step->in[2] : NULL, step->out[0], arena, err};
    if (!compute(&job)) return false;
    for (size_t i = 0; step->out[0]->type == ONNX_FLOAT && i < step->out[0]->n; i++)
        step->out[0]->v[i] = (double)(float)step->out[0]->v[i];
    return true;
}
