/* SPDX-License-Identifier: Apache-2.0 */
#include "layers.h"

#include "test.h"

enum {
    KINDS = LAYERS_TEMPORAL + 1, /* templates of a spatial layer: of key frames, and by temporal */
    TEMPLATES = LAYERS_SPATIAL * KINDS,
};

struct writer {
    uint8_t *data;
    size_t at;
};

static void put(struct writer *writer, uint32_t value, unsigned count) {
    for (; count > 0; count--, writer->at++)
        writer->data[writer->at / 8] |=
            (uint8_t)((value >> (count - 1) & 1) << (7 - writer->at % 8));
}

static enum cv_dti indication(struct layers_mode mode, unsigned template, unsigned target) {
    unsigned s = template / KINDS, kind = template % KINDS, t = kind == 0 ? 0 : kind - 1;
    unsigned to_s = target / LAYERS_TEMPORAL, to_t = target % LAYERS_TEMPORAL;
    if (s > to_s || t > to_t)
        return CV_DTI_NOT_PRESENT;
    if (s < to_s && kind > 0)
        return mode.full ? CV_DTI_REQUIRED : CV_DTI_NOT_PRESENT;
    return s == to_s && t > 0 && t == to_t ? CV_DTI_DISCARDABLE : CV_DTI_SWITCH;
}

/* AV1 RTP specification section A.8.2, template_dependency_structure() */
static void put_structure(struct writer *writer, struct layers_mode mode) {
    static const struct {
        uint8_t value, bits;
    } chains[LAYERS_SPATIAL] = {{0, 1}, {2, 2}, {3, 2}}; /* ns(3) */
    put(writer, 0, 6);
    put(writer, LAYERS_TARGETS - 1, 5);
    for (unsigned i = 1; i < TEMPLATES; i++)
        put(writer, i % KINDS == 0 ? 2 : i % KINDS == 1 ? 0 : 1, 2);
    put(writer, 3, 2);
    for (unsigned i = 0; i < TEMPLATES; i++)
        for (unsigned target = 0; target < LAYERS_TARGETS; target++)
            put(writer, indication(mode, i, target), 2);
    put(writer, 0, TEMPLATES);                        /* no differences: nobody reads them here */
    put(writer, mode.chains ? LAYERS_SPATIAL : 0, 3); /* ns(10) */
    for (unsigned target = 0; mode.chains && target < LAYERS_TARGETS; target++)
        put(writer, chains[target / LAYERS_TEMPORAL].value, chains[target / LAYERS_TEMPORAL].bits);
    for (unsigned i = 0; mode.chains && i < TEMPLATES * LAYERS_SPATIAL; i++)
        put(writer, 0, 4);
    put(writer, 1, 1);
    for (unsigned s = 0; s < LAYERS_SPATIAL; s++) {
        put(writer, (320u << s) - 1, 16);
        put(writer, (180u << s) - 1, 16);
    }
}

size_t layers_descriptor(struct layers_mode mode, const struct layers_packet *packet,
                         uint8_t out[static CV_DEPENDENCY_MAX_BYTES]) {
    struct writer writer = {out, 0};
    memset(out, 0, CV_DEPENDENCY_MAX_BYTES);
    put(&writer, packet->first, 1);
    put(&writer, packet->last, 1);
    put(&writer, packet->spatial * KINDS + (packet->key ? 0 : 1u + packet->temporal), 6);
    put(&writer, packet->frame_number, 16);
    if (packet->key && packet->first && packet->spatial == 0) {
        put(&writer, 0x10, 5);
        put_structure(&writer, mode);
    }
    size_t size = (writer.at + 7) / 8;
    struct cv_dependency_structure structure = {.target_count = LAYERS_TARGETS,
                                                .template_count = TEMPLATES};
    struct cv_dependency read;
    uint8_t plain[CV_DEPENDENCY_MAX_BYTES];
    if (packet->active == 0)
        return size;
    memcpy(plain, out, size);
    assert_int_equal(cv_dependency_read(cv_slice_of(plain, size), &structure, &read), CV_OK);
    return cv_dependency_add_active(cv_slice_of(plain, size), &read, LAYERS_TARGETS, packet->active,
                                    out);
}
