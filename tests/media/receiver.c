/* SPDX-License-Identifier: Apache-2.0 */
#include "receiver.h"

#include "media/layers.h"
#include "media/rtp.h"
#include "picture.h"
#include "test.h"

#include <stdlib.h>

enum { FRAMES = 64, ROOM = 1500, MAX_NACKS = 32, STALL_US = 300000, PLI_US = 500000 };

/* A jitter buffer and a decoder, as far as it matters what they need. */
struct client_reassembly {
    struct frame {
        bool used, shown;
        uint32_t timestamp;
        uint64_t got; /* a bit for each packet */
        struct picture picture;
    } frames[FRAMES];
    size_t next;
    struct picture shown[FRAMES]; /* the last ones */
    size_t next_shown;
    /* Of the packet of a picture with the highest number. */
    uint64_t number;
    uint16_t picture_id;
    uint8_t tl0;
    /* Of the newest packet of what is layered. */
    bool marker;
    uint32_t timestamp;
    uint16_t frame_number;
    struct cv_dependency_structure structure;
    int64_t pli_us;
};

void receiver_blame(struct client *client, const char *what) {
    client->violations++;
    client->violation = what;
}

void receiver_open(struct client_slot *slot) {
    if (slot->reassembly)
        return;
    slot->reassembly = calloc(1, sizeof *slot->reassembly);
    assert_non_null(slot->reassembly);
}

static bool was_shown(const struct client_reassembly *r, const struct picture *picture,
                      unsigned encoding, uint32_t frame) {
    for (size_t i = 0; i < FRAMES; i++)
        if (r->shown[i].packets && r->shown[i].sender == picture->sender &&
            r->shown[i].encoding == encoding && r->shown[i].frame == frame)
            return true;
    return false;
}

/* Of what is layered: the layer below, if this one builds on it. */
static bool has_below(const struct client *client, const struct client_reassembly *r,
                      const struct picture *picture) {
    bool builds = client->config.layered && picture->encoding > 0 &&
                  (picture->key || client->config.mode.full);
    return !builds || was_shown(r, picture, picture->encoding - 1u, picture->frame);
}

static bool can_show(const struct client *client, const struct client_reassembly *r,
                     const struct frame *frame) {
    uint64_t all = (UINT64_C(1) << frame->picture.packets) - 1;
    if (!frame->used || frame->shown || frame->got != all)
        return false;
    uint32_t needs = picture_needs(frame->picture.frame, frame->picture.key);
    return has_below(client, r, &frame->picture) &&
           (needs == frame->picture.frame ||
            was_shown(r, &frame->picture, frame->picture.encoding, needs));
}

static void show(const struct client *client, struct client_slot *slot, int64_t now_us) {
    struct client_reassembly *r = slot->reassembly;
    bool any = true;
    while (any) {
        any = false;
        for (size_t i = 0; i < FRAMES; i++) {
            struct frame *frame = &r->frames[i];
            if (!can_show(client, r, frame))
                continue;
            any = frame->shown = true;
            r->shown[r->next_shown++ % FRAMES] = frame->picture;
            slot->frames++;
            slot->key_frames += frame->picture.key;
            if (slot->frame_us > 0 && now_us - slot->frame_us > slot->longest_gap_us)
                slot->longest_gap_us = now_us - slot->frame_us;
            slot->frame_us = now_us;
            slot->sender = frame->picture.sender;
            slot->encoding = frame->picture.encoding;
            slot->temporal = frame->picture.temporal;
        }
    }
}

static struct frame *frame_of(struct client_reassembly *r, uint32_t timestamp, bool layered,
                              const struct picture *picture) {
    for (size_t i = 0; i < FRAMES; i++)
        if (r->frames[i].used && r->frames[i].timestamp == timestamp &&
            (!layered || r->frames[i].picture.encoding == picture->encoding))
            return &r->frames[i];
    struct frame *frame = &r->frames[r->next++ % FRAMES];
    *frame = (struct frame){.used = true, .timestamp = timestamp};
    return frame;
}

/* Neighbours in the stream: the ids go on by one with each frame, whatever was left out. */
static void check_descriptor(struct client *client, struct client_slot *slot,
                             const struct cv_rtp *rtp, uint64_t number) {
    struct cv_layer_info info;
    struct client_reassembly *r = slot->reassembly;
    bool next = r->number > 0 && number == r->number + 1;
    if (cv_layers_read(CV_CODEC_VP8, rtp->payload, &info) != CV_OK) {
        receiver_blame(client, "a payload that isn't VP8");
        return;
    }
    if (next && info.starts_frame) {
        if (info.picture_id != ((r->picture_id + 1) & 0x7fff))
            receiver_blame(client, "a jump of the picture id");
        if (info.tl0 != (uint8_t)(r->tl0 + (info.temporal == 0)))
            receiver_blame(client, "a jump of TL0PICIDX");
    } else if (next && (info.picture_id != r->picture_id || info.tl0 != r->tl0)) {
        receiver_blame(client, "another picture id in the middle of a frame");
    }
    r->number = number;
    r->picture_id = info.picture_id;
    r->tl0 = info.tl0;
}

/* The marker ends a picture, frame numbers go on, and the mask names what is sent. */
static void check_layers(struct client *client, struct client_slot *slot, const struct cv_rtp *rtp,
                         uint64_t number, struct cv_slice descriptor) {
    struct client_reassembly *r = slot->reassembly;
    struct cv_dependency dependency;
    bool next = r->number > 0 && number == r->number + 1;
    enum cv_err err = cv_dependency_read(descriptor, &r->structure, &dependency);
    if (next && r->marker != (rtp->timestamp != r->timestamp))
        receiver_blame(client, "a marker at the wrong place");
    if (err == CV_ERR_SYNTAX || (err && next))
        receiver_blame(client, "a descriptor that can't be read");
    if (!err) {
        uint16_t step = (uint16_t)(dependency.frame_number - r->frame_number);
        if (next && (dependency.starts_frame ? step == 0 || step > 100 : step != 0))
            receiver_blame(client, "a frame number that doesn't go on");
        if (!dependency.has_active)
            receiver_blame(client, "a descriptor without a mask");
        r->frame_number = dependency.frame_number;
        slot->active = dependency.active;
    }
    r->number = number;
    r->marker = rtp->marker;
    r->timestamp = rtp->timestamp;
}

static void take_picture(struct client *client, struct client_slot *slot, int64_t now_us,
                         const struct cv_rtp *rtp) {
    struct picture picture;
    if (!picture_read(rtp->payload, &picture)) {
        receiver_blame(client, "a payload that nobody sent");
        return;
    }
    bool layered = client->config.layered;
    struct frame *frame = frame_of(slot->reassembly, rtp->timestamp, layered, &picture);
    if (frame->got == 0)
        frame->picture = picture;
    if (frame->picture.frame != picture.frame || frame->picture.sender != picture.sender)
        receiver_blame(client, "two frames under one timestamp");
    if (!layered && rtp->marker != (picture.index + 1 == picture.packets))
        receiver_blame(client, "a marker at the wrong place");
    frame->got |= UINT64_C(1) << picture.index;
    show(client, slot, now_us);
}

/* A packet of the slot's stream, by itself or repaired. */
static void take_packet(struct client *client, struct client_slot *slot, int64_t now_us,
                        const struct cv_rtp *rtp, struct cv_slice descriptor) {
    uint64_t number =
        slot->highest ? slot->highest + (uint64_t)(int64_t)(int16_t)(rtp->sequence - slot->highest)
                      : 65536u + rtp->sequence;
    slot->packets++;
    slot->bytes += rtp->payload.size;
    if (rtp->csrc_count != 1)
        receiver_blame(client, "a packet without its source");
    if (number > slot->highest) {
        if (slot->highest && (int32_t)(rtp->timestamp - slot->highest_timestamp) < 0)
            receiver_blame(client, "a timestamp that goes back");
        slot->highest = number;
        slot->highest_timestamp = rtp->timestamp;
        slot->csrc = cv_get_be32(rtp->csrcs.data);
        if (slot->video && rtp->payload.size > 0 && client->config.layered)
            check_layers(client, slot, rtp, number, descriptor);
        else if (slot->video && rtp->payload.size > 0)
            check_descriptor(client, slot, rtp, number);
    }
    cv_nack_received(&slot->nack, rtp->sequence, now_us);
    if (slot->video && rtp->payload.size > 0)
        take_picture(client, slot, now_us, rtp);
    else if (!slot->video)
        slot->sender = rtp->payload.data[0];
}

void receiver_rtp(struct client *client, int64_t now_us, const uint8_t *data, size_t size) {
    struct cv_rtp rtp;
    struct cv_rtp_extensions extensions;
    static const struct cv_rtp_extension_map map = {
        .kind_of = {
            [CLIENT_EXT_TWCC] = CV_RTP_EXT_TWCC, [CLIENT_EXT_DEPENDENCY] = CV_RTP_EXT_DEPENDENCY}};
    if (cv_rtp_parse(cv_slice_of(data, size), &rtp) != CV_OK) {
        receiver_blame(client, "a packet that isn't RTP");
        return;
    }
    cv_rtp_extensions_read(&rtp, &map, &extensions);
    if (extensions.has_twcc)
        cv_twcc_record(&client->twcc, extensions.twcc, now_us);
    for (size_t i = 0; i < client->slot_count; i++) {
        struct client_slot *slot = &client->slots[i];
        struct cv_rtp original;
        if (rtp.ssrc == slot->ssrc) {
            take_packet(client, slot, now_us, &rtp, extensions.dependency);
            return;
        }
        if (rtp.ssrc != slot->rtx_ssrc)
            continue;
        if (rtp.payload_type != CLIENT_PT_RTX)
            receiver_blame(client, "a repair with another payload type");
        uint8_t type = client->config.layered ? CLIENT_PT_VP9 : CLIENT_PT_VP8;
        if (cv_rtx_unwrap(&rtp, type, slot->ssrc, &original) != CV_OK)
            return;
        slot->repaired++;
        take_packet(client, slot, now_us, &original, extensions.dependency);
        return;
    }
    receiver_blame(client, "an SSRC that was not announced");
}

static struct client_encoding *encoding_of(struct client *client, uint32_t ssrc) {
    for (size_t i = 0; i < CLIENT_ENCODINGS; i++)
        if (client->video[i].ssrc == ssrc)
            return &client->video[i];
    return client->screen.ssrc == ssrc ? &client->screen : NULL;
}

static void take_feedback(struct client *client, const struct cv_rtcp_packet *packet) {
    struct cv_rtcp_feedback feedback;
    size_t place = 0;
    uint16_t sequence;
    if (cv_rtcp_read_feedback(packet, &feedback) != CV_OK)
        return;
    struct client_encoding *encoding = encoding_of(client, feedback.media);
    if (packet->type == CV_RTCP_PSFB && packet->count == CV_PSFB_PLI) {
        if (!encoding) {
            receiver_blame(client, "a key frame asked of nobody");
            return;
        }
        encoding->key_frame_asked = true;
        encoding->plis++;
    }
    while (packet->type == CV_RTCP_RTPFB && packet->count == CV_RTPFB_NACK && encoding &&
           cv_rtcp_next_nack(&feedback, &place, &sequence)) {
        client->nacks_from_relay++;
        client_resend(client, encoding, sequence);
    }
}

static void take_sender_report(struct client *client, const struct cv_rtcp_packet *packet) {
    struct cv_rtcp_sender_report report;
    if (cv_rtcp_read_sr(packet, &report) != CV_OK)
        return;
    for (size_t i = 0; i < client->slot_count; i++)
        if (client->slots[i].ssrc == report.ssrc) {
            client->slots[i].has_report = true;
            client->slots[i].report_ntp = report.ntp_time;
            client->slots[i].report_rtp = report.rtp_time;
        }
}

void receiver_rtcp(struct client *client, int64_t now_us, struct cv_slice compound) {
    struct cv_rtcp_packet packet;
    size_t offset = 0;
    if (cv_rtcp_check(compound) != CV_OK) {
        receiver_blame(client, "malformed RTCP");
        return;
    }
    while (cv_rtcp_next(compound, &offset, &packet)) {
        if (packet.type == CV_RTCP_SR)
            take_sender_report(client, &packet);
        else
            take_feedback(client, &packet);
    }
}

static void add_slot_feedback(struct client *client, struct client_slot *slot, int64_t now_us,
                              struct cv_rtcp_writer *writer) {
    struct client_reassembly *r = slot->reassembly;
    uint16_t missing[MAX_NACKS];
    size_t count = cv_nack_ask(&slot->nack, now_us, 60000, missing, MAX_NACKS);
    if (count > 0)
        cv_rtcp_add_nack(writer, client->audio.ssrc, slot->ssrc, missing, count);
    bool waits = false;
    for (size_t i = 0; i < FRAMES; i++)
        waits = waits || (r->frames[i].used && !r->frames[i].shown);
    if (waits && now_us - slot->frame_us > STALL_US && now_us - r->pli_us > PLI_US) {
        r->pli_us = now_us;
        cv_rtcp_add_pli(writer, client->audio.ssrc, slot->ssrc);
    }
}

void receiver_feedback(struct client *client, int64_t now_us) {
    uint8_t data[ROOM];
    struct cv_rtcp_writer writer;
    cv_rtcp_begin(&writer, data, sizeof data - CV_SRTCP_MAX_OVERHEAD);
    if (client->config.twcc)
        cv_twcc_report(&client->twcc, &writer, client->audio.ssrc, 0);
    client_send_rtcp(client, data, writer.size, sizeof data);
    cv_rtcp_begin(&writer, data, sizeof data - CV_SRTCP_MAX_OVERHEAD);
    for (size_t i = 0; i < client->slot_count; i++)
        if (client->slots[i].video && writer.size < 1000)
            add_slot_feedback(client, &client->slots[i], now_us, &writer);
    client_send_rtcp(client, data, writer.size, sizeof data);
}
