/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hub: meetings that are going on, and the WebSockets of those in them (docs/protocol.md). It
 * turns frames into commands, commands into effects (meeting/), effects into one store batch, and
 * only when that is durable tells the others and acknowledges the sender.
 *
 *     frame ─► input ─► cv_meeting_apply ─► batch ─► durable ─► tells, acknowledgement, closes
 *
 * Each meeting takes one input at a time: the next one waits until the one before is durable. So
 * what participants are told is always what a restart would find, in the same order everywhere.
 * Commands that others aren't told of (connection states, statistics) don't hold up the queue.
 *
 * When the store fails, the meeting is dropped from memory, its sockets close with 1001, and it is
 * loaded again as the store knows it: what is in memory never runs ahead of what is kept.
 */
#ifndef CV_APP_HUB_H
#define CV_APP_HUB_H

#include "api/api.h"
#include "app/geo.h"
#include "app/ice.h"
#include "app/workers.h"
#include "io/loop.h"
#include "io/websocket.h"

/* What it is given must outlive it. */
struct cv_hub_deps {
    struct cv_loop *loop;
    struct cv_store *store;
    const struct cv_secrets *secrets;
    const struct cv_api_settings *settings;
    const struct cv_ice_settings *ice;
    const struct cv_geo *geo;
    struct cv_workers *workers;
    struct cv_random random;
    /* May be NULL: a session of a meeting has ended, and its record is complete. */
    void (*session_ended)(void *context);
    void *context;
};

struct cv_hub;

enum cv_err cv_hub_new(const struct cv_hub_deps *deps, struct cv_hub **ret_hub);
/* All sockets are gone, or their server is. */
struct cv_hub *cv_hub_free(struct cv_hub *hub);

/* Loads the meetings that somebody is in; `done` when all are there, once. */
void cv_hub_start(struct cv_hub *hub, cv_api_done_fn *done, void *context);

/* Takes over a request for /api/v1/signal. */
void cv_hub_handle(struct cv_hub *hub, struct cv_exchange *exchange);

/* From here on lost connections are no events: the server is going away, and who is in stays in. */
void cv_hub_drain(struct cv_hub *hub);

/* What the REST interface asks of meetings; the context is the hub. */
struct cv_api_meetings cv_hub_meetings(struct cv_hub *hub);

/*
 * Taking part without the signalling protocol, by WHIP or WHEP: whoever enters so is on the list
 * like anybody, has no stream of messages, and is gone when its connection to the relay is.
 */
struct cv_hub_entry {
    struct cv_id meeting;
    struct cv_command_join join; /* without the participant's id; the name is copied */
    struct cv_addr client;
    /* Called exactly once; `refusal` says why with an error of the meeting's. */
    void (*entered)(void *context, enum cv_err err, enum cv_refusal refusal,
                    const struct cv_id *participant);
    void *context;
};
/* CV_ERR_MEMORY: nothing has happened and `entered` is not called. */
enum cv_err cv_hub_enter(struct cv_hub *hub, const struct cv_hub_entry *entry);

/* Somebody who is in by `link` with `via`, WHIP or WHEP. */
bool cv_hub_is_in(struct cv_hub *hub, const struct cv_id *meeting, const struct cv_id *participant,
                  const struct cv_id *link, enum cv_via via);
/* Its offer, as hub_relay.c has it; `only`: whom it wants to see, or empty. */
void cv_hub_offer(struct cv_hub *hub, const struct cv_id *meeting, const struct cv_id *participant,
                  struct cv_slice session, struct cv_slice sdp, const struct cv_id *only,
                  cv_workers_answer_fn *answered, void *context);
/*
 * By what its present ICE session is known: changes with each restart and outlives this process.
 * NULL: it has none, or it isn't known yet (cv_hub_knows_sessions).
 */
const char *cv_hub_ice_session(struct cv_hub *hub, const struct cv_id *meeting,
                               const struct cv_id *participant);
/* False for a moment after a start, until the workers have said whose connections they have. */
bool cv_hub_knows_sessions(const struct cv_hub *hub);
/* A restart of that; `answered` gets an SDP fragment, or CV_ERR_NOT_FOUND: there is none (yet). */
void cv_hub_restart(struct cv_hub *hub, const struct cv_id *meeting,
                    const struct cv_id *participant, struct cv_slice remote_ufrag,
                    cv_workers_answer_fn *answered, void *context);
/* What it says that it sends. */
void cv_hub_media(struct cv_hub *hub, const struct cv_id *meeting, const struct cv_id *participant,
                  struct cv_media media);
/* `left` is called exactly once, when that is durable, or not possible; NULL: nobody waits. */
void cv_hub_leave(struct cv_hub *hub, const struct cv_id *meeting, const struct cv_id *participant,
                  cv_api_done_fn *left, void *context);

struct cv_hub_counters {
    size_t meetings;     /* in memory */
    size_t participants; /* in or waiting */
    uint64_t commands;
    uint64_t slow;   /* dropped because they did not keep up */
    uint64_t failed; /* meetings loaded anew because the store had failed */
};
void cv_hub_counters(const struct cv_hub *hub, struct cv_hub_counters *ret_counters);

#endif
