/* job/garbage.c - finds what nobody needs, forgets it in the database, and removes it. */
#include "job/garbage.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/grow.h"
#include "base/set.h"
#include "tuner/exchange/exchange.h"
#include "tuner/store/curate.h"
#include "tuner/store/holder.h"

typedef struct {
    OpenStudy *open;
    TrialRow *rows;
    int n_rows;
    bool *kept;    /* (n_rows) */
    int64_t *drop; /* ids */
    int n_drop;
    Garbage *out;
} Search;

static bool add_path(Search *g, const char *path, const char *why, Error *err)
{
    Arena *arena = g->open->arena;
    struct stat st;
    if (lstat(path, &st) != 0 || (!S_ISREG(st.st_mode) && !S_ISLNK(st.st_mode))) return true; /* gone already */
    if (!GROW(arena, g->out->files, g->out->n_files, g->out->capacity)) return error_memory(err);
    GarbageFile *file = &g->out->files[g->out->n_files++];
    *file = (GarbageFile){.path = arena_copy(arena, path), .why = why, .bytes = (double)st.st_size};
    g->out->bytes += file->bytes;
    return file->path || error_memory(err);
}

static bool choose_kept(Search *g, int top, Error *err)
{
    Arena *arena = g->open->arena;
    EnsembleRow *ensembles;
    int n_ensembles;
    g->kept = ARENA_NEW(arena, bool, g->n_rows + 1);
    g->drop = ARENA_NEW(arena, int64_t, g->n_rows + 1);
    TrialRow *best = ARENA_NEW(arena, TrialRow, g->n_rows + 1);
    if (!g->kept || !g->drop || !best) return error_memory(err);
    if (!store_ensembles(g->open->store, g->open->study.id, arena, &ensembles, &n_ensembles, err)) return false;
    int n = 0;
    for (int i = 0; i < g->n_rows; i++)
        if (trial_ranks(&g->rows[i])) best[n++] = g->rows[i];
    n = exchange_top(best, n, top, g->open->study.maximize);
    for (int i = 0; i < g->n_rows; i++) {
        for (int b = 0; b < n; b++) g->kept[i] |= best[b].id == g->rows[i].id;
        for (int e = 0; e < n_ensembles; e++)
            for (int m = 0; m < ensembles[e].n_members; m++)
                g->kept[i] |= ensembles[e].members[m].trial_id == g->rows[i].id;
    }
    return true;
}

/* The files of trials that are not kept; and which files the kept ones own. */
static bool sort_artifacts(Search *g, TextSet *owned, Error *err)
{
    Arena *arena = g->open->arena;
    for (int i = 0; i < g->n_rows; i++) {
        ArtifactRow *artifacts;
        int n;
        if (!store_artifacts(g->open->store, g->rows[i].id, arena, &artifacts, &n, err)) return false;
        bool drops = false;
        for (int a = 0; a < n; a++) {
            if (!artifact_is(&artifacts[a], ARTIFACT_WEIGHTS)
                && !artifact_is(&artifacts[a], ARTIFACT_PROBA))
                continue;
            drops = !g->kept[i];
            const char *path = path_join(arena, g->open->place.folder, artifacts[a].path);
            if (!path || text_set_add(owned, arena, path, strlen(path)) < 0) return error_memory(err);
            if (!g->kept[i] && !add_path(g, path, "not among the best, in no ensemble", err)) return false;
        }
        if (drops) g->drop[g->n_drop++] = g->rows[i].id;
    }
    return true;
}

/* May this file of the artifacts folder be an orphan? Only what a study makes, and nothing a trial that is
 * to go on needs. */
static bool is_ours(const Search *g, const char *name)
{
    static const char *const endings[] = {".consort", ".proba", ".checkpoint", ".tmp"};
    int number, length = 0;
    const char *ending = strrchr(name, '.');
    bool known = false;
    for (size_t i = 0; ending && i < sizeof endings / sizeof *endings; i++)
        known |= strcmp(ending, endings[i]) == 0;
    if (!known) return false; /* a log, or somebody's own */
    if (sscanf(name, "trial-%6d.%n", &number, &length) != 1 || length == 0) return false;
    for (int i = 0; i < g->n_rows; i++)
        if (g->rows[i].number == number
            && (g->rows[i].state == TRIAL_QUEUED || g->rows[i].state == TRIAL_RUNNING
                || g->rows[i].state == TRIAL_INTERRUPTED))
            return false;
    return true;
}

static bool find_orphans(Search *g, const TextSet *owned, Error *err)
{
    Arena *arena = g->open->arena;
    const char *folder = path_join(arena, g->open->place.folder, "artifacts");
    if (!folder) return error_memory(err);
    DIR *dir = opendir(folder);
    bool ok = true;
    if (!dir) return true;
    for (struct dirent *entry; ok && (entry = readdir(dir)) != NULL;) {
        const char *path = path_join(arena, folder, entry->d_name);
        bool known = !path || !is_ours(g, entry->d_name) || text_set_find(owned, path, strlen(path)) >= 0;
        ok = path ? known || add_path(g, path, "belongs to no trial", err) : error_memory(err);
    }
    closedir(dir);
    return ok;
}

/* NAME.PID-N.tmp and NAME.PID.tmp(-journal), left by a process that was killed while it wrote NAME. */
static bool is_left_over(const char *name)
{
    const char *end = name + strlen(name), *tmp = strstr(name, ".tmp");
    while (tmp && strstr(tmp + 1, ".tmp")) tmp = strstr(tmp + 1, ".tmp");
    if (!tmp || (tmp + 4 != end && strcmp(tmp + 4, "-journal") != 0)) return false;
    const char *dot = tmp;
    while (dot > name && dot[-1] != '.') dot--;
    char *after;
    long pid = *dot >= '0' && *dot <= '9' ? strtol(dot, &after, 10) : 0;
    if (pid < 2 || pid > INT_MAX || dot - 1 <= name) return false;
    if (*after == '-') (void)strtol(after + 1, &after, 10);
    return after == tmp && !holder_is_there(pid);
}

/* In a folder of the study, "" being its own. */
static bool find_left_overs(Search *g, const char *below, Error *err)
{
    Arena *arena = g->open->arena;
    const char *folder = *below ? place_file(&g->open->place, below, arena) : g->open->place.folder;
    if (!folder) return error_memory(err);
    if (*below && !place_own(&g->open->place, below, arena, err)) return false;
    DIR *dir = opendir(folder);
    bool ok = true;
    if (!dir) return true;
    for (struct dirent *entry; ok && (entry = readdir(dir)) != NULL;) {
        if (!is_left_over(entry->d_name)) continue;
        const char *path = path_join(arena, folder, entry->d_name);
        ok = path ? add_path(g, path, "left by a process that was killed", err) : error_memory(err);
    }
    closedir(dir);
    return ok;
}

static bool how_many(const OpenStudy *open, int *top, Error *err)
{
    enum { ALL = 100000000 };
    Config *config;
    if (*top >= 0) return true;
    if (!study_config(open, &config, err)) return false;
    *top = config->run.keep_models > 0 ? config->run.keep_models : ALL;
    return true;
}

static bool find(Search *g, int top, bool dry, Error *err)
{
    TextSet owned = {0};
    return place_artifacts_own(&g->open->place, g->open->arena, err) && how_many(g->open, &top, err)
        && (dry || curate_allowed(g->open->store, g->open->study.id, err))
        && store_trials(g->open->store, g->open->study.id, g->open->arena, &g->rows, &g->n_rows, err)
        && choose_kept(g, top, err) && sort_artifacts(g, &owned, err) && find_orphans(g, &owned, err)
        && find_left_overs(g, "", err) && find_left_overs(g, "baselines", err)
        && find_left_overs(g, "baselines/artifacts", err);
}

/* Once the rows are gone for good, the files may go. */
static bool drop(Search *g, Error *err)
{
    if (!curate_drop(g->open->store, g->open->study.id, g->drop, g->n_drop, err)) return false;
    for (int i = 0; i < g->out->n_files; i++) {
        GarbageFile *file = &g->out->files[i];
        file->stays = unlink(file->path) != 0 && file_exists(file->path);
    }
    return true;
}

bool garbage_collect(OpenStudy *open, int top, bool dry, Garbage *out, Error *err)
{
    Search search = {.open = open, .out = out};
    *out = (Garbage){0};
    bool ok = (dry || study_open_writer(open, err)) && find(&search, top, dry, err)
           && (dry || drop(&search, err));
    return study_close_writer(open, ok, err);
}
