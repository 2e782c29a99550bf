/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deletes what has had its time: once after the start and then every few minutes. Call data records
 * go after records.keep_days, and the oldest ones sooner when the disk runs low.
 */
#ifndef CV_APP_RETENTION_H
#define CV_APP_RETENTION_H

#include "io/loop.h"
#include "port/store.h"

#define CV_RETENTION_EVERY_US (5 * CV_US_PER_MIN)

struct cv_retention_settings {
    int64_t record_keep_us;
    uint64_t disk_floor_bytes; /* 0: none */
};

struct cv_retention {
    struct cv_loop *loop;
    struct cv_store *store;
    const struct cv_retention_settings *settings; /* read at each round */
    struct cv_timer timer;
    uint64_t deleted; /* records, since the start */
    bool low;         /* the disk is below its floor */
};

void cv_retention_start(struct cv_retention *retention, struct cv_loop *loop,
                        struct cv_store *store, const struct cv_retention_settings *settings);
/* A record is complete: where none are kept, it goes at once. */
void cv_retention_record_done(struct cv_retention *retention);
void cv_retention_stop(struct cv_retention *retention);

#endif
