/* SPDX-License-Identifier: Apache-2.0 */
/* Lets a loop take what was said to it: 20 ms of it. */
#ifndef CV_TEST_APP_TURN_H
#define CV_TEST_APP_TURN_H

#include "io/loop.h"

#include "test.h"

struct turn {
    struct cv_timer timer;
    struct cv_loop *loop;
};

static inline void turn_end(struct cv_timer *timer) {
    cv_loop_stop(CV_CONTAINER_OF(timer, struct turn, timer)->loop);
}

static inline void turn_loop(struct cv_loop *loop) {
    struct turn turn = {.timer = {.call = turn_end}, .loop = loop};
    cv_loop_timer_set(loop, &turn.timer, cv_loop_now_us(loop) + 20 * CV_US_PER_MS);
    assert_int_equal(cv_loop_run(loop), CV_OK);
}

#endif
