/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Allocations that fail when a test says so. The test's executable is linked with
 * failing_alloc_args (tests/unit/meson.build), so that malloc, calloc and realloc of the code under
 * test go through here; libraries that are linked dynamically keep their own.
 *
 *     for (int n = 0; cv_fail_alloc(n), !works(); n++)
 *         assert that nothing was changed, and that nothing leaks (sanitizer builds);
 */
#ifndef CV_TEST_FAILING_ALLOC_H
#define CV_TEST_FAILING_ALLOC_H

#include <stddef.h>

/* Lets `n` allocations from now on succeed and all after them fail; negative: none fails. */
void cv_fail_alloc(int n);

/* As malloc, for libraries that take an allocator. */
void *cv_failing_malloc(size_t size);

#endif
