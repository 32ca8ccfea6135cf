/* job/front.c - finds the models of a study's front, and copies its knee beside the ensemble. */
#include "job/front.h"

#include <unistd.h>

#include "base/file.h"
#include "tuner/insight/front.h"
#include "tuner/trial/stored.h"

static bool find_weights(Finished *f, FrontTrial *trial, Error *err)
{
    ArtifactRow *artifacts;
    int n;
    if (!store_artifacts(f->store, trial->id, f->arena, &artifacts, &n, err)) return false;
    for (int i = 0; i < n; i++) {
        if (!artifact_is(&artifacts[i], ARTIFACT_WEIGHTS)) continue;
        char *path = place_file(&f->place, artifacts[i].path, f->arena);
        if (!path) return error_memory(err);
        if (file_exists(path)) trial->weights = path;
    }
    return true;
}

bool front_trials(Finished *f, FrontTrial **out, int *n, Error *err)
{
    Stored stored;
    Front front;
    TrialRow *rows;
    int n_rows;
    *out = NULL;
    *n = 0;
    if (!stored_read(&f->study, f->arena, &stored, err)) return false;
    if (stored.goals.n == 0) return true;
    if (!store_trials_brief(f->store, f->study.id, f->arena, &rows, &n_rows, err)
        || !front_read(f->store, &stored.goals, rows, n_rows, f->arena, &front, err))
        return false;
    FrontTrial *list = ARENA_NEW(f->arena, FrontTrial, front.n_front + 1);
    if (!list) return error_memory(err);
    for (int k = 0; k < front.n_front; k++) {
        const TrialRow *row = &rows[front.row[front.order[k]]];
        list[k] = (FrontTrial){.number = row->number, .id = row->id, .knee = front.order[k] == front.knee};
        if (!find_weights(f, &list[k], err)) return false;
    }
    *out = list;
    *n = front.n_front;
    return true;
}

static void forget(const Finished *f)
{
    static const char *const names[] = {"knee.consort", "knee.c", "knee.h"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *path = place_file(&f->place, names[i], f->arena);
        if (path) unlink(path); /* most studies have none */
    }
}

bool front_export(Finished *f, const char **path, Error *err)
{
    FrontTrial *list;
    int n, at = -1;
    *path = NULL;
    if (!front_trials(f, &list, &n, err)) return false;
    for (int i = 0; i < n; i++)
        if (list[i].knee) at = i;
    forget(f);
    if (at < 0 || !list[at].weights) return true;
    char *to = place_file(&f->place, "knee.consort", f->arena);
    if (!to) return error_memory(err);
    *path = to;
    return file_copy(list[at].weights, to, (int64_t)file_bytes(list[at].weights), NULL, err);
}
