/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A participant's browser: it joins by a link, keeps a picture of the meeting from what it is told,
 * sends commands, and resumes when its connection breaks. It is strict: a message that is out of
 * order ends the simulation.
 */
#ifndef CV_SIM_CLIENT_H
#define CV_SIM_CLIENT_H

#include "picture.h"
#include "server.h"

#include "../unit/seeded.h"

enum { SIM_UNACKED = 1024 };

enum sim_client_state {
    SIM_OUT,  /* not in, or no longer */
    SIM_LOST, /* was in: may resume */
    SIM_HELLO,
    SIM_IN,
};

struct sim_sent {
    char *text;    /* the whole frame but its opening brace and its number */
    unsigned name; /* of a rename; 0 */
};

struct sim_client {
    unsigned number;
    struct cv_id link;
    enum sim_client_state state;
    struct sim_pipes *pipes;
    struct cv_id id; /* of the participant; the resume token too */

    uint64_t last_in;
    uint64_t acked_out;
    uint64_t last_out;
    struct sim_sent sent[SIM_UNACKED]; /* number n is at n % SIM_UNACKED */

    struct sim_picture picture;

    unsigned names;      /* how many names it has given itself: "NUMBER-COUNT" */
    unsigned acked_name; /* the newest of which it knows that the server has it for good */
};

void sim_client_init(struct sim_client *client, unsigned number, const struct cv_id *link);
void sim_client_release(struct sim_client *client);

/* Enters or resumes; with `forget` as a page that was loaded anew, knowing its token only. */
void sim_client_connect(struct sim_client *client, struct sim_server *server, bool forget);
/* Sends some command or other. */
void sim_client_act(struct sim_client *client, struct cv_seeded *seeded);
void sim_client_acknowledge(struct sim_client *client);
/* Reads one frame, or finds that the connection is gone. False when there was nothing. */
bool sim_client_read(struct sim_client *client);
/* The page is closed without a word; what it knew is forgotten. */
void sim_client_vanish(struct sim_client *client);

/* With nothing under way: the picture is what the server would show it now. */
void sim_client_compare(const struct sim_client *client, const struct sim_server *server);
/* After a restart: what was acknowledged is still so. */
void sim_client_check_durable(const struct sim_client *client, const struct sim_server *server);

#endif
