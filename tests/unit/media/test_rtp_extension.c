/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"
#include "media/rtp_extension.h"
#include "test.h"

static const struct cv_rtp_extension_map map = {.kind_of = {[1] = CV_RTP_EXT_AUDIO_LEVEL,
                                                            [3] = CV_RTP_EXT_TWCC,
                                                            [4] = CV_RTP_EXT_MID,
                                                            [10] = CV_RTP_EXT_RID,
                                                            [11] = CV_RTP_EXT_REPAIRED_RID,
                                                            [12] = CV_RTP_EXT_DEPENDENCY,
                                                            [13] = CV_RTP_EXT_ORIENTATION}};

static struct cv_rtp_extensions read_block(const char *block) {
    static uint8_t bytes[256];
    char packet[512] = "9060 0001 00000000 00000001 ";
    struct cv_rtp rtp;
    struct cv_rtp_extensions extensions;
    strcat(packet, block);
    assert_int_equal(
        cv_rtp_parse(cv_slice_of(bytes, cv_test_unhex(packet, bytes, sizeof bytes)), &rtp), CV_OK);
    cv_rtp_extensions_read(&rtp, &map, &extensions);
    return extensions;
}

static void every_uri_finds_its_kind(void **state) {
    for (int i = 1; i < CV_RTP_EXT_COUNT; i++)
        assert_int_equal(
            cv_rtp_extension_by_uri(cv_slice_str(cv_rtp_extension_uri((enum cv_rtp_extension)i))),
            i);
    assert_int_equal(cv_rtp_extension_by_uri(cv_slice_str("")), CV_RTP_EXT_NONE);
    assert_int_equal(cv_rtp_extension_by_uri(cv_slice_str("urn:x")), CV_RTP_EXT_NONE);
    assert_int_equal(cv_rtp_extension_id(&map, CV_RTP_EXT_TWCC), 3);
    assert_int_equal(cv_rtp_extension_id(&map, CV_RTP_EXT_SEND_TIME), 0);
}

static void reads_all_values_of_a_packet(void **state) {
    struct cv_rtp_extensions e =
        read_block("bede0007 10a5 311234 4061 a166 33 b0 71 c3 01020304 d003 9055 00000000000000");
    assert_true(e.has_audio_level && e.voice);
    assert_int_equal(e.audio_level, 0x25);
    assert_true(e.has_twcc);
    assert_int_equal(e.twcc, 0x1234);
    assert_true(cv_slice_eq_str(e.mid, "a"));
    assert_true(cv_slice_eq_str(e.rid, "f3"));
    assert_true(cv_slice_eq_str(e.repaired_rid, "q"));
    assert_int_equal(e.dependency.size, 4);
    assert_true(e.has_orientation);
    assert_int_equal(e.orientation, 3);
}

static void absent_and_misshaped_values_are_left_out(void **state) {
    struct cv_rtp_extensions e = read_block("bede0000");
    assert_false(e.has_audio_level || e.has_twcc || e.has_orientation || e.voice);
    assert_int_equal(e.audio_level, CV_RTP_SILENCE);
    assert_int_equal(e.mid.size, 0);
    e = read_block("bede0002 3012 d10102 00 0000"); /* one byte of TWCC, two of orientation */
    assert_false(e.has_twcc || e.has_orientation);
    /* two-byte form: no value at all; a MID of 17 characters; an id past the map */
    e = read_block("10000007 0100 0300 0411 6161616161616161616161616161616161 ff0101 0000");
    assert_false(e.has_audio_level || e.has_twcc);
    assert_int_equal(e.mid.size, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_uri_finds_its_kind),
        cmocka_unit_test(reads_all_values_of_a_packet),
        cmocka_unit_test(absent_and_misshaped_values_are_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
