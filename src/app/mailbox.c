/* SPDX-License-Identifier: Apache-2.0 */
#include "app/mailbox.h"

static void on_post(struct cv_post *post) {
    cv_mailbox_deliver(CV_CONTAINER_OF(post, struct cv_mailbox, post));
}

void cv_mailbox_init(struct cv_mailbox *mailbox, struct cv_loop *loop) {
    mailbox->loop = loop;
    mailbox->post.call = on_post;
    cv_list_init(&mailbox->answers);
    pthread_mutex_init(&mailbox->mutex, NULL);
}

static void post(void *context, struct cv_store_answer *answer) {
    struct cv_mailbox *mailbox = context;
    pthread_mutex_lock(&mailbox->mutex);
    bool first = cv_list_empty(&mailbox->answers);
    cv_list_append(&mailbox->answers, &answer->queue_item);
    if (first) { /* under the lock: nothing may be posted twice at a time */
        cv_loop_post(mailbox->loop, &mailbox->post);
    }
    pthread_mutex_unlock(&mailbox->mutex);
}

struct cv_store_poster cv_mailbox_poster(struct cv_mailbox *mailbox) {
    return (struct cv_store_poster){.post = post, .context = mailbox};
}

void cv_mailbox_deliver(struct cv_mailbox *mailbox) {
    struct cv_list answers;
    if (!mailbox->loop) {
        return;
    }
    cv_list_init(&answers);
    pthread_mutex_lock(&mailbox->mutex);
    while (!cv_list_empty(&mailbox->answers)) {
        struct cv_list *item = mailbox->answers.next;
        cv_list_remove(item);
        cv_list_append(&answers, item);
    }
    pthread_mutex_unlock(&mailbox->mutex);
    while (!cv_list_empty(&answers)) {
        struct cv_list *item = answers.next;
        cv_list_remove(item);
        cv_store_deliver(CV_CONTAINER_OF(item, struct cv_store_answer, queue_item));
    }
}
