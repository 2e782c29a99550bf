/* SPDX-License-Identifier: Apache-2.0 */
#include "ipc/channel.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct header {
    uint16_t version;
    uint16_t type;
    uint32_t size;
};

union control_space {
    struct cmsghdr align;
    char bytes[CMSG_SPACE(CV_IPC_FDS * sizeof(int))];
};

enum cv_err cv_ipc_pair(int ret_ends[static 2]) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
        return CV_ERR_SYSTEM;
    }
    ret_ends[0] = ends[0];
    ret_ends[1] = ends[1];
    return CV_OK;
}

static enum cv_err err_of_errno(void) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
        return CV_ERR_AGAIN;
    }
    return errno == EPIPE || errno == ECONNRESET ? CV_ERR_CLOSED : CV_ERR_SYSTEM;
}

/* struct iovec has no const; sendmsg takes the bytes as they are. */
static struct iovec part_of(struct cv_slice bytes) {
    return (struct iovec){(void *)(uintptr_t)bytes.data, bytes.size};
}

enum cv_err cv_ipc_send(int fd, const struct cv_ipc_message *message) {
    size_t size = message->payload.size + message->more.size;
    if (size > CV_IPC_PAYLOAD_BYTES || message->fd_count > CV_IPC_FDS) {
        return CV_ERR_LIMIT;
    }
    struct header header = {CV_IPC_VERSION, message->type, (uint32_t)size};
    struct iovec parts[] = {
        {&header, sizeof header}, part_of(message->payload), part_of(message->more)};
    union control_space space = {0};
    struct msghdr msg = {.msg_iov = parts, .msg_iovlen = 3};
    if (message->fd_count) {
        msg.msg_control = space.bytes;
        msg.msg_controllen = CMSG_SPACE(message->fd_count * sizeof(int));
        struct cmsghdr *cmsg = CMSG_FIRSTHDR(&msg);
        cmsg->cmsg_level = SOL_SOCKET;
        cmsg->cmsg_type = SCM_RIGHTS;
        cmsg->cmsg_len = CMSG_LEN(message->fd_count * sizeof(int));
        memcpy(CMSG_DATA(cmsg), message->fds, message->fd_count * sizeof(int));
    }
    return sendmsg(fd, &msg, MSG_NOSIGNAL) < 0 ? err_of_errno() : CV_OK;
}

static void take_fds(struct msghdr *msg, struct cv_ipc_message *message) {
    for (struct cmsghdr *cmsg = CMSG_FIRSTHDR(msg); cmsg; cmsg = CMSG_NXTHDR(msg, cmsg)) {
        if (cmsg->cmsg_level != SOL_SOCKET || cmsg->cmsg_type != SCM_RIGHTS) {
            continue;
        }
        size_t count = (cmsg->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t i = 0; i < count && message->fd_count < CV_IPC_FDS; i++) {
            memcpy(&message->fds[message->fd_count++], CMSG_DATA(cmsg) + i * sizeof(int),
                   sizeof(int));
        }
    }
}

enum cv_err cv_ipc_receive(int fd, struct cv_buf *space, struct cv_ipc_message *ret_message) {
    struct header header;
    cv_buf_clear(space);
    enum cv_err err = cv_buf_reserve(space, CV_IPC_PAYLOAD_BYTES);
    if (err) {
        return err;
    }
    struct iovec parts[] = {{&header, sizeof header}, {space->data, CV_IPC_PAYLOAD_BYTES}};
    union control_space control;
    struct msghdr msg = {.msg_iov = parts,
                         .msg_iovlen = 2,
                         .msg_control = control.bytes,
                         .msg_controllen = sizeof control.bytes};
    *ret_message = (struct cv_ipc_message){0};
    ssize_t n = recvmsg(fd, &msg, MSG_CMSG_CLOEXEC);
    if (n < 0) {
        return err_of_errno();
    }
    if (n == 0) {
        return CV_ERR_CLOSED;
    }
    take_fds(&msg, ret_message);
    if ((size_t)n < sizeof header || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) ||
        header.version != CV_IPC_VERSION || header.size != (size_t)n - sizeof header) {
        cv_ipc_close_fds(ret_message);
        return CV_ERR_SYNTAX;
    }
    space->size = header.size;
    ret_message->type = header.type;
    ret_message->payload = cv_buf_slice(space);
    return CV_OK;
}

void cv_ipc_close_fds(struct cv_ipc_message *message) {
    for (size_t i = 0; i < message->fd_count; i++) {
        close(message->fds[i]);
    }
    message->fd_count = 0;
}
