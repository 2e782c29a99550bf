/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#include "test.h"

#include <stdio.h>

const struct cv_ice_path cv_wire_wifi = {{{192, 0, 2, 1}, 1000, CV_ADDR_V4}, 0};
const struct cv_ice_path cv_wire_cell = {{{198, 51, 100, 1}, 2000, CV_ADDR_V4}, 0};
const struct cv_ice_path cv_wire_stranger = {{{203, 0, 113, 9}, 666, CV_ADDR_V4}, 0};

struct cv_wire cv_wire;

int cv_wire_set_up_group(void **state) {
    for (int i = 0; i < 2; i++)
        cv_wire.identities[i] = cv_dtls_identity_new(INT64_C(1767225600) * CV_US_PER_S);
    return !cv_wire.identities[0] || !cv_wire.identities[1];
}

int cv_wire_tear_down_group(void **state) {
    for (int i = 0; i < 2; i++)
        cv_wire.identities[i] = cv_dtls_identity_free(cv_wire.identities[i]);
    return 0;
}

void cv_wire_open(enum cv_dtls_role role) {
    cv_wire.seeded.state = 1;
    cv_wire.now_us = 1000 * CV_US_PER_S;
    cv_wire.stun_answers = cv_wire.bytes_to_strangers = 0;
    cv_wire.path = &cv_wire_wifi;
    cv_wire.holds = false;
    struct cv_transport_config config = {
        .identity = cv_wire.identities[0],
        .remote_fingerprint = *cv_dtls_identity_fingerprint(cv_wire.identities[1]),
        .remote_ufrag = cv_slice_str(CV_WIRE_UFRAG),
        .role = role,
        .random = cv_seeded_random(&cv_wire.seeded),
        .max_streams = CV_WIRE_MAX_STREAMS,
    };
    assert_int_equal(cv_transport_new(&config, cv_wire.now_us, &cv_wire.transport), CV_OK);
    cv_wire.dtls =
        cv_dtls_new(cv_wire.identities[1], role == CV_DTLS_SERVER ? CV_DTLS_CLIENT : CV_DTLS_SERVER,
                    cv_dtls_identity_fingerprint(cv_wire.identities[0]));
    assert_non_null(cv_wire.dtls);
}

int cv_wire_set_up(void **state) {
    cv_wire_open(CV_DTLS_SERVER);
    return 0;
}

int cv_wire_tear_down(void **state) {
    cv_wire.transport = cv_transport_free(cv_wire.transport);
    cv_wire.dtls = cv_dtls_free(cv_wire.dtls);
    cv_wire.send = cv_srtp_free(cv_wire.send);
    cv_wire.receive = cv_srtp_free(cv_wire.receive);
    return 0;
}

bool cv_wire_same_path(const struct cv_ice_path *a, const struct cv_ice_path *b) {
    return a->link == b->link && cv_addr_eq(&a->remote, &b->remote);
}

void cv_wire_drain(void) {
    uint8_t datagram[CV_TRANSPORT_OUTPUT_BYTES];
    struct cv_ice_path path;
    size_t size;
    while ((size = cv_transport_output(cv_wire.transport, datagram, &path)) > 0) {
        if (cv_wire_same_path(&path, &cv_wire_stranger))
            cv_wire.bytes_to_strangers += size;
        if (datagram[0] < 4) {
            if (cv_wire.stun_answers < CV_WIRE_ANSWERS)
                cv_wire.answered[cv_wire.stun_answers] = path;
            cv_wire.stun_answers++;
            cv_wire.last_answer_bytes = size;
        } else if (!cv_wire_same_path(&path, &cv_wire_stranger)) {
            cv_dtls_input(cv_wire.dtls, cv_slice_of(datagram, size));
        }
    }
}

enum cv_transport_input cv_wire_deliver(const struct cv_ice_path *path, const void *data,
                                        size_t size) {
    uint8_t copy[CV_WIRE_ROOM];
    size_t out;
    memcpy(copy, data, size);
    enum cv_transport_input kind =
        cv_transport_input(cv_wire.transport, cv_wire.now_us, path, copy, size, &out);
    if (!cv_wire.holds)
        cv_wire_drain();
    return kind;
}

void cv_wire_check(const struct cv_ice_path *path, const char *password, bool nominate) {
    static const uint8_t id[CV_STUN_TRANSACTION_BYTES] = "transaction";
    const struct cv_ice_credentials *ice = cv_transport_credentials(cv_wire.transport);
    uint8_t bytes[256];
    char username[64];
    struct cv_stun_writer w;
    size_t size = 0;
    snprintf(username, sizeof username, "%s:" CV_WIRE_UFRAG, ice->ufrag);
    cv_stun_begin(&w, bytes, sizeof bytes, CV_STUN_REQUEST, CV_STUN_BINDING, id);
    cv_stun_add(&w, CV_STUN_ATTR_USERNAME, username, strlen(username));
    cv_stun_add_u32(&w, CV_STUN_ATTR_PRIORITY, 1);
    cv_stun_add_u64(&w, CV_STUN_ATTR_ICE_CONTROLLING, 1);
    if (nominate)
        cv_stun_add(&w, CV_STUN_ATTR_USE_CANDIDATE, NULL, 0);
    cv_stun_add_integrity(&w, cv_slice_str(password ? password : ice->password));
    cv_stun_add_fingerprint(&w);
    assert_int_equal(cv_stun_finish(&w, &size), CV_OK);
    assert_int_equal(cv_wire_deliver(path, bytes, size), CV_TRANSPORT_DONE);
}

void cv_wire_shake_hands(void) {
    uint8_t datagram[CV_DTLS_MTU_BYTES];
    size_t size;
    cv_wire_drain();
    while ((size = cv_dtls_output(cv_wire.dtls, datagram)) > 0)
        cv_wire_deliver(cv_wire.path, datagram, size);
}

void cv_wire_take_keys(void) {
    struct cv_dtls_keys keys;
    assert_int_equal(cv_dtls_export_keys(cv_wire.dtls, &keys), CV_OK);
    cv_wire.send =
        cv_srtp_new(keys.profile, CV_SRTP_SEND, keys.send_key, keys.send_salt, CV_WIRE_MAX_STREAMS);
    cv_wire.receive = cv_srtp_new(keys.profile, CV_SRTP_RECEIVE, keys.receive_key,
                                  keys.receive_salt, CV_WIRE_MAX_STREAMS);
}

void cv_wire_connect(void) {
    cv_wire_check(cv_wire.path, NULL, true);
    cv_wire_shake_hands();
    assert_int_equal(cv_transport_state(cv_wire.transport), CV_TRANSPORT_CONNECTED);
    cv_wire_take_keys();
}

size_t cv_wire_protected_rtp(uint8_t packet[static CV_WIRE_ROOM], uint16_t sequence) {
    size_t size = 100;
    memset(packet, 0, CV_WIRE_ROOM);
    packet[0] = 0x80;
    packet[1] = 96;
    cv_put_be16(packet + 2, sequence);
    packet[11] = 1;
    assert_int_equal(
        cv_srtp_protect(cv_wire.send, packet, size, (struct cv_slice){0}, CV_WIRE_ROOM, &size),
        CV_OK);
    return size;
}

void cv_wire_media_flows(uint16_t sequence) {
    uint8_t packet[CV_WIRE_ROOM];
    size_t size = cv_wire_protected_rtp(packet, sequence);
    assert_int_equal(cv_wire_deliver(cv_wire.path, packet, size), CV_TRANSPORT_RTP);
    memset(packet, 0, sizeof packet);
    packet[0] = 0x80;
    packet[1] = 200;
    size = 28;
    cv_put_be16(packet + 2, 6);
    assert_int_equal(cv_srtcp_protect(cv_wire.send, packet, size, CV_WIRE_ROOM, &size), CV_OK);
    assert_int_equal(cv_wire_deliver(cv_wire.path, packet, size), CV_TRANSPORT_RTCP);

    memset(packet, 0, sizeof packet);
    packet[0] = 0x80;
    cv_put_be16(packet + 2, sequence);
    assert_int_equal(cv_transport_protect(cv_wire.transport, packet, 12, cv_slice_str("payload"),
                                          CV_WIRE_ROOM, &size),
                     CV_OK);
    assert_int_equal(cv_srtp_unprotect(cv_wire.receive, packet, size, &size), CV_OK);
    assert_memory_equal(packet + 12, "payload", 7);
    assert_non_null(cv_transport_path(cv_wire.transport));
}
