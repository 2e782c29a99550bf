/* SPDX-License-Identifier: Apache-2.0 */
#include "io/clock.h"
#include "load/peer_private.h"
#include "load/stamp.h"
#include "media/demux.h"
#include "media/rtp.h"

#include <netinet/in.h>
#include <netinet/udp.h>
#include <sys/socket.h>

enum { MAX_SRTP_STREAMS = 2 * CV_LOAD_MAX_STREAMS };

static void start_dtls(struct cv_load_peer *peer) {
    peer->dtls = cv_dtls_new(peer->net->identity, peer->role, &peer->remote_fingerprint);
    if (!peer->dtls)
        cv_load_peer_fail(peer, "out of memory");
}

static void take_stun(struct cv_load_peer *peer, int64_t now_us, struct cv_slice datagram) {
    struct cv_stun_message message;
    uint8_t answer[CV_ICE_ANSWER_BYTES];
    if (cv_stun_parse(datagram, &message))
        return;
    size_t size = cv_ice_client_input(&peer->ice, now_us, &message, &peer->server, answer);
    if (size > 0)
        cv_load_peer_transmit(peer, answer, size);
    if (peer->ice.state == CV_ICE_CLIENT_CONNECTED && !peer->dtls)
        start_dtls(peer);
    cv_load_peer_advance(peer, now_us);
}

static void take_keys(struct cv_load_peer *peer) {
    struct cv_dtls_keys keys;
    if (cv_dtls_export_keys(peer->dtls, &keys)) {
        cv_load_peer_fail(peer, "no SRTP keys");
        return;
    }
    peer->send =
        cv_srtp_new(keys.profile, CV_SRTP_SEND, keys.send_key, keys.send_salt, MAX_SRTP_STREAMS);
    peer->receive = cv_srtp_new(keys.profile, CV_SRTP_RECEIVE, keys.receive_key, keys.receive_salt,
                                MAX_SRTP_STREAMS);
    cv_wipe(&keys, sizeof keys);
    if (!peer->send || !peer->receive)
        cv_load_peer_fail(peer, "out of memory");
    else
        cv_load_peer_connected(peer);
}

static void take_dtls(struct cv_load_peer *peer, int64_t now_us, struct cv_slice datagram) {
    if (!peer->dtls)
        return; /* the server was faster than the answer to our check: it repeats it */
    (void)cv_dtls_input(peer->dtls, datagram);
    enum cv_dtls_state state = cv_dtls_state(peer->dtls);
    cv_load_peer_advance(peer, now_us);
    if (state == CV_DTLS_CONNECTED && !peer->send)
        take_keys(peer);
    else if (state == CV_DTLS_CLOSED || state == CV_DTLS_FAILED)
        cv_load_peer_fail(peer, state == CV_DTLS_CLOSED ? "the server closed the connection"
                                                        : "the DTLS handshake failed");
    if (peer->connected)
        cv_load_peer_advance(peer, now_us);
}

static struct cv_load_stream *find_stream(struct cv_load_peer *peer, uint32_t ssrc) {
    if (peer->last_stream < peer->stream_count && peer->streams[peer->last_stream].ssrc == ssrc)
        return &peer->streams[peer->last_stream];
    for (size_t i = 0; i < peer->stream_count; i++)
        if (peer->streams[i].ssrc == ssrc) {
            peer->last_stream = i;
            return &peer->streams[i];
        }
    return NULL;
}

static struct cv_load_stream *add_stream(struct cv_load_peer *peer, uint32_t ssrc,
                                         uint16_t sequence) {
    if (peer->stream_count == CV_LOAD_MAX_STREAMS)
        return NULL;
    struct cv_load_stream *stream = &peer->streams[peer->stream_count++];
    /* As if the packet before had come: so gaps count from here. */
    uint64_t before = (uint64_t)UINT16_MAX + sequence;
    *stream = (struct cv_load_stream){
        .ssrc = ssrc, .highest = before, .marked_highest = before, .reported_highest = before};
    return stream;
}

/* RFC 3550 appendix A.1, without its probation: the server is trusted to number well. */
static void count(struct cv_load_peer *peer, const uint8_t *packet, size_t size) {
    uint16_t sequence = cv_get_be16(packet + 2);
    uint32_t ssrc = cv_get_be32(packet + 8);
    if (peer->is_rtx[packet[1] & 0x7f]) {
        peer->counted.retransmitted++;
        return;
    }
    struct cv_load_stream *stream = find_stream(peer, ssrc);
    if (!stream)
        stream = add_stream(peer, ssrc, sequence);
    if (!stream)
        return;
    int16_t ahead = (int16_t)(sequence - (uint16_t)stream->highest);
    if (ahead > 0)
        stream->highest += (uint64_t)ahead;
    stream->received++;
    stream->bytes += size;
    if (!peer->has_media) {
        peer->has_media = true;
        peer->handlers.on_media(peer->handlers.context, peer);
    }
}

static void note_arrival(struct cv_load_peer *peer, int64_t now_us, const uint8_t *packet,
                         size_t size) {
    size_t header_bytes, offset = 0;
    struct cv_slice whole = cv_slice_of(packet, size);
    if (!(packet[0] & 0x10) || cv_rtp_header_size(whole, &header_bytes))
        return;
    size_t start = CV_RTP_HEADER_BYTES + 4 * (size_t)(packet[0] & 0x0f);
    struct cv_rtp rtp = {
        .extension_profile = cv_get_be16(packet + start),
        .extensions = cv_slice_of(packet + start + 4, header_bytes - start - 4),
    };
    struct cv_rtp_element element;
    while (cv_rtp_next_element(&rtp, &offset, &element))
        if (element.id == peer->receive_twcc_id && element.value.size == 2)
            cv_twcc_record(&peer->arrivals, cv_get_be16(element.value.data), now_us);
}

/* The packet is decrypted in place. */
static void verify(struct cv_load_peer *peer, int64_t arrived_us, uint8_t *packet, size_t size) {
    struct cv_rtp rtp;
    struct cv_stamp stamp;
    bool is_rtx = peer->is_rtx[packet[1] & 0x7f];
    enum cv_err err = cv_srtp_unprotect(peer->receive, packet, size, &size);
    if (err == CV_ERR_SEQUENCE)
        return; /* sent twice by the network */
    if (!err)
        err = cv_rtp_parse(cv_slice_of(packet, size), &rtp);
    if (is_rtx || (!err && rtp.payload.size == 0))
        return; /* padding, to probe the path */
    if (!err)
        err = cv_stamp_read(rtp.payload, &stamp);
    if (err) {
        peer->counted.damaged++;
        return;
    }
    peer->counted.verified++;
    if (peer->net->measuring)
        cv_histogram_add(peer->net->latency, arrived_us - stamp.sent_us);
}

static void take_rtcp(struct cv_load_peer *peer, int64_t now_us, uint8_t *packet, size_t size) {
    /* Those who only watch have no use for what a server reports. */
    if (peer->sent_count == 0 && !peer->verify)
        return;
    if (cv_srtcp_unprotect(peer->receive, packet, size, &size))
        peer->counted.damaged++;
    else
        cv_load_peer_take_rtcp(peer, now_us, cv_slice_of(packet, size));
}

static void take(struct cv_load_peer *peer, int64_t arrived_us, uint8_t *data, size_t size) {
    struct cv_slice datagram = cv_slice_of(data, size);
    switch (cv_datagram_kind(datagram)) {
    case CV_DATAGRAM_STUN:
        take_stun(peer, cv_clock_monotonic_us(), datagram);
        break;
    case CV_DATAGRAM_DTLS:
        take_dtls(peer, cv_clock_monotonic_us(), datagram);
        break;
    case CV_DATAGRAM_RTP:
        if (!peer->connected || size < CV_RTP_HEADER_BYTES)
            break;
        count(peer, data, size);
        if (peer->receive_twcc_id)
            note_arrival(peer, arrived_us, data, size);
        if (peer->verify)
            verify(peer, arrived_us, data, size);
        break;
    case CV_DATAGRAM_RTCP:
        if (peer->connected)
            take_rtcp(peer, arrived_us, data, size);
        break;
    case CV_DATAGRAM_UNKNOWN:
        break;
    }
}

/* What a message says of its datagrams beside their bytes. */
struct arrival {
    int64_t at_us;
    size_t segment_bytes; /* of each of them but the last */
};

/*
 * Arrival is when the kernel had them: one thread plays hundreds of receivers, and the moment at
 * which it gets round to a packet would say that the packet's path is jammed.
 */
static struct arrival read_arrival(struct msghdr *message, int64_t now_us, size_t size) {
    struct arrival arrival = {.at_us = now_us, .segment_bytes = size};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec at;
            memcpy(&at, CMSG_DATA(c), sizeof at);
            int64_t age_us = cv_clock_wall_us() - at.tv_sec * CV_US_PER_S - at.tv_nsec / 1000;
            arrival.at_us = now_us - age_us;
        } else if (c->cmsg_level == IPPROTO_UDP && c->cmsg_type == UDP_GRO) {
            int segment_bytes;
            memcpy(&segment_bytes, CMSG_DATA(c), sizeof segment_bytes);
            arrival.segment_bytes = (size_t)segment_bytes;
        }
    }
    return arrival;
}

/* A run of datagrams that the kernel handed over in one piece. */
static void take_run(struct cv_load_peer *peer, struct msghdr *message, size_t size) {
    uint8_t *data = message->msg_iov->iov_base;
    const struct arrival arrival = read_arrival(message, cv_clock_monotonic_us(), size);
    for (size_t at = 0; at < size && !peer->failed; at += arrival.segment_bytes) {
        size_t left = size - at;
        take(peer, arrival.at_us, data + at,
             left < arrival.segment_bytes ? left : arrival.segment_bytes);
    }
}

void cv_load_peer_receive(void *context) {
    struct cv_load_peer *peer = context;
    static union {
        uint8_t bytes[CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } controls[CV_LOAD_RUNS];
    static uint8_t buffers[CV_LOAD_RUNS][CV_LOAD_RUN_BYTES];
    static struct iovec vectors[CV_LOAD_RUNS];
    static struct mmsghdr messages[CV_LOAD_RUNS];
    int taken;
    do {
        for (size_t i = 0; i < CV_LOAD_RUNS; i++) {
            vectors[i] = (struct iovec){buffers[i], sizeof buffers[i]};
            messages[i].msg_hdr = (struct msghdr){.msg_iov = &vectors[i],
                                                  .msg_iovlen = 1,
                                                  .msg_control = &controls[i],
                                                  .msg_controllen = sizeof controls[i]};
        }
        taken = recvmmsg(peer->fd, messages, CV_LOAD_RUNS, MSG_DONTWAIT, NULL);
        for (int i = 0; i < taken && !peer->failed; i++)
            take_run(peer, &messages[i].msg_hdr, messages[i].msg_len);
    } while (taken == CV_LOAD_RUNS && !peer->failed);
}

void cv_load_peer_mark(struct cv_load_peer *peer) {
    for (size_t i = 0; i < peer->stream_count; i++) {
        struct cv_load_stream *stream = &peer->streams[i];
        stream->marked_highest = stream->highest;
        stream->marked_received = stream->received;
        stream->marked_bytes = stream->bytes;
    }
    peer->marked = peer->counted;
}

void cv_load_peer_tally(const struct cv_load_peer *peer, struct cv_load_tally *tally) {
    for (size_t i = 0; i < peer->stream_count; i++) {
        const struct cv_load_stream *stream = &peer->streams[i];
        uint64_t received = stream->received - stream->marked_received;
        uint64_t expected = stream->highest - stream->marked_highest;
        tally->streams += received > 0;
        tally->received += received;
        tally->bytes += stream->bytes - stream->marked_bytes;
        tally->lost += expected > received ? expected - received : 0;
    }
    tally->retransmitted += peer->counted.retransmitted - peer->marked.retransmitted;
    tally->verified += peer->counted.verified - peer->marked.verified;
    tally->damaged += peer->counted.damaged - peer->marked.damaged;
    tally->nacks += peer->counted.nacks - peer->marked.nacks;
    tally->resent += peer->counted.resent - peer->marked.resent;
}
