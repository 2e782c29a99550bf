/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"
#include "media/rtp.h"
#include "test.h"

#include <stdio.h>

static uint8_t bytes[2 * CV_RTP_MAX_BYTES];

static struct cv_slice unhex(const char *text) {
    return cv_slice_of(bytes, cv_test_unhex(text, bytes, sizeof bytes));
}

static struct cv_rtp parse(const char *text) {
    struct cv_rtp rtp;
    assert_int_equal(cv_rtp_parse(unhex(text), &rtp), CV_OK);
    return rtp;
}

static void fields_of_a_packet(void **state) {
    struct cv_rtp rtp = parse("b2e3 1234 89abcdef 01020304 0000000a 0000000b "
                              "bede0001 10ff0000 "
                              "70617967 00000004");
    assert_true(rtp.marker);
    assert_int_equal(rtp.payload_type, 0x63);
    assert_int_equal(rtp.sequence, 0x1234);
    assert_int_equal(rtp.timestamp, 0x89abcdef);
    assert_int_equal(rtp.ssrc, 0x01020304);
    assert_int_equal(rtp.csrc_count, 2);
    assert_int_equal(cv_get_be32(rtp.csrcs.data + 4), 0x0b);
    assert_int_equal(rtp.extension_profile, 0xBEDE);
    assert_int_equal(rtp.extensions.size, 4);
    assert_int_equal(rtp.header_bytes, 28);
    assert_int_equal(rtp.padding_bytes, 4);
    assert_true(cv_slice_eq_str(rtp.payload, "payg"));
}

static void malformed_packets_are_refused(void **state) {
    static const char *const bad[] = {
        "",
        "8060 0001 00000000 000000",                   /* short */
        "4060 0001 00000000 00000001",                 /* version 1 */
        "8160 0001 00000000 00000001 000000",          /* CSRC cut */
        "9060 0001 00000000 00000001 bede00",          /* extension header cut */
        "9060 0001 00000000 00000001 bede0001 000000", /* extension cut */
        "9060 0001 00000000 00000001 bedeffff 000000", /* far past the end */
        "a060 0001 00000000 00000001",                 /* padding without any byte */
        "a060 0001 00000000 00000001 0000",            /* padding of zero */
        "a060 0001 00000000 00000001 000004",          /* padding larger than all */
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct cv_rtp rtp;
        if (cv_rtp_parse(unhex(bad[i]), &rtp) != CV_ERR_SYNTAX)
            fail_msg("case %zu was taken", i);
    }
    struct cv_rtp rtp;
    memset(bytes, 0, sizeof bytes);
    bytes[0] = 0x80;
    assert_int_equal(cv_rtp_parse(cv_slice_of(bytes, CV_RTP_MAX_BYTES), &rtp), CV_OK);
    assert_int_equal(cv_rtp_parse(cv_slice_of(bytes, CV_RTP_MAX_BYTES + 1), &rtp), CV_ERR_LIMIT);
}

/* A walk as "id:hex id:hex". */
static const char *elements_of(const char *block) {
    static char text[256];
    char packet[512] = "9060 0001 00000000 00000001 ";
    strcat(packet, block);
    struct cv_rtp rtp = parse(packet);
    struct cv_rtp_element element;
    size_t offset = 0;
    char *at = text;
    *at = '\0';
    while (cv_rtp_next_element(&rtp, &offset, &element)) {
        at += snprintf(at, 8, "%s%u:", at == text ? "" : " ", (unsigned)element.id);
        for (size_t i = 0; i < element.value.size; i++)
            at += snprintf(at, 4, "%02x", (unsigned)element.value.data[i]);
    }
    return text;
}

static void walks_both_forms_of_extensions(void **state) {
    /* RFC 8285 section 4.2: one-byte form, padding between and behind */
    assert_string_equal(elements_of("bede0002 10aa 0000 2101 0200"), "1:aa 2:0102");
    assert_string_equal(elements_of("bede0000"), "");
    assert_string_equal(elements_of("bede0001 00000000"), "");
    /* id 15 ends the walk */
    assert_string_equal(elements_of("bede0002 10aa f0bb 10cc 0000"), "1:aa");
    /* so does a length on id 0 */
    assert_string_equal(elements_of("bede0002 10aa 02bb 10cc 0000"), "1:aa");
    /* and an element that reaches out of the block */
    assert_string_equal(elements_of("bede0001 10aa 21bb"), "1:aa");
    /* section 4.3: two-byte form, empty values, any low bits in the profile */
    assert_string_equal(elements_of("10000003 0100 ff02aabb 00 0101cc 0000"), "1: 255:aabb 1:cc");
    assert_string_equal(elements_of("100f0001 0101aa00"), "1:aa");
    assert_string_equal(elements_of("10000001 0000 00 05"), "");
    assert_string_equal(elements_of("10000001 0103aabb"), "");
    /* another profile is not ours to read */
    assert_string_equal(elements_of("abcd0001 10aa0000"), "");
}

static void what_is_written_is_read(void **state) {
    static const struct {
        struct cv_rtp_element elements[3];
        size_t count;
        uint16_t profile;
    } cases[] = {
        {{{0}}, 0, 0},
        {{{1, {(const uint8_t *)"a", 1}}}, 1, 0xBEDE},
        {{{1, {(const uint8_t *)"a", 1}},
          {14, {(const uint8_t *)"0123456789abcdef", 16}},
          {2, {(const uint8_t *)"abc", 3}}},
         3,
         0xBEDE},
        {{{15, {(const uint8_t *)"a", 1}}}, 1, 0x1000},
        {{{1, {(const uint8_t *)"0123456789abcdefg", 17}}, {3, {NULL, 0}}}, 2, 0x1000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cv_rtp out = {.marker = i % 2,
                             .payload_type = 0x7f,
                             .sequence = 0xfffe,
                             .timestamp = 0xdeadbeef,
                             .ssrc = 0xcafebabe};
        uint32_t csrc = i % 2 ? 7 : 0;
        size_t size, need;
        assert_int_equal(cv_rtp_write_header(&out, csrc, cases[i].elements, cases[i].count, bytes,
                                             sizeof bytes, &need),
                         CV_OK);
        for (size_t room = 0; room < need; room++)
            assert_int_equal(cv_rtp_write_header(&out, csrc, cases[i].elements, cases[i].count,
                                                 bytes, room, &size),
                             CV_ERR_LIMIT);
        assert_int_equal(
            cv_rtp_write_header(&out, csrc, cases[i].elements, cases[i].count, bytes, need, &size),
            CV_OK);
        assert_int_equal(size % 4, 0);
        struct cv_rtp rtp;
        assert_int_equal(cv_rtp_parse(cv_slice_of(bytes, size), &rtp), CV_OK);
        assert_int_equal(rtp.marker, out.marker);
        assert_int_equal(rtp.payload_type, out.payload_type);
        assert_int_equal(rtp.sequence, out.sequence);
        assert_int_equal(rtp.timestamp, out.timestamp);
        assert_int_equal(rtp.ssrc, out.ssrc);
        assert_int_equal(rtp.csrc_count, csrc != 0);
        if (csrc)
            assert_int_equal(cv_get_be32(rtp.csrcs.data), csrc);
        assert_int_equal(rtp.extension_profile, cases[i].profile);
        struct cv_rtp_element element;
        size_t offset = 0;
        for (size_t k = 0; k < cases[i].count; k++) {
            assert_true(cv_rtp_next_element(&rtp, &offset, &element));
            assert_int_equal(element.id, cases[i].elements[k].id);
            assert_true(cv_slice_eq(element.value, cases[i].elements[k].value));
        }
        assert_false(cv_rtp_next_element(&rtp, &offset, &element));
    }
}

static void an_extension_value_past_255_bytes_is_refused(void **state) {
    static const uint8_t value[256];
    struct cv_rtp_element element = {1, {value, sizeof value}};
    struct cv_rtp out = {0};
    size_t size;
    assert_int_equal(cv_rtp_write_header(&out, 0, &element, 1, bytes, sizeof bytes, &size),
                     CV_ERR_LIMIT);
    element.value.size = 255;
    assert_int_equal(cv_rtp_write_header(&out, 0, &element, 1, bytes, sizeof bytes, &size), CV_OK);
}

/* RFC 4588 section 4 */
static void a_retransmission_gives_its_original(void **state) {
    struct cv_rtp rtx = parse("8061 0009 00000064 00000002 fffe 6162"), original;
    assert_int_equal(cv_rtx_unwrap(&rtx, 96, 1, &original), CV_OK);
    assert_int_equal(original.payload_type, 96);
    assert_int_equal(original.ssrc, 1);
    assert_int_equal(original.sequence, 0xfffe);
    assert_int_equal(original.timestamp, 0x64);
    assert_true(cv_slice_eq_str(original.payload, "ab"));
    rtx = parse("a061 0009 00000064 00000002 00000000 00000008"); /* a probe: padding only */
    assert_int_equal(cv_rtx_unwrap(&rtx, 96, 1, &original), CV_ERR_TRUNCATED);
    rtx = parse("8061 0009 00000064 00000002 ff");
    assert_int_equal(cv_rtx_unwrap(&rtx, 96, 1, &original), CV_ERR_TRUNCATED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_of_a_packet),
        cmocka_unit_test(malformed_packets_are_refused),
        cmocka_unit_test(walks_both_forms_of_extensions),
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(an_extension_value_past_255_bytes_is_refused),
        cmocka_unit_test(a_retransmission_gives_its_original),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
