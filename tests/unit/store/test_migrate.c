/* SPDX-License-Identifier: Apache-2.0 */
/* Migrations and the backups before them, with small schemas of the test's own. */
#include "bench.h"
#include "store/backup.h"
#include "store/sqlite_open.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static const struct cv_migration steps[] = {
    {"first", "CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT); "
              "INSERT INTO things (name) VALUES ('one'), ('two');"},
    {"second", "ALTER TABLE things ADD COLUMN size INTEGER; UPDATE things SET size = id * 10;"},
    {"third", "CREATE TABLE more (x); DROP TABLE things; SELECT no_such_function();"},
    {"fourth", "CREATE TABLE others (id INTEGER PRIMARY KEY);"},
};

struct folder {
    char path[64];
    struct cv_migrate migrate;
    struct cv_db db;
};

static int setup(void **state) {
    struct folder *folder = calloc(1, sizeof *folder);
    assert_non_null(folder);
    snprintf(folder->path, sizeof folder->path, "/tmp/conclave-migrate-XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    folder->migrate = (struct cv_migrate){folder->path, AT(0), steps, 0};
    *state = folder;
    return 0;
}

static int teardown(void **state) {
    struct folder *folder = *state;
    char command[96];
    snprintf(command, sizeof command, "rm -r %s", folder->path);
    assert_int_equal(system(command), 0);
    free(folder);
    return 0;
}

/* Opens with the first `count` migrations, and closes when that went well. */
static enum cv_err upgrade(struct folder *folder, int count, int64_t now_us) {
    folder->migrate.count = count;
    folder->migrate.now_us = now_us;
    enum cv_err err = cv_sqlite_open(&folder->db, &folder->migrate, 0);
    if (!err)
        cv_db_close(&folder->db);
    return err;
}

static int64_t number(const struct folder *folder, const char *file, const char *sql) {
    char path[128];
    struct cv_db db = {0};
    int64_t result = -1;
    snprintf(path, sizeof path, "%s/%s", folder->path, file);
    assert_int_equal(sqlite3_open_v2(path, &db.handle, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    assert_int_equal(cv_db_number(&db, sql, &result), CV_OK);
    cv_db_close(&db);
    return result;
}

/* The names of the backups, sorted, as one text. */
static const char *backups(const struct folder *folder) {
    static char text[1024];
    char path[96];
    struct dirent **entries;
    snprintf(path, sizeof path, "%s/backups", folder->path);
    text[0] = '\0';
    int count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        if (entries[i]->d_name[0] != '.') {
            strncat(text, entries[i]->d_name, sizeof text - strlen(text) - 1);
            strncat(text, " ", sizeof text - strlen(text) - 1);
        }
        free(entries[i]);
    }
    if (count >= 0)
        free(entries);
    return text;
}

static void test_migrations_run_once_each_after_a_backup(void **state) {
    struct folder *folder = *state;
    assert_int_equal(upgrade(folder, 1, AT(0)), CV_OK);
    assert_string_equal(backups(folder), "");
    assert_int_equal(upgrade(folder, 1, AT(1)), CV_OK);
    assert_int_equal(number(folder, "conclave.db", "SELECT count(*) FROM things"), 2);

    assert_int_equal(upgrade(folder, 2, AT(61)), CV_OK);
    assert_int_equal(number(folder, "conclave.db", "PRAGMA user_version"), 2);
    assert_int_equal(number(folder, "conclave.db", "SELECT sum(size) FROM things"), 30);
    assert_string_equal(backups(folder), "conclave-v0001-19700101T000101Z.db ");
    const char *backup = "backups/conclave-v0001-19700101T000101Z.db";
    assert_int_equal(number(folder, backup, "PRAGMA user_version"), 1);
    assert_int_equal(number(folder, backup, "SELECT count(*) FROM things"), 2);
    assert_int_equal(number(folder, backup, "SELECT count(*) FROM pragma_integrity_check"), 1);

    char path[128];
    struct stat st;
    snprintf(path, sizeof path, "%s/%s", folder->path, backup);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    snprintf(path, sizeof path, "%s/backups", folder->path);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
}

static void test_a_migration_that_fails_changes_nothing(void **state) {
    struct folder *folder = *state;
    assert_int_equal(upgrade(folder, 2, AT(0)), CV_OK);
    assert_int_equal(upgrade(folder, 3, AT(60)), CV_ERR_STORE);
    assert_non_null(strstr(folder->db.message, "the database failed"));
    assert_non_null(strstr(folder->db.message, steps[2].name));
    assert_int_equal(number(folder, "conclave.db", "PRAGMA user_version"), 2);
    assert_int_equal(number(folder, "conclave.db", "SELECT count(*) FROM things"), 2);
    assert_int_equal(number(folder, "conclave.db", "SELECT count(*) FROM sqlite_schema"), 1);
}

static void test_an_older_program_refuses(void **state) {
    struct folder *folder = *state;
    assert_int_equal(upgrade(folder, 2, AT(0)), CV_OK);
    assert_int_equal(upgrade(folder, 1, AT(0)), CV_ERR_STATE);
    assert_non_null(strstr(folder->db.message, "version 2 and this program knows 1"));
}

static void test_a_restored_backup_migrates_again(void **state) {
    struct folder *folder = *state;
    assert_int_equal(upgrade(folder, 1, AT(0)), CV_OK);
    assert_int_equal(upgrade(folder, 2, AT(61)), CV_OK);
    char command[256];
    snprintf(command, sizeof command, "cp %s/backups/*.db %s/conclave.db", folder->path,
             folder->path);
    assert_int_equal(system(command), 0);
    assert_int_equal(number(folder, "conclave.db", "PRAGMA user_version"), 1);
    assert_int_equal(upgrade(folder, 2, AT(62)), CV_OK);
    assert_int_equal(number(folder, "conclave.db", "SELECT sum(size) FROM things"), 30);
}

static void make_backup(struct folder *folder, int version, int64_t now_us) {
    assert_int_equal(cv_sqlite_open(&folder->db, &folder->migrate, 0), CV_OK);
    assert_int_equal(cv_backup(&folder->db, folder->path, version, now_us), CV_OK);
    cv_db_close(&folder->db);
}

static void test_few_backups_are_kept_and_not_for_long(void **state) {
    struct folder *folder = *state;
    const int64_t day = CV_US_PER_DAY;
    assert_int_equal(upgrade(folder, 1, AT(0)), CV_OK);
    for (int i = 1; i <= 5; i++)
        make_backup(folder, i, AT(i));
    assert_string_equal(backups(folder), "conclave-v0003-19700101T000003Z.db "
                                         "conclave-v0004-19700101T000004Z.db "
                                         "conclave-v0005-19700101T000005Z.db ");
    char command[256];
    snprintf(command, sizeof command,
             "cd %s/backups && touch mine.db conclave-v0001-19700101T000001Z.db.part "
             "conclave-v0001-19700101T000001Z.db.mine",
             folder->path);
    assert_int_equal(system(command), 0);
    cv_backups_prune(folder->path, 7 * day + AT(5));
    assert_string_equal(backups(folder), "conclave-v0001-19700101T000001Z.db.mine "
                                         "conclave-v0005-19700101T000005Z.db mine.db ");
    /* Opening the store does the same. */
    assert_int_equal(upgrade(folder, 1, 7 * day + AT(6)), CV_OK);
    assert_string_equal(backups(folder), "conclave-v0001-19700101T000001Z.db.mine mine.db ");
    cv_backups_prune("/nonexistent", 1);
}

static void test_without_room_for_a_backup_nothing_is_migrated(void **state) {
    struct folder *folder = *state;
    assert_int_equal(upgrade(folder, 1, AT(0)), CV_OK);
    char path[96];
    snprintf(path, sizeof path, "%s/backups", folder->path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fclose(file);
    assert_int_equal(upgrade(folder, 2, AT(1)), CV_ERR_SYSTEM);
    assert_string_equal(folder->db.message, "can't write a backup: Not a directory");
    assert_int_equal(number(folder, "conclave.db", "PRAGMA user_version"), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)
        TEST(test_migrations_run_once_each_after_a_backup),
        TEST(test_a_migration_that_fails_changes_nothing),
        TEST(test_an_older_program_refuses),
        TEST(test_a_restored_backup_migrates_again),
        TEST(test_few_backups_are_kept_and_not_for_long),
        TEST(test_without_room_for_a_backup_nothing_is_migrated),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
