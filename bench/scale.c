/* The process that runs a study, beside thousands of seats that are made up: how long they wait, what of a core
 * and of memory it takes, what a trial costs it. The trials last log-normal times and train nothing.
 *     scale DB [seats] [trials] [median s] [sigma] [lookback, in seats] [sampler] [epochs] [goals|halving]
 * writes a new study into DB (2000 seats, 6000 trials, 60 s, .5, 4, random, 3), in real time; with two goals,
 * or with halving.
 *     scale rule [sigma]
 * is the rule of turns alone, without a study: how much seats wait, by lookback. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "base/grow.h"
#include "base/mat.h"
#include "base/rng.h"
#include "tuner/search/samplers.h"
#include "tuner/study/study.h"

enum { N_PARAMS = 10, PEER_SEATS = 50, MOST_EPOCHS = 100 };
enum { ALIVE_NEXT = -1, HELLO_NEXT = -2, CAME_NEXT = -3 }; /* what a peer says, not one of its seats */

/* ---- when something happens next ------------------------------------------------------------------------ */

typedef struct {
    double at;
    int seat;  /* of all */
    int epoch; /* MOST_EPOCHS: its end */
} Due;
typedef struct {
    Due *due;
    int n, capacity;
} Calendar;

static void calendar_add(Calendar *c, Due due)
{
    if (!GROW(NULL, c->due, c->n, c->capacity)) abort();
    int at = c->n++;
    for (; at > 0 && c->due[(at - 1) / 2].at > due.at; at = (at - 1) / 2) c->due[at] = c->due[(at - 1) / 2];
    c->due[at] = due;
}

static Due calendar_take(Calendar *c)
{
    const Due first = c->due[0], last = c->due[--c->n];
    int at = 0;
    for (int child; (child = 2 * at + 1) < c->n; at = child) {
        if (child + 1 < c->n && c->due[child + 1].at < c->due[child].at) child++;
        if (c->due[child].at >= last.at) break;
        c->due[at] = c->due[child];
    }
    c->due[at] = last;
    return first;
}

static double lasts(int number, double median, double sigma)
{
    Rng rng = rng_stream(11, (uint64_t)number, RNG_TEST);
    return median * exp(sigma * rng_normal(&rng));
}

/* ---- the rule of turns alone ---------------------------------------------------------------------------- */

/* The share of time that seats wait, when turn t begins once turn t - lookback has ended. */
static double waits(int n_seats, int lookback, double sigma, int n)
{
    Calendar calendar = {0};
    bool *ended = calloc((size_t)n, sizeof *ended);
    double now = 0, busy = 0;
    int t = 0;
    while (ended && t < n) {
        for (; t < n && calendar.n < n_seats && (t < lookback || ended[t - lookback]); t++) {
            busy += lasts(t, 1, sigma);
            calendar_add(&calendar, (Due){.at = now + lasts(t, 1, sigma), .seat = t});
        }
        if (t == n) break;
        const Due due = calendar_take(&calendar);
        now = due.at;
        ended[due.seat] = true;
    }
    for (int i = 0; i < calendar.n; i++) busy -= calendar.due[i].at - now; /* until the last began */
    free(calendar.due);
    free(ended);
    return 1 - busy / (now * n_seats);
}

static void print_rule(double sigma)
{
    static const double multiples[] = {1, 1.5, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64};
    static const int seats[] = {16, 64, 256, 2000};
    printf("sigma %g: share of time that seats wait, in %%\n\n| lookback / seats |", sigma);
    for (int k = 0; k < 4; k++) printf(" %d seats |", seats[k]);
    printf("\n|--:|--:|--:|--:|--:|\n");
    for (size_t i = 0; i < sizeof multiples / sizeof *multiples; i++) {
        printf("| %g |", multiples[i]);
        for (int k = 0; k < 4; k++)
            printf(" %.1f |", 100 * waits(seats[k], (int)(multiples[i] * seats[k]), sigma, 200 * seats[k]));
        printf("\n");
    }
}

/* ---- the link ------------------------------------------------------------------------------------------- */

typedef struct {
    bool busy;
    int number, first, last; /* the epochs of this turn */
    int64_t errand;
    double began, value, size;
} Seat;

typedef struct {
    int n_seats, n_trials, n_epochs;
    double median, sigma;
    bool two_goals, halves;
    const Space *space;
    const char *identity;
    Seat *seats;
    Calendar calendar;
    Arena *arena;
    Text text;
    pthread_mutex_t lock;
    pthread_cond_t rung;
    bool woken, over;
    double first_s, last_s; /* the first and the last task were sent */
    double busy_s, idle;    /* what seats worked; the share of time that they waited until last_s */
    int n_sent, n_done;
    double began_s, cpu_s; /* when the study began */
    double busy_after_s;   /* so long after the first task every seat had one */
    double late_s, late_cpu_s; /* the host's while the last tenth was sent */
    int lookback;
    double link_cpu_s; /* of the threads in here, which would be the network's */
    Sampler sampler;
    double ask_s, slowest_ask_s;
    int n_asks;
} Made;

static double cpu_seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static double host_cpu(const Made *made)
{
    return cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - made->link_cpu_s;
}

static const Sampler *asked;
static Made *made_now;

static bool timed_ask(const Ask *ask, Arena *arena, double *u, Trace *trace, AskResult *result, Error *err)
{
    const double start = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    bool ok = asked->ask(ask, arena, u, trace, result, err);
    const double took = cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - start;
    made_now->ask_s += took;
    made_now->n_asks++;
    if (took > made_now->slowest_ask_s) made_now->slowest_ask_s = took;
    return ok;
}

static double loss(const Space *space, const Value *values)
{
    double sum = 0;
    for (int i = 0; i < space->n_params; i++) sum += pow(values[i].number - 0.1 * i, 2);
    return sum;
}

static const char *said(Made *made, Arena *arena, size_t *n)
{
    *n = made->text.n;
    char *copy = arena_copy_n(arena, made->text.bytes, made->text.n);
    if (!copy) abort();
    return copy;
}

static void say_record(Made *made, const Seat *seat)
{
    double curve[MOST_EPOCHS];
    MetricRow metrics[] = {{"val", -1, "loss", seat->value, NAN, NAN},
                           {"val", -1, "size", seat->size, NAN, NAN}};
    const bool whole = seat->last == made->n_epochs;
    TrialRecord record = {.row = {.state = whole ? TRIAL_COMPLETE : TRIAL_QUEUED, .value = NAN, .value_sd = NAN,
                                  .epochs = seat->last, .best_epoch = seat->last, .threads = 1,
                                  .seconds = clock_seconds() - seat->began},
                          .n_metrics = whole ? 2 : 0, .metrics = metrics, .curve = {seat->last, curve}};
    for (int e = 0; e < seat->last; e++) curve[e] = seat->value * made->n_epochs / (e + 1);
    if (whole) record.row.value = seat->value;
    if (!wire_put_record(seat->errand, &record, &made->text)) abort();
}

/* A letter that is due. */
static LinkEvent deliver(Made *made, Due due, Arena *arena, Letter *out)
{
    Seat *seat = &made->seats[due.seat];
    *out = (Letter){.peer = due.seat / PEER_SEATS, .seat = due.seat % PEER_SEATS};
    made->text.n = 0;
    if (due.epoch == CAME_NEXT) {
        calendar_add(&made->calendar, (Due){due.at, due.seat, HELLO_NEXT});
        return LINK_CAME;
    }
    if (due.epoch == HELLO_NEXT) {
        const int n = made->n_seats - due.seat < PEER_SEATS ? made->n_seats - due.seat : PEER_SEATS;
        out->kind = WIRE_HELLO;
        text_print(&made->text, "%s\n{\"seats\":%d,\"pid\":%d,\"host\":\"node%d\"}", made->identity, n,
                   1000 + out->peer, out->peer);
    } else if (due.epoch == ALIVE_NEXT) {
        out->kind = WIRE_ALIVE;
        text_add(&made->text, "");
    } else if (due.epoch < MOST_EPOCHS) {
        const EpochRow row = {.epoch = due.epoch, .val_metric = seat->value * made->n_epochs / due.epoch};
        out->kind = WIRE_EPOCH;
        if (!wire_put_epoch(seat->errand, &row, &made->text)) abort();
    } else {
        out->kind = WIRE_RECORD;
        say_record(made, seat);
        made->busy_s += clock_seconds() - seat->began;
        made->n_done++;
        seat->busy = false;
    }
    out->body = said(made, arena, &out->n);
    return LINK_LETTER;
}

/* All trials have begun: what comes now is only their end. */
static void print_results(const Made *made)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    const double wall_s = made->last_s - made->began_s, host_s = host_cpu(made) - made->cpu_s, n = made->n_sent;
    printf("%d seats, %d trials of %d epochs%s, median %g s, sigma %g, lookback %d, %s: the last began after"
           " %.1f s\n", made->n_seats, made->n_sent, made->n_epochs,
           made->two_goals ? ", two goals" : made->halves ? ", halving" : "", made->median, made->sigma,
           made->lookback, asked->name, wall_s);
    printf("seats waited %.2f %% of that time, all were busy after %.2f s; %.1f trials/s\n",
           100 * made->idle, made->busy_after_s, made->n_trials / (made->last_s - made->first_s));
    printf("the host took %.3f of a core, %.3f ms a trial (%.3f ms of it asks, the slowest %.1f ms)\n",
           host_s / wall_s, 1e3 * host_s / n, 1e3 * made->ask_s / n, 1e3 * made->slowest_ask_s);
    printf("%.3f ms a trial, %.3f of a core while the last tenth began\n",
           1e3 * made->late_cpu_s / fmax(1, (double)(made->n_trials / 10)), made->late_cpu_s / made->late_s);
    printf("memory at most %.0f MB; the made-up seats took %.3f of a core\n", (double)usage.ru_maxrss / 1024,
           made->link_cpu_s / wall_s);
    fflush(stdout);
}

static LinkEvent link_next(void *self, int timeout_ms, Arena *arena, Letter *out)
{
    Made *made = self;
    const double began = cpu_seconds(CLOCK_THREAD_CPUTIME_ID), until = clock_seconds() + timeout_ms / 1000.0;
    LinkEvent event = LINK_NOTHING;
    pthread_mutex_lock(&made->lock);
    for (;;) {
        const double now = clock_seconds();
        if (made->calendar.n > 0 && made->calendar.due[0].at <= now) {
            event = deliver(made, calendar_take(&made->calendar), arena, out);
            break;
        }
        if (made->woken || now >= until) break;
        double left = until - now;
        if (made->calendar.n > 0) left = fmin(left, made->calendar.due[0].at - now);
        struct timespec at;
        clock_gettime(CLOCK_MONOTONIC, &at);
        const double whole = (double)at.tv_sec + 1e-9 * (double)at.tv_nsec + fmax(left, 1e-5);
        at = (struct timespec){(time_t)whole, (long)((whole - floor(whole)) * 1e9)};
        pthread_cond_timedwait(&made->rung, &made->lock, &at);
    }
    if (event == LINK_NOTHING) made->woken = false;
    made->link_cpu_s += cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - began;
    pthread_mutex_unlock(&made->lock);
    return event;
}

static bool link_send(void *self, int peer, int at, WireKind kind, const void *body, size_t n)
{
    Made *made = self;
    if (kind != WIRE_TASK) return true;
    const double began = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    pthread_mutex_lock(&made->lock);
    TrialTask task;
    int64_t errand;
    arena_reset(made->arena);
    bool ok = wire_task(body, n, made->space, made->arena, &errand, &task);
    Seat *seat = &made->seats[peer * PEER_SEATS + at];
    if (ok) {
        const double now = clock_seconds(), took = lasts(task.number, made->median, made->sigma);
        const double each = took / fmax(1, made->n_epochs);
        const int first = task.n_known;
        const bool pauses = task.pause_after > first && task.pause_after < made->n_epochs;
        *seat = (Seat){.busy = true, .number = task.number, .errand = errand, .began = now,
                       .first = first, .last = pauses ? task.pause_after : made->n_epochs,
                       .value = loss(made->space, task.values), .size = 1 - task.values[0].number};
        for (int e = first + 1; e <= seat->last; e++)
            calendar_add(&made->calendar, (Due){now + each * (e - first - 0.5), peer * PEER_SEATS + at, e});
        const double lasts_s = made->n_epochs > 0 ? each * (seat->last - first) : took;
        calendar_add(&made->calendar, (Due){now + lasts_s, peer * PEER_SEATS + at, MOST_EPOCHS});
        if (made->n_sent++ == 0) made->first_s = now;
        if (made->n_sent == made->n_seats) made->busy_after_s = now - made->first_s;
        if (made->n_sent == made->n_trials - made->n_trials / 10) {
            made->late_s = -now;
            made->late_cpu_s = -host_cpu(made);
        }
        if (made->n_sent == made->n_trials) { /* from here on seats wait because there is nothing more */
            made->last_s = now;
            double busy = made->busy_s;
            for (int i = 0; i < made->n_seats; i++)
                if (made->seats[i].busy) busy += now - made->seats[i].began;
            made->idle = 1 - busy / (made->n_seats * (now - made->first_s));
            made->late_s += now;
            made->late_cpu_s += host_cpu(made);
            print_results(made);
        }
    }
    made->link_cpu_s += cpu_seconds(CLOCK_THREAD_CPUTIME_ID) - began;
    pthread_mutex_unlock(&made->lock);
    return ok;
}

static void link_wake(void *self)
{
    Made *made = self;
    pthread_mutex_lock(&made->lock);
    made->woken = true;
    pthread_cond_signal(&made->rung);
    pthread_mutex_unlock(&made->lock);
}

static void link_drop(void *self, int peer)
{
    (void)self, (void)peer;
}

/* They are silent otherwise, and the host would give them up: long trials say now and then that they live. */
static void *keep_alive(void *context)
{
    Made *made = context;
    for (;;) {
        nanosleep(&(struct timespec){.tv_sec = WIRE_ALIVE_S}, NULL);
        pthread_mutex_lock(&made->lock);
        const bool over = made->over;
        for (int seat = 0; !over && seat < made->n_seats; seat += PEER_SEATS)
            calendar_add(&made->calendar, (Due){clock_seconds(), seat, ALIVE_NEXT});
        pthread_cond_signal(&made->rung);
        pthread_mutex_unlock(&made->lock);
        if (over) return NULL;
    }
}

/* ---- a study -------------------------------------------------------------------------------------------- */

static Space *make_space(Arena *arena)
{
    Text yaml = {0};
    Conf *conf;
    Space *space = NULL;
    Error err;
    text_add(&yaml, "parameters:\n");
    for (int i = 0; i < N_PARAMS; i++) text_print(&yaml, "  p%d: {min: 0.0, max: 1.0}\n", i);
    if (!conf_read_text("space", yaml.bytes, yaml.n, arena, &conf, &err)
        || !space_read(conf_get(conf->root, "parameters"), NULL, (const char *const[]){NULL}, arena, &space,
                       &err))
        fprintf(stderr, "%s\n", err.message);
    text_free(&yaml);
    return space;
}

static int full_epochs(void *self, const Value *values)
{
    (void)values;
    return ((const Made *)self)->n_epochs;
}

static void forget(void *self, int number)
{
    (void)self, (void)number;
}

static bool run(Made *made, const char *path, Error *err)
{
    Arena *arena = arena_create(0);
    Store *store = NULL;
    StudyStart start;
    StudySummary summary;
    StudyInfo info = {.name = "scale", .method = asked->name, .metric = "loss", .target = NAN, .seed = 3,
                      .run_cap = made->n_trials, .config_yaml = "", .config_sha256 = "c", .data_sha256 = "",
                      .split_sha256 = "", .version = "bench"};
    made->space = make_space(arena);
    if (!made->space) return false;
    const StudyLink link = {made, link_next, link_send, link_wake, link_drop};
    const PrunerOptions halving = {.type = PRUNER_HALVING, .min_iter = 1, .eta = 3};
    Goals goals = {.n = 2};
    if (!goal_find("loss", true, &goals.goal[0]) || !goal_find("size", true, &goals.goal[1])) return false;
    const StudyOptions options = {.runner = {.self = made, .full_epochs = full_epochs, .forget = forget},
                                  .goals = made->two_goals ? &goals : NULL,
                                  .pruner = made->halves ? &halving : NULL, .epochs = made->n_epochs,
                                  .space = made->space, .sampler = &made->sampler, .info = &info,
                                  .identity = made->identity, .link = &link, .lookback = made->lookback,
                                  .run_cap = made->n_trials};
    pthread_t alive;
    if (pthread_create(&alive, NULL, keep_alive, made) != 0) return error_memory(err);
    made->began_s = clock_seconds();
    made->cpu_s = host_cpu(made);
    bool ok = store_open(path, STORE_WRITE, &store, err)
           && store_study_begin(store, &info, made->space, &start, err);
    StudyOptions with = options;
    with.store = store;
    ok = ok && study_run(&with, &summary, err);
    if (store) ok = store_close(store, ok ? err : NULL) && ok;
    pthread_mutex_lock(&made->lock);
    made->over = true;
    pthread_mutex_unlock(&made->lock);
    pthread_join(alive, NULL);
    arena_destroy(arena);
    return ok && (made->halves || made->n_done == made->n_trials);
}

static double argument(int argc, char **argv, int i, double otherwise)
{
    return i < argc ? atof(argv[i]) : otherwise;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        fprintf(stderr, "usage: scale DB [seats] [trials] [median s] [sigma] [lookback, in seats] [sampler]"
                        " [epochs] [goals|halving]\n       scale rule [sigma]\n");
        return 2;
    }
    if (strcmp(argv[1], "rule") == 0) {
        print_rule(argument(argc, argv, 2, 0.5));
        return 0;
    }
    static Made made;
    Error err = {0};
    made = (Made){.n_seats = (int)argument(argc, argv, 2, 2000), .n_trials = (int)argument(argc, argv, 3, 6000),
                  .median = argument(argc, argv, 4, 60), .sigma = argument(argc, argv, 5, 0.5),
                  .two_goals = argc > 9 && strcmp(argv[9], "goals") == 0,
                  .halves = argc > 9 && strcmp(argv[9], "halving") == 0,
                  .n_epochs = (int)argument(argc, argv, 8, 3), .identity = "scale", .arena = arena_create(0)};
    const double lookback = argument(argc, argv, 6, 4) * made.n_seats;
    asked = sampler_find(argc > 7 ? argv[7] : "random");
    made.seats = calloc((size_t)made.n_seats + 1, sizeof *made.seats);
    if (!asked || !made.seats || !made.arena || made.n_seats < 1 || made.n_epochs < 0
        || made.n_epochs >= MOST_EPOCHS || lookback < 1) {
        fprintf(stderr, "that cannot be\n");
        return 2;
    }
    made.sampler = *asked;
    made.sampler.ask = timed_ask;
    made_now = &made;
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&made.rung, &monotonic);
    pthread_mutex_init(&made.lock, NULL);
    for (int seat = 0; seat < made.n_seats; seat += PEER_SEATS)
        calendar_add(&made.calendar, (Due){0, seat, CAME_NEXT});
    made.lookback = (int)lookback;
    bool ok = mat_init(&err) && run(&made, argv[1], &err);
    if (!ok) fprintf(stderr, "%s\n", *err.message ? err.message : "trials are missing");
    return ok ? 0 : 1;
}
