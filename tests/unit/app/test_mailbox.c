/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "app/mailbox.h"

enum { ANSWERS = 20000 };

static struct cv_store_answer answers[ANSWERS];
static size_t delivered;
static struct cv_loop *loop;

static void done(void *context, const struct cv_store_answer *answer) {
    (void)context;
    assert_ptr_equal(answer, &answers[delivered]); /* in their order */
    if (++delivered == ANSWERS) {
        cv_loop_stop(loop);
    }
}

static void release(struct cv_store_answer *answer) {
    answer->release = NULL;
}

static void *post_all(void *context) {
    struct cv_store_poster poster = cv_mailbox_poster(context);
    for (size_t i = 0; i < ANSWERS; i++) {
        poster.post(poster.context, &answers[i]);
    }
    return NULL;
}

static void prepare(void) {
    delivered = 0;
    for (size_t i = 0; i < ANSWERS; i++) {
        answers[i] = (struct cv_store_answer){.done = done, .release = release};
    }
}

static void test_from_another_thread(void **state) {
    static struct cv_mailbox mailbox;
    pthread_t thread;
    (void)state;
    prepare();
    assert_int_equal(cv_loop_new(&loop), CV_OK);
    cv_mailbox_init(&mailbox, loop);
    assert_int_equal(pthread_create(&thread, NULL, post_all, &mailbox), 0);
    assert_int_equal(cv_loop_run(loop), CV_OK);
    pthread_join(thread, NULL);
    assert_int_equal(delivered, ANSWERS);
    for (size_t i = 0; i < ANSWERS; i++) {
        assert_null(answers[i].release);
    }
    cv_loop_free(loop);
}

static void test_after_the_loop(void **state) {
    static struct cv_mailbox mailbox;
    static struct cv_mailbox zeroed;
    (void)state;
    prepare();
    assert_int_equal(cv_loop_new(&loop), CV_OK);
    cv_mailbox_init(&mailbox, loop);
    cv_mailbox_deliver(&mailbox);
    post_all(&mailbox);
    cv_mailbox_deliver(&mailbox);
    assert_int_equal(delivered, ANSWERS);
    cv_mailbox_deliver(&zeroed);
    cv_loop_free(loop);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_from_another_thread),
        cmocka_unit_test(test_after_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
