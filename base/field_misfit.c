/* A record that was built without its table, held to the table's limits. */
#include "base/field.h"

static bool fits(const Field *field, const void *member)
{
    const bool zero_too = field->zero_word || !field->fallback;
    const IntList *list = member;
    int choice;
    double number;
    switch (field->kind) {
    case FIELD_INT:
        number = *(const int *)member;
        return field_within(field, number) || (zero_too && number == 0) || (field->other_word && number == -1);
    case FIELD_REAL:
    case FIELD_DURATION:
    case FIELD_BYTES:
        number = *(const double *)member;
        return field_within(field, number) || (zero_too && number == 0);
    case FIELD_CHOICE:
        choice = *(const int *)member;
        for (int i = 0; i <= choice; i++)
            if (!field->choices[i]) return false;
        return choice >= 0;
    case FIELD_INT_LIST:
        if (list->n < 0 || list->n > FIELD_LIST_MAX) return false;
        for (int i = 0; i < list->n; i++)
            if (!field_within(field, list->items[i])) return false;
        return true;
    default: return true;
    }
}

const char *field_misfit(const FieldTable *table, const void *record)
{
    for (int i = 0; i < table->n; i++) {
        const Field *field = &table->fields[i];
        const void *member = (const char *)record + field->offset;
        if (field->kind == FIELD_SECTION) {
            const char *inside = field_misfit(field->section, member);
            if (inside) return inside;
        } else if (!fits(field, member)) {
            return field->name;
        }
    }
    return NULL;
}
