/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pictures of three spatial layers in one stream, with three temporal layers in the order 0 2 1 2:
 * their dependency descriptors, and what each frame of theirs needs.
 */
#ifndef CV_TEST_MEDIA_LAYERS_H
#define CV_TEST_MEDIA_LAYERS_H

#include "media/dependency.h"

enum {
    LAYERS_SPATIAL = 3,
    LAYERS_TEMPORAL = 3,
    LAYERS_TARGETS = LAYERS_SPATIAL * LAYERS_TEMPORAL, /* spatial before temporal */
};

struct layers_mode {
    bool full;   /* each layer builds on the one below, always; else at key frames only */
    bool chains; /* are told */
};

/* A packet of one frame. */
struct layers_packet {
    uint8_t spatial;
    uint8_t temporal;
    bool key;
    bool first, last; /* of its frame */
    uint16_t frame_number;
    uint32_t active; /* decode targets that are said to be sent; 0: nothing is said */
};

/* Returns the size. The structure is in the first packet of a key frame's lowest layer. */
size_t layers_descriptor(struct layers_mode mode, const struct layers_packet *packet,
                         uint8_t out[static CV_DEPENDENCY_MAX_BYTES]);

#endif
