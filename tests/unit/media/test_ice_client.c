/* SPDX-License-Identifier: Apache-2.0 */
#include "media/ice_client.h"
#include "seeded.h"
#include "test.h"

static const int64_t start_us = 1000 * CV_US_PER_S;
static const struct cv_ice_path path = {{{192, 0, 2, 1}, 1000, CV_ADDR_V4}, 0};

static struct cv_seeded seeded;
static struct cv_ice_client client;
static struct cv_ice server;
static uint8_t check[CV_ICE_CHECK_BYTES];
static uint8_t answer[CV_ICE_ANSWER_BYTES];

static struct cv_random source(void) {
    return cv_seeded_random(&seeded);
}

static int set_up(void **state) {
    seeded.state = 7;
    cv_ice_client_init(&client, source());
    enum cv_err err = cv_ice_init(
        &server, source(), cv_slice_str(cv_ice_client_credentials(&client)->ufrag), start_us);
    const struct cv_ice_credentials *remote = cv_ice_credentials(&server);
    return err ? err
               : cv_ice_client_start(&client, start_us, cv_slice_str(remote->ufrag),
                                     cv_slice_str(remote->password));
}

static size_t output(int64_t now_us) {
    return cv_ice_client_output(&client, now_us, source(), check);
}

/* The server's answer to the check that was put out. */
static struct cv_stun_message answered(int64_t now_us, size_t check_size) {
    struct cv_stun_message message;
    assert_int_equal(cv_stun_parse(cv_slice_of(check, check_size), &message), CV_OK);
    size_t size = cv_ice_input(&server, now_us, &message, &path, answer);
    assert_true(size > 0);
    assert_int_equal(cv_stun_parse(cv_slice_of(answer, size), &message), CV_OK);
    return message;
}

static size_t input(int64_t now_us, const struct cv_stun_message *message) {
    return cv_ice_client_input(&client, now_us, message, &path.remote, answer);
}

static void a_lite_server_is_reached_and_kept(void **state) {
    int64_t now_us = start_us;
    size_t size = output(now_us);
    assert_true(size > 0);
    struct cv_stun_message message = answered(now_us, size);
    input(now_us, &message);
    assert_int_equal(client.state, CV_ICE_CLIENT_CONNECTED);
    assert_int_equal(cv_ice_state(&server), CV_ICE_CONNECTED); /* one check nominates */
    for (int i = 0; i < 40; i++) {
        now_us = cv_ice_client_deadline(&client);
        size = output(now_us);
        assert_true(size > 0);
        message = answered(now_us, size);
        input(now_us, &message);
        cv_ice_tick(&server, now_us);
    }
    assert_int_equal(now_us, start_us + 40 * CV_ICE_KEEP_US);
    assert_int_equal(client.state, CV_ICE_CLIENT_CONNECTED);
    assert_int_equal(cv_ice_state(&server), CV_ICE_CONNECTED);
}

static void a_check_is_repeated_as_it_was(void **state) {
    size_t size = output(start_us);
    uint8_t first[CV_ICE_CHECK_BYTES];
    memcpy(first, check, size);
    assert_int_equal(output(start_us + 1), 0);
    assert_int_equal(output(start_us + CV_ICE_RETRY_US), size);
    assert_memory_equal(check, first, size);
    assert_int_equal(cv_ice_client_deadline(&client), start_us + 3 * CV_ICE_RETRY_US);
}

static void silence_ends_it(void **state) {
    int checks = 0;
    while (client.state != CV_ICE_CLIENT_EXPIRED) {
        checks += output(cv_ice_client_deadline(&client)) > 0;
        assert_true(checks < 100);
    }
    assert_in_range(checks, 36, 42);
    assert_true(cv_ice_client_deadline(&client) == CV_TIME_NEVER);
    assert_int_equal(output(start_us + 100 * CV_US_PER_S), 0);
}

static void only_the_answer_to_the_check_counts(void **state) {
    struct cv_stun_message good = answered(start_us, output(start_us)), message = good;
    uint8_t other[CV_STUN_TRANSACTION_BYTES] = {1};
    message.transaction_id = other;
    input(start_us, &message);
    message = good;
    message.class = CV_STUN_ERROR;
    input(start_us, &message);
    message = good;
    message.integrity_offset = 0;
    input(start_us, &message);
    assert_int_equal(client.state, CV_ICE_CLIENT_CHECKING);
    input(start_us, &good);
    assert_int_equal(client.state, CV_ICE_CLIENT_CONNECTED);
    /* The same answer again proves nothing. */
    input(start_us + CV_US_PER_S, &good);
    assert_int_equal(client.expires_at_us, start_us + CV_ICE_CONSENT_US);
}

static size_t check_of_theirs(const char *password, uint8_t *out, size_t capacity) {
    static const uint8_t transaction[CV_STUN_TRANSACTION_BYTES] = "transaction";
    struct cv_stun_writer writer;
    size_t size = 0;
    cv_stun_begin(&writer, out, capacity, CV_STUN_REQUEST, CV_STUN_BINDING, transaction);
    cv_stun_add_u64(&writer, CV_STUN_ATTR_ICE_CONTROLLED, 1);
    cv_stun_add_integrity(&writer, cv_slice_str(password));
    cv_stun_add_fingerprint(&writer);
    assert_int_equal(cv_stun_finish(&writer, &size), CV_OK);
    return size;
}

static void a_check_of_the_server_is_answered(void **state) {
    uint8_t bytes[CV_STUN_MAX_BYTES];
    struct cv_stun_message message;
    const char *password = cv_ice_client_credentials(&client)->password;
    size_t size = check_of_theirs(password, bytes, sizeof bytes);
    assert_int_equal(cv_stun_parse(cv_slice_of(bytes, size), &message), CV_OK);
    size = input(start_us, &message);
    assert_true(size > 0);
    assert_int_equal(cv_stun_parse(cv_slice_of(answer, size), &message), CV_OK);
    assert_int_equal(message.class, CV_STUN_SUCCESS);
    assert_true(cv_addr_eq(&message.mapped, &path.remote));
    assert_int_equal(cv_stun_check_integrity(&message, cv_slice_str(password)), CV_OK);
    assert_int_equal(client.state, CV_ICE_CLIENT_CHECKING); /* it proves nothing to us */

    size = check_of_theirs("anything else", bytes, sizeof bytes);
    assert_int_equal(cv_stun_parse(cv_slice_of(bytes, size), &message), CV_OK);
    assert_int_equal(input(start_us, &message), 0);
}

static void credentials_that_cannot_be_right_are_refused(void **state) {
    char longest[CV_ICE_MAX_UFRAG_CHARS + 2];
    memset(longest, 'a', sizeof longest);
    struct cv_slice good = cv_slice_str("abcdefgh");
    struct cv_slice bad[] = {cv_slice_str("abc"), cv_slice_of(longest, sizeof longest),
                             cv_slice_of("ab\0cd", 5)};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(cv_ice_client_start(&client, start_us, bad[i], good), CV_ERR_SYNTAX);
        assert_int_equal(cv_ice_client_start(&client, start_us, good, bad[i]), CV_ERR_SYNTAX);
    }
    struct cv_slice limit = cv_slice_of(longest, CV_ICE_MAX_UFRAG_CHARS);
    assert_int_equal(cv_ice_client_start(&client, start_us, limit, cv_slice_of(longest, 64)),
                     CV_OK);
    assert_in_range(output(start_us), 300, CV_ICE_CHECK_BYTES);
}

static void nothing_happens_before_the_start(void **state) {
    cv_ice_client_init(&client, source());
    assert_true(cv_ice_client_deadline(&client) == CV_TIME_NEVER);
    assert_int_equal(output(start_us), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_lite_server_is_reached_and_kept, set_up),
        cmocka_unit_test_setup(a_check_is_repeated_as_it_was, set_up),
        cmocka_unit_test_setup(silence_ends_it, set_up),
        cmocka_unit_test_setup(only_the_answer_to_the_check_counts, set_up),
        cmocka_unit_test_setup(a_check_of_the_server_is_answered, set_up),
        cmocka_unit_test_setup(credentials_that_cannot_be_right_are_refused, set_up),
        cmocka_unit_test_setup(nothing_happens_before_the_start, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
