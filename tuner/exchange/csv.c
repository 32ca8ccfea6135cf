/* A table of trials as CSV: RFC 4180, with a line of names. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/grow.h"
#include "base/names.h"
#include "tuner/exchange/exchange.h"

enum { LIMIT_BYTES = 1 << 28, MOST_COLUMNS = 2000 };

typedef struct {
    char *at, *end;
    int line; /* of the record that was read last */
    int next;
} Csv;

/* One record's cells, unquoted in place. False at the end of the file; *bad says what is wrong. */
static bool record(Csv *csv, char **cells, int *n, const char **bad)
{
    while (csv->at < csv->end && (*csv->at == '\n' || *csv->at == '\r')) {
        csv->next += *csv->at == '\n';
        csv->at++;
    }
    *n = 0;
    *bad = NULL;
    csv->line = csv->next;
    if (csv->at >= csv->end) return false;
    for (;;) {
        if (*n == MOST_COLUMNS) return *bad = "more than 2000 columns", false;
        char *to = cells[(*n)++] = csv->at;
        if (*csv->at == '"') {
            csv->at++;
            while (csv->at < csv->end && (*csv->at != '"' || csv->at[1] == '"')) {
                if (*csv->at == '"') csv->at++;
                csv->next += *csv->at == '\n';
                *to++ = *csv->at++;
            }
            if (csv->at >= csv->end) return *bad = "a quote that does not end", false;
            csv->at++;
        }
        while (csv->at < csv->end && *csv->at != ',' && *csv->at != '\n'
               && *csv->at != '\r') *to++ = *csv->at++;
        char stop = csv->at < csv->end ? *csv->at : '\0';
        *to = '\0'; /* at most where the separator stood, which has been read */
        if (csv->at < csv->end) csv->at++;
        if (stop == '\r' && csv->at < csv->end && *csv->at == '\n') csv->at++;
        if (stop == ',') continue;
        csv->next++;
        return true;
    }
}

/* "[16, 'a b']" -> "[16,\"a b\"]", in place: as JSON without blanks, which is how we write lists. */
static Value list_of(char *cell)
{
    char *to = cell, quote = '\0';
    for (const char *c = cell; *c; c++) {
        if (*c == '"' || *c == '\'') {
            quote = quote == *c ? '\0' : quote ? quote : *c;
            *to++ = '"';
        } else if (quote || *c != ' ') {
            *to++ = *c;
        }
    }
    *to = '\0';
    return value_list(cell);
}

/* A cell as what it says: empty, nan and None are nothing, with the word for it in case that it is a choice. */
static Value value_of(char *cell)
{
    double number;
    static const char *const nothing[] = {"", "nan", "NaN", "None", "null", "N/A"};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++)
        if (strcmp(cell, nothing[i]) == 0) return (Value){VALUE_NONE, 0, cell};
    if (strcasecmp(cell, "true") == 0) return value_bool(true);
    if (strcasecmp(cell, "false") == 0) return value_bool(false);
    if (text_to_number(cell, &number) && value_is_long(cell, strlen(cell)))
        return (Value){VALUE_INT, number, cell};
    if (text_to_number(cell, &number))
        return number == floor(number) && fabs(number) <= 0x1p53 ? value_int(number) : value_real(number);
    if (cell[0] == '[' || (cell[0] == '{' && cell[strlen(cell) - 1] == '}')) return list_of(cell);
    return value_text(cell);
}

static int column(char *const *names, int n, const char *name)
{
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0) return i;
    return -1;
}

static const char *const done_words[] = {"COMPLETE", "complete", "COMPLETED", "TrialState.COMPLETE", "finished",
                                         "Finished", "FINISHED", NULL};
static bool is_done(const char *word)
{
    for (int i = 0; done_words[i]; i++)
        if (strcmp(word, done_words[i]) == 0) return true;
    return false;
}

static bool find_score(const char *path, char **names, int n, const char *metric, const char *const *metrics,
                       int *score, Error *err)
{
    *score = metric ? column(names, n, metric) : -1;
    for (int i = 0; !metric && *score < 0 && metrics[i]; i++) *score = column(names, n, metrics[i]);
    if (*score >= 0) return true;
    const char *near_of[MOST_COLUMNS + 1];
    for (int i = 0; i < n; i++) near_of[i] = names[i];
    near_of[n] = NULL;
    const char *word = metric ? metric : metrics[0];
    return error_set(err, ERR_DATA, "%s: no column `%.60s`%s; --metric COLUMN says which one is the score",
                     path, word, names_suggest(word, near_of, "").text);
}

bool foreign_read_csv(const char *path, bool wandb, const char *metric, const char *const *metrics,
                      Arena *arena, ForeignStudy *out, Error *err)
{
    ForeignStudy got = {.tool = wandb ? "wandb-csv" : "csv"};
    Bytes file;
    if (!file_read(path, LIMIT_BYTES, &file, err)) {
        if (err->code == ERR_IO) err->code = ERR_DATA;
        return false;
    }
    /* The cells point into a copy that lives as long as the arena. */
    char *bytes = arena_alloc(arena, file.n + 1, 1);
    if (bytes && file.n) memcpy(bytes, file.bytes, file.n);
    size_t size = file.n;
    bytes_free(&file);
    char **names = ARENA_NEW(arena, char *, MOST_COLUMNS), **cells = ARENA_NEW(arena, char *, MOST_COLUMNS);
    if (!bytes || !names || !cells) return error_memory(err);
    if (memchr(bytes, '\0', size)) return error_set(err, ERR_DATA, "%s: not a text file", path);
    size_t mark = size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
    Csv csv = {.at = bytes + mark, .end = bytes + size, .next = 1};
    const char *bad;
    int n_columns, n, score, capacity = 0;
    if (!record(&csv, names, &n_columns, &bad))
        return error_set(err, ERR_DATA, "%s: %s", path, bad ? bad : "the file is empty");
    if (!find_score(path, names, n_columns, metric, metrics, &score, err)) return false;
    int state = column(names, n_columns, wandb ? "State" : "state");
    got.metric = names[score];
    while (record(&csv, cells, &n, &bad)) {
        if (n != n_columns)
            return error_set(err, ERR_DATA, "%s:%d: %d cells, but the line of names has %d", path, csv.line, n,
                             n_columns);
        if (!GROW(arena, got.trials, got.n, capacity)) return error_memory(err);
        ForeignTrial *trial = &got.trials[got.n++];
        Value value = value_of(cells[score]);
        *trial = (ForeignTrial){.where = arena_print(arena, "line %d", csv.line), .n = n_columns,
                                .names = (const char **)names, .values = ARENA_NEW(arena, Value, n_columns),
                                .score = value.kind == VALUE_INT || value.kind == VALUE_REAL ? value.number
                                    : NAN};
        if (!trial->where || !trial->values) return error_memory(err);
        for (int i = 0; i < n_columns; i++) trial->values[i] = value_of(cells[i]);
        if (state >= 0 && *cells[state] && !is_done(cells[state])) trial->useless = cells[state];
        else if (!isfinite(trial->score)) trial->useless = "no score";
    }
    if (bad) return error_set(err, ERR_DATA, "%s:%d: %s", path, csv.line, bad);
    *out = got;
    return true;
}
