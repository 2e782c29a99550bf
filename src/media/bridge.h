/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What workers tell each other of a room that spans them, record by record:
 *
 *     THERE   a source that the sending worker has: its number there, and what it is
 *     GONE    it is no more
 *     PACKET  of a source: what of its header matters, and the payload
 *     CLOCK   which moment an RTP time of one encoding is
 *     WANT    which encodings of one of the receiver's sources are to be passed on
 *     KEY     and that one of them is to start anew
 *
 * Records come from a process that parses foreign bytes and so may have been taken over: they are
 * read as a stranger's are, and what the payload says is read again from the payload. Integers are
 * in network byte order.
 *
 * A record that finds no room is lost, the end of a source too. So each names its source by number,
 * to find it, and by CSRC, which is random: under a number that was given again, maybe to somebody
 * of another meeting, nothing goes to or comes from the source before. A source of which nothing
 * was heard for a while, though THERE is told again and again, is over.
 */
#ifndef CV_MEDIA_BRIDGE_H
#define CV_MEDIA_BRIDGE_H

#include "base/id.h"
#include "media/packet.h"

enum { CV_BRIDGE_HEAD_BYTES = 80 }; /* room for any record without its payload */

enum cv_bridge_type {
    CV_BRIDGE_THERE = 1,
    CV_BRIDGE_GONE,
    CV_BRIDGE_PACKET,
    CV_BRIDGE_CLOCK,
    CV_BRIDGE_WANT,
    CV_BRIDGE_KEY,
};

struct cv_bridge_record {
    enum cv_bridge_type type;
    uint16_t source;  /* its number, of the worker that it is on */
    uint32_t csrc;    /* and its own */
    uint8_t encoding; /* PACKET, CLOCK, KEY */
    union {
        struct {
            struct cv_id meeting;
            struct cv_id participant;
            uint8_t kind; /* enum cv_source_kind */
            uint8_t encoding_count;
        } there;
        struct {
            uint8_t epoch; /* changes when the numbers begin anew */
            uint8_t codec;
            bool marker;
            bool has_audio_level;
            bool voice;
            bool has_orientation;
            uint8_t audio_level;
            uint8_t orientation;
            uint16_t sequence;
            uint32_t timestamp;
            struct cv_slice payload;
            struct cv_slice dependency;
        } packet;
        struct {
            uint32_t timestamp;
            int64_t at_us;
        } clock;
        uint8_t wanted; /* bit n: the nth encoding */
    };
};

/*
 * Writes all but the slices of a packet, which belong behind it as they are, payload first, and
 * before a descriptor CV_EVEN_BYTES of anything: so they lie in cv_packet.
 * Returns the size.
 */
size_t cv_bridge_write(const struct cv_bridge_record *record,
                       uint8_t out[static CV_BRIDGE_HEAD_BYTES]);

/* CV_ERR_SYNTAX: malformed; else all values are in their ranges. The slices point into `bytes`. */
enum cv_err cv_bridge_read(struct cv_slice bytes, struct cv_bridge_record *ret_record);

#endif
