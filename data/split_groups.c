/* data/split_groups.c - which group a row is of, and groups dealt out to parts. */
#include "data/split_groups.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/set.h"

/* ---- who belongs together ---- */

static double number_of(const Column *column, int row)
{
    return column_number(column, row) + 0.0; /* -0 is 0 */
}

/* The number that the value of a row has among those before it, -1 for a new one. */
static int known_value(const Set *set, const Column *column, const int32_t *first, int row, uint64_t hash)
{
    uint32_t step = 0;
    for (int g; (g = set_next(set, hash, &step)) >= 0;)
        if (number_of(column, first[g]) == number_of(column, row)) return g;
    return -1;
}

static bool group_numbers(const SplitRows *rows, Arena *arena, Groups *out, Error *err)
{
    Set set = {0};
    int missing = -1;
    int32_t *first = ARENA_NEW(arena, int32_t, rows->n);
    if (!first) return error_memory(err);
    for (int i = 0; i < rows->n; i++) {
        double value = number_of(rows->group, i);
        out->of[i] = -1;
        if (!split_usable(rows, i)) continue;
        if (isnan(value)) {
            if (missing < 0) missing = out->n++;
            out->of[i] = missing;
            continue;
        }
        uint64_t hash = set_hash((const char *)&value, sizeof value, 0);
        out->of[i] = known_value(&set, rows->group, first, i, hash);
        if (out->of[i] >= 0) continue;
        first[out->n] = i;
        out->of[i] = out->n;
        if (!set_add(&set, arena, hash, out->n++)) return error_memory(err);
    }
    return true;
}

static bool group_words(const SplitRows *rows, Arena *arena, Groups *out, Error *err)
{
    const Column *column = rows->group;
    int32_t *number = ARENA_NEW(arena, int32_t, column->n_levels + 1); /* + 1; the last: missing */
    if (!number) return error_memory(err);
    for (int i = 0; i < rows->n; i++) {
        int level = column->code[i] < 0 ? column->n_levels : column->code[i];
        out->of[i] = -1;
        if (!split_usable(rows, i)) continue;
        if (!number[level]) number[level] = ++out->n;
        out->of[i] = number[level] - 1;
    }
    return true;
}

bool groups_of(const SplitRows *rows, Arena *arena, Groups *out, Error *err)
{
    *out = (Groups){.of = ARENA_NEW(arena, int32_t, rows->n)};
    if (!out->of) return error_memory(err);
    return (column_has_words(rows->group->kind) ? group_words : group_numbers)(rows, arena, out, err);
}

bool groups_too_few(const SplitRows *rows, const Groups *groups, const char *of_what, int n_parts, Error *err)
{
    const char *cure = groups->n < 2      ? "; name another column in data.groups, or leave it out"
                     : n_parts > 2 ? "; lower folds" : "";
    return groups->n >= n_parts
        || error_set(err, ERR_CONFIG, "%s: the labelled rows have %d group%s in `%s` (data.groups), and %d"
                     " parts need as"
                     " many%s", of_what, groups->n, groups->n == 1 ? "" : "s", rows->group->name, n_parts,
                         cure);
}

/* ---- dealing ---- */

/* Rows group after group: those of g are row[start[g]] .. row[start[g + 1] - 1]. */
typedef struct {
    const Groups *groups;
    const SplitRows *rows;
    bool by_class;
    int n_classes, n_parts; /* one class more than there are: all rows */
    int *start;             /* (groups + 1) */
    int32_t *row;
    double *each;           /* (n_classes) what a row of the class counts for in the measure: 1 / rows^2 */
    double *over;           /* (n_parts, n_classes) rows above the share */
    int *count;             /* (n_classes) of one group */
    int32_t *part;          /* (groups) */
    int *held;              /* (n_parts) groups */
} Deal;

static int class_of(const Deal *d, int32_t row)
{
    return d->by_class ? d->rows->labels[row] : 0;
}

static bool deal_prepare(Deal *d, const double *share, Arena *arena, Error *err)
{
    const int n_groups = d->groups->n, n = d->rows->n, all = d->n_classes - 1;
    d->start = ARENA_NEW(arena, int, n_groups + 1);
    d->row = ARENA_NEW(arena, int32_t, n);
    d->each = ARENA_NEW(arena, double, d->n_classes);
    d->over = ARENA_NEW(arena, double, (size_t)d->n_parts * (size_t)d->n_classes);
    d->count = ARENA_NEW(arena, int, d->n_classes);
    d->part = ARENA_NEW(arena, int32_t, n_groups);
    d->held = ARENA_NEW(arena, int, d->n_parts);
    int *next = ARENA_NEW(arena, int, n_groups);
    double *size = ARENA_NEW(arena, double, d->n_classes);
    if (!d->start || !d->row || !d->each || !d->over || !d->count || !d->part || !d->held || !next || !size)
        return error_memory(err);
    for (int i = 0; i < n; i++) {
        if (d->groups->of[i] < 0) continue;
        d->start[d->groups->of[i] + 1]++;
        size[class_of(d, i)]++;
    }
    for (int g = 0; g < n_groups; g++) {
        d->start[g + 1] += d->start[g];
        next[g] = d->start[g];
    }
    for (int i = 0; i < n; i++)
        if (d->groups->of[i] >= 0) d->row[next[d->groups->of[i]]++] = i;
    size[all] = d->start[n_groups];
    for (int c = 0; c < d->n_classes; c++) {
        d->each[c] = size[c] > 0 ? 1 / (size[c] * size[c]) : 0;
        for (int p = 0; p < d->n_parts; p++)
            d->over[(size_t)p * (size_t)d->n_classes + (size_t)c] = -share[p] * size[c];
    }
    return true;
}

/* A group enters (1) or leaves (-1) a part. */
static void deal_move(Deal *d, int g, int p, int by)
{
    double *over = d->over + (size_t)p * (size_t)d->n_classes;
    for (int i = d->start[g]; i < d->start[g + 1]; i++) over[class_of(d, d->row[i])] += by;
    over[d->n_classes - 1] += by * (d->start[g + 1] - d->start[g]);
    d->held[p] += by;
    if (by > 0) d->part[g] = p;
}

/* Half of what the measure grows by when a group enters a part, but for what is the same for every part. */
static double deal_price(const Deal *d, int g, int p)
{
    const int all = d->n_classes - 1;
    const double *over = d->over + (size_t)p * (size_t)d->n_classes;
    double sum = 0;
    for (int i = d->start[g]; i < d->start[g + 1]; i++) {
        int c = class_of(d, d->row[i]);
        sum += over[c] * d->each[c];
    }
    return sum + over[all] * d->each[all] * (d->start[g + 1] - d->start[g]);
}

/* And that: the group's own square. */
static double deal_square(Deal *d, int g)
{
    const int all = d->n_classes - 1, size = d->start[g + 1] - d->start[g];
    double sum = (double)size * size * d->each[all];
    for (int i = d->start[g]; i < d->start[g + 1]; i++) d->count[class_of(d, d->row[i])]++;
    for (int i = d->start[g]; i < d->start[g + 1]; i++) {
        int c = class_of(d, d->row[i]);
        sum += d->count[c] * d->each[c];
    }
    for (int i = d->start[g]; i < d->start[g + 1]; i++) d->count[class_of(d, d->row[i])] = 0;
    return sum;
}

/* The part where the group costs least; of equal ones that with the fewest rows above its share, then the
 * first. */
static int cheapest(const Deal *d, int g, int but, double *price)
{
    int best = -1;
    const size_t all = (size_t)d->n_classes - 1;
    for (int p = 0; p < d->n_parts; p++) {
        if (p == but) continue;
        double here = deal_price(d, g, p);
        bool better = best < 0 || here < *price
                   || (here == *price && d->over[(size_t)p * (size_t)d->n_classes + all]
                                             < d->over[(size_t)best * (size_t)d->n_classes + all]);
        if (!better) continue;
        best = p;
        *price = here;
    }
    return best;
}

/* Large ones first, those within a factor of 2 of each other in random order. */
static bool deal_order(const Deal *d, Rng *rng, Arena *arena, int32_t **out, Error *err)
{
    const int n = d->groups->n;
    int32_t *random = ARENA_NEW(arena, int32_t, n), *order = ARENA_NEW(arena, int32_t, n);
    if (!random || !order) return error_memory(err);
    for (int g = 0; g < n; g++) random[g] = g;
    rng_shuffle(rng, random, (size_t)n);
    int to = 0;
    for (int bit = 30; bit >= 0; bit--)
        for (int i = 0; i < n; i++) {
            int size = d->start[random[i] + 1] - d->start[random[i]];
            if (size >> bit == 1) order[to++] = random[i];
        }
    assert(to == n);
    *out = order;
    return true;
}

/* Single groups move as long as that helps. */
static void deal_mend(Deal *d, const int32_t *order)
{
    enum { PASSES = 4 };
    for (int pass = 0, moved = 1; pass < PASSES && moved; pass++) {
        moved = 0;
        for (int i = 0; i < d->groups->n; i++) {
            int g = order[i], from = d->part[g];
            double price = 0, here = deal_price(d, g, from);
            if (d->held[from] < 2) continue;
            int to = cheapest(d, g, from, &price);
            if (to < 0 || !(price - here + deal_square(d, g) < -1e-12)) continue;
            deal_move(d, g, from, -1);
            deal_move(d, g, to, 1);
            moved++;
        }
    }
}

/* A part that got nothing takes the smallest group of those that have several. */
static void deal_fill(Deal *d)
{
    for (int p = 0; p < d->n_parts; p++) {
        int best = -1;
        if (d->held[p]) continue;
        for (int g = 0; g < d->groups->n; g++) {
            if (d->held[d->part[g]] < 2) continue;
            int size = d->start[g + 1] - d->start[g];
            if (best < 0 || size < d->start[best + 1] - d->start[best]) best = g;
        }
        assert(best >= 0); /* there are as many groups as parts */
        deal_move(d, best, d->part[best], -1);
        deal_move(d, best, p, 1);
    }
}

bool groups_deal(const SplitRows *rows, const Groups *groups, bool stratify, const double *share, int n_parts,
                 Rng *rng, Arena *arena, int32_t *part_of, Error *err)
{
    assert(groups->n >= n_parts);
    Deal d = {.groups = groups, .rows = rows, .n_parts = n_parts,
              .by_class = stratify && rows->labels && rows->n_classes > 1};
    d.n_classes = (d.by_class ? rows->n_classes : 1) + 1;
    int32_t *order = NULL;
    if (!deal_prepare(&d, share, arena, err) || !deal_order(&d, rng, arena, &order, err)) return false;
    assert(order);
    for (int i = 0; i < groups->n; i++) {
        double price = 0;
        deal_move(&d, order[i], cheapest(&d, order[i], -1, &price), 1);
    }
    deal_fill(&d);
    deal_mend(&d, order);
    for (int i = 0; i < rows->n; i++) part_of[i] = groups->of[i] < 0 ? -1 : d.part[groups->of[i]];
    return true;
}
