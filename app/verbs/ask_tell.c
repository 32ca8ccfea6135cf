/* consort ask-tell: the search alone, for any program that evaluates points itself. One JSON object a
 * line on standard input, one in answer on standard output (docs/cli.md). What the other side gets wrong is
 * answered {"error": "..."} and changes nothing. */
#include "app/verbs/verbs.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/conf.h"
#include "base/doc.h"
#include "base/mat.h"
#include "tuner/search/ask_tell.h"
#include "tuner/search/samplers.h"

enum { LINE_MOST = 1 << 20 };

typedef struct {
    Space *space;
    const Sampler *sampler;
    int seed;
    bool maximize;
    AskTell *search;
    Arena *line;     /* what one line needs */
    Value *values;   /* (n_params) */
    bool explain;    /* -v: answers say why */
} Session;

/* ---- the space ---- */

/* A sweep file will do as it is: what is not about the search is left alone. */
static const char *const known_keys[] = {
    "parameters", "method", "metric", "constraints", "run", "name", "description", "project", "run_cap",
    "early_terminate", "cost_aware", "finalists", "preset", "baseline", "portfolio", "enqueue", "data", "train",
    "stop", "ensemble", "report", "apiVersion", "kind", "entity", "program", "command", "job", "image_uri",
    "controller", NULL};

static bool read_method(const Cli *cli, const ConfNode *root, Session *session, Error *err)
{
    const ConfNode *node = conf_get(root, "method");
    const char *given = cli_value(cli, "method");
    const char *method = given ? given : node && node->text ? node->text : "bayes";
    session->sampler = sampler_find(method);
    if (session->sampler) return true;
    const char *near = text_nearest(method, sampler_names), *what = near ? "did you mean " : "one of ";
    if (!near) near = SAMPLER_METHODS;
    if (given) return error_set(err, ERR_CONFIG, "--method %.60s: unknown; %s%s", method, what, near);
    return conf_error(node, err, "unknown method `%.60s`; %s%s", method, what, near);
}

static bool read_goal(const ConfNode *root, Session *session, Error *err)
{
    const ConfNode *metric = conf_get(root, "metric"), *goal = conf_get(metric, "goal");
    if (!goal) return true;
    session->maximize = goal->text && strcmp(goal->text, "maximize") == 0;
    return session->maximize || (goal->text && strcmp(goal->text, "minimize") == 0)
        || conf_error(goal, err, "`goal` is minimize or maximize");
}

static bool read_seed(const Cli *cli, const ConfNode *root, Session *session, Error *err)
{
    const ConfNode *node = conf_get(conf_get(root, "run"), "seed");
    int otherwise = 0;
    if (node) {
        if (!node->integer || node->number < 0 || node->number > 2147483647)
            return conf_error(node, err, "`seed` is a whole number from 0 to 2147483647");
        otherwise = (int)node->number;
    }
    return cli_int(cli, "seed", 0, 2147483647, otherwise, &session->seed, err);
}

static bool read_session(const Cli *cli, Session *session, Error *err)
{
    Conf *conf;
    const char *file = cli->arguments[0];
    int64_t n_points;
    if (strcmp(file, "-") == 0)
        return error_set(err, ERR_CONFIG, "SPACE must be a file: the questions come on standard input");
    if (!conf_read_file(file, cli->arena, &conf, err)
        || !conf_only_keys(conf->root, "at the top level", known_keys, err))
        return false;
    const ConfNode *parameters = conf_get(conf->root, "parameters");
    if (!parameters)
        return error_set(err, ERR_CONFIG, "%s: there are no `parameters` to search", file);
    return read_method(cli, conf->root, session, err) && read_goal(conf->root, session, err)
        && read_seed(cli, conf->root, session, err)
        && space_read(parameters, conf_get(conf->root, "constraints"), NULL, cli->arena, &session->space,
                      err)
        && (session->sampler != &sampler_grid || space_grid_size(session->space, &n_points, err));
}

/* ---- one line ---- */

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

static bool answer_ask(Session *session, Doc *answer, Error *err)
{
    const Space *space = session->space;
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
    Doc *params = doc_set(answer, "params", doc_object());
    for (int i = 0; i < space->n_params; i++)
        if (session->values[i].kind != VALUE_NONE)
            doc_set(params, space->params[i].name, doc_value(&session->values[i]));
    if (session->explain) add_trace(answer, &trace);
    return true;
}

static bool answer_tell(Session *session, const Doc *question, Doc *answer, Error *err)
{
    const Doc *id = doc_get(question, "id"), *params = doc_get(question, "params"),
              *value = doc_get(question, "value"), *share = doc_get(question, "share");
    double score = NAN, budget = doc_to_number(share, NAN);
    if (share && doc_kind(share) != DOC_NUMBER) return error_set(err, ERR_INVALID, "`share` is a number");
    if (!share) budget = 1;
    if (!value || (doc_kind(value) != DOC_NUMBER && doc_kind(value) != DOC_NULL))
        return error_set(err, ERR_INVALID, "tell needs `value`: a number, or null for a failure");
    if (doc_kind(value) == DOC_NUMBER)
        score = session->maximize ? -doc_to_number(value, NAN) : doc_to_number(value, NAN);
    if (!id == !params)
        return error_set(err, ERR_INVALID, "tell needs `id`, or `params` for a point evaluated elsewhere");
    int number = -1;
    if (id) {
        double given = doc_to_number(id, -1);
        if (doc_kind(id) != DOC_NUMBER || given != floor(given) || given < 0 || given > 2147483647)
            return error_set(err, ERR_INVALID, "`id` is a number from an answer to ask");
        if (!ask_tell_told(session->search, (int)given, score, budget, err)) return false;
    } else if (!space_from_doc(session->space, params, session->line, session->values, err)
               || !ask_tell_other(session->search, session->values, score, budget, &number, err)) {
        return false;
    }
    doc_set_bool(answer, "ok", true);
    if (number >= 0) doc_set_number(answer, "id", number);
    return true;
}

/* False: quit. */
static bool answer_line(Session *session, const char *line, size_t n, Doc *answer)
{
    Error err = {0};
    Doc *question = doc_parse(line, n, &err);
    const char *cmd = doc_to_text(doc_get(question, "cmd"), "");
    bool ok = false, more = true;
    if (!question) error_wrap(&err, "not a JSON object");
    else if (strcmp(cmd, "ask") == 0) ok = answer_ask(session, answer, &err);
    else if (strcmp(cmd, "tell") == 0) ok = answer_tell(session, question, answer, &err);
    else if (strcmp(cmd, "quit") == 0) ok = true, more = false;
    else error_set(&err, ERR_INVALID, "`cmd` is ask, tell or quit");
    if (!ok) doc_set_text(answer, "error", err.message);
    doc_free(question);
    return more;
}

/* ---- all lines ---- */

static bool print_answer(const Doc *answer, Text *text, Error *err)
{
    text->n = 0;
    doc_print(answer, 0, text);
    text_add(text, "\n");
    if (!text_ok(text)) return error_memory(err);
    if (fwrite(text->bytes, 1, text->n, stdout) != text->n || fflush(stdout) != 0)
        return error_set(err, ERR_IO, "standard output: %s", strerror(errno));
    return true;
}

/* The next line into `buffer` (LINE_MOST): its length, or -1 at the end. Of a longer line the rest is
 * passed over, and *cut is true. */
static long read_line(char *buffer, bool *cut)
{
    long n = 0;
    int c;
    *cut = false;
    while ((c = getc(stdin)) != EOF && c != '\n') {
        if (n < LINE_MOST) buffer[n++] = (char)c;
        else *cut = true;
    }
    return c == EOF && n == 0 ? -1 : n;
}

static bool blank(const char *line, long n)
{
    for (long i = 0; i < n; i++)
        if (!strchr(" \t\r", line[i]) || !line[i]) return false;
    return true;
}

static bool converse(Session *session, char *buffer, Error *err)
{
    Text text = {0};
    bool ok = true, more = true, cut;
    for (long n; ok && more && (n = read_line(buffer, &cut)) >= 0;) {
        if (blank(buffer, n)) continue;
        Doc *answer = doc_object();
        if (cut) doc_set_text(answer, "error", "a line of more than 1 MiB");
        else more = answer_line(session, buffer, (size_t)n, answer);
        if (more) ok = print_answer(answer, &text, err);
        doc_free(answer);
        arena_reset(session->line);
    }
    text_free(&text);
    return ok;
}

int cmd_ask_tell(Cli *cli)
{
    Error err = {0};
    Session session = {.explain = cli->verbose > 0};
    if (!read_session(cli, &session, &err)) return cli_fail(&err);
    mat_init();
    signal(SIGPIPE, SIG_IGN); /* whoever asked is gone: an error, not a signal */
    char *buffer = ARENA_NEW(cli->arena, char, LINE_MOST + 1);
    session.values = ARENA_NEW(cli->arena, Value, session.space->n_params);
    session.line = arena_create(0);
    bool ok = (buffer && session.values && session.line) || error_memory(&err);
    ok = ok && ask_tell_create(session.space, session.sampler, (uint64_t)session.seed, &session.search, &err)
      && converse(&session, buffer, &err);
    ask_tell_destroy(session.search);
    arena_destroy(session.line);
    return ok ? EXIT_OK : cli_fail(&err);
}
