/* SPDX-License-Identifier: Apache-2.0 */
#include "io/udp.h"

#include "io/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BATCHES_PER_TURN = 8,       /* then others have their turn */
    BUFFER_BYTES = 1024 * 1024, /* asked of the kernel; it gives what it may */
    CONTROL_BYTES = CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)),
};

/* What a batch needs beside the bytes. */
struct slot {
    struct sockaddr_storage name;
    struct iovec bytes;
    _Alignas(struct cmsghdr) uint8_t control[CONTROL_BYTES];
};

struct cv_udp {
    struct cv_loop *loop;
    struct cv_udp_handler handler;
    struct cv_udp_counters counters;
    struct cv_watch watch;
    bool is_v6;
    bool has_gso;
    struct slot slots[CV_UDP_BATCH];
    struct mmsghdr messages[CV_UDP_BATCH];
    uint8_t buffers[CV_UDP_BATCH][CV_UDP_MAX_BYTES];
};

static struct cv_addr received_at(struct msghdr *message) {
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            return cv_addr_v4((const uint8_t *)&info.ipi_addr, 0);
        }
        if (c->cmsg_level == IPPROTO_IPV6 && c->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            return cv_addr_v6(info.ipi6_addr.s6_addr, 0);
        }
    }
    return (struct cv_addr){0};
}

/* One batch; false when the socket had no more. */
static bool receive_batch(struct cv_udp *udp) {
    struct cv_datagram datagrams[CV_UDP_BATCH];
    size_t count = 0;
    for (size_t i = 0; i < CV_UDP_BATCH; i++) {
        struct slot *slot = &udp->slots[i];
        slot->bytes = (struct iovec){udp->buffers[i], CV_UDP_MAX_BYTES};
        udp->messages[i].msg_hdr = (struct msghdr){
            .msg_name = &slot->name,
            .msg_namelen = sizeof slot->name,
            .msg_iov = &slot->bytes,
            .msg_iovlen = 1,
            .msg_control = slot->control,
            .msg_controllen = sizeof slot->control,
        };
    }
    int got = recvmmsg(udp->watch.fd, udp->messages, CV_UDP_BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < got; i++) {
        struct msghdr *message = &udp->messages[i].msg_hdr;
        if (message->msg_flags & MSG_TRUNC) {
            udp->counters.oversized++;
            continue;
        }
        udp->counters.bytes_in += udp->messages[i].msg_len;
        datagrams[count++] = (struct cv_datagram){
            .peer = cv_socket_addr(&udp->slots[i].name),
            .local = received_at(message),
            .data = cv_slice_of(udp->buffers[i], udp->messages[i].msg_len),
        };
    }
    udp->counters.datagrams_in += count;
    if (count > 0)
        udp->handler.on_datagrams(udp->handler.context, udp, datagrams, count);
    return got == CV_UDP_BATCH;
}

static void on_readable(struct cv_watch *watch, uint32_t events) {
    struct cv_udp *udp = CV_CONTAINER_OF(watch, struct cv_udp, watch);
    for (int i = 0; i < BATCHES_PER_TURN && receive_batch(udp); i++) {
    }
}

static int open_socket(const struct cv_addr *addr, bool *ret_has_gso) {
    struct sockaddr_storage storage;
    socklen_t size = cv_socket_address(addr, &storage);
    int fd = socket(storage.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int on = 1, buffer_bytes = BUFFER_BYTES, segment = 0;
    socklen_t segment_size = sizeof segment;
    if (fd < 0)
        return -1;
    if (addr->family == CV_ADDR_V6) {
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
        setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    } else {
        setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    }
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer_bytes, sizeof buffer_bytes);
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer_bytes, sizeof buffer_bytes);
    *ret_has_gso = getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, &segment_size) == 0;
    if (bind(fd, (struct sockaddr *)&storage, size) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

enum cv_err cv_udp_new(struct cv_loop *loop, const struct cv_addr *addr,
                       const struct cv_udp_handler *handler, struct cv_udp **ret_udp) {
    struct cv_udp *udp = calloc(1, sizeof *udp);
    if (!udp)
        return CV_ERR_MEMORY;
    udp->loop = loop;
    udp->handler = *handler;
    udp->is_v6 = addr->family == CV_ADDR_V6;
    int fd = open_socket(addr, &udp->has_gso);
    if (fd < 0) {
        free(udp);
        return CV_ERR_SYSTEM;
    }
    enum cv_err err = cv_loop_watch(loop, &udp->watch, fd, EPOLLIN, on_readable);
    if (err) {
        close(fd);
        free(udp);
        return err;
    }
    *ret_udp = udp;
    return CV_OK;
}

struct cv_udp *cv_udp_free(struct cv_udp *udp) {
    if (!udp)
        return NULL;
    cv_loop_unwatch(udp->loop, &udp->watch);
    close(udp->watch.fd);
    free(udp);
    return NULL;
}

struct cv_addr cv_udp_local(const struct cv_udp *udp) {
    struct sockaddr_storage storage = {0};
    socklen_t size = sizeof storage;
    getsockname(udp->watch.fd, (struct sockaddr *)&storage, &size);
    return cv_socket_addr(&storage);
}

const struct cv_udp_counters *cv_udp_counters(const struct cv_udp *udp) {
    return &udp->counters;
}

/* Appends a control message; the slot has room for all that is ever appended. */
static void append_control(struct msghdr *message, struct slot *slot, int level, int type,
                           const void *data, size_t size) {
    struct cmsghdr *control = (struct cmsghdr *)(void *)(slot->control + message->msg_controllen);
    memset(control, 0, CMSG_SPACE(size));
    control->cmsg_level = level;
    control->cmsg_type = type;
    control->cmsg_len = CMSG_LEN(size);
    memcpy(CMSG_DATA(control), data, size);
    message->msg_control = slot->control;
    message->msg_controllen += CMSG_SPACE(size);
}

static void prepare(struct cv_udp *udp, size_t index, const struct cv_datagram *datagram) {
    struct slot *slot = &udp->slots[index];
    struct msghdr *message = &udp->messages[index].msg_hdr;
    /* sendmmsg takes the bytes as they are; struct iovec has no const. */
    slot->bytes = (struct iovec){(void *)(uintptr_t)datagram->data.data, datagram->data.size};
    *message = (struct msghdr){
        .msg_name = &slot->name,
        .msg_namelen = cv_socket_address(&datagram->peer, &slot->name),
        .msg_iov = &slot->bytes,
        .msg_iovlen = 1,
    };
    if (datagram->local.family == CV_ADDR_V4 && !udp->is_v6) {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, datagram->local.ip, 4);
        append_control(message, slot, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else if (datagram->local.family == CV_ADDR_V6 && udp->is_v6) {
        struct in6_pktinfo info = {0};
        memcpy(&info.ipi6_addr, datagram->local.ip, 16);
        append_control(message, slot, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
    if (datagram->segment_bytes > 0 && datagram->segment_bytes < datagram->data.size)
        append_control(message, slot, IPPROTO_UDP, UDP_SEGMENT, &datagram->segment_bytes,
                       sizeof datagram->segment_bytes);
}

static size_t segments_of(const struct cv_datagram *datagram) {
    size_t segment = datagram->segment_bytes;
    return segment ? (datagram->data.size + segment - 1) / segment : 1;
}

/* At most a batch. */
static void send_batch(struct cv_udp *udp, const struct cv_datagram *datagrams, size_t count);

/* A run as datagrams of their own, where the kernel or the device has no GSO. */
static void send_split(struct cv_udp *udp, const struct cv_datagram *run) {
    struct cv_datagram parts[CV_UDP_BATCH];
    struct cv_slice rest = run->data;
    while (rest.size > 0) {
        size_t count = 0;
        for (; count < CV_UDP_BATCH && rest.size > 0; count++) {
            size_t size = rest.size < run->segment_bytes ? rest.size : run->segment_bytes;
            parts[count] = (struct cv_datagram){
                .peer = run->peer, .local = run->local, .data = cv_slice_of(rest.data, size)};
            rest = cv_slice_of(rest.data + size, rest.size - size);
        }
        send_batch(udp, parts, count);
    }
}

static void send_batch(struct cv_udp *udp, const struct cv_datagram *datagrams, size_t count) {
    for (size_t at = 0; at < count;) {
        for (size_t i = at; i < count; i++)
            prepare(udp, i - at, &datagrams[i]);
        int sent = sendmmsg(udp->watch.fd, udp->messages, (unsigned)(count - at), MSG_DONTWAIT);
        for (int i = 0; i < sent; i++, at++) {
            udp->counters.datagrams_out += segments_of(&datagrams[at]);
            udp->counters.bytes_out += datagrams[at].data.size;
        }
        if (at == count || (sent < 0 && errno == EINTR))
            continue;
        if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS)) {
            for (; at < count; at++)
                udp->counters.unsent += segments_of(&datagrams[at]);
        } else if (sent < 0 && errno == EIO && datagrams[at].segment_bytes > 0) {
            udp->has_gso = false; /* the device can't; it says so only now */
            send_split(udp, &datagrams[at++]);
        } else if (sent < 0) {
            udp->counters.unsent += segments_of(&datagrams[at++]);
        }
    }
}

void cv_udp_send(struct cv_udp *udp, const struct cv_datagram *datagrams, size_t count) {
    while (count > 0) {
        size_t batch = 0;
        while (batch < count && batch < CV_UDP_BATCH &&
               (udp->has_gso || datagrams[batch].segment_bytes == 0))
            batch++;
        if (batch > 0) {
            send_batch(udp, datagrams, batch);
        } else {
            send_split(udp, datagrams);
            batch = 1;
        }
        datagrams += batch;
        count -= batch;
    }
}
