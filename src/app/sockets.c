/* SPDX-License-Identifier: Apache-2.0 */
#include "app/sockets_private.h"

#include "app/datadir.h"
#include "io/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024 };

static uint16_t bound_port(int fd) {
    struct sockaddr_storage storage = {0};
    socklen_t size = sizeof storage;
    if (getsockname(fd, (struct sockaddr *)&storage, &size) < 0) {
        return 0;
    }
    return cv_socket_addr(&storage).port;
}

/* A bound socket, listening when it is a stream; -1 with errno. */
static int open_inet(const struct cv_addr *addr, int type) {
    struct sockaddr_storage storage;
    socklen_t size = cv_socket_address(addr, &storage);
    int on = 1;
    int fd = socket(storage.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    if ((type == SOCK_STREAM && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) < 0) ||
        (storage.ss_family == AF_INET6 &&
         setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on) < 0) ||
        bind(fd, (struct sockaddr *)&storage, size) < 0 ||
        (type == SOCK_STREAM && listen(fd, BACKLOG) < 0)) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

/* Replaces a socket file that a daemon before left behind; anything else in its place stays. */
static int open_unix(const char *path, mode_t mode, const struct cv_account *account) {
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    struct stat st;
    if (strlen(path) >= sizeof addr.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(addr.sun_path, path, strlen(path));
    if (lstat(path, &st) == 0 && S_ISSOCK(st.st_mode)) {
        unlink(path);
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -1;
    }
    mode_t mask = umask(0777);
    int bound = bind(fd, (struct sockaddr *)&addr, sizeof addr);
    umask(mask);
    if (bound < 0 || chmod(path, mode) < 0 ||
        (account && lchown(path, account->uid, account->gid) < 0) || listen(fd, BACKLOG) < 0) {
        int saved = errno;
        close(fd);
        errno = saved;
        return -1;
    }
    return fd;
}

static void add(struct cv_sockets *sockets, int fd, enum cv_handover_listener_kind kind,
                const struct cv_addr *addr) {
    struct cv_socket *item = &sockets->items[sockets->count++];
    *item = (struct cv_socket){.fd = fd};
    item->listener.kind = kind;
    item->listener.is_unix = !addr;
    if (addr) {
        item->listener.addr = *addr;
    }
}

enum cv_err sockets_fail(const char *what, const char *address, uint16_t port,
                         char error[static CV_SOCKETS_ERROR_BYTES]) {
    int saved = errno;
    const char *hint = saved == EADDRINUSE ? "; another program uses it: stop that one, or choose "
                                             "another port (--port, listen.port, relay.port)"
                       : saved == EACCES   ? "; ports under 1024 need root or CAP_NET_BIND_SERVICE"
                                           : "";
    snprintf(error, CV_SOCKETS_ERROR_BYTES, "can't listen on %s %s port %u: %s%s", what, address,
             port, strerror(saved), hint);
    errno = saved;
    return CV_ERR_SYSTEM;
}

enum cv_err sockets_open_one(const char *text, int type, struct cv_addr *addr, int *ret_fd,
                             char error[static CV_SOCKETS_ERROR_BYTES]) {
    int fd = open_inet(addr, type);
    if (fd < 0 && errno == EAFNOSUPPORT) {
        return CV_ERR_NOT_FOUND;
    }
    if (fd < 0) {
        return sockets_fail(type == SOCK_STREAM ? "TCP" : "UDP", text, addr->port, error);
    }
    addr->port = bound_port(fd);
    *ret_fd = fd;
    return CV_OK;
}

const struct cv_config_list *sockets_everywhere(void) {
    static char any_v4[] = "0.0.0.0";
    static char any_v6[] = "::";
    static char *items[] = {any_v4, any_v6};
    static const struct cv_config_list everywhere = {items, 2};
    return &everywhere;
}

/*
 * HTTPS and STUN on every address, with one port number for all; with port 0 the first socket
 * chooses it. Where HTTPS is left to a proxy, STUN still is ours, if it has a port of its own.
 */
static enum cv_err open_public(const struct cv_config *config, struct cv_sockets *sockets,
                               char error[static CV_SOCKETS_ERROR_BYTES]) {
    bool https = config->listen.addresses.count > 0;
    const struct cv_config_list *list = https ? &config->listen.addresses : sockets_everywhere();
    bool stun = config->listen.stun && (https || config->listen.stun_port);
    size_t before = sockets->count;
    sockets->https_port = (uint16_t)config->listen.port;
    for (unsigned i = 0; i < list->count && (https || stun); i++) {
        struct cv_addr addr;
        int fd = -1;
        enum cv_err err = cv_addr_parse(cv_slice_str(list->items[i]), &addr);
        addr.port = sockets->https_port;
        if (!err && https) {
            err = sockets_open_one(list->items[i], SOCK_STREAM, &addr, &fd, error);
            if (!err) {
                sockets->https_port = addr.port;
                add(sockets, fd, CV_HANDOVER_HTTPS, &addr);
            }
        }
        if (!err && stun) {
            addr.port =
                config->listen.stun_port ? (uint16_t)config->listen.stun_port : sockets->https_port;
            err = sockets_open_one(list->items[i], SOCK_DGRAM, &addr, &fd, error);
            if (!err) {
                sockets->stun_port = addr.port;
                add(sockets, fd, CV_HANDOVER_STUN, &addr);
            }
        }
        if (err && err != CV_ERR_NOT_FOUND) {
            return err;
        }
    }
    if ((https || stun) && sockets->count == before) {
        errno = EAFNOSUPPORT;
        return sockets_fail("TCP", list->items[0], sockets->https_port, error);
    }
    return CV_OK;
}

static enum cv_err open_plain(const struct cv_config *config, const struct cv_account *account,
                              struct cv_sockets *sockets,
                              char error[static CV_SOCKETS_ERROR_BYTES]) {
    const char *http = config->listen.http;
    if (!strncmp(http, "unix:", 5)) {
        int fd = open_unix(http + 5, 0660, account);
        if (fd < 0) {
            return sockets_fail("unix socket", http + 5, 0, error);
        }
        add(sockets, fd, CV_HANDOVER_HTTP, NULL);
    } else if (*http) {
        struct cv_addr addr;
        enum cv_err err = cv_addr_parse(cv_slice_str(http), &addr);
        int fd = err ? -1 : open_inet(&addr, SOCK_STREAM);
        if (fd < 0) {
            return sockets_fail("TCP", http, addr.port, error);
        }
        add(sockets, fd, CV_HANDOVER_HTTP, &addr);
    }
    int fd = open_unix(CV_DATADIR_SOCKET, 0600, account);
    if (fd < 0) {
        return sockets_fail("unix socket", CV_DATADIR_SOCKET, 0, error);
    }
    add(sockets, fd, CV_HANDOVER_CONTROL, NULL);
    return CV_OK;
}

enum cv_err cv_sockets_open(const struct cv_config *config, const struct cv_account *account,
                            struct cv_sockets *ret_sockets,
                            char error[static CV_SOCKETS_ERROR_BYTES]) {
    enum cv_err err = CV_OK;
    for (int tries = 0; tries < SOCKETS_ANY_PORT_TRIES; tries++) {
        *ret_sockets = (struct cv_sockets){0};
        err = open_public(config, ret_sockets, error);
        if (!err) {
            err = open_plain(config, account, ret_sockets, error);
        }
        if (!err) {
            return CV_OK;
        }
        cv_sockets_close(ret_sockets);
        /* A port that was free for one socket may be taken for the next one: try another. */
        if (config->listen.port != 0 || errno != EADDRINUSE) {
            break;
        }
    }
    return err;
}

void cv_sockets_close(struct cv_sockets *sockets) {
    int saved = errno;
    for (size_t i = 0; i < sockets->count; i++) {
        close(sockets->items[i].fd);
    }
    sockets->count = 0;
    errno = saved;
}
