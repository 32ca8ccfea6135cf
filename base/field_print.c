/* Options by their tables: as YAML, whole or what differs from the defaults. */
#include <math.h>
#include <string.h>

#include "base/field.h"

static void pad(Text *out, int n)
{
    for (int i = 0; i < n; i++) text_add_n(out, " ", 1);
}

/* In the largest unit that divides it, so that it reads back the same. */
static void print_units(Text *out, double number, const char *const *units, const double *sizes)
{
    char text[32];
    for (; *units; units++, sizes++)
        if (number >= *sizes && fmod(number, *sizes) == 0 && number / *sizes < 1e15) {
            text_print(out, "%s%s", text_number(number / *sizes, text), *units);
            return;
        }
    text_add(out, text_number(number, text)); /* plain seconds or bytes */
}

static void print_scalar_text(Text *out, const char *text)
{
    Value value = text ? value_text(text) : value_none();
    conf_print_scalar(out, &value);
}

/* true and false as what they mean, not as words. */
static void print_choice(Text *out, const char *word)
{
    if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0) text_add(out, word);
    else print_scalar_text(out, word);
}

static void print_slot(Text *out, const Field *field, const FieldSlot *slot)
{
    static const char *const durations[] = {"h", "m", "s", NULL};
    static const double seconds[] = {3600, 60, 1};
    static const char *const sizes[] = {"TiB", "GiB", "MiB", "KiB", NULL};
    static const double bytes[] = {0x1p40, 0x1p30, 0x1p20, 0x1p10};
    char number[32];
    bool numeric = field->kind == FIELD_INT ? slot->i == 0
                   : field->kind == FIELD_REAL || field->kind == FIELD_DURATION || field->kind == FIELD_BYTES
                       ? slot->real == 0
                       : false;
    if (numeric && field->zero_word) {
        text_add(out, field->zero_word);
        return;
    }
    if (field->other_word && slot->i == -1) {
        text_add(out, field->other_word);
        return;
    }
    switch (field->kind) {
    case FIELD_BOOL: text_add(out, slot->b ? "true" : "false"); break;
    case FIELD_INT: text_print(out, "%d", slot->i); break;
    case FIELD_REAL: text_add(out, text_number(slot->real, number)); break;
    case FIELD_DURATION: print_units(out, slot->real, durations, seconds); break;
    case FIELD_BYTES: print_units(out, slot->real, sizes, bytes); break;
    case FIELD_TEXT: print_scalar_text(out, slot->text); break;
    case FIELD_CHOICE: print_choice(out, field->choices[slot->i]); break;
    case FIELD_INT_LIST:
        text_add(out, "[");
        for (int i = 0; i < slot->ints.n; i++) text_print(out, "%s%d", i ? ", " : "", slot->ints.items[i]);
        text_add(out, "]");
        break;
    case FIELD_TEXT_LIST:
        if (field->usually_one && slot->texts.n < 2) {
            print_scalar_text(out, slot->texts.n ? slot->texts.items[0] : NULL);
            break;
        }
        text_add(out, "[");
        for (int i = 0; i < slot->texts.n; i++) {
            text_add(out, i ? ", " : "");
            print_scalar_text(out, slot->texts.items[i]);
        }
        text_add(out, "]");
        break;
    case FIELD_SECTION:
    case FIELD_NODE: break;
    }
}

/* Does a field hold what it holds in `defaults`? By its text: there are lists among them. */
static bool is_default(const Field *field, const FieldSlot *slot, const unsigned char *defaults)
{
    FieldSlot other = {0};
    Text a = {0}, b = {0};
    memcpy(&other, defaults + field->offset, field_slot_size(field->kind));
    print_slot(&a, field, slot);
    print_slot(&b, field, &other);
    bool same = text_ok(&a) && text_ok(&b) && a.n == b.n && (a.n == 0 || memcmp(a.bytes, b.bytes, a.n) == 0);
    text_free(&a);
    text_free(&b);
    return same;
}

/* `defaults` NULL: everything. */
static void print_record(const FieldTable *table, const unsigned char *record, const unsigned char *defaults,
                         int indent, Text *out)
{
    for (int i = 0; i < table->n; i++) {
        const Field *field = &table->fields[i];
        const unsigned char *at = record + field->offset;
        FieldSlot slot = {0};
        memcpy(&slot, at, field_slot_size(field->kind));
        if (field->kind == FIELD_NODE && !slot.node) continue;
        if (field->kind == FIELD_SECTION && defaults) {
            Text inside = {0};
            print_record(field->section, at, defaults + field->offset, indent + 2, &inside);
            if (inside.broken) out->broken = true;
            else if (inside.n > 0) text_print(out, "%*s%s:\n%s", indent, "", field->name, inside.bytes);
            text_free(&inside);
            continue;
        }
        if (defaults && field->kind != FIELD_NODE && is_default(field, &slot, defaults)) continue;
        pad(out, indent);
        text_print(out, "%s:", field->name);
        if (field->kind == FIELD_SECTION) {
            text_add(out, "\n");
            print_record(field->section, at, NULL, indent + 2, out);
        } else if (field->kind == FIELD_NODE) {
            conf_print_under(slot.node, indent + 2, out);
        } else {
            text_add(out, " ");
            print_slot(out, field, &slot);
            text_add(out, "\n");
        }
    }
}

void field_print_yaml(const FieldTable *table, const void *record, int indent, Text *out)
{
    print_record(table, record, NULL, indent, out);
}

void field_print_changed(const FieldTable *table, const void *record, const void *defaults, int indent,
                         Text *out)
{
    print_record(table, record, defaults, indent, out);
}
