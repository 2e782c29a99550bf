/* SPDX-License-Identifier: Apache-2.0 */
#include "base/map.h"

#include <stdio.h>

#include "test.h"

enum { KEYS = 2000 };

static void finds_what_is_in_and_nothing_else(void **state) {
    static char keys[KEYS][8];
    struct cv_map map = {.seed = 7};
    for (int i = 0; i < KEYS; i++) {
        snprintf(keys[i], sizeof keys[i], "k%d", i);
        assert_int_equal(cv_map_insert(&map, cv_slice_str(keys[i]), keys[i]), CV_OK);
    }
    assert_int_equal(cv_map_insert(&map, cv_slice_str("k5"), keys[0]), CV_ERR_EXISTS);
    for (int i = 0; i < KEYS; i += 2)
        assert_ptr_equal(cv_map_remove(&map, cv_slice_str(keys[i])), keys[i]);
    assert_null(cv_map_remove(&map, cv_slice_str("k0")));
    for (int i = 0; i < KEYS; i++)
        assert_ptr_equal(cv_map_get(&map, cv_slice_str(keys[i])), i % 2 ? keys[i] : NULL);
    size_t cursor = 0, seen = 0;
    while (cv_map_next(&map, &cursor))
        seen++;
    assert_int_equal(seen, KEYS / 2);
    assert_int_equal(map.count, KEYS / 2);
    cv_map_release(&map);
}

static void empty_map_answers(void **state) {
    struct cv_map map = {0};
    size_t cursor = 0;
    assert_null(cv_map_get(&map, cv_slice_str("x")));
    assert_null(cv_map_remove(&map, cv_slice_str("x")));
    assert_null(cv_map_next(&map, &cursor));
    cv_map_release(&map);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_what_is_in_and_nothing_else),
        cmocka_unit_test(empty_map_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
