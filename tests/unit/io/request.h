/* SPDX-License-Identifier: Apache-2.0 */
/* Requests for unit tests, made of names and values. */
#ifndef CV_TEST_IO_REQUEST_H
#define CV_TEST_IO_REQUEST_H

#include "io/http_private.h"

/* `fields`: name, value, name, value ... NULL. To be released. */
static inline struct cv_http_request make_request(const char *target, const char *const *fields) {
    static const struct cv_http_head_limits limits = {.header_bytes = 65536, .header_count = 100};
    struct cv_http_request request = {.version = CV_HTTP_1_1};
    cv_http_request_set_target(&request, cv_slice_str(target));
    for (; *fields; fields += 2)
        cv_http_request_add_field(&request, &limits, cv_slice_str(fields[0]),
                                  cv_slice_str(fields[1]));
    cv_http_request_finish_head(&request);
    return request;
}

#define REQUEST(target, ...)                                                                       \
    make_request((target), (const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL})

#endif
