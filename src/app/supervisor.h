/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor: the process that people start. It binds the sockets, opens the files, becomes an
 * unprivileged account, starts the control process and starts it again when it dies. It reads
 * nothing that comes from outside, so there is little in it that could fail.
 *
 *     starting ──ready──► running ──SIGTERM──► stopping ──► exit
 *        ▲                   │
 *        └── back-off ◄──────┘ control died
 *
 * Back-off: at once after a control process that had run for a minute, else 0.1 s, 0.2 s … 5 s. A
 * control process that never became ready on the first start (a certificate that doesn't fit its
 * key) ends the daemon: nobody is helped by trying again.
 */
#ifndef CV_APP_SUPERVISOR_H
#define CV_APP_SUPERVISOR_H

#include "app/options.h"

/* Runs until told to stop; returns the exit status. */
int cv_supervisor_run(const struct cv_options *options);

#endif
