/* app/sweeping.c - runs a study for a person at a command line: catches signals, shows progress, and turns
 * how it ended into words and an exit code. */
#include "app/sweeping.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/again.h"
#include "app/arguments.h"
#include "app/progress.h"
#include "base/file.h"
#include "cluster/ranks.h"
#include "job/kind.h"
#include "job/open.h"
#include "job/start.h"

/* ---- signals --------------------------------------------------------------------------------- */

static atomic_int stop_requested;
static volatile sig_atomic_t signal_seen;

static void on_signal(int number, const char *stopping)
{
    if (signal_seen) {
        static const char text[] = "\nconsort: stopped at once; the same command continues the study\n";
        ssize_t ignored = *stopping ? write(STDERR_FILENO, text, sizeof text - 1) : 0;
        (void)ignored;
        _exit(128 + number);
    }
    signal_seen = number;
    atomic_store(&stop_requested, 1);
    ssize_t ignored = write(STDERR_FILENO, stopping, strlen(stopping));
    (void)ignored;
}

static void on_signal_training(int number)
{
    on_signal(number, "\nconsort: stopping after the current epochs; once more to stop at once\n");
}

static void on_signal_programs(int number)
{
    on_signal(number, "\nconsort: asking the running programs to end; once more to kill them\n");
}

/* Of a rank above 0: rank 0 says it. */
static void on_signal_silent(int number) { on_signal(number, ""); }

atomic_int *sweeping_stop(void) { return &stop_requested; }

static void catch_signals(const Cli *cli, const TrialKind *kind)
{
    struct sigaction action = {.sa_handler = ranks_rank(cli->ranks) > 0 ? on_signal_silent
                                           : kind->trains ? on_signal_training : on_signal_programs,
                               .sa_flags = SA_RESTART};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGUSR1, &action, NULL); /* what a queueing system sends before the time is up */
    signal(SIGPIPE, SIG_IGN); /* a closed pipe is a write error, not the end of a sweep */
}

/* ---- configuration --------------------------------------------------------------------------- */

typedef struct {
    Override at[CLI_MAX_OPTIONS + 20];
    int n;
} Overrides;

/* KEY=VALUE, the value in quotes where it is any text. */
static bool put(const Cli *cli, Overrides *list, const char *option, const char *key, bool quoted, Error *err)
{
    const char *value = cli_value(cli, option), *place = arena_print(cli->arena, "--%s", option);
    Text text = {0};
    if (!value) return true;
    text_print(&text, "%s=", key);
    if (quoted) text_json(&text, value);
    else text_add(&text, value);
    const char *assignment = text_ok(&text) ? arena_copy(cli->arena, text.bytes) : NULL;
    text_free(&text);
    if (!assignment || !place) return error_memory(err);
    list->at[list->n++] = (Override){assignment, place};
    return true;
}

/* What the command line says on top of a configuration. */
static bool read_overrides(const Cli *cli, Overrides *list, Error *err)
{
    static const struct {
        const char *option, *key;
        bool quoted;
    } shortcuts[] = {{"time", "run.time_cap", false},      {"trials", "run_cap", false},
                     {"seed", "run.seed", false},          {"jobs", "run.jobs", false},
                     {"part", "run.part", false},
                     {"name", "name", false},              {"label", "data.label", true},
                     {"format", "data.format", false},     {"header", "data.header", false},
                     {"delimiter", "data.delimiter", true}, {"decimal", "data.decimal", true},
                     {"skip", "data.skip", false},         {"comment", "data.comment", true}};
    const char *sets[CLI_MAX_OPTIONS];
    list->n = cli_values(cli, "set", sets);
    for (int i = 0; i < list->n; i++) list->at[i] = (Override){sets[i], NULL};
    for (size_t i = 0; i < sizeof shortcuts / sizeof *shortcuts; i++)
        if (!put(cli, list, shortcuts[i].option, shortcuts[i].key, shortcuts[i].quoted, err)) return false;
    if (cli_flag(cli, "async")) list->at[list->n++] = (Override){"run.deterministic=false", "--async"};
    return true;
}

/* How much is to be done about a file of rows. */
static bool read_effort(const Cli *cli, EffortAsked *out, Error *err)
{
    const char *time = cli_value(cli, "time"), *jobs = cli_value(cli, "jobs");
    *out = (EffortAsked){.effort = cli_value(cli, "effort"), .jobs = jobs ? atoi(jobs) : 0};
    if (out->effort && time)
        return error_set(err, ERR_CONFIG, "--effort and --time both say how much is done; keep one");
    if (time && !text_to_duration(time, &out->time_s)) out->time_s = 0; /* refused where the key is read */
    return true;
}

/* Rows by its name, or because the command line speaks of it as such. */
static bool is_data(const Cli *cli, const char *argument)
{
    if (start_is_data(argument, cli->arena)) return true;
    const bool plain = file_exists(argument) && !file_is_folder(argument) && !names_config(argument);
    return plain && (cli_value(cli, "label") || cli_value(cli, "labels") || cli_value(cli, "format"));
}

bool sweeping_data(const Cli *cli, Config **out, Error *err)
{
    StartData start = {.data = cli->arguments[0], .labels = cli_value(cli, "labels"),
                       .test = cli_value(cli, "test")};
    Overrides overrides;
    return read_overrides(cli, &overrides, err) && read_effort(cli, &start.asked, err)
        && start_config(&start, overrides.at, overrides.n, cli->arena, out, err);
}

static bool read_config(const Cli *cli, Config **out, Error *err)
{
    const char *argument = cli->arguments[0];
    const StartData start = {.data = argument, .labels = cli_value(cli, "labels"),
                             .test = cli_value(cli, "test")};
    Overrides overrides;
    if (!progress_check(cli, err)) return false;
    if (strcmp(argument, "-") == 0 && (cli_value(cli, "label") || cli_value(cli, "labels")
                                       || cli_value(cli, "format")))
        return error_set(err, ERR_CONFIG,
                         "standard input can be read once, and a study reads its rows more often; write"
                                          " them to a file, and name that");
    if (is_data(cli, argument)) return sweeping_data(cli, out, err);
    if (!read_overrides(cli, &overrides, err)) return false;
    if (cli_value(cli, "effort"))
        return error_set(err, ERR_CONFIG, "--effort goes with a data file; %.200s says how much is done:"
                         " --trials N is another number of trials", argument);
    if (start.labels || start.test)
        return error_set(err, ERR_CONFIG, "--%s goes with a data file; in %.200s it is `data.%s`",
                         start.test ? "test" : "labels", argument, start.test ? "test" : "train.labels");
    return config_read(argument, overrides.at, overrides.n, cli->arena, out, err);
}

/* What ranks cannot do together. */
static bool check_ranks(const Cli *cli, Error *err)
{
    if (!cli->ranks) return true;
    if (cli_flag(cli, "join"))
        return error_set(err, ERR_CONFIG, "--join is for processes that are started one by one; the ranks of a"
                         " job find each other without it");
    if (strcmp(cli->arguments[0], "-") == 0)
        return error_set(err, ERR_CONFIG, "standard input reaches rank 0 alone; write it to a file, and name"
                         " that");
    return true;
}

bool sweeping_config(const Cli *cli, Config **out, Error *err)
{
    const bool ok = ranks_turn(cli->ranks, err) && check_ranks(cli, err) && read_config(cli, out, err);
    return ranks_agree(cli->ranks, ok, NULL, NULL, NULL, err);
}

/* Of a study made of a data file: the sweep file, in its folder, from which everything can be had again. */
static void keep_configuration(const Cli *cli, const Config *config, const Sweep *sweep)
{
    Error err;
    Text text = {0};
    const char *path = place_file(&sweep->place, "sweep.yaml", cli->arena);
    if (!config->remarks || !path) return;
    for (int i = 0; config->remarks[i]; i++) cli_say(cli, "%s", config->remarks[i]);
    if (file_exists(path)) return;
    bool ok = start_print(config, sweep->place.folder, cli->arena, &text, &err)
           && file_write(path, text.bytes, text.n, &err);
    text_free(&text);
    if (ok) cli_say(cli, "its configuration is %s: change it, and `consort run` it", path);
    else cli_tell("consort: %s\n", err.message);
}

/* ---- the study ------------------------------------------------------------------------------- */

typedef struct {
    const Cli *cli;
    const Config *config;
    Progress *progress;
} Show;

static void on_begin(void *context, const Sweep *sweep)
{
    const Show *show = context;
    const Cli *cli = show->cli;
    const char *name = show->config->name, *folder = sweep->place.folder;
    int n = sweep->start.n_recovered;
    int there = sweep->start.n_trials, beyond = sweep->start.n_beyond;
    if (sweep->start.resumed)
        cli_say(cli, "continuing study %s in %s: %d trial%s there", name, folder, there,
                there == 1 ? " is" : "s are");
    else
        cli_say(cli, "study %s in %s", name, folder);
    if (sweep->start.resumed && n && beyond < n)
        cli_say(cli, "%d unfinished trial%s will be run again", n - beyond, n - beyond == 1 ? "" : "s");
    if (sweep->start.resumed && beyond)
        cli_say(cli, "%d unfinished trial%s beyond run_cap: to be run again when it allows more", beyond,
                beyond == 1 ? "" : "s");
    if (show->config->run.async)
        cli_say(cli, "run.deterministic is false: this study cannot be repeated; that is noted in it for good");
    keep_configuration(cli, show->config, sweep);
    const Data *data = &sweep->data;
    if (data->train && sweep->start.n_trials == 0) {
        say_notes(cli, NULL, data->train);
        if (data->test && data->test->notes != data->train->notes)
            say_notes(cli, "data.test", data->test);
        for (int i = 0; i < sweep->warnings.n; i++) say_of_data(cli, "warning", NULL, sweep->warnings.items[i]);
    }
    progress_begin(show->progress, sweep->jobs);
}

static void on_event(void *context, const StudyEvent *event)
{
    const Show *show = context;
    progress_event(show->progress, event);
}

static void on_joined_trial(void *context, int number, const TrialRecord *record)
{
    const Show *show = context;
    if (isnan(record->row.value))
        cli_say(show->cli, "trial %d: %s, trained here", number, trial_state_names[record->row.state]);
    else
        cli_say(show->cli, "trial %d: %.6g, trained here", number, record->row.value);
}

static void on_line(void *context, bool notice, const char *line)
{
    const Show *show = context;
    progress_clear(show->progress);
    cli_say(show->cli, "%s%s", notice ? "consort: " : "", line);
}

/* "; log of trial 0: runs/x/artifacts/trial-000000/log.txt", where it failed and has one. */
static const char *log_of(const Cli *cli, const Sweep *sweep, const char *failure, int number)
{
    const char *name = arena_print(cli->arena, "artifacts/trial-%06d/log.txt", number);
    const char *path = name ? place_file(&sweep->place, name, cli->arena) : NULL;
    if (!*failure || !path || !file_exists(path)) return "";
    const char *said = arena_print(cli->arena, "; log of trial %d: %s", number, path);
    return said ? said : "";
}

/* What there is to say about an end, and its exit code. */
static int conclude(const Cli *cli, const Config *config, const Sweep *sweep, const Progress *progress)
{
    int failed;
    const char *failure = progress_failure(progress, &failed), *log = log_of(cli, sweep, failure, failed);
    const StudySummary *summary = &sweep->summary;
    if (summary->end == STUDY_INTERRUPTED) {
        cli_say(cli, "everything is saved; the same command continues the study");
        return signal_seen ? 128 + signal_seen : EXIT_SIGINT;
    }
    if (summary->end == STUDY_DONE_ALIKE) {
        cli_tell("consort: the first %d trials all failed alike%s%s; mend it, then `consort retry %s"
                " --state failed` and the same command; `run.max_failed: N` lets N fail%s\n",
                summary->n_failed, *failure ? ", " : "", failure, sweep->place.folder, log);
        return EXIT_NO_TRIAL;
    }
    if (summary->n_complete == 0) {
        cli_tell("consort: no trial succeeded%s%s; `consort ls %s` shows %s%s\n",
                *failure ? ", " : "", failure, sweep->place.folder, *failure ? "them" : "why each failed", log);
        return EXIT_NO_TRIAL;
    }
    if (summary->end == STUDY_DONE_FAILED) return EXIT_NO_TRIAL;
    if (cli_flag(cli, "require-target") && sweep_has_target(config)
        && summary->end != STUDY_DONE_TARGET) {
        if (isnan(config->target)) cli_tell("consort: no trial reached all targets\n");
        else cli_tell("consort: the target %g was not reached\n", config->target);
        return EXIT_GATE;
    }
    return EXIT_OK;
}

int sweeping_run(Cli *cli, Config *config, Sweep *sweep)
{
    Error err = {0};
    Show show = {.cli = cli, .config = config};
    SweepOptions options = {.place = place_options(cli), .fresh = cli_flag(cli, "fresh"),
                            .join = cli_flag(cli, "join"), .ranks = cli->ranks, .stop = &stop_requested,
                            .on_begin = on_begin, .on_event = on_event, .on_joined_trial = on_joined_trial,
                            .on_line = on_line,
                            .context = &show};
    if (!cli->ranks) again_for_kernels(cli, config);
    *sweep = (Sweep){0};
    /* They are warnings: the file may not mean what it seems to. */
    for (int i = 0; cli->quiet < 2 && i < config->n_notices; i++)
        cli_tell("consort: %s\n", config->notices[i]);
    catch_signals(cli, config->kind);
    if (!progress_create(cli, config, &show.progress, &err)) return cli_fail(&err);
    bool ok = sweep_run(config, &options, cli->arena, sweep, &err);
    if (sweep->ended) progress_end(show.progress, &sweep->summary, sweep->place.db);
    if (!ok && err.code == ERR_STOPPED) return signal_seen ? 128 + signal_seen : EXIT_SIGINT;
    if (!ok) return cli_fail(&err);
    if (!sweep->ended) return signal_seen ? 128 + signal_seen : EXIT_OK; /* another process has it */
    return conclude(cli, config, sweep, show.progress);
}

void sweeping_print_best(const Config *config, const StudySummary *summary, Text *out)
{
    const Finalist *winner = summary->n_finalists > 0 ? &summary->finalist[0] : NULL;
    if (winner)
        text_print(out, "best trial %d: %s %.6g, the mean of %d runs\n", winner->number, config->metric_full,
                   winner->mean, winner->n_runs);
    else if (config->metric_name && summary->best_number < 0 && config->space->n_limits > 0
             && summary->n_complete > 0)
        text_print(out, "no best trial: none of %d complete keeps all limits\n", summary->n_complete);
    else if (config->metric_name && summary->best_number < 0)
        text_add(out, "no best trial: none is complete\n");
    else if (config->metric_name)
        text_print(out, "best trial %d: %s %.6g\n", summary->best_number, config->metric_full,
                   summary->best_value);
}
