/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Session descriptions (RFC 8866, RFC 8829) from a client's side, for the load tool: writes its own
 * offers and answers, and reads those of servers, as far as one bundled connection with VP8 and
 * Opus needs. (media/sdp.h is the server's side: it reads offers and writes answers.)
 */
#ifndef CV_LOAD_DESCRIPTION_H
#define CV_LOAD_DESCRIPTION_H

#include "media/codec.h"
#include "media/dtls.h"
#include "media/ice.h"
#include "media/rtp_extension.h"

enum {
    CV_LOAD_MAX_LINES = 64,
    CV_LOAD_MAX_CANDIDATES = 8,
};

enum cv_load_direction {
    CV_LOAD_INACTIVE,
    CV_LOAD_SENDS = 1, /* whoever wrote the description does */
    CV_LOAD_RECEIVES = 2,
};

/* DTLS roles in SDP, RFC 8842. */
enum cv_load_setup {
    CV_LOAD_ACTPASS,
    CV_LOAD_ACTIVE,
    CV_LOAD_PASSIVE,
};

struct cv_load_line {
    enum cv_media_kind kind;
    bool rejected;
    unsigned direction; /* bits of enum cv_load_direction */
    char mid[CV_RTP_MAX_MID_CHARS + 1];
    uint8_t payload_type;     /* of Opus or VP8; 0: the line has neither */
    uint8_t rtx_payload_type; /* 0: none */
    uint32_t ssrc;            /* 0: none said */
    uint32_t rtx_ssrc;
    struct cv_rtp_extension_map extensions;
};

struct cv_load_description {
    bool is_offer;
    enum cv_load_setup setup;
    char ufrag[CV_ICE_MAX_UFRAG_CHARS + 1];
    char password[CV_ICE_MAX_UFRAG_CHARS + 1];
    struct cv_fingerprint fingerprint;
    struct cv_addr candidates[CV_LOAD_MAX_CANDIDATES]; /* UDP over IPv4, in their order */
    size_t candidate_count;
    struct cv_load_line lines[CV_LOAD_MAX_LINES];
    size_t line_count;
};

/* Payload types and extension ids of our own offers. */
enum {
    CV_LOAD_OPUS = 111,
    CV_LOAD_VP8 = 96,
    CV_LOAD_VP8_RTX = 97,
};

/* Adds a line to an offer of ours; SSRCs only where it sends. CV_ERR_LIMIT. */
enum cv_err cv_load_add_line(struct cv_load_description *offer, enum cv_media_kind kind,
                             unsigned direction, uint32_t ssrc);

/* Appends it as text. CV_ERR_MEMORY. */
enum cv_err cv_load_write_description(const struct cv_load_description *description,
                                      struct cv_buf *text);

/*
 * CV_ERR_SYNTAX: not a description; CV_ERR_LIMIT: too many lines; CV_ERR_TYPE: without ICE
 * credentials or a fingerprint that we can use.
 */
enum cv_err cv_load_read_description(struct cv_slice text, bool is_offer,
                                     struct cv_load_description *ret_description);

#endif
