/* SPDX-License-Identifier: Apache-2.0 */
/* A worker process: what the supervisor hands over, and a cv_worker that lives on it. */
#ifndef CV_APP_WORKER_H
#define CV_APP_WORKER_H

/* Runs until the supervisor is gone or says so; the exit status. */
int cv_worker_run(void);

#endif
