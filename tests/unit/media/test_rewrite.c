/* SPDX-License-Identifier: Apache-2.0 */
/* One stream of many: numbers without gaps, places for what comes late, nothing twice. */
#include "media/rewrite.h"
#include "seeded.h"
#include "test.h"

static struct cv_rewrite rewrite;
static struct cv_rewritten out;

static int set_up(void **state) {
    rewrite = (struct cv_rewrite){.next_sequence = 100, .next_picture_id = 7, .next_tl0 = 3};
    return 0;
}

static struct cv_packet packet_of(uint64_t number, uint32_t timestamp, uint16_t picture_id) {
    return (struct cv_packet){.number = number,
                              .timestamp = timestamp,
                              .picture_id = picture_id,
                              .frame_number = picture_id,
                              .has_picture_id = true};
}

static enum cv_rewrite_result place(struct cv_packet packet, bool keep) {
    return cv_rewrite_place(&rewrite, &packet, keep, &out);
}

static void start(struct cv_packet packet, uint32_t timestamp) {
    cv_rewrite_switch(&rewrite, &packet, timestamp);
    assert_int_equal(place(packet, true), CV_REWRITE_SEND);
}

static void a_run_goes_on_where_the_last_ended(void **state) {
    start(packet_of(70000, 1000, 50), 5000);
    assert_int_equal(out.sequence, 100);
    assert_int_equal(out.picture_id, 7);
    assert_int_equal(out.timestamp, 5000);
    assert_int_equal(out.tl0, 3);
    assert_int_equal(place(packet_of(70001, 4000, 51), true), CV_REWRITE_SEND);
    assert_int_equal(out.sequence, 101);
    assert_int_equal(out.picture_id, 8);
    assert_int_equal(out.timestamp, 8000);
    start(packet_of(90000, 77, 3), 11000);
    assert_int_equal(out.sequence, 102);
    assert_int_equal(out.picture_id, 9);
    assert_int_equal(out.frame_number, 2);
    assert_int_equal(out.timestamp, 11000);
    /* Of the run before nothing is taken any more. */
    assert_int_equal(place(packet_of(89999, 77, 2), true), CV_REWRITE_NOTHING);
}

static void time_never_goes_back(void **state) {
    start(packet_of(70000, 1000, 0), 5000);
    start(packet_of(80000, 1000, 0), 4000);
    assert_int_equal(out.timestamp, 5001);
    start(packet_of(90000, 1000, 0), 5001);
    assert_int_equal(out.timestamp, 5002);
}

static void gaps_stay_and_late_packets_fill_them(void **state) {
    start(packet_of(70000, 0, 0), 0);
    place(packet_of(70003, 3000, 1), true);
    assert_int_equal(out.sequence, 103);
    assert_int_equal(place(packet_of(70001, 0, 0), true), CV_REWRITE_SEND);
    assert_int_equal(out.sequence, 101);
    assert_int_equal(out.timestamp, 0);
    assert_int_equal(place(packet_of(70002, 3000, 1), true), CV_REWRITE_SEND);
    assert_int_equal(out.sequence, 102);
    place(packet_of(70004, 6000, 2), true);
    assert_int_equal(out.sequence, 104);
}

static void what_is_left_out_leaves_no_gap(void **state) {
    start(packet_of(70000, 0, 10), 0);
    for (uint64_t n = 1; n <= 100; n++) {
        /* Two packets a frame, every second frame is left out. */
        uint64_t frame = (n + 1) / 2;
        bool keep = frame % 2 == 0;
        struct cv_packet packet =
            packet_of(70000 + n, (uint32_t)(3000 * frame), (uint16_t)(10 + frame));
        assert_int_equal(place(packet, keep), keep ? CV_REWRITE_SEND : CV_REWRITE_NOTHING);
        if (!keep)
            continue;
        assert_int_equal(out.sequence, 100 + (frame / 2 - 1) * 2 + 1 + (n % 2 == 0));
        assert_int_equal(out.picture_id, 7 + frame / 2);
    }
}

static void missing_parts_of_what_is_left_out_have_no_place(void **state) {
    start(packet_of(70000, 0, 0), 0);
    place(packet_of(70001, 3000, 1), false);
    place(packet_of(70004, 3000, 1), false); /* 2 and 3 are of the same frame */
    place(packet_of(70005, 6000, 2), true);
    assert_int_equal(out.sequence, 101);
    assert_int_equal(out.picture_id, 8);
    assert_int_equal(place(packet_of(70002, 3000, 1), false), CV_REWRITE_NOTHING);
    assert_int_equal(place(packet_of(70003, 3000, 1), true), CV_REWRITE_NOTHING);
}

/* Layers of one picture share its time: what is missing between two of them may be of a third. */
static void a_layer_between_two_that_are_left_out_keeps_its_place(void **state) {
    struct cv_packet highest = packet_of(70003, 3000, 1);
    highest.spatial = 2;
    start(packet_of(70000, 0, 0), 0);
    place(packet_of(70001, 3000, 1), false);
    place(highest, false); /* 2 is missing, of the layer that is wanted */
    place(packet_of(70004, 6000, 2), true);
    assert_int_equal(out.sequence, 102);
    struct cv_packet middle = packet_of(70002, 3000, 1);
    middle.spatial = 1;
    assert_int_equal(place(middle, true), CV_REWRITE_SEND);
    assert_int_equal(out.sequence, 101);
}

static void a_kept_place_is_filled_when_it_was_for_nothing(void **state) {
    start(packet_of(70000, 0, 0), 0);
    /* 70001 is missing, and nobody knows yet that it would be left out. */
    place(packet_of(70002, 6000, 2), true);
    assert_int_equal(out.sequence, 102);
    assert_int_equal(place(packet_of(70001, 3000, 1), false), CV_REWRITE_FILL);
    assert_int_equal(out.sequence, 101);
}

static void very_late_is_too_late(void **state) {
    start(packet_of(70000, 0, 0), 0);
    for (uint64_t n = 2; n < 200; n++)
        place(packet_of(70000 + n, (uint32_t)(3000 * n), (uint16_t)n), n % 2 == 0);
    assert_int_equal(place(packet_of(70001, 3000, 1), true), CV_REWRITE_NOTHING);
}

/* Whatever comes in whatever order: no number is used twice, and time follows the numbers. */
static void nothing_is_ever_used_twice(void **state) {
    struct cv_seeded seeded = {5};
    static uint32_t times[65536];
    static bool used[65536];
    for (int round = 0; round < 50; round++) {
        rewrite = (struct cv_rewrite){.next_sequence = (uint16_t)cv_seeded_u64(&seeded)};
        memset(used, 0, sizeof used);
        uint64_t base = 65536;
        bool seen[4096] = {false};
        for (int run = 0; run < 5; run++, base += 100000) {
            uint64_t highest = base;
            memset(seen, 0, sizeof seen);
            struct cv_packet first = packet_of(base, cv_random_u32(cv_seeded_random(&seeded)), 0);
            cv_rewrite_switch(&rewrite, &first, 1000000u * (uint32_t)run);
            for (int i = 0; i < 3000; i++) {
                uint64_t number = highest + cv_seeded_below(&seeded, 6);
                number -= cv_seeded_below(&seeded, 4) == 0 ? cv_seeded_below(&seeded, 20) : 0;
                if (number < base || number - base >= 4096 || seen[number - base])
                    continue;
                seen[number - base] = true;
                highest = number > highest ? number : highest;
                uint64_t frame = (number - base) / 3;
                struct cv_packet packet =
                    packet_of(number, (uint32_t)(first.timestamp + 100 * frame), (uint16_t)frame);
                bool keep = frame % 3 != 1;
                if (place(packet, keep) == CV_REWRITE_NOTHING)
                    continue;
                assert_false(used[out.sequence]);
                used[out.sequence] = true;
                times[out.sequence] = out.timestamp;
            }
        }
        uint32_t last = 0;
        uint16_t at = (uint16_t)(rewrite.next_sequence - 8000);
        for (int i = 0; i < 8000; i++, at++)
            if (used[at]) {
                assert_true(times[at] >= last);
                last = times[at];
            }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_run_goes_on_where_the_last_ended, set_up),
        cmocka_unit_test_setup(time_never_goes_back, set_up),
        cmocka_unit_test_setup(gaps_stay_and_late_packets_fill_them, set_up),
        cmocka_unit_test_setup(what_is_left_out_leaves_no_gap, set_up),
        cmocka_unit_test_setup(missing_parts_of_what_is_left_out_have_no_place, set_up),
        cmocka_unit_test_setup(a_layer_between_two_that_are_left_out_keeps_its_place, set_up),
        cmocka_unit_test_setup(a_kept_place_is_filled_when_it_was_for_nothing, set_up),
        cmocka_unit_test_setup(very_late_is_too_late, set_up),
        cmocka_unit_test_setup(nothing_is_ever_used_twice, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
