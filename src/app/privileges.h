/* SPDX-License-Identifier: Apache-2.0 */
/* Becoming somebody else than root, for good. */
#ifndef CV_APP_PRIVILEGES_H
#define CV_APP_PRIVILEGES_H

#include "base/err.h"

#include <sys/types.h>

struct cv_account {
    uid_t uid;
    gid_t gid;
    char name[64];
};

/* The account of this name, or `nobody`. CV_ERR_NOT_FOUND when there is neither. */
enum cv_err cv_account_find(const char *name, struct cv_account *ret_account);

/* Drops all groups, then both identities, and checks that there is no way back. CV_ERR_SYSTEM. */
enum cv_err cv_privileges_drop(const struct cv_account *account);

/* No program that this process or a child starts can gain privileges (prctl(2)). CV_ERR_SYSTEM. */
enum cv_err cv_privileges_renounce(void);

#endif
