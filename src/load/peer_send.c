/* SPDX-License-Identifier: Apache-2.0 */
#include "load/peer_private.h"
#include "media/rtp.h"

#include <sys/socket.h>

enum { LOUD = 20 /* -dBov: clearly someone who speaks */ };

/* One peer sends at a time, and flushes before another does. */
static struct {
    uint8_t packets[CV_LOAD_BATCH][CV_LOAD_MAX_DATAGRAM];
    struct iovec vectors[CV_LOAD_BATCH];
    struct mmsghdr messages[CV_LOAD_BATCH];
    unsigned count;
} queue;

struct cv_load_sent *cv_load_peer_sent(struct cv_load_peer *peer, enum cv_media_kind kind) {
    for (size_t i = 0; i < peer->sent_count; i++)
        if (peer->sent[i].kind == kind)
            return &peer->sent[i];
    return NULL;
}

bool cv_load_peer_queue(struct cv_load_peer *peer, const struct cv_load_sent *sent,
                        const struct cv_rtp *rtp, struct cv_slice payload) {
    uint8_t level = 0x80 | LOUD, number[2];
    struct cv_rtp_element elements[2];
    size_t element_count = 0, size;
    if (!peer->connected || queue.count == CV_LOAD_BATCH)
        return false;
    if (sent->level_id)
        elements[element_count++] = (struct cv_rtp_element){sent->level_id, {&level, 1}};
    if (sent->twcc_id) {
        cv_put_be16(number, peer->twcc_sequence);
        elements[element_count++] = (struct cv_rtp_element){sent->twcc_id, {number, 2}};
    }
    uint8_t *packet = queue.packets[queue.count];
    if (cv_rtp_write_header(rtp, 0, elements, element_count, packet, CV_LOAD_MAX_DATAGRAM, &size) ||
        cv_srtp_protect(peer->send, packet, size, payload, CV_LOAD_MAX_DATAGRAM, &size))
        return false;
    queue.vectors[queue.count] = (struct iovec){packet, size};
    queue.messages[queue.count].msg_hdr =
        (struct msghdr){.msg_iov = &queue.vectors[queue.count], .msg_iovlen = 1};
    queue.count++;
    peer->twcc_sequence += sent->twcc_id != 0;
    return true;
}

bool cv_load_peer_send(struct cv_load_peer *peer, struct cv_load_sent *sent, uint32_t timestamp,
                       bool marker, struct cv_slice payload) {
    const struct cv_rtp rtp = {
        .marker = marker,
        .payload_type = sent->payload_type,
        .sequence = sent->sequence,
        .timestamp = timestamp,
        .ssrc = sent->ssrc,
    };
    if (!cv_load_peer_queue(peer, sent, &rtp, payload))
        return false;
    sent->timestamp = timestamp;
    cv_load_sent_keep(sent, marker, payload);
    sent->sequence++;
    sent->packets++;
    sent->bytes += (uint32_t)payload.size;
    return true;
}

void cv_load_peer_flush(struct cv_load_peer *peer) {
    if (queue.count > 0)
        (void)!sendmmsg(peer->fd, queue.messages, queue.count, MSG_DONTWAIT);
    queue.count = 0;
}

bool cv_load_peer_take_key_request(struct cv_load_peer *peer) {
    bool requested = peer->key_requested;
    peer->key_requested = false;
    return requested;
}
