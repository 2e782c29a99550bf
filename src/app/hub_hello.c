/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Hello: who somebody is and which meeting they mean. A token that doesn't exist, was revoked or
 * is malformed costs the same and gets the same answer.
 */
#include "app/hub_private.h"

#include <stdlib.h>

/* Waits for the store; `input` is not in any queue yet. */
struct hello {
    struct hub_conn *conn; /* a reference */
    struct hub_input *input;
};

static void hello_free(struct hello *hello) {
    if (hello->input) {
        hub_input_free(hello->input);
    }
    hub_conn_unref(hello->conn);
    free(hello);
}

static void fail(struct hub_conn *conn) {
    if (conn->phase == CONN_ENTERING) {
        hub_conn_close(conn, CV_CLOSE_GOING_AWAY, "try again");
    }
}

/* Hands the input to its meeting. */
static void enter(struct hello *hello, const struct cv_id *meeting) {
    struct hub_room *room = hub_room_get(hello->conn->hub, meeting);
    if (!room) {
        fail(hello->conn);
        return;
    }
    hub_room_put(room, hello->input);
    hello->input = NULL;
}

static void set_name(struct hub_input *input, struct cv_slice name) {
    memcpy(input->name, name.data, name.size);
    input->name[name.size] = 0;
    input->join.name = cv_slice_str(input->name);
}

/* The store has answered; `unknown`: what it means that something isn't there. */
static void answered(struct hello *hello, const struct cv_store_answer *answer,
                     enum cv_signal_refusal unknown,
                     void (*take)(struct hello *hello, const struct cv_store_answer *answer)) {
    if (hello->conn->phase != CONN_ENTERING) {
        /* nobody waits for that any more */
    } else if (answer->err == CV_ERR_NOT_FOUND) {
        hub_conn_refuse(hello->conn, unknown, 0, NULL);
    } else if (answer->err) {
        fail(hello->conn);
    } else {
        take(hello, answer);
    }
    hello_free(hello);
}

static void take_link(struct hello *hello, const struct cv_store_answer *answer) {
    struct hub_input *input = hello->input;
    const struct cv_store_link *link = &answer->results[0].link.link;
    struct cv_slice name = link->label.size ? link->label : input->message.hello.name;
    input->join.link = link->id;
    input->join.shared = link->shared;
    input->join.role = link->role;
    if (!name.size) {
        hub_conn_refuse(hello->conn, CV_REFUSED_BAD_MESSAGE, 0, "name is missing");
        return;
    }
    set_name(input, name);
    enter(hello, &link->meeting);
}

static void on_link(void *context, const struct cv_store_answer *answer) {
    answered(context, answer, CV_REFUSED_UNKNOWN, take_link);
}

static void take_owner(struct hello *hello, const struct cv_store_answer *answer) {
    struct hub_input *input = hello->input;
    const struct cv_store_user *user = &answer->results[0].session.user;
    const struct cv_store_meeting *meeting = &answer->results[1].meeting;
    if (!cv_id_eq(&meeting->owner, &user->id)) {
        hub_conn_refuse(hello->conn, CV_REFUSED_UNKNOWN, 0, NULL);
        return;
    }
    hello->conn->account = user->id;
    input->join.account = user->id;
    input->join.role = CV_ROLE_HOST;
    set_name(input, input->message.hello.name.size ? input->message.hello.name : user->name);
    enter(hello, &meeting->record.id);
}

static void on_owner(void *context, const struct cv_store_answer *answer) {
    answered(context, answer, answer->failed == 0 ? CV_REFUSED_SIGNED_OUT : CV_REFUSED_UNKNOWN,
             take_owner);
}

static struct hub_seat *seat_of_token(struct hub_input *input) {
    const struct cv_hub *hub = input->conn->hub;
    struct cv_secret_hash hash;
    cv_secret_hash(hub->deps.secrets, CV_SECRET_RESUME, input->message.hello.token, &hash);
    return cv_map_get(&hub->resumes, cv_secret_hash_slice(&hash));
}

/* An account takes its place again while its session lasts: the token alone does not do. */
static void on_resumer(void *context, const struct cv_store_answer *answer) {
    struct hello *hello = context;
    struct hub_conn *conn = hello->conn;
    struct hub_seat *seat = seat_of_token(hello->input);
    if (conn->phase != CONN_ENTERING) {
        hello_free(hello);
        return;
    }
    if (answer->err && answer->err != CV_ERR_NOT_FOUND) {
        fail(conn);
    } else if (answer->err || !cv_id_eq(&answer->results[0].session.user.id, &conn->account)) {
        hub_conn_refuse(conn, CV_REFUSED_SIGNED_OUT, 0, NULL);
    } else if (!seat) {
        hub_conn_refuse(conn, CV_REFUSED_RESUME_FAILED, 0, NULL);
    } else {
        hello->input->by = seat->id;
        hub_room_put(seat->room, hello->input);
        hello->input = NULL;
    }
    hello_free(hello);
}

static enum cv_err ask_store(struct hello *hello) {
    struct hub_conn *conn = hello->conn;
    const struct cv_signal_hello *said = &hello->input->message.hello;
    const struct cv_hub_deps *deps = &conn->hub->deps;
    if (said->way == CV_WAY_RESUME) {
        const struct cv_store_op op = {
            .kind = CV_STORE_SESSION_FIND,
            .session_find = {.token_hash = cv_secret_hash_slice(&conn->session),
                             .now_us = cv_loop_wall_us(deps->loop)}};
        return cv_store_submit(deps->store, &op, 1, on_resumer, hello);
    }
    if (said->way == CV_WAY_MEETING) {
        const struct cv_store_op ops[] = {
            {.kind = CV_STORE_SESSION_FIND,
             .session_find = {.token_hash = cv_secret_hash_slice(&conn->session),
                              .now_us = cv_loop_wall_us(deps->loop)}},
            {.kind = CV_STORE_MEETING_GET, .meeting_get = {.id = said->meeting}},
        };
        return cv_store_submit(deps->store, ops, 2, on_owner, hello);
    }
    struct cv_secret_hash hash;
    cv_secret_hash(deps->secrets, CV_SECRET_LINK, said->token, &hash);
    const struct cv_store_op op = {.kind = CV_STORE_LINK_RESOLVE,
                                   .link_resolve = {.secret_hash = cv_secret_hash_slice(&hash)}};
    return cv_store_submit(deps->store, &op, 1, on_link, hello);
}

/* Asks the store who it is; takes the input over. */
static void ask(struct hub_input *input) {
    struct hub_conn *conn = input->conn;
    struct hello *hello = calloc(1, sizeof *hello);
    if (!hello) {
        fail(conn);
        hub_input_free(input);
        return;
    }
    *hello = (struct hello){.conn = hub_conn_ref(conn), .input = input};
    if (ask_store(hello)) {
        fail(conn);
        hello_free(hello);
    }
}

/* A resume token is known from memory: all places that are kept are there. */
static void resume(struct hub_conn *conn, struct hub_input *input) {
    struct hub_seat *seat = seat_of_token(input);
    const struct cv_participant *person =
        seat ? cv_meeting_find(seat->room->meeting, &seat->id) : NULL;
    if (person && cv_id_empty(&person->record.account)) {
        input->by = seat->id;
        hub_room_put(seat->room, input);
        return;
    }
    if (person && conn->has_session) {
        conn->account = person->record.account;
        ask(input);
        return;
    }
    if (person) {
        hub_conn_refuse(conn, CV_REFUSED_SIGNED_OUT, 0, NULL);
    } else if (conn->hub->loading) { /* it may be there in a moment */
        fail(conn);
    } else {
        hub_conn_refuse(conn, CV_REFUSED_RESUME_FAILED, 0, NULL);
    }
    hub_input_free(input);
}

void hub_hello(struct hub_conn *conn, struct cv_signal_message *message) {
    bool resumes = message->hello.way == CV_WAY_RESUME;
    struct hub_input *input = hub_input_new(resumes ? INPUT_RESUME : INPUT_ENTER, conn);
    if (!input) {
        cv_signal_message_release(message);
        fail(conn);
        return;
    }
    input->message = *message;
    input->join.hide_address = message->hello.hide_address;
    if (resumes) {
        resume(conn, input);
        return;
    }
    if (message->hello.way == CV_WAY_MEETING && !conn->has_session) {
        hub_conn_refuse(conn, CV_REFUSED_SIGNED_OUT, 0, NULL);
        hub_input_free(input);
        return;
    }
    cv_geo_find(conn->hub->deps.geo, &conn->client, &input->place);
    cv_addr_format_host(&conn->client, input->address);
    ask(input);
}
