/* job/ship.c - makes the files of a format in memory, proves them, and writes all of them or none. */
#include "job/ship.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "export/c_source.h"
#include "export/onnx.h"
#include "export/onnx_run.h"
#include "export/wasm.h"
#include "job/compiled.h"
#include "job/model_card.h"
#include "job/wasm.h"
#include "plan/quantize.h"
#include "plan/run.h"
#include "reports/model_card.h"

typedef struct {
    const ModelFacts *facts;
    const Model *model;
    const ShipOptions *options;
    Plan *plan;
    int target;  /* CTarget */
    Arena *arena;
    int n;
    struct {
        const char *what, *ending;
        Text text;
    } file[SHIP_FILES];
} Shipping;

/* A file to be; its text is filled in by who asks. */
static Text *new_file(Shipping *s, const char *what, const char *ending)
{
    s->file[s->n].what = what;
    s->file[s->n].ending = ending;
    return &s->file[s->n++].text;
}

/* ---- formats --------------------------------------------------------------------------------- */

/* One of a few words; NULL: the first. */
static bool choose(const char *option, const char *said, const char *const *names, int *out, Error *err)
{
    *out = said ? names_find(names, said) : 0;
    return *out >= 0 || error_set(err, ERR_CONFIG, "--%s %.40s: %s or %s", option, said, names[0], names[1]);
}

static bool make_c(Shipping *s, Error *err)
{
    for (const char *c = s->options->name; *c; c++) /* the source includes its header by this name */
        if ((unsigned char)*c < 0x20 || *c == 0x7F || strchr("\"\\<>", *c))
            return error_set(err, ERR_CONFIG, "a C file cannot be named `%.100s`: its #include would name"
                             " another; leave out quotes, backslashes, < > and line ends", s->options->name);
    if (!choose("target", s->options->target, c_target_names, &s->target, err)) return false;
    const CExportOptions c = {.target = (CTarget)s->target, .name = s->options->name, .plan = s->plan,
                              .sample = s->options->sample, .model_sha256 = s->facts->sha256};
    Text *source = new_file(s, "source", "c"), *header = new_file(s, "header", "h");
    return c_source_write(s->model, &c, s->arena, header, source, err);
}

/* NAME.wasm, its loader and its page; the C goes through a compiler under the name `model`. */
static bool make_wasm(Shipping *s, Error *err)
{
    /* A server's layers are in panels, which vectors of four floats fit: 3 to 4 times as fast. */
    const CExportOptions c = {.target = C_SERVER, .name = "model", .plan = s->plan,
                              .sample = s->options->sample, .model_sha256 = s->facts->sha256};
    Text header = {0}, source = {0}, shim = {0};
    Text *module = new_file(s, "module", "wasm"), *loader = new_file(s, "loader", "mjs"),
         *page = new_file(s, "page", "html");
    const char *file = arena_print(s->arena, "%s.wasm", s->options->name);
    wasm_shim(s->model, &shim);
    bool ok = (file || error_memory(err)) && c_source_write(s->model, &c, s->arena, &header, &source, err)
           && wasm_compile(s->model, &header, &source, &shim, s->options->folder, s->arena, module, err);
    if (ok) {
        Doc *info = wasm_info(s->model);
        wasm_loader(info, file, loader);
        wasm_page(s->model, info, module->bytes, module->n, page);
        doc_free(info);
    }
    text_free(&header);
    text_free(&source);
    text_free(&shim);
    return ok;
}

static bool make_onnx(Shipping *s, Error *err)
{
    OnnxOptions options = {.model_sha256 = s->facts->sha256};
    Text *file = new_file(s, "onnx", "onnx");
    return choose("inputs", s->options->inputs, onnx_inputs_names, &options.inputs, err)
        && choose("classes", s->options->classes, onnx_classes_names, &options.classes, err)
        && onnx_write(s->plan, &options, s->arena, file, err);
}

#define LIST_TAKES(id, name, takes, make) takes,
#define LIST_MAKE(id, name, takes, make) make,
const char *const ship_names[] = {SHIP_LIST(LIST_NAME) NULL};
const char *const ship_takes[] = {SHIP_LIST(LIST_TAKES) NULL};
const char *const *const ship_inputs = onnx_inputs_names, *const *const ship_classes = onnx_classes_names;
const char *const *const ship_targets = c_target_names, *const *const ship_numbers = plan_numbers_names;
static bool (*const makers[])(Shipping *s, Error *err) = {SHIP_LIST(LIST_MAKE)};

/* ---- the proof ------------------------------------------------------------------------------- */

/* An ONNX file is read back and computed, unless it is so large that its plan must do; a plan is computed with
 * the functions that exported C consists of. */
static bool compute(const Shipping *s, const Table *rows, float *values, const char **by, Error *err)
{
    enum { ONNX_MOST_PARAMS = 4000000 };
    const ShipOptions *o = s->options;
    if (o->compile) {
        *by = "compiled C";
        return compiled_run(s->plan, (CTarget)s->target, rows, o->folder, s->arena, values, err);
    }
    if (o->to == SHIP_ONNX && model_n_params(s->model) <= ONNX_MOST_PARAMS) {
        *by = "the file itself";
        return onnx_run(&s->file[0].text, s->model, rows, s->arena, values, err);
    }
    *by = "its plan";
    return plan_run(s->plan, rows, s->arena, values, err);
}

static bool prove(const Shipping *s, Proof *out, Error *err)
{
    const ShipOptions *o = s->options;
    const Table *rows = o->rows->table;
    const char *by;
    float *values = ARENA_NEW(s->arena, float, (size_t)rows->n_rows * (size_t)model_values(s->model));
    if (!values) return error_memory(err);
    return compute(s, rows, values, &by, err)
        && proof_make(s->model, o->rows, s->plan->numbers, o->within > 0 ? o->within : PROOF_DEVIATION, values,
                      by, s->arena, out, err);
}

/* ---- the card -------------------------------------------------------------------------------- */

static void put_export(const Shipping *s, const Shipped *shipped, Doc *card)
{
    Doc *export = doc_set(card, "export", doc_object()), *files;
    doc_set_text(export, "to", ship_names[s->options->to]);
    if (s->options->to == SHIP_C) doc_set_text(export, "target", c_target_names[s->target]);
    doc_set_text(export, "numbers", plan_numbers_names[s->plan->numbers]);
    files = doc_set(export, "files", doc_array());
    for (int i = 0; i < s->n; i++) {
        Doc *file = doc_add(files, doc_object());
        const char *name = arena_print(s->arena, "%s.%s", s->options->name, s->file[i].ending);
        doc_set_text(file, "what", s->file[i].what);
        doc_set_text(file, "name", name);
        doc_set_number(file, "bytes", (double)s->file[i].text.n);
    }
    if (!shipped->proved) return;
    Doc *proof = doc_set(export, "proof", proof_doc(&shipped->proof));
    doc_set_text(proof, "said", proof_sentence(&shipped->proof, s->arena));
}

static bool make_card(Shipping *s, const Shipped *shipped, Error *err)
{
    Doc *card;
    const char *before = arena_print(s->arena, "%s/%s.card.json", s->options->folder, s->options->name);
    if (!before) return error_memory(err);
    if (!model_card(s->facts, before, &card, err)) return false;
    put_export(s, shipped, card);
    Text *page = new_file(s, "card", "md"), *json = new_file(s, "card_json", "card.json");
    bool ok = model_card_markdown(card, s->arena, page, err) && (doc_print(card, 1, json) || error_memory(err));
    text_add(json, "\n");
    doc_free(card);
    return ok;
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool write_files(const Shipping *s, Shipped *out, Error *err)
{
    bool ok = true;
    for (int i = 0; ok && i < s->n; i++) {
        const Text *text = &s->file[i].text;
        char *path = arena_print(s->arena, "%s/%s.%s", s->options->folder, s->options->name, s->file[i].ending);
        ok = (path && text_ok(text)) || error_memory(err);
        if (ok) out->file[out->n++] = (ShippedFile){s->file[i].what, path, text->n};
    }
    ok = ok && file_make_folder(s->options->folder, err);
    for (int i = 0; ok && i < s->n; i++) {
        ok = file_write(out->file[i].path, s->file[i].text.bytes, s->file[i].text.n, err);
        for (int k = 0; !ok && k < i; k++) unlink(out->file[k].path);
    }
    return ok;
}

/* The plan that is exported: of floats, or of integers that are calibrated on the rows of the proof. */
static bool make_plan(Shipping *s, double features, Error *err)
{
    const ShipOptions *o = s->options;
    const Table *rows = o->rows ? o->rows->table : o->sample;
    const char *said = o->numbers ? o->numbers : plan_numbers_names[PLAN_F32];
    const int at = names_find(plan_numbers_names, said);
    Plan *floats;
    if (at < 0) return error_set(err, ERR_CONFIG, "--numbers %.40s: f32, i16 or i8", said);
    if (at == PLAN_F32) return plan_make_near(s->model, features, s->arena, &s->plan, err);
    if (!rows)
        return error_set(err, ERR_CONFIG, "--numbers %s: integers are calibrated on rows; leave out"
                         " --verify none, or give --sample", said);
    return plan_make(s->model, s->arena, &floats, err)
        && plan_quantize(floats, (PlanNumbers)at, rows, s->arena, &s->plan, err);
}

static void forget_files(Shipping *s)
{
    for (int i = 0; i < s->n; i++) text_free(&s->file[i].text);
    s->n = 0;
}

/* Once more where the proof misses and doubles in place of floats may mend it. */
static bool make_and_prove(Shipping *s, Proof *proof, Error *err)
{
    for (int tried = 0;;) {
        forget_files(s);
        if (!make_plan(s, proof_features[tried++], err) || !makers[s->options->to](s, err)) return false;
        if (!s->options->rows) return true;
        if (!prove(s, proof, err)) return false;
        if (proof->held || !proof_try_again(s->plan, tried)) return true;
    }
}

bool ship(const ModelFacts *facts, const ShipOptions *options, Arena *arena, Shipped *out, Error *err)
{
    Shipping s = {.facts = facts, .model = facts->model, .options = options, .arena = arena};
    Shipped shipped = {.proved = options->rows != NULL};
    bool ok = make_and_prove(&s, &shipped.proof, err);
    const bool may = !shipped.proved || shipped.proof.held;
    ok = ok && (!may || (make_card(&s, &shipped, err) && write_files(&s, &shipped, err)));
    forget_files(&s);
    if (ok) *out = shipped;
    return ok;
}
