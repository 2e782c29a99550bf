/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tells systemd how the service is (sd_notify(3)), by hand: it is one datagram, and the library
 * behind it has a long list of dependencies. Without NOTIFY_SOCKET nothing is sent.
 */
#ifndef CV_APP_NOTIFY_H
#define CV_APP_NOTIFY_H

#include <stdint.h>

/* "READY=1", "STOPPING=1" …; lines joined by newlines. Failure is of no consequence. */
void cv_notify(const char *state);

/* RELOADING=1 with the time that Type=notify-reload asks for. */
void cv_notify_reloading(int64_t monotonic_us);

/* How often WATCHDOG=1 is due, us; 0: no watchdog is set up for this process. */
int64_t cv_notify_watchdog_us(void);

#endif
