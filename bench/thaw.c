/* bench/thaw.c - early termination by the epochs it takes, without training: `bayes` on learning curves that
 * come from a formula, or from a program, through the very rules that a study decides by.
 *
 *     thaw PROBLEM METHOD SEED [SEED ...]
 *
 * PROBLEM  a number: curves made up from it (below); else a command, which prints a search space (YAML) up to a
 *          line "---", then the best value there is and the median best of ten random points, and from then on
 *          the values of a whole curve (minimized) for each line of parameters, in the order of the space.
 * METHOD   whole, halving, halving2 (eta 2), freeze_thaw
 * A row    problem, method, seed; regret after 260, 520, 1040 and 2080 epochs (the best value of any epoch so
 *          far, 0: the best there is, 1: the median best of ten random points, both without noise); the same
 *          of finished trials only; trials begun and finished by then.
 *
 * The made-up curves: seven parameters, of which a rate (with two others that act on it) decides how fast a
 * trial learns, where it ends and whether it diverges; a bowl of the others, in part rotated; some learn too
 * much and get worse again; noise from epoch to epoch. Slow trials end best, so curves cross.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mat.h"
#include "tuner/search/rungs.h"
#include "tuner/search/samplers.h"
#include "tuner/search/thaw.h"

enum { D = 7, EPOCHS = 52, MOST = 2000, MARKS = 4 };
static const int marks[MARKS] = {260, 520, 1040, 2080};

/* ---- problems -------------------------------------------------------------------------------------- */

typedef struct {
    FILE *to, *from; /* of a program; NULL: made up */
    double best, random10;
    double rate_at, rate_width, pull[2], centre[D], weight[D], twist, depth, chance;
    double tau, speed, form, noise, late;
    uint64_t seed;
} Problem;

static void make_up(Problem *p, uint64_t seed)
{
    Rng rng = rng_stream(seed, 0, RNG_TEST);
    *p = (Problem){.seed = seed};
    p->rate_at = 0.3 + 0.4 * rng_uniform(&rng);
    p->rate_width = 0.12 + 0.15 * rng_uniform(&rng);
    for (int i = 0; i < 2; i++) p->pull[i] = 0.35 * (rng_uniform(&rng) - 0.5);
    for (int i = 0; i < D; i++) {
        p->centre[i] = rng_uniform(&rng);
        p->weight[i] = exp(1.2 * rng_normal(&rng) - 1);
    }
    p->twist = rng_uniform(&rng);
    p->depth = exp(0.5 * rng_normal(&rng)) * 8;
    p->chance = p->depth * (3 + 4 * rng_uniform(&rng));
    p->tau = exp(0.5 * rng_normal(&rng)) * 4;
    p->speed = 4 + 3 * rng_uniform(&rng);
    p->form = 0.3 + 0.5 * rng_uniform(&rng);
    p->noise = rng_below(&rng, 3) * 0.02 * p->depth;
    p->late = rng_below(&rng, 2) * 0.15 * p->depth * rng_uniform(&rng);
}

static void curve_of(const Problem *p, const double *u, double *out)
{
    const double rate = u[0] + p->pull[0] * (u[1] - 0.5) + p->pull[1] * (u[2] - 0.5), away = rate - p->rate_at;
    double bowl = 0;
    for (int i = 1; i < D; i++) {
        double x = u[i] - p->centre[i];
        if (i > 2) x += p->twist * 0.5 * (u[i - 1] - p->centre[i - 1]);
        bowl += p->weight[i] * x * x;
    }
    bowl += pow(away / p->rate_width, 2) * (away > 0 ? 0.3 : 0.12);
    const double end = p->depth * (1 - exp(-0.7 * bowl)) + 0.05 * p->depth * bowl;
    const double tau = p->tau * exp(-p->speed * away);
    double diverges = 1 / (1 + exp(-(away - 0.3) / 0.02)), grows = p->late * u[5] * (1 - u[6]);
    uint64_t hash = p->seed;
    for (int i = 0; i < D; i++) {
        uint64_t bits;
        memcpy(&bits, &u[i], sizeof bits);
        hash = rng_mix(hash, bits);
    }
    Rng rng = rng_stream(hash, 1, RNG_TEST);
    for (int t = 1; t <= EPOCHS; t++) {
        double left = p->form * exp(-t / tau) + (1 - p->form) * pow(1 + t / tau, -1.2);
        double y = end + (p->chance - end) * left + grows * fmax(0, log(t / (3 * tau + 5)));
        out[t - 1] = (1 - diverges) * y + diverges * p->chance + p->noise * rng_normal(&rng);
    }
}

static bool curve(const Problem *p, const Space *space, const double *u, double *out, double *clean)
{
    Value values[SPACE_MAX_PARAMS];
    if (!p->to) {
        Problem quiet = *p;
        quiet.noise = 0;
        curve_of(p, u, out);
        curve_of(&quiet, u, clean);
        return true;
    }
    space_decode(space, u, values);
    for (int i = 0; i < space->n_params; i++) fprintf(p->to, "%.17g ", values[i].number);
    fputc('\n', p->to);
    fflush(p->to);
    for (int t = 0; t < EPOCHS; t++)
        if (fscanf(p->from, "%lf", &out[t]) != 1) return false;
    memcpy(clean, out, EPOCHS * sizeof *out);
    return true;
}

/* Of 20,000 random points, and of climbing from the best five. Noise is part of it. */
static void look_for_best(Problem *p)
{
    enum { N = 20000 };
    static double ends[N];
    double ten[201], values[EPOCHS], at[D], u[D];
    Rng rng = rng_stream(p->seed, 2, RNG_TEST);
    const double noise = p->noise;
    p->noise = 0;
    p->best = INFINITY;
    for (int i = 0; i < N; i++) {
        for (int k = 0; k < D; k++) u[k] = rng_uniform(&rng);
        curve_of(p, u, values);
        ends[i] = values[EPOCHS - 1];
        for (int t = 0; t < EPOCHS; t++)
            if (values[t] < p->best) p->best = values[t], memcpy(at, u, sizeof u);
    }
    double width = 0.1;
    for (int i = 0; i < 20000; i++, width *= 0.9995) {
        for (int k = 0; k < D; k++) u[k] = fmin(0.999, fmax(0, at[k] + width * rng_normal(&rng)));
        curve_of(p, u, values);
        for (int t = 0; t < EPOCHS; t++)
            if (values[t] < p->best) p->best = values[t], memcpy(at, u, sizeof u);
    }
    for (int i = 0; i < 201; i++) {
        ten[i] = INFINITY;
        for (int k = 0; k < 10; k++) ten[i] = fmin(ten[i], ends[i * 10 + k]);
        for (int k = i; k > 0 && ten[k] < ten[k - 1]; k--) {
            double swap = ten[k];
            ten[k] = ten[k - 1], ten[k - 1] = swap;
        }
    }
    p->random10 = ten[100];
    p->noise = noise;
}

static bool start(Problem *p, const char *command)
{
    int down[2], up[2];
    if (pipe(down) || pipe(up)) return false;
    pid_t pid = fork();
    if (pid < 0) return false;
    if (pid == 0) {
        dup2(down[0], 0), dup2(up[1], 1);
        close(down[1]), close(up[0]);
        execl("/bin/sh", "sh", "-c", command, (char *)NULL);
        _exit(127);
    }
    close(down[0]), close(up[1]);
    p->to = fdopen(down[1], "w"), p->from = fdopen(up[0], "r");
    return p->to && p->from;
}

/* ---- a study --------------------------------------------------------------------------------------- */

typedef struct {
    double u[64], curve[EPOCHS], clean[EPOCHS]; /* clean: without noise */
    int sent, age;
    bool out, done;
} Trial;

typedef struct {
    const Problem *problem;
    const Space *space;
    Trial *trials;
    Seen *seen;
    int n, spent, next_mark;
    double best, best_done, clean, clean_done, regret[2][MARKS];
    int begun[MARKS], finished[MARKS], n_done;
} Search;

static bool accept(void *context, const double *u)
{
    const Search *s = context;
    for (int i = 0; i < s->n; i++)
        if (memcmp(s->trials[i].u, u, (size_t)s->space->n_dims * sizeof *u) == 0) return false;
    return true;
}

static double scaled(const Search *s, double y)
{
    return (y - s->problem->best) / (s->problem->random10 - s->problem->best);
}

/* Its epochs up to `until`. */
static void train(Search *s, int i, int rung, int until)
{
    Trial *trial = &s->trials[i];
    for (; trial->age < until; trial->age++) {
        if (s->next_mark < MARKS && s->spent == marks[s->next_mark]) {
            int m = s->next_mark++;
            s->regret[0][m] = scaled(s, s->clean), s->regret[1][m] = scaled(s, s->clean_done);
            s->begun[m] = s->n, s->finished[m] = s->n_done;
        }
        s->spent++;
        if (!(trial->curve[trial->age] < s->best)) continue;
        s->best = trial->curve[trial->age];
        s->clean = trial->clean[trial->age];
    }
    trial->sent = rung;
    trial->done = trial->age == EPOCHS;
    Seen *seen = &s->seen[i];
    *seen = (Seen){.number = (uint32_t)i, .state = trial->done ? SEEN_DONE : SEEN_PRUNED, .u = trial->u,
                   .share = (double)trial->age / EPOCHS, .n_curve = trial->age, .curve = trial->curve,
                   .score = INFINITY};
    for (int t = 0; t < trial->age; t++) seen->score = fmin(seen->score, trial->curve[t]);
    if (!trial->done) return;
    s->n_done++;
    if (!(seen->score < s->best_done)) return;
    s->best_done = seen->score;
    for (int t = 0; t < EPOCHS; t++)
        if (trial->curve[t] == seen->score) s->clean_done = trial->clean[t];
}

static bool begin(Search *s, uint64_t seed, bool thaws, Memo *memo, Error *err)
{
    Ask ask = {.space = s->space, .seed = seed, .number = (uint32_t)s->n, .n_seen = s->n, .seen = s->seen,
               .accept = accept, .context = s, .memo = memo, .thaws = thaws};
    Trace trace;
    AskResult result;
    Arena *arena = arena_create(0);
    bool ok = arena && sampler_bayes.ask(&ask, arena, s->trials[s->n].u, &trace, &result, err);
    arena_destroy(arena);
    s->trials[s->n].sent = -1;
    return ok && curve(s->problem, s->space, s->trials[s->n].u, s->trials[s->n].curve, s->trials[s->n].clean);
}

/* Who goes on in the last bracket of halving; -1: a new trial. */
static int halving(Search *s, const Ladder *ladder, int *rung)
{
    static Climber climbers[MOST];
    static double score[MOST][RUNGS_MAX];
    static bool out[MOST];
    static int order[MOST];
    const int size = ladder->size[0], first = s->n > 0 ? (s->n - 1) / size * size : 0, n = s->n - first;
    for (int i = 0; i < n; i++) {
        const Trial *trial = &s->trials[first + i];
        climbers[i] = (Climber){trial->sent, trial->sent, trial->done, score[i]};
        for (int r = 0; r <= trial->sent; r++) {
            const int until = ladder_epoch(ladder, r, EPOCHS);
            score[i][r] = INFINITY;
            for (int t = 0; t < until; t++) score[i][r] = fmin(score[i][r], trial->curve[t]);
        }
    }
    Promotion next = ladder_decide(ladder, 0, n, n == size, climbers, out, order);
    *rung = next.rung;
    return next.promote < 0 ? -1 : first + next.promote;
}

static int thaw(Search *s, int *rung, Error *err)
{
    Arena *arena = arena_create(0);
    bool *ready = ARENA_NEW(arena, bool, s->n + 1), *out = ARENA_NEW(arena, bool, s->n + 1);
    int send = -1;
    for (int i = 0; i < s->n; i++) ready[i] = !s->trials[i].done && !s->trials[i].out;
    const Thaw question = {.n_seen = s->n, .seen = s->seen, .ready = ready, .n_begun = s->n,
                           .first = thaw_first(s->space), .more = true};
    if (!thaw_decide(&question, arena, &send, out, err)) send = -2;
    if (send >= 0) *rung = s->trials[send].sent + 1;
    for (int i = 0; i < s->n; i++) s->trials[i].out |= out[i];
    arena_destroy(arena);
    return send;
}

static bool run(const char *name, const Problem *problem, const Space *space, const char *method, uint64_t seed,
                Error *err)
{
    const bool thaws = strcmp(method, "freeze_thaw") == 0;
    PrunerOptions options = {.type = PRUNER_NONE, .eta = 3};
    if (strncmp(method, "halving", 7) == 0) options.type = PRUNER_HALVING;
    if (strcmp(method, "halving2") == 0) options.eta = 2;
    if (thaws) options.type = PRUNER_FREEZE_THAW;
    Ladder ladder;
    ladder_make(&options, EPOCHS, &ladder);
    Search s = {.problem = problem, .space = space, .trials = calloc(MOST, sizeof(Trial)),
                .seen = calloc(MOST, sizeof(Seen)), .best = INFINITY, .best_done = INFINITY};
    Memo *memo = memo_create();
    bool ok = s.trials && s.seen && memo;
    while (ok && s.next_mark < MARKS && s.n < MOST - 1) {
        int rung = 0, who = -1;
        if (thaws) who = thaw(&s, &rung, err);
        else if (options.type == PRUNER_HALVING) who = halving(&s, &ladder, &rung);
        if (who == -2) ok = false;
        if (who == -1) {
            who = s.n, rung = 0;
            ok = begin(&s, seed, thaws, memo, err);
            s.n++;
        }
        if (ok) train(&s, who, rung, ladder_epoch(&ladder, rung, EPOCHS));
    }
    if (ok) {
        printf("%s %s %d ", name, method, (int)seed);
        for (int k = 0; k < 2; k++)
            for (int m = 0; m < MARKS; m++) printf(" %.4f", s.regret[k][m]);
        for (int m = 0; m < MARKS; m++) printf(" %d", s.begun[m]);
        for (int m = 0; m < MARKS; m++) printf(" %d", s.finished[m]);
        printf("\n");
        fflush(stdout);
    }
    memo_destroy(memo);
    free(s.trials);
    free(s.seen);
    return ok;
}

static bool read_problem(const char *name, Problem *p, char *yaml, size_t size)
{
    char line[256];
    int n = snprintf(yaml, size, "parameters:\n");
    if (name[strspn(name, "0123456789")] == 0) {
        make_up(p, strtoull(name, NULL, 10));
        look_for_best(p);
        for (int k = 0; k < D; k++)
            n += snprintf(yaml + n, size - (size_t)n, "  x%d: {min: 0.0, max: 1.0}\n", k);
        return true;
    }
    *p = (Problem){0};
    if (!start(p, name)) return false;
    while (fgets(line, sizeof line, p->from) && strcmp(line, "---\n") != 0)
        n += snprintf(yaml + n, size - (size_t)n, "%s", line);
    return fscanf(p->from, "%lf %lf", &p->best, &p->random10) == 2;
}

int main(int argc, char **argv)
{
    static char yaml[10000];
    Error err = {0};
    Conf *conf;
    Space *space;
    Problem problem;
    Arena *arena = arena_create(0);
    bool ok = argc > 3 && arena && mat_init(&err) && read_problem(argv[1], &problem, yaml, sizeof yaml)
           && conf_read_text("space.yaml", yaml, strlen(yaml), arena, &conf, &err)
           && space_read(conf_get(conf->root, "parameters"), NULL, NULL, arena, &space, &err);
    const char *word = argc > 1 ? strrchr(argv[1], ' ') : NULL;
    for (int i = 3; ok && i < argc; i++)
        ok = run(word ? word + 1 : argv[1], &problem, space, argv[2], strtoull(argv[i], NULL, 10), &err);
    if (!ok) fprintf(stderr, "thaw: %s\n", err.message);
    arena_destroy(arena);
    return !ok;
}
