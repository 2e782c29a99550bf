/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From an offer to a peer, a new one or one that goes on, and the answer. What was agreed is taken
 * in agreed.c.
 */
#include "media/relay_private.h"

#include <stdlib.h>

enum { SPARE_STREAMS = 8 /* SSRCs of RTCP, beside the media's */ };

/* What one codec is best for everybody: all browsers have it, and simulcast with it. */
static const enum cv_codec video_codecs[] = {CV_CODEC_VP8, CV_CODEC_VP9, CV_CODEC_H264,
                                             CV_CODEC_AV1};

/* An offer on its way to a peer. */
struct offer {
    const struct cv_relay_peer_config *config;
    struct cv_sdp_offer *sdp;
    struct cv_sdp_session *session;
    struct cv_peer *peer; /* the one that it renews; or the new one */
    bool is_new;
};

static bool same_fingerprint(const struct cv_fingerprint *a, const struct cv_fingerprint *b) {
    return a->hash == b->hash &&
           cv_slice_eq(cv_slice_of(a->digest, a->size), cv_slice_of(b->digest, b->size));
}

/* The connection that this session is, NULL when there is none. */
static struct cv_peer *find_session(const struct cv_relay *relay,
                                    const struct cv_relay_peer_config *config) {
    struct cv_peer *peer = cv_relay_find(relay, &config->participant);
    for (; peer; peer = peer->successor)
        if (strcmp(peer->config.session, config->session) == 0 &&
            cv_id_eq(&peer->config.meeting, &config->meeting))
            return peer;
    return NULL;
}

/* Of a session that is renewed, what keeps its SSRCs: the slots. */
static struct cv_sdp_session *previous_of(const struct cv_peer *peer) {
    struct cv_sdp_session *session = calloc(1, sizeof *session);
    for (size_t i = 0; session && i < peer->slot_count; i++) {
        struct cv_sdp_line *line = &session->lines[session->line_count++];
        memcpy(line->mid, peer->slots[i]->mid, sizeof line->mid);
        line->ours = (struct cv_sdp_source){peer->slots[i]->ssrc, peer->slots[i]->rtx_ssrc};
    }
    return session;
}

static enum cv_err open_transport(struct cv_relay *relay, struct offer *offer, int64_t now_us) {
    struct cv_peer *peer = offer->peer;
    const struct cv_transport_config config = {
        .identity = relay->config.identity,
        .remote_fingerprint = offer->session->remote_fingerprint,
        .remote_ufrag = cv_slice_str(offer->session->remote_ufrag),
        .role = offer->session->role,
        .random = relay->config.random,
        .max_streams = CV_PEER_MAX_STREAMS + 2 * CV_RELAY_MAX_SLOTS + SPARE_STREAMS,
    };
    peer->remote_fingerprint = offer->session->remote_fingerprint;
    memcpy(peer->remote_ufrag, offer->session->remote_ufrag, sizeof peer->remote_ufrag);
    cv_random_fill(relay->config.random, &peer->sdp_session, sizeof peer->sdp_session);
    return cv_transport_new(&config, now_us, &peer->transport);
}

/* A new ICE user name is a restart (RFC 8839 section 4.4.1.1.1). */
static enum cv_err follow_restart(struct cv_peer *peer, struct cv_slice remote_ufrag,
                                  int64_t now_us) {
    if (cv_slice_eq_str(remote_ufrag, peer->remote_ufrag))
        return CV_OK;
    enum cv_err err =
        cv_transport_restart(peer->transport, peer->relay->config.random, remote_ufrag, now_us);
    if (!err)
        err = cv_peer_name(peer);
    if (err)
        return err;
    memcpy(peer->remote_ufrag, remote_ufrag.data, remote_ufrag.size);
    peer->remote_ufrag[remote_ufrag.size] = '\0';
    return CV_OK;
}

static enum cv_err make_peer(struct cv_relay *relay, struct offer *offer, int64_t now_us) {
    const struct cv_relay_limits *limits = &relay->config.limits;
    if (relay->peer_count >= limits->peers || cv_load_level(relay->load_permille) == 2)
        return CV_ERR_FULL;
    struct cv_room *room = cv_room_open(relay, &offer->config->meeting);
    if (!room)
        return CV_ERR_MEMORY;
    if (room->members >= limits->peers_per_room) {
        cv_room_leave(room, now_us);
        return CV_ERR_FULL;
    }
    offer->peer = cv_peer_new(relay, room, offer->config);
    if (!offer->peer) {
        cv_room_leave(room, now_us);
        return CV_ERR_MEMORY;
    }
    offer->is_new = true;
    return open_transport(relay, offer, now_us);
}

/* Under its names from now on; beside the connection that it replaces once it is connected. */
static enum cv_err register_peer(struct cv_relay *relay, struct cv_peer *peer, int64_t now_us) {
    struct cv_peer *current = cv_relay_find(relay, &peer->config.participant);
    enum cv_err err = cv_peer_name(peer);
    if (err)
        return err;
    if (!current)
        return cv_map_insert(&relay->participants, cv_id_key(&peer->config.participant), peer);
    if (current->successor)
        cv_peer_end(current->successor, now_us, false);
    current->successor = peer;
    return CV_OK;
}

static struct cv_sdp_transport our_end(const struct cv_peer *peer) {
    const struct cv_relay *relay = peer->relay;
    return (struct cv_sdp_transport){
        .ice = cv_transport_credentials(peer->transport),
        .fingerprint = cv_dtls_identity_fingerprint(relay->config.identity),
        .addresses = relay->config.addresses,
        .address_count = relay->config.address_count,
        .tcp = relay->config.tcp,
        .cname = relay->cname,
        .session_id = peer->sdp_session,
        .version = peer->sdp_version,
    };
}

static enum cv_err write_answer(struct offer *offer, struct cv_buf *answer) {
    struct cv_peer *peer = offer->peer;
    peer->sdp_version++;
    const struct cv_sdp_transport transport = our_end(peer);
    cv_buf_clear(&peer->fragment_head);
    enum cv_err err = cv_sdp_write_head(offer->sdp, offer->session, &peer->fragment_head);
    return err ? err : cv_sdp_write_answer(offer->sdp, offer->session, &transport, answer);
}

/* A session that goes on: what is agreed anew takes effect at once. */
static enum cv_err renew(struct offer *offer, int64_t now_us) {
    struct cv_peer *peer = offer->peer;
    enum cv_err err = follow_restart(peer, cv_slice_str(offer->session->remote_ufrag), now_us);
    if (err)
        return err;
    peer->config = *offer->config;
    cv_peer_take_lines(peer, offer->session);
    err = cv_peer_take_slots(peer, offer->session, now_us);
    if (peer->active) {
        cv_peer_open_sources(peer, now_us);
        cv_room_resolve(peer->room, &peer->config.participant, now_us);
        cv_peer_feed_audio(peer, now_us);
    }
    return err;
}

static enum cv_err create(struct cv_relay *relay, struct offer *offer, int64_t now_us) {
    enum cv_err err = make_peer(relay, offer, now_us);
    if (err)
        return err;
    cv_peer_take_lines(offer->peer, offer->session);
    err = cv_peer_take_slots(offer->peer, offer->session, now_us);
    return err ? err : register_peer(relay, offer->peer, now_us);
}

static enum cv_err negotiate(struct cv_relay *relay, struct offer *offer,
                             struct cv_sdp_problem *ret_problem) {
    struct cv_sdp_session *previous = offer->peer ? previous_of(offer->peer) : NULL;
    offer->session = calloc(1, sizeof *offer->session);
    enum cv_err err = CV_ERR_MEMORY;
    if (offer->session && (previous || !offer->peer))
        err = cv_sdp_negotiate(offer->sdp, video_codecs, sizeof video_codecs / sizeof *video_codecs,
                               previous, relay->config.random, offer->session, ret_problem);
    free(previous);
    return err;
}

enum cv_err cv_relay_offer(struct cv_relay *relay, int64_t now_us,
                           const struct cv_relay_peer_config *config, struct cv_slice sdp,
                           struct cv_buf *answer, struct cv_sdp_problem *ret_problem) {
    struct offer offer = {.config = config, .peer = find_session(relay, config)};
    size_t answer_size = answer->size;
    *ret_problem = (struct cv_sdp_problem){0};
    enum cv_err err = cv_sdp_parse_offer(sdp, &offer.sdp, ret_problem);
    if (!err)
        err = negotiate(relay, &offer, ret_problem);
    if (err)
        goto out;
    /* Another certificate is another connection, whatever the client calls it. */
    if (offer.peer &&
        !same_fingerprint(&offer.peer->remote_fingerprint, &offer.session->remote_fingerprint))
        offer.peer = NULL;
    err = offer.peer ? renew(&offer, now_us) : create(relay, &offer, now_us);
    if (!err)
        err = write_answer(&offer, answer);
    if (err == CV_ERR_FULL)
        relay->counters.refused++;
    if (!err)
        cv_peer_schedule(offer.peer, now_us);
out:
    if (err)
        answer->size = answer_size;
    if (err && offer.is_new)
        cv_peer_free(offer.peer, now_us);
    cv_sdp_offer_free(offer.sdp);
    free(offer.session);
    return err;
}

enum cv_err cv_relay_restart(struct cv_relay *relay, int64_t now_us,
                             const struct cv_id *participant, struct cv_slice remote_ufrag,
                             struct cv_buf *fragment) {
    struct cv_peer *peer = cv_relay_find(relay, participant);
    if (!peer)
        return CV_ERR_NOT_FOUND;
    enum cv_err err = follow_restart(peer, remote_ufrag, now_us);
    if (err)
        return err;
    const struct cv_sdp_transport transport = our_end(peer);
    cv_peer_schedule(peer, now_us);
    return cv_sdp_write_fragment(cv_buf_slice(&peer->fragment_head), &transport, fragment);
}
