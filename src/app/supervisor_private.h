/* SPDX-License-Identifier: Apache-2.0 */
/* The supervisor's parts, and what each file of it does. */
#ifndef CV_APP_SUPERVISOR_PRIVATE_H
#define CV_APP_SUPERVISOR_PRIVATE_H

#include "app/child.h"
#include "app/config.h"
#include "app/handover.h"
#include "app/media_sockets.h"
#include "app/options.h"
#include "app/resources.h"
#include "app/silence.h"
#include "app/sockets.h"

enum supervisor_phase { SUPERVISOR_STARTING, SUPERVISOR_RUNNING, SUPERVISOR_STOPPING };

struct supervisor_worker {
    struct supervisor *supervisor;
    unsigned index;
    struct cv_child child;
    struct cv_silence silence;
    unsigned hung; /* how often it was killed because it hung */
    struct cv_media_sockets sockets;
    int wake_fd; /* eventfd by which the others wake it; -1: none */
};

struct supervisor {
    const struct cv_options *options;
    struct cv_loop *loop;
    struct cv_config config;
    struct cv_sockets sockets;
    struct cv_resources resources;
    int base_fd;    /* the folder in which we were started: paths are relative to it */
    int program_fd; /* this program */
    enum supervisor_phase phase;
    bool ever_ready;
    bool alive; /* heard from control since the last watchdog tick */
    int exit_status;

    struct cv_child control;
    struct supervisor_worker *workers;
    unsigned worker_count;
    struct cv_timer look_timer; /* at which workers have fallen silent */

    struct cv_timer kill_timer;
    struct cv_timer watchdog_timer;
};

/* --- supervisor_prepare.c --- */
/* Reads the configuration and what the command line changes of it; its text is appended to `text`.
 */
enum cv_err supervisor_load_config(const struct supervisor *supervisor, struct cv_buf *text,
                                   struct cv_config *ret_config,
                                   char error[static CV_CONFIG_ERROR_BYTES]);
/* All that needs privileges or can go wrong before anything runs; 0 or the exit status. */
int supervisor_prepare(struct supervisor *supervisor);
/* Says so on standard error, and returns 1. */
int supervisor_say(const char *message);

/* --- supervisor_workers.c --- */
/* Binds the sockets of all workers, if there is to be a relay. */
enum cv_err supervisor_workers_open(struct supervisor *supervisor,
                                    char error[static CV_SOCKETS_ERROR_BYTES]);
/* Ends them, too. */
void supervisor_workers_close(struct supervisor *supervisor);
void supervisor_workers_start(struct supervisor *supervisor);
/* Gives control and each worker that is there a channel between them. */
void supervisor_workers_connect(struct supervisor *supervisor);
/* Whether it was one of them that is gone. */
bool supervisor_workers_gone(struct supervisor *supervisor, pid_t pid, int status);

#endif
