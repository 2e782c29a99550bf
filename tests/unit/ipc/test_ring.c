/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "ipc/ring.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static int memory;
static struct cv_ring *writer;
static struct cv_ring *reader;

static int open_both(void **state) {
    (void)state;
    memory = cv_ring_memory();
    assert_true(memory >= 0);
    assert_int_equal(cv_ring_new(memory, CV_RING_WRITER, &writer), CV_OK);
    assert_int_equal(cv_ring_new(memory, CV_RING_READER, &reader), CV_OK);
    return 0;
}

static int close_both(void **state) {
    (void)state;
    writer = cv_ring_free(writer);
    reader = cv_ring_free(reader);
    return close(memory);
}

static void test_pieces_come_out_as_one(void **state) {
    uint8_t record[CV_RING_RECORD_BYTES];
    size_t size = 0;
    (void)state;
    assert_int_equal(cv_ring_get(reader, record, &size), CV_ERR_AGAIN);
    assert_int_equal(cv_ring_put(writer, cv_slice_str("he"), cv_slice_str("llo")), CV_OK);
    assert_int_equal(cv_ring_put(writer, cv_slice_of(NULL, 0), cv_slice_str("x")), CV_OK);
    assert_int_equal(cv_ring_get(reader, record, &size), CV_OK);
    assert_true(cv_slice_eq_str(cv_slice_of(record, size), "hello"));
    assert_int_equal(cv_ring_get(reader, record, &size), CV_OK);
    assert_true(cv_slice_eq_str(cv_slice_of(record, size), "x"));
    assert_int_equal(cv_ring_get(reader, record, &size), CV_ERR_AGAIN);
}

static void test_limits(void **state) {
    static uint8_t large[CV_RING_RECORD_BYTES];
    uint8_t record[CV_RING_RECORD_BYTES];
    size_t size = 0;
    (void)state;
    struct cv_slice none = cv_slice_of(NULL, 0);
    assert_int_equal(cv_ring_put(writer, none, none), CV_ERR_LIMIT);
    assert_int_equal(cv_ring_put(writer, cv_slice_str("x"), cv_slice_of(large, sizeof large)),
                     CV_ERR_LIMIT);
    assert_int_equal(cv_ring_put(writer, none, cv_slice_of(large, sizeof large)), CV_OK);
    assert_int_equal(cv_ring_get(reader, record, &size), CV_OK);
    assert_int_equal(size, sizeof large);
}

/* Full, and read, and full again, over the end of the memory many times. */
static void test_overflow_drops_and_order_stays(void **state) {
    uint8_t record[CV_RING_RECORD_BYTES];
    uint32_t sent = 0, got = 0;
    size_t size = 0;
    (void)state;
    for (int round = 0; round < 5; round++) {
        uint8_t body[999];
        memset(body, round, sizeof body);
        while (cv_ring_put(writer, cv_slice_of(&sent, sizeof sent),
                           cv_slice_of(body, 1 + sent % sizeof body)) == CV_OK) {
            sent++;
        }
        assert_true(sent > 100);
        while (cv_ring_get(reader, record, &size) == CV_OK) {
            assert_memory_equal(record, &got, sizeof got);
            assert_int_equal(size, sizeof got + 1 + got % sizeof body);
            assert_int_equal(record[size - 1], round);
            got++;
        }
        assert_int_equal(got, sent);
    }
}

static void test_waking(void **state) {
    uint8_t record[CV_RING_RECORD_BYTES];
    size_t size = 0;
    (void)state;
    assert_int_equal(cv_ring_put(writer, cv_slice_str("a"), cv_slice_str("")), CV_OK);
    assert_true(cv_ring_must_wake(writer)); /* it has not looked yet */
    assert_false(cv_ring_must_wake(writer));
    assert_false(cv_ring_may_sleep(reader));
    assert_int_equal(cv_ring_get(reader, record, &size), CV_OK);
    assert_true(cv_ring_may_sleep(reader));
    assert_true(cv_ring_must_wake(writer));
}

/* --- what the other end may do --- */

static uint8_t *map_all(void) {
    uint8_t *all = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, memory, 0);
    assert_ptr_not_equal(all, MAP_FAILED);
    return all;
}

enum { WRITTEN_AT = 0, READ_AT = 64, DATA_AT = 192 };

static void put_u32(uint8_t *at, uint32_t value) {
    memcpy(at, &value, sizeof value);
}

static void expect_broken(void) {
    uint8_t record[CV_RING_RECORD_BYTES];
    size_t size = 0;
    assert_int_equal(cv_ring_get(reader, record, &size), CV_ERR_SYNTAX);
    assert_int_equal(cv_ring_get(reader, record, &size), CV_ERR_SYNTAX);
    assert_true(cv_ring_may_sleep(reader));
}

static void test_a_writer_that_lies_about_its_position(void **state) {
    uint8_t *all = map_all();
    (void)state;
    put_u32(all + WRITTEN_AT, CV_RING_BYTES + 4);
    expect_broken();
    munmap(all, 4096);
}

static void test_a_writer_that_lies_about_lengths(void **state) {
    static const uint32_t lengths[] = {0, CV_RING_RECORD_BYTES + 1, UINT32_MAX, 100};
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        uint8_t *all = map_all();
        put_u32(all + DATA_AT, lengths[i]);
        put_u32(all + WRITTEN_AT, 64); /* fewer than 100 and its length */
        expect_broken();
        munmap(all, 4096);
        close_both(NULL);
        open_both(NULL);
    }
    uint8_t *all = map_all();
    put_u32(all + WRITTEN_AT, 3); /* not even a length */
    expect_broken();
    munmap(all, 4096);
}

static void test_a_reader_that_lies(void **state) {
    uint8_t *all = map_all();
    (void)state;
    put_u32(all + READ_AT, 12345);
    assert_int_equal(cv_ring_put(writer, cv_slice_str("a"), cv_slice_str("")), CV_ERR_FULL);
    munmap(all, 4096);
}

static void test_only_memory_that_stays(void **state) {
    struct cv_ring *ring = NULL;
    int loose = memfd_create("loose", MFD_CLOEXEC);
    (void)state;
    assert_int_equal(ftruncate(loose, 1 << 21), 0);
    assert_int_equal(cv_ring_new(loose, CV_RING_READER, &ring), CV_ERR_SYSTEM);
    close(loose);
    assert_int_equal(ftruncate(memory, 0), -1);
}

/* --- two at a time --- */

enum { MANY = 200000 };

static atomic_bool stop;

/* Reads MANY numbered records, sleeping on `wake` in between; returns how many were in order. */
static uint32_t read_many(struct cv_ring *ring, int wake) {
    uint8_t record[CV_RING_RECORD_BYTES];
    uint32_t expected = 0;
    size_t size = 0;
    uint64_t count;
    while (expected < MANY) {
        enum cv_err err = cv_ring_get(ring, record, &size);
        if (err == CV_ERR_AGAIN) {
            if (cv_ring_may_sleep(ring) && read(wake, &count, sizeof count) != sizeof count) {
                break;
            }
            continue;
        }
        uint32_t number;
        memcpy(&number, record, sizeof number);
        if (err || number != expected || size != sizeof number + number % 1200) {
            break;
        }
        expected++;
    }
    return expected;
}

static void write_many(struct cv_ring *ring, int wake) {
    static const uint8_t body[1200];
    const uint64_t one = 1;
    for (uint32_t i = 0; i < MANY && !stop;) {
        enum cv_err err = cv_ring_put(ring, cv_slice_of(&i, sizeof i), cv_slice_of(body, i % 1200));
        i += !err;
        if ((err || i % 8 == 0 || i == MANY) && cv_ring_must_wake(ring)) {
            assert_int_equal(write(wake, &one, sizeof one), sizeof one);
        }
        if (err) {
            sched_yield();
        }
    }
}

static void *writing_thread(void *wake) {
    write_many(writer, *(int *)wake);
    return NULL;
}

static void test_two_threads(void **state) {
    pthread_t thread;
    int wake = eventfd(0, EFD_CLOEXEC);
    (void)state;
    stop = false;
    assert_int_equal(pthread_create(&thread, NULL, writing_thread, &wake), 0);
    uint32_t got = read_many(reader, wake);
    stop = true;
    pthread_join(thread, NULL);
    close(wake);
    assert_int_equal(got, MANY);
}

static void test_two_processes(void **state) {
    int status = 0;
    int wake = eventfd(0, EFD_CLOEXEC);
    (void)state;
    stop = false;
    pid_t pid = fork();
    if (pid == 0) {
        write_many(writer, wake);
        _exit(0);
    }
    assert_int_equal(read_many(reader, wake), MANY);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    close(wake);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_pieces_come_out_as_one, open_both, close_both),
        cmocka_unit_test_setup_teardown(test_limits, open_both, close_both),
        cmocka_unit_test_setup_teardown(test_overflow_drops_and_order_stays, open_both, close_both),
        cmocka_unit_test_setup_teardown(test_waking, open_both, close_both),
        cmocka_unit_test_setup_teardown(test_a_writer_that_lies_about_its_position, open_both,
                                        close_both),
        cmocka_unit_test_setup_teardown(test_a_writer_that_lies_about_lengths, open_both,
                                        close_both),
        cmocka_unit_test_setup_teardown(test_a_reader_that_lies, open_both, close_both),
        cmocka_unit_test_setup_teardown(test_only_memory_that_stays, open_both, close_both),
        cmocka_unit_test_setup_teardown(test_two_threads, open_both, close_both),
        cmocka_unit_test_setup_teardown(test_two_processes, open_both, close_both),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
