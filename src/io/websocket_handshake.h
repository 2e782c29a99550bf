/* SPDX-License-Identifier: Apache-2.0 */
/* The opening handshake of a WebSocket (RFC 6455 section 4.2), as far as it is text. Pure. */
#ifndef CV_IO_WEBSOCKET_HANDSHAKE_H
#define CV_IO_WEBSOCKET_HANDSHAKE_H

#include "io/http.h"

enum cv_websocket_check {
    CV_WEBSOCKET_NOT_ASKED,
    CV_WEBSOCKET_VALID,
    CV_WEBSOCKET_WRONG_VERSION,
    CV_WEBSOCKET_MALFORMED,
};
/* Whether an HTTP/1 request asks for a WebSocket, and rightly so. */
enum cv_websocket_check cv_websocket_check_request(const struct cv_http_request *request);

/*
 * Appends the head of the 101 answer to `out`; the request has been found valid. `protocol` may be
 * NULL. CV_ERR_MEMORY, CV_ERR_CRYPTO.
 */
enum cv_err cv_websocket_accept_head(const struct cv_http_request *request, const char *protocol,
                                     const char *date, struct cv_buf *out);

#endif
