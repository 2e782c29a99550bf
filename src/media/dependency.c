/* SPDX-License-Identifier: Apache-2.0 */
#include "media/dependency.h"

enum {
    MANDATORY_BYTES = 3,
    MAX_TEMPORAL = 7, /* layer ids of three and two bits, as in AV1's own headers */
    MAX_SPATIAL = 3,
    END_OF_LAYERS = 3,
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

/* What forwarding doesn't need: frame differences and chains. */
static void skip_differences(struct bits *bits, const struct cv_dependency_structure *structure) {
    for (unsigned i = 0; i < structure->template_count; i++)
        while (take(bits, 1) && !bits->failed)
            take(bits, 4);
}

static void skip_chains(struct bits *bits, struct cv_dependency_structure *structure) {
    structure->chain_count = (uint8_t)take_below(bits, structure->target_count + 1u);
    if (structure->chain_count == 0)
        return;
    for (unsigned target = 0; target < structure->target_count; target++)
        take_below(bits, structure->chain_count);
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

/* template_dependency_structure() */
static void read_structure(struct bits *bits, struct cv_dependency_structure *structure) {
    *structure = (struct cv_dependency_structure){0};
    structure->template_offset = (uint8_t)take(bits, 6);
    structure->target_count = (uint8_t)(take(bits, 5) + 1);
    read_layers(bits, structure);
    for (unsigned i = 0; i < structure->template_count; i++)
        structure->templates[i].dtis = take_dtis(bits, structure->target_count);
    skip_differences(bits, structure);
    skip_chains(bits, structure);
    find_target_layers(structure);
    if (take(bits, 1)) { /* resolutions, by spatial layer */
        unsigned layers = structure->templates[structure->template_count - 1].spatial + 1u;
        for (unsigned i = 0; i < layers; i++)
            take(bits, 32);
    }
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
    bool has_active_targets = false, custom_dtis = false;
    dependency.starts_frame = take(&bits, 1);
    dependency.ends_frame = take(&bits, 1);
    unsigned template_id = take(&bits, 6);
    dependency.frame_number = (uint16_t)take(&bits, 16);
    if (descriptor.size > MANDATORY_BYTES) {
        dependency.has_structure = take(&bits, 1);
        has_active_targets = take(&bits, 1);
        custom_dtis = take(&bits, 1);
        take(&bits, 2); /* custom differences and chains, which come last */
    }
    if (dependency.has_structure) {
        read_structure(&bits, &fresh);
        if (bits.failed)
            return CV_ERR_SYNTAX;
    }
    const struct cv_dependency_structure *current = dependency.has_structure ? &fresh : structure;
    if (has_active_targets)
        take(&bits, current->target_count);
    enum cv_err err = read_frame(&bits, template_id, custom_dtis, current, &dependency);
    if (err)
        return err;
    if (dependency.has_structure)
        *structure = fresh;
    *ret_dependency = dependency;
    return CV_OK;
}

int cv_dependency_target(const struct cv_dependency_structure *structure, uint8_t spatial,
                         uint8_t temporal) {
    int best = -1;
    unsigned best_rank = 0;
    for (unsigned target = 0; target < structure->target_count; target++) {
        unsigned rank = structure->target_spatial[target] * 8u + structure->target_temporal[target];
        if (structure->target_spatial[target] > spatial ||
            structure->target_temporal[target] > temporal || (best >= 0 && rank <= best_rank))
            continue;
        best = (int)target;
        best_rank = rank;
    }
    return best;
}
