/* SPDX-License-Identifier: Apache-2.0 */
#include "server.h"

#include "check.h"

#include <stdio.h>
#include <stdlib.h>

void sim_server_init(struct sim_server *server, const struct cv_meeting_record *record,
                     int64_t now_us) {
    *server = (struct sim_server){.rules = CV_MEETING_RULES_DEFAULT, .now_us = now_us};
    server->rules.places = 6; /* few enough to be full at times */
    sim_store_init(&server->store, record);
    server->meeting = cv_meeting_new(record, &server->rules);
    SIM_CHECK(server->meeting);
}

static struct sim_line *find_line(struct sim_server *server, const struct cv_id *participant) {
    for (size_t i = 0; i < SIM_LINES; i++)
        if (cv_id_eq(&server->lines[i].participant, participant))
            return &server->lines[i];
    return NULL;
}

static struct sim_line *new_line(struct sim_server *server, const struct cv_id *participant) {
    struct sim_line *line = find_line(server, &(struct cv_id){{0}});
    SIM_CHECK(line);
    line->participant = *participant;
    line->session = cv_signal_session_new();
    SIM_CHECK(line->session);
    return line;
}

static void free_line(struct sim_line *line) {
    line->session = cv_signal_session_free(line->session);
    line->participant = (struct cv_id){{0}};
}

static struct sim_connection *find_connection(struct sim_server *server,
                                              const struct cv_id *participant) {
    for (size_t i = 0; i < SIM_CONNECTIONS; i++)
        if (server->connections[i].pipes &&
            cv_id_eq(&server->connections[i].participant, participant))
            return &server->connections[i];
    return NULL;
}

bool sim_server_serves(const struct sim_server *server, const struct cv_id *participant) {
    for (size_t i = 0; i < SIM_CONNECTIONS; i++)
        if (server->connections[i].pipes && !server->connections[i].pipes->broken &&
            cv_id_eq(&server->connections[i].participant, participant))
            return true;
    return false;
}

static void close_connection(struct sim_connection *connection, int code) {
    connection->pipes->to_client.close_code = code;
    sim_pipes_let_go(connection->pipes);
    *connection = (struct sim_connection){0};
}

static void flush(struct sim_server *server, const struct sim_line *line) {
    struct sim_connection *connection = find_connection(server, &line->participant);
    struct cv_buf frame = {0};
    while (connection && !connection->held && connection->pipes->to_client.count < SIM_FRAMES / 2 &&
           cv_signal_session_output(line->session, server->now_us, &frame))
        sim_pipe_put(&connection->pipes->to_client, cv_buf_slice(&frame));
    cv_buf_release(&frame);
}

static void flush_all(struct sim_server *server) {
    for (size_t i = 0; i < SIM_LINES; i++)
        if (server->lines[i].session)
            flush(server, &server->lines[i]);
}

/* A client that is too slow loses its connection. */
static void push(struct sim_server *server, struct sim_line *line, struct cv_signal_text *text) {
    struct sim_connection *connection = find_connection(server, &line->participant);
    if (cv_signal_session_push(line->session, text) && connection)
        connection->pipes->broken = true;
}

static void tell(struct sim_server *server, const struct cv_effects *effects,
                 const struct cv_effect *effect) {
    struct cv_signal_text *text =
        cv_signal_encode_event(server->meeting, server->now_us, &effect->tell.event);
    SIM_CHECK(text);
    const struct cv_participant *person;
    size_t cursor = 0;
    while ((person = cv_meeting_audience_next(server->meeting, effects, effect, &cursor))) {
        struct sim_line *line = find_line(server, &person->record.id);
        if (line)
            push(server, line, text);
    }
    cv_signal_text_unref(text);
}

static void disconnect(struct sim_server *server, const struct cv_effect *effect) {
    const struct cv_id *participant = &effect->disconnect.participant;
    struct sim_connection *connection = find_connection(server, participant);
    int code = (int)cv_signal_gone_close(effect->disconnect.gone);
    if (cv_meeting_find(server->meeting, participant)) { /* it has resumed elsewhere */
        SIM_CHECK(effect->disconnect.gone == CV_GONE_REPLACED);
        if (connection)
            close_connection(connection, code);
        return;
    }
    struct sim_line *line = find_line(server, participant);
    if (!line)
        return;
    struct cv_signal_text *text = cv_signal_encode_closed(effect->disconnect.gone);
    SIM_CHECK(text);
    cv_signal_session_push(line->session, text);
    cv_signal_text_unref(text);
    flush(server, line);
    if (connection)
        close_connection(connection, code);
    free_line(line);
}

/* Carries the effects out; whether anything was written. */
static bool carry_out(struct sim_server *server, const struct cv_effects *effects) {
    bool written = false;
    for (size_t i = 0; i < effects->count; i++) {
        const struct cv_effect *effect = &effects->items[i];
        SIM_CHECK(!server->over);
        if (effect->type == CV_EFFECT_TELL)
            tell(server, effects, effect);
        else if (effect->type == CV_EFFECT_DISCONNECT)
            disconnect(server, effect);
        else if (effect->type == CV_EFFECT_CLOSE)
            server->over = true;
        else
            written |= sim_store_write(&server->store, effect);
    }
    return written;
}

static enum cv_err apply(struct sim_server *server, const struct cv_command *command,
                         enum cv_refusal *ret_refusal, bool *ret_written) {
    struct cv_effects effects = {0};
    enum cv_err err = cv_meeting_apply(server->meeting, server->now_us, command, &effects);
    const char *violation = cv_meeting_violation(server->meeting, server->now_us);
    if (violation)
        sim_fail(__FILE__, __LINE__, violation);
    bool written = carry_out(server, &effects);
    if (ret_refusal)
        *ret_refusal = effects.refusal;
    if (ret_written)
        *ret_written = written;
    cv_effects_release(&effects);
    return err;
}

/* What the connection brings from here on belongs to nobody. */
static void lose_connection(struct sim_server *server, struct sim_connection *connection,
                            int code) {
    struct cv_id participant = connection->participant;
    close_connection(connection, code);
    if (!cv_id_empty(&participant))
        apply(server, &(struct cv_command){.type = CV_COMMAND_LOST, .by = participant}, NULL, NULL);
}

static void refuse(struct sim_connection *connection, enum cv_signal_refusal refusal) {
    struct cv_buf frame = {0};
    SIM_CHECK(!cv_signal_encode_refused(refusal, 0, NULL, &frame));
    sim_pipe_put(&connection->pipes->to_client, cv_buf_slice(&frame));
    cv_buf_release(&frame);
    close_connection(connection, (int)cv_signal_refusal_close(refusal));
}

static void welcome(struct sim_server *server, struct sim_connection *connection,
                    const struct sim_line *line, enum cv_signal_mode mode) {
    const struct cv_signal_ice ice = {.expires_at_us = CV_TIME_NEVER};
    const struct cv_signal_welcome message = {
        .mode = mode,
        .ack = cv_signal_session_acked_in(line->session),
        .meeting = server->meeting,
        .you = cv_meeting_find(server->meeting, &line->participant),
        .resume = line->participant.text,
        .ice = &ice,
        .now_us = server->now_us};
    SIM_CHECK(message.you);
    struct cv_buf frame = {0};
    SIM_CHECK(!cv_signal_encode_welcome(&message, &frame));
    sim_pipe_put(&connection->pipes->to_client, cv_buf_slice(&frame));
    cv_buf_release(&frame);
    connection->participant = line->participant;
    connection->held = server->store.written_count > 0;
}

static void enter(struct sim_server *server, struct sim_connection *connection,
                  const struct cv_signal_hello *hello) {
    const struct sim_link *link = NULL;
    for (size_t i = 0; i < server->link_count; i++)
        if (!server->links[i].revoked && cv_slice_eq_str(hello->token, server->links[i].id.text))
            link = &server->links[i];
    if (!link) {
        refuse(connection, CV_REFUSED_UNKNOWN);
        return;
    }
    struct cv_command join = {
        .type = CV_COMMAND_JOIN,
        .join = {
            .link = link->id, .shared = link->shared, .role = link->role, .name = hello->name}};
    snprintf(join.join.participant.text, CV_ID_BYTES, "p%u", ++server->participants);
    enum cv_refusal refusal;
    if (apply(server, &join, &refusal, NULL)) {
        SIM_CHECK(refusal);
        refuse(connection, cv_signal_refusal_of(refusal));
        return;
    }
    welcome(server, connection, new_line(server, &join.join.participant), CV_MODE_NEW);
}

static void resume(struct sim_server *server, struct sim_connection *connection,
                   const struct cv_signal_hello *hello) {
    struct cv_command command = {.type = CV_COMMAND_RESUME};
    SIM_CHECK(!cv_id_parse(hello->token, &command.by));
    enum cv_refusal refusal;
    if (apply(server, &command, &refusal, NULL)) {
        SIM_CHECK(refusal);
        refuse(connection, cv_signal_refusal_of(refusal));
        return;
    }
    struct sim_line *line = find_line(server, &command.by);
    if (!line)
        line = new_line(server, &command.by);
    welcome(server, connection, line,
            cv_signal_session_resume(line->session, hello->knows ? &hello->acked : NULL));
}

static void wait_for_commit(struct sim_server *server, const struct cv_id *participant,
                            struct cv_signal_ticket ticket) {
    server->tickets =
        realloc(server->tickets, (server->ticket_count + 1) * sizeof(*server->tickets));
    SIM_CHECK(server->tickets);
    server->tickets[server->ticket_count++] = (struct sim_ticket){*participant, ticket};
}

static void on_command(struct sim_server *server, struct sim_line *line,
                       struct cv_signal_message *message, struct cv_signal_ticket ticket) {
    const struct cv_id participant = line->participant;
    bool written;
    message->command.by = participant;
    enum cv_err err = apply(server, &message->command, NULL, &written);
    line = find_line(server, &participant);
    if (!line)
        return;
    if (err) {
        struct cv_signal_text *text = cv_signal_encode_error(message->seq, err);
        SIM_CHECK(text);
        push(server, line, text);
        cv_signal_text_unref(text);
    }
    if (written)
        wait_for_commit(server, &participant, ticket);
    else
        cv_signal_session_done(line->session, server->now_us, ticket);
}

static void on_frame(struct sim_server *server, struct sim_connection *connection,
                     const char *frame) {
    struct cv_signal_message message;
    SIM_CHECK(!cv_signal_decode(cv_slice_str(frame), &message));
    SIM_CHECK((message.type == CV_SIGNAL_HELLO) == cv_id_empty(&connection->participant));
    if (message.type == CV_SIGNAL_HELLO) {
        if (message.hello.way == CV_WAY_LINK)
            enter(server, connection, &message.hello);
        else
            resume(server, connection, &message.hello);
        cv_signal_message_release(&message);
        return;
    }
    struct sim_line *line = find_line(server, &connection->participant);
    SIM_CHECK(line);
    struct cv_signal_ticket ticket;
    if (!cv_signal_session_frame(line->session, server->now_us, strlen(frame))) {
        lose_connection(server, connection, CV_CLOSE_FLOOD);
    } else {
        enum cv_signal_verdict verdict =
            cv_signal_session_receive(line->session, server->now_us, &message, &ticket);
        SIM_CHECK(verdict != CV_VERDICT_GAP);
        if (verdict == CV_VERDICT_BUSY)
            lose_connection(server, connection, CV_CLOSE_FLOOD);
        else if (verdict == CV_VERDICT_NEW)
            on_command(server, line, &message, ticket);
    }
    cv_signal_message_release(&message);
}

bool sim_server_read(struct sim_server *server, size_t index) {
    struct sim_connection *connection = &server->connections[index];
    if (!connection->pipes)
        return false;
    if (connection->pipes->broken) {
        lose_connection(server, connection, 0);
        flush_all(server);
        return true;
    }
    char *frame = sim_pipe_take(&connection->pipes->to_server);
    if (!frame)
        return false;
    on_frame(server, connection, frame);
    free(frame);
    flush_all(server);
    return true;
}

struct sim_pipes *sim_server_connect(struct sim_server *server) {
    for (size_t i = 0; i < SIM_CONNECTIONS; i++)
        if (!server->connections[i].pipes)
            return server->connections[i].pipes = sim_pipes_new();
    return NULL;
}

void sim_server_time(struct sim_server *server, int64_t now_us) {
    server->now_us = now_us;
    if (now_us >= cv_meeting_deadline(server->meeting)) {
        apply(server, &(struct cv_command){.type = CV_COMMAND_TICK}, NULL, NULL);
        SIM_CHECK(now_us < cv_meeting_deadline(server->meeting));
    }
    flush_all(server);
}

void sim_server_commit(struct sim_server *server) {
    sim_store_commit(&server->store);
    for (size_t i = 0; i < server->ticket_count; i++) {
        struct sim_line *line = find_line(server, &server->tickets[i].participant);
        if (line)
            cv_signal_session_done(line->session, server->now_us, server->tickets[i].ticket);
    }
    server->ticket_count = 0;
    for (size_t i = 0; i < SIM_CONNECTIONS; i++)
        server->connections[i].held = false;
    flush_all(server);
}

static void forget_all(struct sim_server *server) {
    for (size_t i = 0; i < SIM_CONNECTIONS; i++) {
        if (server->connections[i].pipes) {
            server->connections[i].pipes->broken = true;
            close_connection(&server->connections[i], 0);
        }
    }
    for (size_t i = 0; i < SIM_LINES; i++)
        free_line(&server->lines[i]);
    server->ticket_count = 0;
    server->meeting = cv_meeting_free(server->meeting);
}

void sim_server_crash(struct sim_server *server) {
    forget_all(server);
    sim_store_crash(&server->store);
    server->meeting = sim_store_restore(&server->store, &server->rules, server->now_us);
    server->over = false;
    apply(server, &(struct cv_command){.type = CV_COMMAND_TICK}, NULL, NULL);
}

void sim_server_revoke(struct sim_server *server, size_t link) {
    server->links[link].revoked = true;
    struct cv_command revoked = {.type = CV_COMMAND_LINK_REVOKED, .link = server->links[link].id};
    SIM_CHECK(!apply(server, &revoked, NULL, NULL));
    flush_all(server);
}

enum cv_err sim_server_update(struct sim_server *server, bool lobby, enum cv_topology topology) {
    const struct cv_meeting_record *record = cv_meeting_record(server->meeting);
    struct cv_command update = {.type = CV_COMMAND_UPDATE,
                                .update = {.title = cv_slice_str("Another title"),
                                           .starts_at_us = record->schedule.starts_at_us,
                                           .duration_us = record->schedule.duration_us,
                                           .lobby = lobby,
                                           .topology = topology}};
    enum cv_err err = apply(server, &update, NULL, NULL);
    flush_all(server);
    return err;
}

void sim_server_release(struct sim_server *server) {
    forget_all(server);
    sim_store_release(&server->store);
    free(server->tickets);
}
