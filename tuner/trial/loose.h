/* tuner/trial/loose.h - an object as programs print it: JSON, a Python dictionary, and what stands in those.
 *
 * `{'loss': np.float64(0.5), 'acc': tensor(0.9, device='cuda:0'), 'shape': (3, 4), 'f': <function f at 0x7f>}`:
 * a number alone in a call is that number, a dictionary in one is that dictionary; nan, inf and None are
 * null; what is neither number, text, list nor dictionary stands there as the text "?". A key that comes twice
 * has its last value, as in Python.
 *
 * Memory  the tree is the caller's: doc_free.
 */
#ifndef CONSORT_TUNER_TRIAL_LOOSE_H
#define CONSORT_TUNER_TRIAL_LOOSE_H
#include "base/doc.h"

/* The text, without blanks around it, as one object; NULL when it is none. OrderedDict({...}) is one. */
Doc *loose_object(const char *text, size_t n);
/* Where an object may begin in the text: at a brace, or at the name of a call that may be a dictionary. NULL:
 * nowhere. */
const char *loose_begin(const char *text, size_t n);
/* Where an object that begins with the text is still open at its end: more lines of it may follow. */
bool loose_is_open(const char *text, size_t n);
#endif
