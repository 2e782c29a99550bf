/* SPDX-License-Identifier: Apache-2.0 */
/*
 * DTLS-SRTP (RFC 5763, RFC 5764) over OpenSSL: one handshake, authenticated by the certificate
 * fingerprints that went through signalling, whose product is the SRTP keys. Datagrams go in and
 * come out; nothing here knows an address. The caller lets only datagrams in that came by a path
 * which ICE has validated, so that a stranger can neither race a ClientHello nor have one
 * amplified; that is also why there is no cookie exchange.
 *
 * OpenSSL reads the clock for its retransmission timer and its own generator for randomness: the
 * two exceptions to time and randomness being parameters.
 */
#ifndef CV_MEDIA_DTLS_H
#define CV_MEDIA_DTLS_H

#include "base/time.h"
#include "media/srtp.h"

enum {
    CV_DTLS_MTU_BYTES = 1200,           /* largest datagram that we send */
    CV_DTLS_MAX_INPUT_BYTES = 2048,     /* larger ones are refused */
    CV_DTLS_MAX_HANDSHAKE_INPUTS = 200, /* datagrams that a peer may need to finish its handshake */
    CV_FINGERPRINT_MAX_BYTES = 64,
};

/* RFC 8122 section 5; SHA-1 and older are not accepted. */
enum cv_fingerprint_hash {
    CV_FINGERPRINT_SHA256,
    CV_FINGERPRINT_SHA384,
    CV_FINGERPRINT_SHA512,
};

struct cv_fingerprint {
    enum cv_fingerprint_hash hash;
    uint8_t size; /* 32, 48 or 64 */
    uint8_t digest[CV_FINGERPRINT_MAX_BYTES];
};

/*
 * Our certificate: self-signed ECDSA P-256, made when a worker starts and never stored, for all
 * sessions of that worker. It outlives them.
 */
struct cv_dtls_identity;
/* `at_us` is wall-clock time; the certificate is valid from a day before it for a year. */
struct cv_dtls_identity *cv_dtls_identity_new(int64_t at_us);
struct cv_dtls_identity *cv_dtls_identity_free(struct cv_dtls_identity *identity);
const struct cv_fingerprint *cv_dtls_identity_fingerprint(const struct cv_dtls_identity *identity);

enum cv_dtls_role {
    CV_DTLS_SERVER, /* "passive" in SDP (RFC 8842): waits for the ClientHello */
    CV_DTLS_CLIENT, /* "active" */
};

/*
 *   HANDSHAKING ──► CONNECTED ──► CLOSED   the peer said goodbye
 *        │              │
 *        └──────────────┴───────► FAILED   wrong certificate, no common ground, fatal alert
 */
enum cv_dtls_state {
    CV_DTLS_HANDSHAKING,
    CV_DTLS_CONNECTED,
    CV_DTLS_CLOSED,
    CV_DTLS_FAILED,
};

struct cv_dtls;

/*
 * A session that accepts the peer's certificate only if it has the fingerprint `remote`. As a
 * client it has its first flight ready at once. NULL without memory.
 */
struct cv_dtls *cv_dtls_new(struct cv_dtls_identity *identity, enum cv_dtls_role role,
                            const struct cv_fingerprint *remote);
struct cv_dtls *cv_dtls_free(struct cv_dtls *dtls);

/*
 * Takes one datagram. What it makes of it shows in the state and the output; damaged and foreign
 * records are ignored (RFC 6347 section 4.1.2.7). CV_ERR_LIMIT: over a limit above, and ignored.
 * CV_ERR_STATE: the session is over.
 */
enum cv_err cv_dtls_input(struct cv_dtls *dtls, struct cv_slice datagram);

/* The next datagram to send, into CV_DTLS_MTU_BYTES; returns its size, 0 when there is none. */
size_t cv_dtls_output(struct cv_dtls *dtls, uint8_t ret_datagram[static CV_DTLS_MTU_BYTES]);

enum cv_dtls_state cv_dtls_state(const struct cv_dtls *dtls);

/* When to call cv_dtls_tick for retransmission, on the clock of `now_us`; else CV_TIME_NEVER. */
int64_t cv_dtls_deadline(const struct cv_dtls *dtls, int64_t now_us);
void cv_dtls_tick(struct cv_dtls *dtls);

/* Says goodbye: a close_notify alert is put out, and the session is CLOSED. */
void cv_dtls_close(struct cv_dtls *dtls);

/* SRTP keys (RFC 5764 section 4.2): what we send with, and what we receive with. Wipe after use. */
struct cv_dtls_keys {
    enum cv_srtp_profile profile;
    uint8_t send_key[CV_SRTP_KEY_BYTES], send_salt[CV_SRTP_SALT_BYTES];
    uint8_t receive_key[CV_SRTP_KEY_BYTES], receive_salt[CV_SRTP_SALT_BYTES];
};

/* CV_ERR_STATE unless CONNECTED. */
enum cv_err cv_dtls_export_keys(const struct cv_dtls *dtls, struct cv_dtls_keys *ret_keys);

#endif
