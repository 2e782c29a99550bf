/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a worker gives up before it reads a byte from outside: it keeps its sockets, its channels
 * and its memory, the clock and the kernel's random numbers. It can open no file and no socket,
 * connect nowhere, start nothing, and make no memory executable.
 */
#ifndef CV_WORKER_SANDBOX_H
#define CV_WORKER_SANDBOX_H

#include "base/err.h"

/*
 * For the calling process, for good: no_new_privs, Landlock (where the kernel has it) and a filter
 * of system calls. CV_ERR_SYSTEM: the kernel refused the filter.
 */
enum cv_err cv_worker_sandbox_enter(void);

#endif
