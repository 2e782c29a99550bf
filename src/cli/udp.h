/* SPDX-License-Identifier: Apache-2.0 */
/* One question and its answer over UDP, for the doctor: blocking, with retransmission. */
#ifndef CV_CLI_UDP_H
#define CV_CLI_UDP_H

#include "base/bytes.h"

/* A connected socket to the first address of host and port, or -1. */
int cv_cli_udp_open(const char *host, const char *port);

/*
 * Sends the request up to three times, half a second apart, until a datagram comes back.
 * CV_ERR_TIMEOUT: none did; CV_ERR_CLOSED: the host said that nothing listens there.
 */
enum cv_err cv_cli_udp_ask(int fd, struct cv_slice request, uint8_t *answer, size_t capacity,
                           size_t *ret_size);

#endif
