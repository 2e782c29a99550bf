/* SPDX-License-Identifier: Apache-2.0 */
/* The daemon's UDP port: plain STUN Binding requests are answered (media/stun_service.h). */
#ifndef CV_APP_STUN_PORT_H
#define CV_APP_STUN_PORT_H

#include "io/loop.h"
#include "media/stun_service.h"

enum { CV_STUN_SOCKETS_MAX = 32 };

struct cv_stun_port {
    struct cv_loop *loop;
    struct cv_stun_service service;
    struct cv_stun_socket {
        struct cv_watch watch;
        struct cv_stun_port *port;
    } sockets[CV_STUN_SOCKETS_MAX];
    size_t count;
    uint64_t requests;
    uint64_t answers;
};

void cv_stun_port_init(struct cv_stun_port *port, struct cv_loop *loop, struct cv_random random);
/* A bound, non-blocking UDP socket, taken over. CV_ERR_LIMIT, CV_ERR_SYSTEM. */
enum cv_err cv_stun_port_add(struct cv_stun_port *port, int fd);
void cv_stun_port_close(struct cv_stun_port *port);

#endif
