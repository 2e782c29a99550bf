/* SPDX-License-Identifier: Apache-2.0 */
#include "load/source.h"

#include "io/clock.h"
#include "load/stamp.h"

#define AUDIO_EVERY_US (20 * CV_US_PER_MS)
#define KEY_FRAMES_EVERY_US (300 * CV_US_PER_MS) /* at most; libwebrtc's limit */

enum {
    FRAMES_PER_S = 30,
    VIDEO_CLOCK_HZ = 90000,
    AUDIO_SAMPLES = 960,      /* 20 ms at 48 kHz */
    AUDIO_PAYLOAD_BYTES = 80, /* 32 kbit/s */
    OPUS_TOC = 0x78,          /* RFC 6716 section 3.1: CELT, 20 ms, mono, one frame */
    WIDTH = 1280,
    HEIGHT = 720,
    VP8_DESCRIPTOR_BYTES = 6,
    MAX_CHUNK_BYTES = 1160,
    KEY_FRAME_PACKETS = 7,
};

/* Packets of one frame after the other. */
static const uint8_t frame_packets[] = {3, 5, 7, 6, 5, 4, 7, 6, 5, 6};
enum { PATTERN_FRAMES = sizeof frame_packets, PATTERN_PACKETS = 54 };

static void send(struct cv_load_source *source, struct cv_load_sent *sent, uint32_t timestamp,
                 bool marker, struct cv_slice payload) {
    if (cv_load_peer_send(source->config.peer, sent, timestamp, marker, payload))
        source->packets++;
}

static void send_stamped(struct cv_load_source *source, struct cv_load_sent *sent,
                         uint32_t timestamp, bool marker, uint8_t *payload, size_t size) {
    const struct cv_stamp stamp = {
        .sender = source->config.number,
        .number = source->stamp_number++,
        .sent_us = cv_clock_monotonic_us(),
    };
    cv_stamp_write(&stamp, payload, size);
    send(source, sent, timestamp, marker, cv_slice_of(payload, size));
}

static void send_audio(struct cv_load_source *source) {
    uint8_t payload[AUDIO_PAYLOAD_BYTES] = {OPUS_TOC};
    struct cv_load_sent *sent = cv_load_peer_sent(source->config.peer, CV_MEDIA_AUDIO);
    if (sent)
        send_stamped(source, sent, source->audio_time, false, payload, sizeof payload);
    source->audio_time += AUDIO_SAMPLES;
}

/* RFC 7741 section 4.2, with all the optional fields that browsers send. */
static void write_descriptor(const struct cv_load_source *source, bool first, uint8_t *out) {
    out[0] = (uint8_t)(0x80 | (first ? 0x10 : 0)); /* X, S, partition 0 */
    out[1] = 0xf0;                                 /* I, L, T, K */
    cv_put_be16(out + 2, (uint16_t)(0x8000 | source->picture_id));
    out[4] = source->tl0_index;
    out[5] = 0; /* temporal layer 0, no sync, key index 0 */
}

/* RFC 6386 section 9.1: the frame tag, and the start code and size of a key frame. */
static void write_frame_header(bool key, size_t frame_bytes, uint8_t *out) {
    uint32_t tag = (key ? 0u : 1u) | 1u << 4 | (uint32_t)frame_bytes / 4 << 5;
    const uint8_t header[10] = {
        (uint8_t)tag, (uint8_t)(tag >> 8), (uint8_t)(tag >> 16),     0x9d,        0x01, 0x2a,
        WIDTH & 0xff, WIDTH >> 8,          (uint8_t)(HEIGHT & 0xff), HEIGHT >> 8,
    };
    memcpy(out, header, key ? sizeof header : 3);
}

/* Packets of almost the same size: as libwebrtc cuts a frame, the first few are a byte shorter. */
static void send_film_frame(struct cv_load_source *source, struct cv_load_sent *sent) {
    struct cv_slice frame = source->config.film->frames[source->frame_number];
    size_t count = (frame.size + MAX_CHUNK_BYTES - 1) / MAX_CHUNK_BYTES;
    for (size_t i = 0; i < count; i++) {
        uint8_t payload[VP8_DESCRIPTOR_BYTES + MAX_CHUNK_BYTES];
        size_t size = frame.size / (count - i);
        write_descriptor(source, i == 0, payload);
        memcpy(payload + VP8_DESCRIPTOR_BYTES, frame.data, size);
        frame = cv_slice_of(frame.data + size, frame.size - size);
        send(source, sent, source->video_time, i == count - 1,
             cv_slice_of(payload, VP8_DESCRIPTOR_BYTES + size));
    }
    source->frame_number++;
}

static void send_made_up_frame(struct cv_load_source *source, struct cv_load_sent *sent, bool key) {
    uint8_t payload[CV_STAMP_MAX_PAYLOAD];
    unsigned count = key ? KEY_FRAME_PACKETS : frame_packets[source->frame_number % PATTERN_FRAMES];
    size_t packet_bytes =
        (size_t)(source->config.video_bps / 8 / FRAMES_PER_S * PATTERN_FRAMES / PATTERN_PACKETS);
    /* Frames are no multiple of their packets. */
    unsigned shorter = source->frame_number % count;
    if (packet_bytes > sizeof payload)
        packet_bytes = sizeof payload;
    if (packet_bytes < CV_STAMP_MIN_PAYLOAD + 1)
        packet_bytes = CV_STAMP_MIN_PAYLOAD + 1;
    for (unsigned i = 0; i < count; i++) {
        memset(payload, 0, CV_STAMP_LEAD_BYTES);
        write_descriptor(source, i == 0, payload);
        if (i == 0)
            write_frame_header(key, count * packet_bytes, payload + VP8_DESCRIPTOR_BYTES);
        send_stamped(source, sent, source->video_time, i == count - 1, payload,
                     packet_bytes - (i < shorter));
    }
    source->frame_number++;
}

static uint32_t frames_per_s(const struct cv_load_source *source) {
    return source->config.film ? source->config.film->frames_per_s : FRAMES_PER_S;
}

static void send_video(struct cv_load_source *source, int64_t now_us) {
    struct cv_load_sent *sent = cv_load_peer_sent(source->config.peer, CV_MEDIA_VIDEO);
    const struct cv_film *film = source->config.film;
    source->key_frame_due |= cv_load_peer_take_key_request(source->config.peer);
    bool key = source->frame_number == 0 || (film && source->frame_number == film->frame_count) ||
               (source->key_frame_due && now_us >= source->key_frame_at_us);
    if (key) {
        source->key_frames++;
        source->key_frame_due = false;
        source->key_frame_at_us = now_us + KEY_FRAMES_EVERY_US;
        if (film)
            source->frame_number = 0;
    }
    if (sent && film)
        send_film_frame(source, sent);
    else if (sent)
        send_made_up_frame(source, sent, key);
    source->picture_id = (source->picture_id + 1) & 0x7fff;
    source->tl0_index++;
    source->video_time += VIDEO_CLOCK_HZ / frames_per_s(source);
}

static void schedule(struct cv_load_source *source) {
    int64_t next_us =
        source->audio_at_us < source->video_at_us ? source->audio_at_us : source->video_at_us;
    (void)cv_loop_timer_set(source->config.loop, &source->timer, next_us);
}

static void on_timer(struct cv_timer *timer) {
    struct cv_load_source *source = CV_CONTAINER_OF(timer, struct cv_load_source, timer);
    int64_t now_us = cv_clock_monotonic_us();
    while (source->audio_at_us <= now_us) {
        send_audio(source);
        source->audio_at_us += AUDIO_EVERY_US;
    }
    while (source->video_at_us <= now_us) {
        send_video(source, now_us);
        source->video_at_us += CV_US_PER_S / frames_per_s(source);
    }
    cv_load_peer_flush(source->config.peer);
    schedule(source);
}

void cv_load_source_start(struct cv_load_source *source, const struct cv_load_source_config *config,
                          int64_t phase_us) {
    int64_t now_us = cv_clock_monotonic_us();
    *source = (struct cv_load_source){
        .config = *config,
        .timer = {.call = on_timer},
        .audio_at_us = config->audio ? now_us + phase_us : CV_TIME_NEVER,
        .video_at_us = config->video ? now_us + phase_us : CV_TIME_NEVER,
    };
    if (config->audio || config->video)
        schedule(source);
}

void cv_load_source_stop(struct cv_load_source *source) {
    if (source->config.loop)
        cv_loop_timer_cancel(source->config.loop, &source->timer);
}
