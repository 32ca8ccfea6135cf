/* The list of figures. */
#include "reports/figures.h"

const FigureKind figure_kinds[] = {
    {"verdict", figure_verdict},
    {"permutation", figure_permutation},
    {"history", figure_history},
    {"best-so-far", figure_best},
    {"distribution", figure_distribution},
    {"parallel", figure_parallel},
    {"slices", figure_slices},
    {"importance", figure_importance},
    {"map", figure_map},
    {"ablation", figure_ablation},
    {"stopping", figure_stopping},
    {"front", figure_front},
    {"volume", figure_volume},
    {"timeline", figure_timeline},
    {"curve-metric", figure_curves},
    {"curve-loss", figure_losses},
    {"curve-rate", figure_rate},
    {"confusion", figure_confusion},
    {"roc", figure_roc},
    {"pr", figure_pr},
    {"reliability", figure_reliability},
    {"threshold", figure_threshold},
    {"scatter", figure_scatter},
    {"residuals", figure_residuals},
    {"errors", figure_errors},
    {"sizes", figure_sizes},
    {"quantiles", figure_quantiles},
    {"coverage", figure_coverage},
    {"gain", figure_gain},
    {NULL, NULL},
};

const FigureKind compare_figure_kinds[] = {
    {"compare-trials", figure_compare_trials},
    {"compare-cpu", figure_compare_cpu},
    {NULL, NULL},
};
