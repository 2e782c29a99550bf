/* SPDX-License-Identifier: Apache-2.0 */
/* One connection of one participant: its life, its addresses, its deadlines. */
#include "media/relay_private.h"

#include <stdlib.h>

/* How long the path of another peer stays that peer's, after its last check from there. */
#define PATH_KEEP_US (15 * CV_US_PER_S)

static struct cv_slice path_key(const struct cv_ice_path *path) {
    _Static_assert(sizeof *path == sizeof path->remote + sizeof path->link, "no padding in a key");
    return cv_slice_of(path, sizeof *path);
}

struct cv_peer *cv_peer_new(struct cv_relay *relay, struct cv_room *room,
                            const struct cv_relay_peer_config *config) {
    if (cv_relay_expect_peer(relay) != CV_OK)
        return NULL;
    struct cv_peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        return NULL;
    peer->relay = relay;
    peer->room = room;
    peer->config = *config;
    cv_list_init(&peer->in_room);
    cv_list_init(&peer->eventful);
    cv_list_init(&peer->untold);
    cv_list_append(&relay->peers, &peer->in_relay);
    room->members++;
    relay->all_peers++;
    relay->peer_count++;
    do
        peer->report_ssrc = cv_random_u32(relay->config.random);
    while (peer->report_ssrc == 0);
    return peer;
}

static void forget_names(struct cv_peer *peer) {
    for (size_t i = 0; i < 2; i++)
        if (peer->ufrags[i][0]) {
            cv_map_remove(&peer->relay->ufrags, cv_slice_str(peer->ufrags[i]));
            peer->ufrags[i][0] = '\0';
        }
}

enum cv_err cv_peer_name(struct cv_peer *peer) {
    const struct cv_ice_credentials *ice = cv_transport_credentials(peer->transport);
    if (strcmp(peer->ufrags[0], ice->ufrag) == 0)
        return CV_OK;
    /* The one before the last is over with the last restart. */
    if (peer->ufrags[1][0])
        cv_map_remove(&peer->relay->ufrags, cv_slice_str(peer->ufrags[1]));
    if (peer->ufrags[0][0]) {
        cv_map_remove(&peer->relay->ufrags, cv_slice_str(peer->ufrags[0]));
        memcpy(peer->ufrags[1], peer->ufrags[0], sizeof peer->ufrags[1]);
        if (cv_map_insert(&peer->relay->ufrags, cv_slice_str(peer->ufrags[1]), peer) != CV_OK)
            peer->ufrags[1][0] = '\0';
    }
    memcpy(peer->ufrags[0], ice->ufrag, sizeof peer->ufrags[0]);
    enum cv_err err = cv_map_insert(&peer->relay->ufrags, cv_slice_str(peer->ufrags[0]), peer);
    if (err)
        peer->ufrags[0][0] = '\0';
    return err;
}

static void forget_paths(struct cv_peer *peer) {
    for (size_t i = 0; i < CV_ICE_MAX_PATHS; i++)
        if (peer->paths[i].checked_us > 0) {
            cv_map_remove(&peer->relay->paths, path_key(&peer->paths[i].path));
            peer->paths[i].checked_us = 0;
        }
}

/*
 * The peer has proved that it is there. An address is one peer's at a time: who forges another's
 * doesn't get it while that one is using it.
 */
static void learn_path(struct cv_peer *peer, const struct cv_ice_path *path, int64_t now_us) {
    struct cv_map *paths = &peer->relay->paths;
    struct cv_peer_path *known = cv_map_get(paths, path_key(path));
    if (known && known->peer == peer) {
        known->checked_us = now_us;
        return;
    }
    if (known && now_us - known->checked_us < PATH_KEEP_US)
        return;
    if (known) {
        cv_map_remove(paths, path_key(&known->path));
        known->checked_us = 0;
    }
    struct cv_peer_path *place = &peer->paths[0];
    for (size_t i = 1; i < CV_ICE_MAX_PATHS; i++)
        if (peer->paths[i].checked_us < place->checked_us)
            place = &peer->paths[i];
    if (place->checked_us > 0)
        cv_map_remove(paths, path_key(&place->path));
    *place = (struct cv_peer_path){.path = *path, .peer = peer, .checked_us = now_us};
    if (cv_map_insert(paths, path_key(&place->path), place) != CV_OK)
        place->checked_us = 0;
}

/* Out of the room: what it sends and what it receives. */
static void deactivate(struct cv_peer *peer, int64_t now_us) {
    struct cv_room *room = peer->room;
    for (size_t i = 0; i < peer->slot_count; i++)
        cv_slot_release(peer->slots[i], now_us);
    cv_peer_drop_queues(peer);
    cv_peer_drop_streams(peer);
    cv_list_remove(&peer->in_room);
    for (size_t kind = 0; kind < CV_SOURCE_KIND_COUNT; kind++)
        peer->sources[kind] = cv_source_free(peer->sources[kind], now_us);
    if (peer->active)
        cv_room_tick(room, now_us);
    peer->active = false;
}

static void forget_participant(struct cv_peer *peer) {
    struct cv_map *participants = &peer->relay->participants;
    struct cv_peer *current = cv_relay_find(peer->relay, &peer->config.participant);
    if (current == peer) {
        cv_map_remove(participants, cv_id_key(&peer->config.participant));
        struct cv_peer *successor = peer->successor;
        peer->successor = NULL;
        /* One place has just become free: this takes no memory. */
        if (successor)
            (void)cv_map_insert(participants, cv_id_key(&successor->config.participant), successor);
    } else if (current && current->successor == peer) {
        current->successor = NULL;
    }
}

static void count_transport(struct cv_transport_counters *sum,
                            const struct cv_transport_counters *one) {
    sum->rtp += one->rtp;
    sum->rtcp += one->rtcp;
    sum->checks += one->checks;
    sum->handshake += one->handshake;
    sum->unvalidated += one->unvalidated;
    sum->early += one->early;
    sum->unknown += one->unknown;
    sum->replayed += one->replayed;
    sum->forged += one->forged;
    sum->malformed += one->malformed;
}

void cv_peer_add_counters(const struct cv_peer *peer, struct cv_relay_counters *sum) {
    for (size_t i = 0; i < peer->stream_count; i++)
        cv_stream_add_counters(peer->streams[i], sum);
    if (peer->transport)
        count_transport(&sum->transport, cv_transport_counters(peer->transport));
}

/* Everything but what its last event needs. */
static void leave(struct cv_peer *peer, int64_t now_us) {
    if (peer->over)
        return;
    peer->over = true;
    peer->relay->peer_count--;
    cv_list_remove(&peer->untold);
    forget_participant(peer);
    forget_names(peer);
    forget_paths(peer);
    deactivate(peer, now_us);
    cv_heap_remove(&peer->relay->peer_deadlines, &peer->deadline);
    struct cv_id participant = peer->config.participant;
    cv_room_resolve(peer->room, &participant, now_us);
}

struct cv_peer *cv_peer_free(struct cv_peer *peer, int64_t now_us) {
    if (!peer)
        return NULL;
    struct cv_room *room = peer->room;
    leave(peer, now_us);
    cv_list_remove(&peer->in_relay);
    peer->relay->all_peers--;
    cv_peer_forget_flush(peer);
    cv_list_remove(&peer->eventful);
    cv_peer_add_counters(peer, &peer->relay->counters);
    cv_transport_free(peer->transport);
    for (size_t i = 0; i < peer->slot_count; i++)
        free(peer->slots[i]);
    free(peer->sound.items);
    free(peer->pictures.items);
    free(peer->twcc);
    cv_bwe_free(peer->bwe);
    cv_buf_release(&peer->fragment_head);
    free(peer);
    room->members--;
    cv_room_leave(room, now_us);
    return NULL;
}

void cv_peer_end(struct cv_peer *peer, int64_t now_us, bool tell) {
    cv_transport_close(peer->transport);
    peer->state = CV_TRANSPORT_CLOSED;
    leave(peer, now_us);
    peer->tell_slots = peer->tell_watched = false;
    peer->tell_state = tell;
    if (tell)
        cv_peer_tell(peer);
    else
        cv_list_remove(&peer->eventful);
    cv_peer_wake(peer);
}

/* Into the room, in the place of the connection that it replaces. */
static void activate(struct cv_peer *peer, int64_t now_us) {
    struct cv_room *room = peer->room;
    struct cv_peer *old = cv_relay_find(peer->relay, &peer->config.participant);
    if (old && old != peer && old->successor == peer) {
        cv_peer_inherit(peer, old);
        cv_peer_end(old, now_us, true);
    }
    peer->active = true;
    cv_list_append(&room->peers, &peer->in_room);
    cv_peer_open_sources(peer, now_us);
    for (size_t i = 0; i < peer->slot_count; i++) {
        struct cv_slot *slot = peer->slots[i];
        if (slot->video && !cv_id_empty(&slot->wanted))
            cv_slot_set_source(slot, cv_room_find(room, &slot->wanted, slot->wanted_kind), now_us);
    }
    cv_room_resolve(room, &peer->config.participant, now_us);
    cv_peer_feed_audio(peer, now_us);
    if (peer->config.follows)
        cv_peer_follow(peer, now_us);
    peer->report_due_us = now_us + CV_US_PER_S / 2;
    peer->allocate_due_us = now_us;
    peer->tell_slots = true;
}

void cv_peer_follow_transport(struct cv_peer *peer, int64_t now_us) {
    enum cv_transport_state state = cv_transport_state(peer->transport);
    if (state == peer->state || peer->over)
        return;
    peer->state = state;
    if (state == CV_TRANSPORT_CLOSED) {
        cv_peer_end(peer, now_us, true);
        return;
    }
    peer->tell_state = true;
    cv_peer_tell(peer);
    if (state == CV_TRANSPORT_CONNECTED)
        activate(peer, now_us);
}

void cv_peer_input(struct cv_peer *peer, int64_t now_us, const struct cv_ice_path *path,
                   uint8_t *datagram, size_t size) {
    size_t plain = 0;
    bool stun = size > 0 && datagram[0] < 4;
    switch (cv_transport_input(peer->transport, now_us, path, datagram, size, &plain)) {
    case CV_TRANSPORT_RTP:
        cv_peer_input_rtp(peer, now_us, datagram, plain);
        break;
    case CV_TRANSPORT_RTCP:
        cv_peer_input_rtcp(peer, now_us, cv_slice_of(datagram, plain));
        break;
    case CV_TRANSPORT_DONE:
        if (stun && cv_transport_knows(peer->transport, path))
            learn_path(peer, path, now_us);
        cv_peer_follow_transport(peer, now_us);
        break;
    }
    cv_peer_wake(peer);
}

void cv_peer_wake(struct cv_peer *peer) {
    peer->stirred = true;
    cv_peer_wake_to_send(peer);
}

void cv_peer_tell(struct cv_peer *peer) {
    if (cv_list_empty(&peer->eventful))
        cv_list_append(&peer->relay->eventful, &peer->eventful);
}

static int64_t earlier(int64_t a_us, int64_t b_us) {
    return a_us < b_us ? a_us : b_us;
}

void cv_peer_schedule(struct cv_peer *peer, int64_t now_us) {
    if (peer->over || !peer->transport)
        return;
    int64_t deadline_us = cv_transport_deadline(peer->transport, now_us);
    if (peer->active) {
        deadline_us = earlier(deadline_us, cv_peer_report_deadline(peer));
        deadline_us = earlier(deadline_us, peer->allocate_due_us);
        deadline_us = earlier(deadline_us, cv_peer_send_deadline(peer));
        for (size_t kind = 0; kind < CV_SOURCE_KIND_COUNT; kind++)
            if (peer->sources[kind] && cv_source_is_video(peer->sources[kind]))
                deadline_us = earlier(deadline_us, cv_source_watch_deadline(peer->sources[kind]));
    }
    /* What a flush has to do can't be done by ticking again. */
    if (deadline_us <= now_us)
        deadline_us = now_us + 1;
    if (peer->deadline.place == 0 || peer->deadline.deadline_us != deadline_us)
        (void)cv_heap_set(&peer->relay->peer_deadlines, &peer->deadline, deadline_us);
}

void cv_peer_schedule_sending(struct cv_peer *peer, int64_t now_us) {
    int64_t deadline_us = cv_peer_send_deadline(peer);
    if (deadline_us <= now_us)
        deadline_us = now_us + 1;
    if (peer->deadline.place != 0 && deadline_us < peer->deadline.deadline_us)
        (void)cv_heap_set(&peer->relay->peer_deadlines, &peer->deadline, deadline_us);
}

static void tick_sources(struct cv_peer *peer, int64_t now_us, bool expire) {
    for (size_t kind = 0; kind < CV_SOURCE_KIND_COUNT; kind++) {
        struct cv_source *source = peer->sources[kind];
        if (!source || !cv_source_is_video(source))
            continue;
        cv_source_watch(source, now_us);
        if (expire)
            cv_source_expire(source, now_us);
    }
}

void cv_peer_tick(struct cv_peer *peer, int64_t now_us) {
    cv_transport_tick(peer->transport, now_us);
    cv_peer_follow_transport(peer, now_us);
    cv_peer_wake(peer); /* the handshake may have something to repeat */
    if (peer->over)
        return;
    if (peer->active) {
        cv_peer_tick_reports(peer, now_us);
        bool allocates = now_us >= peer->allocate_due_us;
        if (allocates) {
            peer->allocate_due_us = now_us + CV_ALLOCATE_US;
            cv_peer_allocate(peer, now_us);
        }
        tick_sources(peer, now_us, allocates);
    }
    cv_peer_schedule(peer, now_us);
}
