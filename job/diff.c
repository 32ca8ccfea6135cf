/* job/diff.c - reads two trials and tests their predictions against each other. */
#include "job/diff.h"

#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "job/finished.h"

/* ---- the paired test --------------------------------------------------------------------------- */

static bool load(const Diff *d, const Finished *f, int side, Predictions *out, Error *err)
{
    ArtifactRow *artifacts;
    int n;
    if (!store_artifacts(f->store, d->row[side].id, f->arena, &artifacts, &n, err)) return false;
    for (int i = 0; i < n; i++)
        if (artifact_is(&artifacts[i], ARTIFACT_PROBA)) {
            const char *path = path_join(f->arena, f->place.folder, artifacts[i].path);
            return path ? predictions_load(path, f->arena, out, err) : error_memory(err);
        }
    return error_set(err, ERR_INVALID, "trial %d has not kept its predictions (run.keep_models)",
                     d->row[side].number);
}

/* On the rows that both predicted, and whose class is known. */
static bool test(const Place *place, Arena *arena, Diff *d, Error *err)
{
    Finished f;
    Predictions p[2];
    if (!finished_open(place, arena, &f, err)) return false;
    bool ok = finished_has_models(&f, "a paired test", err) && load(d, &f, 0, &p[0], err)
           && load(d, &f, 1, &p[1], err);
    if (ok && p[0].n_classes != p[1].n_classes)
        ok = error_set(err, ERR_DATA, "their predictions have %d and %d classes", p[0].n_classes,
                       p[1].n_classes);
    const int k = ok ? p[0].n_classes : 1, most = ok ? p[0].n_rows : 0;
    float *a = ARENA_NEW(arena, float, (size_t)most * (size_t)k + 1);
    float *b = ARENA_NEW(arena, float, (size_t)most * (size_t)k + 1);
    int32_t *labels = ARENA_NEW(arena, int32_t, most + 1);
    int n = 0;
    if (ok && (!a || !b || !labels)) ok = error_memory(err);
    for (int i = 0, j = 0; ok && i < p[0].n_rows; i++) {
        int32_t row = p[0].row[i];
        while (j < p[1].n_rows && p[1].row[j] < row) j++;
        if (j == p[1].n_rows || p[1].row[j] != row || row < 0 || row >= f.data.train->n_rows) continue;
        int32_t label = f.data.train->labels[row];
        if (label < 0 || label >= k) continue;
        memcpy(a + (size_t)n * (size_t)k, p[0].proba + (size_t)i * (size_t)k, (size_t)k * sizeof *a);
        memcpy(b + (size_t)n * (size_t)k, p[1].proba + (size_t)j * (size_t)k, (size_t)k * sizeof *b);
        labels[n++] = label;
    }
    if (ok && n == 0) ok = error_set(err, ERR_DATA, "they predicted no row in common");
    const Pair pair = {.n = n, .n_classes = k, .a = a, .b = b, .labels = labels, .draws = PAIRED_DRAWS,
                       .seed = f.study.seed, .positive = f.data.positive};
    ok = ok && paired_compare(&pair, arena, &d->paired, err);
    finished_close(&f);
    return ok;
}

/* ---- the trials -------------------------------------------------------------------------------- */

static bool read_trials(const OpenStudy *open, const int numbers[2], Diff *d, Error *err)
{
    for (int side = 0; side < 2; side++) {
        TrialRow *row = &d->row[side];
        if (!study_trial(open, numbers[side], row, err)) return false;
        d->params[side] = doc_parse(row->params, strlen(row->params), err);
        if (!d->params[side]
            || !store_metrics(open->store, row->id, open->arena, &d->metrics[side], &d->n_metrics[side], err))
            return false;
    }
    return true;
}

bool diff_trials(const Place *place, const int numbers[2], Arena *arena, Diff *out, Error *err)
{
    OpenStudy open;
    Error why = {0};
    *out = (Diff){0};
    bool ok = study_open(place, arena, &open, err) && read_trials(&open, numbers, out, err);
    study_close(&open);
    if (!ok) return false;
    out->study = open.study.name;
    out->program = open.study.n_classes == 0;
    out->tested = test(&open.place, arena, out, &why);
    snprintf(out->untested, sizeof out->untested, "%.280s", why.message);
    return true;
}

void diff_free(Diff *diff)
{
    for (int side = 0; side < 2; side++) doc_free(diff->params[side]);
}
