/* data/card_groups.h - columns that say whose a row is, and rows of one of theirs on both sides of a split.
 *
 * A patient with rows among those that train and among those that validate is recognized rather than
 * predicted, and the
 * score says so of nobody new. Such a column repeats its values, has many, and is called patient_id,
 * customer or
 * the like, or holds codes such as p017; its cure is data.groups, which is asked for when a tenth of the
 * validation or test
 * rows share its value with training rows.
 */
#ifndef CONSORT_DATA_CARD_GROUPS_H
#define CONSORT_DATA_CARD_GROUPS_H
#include "base/doc.h"
#include "data/split_parts.h"

/* id, ID, RespondentID, page_id, id_number, uuid, ssn: "id" as a word of its own, however words are joined. */
bool card_names_id(const char *name);
/* May it say whose a row is? */
bool card_names_group(const Column *column, int n_rows);
/* Adds to the card's warnings; `test` may be NULL. Nothing where the table has groups or an order. False: no
 * memory. */
bool card_warn_groups(const Table *train, const Table *test, const Split *split, Doc *card);
#endif
