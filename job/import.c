/* job/import.c - reads another tool's trials, matches them to the study's space, and adds what fits. */
#include "job/import.h"

#include <math.h>
#include <string.h>

#include "base/doc.h"
#include "base/file.h"
#include "job/open.h"
#include "job/part.h"
#include "job/sweep.h"
#include "tuner/store/curate.h"

const char *const import_tools[] = {IMPORT_TOOL_LIST(LIST_NAME) NULL};

typedef struct {
    const ImportOptions *o;
    Arena *arena;
    OpenStudy open;
    bool there;
    Config *config;
    ForeignStudy foreign;
    int n_goals;     /* of several that are measured; 0: one metric */
    const Goal *goals[PARETO_MOST]; /* (n_goals) */
    double *values;  /* (foreign.n, n_goals) */
    TrialRow *rows;  /* (out->n_fit) */
    MetricRow *metrics; /* (out->n_fit, n_goals) */
    Imported *out;
} Import;

/* ---- the two sides ------------------------------------------------------------------------------- */

static bool find_study(Import *in, Error *err)
{
    const ImportOptions *o = in->o;
    Config *config = NULL;
    Place place;
    if (!sweep_there(o->study, &o->place, in->arena, &config, &in->there, err)) return false;
    if (!in->there) { /* it is made once there is something to put into it */
        in->config = config;
        in->open.study = (StudyInfo){.name = config->name, .maximize = config->maximize,
                                     .metric = config->metric_full};
        return true;
    }
    return place_find(o->study, &o->place, in->arena, &place, err)
        && study_open(&place, in->arena, &in->open, err) && study_config(&in->open, &in->config, err)
        && part_refuse(in->config, "nothing is imported into", err);
}

static bool make_study(Import *in, Error *err)
{
    const ImportOptions *o = in->o;
    Place place;
    if (!sweep_prepare(in->config, &o->place, in->arena, &in->out->made, err)
        || !place_find(o->study, &o->place, in->arena, &place, err)
        || !study_open(&place, in->arena, &in->open, err))
        return false;
    for (int i = 0; i < in->out->n_fit; i++) in->rows[i].seed = in->open.study.seed;
    return true;
}

static bool check_renames(const Import *in, Error *err)
{
    const Space *space = in->config->space;
    const char **names = ARENA_NEW(in->arena, const char *, space->n_params + 1);
    if (!names) return error_memory(err);
    for (int p = 0; p < space->n_params; p++) names[p] = space->params[p].name;
    for (int i = 0; i < in->o->n_renames; i++) {
        const Rename *rename = &in->o->renames[i];
        bool known = !*rename->to;
        for (int p = 0; p < space->n_params; p++) known |= strcmp(names[p], rename->to) == 0;
        if (known) continue;
        const char *said = arena_print(in->arena, "%s=%s", rename->from, rename->to);
        if (!said) return error_memory(err);
        return error_set(err, ERR_CONFIG, "--map %.60s: this study has no parameter `%.60s`%s", said,
                         rename->to, names_suggest(rename->to, names, "").text);
    }
    return true;
}

/* One of our own, named as everywhere: folder, database, DATABASE:NAME, name in runs/, configuration. */
static bool read_study(Import *in, const char *metric, ForeignStudy *out, Error *err)
{
    Place place;
    if (!in->o->file || !place_find(in->o->file, NULL, in->arena, &place, err)) return false;
    const char *name = in->o->foreign_study ? in->o->foreign_study : place.name;
    return foreign_read_study(place.db, name, metric, in->arena, out, err);
}

/* The trials with the score that is called `metric`; NULL: one of the names that `own` may have there.
 * `place`: which it is of several that have no names, from 0. */
static bool read_scores(Import *in, const char *metric, const char *own, int place, ForeignStudy *out,
                        Error *err)
{
    const char *from = in->o->from, *path = in->o->file;
    const char *bare = strncmp(own, "val_", 4) == 0 ? own + 4 : own;
    const char *slashed = arena_print(in->arena, "val/%s", bare);
    const char *column = arena_print(in->arena, "values_%d", place);
    const char *objective = arena_print(in->arena, "#%d", place);
    const bool alone = in->n_goals == 0;
    const char *const metrics[] = {own, bare, slashed, alone ? "value" : column, alone ? column : objective,
                                   NULL};
    if (!slashed || !column || !objective) return error_memory(err);
    if (!from) return error_set(err, ERR_CONFIG, "--from is missing: optuna, csv, wandb-csv or consort");
    int tool = names_find(import_tools, from);
    switch (tool) {
    case IMPORT_OPTUNA:
        return foreign_read_optuna(path, in->o->foreign_study, metric, metrics, in->arena, out, err);
    case IMPORT_CSV: case IMPORT_WANDB_CSV:
        return foreign_read_csv(path, tool == IMPORT_WANDB_CSV, metric, metrics, in->arena, out, err);
    case IMPORT_CONSORT:
        return read_study(in, alone ? metric : own, out, err);
    default:
        return error_set(err, ERR_CONFIG, "--from %.40s: %s", from,
                         names_suggest_as("did you mean ", "", from, import_tools,
                                          "one of optuna, csv, wandb-csv, consort").text);
    }
}

/* Each goal that is measured is a score of its own there; what it costs is known from the configuration. */
static bool read_goals(Import *in, Error *err)
{
    const Goals *goals = &in->config->goals;
    if (in->o->metric)
        return error_set(err, ERR_CONFIG, "--metric names one score, and study %s has several `metrics`; each"
                         " is looked for by its own name", in->open.study.name);
    for (int g = 0; g < goals->n; g++)
        if (!goals->goal[g].cost) in->goals[in->n_goals++] = &goals->goal[g];
    for (int g = 0; g < in->n_goals; g++) {
        const Goal *goal = in->goals[g];
        ForeignStudy one;
        if (!read_scores(in, NULL, goal->name, g, &one, err)) return error_wrap(err, "`%s`", goal->name);
        if (one.goal != 0 && (one.goal > 0) != goal->maximize)
            return error_set(err, ERR_DATA, "%s: `%.60s` is to be %s there, but %s in this study", in->o->file,
                             goal->name, one.goal > 0 ? "maximized" : "minimized",
                             goal->maximize ? "maximized" : "minimized");
        if (g == 0) {
            in->foreign = one;
            in->values = ARENA_NEW(in->arena, double, one.n * in->n_goals + 1);
            if (!in->values) return error_memory(err);
        }
        if (one.n != in->foreign.n)
            return error_set(err, ERR_DATA, "%s changed while it was read", in->o->file);
        for (int i = 0; i < one.n; i++) {
            in->values[i * in->n_goals + g] = one.trials[i].score;
            if (!in->foreign.trials[i].useless) in->foreign.trials[i].useless = one.trials[i].useless;
        }
    }
    return true;
}

static bool read_foreign(Import *in, Error *err)
{
    if (in->config->goals.n > 0) return read_goals(in, err);
    return read_scores(in, in->o->metric, in->open.study.metric, 0, &in->foreign, err);
}

/* A score that is to grow says nothing about one that is to shrink. */
static bool check_goal(const Import *in, Error *err)
{
    const ForeignStudy *foreign = &in->foreign;
    const StudyInfo *study = &in->open.study;
    if (in->n_goals > 0) return true; /* each was looked at */
    if (foreign->goal == 0 || (foreign->goal > 0) == study->maximize) return true;
    return error_set(err, ERR_DATA,
                     "%s: %s is to be %s there, but %s is to be %s in this study; --metric NAME takes"
                     " another objective", in->o->file, foreign->metric ? foreign->metric : "the score",
                     foreign->goal > 0 ? "maximized" : "minimized", study->metric,
                     study->maximize ? "maximized" : "minimized");
}

/* ---- row by row ------------------------------------------------------------------------------------ */

static const char *trace_of(const Import *in, const ForeignTrial *trial)
{
    Doc *doc = doc_object();
    Text text = {0};
    doc_set_text(doc, "kind", "import");
    doc_set_text(doc, "from", in->foreign.tool);
    doc_set_text(doc, "file", path_base(in->o->file));
    doc_set_text(doc, "place", trial->where);
    const char *json = doc_print(doc, 0, &text) ? arena_copy(in->arena, text.bytes) : NULL;
    text_free(&text);
    doc_free(doc);
    return json;
}

static bool take(Import *in, const Value *values, int i, Error *err)
{
    const ForeignTrial *trial = &in->foreign.trials[i];
    Text json = {0};
    char *hash = ARENA_NEW(in->arena, char, 65);
    TrialRow row = {.state = TRIAL_COMPLETE, .source = trial_source_names[SOURCE_IMPORT],
                    .seed = in->open.study.seed,
                    .value = trial->score, .value_sd = NAN, .trace = trace_of(in, trial)};
    if (hash && space_json(in->config->space, values, &json)) row.params = arena_copy(in->arena, json.bytes);
    text_free(&json);
    if (!row.params || !row.trace) return error_memory(err);
    space_hash(in->config->space, values, hash);
    row.params_hash = hash;
    for (int g = 0; g < in->n_goals; g++)
        in->metrics[in->out->n_fit * in->n_goals + g] = (MetricRow){
            in->goals[g]->split, -1, in->goals[g]->key, in->values[i * in->n_goals + g], NAN, NAN};
    in->rows[in->out->n_fit++] = row;
    return true;
}

static bool refuse(Import *in, const char *where, const Error *why, Error *err)
{
    Refused *refused = &in->out->refused[in->out->n_refused++];
    *refused = (Refused){where, arena_copy(in->arena, why->message)};
    return refused->why || error_memory(err);
}

static bool match(Import *in, Error *err)
{
    Arena *scratch = arena_create(0);
    const int n = in->foreign.n;
    in->rows = ARENA_NEW(in->arena, TrialRow, n + 1);
    in->metrics = ARENA_NEW(in->arena, MetricRow, n * in->n_goals + 1);
    in->out->refused = ARENA_NEW(in->arena, Refused, n + 1);
    Value *values = ARENA_NEW(in->arena, Value, in->config->space->n_params + 1);
    bool ok = (scratch && in->rows && in->metrics && in->out->refused && values) || error_memory(err);
    for (int i = 0; ok && i < n; i++) {
        const ForeignTrial *trial = &in->foreign.trials[i];
        Error why;
        arena_reset(scratch);
        if (trial->useless) in->out->n_not_complete++;
        else if (foreign_match(in->config->space, &in->foreign, i, in->o->renames, in->o->n_renames, scratch,
                               values, &why))
            ok = take(in, values, i, err);
        else if (why.code == ERR_MEMORY) ok = error_memory(err);
        else ok = refuse(in, trial->where, &why, err);
    }
    arena_destroy(scratch);
    return ok;
}

static bool add(Import *in, Error *err)
{
    bool ok = study_open_writer(&in->open, err)
           && curate_add(in->open.store, in->open.study.id, in->rows, in->metrics, in->n_goals, in->out->n_fit,
                         &in->out->n_added, err);
    return study_close_writer(&in->open, ok, err);
}

bool import_trials(const ImportOptions *options, Arena *arena, Imported *out, Error *err)
{
    Import in = {.o = options, .arena = arena, .out = out};
    *out = (Imported){0};
    bool ok = find_study(&in, err) && check_renames(&in, err) && read_foreign(&in, err)
           && check_goal(&in, err);
    out->study = in.open.study.name;
    out->n_found = in.foreign.n;
    ok = ok && match(&in, err);
    study_close(&in.open);
    if (!ok || options->dry || (!in.there && out->n_fit == 0)) return ok;
    if (!in.there) {
        ok = make_study(&in, err);
        study_close(&in.open);
    }
    return ok && add(&in, err);
}
