/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A process that writes to the store is killed (SIGKILL) at random moments, again and again. It
 * reports each batch through a pipe once it is answered. Afterwards everything that was reported
 * is there, every batch is there whole or not at all, none is there without all those before it,
 * and the database is sound. Some rounds begin without a database, so that creating it is hit too.
 */
#include "../../unit/store/bench.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    ROUNDS = 120,
    ROUNDS_OF_A_DATABASE = 15,
    LIFE_MAX_MS = 60,
    START_MAX_MS = 30000, /* a busy machine */
    START_EVERY = 4,      /* such a round may end before anything is reported */
    IN_FLIGHT = 24,
    DELETED_EVERY = 9, /* each such batch deletes the meeting of the one before */
};

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* --- The process that is killed. --- */

static size_t make_batch(struct cv_store_op *ops, uint32_t number) {
    char meeting[16], link[16], person[16];
    snprintf(meeting, sizeof meeting, "m%u", (unsigned)number);
    snprintf(link, sizeof link, "l%u", (unsigned)number);
    snprintf(person, sizeof person, "p%u", (unsigned)number);
    ops[0] = meeting_op(meeting, "", CV_KIND_INSTANT, AT(10));
    ops[1] = link_op(link, meeting, link);
    ops[2] = save_op(&ops[0].meeting_create.record);
    ops[2].meeting_save.record.session = 1;
    ops[2].meeting_save.record.session_started_at_us = AT(20);
    ops[3] = participant_op(meeting, person, 1, AT(20));
    if (number % DELETED_EVERY)
        return 4;
    snprintf(meeting, sizeof meeting, "m%u", (unsigned)number - 1);
    ops[4] =
        (struct cv_store_op){.kind = CV_STORE_MEETING_DELETE, .meeting_delete = {id_of(meeting)}};
    return 5;
}

static int be_killed(const char *folder, uint32_t number, int report) {
    struct bench bench;
    bench_adopt(&bench, folder);
    if (bench_start(&bench) != CV_OK) {
        fprintf(stderr, "%s\n", bench.message);
        return 1;
    }
    uint32_t submitted = number;
    for (;;) {
        struct cv_store_op ops[5];
        for (; submitted < number + IN_FLIGHT; submitted++) {
            size_t count = make_batch(ops, submitted);
            if (cv_store_submit(bench.store, ops, count, NULL, NULL) != CV_OK)
                return 1;
        }
        struct cv_store_answer *answer = bench_take(&bench);
        if (answer->err) {
            fprintf(stderr, "%s %s\n", cv_err_name(answer->err), answer->message);
            return 1;
        }
        cv_store_deliver(answer);
        if (write(report, &number, sizeof number) != sizeof number)
            return 1;
        number++;
    }
}

/* --- The test. --- */

/*
 * Lets it live so long, from its start or from its first report, kills it, and returns the highest
 * number it reported (or `first` - 1).
 */
static uint32_t let_live(const char *folder, uint32_t first, int64_t life_ms, bool from_report) {
    int ends[2];
    char number_text[16], end_text[16];
    assert_int_equal(pipe(ends), 0);
    snprintf(number_text, sizeof number_text, "%u", (unsigned)first);
    snprintf(end_text, sizeof end_text, "%d", ends[1]);
    pid_t pid = fork();
    if (pid == 0) {
        execl("/proc/self/exe", "test_kill", "be-killed", folder, number_text, end_text, NULL);
        _exit(127);
    }
    assert_true(pid > 0);
    close(ends[1]);

    uint32_t reported = first - 1, number;
    int64_t end_ms = now_ms() + (from_report ? START_MAX_MS : life_ms);
    bool alive = true;
    for (;;) {
        int64_t left_ms = end_ms - now_ms();
        if (alive && left_ms <= 0) {
            assert_int_equal(kill(pid, SIGKILL), 0);
            alive = false;
        }
        struct pollfd ready = {.fd = ends[0], .events = POLLIN};
        if (alive && poll(&ready, 1, (int)left_ms) == 0)
            continue;
        ssize_t size = read(ends[0], &number, sizeof number);
        if (size == 0)
            break;
        assert_int_equal(size, sizeof number);
        assert_int_equal(number, reported + 1);
        if (from_report && number == first)
            end_ms = now_ms() + life_ms;
        reported = number;
    }
    close(ends[0]);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    return reported;
}

/* Is the batch there? It must be whole: meeting, link and participant, or none of them. */
static bool is_there(struct bench *bench, uint32_t number) {
    char meeting[16], link[16];
    snprintf(meeting, sizeof meeting, "m%u", (unsigned)number);
    snprintf(link, sizeof link, "l%u", (unsigned)number);
    struct cv_store_op get = {.kind = CV_STORE_MEETING_GET, .meeting_get = {id_of(meeting)}};
    struct cv_store_op resolve = {.kind = CV_STORE_LINK_RESOLVE, .link_resolve = {hash_of(link)}};
    struct cv_store_op records = {.kind = CV_STORE_RECORD_LIST,
                                  .record_list = {.meeting = id_of(meeting), .limit = 2}};
    bool there = bench_err(bench, get) == CV_OK;
    assert_int_equal(bench_err(bench, resolve), there ? CV_OK : CV_ERR_NOT_FOUND);
    const struct cv_store_result *result = bench_result(bench, records);
    assert_int_equal(result->records.count, there);
    if (there)
        assert_int_equal(result->records.items[0].participant_count, 1);
    return there;
}

/* Checks the batches from `first` on; returns the number after the last that is there. */
static uint32_t check_round(struct bench *bench, uint32_t first, uint32_t reported) {
    uint32_t next = first;
    while (is_there(bench, next) || is_there(bench, next + 1))
        next++;
    assert_true(next > reported);
    assert_true(next <= reported + 1 + IN_FLIGHT);
    for (uint32_t number = first; number < next; number++) {
        bool deleted = (number + 1) % DELETED_EVERY == 0 && number + 1 < next;
        assert_int_equal(is_there(bench, number), !deleted);
    }
    return next;
}

static uint32_t below(uint32_t limit) {
    static uint64_t state = 88172645463325252;
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32) % limit;
}

static void test_nothing_acknowledged_is_lost(void **state) {
    uint32_t acknowledged = 0;
    for (int round = 0; round < ROUNDS;) {
        struct bench bench;
        bench_open(&bench, BENCH_SQLITE);
        bench_stop(&bench);
        assert_int_equal(remove(bench_path(&bench, "conclave.db")), 0);
        uint32_t next = 1;
        for (int i = 0; i < ROUNDS_OF_A_DATABASE; i++, round++) {
            uint32_t reported =
                let_live(bench.folder, next, below(LIFE_MAX_MS), round % START_EVERY != 0);
            acknowledged += reported + 1 - next;
            assert_int_equal(bench_start(&bench), CV_OK);
            next = check_round(&bench, next, reported);
            bench_stop(&bench);
        }
        assert_int_equal(cv_store_sqlite_check(bench.folder, bench.message), CV_OK);
        assert_int_equal(bench_start(&bench), CV_OK);
        check_round(&bench, 1, next - 1);
        bench_close(&bench);
    }
    print_message("%u batches acknowledged in %d lives\n", (unsigned)acknowledged, ROUNDS);
}

int main(int argc, char **argv) {
    if (argc == 5 && strcmp(argv[1], "be-killed") == 0)
        return be_killed(argv[2], (uint32_t)strtoul(argv[3], NULL, 10), atoi(argv[4]));
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_nothing_acknowledged_is_lost)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
