/* SPDX-License-Identifier: Apache-2.0 */
/* Asks for memory that will be needed soon, so that waiting for it overlaps with other work. */
#ifndef CV_BASE_PREFETCH_H
#define CV_BASE_PREFETCH_H

#include <stddef.h>
#include <stdint.h>

enum { CV_CACHE_LINE_BYTES = 64 };

/* Any address will do, also NULL: nothing is read that can fail. */
static inline void cv_prefetch(const void *data, size_t size) {
    for (size_t i = 0; i < size; i += CV_CACHE_LINE_BYTES)
        __builtin_prefetch((const uint8_t *)data + i);
}

#endif
