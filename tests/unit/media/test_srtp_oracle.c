/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ours against libsrtp2, both ways: the same random packets (CSRCs, extensions, any payload size,
 * many streams, loss, reordering, repeats, rollovers) give the same bytes, are taken by the other
 * side, and are refused in the same cases.
 *
 *     test_media_srtp_oracle [PACKETS]
 */
#include "media/replay.h"
#include "media/srtp.h"
#include "seeded.h"
#include "test.h"

#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

enum { STREAMS = 5, ROOM = 1600, MAX_PAYLOAD = 1200 };

static long packets = 20000;

struct oracle {
    enum cv_srtp_profile profile;
    struct cv_seeded seeded;
    struct cv_srtp *send, *receive;
    srtp_t their_send, their_receive;
    uint32_t ssrcs[STREAMS];
    uint16_t sequences[STREAMS];
    bool leap; /* the packet is far ahead: losing several would leave a receiver behind for good */
    long refused;
};

static srtp_t theirs_new(enum cv_srtp_profile profile, srtp_ssrc_type_t type, uint8_t *master) {
    srtp_policy_t policy = {.ssrc = {.type = type}, .key = master, .window_size = CV_REPLAY_WINDOW};
    if (profile == CV_SRTP_AEAD_AES_128_GCM) {
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtp);
        srtp_crypto_policy_set_aes_gcm_128_16_auth(&policy.rtcp);
    } else {
        srtp_crypto_policy_set_rtp_default(&policy.rtp);
        srtp_crypto_policy_set_rtcp_default(&policy.rtcp);
    }
    srtp_t srtp;
    assert_int_equal(srtp_create(&srtp, &policy), srtp_err_status_ok);
    return srtp;
}

static void oracle_init(struct oracle *o, enum cv_srtp_profile profile) {
    uint8_t master[CV_SRTP_KEY_BYTES + CV_SRTP_SALT_BYTES];
    memset(o, 0, sizeof *o);
    o->profile = profile;
    o->seeded.state = 3711;
    cv_seeded_fill(&o->seeded, master, sizeof master);
    for (size_t i = 0; i < STREAMS; i++) {
        o->ssrcs[i] = (uint32_t)cv_seeded_u64(&o->seeded);
        o->sequences[i] = (uint16_t)cv_seeded_below(&o->seeded, 32768);
    }
    o->send = cv_srtp_new(profile, CV_SRTP_SEND, master, master + CV_SRTP_KEY_BYTES, STREAMS);
    o->receive = cv_srtp_new(profile, CV_SRTP_RECEIVE, master, master + CV_SRTP_KEY_BYTES, STREAMS);
    assert_true(o->send && o->receive);
    o->their_send = theirs_new(profile, ssrc_any_outbound, master);
    o->their_receive = theirs_new(profile, ssrc_any_inbound, master);
}

static void oracle_release(struct oracle *o) {
    cv_srtp_free(o->send);
    cv_srtp_free(o->receive);
    srtp_dealloc(o->their_send);
    srtp_dealloc(o->their_receive);
}

/* Mostly the next one, at times a gap, a late one or a repetition. */
static uint16_t next_sequence(struct oracle *o, size_t stream) {
    uint16_t highest = o->sequences[stream];
    uint32_t dice = cv_seeded_below(&o->seeded, 100);
    o->leap = dice == 99;
    if (dice < 4)
        return (uint16_t)(highest - cv_seeded_below(&o->seeded, CV_REPLAY_WINDOW + 50));
    uint32_t step = dice < 90 ? 1 : 1 + cv_seeded_below(&o->seeded, dice < 99 ? 50 : 30000);
    return o->sequences[stream] = (uint16_t)(highest + step);
}

static size_t random_rtp(struct oracle *o, uint8_t *packet) {
    size_t stream = cv_seeded_below(&o->seeded, STREAMS);
    size_t csrcs = cv_seeded_below(&o->seeded, 3) ? 0 : cv_seeded_below(&o->seeded, 16);
    bool extended = cv_seeded_below(&o->seeded, 2);
    size_t words = extended ? cv_seeded_below(&o->seeded, 20) : 0;
    size_t header = 12 + 4 * csrcs + (extended ? 4 + 4 * words : 0);
    size_t size = header + cv_seeded_below(&o->seeded, MAX_PAYLOAD);
    cv_seeded_fill(&o->seeded, packet, size);
    packet[0] = (uint8_t)(2 << 6 | (packet[0] & 0x20) | (extended ? 0x10 : 0) | csrcs);
    cv_put_be16(packet + 2, next_sequence(o, stream));
    cv_put_be32(packet + 8, o->ssrcs[stream]);
    if (extended) {
        cv_put_be16(packet + 12 + 4 * csrcs, cv_seeded_below(&o->seeded, 2) ? 0xBEDE : 0x1000);
        cv_put_be16(packet + 14 + 4 * csrcs, (uint16_t)words);
    }
    return size;
}

static size_t random_rtcp(struct oracle *o, uint8_t *packet) {
    size_t size = 8 + 4 * cv_seeded_below(&o->seeded, 100);
    cv_seeded_fill(&o->seeded, packet, size);
    packet[0] = 2 << 6;
    packet[1] = 200;
    cv_put_be16(packet + 2, (uint16_t)(size / 4 - 1));
    cv_put_be32(packet + 4, o->ssrcs[cv_seeded_below(&o->seeded, STREAMS)]);
    return size;
}

/* The four operations by one signature, so that RTP and RTCP go through the same test. */
static bool ours_protect(struct oracle *o, bool rtcp, uint8_t *packet, size_t *size) {
    struct cv_slice none = {0};
    return (rtcp ? cv_srtcp_protect(o->send, packet, *size, ROOM, size)
                 : cv_srtp_protect(o->send, packet, *size, none, ROOM, size)) == CV_OK;
}

static bool ours_unprotect(struct oracle *o, bool rtcp, uint8_t *packet, size_t *size) {
    return (rtcp ? cv_srtcp_unprotect(o->receive, packet, *size, size)
                 : cv_srtp_unprotect(o->receive, packet, *size, size)) == CV_OK;
}

static bool theirs_protect(struct oracle *o, bool rtcp, uint8_t *packet, size_t *size) {
    int n = (int)*size;
    srtp_err_status_t status = rtcp ? srtp_protect_rtcp(o->their_send, packet, &n)
                                    : srtp_protect(o->their_send, packet, &n);
    *size = (size_t)n;
    return status == srtp_err_status_ok;
}

static bool theirs_unprotect(struct oracle *o, bool rtcp, uint8_t *packet, size_t *size) {
    int n = (int)*size;
    srtp_err_status_t status = rtcp ? srtp_unprotect_rtcp(o->their_receive, packet, &n)
                                    : srtp_unprotect(o->their_receive, packet, &n);
    *size = (size_t)n;
    return status == srtp_err_status_ok;
}

typedef bool operation(struct oracle *o, bool rtcp, uint8_t *packet, size_t *size);

static void receives(operation *unprotect, struct oracle *o, bool rtcp, const uint8_t *wire,
                     size_t wire_size, const uint8_t *plain, size_t plain_size) {
    uint8_t packet[ROOM];
    size_t size = wire_size;
    if (cv_seeded_below(&o->seeded, 10) == 0) { /* damaged first */
        memcpy(packet, wire, wire_size);
        packet[cv_seeded_below(&o->seeded, (uint32_t)wire_size)] ^= 0x10;
        assert_false(unprotect(o, rtcp, packet, &size));
        size = wire_size;
    }
    memcpy(packet, wire, wire_size);
    assert_true(unprotect(o, rtcp, packet, &size));
    assert_int_equal(size, plain_size);
    assert_memory_equal(packet, plain, plain_size);
    if (cv_seeded_below(&o->seeded, 10) == 0) { /* and once more */
        memcpy(packet, wire, wire_size);
        size = wire_size;
        assert_false(unprotect(o, rtcp, packet, &size));
    }
}

static void one_packet(struct oracle *o, bool rtcp) {
    uint8_t plain[ROOM], a[ROOM], b[ROOM];
    o->leap = false;
    size_t plain_size = rtcp ? random_rtcp(o, plain) : random_rtp(o, plain);
    size_t a_size = plain_size, b_size = plain_size;
    memcpy(a, plain, plain_size);
    memcpy(b, plain, plain_size);
    bool sent = ours_protect(o, rtcp, a, &a_size);
    assert_int_equal(sent, theirs_protect(o, rtcp, b, &b_size));
    if (!sent) {
        o->refused++;
        return;
    }
    assert_int_equal(a_size, b_size);
    assert_memory_equal(a, b, a_size);
    if (!o->leap && cv_seeded_below(&o->seeded, 20) == 0)
        return; /* lost */
    receives(ours_unprotect, o, rtcp, b, b_size, plain, plain_size);
    receives(theirs_unprotect, o, rtcp, a, a_size, plain, plain_size);
}

/* RFC 3711 section 3.4 starts the SRTCP index at 0 and libsrtp at 1: ours goes one ahead. */
static void align_rtcp(struct oracle *o) {
    for (size_t i = 0; i < STREAMS; i++) {
        uint8_t packet[64] = {2 << 6, 200, 0, 1};
        size_t size;
        cv_put_be32(packet + 4, o->ssrcs[i]);
        assert_int_equal(cv_srtcp_protect(o->send, packet, 8, sizeof packet, &size), CV_OK);
    }
}

static void same_as_libsrtp(enum cv_srtp_profile profile) {
    struct oracle oracle;
    oracle_init(&oracle, profile);
    align_rtcp(&oracle);
    for (long i = 0; i < packets; i++)
        one_packet(&oracle, i % 8 == 0);
    /* Repetitions are among the packets, but most went through. */
    assert_true(oracle.refused > 0 && oracle.refused < packets / 10);
    oracle_release(&oracle);
}

static void aead_aes_128_gcm(void **state) {
    same_as_libsrtp(CV_SRTP_AEAD_AES_128_GCM);
}

static void aes_cm_128_hmac_sha1_80(void **state) {
    same_as_libsrtp(CV_SRTP_AES128_CM_HMAC_SHA1_80);
}

int main(int argc, char **argv) {
    if (argc > 1)
        packets = strtol(argv[1], NULL, 10);
    if (srtp_init() != srtp_err_status_ok)
        return 1;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(aead_aes_128_gcm),
        cmocka_unit_test(aes_cm_128_hmac_sha1_80),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    srtp_shutdown();
    return failed;
}
