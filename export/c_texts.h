/* export/c_texts.h - columns of text in an exported model; all of it is for models that have some. */
#ifndef CONSORT_EXPORT_C_TEXTS_H
#define CONSORT_EXPORT_C_TEXTS_H
#include "export/c_text.h"

void c_texts_columns(CExport *e);               /* which columns they are */
void c_texts_row(CExport *e);                   /* their case of a row of cells */
void c_texts_buckets(CExport *e, int p, int j); /* column j of preprocessing p: its constants, */
void c_texts_fields(CExport *e);                /* what the struct has besides, */
void c_texts_entry(CExport *e, int p, int j);   /* and the column's entry */
void c_texts_code(CExport *e);                  /* a text as features */
void c_texts_encode(CExport *e);                /* their case of a row of values */
#endif
