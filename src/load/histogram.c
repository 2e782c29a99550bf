/* SPDX-License-Identifier: Apache-2.0 */
#include "load/histogram.h"

enum { STEP_BITS = 5, STEPS = 1 << STEP_BITS };

/* Below STEPS a cell is a value; from there on a cell is a 32nd of a power of two. */
static unsigned cell_of(uint64_t value) {
    if (value < STEPS)
        return (unsigned)value;
    unsigned shift = 63 - STEP_BITS - (unsigned)__builtin_clzll(value);
    return (shift + 1) * STEPS + (unsigned)(value >> shift) - STEPS;
}

static int64_t upper_end(unsigned cell) {
    if (cell < STEPS)
        return cell;
    unsigned shift = cell / STEPS - 1;
    return (int64_t)(((uint64_t)(cell % STEPS + STEPS + 1) << shift) - 1);
}

void cv_histogram_add(struct cv_histogram *histogram, int64_t value) {
    histogram->total++;
    histogram->cells[cell_of(value > 0 ? (uint64_t)value : 0)]++;
}

int64_t cv_histogram_quantile(const struct cv_histogram *histogram, unsigned permille) {
    uint64_t wanted = (histogram->total * permille + 999) / 1000, seen = 0;
    for (unsigned cell = 0; cell < CV_HISTOGRAM_CELLS && wanted > 0; cell++) {
        seen += histogram->cells[cell];
        if (seen >= wanted)
            return upper_end(cell);
    }
    return 0;
}
