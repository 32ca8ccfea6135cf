/* Nodes of a configuration as values: numbers with all their digits, lists and maps as canonical JSON. */
#include <math.h>
#include <string.h>

#include "base/conf.h"

/* 0xFFFFFFFFFFFFFFFF in decimal digits, as many as there are. */
static char *decimal_of(const char *hex, Arena *arena)
{
    size_t room = 2 * strlen(hex) + 2, n = 1;
    char *digits = arena_alloc(arena, room, 1); /* from the lowest */
    if (!digits) return NULL;
    digits[0] = 0;
    for (; *hex; hex++) {
        int carry = *hex <= '9' ? *hex - '0' : (*hex | 0x20) - 'a' + 10;
        for (size_t i = 0; i < n; i++) {
            carry += digits[i] * 16;
            digits[i] = (char)(carry % 10);
            carry /= 10;
        }
        for (; carry > 0; carry /= 10) digits[n++] = (char)(carry % 10);
    }
    for (size_t i = 0; i < n; i++) digits[i] = (char)(digits[i] + '0');
    for (size_t i = 0; i < n / 2; i++) {
        char last = digits[n - 1 - i];
        digits[n - 1 - i] = digits[i];
        digits[i] = last;
    }
    digits[n] = '\0';
    return digits;
}

/* A whole number beyond 2^53 keeps its digits. */
static bool number_value(const ConfNode *node, Arena *arena, Value *out, Error *err)
{
    const char *text = node->text ? node->text : "";
    bool hex = strncmp(text, "0x", 2) == 0;
    *out = node->integer ? value_int(node->number) : value_real(node->number);
    if (fabs(node->number) < 0x1p53 || !(hex ? fabs(node->number) > 0x1p53 : value_is_long(text, strlen(text))))
        return true;
    if (!hex) {
        bool negative = *text == '-';
        text += strspn(text, "+-0");
        text = arena_print(arena, "%s%s", negative ? "-" : "", text);
    }
    *out = (Value){VALUE_INT, node->number, hex ? decimal_of(text + 2, arena) : text};
    return out->text || error_memory(err);
}

static bool scalar_value(const ConfNode *node, Arena *arena, Value *out, Error *err)
{
    switch (node->kind) {
    case CONF_BOOL: *out = value_bool(node->number != 0); return true;
    case CONF_NUMBER: return number_value(node, arena, out, err);
    case CONF_TEXT: *out = value_text(node->text); return true;
    default: *out = value_none(); return true;
    }
}

static bool add_json(const ConfNode *node, Arena *arena, Text *out, Error *err)
{
    Value value;
    if (node->kind != CONF_LIST && node->kind != CONF_MAP) {
        if (!scalar_value(node, arena, &value, err)) return false;
        value_exact(&value, out);
        return true;
    }
    text_add(out, node->kind == CONF_MAP ? "{" : "[");
    for (const ConfNode *child = node->first; child; child = child->next) {
        if (child != node->first) text_add(out, ",");
        if (node->kind == CONF_MAP) {
            text_json(out, child->key);
            text_add(out, ":");
        }
        if (!add_json(child, arena, out, err)) return false;
    }
    text_add(out, node->kind == CONF_MAP ? "}" : "]");
    return true;
}

bool conf_value(const ConfNode *node, Arena *arena, Value *out, Error *err)
{
    if (node->kind == CONF_BOOL || node->kind == CONF_NUMBER || node->kind == CONF_TEXT)
        return scalar_value(node, arena, out, err);
    Text json = {0};
    const char *copy = NULL;
    bool ok = add_json(node, arena, &json, err);
    if (ok && text_ok(&json)) copy = arena_copy_n(arena, json.bytes, json.n);
    text_free(&json);
    if (!ok) return false;
    if (!copy) return error_memory(err);
    *out = value_list(copy);
    return true;
}
