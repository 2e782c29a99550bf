/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The dependency descriptor (AV1 RTP specification, appendix A): an RTP header extension by which
 * a sender of any codec tells, outside the (possibly encrypted) payload, which frames a receiver
 * of some quality needs. A key frame brings the structure: templates, each with a layer and, for
 * every decode target, whether its frames belong to it. Later frames name their template.
 */
#ifndef CV_MEDIA_DEPENDENCY_H
#define CV_MEDIA_DEPENDENCY_H

#include "base/bytes.h"

enum {
    CV_DEPENDENCY_MAX_TEMPLATES = 64, /* section A.8.2: ids have six bits */
    CV_DEPENDENCY_MAX_TARGETS = 32,
    CV_DEPENDENCY_MAX_BYTES = 255,
};

/* Decode target indication, section A.4 */
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
    uint8_t chain_count;
    struct cv_dependency_template {
        uint8_t spatial;
        uint8_t temporal;
        uint64_t dtis; /* two bits a target, the first lowest */
    } templates[CV_DEPENDENCY_MAX_TEMPLATES];
    /* The highest layer of each decode target. */
    uint8_t target_spatial[CV_DEPENDENCY_MAX_TARGETS];
    uint8_t target_temporal[CV_DEPENDENCY_MAX_TARGETS];
};

/* One packet's descriptor. */
struct cv_dependency {
    bool starts_frame;
    bool ends_frame;
    bool has_structure; /* a key frame, or as good as one */
    uint8_t spatial;
    uint8_t temporal;
    uint16_t frame_number;
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

/*
 * The decode target to forward to who may have layers up to `spatial` and `temporal`: the highest
 * of those, spatial before temporal. -1 without one.
 */
int cv_dependency_target(const struct cv_dependency_structure *structure, uint8_t spatial,
                         uint8_t temporal);

#endif
