/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/udp.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { TRIES = 3, WAIT_MS = 500 };

int cv_cli_udp_open(const char *host, const char *port) {
    struct addrinfo hints = {.ai_socktype = SOCK_DGRAM}, *found = NULL;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    int fd = -1;
    for (struct addrinfo *it = found; it && fd < 0; it = it->ai_next) {
        fd = socket(it->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd >= 0 && connect(fd, it->ai_addr, it->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

enum cv_err cv_cli_udp_ask(int fd, struct cv_slice request, uint8_t *answer, size_t capacity,
                           size_t *ret_size) {
    for (int i = 0; i < TRIES; i++) {
        struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
        if (send(fd, request.data, request.size, 0) < 0 && errno == ECONNREFUSED)
            return CV_ERR_CLOSED;
        if (poll(&poll_fd, 1, WAIT_MS) <= 0)
            continue;
        ssize_t size = recv(fd, answer, capacity, 0);
        if (size < 0)
            return errno == ECONNREFUSED ? CV_ERR_CLOSED : CV_ERR_SYSTEM;
        *ret_size = (size_t)size;
        return CV_OK;
    }
    return CV_ERR_TIMEOUT;
}
