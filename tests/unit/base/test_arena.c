/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "test.h"

#include <stdalign.h>

static void test_memory_is_zeroed_aligned_and_apart(void **state) {
    struct cv_arena arena = {0};
    uint8_t *all[2000];
    for (size_t i = 0; i < 2000; i++) {
        size_t size = i % 97 + 1;
        all[i] = cv_arena_alloc(&arena, size);
        assert_non_null(all[i]);
        assert_int_equal((uintptr_t)all[i] % alignof(max_align_t), 0);
        for (size_t j = 0; j < size; j++)
            assert_int_equal(all[i][j], 0);
        memset(all[i], (int)(i & 0xff), size);
    }
    for (size_t i = 0; i < 2000; i++)
        for (size_t j = 0; j < i % 97 + 1; j++)
            assert_int_equal(all[i][j], i & 0xff);
    cv_arena_release(&arena);
    assert_int_equal(arena.total_bytes, 0);
}

static void test_large_and_impossible_sizes(void **state) {
    struct cv_arena arena = {0};
    uint8_t *large = cv_arena_alloc(&arena, 1 << 20);
    assert_non_null(large);
    large[(1 << 20) - 1] = 1;
    assert_true(arena.total_bytes >= 1 << 20);
    assert_null(cv_arena_alloc(&arena, 0));
    assert_null(cv_arena_alloc(&arena, SIZE_MAX));
    cv_arena_release(&arena);
}

static void test_copies_end_with_nul(void **state) {
    struct cv_arena arena = {0};
    struct cv_slice copy = {NULL, 1};
    assert_int_equal(cv_arena_copy(&arena, cv_slice_str("hello"), &copy), CV_OK);
    assert_string_equal((const char *)copy.data, "hello");
    assert_int_equal(copy.size, 5);
    assert_int_equal(cv_arena_copy(&arena, (struct cv_slice){0}, &copy), CV_OK);
    assert_null(copy.data);
    cv_arena_release(&arena);
    assert_non_null(cv_arena_alloc(&arena, 1));
    cv_arena_release(&arena);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_zeroed_aligned_and_apart),
        cmocka_unit_test(test_large_and_impossible_sizes),
        cmocka_unit_test(test_copies_end_with_nul),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
