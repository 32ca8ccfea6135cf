/* job/proof.c - finds the rows, and compares two sides of them. */
#include "job/proof.h"

#include <math.h>
#include <string.h>

#include "job/finished.h"
#include "model/made_rows.h"

/* ---- rows ------------------------------------------------------------------------------------ */

/* As many of them, evenly, as can be computed twice in some seconds. */
static bool take_some(const Model *model, const Table *table, bool all, Arena *arena, ProofRows *out,
                      Error *err)
{
    const double each = (double)model_n_params(model) + 1, can = PROOF_WORK / each;
    const int n = table->n_rows, most = can < PROOF_LEAST ? PROOF_LEAST : can > n ? n : (int)can;
    out->of = n;
    out->table = table;
    if (all || n <= most) return true;
    int32_t *rows = ARENA_NEW(arena, int32_t, most);
    Table *some;
    if (!rows) return error_memory(err);
    for (int i = 0; i < most; i++) rows[i] = (int32_t)((int64_t)i * n / most);
    if (!table_rows(table, rows, most, arena, &some, err)) return false;
    out->table = some;
    return true;
}

static bool made_up(const Model *model, const char *why, Arena *arena, ProofRows *out, Error *err)
{
    Table *table = ARENA_NEW(arena, Table, 1);
    if (!table) return error_memory(err);
    if (!made_rows(model, PROOF_MADE, arena, table, err)) return false;
    *out = (ProofRows){table, PROOF_MADE, why ? arena_print(arena, "made-up rows (%s)", why) : "made-up rows"};
    return out->source || error_memory(err);
}

/* Columns of a study's table are those of its models, unless the file of the study is another's. */
static bool is_of_schema(const Model *model, const Table *table)
{
    const Schema *schema = &model->schema;
    return table->n_columns == schema->n_columns && table->height == schema->height
        && table->width == schema->width;
}

bool proof_rows_of_study(const Model *model, const Place *study, bool all, Arena *arena, ProofRows *out,
                         Error *err)
{
    Finished finished;
    Error why;
    if (!study) return made_up(model, NULL, arena, out, err);
    if (!finished_open(study, arena, &finished, &why)) {
        if (why.code == ERR_MEMORY) return *err = why, false;
        return made_up(model, why.message, arena, out, err);
    }
    const Table *train = finished.data.train;
    bool ok = true, fits = train && is_of_schema(model, train);
    if (fits) {
        ok = take_some(model, train, all, arena, out, err);
        out->source = arena_print(arena, "training rows of study %s", finished.study.name);
        ok = ok && (out->source || error_memory(err));
    }
    finished_close(&finished);
    return fits ? ok : made_up(model, "the study has other columns", arena, out, err);
}

bool proof_rows_of_table(const Model *model, const Table *table, const char *name, bool all, Arena *arena,
                         ProofRows *out, Error *err)
{
    if (table->n_rows == 0) return error_set(err, ERR_DATA, "%s: no rows to prove the export on", name);
    if (!take_some(model, table, all, arena, out, err)) return false;
    out->source = arena_print(arena, "rows of %s", name);
    return out->source || error_memory(err);
}

/* ---- the comparison -------------------------------------------------------------------------- */

static double number_differs(const Target *target, double a, double b)
{
    const double y = target->origin + target->unit * a, size = fabs(y - target->shift);
    return fabs(target->unit * (a - b)) / (size > target->scale ? size : target->scale);
}

static double value_differs(const Task *task, int v, float a, float b)
{
    if (!isfinite(a) || !isfinite(b)) return a == b ? 0 : INFINITY;
    if (task->kind != TASK_NUMBERS) return fabs((double)a - (double)b);
    return number_differs(&task->targets[v / task_stride(task)], (double)a, (double)b);
}

/* `off`: how far the row is off at most; a number may be `far` off. */
static bool decides_alike(const Model *model, const float *a, const float *b, double off, double far)
{
    const Task *task = &model->schema.task;
    if (task_has_classes(task)) return model_decide(model, a) == model_decide(model, b);
    if (task->kind == TASK_NUMBERS) return off <= far;
    for (int t = 0; t < task->n_targets; t++)
        if ((a[t] > 0.5f) != (b[t] > 0.5f)) return false;
    return true;
}

/* `changed`: rows right on one side alone. */
static bool judge(Proof *proof, PlanNumbers numbers, double within, int changed, Arena *arena)
{
    static const double least[PLAN_NUMBERS_COUNT] = {[PLAN_I16] = 0.995, [PLAN_I8] = 0.98},
                        lost[PLAN_NUMBERS_COUNT] = {[PLAN_I16] = 0.0002, [PLAN_I8] = 0.002};
    const char *name = plan_numbers_names[numbers], *nearer = numbers == PLAN_I8 ? "i16" : "f32";
    const bool alike = proof->agree >= least[numbers] * proof->rows;
    if (numbers == PLAN_F32) {
        proof->held = proof->deviation <= within;
        proof->bar = arena_print(arena, "at most %.2g is allowed; --within sets another bar", within);
    } else if (!alike) {
        proof->held = false;
        proof->bar = arena_print(arena, "of %s, %g of the rows are asked for; --numbers %s is nearer", name,
                                 least[numbers], nearer);
    } else {
        proof->held = proof->right - proof->right_there
                   <= lost[numbers] * proof->known + 2 * sqrt((double)changed);
        proof->bar = arena_print(arena, "%s may lose %.2f %% of the rows, and what chance does; --numbers %s is"
                                 " nearer", name, 100 * lost[numbers], nearer);
    }
    return proof->bar != NULL;
}

const double proof_features[PROOF_TRIES] = {PLAN_FEATURES, 2e-6, 1e-7};

bool proof_try_again(const Plan *plan, int tried)
{
    if (plan->numbers != PLAN_F32 || tried >= PROOF_TRIES) return false;
    for (int s = 0; s < plan->n_steps; s++)
        if (plan->steps[s].op == PLAN_NUMBERS && !plan->steps[s].wide) return true;
    return false;
}

bool proof_make(const Model *model, const ProofRows *rows, PlanNumbers numbers, double within,
                const float *values, const char *by, Arena *arena, Proof *out, Error *err)
{
    const int n = rows->table->n_rows, k = model_values(model);
    float *own = ARENA_NEW(arena, float, (size_t)n * (size_t)k);
    if (!own) return error_memory(err);
    if (!model_predict(model, rows->table, arena, own, err)) return false;
    const double far = numbers == PLAN_F32 ? PROOF_DEVIATION : PROOF_INTEGERS;
    const int32_t *labels = task_has_classes(&model->schema.task) ? rows->table->labels : NULL;
    int changed = 0;
    *out = (Proof){.rows = n, .of = rows->of, .source = rows->source, .by = by};
    for (int i = 0; i < n; i++) {
        const float *a = own + (size_t)i * (size_t)k, *b = values + (size_t)i * (size_t)k;
        double off = 0;
        for (int v = 0; v < k; v++) off = fmax(off, value_differs(&model->schema.task, v, a[v], b[v]));
        out->agree += decides_alike(model, a, b, off, far);
        if (labels && labels[i] >= 0) {
            const bool right = model_decide(model, a) == labels[i];
            const bool right_there = model_decide(model, b) == labels[i];
            out->known++;
            out->right += right;
            out->right_there += right_there;
            changed += right != right_there;
        }
        if (i > 0 && !(off > out->deviation)) continue;
        out->deviation = off;
        out->worst = table_source(rows->table, i);
    }
    return judge(out, numbers, within, changed, arena) || error_memory(err);
}

const char *proof_sentence(const Proof *p, Arena *arena)
{
    const char *some = p->rows < p->of ? arena_print(arena, "%d of %d", p->rows, p->of)
                                       : arena_print(arena, "%d", p->rows);
    const char *alike = p->agree == p->rows ? "in all" : arena_print(arena, "in %d", p->agree);
    const char *right = p->right == p->right_there ? ""
                      : arena_print(arena, ", right in %d instead of %d", p->right_there, p->right);
    if (!some || !alike || !right) return NULL;
    const char *how = strcmp(p->by, "compiled C") == 0 ? ", compiled" : "";
    return arena_print(arena, "%s %s%s: largest deviation %.2g (row %d), decided alike %s%s", some, p->source,
                       how, p->deviation, p->worst, alike, right);
}

Doc *proof_doc(const Proof *p)
{
    Doc *doc = doc_object();
    doc_set_bool(doc, "held", p->held);
    doc_set_number(doc, "rows", p->rows);
    doc_set_number(doc, "of", p->of);
    doc_set_text(doc, "source", p->source);
    doc_set_text(doc, "computed_by", p->by);
    doc_set_number(doc, "deviation", p->deviation);
    doc_set_number(doc, "worst_row", p->worst);
    doc_set_number(doc, "decided_alike", p->agree);
    if (p->known == 0) return doc;
    doc_set_number(doc, "known", p->known);
    doc_set_number(doc, "right", p->right);
    doc_set_number(doc, "right_there", p->right_there);
    return doc;
}
