/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Send-side bandwidth estimation for one peer: Google Congestion Control (draft-ietf-rmcat-gcc-02,
 * with the trend line in the place of its Kalman filter) over transport-wide feedback. Two
 * controllers, and the lower one counts: by delay, which backs off when queues begin to grow, and
 * by loss, for links whose queues are too short to see.
 *
 * From what is sent anyway it finds new room at the pace of its increase (8 % a second). To find it
 * at once it *probes* (media/probe.h): it asks for short bursts of packets, waiting media or
 * padding, at a multiple of the rate. What else to send is decided elsewhere.
 */
#ifndef CV_MEDIA_BWE_H
#define CV_MEDIA_BWE_H

#include "base/time.h"
#include "media/twcc.h"

enum { CV_BWE_HISTORY = 1024 }; /* packets in flight that are remembered; a power of two */

struct cv_bwe_config {
    int64_t start_bps;
    int64_t min_bps;
    int64_t max_bps;
};

struct cv_bwe;

/* NULL without memory. All times are monotonic. */
struct cv_bwe *cv_bwe_new(const struct cv_bwe_config *config, int64_t now_us);
struct cv_bwe *cv_bwe_free(struct cv_bwe *bwe);

/* A packet of this number will go out soon; see base/prefetch.h. */
void cv_bwe_prefetch(const struct cv_bwe *bwe, uint16_t sequence);

/* A packet went out under this transport-wide sequence number; they are given in order. */
void cv_bwe_sent(struct cv_bwe *bwe, uint16_t sequence, size_t bytes, int64_t now_us);

/*
 * The control information of a transport-wide feedback packet came. Statuses of packets that are
 * not remembered, or were reported before, are skipped. Errors as of cv_twcc_read.
 */
enum cv_err cv_bwe_feedback(struct cv_bwe *bwe, struct cv_slice control, int64_t now_us);

/*
 * How much would be sent if there were room (the maximum until this is called): above it nothing is
 * probed for.
 */
void cv_bwe_set_wanted(struct cv_bwe *bwe, int64_t wanted_bps);

/*
 * How many bytes are to go now, past what a pacer allows, for the sake of a probe: media that waits
 * first, then padding, in packets of any size. They are told of with cv_bwe_sent like all others;
 * ask again until it is 0.
 */
size_t cv_bwe_probe_bytes(struct cv_bwe *bwe, int64_t now_us);
/* When to ask for it again; CV_TIME_NEVER: not before the next feedback. */
int64_t cv_bwe_deadline(const struct cv_bwe *bwe);

/* How much may be sent, all overhead that cv_bwe_sent was told of included. */
int64_t cv_bwe_target_bps(const struct cv_bwe *bwe);

/* Of the last reports, in thousandths. */
int cv_bwe_loss_permille(const struct cv_bwe *bwe);

#endif
