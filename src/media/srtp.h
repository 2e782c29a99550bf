/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SRTP and SRTCP (RFC 3711) with the two protection profiles that WebRTC uses: AEAD_AES_128_GCM
 * (RFC 7714) and AES_CM_128_HMAC_SHA1_80. A cv_srtp is one direction of one session: it derives
 * the session keys once, keeps cipher contexts with their key schedules, and per SSRC the rollover
 * counter and replay windows. A packet costs an IV and no allocation.
 *
 * Left out, as DTLS-SRTP sessions don't need them: MKI, key derivation rates other than zero,
 * re-keying, unencrypted or unauthenticated modes, encrypted header extensions (RFC 6904).
 */
#ifndef CV_MEDIA_SRTP_H
#define CV_MEDIA_SRTP_H

#include "base/bytes.h"

/* The numbers of the DTLS-SRTP registry (RFC 5764 section 4.1.2, RFC 7714 section 14.2). */
enum cv_srtp_profile {
    CV_SRTP_AES128_CM_HMAC_SHA1_80 = 0x0001,
    CV_SRTP_AEAD_AES_128_GCM = 0x0007,
};

enum cv_srtp_direction {
    CV_SRTP_SEND,
    CV_SRTP_RECEIVE,
};

enum {
    CV_SRTP_KEY_BYTES = 16,
    CV_SRTP_SALT_BYTES = 14, /* AES_CM; AEAD uses 12 (RFC 7714 section 12) */
    CV_SRTP_GCM_SALT_BYTES = 12,
    CV_SRTP_MAX_OVERHEAD = 16,  /* what protecting adds to an RTP packet, at most */
    CV_SRTCP_MAX_OVERHEAD = 20, /* the same for RTCP: tag and index */
};

struct cv_srtp;

/*
 * `salt` has the size that the profile wants. `max_streams` limits how many SSRCs the session can
 * have in its life, RTP and RTCP together. NULL without memory. Keys are not kept.
 */
struct cv_srtp *cv_srtp_new(enum cv_srtp_profile profile, enum cv_srtp_direction direction,
                            const uint8_t key[static CV_SRTP_KEY_BYTES], const uint8_t *salt,
                            size_t max_streams);
/* Wipes the keys. Takes NULL; returns NULL. */
struct cv_srtp *cv_srtp_free(struct cv_srtp *srtp);

/*
 * A packet of `ssrc` will be protected soon. Between the steps, 0 to 2, what the one before asked
 * for has time to come; see base/prefetch.h.
 */
enum { CV_SRTP_PREFETCH_STEPS = 3 };
void cv_srtp_prefetch(const struct cv_srtp *srtp, uint32_t ssrc, unsigned step);

/*
 * Protects one RTP packet. `packet` holds `size` bytes: the header and possibly a first part of
 * the payload, encrypted in place; `rest` is the rest of the payload, read from wherever it is
 * (one shared plaintext for any number of receivers) and encrypted to behind it; {NULL, 0} when
 * `packet` has it all. `packet` has room for `capacity` bytes. *ret_size is the size on the wire.
 *
 * CV_ERR_SYNTAX: not an RTP packet. CV_ERR_LIMIT: no room, or too many streams. CV_ERR_SEQUENCE:
 * this index was used already or is more than a replay window behind; it is never used twice.
 */
enum cv_err cv_srtp_protect(struct cv_srtp *srtp, uint8_t *packet, size_t size,
                            struct cv_slice rest, size_t capacity, size_t *ret_size);

/*
 * Checks and decrypts one RTP packet in place; *ret_size is the size of the plain packet.
 * CV_ERR_SYNTAX: not an RTP packet. CV_ERR_SEQUENCE: a replay, or too old. CV_ERR_AUTH: forged or
 * damaged. CV_ERR_LIMIT: too many streams. After an error the content of `packet` is undefined,
 * and the session is as it was.
 */
enum cv_err cv_srtp_unprotect(struct cv_srtp *srtp, uint8_t *packet, size_t size, size_t *ret_size);

/* The same for one (compound) RTCP packet, all in place. */
enum cv_err cv_srtcp_protect(struct cv_srtp *srtp, uint8_t *packet, size_t size, size_t capacity,
                             size_t *ret_size);
enum cv_err cv_srtcp_unprotect(struct cv_srtp *srtp, uint8_t *packet, size_t size,
                               size_t *ret_size);

#endif
