/* SPDX-License-Identifier: Apache-2.0 */
/* The estimator over a simulated link; see bottleneck.h. */
#include "bottleneck.h"
#include "test.h"

enum { KBPS = 1000, MBPS = 1000000, SEEDS = 5 };

static const struct cv_link plain = {2 * MBPS, 25000, 5000, 300000, 0, 3000};
/* As a home line whose other users come and go. */
static const struct cv_link home = {10 * MBPS, 40000, 40000, 300000, 0, 3000};

static struct cv_bottleneck b;

static int tear_down(void **state) {
    cv_bottleneck_end(&b);
    return 0;
}

static void fills_a_link_without_filling_its_queue(void **state) {
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        cv_bottleneck_begin(&b, plain, 300 * KBPS, seed);
        cv_bottleneck_run(&b, 10 * CV_US_PER_S);
        int64_t mean_bps = cv_bottleneck_run(&b, 60 * CV_US_PER_S);
        assert_in_range(mean_bps, 2 * MBPS * 85 / 100, 2 * MBPS * 105 / 100);
        assert_true(b.worst_queue_us < 100000);
        cv_bottleneck_end(&b);
    }
}

static void starts_at_once(void **state) {
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        cv_bottleneck_begin(&b, home, 300 * KBPS, seed);
        int64_t took_us = cv_bottleneck_run_until(&b, 7 * MBPS, 12 * MBPS, 20 * CV_US_PER_S);
        assert_true(took_us < 2 * CV_US_PER_S);
        assert_true(b.worst_queue_us < 150000);
        cv_bottleneck_end(&b);
    }
}

/* `burst_us`: how long the queue may be over 150 ms for the sake of a key frame. */
static void go_down_and_up_again(uint64_t seed, int64_t burst_us) {
    cv_bottleneck_run(&b, 15 * CV_US_PER_S + (int64_t)seed * 200000);
    assert_true(b.mean_bps > 8 * MBPS);

    b.link.rate_bps = 800 * KBPS;
    assert_true(cv_bottleneck_run_until(&b, 200 * KBPS, 800 * KBPS, 10 * CV_US_PER_S) <
                2 * CV_US_PER_S);
    assert_true(b.over_us < 1500000); /* the queue of what had been sent already */
    cv_bottleneck_run(&b, 15 * CV_US_PER_S + (int64_t)seed * 370000);
    assert_in_range(b.mean_bps, 800 * KBPS * 80 / 100, 800 * KBPS * 105 / 100);
    assert_true(b.over_us <= burst_us);

    b.link.rate_bps = 10 * MBPS;
    assert_true(cv_bottleneck_run_until(&b, 7 * MBPS, 12 * MBPS, 20 * CV_US_PER_S) <
                8 * CV_US_PER_S);
    assert_true(b.over_us <= burst_us);
    cv_bottleneck_run(&b, 10 * CV_US_PER_S);
    assert_true(b.over_us <= burst_us);
}

/* 10 Mbit/s, 800 kbit/s, 10 Mbit/s: down within 2 s and up within 8 s, whenever it happens. */
static void follows_a_link_down_and_up_again(void **state) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        cv_bottleneck_begin(&b, home, 300 * KBPS, seed);
        go_down_and_up_again(seed, 0);
        cv_bottleneck_end(&b);
    }
}

/* The same with frames as a camera makes them, through the pacer. */
static void follows_a_link_with_frames_too(void **state) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        cv_bottleneck_begin(&b, home, 300 * KBPS, seed);
        b.frames = true;
        go_down_and_up_again(seed, 500000);
        assert_true(b.longest_wait_us < CV_PACER_MAX_WAIT_US);
        cv_bottleneck_end(&b);
    }
}

/* Whoever sends little learns of new room too, before it is needed, and for a few packets. */
static void finds_room_while_little_is_sent(void **state) {
    cv_bottleneck_begin(&b, home, 300 * KBPS, 1);
    b.wanted_bps = 5 * MBPS;
    cv_bottleneck_run(&b, 20 * CV_US_PER_S);
    assert_in_range(cv_bwe_target_bps(b.bwe), 4500 * KBPS, 12 * MBPS);
    assert_true(b.padding_bytes < b.media_bytes / 20);
}

/* The estimate does not fall because less is sent, and nothing is probed for that nobody wants. */
static void what_is_not_wanted_is_not_probed_for(void **state) {
    cv_bottleneck_begin(&b, home, 300 * KBPS, 1);
    cv_bottleneck_run(&b, 20 * CV_US_PER_S);
    int64_t before_bps = cv_bwe_target_bps(b.bwe);
    b.wanted_bps = 200 * KBPS;
    cv_bottleneck_run(&b, 30 * CV_US_PER_S);
    assert_int_equal(b.padding_bytes, 0);
    assert_true(cv_bwe_target_bps(b.bwe) > before_bps / 2);
    assert_true(cv_bwe_deadline(b.bwe) == CV_TIME_NEVER);
}

/* Where no padding can be sent the estimate still grows, and nothing waits for it. */
static void without_probes_it_grows_slowly(void **state) {
    struct cv_bwe_config config = {500 * KBPS, 30 * KBPS, 20 * MBPS};
    b.bwe = cv_bwe_new(&config, CV_US_PER_S);
    int64_t now_us = CV_US_PER_S;
    assert_true(cv_bwe_deadline(b.bwe) <= now_us);
    assert_true(cv_bwe_probe_bytes(b.bwe, now_us) > 0);
    assert_true(cv_bwe_deadline(b.bwe) > now_us);
    for (int i = 0; i < 10000; i++) {
        if (cv_bwe_deadline(b.bwe) == CV_TIME_NEVER)
            return;
        now_us = cv_bwe_deadline(b.bwe);
        cv_bwe_probe_bytes(b.bwe, now_us);
    }
    fail();
}

/* Radio loses without queues: two in a hundred are no congestion, twenty are treated as such. */
static void tells_light_loss_from_heavy(void **state) {
    static const struct {
        uint32_t loss_permille;
        int64_t least_bps, most_bps;
    } cases[] = {{10, 1400000, 2100000}, {50, 1200000, 2100000}, {200, 30000, 300000}};
    for (size_t i = 0; i < 3; i++) {
        struct cv_link link = plain;
        link.loss_permille = cases[i].loss_permille;
        cv_bottleneck_begin(&b, link, 1500 * KBPS, 3);
        cv_bottleneck_run(&b, 40 * CV_US_PER_S);
        int64_t mean_bps = cv_bottleneck_run(&b, 20 * CV_US_PER_S);
        assert_in_range(mean_bps, cases[i].least_bps, cases[i].most_bps);
        assert_in_range(cv_bwe_loss_permille(b.bwe), 0, cases[i].loss_permille + 150);
        cv_bottleneck_end(&b);
    }
}

static void jitter_is_not_congestion(void **state) {
    struct cv_link link = plain;
    link.jitter_us = 15000;
    cv_bottleneck_begin(&b, link, 300 * KBPS, 9);
    cv_bottleneck_run(&b, 10 * CV_US_PER_S);
    assert_true(cv_bottleneck_run(&b, 20 * CV_US_PER_S) > 1500 * KBPS);
}

/* Any usual link: well used, and its queue short. */
static void does_well_on_many_links(void **state) {
    static const int64_t rates_bps[] = {300 * KBPS, 800 * KBPS, 2 * MBPS, 10 * MBPS};
    static const int64_t delays_us[] = {5000, 40000, 150000};
    static const int64_t queues_us[] = {50000, 300000, 1000000};
    for (size_t i = 0; i < 4 * 3 * 3 * 2; i++) {
        int64_t rate_bps = rates_bps[i % 4], delay_us = delays_us[i / 4 % 3];
        struct cv_link link = {rate_bps,
                               delay_us,
                               delay_us,
                               queues_us[i / 12 % 3],
                               .loss_permille = i / 36 ? 10 : 0,
                               .jitter_us = 3000};
        cv_bottleneck_begin(&b, link, 300 * KBPS, i);
        cv_bottleneck_run(&b, 20 * CV_US_PER_S);
        cv_bottleneck_run(&b, 30 * CV_US_PER_S);
        assert_in_range(b.mean_bps, rate_bps * 80 / 100, rate_bps * 105 / 100);
        assert_true(b.over_us < 300000);
        cv_bottleneck_end(&b);
    }
}

static void feedback_of_strangers_changes_nothing(void **state) {
    struct cv_bwe_config config = {500000, 30000, 1000000};
    struct cv_bwe *bwe = b.bwe = cv_bwe_new(&config, CV_US_PER_S);
    struct cv_seeded seeded = {4};
    uint8_t control[64];
    assert_int_equal(cv_bwe_feedback(bwe, (struct cv_slice){0}, CV_US_PER_S), CV_ERR_SYNTAX);
    for (int i = 0; i < 100000; i++) {
        cv_seeded_fill(&seeded, control, sizeof control);
        control[2] = 0; /* few statuses */
        cv_bwe_feedback(bwe, cv_slice_of(control, sizeof control), CV_US_PER_S + i * 1000);
    }
    assert_true(cv_bwe_target_bps(bwe) == 500000);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(fills_a_link_without_filling_its_queue),
        TEST(starts_at_once),
        TEST(follows_a_link_down_and_up_again),
        TEST(follows_a_link_with_frames_too),
        TEST(finds_room_while_little_is_sent),
        TEST(what_is_not_wanted_is_not_probed_for),
        TEST(without_probes_it_grows_slowly),
        TEST(tells_light_loss_from_heavy),
        TEST(jitter_is_not_congestion),
        TEST(does_well_on_many_links),
        TEST(feedback_of_strangers_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
