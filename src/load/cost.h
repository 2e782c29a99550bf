/* SPDX-License-Identifier: Apache-2.0 */
/* What a server's processes use, from /proc: a process and all its descendants. */
#ifndef CV_LOAD_COST_H
#define CV_LOAD_COST_H

#include "base/err.h"

#include <stdint.h>
#include <sys/types.h>

enum { CV_COST_MAX_PROCESSES = 64, CV_COST_NAME_BYTES = 16 };

struct cv_cost {
    int64_t cpu_ns;     /* user and system time together, of all threads */
    int64_t memory_kib; /* proportional share (PSS) */
    unsigned process_count;
    struct cv_cost_process {
        pid_t pid;
        char name[CV_COST_NAME_BYTES]; /* as the kernel calls it */
        int64_t cpu_ns;
        int64_t memory_kib;
    } processes[CV_COST_MAX_PROCESSES]; /* the first so many of them */
};

/* CV_ERR_NOT_FOUND: there is no such process, or it may not be looked at. */
enum cv_err cv_cost_read(pid_t pid, struct cv_cost *ret_cost);

#endif
