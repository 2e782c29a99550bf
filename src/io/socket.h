/* SPDX-License-Identifier: Apache-2.0 */
/* Between cv_addr and the kernel's socket addresses. */
#ifndef CV_IO_SOCKET_H
#define CV_IO_SOCKET_H

#include "base/addr.h"

#include <sys/socket.h>

/* The size to pass to the kernel; `addr` is IPv4 or IPv6. */
socklen_t cv_socket_address(const struct cv_addr *addr, struct sockaddr_storage *ret_storage);
/* CV_ADDR_NONE for any other family. */
struct cv_addr cv_socket_addr(const struct sockaddr_storage *storage);

#endif
