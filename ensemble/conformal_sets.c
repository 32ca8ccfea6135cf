/* Sets of classes: margins of the probabilities that the truth was given. */
#include <math.h>

#include "ensemble/conformal_margin.h"
#include "ensemble/conformal_sets.h"

/* The scores of the labelled rows of class c; -1: of all. */
static int scores_of(const SetsInput *in, ConformalMethod method, int c, ConformalScore *out)
{
    int n = 0;
    for (int i = 0; i < in->n; i++) {
        const float *p = in->proba + (size_t)i * (size_t)in->n_classes;
        const int y = in->labels[i];
        if (y < 0 || (c >= 0 && y != c)) continue;
        out[n].weight = in->weight ? in->weight[i] : 1;
        out[n++].score = method == CONFORMAL_APS ? conformal_before(in->n_classes, p, y) : 1.0 - p[y];
    }
    return n;
}

/* Mean size of the sets of all rows. */
static bool measure(const SetsInput *in, Arena *arena, const Conformal *c, double *width, Error *err)
{
    bool *inside = ARENA_NEW(arena, bool, in->n_classes);
    if (!inside) return error_memory(err);
    for (int l = 0; l < in->n_levels; l++) {
        double size = 0, total = 0;
        for (int i = 0; i < in->n; i++) {
            const double w = in->weight ? in->weight[i] : 1;
            if (in->labels[i] < 0) continue;
            size += w * conformal_set(c, l, in->n_classes, in->proba + (size_t)i * (size_t)in->n_classes,
                                      inside);
            total += w;
        }
        width[l] = size / total;
    }
    return true;
}

bool conformal_fit_sets(const SetsInput *in, Arena *arena, const Conformal **out, double **width,
                        bool *few_rows,
                        Error *err)
{
    const ConformalMethod method = in->method;
    const int parts = method == CONFORMAL_BY_CLASS ? in->n_classes : 1;
    const size_t cells = (size_t)in->n_levels * (size_t)parts;
    Conformal *c = ARENA_NEW(arena, Conformal, 1);
    ConformalScore *score = ARENA_NEW(arena, ConformalScore, in->n + 1);
    double *margin = ARENA_NEW(arena, double, cells), *level = ARENA_NEW(arena, double, in->n_levels);
    int *methods = ARENA_NEW(arena, int, parts);
    *width = ARENA_NEW(arena, double, in->n_levels);
    if (!c || !score || !margin || !level || !methods || !*width) return error_memory(err);
    int n_all = 0;
    for (int k = 0; k < parts; k++) methods[k] = (int)method;
    for (int l = 0; l < in->n_levels; l++) {
        level[l] = in->level[l];
        for (int k = 0; k < parts; k++) {
            bool few = false;
            int n = scores_of(in, method, parts > 1 ? k : -1, score);
            double m = conformal_margin(score, n, level[l], &few);
            n_all = parts > 1 ? n_all : n;
            if (few && parts > 1) { /* the class is too rare for a promise of its own */
                n_all = scores_of(in, method, -1, score);
                m = fmax(m, conformal_margin(score, n_all, level[l], few_rows));
            }
            *few_rows = *few_rows || few;
            margin[l * parts + k] = m;
        }
    }
    if (parts > 1) n_all = scores_of(in, method, -1, score);
    *c = (Conformal){.n_levels = in->n_levels, .level = level, .n_parts = parts, .method = methods,
                     .margin = margin, .n_rows = n_all};
    *out = c;
    return measure(in, arena, c, *width, err);
}
