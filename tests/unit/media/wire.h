/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport and the other end's parts: a client that sends checks, shakes hands and sends media
 * from any path it likes, in virtual time; and a stranger.
 */
#ifndef CV_TEST_WIRE_H
#define CV_TEST_WIRE_H

#include "media/transport.h"
#include "seeded.h"

enum { CV_WIRE_ROOM = 2048, CV_WIRE_MAX_STREAMS = 8, CV_WIRE_ANSWERS = 64 };
#define CV_WIRE_UFRAG "brow"

extern const struct cv_ice_path cv_wire_wifi, cv_wire_cell, cv_wire_stranger;

struct cv_wire {
    struct cv_dtls_identity *identities[2]; /* of the transport and of the client */
    struct cv_seeded seeded;
    int64_t now_us;
    struct cv_transport *transport;
    /* The client */
    struct cv_dtls *dtls;
    struct cv_srtp *send, *receive;
    const struct cv_ice_path *path;
    bool holds; /* what it gives is one turn's: the output is drained by hand */
    /* What the transport put out */
    size_t stun_answers;
    struct cv_ice_path answered[CV_WIRE_ANSWERS]; /* the paths of the first answers */
    size_t last_answer_bytes;
    size_t bytes_to_strangers;
};
extern struct cv_wire cv_wire;

/* Fixtures of a group and of each test; a test begins with the client as the DTLS client. */
int cv_wire_set_up_group(void **state);
int cv_wire_tear_down_group(void **state);
int cv_wire_set_up(void **state);
int cv_wire_tear_down(void **state);
void cv_wire_open(enum cv_dtls_role role);

bool cv_wire_same_path(const struct cv_ice_path *a, const struct cv_ice_path *b);

/* Gives the client what the transport puts out. */
void cv_wire_drain(void);
/* Gives a datagram to the transport, and drains unless it holds. */
enum cv_transport_input cv_wire_deliver(const struct cv_ice_path *path, const void *data,
                                        size_t size);
/* An ICE check; `password` NULL is the right one. */
void cv_wire_check(const struct cv_ice_path *path, const char *password, bool nominate);
void cv_wire_shake_hands(void);
/* After the handshake. */
void cv_wire_take_keys(void);
/* All of it, to the point where media flows. */
void cv_wire_connect(void);

/* An RTP packet of the client; returns its size. */
size_t cv_wire_protected_rtp(uint8_t packet[static CV_WIRE_ROOM], uint16_t sequence);
/* Asserts that RTP and RTCP come through, and RTP back. */
void cv_wire_media_flows(uint16_t sequence);

#endif
