/* SPDX-License-Identifier: Apache-2.0 */
/* Listening sockets: opening them, and what is known of those who connect to one. */
#ifndef CV_IO_LISTENING_H
#define CV_IO_LISTENING_H

#include "io/server.h"

struct cv_listening {
    struct cv_list link;
    struct cv_server *server;
    struct cv_watch watch;
    struct cv_tls *tls; /* borrowed */
    char *path;         /* of a unix socket that we made; NULL otherwise */
    struct cv_cidr *trusted;
    size_t trusted_count;
    bool is_unix;
    bool trust_unix_peer;
};

/* Opens the socket; nothing is watched yet. CV_ERR_SYSTEM (errno), CV_ERR_MEMORY. */
enum cv_err cv_listening_new(const struct cv_listener *listener, struct cv_listening **ret,
                             struct cv_addr *ret_addr);
/* Unwatches and closes; removes the file of a unix socket. */
struct cv_listening *cv_listening_free(struct cv_listening *listening);

/* The peer's word on forwarded addresses counts. */
bool cv_listening_trusts(const struct cv_listening *listening, const struct cv_addr *peer);

#endif
