/* How the verdict says numbers, and where its sentences go. */
#include <ctype.h>
#include <math.h>
#include <string.h>

#include "reports/sheet.h"
#include "reports/verdict_parts.h"

Estimate verdict_estimate(const Doc *evaluation, const char *metric)
{
    const Doc *entry = doc_get(doc_get(evaluation, "metrics"), metric);
    if (doc_kind(entry) == DOC_NUMBER) return (Estimate){doc_to_number(entry, NAN), NAN, NAN};
    return (Estimate){doc_to_number(doc_get(entry, "value"), NAN),
                      doc_to_number(doc_get(entry, "low95"), NAN),
                      doc_to_number(doc_get(entry, "high95"), NAN)};
}

void verdict_put(Doc *parent, const char *key, Estimate estimate)
{
    Doc *out = doc_set(parent, key, doc_object());
    doc_set_number(out, "value", estimate.value);
    doc_set_number(out, "low95", estimate.low);
    doc_set_number(out, "high95", estimate.high);
}

void verdict_say(Verdict *v, const char *text)
{
    doc_add(v->sentences, doc_text(facts_text(v->facts, text)));
}

void verdict_warn(Verdict *v, const char *text)
{
    doc_add(v->caveats, doc_text(facts_text(v->facts, text)));
}

const char *verdict_score(Verdict *v, double value)
{
    const char *text = sheet_score(v->facts->arena, value);
    bool lost = isfinite(value) && strcmp(text, SHEET_DASH) == 0;
    return facts_text(v->facts, lost ? NULL : text);
}

const char *verdict_article(const char *noun)
{
    bool spelled = isupper((unsigned char)noun[0]) && isupper((unsigned char)noun[1]);
    return *noun && strchr(spelled ? "AEFHILMNORSX" : "aeioAEIO", *noun) ? "an" : "a";
}
