/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dependency descriptor (AV1 RTP specification, appendix A): an RTP header extension by which
 * a sender of any codec tells, outside the (possibly encrypted) payload, which frames a receiver
 * of some quality needs. A key frame brings the structure: templates, each with a layer and, for
 * every decode target, whether its frames belong to it. Later frames name their template. What
 * forwarding makes of it is in media/svc.h.
 */
#ifndef CV_MEDIA_DEPENDENCY_H
#define CV_MEDIA_DEPENDENCY_H

#include "base/bytes.h"

enum {
    CV_DEPENDENCY_MAX_TEMPLATES = 64, /* section A.8.2: ids have six bits */
    CV_DEPENDENCY_MAX_TARGETS = 32,
    CV_DEPENDENCY_MAX_SPATIAL = 4,
    CV_DEPENDENCY_MAX_BYTES = 255,
};

/* Decode target indication, section A.8.3 */
enum cv_dti {
    CV_DTI_NOT_PRESENT = 0, /* the target does without this frame */
    CV_DTI_DISCARDABLE = 1, /* it shows it, and nothing depends on it */
    CV_DTI_SWITCH = 2,      /* it shows it, and may start here */
    CV_DTI_REQUIRED = 3,
};

/* What the last key frame of a stream said. Zero-initialised: nothing yet. */
struct cv_dependency_structure {
    uint8_t template_offset;
    uint8_t template_count;
    uint8_t target_count;
    uint8_t chain_count; /* 0: no chains */
    struct cv_dependency_template {
        uint8_t spatial;
        uint8_t temporal;
        uint64_t dtis; /* two bits a target, the first lowest */
    } templates[CV_DEPENDENCY_MAX_TEMPLATES];
    /* The highest layer of each decode target, and the chain that protects it. */
    uint8_t target_spatial[CV_DEPENDENCY_MAX_TARGETS];
    uint8_t target_temporal[CV_DEPENDENCY_MAX_TARGETS];
    uint8_t target_chain[CV_DEPENDENCY_MAX_TARGETS];
    /* Bit by bit: the targets whose frames, by all templates, are among the frames of this one. */
    uint32_t within[CV_DEPENDENCY_MAX_TARGETS];
    /* Of each spatial layer; 0: not said. */
    uint16_t width[CV_DEPENDENCY_MAX_SPATIAL];
    uint16_t height[CV_DEPENDENCY_MAX_SPATIAL];
};

/* One packet's descriptor. */
struct cv_dependency {
    bool starts_frame;
    bool ends_frame;
    bool has_structure; /* a key frame, or as good as one */
    bool has_active;
    uint8_t spatial;
    uint8_t temporal;
    uint16_t frame_number;
    uint16_t active_bit; /* where in the descriptor the mask of active targets is, or would be */
    uint32_t active;     /* bit by bit: the targets that are sent; with has_active */
    uint64_t dtis;
};

/*
 * Reads a descriptor; one with a structure replaces *structure. CV_ERR_SYNTAX: malformed;
 * CV_ERR_SEQUENCE: a template that the structure doesn't have (its key frame is missing). The
 * structure is untouched then.
 */
enum cv_err cv_dependency_read(struct cv_slice descriptor,
                               struct cv_dependency_structure *structure,
                               struct cv_dependency *ret_dependency);

static inline enum cv_dti cv_dependency_dti(uint64_t dtis, unsigned target) {
    return (enum cv_dti)(dtis >> 2 * target & 3);
}

/* All of `count` targets. */
static inline uint32_t cv_dependency_all(unsigned count) {
    return count >= 32 ? UINT32_MAX : (UINT32_C(1) << count) - 1;
}

/*
 * The decode target to forward to who may have layers up to `spatial` and `temporal`: the highest
 * of those that are active, spatial before temporal; or else the lowest that is. -1 without one.
 */
int cv_dependency_target(const struct cv_dependency_structure *structure, uint32_t active,
                         uint8_t spatial, uint8_t temporal);

/*
 * A descriptor that was read, with the mask of active targets in it, so that it can be set for
 * each receiver; `target_count` of its structure. Returns its size, at most CV_DEPENDENCY_MAX_BYTES
 * and five more than it was; 0: there is no room for it.
 */
enum { CV_DEPENDENCY_MASK_BYTES = 5 };
size_t cv_dependency_add_active(struct cv_slice descriptor, const struct cv_dependency *dependency,
                                unsigned target_count, uint32_t active,
                                uint8_t out[static CV_DEPENDENCY_MAX_BYTES]);

/* Sets the mask of a descriptor that has one at this bit. */
void cv_dependency_set_active(uint8_t *descriptor, unsigned bit, unsigned target_count,
                              uint32_t active);

#endif
