/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What forwarding has to know of a video payload: where frames begin, which are key frames, and to
 * which layer a packet belongs; read from the payload descriptors of VP8 (RFC 7741), VP9 (RFC
 * 9628), H.264 (RFC 6184) and AV1 (its RTP specification). No picture is ever looked into, save
 * for the size in the first bytes of a VP8 key frame. Streams that carry the dependency
 * descriptor say more: see media/dependency.h.
 */
#ifndef CV_MEDIA_LAYERS_H
#define CV_MEDIA_LAYERS_H

#include "media/codec.h"

struct cv_layer_info {
    bool starts_frame; /* H.264: starts a NAL unit; its frames end with the marker only */
    bool key_frame;    /* belongs to the start of a frame that needs no other */
    bool layer_sync;   /* a receiver of the temporal layer below may take up this one here */
    bool has_picture_id;
    bool has_tl0;
    uint8_t spatial;
    uint8_t temporal;
    uint8_t tl0;             /* TL0PICIDX: a running number of base layer frames */
    uint8_t picture_id_bits; /* 7 or 15 */
    uint16_t picture_id;
    uint16_t width; /* of a key frame, where the payload says; else 0 */
    uint16_t height;
};

/*
 * Reads the beginning of a payload. CV_ERR_SYNTAX: cut short or not of this codec, and better not
 * forwarded. CV_ERR_TYPE: not a video codec.
 */
enum cv_err cv_layers_read(enum cv_codec codec, struct cv_slice payload,
                           struct cv_layer_info *ret_info);

enum { CV_VP8_MAX_DESCRIPTOR_BYTES = 6 };

/*
 * Copies the VP8 descriptor of a payload that cv_layers_read took into `out`, with another picture
 * id and TL0PICIDX (each where it has one; the id keeps its 7 or 15 bits), so that a slot counts
 * on when its source changes. Returns the size of the descriptor: the rest of the payload follows
 * it unchanged.
 */
size_t cv_vp8_write_descriptor(struct cv_slice payload, uint16_t picture_id, uint8_t tl0,
                               uint8_t out[static CV_VP8_MAX_DESCRIPTOR_BYTES]);

#endif
