/* SPDX-License-Identifier: Apache-2.0 */
/*
 * WebSockets (RFC 6455) over HTTP/1.1. A request whose `is_websocket` is set comes to the same
 * handler as any other; the handler checks Origin (cv_http_request_origin_is_own), session and
 * the like, now or later, and then either accepts or answers with an ordinary error.
 *
 * Done here: framing, masking, fragments, limits, UTF-8 of text messages, pings (and giving up a
 * peer that has gone silent), the closing handshake. No extensions: compression next to secrets
 * leaks them.
 */
#ifndef CV_IO_WEBSOCKET_H
#define CV_IO_WEBSOCKET_H

#include "io/exchange.h"

struct cv_websocket;

/* Codes of RFC 6455 section 7.4.1 and the IANA registry. 4000 to 4999 are the application's. */
enum cv_websocket_code {
    CV_WS_GOING_AWAY = 1001, /* the server is shutting down */
    CV_WS_PROTOCOL_ERROR = 1002,
    CV_WS_NO_STATUS = 1005, /* only to on_close: the peer closed without a code */
    CV_WS_ABNORMAL = 1006,  /* only to on_close: the connection broke, or went silent */
    CV_WS_BAD_DATA = 1007,  /* text that is not UTF-8 */
    CV_WS_TOO_BIG = 1009,
    CV_WS_INTERNAL_ERROR = 1011,
    CV_WS_TRY_LATER = 1013, /* too slow: our queue for it ran full */
};

struct cv_websocket_handlers {
    /* The code with which a client is closed whose queue ran full; 0: CV_WS_TRY_LATER. */
    uint16_t slow_code;
    /* A whole message; the bytes are valid during the call. Not called after cv_websocket_close. */
    void (*on_message)(void *context, struct cv_websocket *websocket, bool is_text,
                       struct cv_slice message);
    /*
     * The last call, exactly once for each accepted socket, never from inside another function
     * of this header: the pointer is invalid afterwards. `code` is the peer's, or ours when we
     * closed first; `reason` valid UTF-8, up to 123 bytes.
     */
    void (*on_close)(void *context, struct cv_websocket *websocket, uint16_t code,
                     struct cv_slice reason);
};

/*
 * Answers the exchange with 101. `protocol` is one that the client offered
 * (cv_websocket_offers), or NULL for none. `handlers` must outlive the socket. On any error the
 * exchange has been answered as far as it can be and no handler will be called: CV_ERR_CLOSED (the
 * client is gone), CV_ERR_STATE (no WebSocket request: answered 426), CV_ERR_MEMORY (503).
 */
enum cv_err cv_exchange_accept(struct cv_exchange *exchange, const char *protocol,
                               const struct cv_websocket_handlers *handlers, void *context,
                               struct cv_websocket **ret_websocket);

/* Whether Sec-WebSocket-Protocol lists this name. */
bool cv_websocket_offers(const struct cv_http_request *request, const char *protocol);

/*
 * Queues a text message; it is copied and leaves at the end of this turn. CV_ERR_STATE when closing
 * or closed. CV_ERR_LIMIT when more than websocket_queue_bytes (server.h) would wait for a slow
 * client: the socket is then closing with `slow_code`. CV_ERR_MEMORY closes it likewise.
 */
enum cv_err cv_websocket_send_text(struct cv_websocket *websocket, struct cv_slice message);

/*
 * Starts the closing handshake; what was queued leaves first. The peer has a few seconds to
 * answer. `reason` is cut to 123 bytes at a character boundary; may be NULL. Harmless when closing.
 */
void cv_websocket_close(struct cv_websocket *websocket, uint16_t code, const char *reason);

#endif
