/* SPDX-License-Identifier: Apache-2.0 */
#include "media/allocation.h"

#include "seeded.h"
#include "test.h"

#include <stdbool.h>
#include <string.h>

enum { MAX_SLOTS = 48, KBPS = 1000, ROUNDS = 3000 };

static struct cv_allocation_slot slots[MAX_SLOTS];
static size_t count;

/* A slot with options of these rates in kbit/s; 0 ends them. */
static struct cv_allocation_slot *add(enum cv_allocation_class class, int present, int a, int b,
                                      int c) {
    const int rates[] = {a, b, c};
    struct cv_allocation_slot *slot = &slots[count++];
    *slot = (struct cv_allocation_slot){.class = class, .chosen = present};
    for (size_t i = 0; i < 3 && rates[i] > 0; i++)
        slot->options[slot->option_count++] =
            (struct cv_allocation_option){.bps = rates[i] * KBPS, .spatial = (uint8_t)i};
    return slot;
}

static int64_t allocate(int kbps) {
    return cv_allocate(slots, count, (int64_t)kbps * KBPS);
}

static int set_up(void **state) {
    count = 0;
    return 0;
}

static void nothing_wanted_costs_nothing(void **state) {
    assert_int_equal(allocate(1000), 0);
    add(CV_ALLOCATION_STAGE, CV_ALLOCATION_NONE, 0, 0, 0);
    assert_int_equal(allocate(1000), 0);
    assert_int_equal(slots[0].chosen, CV_ALLOCATION_NONE);
    assert_true(cv_allocation_wanted_bps(slots, 0) <= 1);
}

static void with_room_everybody_gets_the_best(void **state) {
    add(CV_ALLOCATION_SCREEN, -1, 300, 1500, 0);
    add(CV_ALLOCATION_STAGE, -1, 150, 500, 1500);
    add(CV_ALLOCATION_THUMBNAIL, -1, 100, 150, 0);
    int64_t wanted_bps = cv_allocation_wanted_bps(slots, count);
    assert_int_equal(cv_allocate(slots, count, wanted_bps), 3150 * KBPS);
    assert_int_equal(slots[0].chosen, 1);
    assert_int_equal(slots[1].chosen, 2);
    assert_int_equal(slots[2].chosen, 1);
}

static void without_room_the_most_important_is_shown(void **state) {
    add(CV_ALLOCATION_THUMBNAIL, -1, 100, 0, 0);
    add(CV_ALLOCATION_STAGE, -1, 150, 500, 0);
    add(CV_ALLOCATION_SCREEN, -1, 150, 500, 0);
    assert_int_equal(allocate(100), 0);
    assert_int_equal(allocate(200), 150 * KBPS);
    assert_int_equal(slots[2].chosen, 0);
    allocate(360);
    assert_int_equal(slots[2].chosen, 0);
    assert_int_equal(slots[1].chosen, 0);
    assert_int_equal(slots[0].chosen, CV_ALLOCATION_NONE);
}

/* Small pictures are not all black for the last step of the large one. */
static void the_stage_leaves_a_quarter_to_the_others(void **state) {
    add(CV_ALLOCATION_STAGE, -1, 150, 500, 1500);
    for (int i = 0; i < 8; i++)
        add(CV_ALLOCATION_THUMBNAIL, -1, 100, 300, 0);
    allocate(1000);
    assert_int_equal(slots[0].chosen, 1);
    size_t shown = 0;
    for (size_t i = 1; i < count; i++)
        shown += slots[i].chosen == 0;
    assert_in_range(shown, 3, 4);
    allocate(2500);
    assert_int_equal(slots[0].chosen, 2);
    for (size_t i = 1; i < 8; i++)
        assert_true(slots[i].chosen <= 0);
}

static void a_class_rises_together(void **state) {
    for (int i = 0; i < 4; i++)
        add(CV_ALLOCATION_THUMBNAIL, -1, 100, 300, 900);
    allocate(900);
    int expected[] = {1, 0, 0, 0};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(slots[i].chosen, expected[i]);
    allocate(1500);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(slots[i].chosen, 1);
}

static void a_step_up_needs_room_to_spare_and_staying_does_not(void **state) {
    struct cv_allocation_slot *stage = add(CV_ALLOCATION_STAGE, 0, 150, 500, 0);
    allocate(510);
    assert_int_equal(stage->chosen, 0);
    stage->chosen = 1;
    allocate(510);
    assert_int_equal(stage->chosen, 1);
    allocate(499);
    assert_int_equal(stage->chosen, 0);
    stage->chosen = 0;
    allocate(600);
    assert_int_equal(stage->chosen, 1);
}

/* An estimate that wavers by a tenth switches nothing once it is settled. */
static void a_wavering_estimate_switches_nothing(void **state) {
    struct cv_seeded seeded = {5};
    add(CV_ALLOCATION_STAGE, -1, 150, 500, 1500);
    for (int i = 0; i < 5; i++)
        add(CV_ALLOCATION_THUMBNAIL, -1, 80, 120, 0);
    size_t switches = 0;
    for (int i = 0; i < 1000; i++) {
        allocate(1100 - (int)cv_seeded_below(&seeded, 60));
        for (size_t j = 0; j < count; j++)
            switches += i > 10 && slots[j].chosen != slots[j].present;
    }
    assert_int_equal(switches, 0);
}

static void fill_randomly(struct cv_seeded *seeded, bool fresh) {
    count = 1 + cv_seeded_below(seeded, MAX_SLOTS);
    for (size_t i = 0; i < count; i++) {
        struct cv_allocation_slot *slot = &slots[i];
        *slot = (struct cv_allocation_slot){
            .class = (enum cv_allocation_class)cv_seeded_below(seeded, CV_ALLOCATION_CLASS_COUNT),
            .option_count = cv_seeded_below(seeded, 6),
            .chosen = fresh ? -1 : (int)cv_seeded_below(seeded, 8) - 1,
        };
        int64_t bps = 0;
        for (size_t j = 0; j < slot->option_count; j++) {
            bps += 10000 + cv_seeded_below(seeded, 500000);
            slot->options[j].bps = bps;
        }
    }
}

/* What is shown now, for cases that are tried with several rates. */
static int shown[MAX_SLOTS];

static void keep_shown(void) {
    for (size_t i = 0; i < count; i++)
        shown[i] = slots[i].chosen;
}

static void allocate_from_shown(int64_t available_bps) {
    for (size_t i = 0; i < count; i++)
        slots[i].chosen = shown[i];
    cv_allocate(slots, count, available_bps);
}

static int64_t sum_of(enum cv_allocation_class class, bool all) {
    int64_t sum = 0;
    for (size_t i = 0; i < count; i++)
        if ((all || slots[i].class == class) && slots[i].chosen >= 0)
            sum += slots[i].options[slots[i].chosen].bps;
    return sum;
}

static void is_never_over_the_budget_and_always_the_same(void **state) {
    struct cv_seeded seeded = {11};
    for (int i = 0; i < ROUNDS; i++) {
        static struct cv_allocation_slot again[MAX_SLOTS];
        fill_randomly(&seeded, false);
        int64_t available_bps = cv_seeded_below(&seeded, 12000000);
        memcpy(again, slots, sizeof slots);
        int64_t sum_bps = cv_allocate(slots, count, available_bps);
        assert_true(sum_bps <= available_bps);
        assert_true(sum_bps == sum_of(0, true));
        assert_true(cv_allocate(again, count, available_bps) == sum_bps);
        for (size_t j = 0; j < count; j++) {
            assert_int_equal(slots[j].chosen, again[j].chosen);
            assert_in_range(slots[j].chosen + 1, 0, slots[j].option_count);
        }
    }
}

/* In a class nobody has more than the lowest while another has nothing. */
static void nobody_rises_before_all_have_the_lowest(void **state) {
    struct cv_seeded seeded = {12};
    for (int i = 0; i < ROUNDS; i++) {
        fill_randomly(&seeded, false);
        cv_allocate(slots, count, cv_seeded_below(&seeded, 12000000));
        for (size_t a = 0; a < count; a++)
            for (size_t b = 0; b < count; b++)
                assert_false(slots[a].class == slots[b].class && slots[a].chosen > 0 &&
                             slots[b].option_count > 0 && slots[b].chosen < 0);
    }
}

/* The first class that has a slot, alone in it. */
static struct cv_allocation_slot *leave_one_first(void) {
    enum cv_allocation_class first = CV_ALLOCATION_CLASS_COUNT;
    struct cv_allocation_slot *found = NULL;
    for (size_t i = 0; i < count; i++)
        if (slots[i].option_count > 0 && slots[i].class < first)
            first = slots[i].class;
    for (size_t i = 0; i < count; i++) {
        if (slots[i].class != first || slots[i].option_count == 0)
            continue;
        if (found)
            slots[i].option_count = 0;
        else
            found = &slots[i];
    }
    return found;
}

static void more_rate_never_lowers_the_stage(void **state) {
    struct cv_seeded seeded = {13};
    for (int i = 0; i < ROUNDS / 10; i++) {
        fill_randomly(&seeded, false);
        struct cv_allocation_slot *stage = leave_one_first();
        int last = -1;
        keep_shown();
        for (int64_t bps = 0; stage && bps < 8000000; bps += 50000) {
            allocate_from_shown(bps);
            assert_true(stage->chosen >= last);
            last = stage->chosen;
        }
    }
}

/* From nothing, more rate lowers a class only where an earlier one gets more. */
static void more_rate_lowers_only_what_is_less_important(void **state) {
    struct cv_seeded seeded = {14};
    for (int i = 0; i < ROUNDS / 10; i++) {
        int64_t last[CV_ALLOCATION_CLASS_COUNT] = {0};
        fill_randomly(&seeded, true);
        keep_shown();
        for (int64_t bps = 0; bps < 12000000; bps += 100000) {
            allocate_from_shown(bps);
            bool risen = false;
            for (int rank = 0; rank < CV_ALLOCATION_CLASS_COUNT; rank++) {
                int64_t sum = sum_of((enum cv_allocation_class)rank, false);
                assert_true(risen || sum >= last[rank]);
                risen |= sum > last[rank];
                last[rank] = sum;
            }
        }
    }
}

#define TEST(name) cmocka_unit_test_setup(name, set_up)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(nothing_wanted_costs_nothing),
        TEST(with_room_everybody_gets_the_best),
        TEST(without_room_the_most_important_is_shown),
        TEST(the_stage_leaves_a_quarter_to_the_others),
        TEST(a_class_rises_together),
        TEST(a_step_up_needs_room_to_spare_and_staying_does_not),
        TEST(a_wavering_estimate_switches_nothing),
        TEST(is_never_over_the_budget_and_always_the_same),
        TEST(nobody_rises_before_all_have_the_lowest),
        TEST(more_rate_never_lowers_the_stage),
        TEST(more_rate_lowers_only_what_is_less_important),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
