/* SPDX-License-Identifier: Apache-2.0 */
/* What a run (run.c), its report and the targets share. */
#ifndef CV_LOAD_PRIVATE_H
#define CV_LOAD_PRIVATE_H

#include "load/cost.h"
#include "load/load.h"
#include "load/peer.h"
#include "load/source.h"

struct cv_load;

/* One connection with a way in of its own: a participant, or half of one (see `splits`). */
struct cv_load_member {
    struct cv_load *load;
    unsigned person; /* whose it is: a publisher's number, or one of its own */
    bool publishes;
    bool receives;
    struct cv_load_peer *peer;
    struct cv_load_source source;
    struct cv_load_description ours, theirs;
    int64_t begun_at_us; /* 0: not yet */
    bool connected;
    bool has_media;
    bool failed;
    void *signalling; /* the target's */
};

/* A kind of server. */
struct cv_load_target {
    const char *name;
    bool splits; /* who publishes and receives has a connection for each */
    /* Makes the meeting, and calls cv_load_opened or cv_load_problem then or later. */
    enum cv_err (*open)(struct cv_load *load);
    /* Gets `member` in: fills its descriptions and calls cv_load_peer_start. */
    void (*join)(struct cv_load_member *member);
    /* Ends all signalling. Harmless when nothing was opened. */
    void (*close)(struct cv_load *load);
};

extern const struct cv_load_target cv_load_target_conclave;
extern const struct cv_load_target cv_load_target_janus;
extern const struct cv_load_target cv_load_target_floor;

enum cv_load_phase {
    CV_LOAD_OPENING,
    CV_LOAD_PUBLISHING, /* those who send come in */
    CV_LOAD_JOINING,    /* the others */
    CV_LOAD_FILLING,    /* all are in; media is awaited */
    CV_LOAD_WARMING,
    CV_LOAD_STEADY,
    CV_LOAD_DONE,
};

struct cv_load {
    const struct cv_load_options *options;
    const struct cv_load_target *target;
    struct cv_load_net net;
    struct cv_film film; /* without frames: none */
    struct cv_load_member *members;
    size_t member_count;
    size_t publishing; /* the first so many send */
    size_t begun;
    enum cv_load_phase phase;
    int64_t phase_at_us; /* began */
    int64_t next_join_us;
    struct cv_timer timer;
    void *room; /* the target's */
    struct cv_histogram latency, joins;
    struct cv_cost empty, before, after;
    int64_t own_cpu_ns; /* of the steady part */
    uint64_t sent_before;
    int64_t steady_us; /* as it was */
    bool broken;
    char *error;
};

/* The meeting is there. */
void cv_load_opened(struct cv_load *load);
/* Nothing will come of this run. */
void cv_load_problem(struct cv_load *load, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void cv_load_member_failed(struct cv_load_member *member, const char *reason);
/* The server's description is in `theirs`, ours in `ours`. */
void cv_load_member_start(struct cv_load_member *member);

uint64_t cv_load_packets_sent(const struct cv_load *load);
/* How many streams those who receive should get all together. */
uint64_t cv_load_expected_streams(const struct cv_load *load);
json_t *cv_load_report(const struct cv_load *load);

#endif
