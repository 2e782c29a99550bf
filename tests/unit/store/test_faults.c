/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every call that can fail is made to fail in turn: SQLite's memory, our own, and each write, sync,
 * truncation and read of a file. Whatever happens, an answer says clearly that it did, nothing is
 * half done, and the store works again once the cause is gone.
 */
#include "bench.h"

#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

/* --- Files that fail: a VFS between the store and the real one. --- */

enum { CALL_WRITE = 1, CALL_SYNC = 2, CALL_TRUNCATE = 4, CALL_READ = 8 };

/* Atomic, for the store's thread erases at times of its own. */
static atomic_int fail_calls;   /* which kinds count */
static atomic_int fail_in = -1; /* so many more of them go well; -1: all */
static atomic_bool fail_on;     /* those after the first fail too */
static atomic_int fail_code;
static atomic_int failed;

static sqlite3_vfs *real;
static sqlite3_vfs vfs;
static size_t data_bytes;

struct faulty {
    sqlite3_io_methods methods;
    const sqlite3_io_methods *real;
};

static struct faulty *faulty_of(sqlite3_file *file) {
    return (struct faulty *)(void *)((uint8_t *)file + data_bytes);
}

static bool fails(int call) {
    if (!(fail_calls & call) || fail_in < 0)
        return false;
    if (fail_in > 0) {
        fail_in--;
        return false;
    }
    if (!fail_on)
        fail_in = -1;
    failed++;
    return true;
}

static int faulty_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset) {
    return fails(CALL_WRITE) ? fail_code : faulty_of(file)->real->xWrite(file, data, size, offset);
}

static int faulty_sync(sqlite3_file *file, int flags) {
    return fails(CALL_SYNC) ? SQLITE_IOERR_FSYNC : faulty_of(file)->real->xSync(file, flags);
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size) {
    return fails(CALL_TRUNCATE) ? SQLITE_IOERR_TRUNCATE
                                : faulty_of(file)->real->xTruncate(file, size);
}

static int faulty_read(sqlite3_file *file, void *data, int size, sqlite3_int64 offset) {
    return fails(CALL_READ) ? SQLITE_IOERR_READ
                            : faulty_of(file)->real->xRead(file, data, size, offset);
}

static int open_faulty(sqlite3_vfs *self, const char *name, sqlite3_file *file, int flags,
                       int *ret_flags) {
    int rc = real->xOpen(real, name, file, flags, ret_flags);
    if (rc != SQLITE_OK || !file->pMethods)
        return rc;
    struct faulty *faulty = faulty_of(file);
    faulty->real = file->pMethods;
    faulty->methods = *file->pMethods;
    faulty->methods.xWrite = faulty_write;
    faulty->methods.xSync = faulty_sync;
    faulty->methods.xTruncate = faulty_truncate;
    faulty->methods.xRead = faulty_read;
    file->pMethods = &faulty->methods;
    return rc;
}

static void register_vfs(void) {
    real = sqlite3_vfs_find(NULL);
    data_bytes = ((size_t)real->szOsFile + 15) / 16 * 16;
    vfs = *real;
    vfs.zName = "faulty";
    vfs.szOsFile = (int)(data_bytes + sizeof(struct faulty));
    vfs.xOpen = open_faulty;
    assert_int_equal(sqlite3_vfs_register(&vfs, 1), SQLITE_OK);
}

static void arm(int calls, int in, bool on, int code) {
    fail_calls = calls;
    fail_in = in;
    fail_on = on;
    fail_code = code;
    failed = 0;
}

static void disarm(void) {
    arm(0, -1, false, 0);
}

/* --- Memory that fails: SQLite's through its configuration, ours through the linker. --- */

static sqlite3_mem_methods real_memory;
static atomic_int memory_in = -1;
static atomic_int memory_failed;

static bool memory_fails(void) {
    if (memory_in < 0)
        return false;
    if (memory_in > 0) {
        memory_in--;
        return false;
    }
    memory_in = -1;
    memory_failed++;
    return true;
}

static void *faulty_malloc(int size) {
    return memory_fails() ? NULL : real_memory.xMalloc(size);
}

static void *faulty_realloc(void *data, int size) {
    return memory_fails() ? NULL : real_memory.xRealloc(data, size);
}

static void register_memory(void) {
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &real_memory), SQLITE_OK);
    sqlite3_mem_methods memory = real_memory;
    memory.xMalloc = faulty_malloc;
    memory.xRealloc = faulty_realloc;
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_MALLOC, &memory), SQLITE_OK);
    /* Without it every allocation goes through the functions above. */
    assert_int_equal(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0), SQLITE_OK);
}

static atomic_int own_in = -1;
static atomic_int own_failed;

void *__real_calloc(size_t count, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__real_realloc(void *data, size_t size);
void *__wrap_realloc(void *data, size_t size);

static bool own_fails(void) {
    if (own_in < 0)
        return false;
    if (own_in > 0) {
        own_in--;
        return false;
    }
    own_in = -1;
    own_failed++;
    return true;
}

void *__wrap_calloc(size_t count, size_t size) {
    return own_fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *data, size_t size) {
    return own_fails() ? NULL : __real_realloc(data, size);
}

/* --- The scenes. --- */

static struct cv_store_op get(const char *id) {
    return (struct cv_store_op){.kind = CV_STORE_MEETING_GET, .meeting_get = {id_of(id)}};
}

/* A meeting with links: many statements, and either all of it is there or nothing. */
static size_t make_batch(struct cv_store_op *ops, int number) {
    static char id[16], names[3][16];
    snprintf(id, sizeof id, "m%d", number);
    ops[0] = meeting_op(id, "", CV_KIND_INSTANT, AT(10));
    for (size_t i = 0; i < 3; i++) {
        snprintf(names[i], sizeof names[i], "%s-%u", id, (unsigned)i);
        ops[1 + i] = link_op(names[i], id, names[i]);
    }
    ops[4] = (struct cv_store_op){.kind = CV_STORE_LINK_LIST, .link_list = {id_of(id)}};
    return 5;
}

static void assert_whole_or_nothing(struct bench *bench, int number, bool whole) {
    char id[16];
    snprintf(id, sizeof id, "m%d", number);
    enum cv_err err = bench_err(bench, get(id));
    assert_int_equal(err, whole ? CV_OK : CV_ERR_NOT_FOUND);
    struct cv_store_op links = {.kind = CV_STORE_LINK_LIST, .link_list = {id_of(id)}};
    assert_int_equal(bench_result(bench, links)->links.count, whole ? 3 : 0);
}

/* Makes the nth call fail, for n = 0, 1, 2 ... until a whole batch goes by without any. */
static void fail_each_call(int calls, bool on, int code, enum cv_store_fault fault) {
    struct bench bench;
    struct cv_store_op ops[8];
    int errors = 0;
    bench_open(&bench, BENCH_SQLITE);
    for (int n = 0;; n++) {
        assert_true(n < 500);
        size_t count = make_batch(ops, n);
        arm(calls, n, on, code);
        const struct cv_store_answer *answer = bench_ask(&bench, ops, count);
        bool reached = failed > 0;
        disarm();
        if (answer->err) {
            errors++;
            assert_int_equal(answer->err, CV_ERR_STORE);
            assert_int_equal(answer->fault, fault);
            assert_non_null(answer->message);
        }
        assert_whole_or_nothing(&bench, n, !answer->err);
        if (!reached)
            break;
    }
    assert_true(errors > 0);
    bench_stop(&bench);
    assert_int_equal(cv_store_sqlite_check(bench.folder, bench.message), CV_OK);
    assert_int_equal(bench_start(&bench), CV_OK);
    bench_close(&bench);
}

static void test_a_write_that_fails(void **state) {
    fail_each_call(CALL_WRITE, false, SQLITE_IOERR_WRITE, CV_STORE_FAULT_IO);
}

static void test_a_disk_that_is_full(void **state) {
    fail_each_call(CALL_WRITE, true, SQLITE_FULL, CV_STORE_FAULT_DISK_FULL);
}

static void test_a_sync_that_fails(void **state) {
    fail_each_call(CALL_SYNC, true, 0, CV_STORE_FAULT_IO);
}

static void test_reads_that_fail(void **state) {
    struct bench bench;
    struct cv_store_op ops[8];
    bench_open(&bench, BENCH_SQLITE);
    for (int i = 0; i < 150; i++)
        assert_int_equal(bench_ask(&bench, ops, make_batch(ops, i))->err, CV_OK);
    /* Opened anew, the cache is empty. */
    int errors = 0;
    for (int n = 0; n < 40; n++) {
        bench_stop(&bench);
        assert_int_equal(bench_start(&bench), CV_OK);
        arm(CALL_READ, n, true, 0);
        const struct cv_store_answer *answer = bench_ask(&bench, ops, make_batch(ops, 1000 + n));
        disarm();
        errors += answer->err != CV_OK;
        if (answer->err) {
            assert_int_equal(answer->err, CV_ERR_STORE);
            assert_int_equal(answer->fault, CV_STORE_FAULT_IO);
        }
        assert_whole_or_nothing(&bench, 1000 + n, !answer->err);
    }
    assert_true(errors > 3);
    bench_close(&bench);
}

static void test_erasing_that_fails_is_made_up_for(void **state) {
    struct bench bench;
    struct cv_store_op ops[8];
    for (int calls = CALL_WRITE; calls <= CALL_TRUNCATE; calls *= 2) {
        bench_open(&bench, BENCH_SQLITE);
        for (int n = 0; n < 12; n++) {
            char id[16], title[32];
            assert_int_equal(bench_ask(&bench, ops, make_batch(ops, n))->err, CV_OK);
            snprintf(id, sizeof id, "m%d", n);
            snprintf(title, sizeof title, "Title of m%d", n);
            struct cv_store_op op = {.kind = CV_STORE_MEETING_DELETE,
                                     .meeting_delete = {id_of(id)}};
            arm(calls, n, false, SQLITE_IOERR_WRITE);
            enum cv_err err = bench_err(&bench, op);
            disarm();
            if (err)
                assert_int_equal(bench_err(&bench, op), CV_OK);
            /* The next batch tries again when the erasing itself had failed. */
            assert_int_equal(bench_err(&bench, get(id)), CV_ERR_NOT_FOUND);
            assert_int_equal(bench_grep(&bench, title), 0);
        }
        bench_close(&bench);
    }
}

static void test_sqlite_without_memory(void **state) {
    struct bench bench;
    struct cv_store_op ops[8];
    int errors = 0, n = 0;
    bench_open(&bench, BENCH_SQLITE);
    for (;; n++) {
        assert_true(n < 3000);
        size_t count = make_batch(ops, n);
        memory_failed = 0;
        memory_in = n;
        const struct cv_store_answer *answer = bench_ask(&bench, ops, count);
        bool reached = memory_failed > 0;
        memory_in = -1;
        errors += answer->err != CV_OK;
        if (answer->err)
            assert_true(answer->err == CV_ERR_MEMORY || answer->err == CV_ERR_STORE);
        assert_whole_or_nothing(&bench, n, !answer->err);
        if (!reached)
            break;
    }
    assert_true(errors > 20);
    bench_stop(&bench);
    assert_int_equal(cv_store_sqlite_check(bench.folder, bench.message), CV_OK);
    bench_close(&bench);
}

static void own_memory_fails(enum bench_kind kind) {
    struct bench bench;
    struct cv_store_op ops[8];
    int errors = 0;
    bench_open(&bench, kind);
    for (int n = 0;; n++) {
        assert_true(n < 200);
        size_t count = make_batch(ops, n);
        own_failed = 0;
        own_in = n;
        enum cv_err err = cv_store_submit(bench.store, ops, count, NULL, NULL);
        if (!err) {
            struct cv_store_answer *answer = bench_take(&bench);
            err = answer->err;
            cv_store_deliver(answer);
        }
        bool reached = own_failed > 0;
        own_in = -1;
        errors += err != CV_OK;
        assert_true(err == CV_OK || err == CV_ERR_MEMORY);
        assert_whole_or_nothing(&bench, n, !err);
        if (!reached)
            break;
    }
    assert_true(errors > 5);
    bench_close(&bench);
}

static void test_the_store_without_memory(void **state) {
    own_memory_fails(BENCH_SQLITE);
    own_memory_fails(BENCH_MEMORY);
}

static void test_opening_fails_cleanly(void **state) {
    struct bench bench;
    bench_open(&bench, BENCH_SQLITE);
    bench_stop(&bench);
    int failures = 0;
    for (int n = 0; n < 200; n++) {
        memory_in = n;
        enum cv_err err = bench_start(&bench);
        memory_in = -1;
        failures += err != CV_OK;
        if (!err)
            bench_stop(&bench);
    }
    for (int n = 0; n < 4; n++) {
        own_in = n;
        enum cv_err err = bench_start(&bench);
        own_in = -1;
        failures += err == CV_ERR_MEMORY;
        if (!err)
            bench_stop(&bench);
    }
    assert_true(failures > 20);
    assert_int_equal(bench_start(&bench), CV_OK);
    bench_close(&bench);
}

/* The real thing: a limit of the system on the size of files. */
static void test_a_limit_on_the_size_of_files(void **state) {
    struct bench bench;
    struct cv_store_op ops[8];
    struct rlimit before, small = {256 * 1024, RLIM_INFINITY};
    bench_open(&bench, BENCH_SQLITE);
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
    int n = 0;
    enum cv_err err = CV_OK;
    for (; !err && n < 2000; n++) {
        const struct cv_store_answer *answer = bench_ask(&bench, ops, make_batch(ops, n));
        err = answer->err;
        if (err)
            assert_int_equal(answer->fault, CV_STORE_FAULT_DISK_FULL);
    }
    assert_int_equal(err, CV_ERR_STORE);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_whole_or_nothing(&bench, n - 2, true);
    assert_whole_or_nothing(&bench, n - 1, false);
    assert_int_equal(bench_ask(&bench, ops, make_batch(ops, n))->err, CV_OK);
    bench_close(&bench);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_write_that_fails),
        cmocka_unit_test(test_a_disk_that_is_full),
        cmocka_unit_test(test_a_sync_that_fails),
        cmocka_unit_test(test_reads_that_fail),
        cmocka_unit_test(test_erasing_that_fails_is_made_up_for),
        cmocka_unit_test(test_sqlite_without_memory),
        cmocka_unit_test(test_the_store_without_memory),
        cmocka_unit_test(test_opening_fails_cleanly),
        cmocka_unit_test(test_a_limit_on_the_size_of_files),
    };
    register_memory();
    register_vfs();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
