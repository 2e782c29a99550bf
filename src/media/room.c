/* SPDX-License-Identifier: Apache-2.0 */
/* A meeting as the relay sees it: who is heard, who is shown, and in which slots. */
#include "media/relay_private.h"

#include <stdlib.h>

struct cv_room *cv_room_open(struct cv_relay *relay, const struct cv_id *meeting) {
    struct cv_room *room = cv_relay_find_room(relay, meeting);
    if (room)
        return room;
    room = calloc(1, sizeof *room);
    if (!room)
        return NULL;
    room->relay = relay;
    room->meeting = *meeting;
    cv_list_init(&room->peers);
    cv_list_init(&room->sources);
    cv_list_init(&room->eventful);
    room->budget.limit_bytes = relay->config.limits.room_bytes;
    room->speaker = cv_speaker_new(CV_RELAY_LOUDEST);
    if (!room->speaker || cv_map_insert(&relay->rooms, cv_id_key(&room->meeting), room) != CV_OK) {
        cv_speaker_free(room->speaker);
        free(room);
        return NULL;
    }
    relay->counters.rooms++;
    return room;
}

struct cv_room *cv_room_free(struct cv_room *room) {
    struct cv_relay *relay = room->relay;
    cv_heap_remove(&relay->room_deadlines, &room->deadline);
    cv_list_remove(&room->eventful);
    cv_map_remove(&relay->rooms, cv_id_key(&room->meeting));
    cv_speaker_free(room->speaker);
    free(room->voices);
    free(room);
    relay->counters.rooms--;
    return NULL;
}

void cv_room_leave(struct cv_room *room, int64_t now_us) {
    if (room->members > 0)
        return;
    /* What is left is of other workers. */
    CV_LIST_EACH_SAFE(it, &room->sources) {
        cv_source_free(CV_CONTAINER_OF(it, struct cv_source, in_room), now_us);
    }
    cv_room_free(room);
}

struct cv_source *cv_room_find(const struct cv_room *room, const struct cv_id *participant,
                               enum cv_source_kind kind) {
    CV_LIST_EACH(it, &room->sources) {
        struct cv_source *source = CV_CONTAINER_OF(it, struct cv_source, in_room);
        if (source->kind == kind && cv_id_eq(&source->participant, participant))
            return source;
    }
    return NULL;
}

void cv_room_resolve(struct cv_room *room, const struct cv_id *participant, int64_t now_us) {
    CV_LIST_EACH(it, &room->peers) {
        struct cv_peer *peer = CV_CONTAINER_OF(it, struct cv_peer, in_room);
        for (size_t i = 0; i < peer->slot_count; i++) {
            struct cv_slot *slot = peer->slots[i];
            if (slot->video && !cv_id_empty(&slot->wanted) && cv_id_eq(&slot->wanted, participant))
                cv_slot_set_source(slot, cv_room_find(room, participant, slot->wanted_kind),
                                   now_us);
        }
        if (!cv_id_empty(&peer->config.only))
            cv_peer_feed_audio(peer, now_us);
        if (peer->config.follows)
            cv_peer_follow(peer, now_us);
    }
}

static bool is_fed_by(const struct cv_peer *peer, const struct cv_source *source) {
    for (size_t i = 0; i < peer->slot_count; i++)
        if (peer->slots[i]->source == source)
            return true;
    return false;
}

/* What a peer is to hear, the active speaker first; NULL: nothing in this place. */
static void choose_voices(const struct cv_peer *peer,
                          struct cv_source *ret_voices[static CV_RELAY_LOUDEST]) {
    const struct cv_room *room = peer->room;
    const struct cv_id *self = &peer->config.participant;
    size_t count = 0;
    memset(ret_voices, 0, CV_RELAY_LOUDEST * sizeof *ret_voices);
    if (!cv_id_empty(&peer->config.only)) {
        ret_voices[count++] = cv_room_find(room, &peer->config.only, CV_SOURCE_MICROPHONE);
        ret_voices[count++] = cv_room_find(room, &peer->config.only, CV_SOURCE_SCREEN_SOUND);
        return;
    }
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < CV_RELAY_LOUDEST; i++) {
            struct cv_source *source = room->loudest[i];
            if (source && !cv_id_eq(&source->participant, self) &&
                cv_id_eq(&source->participant, &room->active) == (pass == 0))
                ret_voices[count++] = source;
        }
}

static bool is_chosen(struct cv_source *const voices[static CV_RELAY_LOUDEST], size_t count,
                      const struct cv_source *source) {
    for (size_t i = 0; i < count; i++)
        if (voices[i] == source)
            return true;
    return false;
}

/* Whether something of this kind may be put into it. */
static bool is_open(const struct cv_slot *slot, bool video) {
    return slot->offered && slot->video == video;
}

void cv_peer_feed_audio(struct cv_peer *peer, int64_t now_us) {
    struct cv_source *voices[CV_RELAY_LOUDEST];
    size_t slots = 0, wanted = 0;
    choose_voices(peer, voices);
    for (size_t i = 0; i < peer->slot_count; i++)
        slots += is_open(peer->slots[i], false);
    /* With fewer slots than voices the last ones are left out. */
    while (wanted < CV_RELAY_LOUDEST && wanted < slots)
        wanted++;
    for (size_t i = 0; i < peer->slot_count; i++) {
        struct cv_slot *slot = peer->slots[i];
        if (!slot->video && slot->source && !is_chosen(voices, wanted, slot->source))
            cv_slot_set_source(slot, NULL, now_us);
    }
    for (size_t k = 0; k < wanted; k++) {
        if (!voices[k] || is_fed_by(peer, voices[k]))
            continue;
        for (size_t i = 0; i < peer->slot_count; i++) {
            struct cv_slot *slot = peer->slots[i];
            if (!is_open(slot, false) || slot->source)
                continue;
            cv_slot_set_source(slot, voices[k], now_us);
            break;
        }
    }
}

static struct cv_source *any_camera(const struct cv_room *room, const struct cv_id *self) {
    CV_LIST_EACH(it, &room->sources) {
        struct cv_source *source = CV_CONTAINER_OF(it, struct cv_source, in_room);
        if (source->kind == CV_SOURCE_CAMERA && !cv_id_eq(&source->participant, self))
            return source;
    }
    return NULL;
}

void cv_peer_follow(struct cv_peer *peer, int64_t now_us) {
    const struct cv_id *self = &peer->config.participant;
    struct cv_source *source = NULL;
    for (size_t i = 0; i < peer->slot_count; i++) {
        struct cv_slot *slot = peer->slots[i];
        if (!is_open(slot, true))
            continue;
        if (!cv_id_empty(&peer->config.only))
            source = cv_room_find(peer->room, &peer->config.only, CV_SOURCE_CAMERA);
        else if (!cv_id_eq(&peer->room->active, self))
            source = cv_room_find(peer->room, &peer->room->active, CV_SOURCE_CAMERA);
        if (!source) /* nobody speaks, or one without a camera: stay where we are */
            source = slot->source ? slot->source : any_camera(peer->room, self);
        slot->width = slot->height = UINT16_MAX;
        slot->stage = true;
        if (source != slot->source)
            cv_slot_set_source(slot, source, now_us);
        return;
    }
}

static struct cv_source *voice(const struct cv_room *room, uint32_t number) {
    return number == CV_SPEAKER_NONE ? NULL : room->voices[number];
}

void cv_room_tell_speaker(struct cv_room *room) {
    cv_list_remove(&room->eventful);
    cv_list_append(&room->relay->eventful_rooms, &room->eventful);
}

/* After anything that the speaker detection may have changed its mind upon. */
static void follow_voices(struct cv_room *room, int64_t now_us) {
    bool places_changed = false, active_changed = false;
    for (size_t i = 0; i < CV_RELAY_LOUDEST; i++) {
        struct cv_source *source = voice(room, cv_speaker_at(room->speaker, i));
        places_changed = places_changed || source != room->loudest[i];
        room->loudest[i] = source;
    }
    const struct cv_source *active = voice(room, cv_speaker_active(room->speaker));
    struct cv_id id = active ? active->participant : (struct cv_id){{0}};
    if (!cv_id_eq(&id, &room->active)) {
        room->active = id;
        active_changed = true;
        cv_room_tell_speaker(room);
    }
    if (!places_changed && !active_changed)
        return;
    CV_LIST_EACH(it, &room->peers) {
        struct cv_peer *peer = CV_CONTAINER_OF(it, struct cv_peer, in_room);
        cv_peer_feed_audio(peer, now_us);
        if (active_changed && peer->config.follows)
            cv_peer_follow(peer, now_us);
    }
}

void cv_room_schedule(struct cv_room *room) {
    int64_t deadline_us = cv_speaker_deadline(room->speaker);
    if (room->workers && room->announce_due_us < deadline_us)
        deadline_us = room->announce_due_us;
    if (room->watch_due_us > 0 && room->watch_due_us < deadline_us)
        deadline_us = room->watch_due_us;
    struct cv_heap *heap = &room->relay->room_deadlines;
    if (deadline_us == CV_TIME_NEVER)
        cv_heap_remove(heap, &room->deadline);
    else if (room->deadline.place == 0 || room->deadline.deadline_us != deadline_us)
        (void)cv_heap_set(heap, &room->deadline, deadline_us);
}

/* A number for a source that is heard for the first time; false without memory. */
static bool add_voice(struct cv_room *room, struct cv_source *source) {
    uint32_t number;
    if (cv_speaker_add(room->speaker, &number) != CV_OK)
        return false;
    if (number >= room->voice_capacity) {
        size_t capacity = 2 * ((size_t)number + 2);
        struct cv_source **voices = realloc(room->voices, capacity * sizeof(struct cv_source *));
        if (!voices) {
            cv_speaker_remove(room->speaker, number);
            return false;
        }
        memset(voices + room->voice_capacity, 0,
               (capacity - room->voice_capacity) * sizeof(struct cv_source *));
        room->voices = voices;
        room->voice_capacity = capacity;
    }
    room->voices[number] = source;
    source->voice = number;
    return true;
}

void cv_room_heard(struct cv_room *room, struct cv_source *source, const struct cv_packet *packet,
                   int64_t now_us) {
    if (source->voice == CV_SPEAKER_NONE && !add_voice(room, source))
        return;
    uint8_t level = packet->has_audio_level ? packet->audio_level : CV_SPEAKER_LEVEL_UNKNOWN;
    cv_speaker_packet(room->speaker, source->voice, level, packet->voice, now_us);
    follow_voices(room, now_us);
    cv_room_schedule(room);
}

/* Sources of other workers: those of this one are looked after by their peers. */
static void watch(struct cv_room *room, int64_t now_us) {
    room->watch_due_us = 0;
    CV_LIST_EACH(it, &room->sources) {
        struct cv_source *source = CV_CONTAINER_OF(it, struct cv_source, in_room);
        int64_t due_us = source->peer ? CV_TIME_NEVER : 0;
        if (!source->peer) {
            cv_source_watch(source, now_us);
            due_us = cv_source_watch_deadline(source);
        }
        if (due_us < CV_TIME_NEVER && (room->watch_due_us == 0 || due_us < room->watch_due_us))
            room->watch_due_us = due_us;
    }
}

/* Likewise what these keep, and those that are over. */
static void expire(struct cv_room *room, int64_t now_us) {
    CV_LIST_EACH_SAFE(it, &room->sources) {
        struct cv_source *source = CV_CONTAINER_OF(it, struct cv_source, in_room);
        if (source->peer)
            continue;
        if (now_us - source->heard_us < CV_UNHEARD_US) {
            cv_source_expire(source, now_us);
            continue;
        }
        struct cv_id participant = source->participant;
        cv_source_free(source, now_us);
        cv_room_resolve(room, &participant, now_us);
    }
}

void cv_room_tick(struct cv_room *room, int64_t now_us) {
    if (room->watch_due_us > 0 && now_us >= room->watch_due_us)
        watch(room, now_us);
    if (room->workers && now_us >= room->announce_due_us) {
        expire(room, now_us);
        cv_room_announce(room, room->workers, now_us);
    }
    cv_speaker_tick(room->speaker, now_us);
    follow_voices(room, now_us);
    cv_heap_remove(&room->relay->room_deadlines, &room->deadline);
    cv_room_schedule(room);
}
