/* SPDX-License-Identifier: Apache-2.0 */
#include "io/udp.h"

#include "io/socket.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    BATCHES_PER_TURN = 2, /* then what came of them is sent, and others have their turn */
    CONTROL_BYTES = CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(uint16_t)),
    REFUSERS = 64,        /* peers remembered by a place of their hash */
    REFUSED_IN_VAIN = 16, /* so many refusals and no success: this machine can't */
};

/* What a message needs beside the bytes. */
struct slot {
    struct sockaddr_storage name;
    struct iovec bytes;
    _Alignas(struct cmsghdr) uint8_t control[CONTROL_BYTES];
    uint16_t segment_bytes; /* sending: 0 when it is no run */
};

struct cv_udp {
    struct cv_loop *loop;
    struct cv_udp_handler handler;
    struct cv_udp_counters counters;
    struct cv_watch watch;
    bool is_v6;
    struct cv_addr bound; /* the only address it has, port 0; CV_ADDR_NONE: all of the host's */
    bool has_gso;
    bool gso_proven;
    struct cv_addr refusers[REFUSERS];
    struct slot in[CV_UDP_BATCH];
    struct mmsghdr in_messages[CV_UDP_BATCH];
    struct slot out[CV_UDP_BATCH];
    struct mmsghdr out_messages[CV_UDP_BATCH];
    size_t out_count;
    uint8_t buffers[CV_UDP_BATCH][CV_UDP_MAX_BYTES];
};

/* --- receiving --- */

static struct cv_addr received_at(const struct cv_udp *udp, struct msghdr *message) {
    if (udp->bound.family != CV_ADDR_NONE) {
        return udp->bound;
    }
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

/* The kernel writes into the header of each message that it fills. */
static void prepare_in(struct cv_udp *udp, size_t count) {
    for (size_t i = 0; i < count; i++) {
        struct slot *slot = &udp->in[i];
        slot->bytes = (struct iovec){udp->buffers[i], CV_UDP_MAX_BYTES};
        udp->in_messages[i].msg_hdr = (struct msghdr){
            .msg_name = &slot->name,
            .msg_namelen = sizeof slot->name,
            .msg_iov = &slot->bytes,
            .msg_iovlen = 1,
            .msg_control = slot->control,
            .msg_controllen = sizeof slot->control,
        };
    }
}

/* One batch; false when the socket had no more. */
static bool receive_batch(struct cv_udp *udp) {
    struct cv_datagram datagrams[CV_UDP_BATCH];
    size_t count = 0;
    int got = recvmmsg(udp->watch.fd, udp->in_messages, CV_UDP_BATCH, MSG_DONTWAIT, NULL);
    for (int i = 0; i < got; i++) {
        struct msghdr *message = &udp->in_messages[i].msg_hdr;
        if (message->msg_flags & MSG_TRUNC) {
            udp->counters.oversized++;
            continue;
        }
        datagrams[count++] = (struct cv_datagram){
            .peer = cv_socket_addr(&udp->in[i].name),
            .local = received_at(udp, message),
            .data = udp->buffers[i],
            .size = udp->in_messages[i].msg_len,
        };
    }
    udp->counters.datagrams_in += count;
    if (count > 0) {
        udp->handler.on_datagrams(udp->handler.context, udp, datagrams, count);
    }
    prepare_in(udp, got > 0 ? (size_t)got : 0);
    return got == CV_UDP_BATCH;
}

static void on_readable(struct cv_watch *watch, uint32_t events) {
    struct cv_udp *udp = CV_CONTAINER_OF(watch, struct cv_udp, watch);
    for (int i = 0; i < BATCHES_PER_TURN && receive_batch(udp); i++) {
    }
}

/* --- life --- */

/* A socket on all addresses is told with each datagram to which of them it came. */
static bool learn_addresses(struct cv_udp *udp) {
    int on = 1;
    struct cv_addr local = cv_udp_local(udp);
    udp->is_v6 = local.family == CV_ADDR_V6;
    if (cv_addr_scope(&local) != CV_ADDR_UNSPECIFIED) {
        local.port = 0;
        udp->bound = local;
        return true;
    }
    return (udp->is_v6 ? setsockopt(udp->watch.fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on)
                       : setsockopt(udp->watch.fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on)) == 0;
}

enum cv_err cv_udp_new(struct cv_loop *loop, int fd, const struct cv_udp_handler *handler,
                       struct cv_udp **ret_udp) {
    int segment = 0;
    socklen_t segment_size = sizeof segment;
    struct cv_udp *udp = calloc(1, sizeof *udp);
    if (!udp) {
        return CV_ERR_MEMORY;
    }
    udp->loop = loop;
    udp->handler = *handler;
    udp->watch.fd = fd;
    udp->has_gso = getsockopt(fd, IPPROTO_UDP, UDP_SEGMENT, &segment, &segment_size) == 0;
    prepare_in(udp, CV_UDP_BATCH);
    enum cv_err err = learn_addresses(udp)
                          ? cv_loop_watch(loop, &udp->watch, fd, EPOLLIN, on_readable)
                          : CV_ERR_SYSTEM;
    if (err) {
        free(udp);
        return err;
    }
    *ret_udp = udp;
    return CV_OK;
}

struct cv_udp *cv_udp_free(struct cv_udp *udp) {
    if (!udp) {
        return NULL;
    }
    int fd = udp->watch.fd;
    cv_loop_unwatch(udp->loop, &udp->watch);
    close(fd);
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

/* --- sending --- */

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

/* The next message: all of `data` to the run's peer, in segments when `segment_bytes` isn't 0. */
static void append(struct cv_udp *udp, const struct cv_udp_run *run, struct cv_slice data,
                   uint16_t segment_bytes) {
    struct slot *slot = &udp->out[udp->out_count];
    struct msghdr *message = &udp->out_messages[udp->out_count++].msg_hdr;
    /* sendmmsg takes the bytes as they are; struct iovec has no const. */
    slot->bytes = (struct iovec){(void *)(uintptr_t)data.data, data.size};
    slot->segment_bytes = segment_bytes;
    *message = (struct msghdr){
        .msg_name = &slot->name,
        .msg_namelen = cv_socket_address(&run->peer, &slot->name),
        .msg_iov = &slot->bytes,
        .msg_iovlen = 1,
    };
    bool chosen = udp->bound.family != CV_ADDR_NONE;
    if (!chosen && run->local.family == CV_ADDR_V4 && !udp->is_v6) {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, run->local.ip, 4);
        append_control(message, slot, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else if (!chosen && run->local.family == CV_ADDR_V6 && udp->is_v6) {
        struct in6_pktinfo info = {0};
        memcpy(&info.ipi6_addr, run->local.ip, 16);
        append_control(message, slot, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
    if (segment_bytes) {
        append_control(message, slot, IPPROTO_UDP, UDP_SEGMENT, &segment_bytes,
                       sizeof segment_bytes);
    }
}

static size_t datagrams_of(const struct slot *slot) {
    size_t segment = slot->segment_bytes;
    return segment ? (slot->bytes.iov_len + segment - 1) / segment : 1;
}

static struct cv_addr *refuser_place(struct cv_udp *udp, const struct cv_addr *peer) {
    uint32_t hash = peer->port;
    for (size_t i = 0; i < sizeof peer->ip; i++) {
        hash = hash * 31 + peer->ip[i];
    }
    return &udp->refusers[hash % REFUSERS];
}

static bool takes_runs(struct cv_udp *udp, const struct cv_addr *peer) {
    return udp->has_gso && !cv_addr_eq(refuser_place(udp, peer), peer);
}

static void count_sent(struct cv_udp *udp, const struct slot *slot) {
    udp->counters.datagrams_out += datagrams_of(slot);
    udp->counters.runs++;
    udp->gso_proven |= slot->segment_bytes != 0;
}

/*
 * The kernel said no to a run: its device can't check-sum for itself (EIO), or the segments are
 * larger than the path takes in one piece (EINVAL, EMSGSIZE); single datagrams are fragmented.
 */
static void send_refused(struct cv_udp *udp, size_t index) {
    struct slot *slot = &udp->out[index];
    struct msghdr *message = &udp->out_messages[index].msg_hdr;
    struct iovec whole = slot->bytes;
    size_t segment = slot->segment_bytes;
    struct cv_addr peer = cv_socket_addr(&slot->name);
    *refuser_place(udp, &peer) = peer;
    udp->counters.split++;
    if (!udp->gso_proven && udp->counters.split >= REFUSED_IN_VAIN) {
        udp->has_gso = false;
    }
    message->msg_controllen -= CMSG_SPACE(sizeof(uint16_t)); /* the segment size stands last */
    slot->segment_bytes = 0;
    for (size_t at = 0; at < whole.iov_len; at += segment) {
        size_t left = whole.iov_len - at;
        slot->bytes =
            (struct iovec){(uint8_t *)whole.iov_base + at, left < segment ? left : segment};
        udp->counters.sends++;
        if (sendmsg(udp->watch.fd, message, MSG_DONTWAIT) < 0) {
            udp->counters.unsent++;
        } else {
            count_sent(udp, slot);
        }
    }
}

/* Sends what was appended. */
static void transmit(struct cv_udp *udp) {
    size_t at = 0;
    while (at < udp->out_count) {
        int sent = sendmmsg(udp->watch.fd, &udp->out_messages[at], (unsigned)(udp->out_count - at),
                            MSG_DONTWAIT);
        udp->counters.sends++;
        for (int i = 0; i < sent; i++) {
            count_sent(udp, &udp->out[at++]);
        }
        if (sent >= 0 || errno == EINTR) {
            continue; /* of the message that stopped it, the next call says why */
        }
        if (errno == EAGAIN || errno == ENOBUFS) {
            for (; at < udp->out_count; at++) {
                udp->counters.unsent += datagrams_of(&udp->out[at]);
            }
        } else if (udp->out[at].segment_bytes &&
                   (errno == EIO || errno == EINVAL || errno == EMSGSIZE)) {
            send_refused(udp, at++);
        } else {
            udp->counters.unsent += datagrams_of(&udp->out[at++]);
        }
    }
    udp->out_count = 0;
}

static void append_single(struct cv_udp *udp, const struct cv_udp_run *run) {
    struct cv_slice rest = run->data;
    while (rest.size > 0) {
        size_t size = rest.size < run->segment_bytes ? rest.size : run->segment_bytes;
        if (udp->out_count == CV_UDP_BATCH) {
            transmit(udp);
        }
        append(udp, run, cv_slice_of(rest.data, size), 0);
        rest = cv_slice_of(rest.data + size, rest.size - size);
    }
}

void cv_udp_send(struct cv_udp *udp, const struct cv_udp_run *runs, size_t count) {
    for (size_t i = 0; i < count; i++) {
        const struct cv_udp_run *run = &runs[i];
        if (run->data.size > run->segment_bytes && !takes_runs(udp, &run->peer)) {
            append_single(udp, run);
            continue;
        }
        if (udp->out_count == CV_UDP_BATCH) {
            transmit(udp);
        }
        append(udp, run, run->data, run->data.size > run->segment_bytes ? run->segment_bytes : 0);
    }
    transmit(udp);
}
