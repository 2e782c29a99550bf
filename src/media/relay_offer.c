/* SPDX-License-Identifier: Apache-2.0 */
/* From an offer to a peer: what it sends, what it receives, and the answer. */
#include "media/relay_private.h"

#include <stdlib.h>

enum {
    START_BPS = 1000000, /* until there is an estimate */
    MIN_BPS = 50000,
    DEFAULT_MAX_BPS = 20000000,
    SPARE_STREAMS = 8, /* SSRCs of RTCP, beside the media's */
};

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

static struct cv_peer *peer_of(const struct cv_relay *relay, const struct cv_id *participant) {
    return cv_map_get(&relay->participants,
                      cv_slice_of(participant->text, sizeof participant->text));
}

/* The connection that this session is, NULL when there is none. */
static struct cv_peer *find_session(const struct cv_relay *relay,
                                    const struct cv_relay_peer_config *config) {
    struct cv_peer *peer = peer_of(relay, &config->participant);
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

static void take_line(struct cv_line *line, const struct cv_sdp_line *agreed,
                      enum cv_source_kind kind) {
    *line = (struct cv_line){.kind = kind};
    memcpy(line->mid, agreed->mid, sizeof line->mid);
    for (size_t i = 0; i < agreed->codec_count; i++) {
        const struct cv_sdp_codec *codec = &agreed->codecs[i];
        line->codecs[line->codec_count++] = (struct cv_line_codec){
            .codec = (uint8_t)codec->codec,
            .payload_type = codec->payload_type,
            .rtx_payload_type = codec->rtx_payload_type,
            .feedback = codec->feedback,
        };
    }
    for (size_t i = 0; i < agreed->rid_count && i < CV_ENCODING_MAX; i++)
        memcpy(line->rids[line->rid_count++], agreed->rids[i], sizeof line->rids[0]);
    for (size_t i = 0; i < agreed->their_count && i < CV_ENCODING_MAX; i++)
        line->ssrcs[line->ssrc_count++] = agreed->theirs[i];
}

static size_t encodings_of(const struct cv_line *line) {
    size_t count = line->rid_count ? line->rid_count : line->ssrc_count;
    bool video = line->kind == CV_SOURCE_CAMERA || line->kind == CV_SOURCE_SCREEN;
    return video && count > 1 ? count : 1;
}

static bool may_send(const struct cv_relay_peer_config *config, enum cv_source_kind kind) {
    switch (kind) {
    case CV_SOURCE_MICROPHONE:
        return config->audio;
    case CV_SOURCE_CAMERA:
        return config->video;
    default:
        return config->screen;
    }
}

void cv_peer_allow(struct cv_peer *peer) {
    for (size_t kind = 0; kind < CV_SOURCE_KIND_COUNT; kind++)
        if (peer->sources[kind])
            cv_source_allow(peer->sources[kind],
                            may_send(&peer->config, (enum cv_source_kind)kind));
}

static void drop_streams_of(struct cv_peer *peer, const struct cv_source *source) {
    for (size_t i = peer->stream_count; i > 0; i--)
        if (peer->streams[i - 1]->source == source)
            cv_peer_drop_stream(peer, i - 1);
}

void cv_peer_open_sources(struct cv_peer *peer, int64_t now_us) {
    for (size_t kind = 0; kind < CV_SOURCE_KIND_COUNT; kind++) {
        const struct cv_line *line = &peer->lines[kind];
        struct cv_source *source = peer->sources[kind];
        if (source && (line->codec_count == 0 || source->encoding_count != encodings_of(line))) {
            drop_streams_of(peer, source);
            source = peer->sources[kind] = cv_source_free(source, now_us);
        }
        if (source || line->codec_count == 0)
            continue;
        source = cv_source_new(peer->room, &peer->config.participant, (enum cv_source_kind)kind,
                               encodings_of(line), cv_random_u32(peer->relay->config.random) | 1);
        if (!source)
            continue;
        source->peer = peer;
        if (!cv_source_enter(source, -1)) {
            cv_source_free(source, now_us);
            continue;
        }
        cv_bridge_there(source, peer->room->workers);
        peer->sources[kind] = source;
    }
    cv_peer_allow(peer);
}

/* What they send, by the order of their lines: see enum cv_source_kind. */
static void take_lines(struct cv_peer *peer, const struct cv_sdp_session *session) {
    static const enum cv_source_kind kinds[2][2] = {
        [CV_MEDIA_AUDIO] = {CV_SOURCE_MICROPHONE, CV_SOURCE_SCREEN_SOUND},
        [CV_MEDIA_VIDEO] = {CV_SOURCE_CAMERA, CV_SOURCE_SCREEN},
    };
    size_t seen[2] = {0};
    bool twcc = false;
    for (size_t kind = 0; kind < CV_SOURCE_KIND_COUNT; kind++)
        peer->lines[kind].codec_count = 0;
    for (size_t i = 0; i < session->line_count; i++) {
        const struct cv_sdp_line *agreed = &session->lines[i];
        if (!agreed->accepted || !agreed->they_send || seen[agreed->kind] == 2)
            continue;
        enum cv_source_kind kind = kinds[agreed->kind][seen[agreed->kind]++];
        take_line(&peer->lines[kind], agreed, kind);
        twcc = twcc || cv_rtp_extension_id(&agreed->extensions, CV_RTP_EXT_TWCC);
    }
    peer->extensions = session->extensions;
    if (twcc && !peer->twcc)
        peer->twcc = calloc(1, sizeof *peer->twcc);
}

static struct cv_slot *slot_by_mid(const struct cv_peer *peer, const char *mid) {
    for (size_t i = 0; i < peer->slot_count; i++)
        if (strcmp(peer->slots[i]->mid, mid) == 0)
            return peer->slots[i];
    return NULL;
}

static struct cv_slot *add_slot(struct cv_peer *peer, const struct cv_sdp_line *agreed) {
    if (peer->slot_count == CV_RELAY_MAX_SLOTS)
        return NULL;
    struct cv_slot *slot = malloc(sizeof *slot);
    if (!slot)
        return NULL;
    cv_slot_init(slot, peer, peer->relay->config.random);
    memcpy(slot->mid, agreed->mid, sizeof slot->mid);
    slot->index = (uint8_t)peer->slot_count;
    slot->video = agreed->kind == CV_MEDIA_VIDEO;
    slot->ssrc = agreed->ours.ssrc;
    slot->rtx_ssrc = agreed->ours.rtx_ssrc;
    peer->slots[peer->slot_count++] = slot;
    return slot;
}

static void agree_slot(struct cv_slot *slot, const struct cv_sdp_line *agreed) {
    const struct cv_rtp_extension_map *map = &agreed->extensions;
    memset(slot->payload_types, 0, sizeof slot->payload_types);
    memset(slot->rtx_payload_types, 0, sizeof slot->rtx_payload_types);
    for (size_t i = 0; i < agreed->codec_count; i++) {
        const struct cv_sdp_codec *codec = &agreed->codecs[i];
        slot->payload_types[codec->codec] = codec->payload_type;
        slot->rtx_payload_types[codec->codec] = codec->rtx_payload_type;
    }
    slot->id_twcc = cv_rtp_extension_id(map, CV_RTP_EXT_TWCC);
    slot->id_send_time = cv_rtp_extension_id(map, CV_RTP_EXT_SEND_TIME);
    slot->id_audio_level = cv_rtp_extension_id(map, CV_RTP_EXT_AUDIO_LEVEL);
    slot->id_orientation = cv_rtp_extension_id(map, CV_RTP_EXT_ORIENTATION);
    slot->id_dependency = cv_rtp_extension_id(map, CV_RTP_EXT_DEPENDENCY);
}

static bool gives_feedback(const struct cv_sdp_line *agreed) {
    for (size_t i = 0; i < agreed->codec_count; i++)
        if (agreed->codecs[i].feedback & CV_SDP_FB_TWCC)
            return cv_rtp_extension_id(&agreed->extensions, CV_RTP_EXT_TWCC) != 0;
    return false;
}

static void open_estimate(struct cv_peer *peer, int64_t now_us) {
    int64_t max_bps = peer->relay->config.limits.peer_max_bps;
    const struct cv_bwe_config config = {
        .start_bps = START_BPS,
        .min_bps = MIN_BPS,
        .max_bps = max_bps > 0 ? max_bps : DEFAULT_MAX_BPS,
    };
    if (peer->bwe)
        return;
    peer->bwe = cv_bwe_new(&config, now_us);
    cv_pacer_init(&peer->pacer, START_BPS, now_us);
}

/* What they receive. Lines keep their slot by MID; slots that aren't offered any more go quiet. */
static enum cv_err take_slots(struct cv_peer *peer, const struct cv_sdp_session *session,
                              int64_t now_us) {
    for (size_t i = 0; i < peer->slot_count; i++)
        peer->slots[i]->offered = false;
    for (size_t i = 0; i < session->line_count; i++) {
        const struct cv_sdp_line *agreed = &session->lines[i];
        if (!agreed->accepted || !agreed->they_receive)
            continue;
        struct cv_slot *slot = slot_by_mid(peer, agreed->mid);
        if (!slot && peer->slot_count == CV_RELAY_MAX_SLOTS)
            continue;
        if (!slot)
            slot = add_slot(peer, agreed);
        if (!slot)
            return CV_ERR_MEMORY;
        slot->offered = true;
        agree_slot(slot, agreed);
        if (gives_feedback(agreed))
            open_estimate(peer, now_us);
    }
    for (size_t i = 0; i < peer->slot_count; i++)
        if (!peer->slots[i]->offered) {
            peer->slots[i]->wanted = (struct cv_id){{0}};
            cv_slot_set_source(peer->slots[i], NULL, now_us);
            memset(peer->slots[i]->payload_types, 0, sizeof peer->slots[i]->payload_types);
        }
    return CV_OK;
}

void cv_peer_inherit(struct cv_peer *peer, const struct cv_peer *old) {
    for (size_t i = 0; i < old->slot_count; i++) {
        const struct cv_slot *from = old->slots[i];
        struct cv_slot *to = slot_by_mid(peer, from->mid);
        if (!to || !to->video || !cv_id_empty(&to->wanted))
            continue;
        to->wanted = from->wanted;
        to->wanted_kind = from->wanted_kind;
        to->width = from->width;
        to->height = from->height;
        to->stage = from->stage;
    }
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
    cv_random_fill(relay->config.random, &peer->sdp_session, sizeof peer->sdp_session);
    return cv_transport_new(&config, now_us, &peer->transport);
}

/* A new ICE user name is a restart (RFC 8839 section 4.4.1.1.1). */
static enum cv_err follow_restart(struct cv_relay *relay, struct offer *offer, int64_t now_us) {
    if (strcmp(offer->peer->remote_ufrag, offer->session->remote_ufrag) == 0)
        return CV_OK;
    return cv_transport_restart(offer->peer->transport, relay->config.random,
                                cv_slice_str(offer->session->remote_ufrag), now_us);
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
    struct cv_peer *current = peer_of(relay, &peer->config.participant);
    enum cv_err err = cv_peer_name(peer);
    if (err)
        return err;
    if (!current) {
        const struct cv_id *id = &peer->config.participant;
        return cv_map_insert(&relay->participants, cv_slice_of(id->text, sizeof id->text), peer);
    }
    if (current->successor)
        cv_peer_end(current->successor, now_us, false);
    current->successor = peer;
    return CV_OK;
}

static enum cv_err write_answer(struct cv_relay *relay, struct offer *offer,
                                struct cv_buf *answer) {
    struct cv_peer *peer = offer->peer;
    const struct cv_sdp_transport transport = {
        .ice = cv_transport_credentials(peer->transport),
        .fingerprint = cv_dtls_identity_fingerprint(relay->config.identity),
        .addresses = relay->config.addresses,
        .address_count = relay->config.address_count,
        .tcp = relay->config.tcp,
        .cname = relay->cname,
        .session_id = peer->sdp_session,
        .version = ++peer->sdp_version,
    };
    return cv_sdp_write_answer(offer->sdp, offer->session, &transport, answer);
}

/* A session that goes on: what is agreed anew takes effect at once. */
static enum cv_err renew(struct cv_relay *relay, struct offer *offer, int64_t now_us) {
    struct cv_peer *peer = offer->peer;
    enum cv_err err = follow_restart(relay, offer, now_us);
    if (!err)
        err = cv_peer_name(peer);
    if (err)
        return err;
    peer->config = *offer->config;
    take_lines(peer, offer->session);
    err = take_slots(peer, offer->session, now_us);
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
    take_lines(offer->peer, offer->session);
    err = take_slots(offer->peer, offer->session, now_us);
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
    err = offer.peer ? renew(relay, &offer, now_us) : create(relay, &offer, now_us);
    if (!err)
        err = write_answer(relay, &offer, answer);
    if (err == CV_ERR_FULL)
        relay->counters.refused++;
    if (!err) {
        memcpy(offer.peer->remote_ufrag, offer.session->remote_ufrag,
               sizeof offer.peer->remote_ufrag);
        cv_peer_schedule(offer.peer, now_us);
    }
out:
    if (err)
        answer->size = answer_size;
    if (err && offer.is_new)
        cv_peer_free(offer.peer, now_us);
    cv_sdp_offer_free(offer.sdp);
    free(offer.session);
    return err;
}
