/* SPDX-License-Identifier: Apache-2.0 */
/* Things as JSON, as api/openapi.yaml has them. NULL without memory. */
#ifndef CV_API_JSON_H
#define CV_API_JSON_H

#include "port/store.h"

#include <jansson.h>

struct cv_api;

json_t *cv_api_json_time(int64_t at_us);
json_t *cv_api_json_text(struct cv_slice text);
json_t *cv_api_json_user(const struct cv_store_user *user);
/* With what the meeting is now, as `api` knows from those that go on. */
json_t *cv_api_json_meeting(const struct cv_api *api, const struct cv_store_meeting *meeting,
                            int64_t now_us);
json_t *cv_api_json_link(const struct cv_store_link *link);
/* `keep_us`: for how long records are kept after their end. */
json_t *cv_api_json_record(const struct cv_store_record *record, int64_t keep_us);

#endif
