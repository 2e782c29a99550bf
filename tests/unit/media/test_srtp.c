/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"
#include "media/replay.h"
#include "media/srtp_private.h"
#include "test.h"

enum { MAX_STREAMS = 8, ROOM = 256 };

static const enum cv_srtp_profile profiles[] = {CV_SRTP_AEAD_AES_128_GCM,
                                                CV_SRTP_AES128_CM_HMAC_SHA1_80};
static const uint8_t key[CV_SRTP_KEY_BYTES] = "0123456789abcde";
static const uint8_t salt[CV_SRTP_SALT_BYTES] = "0123456789abc";

struct pair {
    struct cv_srtp *send;
    struct cv_srtp *receive;
};

static struct pair pair_new(enum cv_srtp_profile profile) {
    struct pair pair = {cv_srtp_new(profile, CV_SRTP_SEND, key, salt, MAX_STREAMS),
                        cv_srtp_new(profile, CV_SRTP_RECEIVE, key, salt, MAX_STREAMS)};
    assert_true(pair.send && pair.receive);
    return pair;
}

static void pair_free(struct pair pair) {
    cv_srtp_free(pair.send);
    cv_srtp_free(pair.receive);
}

/* Twenty bytes: a bare header and eight of payload. */
static size_t rtp(uint8_t *packet, uint32_t ssrc, uint16_t sequence) {
    memset(packet, 0, ROOM);
    packet[0] = 2 << 6;
    packet[1] = 96;
    cv_put_be16(packet + 2, sequence);
    cv_put_be32(packet + 8, ssrc);
    memcpy(packet + 12, "payload!", 8);
    return 20;
}

static size_t rtcp(uint8_t *packet, uint32_t ssrc) {
    memset(packet, 0, ROOM);
    packet[0] = 2 << 6 | 1;
    packet[1] = 200;
    cv_put_be16(packet + 2, 6);
    cv_put_be32(packet + 4, ssrc);
    return 28;
}

/* RFC 3711 appendix B.3; the RTCP labels by the same master key. */
static void rfc3711_key_derivation(void **state) {
    static const struct {
        bool rtcp;
        const char *key, *auth, *salt;
    } cases[] = {
        {false, "c61e7a93744f39ee10734afe3ff7a087", "cebe321f6ff7716b6fd4ab49af256a156d38baa4",
         "30cbbc08863d8c85d49db34a9ae1"},
        {true, "4c1aa45a81f73d61c800bbb00fbb1eaa", "8d54534feb49ae8e7993a6bd0b844fc323a93dfd",
         "9581c7ad87b3e530bf3e4454a8b3"},
    };
    uint8_t master[16], master_salt[14], expected[20];
    cv_test_unhex("e1f97a0d3e018be0d64fa32c06de4139", master, sizeof master);
    cv_test_unhex("0ec675ad498afeebb6960b3aabe6", master_salt, sizeof master_salt);
    for (size_t i = 0; i < 2; i++) {
        struct cv_srtp_keys keys;
        assert_int_equal(cv_srtp_derive(master, master_salt, cases[i].rtcp, &keys), CV_OK);
        cv_test_unhex(cases[i].key, expected, sizeof expected);
        assert_memory_equal(keys.key, expected, sizeof keys.key);
        cv_test_unhex(cases[i].auth, expected, sizeof expected);
        assert_memory_equal(keys.auth, expected, sizeof keys.auth);
        cv_test_unhex(cases[i].salt, expected, sizeof expected);
        assert_memory_equal(keys.salt, expected, sizeof keys.salt);
    }
}

/* RFC 3711 appendix B.2: SSRC, rollover counter and sequence number are zero. */
static void rfc3711_key_stream(void **state) {
    struct cv_srtp_keys keys = {0};
    cv_test_unhex("2b7e151628aed2a6abf7158809cf4f3c", keys.key, sizeof keys.key);
    cv_test_unhex("f0f1f2f3f4f5f6f7f8f9fafbfcfd", keys.salt, sizeof keys.salt);
    struct cv_srtp_transform transform;
    assert_int_equal(
        cv_srtp_transform_init(&transform, CV_SRTP_AES128_CM_HMAC_SHA1_80, CV_SRTP_SEND, &keys),
        CV_OK);
    uint8_t packet[ROOM] = {0x80}, expected[48];
    assert_int_equal(cv_srtp_seal(&transform, packet, 12, 60, (struct cv_slice){0}, 0), CV_OK);
    cv_test_unhex("e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab"
                  "41e95b3bb0a2e8dd477901e4fca894c0",
                  expected, sizeof expected);
    assert_memory_equal(packet + 12, expected, sizeof expected);
    cv_srtp_transform_release(&transform);
}

static void init_rfc7714(struct cv_srtp_transform *transform, enum cv_srtp_direction direction) {
    struct cv_srtp_keys keys = {0};
    cv_test_unhex("000102030405060708090a0b0c0d0e0f", keys.key, sizeof keys.key);
    cv_test_unhex("517569642070726f2071756f", keys.salt, sizeof keys.salt);
    assert_int_equal(cv_srtp_transform_init(transform, CV_SRTP_AEAD_AES_128_GCM, direction, &keys),
                     CV_OK);
}

#define RFC7714_RTP                                                                                \
    "8040f17b8041f8d35501a0b247616c6c696120657374206f6d6e6973206469766973"                         \
    "6120696e207061727465732074726573"
#define RFC7714_SRTP                                                                               \
    "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d29"                         \
    "4e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce"
#define RFC7714_RTCP                                                                               \
    "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61"                             \
    "deadbeefdeadbeefdeadbeefdeadbeefdeadbeef"
#define RFC7714_SRTCP                                                                              \
    "81c8000d4d61727363e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b46"     \
    "86303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade800005d4"

/* RFC 7714 sections 16.1.1 and 16.1.2 */
static void rfc7714_rtp(void **state) {
    struct cv_srtp_transform transform;
    uint8_t plain[ROOM], cipher[ROOM], packet[ROOM];
    size_t plain_size = cv_test_unhex(RFC7714_RTP, plain, ROOM);
    size_t cipher_size = cv_test_unhex(RFC7714_SRTP, cipher, ROOM);

    init_rfc7714(&transform, CV_SRTP_SEND);
    memcpy(packet, plain, plain_size);
    assert_int_equal(cv_srtp_seal(&transform, packet, 12, plain_size, (struct cv_slice){0}, 0xf17b),
                     CV_OK);
    assert_memory_equal(packet, cipher, cipher_size);
    /* The same with the payload read from elsewhere, cut at every place. */
    for (size_t cut = 12; cut <= plain_size; cut++) {
        memset(packet, 0xee, sizeof packet);
        memcpy(packet, plain, cut);
        struct cv_slice rest = cv_slice_of(plain + cut, plain_size - cut);
        assert_int_equal(cv_srtp_seal(&transform, packet, 12, cut, rest, 0xf17b), CV_OK);
        assert_memory_equal(packet, cipher, cipher_size);
    }
    cv_srtp_transform_release(&transform);

    init_rfc7714(&transform, CV_SRTP_RECEIVE);
    assert_int_equal(cv_srtp_open(&transform, packet, 12, cipher_size, 0xf17b), CV_OK);
    assert_memory_equal(packet, plain, plain_size);
    memcpy(packet, cipher, cipher_size);
    assert_int_equal(cv_srtp_open(&transform, packet, 12, cipher_size, 0x1f17b), CV_ERR_AUTH);
    cv_srtp_transform_release(&transform);
}

/* RFC 7714 sections 17.1 and 17.2 */
static void rfc7714_rtcp(void **state) {
    struct cv_srtp_transform transform;
    uint8_t plain[ROOM], cipher[ROOM], packet[ROOM];
    size_t plain_size = cv_test_unhex(RFC7714_RTCP, plain, ROOM);
    size_t cipher_size = cv_test_unhex(RFC7714_SRTCP, cipher, ROOM);

    init_rfc7714(&transform, CV_SRTP_SEND);
    memcpy(packet, plain, plain_size);
    assert_int_equal(cv_srtcp_seal(&transform, packet, plain_size, 0x5d4), CV_OK);
    assert_memory_equal(packet, cipher, cipher_size);
    cv_srtp_transform_release(&transform);

    init_rfc7714(&transform, CV_SRTP_RECEIVE);
    assert_int_equal(cv_srtcp_index(&transform, packet, cipher_size), 0x5d4);
    assert_int_equal(cv_srtcp_open(&transform, packet, cipher_size), CV_OK);
    assert_memory_equal(packet, plain, plain_size);
    cv_srtp_transform_release(&transform);
}

/* The reference packets of libsrtp's own validation, for AES_CM with RFC 3711's master key. */
static void aes_cm_reference_packets(void **state) {
    static const struct {
        const char *plain, *cipher;
    } cases[] = {
        {"800f1234decafbadcafebabeabababababababababababababababab",
         "800f1234decafbadcafebabe4e55dc4ce79978d88ca4d215949d2402b78d6acc99ea179b8dbb"},
        {"81c8000bcafebabeabababababababababababababababab",
         "81c8000bcafebabe7128035be487b9bdbef89041f977a5a880000001993e08cd54d6c1230798"},
    };
    uint8_t master[16], master_salt[14], packet[ROOM], expected[ROOM], first[ROOM];
    cv_test_unhex("e1f97a0d3e018be0d64fa32c06de4139", master, sizeof master);
    cv_test_unhex("0ec675ad498afeebb6960b3aabe6", master_salt, sizeof master_salt);
    struct cv_srtp *srtp =
        cv_srtp_new(CV_SRTP_AES128_CM_HMAC_SHA1_80, CV_SRTP_SEND, master, master_salt, MAX_STREAMS);
    assert_non_null(srtp);
    size_t size = cv_test_unhex(cases[0].plain, packet, ROOM);
    assert_int_equal(cv_srtp_protect(srtp, packet, size, (struct cv_slice){0}, ROOM, &size), CV_OK);
    assert_int_equal(size, cv_test_unhex(cases[0].cipher, expected, ROOM));
    assert_memory_equal(packet, expected, size);

    /* RFC 3711 starts the index at 0, libsrtp at 1. */
    size = cv_test_unhex(cases[1].plain, packet, ROOM);
    memcpy(first, packet, size);
    size_t first_size;
    assert_int_equal(cv_srtcp_protect(srtp, first, size, ROOM, &first_size), CV_OK);
    assert_int_equal(cv_srtcp_protect(srtp, packet, size, ROOM, &size), CV_OK);
    assert_int_equal(size, cv_test_unhex(cases[1].cipher, expected, ROOM));
    assert_memory_equal(packet, expected, size);
    cv_srtp_free(srtp);
}

/* One packet of each kind in turn, protected; how a receiver takes it. */
struct kind {
    size_t (*make)(struct cv_srtp *srtp, uint8_t *packet, uint16_t sequence);
    enum cv_err (*take)(struct cv_srtp *srtp, uint8_t *packet, size_t size, size_t *ret_size);
};

static size_t make_rtp(struct cv_srtp *srtp, uint8_t *packet, uint16_t sequence) {
    size_t size = rtp(packet, 1, sequence);
    assert_int_equal(cv_srtp_protect(srtp, packet, size, (struct cv_slice){0}, ROOM, &size), CV_OK);
    return size;
}

static size_t make_rtcp(struct cv_srtp *srtp, uint8_t *packet, uint16_t sequence) {
    size_t size = rtcp(packet, 1);
    assert_int_equal(cv_srtcp_protect(srtp, packet, size, ROOM, &size), CV_OK);
    return size;
}

static const struct kind kinds[] = {{make_rtp, cv_srtp_unprotect}, {make_rtcp, cv_srtcp_unprotect}};

/* Runs it over each profile and each kind of packet, with a pair of its own. */
static void for_each_kind(void (*test)(struct pair pair, const struct kind *kind)) {
    for (size_t p = 0; p < 2; p++) {
        for (size_t k = 0; k < 2; k++) {
            struct pair pair = pair_new(profiles[p]);
            test(pair, &kinds[k]);
            pair_free(pair);
        }
    }
}

static void flip_every_bit(struct pair pair, const struct kind *kind) {
    uint8_t good[ROOM], bad[ROOM];
    size_t size = kind->make(pair.send, good, 100), plain_size;
    for (size_t bit = 0; bit < size * 8; bit++) {
        memcpy(bad, good, size);
        bad[bit / 8] ^= (uint8_t)(1 << bit % 8);
        assert_int_not_equal(kind->take(pair.receive, bad, size, &plain_size), CV_OK);
    }
    /* None of that left a trace: there is room for eight more streams, this one among them. */
    assert_int_equal(kind->take(pair.receive, good, size, &plain_size), CV_OK);
    assert_int_equal(plain_size, kind->make == make_rtp ? 20 : 28);
}

static void every_flipped_bit_is_noticed(void **state) {
    for_each_kind(flip_every_bit);
}

static void cut_everywhere(struct pair pair, const struct kind *kind) {
    uint8_t good[ROOM], bad[ROOM];
    size_t size = kind->make(pair.send, good, 100), plain_size;
    for (size_t i = 0; i < size; i++) {
        memcpy(bad, good, size);
        assert_int_not_equal(kind->take(pair.receive, bad, i, &plain_size), CV_OK);
    }
}

static void every_shorter_packet_is_refused(void **state) {
    for_each_kind(cut_everywhere);
}

static void play_twice(struct pair pair, const struct kind *kind) {
    uint8_t packet[ROOM], copy[ROOM];
    size_t plain_size;
    for (uint16_t sequence = 0; sequence < 2000; sequence++) {
        size_t size = kind->make(pair.send, packet, sequence);
        memcpy(copy, packet, size);
        assert_int_equal(kind->take(pair.receive, packet, size, &plain_size), CV_OK);
        assert_int_equal(kind->take(pair.receive, copy, size, &plain_size), CV_ERR_SEQUENCE);
    }
}

static void a_replay_is_refused(void **state) {
    for_each_kind(play_twice);
}

/* A nonce that is used twice gives the authentication key of GCM away. */
static void nothing_is_sealed_twice_under_one_index(void **state) {
    struct pair pair = pair_new(CV_SRTP_AEAD_AES_128_GCM);
    uint8_t packet[ROOM];
    size_t out, size = rtp(packet, 1, 5000);
    assert_int_equal(cv_srtp_protect(pair.send, packet, size, (struct cv_slice){0}, ROOM, &out),
                     CV_OK);
    size = rtp(packet, 1, 5000);
    assert_int_equal(cv_srtp_protect(pair.send, packet, size, (struct cv_slice){0}, ROOM, &out),
                     CV_ERR_SEQUENCE);
    size = rtp(packet, 1, 5000 - CV_REPLAY_WINDOW);
    assert_int_equal(cv_srtp_protect(pair.send, packet, size, (struct cv_slice){0}, ROOM, &out),
                     CV_ERR_SEQUENCE);
    size = rtp(packet, 1, 4999);
    assert_int_equal(cv_srtp_protect(pair.send, packet, size, (struct cv_slice){0}, ROOM, &out),
                     CV_OK);
    pair_free(pair);
}

/* Sequence numbers wrap five times, some packets get lost and some come late. */
static void the_rollover_counter_follows(void **state) {
    for (size_t p = 0; p < 2; p++) {
        struct pair pair = pair_new(profiles[p]);
        uint8_t packet[ROOM], late[ROOM];
        size_t size, late_size = 0, plain_size;
        for (uint32_t i = 1000; i < 5 * 65536; i += i % 7 ? 1 : 90) {
            size = rtp(packet, 1, (uint16_t)i);
            assert_int_equal(
                cv_srtp_protect(pair.send, packet, size, (struct cv_slice){0}, ROOM, &size), CV_OK);
            if (i % 5 == 0) {
                memcpy(late, packet, size);
                late_size = size;
                continue;
            }
            assert_int_equal(cv_srtp_unprotect(pair.receive, packet, size, &plain_size), CV_OK);
            if (late_size > 0)
                assert_int_equal(cv_srtp_unprotect(pair.receive, late, late_size, &plain_size),
                                 CV_OK);
            late_size = 0;
        }
        pair_free(pair);
    }
}

static void streams_are_limited(void **state) {
    struct pair pair = pair_new(CV_SRTP_AEAD_AES_128_GCM);
    struct cv_srtp *many = cv_srtp_new(CV_SRTP_AEAD_AES_128_GCM, CV_SRTP_SEND, key, salt, 1000);
    uint8_t packet[ROOM];
    size_t size, plain_size;
    for (uint32_t i = 0; i < 100; i++) {
        /* An SSRC that no order of arrival sorts by itself. */
        uint32_t ssrc = i * UINT32_C(2654435761);
        enum cv_err expected = i < MAX_STREAMS ? CV_OK : CV_ERR_LIMIT;
        size = rtp(packet, ssrc, 1);
        assert_int_equal(cv_srtp_protect(many, packet, size, (struct cv_slice){0}, ROOM, &size),
                         CV_OK);
        assert_int_equal(cv_srtp_unprotect(pair.receive, packet, size, &plain_size), expected);
        size = rtcp(packet, ssrc);
        assert_int_equal(cv_srtcp_protect(many, packet, size, ROOM, &size), CV_OK);
        assert_int_equal(cv_srtcp_unprotect(pair.receive, packet, size, &plain_size), expected);
        size = rtp(packet, ssrc, 1);
        assert_int_equal(
            cv_srtp_protect(pair.send, packet, size, (struct cv_slice){0}, ROOM, &size), expected);
    }
    for (uint32_t i = 0; i < 2 * MAX_STREAMS; i++) {
        size = rtp(packet, i * UINT32_C(2654435761), 2);
        assert_int_equal(cv_srtp_protect(many, packet, size, (struct cv_slice){0}, ROOM, &size),
                         CV_OK);
        assert_int_equal(cv_srtp_unprotect(pair.receive, packet, size, &plain_size),
                         i < MAX_STREAMS ? CV_OK : CV_ERR_LIMIT);
    }
    cv_srtp_free(many);
    pair_free(pair);
}

static void a_packet_without_room_is_refused(void **state) {
    for (size_t p = 0; p < 2; p++) {
        struct pair pair = pair_new(profiles[p]);
        uint8_t packet[ROOM];
        size_t tag = p == 0 ? 16 : 10, out;
        struct cv_slice rest = cv_slice_str("the rest");
        size_t size = rtp(packet, 1, 1), need = size + rest.size + tag;
        assert_int_equal(cv_srtp_protect(pair.send, packet, size, rest, need - 1, &out),
                         CV_ERR_LIMIT);
        assert_int_equal(cv_srtp_protect(pair.send, packet, size, rest, need, &out), CV_OK);
        assert_int_equal(out, need);
        size = rtcp(packet, 1);
        need = size + tag + 4;
        assert_int_equal(cv_srtcp_protect(pair.send, packet, size, need - 1, &out), CV_ERR_LIMIT);
        assert_int_equal(cv_srtcp_protect(pair.send, packet, size, need, &out), CV_OK);
        pair_free(pair);
    }
}

static void unencrypted_rtcp_is_refused(void **state) {
    for (size_t p = 0; p < 2; p++) {
        struct pair pair = pair_new(profiles[p]);
        uint8_t packet[ROOM];
        size_t size = rtcp(packet, 1), plain_size;
        cv_srtcp_protect(pair.send, packet, size, ROOM, &size);
        packet[size - (p == 0 ? 4 : 14)] &= 0x7f;
        assert_int_equal(cv_srtcp_unprotect(pair.receive, packet, size, &plain_size), CV_ERR_AUTH);
        pair_free(pair);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc3711_key_derivation),
        cmocka_unit_test(rfc3711_key_stream),
        cmocka_unit_test(rfc7714_rtp),
        cmocka_unit_test(rfc7714_rtcp),
        cmocka_unit_test(aes_cm_reference_packets),
        cmocka_unit_test(every_flipped_bit_is_noticed),
        cmocka_unit_test(every_shorter_packet_is_refused),
        cmocka_unit_test(a_replay_is_refused),
        cmocka_unit_test(nothing_is_sealed_twice_under_one_index),
        cmocka_unit_test(the_rollover_counter_follows),
        cmocka_unit_test(streams_are_limited),
        cmocka_unit_test(a_packet_without_room_is_refused),
        cmocka_unit_test(unencrypted_rtcp_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
