/* SPDX-License-Identifier: Apache-2.0 */
#include "base/grow.h"

#include "failing_alloc.h"

#include <stdint.h>
#include <stdlib.h>

#include "test.h"

static void an_array_doubles_when_it_is_full(void **state) {
    size_t capacity = 0;
    int *items = NULL;
    for (int i = 0; i < 20; i++) {
        items = cv_grow(items, (size_t)i, &capacity, sizeof *items, 3);
        assert_non_null(items);
        items[i] = i;
    }
    assert_int_equal(capacity, 24);
    for (int i = 0; i < 20; i++)
        assert_int_equal(items[i], i);
    free(items);
}

static void without_memory_it_stays_as_it_was(void **state) {
    size_t capacity = 0;
    int *items = cv_grow(NULL, 0, &capacity, sizeof *items, 1);
    assert_non_null(items);
    *items = 7;
    cv_fail_alloc(0);
    assert_null(cv_grow(items, 1, &capacity, sizeof *items, 1));
    cv_fail_alloc(-1);
    assert_int_equal(capacity, 1);
    assert_int_equal(*items, 7);
    free(items);
    capacity = SIZE_MAX / sizeof *items;
    assert_null(cv_grow(NULL, capacity, &capacity, sizeof *items, 1));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_doubles_when_it_is_full),
        cmocka_unit_test(without_memory_it_stays_as_it_was),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
