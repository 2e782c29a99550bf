/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many values fell where, for quantiles of any number of them in fixed memory: every power of
 * two is cut into 32, so a quantile is off by at most 3 %.
 */
#ifndef CV_LOAD_HISTOGRAM_H
#define CV_LOAD_HISTOGRAM_H

#include <stdint.h>

enum { CV_HISTOGRAM_CELLS = 64 * 32 };

/* Zero-initialised is empty. */
struct cv_histogram {
    uint64_t total;
    uint64_t cells[CV_HISTOGRAM_CELLS];
};

/* Values below 0 count as 0. */
void cv_histogram_add(struct cv_histogram *histogram, int64_t value);

/* The value that `permille` of all are not above; 0 when it is empty. */
int64_t cv_histogram_quantile(const struct cv_histogram *histogram, unsigned permille);

#endif
