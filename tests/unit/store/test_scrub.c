/* SPDX-License-Identifier: Apache-2.0 */
#include "bench.h"
#include "store/scrub.h"

enum { PAGE = 4096 };

/* A page of the kind, with so many cells whose content starts there. */
static uint8_t *page_of(uint8_t kind, uint16_t cells, uint16_t content, size_t head) {
    static uint8_t page[PAGE];
    memset(page, 'x', sizeof page);
    page[head] = kind;
    cv_put_be16(page + head + 3, cells);
    cv_put_be16(page + head + 5, content);
    return page;
}

static void assert_gap(const uint8_t *page, uint32_t number, size_t offset, size_t bytes) {
    size_t gap, gap_bytes;
    cv_scrub_gap(page, PAGE, number, &gap, &gap_bytes);
    assert_int_equal(gap, offset);
    assert_int_equal(gap_bytes, bytes);
}

static void test_the_gap_lies_between_pointers_and_cells(void **state) {
    assert_gap(page_of(13, 10, 3000, 0), 3, 8 + 20, 3000 - 28);
    assert_gap(page_of(10, 0, 4096, 0), 3, 8, 4096 - 8);
    assert_gap(page_of(5, 10, 3000, 0), 3, 12 + 20, 3000 - 32);
    assert_gap(page_of(2, 1, 15, 0), 3, 14, 1);
    /* The first page has the file's header before its tree. */
    assert_gap(page_of(13, 10, 3000, 100), 1, 100 + 8 + 20, 3000 - 128);
}

static void test_other_pages_are_left_alone(void **state) {
    assert_gap(page_of(0, 10, 3000, 0), 3, 0, 0); /* overflow, or on the free list */
    assert_gap(page_of(1, 10, 3000, 0), 3, 0, 0);
    assert_gap(page_of(13, 10, 28, 0), 3, 0, 0);   /* full */
    assert_gap(page_of(13, 10, 20, 0), 3, 0, 0);   /* cells over their own pointers */
    assert_gap(page_of(13, 10, 4097, 0), 3, 0, 0); /* content outside */
    assert_gap(page_of(13, 2044, 0, 0), 3, 0, 0);  /* 0 stands for 65536 */
    assert_gap(page_of(13, 65535, 3000, 0), 3, 0, 0);
    assert_gap(page_of(13, 10, 3000, 0), 0, 0, 0);
    assert_gap(page_of(13, 10, 3000, 0), CV_SCRUB_PAGES_MAX + 1, 0, 0);
    /* Pointer maps: 4096 / 5 entries each, so the second is page 2 + 820. */
    assert_gap(page_of(5, 10, 3000, 0), 2, 0, 0);
    assert_gap(page_of(5, 10, 3000, 0), 822, 0, 0);
    assert_gap(page_of(5, 10, 3000, 0), 823, 32, 3000 - 32);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_gap_lies_between_pointers_and_cells),
        cmocka_unit_test(test_other_pages_are_left_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
