/* engine/denormals.h - numbers too small to be normal become 0 while a thread crunches numbers.
 *
 * A weight that no longer gets a gradient has moments that shrink for ever, and arithmetic on denormal
 * numbers can cost a hundred cycles. The modes are the calling thread's own; results depend on them, so
 * training and prediction both run with them.
 */
#ifndef CONSORT_ENGINE_DENORMALS_H
#define CONSORT_ENGINE_DENORMALS_H

/* Returns the state to give back to denormals_restore. */
unsigned long denormals_off(void);
void denormals_restore(unsigned long state);
#endif
