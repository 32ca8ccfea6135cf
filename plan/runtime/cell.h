/* plan/runtime/cell.h - a cell of text: blanks around it do not count. */
#ifndef CONSORT_PLAN_RUNTIME_CELL_H
#define CONSORT_PLAN_RUNTIME_CELL_H
#include <string.h>

static inline int rt_is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Skips blanks at both ends; returns the length of what is left. */
static inline size_t rt_trim(const char **text)
{
    while (rt_is_blank(**text)) ++*text;
    size_t n = strlen(*text);
    while (n > 0 && rt_is_blank((*text)[n - 1])) n--;
    return n;
}

/* Which of so many words it is; -1: none. */
static inline int rt_find(const char *text, size_t n, const char *const *words, int n_words)
{
    for (int i = 0; i < n_words; i++)
        if (strlen(words[i]) == n && memcmp(text, words[i], n) == 0) return i;
    return -1;
}
#endif
