/* job/transfer.c - reads earlier studies into a configuration. */
#include "job/transfer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "job/kind.h"
#include "job/open.h"
#include "job/transferred.h"
#include "tuner/exchange/exchange.h"
#include "tuner/search/transfer.h"

/* ---- from a study to text ---------------------------------------------------------------------------- */

typedef struct {
    const Config *config; /* this study's */
    Config *theirs;       /* NULL where it cannot be read */
    ForeignStudy study;
    Arena *arena;
} Reading;

typedef struct { double score; int at; } Ranked;

static int by_score(const void *a, const void *b)
{
    const Ranked *x = a, *y = b;
    if (x->score != y->score) return x->score < y->score ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* No score, or where limits count here, one that broke them there: it would be among the first points. */
static bool is_left_out(const Reading *r, const ForeignTrial *trial)
{
    return trial->useless || (trial->breaks && r->config->space->n_limits > 0);
}

/* Of more than TRANSFER_TRIALS the best half, and of the others every so many. */
static bool choose(const Reading *r, bool maximize, bool *keep, int *n, Error *err)
{
    Ranked *order = ARENA_NEW(r->arena, Ranked, r->study.n + 1);
    int m = 0, rest = 0;
    if (!order) return error_memory(err);
    for (int i = 0; i < r->study.n; i++)
        if (!is_left_out(r, &r->study.trials[i]))
            order[m++] = (Ranked){maximize ? -r->study.trials[i].score : r->study.trials[i].score, i};
    *n = m;
    qsort(order, (size_t)m, sizeof *order, by_score);
    const int best = m <= TRANSFER_TRIALS ? m : TRANSFER_TRIALS / 2, want = TRANSFER_TRIALS - best;
    for (int i = 0; i < best; i++) keep[order[i].at] = true;
    for (int i = 0; i < r->study.n; i++) {
        if (is_left_out(r, &r->study.trials[i]) || keep[i]) continue;
        keep[i] = (int64_t)(rest + 1) * want / (m - best) > (int64_t)rest * want / (m - best);
        rest++;
    }
    return true;
}

/* What the trial had there: searched, or fixed in the settings. */
static bool value_there(const Reading *r, const ForeignTrial *trial, const Param *p, Value *out)
{
    for (int i = 0; i < trial->n; i++)
        if (strcmp(trial->names[i], p->name) == 0) {
            *out = trial->values[i];
            return true;
        }
    if (!r->theirs || !r->theirs->kind->trains || !r->config->kind->trains) return false;
    if (space_find(r->theirs->space, p->name) >= 0) return false; /* it did not apply */
    return settings_get(&r->theirs->settings, p->name, r->arena, out);
}

static void add_trial(const Reading *r, const ForeignTrial *trial, Text *out)
{
    const Space *space = r->config->space;
    Value score = value_real(trial->score), value;
    bool any = false;
    text_add(out, "      - {score: ");
    value_exact(&score, out);
    text_add(out, ", params: {");
    for (int i = 0; i < space->n_params; i++) {
        const Param *p = &space->params[i];
        if (p->dim < 0 || !value_there(r, trial, p, &value) || value.kind == VALUE_NONE) continue;
        text_add(out, any ? ", " : "");
        text_json(out, p->name);
        text_add(out, ": ");
        value_plain(&value, out);
        any = true;
    }
    text_add(out, "}}\n");
}

/* The trials with this study's metric, else with their own; which way is better in `*maximize`. */
static bool read_scores(Reading *r, const Place *place, bool *maximize, Error *err)
{
    const char *metric = r->config->metric_full;
    Error ignored;
    if (!metric || !foreign_read_study(place->db, place->name, metric, r->arena, &r->study, &ignored)) {
        if (!foreign_read_study(place->db, place->name, NULL, r->arena, &r->study, err)) return false;
    }
    *maximize = r->study.goal != 0 ? r->study.goal > 0 : r->config->maximize;
    return true;
}

/* One study, by its name. */
static bool add_study(const Config *config, const ConfNode *item, Arena *arena, Text *out, Error *err)
{
    Place place;
    OpenStudy open;
    Reading r = {.config = config, .arena = arena};
    bool maximize;
    int n = 0;
    if (!place_find(item->text, NULL, arena, &place, err) || !study_open(&place, arena, &open,
        err)) return false;
    Error ignored;
    if (!study_config(&open, &r.theirs, &ignored)) r.theirs = NULL;
    study_close(&open);
    if (!read_scores(&r, &place, &maximize, err)) return false;
    bool *keep = ARENA_NEW(arena, bool, r.study.n + 1);
    if (!keep) return error_memory(err);
    if (!choose(&r, maximize, keep, &n, err)) return false;
    if (n < TRANSFER_LEAST)
        return error_set(err, ERR_DATA, "study %.100s has %d trial%s with a score%s, and %d are needed",
                         place.name,
                         n, n == 1 ? "" : "s",
                         config->space->n_limits > 0 ? " that keep its limits" : "", TRANSFER_LEAST);
    text_add(out, "  - study: ");
    text_json(out, item->text);
    text_print(out, "\n    goal: %s\n    trials:\n", maximize ? "maximize" : "minimize");
    for (int i = 0; i < r.study.n; i++)
        if (keep[i]) add_trial(&r, &r.study.trials[i], out);
    return true;
}

/* ---- freezing ------------------------------------------------------------------------------------------ */

bool transfer_take(Config *config, const char *yaml, Arena *arena, Error *err)
{
    Conf *conf;
    const char *copy = arena_copy(arena, yaml);
    if (!copy) return error_memory(err);
    if (!conf_read_text("transfer", copy, strlen(copy), arena, &conf, err)) return false;
    config->transfer = conf_get(conf->root, "transfer");
    return transfer_read(config, arena, err);
}

bool transfer_print(const Config *config, Text *out)
{
    text_add(out, "transfer:");
    conf_print_under(config->transfer, 2, out);
    return text_ok(out);
}

/* As the study at `place` has it; `*there` is false where there is none, or it has others. */
static bool take_stored(Config *config, const Place *place, Arena *arena, bool *there, Error *err)
{
    Store *store;
    StudyInfo *studies;
    Conf *conf;
    Error why = {0};
    int n = 0;
    *there = false;
    if (!file_exists(place->db) || !store_open(place->db, STORE_READ, &store, &why))
        return why.code != ERR_MEMORY || error_memory(err);
    const bool read = store_studies(store, arena, &studies, &n, &why);
    for (int i = 0; read && i < n && !*there; i++) {
        const char *yaml = studies[i].config_yaml;
        if (strcmp(studies[i].name, config->name) != 0 || !yaml) continue;
        yaml = arena_copy(arena, yaml);
        if (!yaml || !conf_read_text("stored configuration", yaml, strlen(yaml), arena, &conf, &why)) break;
        const ConfNode *list = conf_get(conf->root, "transfer"), *ours = config->transfer->first;
        const bool frozen = list && list->kind == CONF_LIST && transfer_is_frozen(list);
        const ConfNode *theirs = frozen ? list->first : NULL;
        for (; ours && theirs; ours = ours->next, theirs = theirs->next) {
            const ConfNode *study = conf_get(theirs, "study");
            if (ours->kind != CONF_TEXT || !study || !study->text || strcmp(ours->text,
                study->text) != 0) break;
        }
        *there = !ours && !theirs;
        if (*there) config->transfer = list;
    }
    store_close(store, NULL);
    return why.code != ERR_MEMORY || error_memory(err);
}

bool transfer_adopt(Config *config, const Place *place, Arena *arena, bool *changed, Error *err)
{
    Text before = {0}, after = {0};
    bool there;
    *changed = false;
    if (!config->transferred) return true;
    transfer_say(config, &before);
    bool ok = take_stored(config, place, arena, &there, err) && transfer_read(config, arena, err);
    transfer_say(config, &after);
    *changed = ok && strcmp(before.bytes ? before.bytes : "", after.bytes ? after.bytes : "") != 0;
    text_free(&before);
    text_free(&after);
    return ok;
}

bool transfer_settle(Config *config, const Place *place, Arena *arena, Error *err)
{
    const ConfNode *list = config->transfer;
    bool there;
    if (!list || list->n == 0 || transfer_is_frozen(list)) return true;
    if (place && !take_stored(config, place, arena, &there, err)) return false;
    if (place && there) return transfer_read(config, arena, err);
    Text text = {0};
    bool ok = true;
    text_add(&text, "transfer:\n");
    for (const ConfNode *item = list->first; ok && item; item = item->next) {
        if (item->kind == CONF_TEXT) {
            Error why = {0};
            ok = add_study(config, item, arena, &text, &why)
              || (why.code == ERR_MEMORY ? error_memory(err)
                                         : conf_error(item, err, "`transfer`: %s", why.message));
        } else {
            text_add(&text, "  - ");
            conf_print_line(item, &text);
            text_add(&text, "\n");
        }
    }
    ok = ok && (text_ok(&text) || error_memory(err)) && transfer_take(config, text.bytes, arena, err);
    text_free(&text);
    return ok;
}

/* "old (18 of 20 trials, without drop)" */
static const char *told(const Config *config, const ConfNode *item, const Source *source, Arena *arena)
{
    const Space *space = config->space;
    const ConfNode *trials = conf_get(item, "trials");
    const char *without = "";
    for (int d = 0, n = 0; without && d < space->n_dims; d++)
        if (!source->known[d])
            without = arena_print(arena, "%s%s%s", without, n++ ? " and " : ", without ",
                                  space->params[space->param_of_dim[d]].name);
    return without ? arena_print(arena, "%s (%d of %d trials%s)", conf_get(item, "study")->text, source->n,
                                 trials->n, without)
                   : NULL;
}

bool transfer_told(const Config *config, Arena *arena, const char **line, Error *err)
{
    const Transfer *transfer = config->transferred;
    const ConfNode *item = transfer ? config->transfer->first : NULL;
    *line = NULL;
    for (int i = 0; item; item = item->next, i++) {
        const char *one = told(config, item, &transfer->source[i], arena);
        *line = !one ? NULL : i ? arena_print(arena, "%s, %s", *line, one)
                                : arena_print(arena, "the search begins from %s", one);
        if (!*line) return error_memory(err);
    }
    return true;
}
