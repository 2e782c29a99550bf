/* SPDX-License-Identifier: Apache-2.0 */
/* A transport in the life of a call. What strangers try is in test_attacks.c. */
#include "test.h"
#include "wire.h"

static void connects_in_either_role(void **state) {
    static const enum cv_dtls_role roles[] = {CV_DTLS_SERVER, CV_DTLS_CLIENT};
    for (size_t i = 0; i < 2; i++) {
        cv_wire_tear_down(state);
        cv_wire_open(roles[i]);
        assert_null(cv_transport_path(cv_wire.transport));
        cv_wire_connect();
        cv_wire_media_flows(1);
        assert_int_equal(cv_wire.stun_answers, 1);
    }
}

static void nothing_is_sent_before_there_are_keys(void **state) {
    uint8_t packet[CV_WIRE_ROOM] = {0x80};
    size_t size;
    assert_int_equal(cv_transport_protect(cv_wire.transport, packet, 12, (struct cv_slice){0},
                                          CV_WIRE_ROOM, &size),
                     CV_ERR_STATE);
    assert_int_equal(cv_transport_protect_rtcp(cv_wire.transport, packet, 12, CV_WIRE_ROOM, &size),
                     CV_ERR_STATE);
    cv_wire_check(&cv_wire_wifi, NULL, true);
    packet[0] = 0x80;
    assert_int_equal(cv_wire_deliver(&cv_wire_wifi, packet, 40), CV_TRANSPORT_DONE);
    assert_int_equal(cv_transport_counters(cv_wire.transport)->early, 1);
}

static void the_handshake_is_forgotten_and_media_flows_on(void **state) {
    uint8_t hello[CV_DTLS_MTU_BYTES];
    cv_wire_connect();
    assert_true(cv_transport_deadline(cv_wire.transport, cv_wire.now_us) ==
                cv_wire.now_us + CV_TRANSPORT_LINGER_US);
    cv_wire_media_flows(1);
    assert_true(cv_transport_deadline(cv_wire.transport, cv_wire.now_us) ==
                cv_wire.now_us + CV_TRANSPORT_SETTLE_US);
    cv_wire.now_us += CV_TRANSPORT_SETTLE_US;
    cv_transport_tick(cv_wire.transport, cv_wire.now_us);
    cv_wire_media_flows(2);
    /* Another handshake, even from the right place, starts nothing. */
    struct cv_dtls *again = cv_dtls_new(cv_wire.identities[1], CV_DTLS_CLIENT,
                                        cv_dtls_identity_fingerprint(cv_wire.identities[0]));
    size_t size = cv_dtls_output(again, hello);
    cv_dtls_free(again);
    assert_int_equal(cv_wire_deliver(cv_wire.path, hello, size), CV_TRANSPORT_DONE);
    cv_wire_media_flows(3);
    cv_transport_close(cv_wire.transport);
    assert_int_equal(cv_transport_reason(cv_wire.transport), CV_TRANSPORT_WE_CLOSED);
}

static void the_peer_may_move(void **state) {
    uint8_t packet[CV_WIRE_ROOM];
    cv_wire_connect();
    cv_wire_media_flows(1);
    size_t size = cv_wire_protected_rtp(packet, 2);
    assert_int_equal(cv_wire_deliver(&cv_wire_cell, packet, size),
                     CV_TRANSPORT_DONE); /* not validated yet */
    cv_wire.now_us += 10 * CV_US_PER_S;
    cv_wire.path = &cv_wire_cell;
    cv_wire_check(&cv_wire_cell, NULL, true);
    assert_int_equal(cv_wire_deliver(&cv_wire_cell, packet, size), CV_TRANSPORT_RTP);
    assert_true(cv_wire_same_path(cv_transport_path(cv_wire.transport), &cv_wire_cell));
    cv_wire_media_flows(3);
}

/* Checks by `count` paths in one turn, then the turn's end. */
static void check_by_many(size_t count) {
    cv_wire.holds = true;
    for (size_t i = 0; i < count; i++) {
        struct cv_ice_path path = cv_wire_cell;
        path.remote.port = (uint16_t)(100 + i);
        cv_wire_check(&path, NULL, false);
    }
    cv_wire.holds = false;
    cv_wire_drain();
}

static void all_checks_of_a_turn_are_answered_by_their_paths(void **state) {
    check_by_many(CV_ICE_MAX_PATHS);
    assert_int_equal(cv_wire.stun_answers, CV_ICE_MAX_PATHS);
    for (size_t i = 0; i < CV_ICE_MAX_PATHS; i++)
        assert_int_equal(cv_wire.answered[i].remote.port, 100 + i);
    /* Of a flood the newest ones are. */
    cv_wire.stun_answers = 0;
    check_by_many(CV_ICE_MAX_PATHS + 5);
    assert_int_equal(cv_wire.stun_answers, CV_ICE_MAX_PATHS);
    for (size_t i = 0; i < CV_ICE_MAX_PATHS; i++)
        assert_int_equal(cv_wire.answered[i].remote.port, 105 + i);
    assert_int_equal(cv_transport_counters(cv_wire.transport)->checks, 2 * CV_ICE_MAX_PATHS + 5);
}

static void silence_expires_and_checks_keep_alive(void **state) {
    cv_wire_connect();
    for (int i = 0; i < 10; i++) {
        cv_wire.now_us += 20 * CV_US_PER_S;
        cv_wire_check(&cv_wire_wifi, NULL, false);
        cv_transport_tick(cv_wire.transport, cv_wire.now_us);
    }
    cv_wire_media_flows(1);
    cv_wire.now_us = cv_transport_deadline(cv_wire.transport, cv_wire.now_us);
    cv_transport_tick(cv_wire.transport, cv_wire.now_us - 1);
    assert_int_equal(cv_transport_state(cv_wire.transport), CV_TRANSPORT_CONNECTED);
    cv_transport_tick(cv_wire.transport, cv_wire.now_us);
    assert_int_equal(cv_transport_state(cv_wire.transport), CV_TRANSPORT_CLOSED);
    assert_int_equal(cv_transport_reason(cv_wire.transport), CV_TRANSPORT_CONSENT_EXPIRED);
    assert_null(cv_transport_path(cv_wire.transport));
    assert_true(cv_transport_deadline(cv_wire.transport, cv_wire.now_us) == CV_TIME_NEVER);
}

static void a_handshake_that_never_ends_is_late(void **state) {
    uint8_t datagram[CV_DTLS_MTU_BYTES];
    cv_wire_check(&cv_wire_wifi, NULL, true);
    cv_wire_deliver(&cv_wire_wifi, datagram, cv_dtls_output(cv_wire.dtls, datagram));
    for (int i = 0; i < 4; i++) {
        cv_wire.now_us += 10 * CV_US_PER_S;
        cv_wire_check(&cv_wire_wifi, NULL, true);
        cv_transport_tick(cv_wire.transport, cv_wire.now_us);
    }
    assert_string_equal(cv_transport_reason_name(cv_transport_reason(cv_wire.transport)),
                        "handshake-late");
}

static void the_wrong_certificate_closes(void **state) {
    cv_wire.dtls = cv_dtls_free(cv_wire.dtls);
    cv_wire.dtls = cv_dtls_new(cv_wire.identities[0], CV_DTLS_CLIENT,
                               cv_dtls_identity_fingerprint(cv_wire.identities[0]));
    cv_wire_check(&cv_wire_wifi, NULL, true);
    cv_wire_shake_hands();
    assert_int_equal(cv_transport_state(cv_wire.transport), CV_TRANSPORT_CLOSED);
    assert_int_equal(cv_transport_reason(cv_wire.transport), CV_TRANSPORT_HANDSHAKE_FAILED);
    cv_wire_check(&cv_wire_wifi, NULL, true);
    assert_int_equal(cv_wire.stun_answers, 1);
}

static void both_ends_can_say_goodbye(void **state) {
    cv_wire_connect();
    cv_transport_close(cv_wire.transport);
    cv_wire_drain();
    assert_int_equal(cv_dtls_state(cv_wire.dtls), CV_DTLS_CLOSED);
    assert_int_equal(cv_transport_reason(cv_wire.transport), CV_TRANSPORT_WE_CLOSED);
    cv_wire_tear_down(state);
    cv_wire_set_up(state);
    cv_wire_connect();
    cv_dtls_close(cv_wire.dtls);
    cv_wire_shake_hands();
    assert_int_equal(cv_transport_reason(cv_wire.transport), CV_TRANSPORT_PEER_CLOSED);
}

static void a_restart_keeps_the_keys(void **state) {
    cv_wire_connect();
    assert_int_equal(cv_transport_restart(cv_wire.transport, cv_seeded_random(&cv_wire.seeded),
                                          cv_slice_str(CV_WIRE_UFRAG), cv_wire.now_us),
                     CV_OK);
    cv_wire_media_flows(1);
    cv_wire.path = &cv_wire_cell;
    cv_wire.now_us += 5 * CV_US_PER_S;
    cv_wire_check(&cv_wire_cell, NULL, true);
    cv_wire_media_flows(2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, cv_wire_set_up, cv_wire_tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(connects_in_either_role),
        TEST(nothing_is_sent_before_there_are_keys),
        TEST(the_handshake_is_forgotten_and_media_flows_on),
        TEST(the_peer_may_move),
        TEST(all_checks_of_a_turn_are_answered_by_their_paths),
        TEST(silence_expires_and_checks_keep_alive),
        TEST(a_handshake_that_never_ends_is_late),
        TEST(the_wrong_certificate_closes),
        TEST(both_ends_can_say_goodbye),
        TEST(a_restart_keeps_the_keys),
    };
    return cmocka_run_group_tests(tests, cv_wire_set_up_group, cv_wire_tear_down_group);
}
