/* SPDX-License-Identifier: Apache-2.0 */
#include "media/demux.h"
#include "test.h"

static enum cv_datagram_kind kind_of(uint8_t first, uint8_t second) {
    const uint8_t data[20] = {first, second, 0, 0, 0x21, 0x12, 0xa4, 0x42};
    return cv_datagram_kind(cv_slice_of(data, sizeof data));
}

/* The ranges of RFC 7983 section 7, all of them. */
static void first_byte_decides(void **state) {
    for (unsigned first = 0; first < 256; first++) {
        enum cv_datagram_kind expected = CV_DATAGRAM_UNKNOWN;
        if (first <= 3)
            expected = CV_DATAGRAM_STUN;
        else if (first >= 20 && first <= 63)
            expected = CV_DATAGRAM_DTLS;
        else if (first >= 128 && first <= 191)
            expected = CV_DATAGRAM_RTP;
        assert_int_equal(kind_of((uint8_t)first, 0), expected);
    }
}

/* RFC 5761 section 4: 192 to 223 are RTCP, whatever RTP's marker bit makes of the rest. */
static void second_byte_tells_rtcp(void **state) {
    for (unsigned second = 0; second < 256; second++)
        assert_int_equal(kind_of(0x80, (uint8_t)second),
                         second >= 192 && second <= 223 ? CV_DATAGRAM_RTCP : CV_DATAGRAM_RTP);
}

static void short_datagrams_are_unknown_or_harmless(void **state) {
    static const uint8_t data[20] = {0};
    assert_int_equal(cv_datagram_kind((struct cv_slice){0}), CV_DATAGRAM_UNKNOWN);
    for (size_t size = 1; size < 20; size++)
        assert_int_equal(cv_datagram_kind(cv_slice_of(data, size)), CV_DATAGRAM_UNKNOWN);
    /* The right length without the cookie is RFC 3489, or chance. */
    assert_int_equal(cv_datagram_kind(cv_slice_of(data, 20)), CV_DATAGRAM_UNKNOWN);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(first_byte_decides),
        cmocka_unit_test(second_byte_tells_rtcp),
        cmocka_unit_test(short_datagrams_are_unknown_or_harmless),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
