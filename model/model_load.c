/* A model read from a file, and proven sound before it is believed.
 *
 * A file that passes here can be predicted with, exported and joined without a further thought:
 * every index is in range, shapes chain from columns to classes, numbers are finite, names known.
 * Each function reads one part of the JSON and the tensors that belong to it.
 */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "data/dates.h"
#include "model/model_reader.h"

/* Far beyond what anyone trains, and small enough that no sum of features overflows. */
enum { MOST_ITEMS = READER_MOST_ITEMS, MOST_EDGES = 1 << 16, MOST_WIDTH = 1 << 24, MOST_SIDE = 1 << 12 };

/* Which of the training file's fields the columns and the label were; not said where these are all, the
 * label last. */
static bool read_places(ModelReader *r, const Doc *entry, Schema *schema, Column *column)
{
    Layout *layout = &schema->rules.layout;
    const Doc *places = doc_get(entry, "columns");
    bool said = doc_kind(places) != DOC_NULL, labelled = said ? doc_kind(doc_get(entry, "label")) != DOC_NULL
                                                              : schema->label_name != NULL;
    layout->label = labelled ? schema->n_columns : -1;
    for (int i = 0; i < schema->n_columns; i++) column[i].place = i;
    if (!said)
        return layout->width == schema->n_columns + labelled ||
               reader_bad(r, "layout: it does not say which field is which column");
    if (doc_kind(places) != DOC_ARRAY || doc_count(places) != (size_t)schema->n_columns)
        return reader_bad(r, "layout: `columns` is not a place for each column");
    if (labelled && !reader_int(r, entry, "layout", "label", 0, layout->width - 1, &layout->label))
        return false;
    for (int i = 0, least = 0; i < schema->n_columns; i++, least++) {
        double place = doc_to_number(doc_at(places, (size_t)i), NAN);
        if (!(place >= least && place < layout->width) || place != floor(place) || (int)place == layout->label)
            return reader_bad(r, "layout: the place of column %d is not behind that of the one before it",
                              i + 1);
        least = column[i].place = (int)place;
    }
    return true;
}

/* How the training file lay; older files, and those whose data were no such file, do not say. */
static bool read_layout(ModelReader *r, const Doc *entry, Schema *schema, Column *column)
{
    const char *delimiter;
    Layout *layout = &schema->rules.layout;
    if (doc_kind(entry) == DOC_NULL) return true;
    if (!reader_int(r, entry, "layout", "fields", 1, MOST_ITEMS, &layout->width) ||
        !reader_text(r, entry, "layout", "delimiter", &delimiter) ||
        !read_places(r, entry, schema, column) ||
        !reader_new_int(r, entry, "layout", "skip", 1000000, &layout->skip) ||
        !reader_new_flag(r, entry, "layout", "skipped_rows", &layout->skipped_rows) ||
        !reader_new_int(r, entry, "layout", "titles", 1000000, &layout->titles) ||
        !reader_new_flag(r, entry, "layout", "empty_titles", &layout->empty_titles) ||
        !reader_new_flag(r, entry, "layout", "names_in_row", &layout->names_in_row))
        return false;
    layout->delimiter = *delimiter;
    if (strlen(delimiter) != 1 || (unsigned char)*delimiter >= 0x80 || strchr("\r\n", *delimiter))
        return reader_bad(r, "layout: `delimiter` is not one character");
    return doc_kind(doc_get(entry, "comment")) == DOC_NULL ||
           reader_text(r, entry, "layout", "comment", &layout->comment);
}

/* How cells are read; older files, and those whose data were as usual, do not say. */
static bool read_rules(ModelReader *r, const Doc *root, Schema *schema, Column *column)
{
    ReadRules *rules = &schema->rules;
    rules->n_missing = N_MISSING_UNSAID;
    rules->missing = missing_unsaid;
    if (doc_kind(doc_get(root, "missing")) != DOC_NULL) {
        const char **words;
        if (!reader_texts(r, root, "model", "missing", &rules->n_missing, &words)) return false;
        if (rules->n_missing == 0) return reader_bad(r, "model: `missing` is empty");
        rules->missing = words;
    }
    if (!reader_new_flag(r, root, "model", "decimal_comma", &rules->decimal_comma)) return false;
    if (!read_layout(r, doc_get(root, "layout"), schema, column)) return false;
    bool header = true;
    if (doc_kind(doc_get(root, "header")) == DOC_NULL) return true;
    if (!reader_flag(r, root, "model", "header", &header)) return false;
    rules->names = header ? NAMES_OF_FILE : NAMES_BY_PLACE;
    for (int i = 0; i < schema->n_columns && !header; i++)
        if (column_place(schema->columns[i].name) < 0)
            return reader_bad(r, "column %d: without a header it cannot be called `%.60s`", i + 1,
                       schema->columns[i].name);
    return true;
}

/* Files from before there were colours, and of grey pictures, do not say. */
static bool read_channels(ModelReader *r, const Doc *image, int *out)
{
    *out = 1;
    if (doc_kind(doc_get(image, "channels")) == DOC_NULL) return true;
    if (!reader_int(r, image, "image", "channels", 1, 3, out)) return false;
    return *out != 2 || reader_bad(r, "image: 2 channels; 1 (grey) and 3 (colour) are known");
}

/* How files of pictures were made one size; the defaults are not written. */
static bool read_fit(ModelReader *r, const Doc *image, ReadRules *rules)
{
    int fit = FIT_STRETCH, ground = GROUND_WHITE;
    if (doc_kind(doc_get(image, "fit")) != DOC_NULL
        && !reader_choice(r, image, "image", "fit", picture_fit_names, &fit))
        return false;
    if (doc_kind(doc_get(image, "background")) != DOC_NULL
        && !reader_choice(r, image, "image", "background", picture_ground_names, &ground))
        return false;
    rules->fit = (PictureFit)fit;
    rules->ground = (PictureGround)ground;
    return true;
}

static bool read_schema(ModelReader *r, const Doc *root, Schema *schema)
{
    if (!reader_task(r, root, schema)) return false;
    if (doc_kind(doc_get(root, "label")) != DOC_NULL &&
        !reader_text(r, root, "model", "label", &schema->label_name))
        return false;
    const Doc *image = doc_get(root, "image"), *columns = doc_get(root, "columns");
    if (doc_kind(image) == DOC_OBJECT)
        return reader_int(r, image, "image", "height", 1, MOST_SIDE, &schema->height) &&
               reader_int(r, image, "image", "width", 1, MOST_SIDE, &schema->width) &&
               read_channels(r, image, &schema->channels) && read_fit(r, image, &schema->rules);
    size_t n = doc_count(columns);
    if (doc_kind(columns) != DOC_ARRAY || n < 1 || n > MOST_ITEMS)
        return reader_bad(r, "model: there are neither columns nor an image");
    Column *column = ARENA_NEW(r->arena, Column, n);
    if (!column) return error_memory(r->err);
    schema->columns = column;
    schema->n_columns = (int)n;
    for (size_t i = 0; i < n; i++, column++) {
        char where[32];
        int kind = 0;
        const Doc *entry = doc_at(columns, i);
        snprintf(where, sizeof where, "column %zu", i + 1);
        bool named = doc_kind(doc_get(entry, "name")) != DOC_NULL;
        if (named && !reader_text(r, entry, where, "name", &column->name)) return false;
        if (!named) column->name = arena_print(r->arena, "column_%zu", i + 1);
        if (!column->name) return error_memory(r->err);
        if (!reader_choice(r, entry, where, "kind", column_kind_names, &kind))
            return false;
        column->kind = (ColumnKind)kind;
        int style = STYLE_PLAIN;
        if (doc_kind(doc_get(entry, "style")) != DOC_NULL &&
            !reader_choice(r, entry, where, "style", number_style_names, &style))
            return false;
        column->style = (NumberStyle)style;
        if ((column->kind == COLUMN_NOMINAL || column->kind == COLUMN_ORDERED) &&
            !reader_texts(r, entry, where, "levels", &column->n_levels, &column->levels))
            return false;
        if (column->kind == COLUMN_DATE) {
            const char *why;
            if (!reader_text(r, entry, where, "format", &column->format)) return false;
            if (!date_format_check(column->format, &why))
                return reader_bad(r, "%s: the format of its dates: %s", where, why);
        }
    }
    return read_rules(r, root, schema, column - n);
}

/* What a number becomes besides itself; older files do not say. */
static bool read_numeric_embedding(ModelReader *r, const Doc *entry, const char *where, PrepColumn *column)
{
    int kind = 0;
    if (doc_kind(doc_get(entry, "edges")) != DOC_NULL &&
        !reader_int(r, entry, where, "edges", 0, MOST_EDGES, &column->n_edges))
        return false;
    if (doc_kind(doc_get(entry, "embedding")) != DOC_NULL &&
        !reader_choice(r, entry, where, "embedding", feature_names, &kind))
        return false;
    if (column->n_edges == 1) return reader_bad(r, "%s: one edge bounds no bin", where);
    if (column->n_edges > 0 && kind > 0)
        return reader_bad(r, "%s: both edges and an embedding", where);
    column->embedding = -kind;
    return true;
}

/* What a date or levels in order have besides. `year` is the column's shift and scale. */
static bool read_parts(ModelReader *r, const Doc *entry, const char *where, const double *year,
                       PrepColumn *column)
{
    const Doc *parts = doc_get(entry, "parts");
    for (size_t i = 0; i < doc_count(parts); i++) {
        int part = names_find(date_part_names, doc_to_text(doc_at(parts, i), ""));
        if (part < 0) return reader_bad(r, "%s: a part of dates that is not known", where);
        column->parts |= 1u << part;
    }
    column->year_shift = year[0], column->year_scale = year[1];
    return true;
}

static bool read_coding(ModelReader *r, const Doc *entry, const char *where, int n_levels, PrepColumn *column)
{
    int coding = ORDERED_NUMBER, most = n_levels > 0 ? n_levels - 1 : 0;
    if (!reader_choice(r, entry, where, "coding", ordered_prep_names, &coding)) return false;
    column->coding = (OrderedPrep)coding;
    return coding != ORDERED_THERMOMETER || (reader_int(r, entry, where, "low", 0, most, &column->low) &&
                                             reader_int(r, entry, where, "high", column->low, most,
                                                        &column->high));
}

static bool read_text(ModelReader *r, const Doc *entry, const char *where, TextPrep *text)
{
    enum { MOST_BUCKETS = 1 << 16 };
    int ngrams = 0, weight = 0;
    if (!reader_int(r, entry, where, "buckets", 1, MOST_BUCKETS, &text->n_buckets) ||
        !reader_choice(r, entry, where, "ngrams", text_ngram_names, &ngrams) ||
        !reader_choice(r, entry, where, "weight", text_weight_names, &weight) ||
        !reader_int(r, entry, where, "features", 0, text->n_buckets, &text->n))
        return false;
    text->ngrams = (TextNgrams)ngrams;
    text->weight = (TextWeight)weight;
    return true;
}

/* Which buckets are features, and what they weigh, of all columns of text. */
static bool read_buckets(ModelReader *r, int number, int64_t n, Prep *prep)
{
    const double *buckets, *idf;
    char name[2][32];
    snprintf(name[0], sizeof name[0], "prep%d.buckets", number);
    snprintf(name[1], sizeof name[1], "prep%d.idf", number);
    int32_t *bucket = ARENA_NEW(r->arena, int32_t, n);
    if (!bucket) return error_memory(r->err);
    if (!reader_doubles(r, name[0], n, &buckets) || !reader_doubles(r, name[1], n, &idf)) return false;
    for (int i = 0; i < prep->n_columns; i++) {
        TextPrep *text = &prep->columns[i].text;
        text->bucket = bucket;
        text->idf = idf;
        for (int k = 0; k < text->n; k++, bucket++, buckets++, idf++) {
            if (!(*buckets >= 0 && *buckets < text->n_buckets && *buckets == floor(*buckets)) ||
                (k > 0 && !(*buckets > buckets[-1])))
                return reader_bad(r, "prep %d, column %d: the buckets of its text do not increase", number, i +
                                  1);
            if (!(*idf > 0 && *idf < 1e6))
                return reader_bad(r, "prep %d, column %d: a weight of its text", number, i + 1);
            *bucket = (int32_t)*buckets;
        }
    }
    return true;
}

static bool read_prep_columns(ModelReader *r, const Doc *of, int number, Prep *prep)
{
    const Schema *schema = &r->model->schema;
    const Doc *list = doc_get(of, "columns");
    Derivation *derived;
    const double *fill, *shift, *scale, *knots = NULL, *edges = NULL, *year = NULL;
    char name[5][32], where[48];
    static const char *const parts[5] = {"fill", "shift", "scale", "knots", "edges"};
    for (int i = 0; i < 5; i++) snprintf(name[i], sizeof name[i], "prep%d.%s", number, parts[i]);
    if (!reader_derived(r, doc_get(of, "derived"), number, prep, &derived)) return false;
    prep->n_columns = schema->n_columns + prep->n_derived;
    if (doc_kind(list) != DOC_ARRAY || doc_count(list) != (size_t)prep->n_columns)
        return reader_bad(r, "prep %d does not have the schema's %d columns%s", number, schema->n_columns,
                          prep->n_derived ? ", and those derived" : "");
    prep->columns = ARENA_NEW(r->arena, PrepColumn, prep->n_columns);
    if (!prep->columns) return error_memory(r->err);
    if (!reader_doubles(r, name[0], prep->n_columns, &fill) ||
        !reader_doubles(r, name[1], prep->n_columns, &shift) ||
        !reader_doubles(r, name[2], prep->n_columns, &scale))
        return false;
    int64_t n_knots = 0, n_edges = 0, n_texts = 0;
    const int said = prep->n_features;
    for (int i = 0; i < prep->n_columns; i++) {
        PrepColumn *column = &prep->columns[i];
        const Doc *entry = doc_at(list, (size_t)i);
        snprintf(where, sizeof where, "prep %d, column %d", number, i + 1);
        const bool own = i < schema->n_columns;
        column->name = own ? schema->columns[i].name
                           : derive_name(&derived[i - schema->n_columns], schema, r->arena);
        if (!column->name && !own) return error_memory(r->err);
        column->kind = own ? schema->columns[i].kind : COLUMN_NUMERIC;
        if (column->kind == COLUMN_ORDERED &&
            !read_coding(r, entry, where, schema->columns[i].n_levels, column))
            return false;
        if (column->kind == COLUMN_DATE && !year) {
            snprintf(name[3], sizeof name[3], "prep%d.year", number);
            if (!reader_doubles(r, name[3], 2 * (int64_t)prep->n_columns, &year)) return false;
            snprintf(name[3], sizeof name[3], "prep%d.%s", number, parts[3]);
        }
        if (column->kind == COLUMN_DATE && !read_parts(r, entry, where, year + 2 * i, column)) return false;
        if (column->kind == COLUMN_FREE_TEXT) {
            if (!read_text(r, entry, where, &column->text)) return false;
            n_texts += column->text.n;
            continue;
        }
        if (prep_by_number(column)) {
            column->fill = fill[i], column->shift = shift[i], column->scale = scale[i];
            if (!reader_flag(r, entry, where, "clip", &column->clip) ||
                !reader_flag(r, entry, where, "flag", &column->flag) ||
                !reader_int(r, entry, where, "knots", 0, MOST_ITEMS, &column->n_knots))
                return false;
            if (column->n_knots == 1) return reader_bad(r, "%s: one knot is no quantile scale", where);
            n_knots += column->n_knots;
            if (!read_numeric_embedding(r, entry, where, column)) return false;
            n_edges += column->n_edges;
        } else if (!reader_texts(r, entry, where, "levels", &column->n_levels, &column->levels) ||
                   !reader_flag(r, entry, where, "missing_level", &column->missing_level) ||
                   !reader_flag(r, entry, where, "unseen_level", &column->unseen_level) ||
                   !reader_new_flag(r, entry, where, "coded", &column->coded)) {
            return false;
        }
    }
    if (!prep_lay_out(prep, r->arena, r->err))
        return r->err->code == ERR_DATA ? reader_bad(r, "prep %d has too many features", number) : false;
    if (prep->n_features != said)
        return reader_bad(r, "prep %d says %d features, its columns make %d", number, said,
                   prep->n_features);
    if (prep->n_derived > 0 && !reader_cells(r, number, prep, derived)) return false;
    if (n_texts > 0 && !read_buckets(r, number, n_texts, prep)) return false;
    if (n_edges > 0 && !reader_doubles(r, name[4], n_edges, &edges)) return false;
    for (int i = 0; i < prep->n_columns; i++) {
        PrepColumn *column = &prep->columns[i];
        if (column->n_edges == 0) continue;
        column->edges = edges;
        edges += column->n_edges;
        for (int k = 1; k < column->n_edges; k++)
            if (!(column->edges[k] > column->edges[k - 1]))
                return reader_bad(r, "prep %d, column %d: the edges do not increase", number, i + 1);
    }
    if (n_knots > 0 && !reader_doubles(r, name[3], n_knots, &knots)) return false;
    for (int i = 0; i < prep->n_columns; i++) {
        PrepColumn *column = &prep->columns[i];
        if (column->n_knots == 0) continue;
        column->knots = knots;
        knots += column->n_knots;
        for (int k = 1; k < column->n_knots; k++)
            if (column->knots[k] < column->knots[k - 1])
                return reader_bad(r, "prep %d, column %d: the knots do not increase", number, i + 1);
    }
    return true;
}

static bool read_preps(ModelReader *r, const Doc *root)
{
    Model *model = r->model;
    const Schema *schema = &model->schema;
    const Doc *list = doc_get(root, "preps");
    size_t n = doc_count(list);
    if (doc_kind(list) != DOC_ARRAY || n < 1 || n > MOST_ITEMS)
        return reader_bad(r, "model: there is no preprocessing");
    const Prep **preps = ARENA_NEW(r->arena, const Prep *, n);
    if (!preps) return error_memory(r->err);
    model->preps = preps;
    model->n_preps = (int)n;
    for (int p = 0; p < (int)n; p++) {
        char where[32], name[2][40];
        Prep *prep = ARENA_NEW(r->arena, Prep, 1);
        if (!prep) return error_memory(r->err);
        preps[p] = prep;
        const Doc *entry = doc_at(list, (size_t)p);
        snprintf(where, sizeof where, "prep %d", p);
        if (!reader_int(r, entry, where, "features", 1, MOST_WIDTH, &prep->n_features))
            return false;
        if (schema->n_columns > 0) {
            if (!read_prep_columns(r, entry, p, prep)) return false;
            continue;
        }
        prep->height = schema->height;
        prep->width = schema->width;
        prep->channels = schema->channels;
        if ((size_t)prep->n_features != PIXELS_OF(schema))
            return reader_bad(r, "prep %d has %d features for images of %d x %d%s", p, prep->n_features,
                       schema->height, schema->width, pixels_colour(schema->channels));
        snprintf(name[0], sizeof name[0], "prep%d.pixel_shift", p);
        snprintf(name[1], sizeof name[1], "prep%d.pixel_scale", p);
        if (!reader_floats(r, name[0], prep->n_features, &prep->pixel_shift) ||
            !reader_floats(r, name[1], prep->n_features, &prep->pixel_scale))
            return false;
    }
    return true;
}

/* The input stage that the preprocessing asks for; *out NULL when it asks for none. */
static bool read_embed(ModelReader *r, const Doc *entry, const char *where, const Prep *prep, Embed **out)
{
    EmbedOptions options = {0};
    char place[80];
    *out = NULL;
    if (!prep->feature)
        return doc_kind(entry) == DOC_NULL || reader_bad(r, "%s: an embedding of nothing", where);
    snprintf(place, sizeof place, "%s, embed", where);
    if (!reader_int(r, entry, place, "frequencies", 1, 256, &options.frequencies) ||
        !reader_int(r, entry, place, "size", 2, 256, &options.size) ||
        !reader_int(r, entry, place, "category_size", 1, 256, &options.category_size))
        return false;
    if (!embed_make(&options, prep->feature, prep->n_features, r->arena, out, r->err))
        return r->err->code == ERR_MEMORY ? false : reader_bad(r, "%s: it is too large", place);
    return true;
}

static bool read_net(ModelReader *r, const Doc *entry, int member, int place, ModelNet *out)
{
    char where[64], prefix[48];
    snprintf(where, sizeof where, "member %d, network %d", member + 1, place + 1);
    snprintf(prefix, sizeof prefix, "m%d.n%d", member, place);
    const Model *model = r->model;
    int activation = 0, width[MLP_MAX_LAYERS + 1];
    const Doc *widths = doc_get(entry, "widths");
    size_t n = doc_count(widths);
    if (!reader_int(r, entry, where, "prep", 0, model->n_preps - 1, &out->prep) ||
        !reader_choice(r, entry, where, "activation", activation_names, &activation))
        return false;
    if (doc_kind(widths) != DOC_ARRAY || n < 2 || n > MLP_MAX_LAYERS + 1)
        return reader_bad(r, "%s: a network has 1 to %d layers", where, MLP_MAX_LAYERS);
    for (size_t i = 0; i < n; i++) {
        double number = doc_to_number(doc_at(widths, i), NAN);
        if (!(number >= 1 && number <= MOST_WIDTH) || number != floor(number))
            return reader_bad(r, "%s: width %zu is not a whole number from 1 to %d", where, i + 1,
                       MOST_WIDTH);
        width[i] = (int)number;
    }
    Link link;
    if (!reader_link(r, entry, where, &link)) return false;
    const int n_outputs = link == LINK_SOFTMAX ? model->schema.n_classes
                                               : task_outputs(&model->schema.task, model->schema.n_classes);
    if (width[n - 1] != n_outputs)
        return reader_bad(r, "%s has %d outputs for %d %s", where, width[n - 1], n_outputs,
                   task_has_classes(&model->schema.task) ? "classes" : "values");
    bool layer_norm, residual;
    Embed *embed;
    if (!reader_new_flag(r, entry, where, "layer_norm", &layer_norm) ||
        !reader_new_flag(r, entry, where, "residual", &residual) ||
        !read_embed(r, doc_get(entry, "embed"), where, model->preps[out->prep], &embed))
        return false;
    if (width[0] != (embed ? embed->n_inputs : model->preps[out->prep]->n_features))
        return reader_bad(r, "%s takes %d inputs, its preprocessing makes %d", where, width[0],
                   embed ? embed->n_inputs : model->preps[out->prep]->n_features);
    Mlp *mlp = NULL, shape = {.layer_norm = layer_norm, .residual = residual, .embed = embed,
                              .link = link, .n_layers = (int)n - 1, .activation = (Activation)activation};
    memcpy(shape.width, width, n * sizeof *width);
    if (!mlp_from_tensors(r->file, prefix, &shape, r->arena, &mlp, r->err)) return false;
    out->mlp = mlp;
    return true;
}

static bool read_members(ModelReader *r, const Doc *root)
{
    Model *model = r->model;
    const Doc *list = doc_get(root, "members");
    const double *weights;
    size_t n = doc_count(list);
    if (doc_kind(list) != DOC_ARRAY || n < 1 || n > MOST_ITEMS)
        return reader_bad(r, "model: there are no members");
    if (!reader_doubles(r, "weights", (int64_t)n, &weights)) return false;
    ModelMember *members = ARENA_NEW(r->arena, ModelMember, n);
    if (!members) return error_memory(r->err);
    model->members = members;
    model->n_members = (int)n;
    for (int m = 0; m < (int)n; m++) {
        ModelMember *member = &members[m];
        const Doc *entry = doc_at(list, (size_t)m), *nets = doc_get(entry, "nets");
        char where[32];
        snprintf(where, sizeof where, "member %d", m + 1);
        size_t n_nets = doc_count(nets);
        if (!reader_text(r, entry, where, "name", &member->name)) return false;
        if (doc_kind(nets) != DOC_ARRAY || n_nets < 1 || n_nets > MOST_ITEMS)
            return reader_bad(r, "%s has no networks", where);
        if (!(weights[m] > 0)) return reader_bad(r, "%s: weight %g is not positive", where, weights[m]);
        ModelNet *net = ARENA_NEW(r->arena, ModelNet, n_nets);
        if (!net) return error_memory(r->err);
        member->weight = weights[m];
        member->n_nets = (int)n_nets;
        member->nets = net;
        for (int k = 0; k < (int)n_nets; k++)
            if (!read_net(r, doc_at(nets, (size_t)k), m, k, &net[k])) return false;
    }
    return true;
}

static bool pools_classes(ModelReader *r)
{
    return r->model->combine != COMBINE_POOL || task_has_classes(&r->model->schema.task)
        || reader_bad(r, "model: only probabilities of classes are pooled");
}

static bool read_model(ModelReader *r, const Doc *root)
{
    const char *provenance = tensors_note(r->file, "provenance"), *history = tensors_note(r->file, "history");
    r->model = ARENA_NEW(r->arena, Model, 1);
    if (!r->model) return error_memory(r->err);
    if (provenance && !(r->model->provenance = arena_copy(r->arena, provenance)))
        return error_memory(r->err);
    if (history && !(r->model->history = arena_copy(r->arena, history))) return error_memory(r->err);
    if (doc_kind(root) != DOC_OBJECT) return reader_bad(r, "the note `model` is not a JSON object");
    return reader_text(r, root, "model", "name", &r->model->name) &&
           reader_choice(r, root, "model", "combine", combine_names, &r->model->combine) &&
           read_schema(r, root, &r->model->schema) && pools_classes(r) && read_preps(r, root) &&
           read_members(r, root) && reader_calibration(r, root) && reader_decision(r, root)
        && reader_stack(r) && reader_conformal(r, root);
}

/* The parts below know the tensor but not always the file. */
static bool name_file(Error *err, const char *path)
{
    if (err && err->code == ERR_DATA && strncmp(err->message, path, strlen(path)) != 0)
        error_wrap(err, "%s", path);
    return false;
}

bool model_load(const char *path, Arena *arena, Model **out, Error *err)
{
    bool ok = false;
    Error why;
    Doc *root = NULL;
    TensorFile *file = NULL;
    if (!err) err = &why;
    if (!tensors_read(path, "consort-model 1", &file, err)) return name_file(err, path);
    ModelReader reader = {.path = path, .file = file, .arena = arena, .err = err};
    const char *json = tensors_note(file, "model");
    if (!json) {
        reader_bad(&reader, "the note `model` is missing");
        goto done;
    }
    root = doc_parse(json, strlen(json), err);
    if (!root || !read_model(&reader, root)) {
        name_file(err, path);
        goto done;
    }
    *out = reader.model;
    ok = true;
done:
    doc_free(root);
    tensors_free(file);
    return ok;
}
