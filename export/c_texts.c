/* export/c_texts.c - prep/texts.c once more, as a template: both must compute the same. */
#include "export/c_texts.h"

static const char text_code[] =
    "\n"
    "/* ---- text ---- */\n"
    "\n"
    "/* The small letter of a character of two bytes, or the character. */\n"
    "static unsigned @_small(unsigned c)\n"
    "{\n"
    "    if (c >= 0xC0 && c <= 0xDE) return c + 0x20;\n"
    "    if (c == 0x178) return 0xFF;\n"
    "    if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17E)) return c % 2 ? c + 1 : c;\n"
    "    if (c >= 0x100 && c <= 0x177 && c != 0x130 && c != 0x131 && c != 0x138 && c != 0x149) return c | 1;\n"
    "    if (c == 0x386) return 0x3AC;\n"
    "    if (c >= 0x388 && c <= 0x38A) return c + 37;\n"
    "    if (c == 0x38C) return 0x3CC;\n"
    "    if (c == 0x38E || c == 0x38F) return c + 63;\n"
    "    if (c >= 0x391 && c <= 0x3AB && c != 0x3A2) return c + 0x20;\n"
    "    if (c >= 0x400 && c <= 0x40F) return c + 0x50;\n"
    "    return c >= 0x410 && c <= 0x42F ? c + 0x20 : c;\n"
    "}\n"
    "\n"
    "/* The next character: how many bytes it takes, in small letters in `out`. Its bytes there, 0 if it"
        " parts words. */\n"
    "static int @_character(const char *text, int *used, unsigned char *out)\n"
    "{\n"
    "    const unsigned char *in = (const unsigned char *)text;\n"
    "    const unsigned char a = in[0];\n"
    "    int n = a >= 0xF0 ? 4 : a >= 0xE0 ? 3 : a >= 0xC2 ? 2 : 1, i;\n"
    "    *used = 1;\n"
    "    out[0] = a;\n"
    "    if (a < 0x80) {\n"
    "        if (a >= 'A' && a <= 'Z') out[0] = (unsigned char)(a + 32);\n"
    "        return (a >= '0' && a <= '9') || (out[0] >= 'a' && out[0] <= 'z');\n"
    "    }\n"
    "    for (i = 1; i < n; i++) {\n"
    "        if ((in[i] & 0xC0) != 0x80) return 1;\n"
    "        out[i] = in[i];\n"
    "    }\n"
    "    *used = n;\n"
    "    if (n == 2) {\n"
    "        const unsigned c = @_small((unsigned)((a & 0x1F) << 6 | (in[1] & 0x3F)));\n"
    "        out[0] = (unsigned char)(0xC0 | c >> 6);\n"
    "        out[1] = (unsigned char)(0x80 | (c & 0x3F));\n"
    "        return c < 0xC0 || c == 0xD7 || c == 0xF7 ? 0 : 2;\n"
    "    }\n"
    "    return (a == 0xE2 && (in[1] & 0xFE) == 0x80) || (a == 0xE3 && in[1] == 0x80) ? 0 : n;\n"
    "}\n"
    "\n"
    "static uint32_t @_hash(uint32_t hash, const unsigned char *bytes, int n)\n"
    "{\n"
    "    int i;\n"
    "    for (i = 0; i < n; i++) hash = (hash ^ bytes[i]) * 16777619u;\n"
    "    return hash;\n"
    "}\n"
    "\n"
    "/* The last characters of a word, and where its n-grams are counted. */\n"
    "typedef struct {\n"
    "    unsigned char letter[5][4];\n"
    "    int size[5], n;\n"
    "    const @_column *c;\n"
    "    float *to;\n"
    "} @_window;\n"
    "\n"
    "/* Counts an n-gram whose bucket is a feature. */\n"
    "static void @_gram(const @_window *w, uint32_t hash)\n"
    "{\n"
    "    int low = 0, high = w->c->n_text - 1, bucket;\n"
    "    hash = (hash ^ hash >> 16) * 0x85EBCA6Bu;\n"
    "    hash = (hash ^ hash >> 13) * 0xC2B2AE35u;\n"
    "    hash ^= hash >> 16;\n"
    "    bucket = (int)(hash % (uint32_t)w->c->n_buckets);\n"
    "    while (low < high) {\n"
    "        const int middle = low + (high - low) / 2;\n"
    "        if (w->c->bucket[middle] < bucket) low = middle + 1;\n"
    "        else high = middle;\n"
    "    }\n"
    "    if (low == high && w->c->bucket[low] == bucket) w->to[low] += hash >> 31 ? -1.0f : 1.0f;\n"
    "}\n"
    "\n"
    "static void @_push(@_window *w, const unsigned char *letter, int size)\n"
    "{\n"
    "    static const unsigned char kind = 'c';\n"
    "    int i, n;\n"
    "    for (i = 0; i < 4; i++) {\n"
    "        memcpy(w->letter[i], w->letter[i + 1], 4);\n"
    "        w->size[i] = w->size[i + 1];\n"
    "    }\n"
    "    memcpy(w->letter[4], letter, (size_t)size);\n"
    "    w->size[4] = size;\n"
    "    w->n++;\n"
    "    for (n = 3; n <= 5 && n <= w->n; n++) {\n"
    "        uint32_t hash = @_hash(2166136261u, &kind, 1);\n"
    "        for (i = 5 - n; i < 5; i++) hash = @_hash(hash, w->letter[i], w->size[i]);\n"
    "        @_gram(w, hash);\n"
    "    }\n"
    "}\n"
    "\n"
    "static double @_weight(const @_column *c, double count, int k)\n"
    "{\n"
    "    double v = count;\n"
    "    if (c->weight == 1) v = count > 0 ? 1 : count < 0 ? -1 : 0;\n"
    "    if (c->weight == 3) v = count > 0 ? log(1 + count) : -log(1 - count);\n"
    "    return c->idf ? v * c->idf[k] : v;\n"
    "}\n"
    "\n"
    "/* The n-grams of a text as features; 0 is a text that is missing. */\n"
    "static int @_text(const @_column *c, const char *text, float *to)\n"
    "{\n"
    "    static const unsigned char kind = 'w', blank = ' ';\n"
    "    const uint32_t start = @_hash(2166136261u, &kind, 1);\n"
    "    uint32_t word = 0, pair = 0;\n"
    "    int inside = 0, before = 0, end, used, size, k;\n"
    "    unsigned char letter[4];\n"
    "    double square = 0, length;\n"
    "    @_window w;\n"
    "    memset(&w, 0, sizeof w);\n"
    "    w.c = c;\n"
    "    w.to = to;\n"
    "    for (k = 0; k < c->n_text || k < 1; k++) to[k] = 0;\n"
    "    for (end = !text; !end; text += used) {\n"
    "        used = size = 0;\n"
    "        end = !*text;\n"
    "        if (!end) size = @_character(text, &used, letter);\n"
    "        if (size > 0 && !inside) {\n"
    "            pair = @_hash(word, &blank, 1);\n"
    "            word = start;\n"
    "            w.n = 0;\n"
    "            if (c->ngrams != 0) @_push(&w, &blank, 1);\n"
    "        }\n"
    "        if (size > 0) {\n"
    "            word = @_hash(word, letter, size);\n"
    "            pair = @_hash(pair, letter, size);\n"
    "            if (c->ngrams != 0) @_push(&w, letter, size);\n"
    "        } else if (inside) {\n"
    "            if (c->ngrams != 1) @_gram(&w, word);\n"
    "            if (c->ngrams != 1 && before) @_gram(&w, pair);\n"
    "            if (c->ngrams != 0) @_push(&w, &blank, 1);\n"
    "            before = 1;\n"
    "        }\n"
    "        inside = size > 0;\n"
    "    }\n"
    "    for (k = 0; k < c->n_text; k++) {\n"
    "        const double v = @_weight(c, to[k], k);\n"
    "        square += v * v;\n"
    "    }\n"
    "    length = sqrt(square);\n"
    "    for (k = 0; k < c->n_text && length > 0; k++) to[k] = (float)(@_weight(c, to[k], k) / length);\n"
    "    return c->n_text > 0 ? c->n_text : 1;\n"
    "}\n";

void c_texts_columns(CExport *e)
{
    const Schema *schema = &e->model->schema;
    c_emit(e, "\n/* Which columns hold text. */\nstatic const unsigned char @_is_text[$_N_INPUTS] = {");
    for (int i = 0; i < schema->n_columns; i++) {
        c_break(e->out, (size_t)i, 16);
        text_print(e->out, "%d", schema->columns[i].kind == COLUMN_FREE_TEXT);
    }
    text_add(e->out, "};\n");
}

void c_texts_row(CExport *e)
{
    c_emit(e, "        x[i].text = 0;\n"
              "        if (@_is_text[i]) {\n"
              "            size_t length = text ? @_trim(&text) : 0;\n"
              "            x[i].number = NAN;\n"
              "            if (text && !@_is_missing(text, length)) x[i].text = text;\n"
              "            continue;\n"
              "        }\n");
}

void c_texts_buckets(CExport *e, int p, int j)
{
    const TextPrep *text = &e->model->preps[p]->columns[j].text;
    if (text->n == 0) return;
    text_print(e->out, "static const int %s_bucket%d_%d[] = {", e->name, p, j);
    for (int k = 0; k < text->n; k++) {
        c_break(e->out, (size_t)k, 12);
        text_print(e->out, "%d", text->bucket[k]);
    }
    text_add(e->out, "};\n");
    if (text->weight != TEXT_TFIDF) return;
    text_print(e->out, "static const double %s_idf%d_%d[] = {", e->name, p, j);
    for (int k = 0; k < text->n; k++) {
        c_break(e->out, (size_t)k, 4);
        c_double(e->out, text->idf[k]);
    }
    text_add(e->out, "};\n");
}

void c_texts_fields(CExport *e)
{
    c_emit(e, "    int n_buckets, n_text;    /* text: n-grams are hashed into so many, 0: it is none;"
           " features */\n"
              "    int ngrams, weight;       /* words, characters, both; count, binary, tfidf, log */\n"
              "    const int *bucket;        /* of each feature, increasing */\n"
              "    const double *idf;        /* or 0 */\n");
}

void c_texts_entry(CExport *e, int p, int j)
{
    const PrepColumn *column = &e->model->preps[p]->columns[j];
    const TextPrep *text = &column->text;
    bool is_text = column->kind == COLUMN_FREE_TEXT;
    text_print(e->out, "%d, %d, %d, %d, ", is_text ? text->n_buckets : 0, text->n, (int)text->ngrams,
               (int)text->weight);
    if (text->n) text_print(e->out, "%s_bucket%d_%d, ", e->name, p, j);
    else text_add(e->out, "0, ");
    if (text->n && text->weight == TEXT_TFIDF) text_print(e->out, "%s_idf%d_%d, ", e->name, p, j);
    else text_add(e->out, "0, ");
}

void c_texts_code(CExport *e)
{
    c_emit(e, text_code);
}

void c_texts_encode(CExport *e)
{
    c_emit(e, "        if (c->n_buckets > 0) {\n"
              "            to += @_text(c, x[i].text, to);\n"
              "            continue;\n"
              "        }\n");
}
