/* SPDX-License-Identifier: Apache-2.0 */
/* JSON over HTTP on the loop, with libcurl: any number of requests at a time. */
#ifndef CV_LOAD_HTTP_H
#define CV_LOAD_HTTP_H

#include "io/loop.h"

#include <jansson.h>

struct cv_load_http;

/* `status` 0: no answer came. `answer` is NULL unless it is JSON; borrowed. */
typedef void cv_load_http_done(void *context, long status, const json_t *answer);

enum cv_err cv_load_http_new(struct cv_loop *loop, struct cv_load_http **ret_http);
/* Requests under way end without being told of. */
struct cv_load_http *cv_load_http_free(struct cv_load_http *http);

/* POSTs `body`, or GETs where it is NULL. CV_ERR_MEMORY. */
enum cv_err cv_load_http_send(struct cv_load_http *http, const char *url, const json_t *body,
                              cv_load_http_done *done, void *context);

#endif
