/* SPDX-License-Identifier: Apache-2.0 */
/* Arrays that double when they are full. */
#ifndef CV_BASE_GROW_H
#define CV_BASE_GROW_H

#include <stddef.h>

/*
 * Room for one more item than `count`: gives the array, which may have moved, and sets *capacity,
 * in items; `first` is the capacity of one that has none yet. NULL without memory: the array is
 * as it was then.
 */
void *cv_grow(void *items, size_t count, size_t *capacity, size_t item_bytes, size_t first);

#endif
