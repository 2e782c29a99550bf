/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The listening sockets. The supervisor binds them once, while it may still use low ports, and
 * keeps them: a control process that dies is replaced without a moment in which connections are
 * refused; they wait in the backlog.
 */
#ifndef CV_APP_SOCKETS_H
#define CV_APP_SOCKETS_H

#include "app/config.h"
#include "app/handover.h"
#include "app/privileges.h"

enum { CV_SOCKETS_MAX = 2 * 32 + 2, CV_SOCKETS_ERROR_BYTES = 256 };

struct cv_socket {
    int fd;
    struct cv_handover_listener listener;
};

struct cv_sockets {
    struct cv_socket items[CV_SOCKETS_MAX];
    size_t count;
    uint16_t https_port;
    uint16_t stun_port; /* 0: none */
};

/*
 * Binds all that is configured, and control.sock in the working directory; unix sockets are given
 * to `account` (may be NULL). All or nothing. CV_ERR_SYSTEM; `error` names the address.
 */
enum cv_err cv_sockets_open(const struct cv_config *config, const struct cv_account *account,
                            struct cv_sockets *ret_sockets,
                            char error[static CV_SOCKETS_ERROR_BYTES]);

void cv_sockets_close(struct cv_sockets *sockets);

#endif
