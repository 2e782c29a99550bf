/* SPDX-License-Identifier: Apache-2.0 */
#include "media/allocation.h"

#include <stdbool.h>

enum { LATER_SHARE = 4 }; /* a quarter of the rate is left for the lowest of later classes */

struct allocation {
    struct cv_allocation_slot *slots;
    size_t count;
    int64_t left_bps;
    int64_t spare_bps; /* to be left by a step up */
};

/* The lowest options of all slots in classes after this one. */
static int64_t later_lowest_bps(const struct allocation *allocation,
                                enum cv_allocation_class class) {
    int64_t sum_bps = 0;
    for (size_t i = 0; i < allocation->count; i++)
        if (allocation->slots[i].class > class && allocation->slots[i].option_count > 0)
            sum_bps += allocation->slots[i].options[0].bps;
    return sum_bps;
}

/* Takes a slot one option up if that leaves so much. */
static bool step(struct allocation *allocation, struct cv_allocation_slot *slot, int64_t keep_bps) {
    int64_t cost_bps = slot->options[slot->chosen + 1].bps;
    if (slot->chosen >= 0)
        cost_bps -= slot->options[slot->chosen].bps;
    if (cost_bps + keep_bps > allocation->left_bps)
        return false;
    slot->chosen++;
    allocation->left_bps -= cost_bps;
    return true;
}

/* Whether the next option would be more than what it shows now. */
static bool is_rise(const struct cv_allocation_slot *slot) {
    return slot->chosen >= slot->present;
}

/* Returns whether everybody has something. */
static bool give_lowest(struct allocation *allocation, enum cv_allocation_class class) {
    bool all = true;
    for (size_t i = 0; i < allocation->count; i++) {
        struct cv_allocation_slot *slot = &allocation->slots[i];
        if (slot->class == class && slot->option_count > 0)
            all &= step(allocation, slot, is_rise(slot) ? allocation->spare_bps : 0);
    }
    return all;
}

/*
 * Round by round, one option for each slot. The first step that there is no room for is the last,
 * so that a cheaper one behind it doesn't take what it waits for; but where only the room to spare
 * is missing, what is shown already is kept.
 */
static void raise_all(struct allocation *allocation, enum cv_allocation_class class) {
    int64_t keep_bps = later_lowest_bps(allocation, class);
    if (keep_bps > allocation->left_bps / LATER_SHARE)
        keep_bps = allocation->left_bps / LATER_SHARE;
    int64_t rise_keep_bps = keep_bps > allocation->spare_bps ? keep_bps : allocation->spare_bps;
    bool rises = true, any = true;
    while (any) {
        any = false;
        for (size_t i = 0; i < allocation->count; i++) {
            struct cv_allocation_slot *slot = &allocation->slots[i];
            if (slot->class != class || slot->chosen + 1 >= (int)slot->option_count)
                continue;
            if (!is_rise(slot)) {
                if (!step(allocation, slot, keep_bps))
                    return;
                any = true;
            } else if (rises) {
                rises = step(allocation, slot, rise_keep_bps);
                any |= rises;
            }
        }
    }
}

int64_t cv_allocate(struct cv_allocation_slot *slots, size_t count, int64_t available_bps) {
    struct allocation allocation = {
        .slots = slots,
        .count = count,
        .left_bps = available_bps,
        .spare_bps = available_bps * CV_ALLOCATION_HEADROOM / 100,
    };
    for (size_t i = 0; i < count; i++) {
        int last = (int)slots[i].option_count - 1;
        slots[i].present = slots[i].chosen < last ? slots[i].chosen : last;
        slots[i].chosen = CV_ALLOCATION_NONE;
    }
    for (int rank = 0; rank < CV_ALLOCATION_CLASS_COUNT; rank++)
        if (give_lowest(&allocation, (enum cv_allocation_class)rank))
            raise_all(&allocation, (enum cv_allocation_class)rank);
    return available_bps - allocation.left_bps;
}

int64_t cv_allocation_wanted_bps(const struct cv_allocation_slot *slots, size_t count) {
    int64_t sum_bps = 0;
    for (size_t i = 0; i < count; i++)
        if (slots[i].option_count > 0)
            sum_bps += slots[i].options[slots[i].option_count - 1].bps;
    return sum_bps * 100 / (100 - CV_ALLOCATION_HEADROOM) + 1;
}
