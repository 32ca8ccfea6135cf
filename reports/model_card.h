/* reports/model_card.h - a model card (job/model_card.h) as Markdown.
 *
 * Errors  ERR_MEMORY.
 */
#ifndef CONSORT_REPORTS_MODEL_CARD_H
#define CONSORT_REPORTS_MODEL_CARD_H
#include "base/doc.h"
#include "base/arena.h"

bool model_card_markdown(const Doc *card, Arena *arena, Text *out, Error *err);
#endif
