/* SPDX-License-Identifier: Apache-2.0 */
/* A folder of a test's own, entered by its set-up and gone after its teardown. */
#ifndef CV_TEST_APP_SCRATCH_H
#define CV_TEST_APP_SCRATCH_H

#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char scratch[] = "/tmp/conclave-test-XXXXXX";
static int scratch_before = -1;

static inline int scratch_enter(void **state) {
    (void)state;
    snprintf(scratch + sizeof scratch - 7, 7, "XXXXXX");
    scratch_before = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return scratch_before < 0 || !mkdtemp(scratch) || chdir(scratch) < 0;
}

static inline int scratch_remove(const char *path, const struct stat *st, int type,
                                 struct FTW *walk) {
    (void)st;
    (void)type;
    (void)walk;
    return remove(path);
}

static inline int scratch_leave(void **state) {
    (void)state;
    int failed = fchdir(scratch_before);
    close(scratch_before);
    return failed | nftw(scratch, scratch_remove, 8, FTW_DEPTH | FTW_PHYS);
}

#endif
