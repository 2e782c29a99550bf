/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes one continuous RTP stream of whatever feeds it: sequence numbers without gaps where
 * packets are left out on purpose, and with the same gaps where packets are missing, so that late
 * ones find their place; timestamps that go on; VP8 picture ids and TL0PICIDX (RFC 7741 section
 * 4.2) and the frame numbers of dependency descriptors likewise.
 *
 * A *run* is what one stream contributes, from the key frame that it starts with to the switch to
 * another. Inside a run the new numbers follow from the old ones by offsets, which change where
 * packets are left out; the last few changes are remembered for packets that come out of order.
 */
#ifndef CV_MEDIA_REWRITE_H
#define CV_MEDIA_REWRITE_H

#include "media/packet.h"

enum { CV_REWRITE_RANGES = 16 }; /* changes of the offsets that late packets are placed by */

/* Zero-initialised, with the first numbers to use in `next_...`: nothing was sent. */
struct cv_rewrite {
    bool running;
    uint8_t range_count;
    uint8_t next_tl0;
    uint16_t next_sequence;
    uint16_t next_picture_id; /* 15 bits */
    uint16_t next_frame_number;
    uint16_t frame_offset;       /* of the run */
    uint32_t timestamp_offset;   /* of the run */
    uint32_t last_timestamp;     /* the newest that was given out */
    uint32_t left_out_timestamp; /* of the last frame that was left out */
    uint16_t left_out_picture_id;
    uint8_t left_out_spatial;
    bool left_out; /* the newest packet of the run was */
    uint8_t tl0_offset;
    uint64_t first;   /* number of the first packet of the run */
    uint64_t highest; /* number of the newest packet of the run */
    struct cv_rewrite_range {
        uint64_t from; /* the first number that these offsets are for */
        uint16_t sequence_offset;
        uint16_t picture_id_offset;
    } ranges[CV_REWRITE_RANGES]; /* the newest last */
};

struct cv_rewritten {
    uint16_t sequence;
    uint16_t picture_id;
    uint16_t frame_number;
    uint8_t tl0;
    uint32_t timestamp;
};

/*
 * Starts a run with `packet`, whose timestamp becomes `timestamp`, or the next after what was sent
 * last when that would go back. The packet itself is given to cv_rewrite_place then.
 */
void cv_rewrite_switch(struct cv_rewrite *rewrite, const struct cv_packet *packet,
                       uint32_t timestamp);

enum cv_rewrite_result {
    CV_REWRITE_SEND,
    CV_REWRITE_NOTHING, /* left out as asked, or too old to be placed */
    CV_REWRITE_FILL,    /* left out, but its place was kept free: fill it with an empty packet */
};

/*
 * The place of a packet of the run. `keep` false: it is to be left out. Each packet is given once;
 * *ret_rewritten is set for SEND and FILL.
 */
enum cv_rewrite_result cv_rewrite_place(struct cv_rewrite *rewrite, const struct cv_packet *packet,
                                        bool keep, struct cv_rewritten *ret_rewritten);

#endif
