/* SPDX-License-Identifier: Apache-2.0 */
#include "io/clock.h"
#include "load/peer_private.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/udp.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

enum { SOCKET_BUFFER_BYTES = 4 * 1024 * 1024 };

static struct sockaddr_in to_sockaddr(const struct cv_addr *addr) {
    struct sockaddr_in out = {.sin_family = AF_INET, .sin_port = htons(addr->port)};
    memcpy(&out.sin_addr, addr->ip, sizeof out.sin_addr);
    return out;
}

void cv_load_peer_transmit(const struct cv_load_peer *peer, const uint8_t *data, size_t size) {
    /* What is lost here is lost as on any network. */
    (void)!send(peer->fd, data, size, MSG_DONTWAIT);
}

void cv_load_peer_fail(struct cv_load_peer *peer, const char *reason) {
    if (peer->failed)
        return;
    peer->failed = true;
    peer->connected = false;
    peer->handlers.on_failed(peer->handlers.context, peer, reason);
}

/* Sends what ICE, DTLS and RTCP have to say now, and sets the timer for what they say next. */
void cv_load_peer_advance(struct cv_load_peer *peer, int64_t now_us) {
    uint8_t bytes[CV_DTLS_MTU_BYTES];
    _Static_assert((int)CV_ICE_CHECK_BYTES <= (int)CV_DTLS_MTU_BYTES, "one buffer serves both");
    if (peer->failed)
        return;
    size_t size = cv_ice_client_output(&peer->ice, now_us, peer->net->random, bytes);
    if (size > 0)
        cv_load_peer_transmit(peer, bytes, size);
    if (peer->ice.state == CV_ICE_CLIENT_EXPIRED) {
        cv_load_peer_fail(peer, "no answer to the connectivity checks");
        return;
    }
    if (peer->dtls && now_us >= cv_dtls_deadline(peer->dtls, now_us))
        cv_dtls_tick(peer->dtls);
    while (peer->dtls && (size = cv_dtls_output(peer->dtls, bytes)) > 0)
        cv_load_peer_transmit(peer, bytes, size);
    if (peer->connected)
        cv_load_peer_report(peer, now_us);
    int64_t deadline_us = cv_ice_client_deadline(&peer->ice);
    int64_t dtls_us = peer->dtls ? cv_dtls_deadline(peer->dtls, now_us) : CV_TIME_NEVER;
    int64_t report_us = cv_load_peer_report_deadline(peer);
    if (dtls_us < deadline_us)
        deadline_us = dtls_us;
    if (report_us < deadline_us)
        deadline_us = report_us;
    if (deadline_us != CV_TIME_NEVER &&
        cv_loop_timer_set(peer->net->loop, &peer->timer, deadline_us))
        cv_load_peer_fail(peer, "out of memory");
}

static void on_timer(struct cv_timer *timer) {
    cv_load_peer_advance(CV_CONTAINER_OF(timer, struct cv_load_peer, timer),
                         cv_clock_monotonic_us());
}

static enum cv_err open_socket(struct cv_load_peer *peer) {
    struct sockaddr_in local = to_sockaddr(&peer->net->local);
    socklen_t size = sizeof local;
    int bytes = SOCKET_BUFFER_BYTES;
    peer->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (peer->fd < 0 || bind(peer->fd, (const struct sockaddr *)&local, sizeof local) < 0 ||
        getsockname(peer->fd, (struct sockaddr *)&local, &size) < 0)
        return CV_ERR_SYSTEM;
    peer->port = ntohs(local.sin_port);
    /* Root may go past the system's limit; for others the limit is what they get. */
    if (setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUFFORCE, &bytes, sizeof bytes) < 0)
        (void)setsockopt(peer->fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
    const int on = 1;
    if (setsockopt(peer->fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0)
        return CV_ERR_SYSTEM;
    /* Receivers on one machine mustn't cost the server what many machines would spend: runs stay
     * whole (Linux 5.0; older ones take them apart for us). */
    (void)setsockopt(peer->fd, IPPROTO_UDP, UDP_GRO, &on, sizeof on);
    return cv_load_inbox_add(&peer->net->inbox, peer->fd, peer);
}

enum cv_err cv_load_peer_new(struct cv_load_net *net, bool verify,
                             const struct cv_load_peer_handlers *handlers,
                             struct cv_load_peer **ret_peer) {
    struct cv_load_peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        return CV_ERR_MEMORY;
    peer->net = net;
    peer->verify = verify;
    peer->handlers = *handlers;
    peer->fd = -1;
    peer->timer.call = on_timer;
    cv_ice_client_init(&peer->ice, net->random);
    enum cv_err err = open_socket(peer);
    if (err) {
        cv_load_peer_free(peer);
        return err;
    }
    *ret_peer = peer;
    return CV_OK;
}

struct cv_load_peer *cv_load_peer_free(struct cv_load_peer *peer) {
    if (!peer)
        return NULL;
    if (peer->dtls && peer->connected) {
        uint8_t bytes[CV_DTLS_MTU_BYTES];
        size_t size;
        cv_dtls_close(peer->dtls);
        while ((size = cv_dtls_output(peer->dtls, bytes)) > 0)
            cv_load_peer_transmit(peer, bytes, size);
    }
    cv_loop_timer_cancel(peer->net->loop, &peer->timer);
    if (peer->fd >= 0)
        close(peer->fd);
    cv_dtls_free(peer->dtls);
    cv_srtp_free(peer->send);
    cv_srtp_free(peer->receive);
    for (size_t i = 0; i < peer->sent_count; i++)
        free(peer->sent[i].kept);
    free(peer);
    return NULL;
}

void cv_load_peer_describe(const struct cv_load_peer *peer,
                           struct cv_load_description *description) {
    const struct cv_ice_credentials *ours = cv_ice_client_credentials(&peer->ice);
    memcpy(description->ufrag, ours->ufrag, sizeof ours->ufrag);
    memcpy(description->password, ours->password, sizeof ours->password);
    description->fingerprint = *cv_dtls_identity_fingerprint(peer->net->identity);
    description->setup = description->is_offer ? CV_LOAD_ACTPASS : CV_LOAD_ACTIVE;
    description->candidates[0] = cv_load_peer_local(peer);
    description->candidate_count = 1;
}

static enum cv_err connect_to(struct cv_load_peer *peer, const struct cv_addr *server) {
    struct sockaddr_in remote = to_sockaddr(server);
    peer->server = *server;
    return connect(peer->fd, (const struct sockaddr *)&remote, sizeof remote) < 0 ? CV_ERR_SYSTEM
                                                                                  : CV_OK;
}

/* What a pair of lines agrees on. The ids and types of the other side's line are those to use. */
static void take_line(struct cv_load_peer *peer, const struct cv_load_line *ours,
                      const struct cv_load_line *theirs) {
    if (theirs->rejected || !theirs->payload_type)
        return;
    if ((ours->direction & CV_LOAD_SENDS) && (theirs->direction & CV_LOAD_RECEIVES) &&
        peer->sent_count < CV_LOAD_MAX_SENT && !cv_load_peer_sent(peer, ours->kind))
        peer->sent[peer->sent_count++] = (struct cv_load_sent){
            .kind = ours->kind,
            .payload_type = theirs->payload_type,
            .ssrc = ours->ssrc,
            .level_id = cv_rtp_extension_id(&theirs->extensions, CV_RTP_EXT_AUDIO_LEVEL),
            .twcc_id = cv_rtp_extension_id(&theirs->extensions, CV_RTP_EXT_TWCC),
            .sequence = (uint16_t)(cv_random_u32(peer->net->random) & 0x7fff),
            .rtx_payload_type = theirs->rtx_payload_type,
            .rtx_ssrc = ours->rtx_ssrc,
            .rtx_sequence = (uint16_t)(cv_random_u32(peer->net->random) & 0x7fff),
        };
    if ((ours->direction & CV_LOAD_RECEIVES) && (theirs->direction & CV_LOAD_SENDS)) {
        if (cv_rtp_extension_id(&ours->extensions, CV_RTP_EXT_TWCC))
            peer->receive_twcc_id = cv_rtp_extension_id(&theirs->extensions, CV_RTP_EXT_TWCC);
        if (theirs->rtx_payload_type)
            peer->is_rtx[theirs->rtx_payload_type] = true;
    }
}

enum cv_err cv_load_peer_start(struct cv_load_peer *peer, const struct cv_load_description *ours,
                               const struct cv_load_description *theirs) {
    int64_t now_us = cv_clock_monotonic_us();
    if (theirs->candidate_count == 0)
        return CV_ERR_TYPE;
    enum cv_err err = connect_to(peer, &theirs->candidates[0]);
    if (!err)
        err = cv_ice_client_start(&peer->ice, now_us, cv_slice_str(theirs->ufrag),
                                  cv_slice_str(theirs->password));
    if (err)
        return err;
    for (size_t i = 0; i < ours->line_count && i < theirs->line_count; i++)
        take_line(peer, &ours->lines[i], &theirs->lines[i]);
    peer->role =
        ours->is_offer && theirs->setup == CV_LOAD_ACTIVE ? CV_DTLS_SERVER : CV_DTLS_CLIENT;
    peer->remote_fingerprint = theirs->fingerprint;
    cv_load_peer_advance(peer, now_us);
    return CV_OK;
}

void cv_load_peer_connected(struct cv_load_peer *peer) {
    /* Reports of many peers that came at once are spread out. */
    int64_t spread_us = cv_random_u32(peer->net->random) % CV_LOAD_REPORT_US;
    int64_t now_us = cv_clock_monotonic_us();
    peer->connected = true;
    peer->report_at_us = now_us + spread_us;
    peer->twcc_at_us = now_us + spread_us % CV_LOAD_TWCC_US;
    peer->handlers.on_connected(peer->handlers.context, peer);
}

enum cv_err cv_load_peer_start_plain(struct cv_load_peer *peer, const struct cv_addr *server,
                                     const struct cv_load_keys *keys) {
    enum cv_err err = connect_to(peer, server);
    if (err)
        return err;
    peer->plain = true;
    peer->send = cv_srtp_new(CV_SRTP_AEAD_AES_128_GCM, CV_SRTP_SEND, keys->send_key,
                             keys->send_salt, CV_LOAD_MAX_STREAMS);
    peer->receive = cv_srtp_new(CV_SRTP_AEAD_AES_128_GCM, CV_SRTP_RECEIVE, keys->receive_key,
                                keys->receive_salt, CV_LOAD_MAX_STREAMS);
    if (!peer->send || !peer->receive)
        return CV_ERR_MEMORY;
    const struct cv_load_sent sent[] = {
        {.kind = CV_MEDIA_AUDIO, .payload_type = CV_LOAD_OPUS, .level_id = 1, .twcc_id = 3},
        {.kind = CV_MEDIA_VIDEO, .payload_type = CV_LOAD_VP8, .twcc_id = 3},
    };
    for (size_t i = 0; i < CV_LOAD_MAX_SENT; i++) {
        peer->sent[i] = sent[i];
        peer->sent[i].ssrc = cv_random_u32(peer->net->random);
    }
    peer->sent_count = CV_LOAD_MAX_SENT;
    cv_load_peer_connected(peer);
    return CV_OK;
}

struct cv_addr cv_load_peer_local(const struct cv_load_peer *peer) {
    struct cv_addr local = peer->net->local;
    local.port = peer->port;
    return local;
}
