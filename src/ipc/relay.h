/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What control and a worker say to each other (over ipc/channel.h). Control asks by participant;
 * a worker tells what became of it. Neither trusts the other: what is read is checked, sizes,
 * counts, texts and enumerations, as if a stranger had sent it.
 *
 *     control                                   worker
 *        │ ── hello (all workers' addresses) ──► │   after each start of either
 *        │ ◄── known … known, ready ──────────── │   who is here already
 *        │ ── offer, restart ──► ◄── answer ──── │
 *        │ ── close, want, allow, span ────────► │
 *        │ ◄── event, load ───────────────────── │
 */
#ifndef CV_IPC_RELAY_H
#define CV_IPC_RELAY_H

#include "ipc/channel.h"
#include "media/relay.h"

enum cv_ipc_relay_type {
    /* control to worker */
    CV_IPC_RELAY_HELLO = 100,
    CV_IPC_RELAY_OFFER, /* and the SDP behind it */
    CV_IPC_RELAY_CLOSE,
    CV_IPC_RELAY_WANT,
    CV_IPC_RELAY_ALLOW,
    CV_IPC_RELAY_SPAN,
    CV_IPC_RELAY_ASK_STATS,
    CV_IPC_RELAY_RESTART,
    /* worker to control */
    CV_IPC_RELAY_KNOWN,
    CV_IPC_RELAY_READY,
    CV_IPC_RELAY_ANSWER, /* and the SDP behind it, whole or a fragment */
    CV_IPC_RELAY_EVENT,
    CV_IPC_RELAY_LOAD, /* every second */
    CV_IPC_RELAY_STATS,
};

/* The media addresses to put into answers, as control knows them (configured or discovered). */
enum { CV_IPC_RELAY_MAX_ADDRESSES = 8 };

struct cv_ipc_relay_hello {
    uint32_t address_count;
    struct cv_addr addresses[CV_IPC_RELAY_MAX_ADDRESSES]; /* with this worker's own port */
    uint32_t tcp;
    struct cv_relay_limits limits;
};

struct cv_ipc_relay_offer {
    uint32_t request; /* comes back in the answer */
    struct cv_relay_peer_config peer;
};

struct cv_ipc_relay_restart {
    uint32_t request;
    struct cv_id participant;
    char ufrag[CV_ICE_MAX_UFRAG_CHARS + 1]; /* the client's */
};

struct cv_ipc_relay_answer {
    uint32_t request;
    uint32_t err;      /* enum cv_err */
    char problem[128]; /* for whoever wrote the client; "" */
};

enum { CV_IPC_RELAY_MAX_WANTS = CV_RELAY_MAX_SLOTS };

struct cv_ipc_relay_want {
    struct cv_id participant;
    uint32_t count;
    struct cv_relay_want items[CV_IPC_RELAY_MAX_WANTS]; /* only `count` of them are sent */
};

struct cv_ipc_relay_allow {
    struct cv_id participant;
    uint32_t audio, video, screen;
};

struct cv_ipc_relay_span {
    struct cv_id meeting;
    uint64_t workers;
};

/* What a worker and the kernel did for each other, since it was started. */
struct cv_ipc_relay_io {
    uint64_t datagrams_in;
    uint64_t datagrams_out;
    uint64_t runs;      /* messages to the kernel for them: a run of equal-sized ones is one */
    uint64_t sends;     /* system calls for those */
    uint64_t oversized; /* came, and were dropped */
    uint64_t unsent;    /* the kernel had no room, or no way there */
    uint64_t split;     /* runs that had to leave as single datagrams */
    uint64_t tcp_accepted;
    uint64_t tcp_refused;
    uint64_t tcp_ended;   /* by us: silent, slow or malformed */
    uint64_t tcp_dropped; /* datagrams for a connection that was slow or gone */
    uint64_t tcp_now;
    uint64_t bridge_in; /* records of other workers */
    uint64_t bridge_out;
    uint64_t bridge_dropped; /* for want of room */
    uint64_t bridge_bad;     /* malformed */
};

struct cv_ipc_relay_load {
    uint32_t permille; /* of its core, over the last second */
    struct cv_relay_counters counters;
    struct cv_ipc_relay_io io;
};

struct cv_ipc_relay_stats {
    struct cv_id participant;
    struct cv_relay_stats stats;
};

/* Any of the messages. */
struct cv_ipc_relay_message {
    enum cv_ipc_relay_type type;
    union {
        struct cv_ipc_relay_hello hello;
        struct cv_ipc_relay_offer offer;
        struct cv_ipc_relay_restart restart;
        struct cv_ipc_relay_want want;
        struct cv_ipc_relay_allow allow;
        struct cv_ipc_relay_span span;
        struct cv_relay_known known;
        struct cv_ipc_relay_answer answer;
        struct cv_relay_event event;
        struct cv_ipc_relay_load load;
        struct cv_ipc_relay_stats stats;
        struct cv_id participant; /* close, ask_stats */
    };
    struct cv_slice sdp; /* offer, answer: borrowed */
};

/* An empty one: the padding is zeroed too, so that it carries nothing of ours to the other end. */
void cv_ipc_relay_init(struct cv_ipc_relay_message *message, enum cv_ipc_relay_type type);

/* As cv_ipc_send. */
enum cv_err cv_ipc_relay_send(int fd, const struct cv_ipc_relay_message *message);

enum cv_ipc_relay_side { CV_IPC_RELAY_CONTROL, CV_IPC_RELAY_WORKER };

/*
 * Reads what the side `from` sent, and checks all of it: afterwards texts end, counts are in their
 * bounds, enumerations and bools have a value of theirs. The SDP lies in the message. CV_ERR_TYPE:
 * that side says no such thing; CV_ERR_SYNTAX, CV_ERR_RANGE.
 */
enum cv_err cv_ipc_relay_read(const struct cv_ipc_message *message, enum cv_ipc_relay_side from,
                              struct cv_ipc_relay_message *ret_message);

#endif
