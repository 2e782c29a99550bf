/* SPDX-License-Identifier: Apache-2.0 */
#include "media/pacer.h"

enum {
    MIN_RATE_BPS = 50000,
    MIN_LEFT_US = 20000,   /* a queue that is overdue goes in this time */
    MAX_DEBT_US = 1000000, /* however much was sent, nobody waits for longer than this */
};

void cv_pacer_set_target(struct cv_pacer *pacer, int64_t target_bps) {
    pacer->target_bps = target_bps;
    pacer->rate_bps = target_bps * CV_PACER_PERCENT / 100;
    if (pacer->rate_bps < MIN_RATE_BPS)
        pacer->rate_bps = MIN_RATE_BPS;
}

void cv_pacer_init(struct cv_pacer *pacer, int64_t target_bps, int64_t now_us) {
    *pacer = (struct cv_pacer){.drained_at_us = now_us};
    cv_pacer_set_target(pacer, target_bps);
}

/* The rate at which the queue is gone before its oldest packet has waited for too long. */
static void adapt_rate(struct cv_pacer *pacer, int64_t now_us, size_t queued_bytes,
                       int64_t oldest_us) {
    int64_t left_us = CV_PACER_MAX_WAIT_US - (now_us - oldest_us);
    cv_pacer_set_target(pacer, pacer->target_bps);
    if (left_us < MIN_LEFT_US)
        left_us = MIN_LEFT_US;
    int64_t needed_bps = (int64_t)queued_bytes * 8 * CV_US_PER_S / left_us;
    if (queued_bytes > 0 && needed_bps > pacer->rate_bps)
        pacer->rate_bps = needed_bps;
}

static void drain(struct cv_pacer *pacer, int64_t now_us) {
    int64_t elapsed_us = now_us - pacer->drained_at_us;
    if (elapsed_us <= 0)
        return;
    pacer->drained_at_us = now_us;
    if (elapsed_us > MAX_DEBT_US || pacer->debt <= elapsed_us * pacer->rate_bps)
        pacer->debt = 0;
    else
        pacer->debt -= elapsed_us * pacer->rate_bps;
}

bool cv_pacer_may_send(struct cv_pacer *pacer, int64_t now_us, size_t queued_bytes,
                       int64_t oldest_us) {
    adapt_rate(pacer, now_us, queued_bytes, oldest_us);
    drain(pacer, now_us);
    return pacer->debt <= CV_PACER_BURST_US * pacer->rate_bps;
}

void cv_pacer_sent(struct cv_pacer *pacer, int64_t now_us, size_t bytes) {
    drain(pacer, now_us);
    pacer->debt += (int64_t)bytes * 8 * CV_US_PER_S;
    if (pacer->debt > MAX_DEBT_US * pacer->rate_bps)
        pacer->debt = MAX_DEBT_US * pacer->rate_bps;
}

int64_t cv_pacer_deadline(const struct cv_pacer *pacer) {
    int64_t over = pacer->debt - CV_PACER_BURST_US * pacer->rate_bps;
    return over > 0 ? pacer->drained_at_us + over / pacer->rate_bps + 1 : pacer->drained_at_us;
}
