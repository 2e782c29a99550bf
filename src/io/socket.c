/* SPDX-License-Identifier: Apache-2.0 */
#include "io/socket.h"

#include <netinet/in.h>

socklen_t cv_socket_address(const struct cv_addr *addr, struct sockaddr_storage *ret_storage) {
    memset(ret_storage, 0, sizeof *ret_storage);
    if (addr->family == CV_ADDR_V6) {
        struct sockaddr_in6 *in6 = (struct sockaddr_in6 *)(void *)ret_storage;
        in6->sin6_family = AF_INET6;
        in6->sin6_port = htons(addr->port);
        memcpy(&in6->sin6_addr, addr->ip, 16);
        return sizeof *in6;
    }
    struct sockaddr_in *in = (struct sockaddr_in *)(void *)ret_storage;
    in->sin_family = AF_INET;
    in->sin_port = htons(addr->port);
    memcpy(&in->sin_addr, addr->ip, 4);
    return sizeof *in;
}

struct cv_addr cv_socket_addr(const struct sockaddr_storage *storage) {
    if (storage->ss_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)(const void *)storage;
        return cv_addr_v6(in6->sin6_addr.s6_addr, ntohs(in6->sin6_port));
    }
    if (storage->ss_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)(const void *)storage;
        return cv_addr_v4((const uint8_t *)&in->sin_addr, ntohs(in->sin_port));
    }
    return (struct cv_addr){0};
}
