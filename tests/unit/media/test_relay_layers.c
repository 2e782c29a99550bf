/* SPDX-License-Identifier: Apache-2.0 */
/* Layers inside one stream, through one relay or two: each slot gets those that it shall show. */
#include "fixture.h"
#include "test.h"

#include <stdio.h>

static const struct layers_mode full = {true, true}, key_only = {false, true};

static struct net_client *join(unsigned worker, struct layers_mode mode, bool films) {
    const struct client_config config = {
        .audio_slots = 1,
        .video_slots = 1,
        .layered = true,
        .mode = mode,
        .twcc = true,
        .sends = films,
    };
    char name[16];
    snprintf(name, sizeof name, "l%zu", net.joined++);
    struct net_client *who = net_add(&net, worker, name, &config);
    net_offer(&net, who, "brow", NULL);
    net_run(&net, 500 * CV_US_PER_MS);
    assert_true(who->client.connected);
    who->films = films;
    return who;
}

/* The highest layers of the pictures that come now. */
static void assert_layers(struct net_client *who, unsigned spatial, unsigned temporal) {
    const struct client_slot *slot = net_slot(who, "v0");
    unsigned seen_spatial = 0, seen_temporal = 0;
    for (int i = 0; i < 200; i++) {
        net_run(&net, NET_STEP_US);
        seen_spatial = slot->encoding > seen_spatial ? slot->encoding : seen_spatial;
        seen_temporal = slot->temporal > seen_temporal ? slot->temporal : seen_temporal;
    }
    assert_int_equal(seen_spatial, spatial);
    assert_int_equal(seen_temporal, temporal);
}

/* Frames, of all layers; the sender makes 25 pictures a second. */
static uint64_t frames_in(struct net_client *who, int64_t for_us) {
    uint64_t before = net_slot(who, "v0")->frames;
    net_run(&net, for_us);
    return net_slot(who, "v0")->frames - before;
}

static void check_tiles(struct layers_mode mode, unsigned frames_of_top) {
    struct net_client *alice = join(0, mode, true), *bob = join(0, mode, false);
    static const struct {
        uint16_t width, height;
        unsigned spatial;
        uint32_t active[2]; /* where layers build on one another, and where they don't */
    } tiles[] = {{1280, 720, 2, {0x1ff, 0x1c0}}, {160, 90, 0, {0x007, 0x007}},
                 {640, 360, 1, {0x03f, 0x038}},  {1920, 1080, 2, {0x1ff, 0x1c0}},
                 {640, 360, 1, {0x03f, 0x038}},  {300, 200, 0, {0x007, 0x007}}};
    struct client_slot *picture = net_slot(bob, "v0");
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++) {
        net_want(&net, bob, tiles[i].width, tiles[i].height, alice, NULL);
        net_run(&net, 3 * CV_US_PER_S);
        assert_layers(bob, tiles[i].spatial, 2);
        assert_int_equal(picture->active, tiles[i].active[!mode.full]);
        unsigned layers = mode.full ? tiles[i].spatial + 1 : 1;
        assert_in_range(frames_in(bob, 2 * CV_US_PER_S), 49 * layers, 52 * layers);
    }
    assert_true(picture->longest_gap_us <= 80000);
    /* A key frame for each change that takes one, and no more: they cost everybody. */
    assert_in_range(alice->client.video[0].plis, frames_of_top, frames_of_top + 2);
}

static void the_tile_chooses_among_layers_that_build_on_one_another(void **state) {
    check_tiles(full, 3);
}

static void the_tile_chooses_among_layers_that_meet_at_key_frames(void **state) {
    check_tiles(key_only, 6);
}

static void each_gets_its_own(void **state) {
    struct net_client *alice = join(0, key_only, true), *viewers[3];
    for (uint16_t i = 0; i < 3; i++) {
        viewers[i] = join(0, key_only, false);
        net_want(&net, viewers[i], 320 << i, 180 << i, alice, NULL);
    }
    net_run(&net, 3 * CV_US_PER_S);
    uint64_t bytes[3];
    for (size_t i = 0; i < 3; i++)
        bytes[i] = net_slot(viewers[i], "v0")->bytes;
    net_run(&net, 4 * CV_US_PER_S);
    for (size_t i = 0; i < 3; i++)
        bytes[i] = net_slot(viewers[i], "v0")->bytes - bytes[i];
    for (unsigned i = 0; i < 3; i++)
        assert_layers(viewers[i], i, 2);
    assert_true(2 * bytes[0] <= bytes[1] + 1000 && 2 * bytes[1] <= bytes[2] + 1000);
}

/* A second worker reads the descriptors again, and asks for the key frame that has the structure.
 */
static void another_worker_knows_the_layers(void **state) {
    struct net_client *alice = join(0, key_only, true), *near = join(0, key_only, false);
    net_want(&net, near, 1280, 720, alice, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    struct net_client *far = join(1, key_only, false);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(cv_relay_span(net.relays[i], net.now_us, &net.meeting, 3), CV_OK);
    static const uint16_t widths[] = {320, 1280, 640};
    static const unsigned spatial[] = {0, 2, 1};
    for (size_t i = 0; i < 3; i++) {
        net_want(&net, far, widths[i], widths[i] * 9 / 16, alice, NULL);
        net_run(&net, 3 * CV_US_PER_S);
        assert_layers(far, spatial[i], 2);
        assert_layers(near, 2, 2);
    }
    assert_true(net_slot(far, "v0")->longest_gap_us <= 80000);
    /* Nobody looks there for a while, and then somebody does again. */
    net_want(&net, far, 0, 0, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    net_want(&net, far, 1280, 720, alice, NULL);
    net_run(&net, 2 * CV_US_PER_S);
    assert_layers(far, 2, 2);
    assert_in_range(frames_in(far, 2 * CV_US_PER_S), 49, 52);
}

static void losses_are_repaired(void **state) {
    static const struct layers_mode modes[] = {{true, true}, {false, true}};
    for (size_t i = 0; i < 2; i++) {
        struct net_client *alice = join(0, modes[i], true), *bob = join(0, modes[i], false);
        net_want(&net, bob, 640, 360, alice, NULL);
        net_run(&net, 3 * CV_US_PER_S);
        alice->up.loss_permille = bob->down.loss_permille = 30;
        struct client_slot *picture = net_slot(bob, "v0");
        picture->longest_gap_us = 0;
        uint64_t frames = frames_in(bob, 10 * CV_US_PER_S);
        print_message("%s: %llu frames of 250 pictures, at most %lld ms apart\n",
                      modes[i].full ? "L3T3" : "L3T3_KEY", (unsigned long long)frames,
                      (long long)picture->longest_gap_us / 1000);
        assert_true(frames > (modes[i].full ? 440 : 220));
        assert_true(picture->longest_gap_us < 400 * CV_US_PER_MS);
        assert_true(picture->repaired > 5);
        assert_layers(bob, 1, 2);
        alice->films = false;
    }
}

/* Whoever saw it has none of the layer below where layers meet at key frames only. */
static void a_layer_is_sent_no_more(void **state) {
    static const struct layers_mode modes[] = {{true, true}, {false, true}};
    for (size_t i = 0; i < 2; i++) {
        struct net_client *alice = join(0, modes[i], true), *bob = join(0, modes[i], false);
        struct client_slot *picture = net_slot(bob, "v0");
        net_want(&net, bob, 1280, 720, alice, NULL);
        net_run(&net, 3 * CV_US_PER_S);
        assert_layers(bob, 2, 2);
        unsigned plis = alice->client.video[0].plis;
        alice->client.stopped_layers = 1;
        net_run(&net, 2 * CV_US_PER_S);
        assert_layers(bob, 1, 2);
        assert_int_equal(alice->client.video[0].plis - plis, !modes[i].full);
        assert_int_equal(picture->active, modes[i].full ? 0x3f : 0x38);
        /* A browser makes a key frame to begin with one again. */
        alice->client.stopped_layers = 0;
        alice->client.video[0].key_frame_asked = true;
        net_run(&net, 3 * CV_US_PER_S);
        assert_layers(bob, 2, 2);
        assert_true(picture->longest_gap_us <= 120 * CV_US_PER_MS);
    }
}

/* A better picture that is no dearer is the one to show. */
static void the_highest_layer_may_take_least(void **state) {
    struct net_client *alice = join(0, key_only, true), *bob = join(0, key_only, false);
    alice->client.config.light_top = true;
    net_want(&net, bob, 1280, 720, alice, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    assert_layers(bob, 2, 2);
    assert_int_equal(net_slot(bob, "v0")->active, 0x1c0);
}

/* A path that narrows and widens: layers go, without a standstill, and come back. */
static void narrow_paths_get_fewer_layers(void **state) {
    struct net_client *alice = join(0, full, true), *bob = join(0, full, false);
    bob->down = (struct net_link){.delay_us = 20000, .rate_bps = 10000000, .queue_us = 300000};
    struct client_slot *picture = net_slot(bob, "v0");
    net_want(&net, bob, 1280, 720, alice, NULL);
    net_run(&net, 8 * CV_US_PER_S);
    assert_layers(bob, 2, 2);
    bob->down.rate_bps = 500000;
    net_run(&net, 5 * CV_US_PER_S);
    picture->longest_gap_us = 0;
    assert_true(frames_in(bob, 5 * CV_US_PER_S) > 50);
    assert_true(picture->longest_gap_us < CV_US_PER_S);
    bob->down.rate_bps = 10000000;
    net_run(&net, 15 * CV_US_PER_S);
    assert_layers(bob, 2, 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_tile_chooses_among_layers_that_build_on_one_another,
                                        net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(the_tile_chooses_among_layers_that_meet_at_key_frames,
                                        net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(each_gets_its_own, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(another_worker_knows_the_layers, net_set_up_two,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(losses_are_repaired, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(a_layer_is_sent_no_more, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(the_highest_layer_may_take_least, net_set_up,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(narrow_paths_get_fewer_layers, net_set_up, net_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
