/* What the draws say, in numbers for people; and where the best trials are. */
#include "tuner/insight/importance.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* ---- where the best trials are -------------------------------------------------------------- */

typedef struct {
    double score;
    int at;
} Ranked;

static int by_score(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

typedef struct {
    const Points *in;
    Ranked *ranked; /* (n) the first n_top are the top, ties included */
    int n_top;
    bool *active;   /* (n, n_dims) */
    Value *values;  /* (n_params) scratch */
    double *number; /* (n) scratch */
    Value *choice;  /* (n) scratch */
    int *times;     /* (n) scratch */
} Top;

static bool top_make(const ImportanceInput *input, Arena *arena, Top *top, Error *err)
{
    const Points *in = &input->trials;
    const int n = in->n, d = in->space->n_dims;
    int n_scored = 0;
    *top = (Top){.in = in, .ranked = ARENA_NEW(arena, Ranked, n), .number = ARENA_NEW(arena, double, n),
                 .active = arena_alloc(arena, (size_t)n * (size_t)d, sizeof *top->active),
                 .values = ARENA_NEW(arena, Value, in->space->n_params), .choice = ARENA_NEW(arena, Value, n),
                 .times = ARENA_NEW(arena, int, n)};
    if (!top->ranked || !top->active || !top->values || !top->number || !top->choice || !top->times)
        return error_memory(err);
    for (int i = 0; i < n; i++) {
        top->ranked[i] = (Ranked){in->score[i], i};
        n_scored += isfinite(in->score[i]);
        space_active(in->space, in->u + (size_t)i * (size_t)d, top->active + (size_t)i * (size_t)d);
    }
    qsort(top->ranked, (size_t)n, sizeof *top->ranked, by_score);
    int want = (int)ceil(input->top_share * n - 1e-9);
    while (top->n_top < n_scored
           && (top->n_top < want || top->ranked[top->n_top].score == top->ranked[top->n_top - 1].score))
        top->n_top++;
    return true;
}

/* Three digits that count; "94100" rather than "9.41e+04". */
static void three_digits(double x, char *text, size_t size)
{
    const double unit = pow(10, floor(log10(fabs(x))) - 2);
    if (fabs(x) >= 1000 && fabs(x) < 1e9) snprintf(text, size, "%.0f", round(x / unit) * unit);
    else snprintf(text, size, "%.3g", x);
}

/* The middle half of the top's values, or their commonest choice. NULL: no memory. */
static const char *favoured(Top *top, int dim, Arena *arena)
{
    const Space *space = top->in->space;
    const int at = space->param_of_dim[dim], d = space->n_dims;
    char text[256];
    int n = 0, best = 0;
    for (int k = 0; k < top->n_top; k++) {
        const size_t row = (size_t)top->ranked[k].at * (size_t)d;
        if (!top->active[row + (size_t)dim]) continue;
        space_decode(space, top->in->u + row, top->values);
        top->number[n] = top->values[at].number;
        top->choice[n++] = top->values[at];
    }
    if (n == 0) return "";
    if (space->params[at].n_choices == 0) {
        qsort(top->number, (size_t)n, sizeof *top->number, by_value);
        double low = top->number[(n - 1) / 4], high = top->number[n - 1 - (n - 1) / 4];
        char from[32], to[32];
        three_digits(low, from, sizeof from);
        three_digits(high, to, sizeof to);
        return strcmp(from, to) ? arena_print(arena, "%s to %s", from, to) : arena_copy(arena, from);
    }
    for (int i = 0; i < n; i++) {
        top->times[i] = 0;
        for (int j = 0; j < n; j++) top->times[i] += value_equal(&top->choice[i], &top->choice[j]);
        if (top->times[i] > top->times[best]) best = i;
    }
    value_label(&top->choice[best], text, sizeof text);
    return arena_copy(arena, text);
}

/* ---- the answer ------------------------------------------------------------------------------- */

/* Middle and ends of one column of (n, stride) draws. */
static void spread_of(int n, const double *draws, int stride, double *scratch, double *middle, double *low,
                      double *high)
{
    for (int i = 0; i < n; i++) scratch[i] = draws[i * stride];
    qsort(scratch, (size_t)n, sizeof *scratch, by_value);
    *middle = scratch[n / 2];
    *low = scratch[(int)(0.025 * n)];
    *high = scratch[n - 1 - (int)(0.025 * n)];
}

enum { FIFTHS = 5 };
/* In how much of its range has a parameter been tried? */
static double tried_of(const Top *top, int dim)
{
    const Space *space = top->in->space;
    const int d = space->n_dims, levels = space_dim_levels(space, dim);
    const int cells = levels > 0 && levels < FIFTHS ? levels : FIFTHS;
    bool tried[FIFTHS] = {false};
    double n = 0;
    for (int i = 0; i < top->in->n; i++) {
        const size_t at = (size_t)i * (size_t)d + (size_t)dim;
        int cell = (int)(top->in->u[at] * cells);
        if (top->active[at]) tried[cell < cells ? cell : cells - 1] = true;
    }
    for (int c = 0; c < cells; c++) n += tried[c];
    return n / cells;
}

/* Between fifths of a range a model may guess; of a value that stands for a quarter or more of the space it
 * knows nothing before one is tried. */
static bool tried_enough(const Space *space, const ParamImportance *p)
{
    const int levels = space_dim_levels(space, p->dim);
    return p->tried >= (levels > 0 && levels < FIFTHS ? 1 : IMPORTANCE_TRIED);
}

static int by_importance(const void *a, const void *b)
{
    const ParamImportance *x = a, *y = b;
    if (x->importance != y->importance) return x->importance > y->importance ? -1 : 1;
    return (x->dim > y->dim) - (x->dim < y->dim);
}

/* In which share of the draws is place k ahead of all after it, up to `end`? */
static double ahead_of(const ModelImportance *model, int d, const Importance *out, int k, int end)
{
    int n = 0;
    for (int i = 0; i < model->n_draws; i++) {
        const double *effect = model->effect + i * d;
        int at = k + 1;
        while (at < end && effect[out->param[k].dim] > effect[out->param[at].dim]) at++;
        n += at == end;
    }
    return n / (double)model->n_draws;
}

static void count_ahead(const Space *space, const ModelImportance *model, Importance *out)
{
    const int d = space->n_dims;
    bool sure = true;
    for (int k = 0; k < d; k++) {
        ParamImportance *p = &out->param[k];
        p->ahead = k + 1 < d ? ahead_of(model, d, out, k, k + 2) : NAN;
        sure = sure && p->told && ahead_of(model, d, out, k, d) >= 0.95;
        for (int later = k + 1; later < d; later++) sure = sure && tried_enough(space, &out->param[later]);
        out->n_sure += sure;
    }
}

static const char *too_little(const Points *in, Importance *out, Arena *arena)
{
    double first = NAN;
    bool differ = false;
    for (int i = 0; i < in->n; i++) {
        double score = isfinite(in->score[i]) || !in->stopped ? in->score[i] : in->stopped[i];
        if (!isfinite(score)) continue;
        if (out->n_scored++ == 0) first = score;
        differ |= score != first;
    }
    if (in->space->n_dims == 0) return "nothing is searched: there is nothing to compare";
    if (out->n_scored < IMPORTANCE_FEW)
        return arena_print(arena, "%d %s with a score: fewer than %d do not tell which settings matter",
                           out->n_scored,
                           out->n_scored == 1 ? "trial" : "trials", IMPORTANCE_FEW);
    return differ ? "" : "all trials have the same score: nothing made a difference";
}

static bool fill(const ImportanceInput *in, const ModelImportance *model, Arena *arena, Importance *out,
                 Error *err)
{
    const int d = in->trials.space->n_dims;
    Top top;
    double *scratch = ARENA_NEW(arena, double, model->n_draws);
    out->param = ARENA_NEW(arena, ParamImportance, d);
    if (!out->param || !scratch || !top_make(in, arena, &top, err)) return error_memory(err);
    out->n_top = top.n_top;
    for (int k = 0; k < d; k++) {
        ParamImportance *p = &out->param[k];
        double low, high, active = 0;
        *p = (ParamImportance){.dim = k, .length_scale = model->length_scale[k],
                               .favours = favoured(&top, k, arena)};
        if (!p->favours) return error_memory(err);
        spread_of(model->n_draws, model->alone + k, d, scratch, &p->alone, &low, &high);
        spread_of(model->n_draws, model->effect + k, d, scratch, &p->importance, &low, &high);
        p->low95 = low < IMPORTANCE_NOTHING ? 0 : low;
        p->high95 = fmin(1, fmax(high, IMPORTANCE_NOTHING));
        p->importance = fmin(1, p->importance);
        p->alone = fmin(p->alone, p->importance); /* each is an estimate; the whole has its part in it */
        p->tried = tried_of(&top, k);
        if (!tried_enough(in->trials.space, p)) p->low95 = 0, p->high95 = 1;
        p->told = p->high95 - p->low95 <= IMPORTANCE_WIDE;
        for (int i = 0; i < in->trials.n; i++) active += top.active[(size_t)i * (size_t)d + (size_t)k];
        p->active = active / in->trials.n;
    }
    out->n_params = d;
    qsort(out->param, (size_t)d, sizeof *out->param, by_importance);
    count_ahead(in->trials.space, model, out);
    out->n_pairs = model->n_pairs;
    memcpy(out->pair, model->pair, sizeof out->pair);
    out->map = model->map;
    out->way = model->way;
    return true;
}

/* What stands in the way of saying more, as the warning. False: no memory. */
static bool what_to_mind(const Points *in, Arena *arena, Importance *out)
{
    int untold = 0, stopped = 0;
    const char *few = NULL, *early = NULL;
    for (int k = 0; k < out->n_params; k++) untold += !out->param[k].told;
    for (int i = 0; i < in->n; i++) stopped += in->stopped && !isnan(in->stopped[i]);
    if (untold > 0 && !(few = arena_print(arena,
                                          "%d of %d settings have no number: too few trials far from the best"
                                          " to tell", untold, out->n_params)))
        return false;
    if (4 * stopped > in->n && !(early = arena_print(arena,
                                                     "%d of %d trials were stopped early, and say little about"
                                                     " where they would have ended", stopped, in->n)))
        return false;
    out->warning = few && early ? arena_print(arena, "%s; %s", few, early) : few ? few : early;
    return out->warning || !(few || early);
}

bool importance_compute(const ImportanceInput *input, Arena *arena, Importance *out, Error *err)
{
    ImportanceInput in = *input;
    ModelImportance model;
    if (in.top_share <= 0) in.top_share = 0.1;
    *out = (Importance){.n_trials = in.trials.n, .top_share = in.top_share, .left_out = NAN};
    out->warning = too_little(&in.trials, out, arena);
    if (!out->warning) return error_memory(err);
    if (*out->warning) return true;
    out->warning = NULL;
    if (!importance_model(&in.trials, in.from, in.to, in.seed, arena, &model, err)) return false;
    out->left_out = model.left_out;
    if (model.n_draws == 0) {
        out->warning = "no model of the trials could be fitted";
        return true;
    }
    if (model.left_out < IMPORTANCE_TELLS) {
        const double percent = 100 * fmax(0, model.left_out);
        out->warning = arena_print(arena, "a model of the trials explains %.0f %% of the differences of trials"
                                   " that it was not shown: too little to say which settings matter", percent);
        return out->warning || error_memory(err);
    }
    if (!fill(&in, &model, arena, out, err)) return false;
    return what_to_mind(&in.trials, arena, out) || error_memory(err);
}
