/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "app/keys.h"
#include "io/random.h"
#include "scratch.h"

#include <string.h>
#include <sys/stat.h>

static void test_made_once_and_found_again(void **state) {
    struct cv_secrets first;
    struct cv_secrets second;
    struct stat st;
    char error[CV_KEYS_ERROR_BYTES];
    (void)state;
    assert_int_equal(cv_keys_load(cv_random_system(), &first, error), CV_OK);
    assert_int_equal(stat("keys/master.key", &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, CV_MASTER_KEY_BYTES);
    assert_int_equal(access("keys/master.key.new", F_OK), -1);
    assert_int_equal(cv_keys_load(cv_random_system(), &second, error), CV_OK);
    assert_memory_equal(&first, &second, sizeof first);
    unlink("keys/master.key");
    assert_int_equal(cv_keys_load(cv_random_system(), &second, error), CV_OK);
    assert_memory_not_equal(&first, &second, sizeof first);
}

/* Never a new key in place of a damaged one: it would void every link. */
static void test_damaged(void **state) {
    static const size_t sizes[] = {0, CV_MASTER_KEY_BYTES - 1, CV_MASTER_KEY_BYTES + 1};
    struct cv_secrets secrets;
    char error[CV_KEYS_ERROR_BYTES];
    char bytes[CV_MASTER_KEY_BYTES + 1] = {0};
    (void)state;
    assert_int_equal(mkdir("keys", 0700), 0);
    for (size_t i = 0; i < 3; i++) {
        FILE *file = fopen("keys/master.key", "w");
        assert_non_null(file);
        fwrite(bytes, 1, sizes[i], file);
        fclose(file);
        assert_int_equal(cv_keys_load(cv_random_system(), &secrets, error), CV_ERR_CONFIG);
        assert_non_null(strstr(error, "restore it from a backup"));
    }
}

static void test_a_link_is_no_key(void **state) {
    struct cv_secrets secrets;
    char error[CV_KEYS_ERROR_BYTES];
    (void)state;
    assert_int_equal(mkdir("keys", 0700), 0);
    assert_int_equal(symlink("/dev/zero", "keys/master.key"), 0);
    assert_int_equal(cv_keys_load(cv_random_system(), &secrets, error), CV_ERR_SYSTEM);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_made_once_and_found_again, scratch_enter,
                                        scratch_leave),
        cmocka_unit_test_setup_teardown(test_damaged, scratch_enter, scratch_leave),
        cmocka_unit_test_setup_teardown(test_a_link_is_no_key, scratch_enter, scratch_leave),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
