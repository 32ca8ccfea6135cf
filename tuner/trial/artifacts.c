/* Writes a trial's model and predictions, and knows where its checkpoints lie. */
#include "tuner/trial/artifacts.h"

#include <unistd.h>

#include "base/file.h"
#include "model/calibration_choose.h"

bool checkpoints_wanted(const Objective *objective, const TrialTask *task)
{
    return objective->o.folder && (objective->o.checkpoint_s > 0 || task->rungs);
}

char *checkpoint_path(const Objective *objective, int number, int again, int run, Arena *arena)
{
    char *name = again ? arena_print(arena, "artifacts/trial-%06d.again-%d.%d.checkpoint", number, again, run)
                       : arena_print(arena, "artifacts/trial-%06d.%d.checkpoint", number, run);
    return name ? path_join(arena, objective->o.folder, name) : NULL;
}

void checkpoints_remove(const Objective *objective, const TrialTask *task, int n_runs, Arena *arena)
{
    for (int run = 0; checkpoints_wanted(objective, task) && run < n_runs; run++) {
        char *path = checkpoint_path(objective, task->number, task->again, run, arena);
        if (path) unlink(path); /* most trials left none */
    }
}

static bool describe_file(const char *path, ArtifactRow *row, Arena *arena, Error *err)
{
    Bytes bytes;
    char *hex = ARENA_NEW(arena, char, 65);
    if (!hex) return error_memory(err);
    if (!file_read_plain(path, 0, &bytes, err))
        return err->code != ERR_MEMORY
            && error_set(err, ERR_IO, "%s was written and is not there any more; put its folder back and run"
                         " the same command again", path);
    sha256_of(bytes.bytes, bytes.n, hex);
    row->bytes = (int64_t)bytes.n;
    row->sha256 = hex;
    bytes_free(&bytes);
    return true;
}

/* By the rows it did not train on. With folds each of these was predicted by one network, and the folds'
 * networks predict together, which makes them less sure already: no temperature above 1. Decisions stay those
 * that class weights asked for. */
static bool calibrate(const ObjectiveOptions *o, const Gathered *g, Model *model, Arena *arena, Error *err)
{
    if (!g->labels) return true; /* numbers and answers are shipped as they are predicted */
    const KnownRows rows = {g->n_rows, o->table->n_classes, g->proba, g->labels, g->weight};
    const CalibrationAsk ask = {CALIBRATION_SET(CALIBRATION_TEMPERATURE) | CALIBRATION_SET(CALIBRATION_BIAS),
                                g->n_runs > 1 ? 1 : 5, g->class_weight, o->seed};
    CalibrationChoice choice;
    if (!calibration_choose(&rows, &ask, arena, &choice, err)) return false;
    model->temperature = choice.temperature;
    model->calibration = choice.calibration;
    model->class_weight = model->decision = g->class_weight;
    if (g->class_weight) model->asked = "class_weight";
    if (o->table->n_classes == 2) model->interest = o->positive + 1;
    return true;
}

bool artifacts_write(const Objective *objective, const TrialTask *task, const Gathered *g, Arena *arena,
                     TrialRecord *out, Error *err)
{
    const ObjectiveOptions *o = &objective->o;
    int number = task->number;
    ModelMember member = {arena_print(arena, "trial %d", number), 1, g->n_nets, g->nets};
    Doc *doc = doc_object();
    Text provenance = {0};
    doc_set_text(doc, "study", o->name);
    doc_set_number(doc, "trial", number);
    doc_set_number(doc, "seed", (double)o->seed);
    doc_set_text(doc, "params_hash", task->params_hash);
    doc_set_number(doc, metric_name(o->metric), out->row.value);
    doc_set_text(doc, "version", CONSORT_VERSION);
    bool ok = doc_print(doc, 0, &provenance) || error_memory(err);
    doc_free(doc);
    Model model = {.name = o->name, .schema = table_schema(o->table),
                   .temperature = 1, .n_preps = o->split->n_folds, .preps = g->preps, .n_members = 1,
                   .members = &member, .provenance = provenance.bytes, .history = g->history};
    ok = ok && calibrate(o, g, &model, arena, err);
    Predictions predictions = {g->n_rows, table_values(o->table), g->row, g->proba,
                               o->table->task.kind == TASK_NUMBERS};
    static const ArtifactKind kinds[2] = {ARTIFACT_WEIGHTS, ARTIFACT_PROBA};
    static const char *const endings[2] = {"consort", "proba"};
    for (int i = 0; ok && i < 2; i++) {
        ArtifactRow *row = &out->artifacts[i];
        row->kind = artifact_kind_names[kinds[i]];
        row->path = arena_print(arena, "artifacts/trial-%06d.%s", number, endings[i]);
        char *path = row->path ? path_join(arena, o->folder, row->path) : NULL;
        ok = path || error_memory(err);
        ok = ok && (i == 0 ? model_save(&model, path, err)
                           : predictions_save(&predictions, path, err));
        ok = ok && describe_file(path, row, arena, err);
        if (ok) out->n_artifacts++;
    }
    text_free(&provenance);
    return ok;
}
