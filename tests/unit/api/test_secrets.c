/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "api/secrets.h"

static uint8_t counter;

static void fill(void *context, uint8_t *data, size_t size) {
    (void)context;
    for (size_t i = 0; i < size; i++) {
        data[i] = counter++;
    }
}
static const struct cv_random seeded = {.fill = fill};

static const uint8_t master[CV_MASTER_KEY_BYTES] = {1, 2, 3};

static void test_tokens(void **state) {
    struct cv_token first;
    struct cv_token second;
    (void)state;
    cv_token_make(seeded, &first);
    cv_token_make(seeded, &second);
    assert_int_equal(strlen(first.text), CV_TOKEN_CHARS);
    assert_int_equal(strspn(first.text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                        "0123456789-_"),
                     CV_TOKEN_CHARS);
    assert_string_not_equal(first.text, second.text);
}

static void test_ids(void **state) {
    struct cv_id id;
    struct cv_id parsed;
    (void)state;
    cv_id_make(seeded, 'm', &id);
    assert_int_equal(id.text[0], 'm');
    assert_int_equal(strlen(id.text), 23);
    assert_int_equal(cv_id_parse(cv_slice_str(id.text), &parsed), CV_OK);
    assert_true(cv_id_eq(&id, &parsed));
}

/* A token of one use is none of another, and another server's is none of ours. */
static void test_hashes_are_apart(void **state) {
    struct cv_secrets secrets;
    struct cv_secrets other;
    struct cv_secret_hash hashes[CV_SECRET_COUNT + 1];
    uint8_t another_master[CV_MASTER_KEY_BYTES] = {9};
    const struct cv_slice token = cv_slice_str("abcdefghijklmnopqrstuvwxyz0");
    (void)state;
    cv_secrets_init(&secrets, master);
    cv_secrets_init(&other, another_master);
    for (int use = 0; use < CV_SECRET_COUNT; use++) {
        cv_secret_hash(&secrets, (enum cv_secret_use)use, token, &hashes[use]);
    }
    cv_secret_hash(&other, CV_SECRET_LINK, token, &hashes[CV_SECRET_COUNT]);
    for (size_t i = 0; i <= CV_SECRET_COUNT; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(&hashes[i], &hashes[j], sizeof hashes[i]);
        }
    }
    struct cv_secret_hash again;
    cv_secret_hash(&secrets, CV_SECRET_LINK, token, &again);
    assert_memory_equal(&again, &hashes[CV_SECRET_LINK], sizeof again);
    cv_secret_hash(&secrets, CV_SECRET_LINK, (struct cv_slice){NULL, 0}, &again);
    cv_secrets_wipe(&secrets);
}

/* What is in databases must be found again by later versions. */
static void test_hashes_never_change(void **state) {
    struct cv_secrets secrets;
    struct cv_secret_hash hash;
    static const uint8_t expected[8] = {0x97, 0xab, 0xa2, 0xa2, 0x38, 0x2c, 0xc0, 0x96};
    (void)state;
    cv_secrets_init(&secrets, master);
    cv_secret_hash(&secrets, CV_SECRET_LINK, cv_slice_str("token"), &hash);
    assert_memory_equal(hash.bytes, expected, sizeof expected);
}

static void test_sealing(void **state) {
    struct cv_secrets secrets;
    struct cv_buf sealed = {0};
    struct cv_buf plain = {0};
    const struct cv_slice key = cv_slice_str("an idempotency key");
    (void)state;
    cv_secrets_init(&secrets, master);
    assert_int_equal(cv_secret_seal(&secrets, seeded, key, cv_slice_str("{\"url\":1}"), &sealed),
                     CV_OK);
    assert_null(memmem(sealed.data, sealed.size, "url", 3));
    assert_int_equal(cv_secret_open(&secrets, key, cv_buf_slice(&sealed), &plain), CV_OK);
    assert_true(cv_slice_eq_str(cv_buf_slice(&plain), "{\"url\":1}"));
    assert_int_equal(
        cv_secret_open(&secrets, cv_slice_str("another key"), cv_buf_slice(&sealed), &plain),
        CV_ERR_AUTH);
    sealed.data[sealed.size - 1] ^= 1;
    assert_int_equal(cv_secret_open(&secrets, key, cv_buf_slice(&sealed), &plain), CV_ERR_AUTH);
    for (size_t size = 0; size < sealed.size; size++) {
        assert_int_equal(cv_secret_open(&secrets, key, cv_slice_of(sealed.data, size), &plain),
                         CV_ERR_AUTH);
    }
    assert_true(cv_slice_eq_str(cv_buf_slice(&plain), "{\"url\":1}")); /* untouched */
    cv_buf_release(&sealed);
    cv_buf_release(&plain);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_tokens),           cmocka_unit_test(test_ids),
        cmocka_unit_test(test_hashes_are_apart), cmocka_unit_test(test_hashes_never_change),
        cmocka_unit_test(test_sealing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
