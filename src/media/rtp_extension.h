/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The RTP header extensions that the server reads, writes or passes on, their URIs in SDP, and
 * their values. Ids are negotiated for a whole connection (RFC 8843 section 9.2); the one-byte form
 * has fourteen (RFC 8285 section 4.2), which is all that we answer with.
 */
#ifndef CV_MEDIA_RTP_EXTENSION_H
#define CV_MEDIA_RTP_EXTENSION_H

#include "media/rtp.h"

enum cv_rtp_extension {
    CV_RTP_EXT_NONE,
    CV_RTP_EXT_AUDIO_LEVEL,   /* RFC 6464 */
    CV_RTP_EXT_TWCC,          /* draft-holmer-rmcat-transport-wide-cc-extensions-01 */
    CV_RTP_EXT_SEND_TIME,     /* "abs-send-time" */
    CV_RTP_EXT_MID,           /* RFC 8843 section 15 */
    CV_RTP_EXT_RID,           /* RFC 8852 */
    CV_RTP_EXT_REPAIRED_RID,  /* RFC 8852: the RID of the stream that an RTX packet repairs */
    CV_RTP_EXT_ORIENTATION,   /* 3GPP TS 26.114: how a phone is held */
    CV_RTP_EXT_DEPENDENCY,    /* AV1 RTP specification appendix A, for any codec */
    CV_RTP_EXT_PLAYOUT_DELAY, /* webrtc.org: bounds of the receiver's jitter buffer */
    CV_RTP_EXT_COUNT,
};

enum {
    CV_RTP_EXT_MAX_ID = 14,
    CV_RTP_MAX_MID_CHARS = 16, /* one-byte form */
    CV_RTP_SILENCE = 127,      /* audio level: -127 dBov */
};

/* CV_RTP_EXT_NONE for one that we don't know. */
enum cv_rtp_extension cv_rtp_extension_by_uri(struct cv_slice uri);
const char *cv_rtp_extension_uri(enum cv_rtp_extension extension);

/* What each id means in one direction of one connection. Zero-initialised: nothing. */
struct cv_rtp_extension_map {
    uint8_t kind_of[CV_RTP_EXT_MAX_ID + 1]; /* enum cv_rtp_extension */
};

/* The id of an extension, 0 when it was not negotiated. */
uint8_t cv_rtp_extension_id(const struct cv_rtp_extension_map *map,
                            enum cv_rtp_extension extension);

/* The values of one packet. Slices point into it; absent ones are empty. */
struct cv_rtp_extensions {
    bool has_audio_level;
    bool has_twcc;
    bool has_orientation;
    bool voice;          /* the sender's own voice activity flag */
    uint8_t audio_level; /* in -dBov: 0 is loudest, CV_RTP_SILENCE */
    uint8_t orientation;
    uint16_t twcc; /* transport-wide sequence number */
    struct cv_slice mid;
    struct cv_slice rid;
    struct cv_slice repaired_rid;
    struct cv_slice dependency;
};

/* Reads all known elements in one walk; values of the wrong size are left out. */
void cv_rtp_extensions_read(const struct cv_rtp *rtp, const struct cv_rtp_extension_map *map,
                            struct cv_rtp_extensions *ret_extensions);

#endif
