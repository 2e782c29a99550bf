/* SPDX-License-Identifier: Apache-2.0 */
/* Inputs to the meeting, and its effects to the store and to sockets. */
#include "app/hub_private.h"

static enum cv_err add_op(struct cv_buf *ops, const struct cv_store_op *op) {
    return cv_buf_append(ops, op, sizeof *op);
}

/* --- before: what is to be made durable --- */

static enum cv_err save_effect(const struct hub_room *room, const struct cv_effect *effect,
                               struct cv_buf *ops) {
    struct cv_store_op op = {0};
    switch (effect->type) {
    case CV_EFFECT_SAVE_MEETING:
        op.kind = CV_STORE_MEETING_SAVE;
        op.meeting_save.record = effect->meeting;
        op.meeting_save.closes_at_us =
            cv_policy_closes_at(&room->hub->deps.settings->windows, &effect->meeting.schedule);
        break;
    case CV_EFFECT_SAVE_PARTICIPANT:
        op.kind = CV_STORE_PARTICIPANT_SAVE;
        op.participant_save.meeting = room->id;
        op.participant_save.record = effect->participant;
        break;
    case CV_EFFECT_SAVE_BLOCK:
        op.kind = CV_STORE_BLOCK_SAVE;
        op.block_save.meeting = room->id;
        op.block_save.record = effect->block;
        break;
    case CV_EFFECT_SAVE_MODE:
        op.kind = CV_STORE_MODE_ADD;
        op.mode_add.meeting = room->id;
        op.mode_add.record = effect->mode;
        break;
    case CV_EFFECT_SAVE_CONNECTION:
        op.kind = CV_STORE_CONNECTION_ADD;
        op.connection_add = effect->connection;
        break;
    case CV_EFFECT_SAVE_STATS:
        op.kind = CV_STORE_STATS_SAVE;
        op.stats_save = effect->stats;
        break;
    case CV_EFFECT_TELL:
    case CV_EFFECT_DISCONNECT:
    case CV_EFFECT_CLOSE:
        return CV_OK;
    }
    return add_op(ops, &op);
}

static struct cv_slice text_slice(const char *text) {
    return *text ? cv_slice_str(text) : (struct cv_slice){NULL, 0};
}

/* Who has come in gets a seat and a first resume token; where from is part of the record. */
static enum cv_err seat_newcomer(struct hub_room *room, struct hub_input *input,
                                 struct cv_buf *ops) {
    const struct cv_hub_deps *deps = &room->hub->deps;
    struct cv_secret_hash hash;
    struct hub_seat *seat =
        hub_seat_new(room, &input->join.participant, input->join.hide_address, input->join.via);
    if (!seat) {
        return CV_ERR_MEMORY;
    }
    cv_token_make(deps->random, &input->token);
    cv_secret_hash(deps->secrets, CV_SECRET_RESUME, cv_slice_str(input->token.text), &hash);
    enum cv_err err = hub_seat_set_resume(seat, &hash, NULL);
    struct cv_store_op op = {
        .kind = CV_STORE_PARTICIPANT_RESUME,
        .participant_resume = {.id = seat->id, .resume_hash = cv_secret_hash_slice(&seat->resume)}};
    if (!err) {
        err = add_op(ops, &op);
    }
    op = (struct cv_store_op){.kind = CV_STORE_PARTICIPANT_ADDRESS,
                              .participant_address = {.id = seat->id,
                                                      .address = text_slice(input->address),
                                                      .country = text_slice(input->place.country),
                                                      .network = text_slice(input->place.network)}};
    if (!err) {
        err = add_op(ops, &op);
    }
    op = (struct cv_store_op){
        .kind = CV_STORE_LINK_TOUCH,
        .link_touch = {.id = input->join.link, .used_at_us = cv_loop_wall_us(deps->loop)}};
    if (!err && !cv_id_empty(&input->join.link)) {
        err = add_op(ops, &op);
    }
    return err;
}

static enum cv_err renew_resume(struct hub_room *room, struct hub_input *input,
                                struct cv_buf *ops) {
    const struct cv_hub_deps *deps = &room->hub->deps;
    struct hub_seat *seat = hub_seat_find(room, &input->by);
    struct cv_secret_hash hash;
    struct cv_secret_hash used;
    if (!seat) {
        return CV_ERR_INTERNAL;
    }
    cv_token_make(deps->random, &input->token);
    cv_secret_hash(deps->secrets, CV_SECRET_RESUME, cv_slice_str(input->token.text), &hash);
    cv_secret_hash(deps->secrets, CV_SECRET_RESUME, input->message.hello.token, &used);
    enum cv_err err = hub_seat_set_resume(seat, &hash, &used);
    const struct cv_store_op op = {
        .kind = CV_STORE_PARTICIPANT_RESUME,
        .participant_resume = {.id = seat->id,
                               .resume_hash = cv_secret_hash_slice(&seat->resume),
                               .resume_old_hash = cv_secret_hash_slice(&seat->resume_old)}};
    return err ? err : add_op(ops, &op);
}

static struct cv_command command_of(struct hub_room *room, struct hub_input *input) {
    switch (input->kind) {
    case INPUT_ENTER:
        cv_id_make(room->hub->deps.random, 'p', &input->join.participant);
        return (struct cv_command){.type = CV_COMMAND_JOIN, .join = input->join};
    case INPUT_RESUME:
        return (struct cv_command){.type = CV_COMMAND_RESUME, .by = input->by};
    case INPUT_MESSAGE:
        return input->message.command;
    case INPUT_LOST:
        return (struct cv_command){.type = CV_COMMAND_LOST, .by = input->by};
    case INPUT_SIGNED_OUT:
        return (struct cv_command){.type = CV_COMMAND_SIGNED_OUT, .by = input->by};
    case INPUT_OWNER:
        return *input->command;
    case INPUT_TICK:
        break;
    }
    return (struct cv_command){.type = CV_COMMAND_TICK};
}

/* What somebody has passed on fills the queues of all others: there is an end to it. */
static bool is_too_much(struct hub_room *room, const struct hub_input *input) {
    const struct cv_command *command = &input->message.command;
    if (input->kind != INPUT_MESSAGE || command->type != CV_COMMAND_PASS) {
        return false;
    }
    struct hub_seat *seat = hub_seat_find(room, &input->by);
    return seat &&
           !cv_rate_take(&seat->passed, cv_loop_now_us(room->hub->deps.loop), 10 * CV_US_PER_S,
                         HUB_PASSED_BYTES_PER_10_S, (uint32_t)command->pass.payload.size);
}

enum cv_err hub_apply(struct hub_room *room, struct cv_buf *ret_ops) {
    struct hub_input *input = room->current;
    const struct cv_command command = command_of(room, input);
    if (is_too_much(room, input)) {
        room->effects.count = 0;
        input->err = CV_ERR_FULL;
        return CV_OK;
    }
    input->err = cv_meeting_apply(room->meeting, cv_loop_wall_us(room->hub->deps.loop), &command,
                                  &room->effects);
    if (input->err == CV_ERR_MEMORY) {
        return CV_ERR_MEMORY;
    }
    enum cv_err err = CV_OK;
    for (size_t i = 0; i < room->effects.count && !err; i++) {
        err = save_effect(room, &room->effects.items[i], ret_ops);
    }
    if (!err && !input->err && input->kind == INPUT_ENTER) {
        err = seat_newcomer(room, input, ret_ops);
    }
    if (!err && !input->err && input->kind == INPUT_RESUME) {
        err = renew_resume(room, input, ret_ops);
    }
    if (!err && !input->err && input->kind == INPUT_OWNER && input->more_count) {
        err = cv_buf_append(ret_ops, input->more, input->more_count * sizeof *input->more);
    }
    return err;
}

/* --- after: what is to be said --- */

static void tell(struct hub_room *room, const struct cv_effect *effect) {
    struct cv_signal_text *text = cv_signal_encode_event(
        room->meeting, cv_loop_wall_us(room->hub->deps.loop), &effect->tell.event);
    const struct cv_participant *participant;
    size_t cursor = 0;
    while (
        (participant = cv_meeting_audience_next(room->meeting, &room->effects, effect, &cursor))) {
        struct hub_seat *seat = hub_seat_find(room, &participant->record.id);
        if (seat) {
            hub_seat_push(seat, text ? cv_signal_text_ref(text) : NULL);
        }
    }
    cv_signal_text_unref(text);
}

static void disconnect(struct hub_room *room, const struct cv_effect *effect) {
    const struct hub_input *input = room->current;
    enum cv_gone gone = effect->disconnect.gone;
    struct hub_seat *seat = hub_seat_find(room, &effect->disconnect.participant);
    uint16_t code = (uint16_t)cv_signal_gone_close(gone);
    if (!seat) {
        return;
    }
    if (input->kind == INPUT_RESUME && cv_id_eq(&seat->id, &input->by)) {
        /* The place stays and so does its stream: only the connection of before goes. */
        struct hub_conn *before = seat->conn;
        hub_seat_detach(seat);
        if (before) {
            hub_conn_close(before, code, NULL);
        }
        return;
    }
    hub_seat_push(seat, cv_signal_encode_closed(gone));
    hub_seat_flush(seat);
    if (seat->conn) {
        hub_conn_close(seat->conn, code, NULL);
    }
    hub_seat_free(seat);
}

static void finish_enter(struct hub_room *room, struct hub_input *input) {
    struct hub_conn *conn = input->conn;
    struct hub_seat *seat = hub_seat_find(room, &input->join.participant);
    if (input->entered) {
        enum cv_err err = !input->err && !seat ? CV_ERR_CLOSED : input->err;
        input->entered(input->entered_context, err, room->effects.refusal,
                       err ? NULL : &input->join.participant);
        return;
    }
    if (input->err) {
        if (conn->phase != CONN_ENTERING) {
            return;
        }
        enum cv_refusal refusal = room->effects.refusal;
        if (refusal == CV_REFUSAL_NONE) {
            hub_conn_refuse(conn, CV_REFUSED_BAD_MESSAGE, 0, "name is not possible");
        } else {
            hub_conn_refuse(
                conn, cv_signal_refusal_of(refusal),
                refusal == CV_REFUSAL_TOO_EARLY ? cv_meeting_opens_at(room->meeting) : 0, NULL);
        }
        return;
    }
    if (!seat) { /* gone again by the very command: the meeting closed */
        return;
    }
    if (conn->phase == CONN_ENTERING) {
        hub_seat_attach(seat, conn);
        hub_seat_welcome(seat, CV_MODE_NEW, &input->token);
        return;
    }
    /* Closed meanwhile: in, and lost at once. */
    struct hub_input *lost = hub_input_new(INPUT_LOST, NULL);
    if (lost) {
        lost->by = seat->id;
        hub_room_put(room, lost);
    }
}

static void finish_resume(struct hub_room *room, struct hub_input *input) {
    struct hub_conn *conn = input->conn;
    struct hub_seat *seat = hub_seat_find(room, &input->by);
    const struct cv_signal_hello *hello = &input->message.hello;
    if (input->err || !seat) {
        if (conn->phase == CONN_ENTERING) {
            hub_conn_refuse(conn, CV_REFUSED_RESUME_FAILED, 0, NULL);
        }
        return;
    }
    if (conn->phase != CONN_ENTERING) {
        struct hub_input *lost = hub_input_new(INPUT_LOST, NULL);
        if (lost) {
            lost->by = seat->id;
            hub_room_put(room, lost);
        }
        return;
    }
    bool knows = hello->knows && !seat->forgetful;
    enum cv_signal_mode mode =
        cv_signal_session_resume(seat->session, knows ? &hello->acked : NULL);
    seat->forgetful = false;
    hub_seat_attach(seat, conn);
    hub_seat_welcome(seat, mode, &input->token);
    if (mode == CV_MODE_STATE) {
        hub_relay_tell_again(seat);
    }
}

static void finish_message(struct hub_room *room, struct hub_input *input) {
    struct hub_seat *seat = hub_seat_find(room, &input->by);
    if (!seat) {
        return;
    }
    cv_signal_session_done(seat->session, cv_loop_now_us(room->hub->deps.loop), input->ticket);
    if (input->err) {
        hub_seat_push(seat, cv_signal_encode_error(input->message.seq, input->err));
    } else {
        hub_relay_command(seat, &input->message.command);
    }
}

/* Who came by a link that was good when they said hello, and is revoked before their turn. */
static void refuse_revoked(struct hub_room *room, const struct cv_id *link) {
    CV_LIST_EACH(it, &room->inputs) {
        struct hub_input *input = CV_CONTAINER_OF(it, struct hub_input, item);
        if (input->kind != INPUT_ENTER || !cv_id_eq(&input->join.link, link)) {
            continue;
        }
        if (input->entered) {
            input->entered(input->entered_context, CV_ERR_NOT_FOUND, CV_REFUSAL_NONE, NULL);
            input->entered = NULL;
        } else if (input->conn && input->conn->phase == CONN_ENTERING) {
            hub_conn_refuse(input->conn, CV_REFUSED_UNKNOWN, 0, NULL);
        }
    }
}

static bool ends_session(const struct cv_effect *effect) {
    return effect->type == CV_EFFECT_SAVE_MEETING && effect->meeting.session_ended_at_us;
}

static void allow(struct hub_room *room, const struct cv_participant_record *record) {
    struct hub_seat *seat = hub_seat_find(room, &record->id);
    if (seat) {
        hub_relay_allow(seat, record->silenced);
    }
}

void hub_finish(struct hub_room *room) {
    struct hub_input *input = room->current;
    const struct cv_hub_deps *deps = &room->hub->deps;
    /* Acknowledged first: what closes the connection may be among the effects. */
    if (input->kind == INPUT_MESSAGE) {
        finish_message(room, input);
    }
    for (size_t i = 0; i < room->effects.count; i++) {
        if (room->effects.items[i].type == CV_EFFECT_TELL) {
            tell(room, &room->effects.items[i]);
        } else if (room->effects.items[i].type == CV_EFFECT_DISCONNECT) {
            disconnect(room, &room->effects.items[i]);
        } else if (ends_session(&room->effects.items[i]) && deps->session_ended) {
            deps->session_ended(deps->context);
        }
    }
    for (size_t i = 0; i < room->effects.count; i++) {
        if (room->effects.items[i].type == CV_EFFECT_SAVE_PARTICIPANT) {
            allow(room, &room->effects.items[i].participant);
        }
    }
    hub_relay_settle(room);
    if (input->kind == INPUT_ENTER) {
        finish_enter(room, input);
    } else if (input->kind == INPUT_RESUME) {
        finish_resume(room, input);
    }
    CV_LIST_EACH(it, &room->seats) {
        hub_seat_flush(CV_CONTAINER_OF(it, struct hub_seat, item));
    }
    if (input->kind == INPUT_OWNER) {
        if (input->command->type == CV_COMMAND_LINK_REVOKED && !input->err) {
            refuse_revoked(room, &input->command->link);
        }
        input->done(input->done_context, input->err);
    }
}
