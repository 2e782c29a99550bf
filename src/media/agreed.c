/* SPDX-License-Identifier: Apache-2.0 */
/* What was agreed with a peer: the lines that it sends on with their sources, and its slots. */
#include "media/relay_private.h"

#include <stdlib.h>

enum {
    START_BPS = 1000000, /* until there is an estimate */
    MIN_BPS = 50000,
    DEFAULT_MAX_BPS = 20000000,
};

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
        if (!cv_source_enter(source, -1)) {
            cv_source_free(source, now_us);
            continue;
        }
        source->peer = peer;
        cv_bridge_there(source, peer->room->workers);
        peer->sources[kind] = source;
    }
    cv_peer_allow(peer);
}

void cv_peer_take_lines(struct cv_peer *peer, const struct cv_sdp_session *session) {
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

enum cv_err cv_peer_take_slots(struct cv_peer *peer, const struct cv_sdp_session *session,
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
