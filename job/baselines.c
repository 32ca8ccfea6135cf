/* job/baselines.c - keeps the baselines of a study in its folder, and fits what is missing there. */
#include "job/baselines.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "job/baseline_fit.h"
#include "job/judged_rows.h"
#include "job/kind.h"
#include "job/told.h"
#include "model/evaluate.h"

enum { METHOD = 2 /* raised when the same data would give others */ };

/* ---- files ------------------------------------------------------------------------------------- */

static char *file_of(const Finished *f, const char *name, bool test)
{
    char *file = arena_print(f->arena, "baselines/%s.%s.proba", name, test ? "test" : "valid");
    for (char *c = file; c && *c; c++)
        if (*c == ' ') *c = '-';
    return file ? place_file(&f->place, file, f->arena) : NULL;
}

bool baseline_predictions(const Finished *f, const char *name, bool test, Predictions *out, Error *err)
{
    char *path = file_of(f, name, test);
    *out = (Predictions){0};
    if (!path) return error_memory(err);
    return !file_exists(path) || predictions_load(path, f->arena, out, err);
}

static bool save(const Finished *f, BaselineKind kind, const Baseline *b, Error *err)
{
    char *valid = file_of(f, baseline_names[kind], false), *test = file_of(f, baseline_names[kind], true);
    if (!valid || !test) return error_memory(err);
    bool left_out = b->valid.n_rows == 0;
    if (left_out) unlink(valid); /* of an earlier fit; most have none */
    if (left_out || !b->test) unlink(test);
    if (!left_out && !predictions_save(&b->valid, valid, err)) return false;
    if (left_out || !b->test) return true;
    int n = f->data.test->n_rows;
    int32_t *row = ARENA_NEW(f->arena, int32_t, n);
    if (!row) return error_memory(err);
    for (int i = 0; i < n; i++) row[i] = i;
    return predictions_save(&(Predictions){n, b->valid.n_classes, row, b->test, b->valid.numbers}, test, err);
}

/* The SHA-256 of its file; NULL and true: there is none. */
static bool sum(const Finished *f, const char *name, bool test, char hex[65], const char **out, Error *err)
{
    char *path = file_of(f, name, test);
    *out = NULL;
    if (!path) return error_memory(err);
    if (!file_exists(path)) return true;
    if (!told_sha256(path, hex, err)) return false;
    *out = hex;
    return true;
}

static const char *const sums[] = {"valid_sha256", "test_sha256"};

/* Are its files those that it was written down with? */
static bool is_whole(const Finished *f, const Doc *entry)
{
    for (int test = 0; test < 2; test++) {
        char hex[65];
        const char *now, *then = doc_to_text(doc_get(entry, sums[test]), NULL);
        Error ignored;
        if (!sum(f, doc_to_text(doc_get(entry, "name"), ""), test, hex, &now, &ignored)) return false;
        if (!now != !then || (now && strcmp(now, then) != 0)) return false;
    }
    return true;
}

/* ---- what they were fitted to --------------------------------------------------------------------- */

static Doc *key_of(const Finished *f)
{
    char seed[32];
    Doc *key = doc_object();
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)f->study.seed);
    doc_set_number(key, "method", METHOD);
    doc_set_text(key, "data_sha256", f->study.data_sha256);
    doc_set_text(key, "split_sha256", f->study.split_sha256);
    doc_set_text(key, "test_sha256", f->data.test ? f->data.test->fingerprint : NULL);
    doc_set_number(key, "test_rows", f->data.test ? f->data.test->n_rows : 0);
    doc_set_text(key, "seed", seed);
    doc_set_text(key, "metric", metric_name(f->config->metric));
    doc_set_number(key, "epochs", f->config->full_epochs);
    doc_set_number(key, "positive", f->data.positive);
    doc_set_bool(key, "intervals", f->config->report.ci == CI_BOOTSTRAP);
    return key;
}

/* What stands in the folder; a file of other data, or one that cannot be read, is as good as none. */
static Doc *load(const Finished *f)
{
    Error ignored;
    Doc *stored = NULL, *key = key_of(f);
    if (!doc_load(&f->place, "baselines.json", &stored, &ignored)) stored = NULL;
    if (stored && !doc_same(doc_get(stored, "of"), key)) {
        doc_free(stored);
        stored = NULL;
    }
    doc_free(key);
    return stored;
}

static const Doc *find_in(const Doc *list, const char *name)
{
    for (size_t i = 0; i < doc_count(list); i++)
        if (strcmp(doc_to_text(doc_get(doc_at(list, i), "name"), ""), name) == 0) return doc_at(list, i);
    return NULL;
}

static const Doc *find(const Doc *stored, const char *name)
{
    return find_in(doc_get(stored, "baselines"), name);
}

/* ---- how good they are ------------------------------------------------------------------------------ */

/* The part of an evaluation that is shown and stored. */
static bool judge(const Finished *f, const Predictions *p, const Table *table, Doc *entry, const char *key,
                  Error *err)
{
    static const char *const kept[] = {"rows", "metrics", "confusion"};
    Doc *doc;
    Judged judged;
    if (!judged_rows(f, p, table, &judged, err) || !evaluate_predictions(&judged, f->arena, &doc, err))
        return false;
    Doc *out = doc_set(entry, key, doc_object());
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        doc_set(out, kept[i], doc_copy(doc_get(doc, kept[i])));
    doc_free(doc);
    return true;
}

static bool describe(const Finished *f, BaselineKind kind, const Baseline *b, Doc *entry, Error *err)
{
    doc_set_text(entry, "name", baseline_names[kind]);
    doc_set_text(entry, "note", b->note);
    doc_set_number(entry, "l2", b->l2);
    doc_set_number(entry, "n_params", b->n_params > 0 ? (double)b->n_params : NAN);
    doc_set_number(entry, "epochs", b->epochs > 0 ? b->epochs : NAN);
    doc_set(entry, "validation", doc_null());
    doc_set(entry, "test", doc_null());
    for (int test = 0; test < 2; test++) {
        char hex[65];
        const char *now;
        if (!sum(f, baseline_names[kind], test, hex, &now, err)) return false;
        doc_set_text(entry, sums[test], now);
    }
    return b->valid.n_rows == 0 || judge(f, &b->valid, f->data.train, entry, "validation", err);
}

static bool test_is_open(const Finished *f)
{
    char *path = f->data.test ? place_file(&f->place, "evaluation.json", f->arena) : NULL;
    return path && file_exists(path);
}

/* The entry as it was, with its test set judged. */
static bool judge_test(const Finished *f, Doc *entry, bool *changed, Error *err)
{
    Predictions p;
    const char *name = doc_to_text(doc_get(entry, "name"), "");
    if (doc_kind(doc_get(entry, "test")) == DOC_OBJECT || doc_kind(doc_get(entry, "validation")) != DOC_OBJECT)
        return true;
    if (!baseline_predictions(f, name, true, &p, err)) return false;
    if (p.n_rows != f->data.test->n_rows || p.n_classes != table_values(f->data.train)) return true;
    *changed = true;
    return judge(f, &p, f->data.test, entry, "test", err);
}

/* ---- all of it -------------------------------------------------------------------------------------- */

static bool fit(Finished *f, BaselineKind kind, Doc *entry, Error *err)
{
    Baseline baseline;
    BaselineInput input = {.config = f->config, .data = &f->data, .seed = f->study.seed,
                           .folder = place_file(&f->place, "baselines", f->arena)};
    char *artifacts = place_file(&f->place, "baselines/artifacts", f->arena);
    if (!input.folder || !artifacts) return error_memory(err);
    return place_own(&f->place, "baselines", f->arena, err)
        && place_own(&f->place, "baselines/artifacts", f->arena, err) && file_make_folder(artifacts, err)
        && baseline_fit(&input, kind, f->arena, &baseline, err) && save(f, kind, &baseline, err)
        && describe(f, kind, &baseline, entry, err);
}

/* One more of the list: stored, or fitted now; and judged on the test set. `changed`: to be written. */
static bool add(Finished *f, BaselineKind kind, const Doc *stored, bool open, Doc *list, bool *changed,
                Error *err)
{
    const Doc *there = find(stored, baseline_names[kind]);
    if (there && !is_whole(f, there)) there = NULL;
    Doc *entry = doc_add(list, there ? doc_copy(there) : doc_object());
    if (!there) {
        *changed = true;
        if (!fit(f, kind, entry, err)) return false;
    }
    return !open || judge_test(f, entry, changed, err);
}

/* The list so far, and behind it what is stored and has not had its turn. */
static bool write_list(const Finished *f, const Doc *list, const Doc *stored, Error *err)
{
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    doc_set(doc, "of", key_of(f));
    Doc *all = doc_set(doc, "baselines", doc_copy(list));
    for (int kind = 0; kind < BASELINE_COUNT; kind++) {
        const Doc *there = find(stored, baseline_names[kind]);
        if (there && !find_in(list, baseline_names[kind])) doc_add(all, doc_copy(there));
    }
    bool ok = doc_save(&f->place, "baselines.json", doc, err);
    doc_free(doc);
    return ok;
}

bool baselines_ready(Finished *f, Doc **out, Error *err)
{
    *out = NULL;
    if (!f->config->kind->trains || !f->config->report.baselines || !f->data.train) return true;
    if (!file_is_folder(f->place.folder)) return true; /* a database by itself: nothing is made around it */
    Doc *stored = load(f), *list = doc_array();
    bool ok = true, open = test_is_open(f);
    for (int kind = 0; ok && kind < BASELINE_COUNT; kind++) {
        bool changed = false;
        if (!baseline_is_for((BaselineKind)kind, f->data.train->task.kind)) continue;
        if (kind == BASELINE_NETWORK && f->config->presets) continue; /* presets as they are are trials */
        ok = add(f, kind, stored, open, list, &changed, err) && (!changed || write_list(f, list, stored, err));
    }
    doc_free(stored);
    if (ok) *out = list;
    else doc_free(list);
    return ok;
}
