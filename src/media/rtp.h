/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RTP packets (RFC 3550 section 5.1) and their header extensions (RFC 8285): parse without a copy,
 * write into the caller's buffer; and the RTX payload format (RFC 4588). What an extension or a
 * payload means is left to others (media/rtp_extension.h, media/layers.h).
 */
#ifndef CV_MEDIA_RTP_H
#define CV_MEDIA_RTP_H

#include "base/bytes.h"

enum {
    CV_RTP_HEADER_BYTES = 12, /* RFC 3550 section 5.1: the fixed part */
    CV_RTP_MAX_BYTES = 1500,  /* ours: one Ethernet frame; browsers keep below 1200 */
    CV_RTX_HEADER_BYTES = 2,  /* RFC 4588 section 4: the original sequence number */
};

/* A parsed packet; the slices point into it. */
struct cv_rtp {
    bool marker;
    uint8_t payload_type;
    uint16_t sequence;
    uint32_t timestamp;
    uint32_t ssrc;
    uint8_t csrc_count;
    uint16_t extension_profile; /* 0 without extensions */
    size_t header_bytes;        /* all before the payload */
    size_t padding_bytes;       /* behind the payload, the count itself included */
    struct cv_slice csrcs;      /* 4 * csrc_count bytes */
    struct cv_slice extensions; /* the elements, without profile and length */
    struct cv_slice payload;    /* without padding */
};

/*
 * The size of the header: fixed part, CSRCs and extensions. It looks no further, so it also serves
 * packets whose payload is still encrypted. CV_ERR_SYNTAX: not RTP version 2, or cut short.
 */
enum cv_err cv_rtp_header_size(struct cv_slice packet, size_t *ret_size);

/* CV_ERR_SYNTAX as above, or for padding that is zero or larger than the payload; CV_ERR_LIMIT. */
enum cv_err cv_rtp_parse(struct cv_slice packet, struct cv_rtp *ret_rtp);

/* An element of the extension block, RFC 8285 section 4. */
struct cv_rtp_element {
    uint8_t id; /* 1 to 14 in the one-byte form, 1 to 255 in the two-byte form */
    struct cv_slice value;
};

/*
 * Walks the elements in either form: start with *offset = 0; false ends. Padding is skipped; id 15
 * of the one-byte form ends the walk, and so does an element that doesn't fit (section 4.2).
 */
bool cv_rtp_next_element(const struct cv_rtp *rtp, size_t *offset,
                         struct cv_rtp_element *ret_element);

/*
 * Writes a header into `out` of `capacity` bytes: the fields of `rtp` but for its slices and
 * sizes, `csrc` when it is not 0, and `count` extension elements (none: no block) in the one-byte
 * form, or in the two-byte form when an id or value asks for it. CV_ERR_LIMIT: no room, or a value
 * over 255 bytes.
 */
enum cv_err cv_rtp_write_header(const struct cv_rtp *rtp, uint32_t csrc,
                                const struct cv_rtp_element *elements, size_t count, uint8_t *out,
                                size_t capacity, size_t *ret_size);

/*
 * RFC 4588 section 4: takes the original sequence number off an RTX packet. `rtx` is the parsed
 * retransmission; *ret_original has the payload and sequence number of the original, and the
 * payload type and SSRC given. CV_ERR_TRUNCATED for a packet that has no original in it (browsers
 * probe bandwidth with such): count it as received and drop it.
 */
enum cv_err cv_rtx_unwrap(const struct cv_rtp *rtx, uint8_t payload_type, uint32_t ssrc,
                          struct cv_rtp *ret_original);

#endif
