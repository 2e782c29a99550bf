/* SPDX-License-Identifier: Apache-2.0 */
#include "media/replay.h"
#include "seeded.h"
#include "test.h"

#include <stdlib.h>

static void each_index_passes_once(void **state) {
    struct cv_replay replay = {0};
    for (uint64_t index = 0; index < 3000; index++) {
        assert_int_equal(cv_replay_check(&replay, index), CV_OK);
        cv_replay_mark(&replay, index);
        assert_int_equal(cv_replay_check(&replay, index), CV_ERR_SEQUENCE);
    }
}

static void the_window_has_two_edges(void **state) {
    struct cv_replay replay = {0};
    cv_replay_mark(&replay, 5000);
    assert_int_equal(cv_replay_check(&replay, 5000 - CV_REPLAY_WINDOW), CV_ERR_SEQUENCE);
    assert_int_equal(cv_replay_check(&replay, 5001 - CV_REPLAY_WINDOW), CV_OK);
    assert_int_equal(cv_replay_check(&replay, 4999), CV_OK);
    assert_int_equal(cv_replay_check(&replay, UINT64_C(1) << 47), CV_OK);
}

/* Against a model that remembers every index, with steps around the sizes where rings go wrong. */
static void agrees_with_a_model(void **state) {
    enum { INDICES = 1 << 20 };
    static const uint32_t steps[] = {1,
                                     2,
                                     63,
                                     64,
                                     65,
                                     CV_REPLAY_WINDOW - 1,
                                     CV_REPLAY_WINDOW,
                                     CV_REPLAY_WINDOW + 1,
                                     3 * CV_REPLAY_WINDOW};
    uint8_t *seen = calloc(1, INDICES);
    assert_non_null(seen);
    struct cv_seeded seeded = {11};
    struct cv_replay replay = {0};
    uint64_t highest = 0;
    for (int i = 0; i < 200000; i++) {
        uint64_t index = highest;
        uint32_t back = cv_seeded_below(&seeded, CV_REPLAY_WINDOW + 8);
        if (cv_seeded_below(&seeded, 4) == 0)
            index += cv_seeded_below(&seeded, 16) ? 1 : steps[cv_seeded_below(&seeded, 9)];
        else
            index -= back < index ? back : 0;
        if (index >= INDICES)
            break;
        bool expected = !seen[index] && highest - index + 1 <= CV_REPLAY_WINDOW;
        if (index > highest)
            expected = true;
        assert_int_equal(cv_replay_check(&replay, index) == CV_OK, expected);
        if (!expected)
            continue;
        cv_replay_mark(&replay, index);
        seen[index] = 1;
        if (index > highest)
            highest = index;
    }
    free(seen);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_index_passes_once),
        cmocka_unit_test(the_window_has_two_edges),
        cmocka_unit_test(agrees_with_a_model),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
