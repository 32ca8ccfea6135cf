/* job/transfer.h - `transfer` of a configuration: earlier studies, found, and frozen into this one.
 *
 * The file names studies. When this one begins, what they found out is written in their place into its
 * configuration, which its database keeps and which is part of what the study is:
 *
 *     transfer: [digits-may]         becomes      transfer:
 *                                                   - study: digits-may
 *                                                     goal: maximize
 *                                                     trials: [{score: 0.93, params: {learning_rate: 0.01}},
 *                                                     ...]
 *
 * So it goes on, and is joined, without those databases, whatever has become of them; and another program may
 * write such a list itself.
 *
 * What is taken  complete trials, TRANSFER_TRIALS at most (the best half of these, the others evenly in number
 *     order); parameters that this study searches, by name. Where the earlier study fixed one in its settings,
 *     the value that it had there. A trial with a value that this space cannot have is left out: nothing is
 *     clamped. A parameter that no trial tells is unknown, and so it is taken to have been the same in all.
 * Score  this study's metric where its trials have it, else their own with its own direction: only the order
 *     within the study counts.
 *
 * Memory  the arena. Errors  ERR_CONFIG at its place, ERR_DATA or ERR_INVALID for a study that cannot be read.
 */
#ifndef CONSORT_JOB_TRANSFER_H
#define CONSORT_JOB_TRANSFER_H
#include "job/config.h"
#include "job/place.h"

enum { TRANSFER_TRIALS = 100 };

/* Freezes what is named: as the study at `place` has it, or, where there is none yet, as it is now. */
bool transfer_settle(Config *config, const Place *place, Arena *arena, Error *err);
/* Another process has begun the study meanwhile: what it has frozen from the same studies. */
bool transfer_adopt(Config *config, const Place *place, Arena *arena, bool *changed, Error *err);
/* The same as text, from and to another process. */
bool transfer_print(const Config *config, Text *out);
bool transfer_take(Config *config, const char *yaml, Arena *arena, Error *err);
/* What was taken, in words; `*line` is NULL where nothing was. */
bool transfer_told(const Config *config, Arena *arena, const char **line, Error *err);
#endif
