/* SPDX-License-Identifier: Apache-2.0 */
#include "media/svc.h"

static unsigned spatial_of(unsigned bound) {
    return bound / CV_SVC_TEMPORAL;
}

static unsigned temporal_of(unsigned bound) {
    return bound % CV_SVC_TEMPORAL;
}

static bool has(uint32_t mask, unsigned bit) {
    return mask >> bit & 1;
}

/* A chain that is intact for one target is so for the other. */
static bool share_chain(const struct cv_dependency_structure *structure, unsigned one,
                        unsigned other) {
    return structure->chain_count > 0 &&
           structure->target_chain[one] == structure->target_chain[other];
}

/* Finds the target of each bound anew. Returns the bounds that broke, see cv_svc_packet. */
static uint16_t find_targets(struct cv_svc *svc) {
    const struct cv_dependency_structure *structure = &svc->structure;
    uint16_t broken = 0;
    for (unsigned bound = 0; bound < CV_SVC_BOUNDS; bound++) {
        unsigned before = svc->targets[bound];
        int found = cv_dependency_target(structure, svc->active, (uint8_t)spatial_of(bound),
                                         (uint8_t)temporal_of(bound));
        unsigned target = found < 0 ? 0 : (unsigned)found;
        svc->targets[bound] = (uint8_t)target;
        svc->decodable[bound] = structure->within[target] & svc->active;
        if (structure->target_spatial[target] < structure->target_spatial[before] &&
            !has(structure->within[before], target) && !share_chain(structure, before, target))
            broken |= (uint16_t)(1u << bound);
    }
    svc->top = structure->target_spatial[svc->targets[CV_SVC_BOUNDS - 1]];
    return broken;
}

/* A sender that sends nothing would not: all are sent then. */
static uint32_t sane(const struct cv_svc *svc, uint32_t active) {
    return active ? active : cv_dependency_all(svc->structure.target_count);
}

static uint16_t follow(struct cv_svc *svc, const struct cv_dependency *dependency,
                       uint64_t number) {
    if (dependency->has_structure) {
        svc->generation++;
        svc->number = svc->active_at = number;
        svc->active = sane(svc, dependency->active);
        (void)find_targets(svc); /* whoever looks begins anew */
        return 0;
    }
    if (!dependency->has_active || number <= svc->active_at)
        return 0;
    svc->active_at = number;
    if (sane(svc, dependency->active) == svc->active)
        return 0;
    svc->active = sane(svc, dependency->active);
    return find_targets(svc);
}

static struct cv_svc_mark mark(const struct cv_svc *svc, const struct cv_dependency *dependency) {
    struct cv_svc_mark mark = {.generation = svc->generation};
    for (unsigned bound = 0; bound < CV_SVC_BOUNDS; bound++) {
        unsigned target = svc->targets[bound];
        enum cv_dti dti = cv_dependency_dti(dependency->dtis, target);
        bool top = dependency->spatial == svc->structure.target_spatial[target];
        mark.needed |= (uint16_t)((dti != CV_DTI_NOT_PRESENT) << bound);
        mark.switches |= (uint16_t)((dti == CV_DTI_SWITCH) << bound);
        mark.ends |= (uint16_t)((dependency->ends_frame && top) << bound);
    }
    return mark;
}

enum cv_err cv_svc_take(struct cv_svc *svc, struct cv_slice descriptor, uint64_t number,
                        uint8_t out[static CV_DEPENDENCY_MAX_BYTES], size_t *ret_size,
                        uint16_t *ret_active_bit, struct cv_svc_packet *ret_packet) {
    struct cv_dependency dependency;
    struct cv_dependency_structure old;
    bool stale = number < svc->number;
    if (stale)
        old = svc->structure;
    enum cv_err err = cv_dependency_read(descriptor, stale ? &old : &svc->structure, &dependency);
    if (err)
        return err;
    if (stale && dependency.has_structure)
        return CV_ERR_SEQUENCE;
    *ret_packet = (struct cv_svc_packet){
        .starts_frame = dependency.starts_frame,
        .ends_frame = dependency.ends_frame,
        .has_structure = dependency.has_structure,
        .spatial = dependency.spatial,
        .temporal = dependency.temporal,
        .frame_number = dependency.frame_number,
        .broken = stale ? 0 : follow(svc, &dependency, number),
    };
    ret_packet->mark = mark(svc, &dependency);
    unsigned targets = svc->structure.target_count;
    size_t size = targets > 1
                      ? cv_dependency_add_active(descriptor, &dependency, targets, svc->active, out)
                      : 0;
    *ret_active_bit = size > 0 ? dependency.active_bit : 0;
    *ret_size = size > 0 ? size : descriptor.size;
    if (size == 0)
        memcpy(out, descriptor.data, descriptor.size);
    return CV_OK;
}

static unsigned least(unsigned one, unsigned other) {
    return one < other ? one : other;
}

/* Down by as much as goes at the start of any picture. */
static unsigned step_down(const struct cv_svc *svc, unsigned from, unsigned wished) {
    uint32_t within = svc->structure.within[svc->targets[from]];
    unsigned lower = cv_svc_bound(least(spatial_of(from), spatial_of(wished)),
                                  least(temporal_of(from), temporal_of(wished)));
    if (has(within, svc->targets[wished]))
        return wished;
    return has(within, svc->targets[lower]) ? lower : from;
}

/*
 * Whether the target of `to` may be begun at this frame. One that the receiver gets can be decoded;
 * another only where a chain says so, and where nothing of its picture was left out before it.
 */
static bool may_begin(const struct cv_svc *svc, const struct cv_svc_mark *mark, unsigned from,
                      unsigned to, bool new_picture) {
    return has(mark->switches, to) &&
           (has(mark->needed, from) ||
            (new_picture && share_chain(&svc->structure, svc->targets[from], svc->targets[to])));
}

unsigned cv_svc_choose(const struct cv_svc *svc, const struct cv_svc_mark *mark, unsigned from,
                       unsigned wished, bool new_picture) {
    const unsigned same_size = cv_svc_bound(spatial_of(from), temporal_of(wished));
    if (mark->generation != svc->generation)
        return from; /* an old one, and nothing is known of its structure any more */
    unsigned lower = new_picture ? step_down(svc, from, wished) : from;
    if (lower != from)
        return lower;
    if (may_begin(svc, mark, from, wished, new_picture))
        return wished;
    return may_begin(svc, mark, from, same_size, new_picture) ? same_size : from;
}

bool cv_svc_needs_key_frame(const struct cv_svc *svc, unsigned from, unsigned wished) {
    const struct cv_dependency_structure *structure = &svc->structure;
    unsigned target = svc->targets[step_down(svc, from, wished)], to = svc->targets[wished];
    return target != to && !share_chain(structure, target, to) &&
           structure->target_spatial[target] != structure->target_spatial[to];
}
