/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The media workers as control sees them: a channel to each (ipc/relay.h), what each of them says
 * of its load, offers that wait for their answers, and on which of them a peer is best placed.
 * What a worker says was checked by ipc/relay.c for its form; whether it may say that of this
 * participant is for whoever gets it to check.
 *
 *     absent ──attach──► greeted ──ready──► ready ──channel closed──► absent
 */
#ifndef CV_APP_WORKERS_H
#define CV_APP_WORKERS_H

#include "app/handover.h"
#include "io/loop.h"
#include "ipc/relay.h"

#define CV_WORKERS_ANSWER_US (5 * CV_US_PER_S)

/* A worker with more than one of these gets nobody who could be elsewhere. */
enum { CV_WORKERS_LOADED_PERMILLE = 600, CV_WORKERS_LOADED_PEERS = 150 };

struct cv_workers_handlers {
    void *context;
    /* It is there already: from before control was started again. */
    void (*known)(void *context, unsigned worker, const struct cv_relay_known *known);
    void (*event)(void *context, unsigned worker, const struct cv_relay_event *event);
    void (*stats)(void *context, unsigned worker, const struct cv_ipc_relay_stats *stats);
    /* It is gone, with all its peers; offers to it were answered before. */
    void (*gone)(void *context, unsigned worker);
    /* All that are there are ready: spans that weren't taken may be told now. */
    void (*ready)(void *context);
};

/* What control has configured; borrowed for as long as the workers live, and may change. */
struct cv_workers_settings {
    struct cv_addr addresses[CV_IPC_RELAY_MAX_ADDRESSES]; /* best first; without port */
    size_t address_count;
    struct cv_relay_limits limits;
};

struct cv_workers;

enum cv_err cv_workers_new(struct cv_loop *loop, const struct cv_workers_settings *settings,
                           struct cv_workers **ret_workers);
/* Closes the channels; offers that wait are answered with CV_ERR_CLOSED. Takes NULL. */
struct cv_workers *cv_workers_free(struct cv_workers *workers);
/* Before the first worker is greeted. */
void cv_workers_set_handlers(struct cv_workers *workers,
                             const struct cv_workers_handlers *handlers);

/*
 * Takes over a channel to the worker of that number, in place of one that was there. It is greeted
 * at once, or when cv_workers_start is called: until then nobody could be told who is known.
 */
void cv_workers_attach(struct cv_workers *workers, const struct cv_handover_worker *worker, int fd);
void cv_workers_start(struct cv_workers *workers);

/*
 * The worker for another peer of a meeting that is on those of the bits `on`: one of them, the
 * least first, while it isn't loaded; else the one with the least load. Those of `tried` are left
 * out. -1: none.
 */
int cv_workers_choose(const struct cv_workers *workers, uint64_t on, uint64_t tried);

/*
 * Called exactly once, perhaps before cv_workers_offer returns. CV_OK with the answer; what
 * cv_relay_offer says with the problem; CV_ERR_CLOSED and CV_ERR_TIMEOUT when no answer will come.
 */
typedef void cv_workers_answer_fn(void *context, enum cv_err err, const char *problem,
                                  struct cv_slice sdp);
void cv_workers_offer(struct cv_workers *workers, unsigned worker,
                      const struct cv_relay_peer_config *peer, struct cv_slice sdp,
                      cv_workers_answer_fn *done, void *context);

/* Asks it to restart the ICE of somebody's connection, as cv_relay_restart; answered likewise. */
void cv_workers_restart(struct cv_workers *workers, unsigned worker,
                        const struct cv_id *participant, struct cv_slice remote_ufrag,
                        cv_workers_answer_fn *done, void *context);

/* Whether all that are there are, and so have said whom they know. */
bool cv_workers_are_ready(const struct cv_workers *workers);

/*
 * Any other message; it is lost when the worker is. Who is known already may be spoken of before
 * the worker is ready; but spans follow from all who are known, so they stay as they were until all
 * workers have said whom they know. Whether it was taken: no span is before that, and nothing for a
 * worker that isn't there.
 */
bool cv_workers_tell(struct cv_workers *workers, unsigned worker,
                     const struct cv_ipc_relay_message *message);

/* For /metrics, status and health. */
struct cv_workers_status {
    bool ready;
    uint16_t port;
    bool tcp;
    uint32_t permille;
    struct cv_relay_counters counters; /* as it told last */
    struct cv_ipc_relay_io io;
    uint64_t starts;    /* how often it was attached */
    uint64_t hung;      /* how often the supervisor killed it because it hung */
    uint64_t malformed; /* messages of it that were refused */
};
/* How many numbers are in use: 0 … count - 1. */
unsigned cv_workers_count(const struct cv_workers *workers);
void cv_workers_status(const struct cv_workers *workers, unsigned worker,
                       struct cv_workers_status *ret_status);

#endif
