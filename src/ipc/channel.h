/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Messages between the processes of one daemon: one SEQPACKET datagram each, with a version, a
 * type, a bounded payload and at most a few descriptors. The two ends are always of the same
 * build, yet what comes in is checked like a stranger's: the process at the other end may have
 * been taken over.
 */
#ifndef CV_IPC_CHANNEL_H
#define CV_IPC_CHANNEL_H

#include "base/bytes.h"

enum {
    CV_IPC_VERSION = 1,
    CV_IPC_PAYLOAD_BYTES = 72 * 1024, /* an SDP of 64 KiB and what belongs to it */
    CV_IPC_FDS = 4,
};

struct cv_ipc_message {
    uint16_t type;
    struct cv_slice payload; /* borrowed; once received, it lies in the space that was given */
    struct cv_slice more;    /* sending only: goes behind the payload */
    size_t fd_count;
    int fds[CV_IPC_FDS];
};

/* Two connected ends, close-on-exec. CV_ERR_SYSTEM. */
enum cv_err cv_ipc_pair(int ret_ends[static 2]);

/* Descriptors are duplicated on the way: ours stay ours. CV_ERR_AGAIN, CV_ERR_CLOSED,
 * CV_ERR_SYSTEM; CV_ERR_LIMIT when the message is over its bounds. */
enum cv_err cv_ipc_send(int fd, const struct cv_ipc_message *message);

/*
 * Receives one message into `space`, which grows once to what the largest needs and is the
 * caller's to release; the payload is valid until the next call with that space. Descriptors are
 * ours to close, and close-on-exec. CV_ERR_AGAIN: none is there (non-blocking end); CV_ERR_CLOSED;
 * CV_ERR_SYNTAX: malformed, nothing is kept of it; CV_ERR_MEMORY.
 */
enum cv_err cv_ipc_receive(int fd, struct cv_buf *space, struct cv_ipc_message *ret_message);

void cv_ipc_close_fds(struct cv_ipc_message *message);

#endif
