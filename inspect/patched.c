/* First layers kept, and moved by what one column does in them. */
#include "inspect/patched.h"

#include <math.h>
#include <string.h>

#include "engine/gemm.h"
#include "engine/mlp_forward.h"

typedef struct {
    const ModelNet *net;
    int member;
    bool whole; /* is asked with rows that were encoded anew */
    Mlp rest;   /* the network without its first layer */
    float *z;   /* (rows of its part, ld) of the first layer, before the bias */
} PatchedNet;

struct Patched {
    const Panel *panel;
    int *n_nets;       /* (n_parts) */
    PatchedNet **nets; /* (n_parts, n_nets) in the order of model_predict's sums */
    Arena *own, *work, *rows; /* for as long as this, a question, a network */
};

/* ---- networks cut in two ------------------------------------------------------------------------------ */

static bool can_be_cut(const Model *model, const ModelNet *net)
{
    const Mlp *mlp = net->mlp;
    return model->views <= 1 && model->preps[net->prep]->columns && !mlp->embed && !mlp->layer_norm
        && !mlp->residual && mlp->n_layers > 1;
}

static Mlp without_first(const Mlp *mlp)
{
    Mlp rest = *mlp;
    rest.n_layers--;
    memmove(rest.width, mlp->width + 1, (size_t)mlp->n_layers * sizeof *rest.width);
    memmove(rest.at, mlp->at + 1, (size_t)(mlp->n_layers - 1) * sizeof *rest.at);
    return rest;
}

static int first_ld(const PatchedNet *net) { return mlp_layer(net->net->mlp, 0).ld; }

/* The rows times weights; of very many features a row at a time, whose zeros are skipped. */
static bool product(const Rows *rows, const float *w, int ld_w, Arena *work, float *z, Error *err)
{
    enum { MANY = 512 };
    const int most = rows->n_features > MANY && !rows_in_place(rows) ? 1 : MLP_BLOCK;
    float *block = ARENA_NEW(work, float, (size_t)most * (size_t)mlp_pad(rows->n_features));
    if (!block) return error_memory(err);
    for (int from = 0, n; from < rows->n_rows; from += n) {
        int ld;
        n = rows->n_rows - from < most ? rows->n_rows - from : most;
        const float *x = mlp_rows(rows, from, n, block, &ld);
        gemm_forward(n, rows->n_features, ld_w, x, ld, w, ld_w, z + (size_t)from * (size_t)ld_w, ld_w);
    }
    return true;
}

/* The part's own rows, where they stand in the panel. */
static bool part_rows(const PanelPart *part, Arena *arena, int32_t **out, Error *err)
{
    *out = ARENA_NEW(arena, int32_t, part->n);
    if (!*out) return error_memory(err);
    for (int i = 0; i < part->n; i++) (*out)[i] = part->from + i;
    return true;
}

static bool list_nets(Patched *p, int part, Error *err)
{
    const Model *model = p->panel->part[part].model;
    int most = 0, n = 0;
    for (int m = 0; m < model->n_members; m++) most += model->members[m].n_nets;
    PatchedNet *nets = p->nets[part] = ARENA_NEW(p->own, PatchedNet, most);
    if (!nets) return error_memory(err);
    for (int prep = 0; prep < model->n_preps; prep++)
        for (int m = 0; m < model->n_members; m++)
            for (int k = 0; k < model->members[m].n_nets; k++) {
                const ModelNet *net = &model->members[m].nets[k];
                if (net->prep != prep) continue;
                nets[n] = (PatchedNet){.net = net, .member = m, .whole = !can_be_cut(model, net)};
                if (!nets[n].whole) nets[n].rest = without_first(net->mlp);
                n++;
            }
    p->n_nets[part] = n;
    return true;
}

static bool keep_first_layers(Patched *p, int at, Error *err)
{
    const PanelPart *part = &p->panel->part[at];
    const Rows *rows = NULL;
    int32_t *index;
    if (!part_rows(part, p->work, &index, err)) return false;
    for (int k = 0, prep = -1; k < p->n_nets[at]; k++) {
        PatchedNet *net = &p->nets[at][k];
        if (net->whole) continue;
        if (net->net->prep != prep) {
            Rows *encoded;
            arena_reset(p->rows);
            prep = net->net->prep;
            if (!prep_apply(part->model->preps[prep], p->panel->table, index, part->n, p->rows, &encoded, err))
                return false;
            rows = encoded;
        }
        net->z = ARENA_NEW(p->own, float, (size_t)part->n * (size_t)first_ld(net));
        if (!net->z) return error_memory(err);
        const MlpLayer first = mlp_layer(net->net->mlp, 0);
        if (!product(rows, first.w, first.ld, p->rows, net->z, err)) return false;
    }
    arena_reset(p->rows);
    return true;
}

bool patched_create(const Panel *panel, Patched **out, Error *err)
{
    Arena *own = arena_create(0);
    Patched *p = own ? ARENA_NEW(own, Patched, 1) : NULL;
    if (!p) {
        arena_destroy(own);
        return error_memory(err);
    }
    *p = (Patched){.panel = panel, .own = own, .work = arena_create(0), .rows = arena_create(0)};
    p->n_nets = ARENA_NEW(own, int, panel->n_parts);
    p->nets = ARENA_NEW(own, PatchedNet *, panel->n_parts);
    bool ok = (p->work && p->rows && p->n_nets && p->nets) || error_memory(err);
    for (int part = 0; ok && part < panel->n_parts; part++) {
        ok = list_nets(p, part, err) && keep_first_layers(p, part, err);
        arena_reset(p->work);
    }
    if (ok) *out = p;
    else patched_destroy(p);
    return ok;
}

void patched_destroy(Patched *p)
{
    if (!p) return;
    arena_destroy(p->work);
    arena_destroy(p->rows);
    arena_destroy(p->own);
}

/* ---- one column ------------------------------------------------------------------------------------------ */

/* The cells as a table and a preprocessing of their own. */
static bool encode_alone(const Prep *prep, const Change *change, Arena *arena, Rows **out, Error *err)
{
    PrepColumn *column = ARENA_NEW(arena, PrepColumn, 1);
    Column *cells = ARENA_NEW(arena, Column, 1);
    if (!column || !cells) return error_memory(err);
    *column = prep->columns[change->column];
    *cells = *change->cells;
    const Prep one = {.n_features = column->n_out, .n_columns = 1, .columns = column,
                      .feature = prep->feature ? prep->feature + column->out : NULL};
    column->out = 0;
    const Table table = {.n_rows = change->n_cells, .n_columns = 1, .columns = cells};
    return prep_apply(&one, &table, NULL, change->n_cells, arena, out, err);
}

/* Small enough for differences? */
static bool is_tame(const Rows *rows)
{
    for (int i = 0; i < rows->n_rows; i++)
        for (int k = 0; k < rows->n_plain; k++)
            if (!(fabsf(rows->x[(size_t)i * (size_t)rows->ld + (size_t)k]) <= PATCHED_MOST)) return false;
    return true;
}

/* p of every cell. */
static bool own_parts(const Rows *cells, const PrepColumn *column, const PatchedNet *net, Arena *arena,
                      float **out, Error *err)
{
    const int ld = first_ld(net);
    *out = ARENA_NEW(arena, float, (size_t)cells->n_rows * (size_t)ld);
    if (!*out) return error_memory(err);
    const float *w = mlp_layer(net->net->mlp, 0).w + (size_t)column->out * (size_t)ld;
    return product(cells, w, ld, arena, *out, err);
}

/* ---- questions ---------------------------------------------------------------------------------- */

/* What is added up while a part of the panel is asked. */
typedef struct {
    Patched *p;
    const Change *change;
    const PanelPart *part;
    int n;         /* rows asked */
    size_t n_values;
    double *sum;   /* (n_changes, members, n, K) */
    float *values; /* (n, K) of one network */
    Table table;   /* the panel's with another column, for those asked whole */
    Column *columns;
} Question;

static const int32_t *change_of(const Question *q, int k)
{
    return q->change->from + (size_t)k * (size_t)q->p->panel->n;
}

static bool add(Question *q, int k, int member, const Mlp *mlp, Rows *rows, Arena *arena, Error *err)
{
    const size_t cells = (size_t)q->n * q->n_values;
    const Schema *schema = &q->part->model->schema;
    double *sum = q->sum + ((size_t)k * (size_t)q->part->model->n_members + (size_t)member) * cells;
    rows->task = &schema->task;
    rows->n_classes = schema->n_classes;
    if (!mlp_predict(mlp, rows, arena, q->values, (int)q->n_values, err)) return false;
    for (size_t i = 0; i < cells; i++) sum[i] += q->values[i];
    return true;
}

/* Every change, with the parts `own` of the cells in this network's first layer. */
static bool ask_cut(Question *q, const PatchedNet *net, const float *own, Error *err)
{
    const Mlp *mlp = net->net->mlp;
    const MlpLayer layer = mlp_layer(mlp, 0);
    const size_t ld = (size_t)layer.ld;
    float *h = ARENA_NEW(q->p->rows, float, (size_t)q->n * ld);
    if (!h) return error_memory(err);
    for (int k = 0; k < q->change->n_changes; k++) {
        const int32_t *from = change_of(q, k) + q->part->from;
        for (int i = 0; i < q->n; i++) {
            const float *z = net->z + (size_t)i * ld, *is = own + (size_t)(q->part->from + i) * ld,
                        *becomes = own + (size_t)from[i] * ld;
            float *to = h + (size_t)i * ld;
#pragma omp simd
            for (size_t j = 0; j < ld; j++) to[j] = z[j] + (becomes[j] - is[j]);
        }
        activation_forward(mlp->activation, q->n, layer.ld, layer.b, h, NULL);
        Rows hidden = {.n_rows = q->n, .n_features = mlp->width[1], .x = h, .ld = layer.ld};
        if (!add(q, k, net->member, &net->rest, &hidden, q->p->rows, err)) return false;
    }
    return true;
}

static void put_cells(Question *q, int k)
{
    const Column *cells = q->change->cells;
    Column *column = &q->columns[q->change->column];
    const int32_t *from = change_of(q, k) + q->part->from;
    for (int i = 0; i < q->n; i++) {
        const int to = q->part->from + i;
        if (cells->number) column->number[to] = cells->number[from[i]];
        else if (cells->decimal) column->decimal[to] = cells->decimal[from[i]];
        else column->code[to] = cells->code[from[i]];
    }
}

/* Every change, of `n_nets` networks of one preprocessing, whose rows must be encoded. */
static bool ask_whole(Question *q, const PatchedNet *nets, int n_nets, const int32_t *index, Error *err)
{
    const Prep *prep = q->part->model->preps[nets->net->prep];
    for (int k = 0; k < q->change->n_changes; k++) {
        Rows *rows;
        arena_reset(q->p->rows);
        put_cells(q, k);
        if (!prep_apply(prep, &q->table, index, q->n, q->p->rows, &rows, err)) return false;
        for (int i = 0; i < n_nets; i++)
            if (!add(q, k, nets[i].member, nets[i].net->mlp, rows, q->p->rows, err)) return false;
    }
    return true;
}

static bool question_create(Patched *p, const Change *change, int part, Question *out, Error *err)
{
    const Panel *panel = p->panel;
    const size_t n = (size_t)panel->n;
    Question q = {.p = p, .change = change, .part = &panel->part[part], .n_values = (size_t)panel->n_classes,
                  .table = *panel->table};
    q.n = change->asked ? change->asked[part] : q.part->n;
    const size_t cells = (size_t)q.n * q.n_values;
    q.sum = ARENA_NEW(p->work, double, cells * (size_t)change->n_changes * (size_t)q.part->model->n_members);
    q.values = ARENA_NEW(p->work, float, cells * (size_t)q.part->model->n_members);
    q.columns = ARENA_NEW(p->work, Column, q.table.n_columns);
    if (!q.sum || !q.values || !q.columns) return error_memory(err);
    memcpy(q.columns, q.table.columns, (size_t)q.table.n_columns * sizeof *q.columns);
    q.table.columns = q.columns;
    Column *column = &q.columns[change->column];
    *column = *change->cells;
    if (column->number) column->number = ARENA_NEW(p->work, double, n);
    else if (column->decimal) column->decimal = ARENA_NEW(p->work, int32_t, n);
    else column->code = ARENA_NEW(p->work, int32_t, n);
    if (!column->number && !column->decimal && !column->code) return error_memory(err);
    *out = q;
    return true;
}

static void combine(Question *q, float *proba)
{
    const Model *model = q->part->model;
    const size_t cells = (size_t)q->n * q->n_values, all = (size_t)q->p->panel->n * q->n_values;
    for (int k = 0; k < q->change->n_changes; k++) {
        for (int m = 0; m < model->n_members; m++)
            for (size_t i = 0; i < cells; i++) {
                double sum = q->sum[((size_t)k * (size_t)model->n_members + (size_t)m) * cells + i];
                q->values[(size_t)m * cells + i] = (float)(sum / model->members[m].n_nets);
            }
        model_combine(model, q->n, q->values, proba + (size_t)k * all + (size_t)q->part->from * q->n_values);
    }
}

/* The cells' own features by a preprocessing; NULL and true where its networks are to be asked whole. */
static bool alone(Question *q, const Prep *prep, const Rows **out, Error *err)
{
    Rows *cells = NULL;
    *out = NULL;
    if (!prep->columns || !prep_column_alone(prep, q->change->column)) return true;
    if (!encode_alone(prep, q->change, q->p->work, &cells, err)) return false;
    if (cells && is_tame(cells)) *out = cells;
    return true;
}

/* Networks k .. end - 1 of a part share a preprocessing. */
static bool ask_nets(Question *q, const PatchedNet *nets, int k, int end, const int32_t *index, Error *err)
{
    const Prep *prep = q->part->model->preps[nets[k].net->prep];
    const Rows *cells;
    if (!alone(q, prep, &cells, err)) return false;
    while (k < end) {
        int next = k + 1;
        bool whole = !cells || nets[k].whole;
        while (whole && next < end && (!cells || nets[next].whole)) next++;
        arena_reset(q->p->rows);
        float *own;
        bool ok = whole ? ask_whole(q, nets + k, next - k, index, err)
                        : own_parts(cells, &prep->columns[q->change->column], &nets[k], q->p->rows, &own, err)
                              && ask_cut(q, &nets[k], own, err);
        if (!ok) return false;
        k = next;
    }
    return true;
}

static bool ask_part(Patched *p, const Change *change, int at, float *proba, Error *err)
{
    Question q;
    int32_t *index;
    if (!question_create(p, change, at, &q, err) || !part_rows(q.part, p->work, &index, err)) return false;
    if (q.n == 0) return true;
    const PatchedNet *nets = p->nets[at];
    for (int k = 0, end; k < p->n_nets[at]; k = end) {
        end = k + 1;
        while (end < p->n_nets[at] && nets[end].net->prep == nets[k].net->prep) end++;
        if (!ask_nets(&q, nets, k, end, index, err)) return false;
    }
    combine(&q, proba);
    return true;
}

bool patched_ask(Patched *p, const Change *change, float *proba, Error *err)
{
    bool ok = true;
    for (int part = 0; ok && part < p->panel->n_parts; part++) {
        ok = ask_part(p, change, part, proba, err);
        arena_reset(p->work);
        arena_reset(p->rows);
    }
    return ok;
}

PatchedCost patched_cost(const Model *model)
{
    enum { ACTIVATION = 15 /* of a unit */, CELL = 40 /* a cell encoded */ };
    PatchedCost cost = {0};
    int last = -1;
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++) {
            const ModelNet *net = &model->members[m].nets[k];
            const Mlp *mlp = net->mlp;
            const double first = (double)mlp->width[0] * mlp->width[1];
            double units = 0;
            for (int l = 1; l < mlp->n_layers; l++) units += mlp->width[l];
            cost.change += ACTIVATION * units + (double)mlp->n_params;
            const double encoded = CELL * (double)model->schema.n_columns;
            if (can_be_cut(model, net)) {
                cost.change += 3.0 * mlp->width[1] - first;
                cost.cells += first + (net->prep != last ? encoded : 0);
            } else {
                cost.change += encoded + (mlp->embed ? ACTIVATION * (double)mlp->width[0] : 0);
            }
            last = net->prep;
        }
    return cost;
}
