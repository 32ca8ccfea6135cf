/* job/figures.h - charts and tables as files for papers: FOLDER/NAME.svg, and FOLDER/TABLE.csv and .tex.
 *
 * What has nothing to show leaves no file; a file of the same name is written over, others stay.
 *
 * Memory  paths in the arena. Errors ERR_IO where the folder cannot be written.
 */
#ifndef CONSORT_JOB_FIGURES_H
#define CONSORT_JOB_FIGURES_H
#include "base/doc.h"
#include "reports/figures.h"
#include "reports/sheet_list.h"

typedef struct {
    const char **path;
    int n, room;
} FigureFiles;

/* All of a report's document; all of a comparison's. */
bool figures_of_report(const Doc *document, const char *folder, Arena *arena, FigureFiles *out, Error *err);
bool figures_of_compare(const Doc *document, const char *folder, Arena *arena, FigureFiles *out, Error *err);
#endif
