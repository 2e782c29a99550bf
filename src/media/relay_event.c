/* SPDX-License-Identifier: Apache-2.0 */
/* What control is told, and the figures. */
#include "media/relay_private.h"

static void describe(const struct cv_peer *peer, enum cv_relay_event_type type,
                     struct cv_relay_event *ret_event) {
    *ret_event = (struct cv_relay_event){
        .type = type,
        .meeting = peer->config.meeting,
        .participant = peer->config.participant,
    };
    memcpy(ret_event->session, peer->config.session, sizeof ret_event->session);
}

static void tell_state(struct cv_peer *peer, struct cv_relay_event *ret_event) {
    const struct cv_ice_path *path = cv_transport_path(peer->transport);
    peer->tell_state = false;
    describe(peer, CV_RELAY_PEER, ret_event);
    ret_event->peer.state = (uint32_t)cv_transport_state(peer->transport);
    ret_event->peer.reason = (uint32_t)cv_transport_reason(peer->transport);
    ret_event->peer.tcp = path && (path->link & CV_ICE_LINK_TCP);
}

static void tell_slots(struct cv_peer *peer, struct cv_relay_event *ret_event) {
    peer->tell_slots = false;
    describe(peer, CV_RELAY_SLOTS, ret_event);
    for (size_t i = 0; i < peer->slot_count; i++) {
        struct cv_slot *slot = peer->slots[i];
        if (!slot->offered)
            continue;
        struct cv_relay_slot *told = &ret_event->slots.items[ret_event->slots.count++];
        slot->told_state = (uint8_t)cv_slot_state(slot);
        memcpy(told->mid, slot->mid, sizeof told->mid);
        told->state = slot->told_state;
        if (slot->source) {
            told->participant = slot->source->participant;
            told->source = (uint32_t)slot->source->kind;
        }
    }
}

static uint32_t watched(const struct cv_peer *peer, enum cv_source_kind kind) {
    return peer->sources[kind] ? peer->sources[kind]->watched : 0;
}

static void tell_watched(struct cv_peer *peer, struct cv_relay_event *ret_event) {
    peer->tell_watched = false;
    describe(peer, CV_RELAY_WATCHED, ret_event);
    ret_event->watched.camera = watched(peer, CV_SOURCE_CAMERA);
    ret_event->watched.screen = watched(peer, CV_SOURCE_SCREEN);
}

/* False: there was nothing to tell after all. */
static bool tell_peer(struct cv_peer *peer, struct cv_relay_event *ret_event) {
    if (peer->tell_state)
        tell_state(peer, ret_event);
    else if (peer->tell_slots && peer->active)
        tell_slots(peer, ret_event);
    else if (peer->tell_watched && peer->active)
        tell_watched(peer, ret_event);
    else
        return false;
    return true;
}

bool cv_relay_next_event(struct cv_relay *relay, struct cv_relay_event *ret_event) {
    while (!cv_list_empty(&relay->eventful)) {
        struct cv_peer *peer = CV_CONTAINER_OF(relay->eventful.next, struct cv_peer, eventful);
        if (tell_peer(peer, ret_event)) {
            if (peer->over)
                cv_peer_wake(peer); /* the next flush frees it */
            return true;
        }
        cv_list_remove(&peer->eventful);
    }
    if (cv_list_empty(&relay->eventful_rooms))
        return false;
    struct cv_room *room = CV_CONTAINER_OF(relay->eventful_rooms.next, struct cv_room, eventful);
    cv_list_remove(&room->eventful);
    *ret_event = (struct cv_relay_event){
        .type = CV_RELAY_SPEAKER,
        .meeting = room->meeting,
        .speaker = room->active,
    };
    return true;
}

void cv_relay_tell_again(struct cv_relay *relay) {
    CV_LIST_EACH(it, &relay->peers) {
        struct cv_peer *peer = CV_CONTAINER_OF(it, struct cv_peer, in_relay);
        if (peer->over)
            continue;
        cv_list_remove(&peer->untold);
        cv_list_append(&relay->untold, &peer->untold);
        peer->tell_state = peer->tell_slots = peer->tell_watched = true;
        cv_peer_tell(peer);
        cv_room_tell_speaker(peer->room);
    }
}

size_t cv_relay_peers(const struct cv_relay *relay) {
    return relay->peer_count;
}

void cv_relay_counters(const struct cv_relay *relay, struct cv_relay_counters *ret_counters) {
    *ret_counters = relay->counters;
    ret_counters->peers = relay->peer_count;
    CV_LIST_EACH(it, &relay->peers)
    cv_peer_add_counters(CV_CONTAINER_OF(it, struct cv_peer, in_relay), ret_counters);
}

enum cv_err cv_relay_stats(const struct cv_relay *relay, const struct cv_id *participant,
                           struct cv_relay_stats *ret_stats) {
    const struct cv_peer *peer = cv_relay_find(relay, participant);
    if (!peer)
        return CV_ERR_NOT_FOUND;
    *ret_stats = peer->stats;
    ret_stats->round_trip_us = peer->round_trip_us;
    ret_stats->estimate_bps = peer->bwe ? cv_bwe_target_bps(peer->bwe) : peer->remb_bps;
    return CV_OK;
}

static void describe_known(const struct cv_peer *peer, struct cv_relay_known *ret_known) {
    const struct cv_line *camera = &peer->lines[CV_SOURCE_CAMERA];
    memset(ret_known, 0, sizeof *ret_known); /* the padding too: it goes to another process */
    ret_known->config = peer->config;
    memcpy(ret_known->ufrag, peer->ufrags[0], sizeof ret_known->ufrag);
    ret_known->rid_count = camera->rid_count;
    memcpy(ret_known->rids, camera->rids, sizeof camera->rids);
}

bool cv_relay_next_peer(struct cv_relay *relay, struct cv_relay_known *ret_known) {
    while (!cv_list_empty(&relay->untold)) {
        struct cv_peer *peer = CV_CONTAINER_OF(relay->untold.next, struct cv_peer, untold);
        cv_list_remove(&peer->untold);
        /* One that is to replace another is spoken of when it does. */
        if (cv_relay_find(relay, &peer->config.participant) != peer)
            continue;
        describe_known(peer, ret_known);
        return true;
    }
    return false;
}
