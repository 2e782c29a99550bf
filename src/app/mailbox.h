/* SPDX-License-Identifier: Apache-2.0 */
/* The store's answers on their way from its thread to the loop. */
#ifndef CV_APP_MAILBOX_H
#define CV_APP_MAILBOX_H

#include "io/loop.h"
#include "port/store.h"

#include <pthread.h>

struct cv_mailbox {
    struct cv_loop *loop;
    pthread_mutex_t mutex;
    struct cv_list answers; /* only the first of them has to wake the loop */
    struct cv_post post;
};

/* A zeroed mailbox holds nothing; this one lives as long as the loop, at one place. */
void cv_mailbox_init(struct cv_mailbox *mailbox, struct cv_loop *loop);
struct cv_store_poster cv_mailbox_poster(struct cv_mailbox *mailbox);
/* Delivers what is there, on the loop's thread: for the time when the loop turns no more. */
void cv_mailbox_deliver(struct cv_mailbox *mailbox);

#endif
