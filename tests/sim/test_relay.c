/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Relayed meetings over bad networks, in virtual time and from a seed: how long pictures stand
 * still, how fast a changed path is found out, what a meeting of two hundred feels like. Clients
 * check all the while what RTP promises (tests/media/receiver.c).
 */
#include "net.h"
#include "test.h"

#include <stdio.h>
#include <string.h>

static struct net net;

static struct net_client *talker(unsigned worker) {
    struct net_client *who = net_join(&net, worker, 3, 3, true);
    who->speaks = who->films = true;
    return who;
}

static int64_t estimate_of(const struct net_client *who) {
    struct cv_relay_stats stats;
    assert_int_equal(cv_relay_stats(net.relays[who->worker], &who->participant, &stats), CV_OK);
    return stats.estimate_bps;
}

static void finish(void) {
    net_check(&net);
    net_close(&net);
}

/* The longest that a picture stood still, in ms; loss on either side of the relay. */
static int64_t longest_freeze_ms(uint64_t seed, unsigned loss_permille, int64_t jitter_us) {
    net_open(&net, seed, 1);
    struct net_client *alice = talker(0), *bob = net_join(&net, 0, 3, 1, false);
    net_want(&net, bob, 640, 360, alice, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    struct client_slot *picture = net_slot(bob, "v0");
    alice->up.loss_permille = bob->down.loss_permille = loss_permille;
    alice->up.jitter_us = bob->down.jitter_us = jitter_us;
    bob->up.loss_permille = alice->down.loss_permille = loss_permille;
    picture->longest_gap_us = 0;
    uint64_t frames = picture->frames;
    net_run(&net, 30 * CV_US_PER_S);
    print_message("loss %u.%u %%, disorder %lld ms: %llu of 750 frames, at most %lld ms apart\n",
                  loss_permille / 10, loss_permille % 10, (long long)jitter_us / 1000,
                  (unsigned long long)(picture->frames - frames),
                  (long long)picture->longest_gap_us / 1000);
    assert_true(picture->frames - frames > 250);
    int64_t freeze_ms = picture->longest_gap_us / 1000;
    finish();
    return freeze_ms;
}

static void loss_and_disorder_are_got_over(void **state) {
    static const struct {
        unsigned loss_permille;
        int64_t jitter_us, at_most_ms;
    } cases[] = {{0, 0, 80},      {0, 15000, 150},   {20, 5000, 400},
                 {50, 5000, 700}, {100, 5000, 1500}, {200, 5000, 3000}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        for (uint64_t seed = 1; seed <= 3; seed++)
            assert_true(longest_freeze_ms(seed, cases[i].loss_permille, cases[i].jitter_us) <=
                        cases[i].at_most_ms);
}

/* Runs until the estimate is in the range; returns how long that took. */
static int64_t converge(const struct net_client *who, int64_t low_bps, int64_t high_bps) {
    int64_t start_us = net.now_us;
    while (estimate_of(who) < low_bps || estimate_of(who) > high_bps) {
        net_run(&net, 20 * CV_US_PER_MS);
        if (net.now_us - start_us > 60 * CV_US_PER_S)
            fail_msg("the estimate stays at %lld bit/s", (long long)estimate_of(who));
    }
    return net.now_us - start_us;
}

static void steps_of_the_rate_are_followed(void **state) {
    for (uint64_t seed = 1; seed <= 3; seed++) {
        net_open(&net, seed, 1);
        struct net_client *alice = talker(0), *bob = net_join(&net, 0, 3, 1, false);
        bob->down = (struct net_link){.delay_us = 20000,
                                      .rate_bps = 10000000,
                                      .queue_us = 300000,
                                      .jitter_us = 2000,
                                      .loss_permille = 2};
        net_want(&net, bob, 1280, 720, alice, NULL);
        struct client_slot *picture = net_slot(bob, "v0");
        net_run(&net, 5 * CV_US_PER_S);
        assert_int_equal(picture->encoding, 2);
        picture->longest_gap_us = 0;
        bob->down.rate_bps = 800000;
        int64_t down_us = converge(bob, 0, 850000);
        net_run(&net, 15 * CV_US_PER_S - down_us);
        int64_t freeze_us = picture->longest_gap_us;
        uint64_t frames = picture->frames;
        net_run(&net, 5 * CV_US_PER_S);
        frames = picture->frames - frames;
        bob->down.rate_bps = 10000000;
        int64_t start_us = net.now_us;
        while (picture->encoding != 2 || picture->temporal != 2) {
            net_run(&net, 20 * CV_US_PER_MS);
            assert_true(net.now_us - start_us < 20 * CV_US_PER_S);
        }
        print_message("down in %lld ms, a freeze of %lld ms, %llu of 125 frames; up in %lld ms\n",
                      (long long)down_us / 1000, (long long)freeze_us / 1000,
                      (unsigned long long)frames, (long long)(net.now_us - start_us) / 1000);
        assert_true(down_us < 3 * CV_US_PER_S);
        assert_true(freeze_us < 1500 * CV_US_PER_MS);
        assert_true(frames > 50);
        assert_true(net.now_us - start_us < 12 * CV_US_PER_S);
        finish();
    }
}

enum { CROWD = 200, PAGE = 9 };

static void two_hundred_are_paged_through(void **state) {
    net_open(&net, 1, 1);
    static struct net_client *crowd[CROWD];
    for (size_t i = 0; i < CROWD; i++) {
        crowd[i] = net_join(&net, 0, 1, 0, true);
        crowd[i]->films_layers = 0;
        crowd[i]->films = crowd[i]->obeys = true;
        crowd[i]->speaks = i % 50 == 0;
        crowd[i]->level = (uint8_t)(20 + i % 40);
    }
    struct net_client *viewer = net_join(&net, 0, 5, PAGE, false);
    int64_t slowest_us = 0;
    for (size_t page = 0; page < CROWD; page += 23 * PAGE / 9) {
        struct cv_relay_want wants[PAGE] = {0};
        for (size_t i = 0; i < PAGE; i++) {
            snprintf(wants[i].mid, sizeof wants[i].mid, "v%zu", i);
            wants[i].participant = crowd[(page + i) % CROWD]->participant;
            wants[i].source = CV_SOURCE_CAMERA;
            wants[i].width = 320;
            wants[i].height = 180;
        }
        cv_relay_want(net.relays[0], net.now_us, &viewer->participant, wants, PAGE);
        int64_t start_us = net.now_us;
        for (size_t i = 0; i < PAGE; i++)
            while (net_slot(viewer, wants[i].mid)->sender !=
                   crowd[(page + i) % CROWD]->client.config.id) {
                net_run(&net, NET_STEP_US);
                assert_true(net.now_us - start_us < 2 * CV_US_PER_S);
            }
        if (net.now_us - start_us > slowest_us)
            slowest_us = net.now_us - start_us;
        net_run(&net, 500 * CV_US_PER_MS);
    }
    print_message("the slowest page of nine took %lld ms\n", (long long)slowest_us / 1000);
    assert_true(slowest_us < 500 * CV_US_PER_MS);
    finish();
}

/* Something that happens in meetings. */
static void stir(struct cv_seeded *seeded, struct net_client **people, size_t count) {
    size_t one = cv_seeded_below(seeded, (uint32_t)count);
    size_t other = cv_seeded_below(seeded, (uint32_t)count);
    struct net_client *who = people[one];
    int width = (int)cv_seeded_below(seeded, 1400);
    switch (cv_seeded_below(seeded, 8)) {
    case 0:
        cv_relay_close(net.relays[who->worker], net.now_us, &who->participant);
        net_vanish(&net, who);
        people[one] = talker(who->worker);
        break;
    case 1:
        who->films = !who->films;
        break;
    case 2:
        who->speaks = !who->speaks;
        break;
    case 3:
        who->down.loss_permille = cv_seeded_below(seeded, 50);
        break;
    case 4:
        net_offer(&net, who, "again", NULL);
        break;
    default:
        net_want(&net, who, width, width * 9 / 16, people[other], people[(other + 1) % count],
                 NULL);
        break;
    }
}

/* Whatever happens in whatever order over two workers: nothing breaks, and all is well after. */
static void lively_meetings_stay_sound(void **state) {
    static const struct cv_id meeting = {"meeting"};
    for (uint64_t seed = 1; seed <= 4; seed++) {
        net_open(&net, seed, 2);
        struct cv_seeded seeded = {seed};
        struct net_client *people[6];
        for (size_t i = 0; i < 6; i++)
            people[i] = talker(i % 2);
        for (int i = 0; i < 120; i++) {
            for (size_t k = 0; k < 2; k++)
                cv_relay_span(net.relays[k], net.now_us, &meeting, 3);
            stir(&seeded, people, 6);
            net_run(&net, cv_seeded_below(&seeded, 500) * CV_US_PER_MS);
        }
        for (size_t i = 0; i < 6; i++) {
            people[i]->films = people[i]->speaks = true;
            people[i]->down.loss_permille = 0;
            net_want(&net, people[i], 320, 180, people[(i + 1) % 6], people[(i + 2) % 6], NULL);
        }
        net_run(&net, 5 * CV_US_PER_S);
        for (size_t i = 0; i < 6; i++) {
            assert_int_equal(net_slot(people[i], "v0")->sender,
                             people[(i + 1) % 6]->client.config.id);
            assert_true(net.now_us - net_slot(people[i], "v0")->frame_us < 200 * CV_US_PER_MS);
            assert_true(net.now_us - net_slot(people[i], "v1")->frame_us < 200 * CV_US_PER_MS);
        }
        finish();
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_and_disorder_are_got_over),
        cmocka_unit_test(steps_of_the_rate_are_followed),
        cmocka_unit_test(two_hundred_are_paged_through),
        cmocka_unit_test(lively_meetings_stay_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
