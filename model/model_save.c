/* A model written to a file; docs/reference/model-file.md is the format for other readers.
 *
 * Structure (names, kinds, counts, who uses what) is JSON in the note "model"; every number that
 * enters a prediction is a tensor. Nothing but the model decides a byte: the same model is the same
 * file.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "data/dates.h"
#include "model/model.h"

typedef struct {
    Arena *arena;
    Tensor *tensors;
    int n;
    const char *not_utf8; /* JSON could not keep it as it is */
    bool no_memory;
} Writer;

static const char *name_of(Writer *w, const char *format, ...)
{
    char name[64];
    va_list args;
    va_start(args, format);
    vsnprintf(name, sizeof name, format, args);
    va_end(args);
    const char *copy = arena_copy(w->arena, name);
    if (!copy) w->no_memory = true;
    return copy ? copy : "";
}

static void add(Writer *w, const char *name, TensorType type, const void *data, int64_t n)
{
    if (n == 0) return; /* no formats like empty arrays */
    w->tensors[w->n++] = (Tensor){.name = name, .type = type, .rank = 1, .shape = {n},
                                  .data = data};
}

static void add_matrix(Writer *w, const char *name, const double *data, int64_t n)
{
    w->tensors[w->n++] = (Tensor){.name = name, .type = TENSOR_F64, .rank = 2, .shape = {n, n}, .data = data};
}

static Doc *text_doc(Writer *w, const char *text)
{
    if (text && !text_is_utf8(text, strlen(text)) && !w->not_utf8) w->not_utf8 = text;
    return doc_text(text);
}

static Doc *texts_doc(Writer *w, int n, const char *const *texts)
{
    Doc *list = doc_array();
    for (int i = 0; i < n; i++) doc_add(list, text_doc(w, texts[i]));
    return list;
}

/* Were there other fields than the columns, and the label behind them? */
static bool has_other_fields(const Schema *schema)
{
    const Layout *layout = &schema->rules.layout;
    bool other = layout->width != schema->n_columns + (layout->label >= 0);
    for (int i = 0; i < schema->n_columns; i++) other |= schema->columns[i].place != i;
    return other || (layout->label >= 0) != (schema->label_name != NULL);
}

static void write_layout(Writer *w, const Schema *schema, Doc *root)
{
    const Layout *layout = &schema->rules.layout;
    const char delimiter[2] = {layout->delimiter};
    Doc *entry = doc_set(root, "layout", doc_object());
    doc_set_number(entry, "fields", layout->width);
    doc_set_text(entry, "delimiter", delimiter);
    if (has_other_fields(schema)) {
        Doc *places = doc_set(entry, "columns", doc_array());
        for (int i = 0; i < schema->n_columns; i++) doc_add(places, doc_number(schema->columns[i].place));
        if (layout->label >= 0) doc_set_number(entry, "label", layout->label);
    }
    if (layout->skip) doc_set_number(entry, "skip", layout->skip);
    if (layout->skipped_rows) doc_set_bool(entry, "skipped_rows", true);
    if (layout->titles) doc_set_number(entry, "titles", layout->titles);
    if (layout->empty_titles) doc_set_bool(entry, "empty_titles", true);
    if (layout->comment) doc_set(entry, "comment", text_doc(w, layout->comment));
    if (layout->names_in_row) doc_set_bool(entry, "names_in_row", true);
}

/* Only what the reader of a file without it could not know. */
static void write_rules(Writer *w, const Schema *schema, Doc *root)
{
    const ReadRules *rules = &schema->rules;
    bool usual = rules->n_missing == 0 || rules->n_missing == N_MISSING_UNSAID, places = false;
    for (int i = 0; usual && i < rules->n_missing; i++)
        usual = strcmp(rules->missing[i], missing_unsaid[i]) == 0;
    if (!usual) doc_set(root, "missing", texts_doc(w, rules->n_missing, rules->missing));
    for (int i = 0; i < schema->n_columns; i++) places |= column_place(schema->columns[i].name) >= 0;
    if (rules->decimal_comma) doc_set_bool(root, "decimal_comma", true);
    if (places && rules->names != NAMES_UNSAID)
        doc_set_bool(root, "header", rules->names == NAMES_OF_FILE);
    if (rules->layout.width) write_layout(w, schema, root);
}

/* Not said of classes, which every program knows. */
static void write_task(Writer *w, const Task *task, Doc *root)
{
    const size_t n = (size_t)task->n_targets;
    Doc *entry = doc_set(root, "task", doc_object());
    doc_set_text(entry, "kind", task_names[task->kind]);
    if (n == 0) return;
    double *scales = ARENA_NEW(w->arena, double, n * TASK_SCALES);
    if (!scales) {
        w->no_memory = true;
        return;
    }
    Doc *targets = doc_set(entry, "targets", doc_array());
    for (size_t t = 0; t < n; t++) {
        const Target *target = &task->targets[t];
        Doc *one = doc_add(targets, doc_object());
        doc_set(one, "name", text_doc(w, target->name));
        if (task->kind == TASK_LABELS) {
            doc_set(one, "answers", texts_doc(w, 2, target->answer));
            continue;
        }
        doc_set_bool(one, "logs", target->logs);
        doc_set_bool(one, "whole", target->whole);
        target_scales_out(target, scales + t * TASK_SCALES);
    }
    if (task->kind == TASK_NUMBERS) add(w, "targets", TENSOR_F64, scales, (int64_t)(n * TASK_SCALES));
    add(w, "quantiles", TENSOR_F64, task->quantiles, task->n_quantiles);
}

static void write_schema(Writer *w, const Schema *schema, Doc *root)
{
    doc_set(root, "label", text_doc(w, schema->label_name));
    if (task_has_classes(&schema->task)) doc_set(root, "classes", texts_doc(w, schema->n_classes,
                                                                            schema->classes));
    if (schema->task.kind != TASK_CLASSES) write_task(w, &schema->task, root);
    if (schema->n_columns == 0) {
        Doc *image = doc_set(root, "image", doc_object());
        doc_set_number(image, "height", schema->height);
        doc_set_number(image, "width", schema->width);
        if (pixels_channels(schema->channels) > 1) doc_set_number(image, "channels", schema->channels);
        const ReadRules *rules = &schema->rules;
        if (rules->fit) doc_set_text(image, "fit", picture_fit_names[rules->fit]);
        if (rules->ground) doc_set_text(image, "background", picture_ground_names[rules->ground]);
        return;
    }
    Doc *columns = doc_set(root, "columns", doc_array());
    for (int i = 0; i < schema->n_columns; i++) {
        const Column *column = &schema->columns[i];
        Doc *entry = doc_add(columns, doc_object());
        doc_set(entry, "name", text_doc(w, column->name));
        doc_set_text(entry, "kind", column_kind_names[column->kind]);
        if (column->style) doc_set_text(entry, "style", number_style_names[column->style]);
        if (column->kind == COLUMN_NOMINAL || column->kind == COLUMN_ORDERED)
            doc_set(entry, "levels", texts_doc(w, column->n_levels, column->levels));
        if (column->kind == COLUMN_DATE) doc_set(entry, "format", text_doc(w, column->format));
    }
    write_rules(w, schema, root);
}

/* The last of the columns are made of others (prep/derive.h): of which, and their cells one after the other. */
static void write_derived(Writer *w, const Prep *prep, int number, Doc *entry)
{
    size_t n = 0;
    if (prep->n_derived == 0) return;
    Doc *list = doc_set(entry, "derived", doc_array());
    for (int k = 0; k < prep->n_derived; k++) n += (size_t)prep->derived[k].n_cells;
    double *cells = ARENA_NEW(w->arena, double, n);
    if (!cells) {
        w->no_memory = true;
        return;
    }
    n = 0;
    for (int k = 0; k < prep->n_derived; k++) {
        const Derivation *d = &prep->derived[k];
        Doc *one = doc_add(list, doc_object());
        doc_set_text(one, "kind", derive_kind_names[d->kind]);
        doc_set_number(one, "a", d->a);
        if (d->b >= 0) doc_set_number(one, "b", d->b);
        if (d->kind == DERIVE_TARGET) doc_set_number(one, "value", d->value);
        for (int i = 0; i < d->n_cells; i++) cells[n++] = d->cells[i];
    }
    add(w, name_of(w, "prep%d.cells", number), TENSOR_F64, cells, (int64_t)n);
}

static void write_prep(Writer *w, const Prep *prep, int number, Doc *list)
{
    Doc *entry = doc_add(list, doc_object());
    doc_set_number(entry, "features", prep->n_features);
    if (prep->n_columns == 0) return;
    Doc *columns = doc_set(entry, "columns", doc_array());
    size_t n = (size_t)prep->n_columns, n_knots = 0, n_edges = 0, n_texts = 0;
    for (size_t i = 0; i < n; i++) {
        n_knots += (size_t)prep->columns[i].n_knots;
        n_edges += (size_t)prep->columns[i].n_edges;
        n_texts += (size_t)prep->columns[i].text.n;
    }
    double *fill = ARENA_NEW(w->arena, double, n), *shift = ARENA_NEW(w->arena, double, n);
    double *scale = ARENA_NEW(w->arena, double, n), *knots = ARENA_NEW(w->arena, double, n_knots);
    double *edges = ARENA_NEW(w->arena, double, n_edges), *next_edge = edges;
    double *year = ARENA_NEW(w->arena, double, 2 * n);
    double *buckets = ARENA_NEW(w->arena, double, n_texts), *next_bucket = buckets;
    double *idf = ARENA_NEW(w->arena, double, n_texts), *next_idf = idf;
    bool dates = false;
    if (!buckets || !idf || !year || !fill || !shift || !scale || !knots || !edges) {
        w->no_memory = true;
        return;
    }
    double *next_knot = knots;
    for (size_t i = 0; i < n; i++) {
        const PrepColumn *column = &prep->columns[i];
        Doc *one = doc_add(columns, doc_object());
        if (column->kind == COLUMN_FREE_TEXT) {
            const TextPrep *text = &column->text;
            doc_set_number(one, "buckets", text->n_buckets);
            doc_set_text(one, "ngrams", text_ngram_names[text->ngrams]);
            doc_set_text(one, "weight", text_weight_names[text->weight]);
            doc_set_number(one, "features", text->n);
            for (int k = 0; k < text->n; k++) *next_bucket++ = text->bucket[k], *next_idf++ = text->idf[k];
            continue;
        }
        if (column->kind == COLUMN_ORDERED) doc_set_text(one, "coding", ordered_prep_names[column->coding]);
        if (!prep_by_number(column)) {
            doc_set(one, "levels", texts_doc(w, column->n_levels, column->levels));
            doc_set_bool(one, "missing_level", column->missing_level);
            doc_set_bool(one, "unseen_level", column->unseen_level);
            doc_set_bool(one, "coded", column->coded);
            continue;
        }
        fill[i] = column->fill, shift[i] = column->shift, scale[i] = column->scale;
        doc_set_bool(one, "clip", column->clip);
        doc_set_bool(one, "flag", column->flag);
        doc_set_number(one, "knots", column->n_knots);
        doc_set_number(one, "edges", column->n_edges);
        doc_set_text(one, "embedding", feature_names[-column->embedding]);
        if (column->kind == COLUMN_ORDERED && column->coding == ORDERED_THERMOMETER) {
            doc_set_number(one, "low", column->low);
            doc_set_number(one, "high", column->high);
        }
        if (column->kind == COLUMN_DATE) {
            Doc *parts = doc_set(one, "parts", doc_array());
            for (int p = 0; p < DATE_PART_COUNT; p++)
                if (column->parts >> p & 1) doc_add(parts, doc_text(date_part_names[p]));
            year[2 * i] = column->year_shift, year[2 * i + 1] = column->year_scale, dates = true;
        }
        for (int k = 0; k < column->n_knots; k++) *next_knot++ = column->knots[k];
        for (int k = 0; k < column->n_edges; k++) *next_edge++ = column->edges[k];
    }
    add(w, name_of(w, "prep%d.fill", number), TENSOR_F64, fill, prep->n_columns);
    add(w, name_of(w, "prep%d.shift", number), TENSOR_F64, shift, prep->n_columns);
    add(w, name_of(w, "prep%d.scale", number), TENSOR_F64, scale, prep->n_columns);
    add(w, name_of(w, "prep%d.knots", number), TENSOR_F64, knots, (int64_t)n_knots);
    add(w, name_of(w, "prep%d.edges", number), TENSOR_F64, edges, (int64_t)n_edges);
    if (n_texts > 0) {
        add(w, name_of(w, "prep%d.buckets", number), TENSOR_F64, buckets, (int64_t)n_texts);
        add(w, name_of(w, "prep%d.idf", number), TENSOR_F64, idf, (int64_t)n_texts);
    }
    if (dates) add(w, name_of(w, "prep%d.year", number), TENSOR_F64, year, 2 * (int64_t)prep->n_columns);
    write_derived(w, prep, number, entry);
}

static void write_member(Writer *w, const ModelMember *member, Doc *list)
{
    Doc *entry = doc_add(list, doc_object());
    doc_set(entry, "name", text_doc(w, member->name));
    Doc *nets = doc_set(entry, "nets", doc_array());
    for (int k = 0; k < member->n_nets; k++) {
        const Mlp *mlp = member->nets[k].mlp;
        Doc *net = doc_add(nets, doc_object());
        doc_set_number(net, "prep", member->nets[k].prep);
        doc_set_text(net, "activation", activation_names[mlp->activation]);
        doc_set_bool(net, "layer_norm", mlp->layer_norm);
        doc_set_bool(net, "residual", mlp->residual);
        if (mlp->link != LINK_SOFTMAX) doc_set_text(net, "link", link_names[mlp->link]);
        if (mlp->embed) {
            Doc *embed = doc_set(net, "embed", doc_object());
            doc_set_number(embed, "frequencies", mlp->embed->frequencies);
            doc_set_number(embed, "size", mlp->embed->size);
            doc_set_number(embed, "category_size", mlp->embed->category_size);
        }
        Doc *widths = doc_set(net, "widths", doc_array());
        for (int l = 0; l <= mlp->n_layers; l++) doc_add(widths, doc_number(mlp->width[l]));
    }
}

/* A file has either a temperature or more than that: a program that knows the temperature only must not take
 * the rest for nothing. */
static void write_calibration(Writer *w, const Model *model, Doc *root)
{
    const Calibration *c = model->calibration;
    const int k = model->schema.n_classes;
    if (!c) {
        add(w, "temperature", TENSOR_F64, &model->temperature, 1);
        return;
    }
    if (c->n_scale == 1 || c->n_scale == k) add(w, "calibration.scale", TENSOR_F64, c->scale, c->n_scale);
    else add_matrix(w, "calibration.scale", c->scale, k);
    add(w, "calibration.bias", TENSOR_F64, c->bias, k);
    if (!c->n_knots) return;
    int64_t n = 0;
    Doc *counts = doc_set(root, "calibration_knots", doc_array());
    for (int i = 0; i < k; i++) {
        doc_add(counts, doc_number(c->n_knots[i]));
        n += c->n_knots[i];
    }
    add(w, "calibration.at", TENSOR_F64, c->at, n);
    add(w, "calibration.to", TENSOR_F64, c->to, n);
}

static void write_decision(Writer *w, const Model *model, Doc *root)
{
    const int k = model->schema.n_classes;
    if (model->asked) doc_set(root, "asked", text_doc(w, model->asked));
    if (model->interest) doc_set_number(root, "interest", model->interest);
    if (model->class_weight) add(w, "class_weight", TENSOR_F64, model->class_weight, k);
    if (model->cost) add_matrix(w, "cost", model->cost, k);
    else if (model->decision) add(w, "decision", TENSOR_F64, model->decision, k);
}

/* Readers that do not know of these predict the same without them. */
static void write_conformal(Writer *w, const Model *model, Doc *root)
{
    const Conformal *c = model->conformal;
    if (!c) return;
    Doc *entry = doc_set(root, "conformal", doc_object());
    doc_set_number(entry, "rows", c->n_rows);
    doc_set_number(entry, "levels", c->n_levels);
    doc_set_number(entry, "knots", c->n_knots);
    Doc *methods = doc_set(entry, "methods", doc_array());
    for (int i = 0; i < c->n_parts; i++) doc_add(methods, doc_text(conformal_names[c->method[i]]));
    add(w, "conformal.level", TENSOR_F64, c->level, c->n_levels);
    add(w, "conformal.margin", TENSOR_F64, c->margin, (int64_t)c->n_levels * c->n_parts);
    add(w, "conformal.at", TENSOR_F64, c->at, (int64_t)c->n_parts * c->n_knots);
    add(w, "conformal.scale", TENSOR_F64, c->scale, (int64_t)c->n_parts * c->n_knots);
}

/* The doubles first, then the floats, so that every array stays aligned. */
static bool write_all(Writer *w, const Model *model, Doc *root, Error *err)
{
    doc_set(root, "name", text_doc(w, model->name));
    doc_set_text(root, "combine", combine_names[model->combine]);
    write_schema(w, &model->schema, root);
    Doc *preps = doc_set(root, "preps", doc_array());
    for (int p = 0; p < model->n_preps; p++) write_prep(w, model->preps[p], p, preps);
    Doc *members = doc_set(root, "members", doc_array());
    double *weights = ARENA_NEW(w->arena, double, model->n_members);
    if (!weights) return error_memory(err);
    for (int m = 0; m < model->n_members; m++) {
        weights[m] = model->members[m].weight;
        write_member(w, &model->members[m], members);
    }
    add(w, "weights", TENSOR_F64, weights, model->n_members);
    if (task_has_classes(&model->schema.task)) write_calibration(w, model, root);
    write_decision(w, model, root);
    if (model->intercept) {
        add(w, "stack.slope", TENSOR_F64, &model->slope, 1);
        add(w, "stack.intercept", TENSOR_F64, model->intercept, model->schema.task.n_targets);
    }
    write_conformal(w, model, root);
    for (int p = 0; p < model->n_preps; p++) {
        const Prep *prep = model->preps[p];
        if (prep->n_columns > 0) continue;
        add(w, name_of(w, "prep%d.pixel_shift", p), TENSOR_F32, prep->pixel_shift,
            prep->n_features);
        add(w, name_of(w, "prep%d.pixel_scale", p), TENSOR_F32, prep->pixel_scale,
            prep->n_features);
    }
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++)
            if (!mlp_to_tensors(model->members[m].nets[k].mlp, name_of(w, "m%d.n%d", m, k),
                                w->arena, w->tensors, &w->n, err))
                return false;
    return true;
}

static size_t most_tensors(const Model *model)
{
    size_t n = 16 + 9 * (size_t)model->n_preps;
    for (int m = 0; m < model->n_members; m++)
        for (int k = 0; k < model->members[m].n_nets; k++)
            n += (size_t)mlp_n_tensors(model->members[m].nets[k].mlp);
    return n;
}

bool model_save(const Model *model, const char *path, Error *err)
{
    bool ok = false;
    Text json = {0};
    Doc *root = doc_object();
    Writer w = {.arena = arena_create(0)};
    if (w.arena) w.tensors = ARENA_NEW(w.arena, Tensor, most_tensors(model));
    if (!w.tensors) {
        error_memory(err);
        goto done;
    }
    if (!write_all(&w, model, root, err)) goto done;
    const char *note = model->provenance;
    if (note && !text_is_utf8(note, strlen(note)) && !w.not_utf8) w.not_utf8 = note;
    if (w.not_utf8) {
        error_set(err, ERR_DATA,
                  "%s: the text \"%.60s\" is not UTF-8 and cannot be kept in a model file; "
                  "convert the data to UTF-8", path, w.not_utf8);
        goto done;
    }
    if (w.no_memory || !doc_print(root, 0, &json)) {
        error_memory(err);
        goto done;
    }
    TensorNote notes[3] = {{"model", json.bytes}};
    int n_notes = 1;
    if (model->provenance) notes[n_notes++] = (TensorNote){"provenance", model->provenance};
    if (model->history) notes[n_notes++] = (TensorNote){"history", model->history};
    ok = tensors_write(path, "consort-model 1", notes, n_notes, w.tensors, w.n, err);
done:
    text_free(&json);
    doc_free(root);
    arena_destroy(w.arena);
    return ok;
}
