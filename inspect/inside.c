/* A network looked into: which rows, then part after part of the document. */
#include "inspect/inside.h"

#include <stdlib.h>

#include "inspect/inputs.h"
#include "inspect/layers.h"
#include "inspect/say.h"

enum { MOST_PANEL = 1000, MOST_LOOKED = 300 };
static const double LOOK_WORK = 3e8; /* multiplications of the double-precision passes */

int inside_heaviest(const Model *model)
{
    int best = 0;
    for (int m = 1; m < model->n_members; m++)
        if (model->members[m].weight > model->members[best].weight) best = m;
    return best;
}

/* The rows that the layers are looked at with: of the panel, those that the network did not see. */
static void own_rows(const InsideInput *in, const Panel *panel, const Mlp *mlp, int *from, int *n)
{
    *from = in->own < 0 ? 0 : panel->part[in->own].from;
    *n = in->own < 0 ? panel->n : panel->part[in->own].n;
    double most = LOOK_WORK / (double)(mlp->n_params + 1);
    if (most > MOST_LOOKED) most = MOST_LOOKED;
    if (*n > most) *n = most < 2 ? 2 : (int)most;
}

/* Columns by their longest first weights: where to begin when not all can be shuffled. */
typedef struct {
    int column;
    double norm;
} Reach;

static int by_reach(const void *a, const void *b)
{
    const Reach *x = a, *y = b;
    return x->norm != y->norm ? (x->norm < y->norm ? 1 : -1) : x->column - y->column;
}

static int *promising(const InsideInput *in, const ModelNet *net, Arena *arena, Error *err)
{
    const int n = in->model->schema.n_columns;
    InputName *name;
    Reach *reach = ARENA_NEW(arena, Reach, n);
    int *order = ARENA_NEW(arena, int, n);
    MlpLayer layer = mlp_layer(net->mlp, 0);
    if (!reach || !order) {
        error_memory(err);
        return NULL;
    }
    if (!inputs_name(in->model->preps[net->prep], net->mlp, arena, &name, err)) return NULL;
    for (int c = 0; c < n; c++) reach[c].column = c;
    for (int i = 0; i < net->mlp->width[0]; i++)
        for (int j = 0; j < net->mlp->width[1]; j++) {
            double w = (double)layer.w[(size_t)i * (size_t)layer.ld + (size_t)j];
            reach[name[i].column].norm += w * w;
        }
    qsort(reach, (size_t)n, sizeof *reach, by_reach);
    for (int c = 0; c < n; c++) order[c] = reach[c].column;
    return order;
}

static void put_who(const InsideInput *in, const Panel *panel, int n_looked, Doc *out)
{
    const ModelMember *member = &in->model->members[in->member];
    doc_set_text(out, "model", in->model->name);
    doc_set_text(out, "member", member->name);
    doc_set_number(out, "members", in->model->n_members);
    doc_set_bool(out, "heaviest", in->member == inside_heaviest(in->model));
    doc_set_number(out, "net", in->net + 1);
    doc_set_number(out, "nets", member->n_nets);
    const Schema *schema = &in->model->schema;
    Doc *classes = doc_set(out, "classes", doc_array());
    for (int c = 0; task_has_classes(&schema->task) && c < schema->n_classes; c++)
        doc_add(classes, doc_text(schema->classes[c]));
    if (!task_has_classes(&schema->task)) {
        doc_set_text(out, "task", task_names[schema->task.kind]);
        for (int t = 0; t < schema->task.n_targets; t++)
            doc_add(classes, doc_text(schema->task.targets[t].name));
    }
    doc_set_text(out, "where", panel ? in->where : NULL);
    doc_set_number(out, "rows_asked", panel ? panel->n : 0);
    doc_set_number(out, "rows_looked", n_looked);
}

static bool put_rows(const InsideInput *in, const ModelNet *net, Arena *arena, Doc *out, Error *err)
{
    Panel panel;
    int from, n;
    float *x;
    LayerRows rows = {0};
    const EffectPlan plan = effect_plan(&in->effect, in->sources, in->n_sources);
    const int most = in->effects ? plan.rows : MOST_PANEL;
    if (!panel_make(in->table, in->sources, in->n_sources, most, arena, &panel, err)) return false;
    own_rows(in, &panel, net->mlp, &from, &n);
    int32_t *list = ARENA_NEW(arena, int32_t, n + 1);
    if (!list) return error_memory(err);
    for (int i = 0; i < n; i++) list[i] = from + i;
    if (!rows_features(in->model->preps[net->prep], panel.table, list, n, arena, &x, &rows.ld, err))
        return false;
    rows.x = x;
    rows.n = n;
    if (panel.table->labels && panel.task->kind == TASK_CLASSES) rows.labels = panel.table->labels + from;
    put_who(in, &panel, n, out);
    const RowsInput look = {.model = in->model, .answers = in->answers ? in->answers : in->model, .net = net,
                            .panel = &panel, .from = from, .n = n, .table = in->table, .row = in->row};
    if (!layers_put(in->model, net, &rows, arena, out, err) || !rows_put(&look, arena, out, err)) return false;
    if (!in->effects || in->model->schema.n_columns == 0 || !table_has_label(panel.table)) return true;
    int *order = promising(in, net, arena, err);
    return order && effect_put(&panel, &in->effect, &plan, order, arena, out, err);
}

bool inside_make(const InsideInput *input, Arena *arena, Doc **out, Error *err)
{
    const Model *model = input->model;
    if (input->member < 0 || input->member >= model->n_members)
        return error_set(err, ERR_INVALID, "the model has no member %d; it has 1 to %d", input->member + 1,
                         model->n_members);
    const ModelMember *member = &model->members[input->member];
    if (input->net < 0 || input->net >= member->n_nets)
        return error_set(err, ERR_INVALID, "%s has no network %d; it has 1 to %d", member->name, input->net + 1,
                         member->n_nets);
    const ModelNet *net = &member->nets[input->net];
    Doc *doc = doc_object();
    bool ok;
    if (input->table) {
        ok = put_rows(input, net, arena, doc, err);
    } else {
        put_who(input, NULL, 0, doc);
        ok = layers_put(model, net, NULL, arena, doc, err);
    }
    return doc_hand_over(doc, ok, out, err);
}
