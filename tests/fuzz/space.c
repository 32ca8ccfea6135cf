/* Fuzzes search spaces and what a database says of their points: the first line is a point's JSON, the rest the
 * YAML of the space. Points decode, encode and are stored without a change. */
#include "base/rng.h"
#include "tests/fuzz/fuzz.h"
#include "tuner/search/space.h"

static bool all_equal(const Space *space, const Value *a, const Value *b)
{
    for (int i = 0; i < space->n_params; i++)
        if (!value_equal(&a[i], &b[i])) return false;
    return true;
}

static void check_stored(const Space *space, const Value *values, Arena *arena)
{
    Error err;
    Text json = {0};
    Value *stored = ARENA_NEW(arena, Value, space->n_params + 1);
    char hex[65];
    FUZZ_HOLDS(stored && space_json(space, values, &json));
    Doc *doc = doc_parse(json.bytes, json.n, &err);
    fuzz_must(doc && space_from_doc(space, doc, arena, stored, &err), &err);
    FUZZ_HOLDS(all_equal(space, values, stored));
    space_hash(space, values, hex);
    FUZZ_HOLDS(strlen(hex) == 64);
    doc_free(doc);
    text_free(&json);
}

static void check_point(const Space *space, const double *u, Arena *arena)
{
    size_t n = (size_t)space->n_dims;
    double *snapped = ARENA_NEW(arena, double, n + 1), *again = ARENA_NEW(arena, double, n + 1);
    Value *values = ARENA_NEW(arena, Value, space->n_params + 1);
    Value *back = ARENA_NEW(arena, Value, space->n_params + 1);
    bool *active = ARENA_NEW(arena, bool, n + 1);
    FUZZ_HOLDS(snapped && again && values && back && active);
    space_decode(space, u, values);
    FUZZ_HOLDS(space_encode(space, values, snapped));
    space_decode(space, snapped, back);
    FUZZ_HOLDS(all_equal(space, values, back));
    for (size_t d = 0; d < n; d++) FUZZ_HOLDS(snapped[d] >= 0 && snapped[d] < 1);
    memcpy(again, snapped, n * sizeof *again);
    space_snap_active(space, again, active);
    FUZZ_HOLDS(n == 0 || memcmp(again, snapped, n * sizeof *again) == 0);
    space_satisfies(space, values, (const Value[]){{VALUE_INT, 1000, NULL}}, NULL);
    check_stored(space, values, arena);
}

static void check_grid(const Space *space, Arena *arena)
{
    int64_t n;
    Error err;
    double *u = ARENA_NEW(arena, double, space->n_dims + 1), size = space_size(space);
    FUZZ_HOLDS(u && size >= 0);
    if (size >= 1 && size <= 1000) {
        space_cell(space, 0, u);
        space_cell(space, (int64_t)size - 1, u);
    }
    if (!space_grid_size(space, &n, &err)) return;
    for (int64_t i = 0; i < n; i += n / 8 + 1) {
        space_grid_point(space, i, u);
        for (int d = 0; d < space->n_dims; d++) FUZZ_HOLDS(u[d] >= 0 && u[d] < 1);
    }
}

static void check_said(const Space *space, const char *json, Arena *arena)
{
    Error err;
    Doc *doc = doc_parse(json, strlen(json), &err);
    Value *values = ARENA_NEW(arena, Value, space->n_params + 1);
    double *u = ARENA_NEW(arena, double, space->n_dims + 1);
    FUZZ_HOLDS(values && u);
    if (doc && space_from_doc(space, doc, arena, values, &err)) {
        if (space_encode(space, values, u)) check_point(space, u, arena);
        space_satisfies(space, values, (const Value[]){{VALUE_NONE, 0, NULL}}, NULL);
    }
    doc_free(doc);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const extras[] = {"n_params", NULL};
    Arena *arena = fuzz_arena();
    FuzzBytes rest = {data, size}, line = fuzz_line(&rest);
    char *json = fuzz_string(line.at, line.n), *yaml = fuzz_string(rest.at, rest.n);
    Conf *conf;
    Space *space;
    Error err;
    if (conf_read_text("a.yaml", yaml, rest.n, arena, &conf, &err)
        && space_read(conf_get(conf->root, "parameters"), conf_get(conf->root, "constraints"), extras, arena,
                      &space, &err)) {
        Rng rng = rng_stream(7, 0, RNG_TEST);
        double *u = ARENA_NEW(arena, double, space->n_dims + 1);
        FUZZ_HOLDS(u);
        for (int i = 0; i < 8; i++) {
            for (int d = 0; d < space->n_dims; d++)
                u[d] = i == 0 ? 0 : i == 1 ? nextafter(1, 0) : i == 2 ? 0.5 : rng_uniform(&rng);
            check_point(space, u, arena);
        }
        check_grid(space, arena);
        check_said(space, json, arena);
    } else {
        FUZZ_HOLDS(*err.message && !strchr(err.message, '\n'));
    }
    free(json);
    free(yaml);
    return 0;
}
