/* api/study_run.c - a configuration and rows become a study, told on the way as JSON. */
#include "api/parts.h"

#include <stdlib.h>
#include <string.h>

#include "base/mat.h"
#include "job/effort.h"
#include "job/products.h"
#include "job/start.h"
#include "job/sweep.h"
#include "tuner/store/rows.h"

struct consort_stop {
    atomic_int is_set;
};

consort_stop *consort_stop_create(void)
{
    return calloc(1, sizeof(consort_stop));
}

void consort_stop_set(consort_stop *stop)
{
    atomic_store(&stop->is_set, 1);
}

void consort_stop_close(consort_stop *stop)
{
    free(stop);
}

/* ---- what is wanted ------------------------------------------------------------------------------ */

enum { OWN_OVERRIDES = 8 };
static const char train_path[] = "memory:train", test_path[] = "memory:test";

typedef struct {
    consort_study_options said;
    Arena *arena;
    Override *over;
    int n_over;
    const char *train, *test; /* files, or memory:NAME; NULL: not given here */
    GivenRows given[2];
    int n_given;
    atomic_int own_stop, *stop;
} Course;

/* KEY="VALUE", or without quotes. */
static bool put(Course *c, const char *key, const char *value, bool quote, Error *err)
{
    Text text = {0};
    if (!value) return true;
    text_print(&text, "%s=", key);
    if (quote) text_json(&text, value);
    else text_add(&text, value);
    const char *assignment = text_ok(&text) ? arena_copy(c->arena, text.bytes) : NULL;
    text_free(&text);
    if (!assignment) return error_memory(err);
    c->over[c->n_over++] = (Override){assignment, NULL};
    return true;
}

static bool take_rows(Course *c, const consort_rows *rows, const char *path, const char **out, Error *err)
{
    consort_rows from;
    *out = NULL;
    if (!rows) return true;
    if (!api_take(rows, &from, sizeof from, "consort_rows", err)) return false;
    *out = from.file ? from.file : path;
    return from.file || api_given(&from, path, c->arena, &c->given[c->n_given++], err);
}

static bool take_overrides(Course *c, bool from_config, Error *err)
{
    const consort_study_options *o = &c->said;
    char number[32];
    if (o->n_set < 0 || (o->n_set > 0 && !o->set))
        return error_set(err, ERR_INVALID, "consort_study_options: `n_set` is %d, and `set` is not there",
                         o->n_set);
    c->over = ARENA_NEW(c->arena, Override, (size_t)o->n_set + OWN_OVERRIDES);
    if (!c->over) return error_memory(err);
    if (from_config && (!put(c, "data.train", c->train, true, err) || !put(c, "data.test", c->test, true, err)))
        return false;
    for (int i = 0; i < o->n_set; i++) {
        if (!o->set[i]) return error_set(err, ERR_INVALID, "consort_study_options: `set` has no entry %d", i);
        c->over[c->n_over++] = (Override){o->set[i], NULL};
    }
    if (!put(c, "data.label", o->label, true, err) || !put(c, "name", o->name, true, err)) return false;
    if (o->jobs > 0 && !put(c, "run.jobs", arena_print(c->arena, "%d", o->jobs), false, err)) return false;
    return o->time_s <= 0 || put(c, "run.time_cap", text_number(o->time_s, number), false, err);
}

static bool of_config(Course *c, Config **out, Error *err)
{
    const consort_study_options *o = &c->said;
    if (o->effort)
        return error_set(err, ERR_INVALID,
                         "`effort` goes with rows that have no configuration; in a configuration"
                         " run_cap says how much is done");
    const bool ok = o->config
        ? config_read_said("config", o->config, "", c->over, c->n_over, c->arena, out, err)
        : config_read(o->config_file, c->over, c->n_over, c->arena, out, err);
    if (!ok) return false;
    (*out)->data.read.given = c->given;
    (*out)->data.read.n_given = c->n_given;
    return true;
}

static bool of_rows(Course *c, Config **out, Error *err)
{
    const consort_study_options *o = &c->said;
    const StartData start = {.data = c->train, .test = c->test, .given = c->given, .n_given = c->n_given,
                             .no_test = o->no_test != 0,
                             .asked = {.effort = o->effort, .time_s = o->time_s, .jobs = o->jobs}};
    if (!c->train)
        return error_set(err, ERR_INVALID,
                         "consort_study_options: neither a configuration nor training rows are"
                         " given");
    if (o->effort && o->time_s > 0)
        return error_set(err, ERR_INVALID, "`effort` and `time_s` both say how much is done; keep one");
    return start_config(&start, c->over, c->n_over, c->arena, out, err);
}

static bool configure(Course *c, Config **out, Error *err)
{
    const consort_study_options *o = &c->said;
    const bool from_config = o->config || o->config_file;
    if (o->config && o->config_file)
        return error_set(err, ERR_INVALID, "consort_study_options: `config` and `config_file` are both given");
    return take_rows(c, o->train, train_path, &c->train, err) && take_rows(c, o->test, test_path, &c->test, err)
        && take_overrides(c, from_config, err) && (from_config ? of_config : of_rows)(c, out, err);
}

/* ---- what is told -------------------------------------------------------------------------------- */

static void say_epoch(const EpochRow *epoch, Doc *doc)
{
    Doc *to = doc_set(doc, "epoch", doc_object());
    doc_set_number(to, "fold", epoch->fold);
    doc_set_number(to, "epoch", epoch->epoch);
    doc_set_number(to, "train_loss", epoch->train_loss);
    doc_set_number(to, "val_loss", epoch->val_loss);
    doc_set_number(to, "val_metric", epoch->val_metric);
}

static void say_trial(const TrialRow *row, Doc *doc)
{
    Doc *trial = doc_set(doc, "trial", doc_object());
    record_doc(&trial_columns, IN_JSON, row, trial);
    if (row->params) doc_set(trial, "params", doc_parse(row->params, strlen(row->params), NULL));
}

static void on_event(void *context, const StudyEvent *event)
{
    static const char *const names[] = {[EVENT_TRIAL_START] = "trial_start", [EVENT_EPOCH] = "epoch",
                                        [EVENT_TRIAL_END] = "trial_end", [EVENT_TRIAL_PAUSE] = "trial_pause",
                                        [EVENT_TRIAL_RESUME] = "trial_resume",
                                            [EVENT_REPEAT_END] = "repeat_end"};
    Course *c = context;
    Text text = {0};
    if (!c->said.on_event || (event->kind == EVENT_EPOCH && !c->said.epochs)) return;
    Doc *doc = doc_object();
    doc_set_text(doc, "event", names[event->kind]);
    doc_set_number(doc, "number", event->number);
    if (event->kind == EVENT_TRIAL_END) doc_set_bool(doc, "is_best", event->is_best);
    if (event->kind == EVENT_REPEAT_END) doc_set_number(doc, "run", event->run);
    if (event->kind == EVENT_EPOCH) say_epoch(event->epoch, doc);
    else if (event->row) say_trial(event->row, doc);
    doc_set_number(doc, "n_complete", event->n_complete);
    doc_set_number(doc, "n_failed", event->n_failed);
    doc_set_number(doc, "best_number", event->best_number);
    doc_set_number(doc, "best_value", event->best_value);
    /* Without memory the event is left out: the trial is in the database all the same. */
    if (doc_print(doc, 0, &text) && text_ok(&text) && c->said.on_event(c->said.context, text.bytes))
        atomic_store(c->stop, 1);
    text_free(&text);
    doc_free(doc);
}

static void on_line(void *context, bool notice, const char *line)
{
    const Course *c = context;
    if (c->said.on_line) c->said.on_line(c->said.context, notice, line);
}

/* ---- a study ------------------------------------------------------------------------------------- */

static bool run(Course *c, bool single, consort_study *study, Error *err)
{
    Config *config;
    Sweep *sweep = ARENA_NEW(c->arena, Sweep, 1);
    SweepOptions options = {.place = {.dir = c->said.dir}, .fresh = c->said.fresh != 0, .on_event = on_event,
                            .on_line = on_line, .context = c};
    if (!sweep) return error_memory(err);
    if (!configure(c, &config, err) || (single && !sweep_single(config, c->arena, err))) return false;
    options.stop = c->stop;
    for (int i = 0; i < config->n_notices; i++) on_line(c, true, config->notices[i]);
    bool ok = sweep_run(config, &options, c->arena, sweep, err)
           && finished_of_sweep(sweep, config, c->arena, &study->finished, err);
    config->data.read.given = NULL; /* the caller's, as long as this call */
    config->data.read.n_given = 0;
    if (!ok) return false;
    study->has_finished = true;
    study->end = study_end_names[sweep->summary.end];
    return api_look_at(study, &sweep->place, err);
}

static bool make_products(consort_study *study, char **json, Error *err)
{
    Products products;
    Text text = {0};
    if (!products_make(&study->finished, &products, err)) return false;
    Doc *doc = doc_object();
    doc_set_text(doc, "model", products.model);
    doc_set_text(doc, "c", products.source);
    doc_set_text(doc, "no_c", products.no_source);
    doc_set_text(doc, "report", products.page);
    doc_set(doc, "test", products.test ? doc_copy(products.test) : NULL);
    doc_set(doc, "best_test", products.best_test ? doc_copy(products.best_test) : NULL);
    const bool ok = !json || ((doc_print(doc, 0, &text) || error_memory(err)) && api_give(&text, json, err));
    text_free(&text);
    doc_free(doc);
    products_free(&products);
    return ok;
}

static int begin(const consort_study_options *options, bool single, bool products, consort_study **out,
                 char **json,
                 consort_error *error)
{
    Error err = {0};
    Arena *arena = arena_create(0);
    consort_study *study = arena ? ARENA_NEW(arena, consort_study, 1) : NULL;
    Course c = {.arena = arena};
    *out = NULL;
    if (json) *json = NULL;
    if (!study) {
        arena_destroy(arena);
        return api_end(error_memory(&err), error, &err);
    }
    study->arena = arena;
    bool ok = api_take(options, &c.said, sizeof c.said, "consort_study_options", &err);
    c.stop = c.said.stop ? &c.said.stop->is_set : &c.own_stop;
    ok = ok && run(&c, single, study, &err) && (!products || make_products(study, json, &err));
    if (ok) *out = study;
    else consort_study_close(study);
    return api_end(ok, error, &err);
}

int consort_sweep(const consort_study_options *options, consort_study **out, consort_error *error)
{
    return begin(options, false, false, out, NULL, error);
}

int consort_train(const consort_study_options *options, consort_study **out, consort_error *error)
{
    return begin(options, true, false, out, NULL, error);
}

int consort_run(const consort_study_options *options, consort_study **out, char **json, consort_error *error)
{
    return begin(options, false, true, out, json, error);
}
