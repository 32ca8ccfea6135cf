/* Writing YAML. Reading (conf.c) is libyaml's; writing needs no library, because what is safe to
 * write plainly is decided narrowly and everything else is a double-quoted string. */
#include <math.h>
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
static void print_letters(Text *out, const char *text, const char *end, bool escaped)
{
    while (text < end) {
        char piece[8];
        const char *from = text;
        size_t n = text_json_step(&text, (size_t)(end - text), piece);
        if (escaped && n <= 2 && (unsigned char)*from < 0x80) n = 1, piece[0] = *from; /* JSON already */
        const unsigned char *b = (const unsigned char *)piece;
        unsigned code = n == 2 && b[0] >= 0xC2 ? (b[0] & 0x1Fu) << 6 | (b[1] & 0x3Fu)
                        : n == 3 ? (b[0] & 0x0Fu) << 12 | (b[1] & 0x3Fu) << 6 | (b[2] & 0x3Fu)
                                 : 0;
        bool special = (code >= 0x80 && code < 0xA0) || code == 0x2028 || code == 0x2029 ||
                       code == 0xFEFF || code == 0xFFFE || code == 0xFFFF;
        if (special) text_print(out, "\\u%04x", code);
        else text_add_n(out, piece, n);
    }
}

static void print_quoted(Text *out, const char *text)
{
    text_add_n(out, "\"", 1);
    print_letters(out, text, text + strlen(text), false);
    text_add_n(out, "\"", 1);
}

static void print_text(Text *out, const char *text)
{
    if (is_plain(text)) text_add(out, text);
    else print_quoted(out, text);
}

/* YAML 1.1 wants a point in a float and a sign in its exponent: 2e-5 -> 2.0e-5, 1.5e10 -> 1.5e+10. */
static void print_number(Text *out, const char *number, size_t n)
{
    const char *e = memchr(number, 'e', n), *capital = memchr(number, 'E', n);
    if (!e) e = capital;
    size_t head = e ? (size_t)(e - number) : n;
    text_add_n(out, number, head);
    if (!e) return;
    if (!memchr(number, '.', head)) text_add(out, ".0");
    text_add(out, "e");
    if (e[1] != '-' && e[1] != '+') text_add(out, "+");
    text_add_n(out, e + 1, n - head - 1);
}

void conf_print_json(Text *out, const char *json)
{
    size_t n;
    for (PieceKind kind; (kind = value_piece(json, &n)) != PIECE_END; json += n) {
        if (kind == PIECE_NUMBER) print_number(out, json, n);
        else if (kind == PIECE_TEXT) print_letters(out, json, json + n, true);
        else if (kind == PIECE_WORD && *json == 'N') text_add(out, ".nan");
        else if (kind == PIECE_WORD && memchr(json, 'I', n)) text_add(out, *json == '-' ? "-.inf" : ".inf");
        else text_add_n(out, json, n);
    }
}

void conf_print_scalar(Text *out, const Value *value)
{
    Text json = {0};
    if (value->kind == VALUE_TEXT) {
        print_text(out, value->text);
        return;
    }
    value_exact(value, &json);
    if (text_ok(&json)) conf_print_json(out, json.bytes);
    else out->broken = true;
    text_free(&json);
}

/* What readers of YAML 1.1 take for this number, too; as it was written where they do. */
static void print_portable(Text *out, const ConfNode *node)
{
    const char *text = node->text, *start = text + (text && *text == '-');
    char number[32];
    bool hex = text && strncmp(text, "0x", 2) == 0;
    bool zero = text && start[0] == '0' && start[1] && start[1] != '.'; /* 017 is octal to them */
    if (!text || hex || (*start && strspn(start, "0123456789") == strlen(start) && !zero))
        text_add(out, text ? text : text_number(node->number, number));
    else if (!isfinite(node->number))
        text_add(out, isnan(node->number) ? ".nan" : node->number > 0 ? ".inf" : "-.inf");
    else if (zero || *start == '+' || node->integer || (*start == '.' && start > text))
        print_number(out, number, strlen(text_number(node->number, number)));
    else
        print_number(out, text, strlen(text));
}

static void print_node_scalar(Text *out, const ConfNode *node, bool portable)
{
    char number[32];
    switch (node->kind) {
    case CONF_NULL: text_add(out, "null"); break;
    case CONF_BOOL: text_add(out, node->number != 0 ? "true" : "false"); break;
    case CONF_NUMBER:
        if (portable) print_portable(out, node);
        else text_add(out, node->text ? node->text : text_number(node->number, number));
        break;
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

static void print_flow(Text *out, const ConfNode *node, bool portable)
{
    bool map = node->kind == CONF_MAP;
    if (!map && node->kind != CONF_LIST) {
        print_node_scalar(out, node, portable);
        return;
    }
    text_add(out, map ? "{" : "[");
    for (const ConfNode *item = node->first; item; item = item->next) {
        if (item != node->first) text_add(out, ", ");
        if (map) print_text(out, item->key), text_add(out, ": ");
        print_flow(out, item, portable);
    }
    text_add(out, map ? "}" : "]");
}

/* The lines of a map or list that is not flow. `begun`: the first line already has its indentation
 * (and the "- " of the list that this is an item of). */
static void print_under(Text *out, const ConfNode *node, int indent, bool portable);

static void print_block(Text *out, const ConfNode *node, int indent, bool begun, bool portable)
{
    for (const ConfNode *child = node->first; child; child = child->next) {
        if (!begun) pad(out, indent);
        begun = false;
        if (node->kind == CONF_LIST) {
            text_add(out, "- ");
            if (is_flow(child)) print_flow(out, child, portable), text_add(out, "\n");
            else print_block(out, child, indent + 2, true, portable);
            continue;
        }
        print_text(out, child->key);
        text_add(out, ":");
        print_under(out, child, indent + 2, portable);
    }
}

static void print_under(Text *out, const ConfNode *node, int indent, bool portable)
{
    if (is_flow(node)) {
        text_add(out, " ");
        print_flow(out, node, portable);
        text_add(out, "\n");
    } else {
        text_add(out, "\n");
        print_block(out, node, indent, false, portable);
    }
}

void conf_print_under(const ConfNode *node, int indent, Text *out)
{
    print_under(out, node, indent, false);
}

void conf_print_line(const ConfNode *node, Text *out)
{
    print_flow(out, node, true);
}

static bool print_all(const ConfNode *node, Text *out, bool portable)
{
    if (is_flow(node)) print_flow(out, node, portable), text_add(out, "\n");
    else print_block(out, node, 0, false, portable);
    return text_ok(out);
}

bool conf_print(const ConfNode *node, Text *out)
{
    return print_all(node, out, false);
}

bool conf_print_portable(const ConfNode *node, Text *out)
{
    return print_all(node, out, true);
}
