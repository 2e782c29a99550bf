/* SPDX-License-Identifier: Apache-2.0 */
#include "media/dtls.h"
#include "seeded.h"
#include "test.h"

#include <time.h>

enum { CLIENT, SERVER, MAX_FLIGHT = 16 };

static const int64_t at_us = INT64_C(1767225600) * CV_US_PER_S; /* 2026 */
static struct cv_dtls_identity *identities[2];

struct datagram {
    size_t size;
    uint8_t data[CV_DTLS_MTU_BYTES];
};

static struct cv_dtls *ends[2];
static struct cv_seeded seeded;

static int set_up_group(void **state) {
    for (int i = 0; i < 2; i++)
        identities[i] = cv_dtls_identity_new(at_us);
    return !identities[0] || !identities[1];
}

static int tear_down_group(void **state) {
    for (int i = 0; i < 2; i++)
        identities[i] = cv_dtls_identity_free(identities[i]);
    return 0;
}

static int set_up(void **state) {
    seeded.state = 1;
    ends[CLIENT] = cv_dtls_new(identities[CLIENT], CV_DTLS_CLIENT,
                               cv_dtls_identity_fingerprint(identities[SERVER]));
    ends[SERVER] = cv_dtls_new(identities[SERVER], CV_DTLS_SERVER,
                               cv_dtls_identity_fingerprint(identities[CLIENT]));
    return !ends[CLIENT] || !ends[SERVER];
}

static int tear_down(void **state) {
    for (int i = 0; i < 2; i++)
        ends[i] = cv_dtls_free(ends[i]);
    return 0;
}

static size_t take_flight(struct cv_dtls *dtls, struct datagram flight[static MAX_FLIGHT]) {
    size_t count = 0;
    while ((flight[count].size = cv_dtls_output(dtls, flight[count].data)) > 0) {
        count++;
        assert_true(count < MAX_FLIGHT);
    }
    return count;
}

/* Carries datagrams both ways until there are none; each is lost with a chance in a hundred. */
static size_t exchange(uint32_t loss_percent) {
    struct datagram flight[MAX_FLIGHT];
    size_t carried = 0, count;
    do {
        count = 0;
        for (int from = 0; from < 2; from++) {
            size_t size = take_flight(ends[from], flight);
            count += size;
            for (size_t i = 0; i < size; i++)
                if (cv_seeded_below(&seeded, 100) >= loss_percent)
                    cv_dtls_input(ends[!from], cv_slice_of(flight[i].data, flight[i].size));
        }
        carried += count;
    } while (count > 0);
    return carried;
}

static void assert_states(enum cv_dtls_state client, enum cv_dtls_state server) {
    assert_int_equal(cv_dtls_state(ends[CLIENT]), client);
    assert_int_equal(cv_dtls_state(ends[SERVER]), server);
}

/* The keys are right when a packet goes through, in both directions. */
static void assert_media_flows(void) {
    struct cv_dtls_keys keys[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(cv_dtls_export_keys(ends[i], &keys[i]), CV_OK);
    assert_int_equal(keys[0].profile, CV_SRTP_AEAD_AES_128_GCM);
    assert_int_equal(keys[1].profile, keys[0].profile);
    assert_memory_not_equal(keys[0].send_key, keys[0].receive_key, CV_SRTP_KEY_BYTES);
    for (int from = 0; from < 2; from++) {
        uint8_t packet[64] = {0x80, 96};
        size_t size = 20;
        struct cv_srtp *send = cv_srtp_new(keys[from].profile, CV_SRTP_SEND, keys[from].send_key,
                                           keys[from].send_salt, 1);
        struct cv_srtp *receive = cv_srtp_new(keys[!from].profile, CV_SRTP_RECEIVE,
                                              keys[!from].receive_key, keys[!from].receive_salt, 1);
        assert_int_equal(
            cv_srtp_protect(send, packet, size, (struct cv_slice){0}, sizeof packet, &size), CV_OK);
        assert_int_equal(cv_srtp_unprotect(receive, packet, size, &size), CV_OK);
        cv_srtp_free(send);
        cv_srtp_free(receive);
    }
}

static void two_ends_agree_on_keys(void **state) {
    assert_states(CV_DTLS_HANDSHAKING, CV_DTLS_HANDSHAKING);
    struct cv_dtls_keys keys;
    assert_int_equal(cv_dtls_export_keys(ends[CLIENT], &keys), CV_ERR_STATE);
    exchange(0);
    assert_states(CV_DTLS_CONNECTED, CV_DTLS_CONNECTED);
    assert_media_flows();
    assert_true(cv_dtls_deadline(ends[CLIENT], 0) == CV_TIME_NEVER);
    assert_true(cv_dtls_deadline(ends[SERVER], 0) == CV_TIME_NEVER);
}

static void another_certificate_is_refused(void **state) {
    for (int wrong = 0; wrong < 2; wrong++) {
        tear_down(state);
        struct cv_fingerprint good[2], bad;
        for (int i = 0; i < 2; i++)
            good[i] = *cv_dtls_identity_fingerprint(identities[!i]);
        bad = good[wrong];
        bad.digest[bad.size - 1] ^= 1;
        for (int i = 0; i < 2; i++)
            ends[i] = cv_dtls_new(identities[i], i == CLIENT ? CV_DTLS_CLIENT : CV_DTLS_SERVER,
                                  i == wrong ? &bad : &good[i]);
        exchange(0);
        assert_int_equal(cv_dtls_state(ends[wrong]), CV_DTLS_FAILED);
        assert_int_equal(cv_dtls_state(ends[!wrong]), CV_DTLS_FAILED);
        struct cv_dtls_keys keys;
        assert_int_equal(cv_dtls_export_keys(ends[wrong], &keys), CV_ERR_STATE);
        assert_int_equal(cv_dtls_input(ends[wrong], cv_slice_str("x")), CV_ERR_STATE);
    }
}

/* OpenSSL's timer reads the real clock, so this test waits: some tenths of a second. */
static void lost_datagrams_are_sent_again(void **state) {
    for (int i = 0; i < 60 && (cv_dtls_state(ends[CLIENT]) == CV_DTLS_HANDSHAKING ||
                               cv_dtls_state(ends[SERVER]) == CV_DTLS_HANDSHAKING);
         i++) {
        exchange(30);
        int64_t wait_us = CV_US_PER_S;
        for (int end = 0; end < 2; end++) {
            int64_t deadline_us = cv_dtls_deadline(ends[end], 0);
            if (deadline_us < wait_us)
                wait_us = deadline_us;
        }
        struct timespec wait = {.tv_nsec = wait_us > 0 ? (long)(wait_us % CV_US_PER_S) * 1000 : 0};
        if (wait_us < CV_US_PER_S)
            nanosleep(&wait, NULL);
        for (int end = 0; end < 2; end++)
            cv_dtls_tick(ends[end]);
    }
    assert_states(CV_DTLS_CONNECTED, CV_DTLS_CONNECTED);
    assert_media_flows();
}

static void repeated_and_reordered_datagrams_do_no_harm(void **state) {
    struct datagram flight[MAX_FLIGHT];
    for (int round = 0; round < 20; round++) {
        for (int from = 0; from < 2; from++) {
            size_t size = take_flight(ends[from], flight);
            for (size_t i = 2 * size; i-- > 0;)
                cv_dtls_input(ends[!from], cv_slice_of(flight[i / 2].data, flight[i / 2].size));
        }
    }
    assert_states(CV_DTLS_CONNECTED, CV_DTLS_CONNECTED);
    assert_media_flows();
}

static void noise_is_ignored(void **state) {
    struct datagram flight[MAX_FLIGHT];
    uint8_t noise[CV_DTLS_MAX_INPUT_BYTES + 1];
    for (int round = 0; round < 6; round++) {
        for (int from = 0; from < 2; from++) {
            size_t size = take_flight(ends[from], flight);
            for (int i = 0; i < 5; i++) {
                cv_seeded_fill(&seeded, noise, sizeof noise);
                noise[0] = 22; /* a handshake record, to look at */
                cv_dtls_input(ends[!from],
                              cv_slice_of(noise, cv_seeded_below(&seeded, sizeof noise)));
            }
            for (size_t i = 0; i < size; i++)
                cv_dtls_input(ends[!from], cv_slice_of(flight[i].data, flight[i].size));
        }
    }
    assert_states(CV_DTLS_CONNECTED, CV_DTLS_CONNECTED);
    assert_int_equal(cv_dtls_input(ends[SERVER], cv_slice_of(noise, sizeof noise)), CV_ERR_LIMIT);
    assert_media_flows();
}

/* Even from a validated address: a second ClientHello doesn't disturb a session that stands. */
static void a_late_client_hello_changes_nothing(void **state) {
    exchange(0);
    struct cv_dtls *other = cv_dtls_new(identities[CLIENT], CV_DTLS_CLIENT,
                                        cv_dtls_identity_fingerprint(identities[SERVER]));
    struct datagram flight[MAX_FLIGHT];
    size_t size = take_flight(other, flight);
    assert_true(size > 0);
    for (int i = 0; i < 50; i++)
        cv_dtls_input(ends[SERVER], cv_slice_of(flight[0].data, flight[0].size));
    exchange(0);
    assert_states(CV_DTLS_CONNECTED, CV_DTLS_CONNECTED);
    assert_media_flows();
    cv_dtls_free(other);
}

static void a_handshake_has_a_limit(void **state) {
    static const uint8_t record[13] = {22, 0xfe, 0xff};
    for (int i = 0; i < CV_DTLS_MAX_HANDSHAKE_INPUTS; i++)
        assert_int_equal(cv_dtls_input(ends[SERVER], cv_slice_of(record, sizeof record)), CV_OK);
    assert_int_equal(cv_dtls_input(ends[SERVER], cv_slice_of(record, sizeof record)), CV_ERR_LIMIT);
}

static void goodbye_closes_both_ends(void **state) {
    exchange(0);
    cv_dtls_close(ends[CLIENT]);
    exchange(0);
    assert_states(CV_DTLS_CLOSED, CV_DTLS_CLOSED);
    assert_int_equal(cv_dtls_input(ends[SERVER], cv_slice_str("x")), CV_ERR_STATE);
}

static void no_datagram_of_a_handshake_is_large(void **state) {
    struct datagram flight[MAX_FLIGHT];
    size_t hello = take_flight(ends[CLIENT], flight);
    assert_int_equal(hello, 1);
    cv_dtls_input(ends[SERVER], cv_slice_of(flight[0].data, flight[0].size));
    size_t answer = take_flight(ends[SERVER], flight);
    assert_in_range(answer, 1, 2);
    for (size_t i = 0; i < answer; i++)
        assert_in_range(flight[i].size, 1, CV_DTLS_MTU_BYTES);
}

static void identities_differ(void **state) {
    const struct cv_fingerprint *a = cv_dtls_identity_fingerprint(identities[0]);
    const struct cv_fingerprint *b = cv_dtls_identity_fingerprint(identities[1]);
    assert_int_equal(a->hash, CV_FINGERPRINT_SHA256);
    assert_int_equal(a->size, 32);
    assert_memory_not_equal(a->digest, b->digest, a->size);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(two_ends_agree_on_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_certificate_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lost_datagrams_are_sent_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(repeated_and_reordered_datagrams_do_no_harm, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(noise_is_ignored, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_late_client_hello_changes_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_handshake_has_a_limit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(goodbye_closes_both_ends, set_up, tear_down),
        cmocka_unit_test_setup_teardown(no_datagram_of_a_handshake_is_large, set_up, tear_down),
        cmocka_unit_test(identities_differ),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
