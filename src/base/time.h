/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One time type: int64_t microseconds. Wall-clock times (suffix _us on stored and wire-facing
 * values, named *_at_us) count from the Unix epoch in UTC; deadlines inside a process count from
 * an arbitrary monotonic start. Which of the two a parameter takes is said where it is declared.
 */
#ifndef CV_BASE_TIME_H
#define CV_BASE_TIME_H

#include "base/bytes.h"

#include <stdint.h>

#define CV_US_PER_MS INT64_C(1000)
#define CV_US_PER_S INT64_C(1000000)
#define CV_US_PER_MIN (60 * CV_US_PER_S)
#define CV_US_PER_HOUR (60 * CV_US_PER_MIN)
#define CV_US_PER_DAY (24 * CV_US_PER_HOUR)
#define CV_TIME_NEVER INT64_MAX

enum { CV_TIME_TEXT_BYTES = 32 };

/* RFC 3339 in UTC with milliseconds, "2026-02-03T04:05:06.789Z". `text` is NUL-terminated. */
void cv_time_format(int64_t at_us, char text[static CV_TIME_TEXT_BYTES]);

/* RFC 3339 section 5.6 date-time with any offset, years 1970 to 9999. CV_ERR_SYNTAX otherwise. */
enum cv_err cv_time_parse(struct cv_slice text, int64_t *ret_at_us);

#endif
