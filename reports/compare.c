/* What a comparison of studies comes to, in words. */
#include "reports/compare.h"

#include <math.h>
#include <string.h>

enum { MOST_NAMED = 6 };

static void say(Doc *list, const char *sentence)
{
    if (sentence && *sentence) doc_add(list, doc_text(sentence));
}

static double value_of(const Doc *study, const char *key)
{
    return sheet_number(doc_get(study, key), "value");
}

/* The study with the best of these values, -1: none has one. */
static int leader(const Doc *studies, const char *key, bool up)
{
    int best = -1;
    for (size_t s = 0; s < doc_count(studies); s++) {
        double value = value_of(doc_at(studies, s), key);
        double held = best < 0 ? NAN : value_of(doc_at(studies, (size_t)best), key);
        if (isfinite(value) && (best < 0 || (up ? value > held : value < held))) best = (int)s;
    }
    return best;
}

static bool all_have(const Doc *studies, const char *key)
{
    for (size_t s = 0; s < doc_count(studies); s++)
        if (!isfinite(value_of(doc_at(studies, s), key))) return false;
    return doc_count(studies) > 0;
}

static bool has(const Doc *list, const char *name)
{
    for (size_t i = 0; i < doc_count(list); i++)
        if (strcmp(doc_to_text(doc_at(list, i), ""), name) == 0) return true;
    return false;
}

/* Do two studies differ in nothing but the seed? Then whatever a test of their networks finds is luck. */
static bool are_twins(const Doc *document, const char *a, const char *b)
{
    const Doc *groups = doc_get(document, "spread");
    for (size_t g = 0; g < doc_count(groups); g++) {
        const Doc *names = doc_get(doc_at(groups, g), "studies");
        if (has(names, a) && has(names, b)) return true;
    }
    return false;
}

static const char *p_words(double p, Arena *arena)
{
    if (!isfinite(p)) return "too few of some class";
    return p < 1e-4 ? "p < 0.0001" : arena_print(arena, "p = %.2g", p);
}

/* "+0.0031 (95 % from 0.0008 to 0.0054; 900 rows in pairs, p = 0.01): better by more than chance" */
static const char *difference_words(const Doc *pair, const Doc *entry, bool up, bool twins, Arena *arena)
{
    double difference = sheet_number(entry, "difference"), low = sheet_number(entry, "low95");
    double high = sheet_number(entry, "high95"), p = sheet_number(entry, "p");
    bool paired = doc_to_bool(doc_get(pair, "paired"), false);
    bool clear = isfinite(low) && isfinite(high) && (low > 0 || high < 0);
    const char *how = !paired ? "not paired" : arena_print(arena, "%.0f rows in pairs, %s",
                                                            sheet_number(pair, "rows"), p_words(p, arena));
    const char *judged = !isfinite(low) || !isfinite(high) ? "no interval"
        : arena_print(arena, "95 %% from %s to %s", sheet_score(arena, low), sheet_score(arena, high));
    bool good = up ? difference > 0 : difference < 0;
    const char *meaning = difference == 0 ? "no difference"
        : !clear ? "this could be chance"
        : twins ? "more than the choice of rows explains; the seed does, for nothing else differs"
        : good ? "better by more than chance" : "worse by more than chance";
    return arena_print(arena, "%s%s (%s; %s): %s", difference > 0 ? "+" : "", sheet_score(arena, difference),
                       judged ? judged : "", how ? how : "", meaning);
}

/* Those on the test set first: they are what may be quoted. */
static void say_pairs(const Doc *document, const char *on, bool up, Doc *sentences, Arena *arena)
{
    const Doc *pairs = doc_get(document, "pairs"), *metric = doc_get(document, "metric");
    for (size_t i = 0; i < doc_count(pairs); i++) {
        const Doc *pair = doc_at(pairs, i);
        if (strcmp(sheet_text(pair, "on"), on) != 0) continue;
        const Doc *entry = doc_get(doc_get(pair, "metrics"), sheet_text(metric, "name"));
        bool twins = are_twins(document, sheet_text(pair, "a"), sheet_text(pair, "b"));
        const char *words = entry ? difference_words(pair, entry, up, twins, arena) : NULL;
        if (!words || !isfinite(sheet_number(entry, "difference"))) continue;
        say(sentences, arena_print(arena, "%s minus %s, %s on %s rows: %s %s.", sheet_text(pair, "b"),
                                   sheet_text(pair, "a"), sheet_text(pair, "what"), sheet_text(pair, "on"),
                                   sheet_text(metric, "label"), words));
    }
}

static const char *names(const Doc *list, Arena *arena)
{
    size_t n = doc_count(list);
    const char *out = "";
    for (size_t i = 0; out && i < n && i < MOST_NAMED; i++)
        out = arena_print(arena, "%s%s%s", out, i == 0 ? "" : i + 1 == n ? " and " : ", ",
                          doc_to_text(doc_at(list, i), ""));
    return out && n > MOST_NAMED ? arena_print(arena, "%s and %zu more", out, n - MOST_NAMED) : out;
}

static void say_spread(const Doc *document, Doc *sentences, Arena *arena)
{
    const Doc *groups = doc_get(document, "spread");
    const char *label = sheet_text(doc_get(document, "metric"), "label");
    for (size_t g = 0; g < doc_count(groups); g++) {
        const Doc *group = doc_at(groups, g), *test = doc_get(group, "test"), *best = doc_get(group, "best");
        const Doc *spread = doc_kind(test) == DOC_OBJECT ? test : best;
        if (doc_kind(spread) != DOC_OBJECT) continue;
        say(sentences, arena_print(arena, "%s are one configuration with other seeds: %s%s from %s to %s, mean"
                                          " %s,"
                                   " standard deviation %s. What differs between them is luck.",
                                   names(doc_get(group, "studies"), arena), spread == test ? "test "
                                       : "validation ",
                                   label, sheet_score(arena, sheet_number(spread, "low")),
                                   sheet_score(arena, sheet_number(spread, "high")),
                                   sheet_score(arena, sheet_number(spread, "mean")),
                                   sheet_score(arena, sheet_number(spread, "sd"))));
    }
}

static void say_cost(const Doc *studies, Doc *sentences, Arena *arena)
{
    const char *out = "";
    size_t n = doc_count(studies);
    for (size_t s = 0; out && s < n && s < MOST_NAMED; s++) {
        const Doc *study = doc_at(studies, s), *cost = doc_get(study, "cost");
        out = arena_print(arena, "%s%s%s took %s of processor time", out, s == 0 ? "" : s + 1 == n ? " and "
                          : ", ",
                          sheet_text(study, "label"), sheet_seconds(arena, sheet_number(cost, "cpu_s")));
    }
    say(sentences, out ? arena_print(arena, "%s%s.", out, n > MOST_NAMED ? ", and so on" : "") : NULL);
}

static void say_caveats(const Doc *document, Doc *caveats, Arena *arena)
{
    const Doc *pairs = doc_get(document, "pairs"), *studies = doc_get(document, "studies");
    bool tested = false;
    for (size_t i = 0; i < doc_count(pairs); i++) {
        const Doc *pair = doc_at(pairs, i);
        tested |= strcmp(sheet_text(pair, "on"), "test") == 0;
        if (doc_to_bool(doc_get(pair, "paired"), false)) continue;
        say(caveats, arena_print(arena, "%s and %s, %s on %s rows: not paired, because %s. Two intervals that"
                                        " overlap"
                                 " prove nothing.", sheet_text(pair, "a"), sheet_text(pair, "b"),
                                 sheet_text(pair, "what"), sheet_text(pair, "on"), sheet_text(pair, "why")));
    }
    if (doc_count(pairs) > 0)
        say(caveats, "A paired test takes the networks as they are: another seed gives others. Several studies"
                     " of"
            " each configuration say how much that is.");
    if (tested)
        say(caveats, "Choosing between studies by their test scores uses the test set up: what is chosen so"
                     " looks"
            " better there than it is.");
    if (doc_count(studies) > 2 && doc_count(pairs) > 1)
        say(caveats, arena_print(arena, "%zu tests were made: one in twenty of them finds a difference where"
                                        " there is"
                                 " none.", doc_count(pairs)));
}

/* Of three studies or more: whoever leads, or those that do. */
static const char *of_many(const Doc *document, const char *key, const Doc *first, bool up, Arena *arena)
{
    const Doc *studies = doc_get(document, "studies");
    double value = value_of(first, key);
    Doc *who = doc_array();
    for (size_t s = 0; s < doc_count(studies); s++) {
        const Doc *study = doc_at(studies, s);
        if (value_of(study, key) == value) doc_add(who, doc_text(sheet_text(study, "label")));
    }
    const char *list = names(who, arena);
    size_t n = doc_count(who);
    doc_free(who);
    const char *out = arena_print(arena, "Of %zu studies %s %s the %s %s%s, %s.", doc_count(studies), list
                                  ? list : "",
                                  n > 1 ? "share" : "has", up ? "highest" : "lowest",
                                  strcmp(key, "test") == 0 ? "test " : "validation ",
                                  sheet_text(doc_get(document, "metric"), "label"), sheet_score(arena, value));
    return out ? out : "";
}

static const char *headline(const Doc *document, const char *key, int best, bool up, Arena *arena)
{
    const Doc *studies = doc_get(document, "studies"), *pairs = doc_get(document, "pairs");
    const Doc *metric = doc_get(document, "metric");
    bool test = strcmp(key, "test") == 0;
    const char *label = sheet_text(metric, "label");
    if (best < 0) return "None of these studies has a complete trial yet.";
    const Doc *first = doc_at(studies, (size_t)best);
    const char *head = arena_print(arena, "%s has the %s %s%s, %s", sheet_text(first, "label"),
                                   up ? "highest" : "lowest", test ? "test " : "validation ", label,
                                   sheet_score(arena, value_of(first, key)));
    if (doc_count(studies) != 2) return of_many(document, key, first, up, arena);
    const Doc *other = doc_at(studies, (size_t)(1 - best));
    if (!isfinite(value_of(other, key))) return head ? arena_print(arena, "%s.", head) : "";
    const Doc *entry = NULL;
    for (size_t i = 0; i < doc_count(pairs); i++)
        if (strcmp(sheet_text(doc_at(pairs, i), "on"), test ? "test" : "validation") == 0)
            entry = doc_get(doc_get(doc_at(pairs, i), "metrics"), sheet_text(metric, "name"));
    double low = sheet_number(entry, "low95"), high = sheet_number(entry, "high95");
    double value = value_of(first, key), second = value_of(other, key);
    bool clear = isfinite(low) && isfinite(high) && (low > 0 || high < 0);
    if (value == second)
        return arena_print(arena, "%s and %s have the same %s%s, %s.", sheet_text(doc_at(studies, 0), "label"),
                           sheet_text(doc_at(studies, 1), "label"), test ? "test " : "validation ", label,
                           sheet_score(arena, value));
    bool twins = are_twins(document, sheet_text(first, "label"), sheet_text(other, "label"));
    return head ? arena_print(arena, "%s against %s of %s: %s.", head, sheet_score(arena, second),
                              sheet_text(other, "label"), !clear ? "this could be chance"
                              : twins ? "the luck of the seed" : "more than chance") : "";
}

void compare_verdict(Doc *document, Arena *arena)
{
    const Doc *studies = doc_get(document, "studies");
    bool up = doc_to_bool(doc_get(doc_get(document, "metric"), "maximize"), true);
    const char *key = all_have(studies, "test") ? "test" : "best";
    int best = leader(studies, key, up);
    Doc *verdict = doc_set(document, "verdict", doc_object());
    const char *head = headline(document, key, best, up, arena);
    doc_set_text(verdict, "headline", head ? head : "");
    doc_set(verdict, "leader", best < 0 ? doc_null() : doc_text(sheet_text(doc_at(studies, (size_t)best),
                                                                           "label")));
    Doc *sentences = doc_set(verdict, "sentences", doc_array());
    say_pairs(document, "test", up, sentences, arena);
    say_pairs(document, "validation", up, sentences, arena);
    say_spread(document, sentences, arena);
    say_cost(studies, sentences, arena);
    say_caveats(document, doc_set(verdict, "caveats", doc_array()), arena);
}
