/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binary min-heap of deadlines. An element embeds a cv_heap_node; the heap knows each node's
 * place, so moving or removing a deadline costs O(log n). Nothing is owned but the array.
 */
#ifndef CV_BASE_HEAP_H
#define CV_BASE_HEAP_H

#include "base/err.h"

#include <stddef.h>
#include <stdint.h>

struct cv_heap_node {
    int64_t deadline_us;
    size_t place; /* index + 1; 0: in no heap */
};

/* Zero-initialised is valid and empty. */
struct cv_heap {
    struct cv_heap_node **nodes;
    size_t count;
    size_t capacity;
};

/* Puts the node in, or moves it to its new deadline. CV_ERR_MEMORY only when it was not in. */
enum cv_err cv_heap_set(struct cv_heap *heap, struct cv_heap_node *node, int64_t deadline_us);
/* Harmless when the node is in no heap. */
void cv_heap_remove(struct cv_heap *heap, struct cv_heap_node *node);
/* The node with the earliest deadline, or NULL. */
struct cv_heap_node *cv_heap_first(const struct cv_heap *heap);
void cv_heap_release(struct cv_heap *heap);

#endif
