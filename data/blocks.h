/* data/blocks.h - rows for a model from a text that comes in blocks: a stream, or what a stranger sends.
 *
 * What stands at the beginning of a text decides how all of it is read: what separates fields, which line has
 * the names, where the model's columns are. blocks_begin() finds that out once, as the readers of whole files
 * do, and blocks_table() then makes a Table of any run of whole records, of several at a time if need be: the
 * Blocks are only read. blocks_whole() says where records end, so that a text can be cut anywhere. The cells
 * are
 * read by the same code as a file's, so that a text in blocks and the same in one piece give the same rows.
 *
 * Formats  separated values and JSON objects (NDJSON, also over several lines each).
 * Notes    what cells were, block by block, is counted (BlockCounts) and said once: blocks_notes().
 * Memory   the Blocks' arena must live as long as they do; a Table lives in the arena given for it.
 * Errors   as data/read.h has them: "path:line: ...", with the line of the whole text.
 */
#ifndef CONSORT_DATA_BLOCKS_H
#define CONSORT_DATA_BLOCKS_H
#include "data/csv_scan.h"

typedef struct {
    const char *path;           /* for messages */
    const ReadOptions *options; /* format: FORMAT_AUTO, FORMAT_CSV or FORMAT_NDJSON */
    const Schema *schema;
    const char *id;             /* a column that goes along, Table.id; NULL: none */
    bool whole;                 /* there is one block, which may be refused for what all of it lacks */
} BlockOptions;

typedef struct {
    BlockOptions said;
    bool json;
    Reading plan;    /* CSV: its columns, before any row */
    Scanner rows;    /* CSV: how records are cut */
    int id_column;   /* CSV */
    size_t from;     /* where in the first bytes the rows begin */
    long first_line; /* of the rows, from 1 */
} Blocks;

/* What cells of a feature were, over some blocks. */
typedef struct {
    long unknown, unknown_line, infinite, refused, missing;
    char first[48], first_refused[48];
} BlockColumn;
typedef struct {
    long rows;
    BlockColumn *columns; /* (schema->n_columns) */
    const char *note;     /* another thing to be known, the first that came */
} BlockCounts;

/* Is so much of the beginning enough to begin with? */
bool blocks_can_begin(const char *bytes, size_t n);
/* `bytes` is the text's beginning, or all of it: whole lines. Notes of it are out->plan.notes. */
bool blocks_begin(const BlockOptions *options, const char *bytes, size_t n, Arena *arena, Blocks *out,
                  Error *err);
/* How many of the bytes are whole records, `*rows` at most; sets *rows to how many those are, or to -1 where
 * they
 * were not counted, which needs *rows to be INT_MAX. `last`: the text ends here, and what is left is a
 * record. */
size_t blocks_whole(const Blocks *blocks, const char *bytes, size_t n, bool last, int *rows);
/* Lines that end in these bytes. */
long blocks_lines(const char *bytes, size_t n);
/* A table of whole records, the first of which begins in `line`; *out NULL: there is no row in them. */
bool blocks_table(const Blocks *blocks, const char *bytes, size_t n, long line, Arena *arena, Table **out,
                  BlockCounts *counts, Error *err);
/* Room for counts of nothing; those of one block added to others, whose first cells came before. */
bool blocks_counts(const Blocks *blocks, Arena *arena, BlockCounts *out, Error *err);
void blocks_add(const Blocks *blocks, const BlockCounts *from, BlockCounts *to);
/* What is to be said of them, a line each, with line ends. */
void blocks_notes(const Blocks *blocks, const BlockCounts *counts, Text *out);
#endif
