/* SPDX-License-Identifier: Apache-2.0 */
#include "app/handover.h"

#include "app/resources.h"
#include "app/sockets.h"
#include "ipc/channel.h"

enum cv_err cv_handover_send(int channel, enum cv_handover_type type, struct cv_slice payload,
                             const int *fds, size_t fd_count) {
    struct cv_ipc_message message = {
        .type = (uint16_t)type, .payload = payload, .fd_count = fd_count};
    if (fd_count > CV_IPC_FDS) {
        return CV_ERR_LIMIT;
    }
    for (size_t i = 0; i < fd_count; i++) {
        message.fds[i] = fds[i];
    }
    return cv_ipc_send(channel, &message);
}

enum cv_err cv_handover_tell(int channel, enum cv_handover_type type) {
    return cv_handover_send(channel, type, cv_slice_of(NULL, 0), NULL, 0);
}

enum cv_err cv_handover_resources(int channel, const struct cv_resources *resources) {
    enum cv_err err = CV_OK;
    for (uint32_t i = 0; i < CV_RESOURCE_COUNT && !err; i++) {
        const struct cv_handover_resource resource = {.resource = i};
        if (resources->fds[i] >= 0) {
            err = cv_handover_send(channel, CV_HANDOVER_RESOURCE,
                                   cv_slice_of(&resource, sizeof resource), &resources->fds[i], 1);
        }
    }
    return err;
}

enum cv_err cv_handover_listener(int channel, const struct cv_socket *socket) {
    return cv_handover_send(channel, CV_HANDOVER_LISTENER,
                            cv_slice_of(&socket->listener, sizeof socket->listener), &socket->fd,
                            1);
}
