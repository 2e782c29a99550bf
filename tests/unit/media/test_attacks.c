/* SPDX-License-Identifier: Apache-2.0 */
/* What strangers try with a transport, and with what they heard of it. */
#include "test.h"
#include "wire.h"

#include <stdio.h>

enum { CHANGE_CIPHER = 20, ALERT = 21, APPLICATION = 23 }; /* RFC 6347 section 4.1 */

/* The attack on Asterisk, FreeSWITCH and RTPEngine (CVE-2023-49786 and others). */
static void a_client_hello_race_is_lost_by_the_stranger(void **state) {
    uint8_t hello[CV_DTLS_MTU_BYTES], datagram[CV_DTLS_MTU_BYTES];
    struct cv_dtls *attacker = cv_dtls_new(cv_wire.identities[0], CV_DTLS_CLIENT,
                                           cv_dtls_identity_fingerprint(cv_wire.identities[0]));
    size_t hello_size = cv_dtls_output(attacker, hello), size;
    cv_dtls_free(attacker);
    for (int i = 0; i < 100; i++)
        cv_wire_deliver(&cv_wire_stranger, hello, hello_size);
    cv_wire_check(&cv_wire_wifi, NULL, true);
    for (int i = 0; i < 100; i++)
        cv_wire_deliver(&cv_wire_stranger, hello, hello_size);
    while ((size = cv_dtls_output(cv_wire.dtls, datagram)) > 0) {
        cv_wire_deliver(&cv_wire_stranger, hello, hello_size);
        cv_wire_deliver(cv_wire.path, datagram, size);
        cv_wire_deliver(&cv_wire_stranger, hello, hello_size);
    }
    assert_int_equal(cv_transport_state(cv_wire.transport), CV_TRANSPORT_CONNECTED);
    assert_true(cv_transport_counters(cv_wire.transport)->unvalidated >= 200);
    assert_int_equal(cv_wire.bytes_to_strangers, 0);
    cv_wire_take_keys();
    cv_wire_media_flows(1);
}

/* The same in the client's own name: its hello, sent again or changed, comes from its own address.
 */
static void hellos_in_the_name_of_the_client_change_nothing_later(void **state) {
    uint8_t hello[CV_DTLS_MTU_BYTES];
    struct cv_dtls *attacker = cv_dtls_new(cv_wire.identities[0], CV_DTLS_CLIENT,
                                           cv_dtls_identity_fingerprint(cv_wire.identities[0]));
    size_t size = cv_dtls_output(attacker, hello);
    cv_dtls_free(attacker);
    cv_wire_connect();
    for (int i = 0; i < 1000; i++)
        cv_wire_deliver(&cv_wire_wifi, hello, size);
    assert_int_equal(cv_transport_state(cv_wire.transport), CV_TRANSPORT_CONNECTED);
    cv_wire_media_flows(1);
}

/* A record in the clear, as anybody can make one. */
static size_t plain_record(uint8_t record[static 64], uint8_t type, uint16_t number,
                           const uint8_t *body, size_t size) {
    memset(record, 0, 64);
    record[0] = type;
    cv_put_be16(record + 1, 0xfefd); /* DTLS 1.2 */
    cv_put_be16(record + 9, number);
    cv_put_be16(record + 11, (uint16_t)size);
    memcpy(record + 13, body, size);
    return 13 + size;
}

static void alerts_in_the_clear_end_no_call(void **state) {
    uint8_t record[64];
    cv_wire_connect();
    for (unsigned level = 1; level <= 2; level++)
        for (unsigned what = 0; what <= 120; what++) {
            const uint8_t alert[] = {(uint8_t)level, (uint8_t)what};
            size_t size = plain_record(record, ALERT, (uint16_t)(500 + what), alert, 2);
            assert_int_equal(cv_wire_deliver(&cv_wire_wifi, record, size), CV_TRANSPORT_DONE);
        }
    for (unsigned type = CHANGE_CIPHER; type <= APPLICATION; type++) {
        static const uint8_t body[] = {1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        size_t size = plain_record(record, (uint8_t)type, 900, body, sizeof body);
        cv_wire_deliver(&cv_wire_wifi, record, size);
    }
    assert_int_equal(cv_transport_state(cv_wire.transport), CV_TRANSPORT_CONNECTED);
    cv_wire_media_flows(1);
}

/* Datagrams of every first byte and of many sizes, in every stage of a call. */
static void try_everything_as_a_stranger(void) {
    static const size_t sizes[] = {0, 1, 12, 13, 20, 28, 32, 100, 1200};
    uint8_t datagram[CV_WIRE_ROOM];
    for (unsigned first = 0; first < 256; first++)
        for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
            cv_seeded_fill(&cv_wire.seeded, datagram, sizes[i]);
            if (sizes[i] > 0)
                datagram[0] = (uint8_t)first;
            if (sizes[i] >= 20 && first < 4) { /* STUN that is well formed as far as it goes */
                cv_put_be16(datagram + 2, (uint16_t)((sizes[i] - 20) & ~3u));
                cv_put_be32(datagram + 4, 0x2112a442);
            }
            assert_int_equal(cv_wire_deliver(&cv_wire_stranger, datagram, sizes[i]),
                             CV_TRANSPORT_DONE);
        }
    cv_wire_check(&cv_wire_stranger, "not the password, is it?", true);
    assert_int_equal(cv_wire.bytes_to_strangers, 0);
}

static void strangers_get_no_byte(void **state) {
    uint8_t datagram[CV_DTLS_MTU_BYTES];
    try_everything_as_a_stranger();
    cv_wire_check(&cv_wire_wifi, NULL, true);
    try_everything_as_a_stranger();
    size_t size = cv_dtls_output(cv_wire.dtls, datagram);
    cv_wire_deliver(&cv_wire_wifi, datagram, size);
    try_everything_as_a_stranger();
    cv_wire_shake_hands();
    cv_wire_take_keys();
    cv_wire_media_flows(1);
    try_everything_as_a_stranger();
    cv_wire_media_flows(2);
}

static const struct cv_ice_path victim = {{{0x20, 0x01, 0x0d, 0xb8, [15] = 7}, 53, CV_ADDR_V6}, 0};

/* A check with the right password, as short as it may be, and with these oddities. */
static size_t short_check(uint8_t bytes[static 512], bool controlled, bool priority,
                          size_t unknown) {
    static const uint8_t id[CV_STUN_TRANSACTION_BYTES] = "another one";
    const struct cv_ice_credentials *ice = cv_transport_credentials(cv_wire.transport);
    char username[64];
    struct cv_stun_writer w;
    size_t size = 0;
    snprintf(username, sizeof username, "%s:" CV_WIRE_UFRAG, ice->ufrag);
    cv_stun_begin(&w, bytes, 512, CV_STUN_REQUEST, CV_STUN_BINDING, id);
    cv_stun_add(&w, CV_STUN_ATTR_USERNAME, username, strlen(username));
    if (priority)
        cv_stun_add_u32(&w, CV_STUN_ATTR_PRIORITY, 1);
    cv_stun_add_u64(&w, controlled ? CV_STUN_ATTR_ICE_CONTROLLED : CV_STUN_ATTR_ICE_CONTROLLING, 1);
    for (size_t i = 0; i < unknown; i++)
        cv_stun_add(&w, (uint16_t)(0x7000 + i), NULL, 0);
    cv_stun_add_integrity(&w, cv_slice_str(ice->password));
    assert_int_equal(cv_stun_finish(&w, &size), CV_OK);
    return size;
}

/* Even somebody who knows the password can't have more bytes sent to a victim than he sends. */
static void no_answer_is_larger_than_its_question(void **state) {
    uint8_t bytes[512];
    for (unsigned i = 0; i < 4 * 12; i++) {
        size_t size = short_check(bytes, i & 1, i & 2, i / 4);
        size_t answers = cv_wire.stun_answers;
        cv_wire_deliver(&victim, bytes, size);
        assert_in_range(cv_wire.stun_answers, answers, answers + 1);
        if (cv_wire.stun_answers > answers)
            assert_in_range(cv_wire.last_answer_bytes, 20, size);
    }
    assert_true(cv_wire.stun_answers >= 4);
    assert_int_equal(cv_transport_state(cv_wire.transport), CV_TRANSPORT_CONNECTING);
}

/* CVE-2021-41105: rubbish, even from the right address, must not end the call. */
static void a_million_bad_packets_end_nothing(void **state) {
    uint8_t good[CV_WIRE_ROOM], bad[CV_WIRE_ROOM];
    size_t size, out;
    cv_wire_connect();
    size = cv_wire_protected_rtp(good, 1);
    for (int i = 0; i < 1000000; i++) {
        memcpy(bad, good, 28);
        memset(bad + 28, i, size - 28);
        cv_put_be16(bad + 2, (uint16_t)i);
        bad[1] = (uint8_t)(i % 8 ? 96 : 200);
        cv_transport_input(cv_wire.transport, cv_wire.now_us, &cv_wire_wifi, bad, size, &out);
    }
    assert_int_equal(cv_transport_counters(cv_wire.transport)->forged +
                         cv_transport_counters(cv_wire.transport)->replayed,
                     1000000);
    assert_int_equal(cv_wire_deliver(&cv_wire_wifi, good, size), CV_TRANSPORT_RTP);
    cv_wire_media_flows(2);
}

static void each_packet_counts_once(void **state) {
    uint8_t packet[CV_WIRE_ROOM];
    cv_wire_connect();
    for (uint16_t sequence = 1; sequence < 500; sequence++) {
        size_t size = cv_wire_protected_rtp(packet, sequence);
        assert_int_equal(cv_wire_deliver(&cv_wire_wifi, packet, size), CV_TRANSPORT_RTP);
        assert_int_equal(cv_wire_deliver(&cv_wire_wifi, packet, size), CV_TRANSPORT_DONE);
    }
    assert_int_equal(cv_transport_counters(cv_wire.transport)->replayed, 499);
    assert_int_equal(cv_transport_counters(cv_wire.transport)->rtp, 499);
}

/* What was heard of one path, sent again from another that is validated too, and RTCP as well. */
static void replays_count_on_no_path(void **state) {
    uint8_t packet[CV_WIRE_ROOM] = {0x80, 200, 0, 6};
    size_t size;
    cv_wire_connect();
    cv_wire_check(&cv_wire_cell, NULL, false);
    assert_int_equal(cv_srtcp_protect(cv_wire.send, packet, 28, CV_WIRE_ROOM, &size), CV_OK);
    assert_int_equal(cv_wire_deliver(&cv_wire_wifi, packet, size), CV_TRANSPORT_RTCP);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(cv_wire_deliver(&cv_wire_wifi, packet, size), CV_TRANSPORT_DONE);
        assert_int_equal(cv_wire_deliver(&cv_wire_cell, packet, size), CV_TRANSPORT_DONE);
    }
    size = cv_wire_protected_rtp(packet, 1);
    assert_int_equal(cv_wire_deliver(&cv_wire_wifi, packet, size), CV_TRANSPORT_RTP);
    assert_int_equal(cv_wire_deliver(&cv_wire_cell, packet, size), CV_TRANSPORT_DONE);
    assert_int_equal(cv_transport_counters(cv_wire.transport)->replayed, 201);
    cv_wire_media_flows(2);
}

/* Each direction has its own keys: what we sent is nothing that we take. */
static void what_we_sent_is_not_taken_back(void **state) {
    uint8_t packet[CV_WIRE_ROOM] = {0x80, 96, 0, 1, [11] = 1};
    size_t size;
    cv_wire_connect();
    assert_int_equal(cv_transport_protect(cv_wire.transport, packet, 12, cv_slice_str("payload"),
                                          CV_WIRE_ROOM, &size),
                     CV_OK);
    assert_int_equal(cv_wire_deliver(&cv_wire_wifi, packet, size), CV_TRANSPORT_DONE);
    assert_int_equal(cv_transport_counters(cv_wire.transport)->forged, 1);
    cv_wire_media_flows(2);
}

/* Packets of an earlier connection of the same two ends are forgeries in the next. */
static void a_recorded_call_is_no_good_in_the_next(void **state) {
    static uint8_t recorded[50][CV_WIRE_ROOM];
    size_t size = 0;
    cv_wire_connect();
    for (uint16_t i = 0; i < 50; i++)
        size = cv_wire_protected_rtp(recorded[i], i);
    cv_wire_tear_down(state);
    cv_wire_set_up(state);
    cv_wire_connect();
    for (uint16_t i = 0; i < 50; i++)
        assert_int_equal(cv_wire_deliver(&cv_wire_wifi, recorded[i], size), CV_TRANSPORT_DONE);
    assert_int_equal(cv_transport_counters(cv_wire.transport)->forged, 50);
    cv_wire_media_flows(1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, cv_wire_set_up, cv_wire_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(a_client_hello_race_is_lost_by_the_stranger),
        TEST(hellos_in_the_name_of_the_client_change_nothing_later),
        TEST(alerts_in_the_clear_end_no_call),
        TEST(strangers_get_no_byte),
        TEST(no_answer_is_larger_than_its_question),
        TEST(a_million_bad_packets_end_nothing),
        TEST(each_packet_counts_once),
        TEST(replays_count_on_no_path),
        TEST(what_we_sent_is_not_taken_back),
        TEST(a_recorded_call_is_no_good_in_the_next),
    };
    return cmocka_run_group_tests(tests, cv_wire_set_up_group, cv_wire_tear_down_group);
}
