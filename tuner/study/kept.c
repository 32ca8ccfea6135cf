/* The trials that keep their files, best first, and the files of those that fell out. */
#include "tuner/study/kept.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/grow.h"

typedef struct {
    int number;
    int64_t trial_id;
    double score, bytes;
} KeptTrial;

struct Kept {
    Store *store;
    char *folder;
    int most, n, capacity;
    double cap_bytes, bytes;
    KeptTrial *trial; /* best first */
    int n_dropped, dropped_capacity;
    int *dropped;     /* numbers whose files are to be removed, oldest first */
    long n_swept;     /* drops before these */
};

Kept *kept_create(Store *store, const char *folder, int most, double cap_bytes)
{
    Kept *kept = calloc(1, sizeof *kept);
    if (!kept) return NULL;
    *kept = (Kept){.store = store, .folder = strdup(folder ? folder : "."), .most = most,
                   .cap_bytes = cap_bytes};
    if (!kept->folder) {
        free(kept);
        return NULL;
    }
    return kept;
}

void kept_destroy(Kept *kept)
{
    if (!kept) return;
    free(kept->folder);
    free(kept->trial);
    free(kept->dropped);
    free(kept);
}

static bool better(const KeptTrial *a, const KeptTrial *b)
{
    if (a->score != b->score) return a->score < b->score;
    return a->number < b->number;
}

double kept_bytes(const ArtifactRow *artifacts, int n)
{
    double bytes = 0;
    for (int i = 0; i < n; i++)
        if (artifact_is(&artifacts[i], ARTIFACT_WEIGHTS) || artifact_is(&artifacts[i], ARTIFACT_PROBA))
            bytes += (double)artifacts[i].bytes;
    return bytes;
}

static bool drop_worst(Kept *kept, Error *err)
{
    KeptTrial worst = kept->trial[kept->n - 1];
    if (!GROW(NULL, kept->dropped, kept->n_dropped, kept->dropped_capacity)) return error_memory(err);
    if (!store_artifact_drop(kept->store, worst.trial_id, artifact_kind_names[ARTIFACT_WEIGHTS], err)
        || !store_artifact_drop(kept->store, worst.trial_id, artifact_kind_names[ARTIFACT_PROBA], err))
        return false;
    kept->dropped[kept->n_dropped++] = worst.number;
    kept->bytes -= worst.bytes;
    kept->n--;
    return true;
}

bool kept_add(Kept *kept, int number, int64_t trial_id, double score, double bytes, Error *err)
{
    if (!GROW(NULL, kept->trial, kept->n, kept->capacity)) return error_memory(err);
    KeptTrial trial = {number, trial_id, isnan(score) ? INFINITY : score, bytes};
    int at = kept->n++;
    for (; at > 0 && better(&trial, &kept->trial[at - 1]); at--)
        kept->trial[at] = kept->trial[at - 1];
    kept->trial[at] = trial;
    kept->bytes += bytes;
    while (kept->n > 1 && ((kept->most > 0 && kept->n > kept->most)
                           || (kept->cap_bytes > 0 && kept->bytes > kept->cap_bytes)))
        if (!drop_worst(kept, err)) return false;
    return true;
}

bool kept_may_add(const Kept *kept, int number, double score)
{
    const KeptTrial trial = {.number = number, .score = isnan(score) ? INFINITY : score};
    /* With a cap on bytes a large one may make room for others when it goes. */
    return kept->cap_bytes > 0 || kept->most == 0 || kept->n < kept->most
        || better(&trial, &kept->trial[kept->n - 1]);
}

bool kept_trim(Kept *kept, const bool *first, int most, double cap_bytes, Error *err)
{
    for (int i = 1; i < kept->n; i++) { /* they are in order of score already: a stable sort by the mark */
        KeptTrial trial = kept->trial[i];
        int at = i;
        for (; at > 0 && first[trial.number] && !first[kept->trial[at - 1].number]; at--)
            kept->trial[at] = kept->trial[at - 1];
        kept->trial[at] = trial;
    }
    while (kept->n > 1 && ((most > 0 && kept->n > most) || (cap_bytes > 0 && kept->bytes > cap_bytes)))
        if (!drop_worst(kept, err)) return false;
    return true;
}

long kept_mark(const Kept *kept)
{
    return kept->n_swept + kept->n_dropped;
}

void kept_sweep(Kept *kept, long mark)
{
    static const char *const endings[] = {"consort", "proba"};
    int n_sweep = (int)(mark - kept->n_swept);
    for (int i = 0; i < n_sweep; i++)
        for (int e = 0; e < 2; e++) {
            char path[4096];
            int n = snprintf(path, sizeof path, "%s/artifacts/trial-%06d.%s", kept->folder,
                             kept->dropped[i], endings[e]);
            if (n > 0 && (size_t)n < sizeof path) unlink(path); /* gone already is fine */
        }
    if (n_sweep <= 0) return;
    kept->n_dropped -= n_sweep;
    kept->n_swept += n_sweep;
    memmove(kept->dropped, kept->dropped + n_sweep,
            (size_t)kept->n_dropped * sizeof *kept->dropped);
}

static bool is_kept(const Kept *kept, int number)
{
    for (int i = 0; i < kept->n; i++)
        if (kept->trial[i].number == number) return true;
    return false;
}

void kept_clean(Kept *kept)
{
    char folder[4096];
    int n = snprintf(folder, sizeof folder, "%s/artifacts", kept->folder);
    DIR *dir = n > 0 && (size_t)n < sizeof folder ? opendir(folder) : NULL;
    if (!dir) return;
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;) {
        int number, length = 0;
        /* "trial-000012.consort", and while it is being written "trial-000012.consort.4711-0.tmp" */
        if (sscanf(entry->d_name, "trial-%6d.%n", &number, &length) != 1 || length == 0) continue;
        const char *ending = strrchr(entry->d_name, '.');
        if (strcmp(ending, ".checkpoint") == 0) continue; /* its trial's business */
        bool whole = strcmp(entry->d_name + length, "consort") == 0
                  || strcmp(entry->d_name + length, "proba") == 0;
        if (!whole || !is_kept(kept, number)) unlinkat(dirfd(dir), entry->d_name, 0);
    }
    closedir(dir);
}
