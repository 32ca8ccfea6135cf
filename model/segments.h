/* model/segments.h - scores by the levels of a column: is the model as good for some as for others?
 *
 * A column need not be one the model knows. Each level is evaluated by itself, with intervals of its own;
 * one of fewer than SEGMENT_SMALL rows, or without rows of some class, is marked as small: its scores say
 * little, and many levels make one of them look bad by chance.
 */
#ifndef CONSORT_MODEL_SEGMENTS_H
#define CONSORT_MODEL_SEGMENTS_H
#include "base/arena.h"
#include "base/doc.h"
#include "base/error.h"
#include "model/judged.h"

enum { SEGMENT_SMALL = 30 };

/* Sets "segments" [{column, levels [{level, n, small, metrics {name: {value, low95, high95}}}]}], where the
 * predictions are judged by columns. Levels without a row of known class are left out. */
bool write_segments(const Judged *judged, Arena *arena, Doc *out, Error *err);
#endif
