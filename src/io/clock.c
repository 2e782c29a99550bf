/* SPDX-License-Identifier: Apache-2.0 */
#include "io/clock.h"

#include "base/time.h"

#include <time.h>

static int64_t read_us(clockid_t clock) {
    struct timespec now;
    clock_gettime(clock, &now);
    return now.tv_sec * CV_US_PER_S + now.tv_nsec / 1000;
}

int64_t cv_clock_monotonic_us(void) {
    return read_us(CLOCK_MONOTONIC);
}

int64_t cv_clock_wall_us(void) {
    return read_us(CLOCK_REALTIME);
}
