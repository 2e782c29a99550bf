/* SPDX-License-Identifier: Apache-2.0 */
/* A WebSocket client (RFC 6455) over TLS on the loop, for text messages. */
#ifndef CV_LOAD_WEBSOCKET_H
#define CV_LOAD_WEBSOCKET_H

#include "base/addr.h"
#include "io/loop.h"

#include <openssl/types.h>

struct cv_load_websocket;

struct cv_load_websocket_handlers {
    void *context;
    void (*on_open)(void *context);
    void (*on_text)(void *context, struct cv_slice text);
    /* It is over, for the reason given; nothing is called any more. Not within the functions below.
     */
    void (*on_close)(void *context, const char *reason);
};

struct cv_load_websocket_config {
    struct cv_loop *loop;
    SSL_CTX *tls; /* borrowed */
    struct cv_addr addr;
    const char *host; /* "meet.example.org:8443", for TLS, Host and Origin; borrowed for the call */
    const char *path;
    const char *protocol;
    struct cv_load_websocket_handlers handlers;
};

/* What connections share: `insecure` takes any certificate. NULL without memory. */
SSL_CTX *cv_load_websocket_tls(bool insecure);

/* CV_ERR_MEMORY, CV_ERR_SYSTEM. */
enum cv_err cv_load_websocket_new(const struct cv_load_websocket_config *config,
                                  struct cv_load_websocket **ret_websocket);
/* Not from a handler. */
struct cv_load_websocket *cv_load_websocket_free(struct cv_load_websocket *websocket);

/* Queues a text message; it leaves with this turn. Silent when the connection is over. */
void cv_load_websocket_send(struct cv_load_websocket *websocket, struct cv_slice text);

#endif
