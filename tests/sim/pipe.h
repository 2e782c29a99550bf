/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A connection over a simulated network: frames arrive in order, each when the simulation says so,
 * or not at all when the connection breaks first.
 */
#ifndef CV_SIM_PIPE_H
#define CV_SIM_PIPE_H

#include "base/bytes.h"

enum { SIM_FRAMES = 1024 };

/* One direction. */
struct sim_pipe {
    char *frames[SIM_FRAMES]; /* NUL-terminated, a ring */
    size_t first;
    size_t count;
    int close_code; /* comes after the frames; 0: stays open */
};

/* Both, held by two ends; each lets go of it once. */
struct sim_pipes {
    struct sim_pipe to_server;
    struct sim_pipe to_client;
    bool broken; /* what is under way is lost, and both ends find out */
    int ends;
};

/* Dropped when the pipe is full, as by a socket whose reader sleeps: then false. */
bool sim_pipe_put(struct sim_pipe *pipe, struct cv_slice frame);
/* The caller frees it; NULL when there is none. */
char *sim_pipe_take(struct sim_pipe *pipe);
struct sim_pipes *sim_pipes_new(void);
/* NULL. */
struct sim_pipes *sim_pipes_let_go(struct sim_pipes *pipes);

#endif
