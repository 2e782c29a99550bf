/* SPDX-License-Identifier: Apache-2.0 */
#include "failing_alloc.h"

#include <stdbool.h>
#include <stdlib.h>

static int left = -1;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *data, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *data, size_t size);

void cv_fail_alloc(int n) {
    left = n;
}

static bool fails(void) {
    if (left == 0)
        return true;
    left -= left > 0;
    return false;
}

void *__wrap_malloc(size_t size) {
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size) {
    return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *data, size_t size) {
    return fails() ? NULL : __real_realloc(data, size);
}

void *cv_failing_malloc(size_t size) {
    return __wrap_malloc(size);
}
