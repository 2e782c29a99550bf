/* SPDX-License-Identifier: Apache-2.0 */
/* A meeting over one relay, with clients that do all that browsers do on the wire. */
#include "net.h"
#include "test.h"


static struct net net;

static int set_up(void **state) {
    net_open(&net, 1, 1);
    return 0;
}

static int tear_down(void **state) {
    net_check(&net);
    net_close(&net);
    return 0;
}

static struct client_slot *slot(struct net_client *who, const char *mid) {
    for (size_t i = 0; i < who->client.slot_count; i++)
        if (strcmp(who->client.slots[i].mid, mid) == 0)
            return &who->client.slots[i];
    fail_msg("no slot %s", mid);
    return NULL;
}

static void sound_and_picture_arrive(void **state) {
    struct net_client *alice = net_join(&net, 0, 3, 2, true);
    struct net_client *bob = net_join(&net, 0, 3, 2, true);
    assert_int_equal(alice->peer.peer.state, CV_TRANSPORT_CONNECTED);
    alice->speaks = alice->films = true;
    net_want(&net, bob, 1280, 720, alice, NULL);
    net_run(&net, 3 * CV_US_PER_S);
    struct client_slot *sound = slot(bob, "a0"), *picture = slot(bob, "v0");
    assert_true(sound->packets > 100);
    assert_int_equal(sound->sender, alice->client.config.id);
    assert_true(picture->frames > 30);
    assert_int_equal(picture->sender, alice->client.config.id);
    assert_int_equal(picture->encoding, 2);
    assert_true(picture->has_report && sound->has_report);
    /* She hears and sees nothing of herself. */
    for (size_t i = 0; i < alice->client.slot_count; i++)
        assert_int_equal(alice->client.slots[i].packets, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(sound_and_picture_arrive, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
