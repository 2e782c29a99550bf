/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading what a WebSocket client sends (RFC 6455): bytes in, messages and control frames out. No
 * socket, no clock. wslay takes the frames apart; here fragments become messages, and everything
 * that a client must not do is found.
 */
#ifndef CV_IO_WEBSOCKET_READER_H
#define CV_IO_WEBSOCKET_READER_H

#include "base/bytes.h"

struct wslay_frame_context;

/*
 * wslay's context of one socket holds 4 KiB. A socket has one only while a frame is under way;
 * otherwise all sockets share the one kept here. Zero-initialised is ready.
 */
struct cv_websocket_pool {
    struct wslay_frame_context *spare;
    struct cv_slice input; /* what wslay is being fed */
};
void cv_websocket_pool_release(struct cv_websocket_pool *pool);

/* Zero-initialised is ready. */
struct cv_websocket_reader {
    struct wslay_frame_context *frames; /* NULL: between frames */
    size_t fed_bytes;                   /* to it, beyond the frames that came out */
    uint64_t frame_bytes;               /* of the present frame's payload so far */
    struct cv_buf message;              /* fragments so far */
    struct cv_buf control;              /* a control frame's payload so far */
    bool has_message;                   /* a fragmented message is under way */
    bool is_text;
    bool has_given; /* `message` or `control` was the last event and is to be freed */
};
void cv_websocket_reader_release(struct cv_websocket_reader *reader);

enum cv_websocket_event {
    CV_WEBSOCKET_MORE, /* all bytes taken */
    CV_WEBSOCKET_TEXT, /* `data`: a whole message, valid UTF-8 */
    CV_WEBSOCKET_BINARY,
    CV_WEBSOCKET_PING, /* `data` is to be sent back */
    CV_WEBSOCKET_PONG,
    CV_WEBSOCKET_CLOSE, /* `code`, CV_WS_NO_STATUS without one; `data`: the reason */
    CV_WEBSOCKET_ERROR, /* `code` to close with; `data`: why. Nothing more may be read */
};
struct cv_websocket_item {
    uint16_t code;        /* enum cv_websocket_code */
    struct cv_slice data; /* valid until the next call */
};

/*
 * Takes bytes off the front of `input` up to the next event; call again until CV_WEBSOCKET_MORE.
 * Every call for the same bytes must be with the same pool, without calls for other readers in
 * between.
 */
enum cv_websocket_event cv_websocket_read(struct cv_websocket_reader *reader,
                                          struct cv_websocket_pool *pool, size_t max_message_bytes,
                                          struct cv_slice *input,
                                          struct cv_websocket_item *ret_item);

#endif
