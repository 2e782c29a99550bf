/* SPDX-License-Identifier: Apache-2.0 */
#include "worker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

/* All that may be done with files, as far as these headers know; the kernel may know less. */
static uint64_t file_rights(long version) {
    uint64_t rights = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1; /* version 1: all up to here */
#ifdef LANDLOCK_ACCESS_FS_REFER
    rights |= version >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0;
#endif
#ifdef LANDLOCK_ACCESS_FS_TRUNCATE
    rights |= version >= 3 ? LANDLOCK_ACCESS_FS_TRUNCATE : 0;
#endif
    return rights;
}

/* A second wall behind the filter: without a rule, nothing of the file system is reachable. */
static void forbid_files(void) {
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
    if (version < 1) {
        return;
    }
    const struct landlock_ruleset_attr rules = {.handled_access_fs = file_rights(version)};
    int fd = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof rules, 0);
    if (fd >= 0) {
        syscall(SYS_landlock_restrict_self, fd, 0);
        close(fd);
    }
}

/* What needs no look at its arguments. */
static const int allowed[] = {
    /* datagrams, connections, messages */
    SCMP_SYS(read),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmsg),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(accept4),
    SCMP_SYS(setsockopt),
    SCMP_SYS(getsockopt),
    SCMP_SYS(getsockname),
    SCMP_SYS(lseek),
    SCMP_SYS(close),
    /* waiting */
    SCMP_SYS(epoll_wait),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_pwait2),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(futex),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(sched_yield),
    /* memory */
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    /* clock, chance, itself */
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(time),
    SCMP_SYS(getrandom),
    SCMP_SYS(getpid),
    SCMP_SYS(gettid),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
};

/* No signals by way of a descriptor, and none that blocks those who share it. */
static int allow_fcntl(scmp_filter_ctx filter) {
    static const scmp_datum_t looks[] = {F_GETFL, F_GET_SEALS};
    int refused = 0;
    for (size_t i = 0; i < sizeof looks / sizeof *looks && !refused; i++) {
        refused = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 1,
                                   SCMP_A1(SCMP_CMP_EQ, looks[i]));
    }
    if (!refused) {
        refused = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(fcntl), 2,
                                   SCMP_A1(SCMP_CMP_EQ, F_SETFL),
                                   SCMP_A2(SCMP_CMP_MASKED_EQ, O_NONBLOCK | O_ASYNC, O_NONBLOCK));
    }
    return refused;
}

static int allow_all(scmp_filter_ctx filter) {
    int refused = 0;
    for (size_t i = 0; i < sizeof allowed / sizeof *allowed && !refused; i++) {
        refused = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    }
    if (!refused) {
        refused = allow_fcntl(filter);
    }
    /* Memory that can be run stays what the program came with. */
    if (!refused) {
        refused = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mmap), 1,
                                   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    }
    if (!refused) {
        refused = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(mprotect), 1,
                                   SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0));
    }
    /* abort() */
    if (!refused) {
        refused = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
                                   SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid()));
    }
    return refused;
}

enum cv_err cv_worker_sandbox_enter(void) {
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0) {
        return CV_ERR_SYSTEM;
    }
    forbid_files();
    /* Anything else fails as a thing that is not permitted: a library that tries goes without. */
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    if (!filter) {
        return CV_ERR_MEMORY;
    }
    int refused = allow_all(filter);
    if (!refused) {
        refused = seccomp_load(filter);
    }
    seccomp_release(filter);
    return refused ? CV_ERR_SYSTEM : CV_OK;
}
