/* SPDX-License-Identifier: Apache-2.0 */
#include "media/bwe.h"

#include "base/prefetch.h"
#include "media/bwe_delay.h"
#include "media/bwe_queue.h"
#include "media/bwe_rate.h"
#include "media/probe.h"

#include <stdlib.h>

enum {
    /* A loss rate is made of so many packets and so long: of 20, three lost mean nothing. */
    LOSS_WINDOW_PACKETS = 50,
    LOSS_WINDOW_US = 1000000,
    HIGH_LOSS_PERMILLE = 100, /* draft-ietf-rmcat-gcc-02 section 6 */
    LOW_LOSS_PERMILLE = 20,
    MIN_RESPONSE_US = 100000,
    PACKET_BITS = 1200 * 8,
    QUEUE_US = 5000,       /* shorter ones are bursts that look like a queue growing */
    FULL_QUEUE_US = 20000, /* where packets are lost besides */
    LONG_QUEUE_US = 100000,
};

static const double backoff = 0.85;      /* section 5.5, beta */
static const double growth_per_s = 0.08; /* eta, far from where it got tight before */
static const double headroom = 1.5;      /* never far above what arrives */
static const double near_capacity = 3.0; /* standard deviations */
static const double drain = 0.75;        /* of the estimate, until a long queue is gone */

/* Six bytes a packet: every peer has a thousand of them. */
enum { SIZE_BITS = 10, SIZE_UNIT = 2, MAX_SIZE = ((1 << SIZE_BITS) - 1) * SIZE_UNIT };
struct history {
    uint32_t sent_us[CV_BWE_HISTORY]; /* modulo 2^32 */
    uint16_t tagged[CV_BWE_HISTORY];  /* size in units, and the number's bits over the index */
};
_Static_assert(CV_BWE_HISTORY << (16 - SIZE_BITS) == 65536, "index and tag make a number");

/* Section 5.5: what the delay controller is about to do. */
enum rate_state { HOLD, INCREASE, DECREASE };

struct cv_bwe {
    /* What every packet touches. */
    struct cv_bwe_config config;
    int64_t wanted_bps;
    double delay_bps;
    double loss_bps;
    struct cv_bwe_queue queue;
    struct cv_probe probe;
    struct history history; /* rings by sequence number */
    struct cv_bwe_delay delay;
    enum rate_state state;
    double capacity_bps; /* mean of the arrival rates at which queues grew; 0: unknown */
    double capacity_variance;
    int64_t updated_at_us;
    struct cv_bwe_rate arrivals;
    int64_t acknowledged_bps;
    /* Loss */
    uint32_t window_received, window_lost;
    int64_t window_start_us;
    int loss_permille;
    int64_t round_trip_us;
};

static double clamp(const struct cv_bwe *bwe, double bps) {
    if (bps < (double)bwe->config.min_bps)
        return (double)bwe->config.min_bps;
    return bps > (double)bwe->config.max_bps ? (double)bwe->config.max_bps : bps;
}

struct cv_bwe *cv_bwe_new(const struct cv_bwe_config *config, int64_t now_us) {
    struct cv_bwe *bwe = calloc(1, sizeof *bwe);
    if (!bwe)
        return NULL;
    bwe->config = *config;
    bwe->delay_bps = bwe->loss_bps = clamp(bwe, (double)config->start_bps);
    bwe->updated_at_us = bwe->window_start_us = now_us;
    bwe->wanted_bps = config->max_bps;
    cv_probe_init(&bwe->probe, config->start_bps, config->max_bps, now_us);
    return bwe;
}

struct cv_bwe *cv_bwe_free(struct cv_bwe *bwe) {
    free(bwe);
    return NULL;
}

void cv_bwe_prefetch(const struct cv_bwe *bwe, uint16_t sequence) {
    cv_prefetch(bwe, offsetof(struct cv_bwe, history));
    cv_prefetch(&bwe->history.sent_us[sequence % CV_BWE_HISTORY], 1);
    cv_prefetch(&bwe->history.tagged[sequence % CV_BWE_HISTORY], 1);
}

void cv_bwe_sent(struct cv_bwe *bwe, uint16_t sequence, size_t bytes, int64_t now_us) {
    size_t index = sequence % CV_BWE_HISTORY;
    size_t units = (bytes < MAX_SIZE ? bytes + SIZE_UNIT - 1 : MAX_SIZE) / SIZE_UNIT;
    bwe->history.sent_us[index] = (uint32_t)now_us;
    bwe->history.tagged[index] = (uint16_t)(sequence / CV_BWE_HISTORY << SIZE_BITS | units);
    cv_probe_packet_sent(&bwe->probe, sequence, bytes, now_us);
}

/* Takes a packet out of the history; false when it isn't there. */
static bool recall(struct cv_bwe *bwe, uint16_t sequence, int64_t now_us, int64_t *ret_sent_us,
                   uint32_t *ret_bytes) {
    size_t index = sequence % CV_BWE_HISTORY;
    uint16_t tagged = bwe->history.tagged[index];
    uint32_t units = tagged & ((1 << SIZE_BITS) - 1);
    if (units == 0 || tagged >> SIZE_BITS != sequence / CV_BWE_HISTORY)
        return false;
    bwe->history.tagged[index] = 0;
    *ret_sent_us = now_us - (int64_t)((uint32_t)now_us - bwe->history.sent_us[index]);
    *ret_bytes = units * SIZE_UNIT;
    return true;
}

void cv_bwe_set_wanted(struct cv_bwe *bwe, int64_t wanted_bps) {
    bwe->wanted_bps = wanted_bps < bwe->config.max_bps ? wanted_bps : bwe->config.max_bps;
}

static bool wants_more(const struct cv_bwe *bwe) {
    return bwe->wanted_bps > cv_bwe_target_bps(bwe);
}

size_t cv_bwe_probe_bytes(struct cv_bwe *bwe, int64_t now_us) {
    return wants_more(bwe) ? cv_probe_due_bytes(&bwe->probe, now_us) : 0;
}

int64_t cv_bwe_deadline(const struct cv_bwe *bwe) {
    return wants_more(bwe) ? cv_probe_deadline(&bwe->probe) : CV_TIME_NEVER;
}

/* Where queues began to grow before is where the next increase should be careful. */
static void learn_capacity(struct cv_bwe *bwe, double bps) {
    if (bwe->capacity_bps <= 0) {
        bwe->capacity_bps = bps;
        bwe->capacity_variance = 0.01 * bps * bps;
        return;
    }
    double error = bps - bwe->capacity_bps;
    bwe->capacity_bps += 0.05 * error;
    bwe->capacity_variance = 0.95 * bwe->capacity_variance + 0.05 * error * error;
}

static bool is_near_capacity(const struct cv_bwe *bwe, double bps) {
    double distance = bps - bwe->capacity_bps;
    return bwe->capacity_bps > 0 &&
           distance * distance < near_capacity * near_capacity * bwe->capacity_variance;
}

static void increase(struct cv_bwe *bwe, double elapsed_s) {
    double acknowledged = (double)bwe->acknowledged_bps, before_bps = bwe->delay_bps;
    if (bwe->capacity_bps > 0 && !is_near_capacity(bwe, acknowledged) &&
        acknowledged > bwe->capacity_bps)
        bwe->capacity_bps = 0; /* there is more room than there was */
    if (is_near_capacity(bwe, acknowledged)) {
        /* Half a packet a response time. */
        double response_s = (double)(MIN_RESPONSE_US + bwe->round_trip_us) / (double)CV_US_PER_S;
        double growth_bps = 0.5 * PACKET_BITS / response_s;
        bwe->delay_bps += (growth_bps > 1000 ? growth_bps : 1000) * elapsed_s;
    } else {
        bwe->delay_bps *= 1 + growth_per_s * elapsed_s;
    }
    double ceiling = headroom * acknowledged + 10000;
    if (acknowledged > 0 && bwe->delay_bps > ceiling)
        bwe->delay_bps = before_bps > ceiling ? before_bps : ceiling;
}

static void decrease(struct cv_bwe *bwe) {
    double acknowledged = (double)bwe->acknowledged_bps;
    double to = backoff * (acknowledged > 0 ? acknowledged : bwe->delay_bps);
    if (bwe->capacity_bps > 0 && !is_near_capacity(bwe, acknowledged) &&
        acknowledged < bwe->capacity_bps)
        bwe->capacity_bps = 0; /* the path has become another one */
    if (acknowledged > 0)
        learn_capacity(bwe, acknowledged);
    if (to < bwe->delay_bps)
        bwe->delay_bps = to;
    cv_probe_dropped(&bwe->probe, bwe->updated_at_us);
}

/* A cluster of packets came through at this rate. */
static void take_probe(struct cv_bwe *bwe, double bps) {
    if (bps <= bwe->delay_bps)
        return;
    bwe->delay_bps = clamp(bwe, bps);
    if (bwe->capacity_bps < bps)
        bwe->capacity_bps = 0;
    if (bwe->loss_bps < bwe->delay_bps)
        bwe->loss_bps = bwe->delay_bps;
}

/* The table of section 5.5: after a decrease the rate is held until queues are empty. */
static void control_by_delay(struct cv_bwe *bwe, int64_t now_us) {
    int64_t elapsed_us = now_us - bwe->updated_at_us;
    bwe->updated_at_us = now_us;
    switch (bwe->delay.usage) {
    case CV_BWE_OVERUSE:
        bwe->state = bwe->queue.standing_us > QUEUE_US ? DECREASE : HOLD;
        break;
    case CV_BWE_UNDERUSE:
        bwe->state = HOLD;
        break;
    case CV_BWE_NORMAL:
        bwe->state = bwe->state == DECREASE ? HOLD : INCREASE;
        break;
    }
    if (elapsed_us > CV_US_PER_S)
        elapsed_us = CV_US_PER_S;
    if (bwe->state == INCREASE)
        increase(bwe, (double)elapsed_us / (double)CV_US_PER_S);
    else if (bwe->state == DECREASE)
        decrease(bwe);
    if (bwe->delay.usage == CV_BWE_OVERUSE)
        bwe->delay.usage = CV_BWE_NORMAL; /* one decrease for each time it is detected */
    bwe->delay_bps = clamp(bwe, bwe->delay_bps);
}

/* Section 6 */
static void control_by_loss(struct cv_bwe *bwe, int64_t now_us) {
    uint32_t total = bwe->window_received + bwe->window_lost;
    int64_t elapsed_us = now_us - bwe->window_start_us;
    if (total < LOSS_WINDOW_PACKETS || elapsed_us < LOSS_WINDOW_US)
        return;
    bwe->loss_permille = (int)((uint64_t)bwe->window_lost * 1000 / total);
    if (bwe->loss_permille > HIGH_LOSS_PERMILLE) {
        double from = bwe->loss_bps < bwe->delay_bps ? bwe->loss_bps : bwe->delay_bps;
        double least = backoff * (double)bwe->acknowledged_bps;
        double to = from * (1 - 0.5 * bwe->loss_permille / 1000);
        if (to < least) /* what was lost had been sent at a rate that is lower already */
            to = from < least ? from : least;
        bwe->loss_bps = to;
        cv_probe_dropped(&bwe->probe, now_us);
    } else if (bwe->loss_permille < LOW_LOSS_PERMILLE) {
        double elapsed_s = (double)(elapsed_us < CV_US_PER_S ? elapsed_us : CV_US_PER_S) / 1e6;
        bwe->loss_bps *= 1 + growth_per_s * elapsed_s;
        if (bwe->loss_bps < bwe->delay_bps)
            bwe->loss_bps += 1000 * elapsed_s;
    } else if (bwe->queue.standing_us > FULL_QUEUE_US) {
        decrease(bwe); /* of a short queue that is full: it grows no more, but it overflows */
    }
    /* It may lead the other, but not so far that it would take long to come back. */
    if (bwe->loss_bps > headroom * bwe->delay_bps)
        bwe->loss_bps = headroom * bwe->delay_bps;
    bwe->loss_bps = clamp(bwe, bwe->loss_bps);
    bwe->window_received = bwe->window_lost = 0;
    bwe->window_start_us = now_us;
}

enum cv_err cv_bwe_feedback(struct cv_bwe *bwe, struct cv_slice control, int64_t now_us) {
    struct cv_twcc_reader reader;
    struct cv_twcc_status status;
    enum cv_err err = cv_twcc_read(control, &reader);
    if (err)
        return err;
    int64_t last_sent_us = 0, sent_us;
    uint32_t bytes;
    while (cv_twcc_next(&reader, &status)) {
        if (!recall(bwe, status.sequence, now_us, &sent_us, &bytes))
            continue;
        if (status.received) {
            bwe->window_received++;
            last_sent_us = sent_us;
            cv_bwe_queue_add(&bwe->queue, sent_us, status.arrival_us);
            cv_bwe_rate_add(&bwe->arrivals, status.arrival_us, bytes);
            /* A probe's burst makes a queue of its own, which says nothing of the rest. */
            if (!cv_probe_packet_arrived(&bwe->probe, status.sequence, bytes, status.arrival_us))
                cv_bwe_delay_add(&bwe->delay, sent_us, status.arrival_us);
        } else {
            bwe->window_lost++;
        }
    }
    if (last_sent_us > 0) {
        int64_t probed_bps;
        bwe->round_trip_us = now_us - last_sent_us;
        cv_bwe_queue_end_report(&bwe->queue, now_us);
        bwe->acknowledged_bps = cv_bwe_rate_bps(&bwe->arrivals);
        control_by_delay(bwe, now_us);
        if (cv_probe_result(&bwe->probe, bwe->wanted_bps, now_us, &probed_bps))
            take_probe(bwe, (double)probed_bps);
    }
    control_by_loss(bwe, now_us);
    cv_probe_plan(&bwe->probe, cv_bwe_target_bps(bwe), bwe->wanted_bps, now_us);
    return CV_OK;
}

int64_t cv_bwe_target_bps(const struct cv_bwe *bwe) {
    double estimate_bps = bwe->delay_bps < bwe->loss_bps ? bwe->delay_bps : bwe->loss_bps;
    bool long_queue = bwe->queue.standing_us > LONG_QUEUE_US;
    return (int64_t)clamp(bwe, long_queue ? drain * estimate_bps : estimate_bps);
}

int cv_bwe_loss_permille(const struct cv_bwe *bwe) {
    return bwe->loss_permille;
}
