/* reports/figures.h - the charts of a report as figures for print (reports/figure.h), drawn from its document.
 *
 * One function a figure, listed once in figures.c. Each returns false, and has appended nothing, where the
 * document has nothing for it to draw. What reads the document alike stands in figure_data.c.
 */
#ifndef CONSORT_REPORTS_FIGURES_H
#define CONSORT_REPORTS_FIGURES_H
#include "base/arena.h"
#include "base/doc.h"

typedef bool DrawFigure(const Doc *document, Arena *arena, Text *out);
typedef struct {
    const char *name; /* of the file: "history" */
    DrawFigure *draw;
} FigureKind;
extern const FigureKind figure_kinds[];         /* of a report; ends with a name of NULL */
extern const FigureKind compare_figure_kinds[]; /* of a comparison */

/* figures_search.c */
DrawFigure figure_history, figure_best, figure_slices, figure_parallel, figure_importance, figure_map,
    figure_timeline;
/* figures_rows.c */
DrawFigure figure_verdict, figure_ablation, figure_permutation, figure_stopping, figure_distribution;
/* figures_front.c */
DrawFigure figure_front, figure_volume;
/* figures_model.c */
DrawFigure figure_curves, figure_losses, figure_rate, figure_confusion, figure_roc, figure_pr,
    figure_reliability,
    figure_threshold, figure_gain;
/* figures_numbers.c */
DrawFigure figure_scatter, figure_residuals, figure_errors, figure_sizes, figure_quantiles, figure_coverage;
/* figures_compare.c */
DrawFigure figure_compare_trials, figure_compare_cpu;
#endif
