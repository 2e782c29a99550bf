/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"
#include "media/stun.h"
#include "test.h"

#define PASSWORD "VOkJxbRl1RmTxUk/WvJxBt"

/* RFC 5769 sections 2.1 to 2.4 */
#define REQUEST                                                                                    \
    "000100582112a442b7e7a701bc34d686fa87dfae802200105354554e207465737420636c69656e74"             \
    "002400046e0001ff80290008932ff9b151263b36000600096576746a3a68367659202020"                     \
    "000800149aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a280280004e57a3bcf"
#define RESPONSE_V4                                                                                \
    "0101003c2112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"                     \
    "002000080001a147e112a643000800142b91f599fd9e90c38c7489f92af9ba53f06be7d7"                     \
    "80280004c07d4c96"
#define RESPONSE_V6                                                                                \
    "010100482112a442b7e7a701bc34d686fa87dfae8022000b7465737420766563746f7220"                     \
    "002000140002a1470113a9faa5d3f179bc25f4b5bed2b9d9"                                             \
    "00080014a382954e4be67bf11784c97c8292c275bfe3ed4180280004c8fb0b4c"
#define REQUEST_LONG_TERM                                                                          \
    "000100602112a44278ad3433c6ad72c029da412e00060012e3839ee38388e383aae38383e382afe382b90000"     \
    "0015001c662f2f3439396b39353464364f4c33346f4c394653547679363473410014000b"                     \
    "6578616d706c652e6f72670000080014f67024656dd64a3e02b8e0712e85c9a28ca89666"

static uint8_t bytes[CV_STUN_MAX_BYTES + 8];
static const uint8_t transaction[CV_STUN_TRANSACTION_BYTES] = "transaction";

static struct cv_slice unhex(const char *text) {
    return cv_slice_of(bytes, cv_test_unhex(text, bytes, sizeof bytes));
}

static struct cv_stun_message parse(const char *text) {
    struct cv_stun_message message;
    assert_int_equal(cv_stun_parse(unhex(text), &message), CV_OK);
    return message;
}

/* A request into `bytes`; the test adds attributes and calls `take`. */
static struct cv_stun_writer begin(void) {
    struct cv_stun_writer writer;
    cv_stun_begin(&writer, bytes, sizeof bytes, CV_STUN_REQUEST, CV_STUN_BINDING, transaction);
    return writer;
}

static enum cv_err take(const struct cv_stun_writer *writer, struct cv_stun_message *message) {
    size_t size = 0;
    assert_int_equal(cv_stun_finish(writer, &size), CV_OK);
    return cv_stun_parse(cv_slice_of(bytes, size), message);
}

static void rfc5769_request(void **state) {
    struct cv_stun_message m = parse(REQUEST);
    assert_int_equal(m.class, CV_STUN_REQUEST);
    assert_int_equal(m.method, CV_STUN_BINDING);
    assert_true(cv_slice_eq_str(m.username, "evtj:h6vY"));
    assert_true(m.has_priority && m.has_controlled && m.has_fingerprint);
    assert_false(m.has_controlling || m.use_candidate);
    assert_int_equal(m.priority, 0x6e0001ff);
    assert_true(m.tie_breaker == UINT64_C(0x932ff9b151263b36));
    assert_int_equal(m.unknown_count, 0);
    assert_int_equal(cv_stun_check_integrity(&m, cv_slice_str(PASSWORD)), CV_OK);
    assert_int_equal(cv_stun_check_integrity(&m, cv_slice_str("VOkJxbRl1RmTxUk/WvJxBu")),
                     CV_ERR_AUTH);
}

static void rfc5769_responses(void **state) {
    static const struct {
        const char *hex, *address;
    } cases[] = {
        {RESPONSE_V4, "192.0.2.1:32853"},
        {RESPONSE_V6, "[2001:db8:1234:5678:11:2233:4455:6677]:32853"},
    };
    for (size_t i = 0; i < 2; i++) {
        struct cv_stun_message m = parse(cases[i].hex);
        char text[CV_ADDR_TEXT_BYTES];
        cv_addr_format(&m.mapped, text);
        assert_string_equal(text, cases[i].address);
        assert_int_equal(m.class, CV_STUN_SUCCESS);
        assert_true(m.has_fingerprint);
        assert_int_equal(cv_stun_check_integrity(&m, cv_slice_str(PASSWORD)), CV_OK);
    }
}

static void rfc5769_long_term_request(void **state) {
    struct cv_stun_message m = parse(REQUEST_LONG_TERM);
    assert_int_equal(m.username.size, 18);
    assert_false(m.has_fingerprint);
    /* NONCE and REALM belong to the long-term mechanism, which we don't speak. */
    assert_int_equal(m.unknown_count, 2);
    assert_int_equal(m.unknown[0], 0x0015);
    assert_int_equal(m.unknown[1], 0x0014);
    /* Its key: MD5 of username ":example.org:TheMatrIX" */
    uint8_t key[16];
    cv_test_unhex("e8ca7ad59d5eb0518e312911d2dab2a9", key, sizeof key);
    assert_int_equal(cv_stun_check_integrity(&m, cv_slice_of(key, sizeof key)), CV_OK);
}

static void a_flipped_bit_anywhere_is_noticed(void **state) {
    struct cv_slice good = unhex(REQUEST);
    for (size_t bit = 0; bit < good.size * 8; bit++) {
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
        struct cv_stun_message m;
        enum cv_err err = cv_stun_parse(good, &m);
        /* A flip may hide the FINGERPRINT, alone or with the MAC, but nothing passes as signed. */
        if (err != CV_ERR_SYNTAX) {
            assert_int_equal(err, CV_OK);
            assert_false(m.has_fingerprint);
            if (bit / 8 < good.size - 8)
                assert_int_equal(cv_stun_check_integrity(&m, cv_slice_str(PASSWORD)), CV_ERR_AUTH);
        }
        bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
    }
}

static void every_shorter_datagram_is_refused(void **state) {
    struct cv_slice good = unhex(REQUEST);
    struct cv_stun_message m;
    for (size_t size = 0; size < good.size; size++)
        assert_int_equal(cv_stun_parse(cv_slice_of(bytes, size), &m), CV_ERR_SYNTAX);
}

static void malformed_messages_are_refused(void **state) {
#define ID "000102030405060708090a0b"
    static const char *const bad[] = {
        "000100002112a443" ID,                            /* not the cookie */
        "400100002112a442" ID,                            /* first bits set */
        "000100032112a442" ID "000000",                   /* not a multiple of 4 */
        "000100042112a442" ID "80220004",                 /* value past the end */
        "000100042112a442" ID "8022ffff",                 /* far past the end */
        "000100082112a442" ID "0024000300000000",         /* short PRIORITY */
        "000100082112a442" ID "0025000400000000",         /* USE-CANDIDATE with a value */
        "000100082112a442" ID "8029000400000000",         /* short role */
        "000100082112a442" ID "0020000400000000",         /* short address */
        "0001000c2112a442" ID "002000080003000000000000", /* unknown family */
        "0001000c2112a442" ID "002000080002000000000000", /* IPv6 of four bytes */
        "000100082112a442" ID "0009000400000200",         /* ERROR-CODE 200 */
        "000100082112a442" ID "0009000400000464",         /* ERROR-CODE 4, 100 */
        "000100082112a442" ID "000a000300000000",         /* odd UNKNOWN-ATTRIBUTES */
        "000100082112a442" ID "0008000400000000",         /* short MAC */
        "000100082112a442" ID "8028000400000000",         /* wrong FINGERPRINT */
        /* both roles */
        "000100182112a442" ID "802900080000000000000000802a00080000000000000000",
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cv_stun_message m;
        if (cv_stun_parse(unhex(bad[i]), &m) != CV_ERR_SYNTAX)
            fail_msg("case %zu was taken", i);
    }
}

static void limits_have_their_own_error(void **state) {
    struct cv_stun_message m;
    static const uint8_t value[CV_STUN_MAX_USERNAME_BYTES + 1];
    size_t size;

    struct cv_stun_writer w = begin();
    for (int i = 0; i < CV_STUN_MAX_ATTRIBUTES; i++)
        cv_stun_add(&w, 0x8022, NULL, 0);
    assert_int_equal(take(&w, &m), CV_OK);
    cv_stun_add(&w, 0x8022, NULL, 0);
    assert_int_equal(take(&w, &m), CV_ERR_LIMIT);

    w = begin();
    cv_stun_add(&w, CV_STUN_ATTR_USERNAME, value, sizeof value);
    assert_int_equal(take(&w, &m), CV_ERR_LIMIT);

    w = begin();
    for (int i = 0; i < 3; i++)
        cv_stun_add(&w, 0x8022, value, sizeof value);
    assert_int_equal(cv_stun_finish(&w, &size), CV_ERR_LIMIT);

    cv_stun_begin(&w, bytes, CV_STUN_HEADER_BYTES + 7, CV_STUN_REQUEST, CV_STUN_BINDING,
                  transaction);
    cv_stun_add_u32(&w, CV_STUN_ATTR_PRIORITY, 1);
    assert_int_equal(cv_stun_finish(&w, &size), CV_ERR_LIMIT);
    cv_stun_begin(&w, bytes, CV_STUN_HEADER_BYTES - 1, CV_STUN_REQUEST, CV_STUN_BINDING,
                  transaction);
    cv_stun_add_integrity(&w, cv_slice_str("key"));
    assert_int_equal(cv_stun_finish(&w, &size), CV_ERR_LIMIT);
}

static void what_is_written_is_read(void **state) {
    static const char *const addresses[] = {"198.51.100.7:1", "[2001:db8::7]:65535"};
    for (size_t i = 0; i < 2; i++) {
        struct cv_addr address;
        assert_int_equal(cv_addr_parse(cv_slice_str(addresses[i]), &address), CV_OK);
        static const uint16_t unknown[] = {0x7001, 0x7002, 0x7003};
        struct cv_stun_writer w;
        cv_stun_begin(&w, bytes, sizeof bytes, CV_STUN_ERROR, 0x0bc, transaction);
        cv_stun_add(&w, CV_STUN_ATTR_USERNAME, "a:bcd", 5);
        cv_stun_add_u32(&w, CV_STUN_ATTR_PRIORITY, 0x80000001);
        cv_stun_add(&w, CV_STUN_ATTR_USE_CANDIDATE, NULL, 0);
        cv_stun_add_u64(&w, CV_STUN_ATTR_ICE_CONTROLLING, UINT64_C(0x8000000000000001));
        cv_stun_add_mapped(&w, &address);
        cv_stun_add_error(&w, CV_STUN_ROLE_CONFLICT);
        cv_stun_add_unknown(&w, unknown, 3);
        cv_stun_add_integrity(&w, cv_slice_str("key"));
        cv_stun_add_fingerprint(&w);

        struct cv_stun_message m;
        assert_int_equal(take(&w, &m), CV_OK);
        assert_int_equal(m.class, CV_STUN_ERROR);
        assert_int_equal(m.method, 0x0bc);
        assert_memory_equal(m.transaction_id, transaction, sizeof transaction);
        assert_true(cv_slice_eq_str(m.username, "a:bcd"));
        assert_int_equal(m.priority, 0x80000001);
        assert_true(m.use_candidate && m.has_controlling && m.has_fingerprint);
        assert_true(m.tie_breaker == UINT64_C(0x8000000000000001));
        assert_true(cv_addr_eq(&m.mapped, &address));
        assert_int_equal(m.error_code, CV_STUN_ROLE_CONFLICT);
        assert_int_equal(cv_stun_check_integrity(&m, cv_slice_str("key")), CV_OK);
    }
}

/* RFC 8489 section 14.5: an attacker can append attributes after the MAC without breaking it. */
static void attributes_after_the_integrity_are_ignored(void **state) {
    struct cv_stun_writer w = begin();
    cv_stun_add(&w, CV_STUN_ATTR_USERNAME, "a:b", 3);
    cv_stun_add_integrity(&w, cv_slice_str("key"));
    cv_stun_add(&w, CV_STUN_ATTR_USE_CANDIDATE, NULL, 0);
    cv_stun_add_u32(&w, CV_STUN_ATTR_PRIORITY, 7);
    cv_stun_add_u32(&w, 0x7001, 7);
    cv_stun_add_fingerprint(&w);
    struct cv_stun_message m;
    assert_int_equal(take(&w, &m), CV_OK);
    assert_int_equal(cv_stun_check_integrity(&m, cv_slice_str("key")), CV_OK);
    assert_true(m.has_fingerprint);
    assert_false(m.use_candidate || m.has_priority);
    assert_int_equal(m.unknown_count, 0);
}

static void the_first_of_repeated_attributes_counts(void **state) {
    struct cv_stun_writer w = begin();
    cv_stun_add(&w, CV_STUN_ATTR_USERNAME, "first", 5);
    cv_stun_add(&w, CV_STUN_ATTR_USERNAME, "second", 6);
    cv_stun_add_u32(&w, CV_STUN_ATTR_PRIORITY, 1);
    cv_stun_add_u32(&w, CV_STUN_ATTR_PRIORITY, 2);
    for (uint16_t type = 0x7000; type < 0x7000 + CV_STUN_MAX_UNKNOWN + 2; type++)
        cv_stun_add(&w, type, NULL, 0);
    struct cv_stun_message m;
    assert_int_equal(take(&w, &m), CV_OK);
    assert_true(cv_slice_eq_str(m.username, "first"));
    assert_int_equal(m.priority, 1);
    assert_int_equal(m.unknown_count, CV_STUN_MAX_UNKNOWN);
    assert_int_equal(m.unknown[CV_STUN_MAX_UNKNOWN - 1], 0x7000 + CV_STUN_MAX_UNKNOWN - 1);
    assert_int_equal(cv_stun_check_integrity(&m, cv_slice_str("key")), CV_ERR_AUTH);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rfc5769_request),
        cmocka_unit_test(rfc5769_responses),
        cmocka_unit_test(rfc5769_long_term_request),
        cmocka_unit_test(a_flipped_bit_anywhere_is_noticed),
        cmocka_unit_test(every_shorter_datagram_is_refused),
        cmocka_unit_test(malformed_messages_are_refused),
        cmocka_unit_test(limits_have_their_own_error),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(attributes_after_the_integrity_are_ignored),
        cmocka_unit_test(the_first_of_repeated_attributes_counts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
