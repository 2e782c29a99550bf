/* SPDX-License-Identifier: Apache-2.0 */
#include "media/probe.h"

enum {
    INTERVAL_US = 4000000,     /* between probes while more is wanted */
    AFTER_DROP_US = 2000000,   /* to the first after a drop */
    ASK_US = 1000,             /* between calls when nothing could be sent */
    SEND_LIMIT_US = 200000,    /* what isn't sent by then is no burst */
    RESULT_LIMIT_US = 1000000, /* feedback that comes later says nothing */
    ENOUGH_PERCENT = 80,       /* of the packets and bytes of a cluster have to arrive */
    MAX_RATIO = 2,             /* arrivals this much faster than sent were held back on the way */
    PERIODIC_FACTOR = 2,
    FURTHER_FACTOR = 2,
};

static const double saturated = 0.9;    /* arrives slower than this part of what was sent */
static const double utilisation = 0.95; /* what to use of a saturated path */
static const double far_enough = 0.7;   /* of the probed rate: there may be still more room */

static struct cv_probe_cluster *find(struct cv_probe *probe, int state) {
    for (size_t i = 0; i < CV_PROBE_CLUSTERS; i++)
        if ((int)probe->clusters[i].state == state)
            return &probe->clusters[i];
    return NULL;
}

static void plan(struct cv_probe *probe, int64_t rate_bps) {
    struct cv_probe_cluster *cluster = find(probe, CV_PROBE_IDLE);
    if (!cluster)
        return;
    *cluster = (struct cv_probe_cluster){
        .state = CV_PROBE_WAITING,
        .rate_bps = rate_bps,
        .min_bytes = (size_t)(rate_bps / 8 * CV_PROBE_LEAST_US / CV_US_PER_S),
    };
}

void cv_probe_init(struct cv_probe *probe, int64_t start_bps, int64_t max_bps, int64_t now_us) {
    *probe = (struct cv_probe){.next_at_us = now_us + INTERVAL_US};
    for (int64_t factor = 3; factor <= 6; factor += 3)
        if (factor * start_bps <= max_bps)
            plan(probe, factor * start_bps);
}

static bool is_underway(const struct cv_probe *probe) {
    for (size_t i = 0; i < CV_PROBE_CLUSTERS; i++)
        if (probe->clusters[i].state != CV_PROBE_IDLE)
            return true;
    return false;
}

/* Clusters that could not be sent, or of which nothing is heard, are over. */
static void expire(struct cv_probe *probe, int64_t now_us) {
    for (size_t i = 0; i < CV_PROBE_CLUSTERS; i++) {
        struct cv_probe_cluster *cluster = &probe->clusters[i];
        if ((cluster->state == CV_PROBE_SENDING &&
             now_us - cluster->first_sent_us > SEND_LIMIT_US) ||
            (cluster->state == CV_PROBE_SENT && now_us - cluster->last_sent_us > RESULT_LIMIT_US))
            cluster->state = CV_PROBE_IDLE;
    }
}

void cv_probe_plan(struct cv_probe *probe, int64_t target_bps, int64_t wanted_bps, int64_t now_us) {
    expire(probe, now_us);
    if (now_us < probe->next_at_us || is_underway(probe) || wanted_bps <= target_bps)
        return;
    int64_t rate_bps = PERIODIC_FACTOR * target_bps;
    plan(probe, rate_bps < wanted_bps ? rate_bps : wanted_bps);
    probe->next_at_us = now_us + INTERVAL_US;
}

void cv_probe_dropped(struct cv_probe *probe, int64_t now_us) {
    memset(probe->clusters, 0, sizeof probe->clusters);
    probe->next_at_us = now_us + AFTER_DROP_US;
}

/* What is to be sent by now of this cluster. */
static int64_t scheduled_bytes(const struct cv_probe_cluster *cluster, int64_t now_us) {
    return (now_us - cluster->first_sent_us) * cluster->rate_bps / 8 / CV_US_PER_S;
}

size_t cv_probe_due_bytes(struct cv_probe *probe, int64_t now_us) {
    expire(probe, now_us);
    struct cv_probe_cluster *cluster = find(probe, CV_PROBE_SENDING);
    if (!cluster) {
        cluster = find(probe, CV_PROBE_WAITING);
        if (!cluster)
            return 0;
        cluster->state = CV_PROBE_SENDING;
        cluster->first_sent_us = now_us;
    }
    int64_t due_bytes = scheduled_bytes(cluster, now_us) - (int64_t)cluster->bytes;
    if (due_bytes < 0)
        return 0;
    probe->asked_at_us = now_us;
    return (size_t)due_bytes + 1;
}

int64_t cv_probe_deadline(const struct cv_probe *probe) {
    int64_t due_us = CV_TIME_NEVER;
    const struct cv_probe_cluster *sending = NULL;
    for (size_t i = 0; i < CV_PROBE_CLUSTERS; i++) {
        if (probe->clusters[i].state == CV_PROBE_SENDING)
            sending = &probe->clusters[i];
        if (probe->clusters[i].state == CV_PROBE_WAITING)
            due_us = 0; /* at once, when no other is being sent */
    }
    if (sending)
        due_us = sending->first_sent_us +
                 (int64_t)sending->bytes * 8 * CV_US_PER_S / sending->rate_bps + 1;
    return due_us < probe->asked_at_us + ASK_US ? probe->asked_at_us + ASK_US : due_us;
}

void cv_probe_packet_sent(struct cv_probe *probe, uint16_t sequence, size_t bytes, int64_t now_us) {
    struct cv_probe_cluster *cluster = find(probe, CV_PROBE_SENDING);
    if (!cluster)
        return;
    if (cluster->packets == 0) {
        cluster->first_sequence = sequence;
        cluster->first_sent_us = now_us;
    }
    cluster->packets++;
    cluster->bytes += bytes;
    cluster->last_bytes = bytes;
    cluster->last_sent_us = now_us;
    if (cluster->packets >= CV_PROBE_MIN_PACKETS && cluster->bytes >= cluster->min_bytes)
        cluster->state = CV_PROBE_SENT;
}

bool cv_probe_packet_arrived(struct cv_probe *probe, uint16_t sequence, size_t bytes,
                             int64_t arrival_us) {
    for (size_t i = 0; i < CV_PROBE_CLUSTERS; i++) {
        struct cv_probe_cluster *cluster = &probe->clusters[i];
        if (cluster->state < CV_PROBE_SENDING ||
            (uint16_t)(sequence - cluster->first_sequence) >= cluster->packets)
            continue;
        if (cluster->arrived_packets == 0 || arrival_us < cluster->first_arrival_us) {
            cluster->first_arrival_us = arrival_us;
            cluster->first_arrived_bytes = bytes;
        }
        if (cluster->arrived_packets == 0 || arrival_us > cluster->last_arrival_us)
            cluster->last_arrival_us = arrival_us;
        cluster->arrived_packets++;
        cluster->arrived_bytes += bytes;
        return true;
    }
    return false;
}

static int64_t rate_of(size_t bytes, int64_t time_us) {
    return (int64_t)bytes * 8 * CV_US_PER_S / time_us;
}

/* 0: it tells nothing. */
static int64_t evaluate(const struct cv_probe_cluster *cluster) {
    int64_t sent_us = cluster->last_sent_us - cluster->first_sent_us;
    int64_t arrived_us = cluster->last_arrival_us - cluster->first_arrival_us;
    if (sent_us <= 0 || arrived_us <= 0)
        return 0;
    /* N packets span N - 1 intervals: the last that was sent and the first that came don't count.
     */
    int64_t sent_bps = rate_of(cluster->bytes - cluster->last_bytes, sent_us);
    int64_t arrived_bps =
        rate_of(cluster->arrived_bytes - cluster->first_arrived_bytes, arrived_us);
    if (arrived_bps > MAX_RATIO * sent_bps)
        return 0;
    if ((double)arrived_bps < saturated * (double)sent_bps)
        return (int64_t)(utilisation * (double)arrived_bps);
    return arrived_bps < sent_bps ? arrived_bps : sent_bps;
}

static bool is_answered(const struct cv_probe_cluster *cluster) {
    return cluster->state == CV_PROBE_SENT &&
           cluster->arrived_packets * 100 >= cluster->packets * ENOUGH_PERCENT &&
           cluster->arrived_bytes * 100 >= cluster->bytes * ENOUGH_PERCENT;
}

bool cv_probe_result(struct cv_probe *probe, int64_t wanted_bps, int64_t now_us, int64_t *ret_bps) {
    int64_t best_bps = 0, probed_bps = 0;
    for (size_t i = 0; i < CV_PROBE_CLUSTERS; i++) {
        struct cv_probe_cluster *cluster = &probe->clusters[i];
        if (!is_answered(cluster))
            continue;
        int64_t bps = evaluate(cluster);
        if (bps > best_bps) {
            best_bps = bps;
            probed_bps = cluster->rate_bps;
        }
        cluster->state = CV_PROBE_IDLE;
    }
    if (best_bps == 0)
        return false;
    if ((double)best_bps >= far_enough * (double)probed_bps && probed_bps < wanted_bps &&
        !is_underway(probe)) {
        int64_t rate_bps = FURTHER_FACTOR * probed_bps;
        plan(probe, rate_bps < wanted_bps ? rate_bps : wanted_bps);
        probe->next_at_us = now_us + INTERVAL_US;
    }
    *ret_bps = best_bps;
    return true;
}
