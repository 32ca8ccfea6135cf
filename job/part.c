/* job/part.c - which trials are a part's, with which seed, and what its folder is called. */
#include "job/part.h"

#include <stdlib.h>
#include <string.h>

#include "base/rng.h"

/* Digits alone, as many as a number of parts has. */
static bool read_count(const char **text, int *out)
{
    const size_t n = strspn(*text, "0123456789");
    if (n == 0 || n > 6) return false;
    *out = atoi(*text);
    *text += n;
    return true;
}

bool part_read(Config *config, Error *err)
{
    const char *text = config->run.part;
    config->part = config->n_parts = 0;
    if (!text) return true;
    int part, n;
    if (read_count(&text, &part) && *text++ == '/' && read_count(&text, &n) && !*text && part < n
        && n <= PART_MOST) {
        config->part = part;
        config->n_parts = n;
        return true;
    }
    const ConfNode *run = conf_get(config->conf->root, "run");
    return conf_error(conf_get(run, "part"), err, "`part` is K/N, part K, from 0 to N - 1, of N: 0/16, ...,"
                      " 15/16; not `%.40s`", config->run.part);
}

void part_forget(Config *config)
{
    config->run.part = NULL;
    config->part = config->n_parts = 0;
}

bool part_by_number(const Config *config)
{
    return !config->sampler->learns && config->pruner.type == PRUNER_NONE;
}

/* Never the study's own, by which a trial is known as one of its own, and another for each part. */
uint64_t part_seed(const Config *config)
{
    const uint64_t seed = (uint64_t)config->run.seed;
    if (config->n_parts == 0 || part_by_number(config)) return seed;
    const uint64_t apart = rng_mix(seed, 0) & 0x3fffffff;
    return (seed + 1 + apart + (uint64_t)config->part) & 0x7fffffff;
}

int part_trials(const Config *config)
{
    const int n = config->n_parts, cap = config->run_cap;
    if (n == 0 || cap == 0) return cap;
    return cap / n + (config->part < cap % n);
}

void part_share_enqueued(Config *config)
{
    int n = 0;
    if (config->n_parts == 0 || part_by_number(config)) return;
    for (int i = config->part; i < config->n_enqueued; i += config->n_parts) {
        config->enqueued[n] = config->enqueued[i];
        config->enqueued_source[n++] = config->enqueued_source[i];
    }
    config->n_enqueued = n;
}

bool part_refuse(const Config *config, const char *what, Error *err)
{
    return config->n_parts == 0
        || error_set(err, ERR_CONFIG, "this is part %s of study %.100s, and %s a part: `consort merge` first,"
                     " and then into the whole", config->run.part, config->name, what);
}

const char *part_folder_of_all(const char *folder, Arena *arena)
{
    size_t n = strlen(folder);
    while (n > 1 && folder[n - 1] == '/') n--;
    return arena_print(arena, "%.*s.parts", (int)n, folder);
}

const char *part_folder(const char *folder, int part, Arena *arena)
{
    const char *all = part_folder_of_all(folder, arena);
    return all ? arena_print(arena, "%s/%d", all, part) : NULL;
}
