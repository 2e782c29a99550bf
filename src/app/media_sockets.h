/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The sockets of the workers: for each, UDP and where it is wanted TCP on every address, all under
 * one port number. As those of control they are bound once and outlive the processes.
 */
#ifndef CV_APP_MEDIA_SOCKETS_H
#define CV_APP_MEDIA_SOCKETS_H

#include "app/sockets.h"

struct cv_media_sockets {
    struct cv_socket items[2 * 32]; /* as many as listen.addresses may have, twice */
    size_t count;
    uint16_t port;
};

/* Of worker number `worker`. All or nothing. CV_ERR_SYSTEM; `error` names the address. */
enum cv_err cv_media_sockets_open(const struct cv_config *config, unsigned worker,
                                  struct cv_media_sockets *ret_sockets,
                                  char error[static CV_SOCKETS_ERROR_BYTES]);

void cv_media_sockets_close(struct cv_media_sockets *sockets);

#endif
