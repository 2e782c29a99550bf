/* SPDX-License-Identifier: Apache-2.0 */
#include "app/retention.h"

#include "base/log.h"

#include <sys/statvfs.h>

enum { TRIM_AT_ONCE = 50 };

/* Free bytes where the working directory (the data folder) is; UINT64_MAX when that is unknown. */
static uint64_t free_bytes(void) {
    struct statvfs fs;
    return statvfs(".", &fs) < 0 ? UINT64_MAX : (uint64_t)fs.f_bavail * fs.f_frsize;
}

static void trim(struct cv_retention *retention);

static void on_trimmed(void *context, const struct cv_store_answer *answer) {
    struct cv_retention *retention = context;
    if (answer->err) {
        CV_LOG(CV_LOG_WARNING, "no room is made on the disk",
               CV_LOG_TEXT("reason", cv_err_name(answer->err)));
        return;
    }
    int64_t count = answer->results[0].count;
    retention->deleted += (uint64_t)count;
    CV_LOG(CV_LOG_WARNING, "the disk runs low: the oldest call data records were deleted",
           CV_LOG_NUMBER("count", count));
    if (count > 0) {
        trim(retention);
    }
}

static void trim(struct cv_retention *retention) {
    retention->low = retention->settings->disk_floor_bytes &&
                     free_bytes() < retention->settings->disk_floor_bytes;
    if (retention->low) {
        const struct cv_store_op op = {.kind = CV_STORE_RECORD_TRIM,
                                       .record_trim = {.count = TRIM_AT_ONCE}};
        cv_store_submit(retention->store, &op, 1, on_trimmed, retention);
    }
}

static void on_purged(void *context, const struct cv_store_answer *answer) {
    struct cv_retention *retention = context;
    if (answer->err) {
        CV_LOG(CV_LOG_WARNING, "what has had its time is not deleted yet",
               CV_LOG_TEXT("reason", cv_err_name(answer->err)),
               CV_LOG_TEXT("detail", answer->message));
        return;
    }
    retention->deleted += (uint64_t)answer->results[0].count;
    trim(retention);
}

static void on_timer(struct cv_timer *timer) {
    struct cv_retention *retention = CV_CONTAINER_OF(timer, struct cv_retention, timer);
    int64_t now_us = cv_loop_wall_us(retention->loop);
    const struct cv_store_op ops[] = {
        {.kind = CV_STORE_RECORD_PURGE,
         .record_purge = {.before_us = now_us - retention->settings->record_keep_us}},
        {.kind = CV_STORE_MEETING_PURGE, .meeting_purge = {.now_us = now_us}},
        {.kind = CV_STORE_EXPIRE, .expire = {.now_us = now_us}},
    };
    cv_store_submit(retention->store, ops, 3, on_purged, retention);
    cv_loop_timer_set(retention->loop, timer,
                      cv_loop_now_us(retention->loop) + CV_RETENTION_EVERY_US);
}

void cv_retention_start(struct cv_retention *retention, struct cv_loop *loop,
                        struct cv_store *store, const struct cv_retention_settings *settings) {
    *retention = (struct cv_retention){
        .loop = loop, .store = store, .settings = settings, .timer = {.call = on_timer}};
    cv_loop_timer_set(loop, &retention->timer, cv_loop_now_us(loop));
}

void cv_retention_record_done(struct cv_retention *retention) {
    if (retention->settings && retention->settings->record_keep_us == 0) {
        cv_loop_timer_set(retention->loop, &retention->timer, cv_loop_now_us(retention->loop));
    }
}

void cv_retention_stop(struct cv_retention *retention) {
    cv_loop_timer_cancel(retention->loop, &retention->timer);
}
