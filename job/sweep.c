/* job/sweep.c - a configuration made into a study in its database, and that run to its end. */
#include "job/sweep.h"

#include <math.h>
#include <string.h>
#include <time.h>

#include "base/file.h"
#include "base/mat.h"
#include "base/threads.h"
#include "job/edited.h"
#include "job/kernels.h"
#include "job/kind.h"
#include "job/costs.h"
#include "job/lookback.h"
#include "job/open.h"
#include "job/parts.h"
#include "job/self.h"
#include "job/together.h"
#include "job/transfer.h"
#include "job/transferred.h"
#include "tuner/study/join.h"

#define say(c, ...) line_say((c)->options->on_line, (c)->options->context, __VA_ARGS__)

/* What the steps of one sweep share. */
typedef struct {
    Config *config;
    const SweepOptions *options;
    Arena *arena;
    Sweep *sweep;
    Runner runner;
    Store *store; /* once it has begun */
} Course;

bool sweep_has_target(const Config *config)
{
    return isfinite(config->target) || goals_have_target(&config->goals);
}

/* ---- the study in its database ----------------------------------------------------------------- */

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
static bool fresh_name(Config *config, const PlaceOptions *said, Arena *arena, Error *err)
{
    const char *base = config->name;
    for (int i = 2; i < 10000; i++) {
        Place place;
        bool taken;
        if (!place_of_config(config, said, arena, &place, err)
            || !name_is_taken(&place, arena, &taken, err))
            return false;
        if (!taken) return true;
        if (!place_is_shared(&place) && ((said && said->dir) || config->run.dir))
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
                            .seed = part_seed(config), .run_cap = part_trials(config),
                            .time_cap_s = config->run.time_cap, .async = config->run.async,
                            .config_yaml = arena_copy(arena, yaml.bytes),
                            .config_sha256 = identity, .data_sha256 = "", .split_sha256 = "",
                            .version = CONSORT_VERSION, .notes = config->description,
                            .space_version = config->space_version};
        if (data->train) {
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

/* What differs, and how the trials that are there are taken along. */
static bool other_study(const Config *config, const Place *place, const char *difference, Error *err)
{
    if (config->remarks) /* no file of this one is there */
        return error_set(err, ERR_CONFIG, "%.200s: study \"%.100s\" was begun with another configuration: %s."
                         " Begin another with --fresh or --name", place->db, place->name, difference);
    return error_set(err, ERR_CONFIG, "%.200s: study \"%.100s\" was begun with another configuration: %s. Begin"
                     " another with --fresh or --name; with the trials of this one: `consort import %.100s"
                     " %.100s --from consort --dir NEW`, then the same command with --dir NEW", place->db,
                     place->name, difference,
                     strcmp(config->file, "-") == 0 ? "CONFIG" : config->file,
                     place_is_shared(place) ? place->db : place->folder);
}

/* A newer program has keys that an older one had not, other words may say the same: there may be another hash
 * for the same configuration. The one that is stored, read by this program, says whether it is. */
static bool same_as_stored(const Config *config, const Place *place, Store *store, Arena *arena,
                           StudyInfo *info, Error *err)
{
    StudyInfo *studies;
    int n;
    if (!store_studies(store, arena, &studies, &n, err)) return false;
    for (int i = 0; i < n; i++) {
        Config *stored;
        char difference[240];
        bool same;
        if (strcmp(studies[i].name, info->name) != 0 || !studies[i].config_yaml || !studies[i].config_sha256
            || strcmp(studies[i].config_sha256, info->config_sha256) == 0)
            continue;
        if (!config_read_text("stored", studies[i].config_yaml, config->folder, arena, &stored, NULL)) continue;
        stored->begun = config->begun; /* whatever was made of its space since */
        if (!config_same_study(config, stored, &same, difference, err)) return false;
        if (!same) return other_study(config, place, difference, err);
        info->config_sha256 = studies[i].config_sha256;
    }
    return true;
}

static bool keep_warnings(const Doc *list, Arena *arena, TextList *out, Error *err)
{
    int n = (int)doc_count(list);
    const char **items = ARENA_NEW(arena, const char *, n + 1);
    if (!items) return error_memory(err);
    for (int i = 0; i < n; i++)
        if (!(items[i] = arena_copy(arena, doc_to_text(doc_at(list, (size_t)i), "")))) return error_memory(err);
    *out = (TextList){n, items};
    return true;
}

static bool save_card(Sweep *sweep, Arena *arena, Error *err)
{
    Doc *card = data_card(&sweep->data);
    bool ok = card ? doc_save(&sweep->place, "data-card.json", card, err)
                       && keep_warnings(doc_get(card, "warnings"), arena, &sweep->warnings, err)
                   : error_memory(err);
    doc_free(card);
    return ok;
}

/* All that can be known without writing anything. */
static bool look(Config *config, const PlaceOptions *said, bool fresh, Arena *arena, Sweep *sweep, Error *err)
{
    EditedSpace edited;
    if (fresh && config->n_parts > 0)
        return error_set(err, ERR_CONFIG, "--fresh: the parts of a study could not agree on a name; give"
                         " --name");
    if (fresh && !fresh_name(config, said, arena, err)) return false;
    if (config->run_cap == 0 && config->run.time_cap <= 0 && !config->sampler->needs_grid
        && !isfinite(space_size(config->space)) && config->plateau.trials == 0
        && !sweep_has_target(config))
        return error_set(err, ERR_CONFIG, "%s: nothing ends this sweep: give `run_cap: N`, --trials N"
                         " or --time 10m", config->file);
    if (!place_of_config(config, said, arena, &sweep->place, err)
        || !parts_check(config, &sweep->place, arena, err)
        || !lookback_settle(config, &sweep->place, arena, &sweep->raised, err)
        || !costs_settle(config, &sweep->place, arena, err)
        || !transfer_settle(config, &sweep->place, arena, err))
        return false;
    sweep->jobs = sweep_jobs(config);
    if (!config->kind->load(config, arena, &sweep->data, err)
        || !(config->heard ? (edited = *config->heard, true) : edited_read(&sweep->place, arena, &edited, err))
        || !edited_take(config, &edited, arena, err)
        || !transfer_read(config, arena, err)) /* which are points of the space of now */
        return false;
    if (config->begun
        && !(sweep->edited = arena_print(arena, "its search space was edited: version %d, from trial %d on",
                                         edited.version, edited.from_trial)))
        return error_memory(err);
    if (!describe(config, &sweep->data, arena, &sweep->info, err)) return false;
    sweep->identity = study_identity(&sweep->info, arena);
    return sweep->identity || error_memory(err);
}

static bool prepare(Config *config, const PlaceOptions *said, bool fresh, Arena *arena, Sweep *sweep,
                    Error *err)
{
    if (!look(config, said, fresh, arena, sweep, err)) return false;
    char *artifacts = place_file(&sweep->place, "artifacts", arena);
    if (!artifacts) return error_memory(err);
    return parts_write(config, &sweep->place, arena, err) && place_artifacts_own(&sweep->place, arena, err)
        && file_make_folder(artifacts, err);
}

/* The study in its database, begun by this process. A store that was opened is the caller's to close. */
static bool begin(Config *config, Arena *arena, Sweep *sweep, Store **store, Error *err)
{
    return store_open(sweep->place.db, STORE_WRITE, store, err)
        && folder_is_ours(&sweep->place, *store, arena, err)
        && same_as_stored(config, &sweep->place, *store, arena, &sweep->info, err)
        && (store_study_begin(*store, &sweep->info, config->space, &sweep->start, err)
            || data_were_words(sweep->data.train, err))
        /* Only now are the data the study's. */
        && (!sweep->data.train || save_card(sweep, arena, err));
}

bool sweep_look(Config *config, const PlaceOptions *said, bool fresh, Arena *arena, Sweep *out, Error *err)
{
    Store *store;
    *out = (Sweep){0};
    if (!look(config, said, fresh, arena, out, err)) return false;
    if (!file_exists(out->place.db)) return true;
    if (!store_open(out->place.db, STORE_READ, &store, err)) return false;
    bool ok = folder_is_ours(&out->place, store, arena, err)
           && same_as_stored(config, &out->place, store, arena, &out->info, err)
           && (store_study_check(store, &out->info, &out->start.resumed, err)
               || data_were_words(out->data.train, err));
    store_close(store, NULL);
    return ok;
}

bool sweep_there(const char *study, const PlaceOptions *said, Arena *arena, Config **config, bool *there,
                 Error *err)
{
    Place place;
    *there = true;
    return !study || !names_config(study)
        || (config_read(study, NULL, 0, arena, config, err)
            && place_of_config(*config, said, arena, &place, err)
            && name_is_taken(&place, arena, there, err));
}

bool sweep_prepare(Config *config, const PlaceOptions *said, Arena *arena, Place *place, Error *err)
{
    Error closing;
    Store *store = NULL;
    Sweep sweep = {0};
    bool ok = prepare(config, said, false, arena, &sweep, err)
           && begin(config, arena, &sweep, &store, err)
           && store_study_end(store, sweep.info.id, "STOPPED", err);
    *place = sweep.place;
    if (store && !store_close(store, &closing) && ok) {
        *err = closing;
        return false;
    }
    return ok;
}

/* -1: it is none of several. */
static int rank_of(const Course *c)
{
    return c->options->ranks ? ranks_rank(c->options->ranks) : -1;
}

/* The study's space was edited: from here on it is that. Of what the study is, nothing else changes. */
static bool take_edit(Course *c, Error *err)
{
    EditedSpace edited;
    Runner runner;
    Config *config = c->config;
    Sweep *sweep = c->sweep;
    StudyInfo info;
    if (!edited_read(&sweep->place, c->arena, &edited, err)) return false;
    if (edited.version <= config->space_version)
        return error_set(err, ERR_STORE, "%s: the edit of the search space cannot be read back; the same"
                         " command again goes on with it", sweep->place.db);
    if (!edited_take(config, &edited, c->arena, err) || !transfer_read(config, c->arena, err)
        || !describe(config, &sweep->data, c->arena, &info, err)
        || !config->kind->create(config, &sweep->data, sweep->place.folder, c->arena, &runner, err))
        return false;
    config->kind->destroy(&c->runner);
    c->runner = runner;
    info.id = sweep->info.id;
    info.created_utc = sweep->info.created_utc;
    info.config_sha256 = sweep->info.config_sha256;
    sweep->info = info;
    say(c, true, "study %s: the search space is version %d, from trial %d on", info.name, edited.version,
        edited.from_trial);
    return true;
}

/* ---- workers for a study that another process runs --------------------------------------------- */

/* Lends workers until the study is over: `*over`. Or nobody runs it, also because the process that did
 * is gone: then it is this one's to run. */
static bool join(Course *c, bool *over, Error *err)
{
    const char *name = c->config->name;
    PeerFacts facts;
    if (!self_facts(c->config, &c->sweep->info, c->sweep->place.folder, rank_of(c), c->arena, &facts, err))
        return false;
    JoinOptions options = {.folder = c->sweep->place.folder, .identity = c->sweep->identity, .facts = &facts,
                           .space = c->config->space, .runner = &c->runner, .jobs = c->sweep->jobs,
                           .link = ranks_link(c->options->ranks),
                           .stop = c->options->stop, .on_trial = c->options->on_joined_trial,
                           .context = c->options->context};
    JoinSummary summary;
    if (!study_join(&options, &summary, err)) return false;
    *over = summary.end == JOIN_ENDED || summary.end == JOIN_STOPPED;
    if (summary.end == JOIN_REFUSED)
        return error_set(err, ERR_CONFIG, "cannot join study %s: %s", name, summary.text);
    if (summary.end == JOIN_ENDED) say(c, false, "study %s: %s", name, summary.text);
    if (summary.end == JOIN_LOST) say(c, false, "the process that ran study %s is gone", name);
    if (summary.end != JOIN_NOBODY)
        say(c, false, "%d trial%s trained here", summary.n_trials, summary.n_trials == 1 ? " was" : "s were");
    return summary.end != JOIN_EDITED || take_edit(c, err);
}

static bool is_stopped(const SweepOptions *options)
{
    return options->stop && atomic_load(options->stop);
}

/* A study that another process has begun meanwhile has its own lookback, and has taken from earlier ones
 * what it has taken: these are part of what it is. */
static bool adopt(const Course *c, bool *changed, Error *err)
{
    Sweep *sweep = c->sweep;
    int before = c->config->run.lookback;
    if (!lookback_settle(c->config, &sweep->place, c->arena, &sweep->raised, err)
        || !transfer_adopt(c->config, &sweep->place, c->arena, changed, err))
        return false;
    *changed |= c->config->run.lookback != before;
    if (!*changed) return true;
    sweep->jobs = sweep_jobs(c->config);
    if (!describe(c->config, &sweep->data, c->arena, &sweep->info, err)) return false;
    sweep->identity = study_identity(&sweep->info, c->arena);
    return sweep->identity || error_memory(err);
}

/* Joins whoever runs the study, or begins to run it. Between the two lie moments: of several that find nobody
 * one gets the lease, and the others find that one as soon as it listens. */
static bool join_or_begin(Course *c, bool *over, Error *err)
{
    enum { TRIES = 50 };
    bool joins = c->options->join;
    for (int i = 0;; i++) {
        bool changed = false;
        Error ignored;
        if (joins && !join(c, over, err)) {
            if (err->code != ERR_CONFIG || i == TRIES || !adopt(c, &changed, &ignored) || !changed)
                return false;
            continue;
        }
        if (*over || begin(c->config, c->arena, c->sweep, &c->store, err)) return true;
        if (err->code == ERR_CONFIG && i < TRIES && adopt(c, &changed, &ignored) && changed) {
            store_close(c->store, NULL);
            c->store = NULL;
            continue;
        }
        if (!joins || err->code != ERR_STORE || i == TRIES || is_stopped(c->options)) return false;
        store_close(c->store, NULL);
        c->store = NULL;
        nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    }
}

/* ---- all trials ---------------------------------------------------------------------------------- */

/* Until it ends, or its space is edited. */
static bool run_once(const Course *c, double time_cap, Error *err)
{
    const Config *config = c->config;
    Sweep *sweep = c->sweep;
    PeerFacts facts;
    if (!self_facts(config, &sweep->info, sweep->place.folder, rank_of(c), c->arena, &facts, err)) return false;
    const StudyLink *link = ranks_link(c->options->ranks);
    const bool numbered = part_by_number(config), part = config->n_parts > 0;
    StudyOptions options = {
        .space = config->space, .sampler = config->sampler, .pruner = &config->pruner,
        .runner = c->runner, .store = c->store, .info = &sweep->info,
        .folder = sweep->place.folder, .maximize = config->maximize, .goals = &config->goals,
        .jobs = link ? 0 : sweep->jobs, .link = link, .jobs_alone = sweep->jobs,
        .lookback = config->run.lookback, .async = config->run.async, .epochs = config->full_epochs,
        .race = config->repeats, .n_folds = sweep->data.split ? sweep->data.split->n_folds : 1,
        .cost_trials = config->cost_aware, .run_cap = numbered ? config->run_cap : part_trials(config),
        .part = config->part, .n_parts = numbered ? config->n_parts : 0, .numbered = numbered,
        .time_cap_s = time_cap, .max_failed = config->run.max_failed,
        .plateau_trials = config->plateau.trials, .plateau_delta = config->plateau.min_delta,
        .finalists = config->finalists.top, .repeats = part ? 0 : config->finalists.seeds,
        .keep_models = config->run.keep_models, .disk_cap_bytes = config->run.disk_cap,
        .identity = sweep->identity, .facts = &facts, .takes_edits = !link,
        .n_enqueued = config->n_enqueued, .enqueued = config->enqueued,
        .enqueued_source = config->enqueued_source, .transfer = config->transferred,
        .stop = c->options->stop, .on_event = c->options->on_event, .on_line = c->options->on_line,
        .context = c->options->context};
    sweep->ended = study_run(&options, &sweep->summary, err);
    return sweep->ended;
}

/* With every edit it takes in: the time that it may take is that of all. */
static bool run_trials(Course *c, Error *err)
{
    const double cap = c->config->run.time_cap;
    double took = 0;
    for (;;) {
        if (!run_once(c, cap > 0 ? fmax(cap - took, 1e-3) : 0, err)) return false;
        took += c->sweep->summary.seconds;
        c->sweep->summary.seconds = took;
        if (c->sweep->summary.end != STUDY_EDITED) return true;
        c->sweep->ended = false;
        if (!take_edit(c, err)) return false;
    }
}

/* Of a rank above 0. Who is refused after all says so itself; the job goes on without it. */
static bool train_for_rank_0(Course *c, Error *err)
{
    Ranks *ranks = c->options->ranks;
    const Doc *said;
    bool over = false;
    return ranks_hear(ranks, true, NULL, &said, err)
        && (join(c, &over, err)
            || error_wrap(err, "rank %d (%s)", ranks_rank(ranks), ranks_host(ranks, ranks_rank(ranks))));
}

static bool say_together(const Course *c, Error *err)
{
    bool idle;
    const char *line = together_said(c->config, c->options->ranks, c->sweep->seats, &idle, c->arena);
    if (!line) return error_memory(err);
    say(c, idle, "%s", line);
    return true;
}

static bool run(Course *c, Error *err)
{
    Sweep *sweep = c->sweep;
    Ranks *ranks = c->options->ranks;
    const Doc *said;
    bool over = false;
    if (ranks_rank(ranks) > 0) return train_for_rank_0(c, err);
    const bool ok = join_or_begin(c, &over, err);
    if (!ranks_hear(ranks, ok, NULL, &said, err)) return false;
    if (over) return true;
    if (ranks && !say_together(c, err)) return false;
    if (sweep->raised) say(c, true, "%s", sweep->raised);
    const char *transferred = NULL;
    if (!sweep->start.resumed && !transfer_told(c->config, c->arena, &transferred, err)) return false;
    if (transferred) say(c, false, "%s", transferred);
    if (sweep->edited) say(c, true, "study %s: %s", sweep->info.name, sweep->edited);
    for (int i = 0; store_notice(c->store, i); i++)
        say(c, true, "%s: %s", sweep->place.db, store_notice(c->store, i));
    if (c->options->on_begin) c->options->on_begin(c->options->context, sweep);
    return run_trials(c, err);
}

/* Fewer jobs, said, where the system does not give all the threads they take, and two for the study itself:
 * then it is the same study, slower. */
static bool fit_threads(const Course *c, Error *err)
{
    Sweep *sweep = c->sweep;
    const int each = c->config->kind->trains ? c->config->run.threads_per_trial : 1;
    const int wanted = sweep->jobs * each + 2, had = threads_possible(wanted);
    if (had == wanted) return true;
    int jobs = (had - 2) / each;
    sweep->jobs = jobs < 1 ? 1 : jobs < sweep->jobs ? jobs : sweep->jobs;
    const char *line = arena_print(c->arena, "this system gives %d of the %d threads for this many jobs: %d at"
                                   " once; raise the limits on processes and memory (ulimit -u, -v), or give"
                                   " --jobs", had, wanted, sweep->jobs);
    if (!line) return error_memory(err);
    say(c, true, "%s", line);
    return true;
}

/* Rank 0 knows which study it is; the others hear it. */
static bool settle(const Course *c, Error *err)
{
    Place place;
    EditedSpace edited = {0};
    Config *config = c->config;
    const SweepOptions *o = c->options;
    const bool ok = ranks_rank(o->ranks) > 0
                 || ((!o->fresh || fresh_name(config, &o->place, c->arena, err))
                     && place_of_config(config, &o->place, c->arena, &place, err)
                     && lookback_settle(config, &place, c->arena, &c->sweep->raised, err)
                     && costs_settle(config, &place, c->arena, err)
                     && edited_read(&place, c->arena, &edited, err)
                     && transfer_settle(config, &place, c->arena, err));
    return together_settle(config, o->ranks, ok, &edited, c->arena, err);
}

bool sweep_run(Config *config, const SweepOptions *options, Arena *arena, Sweep *sweep, Error *err)
{
    Error closing;
    Course c = {.config = config, .options = options, .arena = arena, .sweep = sweep};
    Ranks *ranks = options->ranks;
    *sweep = (Sweep){0};
    if (ranks && !settle(&c, err)) return false;
    const bool turn = ranks_turn(ranks, err) && kernels_take((Isa)config->run.isa, err) && mat_init(err)
                   && prepare(config, &options->place, options->fresh && ranks_rank(ranks) == 0, arena, sweep,
                              err);
    const bool created = turn
                      && config->kind->create(config, &sweep->data, sweep->place.folder, arena, &c.runner, err);
    if (created && !ranks && sweep->jobs < config->run.jobs)
        say(&c, true, "%s", sweep_fewer_jobs(config, arena));
    bool ok = created && fit_threads(&c, err);
    const TogetherRank self = {config, &sweep->info, sweep->place.folder, sweep->jobs};
    ok = together_ready(&self, ranks, ok, &sweep->seats, arena, err) && run(&c, err);
    if (created) config->kind->destroy(&c.runner);
    /* The time of creation lives in the store, which goes now. */
    if (ok && sweep->info.created_utc) sweep->info.created_utc = arena_copy(arena, sweep->info.created_utc);
    if (!c.store || store_close(c.store, &closing) || !ok) return ok;
    *err = closing;
    return false;
}

/* ---- one trial, no search ------------------------------------------------------------------------ */

bool sweep_single(Config *config, Arena *arena, Error *err)
{
    char identity[65];
    if (config->run.lookback == 0) config->run.lookback = LOOKBACK_ONCE; /* one trial looks at nothing */
    config->lookback_auto = false;
    config->cost_aware = 0;
    part_forget(config);
    if (!config_identity(config, identity, err)) return false;
    config->name = arena_print(arena, "%s@%.8s", config->name, identity);
    config->run_cap = 1;
    config->single = true;
    config->transfer = NULL;
    if (!config_enqueue(config, arena, err)) return false;
    config->run.time_cap = 0;
    config->finalists.seeds = 0;
    config->pruner.type = PRUNER_NONE;
    if (config->run.dir || config->run.db) config->run.dir = config->run.db = NULL;
    return config->name || error_memory(err);
}

const char *sweep_single_model(const Sweep *sweep, Arena *arena)
{
    return place_file(&sweep->place, "artifacts/trial-000000.consort", arena);
}
