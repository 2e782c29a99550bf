/* SPDX-License-Identifier: Apache-2.0 */
/* A meeting in memory: loaded, fed one input at a time, and dropped when nobody is in it. */
#include "app/hub_private.h"

#include <stdlib.h>

/* The wall clock may jump while we wait: look again at least this often. */
#define LONGEST_WAIT_US (10 * CV_US_PER_MIN)

static void pump(struct hub_room *room);

struct hub_input *hub_input_new(enum hub_input_kind kind, struct hub_conn *conn) {
    struct hub_input *input = calloc(1, sizeof *input);
    if (!input) {
        return NULL;
    }
    input->kind = kind;
    input->conn = conn ? hub_conn_ref(conn) : NULL;
    cv_list_init(&input->item);
    return input;
}

void hub_input_free(struct hub_input *input) {
    if (input->kind <= INPUT_MESSAGE) {
        cv_signal_message_release(&input->message);
    }
    cv_list_remove(&input->item);
    hub_conn_unref(input->conn);
    cv_wipe(input, sizeof *input);
    free(input);
}

/* Answers an input that will not be applied. */
static void give_back(struct hub_input *input, enum cv_err err) {
    struct hub_conn *conn = input->conn;
    if (input->kind == INPUT_OWNER) {
        input->done(input->done_context, err);
    } else if (conn && conn->phase == CONN_ENTERING && err == CV_ERR_NOT_FOUND) {
        hub_conn_refuse(conn, CV_REFUSED_UNKNOWN, 0, NULL);
    } else if (conn && conn->phase == CONN_ENTERING) {
        hub_conn_close(conn, CV_CLOSE_GOING_AWAY, "try again");
    } else if (input->entered) {
        input->entered(input->entered_context, err, CV_REFUSAL_NONE, NULL);
    }
    hub_input_free(input);
}

static void give_all_back(struct hub_room *room, enum cv_err err) {
    while (!cv_list_empty(&room->inputs)) {
        struct hub_input *input = CV_CONTAINER_OF(room->inputs.next, struct hub_input, item);
        cv_list_remove(&input->item);
        give_back(input, err);
    }
}

void hub_room_drop(struct hub_room *room) {
    cv_loop_timer_cancel(room->hub->deps.loop, &room->timer);
    cv_loop_timer_cancel(room->hub->deps.loop, &room->direct_timer);
    if (cv_map_get(&room->hub->rooms, cv_slice_str(room->id.text)) == room) {
        cv_map_remove(&room->hub->rooms, cv_slice_str(room->id.text));
    }
    while (!cv_list_empty(&room->seats)) {
        struct hub_seat *seat = CV_CONTAINER_OF(room->seats.next, struct hub_seat, item);
        hub_seat_free(seat);
    }
    give_all_back(room, CV_ERR_STORE);
    if (room->current) {
        give_back(room->current, CV_ERR_STORE);
        room->current = NULL;
    }
    room->meeting = cv_meeting_free(room->meeting);
    cv_effects_release(&room->effects);
    room->failed = true;
    if (!room->waiting) { /* else the last answer frees it */
        room->hub->counters.meetings--;
        free(room);
    }
}

void hub_room_fail(struct hub_room *room) {
    struct cv_hub *hub = room->hub;
    CV_LOG(CV_LOG_ERROR, "meeting is loaded anew because the store failed");
    hub->counters.failed++;
    CV_LIST_EACH(it, &room->seats) {
        struct hub_seat *seat = CV_CONTAINER_OF(it, struct hub_seat, item);
        if (seat->conn) {
            hub_conn_close(seat->conn, CV_CLOSE_GOING_AWAY, "try again");
        }
    }
    hub_room_drop(room);
    hub_load(hub, CV_US_PER_S);
}

/* An answer has come; false when the room was dropped meanwhile and is gone now. */
static bool answered(struct hub_room *room) {
    room->waiting--;
    if (!room->failed) {
        return true;
    }
    if (!room->waiting) {
        room->hub->counters.meetings--;
        free(room);
    }
    return false;
}

/* --- commands that hold nobody up --- */

/* Nobody is told of these: they need no place in the order of tells. */
static bool is_silent(const struct hub_room *room) {
    if (room->current->kind != INPUT_MESSAGE || room->current->err) {
        return false;
    }
    for (size_t i = 0; i < room->effects.count; i++) {
        enum cv_effect_type type = room->effects.items[i].type;
        if (type != CV_EFFECT_SAVE_CONNECTION && type != CV_EFFECT_SAVE_STATS) {
            return false;
        }
    }
    return true;
}

struct silent {
    struct hub_room *room;
    struct cv_id by;
    struct cv_signal_ticket ticket;
};

static void on_silent(void *context, const struct cv_store_answer *answer) {
    struct silent *silent = context;
    struct hub_room *room = silent->room;
    if (answered(room)) {
        struct hub_seat *seat = hub_seat_find(room, &silent->by);
        if (answer->err) {
            hub_room_fail(room);
        } else if (seat) {
            cv_signal_session_done(seat->session, cv_loop_now_us(room->hub->deps.loop),
                                   silent->ticket);
            hub_seat_flush(seat);
        }
        if (!answer->err) {
            pump(room);
        }
    }
    free(silent);
}

static enum cv_err submit_silently(struct hub_room *room, const struct cv_buf *ops) {
    struct silent *silent = malloc(sizeof *silent);
    if (!silent) {
        return CV_ERR_MEMORY;
    }
    *silent = (struct silent){room, room->current->by, room->current->ticket};
    enum cv_err err = cv_store_submit(room->hub->deps.store, (const void *)ops->data,
                                      ops->size / sizeof(struct cv_store_op), on_silent, silent);
    if (err) {
        free(silent);
        return err;
    }
    room->waiting++;
    hub_input_free(room->current);
    room->current = NULL;
    return CV_OK;
}

/* --- the queue --- */

static void finish(struct hub_room *room) {
    hub_finish(room);
    hub_input_free(room->current);
    room->current = NULL;
}

static void on_durable(void *context, const struct cv_store_answer *answer) {
    struct hub_room *room = context;
    if (!answered(room)) {
        return;
    }
    struct hub_input *input = room->current;
    if (answer->err == CV_ERR_NOT_FOUND && input->kind == INPUT_OWNER) {
        /* What came with the owner's command isn't there (a link of another meeting): nothing of
         * the batch has happened, and the meeting is as the store has it only when loaded anew. */
        room->current = NULL;
        give_back(input, CV_ERR_NOT_FOUND);
        hub_room_fail(room);
        return;
    }
    if (answer->err) {
        hub_room_fail(room);
        return;
    }
    finish(room);
    pump(room);
}

/* An input that has lost its meaning while it waited. */
static bool is_stale(struct hub_room *room, const struct hub_input *input) {
    if (input->kind == INPUT_LOST) { /* connected again, or gone */
        struct hub_seat *seat = hub_seat_find(room, &input->by);
        return !seat || seat->conn;
    }
    if (input->kind == INPUT_SIGNED_OUT) { /* gone by itself */
        return !hub_seat_find(room, &input->by);
    }
    if (input->kind == INPUT_ENTER && !input->conn) {
        return !input->entered;
    }
    return (input->kind == INPUT_ENTER || input->kind == INPUT_RESUME) &&
           input->conn->phase != CONN_ENTERING;
}

enum outcome { NEXT, WAIT, BROKEN };

/* Applies the next input. BROKEN: the store has failed, and the room is to be dropped. */
static enum outcome step(struct hub_room *room) {
    struct hub_input *input = CV_CONTAINER_OF(room->inputs.next, struct hub_input, item);
    struct cv_buf ops = {0};
    cv_list_remove(&input->item);
    if (is_stale(room, input)) {
        hub_input_free(input);
        return NEXT;
    }
    room->current = input;
    enum cv_err err = hub_apply(room, &ops);
    enum outcome outcome = NEXT;
    if (!err && ops.size && is_silent(room)) {
        err = submit_silently(room, &ops);
    } else if (!err && ops.size) {
        err = cv_store_submit(room->hub->deps.store, (const void *)ops.data,
                              ops.size / sizeof(struct cv_store_op), on_durable, room);
        room->waiting += !err;
        outcome = WAIT;
    } else if (!err) {
        finish(room);
    }
    cv_buf_release(&ops);
    return err ? BROKEN : outcome;
}

static void set_timer(struct hub_room *room) {
    struct cv_loop *loop = room->hub->deps.loop;
    int64_t deadline_us = cv_meeting_deadline(room->meeting);
    int64_t wait_us = deadline_us - cv_loop_wall_us(loop);
    if (deadline_us == CV_TIME_NEVER || wait_us > LONGEST_WAIT_US) {
        wait_us = LONGEST_WAIT_US;
    }
    cv_loop_timer_set(loop, &room->timer, cv_loop_now_us(loop) + (wait_us > 0 ? wait_us : 0));
}

static void pump(struct hub_room *room) {
    if (room->pumping || room->broken || !room->meeting || room->current) {
        return;
    }
    enum outcome outcome = NEXT;
    room->pumping = true;
    while (outcome == NEXT && !cv_list_empty(&room->inputs)) {
        outcome = step(room);
    }
    room->pumping = false;
    if (outcome == BROKEN) { /* whoever gave the input may go on with the room and its seats */
        room->broken = true;
        cv_loop_timer_set(room->hub->deps.loop, &room->timer, cv_loop_now_us(room->hub->deps.loop));
        return;
    }
    if (outcome == WAIT) {
        return;
    }
    if (!room->waiting && !cv_meeting_occupied(room->meeting) &&
        !cv_meeting_waiting(room->meeting)) {
        hub_room_drop(room);
        return;
    }
    cv_effects_release(&room->effects); /* 20 KiB, which a room at rest does without */
    set_timer(room);
}

void hub_room_put(struct hub_room *room, struct hub_input *input) {
    cv_list_append(&room->inputs, &input->item);
    pump(room);
}

static void on_timer(struct cv_timer *timer) {
    struct hub_room *room = CV_CONTAINER_OF(timer, struct hub_room, timer);
    if (room->broken) {
        hub_room_fail(room);
        return;
    }
    struct hub_input *input = hub_input_new(INPUT_TICK, NULL);
    if (!input) {
        set_timer(room);
        return;
    }
    hub_room_put(room, input);
}

/* --- loading --- */

static struct hub_room *new_room(struct cv_hub *hub, const struct cv_id *id) {
    struct hub_room *room = calloc(1, sizeof *room);
    if (!room) {
        return NULL;
    }
    room->hub = hub;
    room->id = *id;
    room->timer.call = on_timer;
    cv_list_init(&room->seats);
    cv_list_init(&room->inputs);
    if (cv_map_insert(&hub->rooms, cv_slice_str(room->id.text), room)) {
        free(room);
        return NULL;
    }
    hub->counters.meetings++;
    return room;
}

static void on_loaded(void *context, const struct cv_store_answer *answer) {
    struct hub_room *room = context;
    if (!answered(room)) {
        return;
    }
    const struct cv_meeting_rules rules = hub_rules(room->hub);
    enum cv_err err = answer->err;
    if (!err) {
        err = cv_meeting_restore(
            &answer->results[0].meeting.record, &rules, cv_loop_wall_us(room->hub->deps.loop), NULL,
            0, answer->results[1].blocks.items, answer->results[1].blocks.count, &room->meeting);
    }
    if (err) {
        give_all_back(room, err);
        hub_room_drop(room);
        return;
    }
    pump(room);
}

struct hub_room *hub_room_get(struct cv_hub *hub, const struct cv_id *id) {
    struct hub_room *room = cv_map_get(&hub->rooms, cv_slice_str(id->text));
    if (room) {
        return room;
    }
    room = new_room(hub, id);
    if (!room) {
        return NULL;
    }
    const struct cv_store_op ops[] = {
        {.kind = CV_STORE_MEETING_GET, .meeting_get = {.id = *id}},
        {.kind = CV_STORE_BLOCK_LIST, .block_list = {.meeting = *id}},
    };
    if (cv_store_submit(hub->deps.store, ops, 2, on_loaded, room)) {
        hub_room_drop(room);
        return NULL;
    }
    room->waiting++;
    return room;
}

static enum cv_err restore_seat(struct hub_room *room, const struct cv_participant_record *record,
                                const struct cv_store_attachment *attachment) {
    struct hub_seat *seat = hub_seat_new(room, &record->id, record->hide_address, record->via);
    struct cv_secret_hash hash;
    struct cv_secret_hash old;
    if (!seat) {
        return CV_ERR_MEMORY;
    }
    seat->forgetful = true;
    if (attachment->resume_hash.size != sizeof hash.bytes) {
        return CV_OK; /* it can't come back, and its place goes in 30 s */
    }
    memcpy(hash.bytes, attachment->resume_hash.data, sizeof hash.bytes);
    bool has_old = attachment->resume_old_hash.size == sizeof old.bytes;
    if (has_old) {
        memcpy(old.bytes, attachment->resume_old_hash.data, sizeof old.bytes);
    }
    return hub_seat_set_resume(seat, &hash, has_old ? &old : NULL);
}

enum cv_err hub_room_restore(struct cv_hub *hub, const struct cv_store_live *live) {
    const struct cv_id *id = &live->meeting.record.id;
    if (cv_map_get(&hub->rooms, cv_slice_str(id->text))) {
        return CV_OK;
    }
    struct hub_room *room = new_room(hub, id);
    if (!room) {
        return CV_ERR_MEMORY;
    }
    const struct cv_meeting_rules rules = hub_rules(hub);
    enum cv_err err = cv_meeting_restore(
        &live->meeting.record, &rules, cv_loop_wall_us(hub->deps.loop), live->participants,
        live->participant_count, live->blocks, live->block_count, &room->meeting);
    for (size_t i = 0; i < live->participant_count && !err; i++) {
        if (cv_meeting_find(room->meeting, &live->participants[i].id)) {
            err = restore_seat(room, &live->participants[i], &live->attachments[i]);
        }
    }
    if (err) {
        hub_room_drop(room);
        return err;
    }
    set_timer(room);
    return CV_OK;
}
