/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Relayed calls: what participants want of the relay, and what it has to tell them (their offers
 * are in hub_offer.c). What a worker says of a participant counts only while that one is
 * here and connected to this very worker.
 */
#include "app/hub_private.h"

/* How long the relay goes on in a call that is direct again: the browsers close it much sooner. */
#define LINGER_US (30 * CV_US_PER_S)

_Static_assert((int)CV_WANT_MID_CHARS == (int)CV_SDP_MAX_NAME_CHARS &&
                   (int)CV_SIGNAL_MAX_SESSION_CHARS == (int)CV_RELAY_SESSION_CHARS &&
                   (int)CV_WANT_MAX <= (int)CV_RELAY_MAX_SLOTS,
               "what the protocol takes fits into what the relay takes");

struct hub_seat *hub_relay_find(struct cv_hub *hub, const struct cv_id *meeting,
                                const struct cv_id *participant) {
    struct hub_room *room = cv_map_get(&hub->rooms, cv_slice_str(meeting->text));
    return room ? hub_seat_find(room, participant) : NULL;
}

/* --- what else it wants of the relay --- */

static void want(struct hub_seat *seat, const struct cv_command *command) {
    if (seat->relay.worker < 0 || !cv_slice_eq_str(command->want.session, seat->relay.session)) {
        return; /* late */
    }
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_WANT);
    message.want.participant = seat->id;
    message.want.count = (uint32_t)command->want.count;
    for (size_t i = 0; i < command->want.count; i++) {
        const struct cv_want *from = &command->want.items[i];
        struct cv_relay_want *to = &message.want.items[i];
        memcpy(to->mid, from->mid.data, from->mid.size);
        to->participant = from->participant;
        to->source = from->screen ? CV_SOURCE_SCREEN : CV_SOURCE_CAMERA;
        to->width = from->width;
        to->height = from->height;
        to->stage = from->stage;
    }
    cv_workers_tell(seat->room->hub->deps.workers, (unsigned)seat->relay.worker, &message);
}

void hub_relay_command(struct hub_seat *seat, const struct cv_command *command) {
    if (command->type == CV_COMMAND_RELAY) {
        hub_relay_offer(seat, command->relay.session, command->relay.sdp, NULL, NULL);
    } else if (command->type == CV_COMMAND_WANT) {
        want(seat, command);
    }
}

void hub_relay_allow(struct hub_seat *seat, uint32_t silenced) {
    if (seat->relay.worker < 0 || seat->relay.silenced == silenced) {
        return;
    }
    seat->relay.silenced = silenced;
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_ALLOW);
    message.allow.participant = seat->id;
    message.allow.audio = !(silenced & 1U << CV_PART_AUDIO);
    message.allow.video = !(silenced & 1U << CV_PART_VIDEO);
    message.allow.screen = !(silenced & 1U << CV_PART_SCREEN);
    cv_workers_tell(seat->room->hub->deps.workers, (unsigned)seat->relay.worker, &message);
}

/* --- what the relay tells --- */

static void keep(struct cv_signal_text **place, struct hub_seat *seat,
                 struct cv_signal_text *text) {
    cv_signal_text_unref(*place);
    *place = text ? cv_signal_text_ref(text) : NULL;
    hub_seat_push(seat, text);
    hub_seat_flush(seat);
}

static void on_slots(struct hub_seat *seat, const struct cv_relay_event *event) {
    static const char *const sources[CV_SOURCE_KIND_COUNT] = {"microphone", "camera", "screen",
                                                              "screen-sound"};
    static const char *const states[] = {"off", "live", "starved"};
    struct cv_signal_slot slots[CV_RELAY_MAX_SLOTS];
    for (size_t i = 0; i < event->slots.count; i++) {
        const struct cv_relay_slot *slot = &event->slots.items[i];
        slots[i] = (struct cv_signal_slot){slot->mid, slot->participant, sources[slot->source],
                                           states[slot->state]};
    }
    keep(&seat->relay.slots, seat,
         cv_signal_encode_slots(event->session, slots, event->slots.count));
}

static void on_watched(struct hub_seat *seat, const struct cv_relay_event *event) {
    const char *rids[CV_SDP_MAX_RIDS];
    size_t count = 0;
    for (size_t i = 0; i < seat->relay.rid_count; i++) {
        if (event->watched.camera & 1U << i) {
            rids[count++] = seat->relay.rids[i];
        }
    }
    keep(&seat->relay.watched, seat,
         cv_signal_encode_watched(event->session, rids, count, event->watched.screen));
}

/* Several workers of one meeting may differ for a moment: the first of them is believed. */
static void on_speaker(struct hub_room *room, unsigned worker, const struct cv_relay_event *event) {
    uint64_t on = hub_relay_workers(room);
    bool first = on & UINT64_C(1) << worker && !(on & ((UINT64_C(1) << worker) - 1));
    bool known = cv_id_empty(&event->speaker) || hub_seat_find(room, &event->speaker);
    if (!first || !known || cv_id_eq(&room->speaker, &event->speaker)) {
        return;
    }
    room->speaker = event->speaker;
    struct cv_signal_text *text = cv_signal_encode_speaker(&room->speaker);
    CV_LIST_EACH(it, &room->seats) {
        struct hub_seat *seat = CV_CONTAINER_OF(it, struct hub_seat, item);
        if (seat->relay.session[0]) {
            hub_seat_push(seat, text ? cv_signal_text_ref(text) : NULL);
            hub_seat_flush(seat);
        }
    }
    cv_signal_text_unref(text);
}

static void lose(struct hub_seat *seat, const char *message) {
    char session[sizeof seat->relay.session];
    memcpy(session, seat->relay.session, sizeof session);
    if (!session[0]) { /* its offer is still under way, and is answered in its own way */
        seat->relay.worker = -1;
        return;
    }
    hub_relay_record(seat, CV_CONNECTION_FAILED, CV_PATH_UNKNOWN);
    hub_relay_forget(seat);
    if (seat->via != CV_VIA_CLIENT) { /* it has nothing else */
        const struct cv_command leave = {.type = CV_COMMAND_LEAVE, .by = seat->id};
        hub_command(seat->room, &leave, NULL, NULL);
        return;
    }
    hub_seat_push(seat, cv_signal_encode_relay_gone(session, "lost", message));
    hub_seat_flush(seat);
}

static void on_peer(struct hub_seat *seat, const struct cv_relay_event *event) {
    if (event->peer.state == CV_TRANSPORT_CONNECTED) {
        bool was = seat->relay.connected;
        seat->relay.connected = true;
        if (!was) {
            hub_relay_record(seat, CV_CONNECTION_CONNECTED,
                             event->peer.tcp ? CV_PATH_TCP : CV_PATH_UDP);
        }
    } else if (event->peer.state == CV_TRANSPORT_CLOSED) {
        CV_LOG(CV_LOG_DEBUG, "a connection to the relay has ended",
               CV_LOG_TEXT("participant", seat->id.text),
               CV_LOG_TEXT("reason", cv_transport_reason_name(event->peer.reason)));
        lose(seat, event->peer.reason == CV_TRANSPORT_PEER_CLOSED
                       ? "The connection was closed."
                       : "The connection to the server was lost; connect again.");
        hub_relay_tell_span(seat->room);
    }
}

static void on_event(void *context, unsigned worker, const struct cv_relay_event *event) {
    struct cv_hub *hub = context;
    struct hub_room *room = cv_map_get(&hub->rooms, cv_slice_str(event->meeting.text));
    if (room && event->type == CV_RELAY_SPEAKER) {
        on_speaker(room, worker, event);
        return;
    }
    struct hub_seat *seat = room ? hub_seat_find(room, &event->participant) : NULL;
    if (!seat || seat->relay.worker != (int)worker ||
        strcmp(seat->relay.session, event->session) != 0) {
        return; /* of somebody who is gone, or of a connection that was replaced */
    }
    if (event->type == CV_RELAY_PEER) {
        on_peer(seat, event);
    } else if (event->type == CV_RELAY_SLOTS) {
        on_slots(seat, event);
    } else {
        on_watched(seat, event);
    }
}

static void on_gone(void *context, unsigned worker) {
    struct cv_hub *hub = context;
    size_t cursor = 0;
    struct hub_room *room;
    while ((room = cv_map_next(&hub->rooms, &cursor))) {
        CV_LIST_EACH(it, &room->seats) {
            struct hub_seat *seat = CV_CONTAINER_OF(it, struct hub_seat, item);
            if (seat->relay.worker == (int)worker) {
                lose(seat, "A part of the server was started again; connect again.");
            }
        }
        hub_relay_tell_span(room);
        room->untold &= ~(UINT64_C(1) << worker); /* the next one in its place has nobody */
    }
}

static void on_ready(void *context) {
    struct cv_hub *hub = context;
    size_t cursor = 0;
    struct hub_room *room;
    while ((room = cv_map_next(&hub->rooms, &cursor))) {
        hub_relay_tell_span(room);
    }
}

/*
 * Control was started again, and here is somebody from before. All whose places are kept are
 * loaded; who is not among them has no place, and no media.
 */
static void on_known(void *context, unsigned worker, const struct cv_relay_known *known) {
    struct cv_hub *hub = context;
    const struct cv_relay_peer_config *peer = &known->config;
    struct hub_seat *seat = hub_relay_find(hub, &peer->meeting, &peer->participant);
    if (!seat || (seat->relay.worker >= 0 && seat->relay.worker != (int)worker)) {
        struct cv_ipc_relay_message message;
        cv_ipc_relay_init(&message, CV_IPC_RELAY_CLOSE);
        message.participant = peer->participant;
        cv_workers_tell(hub->deps.workers, worker, &message);
        return;
    }
    seat->relay.worker = (int)worker;
    memcpy(seat->relay.session, peer->session, sizeof seat->relay.session);
    memcpy(seat->relay.ufrag, known->ufrag, sizeof seat->relay.ufrag);
    memcpy(seat->relay.rids, known->rids, sizeof seat->relay.rids);
    seat->relay.rid_count = known->rid_count;
    seat->relay.silenced = (peer->audio ? 0 : 1U << CV_PART_AUDIO) |
                           (peer->video ? 0 : 1U << CV_PART_VIDEO) |
                           (peer->screen ? 0 : 1U << CV_PART_SCREEN);
    const struct cv_participant *person = cv_meeting_find(seat->room->meeting, &seat->id);
    if (person) {
        hub_relay_allow(seat, person->record.silenced);
    }
    hub_relay_tell_span(seat->room);
    if (seat->via != CV_VIA_CLIENT && person && !person->connected) {
        const struct cv_command resume = {.type = CV_COMMAND_RESUME, .by = seat->id};
        hub_command(seat->room, &resume, NULL, NULL);
    }
}

static void on_stats(void *context, unsigned worker, const struct cv_ipc_relay_stats *stats) {
    hub_relay_on_stats(context, worker, stats);
}

struct cv_workers_handlers hub_relay_handlers(struct cv_hub *hub) {
    return (struct cv_workers_handlers){.context = hub,
                                        .known = on_known,
                                        .event = on_event,
                                        .stats = on_stats,
                                        .gone = on_gone,
                                        .ready = on_ready};
}

/* --- around it --- */

void hub_relay_tell_again(struct hub_seat *seat) {
    struct hub_relay *relay = &seat->relay;
    if (!relay->session[0]) {
        return;
    }
    if (relay->slots) {
        hub_seat_push(seat, cv_signal_text_ref(relay->slots));
    }
    if (relay->watched) {
        hub_seat_push(seat, cv_signal_text_ref(relay->watched));
    }
    static const struct cv_id nobody = {{0}};
    const struct cv_id *speaker = &seat->room->speaker;
    bool is_here = hub_seat_find(seat->room, speaker); /* who has left is still the last known */
    hub_seat_push(seat, cv_signal_encode_speaker(is_here ? speaker : &nobody));
}

static void on_direct_timer(struct cv_timer *timer) {
    struct hub_room *room = CV_CONTAINER_OF(timer, struct hub_room, direct_timer);
    CV_LIST_EACH(it, &room->seats) {
        hub_relay_close(CV_CONTAINER_OF(it, struct hub_seat, item));
    }
}

void hub_relay_settle(struct hub_room *room) {
    struct cv_loop *loop = room->hub->deps.loop;
    if (cv_meeting_record(room->meeting)->mode == CV_CALL_RELAYED) {
        cv_loop_timer_cancel(loop, &room->direct_timer);
    } else if (hub_relay_workers(room) && !cv_timer_is_set(&room->direct_timer)) {
        room->direct_timer.call = on_direct_timer;
        cv_loop_timer_set(loop, &room->direct_timer, cv_loop_now_us(loop) + LINGER_US);
    }
}
