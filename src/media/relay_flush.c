/* SPDX-License-Identifier: Apache-2.0 */
/* What goes out, peer by peer, and when. */
#include "media/relay_private.h"

#include <stdlib.h>

enum {
    FIRST_PEERS = 16, /* a power of two */
    AHEAD = 8,        /* as many fetches as a core has under way at once, and then some */
};

/* Handshake and STUN answers, each by its own path. */
static bool flush_transport(struct cv_peer *peer, const struct cv_relay_output *output) {
    for (;;) {
        struct cv_ice_path path;
        uint8_t *out = output->room(output->context, CV_TRANSPORT_OUTPUT_BYTES);
        if (!out)
            return false;
        size_t size = cv_transport_output(peer->transport, out, &path);
        output->commit(output->context, &path, size);
        if (size == 0)
            return true;
    }
}

static bool flush_rtcp(struct cv_peer *peer, int64_t now_us, const struct cv_relay_output *output) {
    const struct cv_ice_path *path = cv_transport_path(peer->transport);
    while (path && (peer->feedback_due || peer->twcc_due || peer->reports_due)) {
        uint8_t *out = output->room(output->context, CV_TRANSPORT_OUTPUT_BYTES);
        if (!out)
            return false;
        size_t sealed = 0;
        size_t size = cv_peer_write_rtcp(peer, now_us, out,
                                         CV_TRANSPORT_OUTPUT_BYTES - CV_SRTCP_MAX_OVERHEAD);
        if (size == 0 || cv_transport_protect_rtcp(peer->transport, out, size,
                                                   CV_TRANSPORT_OUTPUT_BYTES, &sealed) != CV_OK)
            sealed = 0;
        output->commit(output->context, path, sealed);
    }
    return true;
}

static bool flush_peer(struct cv_peer *peer, int64_t now_us, const struct cv_relay_output *output) {
    if (peer->stirred && !(flush_transport(peer, output) && flush_rtcp(peer, now_us, output)))
        return false;
    return cv_peer_send_queues(peer, now_us, output);
}

/* --- who has something to flush --- */

static struct cv_peer **dirty_at(const struct cv_dirty *dirty, size_t i) {
    return &dirty->items[(dirty->first + i) & (dirty->capacity - 1)];
}

enum cv_err cv_relay_expect_peer(struct cv_relay *relay) {
    struct cv_dirty *dirty = &relay->dirty;
    if (relay->all_peers < dirty->capacity)
        return CV_OK;
    size_t capacity = dirty->capacity ? 2 * dirty->capacity : FIRST_PEERS;
    struct cv_peer **items = malloc(capacity * sizeof(struct cv_peer *));
    if (!items)
        return CV_ERR_MEMORY;
    for (size_t i = 0; i < dirty->count; i++)
        items[i] = *dirty_at(dirty, i);
    free(dirty->items);
    dirty->items = items;
    dirty->first = 0;
    dirty->capacity = capacity;
    return CV_OK;
}

void cv_peer_wake_to_send(struct cv_peer *peer) {
    struct cv_dirty *dirty = &peer->relay->dirty;
    peer->relay->woken = true;
    if (peer->dirty)
        return;
    peer->dirty = true;
    *dirty_at(dirty, dirty->count++) = peer;
}

void cv_peer_forget_flush(struct cv_peer *peer) {
    const struct cv_dirty *dirty = &peer->relay->dirty;
    for (size_t i = 0; peer->dirty && i < dirty->count; i++)
        if (*dirty_at(dirty, i) == peer)
            *dirty_at(dirty, i) = NULL;
}

/* For a few peers at once, so that the waiting overlaps; each step shows where the next one looks.
 */
static void fetch_ahead(const struct cv_dirty *dirty) {
    size_t count = dirty->count < AHEAD ? dirty->count : AHEAD;
    for (unsigned step = 0; step < CV_PEER_FETCH_STEPS; step++)
        for (size_t i = 0; i < count; i++)
            if (*dirty_at(dirty, i))
                cv_peer_fetch(*dirty_at(dirty, i), step);
}

static void finish_peer(struct cv_peer *peer, int64_t now_us) {
    bool stirred = peer->stirred;
    peer->dirty = peer->stirred = false;
    if (peer->over && !peer->tell_state)
        cv_peer_free(peer, now_us);
    else if (stirred)
        cv_peer_schedule(peer, now_us);
    else
        cv_peer_schedule_sending(peer, now_us);
}

void cv_relay_flush(struct cv_relay *relay, int64_t now_us, const struct cv_relay_output *output) {
    struct cv_dirty *dirty = &relay->dirty;
    relay->woken = false;
    cv_bridge_flush(relay, output);
    if (now_us < relay->held_until_us)
        return;
    relay->held_until_us = 0;
    for (size_t i = 0; dirty->count > 0; i++) {
        struct cv_peer *peer = *dirty_at(dirty, 0);
        if (i % AHEAD == 0)
            fetch_ahead(dirty);
        if (peer && !flush_peer(peer, now_us, output))
            return;
        dirty->first = (dirty->first + 1) & (dirty->capacity - 1);
        dirty->count--;
        if (peer)
            finish_peer(peer, now_us);
    }
}

int64_t cv_relay_deadline(const struct cv_relay *relay) {
    const struct cv_heap_node *peer = cv_heap_first(&relay->peer_deadlines);
    const struct cv_heap_node *room = cv_heap_first(&relay->room_deadlines);
    int64_t deadline_us = peer ? peer->deadline_us : CV_TIME_NEVER;
    if (relay->woken)
        return 0;
    if (relay->held_until_us && relay->held_until_us < deadline_us)
        deadline_us = relay->held_until_us;
    return room && room->deadline_us < deadline_us ? room->deadline_us : deadline_us;
}

void cv_relay_tick(struct cv_relay *relay, int64_t now_us) {
    struct cv_heap_node *node;
    while ((node = cv_heap_first(&relay->room_deadlines)) && node->deadline_us <= now_us)
        cv_room_tick(CV_CONTAINER_OF(node, struct cv_room, deadline), now_us);
    while ((node = cv_heap_first(&relay->peer_deadlines)) && node->deadline_us <= now_us)
        cv_peer_tick(CV_CONTAINER_OF(node, struct cv_peer, deadline), now_us);
}
