/* SPDX-License-Identifier: Apache-2.0 */
/* Each try is made in a process of its own: there is no way back. */
#include "test.h"

#include "ipc/ring.h"
#include "worker/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int ring_fd;

/* What `try` makes of it inside: its result as an exit status. */
static int inside(int (*try)(void)) {
    int status = 0;
    pid_t pid = fork();
    if (pid == 0) {
        _exit(cv_worker_sandbox_enter() ? 99 : try());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static int denied(long result) {
    return result == -1 && (errno == EPERM || errno == EACCES) ? 0 : 1;
}

static int open_file(void) {
    return denied(open("/etc/hostname", O_RDONLY)) || denied(open("/tmp", O_RDONLY));
}

static int stat_file(void) {
    struct stat st;
    return denied(stat("/etc/hostname", &st));
}

static int open_socket(void) {
    return denied(socket(AF_INET, SOCK_DGRAM, 0)) || denied(socket(AF_UNIX, SOCK_STREAM, 0));
}

static int start_program(void) {
    char *const none[] = {NULL};
    return denied(execve("/bin/true", none, none)) || denied(fork());
}

static int run_memory(void) {
    void *memory = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return memory == MAP_FAILED || denied(mprotect(memory, 4096, PROT_READ | PROT_EXEC)) ||
           mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) !=
               MAP_FAILED;
}

static int signal_others(void) {
    return denied(kill(getppid(), 0));
}

static int signal_by_descriptor(void) {
    return denied(fcntl(0, F_SETOWN, getpid())) || denied(fcntl(0, F_SETFL, O_NONBLOCK | O_ASYNC));
}

static int block_others(void) {
    return denied(fcntl(0, F_SETFL, 0));
}

/* What it lives on still works. */
static int live(void) {
    struct timespec now;
    uint8_t random[16];
    void *memory = malloc(8 << 20);
    int good = memory && clock_gettime(CLOCK_MONOTONIC, &now) == 0 &&
               getrandom(random, sizeof random, 0) == sizeof random && write(-1, "", 0) == -1 &&
               errno == EBADF;
    free(memory);
    return !good;
}

/* A worker that is started again gives the others a new ring. */
static int open_ring(void) {
    struct cv_ring *ring = NULL;
    return cv_ring_new(ring_fd, CV_RING_READER, &ring) != CV_OK;
}

static void test_what_is_gone(void **state) {
    (void)state;
    assert_int_equal(inside(open_file), 0);
    assert_int_equal(inside(stat_file), 0);
    assert_int_equal(inside(open_socket), 0);
    assert_int_equal(inside(start_program), 0);
    assert_int_equal(inside(run_memory), 0);
    assert_int_equal(inside(signal_others), 0);
    assert_int_equal(inside(signal_by_descriptor), 0);
    assert_int_equal(inside(block_others), 0);
}

static void test_what_is_left(void **state) {
    (void)state;
    assert_int_equal(inside(live), 0);
    ring_fd = cv_ring_memory();
    assert_true(ring_fd >= 0);
    assert_int_equal(inside(open_ring), 0);
    close(ring_fd);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_gone),
        cmocka_unit_test(test_what_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
