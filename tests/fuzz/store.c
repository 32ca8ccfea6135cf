/* Fuzzes all that reads a trial database, with damaged cells (database.h). A first line `program` takes the study
 * of a program instead of the one of networks.
 *
 * Verbs that write and delete work on a copy, in a thread that Linux lets write in this target's folder alone
 * (Landlock); without it they are left out. What lies beside the copy stays as it was, and a database that they
 * leave is one. `stop` is left out: it signals. */
#define _GNU_SOURCE /* syscall */
#include <fcntl.h>
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#ifdef __linux__
#include <linux/landlock.h>
#endif

#include "app/verbs/verbs.h"
#include "reports/document.h"
#include "reports/html.h"
#include "reports/markdown.h"
#include "tests/fuzz/database.h"
#include "tests/fuzz/study.h"
#include "tuner/insight/front.h"
#include "tuner/store/merge.h"

/* Of what takes long, everything when a corpus is replayed, and a part of it while fuzzing: the input says which. */
static bool takes_part(FuzzBytes input, unsigned part)
{
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
    unsigned sum = 0;
    while (input.n) sum += fuzz_byte(&input);
    return sum % 8 == part % 8;
#else
    return input.n + part + 1 > 0;
#endif
}

static void read_trial(Store *store, int64_t id, Arena *arena)
{
    EpochRow *epochs;
    MetricRow *metrics;
    ConfusionRow confusion;
    ArtifactRow *artifacts;
    Error err;
    int n;
    store_epochs(store, id, arena, &epochs, &n, &err);
    if (store_metrics(store, id, arena, &metrics, &n, &err))
        for (int i = 0; i < n; i++) FUZZ_HOLDS(metrics[i].split && metrics[i].name);
    store_confusion(store, id, "val", arena, &confusion, &err);
    if (store_artifacts(store, id, arena, &artifacts, &n, &err))
        for (int i = 0; i < n; i++) FUZZ_HOLDS(artifacts[i].kind && artifacts[i].path);
}

static void report(Store *store, const StudyInfo *info, Arena *arena)
{
    const ReportInput input = {.store = store, .study = info, .top = 5};
    Doc *document;
    Text page = {0}, markdown = {0};
    Error err;
    if (!document_make(&input, arena, &document, &err)) return;
    FUZZ_HOLDS(html_write(document, &page, &err) && markdown_write(document, &markdown, &err));
    text_free(&page), text_free(&markdown);
    doc_free(document);
}

static void read_study(Store *store, const StudyInfo *info, FuzzBytes input, Arena *arena)
{
    TrialRow *rows, best;
    EnsembleRow *ensembles;
    NoteRow *notes;
    Goals goals;
    Front front;
    MergeCount count;
    Config *config;
    Error err;
    int n, m;
    bool found;
    FUZZ_HOLDS(info->name && info->method && info->metric && info->state && info->config_yaml);
    bool readable = config_read_text("stored", info->config_yaml, "", arena, &config, &err);
    if (store_trials(store, info->id, arena, &rows, &n, &err)) {
        for (int i = 0; i < n; i++) {
            FUZZ_HOLDS(rows[i].source && rows[i].params && rows[i].state < TRIAL_STATE_COUNT);
            read_trial(store, rows[i].id, arena);
        }
        front_goals(info, readable ? &config->goals : &(Goals){0}, &goals);
        if (goals.n > 0) front_read(store, &goals, rows, n, arena, &front, &err);
    }
    store_best(store, info->id, NULL, info->maximize, arena, &best, &found, &err);
    store_ensembles(store, info->id, arena, &ensembles, &m, &err);
    curate_notes(store, info->id, arena, &notes, &m, &err);
    MergeSide sides[2] = {{store, info, "/nowhere", false}, {store, info, "/nowhere", false}};
    merge_study(sides, 2, fuzz_space(0), true, &count, &err);
    if (takes_part(input, 7)) report(store, info, arena);
}

typedef const char *Words[8]; /* a verb and its arguments */

/* Those of `verbs` whose turn it is; DB is `path`, CONFIG the configuration of the study. */
static void run_verbs(const Words *verbs, size_t n, const char *path, FuzzBytes input, Arena *arena)
{
    for (size_t i = 0; i < n; i++) {
        const char *argv[9] = {"consort"};
        if (!takes_part(input, (unsigned)i)) continue;
        int argc = 1;
        for (int k = 0; k < 8 && verbs[i][k]; k++)
            argv[argc++] = strcmp(verbs[i][k], "DB") == 0       ? path
                           : strcmp(verbs[i][k], "CONFIG") == 0 ? fuzz_path("a.yaml")
                                                                : verbs[i][k];
        Cli cli = {.table = &verb_table, .arena = arena};
        Error err;
        fuzz_must(cli_parse(argc, (char **)(uintptr_t)argv, &cli, &err), &err);
        cli.verb->run(&cli);
    }
}

static void run_readers(const char *path, FuzzBytes input, Arena *arena)
{
    static const Words verbs[] = {
        {"show", "DB", "1"}, {"show", "DB", "4", "--json"}, {"diff", "DB", "0", "1"}, {"best", "DB"},
        {"best", "DB", "--json"}, {"ls", "DB"}, {"ls", "DB", "--json"}, {"status", "DB"},
        {"importance", "DB"}, {"export", "DB", "--to", "csv"}, {"export", "DB", "--to", "json"},
        {"query", "DB", "SELECT * FROM leaderboard, progress"}};
    run_verbs(verbs, sizeof verbs / sizeof *verbs, path, input, arena);
}

/* ---- verbs that write ------------------------------------------------------------------------------ */

/* This thread, and what it starts, writes below `folder` and nowhere else from now on. */
static bool confine(const char *folder)
{
#ifdef __linux__
    const uint64_t writing = LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR
                           | LANDLOCK_ACCESS_FS_REMOVE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG
                           | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SYM
                           | LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SOCK;
    struct landlock_ruleset_attr rules = {.handled_access_fs = writing};
    struct landlock_path_beneath_attr here = {.allowed_access = writing};
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (fd < 0) return false;
    here.parent_fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
    bool ok = here.parent_fd >= 0 && syscall(SYS_landlock_add_rule, fd, LANDLOCK_RULE_PATH_BENEATH, &here, 0) == 0
           && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    if (here.parent_fd >= 0) close(here.parent_fd);
    close(fd);
    return ok;
#else
    (void)folder;
    return false;
#endif
}

typedef struct {
    const char *path; /* of the damaged database */
    FuzzBytes input;
    Arena *arena;
    int kind;
    const DatabaseImage *whole; /* what is merged into */
} Writing;

static void remove_folders(void)
{
    char command[250];
    snprintf(command, sizeof command, "cd '%s' && rm -rf h h2 x", fuzz_folder_path);
    FUZZ_HOLDS(system(command) == 0);
}

/* The study of networks becomes one that a sweep goes on with: its hashes are those of a real one. */
static void make_real(const char *path)
{
    static const Words sweep[] = {{"sweep", "CONFIG", "-qq", "-j", "1", "--dir", "DB"}};
    sqlite3 *db;
    Text text = {0};
    Error err;
    FUZZ_HOLDS(config_print(fuzz_config(0), &text));
    fuzz_must(file_write(fuzz_path("a.yaml"), text.bytes, text.n, &err), &err);
    const char *folder = path_join(fuzz_forever(), fuzz_folder_path, "h");
    run_verbs(sweep, 1, folder, (FuzzBytes){0}, fuzz_forever());
    text_free(&text);
    text_print(&text, "ATTACH '%s/trials.db' AS made; UPDATE study SET (config_yaml, config_sha256, data_sha256,"
               " split_sha256, seed) = (SELECT config_yaml, config_sha256, data_sha256, split_sha256, seed"
               " FROM made.study)", folder);
    if (sqlite3_open(path, &db) != SQLITE_OK) abort();
    database_exec(db, text.bytes);
    sqlite3_close(db);
    text_free(&text);
    remove_folders();
}

/* A study's folder with what the rows of an undamaged one name, and somebody's files beside it. */
static void make_folder(const Writing *w)
{
    static const char *const files[] = {"h/artifacts/trial-000001.consort", "h/artifacts/trial-000009.proba",
                                        "h/x.1-0.tmp", "x", "h2/y"};
    Arena *arena = w->arena;
    Bytes database;
    Error err;
    remove_folders();
    fuzz_must(file_make_folder(path_join(arena, fuzz_folder_path, "h/artifacts"), &err)
                  && file_make_folder(path_join(arena, fuzz_folder_path, "h2"), &err), &err);
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        fuzz_must(file_write(path_join(arena, fuzz_folder_path, files[i]), "mine", 4, &err), &err);
    fuzz_must(file_read_plain(w->path, 0, &database, &err)
                  && file_write(path_join(arena, fuzz_folder_path, "h/trials.db"), database.bytes, database.n, &err),
              &err);
    bytes_free(&database);
    fuzz_must(file_write(path_join(arena, fuzz_folder_path, "h2/trials.db"), w->whole->bytes, w->whole->n, &err),
              &err);
}

static void *write_in_thread(void *context)
{
    /* A sweep of networks goes on where the study stopped; a program's is never started here. */
    static const Words verbs[] = {
        {"gc", "DB", "--top", "1"}, {"report", "DB"}, {"gc", "DB"}, {"note", "DB", "1", "a note"},
        {"retry", "DB", "--state", "failed"}, {"exclude", "DB", "1"}, {"merge", "INTO", "DB"},
        {"sweep", "CONFIG", "-qq", "-j", "1", "--dir", "DB"},
        {"gc", "DB", "--top", "0"}, {"ensemble", "DB"}};
    Writing *w = context;
    if (!confine(fuzz_folder_path)) return NULL;
    make_folder(w);
    const char *folder = path_join(w->arena, fuzz_folder_path, "h");
    const char *into = path_join(w->arena, fuzz_folder_path, "h2");
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        Words verb = {NULL};
        for (int k = 0; k < 8; k++)
            verb[k] = verbs[i][k] && strcmp(verbs[i][k], "INTO") == 0 ? into : verbs[i][k];
        if (strcmp(verb[0], "sweep") == 0 && w->kind) continue;
        if (takes_part(w->input, (unsigned)i)) run_verbs((const Words *)&verb, 1, folder, (FuzzBytes){0}, w->arena);
    }
    Bytes bytes;
    Error err;
    static const char *const beside[] = {"x", "h2/y"};
    for (int i = 0; i < 2; i++) {
        fuzz_must(file_read_plain(path_join(w->arena, fuzz_folder_path, beside[i]), 0, &bytes, &err), &err);
        FUZZ_HOLDS(bytes.n == 4 && memcmp(bytes.bytes, "mine", 4) == 0);
        bytes_free(&bytes);
    }
    remove_folders();
    return NULL;
}

static void run_writers(const char *path, FuzzBytes input, int kind, const DatabaseImage *whole, Arena *arena)
{
    pthread_t thread;
    Writing w = {path, input, arena, kind, whole};
    FUZZ_HOLDS(pthread_create(&thread, NULL, write_in_thread, &w) == 0);
    pthread_join(thread, NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static DatabaseImage images[2];
    FuzzBytes lines = {data, size};
    Store *store;
    StudyInfo *studies;
    ForeignStudy foreign;
    Error err;
    int n, kind = size >= 8 && memcmp(data, "program\n", 8) == 0;
    if (!images[0].bytes) {
        fuzz_silence();
        for (int i = 0; i < 2; i++) {
            fuzz_study_make(fuzz_path("study.db"), i);
            if (i == 0) make_real(fuzz_path("study.db"));
            database_image(fuzz_path("study.db"), &images[i]);
        }
    }
    const char *path = database_damaged(&images[kind], lines);
    Arena *arena = fuzz_arena();
    if (store_open(path, STORE_READ, &store, &err)) {
        if (store_studies(store, arena, &studies, &n, &err))
            for (int i = 0; i < n; i++) read_study(store, &studies[i], lines, arena);
        store_close(store, &err);
    }
    if (foreign_read_study(path, NULL, NULL, arena, &foreign, &err)) fuzz_match(&foreign, arena);
    run_readers(path, lines, arena);
    run_writers(path, lines, kind, &images[kind], arena);
    return 0;
}
