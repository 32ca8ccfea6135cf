/* Writing YAML. Reading (conf.c) is libyaml's; writing needs no library, because what is safe to
 * write plainly is decided narrowly and everything else is a double-quoted string. */
#include <stdio.h>
#include <string.h>

#include "base/conf.h"

static void pad(Text *out, int indent)
{
    for (int i = 0; i < indent; i++) text_add_n(out, " ", 1);
}

/* Would `text`, written without quotes, be read as this text by every reader? */
static bool is_plain(const char *text)
{
    static const char *const words[] = {"null", "true", "false", "yes", "no", "on", "off"};
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
    static const char rest[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789./+- ";
    size_t n = strlen(text);
    if (n == 0 || n > 200 || !strchr(letters, text[0])) return false;
    if (strspn(text, rest) < n || strstr(text, "  ") || text[n - 1] == ' ') return false;
    for (size_t w = 0; w < sizeof words / sizeof *words; w++) {
        size_t i = 0;
        while (i < n && (text[i] | 0x20) == words[w][i]) i++;
        if (i == n && !words[w][i]) return false;
    }
    return true;
}

/* A JSON string, which YAML reads as well, but for the characters that YAML calls line breaks or
 * not printable: C1 controls, U+2028, U+2029, the byte order mark, U+FFFE and U+FFFF. */
static void print_quoted(Text *out, const char *text)
{
    const char *end = text + strlen(text);
    text_add_n(out, "\"", 1);
    while (text < end) {
        char piece[8];
        size_t n = text_json_step(&text, (size_t)(end - text), piece);
        const unsigned char *b = (const unsigned char *)piece;
        unsigned code = n == 2 && b[0] >= 0xC2 ? (b[0] & 0x1Fu) << 6 | (b[1] & 0x3Fu)
                        : n == 3 ? (b[0] & 0x0Fu) << 12 | (b[1] & 0x3Fu) << 6 | (b[2] & 0x3Fu)
                                 : 0;
        bool special = (code >= 0x80 && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
                       code == 0xFEFF || code == 0xFFFE || code == 0xFFFF;
        if (special) text_print(out, "\\u%04x", code);
        else text_add_n(out, piece, n);
    }
    text_add_n(out, "\"", 1);
}

static void print_text(Text *out, const char *text)
{
    if (is_plain(text)) text_add(out, text);
    else print_quoted(out, text);
}

void conf_print_scalar(Text *out, const Value *value)
{
    char number[32];
    switch (value->kind) {
    case VALUE_TEXT: print_text(out, value->text); break;
    case VALUE_LIST: text_add(out, value->text); break;
    default: value_json(value, number, sizeof number), text_add(out, number);
    }
}

static void print_node_scalar(Text *out, const ConfNode *node)
{
    char number[32];
    switch (node->kind) {
    case CONF_NULL: text_add(out, "null"); break;
    case CONF_BOOL: text_add(out, node->number != 0 ? "true" : "false"); break;
    case CONF_NUMBER: text_add(out, node->text ? node->text : text_number(node->number, number)); break;
    default: print_text(out, node->text); break;
    }
}

static bool is_flow(const ConfNode *node)
{
    if (node->kind == CONF_MAP) return node->n == 0;
    for (const ConfNode *item = node->first; item; item = item->next)
        if (item->kind == CONF_MAP || !is_flow(item)) return false;
    return true;
}

static void print_flow(Text *out, const ConfNode *node)
{
    if (node->kind == CONF_MAP) text_add(out, "{}");
    if (node->kind == CONF_MAP) return;
    if (node->kind != CONF_LIST) {
        print_node_scalar(out, node);
        return;
    }
    text_add(out, "[");
    for (const ConfNode *item = node->first; item; item = item->next) {
        if (item != node->first) text_add(out, ", ");
        print_flow(out, item);
    }
    text_add(out, "]");
}

/* The lines of a map or list that is not flow. `begun`: the first line already has its indentation
 * (and the "- " of the list that this is an item of). */
static void print_block(Text *out, const ConfNode *node, int indent, bool begun)
{
    for (const ConfNode *child = node->first; child; child = child->next) {
        if (!begun) pad(out, indent);
        begun = false;
        if (node->kind == CONF_LIST) {
            text_add(out, "- ");
            if (is_flow(child)) print_flow(out, child), text_add(out, "\n");
            else print_block(out, child, indent + 2, true);
            continue;
        }
        print_text(out, child->key);
        text_add(out, ":");
        conf_print_under(child, indent + 2, out);
    }
}

void conf_print_under(const ConfNode *node, int indent, Text *out)
{
    if (is_flow(node)) {
        text_add(out, " ");
        print_flow(out, node);
        text_add(out, "\n");
    } else {
        text_add(out, "\n");
        print_block(out, node, indent, false);
    }
}

bool conf_print(const ConfNode *node, Text *out)
{
    if (is_flow(node)) print_flow(out, node), text_add(out, "\n");
    else print_block(out, node, 0, false);
    return text_ok(out);
}
