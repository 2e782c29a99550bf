/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The data folder: made if need be (0700), given to the account that the daemon becomes, locked
 * against a second daemon, and entered. From then on everything in it is named relative to the
 * working directory, because the account may not be able to reach it by its absolute path
 * (docs/adr/0002-started-as-root.md).
 */
#ifndef CV_APP_DATADIR_H
#define CV_APP_DATADIR_H

#include "app/privileges.h"

/* Names in the data folder. */
#define CV_DATADIR_LOCK "lock"
#define CV_DATADIR_SOCKET "control.sock"
#define CV_DATADIR_KEYS "keys"
#define CV_DATADIR_TLS "tls"

enum { CV_DATADIR_ERROR_BYTES = 512 };

/*
 * *ret_lock_fd holds the lock for as long as any process has it open. `account` NULL: nothing is
 * given away. CV_ERR_EXISTS: another daemon has it; CV_ERR_SYSTEM. `error` says what to do.
 */
enum cv_err cv_datadir_enter(const char *path, const struct cv_account *account, int *ret_lock_fd,
                             char error[static CV_DATADIR_ERROR_BYTES]);

#endif
