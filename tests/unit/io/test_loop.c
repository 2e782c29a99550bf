/* SPDX-License-Identifier: Apache-2.0 */
#include "io/loop.h"

#include "base/time.h"
#include "io/clock.h"
#include "io/random.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

/* One of everything, and a log of the calls. */
struct rig {
    struct cv_loop *loop;
    struct cv_watch watches[2];
    struct cv_timer timers[3];
    struct cv_deferred deferred[2];
    struct cv_post posts[2];
    int pipes[2][2];
    char log[64];
};

static struct rig rig;

static void note(const char *name) {
    assert_true(strlen(rig.log) + strlen(name) < sizeof rig.log);
    strcat(rig.log, name);
}

static int setup(void **state) {
    memset(&rig, 0, sizeof rig);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(pipe(rig.pipes[i]), 0);
    return cv_loop_new(&rig.loop);
}

static int teardown(void **state) {
    for (size_t i = 0; i < 2; i++) {
        close(rig.pipes[i][0]);
        close(rig.pipes[i][1]);
    }
    rig.loop = cv_loop_free(rig.loop);
    return 0;
}

static void on_timer(struct cv_timer *timer) {
    const char name[] = {(char)('a' + (timer - rig.timers)), 0};
    note(name);
    if (timer == &rig.timers[2])
        cv_loop_stop(rig.loop);
}

static void calls_timers_in_order_and_not_the_cancelled(void **state) {
    int64_t start_us = cv_clock_monotonic_us();
    for (size_t i = 0; i < 3; i++)
        rig.timers[i].call = on_timer;
    assert_int_equal(cv_loop_timer_set(rig.loop, &rig.timers[1], start_us + 1000), CV_OK);
    assert_int_equal(cv_loop_timer_set(rig.loop, &rig.timers[0], start_us + 5000), CV_OK);
    assert_int_equal(cv_loop_timer_set(rig.loop, &rig.timers[2], start_us + 9000), CV_OK);
    assert_true(cv_timer_is_set(&rig.timers[0]));
    cv_loop_timer_cancel(rig.loop, &rig.timers[0]);
    assert_false(cv_timer_is_set(&rig.timers[0]));
    assert_int_equal(cv_loop_run(rig.loop), CV_OK);
    assert_string_equal(rig.log, "bc");
    assert_true(cv_clock_monotonic_us() - start_us >= 9000);
    assert_true(cv_loop_now_us(rig.loop) - start_us >= 9000);
    assert_true(cv_loop_wall_us(rig.loop) > 50 * 365 * CV_US_PER_DAY);
}

static void on_readable(struct cv_watch *watch, uint32_t events) {
    note(watch == &rig.watches[0] ? "0" : "1");
    assert_true(events & EPOLLIN);
    /* Whichever is called first takes the other one out, although both are ready. */
    cv_loop_unwatch(rig.loop, &rig.watches[0]);
    cv_loop_unwatch(rig.loop, &rig.watches[1]);
    cv_loop_stop(rig.loop);
}

static void an_unwatched_fd_is_not_called_any_more(void **state) {
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(write(rig.pipes[i][1], "x", 1), 1);
        assert_int_equal(
            cv_loop_watch(rig.loop, &rig.watches[i], rig.pipes[i][0], EPOLLIN, on_readable), CV_OK);
    }
    assert_int_equal(cv_loop_run(rig.loop), CV_OK);
    assert_int_equal(strlen(rig.log), 1);
}

static void on_writable(struct cv_watch *watch, uint32_t events) {
    note("w");
    assert_true(events & EPOLLOUT);
    cv_loop_watch_change(rig.loop, watch, 0);
    cv_loop_timer_set(rig.loop, &rig.timers[2], cv_loop_now_us(rig.loop) + 2000);
}

static void a_watch_changes_what_it_waits_for(void **state) {
    rig.timers[2].call = on_timer;
    assert_int_equal(
        cv_loop_watch(rig.loop, &rig.watches[0], rig.pipes[0][1], EPOLLOUT, on_writable), CV_OK);
    assert_int_equal(cv_loop_run(rig.loop), CV_OK);
    assert_string_equal(rig.log, "wc");
}

static void on_deferred(struct cv_deferred *deferred) {
    note(deferred == &rig.deferred[0] ? "d" : "e");
    if (deferred == &rig.deferred[0])
        cv_loop_defer(rig.loop, &rig.deferred[1]);
    else
        cv_loop_stop(rig.loop);
}

static void on_first_timer(struct cv_timer *timer) {
    cv_loop_defer(rig.loop, &rig.deferred[0]);
    cv_loop_defer(rig.loop, &rig.deferred[0]);
    note("t");
}

static void deferred_calls_come_once_after_the_rest_of_the_turn(void **state) {
    rig.deferred[0].call = on_deferred;
    rig.deferred[1].call = on_deferred;
    rig.timers[0].call = on_first_timer;
    assert_int_equal(cv_loop_timer_set(rig.loop, &rig.timers[0], 0), CV_OK);
    assert_int_equal(cv_loop_run(rig.loop), CV_OK);
    assert_string_equal(rig.log, "tde");
}

static void a_cancelled_deferred_call_does_not_come(void **state) {
    rig.deferred[0].call = on_deferred;
    rig.deferred[1].call = on_deferred;
    cv_loop_defer(rig.loop, &rig.deferred[0]);
    cv_loop_defer(rig.loop, &rig.deferred[1]);
    cv_loop_defer_cancel(rig.loop, &rig.deferred[0]);
    cv_loop_defer_cancel(rig.loop, &rig.deferred[0]);
    assert_int_equal(cv_loop_run(rig.loop), CV_OK);
    assert_string_equal(rig.log, "e");
}

static void on_post(struct cv_post *post) {
    note(post == &rig.posts[0] ? "p" : "q");
    if (post == &rig.posts[1])
        cv_loop_stop(rig.loop);
}

static void *post_both(void *context) {
    cv_loop_post(rig.loop, &rig.posts[0]);
    usleep(2000);
    cv_loop_post(rig.loop, &rig.posts[1]);
    return NULL;
}

static void another_thread_posts_in_order(void **state) {
    rig.posts[0].call = on_post;
    rig.posts[1].call = on_post;
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, post_both, NULL), 0);
    assert_int_equal(cv_loop_run(rig.loop), CV_OK);
    pthread_join(thread, NULL);
    assert_string_equal(rig.log, "pq");
}

static void on_signal(void *context, int signal_number) {
    assert_ptr_equal(context, &rig);
    note(signal_number == SIGUSR1 ? "1" : "2");
    if (signal_number == SIGUSR2)
        cv_loop_stop(rig.loop);
}

static void signals_become_calls(void **state) {
    assert_int_equal(cv_loop_on_signal(rig.loop, 0, on_signal, &rig), CV_ERR_RANGE);
    assert_int_equal(cv_loop_on_signal(rig.loop, SIGUSR1, on_signal, &rig), CV_OK);
    assert_int_equal(cv_loop_on_signal(rig.loop, SIGUSR2, on_signal, &rig), CV_OK);
    kill(getpid(), SIGUSR1);
    kill(getpid(), SIGUSR2);
    assert_int_equal(cv_loop_run(rig.loop), CV_OK);
    assert_string_equal(rig.log, "12");
}

static void the_system_random_source_fills_all(void **state) {
    uint8_t bytes[64] = {0};
    cv_random_fill(cv_random_system(), bytes, sizeof bytes);
    size_t zeros = 0;
    for (size_t i = 0; i < sizeof bytes; i++)
        zeros += bytes[i] == 0;
    assert_true(zeros < 16);
}

int main(void) {
#define LOOP_TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        LOOP_TEST(calls_timers_in_order_and_not_the_cancelled),
        LOOP_TEST(an_unwatched_fd_is_not_called_any_more),
        LOOP_TEST(a_watch_changes_what_it_waits_for),
        LOOP_TEST(deferred_calls_come_once_after_the_rest_of_the_turn),
        LOOP_TEST(a_cancelled_deferred_call_does_not_come),
        LOOP_TEST(another_thread_posts_in_order),
        LOOP_TEST(signals_become_calls),
        cmocka_unit_test(the_system_random_source_fills_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
