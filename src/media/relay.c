/* SPDX-License-Identifier: Apache-2.0 */
#include "media/relay_private.h"

#include "base/encode.h"
#include "media/demux.h"

#include <stdlib.h>

enum { POOL_ROOMS = 64 /* rooms' worth of packets that a worker may hold at all */ };

static void name_relay(struct cv_relay *relay) {
    uint8_t bytes[CV_CNAME_BYTES];
    cv_random_fill(relay->config.random, bytes, sizeof bytes);
    cv_hex_encode(bytes, sizeof bytes, relay->cname);
}

struct cv_relay *cv_relay_new(const struct cv_relay_config *config, int64_t now_us) {
    struct cv_relay *relay = calloc(1, sizeof *relay);
    if (!relay)
        return NULL;
    relay->config = *config;
    struct cv_map *const maps[] = {&relay->participants, &relay->ufrags, &relay->paths,
                                   &relay->rooms};
    for (size_t i = 0; i < sizeof maps / sizeof *maps; i++)
        cv_random_fill(config->random, &maps[i]->seed, sizeof maps[i]->seed);
    cv_packet_pool_init(&relay->pool, POOL_ROOMS * config->limits.room_bytes);
    cv_list_init(&relay->peers);
    cv_list_init(&relay->eventful);
    cv_list_init(&relay->eventful_rooms);
    cv_list_init(&relay->untold);
    name_relay(relay);
    return relay;
}

struct cv_relay *cv_relay_free(struct cv_relay *relay) {
    if (!relay)
        return NULL;
    CV_LIST_EACH_SAFE(it, &relay->peers)
    cv_peer_free(CV_CONTAINER_OF(it, struct cv_peer, in_relay), 0);
    struct cv_room *room;
    for (size_t cursor = 0; (room = cv_map_next(&relay->rooms, &cursor)); cursor = 0)
        cv_room_free(room);
    cv_bridge_release(relay);
    free(relay->dirty.items);
    cv_packet_pool_release(&relay->pool);
    cv_map_release(&relay->participants);
    cv_map_release(&relay->ufrags);
    cv_map_release(&relay->paths);
    cv_map_release(&relay->rooms);
    cv_heap_release(&relay->peer_deadlines);
    cv_heap_release(&relay->room_deadlines);
    free(relay);
    return NULL;
}

struct cv_peer *cv_relay_find(const struct cv_relay *relay, const struct cv_id *participant) {
    return cv_map_get(&relay->participants, cv_id_key(participant));
}

struct cv_room *cv_relay_find_room(const struct cv_relay *relay, const struct cv_id *meeting) {
    return cv_map_get(&relay->rooms, cv_id_key(meeting));
}

void cv_relay_close(struct cv_relay *relay, int64_t now_us, const struct cv_id *participant) {
    struct cv_peer *peer;
    while ((peer = cv_relay_find(relay, participant)))
        cv_peer_end(peer, now_us, false);
}

static const struct cv_relay_want *want_of(const struct cv_slot *slot,
                                           const struct cv_relay_want *wants, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strcmp(wants[i].mid, slot->mid) == 0)
            return &wants[i];
    return NULL;
}

static void want(struct cv_peer *peer, int64_t now_us, const struct cv_relay_want *wants,
                 size_t count) {
    if (peer->config.follows)
        return;
    for (size_t i = 0; i < peer->slot_count; i++) {
        struct cv_slot *slot = peer->slots[i];
        const struct cv_relay_want *one = slot->video ? want_of(slot, wants, count) : NULL;
        if (!slot->video || !slot->offered)
            continue;
        slot->wanted = one ? one->participant : (struct cv_id){{0}};
        slot->wanted_kind = one ? (enum cv_source_kind)one->source : CV_SOURCE_CAMERA;
        slot->width = one ? one->width : 0;
        slot->height = one ? one->height : 0;
        slot->stage = one && one->stage;
        if (!peer->active)
            continue;
        struct cv_source *source = NULL;
        if (one && !cv_id_eq(&one->participant, &peer->config.participant))
            source = cv_room_find(peer->room, &slot->wanted, slot->wanted_kind);
        cv_slot_set_source(slot, source, now_us);
    }
    peer->allocate_due_us = now_us;
    cv_peer_schedule(peer, now_us);
}

enum cv_err cv_relay_want(struct cv_relay *relay, int64_t now_us, const struct cv_id *participant,
                          const struct cv_relay_want *wants, size_t count) {
    struct cv_peer *peer = cv_relay_find(relay, participant);
    if (!peer)
        return CV_ERR_NOT_FOUND;
    for (; peer; peer = peer->successor)
        want(peer, now_us, wants, count);
    return CV_OK;
}

void cv_relay_allow(struct cv_relay *relay, const struct cv_id *participant, bool audio, bool video,
                    bool screen) {
    for (struct cv_peer *peer = cv_relay_find(relay, participant); peer; peer = peer->successor) {
        peer->config.audio = audio;
        peer->config.video = video;
        peer->config.screen = screen;
        cv_peer_allow(peer);
    }
}

/* Whose datagram this is: STUN says so itself, for the rest the address does. */
static struct cv_peer *find_peer(const struct cv_relay *relay, const struct cv_ice_path *path,
                                 struct cv_slice datagram) {
    if (cv_datagram_kind(datagram) == CV_DATAGRAM_STUN) {
        struct cv_stun_message message;
        if (cv_stun_parse(datagram, &message) != CV_OK)
            return NULL;
        return cv_map_get(&relay->ufrags, cv_ice_local_ufrag(&message));
    }
    const struct cv_peer_path *known = cv_map_get(&relay->paths, cv_slice_of(path, sizeof *path));
    return known ? known->peer : NULL;
}

void cv_relay_input(struct cv_relay *relay, int64_t now_us, const struct cv_ice_path *path,
                    uint8_t *datagram, size_t size) {
    struct cv_peer *peer = find_peer(relay, path, cv_slice_of(datagram, size));
    if (peer)
        cv_peer_input(peer, now_us, path, datagram, size);
    else
        relay->counters.strangers++;
}

void cv_relay_set_load(struct cv_relay *relay, int64_t now_us, unsigned permille) {
    unsigned before = relay->load_permille;
    relay->load_permille = permille;
    if (cv_load_level(before) == cv_load_level(permille))
        return;
    CV_LIST_EACH(it, &relay->peers) {
        struct cv_peer *peer = CV_CONTAINER_OF(it, struct cv_peer, in_relay);
        peer->allocate_due_us = now_us;
        cv_peer_schedule(peer, now_us);
    }
}
