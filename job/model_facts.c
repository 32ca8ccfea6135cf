/* job/model_facts.c - opens a model and looks around it for its study. */
#include "job/model_facts.h"

#include <string.h>

#include "base/file.h"
#include "job/told.h"

/* A study's folder, or one of a database that several share. */
static bool place_of(const char *folder, const char *name, Arena *arena, Place *out)
{
    char *db = path_join(arena, folder, "trials.db"), *above = path_folder(arena, folder);
    if (!db || !above) return false;
    *out = (Place){.db = db, .folder = *folder ? folder : "."};
    if (file_exists(db)) return true;
    const size_t n = strlen(above), end = strlen(".files");
    if (n <= end || strcmp(above + n - end, ".files") != 0) return false;
    db = arena_print(arena, "%.*s.db", (int)(n - end), above);
    *out = (Place){.db = db, .folder = folder, .name = name};
    return db && file_exists(db);
}

/* The study beside a model file, if its name is the one that the model tells. False: none, or no memory. */
static bool study_beside(const char *path, const Doc *provenance, Arena *arena, Place *out)
{
    const char *name = doc_to_text(doc_get(provenance, "study"), NULL);
    const char *folder = path_folder(arena, path);
    Error ignored;
    OpenStudy open;
    if (!name || !folder) return false;
    if (strcmp(path_base(folder), "artifacts") == 0) folder = path_folder(arena, folder);
    if (!folder || !place_of(folder, name, arena, out)) return false;
    bool same = study_open(out, arena, &open, &ignored) && strcmp(open.study.name, name) == 0;
    study_close(&open);
    return same;
}

/* Another model's, or files that do not fit together, are as if they were not there. */
static void look_around(ModelFacts *f)
{
    Error ignored;
    Doc *both = NULL;
    bool current = false;
    f->beside = study_beside(f->path, f->provenance, f->arena, &f->place);
    if (!f->beside) return;
    const char *data = doc_to_text(doc_get(f->provenance, "data_sha256"), NULL);
    if (data) f->card = told_card(&f->place, data);
    if (!told_ensemble(&f->place, &f->summary, &ignored)) f->summary = NULL;
    if (!f->summary) return;
    if (strcmp(doc_to_text(doc_get(f->summary, "sha256"), ""), f->sha256) != 0) {
        doc_free(f->summary);
        f->summary = NULL;
        return;
    }
    if (told_evaluation(&f->place, f->summary, NULL, &both, &current, &ignored) && current) {
        f->evaluation = doc_copy(doc_get(both, "ensemble"));
        doc_set(f->evaluation, "test_sha256", doc_copy(doc_get(both, "test_sha256")));
    }
    doc_free(both);
}

bool model_facts_open(const char *argument, const PlaceOptions *said, int trial, Arena *arena, ModelFacts *out,
                      Error *err)
{
    Error ignored;
    Bytes bytes;
    ModelFacts f = {.arena = arena};
    if (!(trial >= 0 ? model_of_trial(argument, said, trial, arena, &f.model, &f.path, err)
                     : model_open(argument, said, arena, &f.model, &f.path, err))
        || !file_read_plain(f.path, 0, &bytes, err))
        return false;
    sha256_of(bytes.bytes, bytes.n, f.sha256);
    f.bytes = bytes.n;
    bytes_free(&bytes);
    const char *from = f.model->provenance;
    f.provenance = from ? doc_parse(from, strlen(from), &ignored) : NULL;
    look_around(&f);
    *out = f;
    return true;
}

void model_facts_free(ModelFacts *facts)
{
    doc_free(facts->provenance);
    doc_free(facts->summary);
    doc_free(facts->evaluation);
    doc_free(facts->card);
    *facts = (ModelFacts){0};
}
