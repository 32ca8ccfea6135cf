/* engine/schedule.h - how the learning rate moves during a run, step by step.
 *
 * The rate of step s (from 0 to S - 1) is learning_rate times a factor. The first W steps
 * (warmup_epochs' worth) rise linearly: (s + 1) / W. After them, with t = (s - W) / (S - W) in
 * [0, 1), e = epochs since the warm-up (a fraction), and f = lr_final, the share of the rate a run ends at:
 *
 *     constant     1
 *     step         lr_decay ^ floor(e / lr_step_epochs)
 *     exponential  lr_decay ^ (e / lr_step_epochs)          the same, without the stairs
 *     cosine       f + (1 - f) (1 + cos(pi t)) / 2
 *     coslog4      f + (1 - f) (1 - cos(2 pi log2(1 + 15 t))) / 2   four cycles, ends at t =
 *                  1/15, 3/15, 7/15, 1 (RealMLP: Holzmuller et al. 2024)
 *     onecycle     cosine from 1/25 up to 1 in the warm-up (or 30 % of the run when warmup_epochs is
 *                  0), then cosine down to f (Smith and Topin 2018)
 */
#ifndef CONSORT_ENGINE_SCHEDULE_H
#define CONSORT_ENGINE_SCHEDULE_H
#include "engine/train_options.h"

/* The learning rate of step `step` of a run of epochs * steps_per_epoch steps. */
double schedule_rate(const TrainOptions *options, long steps_per_epoch, long step);
/* The factor on the strength of dropout or weight decay when a share t in [0, 1] of the run is
 * done: 1 for the first half, then a cosine down to 0 (RealMLP). */
double schedule_flat_cos(double t);
/* The epochs, from 1 and increasing, with which the schedule's cycles end; returns how many. Coslog4 has
 * four, at t = 1/15, 3/15, 7/15 and 1, rounded up to whole epochs; the others one, the last epoch. */
enum { SCHEDULE_MAX_CYCLES = 4 };
int schedule_cycle_ends(const TrainOptions *options, int ends[SCHEDULE_MAX_CYCLES]);
#endif
