/* SPDX-License-Identifier: Apache-2.0 */
#include "app/stun_port.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

enum { DATAGRAMS_A_TURN = 64 }; /* so that a flood can't keep the loop to itself */

void cv_stun_port_init(struct cv_stun_port *port, struct cv_loop *loop, struct cv_random random) {
    *port = (struct cv_stun_port){.loop = loop};
    cv_stun_service_init(&port->service, random);
}

static struct cv_addr addr_of(const struct sockaddr_storage *storage) {
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)storage;
        return cv_addr_v4((const uint8_t *)&in->sin_addr, ntohs(in->sin_port));
    }
    const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)storage;
    return cv_addr_v6((const uint8_t *)&in6->sin6_addr, ntohs(in6->sin6_port));
}

static void on_readable(struct cv_watch *watch, uint32_t events) {
    struct cv_stun_port *port = CV_CONTAINER_OF(watch, struct cv_stun_socket, watch)->port;
    for (int i = 0; i < DATAGRAMS_A_TURN; i++) {
        uint8_t datagram[CV_STUN_MAX_BYTES];
        uint8_t answer[CV_STUN_ANSWER_BYTES];
        struct sockaddr_storage from = {0};
        socklen_t from_size = sizeof from;
        ssize_t n = recvfrom(watch->fd, datagram, sizeof datagram, MSG_DONTWAIT | MSG_TRUNC,
                             (struct sockaddr *)&from, &from_size);
        if (n < 0) {
            return;
        }
        port->requests++;
        struct cv_addr source = addr_of(&from);
        size_t size =
            (size_t)n > sizeof datagram
                ? 0
                : cv_stun_service_answer(&port->service, cv_loop_now_us(port->loop),
                                         cv_slice_of(datagram, (size_t)n), &source, answer);
        if (size && sendto(watch->fd, answer, size, MSG_DONTWAIT | MSG_NOSIGNAL,
                           (struct sockaddr *)&from, from_size) >= 0) {
            port->answers++;
        }
    }
}

enum cv_err cv_stun_port_add(struct cv_stun_port *port, int fd) {
    if (port->count == CV_STUN_SOCKETS_MAX) {
        return CV_ERR_LIMIT;
    }
    struct cv_stun_socket *socket = &port->sockets[port->count];
    socket->port = port;
    enum cv_err err = cv_loop_watch(port->loop, &socket->watch, fd, EPOLLIN, on_readable);
    port->count += !err;
    return err;
}

void cv_stun_port_close(struct cv_stun_port *port) {
    for (size_t i = 0; i < port->count; i++) {
        int fd = port->sockets[i].watch.fd;
        cv_loop_unwatch(port->loop, &port->sockets[i].watch);
        close(fd);
    }
    port->count = 0;
}
