/* Counting and numbering assignments: the grid, and all cells of a finite space.
 *
 * Assignments form a tree: parameters in `order`, a branch for each level of an active one. Below
 * the last parameter that some condition depends on, every subtree is a plain product; above it the
 * branches are walked. So counting costs the product of the levels of the few parameters that
 * control others (usually a layer count and an optimizer), not of all.
 */
#include <assert.h>
#include <math.h>

#include "tuner/search/space.h"

static const double MAX_GRID = 0x1p53;
enum { MAX_WALK = 20000 };

typedef struct {
    const Space *space;
    bool grid;           /* grid points, or every value there is */
    Value values[SPACE_MAX_PARAMS];
} Tree;

/* Does zero_prob add a level? Not where 0 is one already. */
static bool adds_zero(const Param *p)
{
    if (!(p->zero_prob > 0)) return false;
    if (distribution_quantized(p->distribution)) return !param_reaches_zero(p);
    return p->least != 0 && p->most != 0;
}

/* Levels without the added zero; 0 when there is no grid, INFINITY when there is no end. */
static double plain_levels(const Param *p, bool grid)
{
    if (distribution_chosen(p->distribution)) {
        if (grid) return p->distribution == DIST_CATEGORICAL ? p->n_choices : 0;
        int n = 0;
        for (int i = 0; i < p->n_choices; i++) n += !p->probabilities || p->probabilities[i] > 0;
        return n;
    }
    if (!distribution_quantized(p->distribution))
        return !grid ? INFINITY : p->steps;
    double n = p->last - p->first + 1;
    if (!grid) return n;
    if (p->steps) return fmin(n, p->steps);
    Scale scale = distribution_scale(p->distribution);
    /* The tails of an unbounded distribution are no places to start a grid. */
    return scale == SCALE_NORMAL || scale == SCALE_LOG_NORMAL ? 0 : n;
}

static double levels(const Param *p, bool grid)
{
    return plain_levels(p, grid) + adds_zero(p);
}

/* Level i of `steps` over a lattice of n points: evenly on the distribution's scale, but never the
 * same point twice where a logarithmic scale crowds them. */
static double lattice_step(const Param *p, double n, double i)
{
    double k = -1;
    for (double j = 0; j <= i; j++) {
        double u = p->zero_prob + (1 - p->zero_prob) * j / (p->steps - 1);
        double want = param_decode(p, u).number * p->per / p->unit - p->first;
        k = fmin(fmax(nearbyint(want), k + 1), n - (p->steps - j));
    }
    return k;
}

/* The coordinate of level i. */
static double level_at(const Param *p, bool grid, double i)
{
    if (distribution_chosen(p->distribution)) {
        int choice = -1;
        for (double left = i; left >= 0; left--) {
            choice++;
            while (!grid && p->probabilities && p->probabilities[choice] == 0) choice++;
        }
        return param_choice_at(p, choice);
    }
    if (adds_zero(p) && i-- == 0) return param_number_at(p, 0);
    Scale scale = distribution_scale(p->distribution);
    if (distribution_quantized(p->distribution)) {
        double n = p->last - p->first + 1;
        double k = grid && p->steps && p->steps < n ? lattice_step(p, n, i) : i;
        return param_number_at(p, (p->first + k) * p->unit / p->per);
    }
    bool bounded = scale == SCALE_LINEAR || scale == SCALE_LOG || scale == SCALE_INVERSE;
    double t = bounded ? i / (p->steps - 1) : (i + 0.5) / p->steps;
    Value value = param_decode(p, p->zero_prob + (1 - p->zero_prob) * t);
    return param_number_at(p, value.number);
}

/* Sets the value of parameter order[k] where that takes no choice; true when it takes one. */
static bool enter(Tree *tree, int k)
{
    int i = tree->space->order[k];
    const Param *p = &tree->space->params[i];
    tree->values[i] = value_none();
    if (p->when && !expr_true(p->when, tree->values)) return false;
    if (p->distribution == DIST_CONSTANT) tree->values[i] = p->choices[0];
    else if (p->distribution == DIST_DERIVED) tree->values[i] = expr_eval(p->derived, tree->values);
    else return true; /* branches */
    return false;
}

/* Assignments below position k, given what was chosen above it. */
static double count(Tree *tree, int k)
{
    double n = 1;
    for (; k < tree->space->n_params; k++) {
        if (!enter(tree, k)) continue;
        int i = tree->space->order[k];
        const Param *p = &tree->space->params[i];
        if (!p->controls) {
            n *= levels(p, tree->grid);
            continue;
        }
        double sum = 0;
        for (double level = 0; level < levels(p, tree->grid); level++) {
            tree->values[i] = param_decode(p, level_at(p, tree->grid, level));
            sum += count(tree, k + 1);
        }
        return n * sum;
    }
    return n;
}

/* How many branches counting would walk, conditions aside. */
static double walk_size(const Space *space, bool grid)
{
    double n = 1;
    for (int i = 0; i < space->n_params; i++)
        if (space->params[i].controls && space->params[i].dim >= 0) n *= levels(&space->params[i], grid);
    return n;
}

static void point_of(const Space *space, bool grid, double index, double *u)
{
    Tree tree = {.space = space, .grid = grid};
    for (int d = 0; d < space->n_dims; d++) u[d] = 0.5;
    for (int k = 0; k < space->n_params; k++) {
        if (!enter(&tree, k)) continue;
        int i = space->order[k];
        const Param *p = &space->params[i];
        double level = 0;
        if (p->controls) {
            for (;; level++) {
                tree.values[i] = param_decode(p, level_at(p, grid, level));
                double below = count(&tree, k + 1);
                if (index < below || level + 1 >= levels(p, grid)) break;
                index -= below;
            }
            /* count() left its own choices behind for what comes later; `enter` replaces them. */
        } else {
            double below = count(&tree, k + 1);
            level = floor(index / below);
            index -= level * below;
        }
        u[p->dim] = level_at(p, grid, level);
        tree.values[i] = param_decode(p, u[p->dim]);
    }
}

double space_size(const Space *space)
{
    if (walk_size(space, false) > MAX_WALK) {
        double bound = 1;
        for (int d = 0; d < space->n_dims; d++)
            bound *= levels(&space->params[space->param_of_dim[d]], false);
        return bound;
    }
    Tree tree = {.space = space};
    return count(&tree, 0);
}

void space_cell(const Space *space, int64_t i, double *u)
{
    point_of(space, false, (double)i, u);
}

bool space_grid_size(const Space *space, int64_t *n, Error *err)
{
    for (int i = 0; i < space->n_params; i++) {
        const Param *p = &space->params[i];
        if (p->dim < 0) continue;
        if (plain_levels(p, true) == 0) {
            if (p->distribution == DIST_CATEGORICAL_P)
                return conf_key_error(p->node, err, "`method: grid` takes each value once, so `%s` "
                                      "cannot have `probabilities`", p->name);
            bool linear = p->distribution == DIST_UNIFORM;
            return conf_key_error(p->node, err, "`method: grid` needs finitely many values and `%s` is "
                                  "a continuous range; add `steps: 5`%s", p->name,
                                  linear ? ", or `distribution: q_uniform` with a `q`" : "");
        }
        double off = p->low * p->per / p->unit;
        if (p->distribution == DIST_Q_UNIFORM && fabs(off - nearbyint(off)) > 1e-9 * fabs(off) &&
            !p->steps)
            return conf_key_error(p->node, err, "W&B's grid starts `%s` at `min` (%g), its random draws "
                                  "are multiples of `q` (%g); make `min` a multiple of `q`, or list the "
                                  "`values`", p->name, p->low, p->q);
    }
    if (walk_size(space, true) > MAX_WALK)
        return error_set(err, ERR_CONFIG, "the conditions (`when`) of this grid hang on more than %d "
                         "combinations; use fewer values or `method: random`", MAX_WALK);
    Tree tree = {.space = space, .grid = true};
    double size = count(&tree, 0);
    if (size > MAX_GRID)
        return error_set(err, ERR_CONFIG, "this grid has %.3g points; use fewer values or `method: "
                         "random`", size);
    *n = (int64_t)size;
    return true;
}

void space_grid_point(const Space *space, int64_t i, double *u)
{
    point_of(space, true, (double)i, u);
}
