/* The trial database under load: WORKERS threads write trials and their epochs as fast as they can, READERS
 * threads ask meanwhile, each with a connection of its own, as other programs would.
 *
 *     store_load DB [workers=64] [readers=8] [trials=2000] [epochs=500] [params=20]
 *
 * Prints what the writer took a second, how long the workers waited, and whether every row is there. It ends
 * with 1 if a call failed or a row is missing. With trials=100000 epochs=20 readers=0 it makes the large
 * study that bench/store_asks.sh asks. */
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/rng.h"
#include "tuner/store/store.h"

enum { MAX_THREADS = 512, MAX_PARAMS = 64, N_CLASSES = 10, PAUSE_MS = 50 /* of a reader */ };

typedef struct {
    const char *path;
    Store *store;
    int64_t study_id;
    pthread_mutex_t numbers; /* trials begin in number order */
    int next, n_trials, n_epochs, n_params;
    atomic_int writing, n_failed;
    atomic_long n_answers;
    Error error;
} Load;

typedef struct {
    Load *load;
    double epoch_s, end_s; /* in store_epoch; in store_trial_begin and _end, which wait for the disk */
    double slowest_s;      /* READERS: the slowest answer */
    double cpu_s;          /* this thread's own */
} Worker;

static double cpu_seconds(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static void failed(Load *load, const Error *why)
{
    if (atomic_fetch_add(&load->n_failed, 1) == 0) load->error = *why;
}

/* Parameters as a sweep has them: rates, widths and words. A function of number and place. */
static void make_params(const Load *load, int number, char *out, size_t size)
{
    static const char *const optimizers[] = {"adam", "adamw", "rmsprop", "sgd"};
    Rng rng = rng_stream(1, (uint32_t)number, RNG_SAMPLER);
    size_t n = (size_t)snprintf(out, size, "{");
    for (int i = 0; i < load->n_params && n < size; i++) {
        double u = rng_uniform(&rng);
        n += (size_t)snprintf(out + n, size - n, "%s\"p%02d\":", i ? "," : "", i);
        if (n >= size) break;
        if (i % 4 == 0) n += (size_t)snprintf(out + n, size - n, "%.17g", pow(10, -4 + 3 * u));
        else if (i % 4 == 1) n += (size_t)snprintf(out + n, size - n, "%d", 16 + (int)(240 * u));
        else if (i % 4 == 2) n += (size_t)snprintf(out + n, size - n, "\"%s\"", optimizers[(int)(4 * u)]);
        else n += (size_t)snprintf(out + n, size - n, "%.17g", 0.5 * u);
    }
    if (n < size) snprintf(out + n, size - n, "}");
}

static bool one_trial(Load *load, Worker *worker, int number, TrialRow *row, Error *err)
{
    double start = clock_seconds();
    for (int e = 1; e <= load->n_epochs; e++) {
        EpochRow epoch = {.epoch = e, .learning_rate = 0.01 / e, .train_loss = 1.0 / (e + 1),
                          .val_loss = 1.2 / (e + 1), .val_metric = 1 - 1.0 / (e + number % 7 + 1),
                          .grad_norm = 0.5, .seconds = 0.01};
        if (!store_epoch(load->store, row->id, &epoch, err)) return false;
    }
    double middle = clock_seconds();
    worker->epoch_s += middle - start;
    int64_t counts[N_CLASSES * N_CLASSES] = {0};
    for (int i = 0; i < N_CLASSES; i++) {
        counts[i * N_CLASSES + i] = 90 + number % 10;
        counts[i * N_CLASSES + (i + 1 + number) % N_CLASSES] += 5;
    }
    MetricRow metrics[] = {{"val", -1, "f1_macro", 0.5, 0.4, 0.6}, {"val", -1, "accuracy", 0.6, 0.5, 0.7},
                           {"val", -1, "log_loss", 0.7, NAN, NAN}, {"val", 0, "f1_macro", 0.5, NAN, NAN}};
    double noise = sin(number * 12.9898) * 43758.5453;
    row->state = number % 50 == 17 ? TRIAL_FAILED : number % 5 == 3 ? TRIAL_PRUNED : TRIAL_COMPLETE;
    if (row->state == TRIAL_FAILED) row->fail_code = "DIVERGED", row->fail_text = "epoch 3: loss is nan";
    row->value = row->state == TRIAL_FAILED ? NAN : 0.9 + 0.1 * (noise - floor(noise));
    row->epochs = load->n_epochs;
    row->best_epoch = load->n_epochs;
    row->n_params = 1000 + number % 977 * 10;
    row->model_bytes = 4 * row->n_params;
    row->seconds = 1;
    bool ok = store_trial_end(load->store, row, metrics, 4, &(ConfusionRow){"val", N_CLASSES, counts}, 1,
                              NULL, 0, err);
    worker->end_s += clock_seconds() - middle;
    return ok;
}

static void *work(void *context)
{
    Worker *worker = context;
    Load *load = worker->load;
    Error why;
    for (;;) {
        char params[MAX_PARAMS * 48], hash[65];
        pthread_mutex_lock(&load->numbers);
        int number = load->next++;
        bool more = number < load->n_trials && !atomic_load(&load->n_failed);
        TrialRow row = {.number = number, .state = TRIAL_RUNNING, .source = "tuner", .params = params,
                        .params_hash = hash, .trace = "{\"kind\":\"sobol\"}", .seed = 7, .threads = 1};
        bool ok = true;
        if (more) {
            make_params(load, number, params, sizeof params);
            sha256_of(params, strlen(params), hash);
            ok = store_trial_begin(load->store, load->study_id, &row, &why);
        }
        pthread_mutex_unlock(&load->numbers);
        if (more && (!ok || !one_trial(load, worker, number, &row, &why))) {
            failed(load, &why);
            more = false;
        }
        if (!more) break;
    }
    worker->cpu_s = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}

static bool count_cells(void *context, int n, const char *const *columns, const Value *cells)
{
    (void)columns;
    *(double *)context = n > 0 && cells[0].kind != VALUE_TEXT ? cells[0].number : NAN;
    return true;
}

static void *ask(void *context)
{
    static const char *const questions[] = {
        "SELECT count(*) FROM trial", "SELECT * FROM progress",
        "SELECT * FROM leaderboard WHERE study = 'load' ORDER BY rank LIMIT 5",
        "SELECT * FROM running", "SELECT count(*) FROM epoch WHERE trial_id = 1"};
    Worker *worker = context;
    Load *load = worker->load;
    Error why;
    for (int i = 0; atomic_load(&load->writing); i++) {
        Store *store;
        double answer, start = clock_seconds();
        bool ok = store_open(load->path, STORE_READ, &store, &why);
        if (ok) {
            QuerySink sink = {.row = count_cells, .context = &answer};
            ok = store_query(store, questions[i % 5], 60, &sink, &why);
            store_close(store, NULL);
        }
        if (!ok) {
            failed(load, &why);
            break;
        }
        double took = clock_seconds() - start;
        if (took > worker->slowest_s) worker->slowest_s = took;
        atomic_fetch_add(&load->n_answers, 1);
        nanosleep(&(struct timespec){0, PAUSE_MS * 1000000}, NULL);
    }
    worker->cpu_s = cpu_seconds(CLOCK_THREAD_CPUTIME_ID);
    return NULL;
}

static int64_t count(Load *load, const char *sql)
{
    double n = NAN;
    Error why;
    if (!store_query(load->store, sql, 600, &(QuerySink){.row = count_cells, .context = &n}, &why)) {
        fprintf(stderr, "%s\n", why.message);
        return -1;
    }
    return (int64_t)n;
}

static bool begin(Load *load, Error *err)
{
    static Param params[MAX_PARAMS];
    static char names[MAX_PARAMS][8];
    for (int i = 0; i < load->n_params; i++) {
        snprintf(names[i], sizeof names[i], "p%02d", i);
        params[i] = (Param){.name = names[i], .distribution = i % 4 == 1 ? DIST_INT_UNIFORM : DIST_UNIFORM,
                            .low = 0, .high = 1000};
    }
    Space space = {.n_params = load->n_params, .params = params};
    StudyInfo info = {.name = "load", .method = "random", .metric = "val_f1_macro", .maximize = true,
                      .target = NAN, .seed = 7, .run_cap = load->n_trials, .config_yaml = "",
                      .config_sha256 = "c", .data_sha256 = "d", .split_sha256 = "s", .version = "bench"};
    StudyStart start;
    if (!store_open(load->path, STORE_WRITE, &load->store, err) ||
        !store_study_begin(load->store, &info, &space, &start, err))
        return false;
    load->study_id = info.id;
    load->next = start.n_trials;
    load->n_trials += start.n_trials;
    return true;
}

int main(int argc, char **argv)
{
    int n[5] = {64, 8, 2000, 500, 20}; /* workers, readers, trials, epochs, params */
    for (int i = 2; i < argc && i < 7; i++) n[i - 2] = atoi(argv[i]);
    if (argc < 2 || n[0] < 1 || n[1] < 0 || n[0] + n[1] > MAX_THREADS || n[2] < 1 || n[3] < 0 ||
        n[4] < 1 || n[4] > MAX_PARAMS) {
        fprintf(stderr, "usage: store_load DB [workers] [readers] [trials] [epochs] [params]\n");
        return 2;
    }
    static Load load;
    static Worker workers[MAX_THREADS];
    pthread_t threads[MAX_THREADS];
    Error err;
    load = (Load){.path = argv[1], .n_trials = n[2], .n_epochs = n[3], .n_params = n[4], .writing = 1};
    pthread_mutex_init(&load.numbers, NULL);
    if (!begin(&load, &err)) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    double start = clock_seconds(), before_s = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID);
    for (int i = 0; i < n[0] + n[1]; i++) {
        workers[i].load = &load;
        if (pthread_create(&threads[i], NULL, i < n[0] ? work : ask, &workers[i]) != 0) return 1;
    }
    for (int i = 0; i < n[0]; i++) pthread_join(threads[i], NULL);
    double wrote_s = clock_seconds() - start, writer_s = cpu_seconds(CLOCK_PROCESS_CPUTIME_ID) - before_s;
    atomic_store(&load.writing, 0);
    double epoch_s = 0, end_s = 0, slowest_s = 0, others_s = 0;
    for (int i = 0; i < n[0]; i++) epoch_s += workers[i].epoch_s, end_s += workers[i].end_s;
    for (int i = n[0]; i < n[0] + n[1]; i++) {
        pthread_join(threads[i], NULL);
        if (workers[i].slowest_s > slowest_s) slowest_s = workers[i].slowest_s;
    }
    for (int i = 0; i < n[0] + n[1]; i++) others_s += workers[i].cpu_s;
    writer_s -= others_s;
    int64_t trials = count(&load, "SELECT count(*) FROM trial WHERE state <> 'RUNNING'");
    int64_t epochs = count(&load, "SELECT count(*) FROM epoch");
    int64_t first = load.n_trials - n[2], wanted = (int64_t)load.n_trials * n[3];
    bool whole = trials == load.n_trials && (first > 0 || epochs == wanted);
    if (atomic_load(&load.n_failed)) fprintf(stderr, "%d failed: %s\n", load.n_failed, load.error.message);
    bool ok = store_study_end(load.store, load.study_id, "DONE", &err) && store_close(load.store, &err);
    if (!ok) fprintf(stderr, "%s\n", err.message);
    printf("%d workers, %d readers: %d trials with %d epochs in %.2f s\n", n[0], n[1], n[2], n[3], wrote_s);
    printf("%.0f epoch rows/s, %.0f trials/s; the writer used %.2f s of a core: %.0f epoch rows a CPU second\n",
           (double)n[2] * n[3] / wrote_s, n[2] / wrote_s, writer_s, (double)n[2] * n[3] / writer_s);
    printf("workers waited %.1f us for an epoch row, %.1f ms for a trial's end\n",
           1e6 * epoch_s / fmax(1, (double)n[2] * n[3]), 1e3 * end_s / n[2]);
    printf("%ld answers to readers, the slowest after %.0f ms; %d calls failed\n", load.n_answers,
           1e3 * slowest_s, load.n_failed);
    printf("%s: %" PRId64 " trials, %" PRId64 " epochs\n", whole ? "every row is there" : "ROWS ARE MISSING",
           trials, epochs);
    return ok && whole && !load.n_failed ? 0 : 1;
}
