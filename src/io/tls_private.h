/* SPDX-License-Identifier: Apache-2.0 */
/* What streams need of a TLS context. */
#ifndef CV_IO_TLS_PRIVATE_H
#define CV_IO_TLS_PRIVATE_H

#include "io/tls.h"

#include <openssl/ssl.h>

/* A server-side connection on the fd (not taken over), with the present certificate. NULL without
 * memory. `now_us` is monotonic: the ticket keys are renewed now and then. */
SSL *cv_tls_connection(struct cv_tls *tls, int fd, int64_t now_us);

#endif
