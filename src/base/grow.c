/* SPDX-License-Identifier: Apache-2.0 */
#include "base/grow.h"

#include <stdint.h>
#include <stdlib.h>

void *cv_grow(void *items, size_t count, size_t *capacity, size_t item_bytes, size_t first) {
    if (count < *capacity)
        return items;
    if (*capacity > SIZE_MAX / 2 / item_bytes)
        return NULL;
    size_t larger = *capacity ? *capacity * 2 : first;
    items = realloc(items, larger * item_bytes);
    if (items)
        *capacity = larger;
    return items;
}
