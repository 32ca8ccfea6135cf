/* Turns a tree of YAML into a JSON document, node by node. */
#include "base/conf_doc.h"

#include <math.h>

Doc *conf_doc(const ConfNode *node)
{
    Doc *doc = NULL;
    switch (node->kind) {
    case CONF_NULL: return doc_null();
    case CONF_BOOL: return doc_bool(node->number != 0);
    case CONF_NUMBER: return isfinite(node->number) ? doc_number(node->number) : doc_text(node->text);
    case CONF_TEXT: return doc_text(node->text);
    case CONF_LIST:
        doc = doc_array();
        for (const ConfNode *child = node->first; child; child = child->next) doc_add(doc, conf_doc(child));
        return doc;
    case CONF_MAP:
        doc = doc_object();
        for (const ConfNode *child = node->first; child; child = child->next)
            doc_set(doc, child->key, conf_doc(child));
        return doc;
    }
    return doc;
}
