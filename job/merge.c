/* job/merge.c - opens the studies that are to be one, sees that they can be compared, and merges them in
 * order. */
#include "job/merge.h"

#include <string.h>

#include "job/open.h"
#include "job/parts.h"
#include "job/sweep.h"
#include "tuner/store/curate.h"

#define say(m, ...) line_say((m)->o->on_line, (m)->o->context, __VA_ARGS__)

typedef struct {
    const MergeOptions *o;
    Arena *arena;
    const char *const *studies; /* (n) */
    int n;
    OpenStudy *open;  /* (n) */
    Config **config;  /* (n) */
    MergeSide *sides; /* (n) */
    Merged *out;
} Merge;

/* ---- the studies --------------------------------------------------------------------------------- */

static bool open_one(Merge *m, int i, Error *err)
{
    Place place;
    return place_find(m->studies[i], &m->o->place, m->arena, &place, err)
        && study_open(&place, m->arena, &m->open[i], err);
}

static bool open_into(Merge *m, Error *err)
{
    Config *config = NULL;
    Place *made = &m->out->made;
    bool there;
    if (!sweep_there(m->studies[0], &m->o->place, m->arena, &config, &there, err)) return false;
    if (!there && m->o->dry) { /* it would be empty */
        Sweep sweep;
        if (!sweep_look(config, &m->o->place, false, m->arena, &sweep, err)) return false;
        m->open[0] = (OpenStudy){.place = sweep.place, .arena = m->arena, .study = sweep.info};
        m->config[0] = config;
        m->out->into = config->name;
        return true;
    }
    if (!there) {
        if (!sweep_prepare(config, &m->o->place, m->arena, made, err)) return false;
        say(m, false, "study %s in %s", made->name, made->folder);
    }
    if (!open_one(m, 0, err)) return false;
    m->out->into = m->open[0].study.name;
    return true;
}

static bool open_all(Merge *m, Error *err)
{
    const int n = m->n;
    m->open = ARENA_NEW(m->arena, OpenStudy, n);
    m->config = ARENA_NEW(m->arena, Config *, n);
    m->sides = ARENA_NEW(m->arena, MergeSide, n);
    m->out->from = ARENA_NEW(m->arena, MergedFrom, n);
    if (!m->open || !m->config || !m->sides || !m->out->from) return error_memory(err);
    for (int i = 0; i < n; i++) {
        OpenStudy *open = &m->open[i];
        if (!(i == 0 ? open_into(m, err) : open_one(m, i, err))
            || (!m->config[i] && !study_config(open, &m->config[i], err)))
            return false;
        m->sides[i] = (MergeSide){open->store, &open->study, open->place.folder, false};
    }
    return true;
}

/* After the study, the parts of it that have begun. */
static bool list_parts(Merge *m, Error *err)
{
    Config *config = NULL;
    Place place;
    bool there;
    const char *const *parts;
    const char *study = m->studies[0];
    int n, of;
    if (!m->o->parts) return true;
    if (!sweep_there(study, &m->o->place, m->arena, &config, &there, err)
        || !(config ? place_of_config(config, &m->o->place, m->arena, &place, err)
                    : place_find(study, &m->o->place, m->arena, &place, err))
        || !parts_find(place.folder, m->arena, &parts, &n, &of, err))
        return false;
    if (n < of) say(m, true, "%d of %d parts have not begun: their trials are not there", of - n, of);
    const char **studies = ARENA_NEW(m->arena, const char *, n + 1);
    if (!studies) return error_memory(err);
    studies[0] = study;
    for (int i = 0; i < n; i++) studies[1 + i] = parts[i];
    m->studies = studies;
    m->n = 1 + n;
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
                     m->studies[i], m->studies[0], what);
}

/* Is it a part of that very study, which only needs its trials? How far a proposal may be behind is the
 * machine's business, where none looks back. */
static bool is_part(const Merge *m, int i, bool *part, Error *err)
{
    char difference[240];
    Config whole = *m->config[i];
    *part = false;
    if (whole.n_parts == 0 || !part_by_number(&whole)) return true;
    part_forget(&whole);
    whole.run.lookback = m->config[0]->run.lookback;
    return config_same_study(&whole, m->config[0], part, difference, err);
}

static bool check_all(const Merge *m, Error *err)
{
    if (!part_refuse(m->config[0], "nothing is merged into", err)) return false;
    for (int i = 1; i < m->n; i++)
        if (!comparable(m, i, err) || !is_part(m, i, &m->sides[i].numbered, err)) return false;
    return true;
}

/* ---- merging ----------------------------------------------------------------------------------------- */

static void say_running(const Merge *m, int i)
{
    StudyHolder holder;
    Error ignored;
    if (curate_holder(m->open[i].store, m->open[i].study.id, &holder, &ignored) && holder.alive)
        say(m, false, "%s is being run by pid %lld on host %s: its trials that have ended are taken; merge it"
            " again for the rest", m->studies[i], (long long)holder.pid, holder.host);
}

static bool merge_one(Merge *m, int i, Error *err)
{
    MergedFrom *from = &m->out->from[i - 1];
    *from = (MergedFrom){.said = m->studies[i], .name = m->open[i].study.name, .db = m->open[i].place.db,
                         .numbered = m->sides[i].numbered};
    say_running(m, i);
    if (!merge_study(m->sides, i + 1, m->config[0]->space, m->o->dry, &from->count, err)) return false;
    m->out->n_from++;
    m->out->n_merged += from->count.n_merged;
    if (!from->numbered) m->out->n_apart += from->count.n_merged;
    return true;
}

static bool merge_all(Merge *m, Error *err)
{
    OpenStudy *into = &m->open[0];
    if (!m->o->dry) {
        if (!study_open_writer(into, err)) return false;
        m->sides[0].store = into->store;
        for (int i = 0; store_notice(into->store, i); i++)
            say(m, true, "%s: %s", into->place.db, store_notice(into->store, i));
    }
    for (int i = 1; i < m->n; i++)
        if (!merge_one(m, i, err)) return false;
    return true;
}

bool merge_studies(const MergeOptions *options, Arena *arena, Merged *out, Error *err)
{
    Merge m = {.o = options, .arena = arena, .studies = options->studies, .n = options->n, .out = out};
    *out = (Merged){0};
    bool ok = list_parts(&m, err) && open_all(&m, err) && check_all(&m, err) && merge_all(&m, err);
    for (int i = 1; m.sides && i < m.n; i++) study_close(&m.open[i]);
    return m.sides ? study_close_writer(&m.open[0], ok, err) : ok;
}
