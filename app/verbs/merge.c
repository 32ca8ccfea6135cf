#include "app/verbs/verbs.h"

#include <stdio.h>
#include <string.h>

#include "job/sweep.h"
#include "tuner/store/curate.h"
#include "tuner/store/merge.h"

/* The studies of the command line: the first is merged into. */
typedef struct {
    Cli *cli;
    bool dry;
    int n;
    OpenStudy *open;    /* (n) */
    Config **config;    /* (n) */
    MergeSide *sides;   /* (n) */
    MergeCount *counts; /* (n), those of the sources */
    int n_done;         /* of the studies, the first included */
} Merge;

/* ---- the studies --------------------------------------------------------------------------------- */

static bool open_into(Merge *m, Error *err)
{
    const char *name = m->cli->arguments[0];
    Config *config = NULL;
    bool there;
    if (!sweep_there(m->cli, name, &config, &there, err)) return false;
    if (!there && !m->dry && !sweep_begin(m->cli, config, err)) return false;
    return study_open(m->cli, name, &m->open[0], err);
}

static bool open_all(Merge *m, Error *err)
{
    Arena *arena = m->cli->arena;
    m->n = m->cli->n_arguments;
    m->open = ARENA_NEW(arena, OpenStudy, m->n);
    m->config = ARENA_NEW(arena, Config *, m->n);
    m->sides = ARENA_NEW(arena, MergeSide, m->n);
    m->counts = ARENA_NEW(arena, MergeCount, m->n);
    if (!m->open || !m->config || !m->sides || !m->counts) return error_memory(err);
    for (int i = 0; i < m->n; i++) {
        OpenStudy *open = &m->open[i];
        if (!(i == 0 ? open_into(m, err) : study_open(m->cli, m->cli->arguments[i], open, err))
            || !study_config(open, &m->config[i], err))
            return false;
        m->sides[i] = (MergeSide){open->store, &open->study, open->place.folder};
    }
    return true;
}

/* ---- may they stand in one list? ------------------------------------------------------------------- */

static bool same_text(const char *a, const char *b)
{
    return strcmp(a ? a : "", b ? b : "") == 0;
}

static bool comparable(const Merge *m, int i, Error *err)
{
    const StudyInfo *into = &m->open[0].study, *from = &m->open[i].study;
    char setting[120];
    const char *what = NULL;
    bool same;
    if (!config_same_trials(m->config[i], m->config[0], &same, setting, err)) return false;
    if (!same_text(into->data_sha256, from->data_sha256)) what = "the data";
    else if (!same) what = setting;
    else if (!same_text(into->split_sha256, from->split_sha256)) what = "the split of the data";
    else if (into->maximize != from->maximize) what = "metric.goal";
    if (!what) return true;
    return error_set(err, what == setting ? ERR_CONFIG : ERR_DATA, "%.50s differs from %.50s in %s: trials"
                     " cannot be compared; `consort import --from consort` takes them for a warm start",
                     m->cli->arguments[i], m->cli->arguments[0], what);
}

static bool check_all(const Merge *m, Error *err)
{
    for (int i = 1; i < m->n; i++)
        if (!comparable(m, i, err)) return false;
    return true;
}

/* ---- merging ----------------------------------------------------------------------------------------- */

static void say_running(const Merge *m, int i)
{
    StudyHolder holder;
    Error ignored;
    if (curate_holder(m->open[i].store, m->open[i].study.id, &holder, &ignored) && holder.alive)
        cli_say(m->cli, "%s is being run by pid %lld on host %s: its trials that have ended are taken; merge it"
                " again for the rest", m->cli->arguments[i], (long long)holder.pid, holder.host);
}

static bool merge_all(Merge *m, Error *err)
{
    bool ok = true;
    if (!m->dry) {
        study_close(&m->open[0]);
        if (!store_open(m->open[0].place.db, STORE_WRITE, &m->open[0].store, err)) return false;
        m->sides[0].store = m->open[0].store;
    }
    for (int i = 0; !m->dry && store_notice(m->open[0].store, i); i++)
        cli_say(m->cli, "consort: %s: %s", m->open[0].place.db, store_notice(m->open[0].store, i));
    for (m->n_done = 1; ok && m->n_done < m->n; m->n_done += ok) {
        say_running(m, m->n_done);
        ok = merge_study(m->sides, m->n_done + 1, m->config[0]->space, m->dry, &m->counts[m->n_done], err);
    }
    return ok;
}

static bool close_all(Merge *m, bool ok, Error *err)
{
    Error closing;
    for (int i = 1; m->open && i < m->n; i++) study_close(&m->open[i]);
    if (!m->open || !m->open[0].store || store_close(m->open[0].store, &closing) || !ok) return ok;
    *err = closing;
    return false;
}

/* ---- the answer ---------------------------------------------------------------------------------------- */

static void print_lines(const Merge *m, Text *out)
{
    for (int i = 1; i < m->n_done; i++) {
        const MergeCount *c = &m->counts[i];
        text_print(out, "%d of %d trials of %s %s", c->n_merged, c->n_trials, m->cli->arguments[i],
                   m->dry ? "would be merged" : "merged");
        if (c->n_there) text_print(out, ", %d there already", c->n_there);
        if (c->n_unfinished) text_print(out, ", %d not ended", c->n_unfinished);
        text_add(out, "\n");
    }
}

static void print_json(const Merge *m, Text *out)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set_text(doc, "study", m->open[0].study.name);
    doc_set_bool(doc, "written", !m->dry);
    Doc *list = doc_set(doc, "from", doc_array());
    for (int i = 1; i < m->n_done; i++) {
        const MergeCount *c = &m->counts[i];
        Doc *from = doc_add(list, doc_object());
        doc_set_text(from, "study", m->open[i].study.name);
        doc_set_text(from, "db", m->open[i].place.db);
        doc_set_number(from, "trials", c->n_trials);
        doc_set_number(from, "merged", c->n_merged);
        doc_set_number(from, "there_already", c->n_there);
        doc_set_number(from, "not_ended", c->n_unfinished);
    }
    doc_print(doc, 1, out);
    text_add(out, "\n");
    doc_free(doc);
}

int cmd_merge(Cli *cli)
{
    Error err;
    Merge m = {.cli = cli, .dry = cli_flag(cli, "dry-run")};
    Text text = {0};
    int n_merged = 0;
    bool ok = open_all(&m, &err) && check_all(&m, &err) && merge_all(&m, &err);
    ok = close_all(&m, ok, &err);
    for (int i = 1; i < m.n_done; i++) n_merged += m.counts[i].n_merged;
    if (n_merged > 0 && !m.dry)
        cli_say(cli, "study %s cannot be repeated from its seed alone any more; that is noted in it for good",
                m.open[0].study.name);
    int code = EXIT_OK;
    if (m.n_done > 1) { /* also where a later one failed */
        if (cli->json) print_json(&m, &text);
        else print_lines(&m, &text);
        code = cli_answer(&text);
    }
    text_free(&text);
    return ok ? code : cli_fail(&err);
}
