#include "job/sweep.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "app/progress.h"
#include "base/file.h"
#include "base/mat.h"
#include "tuner/study/join.h"
#include "tuner/trial/program.h"

/* ---- signals: the first asks trials to end after their epoch, the second ends the process --- */

static atomic_int stop_requested;
static volatile sig_atomic_t signal_seen;
static const char *stopping = "\nconsort: stopping after the current epochs; once more to stop at once\n";

static void on_signal(int number)
{
    if (signal_seen) {
        static const char text[] = "\nconsort: stopped at once; the same command continues the study\n";
        ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
        (void)ignored;
        _exit(128 + number);
    }
    signal_seen = number;
    atomic_store(&stop_requested, 1);
    ssize_t ignored = write(STDERR_FILENO, stopping, strlen(stopping));
    (void)ignored;
}

static void catch_signals(bool programs)
{
    if (programs) stopping = "\nconsort: asking the running programs to end; once more to kill them\n";
    struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error, not the end of a sweep */
    signal(SIGXFSZ, SIG_IGN);
}

int sweep_signal(void)
{
    return signal_seen ? 128 + signal_seen : 0;
}

/* ---- configuration --------------------------------------------------------------------------- */

bool sweep_config(const Cli *cli, Arena *arena, Config **out, Error *err)
{
    static const struct {
        const char *option, *key, *place;
    } shortcuts[] = {{"time", "run.time_cap", "--time"}, {"trials", "run_cap", "--trials"},
                     {"seed", "run.seed", "--seed"},     {"jobs", "run.jobs", "--jobs"},
                     {"name", "name", "--name"}};
    enum { N_SHORTCUTS = sizeof shortcuts / sizeof *shortcuts };
    const char *sets[CLI_MAX_OPTIONS];
    Override overrides[CLI_MAX_OPTIONS + N_SHORTCUTS + 1];
    if (!progress_check(cli, err)) return false;
    int n = cli_values(cli, "set", sets);
    for (int i = 0; i < n; i++) overrides[i] = (Override){sets[i], NULL};
    for (int i = 0; i < N_SHORTCUTS; i++) {
        const char *value = cli_value(cli, shortcuts[i].option);
        if (!value) continue;
        const char *text = arena_print(arena, "%s=%s", shortcuts[i].key, value);
        if (!text) return error_memory(err);
        overrides[n++] = (Override){text, shortcuts[i].place};
    }
    if (cli_flag(cli, "async")) overrides[n++] = (Override){"run.deterministic=false", "--async"};
    return config_read(cli->arguments[0], overrides, n, arena, out, err);
}

int sweep_jobs(const Cli *cli, const Config *config)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    int jobs = config->run.jobs > 0 ? config->run.jobs : cores > 0 ? (int)cores : 1;
    /* A program may use every core, or the graphics card: only its owner knows how many fit. */
    if (config->run.jobs == 0 && config->runs_program) jobs = 1;
    if (config->run.jobs == 0 && config->run.threads_per_trial > 1)
        jobs = (jobs + config->run.threads_per_trial - 1) / config->run.threads_per_trial;
    if (jobs > config->run.lookback && !config->run.async) {
        if (config->run.jobs > 0)
            cli_say(cli, "consort: %d jobs, not %d: run.lookback is %d, and it is part of the study",
                    config->run.lookback, jobs, config->run.lookback);
        jobs = config->run.lookback;
    }
    return jobs;
}

/* ---- the study ------------------------------------------------------------------------------- */

/* Is there a study of that name in the database? */
static bool name_is_taken(const Place *place, Arena *arena, bool *taken, Error *err)
{
    Store *store;
    StudyInfo *studies;
    int n;
    *taken = file_exists(place->db);
    if (!*taken || !place_is_shared(place)) return true;
    if (!store_open(place->db, STORE_READ, &store, err)) return false;
    bool ok = store_studies(store, arena, &studies, &n, err);
    *taken = false;
    for (int i = 0; ok && i < n; i++) *taken |= strcmp(studies[i].name, place->name) == 0;
    store_close(store, NULL);
    return ok;
}

/* --fresh: the first of NAME, NAME-2, NAME-3, ... that is not there yet. */
static bool fresh_name(const Cli *cli, Config *config, Arena *arena, Error *err)
{
    const char *base = config->name;
    for (int i = 2; i < 10000; i++) {
        Place place;
        bool taken;
        if (!place_of_config(cli, config, arena, &place, err)
            || !name_is_taken(&place, arena, &taken, err))
            return false;
        if (!taken) return true;
        if (!place_is_shared(&place) && (cli_value(cli, "dir") || config->run.dir))
            return error_set(err, ERR_CONFIG, "--fresh chooses a folder by the study's name, and %s has a"
                             " study already; give another --dir (run.dir), or none", place.folder);
        config->name = arena_print(arena, "%s-%d", base, i);
        if (!config->name) return error_memory(err);
    }
    return error_set(err, ERR_CONFIG, "there are 10,000 studies named %s-N; clean up first", base);
}

/* A folder belongs to one study: two would write over each other's models. */
static bool folder_is_ours(const Place *place, Store *store, Arena *arena, Error *err)
{
    StudyInfo *studies;
    int n;
    if (place_is_shared(place)) return true;
    if (!store_studies(store, arena, &studies, &n, err)) return false;
    for (int i = 0; i < n; i++)
        if (strcmp(studies[i].name, place->name) != 0)
            return error_set(err, ERR_CONFIG, "%s is the folder of study %s, not of %s; give another --dir"
                             " (run.dir), or --db for a database that several studies share",
                             place->folder, studies[i].name, place->name);
    return true;
}

static bool describe(const Config *config, const Data *data, Arena *arena, StudyInfo *info,
                     Error *err)
{
    char *identity = ARENA_NEW(arena, char, 65);
    Text yaml = {0};
    bool ok = identity ? config_identity(config, identity, err) : error_memory(err);
    ok = ok && (config_print(config, &yaml) || error_memory(err));
    if (ok) {
        *info = (StudyInfo){.name = config->name, .method = config->method,
                            .metric = config->metric_full, .maximize = config->maximize,
                            .target = config->target,
                            .seed = (uint64_t)config->run.seed, .run_cap = config->run_cap,
                            .time_cap_s = config->run.time_cap, .async = config->run.async,
                            .config_yaml = arena_copy(arena, yaml.bytes),
                            .config_sha256 = identity, .data_sha256 = "", .split_sha256 = "",
                            .version = CONSORT_VERSION, .notes = config->description};
        if (!config->runs_program) {
            info->data_sha256 = data->train->fingerprint;
            info->split_sha256 = data->split->hash;
            info->n_classes = data->train->n_classes;
            info->classes = data->train->classes;
        }
        ok = info->config_yaml || error_memory(err);
    }
    text_free(&yaml);
    return ok;
}

/* A newer program has keys that an older one had not, and so another hash for the same configuration.
 * The one that is stored, read by this program, says whether it is the same. */
static bool same_as_stored(const Config *config, Store *store, Arena *arena, StudyInfo *info, Error *err)
{
    StudyInfo *studies;
    int n;
    if (!store_studies(store, arena, &studies, &n, err)) return false;
    for (int i = 0; i < n; i++) {
        Config *stored;
        char identity[65];
        if (strcmp(studies[i].name, info->name) != 0 || !studies[i].config_yaml || !studies[i].config_sha256
            || strcmp(studies[i].config_sha256, info->config_sha256) == 0)
            continue;
        if (config_read_text("stored", studies[i].config_yaml, config->folder, arena, &stored, NULL)
            && config_identity(stored, identity, NULL) && strcmp(identity, info->config_sha256) == 0)
            info->config_sha256 = studies[i].config_sha256;
    }
    return true;
}

static bool save_card(const Place *place, const Data *data, Error *err)
{
    Doc *card = card_make(data->train, data->test);
    bool ok = card ? doc_save(place, "data-card.json", card, err) : error_memory(err);
    doc_free(card);
    return ok;
}

static bool run_trials(Cli *cli, Config *config, Sweep *sweep, const Runner *runner, Store *store,
                       Error *err)
{
    int jobs = sweep_jobs(cli, config);
    Progress *progress;
    if (!progress_create(cli, config, jobs, config->run_cap, config->run.time_cap, cli->arena, &progress,
                         err))
        return false;
    StudyOptions options = {
        .space = config->space, .sampler = config->sampler, .pruner = &config->pruner,
        .runner = *runner, .store = store, .info = &sweep->info,
        .folder = sweep->place.folder, .maximize = config->maximize, .goals = &config->goals, .jobs = jobs,
        .lookback = config->run.lookback, .async = config->run.async, .epochs = config->full_epochs,
        .cost_trials = config->cost_aware, .run_cap = config->run_cap,
        .time_cap_s = config->run.time_cap, .max_failed = config->run.max_failed,
        .plateau_trials = config->plateau.trials, .plateau_delta = config->plateau.min_delta,
        .finalists = config->finalists.top, .repeats = config->finalists.seeds,
        .keep_models = config->run.keep_models, .disk_cap_bytes = config->run.disk_cap,
        .identity = sweep->identity, .n_enqueued = config->n_enqueued, .enqueued = config->enqueued,
        .enqueued_source = config->enqueued_source,
        .stop = &stop_requested, .on_event = progress_event, .context = progress};
    if (!study_run(&options, &sweep->summary, err)) return false;
    progress_end(progress, &sweep->summary, sweep->place.db);
    sweep->failure = progress_failure(progress);
    return true;
}

/* What a trial is: networks trained here, or a program. */
typedef struct {
    Objective *objective;
    Program *program;
    const char *metrics[PARETO_MOST]; /* of the program */
    Runner runner;
} Trials;

static bool trials_create(const Config *config, const Sweep *sweep, Trials *out, Error *err)
{
    if (config->runs_program) {
        int n = config->goals.n;
        for (int i = 0; i < n; i++) out->metrics[i] = config->goals.goal[i].name;
        if (n == 0 && config->metric_name) out->metrics[n++] = config->metric_name;
        ProgramOptions options = {
            .command = &config->command_line, .n_metrics = n, .metrics = out->metrics,
            .maximize = config->maximize, .seed = (uint64_t)config->run.seed, .name = config->name,
            .folder = sweep->place.folder, .time_cap_s = config->run.trial_time_cap,
            .grace_s = config->run.grace, .pruner = &config->pruner,
            .full_reports = config->full_epochs};
        if (!program_create(&options, &out->program, err)) return false;
        out->runner = program_runner(out->program);
        return true;
    }
    ObjectiveOptions options = {
        .table = sweep->data.train, .split = sweep->data.split, .settings = &config->settings,
        .space = config->space, .metric = config->metric, .positive = sweep->data.positive,
        .seed = (uint64_t)config->run.seed, .name = config->name, .folder = sweep->place.folder,
        .time_cap_s = config->run.trial_time_cap, .pruner = &config->pruner,
        .memory_cap = config->run.memory_cap,
        .threads = config->run.threads_per_trial, .checkpoint_s = config->run.checkpoint_every};
    if (!objective_create(&options, &out->objective, err)) return false;
    out->runner = objective_runner(out->objective);
    return true;
}

static void trials_destroy(Trials *trials)
{
    objective_destroy(trials->objective);
    program_destroy(trials->program);
}

static bool prepare(Cli *cli, Config *config, Sweep *sweep, Error *err)
{
    Arena *arena = cli->arena;
    if (cli_flag(cli, "fresh") && !fresh_name(cli, config, arena, err)) return false;
    if (config->run_cap == 0 && config->run.time_cap <= 0 && config->sampler != &sampler_grid
        && !isfinite(space_size(config->space)) && config->plateau.trials == 0
        && isnan(config->target) && !goals_have_target(&config->goals))
        return error_set(err, ERR_CONFIG, "%s: nothing ends this sweep: give `run_cap: N`, --trials N"
                         " or --time 10m", config->file);
    if (!place_of_config(cli, config, arena, &sweep->place, err)) return false;
    if (config->runs_program ? !program_check(&config->command_line, arena, err)
                             : !data_load(config, arena, &sweep->data, err))
        return false;
    char *artifacts = place_file(&sweep->place, "artifacts", arena);
    if (!artifacts) return error_memory(err);
    if (!file_make_folder(artifacts, err) || !describe(config, &sweep->data, arena, &sweep->info, err))
        return false;
    sweep->identity = study_identity(&sweep->info, arena);
    return sweep->identity || error_memory(err);
}

/* The study in its database, begun by this process. A store that was opened is the caller's to close. */
static bool begin(Cli *cli, Config *config, Sweep *sweep, Store **store, StudyStart *start, Error *err)
{
    return store_open(sweep->place.db, STORE_WRITE, store, err)
        && folder_is_ours(&sweep->place, *store, cli->arena, err)
        && same_as_stored(config, *store, cli->arena, &sweep->info, err)
        && store_study_begin(*store, &sweep->info, config->space, start, err)
        /* Only now are the data the study's. */
        && (config->runs_program || save_card(&sweep->place, &sweep->data, err));
}

bool sweep_there(Cli *cli, const char *study, Config **config, bool *there, Error *err)
{
    Place place;
    *there = true;
    return !study || !names_config(study)
        || (config_read(study, NULL, 0, cli->arena, config, err)
            && place_of_config(cli, *config, cli->arena, &place, err)
            && name_is_taken(&place, cli->arena, there, err));
}

bool sweep_begin(Cli *cli, Config *config, Error *err)
{
    Error closing;
    Store *store = NULL;
    StudyStart start = {0};
    Sweep sweep = {0};
    bool ok = prepare(cli, config, &sweep, err)
           && begin(cli, config, &sweep, &store, &start, err)
           && store_study_end(store, sweep.info.id, "STOPPED", err);
    if (store && !store_close(store, &closing) && ok) {
        *err = closing;
        return false;
    }
    if (ok) cli_say(cli, "study %s in %s", config->name, sweep.place.folder);
    return ok;
}

/* ---- workers for a study that another process runs --------------------------------------------- */

static void say_trained(void *context, int number, const TrialRecord *record)
{
    const Cli *cli = context;
    if (isnan(record->value))
        cli_say(cli, "trial %d: %s, trained here", number, trial_state_names[record->state]);
    else
        cli_say(cli, "trial %d: %.6g, trained here", number, record->value);
}

/* --join: lends workers until the study is over: `*over`. Or nobody runs it, also because the process that did
 * is gone: then it is this one's to run. */
static bool join(Cli *cli, const Config *config, const Sweep *sweep, const Runner *runner, bool *over,
                 Error *err)
{
    JoinOptions options = {.folder = sweep->place.folder, .identity = sweep->identity, .space = config->space,
                           .runner = runner, .jobs = sweep_jobs(cli, config), .stop = &stop_requested,
                           .on_trial = say_trained, .context = cli};
    JoinSummary summary;
    if (!study_join(&options, &summary, err)) return false;
    *over = summary.end == JOIN_ENDED || summary.end == JOIN_STOPPED;
    if (summary.end == JOIN_REFUSED)
        return error_set(err, ERR_CONFIG, "cannot join study %s: %s", config->name, summary.text);
    if (summary.end == JOIN_ENDED) cli_say(cli, "study %s: %s", config->name, summary.text);
    if (summary.end == JOIN_LOST) cli_say(cli, "the process that ran study %s is gone", config->name);
    if (summary.end != JOIN_NOBODY)
        cli_say(cli, "%d trial%s trained here", summary.n_trials, summary.n_trials == 1 ? " was" : "s were");
    return true;
}

/* Joins whoever runs the study, or begins to run it. Between the two lie moments: of several that find nobody
 * one gets the lease, and the others find that one as soon as it listens. */
static bool join_or_begin(Cli *cli, Config *config, Sweep *sweep, const Runner *runner, Store **store,
                          StudyStart *start, bool *over, Error *err)
{
    enum { TRIES = 50 };
    for (int i = 0;; i++) {
        if (cli_flag(cli, "join") && !join(cli, config, sweep, runner, over, err)) return false;
        if (*over || begin(cli, config, sweep, store, start, err)) return true;
        if (!cli_flag(cli, "join") || err->code != ERR_STORE || i == TRIES || sweep_signal()) return false;
        store_close(*store, NULL);
        *store = NULL;
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    }
}

int sweep_run(Cli *cli, Config *config, Sweep *sweep)
{
    Error err = {0};
    Store *store = NULL;
    StudyStart start = {0};
    Trials trials = {0};
    bool over = false;
    *sweep = (Sweep){0};
    for (int i = 0; i < config->n_notices; i++) cli_say(cli, "consort: %s", config->notices[i]);
    catch_signals(config->runs_program);
    mat_init();
    bool ok = prepare(cli, config, sweep, &err)
           && trials_create(config, sweep, &trials, &err)
           && join_or_begin(cli, config, sweep, &trials.runner, &store, &start, &over, &err);
    if (ok && over) {
        trials_destroy(&trials);
        sweep->joined = true;
        return sweep_signal() ? sweep_signal() : EXIT_OK;
    }
    for (int i = 0; ok && store_notice(store, i); i++)
        cli_say(cli, "consort: %s: %s", sweep->place.db, store_notice(store, i));
    if (ok && start.resumed) {
        cli_say(cli, "continuing study %s in %s: %d trials are there", config->name,
                sweep->place.folder, start.n_trials);
        if (start.n_recovered)
            cli_say(cli, "%d unfinished trial%s will be run again", start.n_recovered,
                    start.n_recovered == 1 ? "" : "s");
    } else if (ok) {
        cli_say(cli, "study %s in %s", config->name, sweep->place.folder);
    }
    if (ok && config->run.async)
        cli_say(cli, "run.deterministic is false: this study cannot be repeated; that is noted in it for good");
    ok = ok && run_trials(cli, config, sweep, &trials.runner, store, &err);
    trials_destroy(&trials);
    /* The time of creation lives in the store, which goes now. */
    if (ok && sweep->info.created_utc)
        sweep->info.created_utc = arena_copy(cli->arena, sweep->info.created_utc);
    if (store) {
        Error closing;
        if (!store_close(store, &closing) && ok) {
            err = closing;
            ok = false;
        }
    }
    if (!ok) return cli_fail(&err);
    if (sweep->summary.end == STUDY_INTERRUPTED) {
        cli_say(cli, "everything is saved; the same command continues the study");
        return sweep_signal() ? sweep_signal() : EXIT_SIGINT;
    }
    if (sweep->summary.n_complete == 0) {
        fprintf(stderr, "consort: no trial succeeded%s%s; `consort ls %s` shows %s\n",
                *sweep->failure ? ", " : "", sweep->failure, sweep->place.folder,
                *sweep->failure ? "them" : "why each failed");
        return EXIT_NO_TRIAL;
    }
    if (sweep->summary.end == STUDY_DONE_FAILED) return EXIT_NO_TRIAL;
    if (cli_flag(cli, "require-target") && (isfinite(config->target) || goals_have_target(&config->goals))
        && sweep->summary.end != STUDY_DONE_TARGET) {
        if (isnan(config->target)) fprintf(stderr, "consort: no trial reached all targets\n");
        else fprintf(stderr, "consort: the target %g was not reached\n", config->target);
        return EXIT_GATE;
    }
    return EXIT_OK;
}
