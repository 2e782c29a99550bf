/* SPDX-License-Identifier: Apache-2.0 */
#include "app/privileges.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

enum cv_err cv_account_find(const char *name, struct cv_account *ret_account) {
    const struct passwd *entry = getpwnam(name);
    if (!entry) {
        entry = getpwnam("nobody");
    }
    if (!entry || entry->pw_uid == 0) {
        return CV_ERR_NOT_FOUND;
    }
    *ret_account = (struct cv_account){.uid = entry->pw_uid, .gid = entry->pw_gid};
    snprintf(ret_account->name, sizeof ret_account->name, "%s", entry->pw_name);
    return CV_OK;
}

enum cv_err cv_privileges_drop(const struct cv_account *account) {
    if (setgroups(0, NULL) < 0 || setresgid(account->gid, account->gid, account->gid) < 0 ||
        setresuid(account->uid, account->uid, account->uid) < 0) {
        return CV_ERR_SYSTEM;
    }
    if (setuid(0) == 0 || setgid(0) == 0) {
        errno = EPERM;
        return CV_ERR_SYSTEM;
    }
    return CV_OK;
}

enum cv_err cv_privileges_renounce(void) {
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? CV_ERR_SYSTEM : CV_OK;
}
