/* app/verbs/gc.c - removes models that nobody needs, and files that no trial owns. */
#include "app/verbs/verbs.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "app/arguments.h"
#include "base/file.h"
#include "base/grow.h"
#include "base/set.h"
#include "tuner/exchange/exchange.h"
#include "tuner/store/curate.h"

typedef struct {
    const char *path; /* absolute or as the folder was given */
    const char *why;
    double bytes;
} GarbageFile;

/* What is to go: artifacts of trials that are neither among the best nor in an ensemble, then files that
 * no row points at. */
typedef struct {
    OpenStudy *open;
    TrialRow *rows;
    int n_rows;
    bool *kept;          /* (n_rows) */
    int64_t *drop;       /* ids */
    int n_drop;
    GarbageFile *files;
    int n_files, capacity;
} Garbage;

static bool add_path(Garbage *g, const char *path, const char *why, Error *err)
{
    Arena *arena = g->open->arena;
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)) return true; /* gone already */
    if (!GROW(arena, g->files, g->n_files, g->capacity)) return error_memory(err);
    GarbageFile *file = &g->files[g->n_files++];
    *file = (GarbageFile){arena_copy(arena, path), why, (double)st.st_size};
    return file->path || error_memory(err);
}

static bool choose_kept(Garbage *g, int top, Error *err)
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
static bool sort_artifacts(Garbage *g, TextSet *owned, Error *err)
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
static bool is_ours(const Garbage *g, const char *name)
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

static bool find_orphans(Garbage *g, const TextSet *owned, Error *err)
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

static bool collect(Garbage *g, int top, Error *err)
{
    TextSet owned = {0};
    return store_trials(g->open->store, g->open->study.id, g->open->arena, &g->rows, &g->n_rows, err)
        && choose_kept(g, top, err) && sort_artifacts(g, &owned, err)
        && find_orphans(g, &owned, err);
}

static int answer(Cli *cli, const Garbage *g, bool dry)
{
    Text text = {0};
    double bytes = 0;
    Doc *doc = doc_object();
    doc_set_number(doc, "schema", 1);
    Doc *files = doc_set(doc, "files", doc_array());
    for (int i = 0; i < g->n_files; i++) {
        const GarbageFile *f = &g->files[i];
        bytes += f->bytes;
        Doc *file = doc_add(files, doc_object());
        doc_set_text(file, "path", f->path);
        doc_set_number(file, "bytes", f->bytes);
        doc_set_text(file, "why", f->why);
        if (!cli->json && (dry || cli->verbose))
            text_print(&text, "%10.0f  %s  (%s)\n", f->bytes, f->path, f->why);
    }
    doc_set_number(doc, "bytes", bytes);
    doc_set_bool(doc, "removed", !dry);
    if (cli->json) {
        text_free(&text);
        text = (Text){0};
        doc_print(doc, 1, &text);
        text_add(&text, "\n");
    } else {
        text_print(&text, "%d file%s, %.1f MB %s\n", g->n_files, g->n_files == 1 ? "" : "s", bytes / 1e6,
                   dry ? "would be removed" : "removed");
    }
    doc_free(doc);
    int code = cli_answer(&text);
    text_free(&text);
    return code;
}

int cmd_gc(Cli *cli)
{
    Error err;
    OpenStudy open = {0};
    Config *config;
    Garbage g = {.open = &open};
    bool dry = cli_flag(cli, "dry-run");
    int top;
    const char *study = study_argument(cli);
    bool ok = cli_int(cli, "top", 0, 100000000, -1, &top, &err)
           && open_study(cli, study, &open, &err) && (dry || study_open_writer(&open, &err));
    if (ok && top < 0) {
        ok = study_config(&open, &config, &err);
        if (ok) top = config->run.keep_models > 0 ? config->run.keep_models : 100000000;
    }
    ok = ok && (dry || curate_allowed(open.store, open.study.id, &err)) && collect(&g, top, &err)
      && (dry || curate_drop(open.store, open.study.id, g.drop, g.n_drop, &err));
    /* The rows are gone for good: now the files may go. */
    for (int i = 0; ok && !dry && i < g.n_files; i++)
        if (unlink(g.files[i].path) != 0 && file_exists(g.files[i].path))
            fprintf(stderr, "consort: cannot remove %s\n", g.files[i].path);
    if (!study_close_writer(&open, ok, &err)) return cli_fail(&err);
    return answer(cli, &g, dry);
}
