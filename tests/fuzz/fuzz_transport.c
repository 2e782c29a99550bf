/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A whole connection under attack: its path is validated, and then whatever bytes come by it, by
 * another path or in time, each datagram behind a byte that says which and a size in two bytes.
 * It never connects, and other paths never get a byte.
 */
#include "media/transport.h"

#include <assert.h>
#include <stdio.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct cv_ice_path good = {{{192, 0, 2, 1}, 1, CV_ADDR_V4}, 0};
static const struct cv_ice_path bad = {{{192, 0, 2, 2}, 1, CV_ADDR_V4}, 0};

static void fill(void *context, uint8_t *data, size_t size) {
    memset(data, 0x5a, size);
}

static void drain(struct cv_transport *transport) {
    uint8_t datagram[CV_TRANSPORT_OUTPUT_BYTES];
    struct cv_ice_path path;
    while (cv_transport_output(transport, datagram, &path) > 0)
        assert(cv_addr_eq(&path.remote, &good.remote));
}

static void validate(struct cv_transport *transport) {
    static const uint8_t id[CV_STUN_TRANSACTION_BYTES];
    const struct cv_ice_credentials *ice = cv_transport_credentials(transport);
    uint8_t bytes[256];
    char username[64];
    struct cv_stun_writer w;
    size_t size = 0;
    snprintf(username, sizeof username, "%s:peer", ice->ufrag);
    cv_stun_begin(&w, bytes, sizeof bytes, CV_STUN_REQUEST, CV_STUN_BINDING, id);
    cv_stun_add(&w, CV_STUN_ATTR_USERNAME, username, strlen(username));
    cv_stun_add_u32(&w, CV_STUN_ATTR_PRIORITY, 1);
    cv_stun_add_u64(&w, CV_STUN_ATTR_ICE_CONTROLLING, 1);
    cv_stun_add(&w, CV_STUN_ATTR_USE_CANDIDATE, NULL, 0);
    cv_stun_add_integrity(&w, cv_slice_str(ice->password));
    assert(cv_stun_finish(&w, &size) == CV_OK);
    cv_transport_input(transport, 0, &good, bytes, size, &size);
    drain(transport);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct cv_dtls_identity *identity;
    if (!identity)
        identity = cv_dtls_identity_new(INT64_C(1767225600) * CV_US_PER_S);
    if (size == 0)
        return 0;
    struct cv_transport_config config = {
        .identity = identity,
        .remote_fingerprint = {CV_FINGERPRINT_SHA256, 32, {0}},
        .remote_ufrag = cv_slice_str("peer"),
        .role = data[0] & 1 ? CV_DTLS_CLIENT : CV_DTLS_SERVER,
        .random = {fill, NULL},
        .max_streams = 4,
    };
    struct cv_transport *transport;
    int64_t now_us = 0;
    assert(cv_transport_new(&config, now_us, &transport) == CV_OK);
    validate(transport);
    for (size_t at = 1; size - at >= 3;) {
        uint8_t datagram[2048], choice = data[at];
        size_t length = cv_get_be16(data + at + 1), out;
        at += 3;
        if (length > size - at)
            length = size - at;
        if (length > sizeof datagram)
            length = sizeof datagram;
        memcpy(datagram, data + at, length);
        at += length;
        now_us += (choice >> 1) * CV_US_PER_MS;
        assert(cv_transport_input(transport, now_us, choice & 1 ? &bad : &good, datagram, length,
                                  &out) == CV_TRANSPORT_DONE);
        drain(transport);
        cv_transport_tick(transport, now_us);
    }
    assert(cv_transport_state(transport) != CV_TRANSPORT_CONNECTED);
    cv_transport_close(transport);
    drain(transport);
    cv_transport_free(transport);
    return 0;
}
