/* SPDX-License-Identifier: Apache-2.0 */
#include "app/control_private.h"

#include "ipc/channel.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void control_handover_init(struct control_handover *handover) {
    *handover = (struct control_handover){.listener_count = 0};
    for (size_t i = 0; i < CV_RESOURCE_COUNT; i++) {
        handover->resources[i] = -1;
    }
}

void control_handover_take(struct control_handover *handover, enum cv_resource resource, int fd) {
    int *place = &handover->resources[resource];
    if (*place < 0) {
        *place = fd;
        return;
    }
    dup3(fd, *place, O_CLOEXEC);
    close(fd);
}

static enum cv_err take(struct control_handover *handover, struct cv_ipc_message *message,
                        bool *ret_start) {
    if (message->type == CV_HANDOVER_RESOURCE && message->fd_count == 1 &&
        message->payload.size == sizeof(struct cv_handover_resource)) {
        struct cv_handover_resource resource;
        memcpy(&resource, message->payload.data, sizeof resource);
        if (resource.resource >= CV_RESOURCE_COUNT) {
            return CV_ERR_RANGE;
        }
        control_handover_take(handover, (enum cv_resource)resource.resource, message->fds[0]);
        message->fd_count = 0;
        return CV_OK;
    }
    if (message->type == CV_HANDOVER_LISTENER && message->fd_count == 1 &&
        message->payload.size == sizeof(struct cv_handover_listener) &&
        handover->listener_count < CV_SOCKETS_MAX) {
        struct cv_socket *socket = &handover->listeners[handover->listener_count++];
        socket->fd = message->fds[0];
        memcpy(&socket->listener, message->payload.data, sizeof socket->listener);
        message->fd_count = 0;
        return CV_OK;
    }
    if (message->type == CV_HANDOVER_WORKER && message->fd_count == 1 &&
        message->payload.size == sizeof(struct cv_handover_worker) &&
        handover->worker_count < CV_RELAY_MAX_WORKERS) {
        memcpy(&handover->workers[handover->worker_count].worker, message->payload.data,
               sizeof(struct cv_handover_worker));
        handover->workers[handover->worker_count++].fd = message->fds[0];
        message->fd_count = 0;
        return CV_OK;
    }
    if (message->type == CV_HANDOVER_START && message->payload.size == sizeof handover->start) {
        memcpy(&handover->start, message->payload.data, sizeof handover->start);
        *ret_start = true;
        return CV_OK;
    }
    return CV_ERR_TYPE;
}

enum cv_err control_handover_receive(struct control_handover *handover) {
    struct cv_ipc_message message;
    bool start = false;
    enum cv_err err = CV_OK;
    while (!err && !start) {
        err = cv_ipc_receive(CV_HANDOVER_FD, &handover->space, &message);
        if (!err) {
            err = take(handover, &message, &start);
            cv_ipc_close_fds(&message);
        }
    }
    return err;
}

void control_resource_path(const struct control_handover *handover, enum cv_resource resource,
                           char *path, size_t size) {
    snprintf(path, size, "/proc/self/fd/%d", handover->resources[resource]);
}

enum cv_err control_resource_read(const struct control_handover *handover,
                                  enum cv_resource resource, struct cv_buf *bytes) {
    uint8_t chunk[4096];
    ssize_t n = 0;
    off_t offset = 0;
    enum cv_err err = CV_OK;
    int fd = handover->resources[resource];
    while (fd >= 0 && !err && (n = pread(fd, chunk, sizeof chunk, offset)) > 0) {
        err = cv_buf_append(bytes, chunk, (size_t)n);
        offset += n;
    }
    cv_wipe(chunk, sizeof chunk);
    return err ? err : n < 0 ? CV_ERR_SYSTEM : CV_OK;
}
