/* SPDX-License-Identifier: Apache-2.0 */
/* A child process that runs control: started, told, and heard by the supervisor. */
#ifndef CV_APP_CONTROL_PROCESS_H
#define CV_APP_CONTROL_PROCESS_H

#include "app/handover.h"
#include "app/resources.h"
#include "app/sockets.h"

#include <sys/types.h>

/*
 * Starts this program anew with --control and a channel on CV_HANDOVER_FD. Starting anew instead
 * of forking only gives every control process another address layout, and nothing of ours in its
 * memory. It dies with the supervisor. CV_ERR_SYSTEM.
 */
enum cv_err cv_control_process_start(int program_fd, pid_t *ret_pid, int *ret_channel);

/* Sends sockets (NULL: none), resources and, when not NULL, `start`. */
enum cv_err cv_control_process_hand_over(int channel, const struct cv_sockets *sockets,
                                         const struct cv_resources *resources,
                                         const struct cv_handover_start *start);

/* Sends a message without content. */
enum cv_err cv_control_process_tell(int channel, enum cv_handover_type type);

#endif
