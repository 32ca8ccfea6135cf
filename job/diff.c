/* job/diff.c - reads two trials and tests their predictions against each other. */
#include "job/diff.h"

#include <stdio.h>
#include <string.h>

#include "job/common_rows.h"
#include "job/finished.h"

/* ---- the paired test --------------------------------------------------------------------------- */

/* On the rows that both predicted, and whose class is known. */
static bool test(const Place *place, Arena *arena, Diff *d, Error *err)
{
    Finished f;
    Predictions p[2];
    if (!finished_open(place, arena, &f, err)) return false;
    bool ok = finished_has_models(&f, "a paired test", err);
    for (int side = 0; ok && side < 2; side++)
        ok = trial_predictions(f.store, f.place.folder, &d->row[side], arena, &p[side], err);
    Pair pair = {.draws = PAIRED_DRAWS, .seed = f.study.seed, .positive = f.data.positive};
    ok = ok && common_rows(&p[0], &p[1], f.data.train, arena, &pair, err)
      && paired_compare(&pair, arena, &d->paired, err);
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
    out->program = study_runs_program(&open.study);
    out->tested = test(&open.place, arena, out, &why);
    snprintf(out->untested, sizeof out->untested, "%.280s", why.message);
    return true;
}

void diff_free(Diff *diff)
{
    for (int side = 0; side < 2; side++) doc_free(diff->params[side]);
}
