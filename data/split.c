/* Dividing rows: hold-out and k folds, by class or not. */
#include "data/split.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "base/rng.h"

const char *const split_type_names[] = {SPLIT_TYPE_LIST(LIST_NAME) NULL};

#define F(member) offsetof(SplitOptions, member)
static const Field split_field_list[] = {
    {"type", FIELD_CHOICE, F(type), "holdout", .choices = split_type_names,
     .help = "one validation part, or every row validated once in k folds"},
    {"folds", FIELD_INT, F(folds), "5", 2, 1000, .help = "kfold: how many parts"},
    {"val_fraction", FIELD_REAL, F(val_fraction), "0.2", 0, 0.95, .open_low = true,
     .help = "holdout: share of the rows that validate"},
    {"stratify", FIELD_BOOL, F(stratify), "true",
     .help = "every part has the classes in proportion"},
    {"seed", FIELD_INT, F(seed), "1", 0, 2147483647, .help = "another seed, another split"},
};
#undef F
const FieldTable split_fields = FIELD_TABLE("split", split_field_list);

#define F(member) offsetof(TestOptions, member)
static const Field test_field_list[] = {
    {"fraction", FIELD_REAL, F(fraction), "0", 0, 0.95,
     .help = "share of the rows set aside as the test set; 0: none"},
    {"stratify", FIELD_BOOL, F(stratify), "true", .help = "the classes in proportion"},
    {"seed", FIELD_INT, F(seed), "1", 0, 2147483647, .help = "another seed, another test set"},
};
#undef F
const FieldTable test_fields = FIELD_TABLE("test", test_field_list);

/* Streams of RNG_SPLIT, so that one seed for test and validation does not make them alike. */
enum { STREAM_HOLD_OUT, STREAM_FOLDS };

/* Labelled rows, class after class, shuffled within each: rows start[c]..start[c + 1] - 1 of
 * `order` are those of class c. Without stratification all are one class. */
typedef struct {
    int n, n_groups;
    int *start;     /* (n_groups + 1) */
    int32_t *order; /* (n) */
} Deck;

static bool deck_make(Rng *rng, bool stratify, const int32_t *labels, int n_rows, int n_classes,
                      Arena *arena, Deck *deck, Error *err)
{
    bool grouped = stratify && labels && n_classes > 1;
    deck->n_groups = grouped ? n_classes : 1;
    deck->start = ARENA_NEW(arena, int, deck->n_groups + 1);
    deck->order = ARENA_NEW(arena, int32_t, n_rows);
    int *next = ARENA_NEW(arena, int, deck->n_groups);
    if (!deck->start || !deck->order || !next) return error_memory(err);
    for (int i = 0; i < n_rows; i++) {
        if (labels && labels[i] < 0) continue;
        assert(!labels || labels[i] < n_classes);
        deck->start[(grouped ? labels[i] : 0) + 1]++;
    }
    for (int c = 0; c < deck->n_groups; c++) {
        deck->start[c + 1] += deck->start[c];
        next[c] = deck->start[c];
    }
    for (int i = 0; i < n_rows; i++)
        if (!labels || labels[i] >= 0) deck->order[next[grouped ? labels[i] : 0]++] = i;
    for (int c = 0; c < deck->n_groups; c++)
        rng_shuffle(rng, deck->order + deck->start[c],
                    (size_t)(deck->start[c + 1] - deck->start[c]));
    deck->n = deck->start[deck->n_groups];
    return true;
}

/* Marks the held-out rows. The running total of `fraction` is rounded, not each class's share:
 * then many small classes do not all round the same way. A class of two or more rows stays in both
 * parts. Returns how many are held. */
static int deal_hold_out(const Deck *deck, double fraction, bool grouped, bool *held)
{
    int total = 0;
    double before = 0;
    for (int c = 0; c < deck->n_groups; c++) {
        int size = deck->start[c + 1] - deck->start[c];
        double upto = floor(fraction * deck->start[c + 1] + 0.5);
        int take = (int)(upto - before);
        before = upto;
        if (grouped && take < 1) take = 1;
        if (grouped && take > size - 1) take = size - 1;
        if (take < 0) take = 0; /* an empty class */
        for (int i = 0; i < take; i++) held[deck->order[deck->start[c] + i]] = true;
        total += take;
    }
    return total;
}

bool split_hold_out(const HoldOut *how, const int32_t *labels, int n, int n_classes, Arena *arena,
                    TwoParts *out, Error *err)
{
    const double fraction = how->fraction;
    if (!(fraction >= 0 && fraction < 1))
        return error_set(err, ERR_CONFIG,
                         "a held-out fraction is at least 0 and less than 1, not %g", fraction);
    Rng rng = rng_stream(how->seed, STREAM_HOLD_OUT, RNG_SPLIT);
    Deck deck = {0};
    if (!deck_make(&rng, how->stratify, labels, n, n_classes, arena, &deck, err)) return false;
    bool *is_held = ARENA_NEW(arena, bool, n);
    if (!is_held) return error_memory(err);
    int count = 0;
    if (fraction > 0) {
        if (deck.n < 2)
            return error_set(err, ERR_DATA,
                             "%d labelled row%s cannot be divided: a part to train on and a part "
                             "held out need one each", deck.n, deck.n == 1 ? "" : "s");
        count = deal_hold_out(&deck, fraction, deck.n_groups > 1, is_held);
        if (count == 0 && deck.n_groups > 1)
            return error_set(err, ERR_DATA,
                             "no class has two labelled rows, so none can be in both parts; set "
                             "stratify: false or add rows");
        if (count == 0 || count == deck.n)
            return error_set(err, ERR_CONFIG,
                             "a fraction of %g of %d labelled rows leaves no row %s; choose one "
                             "between %.3g and %.3g", fraction, deck.n,
                             count == 0 ? "held out" : "to train on", 1.0 / deck.n,
                             1 - 1.0 / deck.n);
    }
    int32_t *stay = ARENA_NEW(arena, int32_t, deck.n - count);
    int32_t *leave = ARENA_NEW(arena, int32_t, count);
    if (!stay || !leave) return error_memory(err);
    int n_stay = 0, n_leave = 0;
    for (int i = 0; i < n; i++) {
        if (labels && labels[i] < 0) continue;
        if (is_held[i])
            leave[n_leave++] = i;
        else
            stay[n_stay++] = i;
    }
    *out = (TwoParts){.rest = stay, .held = leave, .n_rest = n_stay, .n_held = n_leave};
    return true;
}

/* Deals like cards: each class goes on with the fold after the last class's last. So a class is
 * within one row of even, and so are the folds. */
static bool deal_folds(const SplitOptions *options, const int32_t *labels, int n_rows,
                       int n_classes, Arena *arena, Split *split, Error *err)
{
    int folds = options->folds;
    if (folds < 2)
        return error_set(err, ERR_CONFIG, "folds: %d: k-fold needs at least 2", folds);
    Rng rng = rng_stream((uint64_t)options->seed, STREAM_FOLDS, RNG_SPLIT);
    Deck deck = {0};
    if (!deck_make(&rng, options->stratify, labels, n_rows, n_classes, arena, &deck, err))
        return false;
    if (folds > deck.n)
        return error_set(err, ERR_CONFIG,
                         "folds: %d folds need as many labelled rows, and there %s %d; lower folds",
                         folds, deck.n == 1 ? "is" : "are", deck.n);
    for (int i = 0; i < deck.n; i++) split->fold_of[deck.order[i]] = i % folds;
    split->n_folds = folds;
    return true;
}

static bool deal_validation(const SplitOptions *options, const int32_t *labels, int n_rows,
                            int n_classes, Arena *arena, Split *split, Error *err)
{
    if (!(options->val_fraction > 0))
        return error_set(err, ERR_CONFIG, "val_fraction: %g leaves no row to validate on",
                         options->val_fraction);
    /* Its own seed: the test set may have been drawn with the same number. */
    const HoldOut how = {options->val_fraction, options->stratify,
                         rng_mix((uint64_t)options->seed, STREAM_HOLD_OUT)};
    TwoParts parts;
    if (!split_hold_out(&how, labels, n_rows, n_classes, arena, &parts, err))
        return error_wrap(err, "val_fraction");
    for (int i = 0; i < parts.n_held; i++) split->fold_of[parts.held[i]] = 0;
    split->n_folds = 1;
    return true;
}

static bool list_parts(const int32_t *labels, Arena *arena, Split *split, Error *err)
{
    int k = split->n_folds, n = split->n_rows;
    split->n_train = ARENA_NEW(arena, int, k);
    split->n_valid = ARENA_NEW(arena, int, k);
    split->train = ARENA_NEW(arena, int32_t *, k);
    split->valid = ARENA_NEW(arena, int32_t *, k);
    if (!split->n_train || !split->n_valid || !split->train || !split->valid)
        return error_memory(err);
    int usable = 0;
    for (int i = 0; i < n; i++) {
        usable += !labels || labels[i] >= 0;
        if (split->fold_of[i] >= 0) split->n_valid[split->fold_of[i]]++;
    }
    for (int f = 0; f < k; f++) {
        split->train[f] = ARENA_NEW(arena, int32_t, usable - split->n_valid[f]);
        split->valid[f] = ARENA_NEW(arena, int32_t, split->n_valid[f]);
        if (!split->train[f] || !split->valid[f]) return error_memory(err);
        int n_valid = 0;
        for (int i = 0; i < n; i++) {
            if (labels && labels[i] < 0) continue;
            if (split->fold_of[i] == f)
                split->valid[f][n_valid++] = i;
            else
                split->train[f][split->n_train[f]++] = i;
        }
    }
    return true;
}

/* Bytes in a fixed order, so that the hash is the same on any machine. */
static void hash_split(Split *split)
{
    Sha256 sha;
    char head[64];
    int length = snprintf(head, sizeof head, "split %d %d\n", split->n_folds, split->n_rows);
    sha256_start(&sha);
    sha256_add(&sha, head, (size_t)length);
    for (int i = 0; i < split->n_rows; i++) {
        uint32_t fold = (uint32_t)split->fold_of[i];
        unsigned char bytes[4] = {(unsigned char)fold, (unsigned char)(fold >> 8),
                                  (unsigned char)(fold >> 16), (unsigned char)(fold >> 24)};
        sha256_add(&sha, bytes, sizeof bytes);
    }
    sha256_end(&sha, split->hash);
}

bool split_make(const SplitOptions *options, const int32_t *labels, int n_rows, int n_classes,
                Arena *arena, Split **out, Error *err)
{
    Split *split = ARENA_NEW(arena, Split, 1);
    if (!split) return error_memory(err);
    split->n_rows = n_rows;
    split->fold_of = ARENA_NEW(arena, int32_t, n_rows);
    if (!split->fold_of) return error_memory(err);
    for (int i = 0; i < n_rows; i++) split->fold_of[i] = -1;
    bool ok = options->type == SPLIT_KFOLD
                  ? deal_folds(options, labels, n_rows, n_classes, arena, split, err)
                  : deal_validation(options, labels, n_rows, n_classes, arena, split, err);
    if (!ok || !list_parts(labels, arena, split, err)) return false;
    hash_split(split);
    *out = split;
    return true;
}
