/* SPDX-License-Identifier: Apache-2.0 */
#include "media/bwe_queue.h"

enum {
    WINDOW_US = 10000000,
    JUMP_US = 10000000, /* no queue is that long: a clock was set, or has wrapped */
};

void cv_bwe_queue_add(struct cv_bwe_queue *queue, int64_t sent_us, int64_t arrival_us) {
    int64_t delay_us = arrival_us - sent_us;
    if (!queue->has_report || delay_us < queue->report_us)
        queue->report_us = delay_us;
    queue->has_report = true;
}

void cv_bwe_queue_end_report(struct cv_bwe_queue *queue, int64_t now_us) {
    if (!queue->has_report)
        return;
    queue->has_report = false;
    int64_t change_us = queue->report_us - queue->shortest_us[0];
    if (queue->windows > 0 && (change_us > JUMP_US || change_us < -JUMP_US))
        queue->windows = 0;
    if (queue->windows == 0 || now_us - queue->since_us >= WINDOW_US) {
        queue->shortest_us[1] = queue->shortest_us[0];
        queue->shortest_us[0] = queue->report_us;
        queue->since_us = now_us;
        if (queue->windows < 2)
            queue->windows++;
    }
    if (queue->report_us < queue->shortest_us[0])
        queue->shortest_us[0] = queue->report_us;
    int64_t shortest_us = queue->shortest_us[0];
    if (queue->windows == 2 && queue->shortest_us[1] < shortest_us)
        shortest_us = queue->shortest_us[1];
    queue->standing_us = queue->report_us - shortest_us;
}
