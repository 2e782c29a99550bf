/* SPDX-License-Identifier: Apache-2.0 */
/* X-Forwarded-For, upgrades, and choosing a coding: header values as a stranger may write them. */
#include "io/forwarded.h"
#include "io/http_private.h"
#include "io/negotiate.h"
#include "io/websocket.h"
#include "io/websocket_handshake.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct cv_http_head_limits limits = {.header_bytes = 65536, .header_count = 100};
    static const char *const names[] = {
        "connection",
        "x-forwarded-for",
        "x-forwarded-proto",
        "accept-encoding",
        "if-none-match",
        "upgrade",
        "sec-websocket-protocol",
        "sec-websocket-key",
        "sec-websocket-version",
    };
    struct cv_http_request request = {.version = CV_HTTP_1_1};
    struct cv_cidr trusted;
    cv_cidr_parse(cv_slice_str("10.0.0.0/8"), &trusted);
    cv_http_request_set_target(&request, cv_slice_str("/"));
    /* A line each: the first byte chooses the name. */
    while (size > 0) {
        const uint8_t *end = memchr(data, '\n', size);
        size_t line = end ? (size_t)(end - data) : size;
        if (line > 0)
            cv_http_request_add_field(
                &request, &limits, cv_slice_str(names[data[0] % (sizeof names / sizeof names[0])]),
                cv_http_trim(cv_slice_of(data + 1, line - 1)));
        data += line + (end != NULL);
        size -= line + (end != NULL);
    }
    cv_http_request_finish_head(&request);
    cv_forwarded_read(&request, &trusted, 1);
    cv_negotiate_coding(&request, 7);
    cv_negotiate_is_known(&request, "\"a\"");
    cv_websocket_check_request(&request);
    cv_websocket_offers(&request, "conclave.v1");
    cv_http_request_release(&request);
    return 0;
}
