/* SPDX-License-Identifier: Apache-2.0 */
/* What a peer sent of late, and sends again when the server asks for it (RFC 4588). */
#include "load/peer_private.h"

#include <stdlib.h>

/* A place is taken by every 256th packet; without memory there is nothing to send again. */
void cv_load_sent_keep(struct cv_load_sent *sent, bool marker, struct cv_slice payload) {
    struct cv_load_kept *kept;
    if (!sent->rtx_payload_type || payload.size > CV_STAMP_MAX_PAYLOAD)
        return;
    if (!sent->kept)
        sent->kept = calloc(CV_LOAD_KEPT, sizeof *sent->kept);
    if (!sent->kept)
        return;
    kept = &sent->kept[sent->sequence % CV_LOAD_KEPT];
    kept->timestamp = sent->timestamp;
    kept->marker = marker;
    kept->size = (uint16_t)(CV_RTX_HEADER_BYTES + payload.size);
    cv_put_be16(kept->payload, sent->sequence);
    memcpy(kept->payload + CV_RTX_HEADER_BYTES, payload.data, payload.size);
}

static struct cv_load_sent *sent_by_ssrc(struct cv_load_peer *peer, uint32_t ssrc) {
    for (size_t i = 0; i < peer->sent_count; i++)
        if (peer->sent[i].ssrc == ssrc)
            return &peer->sent[i];
    return NULL;
}

static bool resend(struct cv_load_peer *peer, struct cv_load_sent *sent, uint16_t sequence) {
    const struct cv_load_kept *kept = &sent->kept[sequence % CV_LOAD_KEPT];
    if (kept->size == 0 || cv_get_be16(kept->payload) != sequence)
        return false;
    const struct cv_rtp rtp = {
        .marker = kept->marker,
        .payload_type = sent->rtx_payload_type,
        .sequence = sent->rtx_sequence,
        .timestamp = kept->timestamp,
        .ssrc = sent->rtx_ssrc,
    };
    if (!cv_load_peer_queue(peer, sent, &rtp, cv_slice_of(kept->payload, kept->size)))
        return false;
    sent->rtx_sequence++;
    return true;
}

void cv_load_peer_take_nack(struct cv_load_peer *peer, const struct cv_rtcp_packet *packet) {
    struct cv_rtcp_feedback feedback;
    size_t place = 0;
    uint16_t sequence;
    if (cv_rtcp_read_feedback(packet, &feedback))
        return;
    struct cv_load_sent *sent = sent_by_ssrc(peer, feedback.media);
    while (cv_rtcp_next_nack(&feedback, &place, &sequence)) {
        peer->counted.nacks++;
        if (sent && sent->kept && resend(peer, sent, sequence))
            peer->counted.resent++;
    }
    cv_load_peer_flush(peer);
}
