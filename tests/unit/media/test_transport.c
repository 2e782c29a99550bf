/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A transport against the other end's parts: a client that sends checks, shakes hands and sends
 * media, from any path it likes; and strangers.
 */
#include "media/transport.h"
#include "seeded.h"
#include "test.h"

#include <stdio.h>

enum { ROOM = 2048, MAX_STREAMS = 8 };
#define UFRAG "brow"

static const struct cv_ice_path wifi = {{{192, 0, 2, 1}, 1000, CV_ADDR_V4}, 0};
static const struct cv_ice_path cell = {{{198, 51, 100, 1}, 2000, CV_ADDR_V4}, 0};
static const struct cv_ice_path stranger = {{{203, 0, 113, 9}, 666, CV_ADDR_V4}, 0};

static struct cv_dtls_identity *identities[2];
static struct cv_seeded seeded;
static int64_t now_us;

static struct cv_transport *transport;
static struct {
    struct cv_dtls *dtls;
    struct cv_srtp *send, *receive;
    const struct cv_ice_path *path;
    size_t stun_answers;
    size_t bytes_to_strangers;
} client;

static int set_up_group(void **state) {
    for (int i = 0; i < 2; i++)
        identities[i] = cv_dtls_identity_new(INT64_C(1767225600) * CV_US_PER_S);
    return !identities[0] || !identities[1];
}

static int tear_down_group(void **state) {
    for (int i = 0; i < 2; i++)
        identities[i] = cv_dtls_identity_free(identities[i]);
    return 0;
}

static void open_both(enum cv_dtls_role role) {
    seeded.state = 1;
    now_us = 1000 * CV_US_PER_S;
    memset(&client, 0, sizeof client);
    client.path = &wifi;
    struct cv_transport_config config = {
        .identity = identities[0],
        .remote_fingerprint = *cv_dtls_identity_fingerprint(identities[1]),
        .remote_ufrag = cv_slice_str(UFRAG),
        .role = role,
        .random = cv_seeded_random(&seeded),
        .max_streams = MAX_STREAMS,
    };
    assert_int_equal(cv_transport_new(&config, now_us, &transport), CV_OK);
    client.dtls =
        cv_dtls_new(identities[1], role == CV_DTLS_SERVER ? CV_DTLS_CLIENT : CV_DTLS_SERVER,
                    cv_dtls_identity_fingerprint(identities[0]));
    assert_non_null(client.dtls);
}

static int set_up(void **state) {
    open_both(CV_DTLS_SERVER);
    return 0;
}

static int tear_down(void **state) {
    transport = cv_transport_free(transport);
    client.dtls = cv_dtls_free(client.dtls);
    client.send = cv_srtp_free(client.send);
    client.receive = cv_srtp_free(client.receive);
    return 0;
}

static bool same_path(const struct cv_ice_path *a, const struct cv_ice_path *b) {
    return a->link == b->link && cv_addr_eq(&a->remote, &b->remote);
}

/* Gives the client what the transport puts out. */
static void drain(void) {
    uint8_t datagram[CV_TRANSPORT_OUTPUT_BYTES];
    struct cv_ice_path path;
    size_t size;
    while ((size = cv_transport_output(transport, datagram, &path)) > 0) {
        if (same_path(&path, &stranger))
            client.bytes_to_strangers += size;
        else if (datagram[0] < 4)
            client.stun_answers++;
        else
            cv_dtls_input(client.dtls, cv_slice_of(datagram, size));
    }
}

static enum cv_transport_input deliver(const struct cv_ice_path *path, const void *data,
                                       size_t size) {
    uint8_t copy[ROOM];
    size_t out;
    memcpy(copy, data, size);
    enum cv_transport_input kind = cv_transport_input(transport, now_us, path, copy, size, &out);
    drain();
    return kind;
}

static void check(const struct cv_ice_path *path, const char *password, bool nominate) {
    static const uint8_t id[CV_STUN_TRANSACTION_BYTES] = "transaction";
    const struct cv_ice_credentials *ice = cv_transport_credentials(transport);
    uint8_t bytes[256];
    char username[64];
    struct cv_stun_writer w;
    size_t size = 0;
    snprintf(username, sizeof username, "%s:" UFRAG, ice->ufrag);
    cv_stun_begin(&w, bytes, sizeof bytes, CV_STUN_REQUEST, CV_STUN_BINDING, id);
    cv_stun_add(&w, CV_STUN_ATTR_USERNAME, username, strlen(username));
    cv_stun_add_u32(&w, CV_STUN_ATTR_PRIORITY, 1);
    cv_stun_add_u64(&w, CV_STUN_ATTR_ICE_CONTROLLING, 1);
    if (nominate)
        cv_stun_add(&w, CV_STUN_ATTR_USE_CANDIDATE, NULL, 0);
    cv_stun_add_integrity(&w, cv_slice_str(password ? password : ice->password));
    cv_stun_add_fingerprint(&w);
    assert_int_equal(cv_stun_finish(&w, &size), CV_OK);
    assert_int_equal(deliver(path, bytes, size), CV_TRANSPORT_DONE);
}

static void shake_hands(void) {
    uint8_t datagram[CV_DTLS_MTU_BYTES];
    size_t size;
    drain();
    while ((size = cv_dtls_output(client.dtls, datagram)) > 0)
        deliver(client.path, datagram, size);
}

static void take_keys(void) {
    struct cv_dtls_keys keys;
    assert_int_equal(cv_dtls_export_keys(client.dtls, &keys), CV_OK);
    client.send =
        cv_srtp_new(keys.profile, CV_SRTP_SEND, keys.send_key, keys.send_salt, MAX_STREAMS);
    client.receive = cv_srtp_new(keys.profile, CV_SRTP_RECEIVE, keys.receive_key, keys.receive_salt,
                                 MAX_STREAMS);
}

static void connect_client(void) {
    check(client.path, NULL, true);
    shake_hands();
    assert_int_equal(cv_transport_state(transport), CV_TRANSPORT_CONNECTED);
    take_keys();
}

static size_t protected_rtp(uint8_t packet[static ROOM], uint16_t sequence) {
    size_t size = 100;
    memset(packet, 0, ROOM);
    packet[0] = 0x80;
    packet[1] = 96;
    cv_put_be16(packet + 2, sequence);
    packet[11] = 1;
    assert_int_equal(cv_srtp_protect(client.send, packet, size, (struct cv_slice){0}, ROOM, &size),
                     CV_OK);
    return size;
}

static void media_flows_both_ways(uint16_t sequence) {
    uint8_t packet[ROOM];
    size_t size = protected_rtp(packet, sequence);
    assert_int_equal(deliver(client.path, packet, size), CV_TRANSPORT_RTP);
    memset(packet, 0, sizeof packet);
    packet[0] = 0x80;
    packet[1] = 200;
    size = 28;
    cv_put_be16(packet + 2, 6);
    assert_int_equal(cv_srtcp_protect(client.send, packet, size, ROOM, &size), CV_OK);
    assert_int_equal(deliver(client.path, packet, size), CV_TRANSPORT_RTCP);

    memset(packet, 0, sizeof packet);
    packet[0] = 0x80;
    cv_put_be16(packet + 2, sequence);
    assert_int_equal(
        cv_transport_protect(transport, packet, 12, cv_slice_str("payload"), ROOM, &size), CV_OK);
    assert_int_equal(cv_srtp_unprotect(client.receive, packet, size, &size), CV_OK);
    assert_memory_equal(packet + 12, "payload", 7);
    assert_non_null(cv_transport_path(transport));
}

static void connects_in_either_role(void **state) {
    static const enum cv_dtls_role roles[] = {CV_DTLS_SERVER, CV_DTLS_CLIENT};
    for (size_t i = 0; i < 2; i++) {
        tear_down(state);
        open_both(roles[i]);
        assert_null(cv_transport_path(transport));
        connect_client();
        media_flows_both_ways(1);
        assert_int_equal(client.stun_answers, 1);
    }
}

static void nothing_is_sent_before_there_are_keys(void **state) {
    uint8_t packet[ROOM] = {0x80};
    size_t size;
    assert_int_equal(cv_transport_protect(transport, packet, 12, (struct cv_slice){0}, ROOM, &size),
                     CV_ERR_STATE);
    assert_int_equal(cv_transport_protect_rtcp(transport, packet, 12, ROOM, &size), CV_ERR_STATE);
    check(&wifi, NULL, true);
    packet[0] = 0x80;
    assert_int_equal(deliver(&wifi, packet, 40), CV_TRANSPORT_DONE);
    assert_int_equal(cv_transport_counters(transport)->early, 1);
}

/* The attack on Asterisk, FreeSWITCH and RTPEngine (CVE-2023-49786 and others). */
static void a_client_hello_race_is_lost_by_the_stranger(void **state) {
    uint8_t hello[CV_DTLS_MTU_BYTES], datagram[CV_DTLS_MTU_BYTES];
    struct cv_dtls *attacker =
        cv_dtls_new(identities[0], CV_DTLS_CLIENT, cv_dtls_identity_fingerprint(identities[0]));
    size_t hello_size = cv_dtls_output(attacker, hello), size;
    cv_dtls_free(attacker);
    for (int i = 0; i < 100; i++)
        deliver(&stranger, hello, hello_size);
    check(&wifi, NULL, true);
    for (int i = 0; i < 100; i++)
        deliver(&stranger, hello, hello_size);
    while ((size = cv_dtls_output(client.dtls, datagram)) > 0) {
        deliver(&stranger, hello, hello_size);
        deliver(client.path, datagram, size);
        deliver(&stranger, hello, hello_size);
    }
    assert_int_equal(cv_transport_state(transport), CV_TRANSPORT_CONNECTED);
    assert_true(cv_transport_counters(transport)->unvalidated >= 200);
    assert_int_equal(client.bytes_to_strangers, 0);
    take_keys();
    media_flows_both_ways(1);
}

static void strangers_get_no_byte(void **state) {
    uint8_t datagram[ROOM];
    connect_client();
    check(&stranger, "not the password, is it?", true);
    for (int i = 0; i < 20000; i++) {
        cv_seeded_fill(&seeded, datagram, 16);
        size_t size = cv_seeded_below(&seeded, 200);
        assert_int_equal(deliver(&stranger, datagram, size), CV_TRANSPORT_DONE);
    }
    assert_int_equal(client.bytes_to_strangers, 0);
    media_flows_both_ways(1);
}

/* CVE-2021-41105: rubbish, even from the right address, must not end the call. */
static void a_million_bad_packets_end_nothing(void **state) {
    uint8_t good[ROOM], bad[ROOM];
    size_t size, out;
    connect_client();
    size = protected_rtp(good, 1);
    for (int i = 0; i < 1000000; i++) {
        memcpy(bad, good, 28);
        memset(bad + 28, i, size - 28);
        cv_put_be16(bad + 2, (uint16_t)i);
        bad[1] = (uint8_t)(i % 8 ? 96 : 200);
        cv_transport_input(transport, now_us, &wifi, bad, size, &out);
    }
    assert_int_equal(cv_transport_counters(transport)->forged +
                         cv_transport_counters(transport)->replayed,
                     1000000);
    assert_int_equal(deliver(&wifi, good, size), CV_TRANSPORT_RTP);
    media_flows_both_ways(2);
}

static void each_packet_counts_once(void **state) {
    uint8_t packet[ROOM];
    connect_client();
    for (uint16_t sequence = 1; sequence < 500; sequence++) {
        size_t size = protected_rtp(packet, sequence);
        assert_int_equal(deliver(&wifi, packet, size), CV_TRANSPORT_RTP);
        assert_int_equal(deliver(&wifi, packet, size), CV_TRANSPORT_DONE);
    }
    assert_int_equal(cv_transport_counters(transport)->replayed, 499);
    assert_int_equal(cv_transport_counters(transport)->rtp, 499);
}

static void the_peer_may_move(void **state) {
    uint8_t packet[ROOM];
    connect_client();
    media_flows_both_ways(1);
    size_t size = protected_rtp(packet, 2);
    assert_int_equal(deliver(&cell, packet, size), CV_TRANSPORT_DONE); /* not validated yet */
    now_us += 10 * CV_US_PER_S;
    client.path = &cell;
    check(&cell, NULL, true);
    assert_int_equal(deliver(&cell, packet, size), CV_TRANSPORT_RTP);
    assert_true(same_path(cv_transport_path(transport), &cell));
    media_flows_both_ways(3);
}

static void silence_expires_and_checks_keep_alive(void **state) {
    connect_client();
    for (int i = 0; i < 10; i++) {
        now_us += 20 * CV_US_PER_S;
        check(&wifi, NULL, false);
        cv_transport_tick(transport, now_us);
    }
    media_flows_both_ways(1);
    now_us = cv_transport_deadline(transport, now_us);
    cv_transport_tick(transport, now_us - 1);
    assert_int_equal(cv_transport_state(transport), CV_TRANSPORT_CONNECTED);
    cv_transport_tick(transport, now_us);
    assert_int_equal(cv_transport_state(transport), CV_TRANSPORT_CLOSED);
    assert_int_equal(cv_transport_reason(transport), CV_TRANSPORT_CONSENT_EXPIRED);
    assert_null(cv_transport_path(transport));
    assert_true(cv_transport_deadline(transport, now_us) == CV_TIME_NEVER);
}

static void a_handshake_that_never_ends_is_late(void **state) {
    uint8_t datagram[CV_DTLS_MTU_BYTES];
    check(&wifi, NULL, true);
    deliver(&wifi, datagram, cv_dtls_output(client.dtls, datagram));
    for (int i = 0; i < 4; i++) {
        now_us += 10 * CV_US_PER_S;
        check(&wifi, NULL, true);
        cv_transport_tick(transport, now_us);
    }
    assert_string_equal(cv_transport_reason_name(cv_transport_reason(transport)), "handshake-late");
}

static void the_wrong_certificate_closes(void **state) {
    client.dtls = cv_dtls_free(client.dtls);
    client.dtls =
        cv_dtls_new(identities[0], CV_DTLS_CLIENT, cv_dtls_identity_fingerprint(identities[0]));
    check(&wifi, NULL, true);
    shake_hands();
    assert_int_equal(cv_transport_state(transport), CV_TRANSPORT_CLOSED);
    assert_int_equal(cv_transport_reason(transport), CV_TRANSPORT_HANDSHAKE_FAILED);
    check(&wifi, NULL, true);
    assert_int_equal(client.stun_answers, 1);
}

static void both_ends_can_say_goodbye(void **state) {
    connect_client();
    cv_transport_close(transport);
    drain();
    assert_int_equal(cv_dtls_state(client.dtls), CV_DTLS_CLOSED);
    assert_int_equal(cv_transport_reason(transport), CV_TRANSPORT_WE_CLOSED);
    tear_down(state);
    set_up(state);
    connect_client();
    cv_dtls_close(client.dtls);
    shake_hands();
    assert_int_equal(cv_transport_reason(transport), CV_TRANSPORT_PEER_CLOSED);
}

static void a_restart_keeps_the_keys(void **state) {
    connect_client();
    assert_int_equal(
        cv_transport_restart(transport, cv_seeded_random(&seeded), cv_slice_str(UFRAG), now_us),
        CV_OK);
    media_flows_both_ways(1);
    client.path = &cell;
    now_us += 5 * CV_US_PER_S;
    check(&cell, NULL, true);
    media_flows_both_ways(2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(connects_in_either_role, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_is_sent_before_there_are_keys, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_client_hello_race_is_lost_by_the_stranger, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(strangers_get_no_byte, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_million_bad_packets_end_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(each_packet_counts_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_peer_may_move, set_up, tear_down),
        cmocka_unit_test_setup_teardown(silence_expires_and_checks_keep_alive, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_handshake_that_never_ends_is_late, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_wrong_certificate_closes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(both_ends_can_say_goodbye, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_restart_keeps_the_keys, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, set_up_group, tear_down_group);
}
