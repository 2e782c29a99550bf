/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bandwidth estimator, by its feedback: whatever a receiver claims, the target stays within
 * its bounds and a probe is bounded. A byte of the input says what happens: packets are sent,
 * time goes by, or the next bytes are the control information of a feedback packet.
 */
#include "media/bwe.h"

#include <assert.h>

enum { MIN_BPS = 30000, MAX_BPS = 5000000, MAX_PROBE_PACKETS = 200, MAX_STEPS = 4096 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void send_packets(struct cv_bwe *bwe, unsigned count, uint16_t *sequence, int64_t now_us) {
    for (unsigned i = 0; i < count; i++)
        cv_bwe_sent(bwe, (*sequence)++, 1200, now_us);
    unsigned probes = 0;
    while (cv_bwe_probe_bytes(bwe, now_us) > 0) {
        cv_bwe_sent(bwe, (*sequence)++, 1200, now_us);
        assert(++probes < MAX_PROBE_PACKETS);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    const struct cv_bwe_config config = {300000, MIN_BPS, MAX_BPS};
    int64_t now_us = CV_US_PER_S;
    uint16_t sequence = 0;
    struct cv_bwe *bwe = cv_bwe_new(&config, now_us);
    assert(bwe);
    for (size_t at = 0, steps = 0; at < size && steps < MAX_STEPS; steps++) {
        uint8_t what = data[at++];
        size_t left = size - at, taken = what & 63;
        if (what < 64) {
            send_packets(bwe, what, &sequence, now_us);
        } else if (what < 128) {
            now_us += (what & 63) * INT64_C(4000);
        } else if (what < 192) {
            cv_bwe_set_wanted(bwe, (what & 63) * INT64_C(100000));
        } else {
            taken = taken < left ? taken : left;
            (void)cv_bwe_feedback(bwe, cv_slice_of(data + at, taken), now_us);
            at += taken;
        }
        int64_t target_bps = cv_bwe_target_bps(bwe);
        assert(target_bps >= MIN_BPS && target_bps <= MAX_BPS);
        assert(cv_bwe_loss_permille(bwe) >= 0 && cv_bwe_loss_permille(bwe) <= 1000);
    }
    cv_bwe_free(bwe);
    return 0;
}
