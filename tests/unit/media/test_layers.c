/* SPDX-License-Identifier: Apache-2.0 */
#include "hex.h"
#include "media/layers.h"
#include "test.h"

static uint8_t bytes[64];

static struct cv_slice unhex(const char *text) {
    return cv_slice_of(bytes, cv_test_unhex(text, bytes, sizeof bytes));
}

static struct cv_layer_info read(enum cv_codec codec, const char *text) {
    struct cv_layer_info info;
    assert_int_equal(cv_layers_read(codec, unhex(text), &info), CV_OK);
    return info;
}

static void vp8_key_frame(void **state) {
    /* X, S; I, L, T, K; 15-bit picture id 0x1234; tl0 7; temporal 0, sync; 640x360 key frame */
    struct cv_layer_info i = read(CV_CODEC_VP8, "90 f0 9234 07 20  10 00 00 9d012a 8002 6801 00");
    assert_true(i.starts_frame && i.key_frame && i.has_picture_id && i.has_tl0 && i.layer_sync);
    assert_int_equal(i.picture_id, 0x1234);
    assert_int_equal(i.picture_id_bits, 15);
    assert_int_equal(i.tl0, 7);
    assert_int_equal(i.temporal, 0);
    assert_int_equal(i.width, 640);
    assert_int_equal(i.height, 360);
}

static void vp8_other_packets(void **state) {
    /* no extension; interframe */
    struct cv_layer_info i = read(CV_CODEC_VP8, "10 31");
    assert_true(i.starts_frame);
    assert_false(i.key_frame || i.has_picture_id || i.has_tl0);
    /* a later packet of a frame: its first byte is no header, whatever its bits */
    i = read(CV_CODEC_VP8, "00 00");
    assert_false(i.starts_frame || i.key_frame);
    /* second partition begins: not a frame */
    assert_false(read(CV_CODEC_VP8, "11 00").starts_frame);
    /* 7-bit picture id, temporal layer 2 without sync */
    i = read(CV_CODEC_VP8, "90 a0 34 80 31");
    assert_int_equal(i.picture_id, 0x34);
    assert_int_equal(i.picture_id_bits, 7);
    assert_int_equal(i.temporal, 2);
    assert_false(i.layer_sync);
    /* only KEYIDX: the layer byte is there and says nothing of layers */
    assert_int_equal(read(CV_CODEC_VP8, "90 10 ff 31").temporal, 0);
}

static void vp8_descriptor_is_rewritten_in_kind(void **state) {
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"90 f0 9234 07 20 11", "90 f0 c321 55 20"},
        {"90 80 9234 11", "90 80 c321"},
        {"90 80 34 11", "90 80 21"},
        {"90 40 07 11", "90 40 55"},
        {"90 20 c0 11", "90 20 c0"},
        {"90 00 11", "90 00"},
        {"10 11", "10"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        uint8_t out[CV_VP8_MAX_DESCRIPTOR_BYTES], expected[16];
        size_t size = cv_vp8_write_descriptor(unhex(cases[k].in), 0x4321, 0x55, out);
        assert_int_equal(size, cv_test_unhex(cases[k].out, expected, sizeof expected));
        assert_memory_equal(out, expected, size);
    }
}

static void vp9_flexible_and_not(void **state) {
    /* I, L, B, V; id 0x1234; T0 S0; tl0 9; two spatial layers of 320x180 and 640x360 */
    struct cv_layer_info i = read(CV_CODEC_VP9, "aa 9234 00 09  30 0140 00b4 0280 0168 ff");
    assert_true(i.starts_frame && i.key_frame && i.has_tl0);
    assert_int_equal(i.picture_id, 0x1234);
    assert_int_equal(i.tl0, 9);
    assert_int_equal(i.width, 640);
    assert_int_equal(i.height, 360);
    /* the same picture's second spatial layer is no key frame by itself */
    i = read(CV_CODEC_VP9, "a8 9234 02 09 ff");
    assert_int_equal(i.spatial, 1);
    assert_true(i.starts_frame);
    assert_false(i.key_frame);
    /* flexible, predicted, two references; T2 with switching point, S2 */
    i = read(CV_CODEC_VP9, "f8 11 54 03 04 ff");
    assert_int_equal(i.temporal, 2);
    assert_int_equal(i.spatial, 2);
    assert_true(i.layer_sync);
    assert_false(i.has_tl0 || i.key_frame);
    /* a structure with a group of two pictures, of one and two references */
    assert_true(read(CV_CODEC_VP9, "0a 08 02 04 01 08 01 02 ff").key_frame);
}

static void h264_units(void **state) {
    struct cv_layer_info i = read(CV_CODEC_H264, "67 42e01f"); /* SPS */
    assert_true(i.starts_frame && i.key_frame);
    assert_true(read(CV_CODEC_H264, "65 00").key_frame);  /* IDR */
    assert_false(read(CV_CODEC_H264, "41 00").key_frame); /* slice */
    assert_true(read(CV_CODEC_H264, "78 0002 67 42 0002 68 ce").key_frame);
    assert_false(read(CV_CODEC_H264, "78 0002 41 42").key_frame);
    assert_true(read(CV_CODEC_H264, "7c 85 00").key_frame); /* first fragment of an IDR */
    i = read(CV_CODEC_H264, "7c 05 00");                    /* a middle one */
    assert_false(i.key_frame || i.starts_frame);
}

static void av1_aggregation(void **state) {
    /* N, one element: sequence header OBU without extension */
    struct cv_layer_info i = read(CV_CODEC_AV1, "18 08 00");
    assert_true(i.starts_frame && i.key_frame);
    /* two elements: size first, then a frame OBU of temporal layer 1, spatial layer 2 */
    i = read(CV_CODEC_AV1, "20 03 34 30 00 12");
    assert_true(i.starts_frame);
    assert_false(i.key_frame);
    assert_int_equal(i.temporal, 1);
    assert_int_equal(i.spatial, 2);
    /* the size may take several bytes */
    assert_int_equal(read(CV_CODEC_AV1, "00 83 00 34 50 00").temporal, 2);
    /* goes on with an OBU of the packet before */
    i = read(CV_CODEC_AV1, "90 ff ff");
    assert_false(i.starts_frame || i.key_frame);
}

static void cut_payloads_are_refused(void **state) {
    static const struct {
        enum cv_codec codec;
        const char *text;
    } cases[] = {
        {CV_CODEC_VP8, ""},
        {CV_CODEC_VP8, "10"},
        {CV_CODEC_VP8, "90"},
        {CV_CODEC_VP8, "90 80 92"},
        {CV_CODEC_VP8, "90 f0 9234 07 20"},
        {CV_CODEC_VP9, ""},
        {CV_CODEC_VP9, "aa 9234 00"},
        {CV_CODEC_VP9, "aa 9234 00 09 30 0140 00b4"},
        {CV_CODEC_VP9, "f8 11 54 03 05 07"},
        {CV_CODEC_VP9, "08"},
        {CV_CODEC_H264, ""},
        {CV_CODEC_H264, "7c"},
        {CV_CODEC_H264, "60"},
        {CV_CODEC_H264, "79 0000"},
        {CV_CODEC_H264, "78 00"},
        {CV_CODEC_H264, "78 0003 67 42"},
        {CV_CODEC_H264, "78 0000"},
        {CV_CODEC_AV1, ""},
        {CV_CODEC_AV1, "18"},
        {CV_CODEC_AV1, "00 ff"},
        {CV_CODEC_AV1, "18 0c"},
    };
    for (size_t k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct cv_layer_info info;
        if (cv_layers_read(cases[k].codec, unhex(cases[k].text), &info) != CV_ERR_SYNTAX)
            fail_msg("%s %s was taken", cv_codec_name(cases[k].codec), cases[k].text);
    }
    struct cv_layer_info info;
    assert_int_equal(cv_layers_read(CV_CODEC_OPUS, unhex("00"), &info), CV_ERR_TYPE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(vp8_key_frame),
        cmocka_unit_test(vp8_other_packets),
        cmocka_unit_test(vp8_descriptor_is_rewritten_in_kind),
        cmocka_unit_test(vp9_flexible_and_not),
        cmocka_unit_test(h264_units),
        cmocka_unit_test(av1_aggregation),
        cmocka_unit_test(cut_payloads_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
