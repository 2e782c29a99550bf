/* SPDX-License-Identifier: Apache-2.0 */
/* The records between workers: what is written is read, and nothing else is. */
#include "media/bridge.h"
#include "media/relay.h"
#include "seeded.h"
#include "test.h"

static uint8_t bytes[CV_RELAY_BRIDGE_BYTES];

static enum cv_err read_back(const struct cv_bridge_record *record,
                             struct cv_bridge_record *ret_record) {
    size_t size = cv_bridge_write(record, bytes);
    struct cv_slice payload = record->packet.payload, dependency = record->packet.dependency;
    assert_true(size <= CV_BRIDGE_HEAD_BYTES);
    if (record->type == CV_BRIDGE_PACKET) {
        memcpy(bytes + size, payload.data, payload.size);
        size += payload.size;
        if (dependency.size > 0)
            size += CV_EVEN_BYTES;
        memcpy(bytes + size, dependency.data, dependency.size);
        size += dependency.size;
    }
    /* No byte less, no byte more. */
    struct cv_bridge_record other;
    assert_int_equal(cv_bridge_read(cv_slice_of(bytes, size - 1), &other), CV_ERR_SYNTAX);
    assert_int_equal(cv_bridge_read(cv_slice_of(bytes, size + 1), &other), CV_ERR_SYNTAX);
    return cv_bridge_read(cv_slice_of(bytes, size), ret_record);
}

static void records_are_read_as_written(void **state) {
    struct cv_bridge_record got;
    const struct cv_bridge_record there = {
        .type = CV_BRIDGE_THERE,
        .source = 513,
        .csrc = 0xdeadbeef,
        .there = {{"m1"}, {"p1"}, CV_SOURCE_SCREEN, 3},
    };
    assert_int_equal(read_back(&there, &got), CV_OK);
    assert_int_equal(got.source, 513);
    assert_string_equal(got.there.participant.text, "p1");
    assert_string_equal(got.there.meeting.text, "m1");
    assert_int_equal(got.csrc, 0xdeadbeef);
    const struct cv_bridge_record packet = {
        .type = CV_BRIDGE_PACKET,
        .csrc = 0x89abcdef,
        .encoding = 2,
        .packet = {.epoch = 3,
                   .codec = CV_CODEC_VP9,
                   .marker = true,
                   .has_orientation = true,
                   .orientation = 2,
                   .sequence = 65535,
                   .timestamp = 77,
                   .payload = cv_slice_str("payload"),
                   .dependency = cv_slice_str("dd")},
    };
    assert_int_equal(read_back(&packet, &got), CV_OK);
    assert_true(got.packet.marker && got.packet.has_orientation && !got.packet.has_audio_level);
    assert_int_equal(got.csrc, 0x89abcdef);
    assert_int_equal(got.packet.sequence, 65535);
    assert_true(cv_slice_eq_str(got.packet.payload, "payload"));
    assert_true(cv_slice_eq_str(got.packet.dependency, "dd"));
    const struct cv_bridge_record clock = {.type = CV_BRIDGE_CLOCK, .clock = {5, -6}};
    assert_int_equal(read_back(&clock, &got), CV_OK);
    assert_int_equal(got.clock.timestamp, 5);
    assert_int_equal(got.clock.at_us, -6);
    const struct cv_bridge_record want = {.type = CV_BRIDGE_WANT, .wanted = 5};
    assert_int_equal(read_back(&want, &got), CV_OK);
    assert_int_equal(got.wanted, 5);
}

static void what_is_out_of_range_is_refused(void **state) {
    struct cv_bridge_record got;
    struct cv_bridge_record there = {.type = CV_BRIDGE_THERE,
                                     .there = {{"m"}, {"p"}, CV_SOURCE_KIND_COUNT, 1}};
    assert_int_equal(read_back(&there, &got), CV_ERR_SYNTAX);
    there.there.kind = 0;
    there.there.encoding_count = 4;
    assert_int_equal(read_back(&there, &got), CV_ERR_SYNTAX);
    there.there.encoding_count = 1;
    memset(there.there.participant.text, 'x', CV_ID_BYTES); /* without its end */
    assert_int_equal(read_back(&there, &got), CV_ERR_SYNTAX);
    struct cv_bridge_record packet = {.type = CV_BRIDGE_PACKET,
                                      .packet = {.codec = CV_CODEC_RTX,
                                                 .payload = cv_slice_str("x"),
                                                 .dependency = cv_slice_str("")}};
    assert_int_equal(read_back(&packet, &got), CV_ERR_SYNTAX);
    packet.packet.codec = CV_CODEC_OPUS;
    packet.packet.audio_level = 200;
    assert_int_equal(read_back(&packet, &got), CV_ERR_SYNTAX);
    packet.packet.audio_level = 0;
    assert_int_equal(read_back(&packet, &got), CV_OK);
    packet.encoding = 3;
    assert_int_equal(read_back(&packet, &got), CV_ERR_SYNTAX);
    assert_int_equal(cv_bridge_read((struct cv_slice){0}, &got), CV_ERR_SYNTAX);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(records_are_read_as_written),
        cmocka_unit_test(what_is_out_of_range_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
