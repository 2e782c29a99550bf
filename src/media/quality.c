/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which encoding and layers each video slot of a peer gets: what its tile can use, out of what its
 * path has room for. media/allocation.h decides; here its options are made of what is measured.
 */
#include "media/relay_private.h"

#include "media/allocation.h"

enum {
    AUDIO_BPS = 45000,    /* of one audio slot in use, with all overhead */
    OVERHEAD_PERCENT = 5, /* of headers over payload */
    TOP_WIDTH = 1280,     /* of pictures that were not seen yet */
    TOP_HEIGHT = 720,
    TOP_BPS = 1500000,
    SCREEN_BPS = 400000, /* of a page that is read; what moves takes more, and is measured then */
};

#define REMB_GOOD_US (2 * CV_US_PER_S)

/* Where in a source an option lies: the encoding, and the spatial layer in it. */
static uint8_t spatial_code(size_t encoding, unsigned layer) {
    return (uint8_t)(encoding * CV_SVC_SPATIAL + layer);
}

/* Of what was not seen yet: each step down has half the width and a third of the rate. */
static int64_t guessed_bps(const struct cv_source *source, size_t index) {
    int64_t bps = source->kind == CV_SOURCE_SCREEN ? SCREEN_BPS : TOP_BPS;
    for (size_t i = index + 1; i < source->encoding_count; i++)
        bps /= 3;
    return bps;
}

/* Spatial layers that can be told apart and left out. */
static unsigned top_spatial(const struct cv_encoding *encoding) {
    return encoding->svc ? encoding->svc->top : 0;
}

/* Whether a picture of this encoding and layer is as large as the tile, or nearly. */
static bool fills_tile(const struct cv_slot *slot, const struct cv_encoding *encoding,
                       unsigned spatial) {
    const struct cv_dependency_structure *structure =
        encoding->svc ? &encoding->svc->structure : NULL;
    unsigned halvings = top_spatial(encoding) - spatial;
    uint32_t width = encoding->width, height = encoding->height;
    if (width == 0) {
        unsigned shift = encoding->source->encoding_count - 1u - encoding->index;
        width = TOP_WIDTH >> shift;
        height = TOP_HEIGHT >> shift;
    }
    width >>= halvings;
    height >>= halvings;
    if (structure && structure->width[spatial]) {
        width = structure->width[spatial];
        height = structure->height[spatial];
    }
    return 10 * width >= 8u * slot->width || 10 * height >= 8u * slot->height;
}

static void add_option(struct cv_allocation_slot *slot, int64_t bps, uint8_t spatial,
                       uint8_t temporal) {
    bps += bps * OVERHEAD_PERCENT / 100;
    size_t count = slot->option_count;
    if (count == CV_ALLOCATION_MAX_OPTIONS || bps <= 0 ||
        (count > 0 && bps <= slot->options[count - 1].bps))
        return;
    slot->options[slot->option_count++] =
        (struct cv_allocation_option){.bps = bps, .spatial = spatial, .temporal = temporal};
}

/*
 * Spatial layers that don't build on one another may take less than those below them: what is no
 * better and no cheaper than the whole of a higher one is not offered.
 */
static void drop_dearer(struct cv_allocation_slot *slot, size_t first, int64_t bps) {
    bps += bps * OVERHEAD_PERCENT / 100;
    while (slot->option_count > first && slot->options[slot->option_count - 1].bps >= bps)
        slot->option_count--;
}

/* The layers of one encoding; true when the tile has no use for more. */
static bool add_encoding(const struct cv_slot *slot, const struct cv_encoding *encoding,
                         struct cv_allocation_slot *ret_slot) {
    unsigned top = top_spatial(encoding);
    size_t first = ret_slot->option_count;
    bool measured = encoding->bound_bps[0] > 0;
    if (!measured)
        add_option(ret_slot, guessed_bps(encoding->source, encoding->index),
                   spatial_code(encoding->index, 0), CV_SVC_TEMPORAL - 1);
    for (unsigned s = 0; measured && s <= top; s++) {
        const uint32_t *bps = &encoding->bound_bps[cv_svc_bound(s, 0)];
        const uint32_t whole = bps[CV_SVC_TEMPORAL - 1];
        if (s > 0 && whole > 0)
            drop_dearer(ret_slot, first, whole);
        for (unsigned t = 0; t < CV_SVC_TEMPORAL && bps[t] < whole; t++)
            add_option(ret_slot, bps[t], spatial_code(encoding->index, s), (uint8_t)t);
        add_option(ret_slot, whole, spatial_code(encoding->index, s), CV_SVC_TEMPORAL - 1);
        if (fills_tile(slot, encoding, s))
            return true;
    }
    return fills_tile(slot, encoding, top);
}

static enum cv_allocation_class class_of(const struct cv_slot *slot) {
    if (slot->source->kind == CV_SOURCE_SCREEN)
        return CV_ALLOCATION_SCREEN;
    if (slot->stage)
        return CV_ALLOCATION_STAGE;
    if (cv_id_eq(&slot->source->participant, &slot->source->room->active))
        return CV_ALLOCATION_SPEAKER;
    return CV_ALLOCATION_THUMBNAIL;
}

static void describe(const struct cv_slot *slot, unsigned load_permille,
                     struct cv_allocation_slot *ret_slot) {
    *ret_slot = (struct cv_allocation_slot){.chosen = CV_ALLOCATION_NONE};
    if (!slot->video || !slot->source)
        return;
    ret_slot->class = class_of(slot);
    for (size_t i = 0; i < slot->source->encoding_count; i++)
        if (add_encoding(slot, &slot->source->encodings[i], ret_slot))
            break;
    if (cv_load_level(load_permille) == 2)
        ret_slot->option_count = 1;
    else if (cv_load_level(load_permille) == 1 && ret_slot->class != CV_ALLOCATION_SCREEN)
        ret_slot->option_count = (ret_slot->option_count + 1) / 2;
    for (size_t i = 0; slot->wished && i < ret_slot->option_count; i++)
        if (ret_slot->options[i].spatial ==
                spatial_code(slot->wished->index, slot->target_spatial) &&
            ret_slot->options[i].temporal == slot->target_temporal)
            ret_slot->chosen = (int)i;
}

/*
 * What to show while the wished encoding isn't sent: the best below it, or else the lowest. That
 * one is waited for where none is sent: a browser leaves out the higher ones of a small picture,
 * and one that had to wait for them alone would have been told to send nothing else.
 */
static struct cv_encoding *substitute(struct cv_source *source, size_t wished, int64_t now_us) {
    for (size_t i = wished + 1; i > 0; i--)
        if (cv_encoding_is_live(&source->encodings[i - 1], now_us))
            return &source->encodings[i - 1];
    for (size_t i = wished + 1; i < source->encoding_count; i++)
        if (cv_encoding_is_live(&source->encodings[i], now_us))
            return &source->encodings[i];
    return &source->encodings[0];
}

static void apply(struct cv_slot *slot, const struct cv_allocation_slot *choice, int64_t now_us) {
    if (!slot->source || !slot->video)
        return;
    if (choice->chosen == CV_ALLOCATION_NONE) {
        slot->starved = true;
        cv_slot_set_target(slot, NULL, NULL, 0, 0, now_us);
        return;
    }
    const struct cv_allocation_option *option = &choice->options[choice->chosen];
    size_t index = option->spatial / CV_SVC_SPATIAL;
    slot->starved = false;
    cv_slot_set_target(slot, substitute(slot->source, index, now_us),
                       &slot->source->encodings[index], option->spatial % CV_SVC_SPATIAL,
                       option->temporal, now_us);
}

/*
 * A receiver that estimates for itself (REMB) takes what comes, and half as much again, for all
 * that there is room for, and says nothing while nothing comes: what it said a while ago must not
 * keep us from sending for good. It counts the streams that it estimates for, which is no sound.
 */
static bool has_remb(const struct cv_peer *peer, int64_t now_us) {
    return !peer->bwe && peer->remb_bps > 0 && now_us - peer->remb_at_us < REMB_GOOD_US;
}

static int64_t available_bps(const struct cv_peer *peer, int64_t now_us) {
    int64_t bps = peer->relay->config.limits.peer_max_bps;
    if (has_remb(peer, now_us))
        return peer->remb_bps < bps ? peer->remb_bps : bps;
    if (peer->bwe && cv_bwe_target_bps(peer->bwe) < bps)
        bps = cv_bwe_target_bps(peer->bwe);
    for (size_t i = 0; i < peer->slot_count; i++)
        if (!peer->slots[i]->video && peer->slots[i]->source)
            bps -= AUDIO_BPS;
    return bps > 0 ? bps : 0;
}

/*
 * The most important picture is shown also where there seems to be half the room for it: estimates
 * begin low and waver, and what is sent in one encoding has nothing lower to go to.
 */
static int64_t with_first_bps(const struct cv_allocation_slot *choices, size_t count,
                              int64_t available) {
    const struct cv_allocation_slot *first = NULL;
    for (size_t i = 0; i < count; i++)
        if (choices[i].option_count > 0 && (!first || choices[i].class < first->class))
            first = &choices[i];
    int64_t lowest = first ? first->options[0].bps : 0;
    return lowest > available && lowest <= 2 * available ? lowest : available;
}

void cv_peer_allocate(struct cv_peer *peer, int64_t now_us) {
    struct cv_allocation_slot choices[CV_RELAY_MAX_SLOTS];
    for (size_t i = 0; i < peer->slot_count; i++)
        describe(peer->slots[i], peer->relay->load_permille, &choices[i]);
    peer->allocated_bps = available_bps(peer, now_us);
    (void)cv_allocate(choices, peer->slot_count,
                      with_first_bps(choices, peer->slot_count, peer->allocated_bps));
    if (peer->bwe) {
        int64_t sound_bps = (int64_t)CV_RELAY_LOUDEST * AUDIO_BPS;
        cv_bwe_set_wanted(peer->bwe,
                          cv_allocation_wanted_bps(choices, peer->slot_count) + sound_bps);
        cv_pacer_set_target(&peer->pacer, cv_bwe_target_bps(peer->bwe));
    }
    for (size_t i = 0; i < peer->slot_count; i++)
        apply(peer->slots[i], &choices[i], now_us);
}
