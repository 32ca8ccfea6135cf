/* base/conf_doc.h - a tree of YAML as a JSON document. */
#ifndef CONSORT_BASE_CONF_DOC_H
#define CONSORT_BASE_CONF_DOC_H
#include "base/conf.h"
#include "base/doc.h"

/* To be freed. Infinities and NaN, which JSON does not have, become the text that YAML has. */
Doc *conf_doc(const ConfNode *node);
#endif
