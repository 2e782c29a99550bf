/* SPDX-License-Identifier: Apache-2.0 */
/* A meeting over two relays: what one tells the other, and what becomes of it when that is lost. */
#include "fixture.h"
#include "media/relay_private.h"
#include "test.h"

static void workers_share_a_room(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_talker(&net, 1),
                      *carol = net_join(&net, 1, 3, 2, false);
    static const struct cv_id meeting = {"meeting"};
    alice->obeys = true;
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(cv_relay_span(net.relays[i], net.now_us, &meeting, 3), CV_OK);
    net_want(&net, alice, 320, 180, bob, NULL);
    net_want(&net, bob, 320, 180, alice, NULL);
    net_want(&net, carol, 1280, 720, alice, bob, NULL);
    net_run(&net, 4 * CV_US_PER_S);
    net_assert_shows(alice, "v0", bob);
    net_assert_shows(bob, "v0", alice);
    net_assert_shows(carol, "v0", alice);
    net_assert_shows(carol, "v1", bob);
    net_assert_shows(alice, "a0", bob);
    net_assert_shows(bob, "a0", alice);
    assert_int_equal(net_slot(bob, "v0")->encoding, 0);
    assert_int_equal(net_slot(carol, "v0")->encoding, 2);
    assert_int_equal(alice->watched.watched.camera, 5);
    assert_true(net_slot(carol, "v0")->has_report);
    net_want(&net, carol, 0, 0, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    assert_int_equal(alice->watched.watched.camera, 1);
    cv_relay_close(net.relays[0], net.now_us, &alice->participant);
    net_run(&net, 100 * CV_US_PER_MS);
    assert_int_equal(net_told(bob, "v0")->state, CV_SLOT_OFF);
}

/* So that who missed its end takes no packet of another source for one of its own. */
static void the_number_of_a_source_is_not_given_again_soon(void **state) {
    static const struct cv_id meeting = {"meeting"};
    struct net_client *alice = net_talker(&net, 0);
    (void)net_talker(&net, 0); /* keep the room */
    (void)net_talker(&net, 1);
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(cv_relay_span(net.relays[i], net.now_us, &meeting, 3), CV_OK);
    net_run(&net, CV_US_PER_S);
    uint16_t before = net.told_source;
    for (int i = 0; i < 5; i++) {
        cv_relay_close(net.relays[0], net.now_us, &alice->participant);
        net_run(&net, CV_US_PER_S);
        alice = net_talker(&net, 0);
        net_run(&net, 100 * CV_US_PER_MS);
        assert_true(net.told_source > before);
        before = net.told_source;
    }
}

static int camera_number(const struct net_client *who) {
    const struct cv_source_table *table = &net.relays[who->worker]->sources[who->worker];
    for (size_t i = 0; i < table->capacity; i++)
        if (table->items[i] && table->items[i]->kind == CV_SOURCE_CAMERA &&
            cv_id_eq(&table->items[i]->participant, &who->participant))
            return (int)i;
    return -1;
}

static void span(const char *meeting) {
    struct cv_id id = {{0}};
    memcpy(id.text, meeting, strlen(meeting));
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(cv_relay_span(net.relays[i], net.now_us, &id, 3), CV_OK);
}

/* And even when the numbers have gone round: the end of one source is lost, another has its number.
 */
static void no_packet_of_another_meeting_comes_under_a_number_of_before(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 1, 3, 1, false);
    span("meeting");
    net_want(&net, bob, 320, 180, alice, NULL);
    net.meeting = (struct cv_id){"other"};
    (void)net_join(&net, 0, 3, 1, false);
    struct net_client *erin = net_join(&net, 1, 3, 1, false);
    span("other");
    net_run(&net, 3 * CV_US_PER_S);
    net_assert_shows(bob, "v0", alice);
    net_assert_shows(bob, "a0", alice);

    int number = camera_number(alice);
    net.lost_records = 1u << CV_BRIDGE_GONE | 1u << CV_BRIDGE_THERE;
    cv_relay_close(net.relays[0], net.now_us, &alice->participant);
    net_run(&net, 100 * CV_US_PER_MS);
    net.relays[0]->sources[0].next = 0;
    struct net_client *carol = net_talker(&net, 0);
    assert_int_equal(camera_number(carol), number);
    uint64_t sound = net_slot(bob, "a0")->packets, picture = net_slot(bob, "v0")->packets;
    net_run(&net, 3 * CV_US_PER_S);
    assert_int_equal(net_slot(bob, "a0")->packets, sound);
    assert_int_equal(net_slot(bob, "v0")->packets, picture);

    /* What is told again mends it. */
    net.lost_records = 0;
    net_want(&net, erin, 320, 180, carol, NULL);
    net_run(&net, 4 * CV_US_PER_S);
    net_assert_shows(erin, "v0", carol);
    net_assert_shows(erin, "a0", carol);
    assert_int_equal(net_slot(bob, "a0")->packets, sound);
    assert_int_equal(net_slot(bob, "v0")->packets, picture);
    assert_int_equal(net_told(bob, "v0")->state, CV_SLOT_OFF);
}

static bool has_camera(unsigned worker, const struct net_client *whose) {
    const struct cv_room *room = cv_relay_find_room(net.relays[worker], &whose->meeting);
    return room && cv_room_find(room, &whose->participant, CV_SOURCE_CAMERA);
}

static void a_source_whose_end_was_lost_is_given_up(void **state) {
    struct net_client *alice = net_talker(&net, 0), *carol = net_talker(&net, 0),
                      *bob = net_join(&net, 1, 3, 1, false);
    carol->speaks = carol->films = false; /* she is there, and that is all */
    span("meeting");
    net_want(&net, bob, 320, 180, alice, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    net_assert_shows(bob, "v0", alice);
    net.lost_records = 1u << CV_BRIDGE_GONE;
    cv_relay_close(net.relays[0], net.now_us, &alice->participant);
    net_run(&net, 100 * CV_US_PER_MS);
    net.lost_records = 0;
    assert_true(has_camera(1, alice));
    net_run(&net, CV_UNHEARD_US + CV_ANNOUNCE_US);
    assert_false(has_camera(1, alice));
    assert_true(has_camera(1, carol));
    assert_int_equal(net_told(bob, "v0")->state, CV_SLOT_OFF);
    /* One that was given up too soon, for nothing came through, comes back with what does. */
    net.lost_records = 1u << CV_BRIDGE_THERE;
    net_run(&net, CV_UNHEARD_US + 2 * CV_ANNOUNCE_US);
    assert_false(has_camera(1, carol));
    net.lost_records = 0;
    net_want(&net, bob, 320, 180, carol, NULL);
    carol->films = true;
    net_run(&net, 2 * CV_ANNOUNCE_US);
    net_assert_shows(bob, "v0", carol);
    /* And one of which packets come is there, whatever else is lost. */
    net.lost_records = 1u << CV_BRIDGE_THERE;
    net_run(&net, CV_UNHEARD_US + 2 * CV_ANNOUNCE_US);
    net_assert_shows(bob, "v0", carol);
}

static size_t kept_bytes(unsigned worker) {
    static const struct cv_id meeting = {"meeting"};
    return cv_relay_find_room(net.relays[worker], &meeting)->budget.used_bytes;
}

static void who_stops_filming_takes_no_memory_from_the_others(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 1, 1, 1, false);
    span("meeting");
    net_want(&net, bob, 1280, 720, alice, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    size_t all_bytes = kept_bytes(0);
    assert_true(all_bytes > 0 && kept_bytes(1) > 0);
    alice->films_layers = 1;
    net_run(&net, 2 * CV_US_PER_S);
    assert_in_range(kept_bytes(0), 1, all_bytes / 4);
    alice->films = false;
    net_run(&net, 4 * CV_US_PER_S);
    assert_int_equal(kept_bytes(0), 0);
    assert_int_equal(kept_bytes(1), 0);
}

/* A worker that died is out of the span, and in it again when it is back. */
static void a_worker_comes_back(void **state) {
    struct net_client *alice = net_talker(&net, 0), *bob = net_join(&net, 1, 1, 1, false);
    static const struct cv_id meeting = {"meeting"};
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(cv_relay_span(net.relays[i], net.now_us, &meeting, 3), CV_OK);
    net_want(&net, bob, 320, 180, alice, NULL);
    net_run(&net, 2 * CV_US_PER_S);
    net_assert_shows(bob, "v0", alice);
    assert_int_equal(cv_relay_span(net.relays[1], net.now_us, &meeting, 2), CV_OK);
    net_run(&net, 500 * CV_US_PER_MS);
    assert_int_equal(net_told(bob, "v0")->state, CV_SLOT_OFF);
    assert_int_equal(cv_relay_span(net.relays[1], net.now_us, &meeting, 3), CV_OK);
    net_run(&net, 3 * CV_US_PER_S);
    net_assert_shows(bob, "v0", alice);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(workers_share_a_room, net_set_up_two, net_tear_down),
        cmocka_unit_test_setup_teardown(the_number_of_a_source_is_not_given_again_soon,
                                        net_set_up_two, net_tear_down),
        cmocka_unit_test_setup_teardown(a_source_whose_end_was_lost_is_given_up, net_set_up_two,
                                        net_tear_down),
        cmocka_unit_test_setup_teardown(no_packet_of_another_meeting_comes_under_a_number_of_before,
                                        net_set_up_two, net_tear_down),
        cmocka_unit_test_setup_teardown(who_stops_filming_takes_no_memory_from_the_others,
                                        net_set_up_two, net_tear_down),
        cmocka_unit_test_setup_teardown(a_worker_comes_back, net_set_up_two, net_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
