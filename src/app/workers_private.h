/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of workers.h share: the workers, and what waits for them. */
#ifndef CV_APP_WORKERS_PRIVATE_H
#define CV_APP_WORKERS_PRIVATE_H

#include "app/workers.h"

struct worker {
    struct cv_workers *workers;
    unsigned index;
    struct cv_workers_status status;
    int fd;
    struct cv_watch watch;
    struct cv_list pending; /* offers, oldest first */
    struct cv_list queue;   /* messages, oldest first */
    size_t queue_bytes;
    unsigned placed; /* offers accepted since it told its load last */
};

struct cv_workers {
    struct cv_loop *loop;
    const struct cv_workers_settings *settings;
    struct cv_workers_handlers handlers;
    struct worker items[CV_RELAY_MAX_WORKERS];
    unsigned count;
    uint32_t last_request;
    bool started;
    struct cv_timer timer; /* of answers that don't come */
    struct cv_buf space;
};

/* --- workers.c --- */

/* Its channel is closed, and what waits for an answer gets none; `why` is for the log, or NULL. */
void workers_drop(struct worker *worker, const char *why);

/* --- workers_channel.c --- */

/* In order behind what waits; a worker that doesn't read is dropped. */
void workers_say(struct worker *worker, const struct cv_ipc_relay_message *message);
void workers_send_queue(struct worker *worker);
void workers_clear_queue(struct worker *worker);

/* --- workers_offer.c --- */

void workers_on_answer(struct worker *worker, const struct cv_ipc_relay_message *message);
void workers_on_timer(struct cv_timer *timer);
void workers_finish_all(struct worker *worker, enum cv_err err);

#endif
