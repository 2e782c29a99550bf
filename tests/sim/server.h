/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the daemon does around one meeting, as plainly as can be: hello, decode, apply, save, send.
 * Everything is checked as it goes: the meeting's invariants after every command.
 */
#ifndef CV_SIM_SERVER_H
#define CV_SIM_SERVER_H

#include "pipe.h"
#include "store.h"

#include "signal/encode.h"

enum { SIM_CONNECTIONS = 64, SIM_LINES = 128, SIM_LINKS = 32 };

/* A link; its token is its id. */
struct sim_link {
    struct cv_id id;
    enum cv_role role;
    bool shared;
    bool revoked;
};

/* A participant's session, with or without a connection. */
struct sim_line {
    struct cv_id participant; /* empty: unused */
    struct cv_signal_session *session;
};

struct sim_connection {
    struct sim_pipes *pipes;  /* NULL: unused */
    struct cv_id participant; /* empty until it is welcome */
    bool held;                /* nothing is sent until what was written is committed */
};

/* A command that waits for a commit. */
struct sim_ticket {
    struct cv_id participant;
    struct cv_signal_ticket ticket;
};

struct sim_server {
    struct cv_meeting *meeting;
    struct cv_meeting_rules rules;
    struct sim_store store;
    struct sim_link links[SIM_LINKS];
    size_t link_count;
    struct sim_line lines[SIM_LINES];
    struct sim_connection connections[SIM_CONNECTIONS];
    struct sim_ticket *tickets;
    size_t ticket_count;
    unsigned participants; /* how many ids were made */
    int64_t now_us;
    bool over; /* the meeting closed */
};

void sim_server_init(struct sim_server *server, const struct cv_meeting_record *record,
                     int64_t now_us);
void sim_server_release(struct sim_server *server);

/* The far end of a new connection; the server keeps one end. NULL when there are too many. */
struct sim_pipes *sim_server_connect(struct sim_server *server);
/* One frame of that connection, or finding that it is broken. False when there was nothing. */
bool sim_server_read(struct sim_server *server, size_t connection);
/* What is due by now: ticks, acknowledgements. */
void sim_server_time(struct sim_server *server, int64_t now_us);
void sim_server_commit(struct sim_server *server);
/* Killed and started again at once. */
void sim_server_crash(struct sim_server *server);
void sim_server_revoke(struct sim_server *server, size_t link);
enum cv_err sim_server_update(struct sim_server *server, bool lobby, enum cv_topology topology);

/* Whether a connection of this participant is open. */
bool sim_server_serves(const struct sim_server *server, const struct cv_id *participant);

#endif
