/* Fuzzes what `consort serve` and `predict --stream` read of strangers: the body of a request becomes a table or an
 * answer that says why not; and a text in blocks gives the rows that it gives in one piece, wherever it is cut.
 * Options: the kind of body; the line of names; an id; how many records a block has. */
#include "data/blocks.h"
#include "data/read.h"
#include "serve/input.h"
#include "tests/fuzz/table.h"

static const char training[] = "a,b,town,day,size,kind\n1,2.5,Bern,2024-01-02,1,x\n2,,\"Rom, alt\",2024-03-04,2,y\n"
                               "3,1e3,Oslo,,3,x\n4,7,Bern,2023-12-31,4,y\n";

static const Schema *schema(void)
{
    static Schema it;
    Table *table;
    Error err;
    ReadOptions options = *fuzz_read_options();
    options.format = FORMAT_CSV;
    if (it.n_columns) return &it;
    const DataFile file = {.images = fuzz_file("training.csv", training, sizeof training - 1)};
    fuzz_must(table_read(&file, &options, NULL, fuzz_forever(), &table, &err), &err);
    it = table_schema(table);
    return &it;
}

static bool same_cell(const Column *a, int i, const Column *b, int k)
{
    if (!column_has_words(a->kind)) {
        const double x = column_number(a, i), y = column_number(b, k);
        return x == y || (isnan(x) && isnan(y));
    }
    if (a->code[i] < 0 || b->code[k] < 0) return a->code[i] < 0 && b->code[k] < 0;
    return strcmp(a->levels[a->code[i]], b->levels[b->code[k]]) == 0;
}

/* A block at a time, the rows of `whole` in their order; or, where that is NULL, one that cannot be read. */
static void in_blocks(const Blocks *blocks, const char *bytes, size_t n, int records, const Table *whole)
{
    Arena *arena = arena_create((size_t)1 << 28);
    int at = 0;
    bool bad = false;
    long line = blocks->first_line;
    for (size_t from = 0; from < n && !bad;) {
        Table *table;
        Error err;
        int rows = records;
        const size_t size = blocks_whole(blocks, bytes + from, n - from, true, &rows);
        FUZZ_HOLDS(size > 0 && size <= n - from && rows <= records);
        arena_reset(arena);
        bad = !blocks_table(blocks, bytes + from, size, line, arena, &table, NULL, &err);
        FUZZ_HOLDS(!bad || err.code == ERR_MEMORY || !whole);
        line += blocks_lines(bytes + from, size);
        from += size;
        for (int i = 0; !bad && table && i < table->n_rows; i++, at++) {
            if (!whole) continue;
            FUZZ_HOLDS(at < whole->n_rows && table->n_columns == whole->n_columns);
            for (int c = 0; c < table->n_columns; c++)
                FUZZ_HOLDS(same_cell(&whole->columns[c], at, &table->columns[c], i));
            FUZZ_HOLDS(!whole->id || same_cell(whole->id, at, table->id, i));
        }
    }
    FUZZ_HOLDS(!whole || bad || at == whole->n_rows);
    FUZZ_HOLDS(whole || bad || at == 0);
    arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const ids[] = {NULL, "a", "town", "nobody", "1"};
    FuzzBytes say = fuzz_options(data, &size);
    const InputKind kind = (InputKind)(fuzz_byte(&say) % INPUT_KINDS);
    ReadOptions options = *fuzz_read_options();
    options.header = (int)(fuzz_byte(&say) % 3);
    options.no_labels = true;
    const char *id = ids[fuzz_byte(&say) % 5];
    const int records = 1 + (int)(fuzz_byte(&say) % 7);
    char *text = fuzz_string(data, size);
    const Request request = {.method = "POST", .path = "/predict", .type = input_types[kind], .body = text,
                             .n_body = size};
    Input in;
    Answer answer = {0};
    if (input_table(&request, schema(), &options, id, fuzz_arena(), &in, &answer)) {
        FUZZ_HOLDS(in.table->n_rows > 0 && in.table->n_columns == schema()->n_columns);
        for (int c = 0; c < in.table->n_columns; c++) fuzz_column(&in.table->columns[c], in.table->n_rows);
        FUZZ_HOLDS(!id || (in.table->id && in.table->id->n_levels == in.table->n_rows));
        FUZZ_HOLDS(!answer.body.bytes);
    } else {
        Doc *doc = doc_parse(answer.body.bytes, answer.body.n, NULL);
        FUZZ_HOLDS(doc && doc_to_number(doc_get(doc_get(doc, "error"), "code"), 0) == answer.code);
        FUZZ_HOLDS(*doc_to_text(doc_get(doc_get(doc, "error"), "message"), ""));
        doc_free(doc);
    }
    text_free(&answer.body);
    if (kind != INPUT_JSON && size > 0) {
        Blocks blocks;
        Table *whole = NULL;
        Error err;
        options.format = kind == INPUT_CSV ? FORMAT_CSV : FORMAT_NDJSON;
        const BlockOptions how = {.path = "request", .options = &options, .schema = schema(), .id = id};
        Arena *arena = fuzz_arena();
        if (blocks_begin(&how, text, size, arena, &blocks, &err)) {
            const char *bytes = text + blocks.from;
            const size_t n = size - blocks.from;
            const bool ok = blocks_table(&blocks, bytes, n, blocks.first_line, arena, &whole, NULL, &err);
            if (ok || err.code == ERR_DATA) in_blocks(&blocks, bytes, n, records, whole);
        }
    }
    free(text);
    return 0;
}
