/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "app/hasher.h"

#include <sodium.h>
#include <string.h>

static struct cv_loop *loop;
static struct cv_hasher *hasher;
static struct cv_api_passwords passwords;
static char hashed[128];
static enum cv_err results[2 * CV_HASHER_QUEUE];
static size_t result_count;
static size_t wanted;

static int start(void **state) {
    (void)state;
    result_count = 0;
    if (sodium_init() < 0 || cv_loop_new(&loop) || cv_hasher_new(loop, &hasher)) {
        return -1;
    }
    passwords = cv_hasher_passwords(hasher);
    return 0;
}

static int stop(void **state) {
    (void)state;
    hasher = cv_hasher_free(hasher);
    loop = cv_loop_free(loop);
    return 0;
}

static void on_verified(void *context, enum cv_err err) {
    (void)context;
    results[result_count++] = err;
    if (result_count == wanted) {
        cv_loop_stop(loop);
    }
}

static void on_hashed(void *context, enum cv_err err, const char *hash) {
    strcpy(hashed, err ? "" : hash);
    on_verified(context, err);
}

static void run_until(size_t count) {
    wanted = count;
    assert_int_equal(cv_loop_run(loop), CV_OK);
}

static void verify(const char *password, const char *hash) {
    assert_int_equal(passwords.verify(passwords.context, cv_slice_str(password),
                                      hash ? cv_slice_str(hash) : (struct cv_slice){NULL, 0},
                                      on_verified, NULL),
                     CV_OK);
}

static void test_right_wrong_and_nobody(void **state) {
    (void)state;
    assert_int_equal(
        passwords.hash(passwords.context, cv_slice_str("correct horse"), on_hashed, NULL), CV_OK);
    run_until(1);
    assert_int_equal(results[0], CV_OK);
    assert_int_equal(strncmp(hashed, "$argon2id$v=19$m=65536,t=3,p=1$", 31), 0);
    verify("correct horse", hashed);
    verify("correct hors", hashed);
    verify("", hashed);
    verify("correct horse", NULL);
    verify("correct horse", "no hash at all");
    run_until(6);
    assert_int_equal(results[1], CV_OK);
    for (size_t i = 2; i < 6; i++) {
        assert_int_equal(results[i], CV_ERR_AUTH);
    }
}

static void test_the_queue_is_bounded(void **state) {
    (void)state;
    for (int i = 0; i < CV_HASHER_QUEUE; i++) {
        verify("x", "no hash at all");
    }
    assert_int_equal(passwords.verify(passwords.context, cv_slice_str("x"), cv_slice_str("x"),
                                      on_verified, NULL),
                     CV_ERR_FULL);
    run_until(CV_HASHER_QUEUE);
    verify("x", "no hash at all");
    run_until(CV_HASHER_QUEUE + 1);
    static char large[CV_HASHER_PASSWORD_BYTES + 1];
    assert_int_equal(
        passwords.hash(passwords.context, cv_slice_of(large, sizeof large), on_hashed, NULL),
        CV_ERR_RANGE);
}

/* Freed with work in hand and work waiting: nobody is called, nothing is leaked. */
static void test_freed_at_work(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        verify("x", NULL);
    }
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_right_wrong_and_nobody, start, stop),
        cmocka_unit_test_setup_teardown(test_the_queue_is_bounded, start, stop),
        cmocka_unit_test_setup_teardown(test_freed_at_work, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
