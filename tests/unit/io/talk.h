/* SPDX-License-Identifier: Apache-2.0 */
/* A server and its client on one loop, in one thread: for tests of what a handler can do. */
#ifndef CV_TEST_IO_TALK_H
#define CV_TEST_IO_TALK_H

#include "io/server.h"

enum { TALK_BYTES = 256 * 1024 };

struct talk {
    struct cv_loop *loop;
    struct cv_server *server;
    int listening_fd;
    void (*handler)(struct cv_exchange *exchange);
    struct cv_watch client;
    struct cv_timer give_up;
    struct cv_timer again; /* for handlers that answer later */
    char answer[TALK_BYTES];
    size_t answer_size;
    bool is_closed; /* by the server */
};

/* Starts a server with a plain socket whose requests go to `handler`. */
void talk_start(struct talk *talk, const struct cv_server_limits *limits,
                void (*handler)(struct cv_exchange *exchange));
void talk_stop(struct talk *talk);

/*
 * Sends the text on a new connection and runs the loop until the server closes it; the answer is
 * NUL-terminated. Allocates nothing itself.
 */
const char *talk_ask(struct talk *talk, const char *request);
const char *talk_ask_bytes(struct talk *talk, const void *bytes, size_t size);

/* The same, and leaves after `leave_after_us` without reading. */
void talk_leave(struct talk *talk, const char *request, int64_t leave_after_us);

#endif
