/* SPDX-License-Identifier: Apache-2.0 */
/* What is particular to the store in SQLite: files, other processes, the queue, deletion. */
#include "bench.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static struct bench *open_bench(void **state) {
    struct bench *bench = malloc(sizeof *bench);
    assert_non_null(bench);
    bench_open(bench, BENCH_SQLITE);
    *state = bench;
    return bench;
}

static mode_t mode_of(const char *path) {
    struct stat st;
    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 0777;
}

/* Another process's connection, as far as SQLite is concerned. */
static sqlite3 *other_connection(const struct bench *bench, const char *sql) {
    sqlite3 *db = NULL;
    assert_int_equal(sqlite3_open(bench_path(bench, "conclave.db"), &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    return db;
}

static struct cv_store_op get(const char *id) {
    return (struct cv_store_op){.kind = CV_STORE_MEETING_GET, .meeting_get = {id_of(id)}};
}

static struct cv_store_op delete (const char *id) {
    return (struct cv_store_op){.kind = CV_STORE_MEETING_DELETE, .meeting_delete = {id_of(id)}};
}

static void test_files_are_for_the_owner_alone(void **state) {
    struct bench *bench = open_bench(state);
    bench_stop(bench);
    char below[sizeof bench->folder + 8];
    snprintf(below, sizeof below, "%s/below", bench->folder);
    bench->config.folder = below;
    umask(0);
    assert_int_equal(bench_start(bench), CV_OK);
    umask(022);
    bench_result(bench, user_op("u1", "ana@example.org"));
    assert_int_equal(mode_of(below), 0700);
    assert_int_equal(mode_of(bench_path(bench, "below/conclave.db")), 0600);
    assert_int_equal(mode_of(bench_path(bench, "below/conclave.db-wal")), 0600);
    assert_int_equal(mode_of(bench_path(bench, "below/conclave.db-shm")), 0600);
    bench_stop(bench);

    assert_int_equal(chmod(bench_path(bench, "below/conclave.db"), 0644), 0);
    assert_int_equal(bench_start(bench), CV_OK);
    assert_int_equal(mode_of(bench_path(bench, "below/conclave.db")), 0600);
    bench_stop(bench);
    assert_int_equal(chmod(below, 0770), 0);
    assert_int_equal(bench_start(bench), CV_ERR_SYSTEM);
    assert_string_equal(bench->message,
                        "others may write into the data folder: set its mode to 0700");
}

static void test_what_was_stored_is_there_after_a_restart(void **state) {
    struct bench *bench = open_bench(state);
    bench_result(bench, meeting_op("m1", "", CV_KIND_INSTANT, AT(10)));
    bench_stop(bench);
    assert_int_equal(bench_start(bench), CV_OK);
    assert_string_equal(bench_result(bench, get("m1"))->meeting.record.title, "Title of m1");
    assert_int_equal(access(bench_path(bench, "backups"), F_OK), -1);
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static void test_databases_that_are_none_of_ours_are_refused(void **state) {
    struct bench *bench = open_bench(state);
    bench_stop(bench);
    sqlite3_close(other_connection(bench, "PRAGMA user_version = 99"));
    assert_int_equal(bench_start(bench), CV_ERR_STATE);
    assert_string_equal(bench->message,
                        "the database has version 99 and this program knows 3: install the newer "
                        "program, or restore the backup made before the upgrade");

    unlink(bench_path(bench, "conclave.db"));
    sqlite3_close(other_connection(bench, "CREATE TABLE foreign_table (x)"));
    assert_int_equal(bench_start(bench), CV_ERR_STATE);
    assert_string_equal(bench->message, "this is not a Conclave database");

    write_file(bench_path(bench, "conclave.db"),
               "This is a text of some length, not a database.\n");
    assert_int_equal(truncate(bench_path(bench, "conclave.db"), 8192), 0);
    assert_int_equal(bench_start(bench), CV_ERR_STORE);
    assert_string_equal(bench->message,
                        "the database is damaged (SQLite 26: file is not a database)");
    unlink(bench_path(bench, "conclave.db"));
    assert_int_equal(symlink("/etc/passwd", bench_path(bench, "conclave.db")), 0);
    assert_int_equal(bench_start(bench), CV_ERR_SYSTEM);
    unlink(bench_path(bench, "conclave.db"));
    bench->config.folder = "/dev/null";
    assert_int_equal(bench_start(bench), CV_ERR_SYSTEM);
}

static void test_damage_is_found_and_told(void **state) {
    struct bench *bench = open_bench(state);
    for (int i = 0; i < 200; i++) {
        char id[8];
        snprintf(id, sizeof id, "m%d", i);
        bench_result(bench, meeting_op(id, "", CV_KIND_INSTANT, AT(10)));
    }
    assert_int_equal(cv_store_sqlite_check(bench->folder, bench->message), CV_OK);
    assert_string_equal(bench->message, "");
    bench_stop(bench);
    int fd = open(bench_path(bench, "conclave.db"), O_RDWR);
    assert_int_equal(pwrite(fd, "damage damage damage", 20, lseek(fd, 0, SEEK_END) - 4096), 20);
    close(fd);
    assert_int_equal(cv_store_sqlite_check(bench->folder, bench->message), CV_ERR_STORE);
    assert_non_null(strstr(bench->message, "damaged"));

    /* Reading there is an answer of its own kind; elsewhere things go on. */
    assert_int_equal(bench_start(bench), CV_OK);
    int damaged = 0, good = 0;
    for (int i = 0; i < 200; i++) {
        char id[8];
        snprintf(id, sizeof id, "m%d", i);
        struct cv_store_op op = get(id);
        const struct cv_store_answer *answer = bench_ask(bench, &op, 1);
        good += answer->err == CV_OK;
        if (answer->err) {
            damaged++;
            assert_int_equal(answer->err, CV_ERR_STORE);
            assert_int_equal(answer->fault, CV_STORE_FAULT_CORRUPT);
            assert_non_null(strstr(answer->message, "the database is damaged"));
        }
    }
    assert_true(damaged > 0 && good > 0);
    bench_stop(bench);
    unlink(bench_path(bench, "conclave.db"));
    assert_int_equal(cv_store_sqlite_check(bench->folder, bench->message), CV_ERR_NOT_FOUND);
}

/* Meetings with marks in every text, so that pages fill, split and merge. */
static void fill(struct bench *bench, int from, int to) {
    for (int i = from; i < to; i++) {
        char id[16], secret[16];
        snprintf(id, sizeof id, "m%d", i);
        snprintf(secret, sizeof secret, "s%d", i);
        struct cv_store_op meeting = meeting_op(id, "", CV_KIND_INSTANT, AT(10));
        snprintf(meeting.meeting_create.record.title, CV_TITLE_BYTES, "MARK%d.%0*d", i, i * 7 % 400,
                 0);
        struct cv_store_op link = link_op(secret, id, secret);
        link.link_create.label = TEXT(meeting.meeting_create.record.title);
        link.link_create.label.size = strlen(meeting.meeting_create.record.title) % 256;
        struct cv_store_op key = {
            .kind = CV_STORE_IDEMPOTENCY_CLAIM,
            .idempotency_claim = {.meeting = id_of(id),
                                  .key_hash = hash_of(secret),
                                  .request_hash = hash_of("r"),
                                  .answer = TEXT(meeting.meeting_create.record.title),
                                  .created_at_us = 1,
                                  .expires_at_us = 2}};
        struct cv_store_op batch[] = {key, meeting, link};
        assert_int_equal(bench_ask(bench, batch, 3)->err, CV_OK);
        bench_session(bench, id, 1, AT(20), 0);
        struct cv_store_op stay = participant_op(id, id, 1, AT(20));
        snprintf(stay.participant_save.record.name, CV_NAME_BYTES, "MARK%d.", i);
        bench_result(bench, stay);
    }
}

static void test_deleted_bytes_are_gone_from_the_files(void **state) {
    struct bench *bench = open_bench(state);
    char mark[16], id[16];
    size_t more = 0;
    fill(bench, 0, 60);
    assert_true(bench_grep(bench, "MARK17.") > 0);
    for (int i = 0; i < 60; i++) {
        int victim = i * 53 % 60;
        if (victim % 3 == 0)
            continue;
        snprintf(id, sizeof id, "m%d", victim);
        bench_result(bench, delete (id));
        snprintf(mark, sizeof mark, "MARK%d.", victim);
        assert_int_equal(bench_grep(bench, mark), 0);
        if (i % 20 < 2) {
            fill(bench, 1000 + i * 2, 1000 + i * 2 + 2);
            more += 2;
        }
    }
    for (int i = 0; i < 60; i++) {
        snprintf(mark, sizeof mark, "MARK%d.", i);
        assert_int_equal(bench_grep(bench, mark) > 0, i % 3 == 0);
    }
    struct cv_store_op all[] = {{.kind = CV_STORE_MEETING_LOAD}};
    assert_int_equal(bench_ask(bench, all, 1)->results[0].live.count, 20 + more);
}

static void sleep_ms(long ms) {
    nanosleep(&(struct timespec){ms / 1000, ms % 1000 * 1000000}, NULL);
}

static void test_a_reader_only_delays_the_erasing(void **state) {
    struct bench *bench = open_bench(state);
    fill(bench, 0, 3);
    sqlite3 *reader = other_connection(bench, "BEGIN; SELECT count(*) FROM meetings");
    bench_result(bench, delete ("m1"));
    assert_true(bench_grep(bench, "MARK1.") > 0);
    sqlite3_close(reader);
    /* The store tries again by itself, every second. */
    for (int i = 0; i < 300 && bench_grep(bench, "MARK1.") > 0; i++)
        sleep_ms(100);
    assert_int_equal(bench_grep(bench, "MARK1."), 0);
}

static void test_a_crash_before_the_erasing_is_made_up_for(void **state) {
    struct bench *bench = open_bench(state);
    fill(bench, 0, 3);
    sqlite3 *reader = other_connection(bench, "BEGIN; SELECT count(*) FROM meetings");
    bench_result(bench, delete ("m1"));
    /* The files as a crash would leave them. */
    char command[256];
    snprintf(command, sizeof command,
             "mkdir -m 700 %s/crashed && cp %s/conclave.db %s/conclave.db-wal %s/crashed/",
             bench->folder, bench->folder, bench->folder, bench->folder);
    assert_int_equal(system(command), 0);
    sqlite3_close(reader);
    bench_stop(bench);
    struct bench crashed = *bench;
    snprintf(crashed.folder, sizeof crashed.folder, "%s/crashed", bench->folder);
    assert_true(bench_grep(&crashed, "MARK1.") > 0);
    bench->config.folder = crashed.folder;
    assert_int_equal(bench_start(bench), CV_OK);
    assert_int_equal(bench_grep(&crashed, "MARK1."), 0);
    assert_int_equal(bench_err(bench, get("m1")), CV_ERR_NOT_FOUND);
    bench_result(bench, get("m2"));
}

static void test_freed_space_goes_back_to_the_file_system(void **state) {
    struct bench *bench = open_bench(state);
    bench_result(bench, meeting_op("m1", "", CV_KIND_INSTANT, AT(10)));
    for (uint32_t i = 1; i <= 100; i++)
        bench_session(bench, "m1", i, AT(100 + i), AT(101 + i));
    for (uint32_t i = 1; i <= 100; i++) {
        struct cv_store_op batch[32];
        char id[16];
        for (int j = 0; j < 32; j++) {
            snprintf(id, sizeof id, "p%u-%d", (unsigned)i, j);
            batch[j] = left_op(participant_op("m1", id, i, AT(100 + i)), CV_GONE_LEFT, AT(101 + i));
        }
        assert_int_equal(bench_ask(bench, batch, 32)->err, CV_OK);
    }
    struct cv_store_op trim = {.kind = CV_STORE_RECORD_TRIM, .record_trim = {1}};
    bench_result(bench, trim);
    struct stat before, after;
    assert_int_equal(stat(bench_path(bench, "conclave.db"), &before), 0);
    trim.record_trim.count = 90;
    assert_int_equal(bench_result(bench, trim)->count, 90);
    assert_int_equal(stat(bench_path(bench, "conclave.db"), &after), 0);
    assert_true(after.st_size < before.st_size / 2);
}

static void test_what_waits_shares_a_commit(void **state) {
    struct bench *bench = open_bench(state);
    struct cv_store_stats before, after;
    sqlite3 *holder = other_connection(bench, "BEGIN IMMEDIATE");
    cv_store_stats(bench->store, &before);
    for (int i = 0; i < 200; i++) {
        char id[8];
        snprintf(id, sizeof id, "m%d", i);
        struct cv_store_op op = meeting_op(id, i == 100 ? "nobody" : "", CV_KIND_INSTANT, AT(1));
        assert_int_equal(cv_store_submit(bench->store, &op, 1, NULL, NULL), CV_OK);
    }
    sqlite3_close(holder);
    /* One that fails takes none of the others with it. */
    for (int i = 0; i < 200; i++) {
        struct cv_store_answer *answer = bench_take(bench);
        assert_int_equal(answer->err, i == 100 ? CV_ERR_NOT_FOUND : CV_OK);
        cv_store_deliver(answer);
    }
    cv_store_stats(bench->store, &after);
    assert_int_equal(after.batches - before.batches, 200);
    assert_true(after.commits - before.commits <= 2);
    bench_result(bench, get("m99"));
    assert_int_equal(bench_err(bench, get("m100")), CV_ERR_NOT_FOUND);
}

/* With what was changed in its configuration, and while somebody else holds the database. */
static sqlite3 *restart_locked_out(struct bench *bench) {
    bench_stop(bench);
    assert_int_equal(bench_start(bench), CV_OK);
    return other_connection(bench, "BEGIN IMMEDIATE");
}

static void test_the_queue_has_limits(void **state) {
    struct bench *bench = open_bench(state);
    bench->config.queue_max = 10;
    sqlite3 *holder = restart_locked_out(bench);
    struct cv_store_op op = meeting_op("m1", "", CV_KIND_INSTANT, AT(1));
    int accepted = 0;
    while (cv_store_submit(bench->store, &op, 1, NULL, NULL) == CV_OK)
        accepted++;
    assert_int_equal(accepted, 10);
    struct cv_store_stats stats;
    cv_store_stats(bench->store, &stats);
    assert_int_equal(stats.queued, 10);
    sqlite3_close(holder);
    for (int i = 0; i < 10; i++)
        cv_store_deliver(bench_take(bench));
    assert_int_equal(bench_err(bench, op), CV_ERR_EXISTS);

    bench->config.queue_max_bytes = 12000;
    holder = restart_locked_out(bench);
    for (accepted = 0; cv_store_submit(bench->store, &op, 1, NULL, NULL) == CV_OK;)
        accepted++;
    assert_in_range(accepted, 2, 9);
    sqlite3_close(holder);
}

static void test_a_lock_held_too_long_is_an_error_that_passes(void **state) {
    struct bench *bench = open_bench(state);
    bench->config.busy_ms = 50;
    sqlite3 *holder = restart_locked_out(bench);
    struct cv_store_op op = meeting_op("m1", "", CV_KIND_INSTANT, AT(1));
    const struct cv_store_answer *answer = bench_ask(bench, &op, 1);
    assert_int_equal(answer->err, CV_ERR_STORE);
    assert_int_equal(answer->fault, CV_STORE_FAULT_BUSY);
    assert_string_equal(answer->message,
                        "another process holds the database (SQLite 5: database is locked)");
    struct cv_store_stats stats;
    cv_store_stats(bench->store, &stats);
    assert_int_equal(stats.fault, CV_STORE_FAULT_BUSY);
    assert_int_equal(stats.failed, 1);
    /* Reading needs no lock. */
    assert_int_equal(bench_err(bench, get("m1")), CV_ERR_NOT_FOUND);
    sqlite3_close(holder);
    bench_result(bench, op);
    cv_store_stats(bench->store, &stats);
    assert_int_equal(stats.fault, CV_STORE_FAULT_NONE);
}

static void test_closing_carries_out_what_was_accepted(void **state) {
    struct bench *bench = open_bench(state);
    for (int i = 0; i < 300; i++) {
        char id[8];
        snprintf(id, sizeof id, "m%d", i);
        struct cv_store_op op = meeting_op(id, "", CV_KIND_INSTANT, AT(1));
        assert_int_equal(cv_store_submit(bench->store, &op, 1, NULL, NULL), CV_OK);
    }
    bench->store = cv_store_close(bench->store);
    for (int i = 0; i < 300; i++) {
        struct cv_store_answer *answer = bench_take(bench);
        assert_int_equal(answer->err, CV_OK);
        cv_store_deliver(answer);
    }
    assert_int_equal(bench_start(bench), CV_OK);
    bench_result(bench, get("m299"));
}

static void *read_stats(void *context) {
    struct bench *bench = context;
    struct cv_store_stats stats = {0};
    while (stats.batches < 500)
        cv_store_stats(bench->store, &stats);
    return NULL;
}

static void test_statistics_may_be_read_on_any_thread(void **state) {
    struct bench *bench = open_bench(state);
    struct cv_store_op op = get("m1");
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, read_stats, bench), 0);
    for (int i = 0; i < 500; i++) {
        assert_int_equal(cv_store_submit(bench->store, &op, 1, NULL, NULL), CV_OK);
        if (i % 5 == 0)
            cv_store_deliver(bench_take(bench));
    }
    pthread_join(thread, NULL);
}

static void test_two_processes_may_write(void **state) {
    struct bench *bench = open_bench(state);
    struct bench other = *bench;
    pthread_mutex_init(&other.mutex, NULL);
    pthread_cond_init(&other.posted, NULL);
    cv_list_init(&other.answers);
    other.last = NULL;
    other.config.poster.context = &other;
    assert_int_equal(bench_start(&other), CV_OK);
    for (int i = 0; i < 50; i++) {
        char mine[8], theirs[8];
        snprintf(mine, sizeof mine, "m%d", i);
        snprintf(theirs, sizeof theirs, "t%d", i);
        struct cv_store_op op = meeting_op(mine, "", CV_KIND_INSTANT, AT(1));
        assert_int_equal(cv_store_submit(bench->store, &op, 1, NULL, NULL), CV_OK);
        bench_result(&other, meeting_op(theirs, "", CV_KIND_INSTANT, AT(1)));
    }
    for (int i = 0; i < 50; i++) {
        struct cv_store_answer *answer = bench_take(bench);
        assert_int_equal(answer->err, CV_OK);
        cv_store_deliver(answer);
    }
    bench_result(&other, get("m49"));
    bench_result(bench, get("t49"));
    bench_stop(&other);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_teardown(function, bench_teardown)
        TEST(test_files_are_for_the_owner_alone),
        TEST(test_what_was_stored_is_there_after_a_restart),
        TEST(test_databases_that_are_none_of_ours_are_refused),
        TEST(test_damage_is_found_and_told),
        TEST(test_deleted_bytes_are_gone_from_the_files),
        TEST(test_a_reader_only_delays_the_erasing),
        TEST(test_a_crash_before_the_erasing_is_made_up_for),
        TEST(test_freed_space_goes_back_to_the_file_system),
        TEST(test_what_waits_shares_a_commit),
        TEST(test_the_queue_has_limits),
        TEST(test_a_lock_held_too_long_is_an_error_that_passes),
        TEST(test_closing_carries_out_what_was_accepted),
        TEST(test_statistics_may_be_read_on_any_thread),
        TEST(test_two_processes_may_write),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
