/* SPDX-License-Identifier: Apache-2.0 */
#include "base/heap.h"

#include "base/grow.h"

#include <stdlib.h>

enum { MIN_CAPACITY = 16 };

static void put(struct cv_heap *heap, size_t index, struct cv_heap_node *node) {
    heap->nodes[index] = node;
    node->place = index + 1;
}

static void sift_up(struct cv_heap *heap, size_t index, struct cv_heap_node *node) {
    while (index > 0) {
        size_t parent = (index - 1) / 2;
        if (heap->nodes[parent]->deadline_us <= node->deadline_us)
            break;
        put(heap, index, heap->nodes[parent]);
        index = parent;
    }
    put(heap, index, node);
}

static void sift_down(struct cv_heap *heap, size_t index, struct cv_heap_node *node) {
    for (;;) {
        size_t child = 2 * index + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count &&
            heap->nodes[child + 1]->deadline_us < heap->nodes[child]->deadline_us)
            child++;
        if (node->deadline_us <= heap->nodes[child]->deadline_us)
            break;
        put(heap, index, heap->nodes[child]);
        index = child;
    }
    put(heap, index, node);
}

/* The node stands at `index` with a deadline that may be wrong for that place. */
static void settle(struct cv_heap *heap, size_t index, struct cv_heap_node *node) {
    if (index > 0 && heap->nodes[(index - 1) / 2]->deadline_us > node->deadline_us)
        sift_up(heap, index, node);
    else
        sift_down(heap, index, node);
}

enum cv_err cv_heap_set(struct cv_heap *heap, struct cv_heap_node *node, int64_t deadline_us) {
    if (node->place == 0) {
        struct cv_heap_node **nodes =
            cv_grow(heap->nodes, heap->count, &heap->capacity, sizeof(*nodes), MIN_CAPACITY);
        if (!nodes)
            return CV_ERR_MEMORY;
        heap->nodes = nodes;
        node->deadline_us = deadline_us;
        heap->count++;
        sift_up(heap, heap->count - 1, node);
        return CV_OK;
    }
    node->deadline_us = deadline_us;
    settle(heap, node->place - 1, node);
    return CV_OK;
}

void cv_heap_remove(struct cv_heap *heap, struct cv_heap_node *node) {
    if (node->place == 0)
        return;
    size_t index = node->place - 1;
    node->place = 0;
    struct cv_heap_node *last = heap->nodes[--heap->count];
    if (last != node)
        settle(heap, index, last);
}

struct cv_heap_node *cv_heap_first(const struct cv_heap *heap) {
    return heap->count ? heap->nodes[0] : NULL;
}

void cv_heap_release(struct cv_heap *heap) {
    free(heap->nodes);
    heap->nodes = NULL;
    heap->count = 0;
    heap->capacity = 0;
}
