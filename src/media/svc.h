/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which packets of a stream with layers a receiver needs: what the dependency descriptors of the
 * stream say (media/dependency.h), worked out once for each packet and not for each receiver.
 *
 * A receiver has a *bound*: the highest spatial and temporal layer that it shall get. To each of
 * the sixteen bounds belongs the best decode target that the sender has at present, and a packet
 * carries a bit for each bound: whether that target needs it.
 *
 * From one bound to another a receiver may change (section A.7)
 * - at a key frame;
 * - at the start of a picture, if all that the new target shows was sent to it before;
 * - at a frame with a switch indication for the new target, if the frame is one that the receiver
 *   gets; or, where it is the first of its picture, if the chain that protects the new target is
 *   the one that protects the old.
 * Otherwise a key frame has to be asked for: so it is between spatial layers when they are coded
 * without reference to one another but at key frames (L3T3_KEY), and upwards always.
 */
#ifndef CV_MEDIA_SVC_H
#define CV_MEDIA_SVC_H

#include "media/dependency.h"

enum {
    CV_SVC_SPATIAL = 4,
    CV_SVC_TEMPORAL = 4,
    CV_SVC_BOUNDS = CV_SVC_SPATIAL * CV_SVC_TEMPORAL,
};

static inline unsigned cv_svc_bound(unsigned spatial, unsigned temporal) {
    return spatial * CV_SVC_TEMPORAL + temporal;
}

/* Zero-initialised: no structure has come yet. */
struct cv_svc {
    struct cv_dependency_structure structure;
    uint32_t active;                   /* bit by bit: the decode targets that are sent */
    uint64_t number;                   /* of the packet that the structure came with */
    uint64_t active_at;                /* and of the one with the newest change of what is active */
    uint8_t generation;                /* changes with the structure */
    uint8_t top;                       /* the highest spatial layer that is sent */
    uint8_t targets[CV_SVC_BOUNDS];    /* by bound: the decode target */
    uint32_t decodable[CV_SVC_BOUNDS]; /* by bound: the targets that its receivers get whole */
};

/* What a packet is to receivers; the masks have a bit for each bound. */
struct cv_svc_mark {
    uint16_t needed;
    uint16_t switches;  /* their targets may be begun here */
    uint16_t ends;      /* with it a picture ends for them: RTP's marker belongs there */
    uint8_t generation; /* of cv_svc, when it came */
};

/* What was read of a packet. */
struct cv_svc_packet {
    bool starts_frame;
    bool ends_frame;
    bool has_structure;
    uint8_t spatial;
    uint8_t temporal;
    uint16_t frame_number;
    struct cv_svc_mark mark;
    /*
     * The bounds whose receivers can't go on without a key frame: the sender has just stopped to
     * send what they got.
     */
    uint16_t broken;
};

/*
 * Reads the descriptor of the packet with this extended sequence number; late ones may come. The
 * errors are those of cv_dependency_read, and nothing changes then. With CV_OK, `descriptor` is
 * copied to `out`, and made to have the mask of active targets, at *ret_active_bit (0: it has
 * none); *ret_size is its size then.
 */
enum cv_err cv_svc_take(struct cv_svc *svc, struct cv_slice descriptor, uint64_t number,
                        uint8_t out[static CV_DEPENDENCY_MAX_BYTES], size_t *ret_size,
                        uint16_t *ret_active_bit, struct cv_svc_packet *ret_packet);

/*
 * The bound to change to at this packet, which starts a frame and is no key frame: as near as can
 * be to the one that is wished. `new_picture`: it is the first of its picture.
 */
unsigned cv_svc_choose(const struct cv_svc *svc, const struct cv_svc_mark *mark, unsigned from,
                       unsigned wished, bool new_picture);

/* Whether only a key frame leads there. */
bool cv_svc_needs_key_frame(const struct cv_svc *svc, unsigned from, unsigned wished);

#endif
