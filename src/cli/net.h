/* SPDX-License-Identifier: Apache-2.0 */
/* What the doctor says over sockets: blocking, and never for longer than it is worth. */
#ifndef CV_CLI_NET_H
#define CV_CLI_NET_H

#include "base/bytes.h"

enum { CV_CLI_HOST_BYTES = 256, CV_CLI_PORT_BYTES = 8 };

/* Takes "HOST", "HOST:PORT" or "[ADDRESS]:PORT" apart, up to a '?'; what is too long is cut. */
void cv_cli_split_address(const char *text, const char *default_port,
                          char host[static CV_CLI_HOST_BYTES], char port[static CV_CLI_PORT_BYTES]);

/*
 * A connected TCP socket to the first address of host and port that takes us within `patience_s`
 * seconds, or -1. Reading and writing wait no longer either.
 */
int cv_cli_tcp_open(const char *host, const char *port, int patience_s);

/* A connected UDP socket to the first address of host and port, or -1. */
int cv_cli_udp_open(const char *host, const char *port);

/*
 * Sends the request up to three times, half a second apart, until a datagram comes back.
 * CV_ERR_TIMEOUT: none did; CV_ERR_CLOSED: the host said that nothing listens there.
 */
enum cv_err cv_cli_udp_ask(int fd, struct cv_slice request, uint8_t *answer, size_t capacity,
                           size_t *ret_size);

#endif
