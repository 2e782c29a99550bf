/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One peer's connection: ICE, DTLS and SRTP joined by the demultiplexer. Datagrams go in with the
 * path they came by; RTP and RTCP come out in the clear, and what has to be sent comes out with
 * the path it goes to. Only a path that ICE has validated gets anything past STUN looked at.
 *
 *     cv_transport_input(...)  ->  cv_transport_output(...) until 0  ->  cv_transport_deadline()
 *
 * Whoever is no peer of ours can do nothing here but be counted.
 */
#ifndef CV_MEDIA_TRANSPORT_H
#define CV_MEDIA_TRANSPORT_H

#include "media/dtls.h"
#include "media/ice.h"

/* The largest datagram that output gives, and room for any. */
enum { CV_TRANSPORT_OUTPUT_BYTES = CV_DTLS_MTU_BYTES };

#define CV_TRANSPORT_HANDSHAKE_US (30 * CV_US_PER_S) /* for DTLS, once a path is there */

/*
 * How long after the handshake its state is kept, to repeat our last flight to a peer who missed
 * it, and to hear and say goodbye. It takes more memory than all the rest of a connection: after
 * this it is given back, and goodbyes are left to signalling and consent.
 */
#define CV_TRANSPORT_LINGER_US (10 * CV_US_PER_S)
/* The same once media has come from the peer, which shows that it missed nothing. */
#define CV_TRANSPORT_SETTLE_US CV_US_PER_S

/*
 *   CONNECTING ──► CONNECTED ──► CLOSED
 *        └──────────────────────────┘    consent expired, handshake failed or late, goodbye
 */
enum cv_transport_state {
    CV_TRANSPORT_CONNECTING,
    CV_TRANSPORT_CONNECTED, /* keys are there: media flows */
    CV_TRANSPORT_CLOSED,    /* for good; the peer offers anew */
};

/* Why it was closed. */
enum cv_transport_reason {
    CV_TRANSPORT_OPEN,
    CV_TRANSPORT_CONSENT_EXPIRED,
    CV_TRANSPORT_HANDSHAKE_FAILED,
    CV_TRANSPORT_HANDSHAKE_LATE,
    CV_TRANSPORT_PEER_CLOSED,
    CV_TRANSPORT_WE_CLOSED,
    CV_TRANSPORT_OUT_OF_MEMORY,
};

/* Datagrams, by what became of them; for /metrics. */
struct cv_transport_counters {
    uint64_t rtp;
    uint64_t rtcp;
    uint64_t checks;      /* STUN that was answered */
    uint64_t handshake;   /* DTLS */
    uint64_t unvalidated; /* from a path that ICE doesn't know */
    uint64_t early;       /* media before there are keys */
    uint64_t unknown;     /* neither STUN nor DTLS, RTP or RTCP; or STUN without our password */
    uint64_t replayed;
    uint64_t forged;    /* failed authentication */
    uint64_t malformed; /* other errors of SRTP, streams over the limit among them */
};

struct cv_transport;

struct cv_transport_config {
    struct cv_dtls_identity *identity; /* borrowed: outlives the transport */
    struct cv_fingerprint remote_fingerprint;
    struct cv_slice remote_ufrag;
    enum cv_dtls_role role;
    struct cv_random random;
    size_t max_streams; /* SSRCs in each direction, see cv_srtp_new */
};

/* `now_us` is monotonic, here and below. CV_ERR_SYNTAX for the ufrag; CV_ERR_MEMORY. */
enum cv_err cv_transport_new(const struct cv_transport_config *config, int64_t now_us,
                             struct cv_transport **ret_transport);
struct cv_transport *cv_transport_free(struct cv_transport *transport);

/* See cv_ice_restart. */
enum cv_err cv_transport_restart(struct cv_transport *transport, struct cv_random random,
                                 struct cv_slice remote_ufrag, int64_t now_us);
const struct cv_ice_credentials *cv_transport_credentials(const struct cv_transport *transport);

/* What a datagram was for the caller. */
enum cv_transport_input {
    CV_TRANSPORT_DONE, /* taken or dropped: see state, output and counters */
    CV_TRANSPORT_RTP,  /* decrypted in place */
    CV_TRANSPORT_RTCP, /* decrypted in place */
};

/* Takes one datagram; *ret_size is the size of the RTP or RTCP packet. Drain the output then. */
enum cv_transport_input cv_transport_input(struct cv_transport *transport, int64_t now_us,
                                           const struct cv_ice_path *path, uint8_t *datagram,
                                           size_t size, size_t *ret_size);

/* The next datagram to send and its path; returns its size, 0 when there is none. */
size_t cv_transport_output(struct cv_transport *transport,
                           uint8_t ret_datagram[static CV_TRANSPORT_OUTPUT_BYTES],
                           struct cv_ice_path *ret_path);

/* Where media goes to; NULL when none may be sent (not CONNECTED, or without consent). */
const struct cv_ice_path *cv_transport_path(const struct cv_transport *transport);

/* As cv_srtp_prefetch, of the connection itself first. */
enum { CV_TRANSPORT_PREFETCH_STEPS = 1 + CV_SRTP_PREFETCH_STEPS };
void cv_transport_prefetch(const struct cv_transport *transport, uint32_t ssrc, unsigned step);

/* Whether the peer has proved that it is at this address. */
bool cv_transport_knows(const struct cv_transport *transport, const struct cv_ice_path *path);

/* cv_srtp_protect and cv_srtcp_protect for this peer; CV_ERR_STATE unless CONNECTED. */
enum cv_err cv_transport_protect(struct cv_transport *transport, uint8_t *packet, size_t size,
                                 struct cv_slice rest, size_t capacity, size_t *ret_size);
enum cv_err cv_transport_protect_rtcp(struct cv_transport *transport, uint8_t *packet, size_t size,
                                      size_t capacity, size_t *ret_size);

/* Says goodbye to the peer, which is the last output, and is CLOSED. */
void cv_transport_close(struct cv_transport *transport);

enum cv_transport_state cv_transport_state(const struct cv_transport *transport);
enum cv_transport_reason cv_transport_reason(const struct cv_transport *transport);
const char *cv_transport_reason_name(enum cv_transport_reason reason);
const struct cv_transport_counters *cv_transport_counters(const struct cv_transport *transport);

int64_t cv_transport_deadline(const struct cv_transport *transport, int64_t now_us);
void cv_transport_tick(struct cv_transport *transport, int64_t now_us);

#endif
