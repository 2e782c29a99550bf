/* SPDX-License-Identifier: Apache-2.0 */
#include "pipe.h"

#include "check.h"

#include <stdlib.h>

bool sim_pipe_put(struct sim_pipe *pipe, struct cv_slice frame) {
    if (pipe->count == SIM_FRAMES)
        return false;
    char *copy = malloc(frame.size + 1);
    SIM_CHECK(copy);
    memcpy(copy, frame.data, frame.size);
    copy[frame.size] = '\0';
    pipe->frames[(pipe->first + pipe->count++) % SIM_FRAMES] = copy;
    return true;
}

char *sim_pipe_take(struct sim_pipe *pipe) {
    if (!pipe->count)
        return NULL;
    char *frame = pipe->frames[pipe->first];
    pipe->first = (pipe->first + 1) % SIM_FRAMES;
    pipe->count--;
    return frame;
}

struct sim_pipes *sim_pipes_new(void) {
    struct sim_pipes *pipes = calloc(1, sizeof *pipes);
    SIM_CHECK(pipes);
    pipes->ends = 2;
    return pipes;
}

static void empty(struct sim_pipe *pipe) {
    char *frame;
    while ((frame = sim_pipe_take(pipe)))
        free(frame);
}

struct sim_pipes *sim_pipes_let_go(struct sim_pipes *pipes) {
    if (--pipes->ends > 0)
        return NULL;
    empty(&pipes->to_server);
    empty(&pipes->to_client);
    free(pipes);
    return NULL;
}
