/* data/augment.h - small random changes to a row that do not change its class.
 *
 * Images: one combined affine warp, bilinear, drawn afresh for each picture and epoch:
 *     rotation U(+-rotate_deg), scale U(1 - scale, 1 + scale) an axis, shear U(+-shear),
 *     shift U(+-shift_px) an axis, then crop (a random part `crop` of the side is cut away and the
 *     rest enlarged), then Gaussian noise N(0, noise) on the unit grey scale, clipped to [0, 1].
 * Tables: Gaussian noise N(0, noise) on the encoded features.
 *
 * All strengths 0: off, and nothing is computed.
 */
#ifndef CONSORT_DATA_AUGMENT_H
#define CONSORT_DATA_AUGMENT_H
#include <stdbool.h>

#include "base/field.h"
#include "base/rng.h"

typedef struct {
    double rotate_deg, shift_px, scale, shear, crop, noise;
} Augment;
extern const FieldTable augment_fields; /* the `augment` section of train; `augment.rotate_deg` */

bool augment_is_on(const Augment *augment);
int augment_scratch_floats(int height, int width);
/* Warps one picture of bytes (height, width) into grey levels 0..255 as floats. */
void augment_image(const Augment *augment, const unsigned char *pixels, int height, int width,
                   Rng *rng, float *scratch, float *out);
#endif
