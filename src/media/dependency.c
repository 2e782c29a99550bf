/* SPDX-License-Identifier: Apache-2.0 */
#include "media/dependency.h"

enum {
    MANDATORY_BYTES = 3,
    MAX_TEMPORAL = 7, /* layer ids of three and two bits, as in AV1's own headers */
    MAX_SPATIAL = CV_DEPENDENCY_MAX_SPATIAL - 1,
    END_OF_LAYERS = 3,
    HAS_ACTIVE_BIT = 8 * MANDATORY_BYTES + 1, /* active_decode_targets_present_flag */
    FLAGS_END_BIT = 8 * MANDATORY_BYTES + 5,
};

struct bits {
    struct cv_slice data;
    size_t at;
    bool failed; /* read past the end, or met something impossible */
};

static uint32_t take(struct bits *bits, unsigned count) {
    uint32_t value = 0;
    for (; count > 0; count--, bits->at++) {
        if (bits->at >= bits->data.size * 8) {
            bits->failed = true;
            return 0;
        }
        value = value << 1 | (bits->data.data[bits->at / 8] >> (7 - bits->at % 8) & 1);
    }
    return value;
}

/* ns(n): a value below n in as few bits as it takes (AV1 specification section 4.10.7). */
static uint32_t take_below(struct bits *bits, uint32_t n) {
    unsigned width = 0;
    for (uint32_t x = n; x != 0; x >>= 1)
        width++;
    uint32_t spare = (UINT32_C(1) << width) - n;
    uint32_t value = take(bits, width - 1);
    return value < spare ? value : (value << 1) - spare + take(bits, 1);
}

/* template_layers(), section A.8.2 */
static void read_layers(struct bits *bits, struct cv_dependency_structure *structure) {
    uint8_t spatial = 0, temporal = 0;
    uint32_t next;
    do {
        if (structure->template_count == CV_DEPENDENCY_MAX_TEMPLATES || temporal > MAX_TEMPORAL ||
            spatial > MAX_SPATIAL) {
            bits->failed = true;
            return;
        }
        structure->templates[structure->template_count++] =
            (struct cv_dependency_template){.spatial = spatial, .temporal = temporal};
        next = take(bits, 2);
        if (next == 1) {
            temporal++;
        } else if (next == 2) {
            temporal = 0;
            spatial++;
        }
    } while (next != END_OF_LAYERS && !bits->failed);
}

static uint64_t take_dtis(struct bits *bits, unsigned targets) {
    uint64_t dtis = 0;
    for (unsigned target = 0; target < targets; target++)
        dtis |= (uint64_t)take(bits, 2) << 2 * target;
    return dtis;
}

/* What forwarding doesn't need. */
static void skip_differences(struct bits *bits, const struct cv_dependency_structure *structure) {
    for (unsigned i = 0; i < structure->template_count; i++)
        while (take(bits, 1) && !bits->failed)
            take(bits, 4);
}

/* Which chain protects which target; how far back each chain's last frame is, isn't needed. */
static void read_chains(struct bits *bits, struct cv_dependency_structure *structure) {
    structure->chain_count = (uint8_t)take_below(bits, structure->target_count + 1u);
    if (structure->chain_count == 0)
        return;
    for (unsigned target = 0; target < structure->target_count; target++)
        structure->target_chain[target] = (uint8_t)take_below(bits, structure->chain_count);
    for (unsigned i = 0; i < structure->template_count; i++)
        take(bits, 4u * structure->chain_count);
}

/* decode_target_layers(): a target reaches as high as the frames that are present in it. */
static void find_target_layers(struct cv_dependency_structure *structure) {
    for (unsigned target = 0; target < structure->target_count; target++)
        for (unsigned i = 0; i < structure->template_count; i++) {
            const struct cv_dependency_template *template = &structure->templates[i];
            if (cv_dependency_dti(template->dtis, target) == CV_DTI_NOT_PRESENT)
                continue;
            if (template->spatial > structure->target_spatial[target])
                structure->target_spatial[target] = template->spatial;
            if (template->temporal > structure->target_temporal[target])
                structure->target_temporal[target] = template->temporal;
        }
}

static uint32_t present_in(const struct cv_dependency_structure *structure, uint64_t dtis) {
    uint32_t targets = 0;
    for (unsigned target = 0; target < structure->target_count; target++)
        if (cv_dependency_dti(dtis, target) != CV_DTI_NOT_PRESENT)
            targets |= UINT32_C(1) << target;
    return targets;
}

static void compare_targets(struct cv_dependency_structure *structure) {
    for (unsigned target = 0; target < structure->target_count; target++)
        structure->within[target] = cv_dependency_all(structure->target_count);
    for (unsigned i = 0; i < structure->template_count; i++) {
        uint32_t present = present_in(structure, structure->templates[i].dtis);
        for (unsigned target = 0; target < structure->target_count; target++)
            if (!(present >> target & 1))
                structure->within[target] &= ~present;
    }
}

/* render_resolutions(): one less than the size, by spatial layer */
static void read_sizes(struct bits *bits, struct cv_dependency_structure *structure) {
    unsigned layers = structure->templates[structure->template_count - 1].spatial + 1u;
    for (unsigned i = 0; i < layers; i++) {
        uint32_t width = take(bits, 16) + 1, height = take(bits, 16) + 1;
        structure->width[i] = (uint16_t)(width > UINT16_MAX ? UINT16_MAX : width);
        structure->height[i] = (uint16_t)(height > UINT16_MAX ? UINT16_MAX : height);
    }
}

/* template_dependency_structure() */
static void read_structure(struct bits *bits, struct cv_dependency_structure *structure) {
    *structure = (struct cv_dependency_structure){0};
    structure->template_offset = (uint8_t)take(bits, 6);
    structure->target_count = (uint8_t)(take(bits, 5) + 1);
    read_layers(bits, structure);
    for (unsigned i = 0; i < structure->template_count; i++)
        structure->templates[i].dtis = take_dtis(bits, structure->target_count);
    skip_differences(bits, structure);
    read_chains(bits, structure);
    find_target_layers(structure);
    compare_targets(structure);
    if (take(bits, 1) && !bits->failed)
        read_sizes(bits, structure);
}

/* frame_dependency_definition(), as far as the custom decode target indications */
static enum cv_err read_frame(struct bits *bits, unsigned template_id, bool custom_dtis,
                              const struct cv_dependency_structure *structure,
                              struct cv_dependency *dependency) {
    unsigned index = (template_id + CV_DEPENDENCY_MAX_TEMPLATES - structure->template_offset) %
                     CV_DEPENDENCY_MAX_TEMPLATES;
    if (index >= structure->template_count)
        return CV_ERR_SEQUENCE;
    dependency->spatial = structure->templates[index].spatial;
    dependency->temporal = structure->templates[index].temporal;
    dependency->dtis =
        custom_dtis ? take_dtis(bits, structure->target_count) : structure->templates[index].dtis;
    return bits->failed ? CV_ERR_SYNTAX : CV_OK;
}

enum cv_err cv_dependency_read(struct cv_slice descriptor,
                               struct cv_dependency_structure *structure,
                               struct cv_dependency *ret_dependency) {
    if (descriptor.size < MANDATORY_BYTES || descriptor.size > CV_DEPENDENCY_MAX_BYTES)
        return CV_ERR_SYNTAX;
    struct bits bits = {.data = descriptor};
    struct cv_dependency dependency = {0};
    struct cv_dependency_structure fresh;
    bool custom_dtis = false;
    dependency.starts_frame = take(&bits, 1);
    dependency.ends_frame = take(&bits, 1);
    unsigned template_id = take(&bits, 6);
    dependency.frame_number = (uint16_t)take(&bits, 16);
    if (descriptor.size > MANDATORY_BYTES) {
        dependency.has_structure = take(&bits, 1);
        dependency.has_active = take(&bits, 1);
        custom_dtis = take(&bits, 1);
        take(&bits, 2); /* custom differences and chains, which come last */
    }
    if (dependency.has_structure) {
        read_structure(&bits, &fresh);
        if (bits.failed)
            return CV_ERR_SYNTAX;
    }
    const struct cv_dependency_structure *current = dependency.has_structure ? &fresh : structure;
    dependency.active_bit = descriptor.size > MANDATORY_BYTES ? (uint16_t)bits.at : FLAGS_END_BIT;
    if (dependency.has_active)
        dependency.active = take(&bits, current->target_count);
    enum cv_err err = read_frame(&bits, template_id, custom_dtis, current, &dependency);
    if (err)
        return err;
    if (dependency.has_structure)
        *structure = fresh;
    *ret_dependency = dependency;
    return CV_OK;
}

int cv_dependency_target(const struct cv_dependency_structure *structure, uint32_t active,
                         uint8_t spatial, uint8_t temporal) {
    int best = -1, lowest = -1;
    unsigned best_rank = 0, lowest_rank = 0;
    for (unsigned target = 0; target < structure->target_count; target++) {
        unsigned rank = structure->target_spatial[target] * 8u + structure->target_temporal[target];
        if (!(active >> target & 1))
            continue;
        if (lowest < 0 || rank < lowest_rank) {
            lowest = (int)target;
            lowest_rank = rank;
        }
        if (structure->target_spatial[target] > spatial ||
            structure->target_temporal[target] > temporal || (best >= 0 && rank <= best_rank))
            continue;
        best = (int)target;
        best_rank = rank;
    }
    return best >= 0 ? best : lowest;
}

static void put_bit(uint8_t *data, size_t at, unsigned bit) {
    uint8_t mask = (uint8_t)(0x80 >> at % 8);
    data[at / 8] = (uint8_t)(bit ? data[at / 8] | mask : data[at / 8] & ~mask);
}

void cv_dependency_set_active(uint8_t *descriptor, unsigned bit, unsigned target_count,
                              uint32_t active) {
    for (unsigned i = target_count; i > 0; i--)
        put_bit(descriptor, bit++, active >> (i - 1) & 1);
}

size_t cv_dependency_add_active(struct cv_slice descriptor, const struct cv_dependency *dependency,
                                unsigned target_count, uint32_t active,
                                uint8_t out[static CV_DEPENDENCY_MAX_BYTES]) {
    const size_t end = 8 * descriptor.size, to = dependency->active_bit + target_count;
    struct bits rest = {.data = descriptor,
                        .at = dependency->has_active ? to : dependency->active_bit};
    size_t size = (to + (rest.at < end ? end - rest.at : 0) + 7) / 8;
    if (size > CV_DEPENDENCY_MAX_BYTES)
        return 0;
    memset(out, 0, size);
    memcpy(out, descriptor.data, descriptor.size);
    for (size_t at = to; rest.at < end; at++)
        put_bit(out, at, take(&rest, 1));
    put_bit(out, HAS_ACTIVE_BIT, 1);
    cv_dependency_set_active(out, dependency->active_bit, target_count, active);
    return size;
}
