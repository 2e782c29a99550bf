/* SPDX-License-Identifier: Apache-2.0 */
/* What the sockets of control and of the workers have in common. */
#ifndef CV_APP_SOCKETS_PRIVATE_H
#define CV_APP_SOCKETS_PRIVATE_H

#include "app/sockets.h"

/* A port that was free for one socket may be taken for the next one: how often another is tried. */
enum { SOCKETS_ANY_PORT_TRIES = 32 };

/* 0.0.0.0 and ::, for where no address is configured. */
const struct cv_config_list *sockets_everywhere(void);

/*
 * One bound socket, listening when it is a stream; `text` is the address for the message, and
 * `addr` gets the real port. CV_ERR_NOT_FOUND: this machine has no such family. CV_ERR_SYSTEM with
 * errno and `error`.
 */
enum cv_err sockets_open_one(const char *text, int type, struct cv_addr *addr, int *ret_fd,
                             char error[static CV_SOCKETS_ERROR_BYTES]);

/* Says in `error` what could not be opened and why, from errno. Returns CV_ERR_SYSTEM. */
enum cv_err sockets_fail(const char *what, const char *address, uint16_t port,
                         char error[static CV_SOCKETS_ERROR_BYTES]);

#endif
