/* SPDX-License-Identifier: Apache-2.0 */
#include "app/hub_private.h"

#include <stdlib.h>

#define LOAD_AGAIN_US CV_US_PER_S

static void on_load_timer(struct cv_timer *timer);

enum cv_err cv_hub_new(const struct cv_hub_deps *deps, struct cv_hub **ret_hub) {
    struct cv_hub *hub = calloc(1, sizeof *hub);
    if (!hub) {
        return CV_ERR_MEMORY;
    }
    hub->deps = *deps;
    hub->load_timer.call = on_load_timer;
    cv_list_init(&hub->conns);
    cv_list_init(&hub->partings);
    if (deps->workers) {
        const struct cv_workers_handlers handlers = hub_relay_handlers(hub);
        cv_workers_set_handlers(deps->workers, &handlers);
    }
    cv_random_fill(deps->random, &hub->rooms.seed, sizeof hub->rooms.seed);
    cv_random_fill(deps->random, &hub->resumes.seed, sizeof hub->resumes.seed);
    *ret_hub = hub;
    return CV_OK;
}

struct cv_hub *cv_hub_free(struct cv_hub *hub) {
    size_t cursor = 0;
    struct hub_room *room;
    if (!hub) {
        return NULL;
    }
    while ((room = cv_map_next(&hub->rooms, &cursor))) {
        hub_room_drop(room);
        cursor = 0; /* the map has changed */
    }
    cv_loop_timer_cancel(hub->deps.loop, &hub->load_timer);
    hub_relay_end(hub);
    cv_map_release(&hub->rooms);
    cv_map_release(&hub->resumes);
    free(hub);
    return NULL;
}

struct cv_meeting_rules hub_rules(const struct cv_hub *hub) {
    return (struct cv_meeting_rules){.windows = hub->deps.settings->windows,
                                     .places = hub->deps.settings->places};
}

/* --- loading what goes on --- */

static void on_load(void *context, const struct cv_store_answer *answer) {
    struct cv_hub *hub = context;
    enum cv_err err = answer->err;
    for (size_t i = 0; !err && i < answer->results[0].live.count; i++) {
        const struct cv_store_live *live = &answer->results[0].live.items[i];
        enum cv_err one = hub_room_restore(hub, live);
        if (one) { /* one that makes no sense must not keep all others away */
            CV_LOG(CV_LOG_ERROR, "a meeting can't be restored",
                   CV_LOG_TEXT("meeting", live->meeting.record.id.text),
                   CV_LOG_TEXT("reason", cv_err_name(one)));
        }
    }
    if (err && !hub->started) {
        hub_load(hub, LOAD_AGAIN_US);
        return;
    }
    hub->loading = false;
    cv_api_done_fn *started = hub->started;
    hub->started = NULL;
    if (started) {
        started(hub->started_context, err);
    }
}

static void on_load_timer(struct cv_timer *timer) {
    struct cv_hub *hub = CV_CONTAINER_OF(timer, struct cv_hub, load_timer);
    const struct cv_store_op op = {.kind = CV_STORE_MEETING_LOAD};
    if (cv_store_submit(hub->deps.store, &op, 1, on_load, hub)) {
        hub_load(hub, LOAD_AGAIN_US);
    }
}

void hub_load(struct cv_hub *hub, int64_t after_us) {
    hub->loading = true;
    if (!hub->draining) {
        cv_loop_timer_set(hub->deps.loop, &hub->load_timer,
                          cv_loop_now_us(hub->deps.loop) + after_us);
    }
}

void cv_hub_start(struct cv_hub *hub, cv_api_done_fn *done, void *context) {
    hub->started = done;
    hub->started_context = context;
    hub_load(hub, 0);
}

/* --- sockets --- */

void cv_hub_handle(struct cv_hub *hub, struct cv_exchange *exchange) {
    const struct cv_http_request *request = cv_exchange_request(exchange);
    if (!cv_api_origin_is_own(hub->deps.settings, request)) {
        cv_exchange_fail(exchange, 403, "origin",
                         "The request must come from the server's own pages.");
        return;
    }
    if (request->is_websocket && !cv_websocket_offers(request, CV_SIGNAL_SUBPROTOCOL)) {
        cv_exchange_fail(exchange, 400, "subprotocol",
                         "The subprotocol " CV_SIGNAL_SUBPROTOCOL " is needed.");
        return;
    }
    struct hub_conn *conn = hub_conn_new(hub, request);
    if (!conn) {
        cv_exchange_fail(exchange, 503, "unavailable", "The server has no memory for this now.");
        return;
    }
    struct cv_websocket *websocket = NULL;
    enum cv_err err = cv_exchange_accept(exchange, CV_SIGNAL_SUBPROTOCOL, &hub_websocket_handlers,
                                         conn, &websocket);
    if (err) { /* answered, 426 for what is no upgrade */
        hub_conn_unref(conn);
        return;
    }
    hub_conn_start(conn, websocket);
}

void cv_hub_drain(struct cv_hub *hub) {
    hub->draining = true;
    cv_loop_timer_cancel(hub->deps.loop, &hub->load_timer);
}

/* --- for the REST interface --- */

static size_t present(void *context, const struct cv_id *meeting) {
    struct cv_hub *hub = context;
    const struct hub_room *room = cv_map_get(&hub->rooms, cv_slice_str(meeting->text));
    return room && room->meeting ? cv_meeting_occupied(room->meeting) : 0;
}

static void command(void *context, const struct cv_id *meeting, const struct cv_command *command,
                    const struct cv_store_op *more, size_t more_count, cv_api_done_fn *done,
                    void *done_context) {
    struct cv_hub *hub = context;
    struct hub_room *room = hub_room_get(hub, meeting);
    struct hub_input *input = room ? hub_input_new(INPUT_OWNER, NULL) : NULL;
    if (!input) {
        done(done_context, CV_ERR_MEMORY);
        return;
    }
    input->command = command;
    input->more = more;
    input->more_count = more_count;
    input->done = done;
    input->done_context = done_context;
    hub_room_put(room, input);
}

static bool is_same(const struct cv_secret_hash *a, const struct cv_secret_hash *b) {
    return cv_slice_eq(cv_secret_hash_slice(a), cv_secret_hash_slice(b));
}

/* Somebody who is in, or about to be, by such a session; NULL when there is none any more. */
static struct hub_conn *find_signed_out(const struct cv_hub *hub, const struct cv_id *user,
                                        const struct cv_secret_hash *only,
                                        const struct cv_secret_hash *except) {
    CV_LIST_EACH(it, &hub->conns) {
        struct hub_conn *conn = CV_CONTAINER_OF(it, struct hub_conn, item);
        if (cv_id_eq(&conn->account, user) && (!only || is_same(&conn->session, only)) &&
            (!except || !is_same(&conn->session, except))) {
            return conn;
        }
    }
    return NULL;
}

static void signed_out(void *context, const struct cv_id *user, const struct cv_secret_hash *only,
                       const struct cv_secret_hash *except) {
    struct cv_hub *hub = context;
    struct hub_conn *conn;
    /* From the start each time: what happens to one may end others. */
    while ((conn = find_signed_out(hub, user, only, except))) {
        struct hub_input *input = conn->seat ? hub_input_new(INPUT_SIGNED_OUT, NULL) : NULL;
        conn->account = (struct cv_id){0};
        if (input) {
            input->by = conn->seat->id;
            hub_room_put(conn->seat->room, input);
        } else if (conn->phase != CONN_CLOSING) {
            hub_conn_refuse(conn, CV_REFUSED_SIGNED_OUT, 0, NULL);
        }
    }
}

struct own_command {
    struct cv_command command;
    cv_api_done_fn *done;
    void *context;
};

static void on_own_command(void *context, enum cv_err err) {
    struct own_command *own = context;
    if (own->done) {
        own->done(own->context, err);
    }
    free(own);
}

void hub_command(struct hub_room *room, const struct cv_command *what, cv_api_done_fn *done,
                 void *context) {
    struct own_command *own = calloc(1, sizeof *own);
    if (own) {
        *own = (struct own_command){*what, done, context};
        command(room->hub, &room->id, &own->command, NULL, 0, on_own_command, own);
    } else if (done) {
        done(context, CV_ERR_MEMORY);
    }
}

struct cv_api_meetings cv_hub_meetings(struct cv_hub *hub) {
    return (struct cv_api_meetings){
        .context = hub, .present = present, .command = command, .signed_out = signed_out};
}

void cv_hub_counters(const struct cv_hub *hub, struct cv_hub_counters *ret_counters) {
    *ret_counters = hub->counters;
}
