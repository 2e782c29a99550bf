/* SPDX-License-Identifier: Apache-2.0 */
/* A meeting over one relay or two, with clients that do all that browsers do on the wire. */
#include "fixture.h"
#include "media/relay_private.h"
#include "test.h"

#include <stdio.h>

static void sound_and_picture_arrive(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 3, 2, true);
    assert_int_equal(alice->peer.peer.state, CV_TRANSPORT_CONNECTED);
    net_want(&net, bob, 1280, 720, alice, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    struct client_slot *sound = net_slot(bob, "a0"), *picture = net_slot(bob, "v0");
    assert_true(sound->packets > 100);
    net_assert_shows(bob, "a0", alice);
    assert_true(picture->frames > 60);
    net_assert_shows(bob, "v0", alice);
    assert_int_equal(picture->encoding, 2);
    assert_true(picture->has_report && sound->has_report);
    assert_string_equal(net.speaker.speaker.text, alice->participant.text);
    /* She hears and sees nothing of herself. */
    for (size_t i = 0; i < alice->client.slot_count; i++)
        assert_int_equal(alice->client.slots[i].packets, 0);
}

/* Browsers say it as soon as they have an answer, and nominate a path after the handshake. */
static void what_is_wanted_early_is_seen_with_the_first_packets(void **state) {
    struct net_client *alice = net_talker(&net, 0), *carol = net_join(&net, 0, 1, 1, false);
    net_want(&net, carol, 320, 180, alice, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    const struct client_config config = {
        .audio_slots = 1, .video_slots = 1, .twcc = true, .nominates_after_us = 100 * CV_US_PER_MS};
    struct net_client *bob = net_add(&net, 0, "bob", &config);
    net_offer(&net, bob, "brow", NULL);
    net_want(&net, bob, 320, 180, alice, NULL);
    for (int i = 0; i < 500 && !bob->client.connected; i++)
        net_run(&net, NET_STEP_US);
    net_run(&net, 150 * CV_US_PER_MS);
    assert_true(net_slot(bob, "v0")->frames > 0);
    net_assert_shows(bob, "v0", alice);
}

static void the_tile_chooses_the_encoding(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 1, 1, false);
    static const struct {
        uint16_t width, height;
        unsigned encoding;
    } tiles[] = {{1280, 720, 2}, {160, 90, 0}, {640, 360, 1}, {1920, 1080, 2}, {300, 200, 0}};
    for (size_t i = 0; i < sizeof tiles / sizeof *tiles; i++) {
        net_want(&net, bob, tiles[i].width, tiles[i].height, alice, NULL);
        net_run(&net, 3 * CV_US_PER_S);
        assert_int_equal(net_slot(bob, "v0")->encoding, tiles[i].encoding);
    }
    /* Nothing was missed on the way: the old one goes on until the new one's key frame. */
    assert_true(net_slot(bob, "v0")->longest_gap_us <= 80000);
    assert_true(net_slot(bob, "v0")->frames > 340);
}

static void what_nobody_watches_is_said_so(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 1, 1, false);
    alice->obeys = true;
    net_run(&net, 3 * CV_US_PER_S);
    assert_int_equal(alice->watched.watched.camera, 0);
    assert_int_equal(alice->films_layers, 0);
    net_want(&net, bob, 160, 90, alice, NULL);
    net_run(&net, CV_US_PER_S);
    assert_int_equal(alice->watched.watched.camera, 1);
    net_assert_shows(bob, "v0", alice);
    net_want(&net, bob, 1280, 720, alice, NULL);
    net_run(&net, 4 * CV_US_PER_S);
    assert_int_equal(alice->watched.watched.camera, 4);
    assert_int_equal(net_slot(bob, "v0")->encoding, 2);
    net_want(&net, bob, 0, 0, NULL);
    net_run(&net, 500 * CV_US_PER_MS);
    assert_int_equal(alice->watched.watched.camera, 4); /* it may be looked at again at once */
    net_run(&net, 2 * CV_US_PER_S);
    assert_int_equal(alice->watched.watched.camera, 0);
    assert_int_equal(net_told(bob, "v0")->state, CV_SLOT_OFF);
}

/* Browsers leave out the higher encodings of a small picture, and on a slow machine. */
static void a_small_camera_is_seen_again_after_a_pause(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 1, 1, false);
    alice->obeys = true;
    alice->can_film = 1;
    net_want(&net, bob, 1280, 720, alice, NULL);
    net_run(&net, 4 * CV_US_PER_S);
    net_assert_shows(bob, "v0", alice);
    alice->can_film = 0;
    net_run(&net, 5 * CV_US_PER_S);
    assert_true(alice->watched.watched.camera & 1);
    alice->can_film = 1;
    net_run(&net, CV_US_PER_S);
    net_assert_shows(bob, "v0", alice);
    uint64_t frames = net_slot(bob, "v0")->frames;
    net_run(&net, 2 * CV_US_PER_S);
    assert_in_range(net_slot(bob, "v0")->frames - frames, 49, 51);
}

/* Else it would count as much as any picture might, and not be shown where there is little room. */
static void a_picture_that_seldom_changes_is_measured(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 1, 1, false);
    net_want(&net, bob, 160, 90, alice, NULL);
    for (int i = 0; i < 10; i++) {
        alice->films = true;
        net_run(&net, 40 * CV_US_PER_MS);
        alice->films = false;
        net_run(&net, 1160 * CV_US_PER_MS);
    }
    const struct cv_peer *peer = cv_relay_find(net.relays[0], &alice->participant);
    const struct cv_encoding *lowest = &peer->sources[CV_SOURCE_CAMERA]->encodings[0];
    assert_in_range(lowest->bound_bps[0], 1000, 12000);
}

static void key_frames_are_asked_for_once_for_all(void **state) {
    struct net_client *alice = net_talker(&net, 0), *others[6];
    net_run(&net, CV_US_PER_S);
    for (size_t i = 0; i < 6; i++) {
        others[i] = net_join(&net, 0, 1, 1, false);
        net_want(&net, others[i], 160, 90, alice, NULL);
    }
    unsigned before = alice->client.video[0].plis;
    for (int round = 0; round < 100; round++) {
        for (size_t i = 0; i < 6; i++)
            client_send_pli(&others[i]->client, net_slot(others[i], "v0"));
        net_run(&net, 20 * CV_US_PER_MS);
    }
    unsigned asked = alice->client.video[0].plis - before;
    assert_in_range(asked, 3, 5);
    for (size_t i = 0; i < 6; i++)
        net_assert_shows(others[i], "v0", alice);
}

static void losses_are_repaired_both_ways(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 1, 1, false);
    net_want(&net, bob, 1280, 720, alice, NULL);
    net_run(&net, 2 * CV_US_PER_S);
    alice->up.loss_permille = 50;
    bob->down.loss_permille = 50;
    uint64_t frames = net_slot(bob, "v0")->frames;
    net_slot(bob, "v0")->longest_gap_us = 0;
    net_run(&net, 10 * CV_US_PER_S);
    struct cv_relay_counters counters;
    cv_relay_counters(net.relays[0], &counters);
    assert_true(counters.retransmitted > 20);
    assert_true(alice->client.nacks_from_relay > 20);
    assert_true(counters.requested > 20);
    assert_in_range(counters.repaired, counters.requested * 9 / 10, counters.requested);
    assert_true(counters.given_up <= counters.requested / 50);
    cv_relay_close(net.relays[0], net.now_us, &alice->participant);
    struct cv_relay_counters later;
    cv_relay_counters(net.relays[0], &later);
    assert_int_equal(later.requested, counters.requested); /* those who are gone count too */
    assert_int_equal(later.repaired, counters.repaired);
    assert_true(net_slot(bob, "v0")->repaired > 20);
    assert_true(net_slot(bob, "v0")->frames - frames > 235);
    assert_true(net_slot(bob, "v0")->longest_gap_us < 400 * CV_US_PER_MS);
}

/* No report tells the relay how far away somebody is who only sends; the repairs do. */
static void who_is_far_away_is_not_asked_twice(void **state) {
    struct net_client *alice = net_join(&net, 0, 0, 0, true), *bob = net_join(&net, 0, 1, 1, false);
    alice->films = true;
    net_want(&net, bob, 1280, 720, alice, NULL);
    alice->up.delay_us = alice->down.delay_us = 150 * CV_US_PER_MS;
    alice->up.loss_permille = 50;
    net_run(&net, 3 * CV_US_PER_S);
    struct cv_relay_counters before, after;
    cv_relay_counters(net.relays[0], &before);
    int64_t asked = alice->client.nacks_from_relay;
    net_run(&net, 10 * CV_US_PER_S);
    cv_relay_counters(net.relays[0], &after);
    uint64_t lost = after.requested - before.requested;
    assert_true(lost > 20);
    assert_in_range(alice->client.nacks_from_relay - asked, lost, lost * 5 / 4);
    assert_true(after.repaired - before.repaired > lost * 9 / 10);
}

static void the_loudest_are_heard(void **state) {
    struct net_client *people[8];
    for (size_t i = 0; i < 8; i++) {
        people[i] = net_join(&net, 0, 5, 0, true);
        people[i]->level = (uint8_t)(20 + 8 * i);
    }
    for (size_t i = 0; i < 8; i++)
        people[i]->speaks = true;
    net_run(&net, 3 * CV_US_PER_S);
    bool heard[9] = {false};
    for (size_t i = 0; i < people[7]->client.slot_count; i++)
        heard[people[7]->client.slots[i].sender] = true;
    for (size_t i = 0; i < 5; i++)
        assert_true(heard[people[i]->client.config.id]);
    assert_false(heard[people[6]->client.config.id]);
    assert_string_equal(net.speaker.speaker.text, people[0]->participant.text);
    people[0]->speaks = false;
    people[6]->level = 15;
    net_run(&net, 3 * CV_US_PER_S);
    assert_string_equal(net.speaker.speaker.text, people[6]->participant.text);
}

static void what_is_not_allowed_is_not_passed_on(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 1, 1, false);
    net_want(&net, bob, 160, 90, alice, NULL);
    net_run(&net, 2 * CV_US_PER_S);
    cv_relay_allow(net.relays[0], &alice->participant, false, false, false);
    net_run(&net, 100 * CV_US_PER_MS);
    uint64_t sound = net_slot(bob, "a0")->packets, pictures = net_slot(bob, "v0")->packets;
    net_run(&net, 3 * CV_US_PER_S);
    assert_int_equal(net_slot(bob, "a0")->packets, sound);
    assert_int_equal(net_slot(bob, "v0")->packets, pictures);
    assert_int_equal(net_told(bob, "v0")->state, CV_SLOT_OFF);
    cv_relay_allow(net.relays[0], &alice->participant, true, true, true);
    net_run(&net, 2 * CV_US_PER_S);
    net_assert_shows(bob, "v0", alice);
    assert_true(net_slot(bob, "a0")->packets > sound);
}

static void coming_and_going(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_talker(&net, 0),
                      *carol = net_join(&net, 0, 3, 2, false);
    net_want(&net, carol, 320, 180, alice, bob, NULL);
    net_run(&net, 2 * CV_US_PER_S);
    net_assert_shows(carol, "v0", alice);
    net_assert_shows(carol, "v1", bob);
    cv_relay_close(net.relays[0], net.now_us, &alice->participant);
    net_run(&net, CV_US_PER_S);
    assert_int_equal(net_told(carol, "v0")->state, CV_SLOT_OFF);
    assert_string_equal(net_told(carol, "v0")->participant.text, "");
    net_assert_shows(carol, "v1", bob);
    struct cv_relay_stats stats;
    assert_int_equal(cv_relay_stats(net.relays[0], &alice->participant, &stats), CV_ERR_NOT_FOUND);
    net_vanish(&net, bob);
    net_run(&net, 40 * CV_US_PER_S);
    assert_int_equal(net_told(carol, "v1")->state, CV_SLOT_OFF);
    struct cv_relay_counters counters;
    cv_relay_counters(net.relays[0], &counters);
    assert_int_equal(counters.peers, 1);
}

static void who_has_just_come_hears_goodbye(void **state) {
    struct net_client *alice = net_join(&net, 0, 3, 2, true);
    cv_relay_close(net.relays[0], net.now_us, &alice->participant);
    net_run(&net, CV_US_PER_S);
    assert_int_equal(cv_dtls_state(alice->client.dtls), CV_DTLS_CLOSED);
}

static void another_connection_replaces_the_first(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_talker(&net, 0);
    net_want(&net, bob, 320, 180, alice, NULL);
    net_want(&net, alice, 320, 180, bob, NULL);
    net_run(&net, 2 * CV_US_PER_S);
    struct net_client *again = net_add(&net, 0, alice->participant.text, &alice->client.config);
    again->speaks = again->films = true;
    net_offer(&net, again, "brow", NULL);
    net_run(&net, 15 * CV_US_PER_MS);
    assert_int_equal(again->client.connected, false);
    assert_int_equal(alice->peer.peer.state, CV_TRANSPORT_CONNECTED);
    net_run(&net, 2 * CV_US_PER_S);
    assert_int_equal(again->peer.peer.state, CV_TRANSPORT_CONNECTED);
    assert_int_equal(alice->peer.peer.state, CV_TRANSPORT_CLOSED);
    assert_int_equal(net_slot(bob, "v0")->sender, again->client.config.id);
    assert_true(net_slot(bob, "v0")->longest_gap_us < 300 * CV_US_PER_MS);
    /* What was wanted of the first holds for the second. */
    assert_int_equal(net_slot(again, "v0")->sender, bob->client.config.id);
    struct cv_relay_counters counters;
    cv_relay_counters(net.relays[0], &counters);
    assert_int_equal(counters.peers, 2);
}

/* Whom control is told of meanwhile is not to depend on who leaves. */
static void all_who_stay_are_told_of(void **state) {
    enum { PEERS = 24 };
    struct net_client *clients[PEERS];
    struct cv_relay_known known;
    bool is_told[PEERS] = {false};
    for (size_t i = 0; i < PEERS; i++)
        clients[i] = net_join(&net, 0, 1, 0, false);
    cv_relay_tell_again(net.relays[0]);
    for (size_t round = 0; cv_relay_next_peer(net.relays[0], &known); round++) {
        for (size_t i = 0; i < PEERS; i++)
            if (cv_id_eq(&clients[i]->participant, &known.config.participant)) {
                assert_false(is_told[i]);
                is_told[i] = true;
                if (round % 2 == 0)
                    cv_relay_close(net.relays[0], net.now_us, &clients[i]->participant);
                if (round == 7) /* who comes now is control's own doing */
                    (void)net_join(&net, 0, 1, 0, false);
            }
    }
    for (size_t i = 0; i < PEERS; i++)
        assert_true(is_told[i]);
}

static enum cv_err restart(struct net_client *who, const char *ufrag, struct cv_buf *fragment) {
    cv_buf_clear(fragment);
    snprintf(who->client.ufrag, sizeof who->client.ufrag, "%s", ufrag);
    return cv_relay_restart(net.relays[0], net.now_us, &who->participant, cv_slice_str(ufrag),
                            fragment);
}

static void ice_is_restarted_without_another_offer(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 1, 1, false);
    struct cv_buf fragment = {0};
    struct cv_relay_known known;
    char before[sizeof alice->client.server_ufrag];
    net_want(&net, bob, 320, 180, alice, NULL);
    net_run(&net, 2 * CV_US_PER_S);
    memcpy(before, alice->client.server_ufrag, sizeof before);
    assert_int_equal(restart(alice, "brow", &fragment), CV_OK); /* that is the one of the offer */
    assert_non_null(strstr(cv_buf_cstr(&fragment), before));
    assert_int_equal(restart(alice, "anew", &fragment), CV_OK);
    const char *text = cv_buf_cstr(&fragment);
    assert_null(strstr(text, before));
    assert_ptr_equal(
        strstr(text, "a=group:BUNDLE m c s t a0 a1 a2 v0 v1 v2\r\na=ice-lite\r\nm=audio 9 "), text);
    assert_non_null(strstr(text, "\r\na=mid:m\r\na=ice-ufrag:"));
    assert_non_null(strstr(text, "\r\na=candidate:1 1 udp "));
    net_slot(bob, "v0")->longest_gap_us = 0;
    client_answer(&alice->client, cv_buf_slice(&fragment));
    net_run(&net, 40 * CV_US_PER_S); /* consent to the old name would be over */
    net_assert_shows(bob, "v0", alice);
    assert_true(net_slot(bob, "v0")->longest_gap_us <= 80 * CV_US_PER_MS);
    /* By that name the session is known, and her encodings by theirs. */
    cv_relay_tell_again(net.relays[0]);
    assert_true(cv_relay_next_peer(net.relays[0], &known));
    assert_string_equal(known.config.participant.text, alice->participant.text);
    assert_string_equal(known.ufrag, alice->client.server_ufrag);
    assert_string_not_equal(known.ufrag, before);
    assert_int_equal(known.rid_count, 3);
    assert_string_equal(known.rids[2], "h");

    assert_int_equal(restart(alice, "a b", &fragment), CV_ERR_SYNTAX);
    cv_relay_close(net.relays[0], net.now_us, &alice->participant);
    assert_int_equal(restart(alice, "more", &fragment), CV_ERR_NOT_FOUND);
    cv_buf_release(&fragment);
}

static void an_offer_may_be_renewed(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 1, 1, false);
    net_want(&net, bob, 320, 180, alice, NULL);
    net_run(&net, 2 * CV_US_PER_S);
    bob->client.config.video_slots = 3;
    net_slot(bob, "v0")->longest_gap_us = 0;
    net_offer(&net, bob, "anew", NULL);
    net_want(&net, bob, 320, 180, alice, alice, alice, NULL);
    net_run(&net, 2 * CV_US_PER_S);
    net_assert_shows(bob, "v0", alice);
    net_assert_shows(bob, "v2", alice);
    assert_true(net_slot(bob, "v0")->longest_gap_us <= 80 * CV_US_PER_MS);
}

/* When ticks of 90 kHz since the start, a million times each, no longer fit into 64 bits. */
static void clocks_run_on_after_three_years(void **state) {
    const int64_t edge_us = INT64_MAX / 90000 / NET_STEP_US * NET_STEP_US;
    net.now_us = edge_us - 4 * CV_US_PER_S;
    struct net_client *alice = net_talker(&net, 0), *carol = net_talker(&net, 0),
                      *bob = net_join(&net, 0, 1, 1, false);
    net_want(&net, bob, 320, 180, alice, NULL);
    net_run(&net, edge_us - CV_US_PER_S / 2 - net.now_us);
    net_assert_shows(bob, "v0", alice);
    int64_t from_us = net.now_us;
    uint32_t from = net_slot(bob, "v0")->highest_timestamp;
    net_want(&net, bob, 0, 0, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    net_want(&net, bob, 320, 180, carol, NULL);
    net_run(&net, CV_US_PER_S);
    net_assert_shows(bob, "v0", carol);
    int64_t passed = (net.now_us - from_us) * 9 / 100;
    assert_in_range(net_slot(bob, "v0")->highest_timestamp - from, passed - 9000, passed + 9000);
}

static void what_is_offered_no_more_gets_nothing(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 3, 0, false);
    const struct client_config config = {.audio_slots = 2, .video_slots = 2};
    const struct cv_relay_peer_config follows = {.follows = true};
    struct net_client *viewer = net_add(&net, 0, "viewer", &config);
    net_offer(&net, viewer, "brow", &follows);
    net_run(&net, 2 * CV_US_PER_S);
    net_assert_shows(bob, "a0", alice);
    net_assert_shows(viewer, "v0", alice);
    bob->client.config.first_slot = viewer->client.config.first_slot = 1;
    net_offer(&net, bob, "anew", NULL);
    net_offer(&net, viewer, "anew", &follows);
    uint64_t sound = net_slot(bob, "a0")->packets;
    net_run(&net, CV_US_PER_S);
    net_assert_shows(bob, "a1", alice);
    net_assert_shows(viewer, "a1", alice);
    net_assert_shows(viewer, "v1", alice);
    struct net_client *carol = net_talker(&net, 0);
    net_run(&net, CV_US_PER_S);
    net_assert_shows(bob, "a2", carol);
    assert_in_range(net_slot(bob, "a0")->packets - sound, 0, 2); /* were under way */
}

static void a_viewer_may_follow_who_speaks(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_talker(&net, 0);
    const struct client_config config = {.audio_slots = 1, .video_slots = 1};
    const struct cv_relay_peer_config follows = {.follows = true};
    struct net_client *viewer = net_add(&net, 0, "viewer", &config);
    bob->level = 60;
    net_offer(&net, viewer, "brow", &follows);
    net_run(&net, 2 * CV_US_PER_S);
    net_assert_shows(viewer, "v0", alice);
    alice->level = 80;
    bob->level = 20;
    net_run(&net, 3 * CV_US_PER_S);
    net_assert_shows(viewer, "v0", bob);
    assert_int_equal(net_slot(viewer, "a0")->sender, bob->client.config.id);
}

static void narrow_paths_are_shared_out(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 1, 2, false);
    alice->shares = true;
    bob->down = (struct net_link){.delay_us = 20000, .rate_bps = 1500000, .queue_us = 300000};
    struct cv_relay_want wants[2] = {
        {.mid = "v0",
         .participant = alice->participant,
         .source = CV_SOURCE_CAMERA,
         .width = 1280,
         .height = 720},
        {.mid = "v1",
         .participant = alice->participant,
         .source = CV_SOURCE_SCREEN,
         .width = 1920,
         .height = 1080},
    };
    assert_int_equal(cv_relay_want(net.relays[0], net.now_us, &bob->participant, wants, 2), CV_OK);
    net_run(&net, 20 * CV_US_PER_S);
    /* The screen takes 650 kbit/s, the camera's layers 100, 320 and 800. */
    assert_int_equal(net_slot(bob, "v1")->encoding, 7);
    uint64_t screen = net_slot(bob, "v1")->frames, camera = net_slot(bob, "v0")->frames;
    net_run(&net, 5 * CV_US_PER_S);
    assert_true(net_slot(bob, "v1")->frames - screen > 115);
    assert_true(net_slot(bob, "v0")->frames - camera > 25);
}

static void under_load_layers_go_before_sound(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 1, 1, false);
    net_want(&net, bob, 1280, 720, alice, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    assert_int_equal(net_slot(bob, "v0")->encoding, 2);
    cv_relay_set_load(net.relays[0], net.now_us, 960);
    net_run(&net, CV_US_PER_S);
    assert_int_equal(net_slot(bob, "v0")->encoding, 0);
    uint64_t sound = net_slot(bob, "a0")->packets;
    net_run(&net, CV_US_PER_S);
    assert_in_range(net_slot(bob, "a0")->packets - sound, 49, 51);
    cv_relay_set_load(net.relays[0], net.now_us, 500);
    net_run(&net, 3 * CV_US_PER_S);
    assert_int_equal(net_slot(bob, "v0")->encoding, 2);
}

static void a_flood_stays_with_who_sends_it(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 1, 1, false);
    net_want(&net, bob, 160, 90, alice, NULL);
    net_run(&net, 2 * CV_US_PER_S);
    uint64_t bytes = bob->client.received_bytes;
    for (int ms = 0; ms < 3000; ms++) {
        for (int i = 0; i < 30; i++)
            client_send_audio(&alice->client, net.now_us, 20);
        net_run(&net, CV_US_PER_MS);
    }
    /* 29 Mbit/s come in; a stream of sound may have 2, and a second's worth at once. */
    assert_in_range((bob->client.received_bytes - bytes) * 8, 2000000, 14000000);
    net_run(&net, 2 * CV_US_PER_S);
    net_assert_shows(bob, "v0", alice);
}

/* Someone sends a layer anew, under another SSRC, while the next better one is waited for in vain.
 */
static void who_leaves_a_layer_that_began_anew_is_forgotten(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 3, 1, false);
    net_want(&net, bob, 160, 90, alice, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    assert_int_equal(net_slot(bob, "v0")->encoding, 0);
    net_want(&net, bob, 1280, 720, alice, NULL);
    for (int ms = 0; ms < 500; ms++) {
        alice->client.video[1].key_frame_asked = alice->client.video[2].key_frame_asked = false;
        net_run(&net, CV_US_PER_MS);
    }
    assert_int_equal(net_slot(bob, "v0")->encoding, 0);
    alice->client.video[0].ssrc ^= 0x10000;
    for (int ms = 0; ms < 100; ms++) {
        alice->client.video[1].key_frame_asked = alice->client.video[2].key_frame_asked = false;
        net_run(&net, CV_US_PER_MS);
    }
    cv_relay_close(net.relays[0], net.now_us, &bob->participant);
    net_run(&net, CV_US_PER_S); /* the address sanitizer looks on */
    struct cv_relay_counters counters;
    cv_relay_counters(net.relays[0], &counters);
    assert_int_equal(counters.peers, 1);
}

static void a_large_audience_gets_every_frame_in_time(void **state) {
    struct net_client *alice = net_talker(&net, 0), *viewers[12];
    const size_t count = sizeof viewers / sizeof *viewers;
    for (size_t i = 0; i < count; i++) {
        viewers[i] = net_join(&net, 0, 1, 1, false);
        net_want(&net, viewers[i], 320, 180, alice, NULL);
    }
    net_run(&net, 2 * CV_US_PER_S);
    uint64_t shown[12];
    for (size_t i = 0; i < count; i++)
        shown[i] = net_slot(viewers[i], "v0")->frames;
    net_run(&net, 2 * CV_US_PER_S);
    for (size_t i = 0; i < count; i++)
        assert_in_range(net_slot(viewers[i], "v0")->frames - shown[i], 49, 51); /* 25 a second */
}

static void a_full_output_loses_nothing(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 0, 1, 1, false);
    net_want(&net, bob, 640, 360, alice, NULL);
    net_run(&net, 2 * CV_US_PER_S);
    net.refuse_after = 2;
    uint64_t frames = net_slot(bob, "v0")->frames;
    net_run(&net, 4 * CV_US_PER_S);
    assert_true(net_slot(bob, "v0")->frames - frames >= 98);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sound_and_picture_arrive, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(what_is_wanted_early_is_seen_with_the_first_packets,
                                        net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(the_tile_chooses_the_encoding, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(what_nobody_watches_is_said_so, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(a_small_camera_is_seen_again_after_a_pause, net_set_up,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(a_picture_that_seldom_changes_is_measured, net_set_up,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(key_frames_are_asked_for_once_for_all, net_set_up,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(losses_are_repaired_both_ways, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(who_is_far_away_is_not_asked_twice, net_set_up,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(the_loudest_are_heard, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(what_is_not_allowed_is_not_passed_on, net_set_up,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(coming_and_going, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(who_has_just_come_hears_goodbye, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(another_connection_replaces_the_first, net_set_up,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(all_who_stay_are_told_of, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(ice_is_restarted_without_another_offer, net_set_up,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(an_offer_may_be_renewed, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(clocks_run_on_after_three_years, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(what_is_offered_no_more_gets_nothing, net_set_up,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(a_viewer_may_follow_who_speaks, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(narrow_paths_are_shared_out, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(under_load_layers_go_before_sound, net_set_up,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(a_flood_stays_with_who_sends_it, net_set_up, net_tear_down),
        cmocka_unit_test_setup_teardown(who_leaves_a_layer_that_began_anew_is_forgotten, net_set_up,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(a_large_audience_gets_every_frame_in_time, net_set_up,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(a_full_output_loses_nothing, net_set_up, net_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
