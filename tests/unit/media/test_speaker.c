/* SPDX-License-Identifier: Apache-2.0 */
/* People who talk, cough and fall silent, a packet every 20 ms each, in virtual time. */
#include "media/speaker.h"

#include "base/time.h"
#include "seeded.h"
#include "test.h"

enum { PLACES = 3, PACKET_US = 20000, QUIET = 127, TALK = 35, LOUD = 20, MAX_PEOPLE = 256 };

static struct cv_speaker *speaker;
static int64_t now_us;
static uint8_t levels[MAX_PEOPLE]; /* what each says now */
static size_t people;

static int set_up(void **state) {
    speaker = cv_speaker_new(PLACES);
    now_us = CV_US_PER_S;
    people = 0;
    memset(levels, QUIET, sizeof levels);
    return !speaker;
}

static int tear_down(void **state) {
    speaker = cv_speaker_free(speaker);
    return 0;
}

static void add_people(size_t count) {
    for (; count > 0; count--, people++) {
        uint32_t source;
        assert_int_equal(cv_speaker_add(speaker, &source), CV_OK);
        assert_int_equal(source, people);
    }
}

/* The places and those who hold them agree; nobody has two. */
static void assert_places_agree(void) {
    for (size_t place = 0; place < PLACES; place++) {
        uint32_t source = cv_speaker_at(speaker, place);
        if (source != CV_SPEAKER_NONE)
            assert_int_equal(cv_speaker_place(speaker, source), place);
    }
    size_t placed = 0, held = 0;
    for (uint32_t i = 0; i < people; i++)
        placed += cv_speaker_place(speaker, i) != CV_SPEAKER_NONE;
    for (size_t place = 0; place < PLACES; place++)
        held += cv_speaker_at(speaker, place) != CV_SPEAKER_NONE;
    assert_int_equal(placed, held);
}

static void run(int64_t for_us) {
    for (int64_t end_us = now_us + for_us; now_us < end_us; now_us += PACKET_US) {
        for (uint32_t i = 0; i < people; i++) {
            uint32_t place =
                cv_speaker_packet(speaker, i, levels[i], levels[i] != QUIET, now_us + i);
            assert_int_equal(place, cv_speaker_place(speaker, i));
        }
        if (now_us >= cv_speaker_deadline(speaker))
            cv_speaker_tick(speaker, now_us);
        assert_places_agree();
    }
}

static bool is_heard(uint32_t source) {
    return cv_speaker_place(speaker, source) != CV_SPEAKER_NONE;
}

static void nobody_speaks_at_first(void **state) {
    add_people(4);
    run(2 * CV_US_PER_S);
    assert_int_equal(cv_speaker_active(speaker), CV_SPEAKER_NONE);
    for (uint32_t i = 0; i < 4; i++)
        assert_false(is_heard(i));
    assert_true(cv_speaker_deadline(speaker) == CV_TIME_NEVER);
}

static void a_voice_is_heard_with_its_first_packet(void **state) {
    add_people(4);
    assert_int_equal(cv_speaker_packet(speaker, 2, TALK, true, now_us), 0);
    assert_int_equal(cv_speaker_at(speaker, 0), 2);
}

static void speaks_first_and_is_active_soon(void **state) {
    add_people(3);
    levels[1] = TALK;
    run(300000);
    assert_int_equal(cv_speaker_active(speaker), 1);
}

static void a_cough_moves_no_picture(void **state) {
    add_people(3);
    levels[0] = TALK;
    run(5 * CV_US_PER_S);
    levels[1] = LOUD;
    run(200000);
    levels[1] = QUIET;
    run(2 * CV_US_PER_S);
    assert_int_equal(cv_speaker_active(speaker), 0);
    assert_true(is_heard(0));
}

static void stays_through_a_pause(void **state) {
    add_people(3);
    levels[0] = TALK;
    run(5 * CV_US_PER_S);
    levels[0] = QUIET;
    run(1500000);
    assert_int_equal(cv_speaker_active(speaker), 0);
    assert_true(is_heard(0));
}

static void gives_way_to_the_next(void **state) {
    add_people(3);
    levels[0] = TALK;
    run(10 * CV_US_PER_S);
    levels[0] = QUIET;
    levels[1] = TALK;
    int64_t began_us = now_us;
    while (cv_speaker_active(speaker) != 1)
        run(PACKET_US);
    assert_in_range(now_us - began_us, 300000, 1500000);
}

/* Two who talk at the same loudness do not fight for the picture. */
static void keeps_one_of_two_who_talk_at_once(void **state) {
    struct cv_seeded seeded = {1};
    add_people(2);
    levels[0] = TALK;
    run(3 * CV_US_PER_S);
    size_t changes = 0;
    uint32_t last = cv_speaker_active(speaker);
    for (int i = 0; i < 3000; i++) {
        levels[0] = (uint8_t)(TALK - 4 + cv_seeded_below(&seeded, 8));
        levels[1] = (uint8_t)(TALK - 4 + cv_seeded_below(&seeded, 8));
        run(PACKET_US);
        changes += cv_speaker_active(speaker) != last;
        last = cv_speaker_active(speaker);
    }
    assert_int_equal(changes, 0);
}

static void is_nobody_after_a_long_silence(void **state) {
    add_people(2);
    levels[0] = TALK;
    run(3 * CV_US_PER_S);
    levels[0] = QUIET;
    run(6 * CV_US_PER_S);
    assert_int_equal(cv_speaker_active(speaker), CV_SPEAKER_NONE);
    assert_false(is_heard(0));
}

/* With discontinuous transmission a silence has no packets: ticks alone end it. */
static void silence_without_packets_ends_too(void **state) {
    add_people(1);
    levels[0] = TALK;
    run(3 * CV_US_PER_S);
    int64_t silent_us = now_us;
    while (cv_speaker_deadline(speaker) != CV_TIME_NEVER) {
        assert_true(cv_speaker_deadline(speaker) > now_us);
        now_us = cv_speaker_deadline(speaker);
        cv_speaker_tick(speaker, now_us);
    }
    assert_int_equal(cv_speaker_active(speaker), CV_SPEAKER_NONE);
    assert_false(is_heard(0));
    assert_in_range(now_us - silent_us, 4 * CV_US_PER_S, 6 * CV_US_PER_S);
}

static void a_louder_voice_takes_the_place_of_the_quietest(void **state) {
    add_people(5);
    levels[0] = TALK;
    levels[1] = TALK + 10;
    levels[2] = TALK + 5;
    run(CV_US_PER_S);
    levels[3] = TALK;
    run(2 * PACKET_US);
    assert_true(is_heard(0) && is_heard(2) && is_heard(3));
    assert_false(is_heard(1));
}

/* Whoever pauses makes room at once when somebody new begins, and is not cut off by equals. */
static void a_pause_makes_room_when_it_is_needed(void **state) {
    add_people(5);
    levels[0] = levels[1] = levels[2] = TALK;
    run(CV_US_PER_S);
    levels[3] = TALK;
    run(CV_US_PER_S);
    assert_false(is_heard(3));
    levels[0] = QUIET;
    run(100000);
    assert_true(is_heard(3));
    assert_false(is_heard(0));
}

static void mute_and_leave_free_the_place(void **state) {
    add_people(3);
    levels[0] = levels[1] = TALK;
    run(CV_US_PER_S);
    uint32_t active = cv_speaker_active(speaker);
    assert_true(active == 0 || active == 1);
    cv_speaker_silence(speaker, active);
    assert_int_equal(cv_speaker_active(speaker), CV_SPEAKER_NONE);
    assert_false(is_heard(active));
    cv_speaker_remove(speaker, 1 - active);
    cv_speaker_remove(speaker, 1 - active);
    cv_speaker_remove(speaker, 1000);
    assert_int_equal(cv_speaker_packet(speaker, 1 - active, LOUD, true, now_us), CV_SPEAKER_NONE);
    uint32_t source;
    assert_int_equal(cv_speaker_add(speaker, &source), CV_OK);
    assert_int_equal(source, 1 - active);
    assert_int_equal(cv_speaker_packet(speaker, source, LOUD, true, now_us), 0);
}

/* Music from a source that sends no levels is heard, and is no speaker. */
static void without_levels_it_is_heard_but_never_active(void **state) {
    add_people(2);
    for (int i = 0; i < 200; i++, now_us += PACKET_US)
        assert_int_equal(cv_speaker_packet(speaker, 0, CV_SPEAKER_LEVEL_UNKNOWN, false, now_us), 0);
    assert_int_equal(cv_speaker_active(speaker), CV_SPEAKER_NONE);
}

static void hum_without_voice_yields_to_a_voice(void **state) {
    add_people(2);
    for (int i = 0; i < 500; i++, now_us += PACKET_US) {
        cv_speaker_packet(speaker, 0, TALK, false, now_us);
        cv_speaker_packet(speaker, 1, TALK, true, now_us);
    }
    assert_int_equal(cv_speaker_active(speaker), 1);
}

/* Two hundred, of whom now these and now those talk: each is heard within two packets. */
static void two_hundred_take_turns(void **state) {
    struct cv_seeded seeded = {7};
    add_people(200);
    for (int turn = 0; turn < 40; turn++) {
        uint32_t who = cv_seeded_below(&seeded, 200);
        levels[who] = TALK;
        run(2 * PACKET_US);
        assert_true(is_heard(who));
        run(3 * CV_US_PER_S);
        assert_int_equal(cv_speaker_active(speaker), who);
        levels[who] = QUIET;
    }
}

static void sources_are_bounded(void **state) {
    uint32_t source;
    for (uint32_t i = 0; i < CV_SPEAKER_MAX_SOURCES; i++)
        assert_int_equal(cv_speaker_add(speaker, &source), CV_OK);
    assert_int_equal(cv_speaker_add(speaker, &source), CV_ERR_FULL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nobody_speaks_at_first),
        TEST(a_voice_is_heard_with_its_first_packet),
        TEST(speaks_first_and_is_active_soon),
        TEST(a_cough_moves_no_picture),
        TEST(stays_through_a_pause),
        TEST(gives_way_to_the_next),
        TEST(keeps_one_of_two_who_talk_at_once),
        TEST(is_nobody_after_a_long_silence),
        TEST(silence_without_packets_ends_too),
        TEST(a_louder_voice_takes_the_place_of_the_quietest),
        TEST(a_pause_makes_room_when_it_is_needed),
        TEST(mute_and_leave_free_the_place),
        TEST(without_levels_it_is_heard_but_never_active),
        TEST(hum_without_voice_yields_to_a_voice),
        TEST(two_hundred_take_turns),
        TEST(sources_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
