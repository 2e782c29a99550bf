/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The other end of a relayed connection, for tests: offers as the web client does, checks, shakes
 * hands, sends sound and pictures that can be recognised, and receives in slots, holding what it
 * gets to what RTP promises. Sans-IO as the relay is: tests/media/net.h brings the two together.
 */
#ifndef CV_TEST_MEDIA_CLIENT_H
#define CV_TEST_MEDIA_CLIENT_H

#include "layers.h"
#include "media/nack.h"
#include "media/relay.h"
#include "media/twcc.h"
#include "seeded.h"

enum {
    CLIENT_MAX_SLOTS = 20,
    CLIENT_ENCODINGS = 3,
    CLIENT_PT_OPUS = 111,
    CLIENT_PT_VP8 = 96,
    CLIENT_PT_RTX = 97,
    CLIENT_PT_VP9 = 98,
    CLIENT_EXT_LEVEL = 1,
    CLIENT_EXT_TWCC = 3,
    CLIENT_EXT_MID = 4,
    CLIENT_EXT_RID = 10,
    CLIENT_EXT_REPAIRED_RID = 11,
    CLIENT_EXT_DEPENDENCY = 12,
    CLIENT_KEPT = 1024, /* packets that an encoding can send again */
};

struct client_config {
    uint8_t id; /* in what it sends, and in its addresses */
    struct cv_dtls_identity *identity;
    struct cv_random random;
    size_t audio_slots, video_slots;
    size_t first_slot; /* of either kind; those before it are not in the offer */
    bool simulcast;
    bool layered; /* VP9 instead of VP8, with layers inside the camera's one stream */
    struct layers_mode mode;
    bool light_top; /* the highest layer takes less than the one below it */
    bool twcc;
    bool sends;                 /* offers its four sending lines */
    int64_t nominates_after_us; /* from its first check on: browsers shake hands meanwhile */
};

/* One stream that it sends. */
struct client_encoding {
    uint32_t ssrc, rtx_ssrc;
    uint16_t sequence, rtx_sequence, picture_id, frame_number;
    uint8_t tl0;
    uint32_t timestamp_offset;
    uint32_t frame;
    bool key_frame_asked;
    unsigned plis;
    struct client_kept {
        size_t size;
        uint8_t data[1300]; /* before encryption */
    } * kept;               /* CLIENT_KEPT of them, by sequence number */
};

/* What came last in a slot, and how much. */
struct client_slot {
    char mid[8];
    bool video;
    uint32_t ssrc, rtx_ssrc;
    uint64_t packets, bytes, repaired, key_frames, frames;
    uint32_t csrc;
    /* As the payload says: see client_send_frame. `encoding` is the layer of what is layered. */
    uint8_t sender, encoding, temporal;
    uint32_t active;  /* decode targets that were said to be sent */
    uint64_t highest; /* extended sequence number; 0: none */
    uint32_t timestamp;
    uint32_t highest_timestamp;
    int64_t frame_us; /* when the last whole frame came */
    int64_t longest_gap_us;
    bool has_report;
    uint64_t report_ntp;
    uint32_t report_rtp;
    struct cv_nack nack;
    struct client_reassembly *reassembly;
};

struct client {
    struct client_config config;
    struct cv_ice_path path; /* as the relay sees it */
    char ufrag[64], server_ufrag[64], server_password[64];
    struct cv_dtls *dtls;
    struct cv_srtp *send, *receive;
    bool connected;
    int64_t checked_us;
    int64_t nominates_at_us; /* 0: nothing was checked yet */
    struct client_encoding audio, video[CLIENT_ENCODINGS], screen;
    struct client_slot slots[CLIENT_MAX_SLOTS];
    size_t slot_count;
    unsigned stopped_layers; /* of what is layered, the highest ones */
    uint16_t twcc_sequence;
    struct cv_twcc_recorder twcc;
    int64_t twcc_due_us;
    int64_t nacks_from_relay;
    uint64_t received_bytes, received_packets;
    /* Outgoing datagrams go here. */
    void (*output)(void *context, const uint8_t *datagram, size_t size);
    void *context;
    /* What the relay broke of its promises; the tests expect 0. */
    unsigned violations;
    const char *violation;
};

void client_init(struct client *client, const struct client_config *config);
void client_release(struct client *client);

/* The offer, in `sdp` of `capacity` bytes; the answer to it. */
size_t client_offer(struct client *client, const char *ufrag, char *sdp, size_t capacity);
void client_answer(struct client *client, struct cv_slice answer);

void client_input(struct client *client, int64_t now_us, uint8_t *datagram, size_t size);
/* Checks, handshake, feedback: call it every few milliseconds. */
void client_tick(struct client *client, int64_t now_us);
void client_close(struct client *client);

/* 20 ms of sound. */
void client_send_audio(struct client *client, int64_t now_us, uint8_t level);
/*
 * A picture of three spatial layers, the lower ones with fewer packets, for a client that is
 * `layered`; key frames as below.
 */
void client_send_layers(struct client *client, int64_t now_us, struct client_encoding *encoding,
                        size_t packets, size_t bytes, bool key_frame);
/*
 * One VP8 frame of `packets` packets of `bytes` each, in three temporal layers (0 2 1 2). It is a
 * key frame when it is the first, when one was asked for, or when `key_frame` is set.
 */
void client_send_frame(struct client *client, int64_t now_us, struct client_encoding *encoding,
                       size_t packets, size_t bytes, bool key_frame);
/* What the relay asked for again. */
void client_resend(struct client *client, struct client_encoding *encoding, uint16_t sequence);
void client_send_sender_report(struct client *client, int64_t now_us,
                               const struct client_encoding *encoding, int64_t hz);
void client_send_pli(struct client *client, const struct client_slot *slot);
void client_send_rtcp(struct client *client, uint8_t *data, size_t size, size_t capacity);

#endif
