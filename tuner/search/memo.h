/* tuner/search/memo.h - what was worked out lately, by what it was worked out from.
 *
 * For functions whose value depends on their arguments alone: with a memo they are quicker, never different.
 * A few dozen entries, the oldest give way. A key is a hash of all arguments (128 bits: two that differ do
 * not meet). One thread at a time.
 *
 *     MemoKey key = memo_key(x, n * sizeof *x, memo_key(y, n * sizeof *y, MEMO_START));
 *     if (!memo_get(memo, key, m, values)) { ...work... ; memo_put(memo, key, m, values); }
 *
 * A memo that is NULL knows nothing and keeps nothing. Errors  none: without memory nothing is kept.
 */
#ifndef CONSORT_TUNER_SEARCH_MEMO_H
#define CONSORT_TUNER_SEARCH_MEMO_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct Memo Memo;
typedef struct { uint64_t a, b; } MemoKey;
#define MEMO_START ((MemoKey){0x243f6a8885a308d3u, 0x13198a2e03707344u})
Memo *memo_create(void); /* NULL when there is no memory: that is fine */
void memo_destroy(Memo *memo);
MemoKey memo_key(const void *bytes, size_t n, MemoKey before);
bool memo_get(const Memo *memo, MemoKey key, int n, double *values);
void memo_put(Memo *memo, MemoKey key, int n, const double *values);
#endif
