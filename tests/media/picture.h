/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The pictures that test clients send: VP8 payloads (RFC 7741) with a descriptor that has
 * everything, three temporal layers in the order 0 2 1 2, and a text that says what they are.
 */
#ifndef CV_TEST_MEDIA_PICTURE_H
#define CV_TEST_MEDIA_PICTURE_H

#include "base/bytes.h"

enum {
    PICTURE_SCREEN = 7,       /* the encoding number of screens */
    PICTURE_DESCRIPTOR = 6,   /* bytes */
    PICTURE_LEAST_BYTES = 30, /* of a payload */
};

struct picture {
    uint8_t sender;
    uint8_t encoding;
    uint8_t temporal;
    uint8_t index; /* of the packet in the frame */
    uint8_t packets;
    bool key;
    uint32_t frame;
};

/* By the place of a frame in the pattern; key frames are at its beginning. */
uint8_t picture_temporal(uint32_t frame);
/* The frame that this one can't be shown without; `frame` itself for none. */
uint32_t picture_needs(uint32_t frame, bool key);

/* One spatial layer, `encoding`, of such a picture in VP9 (RFC 9628). Returns `bytes`. */
size_t picture_write_layer(const struct picture *picture, uint16_t picture_id, uint8_t tl0,
                           uint8_t *out, size_t bytes);
/* Returns the size of the payload, `bytes`. */
size_t picture_write(const struct picture *picture, uint16_t picture_id, uint8_t tl0, uint8_t *out,
                     size_t bytes);
/* False: not one of these pictures. */
bool picture_read(struct cv_slice payload, struct picture *ret_picture);

#endif
