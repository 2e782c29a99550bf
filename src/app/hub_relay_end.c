/* SPDX-License-Identifier: Apache-2.0 */
/* The end of connections to the relay, and what of them goes into the call data record. */
#include "app/hub_private.h"

#include <stdlib.h>

/* Somebody whose connection was closed: its statistics are on their way. */
struct parting {
    struct cv_list item;
    struct cv_id participant;
    unsigned worker;
    int64_t until_us;
};

#define PARTING_US (10 * CV_US_PER_S)

static void forget_partings(struct cv_hub *hub, int64_t now_us) {
    CV_LIST_EACH_SAFE(it, &hub->partings) {
        struct parting *parting = CV_CONTAINER_OF(it, struct parting, item);
        if (parting->until_us > now_us) {
            return; /* the others are later */
        }
        cv_list_remove(it);
        free(parting);
    }
}

void hub_relay_end(struct cv_hub *hub) {
    forget_partings(hub, CV_TIME_NEVER);
}

static void ask_stats(struct hub_seat *seat) {
    struct cv_hub *hub = seat->room->hub;
    int64_t now_us = cv_loop_now_us(hub->deps.loop);
    forget_partings(hub, now_us);
    struct parting *parting = calloc(1, sizeof *parting);
    if (!parting) {
        return;
    }
    *parting = (struct parting){.participant = seat->id,
                                .worker = (unsigned)seat->relay.worker,
                                .until_us = now_us + PARTING_US};
    cv_list_append(&hub->partings, &parting->item);
    struct cv_ipc_relay_message message;
    cv_ipc_relay_init(&message, CV_IPC_RELAY_ASK_STATS);
    message.participant = seat->id;
    cv_workers_tell(hub->deps.workers, (unsigned)seat->relay.worker, &message);
}

void hub_relay_on_stats(struct cv_hub *hub, unsigned worker,
                        const struct cv_ipc_relay_stats *answer) {
    const struct cv_relay_stats *stats = &answer->stats;
    CV_LIST_EACH_SAFE(it, &hub->partings) {
        struct parting *parting = CV_CONTAINER_OF(it, struct parting, item);
        if (parting->worker != worker || !cv_id_eq(&parting->participant, &answer->participant)) {
            continue;
        }
        const struct cv_store_op op = {
            .kind = CV_STORE_STATS_SAVE,
            .stats_save = {.participant = parting->participant,
                           .at_us = cv_loop_wall_us(hub->deps.loop),
                           /* As the participant would count: what it sent, we have received. */
                           .video = {.packets_sent = (int64_t)stats->packets_received +
                                                     (int64_t)stats->packets_lost,
                                     .packets_received = (int64_t)stats->packets_sent,
                                     .packets_lost = (int64_t)stats->packets_lost,
                                     .bytes_sent = (int64_t)stats->bytes_received,
                                     .bytes_received = (int64_t)stats->bytes_sent,
                                     .rtt_ms = stats->round_trip_us / 1000.0}}};
        cv_store_submit(hub->deps.store, &op, 1, NULL, NULL);
        cv_list_remove(it);
        free(parting);
        return;
    }
}

void hub_relay_record(struct hub_seat *seat, enum cv_connection_state state,
                      enum cv_connection_path path) {
    struct cv_hub *hub = seat->room->hub;
    const struct cv_store_op op = {.kind = CV_STORE_CONNECTION_ADD,
                                   .connection_add = {.participant = seat->id,
                                                      .state = state,
                                                      .path = path,
                                                      .at_us = cv_loop_wall_us(hub->deps.loop)}};
    cv_store_submit(hub->deps.store, &op, 1, NULL, NULL);
}

void hub_relay_forget(struct hub_seat *seat) {
    struct hub_relay *relay = &seat->relay;
    cv_signal_text_unref(relay->slots);
    cv_signal_text_unref(relay->watched);
    relay->slots = relay->watched = NULL;
    relay->worker = -1;
    relay->session[0] = relay->ufrag[0] = 0;
    relay->connected = false;
}

void hub_relay_close(struct hub_seat *seat) {
    struct cv_hub *hub = seat->room->hub;
    struct cv_ipc_relay_message message;
    if (seat->relay.worker < 0) {
        return;
    }
    if (seat->relay.session[0]) {
        hub_relay_record(seat, CV_CONNECTION_CLOSED, CV_PATH_UNKNOWN);
        ask_stats(seat);
    }
    cv_ipc_relay_init(&message, CV_IPC_RELAY_CLOSE);
    message.participant = seat->id;
    cv_workers_tell(hub->deps.workers, (unsigned)seat->relay.worker, &message);
    hub_relay_forget(seat);
    hub_relay_tell_span(seat->room);
}

uint64_t hub_relay_workers(const struct hub_room *room) {
    uint64_t bits = 0;
    CV_LIST_EACH(it, &room->seats) {
        const struct hub_seat *seat = CV_CONTAINER_OF(it, struct hub_seat, item);
        if (seat->relay.worker >= 0) {
            bits |= UINT64_C(1) << seat->relay.worker;
        }
    }
    return bits;
}

/*
 * Whoever had peers of the meeting or has them now is to know. One that doesn't take it yet is told
 * when it does; and one that is lost meanwhile may have this called from within.
 */
void hub_relay_tell_span(struct hub_room *room) {
    struct cv_workers *workers = room->hub->deps.workers;
    uint64_t span = hub_relay_workers(room);
    room->untold |= span == room->span ? 0 : span | room->span;
    room->span = span;
    for (unsigned i = 0; i < cv_workers_count(workers); i++) {
        uint64_t bit = UINT64_C(1) << i;
        if (!(room->untold & bit)) {
            continue;
        }
        struct cv_ipc_relay_message message;
        cv_ipc_relay_init(&message, CV_IPC_RELAY_SPAN);
        message.span.meeting = room->id;
        message.span.workers = room->span;
        room->untold &= ~bit;
        if (!cv_workers_tell(workers, i, &message)) {
            room->untold |= bit;
        }
    }
}

void hub_relay_tell_span_anew(struct hub_room *room, unsigned worker) {
    room->untold |= UINT64_C(1) << worker;
    hub_relay_tell_span(room);
}
