/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The control process: the loop with everything that people talk to. It is started by the
 * supervisor with a channel on CV_HANDOVER_FD, in the data folder, as an unprivileged account.
 */
#ifndef CV_APP_CONTROL_H
#define CV_APP_CONTROL_H

/* Runs until told to drain; returns the exit status. */
int cv_control_run(void);

#endif
