/* app/why.c - a sentence for each kind of trace that a sampler, a person or an import leaves. */
#include "app/why.h"

#include <math.h>
#include <string.h>

#include "base/doc.h"

/* What it takes no more than its kind to say. */
static const struct {
    const char *kind, *words;
} plain[] = {
    {"baseline", "the defaults, to compare with"},
    {"portfolio", "settings that did well on other tables"},
    {"user", "somebody asked for it"},
    {"middle", "the middle of all ranges, to begin with"},
    {"sobol", "a point of a Sobol sequence, which spreads evenly over the space"},
    {"prior", "where its `prior` expects the best, or a draw from it"},
    {"transfer", "among the best of an earlier study (`transfer`)"},
    {"random", "drawn at random"},
    {"grid", "the next point of the grid"},
    {"cmaes", "drawn from where the best of the generations before it lay (CMA-ES)"},
    {"de", "made of three good trials before it (differential evolution)"},
    {"tpe", "where good trials before it are dense and the others are not (TPE)"},
};

static const char *of_model(const Doc *doc, const char *trials, Arena *arena)
{
    double mean = doc_to_number(doc_get(doc, "mean"), NAN), sigma = doc_to_number(doc_get(doc, "sigma"), NAN);
    if (!isfinite(mean) || !isfinite(sigma))
        return arena_print(arena, "the most promising point of a model of %s", trials);
    return arena_print(arena, "the most promising point of a model of %s, which expected a"
                       " score %.2g standard deviations %s than theirs on average, give or take %.2g",
                       trials, fabs(mean), mean < 0 ? "better" : "worse", sigma);
}

static const char *of_import(const Doc *doc, Arena *arena)
{
    return arena_print(arena, "imported from %.100s, %.200s (%.100s)", doc_to_text(doc_get(doc, "from"), "?"),
                       doc_to_text(doc_get(doc, "file"), "?"), doc_to_text(doc_get(doc, "place"), "?"));
}

const char *why_sentence(const char *trace, Arena *arena)
{
    Error ignored;
    Doc *doc = doc_parse(trace, strlen(trace), &ignored);
    const char *kind = doc_to_text(doc_get(doc, "kind"), ""), *words = NULL;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(plain[i].kind, kind) == 0) words = plain[i].words;
    if (strcmp(kind, "gp") == 0) words = of_model(doc, "the trials before it", arena);
    else if (strcmp(kind, "gp-part") == 0)
        words = of_model(doc, "a part of the trials before it (more than 128 were under way)", arena);
    else if (strcmp(kind, "import") == 0) words = of_import(doc, arena);
    else if (!words) words = arena_copy(arena, trace);
    doc_free(doc);
    return words;
}
