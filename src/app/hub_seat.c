/* SPDX-License-Identifier: Apache-2.0 */
/* A participant's stream of messages, over one connection after the other. */
#include "app/hub_private.h"

#include <stdlib.h>

/* Fresh TURN credentials come this long before the old ones run out. */
#define ICE_MARGIN_US (5 * CV_US_PER_MIN)

struct hub_seat *hub_seat_new(struct hub_room *room, const struct cv_id *id, bool hide_address,
                              enum cv_via via) {
    struct hub_seat *seat = calloc(1, sizeof *seat);
    if (!seat) {
        return NULL;
    }
    seat->session = cv_signal_session_new();
    if (!seat->session) {
        free(seat);
        return NULL;
    }
    seat->room = room;
    seat->id = *id;
    seat->hide_address = hide_address;
    seat->via = via;
    seat->relay.worker = -1;
    seat->ice_at_us = CV_TIME_NEVER;
    cv_list_append(&room->seats, &seat->item);
    room->hub->counters.participants++;
    return seat;
}

static void forget_token(struct hub_seat *seat, const struct cv_secret_hash *hash) {
    struct cv_map *resumes = &seat->room->hub->resumes;
    if (cv_map_get(resumes, cv_secret_hash_slice(hash)) == seat) {
        cv_map_remove(resumes, cv_secret_hash_slice(hash));
    }
}

void hub_seat_free(struct hub_seat *seat) {
    forget_token(seat, &seat->resume);
    if (seat->has_old) {
        forget_token(seat, &seat->resume_old);
    }
    hub_relay_close(seat);
    hub_seat_detach(seat);
    cv_list_remove(&seat->item);
    seat->room->hub->counters.participants--;
    cv_signal_session_free(seat->session);
    cv_wipe(seat, sizeof *seat);
    free(seat);
}

struct hub_seat *hub_seat_find(struct hub_room *room, const struct cv_id *id) {
    CV_LIST_EACH(it, &room->seats) {
        struct hub_seat *seat = CV_CONTAINER_OF(it, struct hub_seat, item);
        if (cv_id_eq(&seat->id, id)) {
            return seat;
        }
    }
    return NULL;
}

static void on_timer(struct cv_timer *timer) {
    struct hub_conn *conn = CV_CONTAINER_OF(timer, struct hub_conn, timer);
    if (cv_loop_wall_us(conn->hub->deps.loop) >= conn->seat->ice_at_us) {
        hub_seat_refresh_ice(conn->seat);
    }
    hub_seat_flush(conn->seat);
}

void hub_seat_attach(struct hub_seat *seat, struct hub_conn *conn) {
    seat->conn = conn;
    conn->seat = seat;
    conn->phase = CONN_SEATED;
    conn->timer.call = on_timer;
}

void hub_seat_detach(struct hub_seat *seat) {
    if (seat->conn) {
        cv_loop_timer_cancel(seat->room->hub->deps.loop, &seat->conn->timer);
        seat->conn->seat = NULL;
        seat->conn = NULL;
    }
}

void hub_seat_push(struct hub_seat *seat, struct cv_signal_text *text) {
    if (seat->via != CV_VIA_CLIENT) {
        cv_signal_text_unref(text);
        return;
    }
    /* Without memory for the text the stream has a hole: that, too, is mended by a resume only. */
    enum cv_err err = text ? cv_signal_session_push(seat->session, text) : CV_ERR_MEMORY;
    cv_signal_text_unref(text);
    if (err && seat->conn && seat->conn->phase == CONN_SEATED) {
        seat->forgetful = true;
        seat->room->hub->counters.slow++;
        hub_conn_close(seat->conn, CV_CLOSE_SLOW, "too slow");
    }
}

void hub_seat_flush(struct hub_seat *seat) {
    struct cv_loop *loop = seat->room->hub->deps.loop;
    struct cv_buf frame = {0};
    int64_t now_us = cv_loop_now_us(loop);
    if (!seat->conn || seat->conn->phase != CONN_SEATED) {
        return;
    }
    while (cv_signal_session_output(seat->session, now_us, &frame)) {
        hub_conn_send(seat->conn, cv_buf_slice(&frame));
    }
    cv_buf_release(&frame);
    int64_t deadline_us = cv_signal_session_deadline(seat->session);
    if (seat->ice_at_us != CV_TIME_NEVER) {
        int64_t wait_us = seat->ice_at_us - cv_loop_wall_us(loop);
        int64_t ice_us = now_us + (wait_us > 0 ? wait_us : 0);
        deadline_us = ice_us < deadline_us ? ice_us : deadline_us;
    }
    if (deadline_us == CV_TIME_NEVER) {
        cv_loop_timer_cancel(loop, &seat->conn->timer);
    } else {
        cv_loop_timer_set(loop, &seat->conn->timer, deadline_us);
    }
}

enum cv_err hub_seat_set_resume(struct hub_seat *seat, const struct cv_secret_hash *hash,
                                const struct cv_secret_hash *used) {
    struct cv_map *resumes = &seat->room->hub->resumes;
    struct cv_secret_hash kept = {{0}};
    if (used) {
        kept = *used; /* it may be one of those that are overwritten here */
    }
    if (!used || memcmp(&seat->resume, &kept, sizeof kept) != 0) {
        forget_token(seat, &seat->resume);
    }
    if (seat->has_old && (!used || memcmp(&seat->resume_old, &kept, sizeof kept) != 0)) {
        forget_token(seat, &seat->resume_old);
    }
    seat->has_old = used;
    seat->resume_old = kept;
    seat->resume = *hash;
    if (used) { /* the key lives in the seat: it is entered anew at its new place */
        cv_map_remove(resumes, cv_secret_hash_slice(&seat->resume_old));
        enum cv_err err = cv_map_insert(resumes, cv_secret_hash_slice(&seat->resume_old), seat);
        if (err) {
            return err;
        }
    }
    return cv_map_insert(resumes, cv_secret_hash_slice(&seat->resume), seat);
}

void hub_seat_confirm(struct hub_seat *seat) {
    forget_token(seat, &seat->resume_old);
    seat->has_old = false;
    const struct cv_store_op op = {
        .kind = CV_STORE_PARTICIPANT_RESUME,
        .participant_resume = {.id = seat->id, .resume_hash = cv_secret_hash_slice(&seat->resume)}};
    cv_store_submit(seat->room->hub->deps.store, &op, 1, NULL, NULL);
}

static enum cv_err make_ice(struct hub_seat *seat, struct cv_ice_servers *ret_ice) {
    const struct cv_hub_deps *deps = &seat->room->hub->deps;
    enum cv_err err = cv_ice_make(deps->ice, seat->conn->host, &seat->id, seat->hide_address,
                                  cv_loop_wall_us(deps->loop), ret_ice);
    seat->ice_at_us = !err && ret_ice->ice.expires_at_us != CV_TIME_NEVER
                          ? ret_ice->ice.expires_at_us - ICE_MARGIN_US
                          : CV_TIME_NEVER;
    return err;
}

void hub_seat_refresh_ice(struct hub_seat *seat) {
    struct cv_ice_servers ice;
    if (!make_ice(seat, &ice)) {
        hub_seat_push(seat, cv_signal_encode_ice(&ice.ice));
    }
}

void hub_seat_welcome(struct hub_seat *seat, enum cv_signal_mode mode,
                      const struct cv_token *token) {
    struct hub_room *room = seat->room;
    struct cv_ice_servers ice;
    struct cv_buf frame = {0};
    enum cv_err err = make_ice(seat, &ice);
    if (!err) {
        const struct cv_signal_welcome welcome = {
            .mode = mode,
            .ack = cv_signal_session_acked_in(seat->session),
            .meeting = room->meeting,
            .you = cv_meeting_find(room->meeting, &seat->id),
            .resume = token->text,
            .ice = &ice.ice,
            .now_us = cv_loop_wall_us(room->hub->deps.loop),
        };
        err = cv_signal_encode_welcome(&welcome, &frame);
    }
    if (err) {
        hub_conn_close(seat->conn, CV_CLOSE_GOING_AWAY, "no memory");
    } else {
        hub_conn_send(seat->conn, cv_buf_slice(&frame));
    }
    if (frame.data) {
        cv_wipe(frame.data, frame.size);
    }
    cv_buf_release(&frame);
}
