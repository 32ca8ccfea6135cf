/* job/ship.c - makes the files of a format in memory, and writes all of them or none. */
#include "job/ship.h"

#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "export/c_source.h"
#include "export/onnx.h"

typedef struct {
    const Model *model;
    const ShipOptions *options;
    const char *sha256; /* of the model file */
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

static bool make_c(Shipping *s, Error *err)
{
    for (const char *c = s->options->name; *c; c++) /* the source includes its header by this name */
        if ((unsigned char)*c < 0x20 || *c == 0x7F || strchr("\"\\<>", *c))
            return error_set(err, ERR_CONFIG, "a C file cannot be named `%.100s`: its #include would name"
                             " another; leave out quotes, backslashes, < > and line ends", s->options->name);
    const CExportOptions c = {.name = s->options->name, .sample = s->options->sample,
                              .model_sha256 = s->sha256};
    Text *source = new_file(s, "source", "c"), *header = new_file(s, "header", "h");
    return c_source_write(s->model, &c, s->arena, header, source, err);
}

/* One of a few words; NULL: the first. */
static bool choose(const char *option, const char *said, const char *const *names, int *out, Error *err)
{
    *out = said ? names_find(names, said) : 0;
    return *out >= 0 || error_set(err, ERR_CONFIG, "--%s %.40s: %s or %s", option, said, names[0], names[1]);
}

static bool make_onnx(Shipping *s, Error *err)
{
    OnnxOptions options = {.model_sha256 = s->sha256};
    Plan *plan;
    Text *file = new_file(s, "onnx", "onnx");
    return choose("inputs", s->options->inputs, onnx_inputs_names, &options.inputs, err)
        && choose("labels", s->options->labels, onnx_labels_names, &options.labels, err)
        && plan_make(s->model, s->arena, &plan, err)
        && onnx_write(plan, &options, s->arena, file, err);
}

#define LIST_TAKES(id, name, takes, make) takes,
#define LIST_MAKE(id, name, takes, make) make,
const char *const ship_names[] = {SHIP_LIST(LIST_NAME) NULL};
const char *const ship_takes[] = {SHIP_LIST(LIST_TAKES) NULL};
static bool (*const makers[])(Shipping *s, Error *err) = {SHIP_LIST(LIST_MAKE)};

/* ---- files ----------------------------------------------------------------------------------- */

static bool write_files(const Shipping *s, Shipped *out, Error *err)
{
    bool ok = true;
    *out = (Shipped){0};
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

bool ship(const Model *model, const char *path, const ShipOptions *options, Arena *arena, Shipped *out,
          Error *err)
{
    char hex[65];
    Bytes bytes;
    Shipping s = {.model = model, .options = options, .sha256 = hex, .arena = arena};
    if (!file_read_plain(path, 0, &bytes, err)) return false;
    sha256_of(bytes.bytes, bytes.n, hex);
    bytes_free(&bytes);
    bool ok = makers[options->to](&s, err) && write_files(&s, out, err);
    for (int i = 0; i < s.n; i++) text_free(&s.file[i].text);
    return ok;
}
