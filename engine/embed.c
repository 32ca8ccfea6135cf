/* The input stage of a network: learned waves for numbers, learned rows for categories. */
#include "engine/embed.h"

#include "engine/vec.h"

enum { LANES = 16, MOST_INPUTS = 1 << 24 };
static const size_t MOST_FLOATS = (size_t)1 << 31;

static size_t pad(size_t n) { return (n + LANES - 1) / LANES * LANES; }

/* A numeric feature's parameters in the block: w1 (F), b1 (F), then W2, one row of `terms` numbers
 * for each of the `outputs`, then b2. */
typedef struct {
    int frequencies, terms, outputs;
    size_t row; /* padded length of a row of W2 */
    size_t w2, b2, n_floats;
    bool periodic;
} Layout;

static Layout layout_of(const Embed *e, int feature)
{
    Layout a = {.frequencies = e->frequencies, .periodic = feature == FEATURE_PERIODIC};
    a.terms = a.periodic ? 2 * e->frequencies : e->frequencies;
    a.outputs = a.periodic ? e->size : e->size - 1;
    a.row = pad((size_t)a.terms);
    a.w2 = 2 * pad((size_t)a.frequencies);
    a.b2 = a.w2 + (size_t)a.outputs * a.row;
    a.n_floats = a.b2 + pad((size_t)a.outputs);
    return a;
}

bool embed_make(const EmbedOptions *options, const int *feature, int n_features, Arena *arena,
                Embed **out, Error *err)
{
    bool plain = true;
    for (int j = 0; j < n_features; j++) plain = plain && feature[j] == FEATURE_PLAIN;
    *out = NULL;
    if (plain) return true;
    if (options->frequencies < 1 || options->frequencies > 256 || options->size < 2 ||
        options->size > 256 || options->category_size < 1 || options->category_size > 256)
        return error_set(err, ERR_INVALID, "an embedding of %d frequencies and %d or %d inputs",
                         options->frequencies, options->size, options->category_size);
    Embed *e = ARENA_NEW(arena, Embed, 1);
    int *kinds = ARENA_NEW(arena, int, n_features), *first = ARENA_NEW(arena, int, n_features);
    size_t *offset = ARENA_NEW(arena, size_t, n_features);
    if (!e || !kinds || !first || !offset) return error_memory(err);
    *e = (Embed){.n_features = n_features, .frequencies = options->frequencies,
                 .size = options->size, .category_size = options->category_size,
                 .feature = kinds, .first_input = first, .offset = offset};
    size_t n_inputs = 0;
    for (int j = 0; j < n_features; j++) {
        int kind = feature[j] < FEATURE_PERIODIC ? FEATURE_PLAIN : feature[j];
        kinds[j] = kind;
        first[j] = (int)n_inputs;
        offset[j] = e->n_floats;
        if (kind == FEATURE_PLAIN) {
            n_inputs++;
        } else if (kind > 0) {
            size_t cells = ((size_t)kind + 1) * (size_t)e->category_size;
            e->n_floats += pad(cells);
            e->n_params += cells;
            n_inputs += (size_t)e->category_size;
        } else {
            Layout a = layout_of(e, kind);
            e->n_floats += a.n_floats;
            e->n_params += 2 * (size_t)a.frequencies + ((size_t)a.terms + 1) * (size_t)a.outputs;
            n_inputs += (size_t)e->size;
        }
        if (n_inputs > MOST_INPUTS || e->n_floats > MOST_FLOATS)
            return error_set(err, ERR_INVALID, "embeddings of %d features are too large",
                             n_features);
    }
    e->n_inputs = (int)n_inputs;
    *out = e;
    return true;
}

void embed_init(const Embed *e, double sigma, Rng *rng, float *params)
{
    for (int j = 0; j < e->n_features; j++) {
        float *p = params + e->offset[j];
        int kind = e->feature[j];
        if (kind > 0) {
            int cells = (kind + 1) * e->category_size;
            for (int i = 0; i < cells; i++) p[i] = (float)rng_normal(rng);
        }
        if (kind >= 0) continue;
        Layout a = layout_of(e, kind);
        float *b1 = p + pad((size_t)a.frequencies);
        double reach = 1 / sqrt(a.terms);
        for (int f = 0; f < a.frequencies; f++) {
            p[f] = (float)(sigma * rng_normal(rng));
            b1[f] = (float)(3.14159265358979 * (2 * rng_uniform(rng) - 1));
        }
        for (int o = 0; o < a.outputs; o++) {
            float *row = p + a.w2 + (size_t)o * a.row;
            for (int i = 0; i < a.terms; i++) row[i] = (float)(reach * (2 * rng_uniform(rng) - 1));
            p[a.b2 + (size_t)o] = (float)(reach * (2 * rng_uniform(rng) - 1));
        }
    }
}

enum { MOST_TERMS = 512 };

/* The terms of x: cosines, and for periodic also sines after them. */
VEC_INLINE void terms_of(const Layout *a, const float *w1, const float *b1, float x, float *terms)
{
    const float turn = 0.159154943f; /* 1 / 2 pi */
    for (int f = 0; f < a->frequencies; f++)
        terms[f] = vec_cos_turns(w1[f] * x + b1[f] * turn);
    for (int f = 0; a->periodic && f < a->frequencies; f++)
        terms[a->frequencies + f] = vec_cos_turns(w1[f] * x + b1[f] * turn - 0.25f);
}

/* In lanes of a fixed number, so that no vector length changes the order. */
VEC_INLINE float dot(int n, const float *a, const float *b)
{
    float lane[LANES] = {0};
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        for (int v = 0; v < LANES; v++) lane[v] += a[i + v] * b[i + v];
    for (int v = 0; i + v < n; v++) lane[v] += a[i + v] * b[i + v];
    for (int half = LANES / 2; half > 0; half /= 2)
        for (int v = 0; v < half; v++) lane[v] += lane[v + half];
    return lane[0];
}

VEC_CLONES static void number_forward(const Layout *a, const float *p, int n, const float *x,
                                      int ld_x, float *to, int ld)
{
    const float *b1 = p + a->w2 / 2;
    float terms[MOST_TERMS];
    for (int r = 0; r < n; r++) {
        float *out = to + (size_t)r * (size_t)ld, v = x[(size_t)r * (size_t)ld_x];
        terms_of(a, p, b1, v, terms);
        if (!a->periodic) *out++ = v;
        for (int o = 0; o < a->outputs; o++) {
            float y = dot(a->terms, terms, p + a->w2 + (size_t)o * a->row) + p[a->b2 + (size_t)o];
            out[o] = a->periodic && y < 0 ? 0 : y;
        }
    }
}

VEC_CLONES static void number_backward(const Layout *a, const float *p, int n, const float *x,
                                       int ld_x, const float *d_out, int ld, float *g)
{
    const float *b1 = p + a->w2 / 2, full = 6.28318531f;
    const int nf = a->frequencies;
    float *g1 = g, *gb = g + a->w2 / 2, terms[MOST_TERMS], d_terms[MOST_TERMS];
    for (int r = 0; r < n; r++) {
        const float *d = d_out + (size_t)r * (size_t)ld + !a->periodic;
        const float v = x[(size_t)r * (size_t)ld_x];
        terms_of(a, p, b1, v, terms);
        for (int i = 0; i < a->terms; i++) d_terms[i] = 0;
        for (int o = 0; o < a->outputs; o++) {
            const float *w = p + a->w2 + (size_t)o * a->row;
            float *gw = g + a->w2 + (size_t)o * a->row, by = d[o];
            if (a->periodic && dot(a->terms, terms, w) + p[a->b2 + (size_t)o] <= 0) by = 0;
            for (int i = 0; i < a->terms; i++) {
                gw[i] += by * terms[i];
                d_terms[i] += by * w[i];
            }
            g[a->b2 + (size_t)o] += by;
        }
        for (int f = 0; f < nf; f++) { /* d cos = -sin, d sin = cos, times the angle's own slope */
            float sine = a->periodic ? terms[nf + f]
                                     : vec_cos_turns(p[f] * v + b1[f] * 0.159154943f - 0.25f);
            float by = -sine * d_terms[f] + (a->periodic ? terms[f] * d_terms[nf + f] : 0.0f);
            g1[f] += by * full * v;
            gb[f] += by;
        }
    }
}

static int code_of(float x, int levels)
{
    return x >= 0 && x <= (float)levels ? (int)x : 0;
}

void embed_forward(const Embed *e, const float *params, int n, const float *x, int ld_x,
                   float *inputs, int ld)
{
    for (int j = 0; j < e->n_features; j++) {
        const float *p = params + e->offset[j], *from = x + j;
        float *to = inputs + e->first_input[j];
        int kind = e->feature[j];
        if (kind < 0) {
            Layout a = layout_of(e, kind);
            number_forward(&a, p, n, from, ld_x, to, ld);
            continue;
        }
        for (int r = 0; r < n; r++) {
            float v = from[(size_t)r * (size_t)ld_x], *out = to + (size_t)r * (size_t)ld;
            if (kind == FEATURE_PLAIN)
                *out = v;
            else
                memcpy(out, p + (size_t)code_of(v, kind) * (size_t)e->category_size,
                       (size_t)e->category_size * sizeof *out);
        }
    }
    for (int r = 0; ld > e->n_inputs && r < n; r++)
        memset(inputs + (size_t)r * (size_t)ld + e->n_inputs, 0,
               (size_t)(ld - e->n_inputs) * sizeof *inputs);
}

void embed_backward(const Embed *e, const float *params, int n, const float *x, int ld_x,
                    const float *d_inputs, int ld, float *grad)
{
    memset(grad, 0, e->n_floats * sizeof *grad);
    for (int j = 0; j < e->n_features; j++) {
        const float *p = params + e->offset[j], *from = x + j, *d = d_inputs + e->first_input[j];
        float *g = grad + e->offset[j];
        int kind = e->feature[j], size = e->category_size;
        if (kind < 0) {
            Layout a = layout_of(e, kind);
            number_backward(&a, p, n, from, ld_x, d, ld, g);
        }
        for (int r = 0; kind > 0 && r < n; r++) {
            float *row = g + (size_t)code_of(from[(size_t)r * (size_t)ld_x], kind) * (size_t)size;
            for (int c = 0; c < size; c++) row[c] += d[(size_t)r * (size_t)ld + (size_t)c];
        }
    }
}
