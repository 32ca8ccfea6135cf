/* Means by level, and the additive fit that says how sure they are. */
#include "tuner/insight/levels.h"

#include <math.h>

enum { FEWEST = 4 };

/* The 97.5 % quantile of Student's t with n degrees of freedom. Cornish and Fisher's expansion around the
 * normal one; the first few are off by more than a thousandth and stand here. */
static double student(int n)
{
    static const double first[] = {12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306};
    if (n <= 8) return first[n - 1];
    const double z = 1.959964, z3 = z * z * z, z5 = z3 * z * z;
    return z + (z3 + z) / (4.0 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96.0 * n * n);
}

/* Which of the table's levels a value is; a new one goes to its place. -1: too many. */
static int find_level(LevelTable *table, const Value *value)
{
    int at = 0;
    for (; at < table->n_levels; at++)
        if (value_equal(&table->level[at].value, value)) return at;
    if (at == LEVELS_MOST) return -1;
    table->level[table->n_levels++] = (Level){.value = *value};
    return at;
}

static int place_of(const Param *p, const Value *value)
{
    int at = 0;
    while (at < p->n_choices && !value_equal(&p->choices[at], value)) at++;
    return at;
}

static bool stands_before(const Param *p, const Value *a, const Value *b)
{
    return p->n_choices > 0 ? place_of(p, a) < place_of(p, b) : a->number < b->number;
}

static void sort_levels(const Param *p, LevelTable *table)
{
    for (int i = 1; i < table->n_levels; i++)
        for (int k = i; k > 0 && stands_before(p, &table->level[k].value, &table->level[k - 1].value); k--) {
            Level other = table->level[k];
            table->level[k] = table->level[k - 1];
            table->level[k - 1] = other;
        }
}

bool levels_compute(const Points *trials, Arena *arena, LevelTable **out, int *n_out, Error *err)
{
    const Space *space = trials->space;
    const size_t d = (size_t)space->n_dims;
    LevelTable *tables = ARENA_NEW(arena, LevelTable, space->n_dims + 1);
    Value *values = arena_alloc(arena, (size_t)trials->n * (size_t)space->n_params + 1, sizeof *values);
    double *score = ARENA_NEW(arena, double, trials->n + 1), mean = 0, square = 0;
    int n = 0, n_tables = 0, freedom = -1;
    *n_out = 0;
    if (!tables || !values || !score) return error_memory(err);
    for (int i = 0; i < trials->n; i++) {
        if (!isfinite(trials->score[i])) continue;
        space_decode(space, trials->u + (size_t)i * d, values + n * space->n_params);
        score[n] = trials->maximize ? -trials->score[i] : trials->score[i];
        mean += score[n++];
    }
    if (n < FEWEST) return true;
    mean /= n;
    for (int k = 0; k < space->n_dims; k++) {
        LevelTable *table = &tables[n_tables];
        *table = (LevelTable){.param = space->param_of_dim[k]};
        bool few = true;
        for (int i = 0; i < n && few; i++)
            few = find_level(table, &values[i * space->n_params + table->param]) >= 0;
        if (!few || table->n_levels < 2 || table->n_levels * 2 > n) continue;
        sort_levels(&space->params[table->param], table);
        for (int i = 0; i < n; i++) {
            Level *level = &table->level[find_level(table, &values[i * space->n_params + table->param])];
            level->n++;
            level->mean += score[i];
        }
        for (int l = 0; l < table->n_levels; l++) table->level[l].mean /= table->level[l].n;
        n_tables++;
    }
    freedom += n;
    for (int t = 0; t < n_tables; t++) freedom -= tables[t].n_levels - 1;
    for (int i = 0; i < n; i++) {
        double left = score[i] - mean;
        for (int t = 0; t < n_tables; t++)
            left -= tables[t].level[find_level(&tables[t],
                                               &values[i * space->n_params + tables[t].param])].mean - mean;
        square += left * left;
    }
    for (int t = 0; t < n_tables; t++)
        for (int l = 0; l < tables[t].n_levels; l++) {
            Level *level = &tables[t].level[l];
            double by = freedom > 0 ? student(freedom) * sqrt(square / freedom / level->n) : NAN;
            level->low95 = level->mean - by;
            level->high95 = level->mean + by;
        }
    *out = tables;
    *n_out = n_tables;
    return true;
}
