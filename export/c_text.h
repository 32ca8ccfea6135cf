/* export/c_text.h - writing C: templates, constants, and what is known of the model being written.
 *
 * c_source.c takes stock and writes the header; c_encode.c, c_networks.c and c_predict.c write the steps of the
 * plan, c_cells.c the reading of text, c_selftest.c the self-test. What is written is tables, and calls of the
 * functions of plan/runtime/, of which the file has those that are called. In the few templates @ stands for
 * the prefix ("mnist") and $ for its capitals ("MNIST"); x~ is the number of an input, x or, where inputs may
 * be texts, x.number.
 */
#ifndef CONSORT_EXPORT_C_TEXT_H
#define CONSORT_EXPORT_C_TEXT_H
#include "base/text.h"
#include "model/model.h"
#include "plan/coding.h"
#include "plan/runtime/pieces.h"

typedef struct {
    const Model *model;
    const Plan *plan;
    const Coding **coding;       /* (steps of the plan) of those that encode, once they were asked for; NULL */
    Arena *arena;
    const char *name, *capitals; /* prefixes */
    bool image;
    bool has_numbers, has_words, has_dates, has_texts; /* columns of these kinds */
    bool has_levels;             /* columns of levels in order */
    bool server;                 /* for many rows */
    int n_inputs, n_classes, n_nets;
    int n_values;                /* of a prediction */
    Text *out;
    Text pieces;                   /* of plan/runtime/, that what was written so far calls */
    bool *has_piece;               /* by their places in runtime_pieces */
} CExport;

/* Appends a template. */
void c_emit(CExport *e, const char *code);
/* A function of plan/runtime/ is called: its text, and before it that of the pieces it includes, goes into
 * e->pieces, once, with rt_ and RT_ turned into the model's prefixes. */
void c_piece(CExport *e, const char *name);
/* That, and the call as a statement: "    NAME_piece(arguments);". */
void c_call(CExport *e, const char *piece, const char *arguments, ...) __attribute__((format(printf, 3, 4)));
/* Appends text as a C string literal. */
void c_string(Text *out, const char *text);
/* Appends text within a comment: nothing that could end it, and one line. */
void c_comment(Text *out, const char *text);
/* n string literals, a line each, and the end of their list. */
void c_strings(CExport *e, int n, const char *const *texts);
/* A number as the shortest hexadecimal constant that is exactly it, or 0. */
void c_float(Text *out, float number);
void c_double(Text *out, double number);
/* "  1, 2, 3," in lines: call before each item with its number. */
void c_break(Text *out, size_t i, int a_line);
#endif
