/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probing: finding out how much more a path can carry without filling it for long. A *cluster* is
 * a few packets that are sent at a multiple of the present rate for some 15 ms; how fast they
 * arrive tells what the path carries (Google Congestion Control as browsers do it; no RFC has it).
 *
 * Clusters are sent at the start (three and six times the start rate), while more is wanted than
 * there is room for every few seconds, sooner after a drop, and twice as fast again each time that
 * one shows that there is room.
 *
 * This is the plan and the evaluation; media/bwe.h owns one and makes an estimate of the results.
 */
#ifndef CV_MEDIA_PROBE_H
#define CV_MEDIA_PROBE_H

#include "base/time.h"

enum {
    CV_PROBE_CLUSTERS = 2, /* underway at a time */
    CV_PROBE_MIN_PACKETS = 5,
    CV_PROBE_LEAST_US = 15000, /* of sending */
};

/* Zero-initialised: none. */
struct cv_probe_cluster {
    enum { CV_PROBE_IDLE, CV_PROBE_WAITING, CV_PROBE_SENDING, CV_PROBE_SENT } state;
    int64_t rate_bps;
    size_t min_bytes;
    /* As sent */
    uint16_t first_sequence;
    uint16_t packets;
    size_t bytes;
    size_t last_bytes; /* of the last packet */
    int64_t first_sent_us, last_sent_us;
    /* As arrived */
    uint16_t arrived_packets;
    size_t arrived_bytes, first_arrived_bytes;
    int64_t first_arrival_us, last_arrival_us;
};

struct cv_probe {
    struct cv_probe_cluster clusters[CV_PROBE_CLUSTERS];
    int64_t next_at_us;  /* when to probe next, if more is wanted */
    int64_t asked_at_us; /* the last time that something was due */
};

/* Plans the first clusters. */
void cv_probe_init(struct cv_probe *probe, int64_t start_bps, int64_t max_bps, int64_t now_us);

/* Plans a cluster if it is time for one: `target_bps` is what may be sent, `wanted_bps` what would.
 */
void cv_probe_plan(struct cv_probe *probe, int64_t target_bps, int64_t wanted_bps, int64_t now_us);

/* The rate had to be lowered: what was planned is off; the next probe is soon. */
void cv_probe_dropped(struct cv_probe *probe, int64_t now_us);

/* What the cluster that is being sent wants to have sent now; 0: nothing. Asking starts it. */
size_t cv_probe_due_bytes(struct cv_probe *probe, int64_t now_us);
/* When to ask again: at most every millisecond, CV_TIME_NEVER: nothing is planned. */
int64_t cv_probe_deadline(const struct cv_probe *probe);

/* Every packet that is sent, in order; those during a cluster belong to it. */
void cv_probe_packet_sent(struct cv_probe *probe, uint16_t sequence, size_t bytes, int64_t now_us);

/* A packet arrived. True: it belonged to a cluster. */
bool cv_probe_packet_arrived(struct cv_probe *probe, uint16_t sequence, size_t bytes,
                             int64_t arrival_us);

/*
 * Evaluates what feedback told, to be called at the end of each: true when a cluster shows what
 * the path carries. Where that is nearly the rate of the cluster, twice as much is probed next.
 */
bool cv_probe_result(struct cv_probe *probe, int64_t wanted_bps, int64_t now_us, int64_t *ret_bps);

#endif
