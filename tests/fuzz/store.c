/* Fuzzes all that reads a trial database, with damaged cells (database.h). A first line `program` takes the study
 * of a program instead of the one of networks. Verbs that write, delete or signal are left out: a mistake of
 * theirs would reach the machine. */
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
    MergeSide sides[2] = {{store, info, "/nowhere"}, {store, info, "/nowhere"}};
    merge_study(sides, 2, fuzz_space(0), true, &count, &err);
    if (takes_part(input, 7)) report(store, info, arena);
}

static void run_verbs(const char *path, FuzzBytes input, Arena *arena)
{
    static const char *const verbs[][5] = {
        {"show", "DB", "1"}, {"show", "DB", "4", "--json"}, {"diff", "DB", "0", "1"}, {"best", "DB"},
        {"best", "DB", "--json"}, {"ls", "DB"}, {"ls", "DB", "--json"}, {"status", "DB"},
        {"importance", "DB"}, {"export", "DB", "--to", "csv"}, {"export", "DB", "--to", "json"},
        {"query", "DB", "SELECT * FROM leaderboard, progress"}};
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        const char *argv[6] = {"consort"};
        if (!takes_part(input, (unsigned)i)) continue;
        int argc = 1;
        for (int k = 0; k < 5 && verbs[i][k]; k++)
            argv[argc++] = strcmp(verbs[i][k], "DB") == 0 ? path : verbs[i][k];
        Cli cli = {.table = &verb_table, .arena = arena};
        Error err;
        fuzz_must(cli_parse(argc, (char **)(uintptr_t)argv, &cli, &err), &err);
        cli.verb->run(&cli);
    }
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
    run_verbs(path, lines, arena);
    return 0;
}
