/* SPDX-License-Identifier: Apache-2.0 */
/*
 * SDP (RFC 8866) offers of browsers and of WHIP and WHEP clients, and our answers (RFC 8829, RFC
 * 3264): one bundled connection (RFC 8843), ICE-lite, DTLS-SRTP, any number of media lines, each
 * sent or received. In the slot model a client offers its sending lines and a fixed number of
 * receiving ones; from then on the server decides what feeds which, and SDP is not needed again.
 *
 * In three steps: cv_sdp_parse_offer reads, cv_sdp_negotiate chooses, cv_sdp_write_answer writes.
 * Lines that we can't serve are declined one by one (port 0); an offer as a whole is refused only
 * where no connection can come of it, with a problem to show to whoever wrote the client.
 */
#ifndef CV_MEDIA_SDP_H
#define CV_MEDIA_SDP_H

#include "base/random.h"
#include "media/codec.h"
#include "media/dtls.h"
#include "media/ice.h"
#include "media/rtp_extension.h"

enum {
    CV_SDP_MAX_BYTES = 256 * 1024, /* Chromium's offer takes 5 kB a video line */
    CV_SDP_MAX_LINE_BYTES = 1024,
    CV_SDP_MAX_MEDIA = 64,
    CV_SDP_MAX_FORMATS = 64, /* payload types of one media line */
    CV_SDP_MAX_RIDS = 4,
    CV_SDP_MAX_SOURCES = 8, /* SSRCs announced in one media line, without RTX */
    CV_SDP_MAX_CODECS = 6,
    CV_SDP_MAX_NAME_CHARS = CV_RTP_MAX_MID_CHARS, /* MIDs, RIDs */
};

/* What is wrong with an offer: a static text for people, and the line, from 1; 0: the whole. */
struct cv_sdp_problem {
    const char *text;
    size_t line;
};

/* a=rtcp-fb values, as bits */
enum {
    CV_SDP_FB_NACK = 1,
    CV_SDP_FB_PLI = 2,
    CV_SDP_FB_FIR = 4,
    CV_SDP_FB_TWCC = 8,
    CV_SDP_FB_REMB = 16,
};

enum cv_sdp_setup {
    CV_SDP_SETUP_NONE,
    CV_SDP_ACTPASS,
    CV_SDP_ACTIVE,
    CV_SDP_PASSIVE,
};

struct cv_sdp_format {
    uint8_t payload_type;
    enum cv_codec codec;
    uint8_t channels;
    uint8_t feedback;
    struct cv_slice parameters; /* a=fmtp */
};

struct cv_sdp_source {
    uint32_t ssrc;
    uint32_t rtx_ssrc; /* 0: none */
};

/* One m= section as it was offered. Slices point into the text. */
struct cv_sdp_media {
    enum cv_media_kind kind;
    struct cv_slice kind_name;
    struct cv_slice protocol;
    struct cv_slice first_format; /* to decline a line in its own words */
    struct cv_slice mid;
    struct cv_slice ufrag;
    bool has_fingerprint;
    bool rejected; /* port 0, and not for being bundled */
    bool rtcp_mux;
    bool sends;
    bool receives;
    bool bundled;
    bool allows_mixed; /* one- and two-byte extensions in one stream, RFC 8285 section 6 */
    enum cv_sdp_setup setup;
    struct cv_fingerprint fingerprint;
    struct cv_rtp_extension_map extensions;
    struct cv_sdp_format formats[CV_SDP_MAX_FORMATS];
    size_t format_count;
    struct cv_slice rids[CV_SDP_MAX_RIDS]; /* those that the peer offers to send */
    size_t rid_count;
    struct cv_sdp_source sources[CV_SDP_MAX_SOURCES];
    size_t source_count;
};

struct cv_sdp_offer;

/*
 * Reads an offer; `text` must live as long as it does. CV_ERR_SYNTAX or CV_ERR_LIMIT with the
 * problem; CV_ERR_MEMORY.
 */
enum cv_err cv_sdp_parse_offer(struct cv_slice text, struct cv_sdp_offer **ret_offer,
                               struct cv_sdp_problem *ret_problem);
struct cv_sdp_offer *cv_sdp_offer_free(struct cv_sdp_offer *offer);
size_t cv_sdp_media_count(const struct cv_sdp_offer *offer);
const struct cv_sdp_media *cv_sdp_media_at(const struct cv_sdp_offer *offer, size_t index);

/* A codec that both sides have, by the peer's payload types. */
struct cv_sdp_codec {
    enum cv_codec codec;
    uint8_t payload_type;
    uint8_t rtx_payload_type; /* 0: none */
    uint8_t feedback;
    uint8_t format; /* index into the formats of the offer */
};

/* One media line as agreed; the order is the offer's. */
struct cv_sdp_line {
    enum cv_media_kind kind;
    bool accepted;
    bool they_send;
    bool they_receive;
    char mid[CV_SDP_MAX_NAME_CHARS + 1];
    struct cv_sdp_codec codecs[CV_SDP_MAX_CODECS]; /* best first */
    size_t codec_count;
    struct cv_rtp_extension_map extensions;                /* to write what we send */
    char rids[CV_SDP_MAX_RIDS][CV_SDP_MAX_NAME_CHARS + 1]; /* simulcast that they send */
    size_t rid_count;
    struct cv_sdp_source theirs[CV_SDP_MAX_SOURCES];
    size_t their_count;
    struct cv_sdp_source ours; /* what we send with, when they receive */
};

/* A connection as agreed. Owns nothing. */
struct cv_sdp_session {
    char remote_ufrag[CV_ICE_MAX_UFRAG_CHARS + 1];
    struct cv_fingerprint remote_fingerprint;
    enum cv_dtls_role role;                 /* ours */
    struct cv_rtp_extension_map extensions; /* of all lines: to read what they send */
    size_t line_count;
    struct cv_sdp_line lines[CV_SDP_MAX_MEDIA];
};

/*
 * Chooses codecs, extensions and directions. `video` is the order of preference of `video_count`
 * codecs. `previous` is the session that this offer renews, or NULL: lines with the same MID keep
 * our SSRCs. CV_ERR_TYPE with the problem: no connection can come of this offer.
 */
enum cv_err cv_sdp_negotiate(const struct cv_sdp_offer *offer, const enum cv_codec *video,
                             size_t video_count, const struct cv_sdp_session *previous,
                             struct cv_random random, struct cv_sdp_session *ret_session,
                             struct cv_sdp_problem *ret_problem);

/* Our end, for the answer. */
struct cv_sdp_transport {
    const struct cv_ice_credentials *ice;
    const struct cv_fingerprint *fingerprint;
    const struct cv_addr *addresses; /* UDP host candidates, best first */
    size_t address_count;
    bool tcp;            /* the same addresses and ports listen for ICE-TCP too */
    const char *cname;   /* RFC 7022: says nothing of who we are */
    uint64_t session_id; /* the answer's o= line: the same number, */
    uint64_t version;    /* and a version that grows, for one connection */
};

/*
 * An SDP fragment (RFC 8840 section 9) that says where our end is from now on, in two parts: what
 * stays as it is through ICE restarts, the bundle and its first line; and that with the rest behind
 * it. Both append. CV_ERR_MEMORY, CV_ERR_LIMIT.
 */
enum cv_err cv_sdp_write_head(const struct cv_sdp_offer *offer,
                              const struct cv_sdp_session *session, struct cv_buf *head);
enum cv_err cv_sdp_write_fragment(struct cv_slice head, const struct cv_sdp_transport *transport,
                                  struct cv_buf *fragment);

/* Appends the answer. CV_ERR_MEMORY, CV_ERR_LIMIT. */
enum cv_err cv_sdp_write_answer(const struct cv_sdp_offer *offer,
                                const struct cv_sdp_session *session,
                                const struct cv_sdp_transport *transport, struct cv_buf *answer);

#endif
