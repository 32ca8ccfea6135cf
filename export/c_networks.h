/* export/c_networks.h - the networks of a plan in exported C: weights as tables, and a function for each.
 *
 *     static void NAME_net7(float *s)              of a board: one row; s is the scratch memory of a prediction
 *     static void NAME_net7(int rows, float *s)    of a server: rows side by side in each vector of s
 *
 * or with `float *p` behind, where a network alone writes the result. Vectors lie where the plan has put them.
 */
#ifndef CONSORT_EXPORT_C_NETWORKS_H
#define CONSORT_EXPORT_C_NETWORKS_H
#include "export/c_text.h"

void c_networks_tables(CExport *e);
void c_networks_code(CExport *e);
/* The steps of a plan from `s` on that are of one network, as one call; returns the step behind them. */
int c_networks_call(CExport *e, int s);

/* Where vector v of the plan is: "s + 784", "p"; of a server "s + rows * 784". */
const char *c_vector(const CExport *e, int v);
/* A call for each row. Behind `arguments` come the vectors: in (-1: none), out. */
void c_step(CExport *e, const char *piece, const char *arguments, int in, int out);
/* One call for all rows, of a function that takes n numbers that do not know of one another: behind n comes
 * `more`, then the vectors. */
void c_step_each(CExport *e, const char *piece, const char *more, int in, int out);
/* A table of floats; a_line at a time. */
void c_table(CExport *e, const char *name, size_t n, const float *values);
#endif
