/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub's parts: a conn is a WebSocket, a seat a participant with its stream of messages and its
 * resume tokens, a room a meeting with its queue of inputs.
 *
 *     hub ─┬─ rooms by meeting id ── seats ── conn (while connected)
 *          └─ seats by hash of their resume tokens
 *
 * A conn outlives its WebSocket for as long as an input holds a reference to it.
 */
#ifndef CV_APP_HUB_PRIVATE_H
#define CV_APP_HUB_PRIVATE_H

#include "app/hub.h"
#include "base/log.h"
#include "base/map.h"
#include "meeting/meeting.h"
#include "signal/decode.h"
#include "signal/encode.h"
#include "signal/rate.h"
#include "signal/session.h"

enum { HUB_HOST_BYTES = 256, HUB_PASSED_BYTES_PER_10_S = 64 * 1024, HUB_OFFERS_PER_10_S = 10 };

struct hub_room;
struct hub_seat;

enum hub_conn_phase {
    CONN_EXPECTING, /* hello */
    CONN_ENTERING,  /* hello is being looked at */
    CONN_SEATED,
    CONN_CLOSING,
};

struct hub_conn {
    struct cv_list item; /* of the hub's conns */
    struct cv_hub *hub;
    unsigned refs;                  /* the WebSocket's, and one for each input */
    struct cv_websocket *websocket; /* NULL once closed */
    enum hub_conn_phase phase;
    struct hub_seat *seat; /* while seated */
    struct cv_timer timer; /* hello's deadline; later the session's, and that of credentials */
    struct cv_addr client;
    bool has_session;
    struct cv_secret_hash session;
    struct cv_id account;      /* that comes in, or is in, by the session; empty with a link */
    char host[HUB_HOST_BYTES]; /* the server's name as this client knows it, without port */
};

/* A participant's connection to the relay. */
struct hub_relay {
    int worker; /* that has it, or is asked to; -1: none */
    bool connected;
    char session[CV_RELAY_SESSION_CHARS + 1]; /* the newest that was answered; "": none */
    char rids[CV_SDP_MAX_RIDS][CV_SDP_MAX_NAME_CHARS + 1]; /* of its camera */
    size_t rid_count;
    char ufrag[CV_ICE_UFRAG_CHARS + 1]; /* the server's, of its present ICE session; "": none */
    struct cv_id only;                  /* WHEP: whom it watches; empty: who speaks */
    uint32_t silenced;                  /* as the worker was told */
    struct cv_rate offers;
    /* What it was told last, for when it has forgotten; NULL: nothing. */
    struct cv_signal_text *slots;
    struct cv_signal_text *watched;
};

struct hub_seat {
    struct cv_list item; /* of the room's seats */
    struct hub_room *room;
    struct cv_id id;
    struct cv_signal_session *session;
    struct hub_conn *conn; /* NULL while the connection is lost */
    struct cv_secret_hash resume;
    struct cv_secret_hash resume_old; /* good until the client is known to have the new one */
    bool has_old;
    bool forgetful; /* from before a restart: its messages are gone, so it resumes by state */
    bool hide_address;
    enum cv_via via; /* others than clients have no conn and are told nothing */
    struct hub_relay relay;
    struct cv_rate passed; /* bytes that it had passed on */
    int64_t ice_at_us;     /* wall clock: when fresh credentials are due; CV_TIME_NEVER */
};

enum hub_input_kind {
    INPUT_ENTER,      /* hello with a link or as the owner */
    INPUT_RESUME,     /* hello with a resume token */
    INPUT_MESSAGE,    /* a command of somebody in the meeting */
    INPUT_LOST,       /* a connection is gone */
    INPUT_SIGNED_OUT, /* the session by which somebody is in has ended */
    INPUT_TICK,
    INPUT_OWNER, /* over REST, or of the server itself */
};

struct hub_input {
    struct cv_list item; /* of the room's queue */
    enum hub_input_kind kind;
    struct hub_conn *conn; /* of hello and message; a reference */
    struct cv_id by;       /* of message, resume, lost and signed out: the participant */
    enum cv_err err;       /* what apply said */

    struct cv_signal_message message; /* of hello and message */
    struct cv_signal_ticket ticket;   /* of message */

    struct cv_command_join join; /* of enter, but for the participant's id */
    char name[CV_NAME_BYTES];
    struct cv_token token; /* the new resume token, of enter and resume */
    struct cv_geo_place place;
    char address[CV_ADDR_TEXT_BYTES];

    /* Of an enter without conn. */
    void (*entered)(void *context, enum cv_err err, enum cv_refusal refusal,
                    const struct cv_id *participant);
    void *entered_context;

    const struct cv_command *command; /* of owner; borrowed until `done` */
    const struct cv_store_op *more;
    size_t more_count;
    cv_api_done_fn *done;
    void *done_context;
};

struct hub_room {
    struct cv_hub *hub;
    struct cv_id id;
    struct cv_meeting *meeting; /* NULL while it is loaded */
    struct cv_list seats;
    struct cv_list inputs;
    struct hub_input *current; /* applied, and not durable yet */
    struct cv_effects effects; /* of `current` */
    unsigned waiting;          /* answers of the store that will come */
    bool pumping;
    bool broken; /* takes no input any more, and is dropped with the loop's next turn */
    bool failed; /* freed when nothing waits for it any more */
    struct cv_timer timer;
    uint64_t span;                /* the workers that have peers of it */
    uint64_t untold;              /* workers that have yet to hear of that */
    struct cv_id speaker;         /* as the participants were told */
    struct cv_timer direct_timer; /* until the relay lets go of a call that is direct again */
};

struct cv_hub {
    struct cv_hub_deps deps;
    struct cv_list conns;
    struct cv_map rooms;     /* by id */
    struct cv_map resumes;   /* seats by hash */
    struct cv_list partings; /* participants whose statistics are yet to come (hub_relay_end.c) */
    struct cv_hub_counters counters;
    bool draining;
    bool loading; /* from the store, at the start or after a failure */
    struct cv_timer load_timer;
    cv_api_done_fn *started;
    void *started_context;
};

/* --- hub_conn.c --- */
extern const struct cv_websocket_handlers hub_websocket_handlers;
struct hub_conn *hub_conn_new(struct cv_hub *hub, const struct cv_http_request *request);
struct hub_conn *hub_conn_ref(struct hub_conn *conn);
void hub_conn_unref(struct hub_conn *conn);
/* Waits for hello. */
void hub_conn_start(struct hub_conn *conn, struct cv_websocket *websocket);
/* Sends `refused` and closes. */
void hub_conn_refuse(struct hub_conn *conn, enum cv_signal_refusal refusal, int64_t opens_at_us,
                     const char *problem);
void hub_conn_close(struct hub_conn *conn, uint16_t code, const char *reason);
void hub_conn_send(struct hub_conn *conn, struct cv_slice frame);

/* --- hub_hello.c --- */
/* Takes the message over. */
void hub_hello(struct hub_conn *conn, struct cv_signal_message *message);

/* --- hub_seat.c --- */
struct hub_seat *hub_seat_new(struct hub_room *room, const struct cv_id *id, bool hide_address,
                              enum cv_via via);
/* Takes it out of everything, closing no socket. */
void hub_seat_free(struct hub_seat *seat);
struct hub_seat *hub_seat_find(struct hub_room *room, const struct cv_id *id);
/* Seats the conn: what the session has to say goes out on it from now on. */
void hub_seat_attach(struct hub_seat *seat, struct hub_conn *conn);
void hub_seat_detach(struct hub_seat *seat);
/* Queues a message; takes the reference over. Closes a client that is too slow. */
void hub_seat_push(struct hub_seat *seat, struct cv_signal_text *text);
/* Sends what is to be sent and sets the timer of what is to be sent later. */
void hub_seat_flush(struct hub_seat *seat);
/* Makes `hash` the newest resume token; the one `used` (may be NULL) stays good for a while. */
enum cv_err hub_seat_set_resume(struct hub_seat *seat, const struct cv_secret_hash *hash,
                                const struct cv_secret_hash *used);
/* The client has the new token: the old one is void. */
void hub_seat_confirm(struct hub_seat *seat);
/* Greets the client; `meeting` as it stands. */
void hub_seat_welcome(struct hub_seat *seat, enum cv_signal_mode mode,
                      const struct cv_token *token);
void hub_seat_refresh_ice(struct hub_seat *seat);

/* --- hub_room.c --- */
/* The room of a meeting, loaded if need be; NULL without memory. */
struct hub_room *hub_room_get(struct cv_hub *hub, const struct cv_id *id);
struct hub_input *hub_input_new(enum hub_input_kind kind, struct hub_conn *conn);
/* Takes the input over. */
void hub_room_put(struct hub_room *room, struct hub_input *input);
void hub_room_fail(struct hub_room *room);
void hub_room_drop(struct hub_room *room);
enum cv_err hub_room_restore(struct cv_hub *hub, const struct cv_store_live *live);
void hub_input_free(struct hub_input *input);

/* --- hub_apply.c --- */
/* Applies the room's current input; *ret_ops is what is to be made durable, to be released. */
enum cv_err hub_apply(struct hub_room *room, struct cv_buf *ret_ops);
/* Tells, acknowledges and closes, after what hub_apply gave is durable. */
void hub_finish(struct hub_room *room);

/* --- hub_relay.c --- */
struct cv_workers_handlers hub_relay_handlers(struct cv_hub *hub);
struct hub_seat *hub_relay_find(struct cv_hub *hub, const struct cv_id *meeting,
                                const struct cv_id *participant);
/* What the meeting has allowed: relay and want. */
void hub_relay_command(struct hub_seat *seat, const struct cv_command *command);
/* Tells the worker what of the participant's is silenced from here on. */
void hub_relay_allow(struct hub_seat *seat, uint32_t silenced);
/* The client has forgotten what it was told. */
void hub_relay_tell_again(struct hub_seat *seat);
/* After each input: a call that is direct again lets go of the relay after a while. */
void hub_relay_settle(struct hub_room *room);

/* --- hub_offer.c --- */
/*
 * Asks a worker to answer an offer of the seat; `answered` (NULL: the seat's client is told) is
 * called exactly once, with CV_ERR_CLOSED too when the seat is gone by then.
 */
void hub_relay_offer(struct hub_seat *seat, struct cv_slice session, struct cv_slice sdp,
                     cv_workers_answer_fn *answered, void *context);
/* Likewise, of its connection, which goes on: CV_ERR_NOT_FOUND when there is none. */
void hub_relay_restart(struct hub_seat *seat, struct cv_slice remote_ufrag,
                       cv_workers_answer_fn *answered, void *context);

/* --- hub_relay_end.c --- */
/* Ends the connection, if there is one, and asks for its statistics. */
void hub_relay_close(struct hub_seat *seat);
/* Forgets the connection; the worker is not told. */
void hub_relay_forget(struct hub_seat *seat);
/* The workers on which there is somebody of the meeting, a bit each. */
uint64_t hub_relay_workers(const struct hub_room *room);
/* Tells all workers which of them have peers of the meeting, as far as they haven't heard of it. */
void hub_relay_tell_span(struct hub_room *room);
/* This one has let somebody in: had it nobody when it was told, it has forgotten. */
void hub_relay_tell_span_anew(struct hub_room *room, unsigned worker);
void hub_relay_record(struct hub_seat *seat, enum cv_connection_state state,
                      enum cv_connection_path path);
void hub_relay_on_stats(struct cv_hub *hub, unsigned worker,
                        const struct cv_ipc_relay_stats *stats);
void hub_relay_end(struct cv_hub *hub);

/* --- hub.c --- */
/* Has the meeting apply a command of the server's own; `done` (NULL: nobody waits) when it has. */
void hub_command(struct hub_room *room, const struct cv_command *command, cv_api_done_fn *done,
                 void *context);
struct cv_meeting_rules hub_rules(const struct cv_hub *hub);
/* Loads from the store what somebody is in and isn't in memory, now or soon. */
void hub_load(struct cv_hub *hub, int64_t after_us);

#endif
