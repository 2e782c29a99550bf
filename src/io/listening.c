/* SPDX-License-Identifier: Apache-2.0 */
#include "io/listening.h"

#include "io/socket.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { BACKLOG = 1024, UNIX_MODE = 0660 };

static int open_tcp(const struct cv_addr *addr) {
    struct sockaddr_storage storage;
    socklen_t size = cv_socket_address(addr, &storage);
    int on = 1, fd = socket(storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (addr->family == CV_ADDR_V6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    if (bind(fd, (struct sockaddr *)&storage, size) == 0 && listen(fd, BACKLOG) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* A socket file that nobody listens on any more is left by a process that was killed. */
static void remove_stale(const struct sockaddr_un *name) {
    struct stat status;
    if (lstat(name->sun_path, &status) != 0 || !S_ISSOCK(status.st_mode))
        return;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return;
    if (connect(fd, (const struct sockaddr *)name, sizeof *name) < 0 && errno == ECONNREFUSED)
        unlink(name->sun_path);
    close(fd);
}

static int open_unix(const char *path) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof name.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    memcpy(name.sun_path, path, strlen(path) + 1);
    remove_stale(&name);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -1;
    /* Nobody can connect before listen, so the mode is right from the first connection on. */
    if (bind(fd, (struct sockaddr *)&name, sizeof name) == 0) {
        if (chmod(path, UNIX_MODE) == 0 && listen(fd, BACKLOG) == 0)
            return fd;
        unlink(path);
    }
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static int open_socket(const struct cv_listener *listener) {
    switch (listener->kind) {
    case CV_LISTEN_TCP:
        return open_tcp(&listener->addr);
    case CV_LISTEN_UNIX:
        return open_unix(listener->path);
    case CV_LISTEN_FD:
        break;
    }
    int flags = fcntl(listener->fd, F_GETFL);
    if (flags < 0 || fcntl(listener->fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
        fcntl(listener->fd, F_SETFD, FD_CLOEXEC) < 0)
        return -1;
    return listener->fd;
}

static enum cv_err copy_settings(struct cv_listening *listening,
                                 const struct cv_listener *listener) {
    listening->tls = listener->tls;
    listening->trust_unix_peer = listener->trust_unix_peer;
    if (listener->kind == CV_LISTEN_UNIX && !(listening->path = strdup(listener->path)))
        return CV_ERR_MEMORY;
    if (listener->trusted_proxy_count == 0)
        return CV_OK;
    size_t bytes = listener->trusted_proxy_count * sizeof *listening->trusted;
    listening->trusted = malloc(bytes);
    if (!listening->trusted)
        return CV_ERR_MEMORY;
    memcpy(listening->trusted, listener->trusted_proxies, bytes);
    listening->trusted_count = listener->trusted_proxy_count;
    return CV_OK;
}

enum cv_err cv_listening_new(const struct cv_listener *listener, struct cv_listening **ret,
                             struct cv_addr *ret_addr) {
    struct cv_listening *listening = calloc(1, sizeof *listening);
    if (!listening)
        return CV_ERR_MEMORY;
    cv_list_init(&listening->link);
    listening->watch.fd = open_socket(listener);
    if (listening->watch.fd < 0) {
        free(listening);
        return CV_ERR_SYSTEM;
    }
    enum cv_err err = copy_settings(listening, listener);
    if (err) {
        cv_listening_free(listening);
        return err;
    }
    struct sockaddr_storage storage = {0};
    socklen_t size = sizeof storage;
    getsockname(listening->watch.fd, (struct sockaddr *)&storage, &size);
    listening->is_unix = storage.ss_family == AF_UNIX;
    if (ret_addr)
        *ret_addr = cv_socket_addr(&storage);
    *ret = listening;
    return CV_OK;
}

struct cv_listening *cv_listening_free(struct cv_listening *listening) {
    if (!listening)
        return NULL;
    cv_list_remove(&listening->link);
    if (listening->watch.fd >= 0)
        close(listening->watch.fd);
    if (listening->path)
        unlink(listening->path);
    free(listening->path);
    free(listening->trusted);
    free(listening);
    return NULL;
}

bool cv_listening_trusts(const struct cv_listening *listening, const struct cv_addr *peer) {
    return listening->is_unix
               ? listening->trust_unix_peer
               : cv_cidr_any_contains(listening->trusted, listening->trusted_count, peer);
}
