/* SPDX-License-Identifier: Apache-2.0 */
/* The parts that several messages have. Each is a new reference; NULL without memory. */
#ifndef CV_SIGNAL_ENCODE_PRIVATE_H
#define CV_SIGNAL_ENCODE_PRIVATE_H

#include "signal/encode.h"

#include <jansson.h>

/* The object's text without its opening brace. Takes the reference; NULL comes to NULL. */
struct cv_signal_text *cv_json_text(json_t *object);
/* A string; null for CV_TIME_NEVER. */
json_t *cv_json_time(int64_t at_us);
json_t *cv_json_participant(const struct cv_participant *person);
/* `you` */
json_t *cv_json_you(const struct cv_participant *person);
/* The meeting's own facts: `meeting` events, and part of the snapshot. */
json_t *cv_json_facts(const struct cv_meeting *meeting, int64_t now_us);
/* As this person may see it. */
json_t *cv_json_snapshot(const struct cv_meeting *meeting, int64_t now_us,
                         const struct cv_participant *viewer);
/* `servers`, `policy` and `expires_at` */
json_t *cv_json_ice(const struct cv_signal_ice *ice);

#endif
