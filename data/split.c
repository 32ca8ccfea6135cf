/* data/split.c - hold-out and k folds, by class or not, and the choice among all ways to divide rows. */
#include "data/split.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "base/file.h"
#include "base/rng.h"
#include "data/split_given.h"
#include "data/split_groups.h"
#include "data/split_order.h"
#include "data/split_parts.h"

/* Streams of RNG_SPLIT, so that one seed for test and validation does not make them alike. */
enum { STREAM_HOLD_OUT, STREAM_FOLDS };

/* Labelled rows, class after class, shuffled within each: rows start[c]..start[c + 1] - 1 of
 * `order` are those of class c. Without stratification all are one class. */
typedef struct {
    int n, n_groups;
    int *start;     /* (n_groups + 1) */
    int32_t *order; /* (n) */
} Deck;

static bool deck_make(Rng *rng, bool stratify, const SplitRows *rows, Arena *arena, Deck *deck, Error *err)
{
    const int32_t *labels = rows->labels;
    const int n_rows = rows->n;
    bool grouped = stratify && labels && rows->n_classes > 1;
    deck->n_groups = grouped ? rows->n_classes : 1;
    deck->start = ARENA_NEW(arena, int, deck->n_groups + 1);
    deck->order = ARENA_NEW(arena, int32_t, n_rows);
    int *next = ARENA_NEW(arena, int, deck->n_groups);
    if (!deck->start || !deck->order || !next) return error_memory(err);
    for (int i = 0; i < n_rows; i++) {
        if (!split_usable(rows, i)) continue;
        assert(!labels || labels[i] < rows->n_classes);
        deck->start[(grouped ? labels[i] : 0) + 1]++;
    }
    for (int c = 0; c < deck->n_groups; c++) {
        deck->start[c + 1] += deck->start[c];
        next[c] = deck->start[c];
    }
    for (int i = 0; i < n_rows; i++)
        if (split_usable(rows, i)) deck->order[next[grouped ? labels[i] : 0]++] = i;
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

static bool hold_out(const HoldOut *how, const SplitRows *rows, Arena *arena, TwoParts *out, Error *err)
{
    const double fraction = how->fraction;
    Rng rng = rng_stream(how->seed, STREAM_HOLD_OUT, RNG_SPLIT);
    Deck deck = {0};
    if (!deck_make(&rng, how->stratify, rows, arena, &deck, err)) return false;
    bool *is_held = ARENA_NEW(arena, bool, rows->n);
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
    for (int i = 0; i < rows->n; i++) {
        if (!split_usable(rows, i)) continue;
        if (is_held[i])
            leave[n_leave++] = i;
        else
            stay[n_stay++] = i;
    }
    *out = (TwoParts){.rest = stay, .held = leave, .n_rest = n_stay, .n_held = n_leave};
    return true;
}

/* Two parts by groups: rest and held. */
static bool hold_groups(const HoldOut *how, const SplitRows *rows, Arena *arena, TwoParts *out, Error *err)
{
    const double share[2] = {1 - how->fraction, how->fraction};
    Rng rng = rng_stream(how->seed, STREAM_HOLD_OUT, RNG_SPLIT);
    Groups groups;
    int32_t *part = ARENA_NEW(arena, int32_t, rows->n);
    *out = (TwoParts){.rest = ARENA_NEW(arena, int32_t, rows->n), .held = ARENA_NEW(arena, int32_t, rows->n)};
    if (!part || !out->rest || !out->held) return error_memory(err);
    if (!groups_of(rows, arena, &groups, err) || !groups_too_few(rows, &groups, "a part held out", 2, err)
        || !groups_deal(rows, &groups, how->stratify, share, 2, &rng, arena, part, err))
        return false;
    for (int i = 0; i < rows->n; i++) {
        if (part[i] == 0) out->rest[out->n_rest++] = i;
        if (part[i] == 1) out->held[out->n_held++] = i;
    }
    out->said = arena_print(arena, "%d rows by `%s`, of %d groups", out->n_held, rows->group->name, groups.n);
    return out->said || error_memory(err);
}

bool split_two(const HoldOut *how, const SplitRows *rows, Arena *arena, TwoParts *out, Error *err)
{
    if (!(how->fraction >= 0 && how->fraction < 1))
        return error_set(err, ERR_CONFIG,
                         "a held-out fraction is at least 0 and less than 1, not %g", how->fraction);
    if (how->fraction > 0 && rows->order) return split_last(how, rows, arena, out, err);
    if (how->fraction > 0 && rows->group) return hold_groups(how, rows, arena, out, err);
    return hold_out(how, rows, arena, out, err);
}

bool split_hold_out(const HoldOut *how, const int32_t *labels, int n, int n_classes, Arena *arena,
                    TwoParts *out, Error *err)
{
    return split_two(how, &(SplitRows){.n = n, .n_classes = n_classes, .labels = labels}, arena, out, err);
}

/* ---- validation ---- */

/* Deals like cards: each class goes on with the fold after the last class's last. So a class is
 * within one row of even, and so are the folds. */
static bool deal_cards(const SplitOptions *o, const SplitRows *rows, Rng *rng, Arena *arena, int32_t *fold_of,
                       Error *err)
{
    Deck deck = {0};
    if (!deck_make(rng, o->stratify, rows, arena, &deck, err)) return false;
    if (o->folds > deck.n)
        return error_set(err, ERR_CONFIG,
                         "folds: %d folds need as many labelled rows, and there %s %d; lower folds",
                         o->folds, deck.n == 1 ? "is" : "are", deck.n);
    for (int i = 0; i < rows->n; i++) fold_of[i] = -1;
    for (int i = 0; i < deck.n; i++) fold_of[deck.order[i]] = i % o->folds;
    return true;
}

static bool deal_groups(const SplitOptions *o, const SplitRows *rows, const Groups *groups, Rng *rng,
                        Arena *arena,
                        int32_t *fold_of, Error *err)
{
    double *share = ARENA_NEW(arena, double, o->folds);
    if (!share) return error_memory(err);
    for (int f = 0; f < o->folds; f++) share[f] = 1.0 / o->folds;
    return groups_too_few(rows, groups, "folds", o->folds, err)
        && groups_deal(rows, groups, o->stratify, share, o->folds, rng, arena, fold_of, err);
}

/* Of the rows that are of use those of this fold validate, and all others train. */
static void take_sides(const SplitRows *rows, const int32_t *fold_of, int fold, uint8_t *side)
{
    for (int i = 0; i < rows->n; i++)
        side[i] = !split_usable(rows, i) ? SIDE_NONE : fold_of[i] == fold ? SIDE_VALID : SIDE_TRAIN;
}

static bool deal_folds(const SplitOptions *o, const SplitRows *rows, Arena *arena, Split *split, Error *err)
{
    const int folds = o->folds, repeats = o->repeats > 1 ? o->repeats : 1;
    Groups groups = {0};
    int32_t *fold_of = ARENA_NEW(arena, int32_t, rows->n);
    uint8_t *side = ARENA_NEW(arena, uint8_t, rows->n);
    if (!fold_of || !side) return error_memory(err);
    if ((rows->group && !groups_of(rows, arena, &groups, err)) || !split_reserve(split, folds * repeats,
                                                                                 arena, err))
        return false;
    split->n_times = repeats;
    for (int r = 0; r < repeats; r++) { /* the first deal is that without repeats */
        uint64_t seed = r == 0 ? (uint64_t)o->seed : rng_mix((uint64_t)o->seed, (uint64_t)r);
        Rng rng = rng_stream(seed, STREAM_FOLDS, RNG_SPLIT);
        if (!(rows->group ? deal_groups(o, rows, &groups, &rng, arena, fold_of, err)
                          : deal_cards(o, rows, &rng, arena, fold_of, err)))
            return false;
        for (int f = 0; f < folds; f++) {
            take_sides(rows, fold_of, f, side);
            if (!split_fill(split, r * folds + f, side, arena, err)) return false;
        }
    }
    if (repeats == 1 && !rows->group) return true;
    const char *times = repeats > 1 ? arena_print(arena, ", %d times over", repeats) : "";
    split->said = !times        ? NULL
                : rows->group ? arena_print(arena, "%d folds by `%s`, %d groups%s", folds, rows->group->name,
                                            groups.n,
                                            times)
                              : arena_print(arena, "%d folds%s", folds, times);
    return split->said || error_memory(err);
}

static bool deal_validation(const SplitOptions *o, const SplitRows *rows, Arena *arena, Split *split,
                            Error *err)
{
    if (!(o->val_fraction > 0))
        return error_set(err, ERR_CONFIG, "val_fraction: %g leaves no row to validate on", o->val_fraction);
    /* Its own seed: the test set may have been drawn with the same number. */
    const HoldOut how = {.fraction = o->val_fraction, .stratify = o->stratify,
                         .seed = rng_mix((uint64_t)o->seed, STREAM_HOLD_OUT)};
    TwoParts parts;
    uint8_t *side = ARENA_NEW(arena, uint8_t, rows->n);
    if (!side) return error_memory(err);
    if (!split_two(&how, rows, arena, &parts, err)) return error_wrap(err, "val_fraction");
    for (int i = 0; i < parts.n_rest; i++) side[parts.rest[i]] = SIDE_TRAIN;
    for (int i = 0; i < parts.n_held; i++) side[parts.held[i]] = SIDE_VALID;
    split->said = parts.said;
    return split_reserve(split, 1, arena, err) && split_fill(split, 0, side, arena, err);
}

/* ---- the hash ---- */

static void add_int(Sha256 *sha, int32_t number)
{
    uint32_t n = (uint32_t)number; /* bytes in a fixed order, so that the hash is the same on any machine */
    unsigned char bytes[4] = {(unsigned char)n, (unsigned char)(n >> 8), (unsigned char)(n >> 16),
                              (unsigned char)(n >> 24)};
    sha256_add(sha, bytes, sizeof bytes);
}

/* Does fold_of say it all: each row validated once, or never, and trained with wherever else it has a label? */
static bool fold_of_says_all(const Split *split, const SplitRows *rows)
{
    int labelled = 0;
    for (int i = 0; i < rows->n; i++) labelled += !rows->labels || rows->labels[i] >= 0;
    if (split->n_times > 1 || rows->weight) return false;
    for (int f = 0; f < split->n_folds; f++)
        if (split->n_train[f] + split->n_valid[f] != labelled) return false;
    return true;
}

static void hash_split(Split *split, const SplitRows *rows)
{
    Sha256 sha;
    char head[64];
    bool simple = fold_of_says_all(split, rows);
    int length = snprintf(head, sizeof head, "%s %d %d\n", simple ? "split" : "split 2", split->n_folds,
                          split->n_rows);
    sha256_start(&sha);
    sha256_add(&sha, head, (size_t)length);
    for (int i = 0; simple && i < split->n_rows; i++) add_int(&sha, split->fold_of[i]);
    for (int f = 0; !simple && f < split->n_folds; f++) {
        add_int(&sha, split->n_train[f]);
        for (int i = 0; i < split->n_train[f]; i++) add_int(&sha, split->train[f][i]);
        add_int(&sha, split->n_valid[f]);
        for (int i = 0; i < split->n_valid[f]; i++) add_int(&sha, split->valid[f][i]);
    }
    if (rows->weight) sha256_add(&sha, rows->weight, (size_t)rows->n * sizeof *rows->weight);
    sha256_end(&sha, split->hash);
}

/* ---- the choice ---- */

bool split_rows(const Table *table, Arena *arena, SplitRows *out, Error *err)
{
    const int32_t *strata;
    int n_strata;
    if (!table_strata(table, arena, &strata, &n_strata, err)) return false;
    *out = (SplitRows){.n = table->n_rows, .n_classes = n_strata, .labels = strata,
                       .weight = table->weight, .group = table->key[ROW_GROUP], .order = table->key[ROW_ORDER],
                       .part = table->key[ROW_PART], .table = table};
    return true;
}

bool split_check(const SplitOptions *o, bool order, bool groups, bool given, Error *err)
{
    const char *says = given ? "data.split_column" : "split.type: files";
    if (o->type == SPLIT_FORWARD && !order)
        return error_set(err, ERR_CONFIG, "split.type: forward needs data.order, the column that says what came"
                         " when");
    if (o->type == SPLIT_KFOLD && o->folds < 2)
        return error_set(err, ERR_CONFIG, "folds: %d: k-fold needs at least 2", o->folds);
    if (o->type == SPLIT_KFOLD && order)
        return error_set(err, ERR_CONFIG, "split.type: kfold would learn from later rows than it predicts; with"
                         " data.order say `type: forward` or `type: holdout`");
    if (o->type == SPLIT_FILES && !o->valid)
        return error_set(err, ERR_CONFIG, "split.type: files needs split.valid, a file with the numbers of the"
                         " rows that validate");
    if (o->type != SPLIT_FILES && (o->train || o->valid || o->test))
        return error_set(err, ERR_CONFIG, "split.%s names a file of row numbers; say `type: files`, too",
                         o->train ? "train" : o->valid ? "valid" : "test");
    if (o->gap > 0 && !order)
        return error_set(err, ERR_CONFIG, "split.gap needs data.order, the column that says what came when");
    if ((given || o->type == SPLIT_FILES) && (order || groups))
        return error_set(err, ERR_CONFIG, "%s says which rows validate, so data.%s has nothing to say; leave"
                         " one"
                         " of them out", says, order ? "order" : "groups");
    if (given && (o->type == SPLIT_FORWARD || o->type == SPLIT_FILES || o->repeats > 1))
        return error_set(err, ERR_CONFIG, "data.split_column says which rows validate, and so does split.%s;"
                         " leave one of them out", o->repeats > 1 ? "repeats" : "type");
    return o->repeats <= 1 || o->type == SPLIT_KFOLD
        || error_set(err, ERR_CONFIG, "split.repeats is for `type: kfold`; leave it out");
}

bool split_divide(const SplitOptions *o, const SplitRows *rows, const char *dir, Arena *arena, Split **out,
                  Error *err)
{
    Split *split = ARENA_NEW(arena, Split, 1);
    if (!split) return error_memory(err);
    split->n_rows = rows->n;
    split->n_times = 1;
    bool given = rows->part && given_validates(rows);
    if (!split_check(o, rows->order, rows->group, given, err)) return false;
    bool ok = given                      ? split_by_column(rows, arena, split, err)
            : o->type == SPLIT_FILES ? split_by_files(o, rows, dir, arena, split, err)
            : rows->order            ? split_forward(o, rows, arena, split, err)
            : o->type == SPLIT_KFOLD ? deal_folds(o, rows, arena, split, err)
                                     : deal_validation(o, rows, arena, split, err);
    if (!ok) return false;
    hash_split(split, rows);
    *out = split;
    return true;
}

bool split_make(const SplitOptions *options, const int32_t *labels, int n_rows, int n_classes,
                Arena *arena, Split **out, Error *err)
{
    const SplitRows rows = {.n = n_rows, .n_classes = n_classes, .labels = labels};
    return split_divide(options, &rows, NULL, arena, out, err);
}
