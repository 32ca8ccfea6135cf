/* Greedy selection and a stack, judged by rows that neither has seen. */
#include "ensemble/contest.h"

#include <math.h>
#include <string.h>

#include "base/rng.h"
#include "ensemble/calibrate.h"
#include "ensemble/compare.h"
#include "ensemble/parts.h"
#include "ensemble/select.h"
#include "ensemble/stack.h"
#include "model/calibration_choose.h"

enum { PARTS = 5, FEWEST_ROWS = 50 };

typedef struct {
    const Library *library;
    EnsembleOptions greedy;
    MetricId metric;
    uint64_t seed;
    const uint8_t *part; /* (N) */
    float *said[2];      /* (N, K) greedy's and the stack's, of the parts that are done */
} Contest;

/* Greedy selection, and a stack upon it. */
static bool both(const Contest *c, const Library *l, Arena *arena, Selection way[2], Error *err)
{
    return ensemble_select(l, &c->greedy, c->metric, c->seed, arena, &way[0], err)
        && stack_classes(l, &c->greedy, c->metric, c->seed, &way[0], arena, &way[1], err);
}

/* What a selection says of all rows, as it is shipped: calibrated by the rows that `l` knows. */
static bool say(const Contest *c, const Library *l, const Selection *way, Arena *arena, float *out, Error *err)
{
    const size_t cells = (size_t)l->n_rows * (size_t)l->n_classes;
    CalibrationAsk ask = {.most_temperature = 5, .seed = c->seed};
    CalibrationChoice found;
    float *fitted = ARENA_NEW(arena, float, cells);
    const Choice choice = {.library = l, .row = ARENA_NEW(arena, double, l->n_classes)};
    const Candidate candidate = {.method = way->method, .weight = way->weight, .slope = 1};
    if (!fitted || !choice.row) return error_memory(err);
    choice_combine(&choice, &candidate, out);
    if (calibrate_can_decide(select_metric(l->task, c->metric))) return true;
    memcpy(fitted, way->crossed ? way->crossed : out, cells * sizeof *out);
    ask.allowed = c->greedy.calibrate != CALIBRATE_AUTO ? CALIBRATION_SET(c->greedy.calibrate - 1)
                                                        : CALIBRATION_SET(CALIBRATION_VECTOR) - 1;
    const KnownRows rows = {l->n_rows, l->n_classes, fitted, l->labels, l->weight};
    if (!calibration_choose(&rows, &ask, arena, &found, err)) return false;
    calibration_choice_apply(&found, l->n_rows, l->n_classes, out);
    return true;
}

static bool play(Contest *c, int part, Arena *arena, Error *err)
{
    const size_t k = (size_t)c->library->n_classes, n = (size_t)c->library->n_rows;
    Library others = *c->library;
    Selection way[2];
    int32_t *labels = ARENA_NEW(arena, int32_t, n);
    float *proba = ARENA_NEW(arena, float, n * k);
    if (!labels || !proba) return error_memory(err);
    for (size_t i = 0; i < n; i++) labels[i] = c->part[i] == part ? -1 : c->library->labels[i];
    others.labels = labels;
    if (!both(c, &others, arena, way, err)) return false;
    for (int w = 0; w < 2; w++) {
        if (!say(c, &others, &way[w], arena, proba, err)) return false;
        for (size_t i = 0; i < n; i++)
            if (c->part[i] == part) memcpy(c->said[w] + i * k, proba + i * k, k * sizeof *proba);
    }
    return true;
}

static bool play_all(Contest *c, Error *err)
{
    bool ok = true;
    for (int part = 0; ok && part < PARTS; part++) {
        Arena *own = arena_create(0);
        ok = own ? play(c, part, own, err) : error_memory(err);
        arena_destroy(own);
    }
    return ok;
}

static double score_of(Choice *choice, const float *proba)
{
    double value, cost;
    choice_score_proba(choice, proba, &value, &cost);
    return value;
}

static int known(const Library *l)
{
    int n = 0;
    for (int i = 0; i < l->n_rows; i++) n += library_knows(l, i);
    return n;
}

/* Fills *out with the winner of all rows' two ways, which `way` has already. */
static bool contest(Contest *c, const Selection way[2], Arena *arena, Selection *out, Error *err)
{
    const Library *l = c->library;
    const size_t cells = (size_t)l->n_rows * (size_t)l->n_classes;
    Choice choice;
    uint8_t *part;
    double gain, error;
    for (int w = 0; w < 2; w++)
        if (!(c->said[w] = ARENA_NEW(arena, float, cells))) return error_memory(err);
    if (!parts_deal(l, PARTS, rng_mix(c->seed, 4), arena, &part, err)) return false;
    c->part = part;
    if (!play_all(c, err)
        || !choice_begin(l, &c->greedy, c->metric, c->seed, arena, &choice, err)
        || !compare_values(&choice, c->said[1], c->said[0], &gain, &error, err))
        return false;
    const double row = calibrate_can_decide(choice.metric) ? 1.0 / known(l) : 0;
    const bool better = gain > 0 && gain > sqrt(error * error + row * row);
    Selection won = way[better];
    won.nested = (Nested){true, score_of(&choice, c->said[0]), score_of(&choice, c->said[1]), gain, error};
    won.reason = arena_print(arena, "%s; nested validation: %s %.4g of the stack, %.4g of greedy selection"
                             " (standard error of the difference %.2g): %s", won.reason,
                             metric_label(choice.metric), won.nested.stack, won.nested.greedy, error,
                             better ? "the stack is taken" : "greedy is kept");
    if (!won.reason) return error_memory(err);
    *out = won;
    return true;
}

bool contest_select(const Library *library, const EnsembleOptions *options, MetricId metric, uint64_t seed,
                    Arena *arena, Selection *out, Error *err)
{
    const bool stack = options->method == SELECT_STACK, either = options->method == SELECT_AUTO;
    Contest c = {.library = library, .greedy = *options, .metric = metric, .seed = seed};
    Selection way[2];
    if (!library->labels || (!stack && !either))
        return ensemble_select(library, options, metric, seed, arena, out, err);
    c.greedy.method = SELECT_GREEDY;
    if (c.greedy.size < 1) c.greedy.size = 1;
    if (!both(&c, library, arena, way, err)) return false;
    if (stack || way[1].method != SELECT_STACK || known(library) < FEWEST_ROWS) {
        *out = way[stack || way[1].method != SELECT_STACK];
        return true;
    }
    return contest(&c, way, arena, out, err);
}
