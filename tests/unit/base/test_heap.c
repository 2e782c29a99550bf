/* SPDX-License-Identifier: Apache-2.0 */
#include "base/heap.h"

#include <stdlib.h>

#include "test.h"

enum { NODES = 500 };

static void gives_deadlines_in_order_through_changes(void **state) {
    static struct cv_heap_node nodes[NODES];
    struct cv_heap heap = {0};
    srand(1);
    for (int i = 0; i < NODES; i++)
        assert_int_equal(cv_heap_set(&heap, &nodes[i], rand() % 1000), CV_OK);
    for (int i = 0; i < NODES; i += 3)
        assert_int_equal(cv_heap_set(&heap, &nodes[i], rand() % 1000), CV_OK);
    for (int i = 0; i < NODES; i += 5) {
        cv_heap_remove(&heap, &nodes[i]);
        cv_heap_remove(&heap, &nodes[i]);
    }
    assert_int_equal(heap.count, NODES - NODES / 5);
    int64_t last_us = -1;
    for (struct cv_heap_node *node; (node = cv_heap_first(&heap));) {
        assert_true(node->deadline_us >= last_us);
        last_us = node->deadline_us;
        cv_heap_remove(&heap, node);
    }
    assert_int_equal(heap.count, 0);
    cv_heap_release(&heap);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_deadlines_in_order_through_changes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
