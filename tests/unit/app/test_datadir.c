/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "app/datadir.h"
#include "scratch.h"

#include <string.h>
#include <sys/stat.h>

static void test_made_closed_and_entered(void **state) {
    char error[CV_DATADIR_ERROR_BYTES];
    char cwd[4096];
    struct stat st;
    int lock_fd = -1;
    (void)state;
    assert_int_equal(cv_datadir_enter("a/b/data", NULL, &lock_fd, error), CV_OK);
    assert_non_null(getcwd(cwd, sizeof cwd));
    assert_non_null(strstr(cwd, "/a/b/data"));
    assert_int_equal(stat(".", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);
    assert_int_equal(stat(CV_DATADIR_LOCK, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    close(lock_fd);
}

static void test_one_at_a_time(void **state) {
    char error[CV_DATADIR_ERROR_BYTES];
    int first = -1;
    int second = -1;
    (void)state;
    assert_int_equal(cv_datadir_enter("data", NULL, &first, error), CV_OK);
    assert_int_equal(cv_datadir_enter("../data", NULL, &second, error), CV_ERR_EXISTS);
    assert_non_null(strstr(error, "another conclaved works on the data folder '../data'"));
    assert_int_equal(second, -1);
    close(first);
    assert_int_equal(cv_datadir_enter("../data", NULL, &second, error), CV_OK);
    close(second);
}

static void test_what_is_no_folder(void **state) {
    char error[CV_DATADIR_ERROR_BYTES];
    int lock_fd = -1;
    (void)state;
    close(open("file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_int_equal(cv_datadir_enter("file", NULL, &lock_fd, error), CV_ERR_SYSTEM);
    assert_non_null(strstr(error, "Not a directory"));
    assert_int_equal(cv_datadir_enter("file/data", NULL, &lock_fd, error), CV_ERR_SYSTEM);
}

static uid_t owner(const char *path) {
    struct stat st;
    assert_int_equal(lstat(path, &st), 0);
    return st.st_uid;
}

/* What root left behind goes to the account; what leads out of the folder doesn't. */
static void test_given_away(void **state) {
    const struct cv_account account = {.uid = 65534, .gid = 65534};
    char error[CV_DATADIR_ERROR_BYTES];
    int lock_fd = -1;
    (void)state;
    if (geteuid() != 0) {
        skip();
    }
    assert_int_equal(mkdir("data", 0700), 0);
    assert_int_equal(mkdir("data/keys", 0700), 0);
    close(open("data/keys/master.key", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    close(open("outside", O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
    assert_int_equal(link("outside", "data/second-name"), 0);
    assert_int_equal(symlink("../outside", "data/symbolic"), 0);
    assert_int_equal(cv_datadir_enter("data", &account, &lock_fd, error), CV_OK);
    assert_int_equal(owner("."), 65534);
    assert_int_equal(owner("keys"), 65534);
    assert_int_equal(owner("keys/master.key"), 65534);
    assert_int_equal(owner("lock"), 65534);
    assert_int_equal(owner("second-name"), 0);
    assert_int_equal(owner("../outside"), 0);
    assert_int_equal(owner("symbolic"), 0);
    close(lock_fd);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_made_closed_and_entered, scratch_enter, scratch_leave),
        cmocka_unit_test_setup_teardown(test_one_at_a_time, scratch_enter, scratch_leave),
        cmocka_unit_test_setup_teardown(test_what_is_no_folder, scratch_enter, scratch_leave),
        cmocka_unit_test_setup_teardown(test_given_away, scratch_enter, scratch_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
