/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/net.h"

#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

enum { TRIES = 3, WAIT_MS = 500 };

void cv_cli_split_address(const char *text, const char *default_port,
                          char host[static CV_CLI_HOST_BYTES],
                          char port[static CV_CLI_PORT_BYTES]) {
    size_t size = *text == '[' ? strcspn(++text, "]") : strcspn(text, ":?");
    snprintf(host, CV_CLI_HOST_BYTES, "%.*s", (int)size, text);
    text += size + (text[size] == ']');
    const char *number = *text == ':' ? text + 1 : default_port;
    snprintf(port, CV_CLI_PORT_BYTES, "%.*s", (int)strcspn(number, "?"), number);
}

static int open_socket(const char *host, const char *port, int type, int patience_s) {
    const struct timeval patience = {.tv_sec = patience_s};
    struct addrinfo hints = {.ai_socktype = type}, *found = NULL;
    if (getaddrinfo(host, port, &hints, &found) != 0)
        return -1;
    int fd = -1;
    for (struct addrinfo *it = found; it && fd < 0; it = it->ai_next) {
        fd = socket(it->ai_family, type | SOCK_CLOEXEC, 0);
        if (fd < 0)
            continue;
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience); /* of connect too */
        if (connect(fd, it->ai_addr, it->ai_addrlen) != 0) {
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(found);
    return fd;
}

int cv_cli_tcp_open(const char *host, const char *port, int patience_s) {
    return open_socket(host, port, SOCK_STREAM, patience_s);
}

int cv_cli_udp_open(const char *host, const char *port) {
    return open_socket(host, port, SOCK_DGRAM, 0);
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
