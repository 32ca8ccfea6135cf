/* job/ask_session.c - answers questions about one search, read from a sweep file. */
#include "job/ask_session.h"

#include <math.h>
#include <string.h>

#include "base/conf.h"
#include "base/mat.h"
#include "base/names.h"
#include "job/config.h"
#include "job/kind.h"
#include "job/transfer.h"
#include "job/transferred.h"
#include "tuner/search/ask_tell.h"
#include "tuner/search/samplers.h"
#include "tuner/trial/command.h"
#include "tuner/trial/loose.h"

struct AskSession {
    AskOptions o;
    Space *space;
    const ConfNode *parameters; /* which it was read from */
    const Sampler *sampler;
    const Transfer *transfer;
    int seed;
    bool maximize;
    AskTell *search;
    Arena *line;     /* what one question needs */
    Value *values;   /* (n_params) */
};

/* ---- the space ---- */

/* A sweep file will do as it is: what is not about the search is left alone. */
static const char *const known_keys[] = {
    "parameters", "method", "metric", "constraints", "run", "name", "description", "project",
    "run_cap", "early_terminate", "cost_aware", "finalists", "preset", "numbers", "baseline",
    "portfolio", "enqueue", "transfer", "data", "train", "stop", "ensemble", "report", "apiVersion", "kind",
    "entity", "program", "command", "job", "image_uri", "controller", NULL};

static bool read_method(const ConfNode *root, AskSession *session, Error *err)
{
    const ConfNode *node = conf_get(root, "method");
    const char *given = session->o.method;
    const char *method = given ? given : node && node->text ? node->text : "bayes";
    session->sampler = sampler_find(method);
    if (session->sampler) return true;
    Suggestion cure = names_suggest_as("did you mean ", "", method, sampler_names, "one of " SAMPLER_METHODS);
    if (given) return error_set(err, ERR_CONFIG, "--method %.60s: unknown; %s", method, cure.text);
    return conf_error(node, err, "unknown method `%.60s`; %s", method, cure.text);
}

static bool read_goal(const ConfNode *root, AskSession *session, Error *err)
{
    const ConfNode *metric = conf_get(root, "metric"), *goal = conf_get(metric, "goal");
    if (!goal) return true;
    session->maximize = goal->text && strcmp(goal->text, "maximize") == 0;
    return session->maximize || (goal->text && strcmp(goal->text, "minimize") == 0)
        || conf_error(goal, err, "`goal` is minimize or maximize");
}

static bool read_seed(const ConfNode *root, AskSession *session, Error *err)
{
    const ConfNode *node = conf_get(conf_get(root, "run"), "seed");
    session->seed = session->o.seed >= 0 ? session->o.seed : 0;
    if (!node) return true;
    if (!node->integer || node->number < 0 || node->number > 2147483647)
        return conf_error(node, err, "`seed` is a whole number from 0 to 2147483647");
    if (session->o.seed < 0) session->seed = (int)node->number;
    return true;
}

static bool any_metric(const char *name)
{
    (void)name;
    return true;
}

/* Metrics are what a program calls them, and no place has a study that would know more. */
static bool read_transfer(const ConfNode *root, AskSession *session, Arena *arena, Error *err)
{
    const ConfNode *name = conf_get(conf_get(root, "metric"), "name");
    Config config = {.transfer = conf_get(root, "transfer"), .space = session->space, .kind = &program_kind,
                     .sampler = session->sampler, .method = session->sampler->name, .name = "",
                     .metric_full = name ? name->text : NULL, .maximize = session->maximize};
    if (!transfer_read(&config, arena, err) || !transfer_settle(&config, NULL, arena, err)) return false;
    session->transfer = config.transferred;
    return true;
}

static bool read_session(AskSession *session, Arena *arena, Error *err)
{
    Conf *conf;
    const char *file = session->o.file;
    int64_t n_points;
    if (strcmp(file, "-") == 0)
        return error_set(err, ERR_CONFIG, "SPACE must be a file: the questions come on standard input");
    if (!config_refuse_data(file, err)) return false;
    if (!conf_read_file(file, arena, &conf, err)) {
        if (err->code == ERR_IO) err->code = ERR_CONFIG; /* a mistyped path */
        return false;
    }
    if (!conf_only_keys(conf->root, "at the top level", known_keys, err)) return false;
    const ConfNode *parameters = conf_get(conf->root, "parameters");
    if (!parameters)
        return error_set(err, ERR_CONFIG, "%s: there are no `parameters` to search", file);
    session->parameters = parameters;
    return read_method(conf->root, session, err) && read_goal(conf->root, session, err)
        && read_seed(conf->root, session, err)
        && space_read_limits(parameters, conf_get(conf->root, "constraints"), NULL, any_metric, arena,
                             &session->space, err)
        && (!session->sampler->needs_grid || space_grid_size(session->space, &n_points, err))
        && read_transfer(conf->root, session, arena, err);
}

/* ---- one question ---- */

static void add_trace(Doc *answer, const Trace *trace)
{
    Doc *why = doc_set(answer, "why", doc_object());
    doc_set_text(why, "kind", trace->kind);
    if (isfinite(trace->acquisition)) doc_set_number(why, "acquisition", trace->acquisition);
    if (isfinite(trace->mean)) doc_set_number(why, "mean", trace->mean);
    if (isfinite(trace->sigma)) doc_set_number(why, "sigma", trace->sigma);
    if (isfinite(trace->noise)) doc_set_number(why, "noise", trace->noise);
    if (isfinite(trace->lambda)) doc_set_number(why, "lambda", trace->lambda);
    if (trace->n_scales > 0) {
        Doc *scales = doc_set(why, "scales", doc_array());
        for (int i = 0; i < trace->n_scales; i++) doc_add(scales, doc_number(trace->scales[i]));
    }
}

static bool answer_ask(AskSession *session, Doc *answer, Error *err)
{
    Trace trace;
    AskResult result;
    int id;
    if (!ask_tell_ask(session->search, &id, session->values, &trace, &result, err)) return false;
    if (result == ASK_EXHAUSTED) {
        doc_set_bool(answer, "exhausted", true);
        return error_set(err, ERR_INVALID, "the space is used up: no point is left that was not tried"
                         " and keeps the constraints");
    }
    doc_set_number(answer, "id", id);
    const Command groups = {.space = session->space, .parameters = session->parameters};
    doc_set(answer, "params", command_params(&groups, session->values)); /* as a program gets them */
    if (session->o.explain) add_trace(answer, &trace);
    return true;
}

/* Parameters in their groups, or by their whole names. */
static void add_flat(const Space *space, const Doc *params, const char *prefix, Arena *arena, Doc *out)
{
    const char *key;
    const Doc *child;
    for (size_t i = 0; doc_member(params, i, &key, &child); i++) {
        const char *name = *prefix ? arena_print(arena, "%s.%s", prefix, key) : key;
        bool group = name && space_find(space, name) < 0 && doc_kind(child) == DOC_OBJECT
                  && doc_count(child) > 0;
        if (group) add_flat(space, child, name, arena, out);
        else doc_set(out, name ? name : key, doc_copy(child));
    }
}

static bool tell_other(AskSession *session, const Doc *params, const Told *told, int *number, Error *err)
{
    Doc *flat = doc_object();
    add_flat(session->space, params, "", session->line, flat);
    bool ok = space_from_doc(session->space, doc_kind(params) == DOC_OBJECT ? flat : params, session->line,
                             session->values, err)
           && ask_tell_other(session->search, session->values, told, number, err);
    doc_free(flat);
    return ok;
}

/* "limits": {"latency": 9.5}, by what the constraints call them. */
static bool read_limits(AskSession *session, const Doc *question, bool complete, double *reported, Told *out,
                        Error *err)
{
    const Doc *limits = doc_get(question, "limits"), *member;
    const Space *space = session->space;
    const char *names[LIMITS_MOST + 1], *name;
    for (int i = 0; i < space->n_limits; i++) {
        names[i] = space->limits[i].name;
        reported[i] = NAN;
    }
    names[space->n_limits] = NULL;
    if (limits && doc_kind(limits) != DOC_OBJECT)
        return error_set(err, ERR_INVALID, "`limits` is an object of numbers, such as {\"latency\": 9.5}");
    for (size_t k = 0; limits && doc_member(limits, k, &name, &member); k++) {
        if (names_find(names, name) < 0)
            return error_set(err, ERR_INVALID, "`limits`: no constraint is on `%.60s`%s", name,
                             names_suggest(name, names, "").text);
        if (doc_kind(member) != DOC_NUMBER && doc_kind(member) != DOC_NULL)
            return error_set(err, ERR_INVALID, "`limits`: `%.60s` is a number", name);
    }
    for (int i = 0; i < space->n_limits; i++) {
        const Doc *value = doc_get(limits, names[i]);
        if (complete && out->share >= 1 && !value)
            return error_set(err, ERR_INVALID, "tell needs `limits` with `%.60s`, which is constrained (%.80s)",
                             names[i], space->limits[i].text);
        reported[i] = doc_to_number(value, NAN);
    }
    out->reported = reported;
    return true;
}

/* `repeats`: the value is a mean of so many; `sd`: by how much they differ. */
static bool read_repeats(const Doc *question, Told *out, Error *err)
{
    const Doc *repeats = doc_get(question, "repeats"), *sd = doc_get(question, "sd");
    const double n = doc_to_number(repeats, 0), deviation = doc_to_number(sd, NAN);
    if (repeats && (doc_kind(repeats) != DOC_NUMBER || n != floor(n) || n < 1 || n > 1e6))
        return error_set(err, ERR_INVALID, "`repeats` is a whole number from 1 to 1000000");
    if (sd && (!repeats || doc_kind(sd) != DOC_NUMBER || deviation < 0))
        return error_set(err, ERR_INVALID, "`sd` is a number of at least 0, beside `repeats`");
    out->n_repeats = (int)n;
    if (n > 1) out->variance = deviation * deviation;
    return true;
}

static bool answer_tell(AskSession *session, const Doc *question, Doc *answer, Error *err)
{
    const Doc *id = doc_get(question, "id"), *params = doc_get(question, "params"),
              *value = doc_get(question, "value"), *share = doc_get(question, "share");
    double reported[LIMITS_MOST];
    Told told = {.value = NAN, .share = share ? doc_to_number(share, NAN) : 1, .variance = NAN};
    if (share && doc_kind(share) != DOC_NUMBER) return error_set(err, ERR_INVALID, "`share` is a number");
    if (!value || (doc_kind(value) != DOC_NUMBER && doc_kind(value) != DOC_NULL))
        return error_set(err, ERR_INVALID, "tell needs `value`: a number, or null for a failure");
    if (doc_kind(value) == DOC_NUMBER)
        told.value = session->maximize ? -doc_to_number(value, NAN) : doc_to_number(value, NAN);
    if (!id == !params)
        return error_set(err, ERR_INVALID, "tell needs `id`, or `params` for a point evaluated elsewhere");
    if (!read_limits(session, question, doc_kind(value) == DOC_NUMBER, reported, &told, err)
        || !read_repeats(question, &told, err))
        return false;
    int number = -1;
    if (id) {
        double given = doc_to_number(id, -1);
        if (doc_kind(id) != DOC_NUMBER || given != floor(given) || given < 0 || given > 2147483647)
            return error_set(err, ERR_INVALID, "`id` is a number from an answer to ask");
        if (!ask_tell_told(session->search, (int)given, &told, err)) return false;
    } else if (!tell_other(session, params, &told, &number, err)) {
        return false;
    }
    doc_set_bool(answer, "ok", true);
    if (number >= 0) doc_set_number(answer, "id", number);
    return true;
}

/* Python's json writes NaN and Infinity: a failure, as null is. */
static bool has_no_number(const char *line, size_t n)
{
    for (; n >= 3; line++, n--)
        if (strncmp(line, "NaN", 3) == 0 || (n >= 8 && strncmp(line, "Infinity", 8) == 0)) return true;
    return false;
}

bool ask_session_answer(AskSession *session, const char *line, size_t n, Doc *answer)
{
    Error err = {0};
    Doc *question = doc_parse(line, n, &err);
    if (!question && has_no_number(line, n)) question = loose_object(line, n);
    const char *cmd = doc_to_text(doc_get(question, "cmd"), "");
    bool ok = false, more = true;
    if (!question) error_wrap(&err, "not a JSON object");
    else if (strcmp(cmd, "ask") == 0) ok = answer_ask(session, answer, &err);
    else if (strcmp(cmd, "tell") == 0) ok = answer_tell(session, question, answer, &err);
    else if (strcmp(cmd, "quit") == 0) ok = true, more = false;
    else error_set(&err, ERR_INVALID, "`cmd` is ask, tell or quit");
    if (!ok) doc_set_text(answer, "error", err.message);
    doc_free(question);
    arena_reset(session->line);
    return more;
}

/* ---- the session ---- */

bool ask_session_create(const AskOptions *options, Arena *arena, AskSession **out, Error *err)
{
    AskSession *session = ARENA_NEW(arena, AskSession, 1);
    if (!session) return error_memory(err);
    session->o = *options;
    if (!read_session(session, arena, err) || !mat_init(err)) return false;
    session->values = ARENA_NEW(arena, Value, session->space->n_params);
    session->line = arena_create(0);
    if (!session->values || !session->line) {
        ask_session_destroy(session);
        return error_memory(err);
    }
    if (!ask_tell_create(session->space, session->sampler, (uint64_t)session->seed, &session->search, err)) {
        ask_session_destroy(session);
        return false;
    }
    ask_tell_transfer(session->search, session->transfer);
    *out = session;
    return true;
}

void ask_session_destroy(AskSession *session)
{
    if (!session) return;
    ask_tell_destroy(session->search);
    arena_destroy(session->line);
}
