/* app/progress.c - draws the bar, prints the lines, or writes the events that progress.h promises. */
#include "app/progress.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "app/width.h"
#include "base/clock.h"
#include "base/names.h"
#include "job/kind.h"
#include "job/part.h"

#define SHOW_LIST(X) \
    X(SHOW_AUTO, "auto") X(SHOW_BAR, "bar") X(SHOW_LINES, "lines") X(SHOW_NONE, "none")
typedef enum { SHOW_LIST(LIST_ID) } Show;
const char *const progress_names[] = {SHOW_LIST(LIST_NAME) NULL};

struct Progress {
    const Cli *cli;
    const Config *config;
    Show show;
    bool color, json;
    int run_cap, first_settled; /* settled when this run began */
    double time_cap_s, started_s, drawn_s;
    bool drawn, started;
    double trial_s; /* of those that have ended */
    int n_ended;
    char failure[300];
    int failed; /* the trial whose failure that is */
};

bool progress_check(const Cli *cli, Error *err)
{
    const char *mode = cli_value(cli, "progress");
    if (!mode || names_find(progress_names, mode) >= 0) return true;
    return error_set(err, ERR_CONFIG, "--progress %.40s: one of auto, bar, lines, none%s", mode,
                     names_suggest_as("; did you mean ", "?", mode, progress_names, "").text);
}

bool progress_create(const Cli *cli, const Config *config, Progress **out, Error *err)
{
    const char *mode = cli_value(cli, "progress"), *term = getenv("TERM");
    bool terminal = isatty(STDERR_FILENO) && !(term && strcmp(term, "dumb") == 0);
    Progress *p = ARENA_NEW(cli->arena, Progress, 1);
    if (!p) return error_memory(err);
    *p = (Progress){.cli = cli, .config = config, .json = cli->json,
                    .run_cap = part_trials(config), .time_cap_s = config->run.time_cap, .first_settled = -1};
    p->show = mode ? (Show)names_find(progress_names, mode) : SHOW_AUTO;
    if (p->show == SHOW_AUTO) p->show = terminal ? SHOW_BAR : SHOW_LINES;
    if (cli->quiet > 0 || (p->json && !mode)) p->show = SHOW_NONE;
    p->color = terminal && !getenv("NO_COLOR");
    *out = p;
    return true;
}

void progress_begin(Progress *p, int jobs)
{
    const Config *config = p->config;
    p->started_s = clock_seconds();
    if (p->json) {
        Doc *doc = doc_object();
        Text text = {0};
        doc_set_number(doc, "schema", 1);
        doc_set_text(doc, "event", "study");
        doc_set_text(doc, "name", config->name);
        doc_set_text(doc, "method", config->method);
        doc_set_text(doc, "metric", config->metric_full);
        doc_set_text(doc, "goal", config->maximize ? "maximize" : "minimize");
        doc_set_number(doc, "jobs", jobs);
        if (p->run_cap > 0) doc_set_number(doc, "run_cap", p->run_cap);
        if (doc_print(doc, 0, &text)) printf("%s\n", text.bytes);
        fflush(stdout);
        text_free(&text);
        doc_free(doc);
    }
}

void progress_clear(Progress *p)
{
    if (p->drawn) fputs("\r\033[K", stderr);
    p->drawn = false;
}

/* Seconds, as `status` reckons them: what is left takes as long as what was, shared by as many as run now. NAN:
 * not known. */
static double time_left(const Progress *p, const StudyEvent *e, double elapsed_s)
{
    double left = INFINITY, to_do = p->run_cap - e->n_settled - 0.5 * e->n_running;
    if (p->run_cap > 0 && p->n_ended > 0 && e->n_running > 0)
        left = fmax(0, to_do) * p->trial_s / p->n_ended / e->n_running;
    if (p->time_cap_s > 0) left = fmin(left, fmax(0, p->time_cap_s - elapsed_s));
    return isfinite(left) ? left : NAN;
}

/* A score with as many digits in each line of a log. */
static const char *score(double value, char out[32])
{
    double size = fabs(value);
    snprintf(out, 32, size == 0 || (size >= 1e-3 && size < 1000) ? "%.5f" : "%.5g", value);
    return out;
}

/* What the line says, each with how gladly it is left out where the line is short: the highest first, 0 never.
 * */
enum { BAR, COUNT, RUNNING, BEST, BEST_TRIAL, PRUNED, FAILED, RATE, LEFT, N_PARTS };
static const int gladly[N_PARTS] = {[BAR] = 4, [RUNNING] = 6, [BEST] = 1, [BEST_TRIAL] = 3, [PRUNED] = 5,
                                    [FAILED] = 2,
                                    [RATE] = 7};

static void say_parts(const Progress *p, const StudyEvent *e, double elapsed_s, char part[N_PARTS][64])
{
    enum { CELLS = 20 };
    char duration[32];
    const double left = time_left(p, e, elapsed_s);
    const int done = e->n_settled - p->first_settled;
    memset(part, 0, N_PARTS * sizeof part[0]);
    for (int i = 0, filled = p->run_cap > 0 ? (int)((double)CELLS * e->n_settled / p->run_cap) : 0;
         p->run_cap > 0 && i < CELLS; i++)
        part[BAR][i] = i < filled ? '=' : i == filled ? '>' : '.';
    if (p->run_cap > 0) snprintf(part[COUNT], sizeof part[0], " %d/%d", e->n_settled, p->run_cap);
    else snprintf(part[COUNT], sizeof part[0], "%d trial%s", e->n_settled, e->n_settled == 1 ? "" : "s");
    snprintf(part[RUNNING], sizeof part[0], "  %d running", e->n_running);
    if (e->best_number >= 0) {
        char number[32];
        snprintf(part[BEST], sizeof part[0], "  best %s", score(e->best_value, number));
        snprintf(part[BEST_TRIAL], sizeof part[0], " (trial %d)", e->best_number);
    }
    if (e->n_pruned) snprintf(part[PRUNED], sizeof part[0], "  %d pruned", e->n_pruned);
    if (e->n_failed) snprintf(part[FAILED], sizeof part[0], "  %d failed", e->n_failed);
    if (done > 0 && elapsed_s > 0.5) {
        snprintf(part[RATE], sizeof part[0], "  %.3g/min", 60 * done / elapsed_s);
        if (!isnan(left)) snprintf(part[LEFT], sizeof part[0], "  ETA %s", text_about(left, duration));
    }
}

/* done/cap, what came out, best, rate, time left: as many of them as the line holds, each whole. */
static void draw_bar(Progress *p, const StudyEvent *e)
{
    char part[N_PARTS][64];
    double now = clock_seconds();
    if (p->drawn && now - p->drawn_s < 0.1 && e->kind == EVENT_EPOCH) return;
    say_parts(p, e, now - p->started_s, part);
    const size_t width = (size_t)width_of(STDERR_FILENO, 100) - 1;
    for (;;) {
        size_t n = 0;
        int drop = -1;
        for (int i = 0; i < N_PARTS; i++) {
            n += strlen(part[i]);
            if (part[i][0] && gladly[i] > 0 && (drop < 0 || gladly[i] > gladly[drop])) drop = i;
        }
        if (n <= width || drop < 0) break;
        part[drop][0] = '\0';
    }
    fputs("\r\033[K", stderr);
    for (int i = 0; i < N_PARTS; i++) fputs(part[i], stderr);
    fflush(stderr);
    p->drawn = true;
    p->drawn_s = now;
}

static const char *outcome(const TrialRow *row)
{
    switch (row->state) {
    case TRIAL_COMPLETE: return "done";
    case TRIAL_PRUNED: return "pruned";
    case TRIAL_INTERRUPTED: return "interrupted, will be run again";
    case TRIAL_INFEASIBLE: return "infeasible";
    case TRIAL_QUEUED: return "paused";
    default: return "failed";
    }
}

static void line_of_trial(const Progress *p, const StudyEvent *e)
{
    const TrialRow *row = e->row;
    char duration[32], number[32], begin[64];
    int width = snprintf(begin, sizeof begin, "trial %d pruned", p->run_cap > 0 ? p->run_cap - 1 : row->number);
    snprintf(begin, sizeof begin, "trial %d %s", row->number, outcome(row));
    cli_tell("%-*s", isnan(row->value) ? 0 : width, begin); /* scores stand below each other */
    if (!isnan(row->value)) cli_tell("  %s %s", p->config->metric_name, score(row->value, number));
    if (e->is_best) fputs(p->color ? "  \033[1;32mbest so far\033[0m" : "  best so far", stderr);
    if (row->fail_code)
        cli_tell("  %s: %s", row->fail_code, row->fail_text ? row->fail_text : "");
    cli_tell("  %s", text_duration(row->seconds, duration));
    if (row->params && p->cli->verbose && strcmp(row->params, "{}") != 0) cli_tell("  %s", row->params);
    fputc('\n', stderr);
}

static void line_of_repeat(const Progress *p, const StudyEvent *e)
{
    char duration[32], number[32];
    cli_tell("trial %d again (run %d; %d of %d)", e->number, e->run, e->n_repeated, e->n_repeats);
    if (!isnan(e->row->value)) cli_tell("  %s %s", p->config->metric_name, score(e->row->value, number));
    if (e->row->fail_code)
        cli_tell("  %s: %s", e->row->fail_code, e->row->fail_text ? e->row->fail_text : "");
    cli_tell("  %s\n", text_duration(e->row->seconds, duration));
}

static void line_of_epoch(const Progress *p, const StudyEvent *e)
{
    const EpochRow *r = e->epoch;
    if (!p->config->kind->trains) { /* a report of a program is its metric */
        const char *metric = p->config->metric_name;
        cli_tell("trial %d report %d  %s %.5g\n", e->number, r->epoch, metric ? metric : "value",
                r->val_metric);
        return;
    }
    char number[3][32];
    cli_tell("trial %d fold %d epoch %d  lr %.3g  loss %s  val_loss %s", e->number, r->fold, r->epoch,
             r->learning_rate, score(r->train_loss, number[0]), score(r->val_loss, number[1]));
    if (strcmp(p->config->metric_full, "val_loss") != 0)
        cli_tell("  %s %s", p->config->metric_full, score(r->val_metric, number[2]));
    cli_tell("\n");
}

static void event_json(const Progress *p, const StudyEvent *e)
{
    static const char *const names[] = {"trial_start", "epoch", "trial_end", "trial_pause",
                                        "trial_resume", "repeat_end"};
    if (e->kind == EVENT_EPOCH && p->cli->verbose == 0) return;
    Doc *doc = doc_object();
    Text text = {0};
    doc_set_text(doc, "event", names[e->kind]);
    doc_set_number(doc, "trial", e->number);
    if (e->row && e->row->params) {
        Error err;
        doc_set(doc, "params", doc_parse(e->row->params, strlen(e->row->params), &err));
    }
    if (e->kind == EVENT_EPOCH) {
        doc_set_number(doc, "fold", e->epoch->fold);
        doc_set_number(doc, "epoch", e->epoch->epoch);
        doc_set_number(doc, "train_loss", e->epoch->train_loss);
        doc_set_number(doc, "val_loss", e->epoch->val_loss);
        doc_set_number(doc, "val_metric", e->epoch->val_metric);
    }
    if (e->kind == EVENT_REPEAT_END) {
        doc_set_number(doc, "run", e->run);
        doc_set_number(doc, "done", e->n_repeated);
        doc_set_number(doc, "of", e->n_repeats);
        doc_set_text(doc, "state", trial_state_names[e->row->state]);
    }
    if (e->kind == EVENT_TRIAL_END || e->kind == EVENT_TRIAL_PAUSE || e->kind == EVENT_REPEAT_END) {
        doc_set_number(doc, "value", e->row->value);
        doc_set_number(doc, "epochs", e->row->epochs);
        doc_set_number(doc, "seconds", e->row->seconds);
    }
    if (e->kind == EVENT_TRIAL_END) {
        doc_set_text(doc, "state", trial_state_names[e->row->state]);
        if (e->row->fail_code) {
            doc_set_text(doc, "fail_code", e->row->fail_code);
            doc_set_text(doc, "fail_text", e->row->fail_text);
        }
        doc_set_bool(doc, "best", e->is_best);
        doc_set_number(doc, "best_trial", e->best_number);
        doc_set_number(doc, "best_value", e->best_value);
    }
    if (doc_print(doc, 0, &text)) printf("%s\n", text.bytes);
    fflush(stdout);
    text_free(&text);
    doc_free(doc);
}

void progress_event(Progress *p, const StudyEvent *e)
{
    if (p->first_settled < 0) p->first_settled = e->n_settled;
    if (e->kind == EVENT_TRIAL_END && e->row->fail_code && !p->failure[0]) {
        p->failed = e->number;
        snprintf(p->failure, sizeof p->failure, "%s: %s", e->row->fail_code,
                 e->row->fail_text ? e->row->fail_text : "");
    }
    if (e->kind == EVENT_TRIAL_END && !isnan(e->row->seconds)) {
        p->trial_s += e->row->seconds;
        p->n_ended++;
    }
    if (p->json) event_json(p, e);
    if (p->show == SHOW_NONE) return;
    if (e->kind == EVENT_REPEAT_END) { /* few, and after the bar has come to its end */
        progress_clear(p);
        line_of_repeat(p, e);
        return;
    }
    bool pauses = e->kind == EVENT_TRIAL_PAUSE;
    bool finished = e->kind == EVENT_TRIAL_END || (pauses && p->cli->verbose);
    bool tell = finished && (p->show == SHOW_LINES || p->cli->verbose || e->is_best);
    if (tell || (p->cli->verbose > 0 && e->kind == EVENT_EPOCH)) {
        progress_clear(p);
        if (finished) line_of_trial(p, e);
        else line_of_epoch(p, e);
    }
    if (p->show == SHOW_BAR) draw_bar(p, e);
}

const char *progress_failure(const Progress *p, int *number)
{
    *number = p->failed;
    return p->failure;
}

void progress_end(Progress *p, const StudySummary *s, const char *db)
{
    char duration[32];
    progress_clear(p);
    if (p->json) {
        Doc *doc = doc_object();
        Text text = {0};
        doc_set_text(doc, "event", "end");
        doc_set_text(doc, "why", study_end_names[s->end]);
        doc_set_number(doc, "trials", s->n_trials);
        doc_set_number(doc, "complete", s->n_complete);
        doc_set_number(doc, "pruned", s->n_pruned);
        doc_set_number(doc, "failed", s->n_failed);
        doc_set_number(doc, "infeasible", s->n_infeasible);
        doc_set_number(doc, "best_trial", s->best_number);
        doc_set_number(doc, "best_value", s->best_value);
        if (s->n_finalists > 0) {
            doc_set_number(doc, "winner", s->finalist[0].number);
            doc_set_number(doc, "winner_mean", s->finalist[0].mean);
        }
        doc_set_number(doc, "seconds", s->seconds);
        doc_set_text(doc, "db", db);
        if (doc_print(doc, 0, &text)) printf("%s\n", text.bytes);
        fflush(stdout);
        text_free(&text);
        doc_free(doc);
    }
    if (p->cli->quiet > 0) return;
    fprintf(stderr, "%s after %s: %d trial%s, %d complete", study_end_names[s->end],
            text_duration(s->seconds, duration), s->n_trials, s->n_trials == 1 ? "" : "s", s->n_complete);
    if (s->n_pruned) fprintf(stderr, ", %d pruned", s->n_pruned);
    if (s->n_failed) fprintf(stderr, ", %d failed", s->n_failed);
    if (s->n_infeasible) fprintf(stderr, ", %d infeasible", s->n_infeasible);
    fputc('\n', stderr);
    if (s->n_finalists > 0)
        fprintf(stderr, "of %d finalists trial %d wins: mean %.5g of %d runs\n", s->n_finalists,
                s->finalist[0].number, s->finalist[0].mean, s->finalist[0].n_runs);
}
