/* Finding a word in a list of names, and telling which name may have been meant. */
#include "base/names.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"

int names_find(const char *const *names, const char *word)
{
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], word) == 0) return i;
    return -1;
}

/* f1 -> f1_macro: the first of which the word is the first part. */
static const char *begun(const char *word, const char *const *names)
{
    size_t n = strlen(word);
    for (; n >= 2 && *names; names++)
        if (strncmp(*names, word, n) == 0 && (*names)[n] == '_') return *names;
    return NULL;
}

Suggestion names_suggest_as(const char *before, const char *after, const char *word,
                            const char *const *names, const char *otherwise)
{
    Suggestion out;
    const char *near = text_nearest(word, names);
    if (!near) near = begun(word, names);
    if (near) snprintf(out.text, sizeof out.text, "%s%s%s", before, near, after);
    else snprintf(out.text, sizeof out.text, "%s", otherwise);
    return out;
}

Suggestion names_suggest(const char *word, const char *const *names, const char *otherwise)
{
    return names_suggest_as("; did you mean `", "`?", word, names, otherwise);
}

const char *names_quote(const char *word)
{
    const size_t n = strlen(word);
    return n == 0 || strchr(word, ',') || word[0] == ' ' || word[n - 1] == ' ' ? "`" : "";
}

char *names_join(const char *const *names, char *out, size_t size)
{
    static const char cut[] = "...";
    size_t room = size - (sizeof cut - 1), n = 0;
    *out = '\0';
    for (int i = 0; names[i] && n < room; i++)
        n += (size_t)snprintf(out + n, room - n, "%s%s", i ? ", " : "", names[i]);
    if (n >= room) memcpy(out + room - 1, cut, sizeof cut);
    return out;
}
