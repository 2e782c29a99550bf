/* SPDX-License-Identifier: Apache-2.0 */
/* The two clocks, read: pure code gets their values as parameters (base/time.h). */
#ifndef CV_IO_CLOCK_H
#define CV_IO_CLOCK_H

#include <stdint.h>

/* Microseconds since an arbitrary start; never goes back. For deadlines. */
int64_t cv_clock_monotonic_us(void);
/* Microseconds since the Unix epoch, UTC; may jump. For what is stored and shown. */
int64_t cv_clock_wall_us(void);

#endif
