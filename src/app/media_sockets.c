/* SPDX-License-Identifier: Apache-2.0 */
#include "app/media_sockets.h"

#include "app/sockets_private.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

/* Asked of the kernel, which gives a process without privileges no more than net.core.rmem_max:
 * what comes while the worker is at something else, a few ms at a Gbit/s, has to wait somewhere. */
enum { BUFFER_BYTES = 4 * 1024 * 1024 };

static void enlarge_buffers(int fd) {
    int bytes = BUFFER_BYTES;
    if (setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0) {
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    }
    if (setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &bytes, sizeof bytes) < 0) {
        setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    }
}

static enum cv_err add(struct cv_media_sockets *sockets, const char *text, int type,
                       char error[static CV_SOCKETS_ERROR_BYTES]) {
    struct cv_socket *item = &sockets->items[sockets->count];
    struct cv_addr *addr = &item->listener.addr;
    enum cv_err err = cv_addr_parse(cv_slice_str(text), addr);
    addr->port = sockets->port;
    if (!err) {
        err = sockets_open_one(text, type, addr, &item->fd, error);
    }
    if (err) {
        return err == CV_ERR_NOT_FOUND ? CV_OK : err;
    }
    if (type == SOCK_DGRAM) {
        enlarge_buffers(item->fd);
    }
    item->listener.kind = type == SOCK_DGRAM ? CV_HANDOVER_MEDIA : CV_HANDOVER_MEDIA_TCP;
    item->listener.is_unix = false;
    sockets->port = addr->port;
    sockets->count++;
    return CV_OK;
}

static enum cv_err open_all(const struct cv_config *config, struct cv_media_sockets *sockets,
                            char error[static CV_SOCKETS_ERROR_BYTES]) {
    const struct cv_config_list *list =
        config->listen.addresses.count ? &config->listen.addresses : sockets_everywhere();
    enum cv_err err = CV_OK;
    for (unsigned i = 0; i < list->count && !err; i++) {
        err = add(sockets, list->items[i], SOCK_DGRAM, error);
        if (!err && config->relay.tcp) {
            err = add(sockets, list->items[i], SOCK_STREAM, error);
        }
    }
    if (!err && !sockets->count) {
        errno = EAFNOSUPPORT;
        err = sockets_fail("UDP", list->items[0], sockets->port, error);
    }
    return err;
}

enum cv_err cv_media_sockets_open(const struct cv_config *config, unsigned worker,
                                  struct cv_media_sockets *ret_sockets,
                                  char error[static CV_SOCKETS_ERROR_BYTES]) {
    int64_t first = cv_config_media_port(config);
    enum cv_err err = CV_ERR_SYSTEM;
    if (first + worker > UINT16_MAX) {
        errno = EADDRNOTAVAIL;
        return sockets_fail("UDP", "port", UINT16_MAX, error);
    }
    for (int tries = 0; tries < SOCKETS_ANY_PORT_TRIES; tries++) {
        *ret_sockets = (struct cv_media_sockets){.port = first ? (uint16_t)(first + worker) : 0};
        err = open_all(config, ret_sockets, error);
        if (!err) {
            break;
        }
        cv_media_sockets_close(ret_sockets);
        if (first || errno != EADDRINUSE) {
            break;
        }
    }
    return err;
}

void cv_media_sockets_close(struct cv_media_sockets *sockets) {
    int saved = errno;
    for (size_t i = 0; i < sockets->count; i++) {
        close(sockets->items[i].fd);
    }
    sockets->count = 0;
    errno = saved;
}
