/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole meetings in virtual time: people come, talk, moderate, lose their connections, reload their
 * pages and leave, in an order that a seed decides, while the server is killed and started again.
 * Whenever nothing is under way, what each of them sees is what is so.
 *
 *     test_meetings             every kind of meeting, SEEDS times
 *     test_meetings KIND SEED   one run: room, instant or scheduled
 */
#include "check.h"
#include "client.h"

#include <stdio.h>
#include <stdlib.h>

#include "../unit/test.h"

enum { CLIENTS = 14, STEPS = 4000, SEEDS = 12 };

static const int64_t NOW = INT64_C(1800000000) * CV_US_PER_S;

struct world {
    struct sim_server server;
    struct sim_client clients[CLIENTS];
    struct cv_seeded seeded;
    int64_t now_us;
    unsigned restarts;
};

static void add_link(struct sim_server *server, enum cv_role role, bool shared) {
    struct sim_link *link = &server->links[server->link_count++];
    *link = (struct sim_link){.role = role, .shared = shared};
    snprintf(link->id.text, CV_ID_BYTES, "link%zu", server->link_count);
}

static void begin(struct world *world, enum cv_meeting_kind kind, unsigned seed) {
    world->seeded.state = seed * CV_KIND_COUNT + kind;
    world->now_us = NOW;
    const struct cv_meeting_record record = {.id = {"m1"},
                                             .schedule = {.kind = kind,
                                                          .created_at_us = NOW - CV_US_PER_MIN,
                                                          .starts_at_us = NOW,
                                                          .duration_us = CV_US_PER_HOUR},
                                             .topology =
                                                 seed % 2 ? CV_TOPOLOGY_AUTO : CV_TOPOLOGY_MESH,
                                             .owned = kind != CV_KIND_INSTANT,
                                             .title = "Simulation"};
    struct sim_server *server = &world->server;
    sim_server_init(server, &record, NOW);
    add_link(server, CV_ROLE_HOST, false);
    add_link(server, CV_ROLE_MODERATOR, false);
    add_link(server, CV_ROLE_PARTICIPANT, false);
    add_link(server, CV_ROLE_GUEST, true);
    add_link(server, CV_ROLE_GUEST, false);
    add_link(server, CV_ROLE_GUEST, false);
    add_link(server, CV_ROLE_PARTICIPANT, true);
    /* Several come by the shared links, and two have got hold of each personal one. */
    for (unsigned i = 0; i < CLIENTS; i++)
        sim_client_init(&world->clients[i], i, &server->links[i % server->link_count].id);
}

static void end(struct world *world) {
    for (int i = 0; i < CLIENTS; i++)
        sim_client_release(&world->clients[i]);
    sim_server_release(&world->server);
}

static uint32_t below(struct world *world, uint32_t limit) {
    return cv_seeded_below(&world->seeded, limit);
}

static void deliver_all(struct world *world) {
    bool moved;
    do {
        moved = false;
        sim_server_commit(&world->server);
        for (size_t i = 0; i < SIM_CONNECTIONS; i++)
            moved |= sim_server_read(&world->server, i);
        for (int i = 0; i < CLIENTS; i++)
            moved |= sim_client_read(&world->clients[i]);
    } while (moved);
}

/* Lets everything arrive, acknowledgements too, and compares what is seen with what is so. */
static void come_to_rest(struct world *world) {
    struct sim_server *server = &world->server;
    deliver_all(world);
    world->now_us += CV_SIGNAL_ACK_DELAY_US;
    sim_server_time(server, world->now_us);
    deliver_all(world);
    for (int i = 0; i < CLIENTS; i++)
        sim_client_compare(&world->clients[i], server);
}

/* With all committed, a restart would find everybody as they are. */
static void check_store(const struct world *world) {
    const struct sim_server *server = &world->server;
    struct cv_meeting *restored = sim_store_restore(&server->store, &server->rules, world->now_us);
    const struct cv_participant *was;
    size_t cursor = 0;
    while ((was = cv_meeting_next(server->meeting, &cursor))) {
        const struct cv_participant *is = cv_meeting_find(restored, &was->record.id);
        SIM_CHECK(is);
        SIM_CHECK(was->record.role == is->record.role);
        SIM_CHECK(was->record.session == is->record.session);
        SIM_CHECK(was->record.hand == is->record.hand);
        SIM_CHECK(was->record.silenced == is->record.silenced);
        SIM_CHECK((was->presence == CV_PRESENCE_LOBBY) == (is->presence == CV_PRESENCE_LOBBY));
        SIM_CHECK(strcmp(was->record.name, is->record.name) == 0);
    }
    SIM_CHECK(cv_meeting_occupied(restored) == cv_meeting_occupied(server->meeting));
    SIM_CHECK(cv_meeting_waiting(restored) == cv_meeting_waiting(server->meeting));
    SIM_CHECK(cv_meeting_record(restored)->locked == cv_meeting_record(server->meeting)->locked);
    SIM_CHECK(cv_meeting_record(restored)->mode == cv_meeting_record(server->meeting)->mode);
    SIM_CHECK(cv_meeting_record(restored)->relay_asked ==
              cv_meeting_record(server->meeting)->relay_asked);
    SIM_CHECK(cv_meeting_record(restored)->lobby == cv_meeting_record(server->meeting)->lobby);
    cv_meeting_free(restored);
}

static void crash(struct world *world) {
    sim_server_crash(&world->server);
    world->restarts++;
    for (int i = 0; i < CLIENTS; i++)
        sim_client_check_durable(&world->clients[i], &world->server);
}

static void pass_time(struct world *world, int64_t time_us) {
    world->now_us += time_us;
    sim_server_time(&world->server, world->now_us);
}

static void act(struct world *world, struct sim_client *client) {
    uint32_t what = below(world, 1000);
    if (client->state == SIM_OUT && what >= 100)
        return;
    if (client->state == SIM_OUT || client->state == SIM_LOST)
        sim_client_connect(client, &world->server, what < 20);
    else if (what < 10)
        sim_client_connect(client, &world->server, what < 5);
    else if (what < 40 && client->pipes)
        client->pipes->broken = true;
    else if (what < 42)
        sim_client_vanish(client);
    else if (what < 200)
        sim_client_acknowledge(client);
    else
        sim_client_act(client, &world->seeded);
}

/* Anyone; but more often somebody who is in. */
static struct sim_client *pick_client(struct world *world) {
    uint32_t first = below(world, CLIENTS);
    for (uint32_t i = 0; below(world, 4) && i < CLIENTS; i++)
        if (world->clients[(first + i) % CLIENTS].state == SIM_IN)
            return &world->clients[(first + i) % CLIENTS];
    return &world->clients[first];
}

static void rule(struct world *world) {
    struct sim_server *server = &world->server;
    if (below(world, 8) == 0)
        sim_server_revoke(server, 3 + below(world, (uint32_t)server->link_count - 3));
    else
        sim_server_update(server, below(world, 2),
                          below(world, 4) ? CV_TOPOLOGY_MESH : CV_TOPOLOGY_AUTO);
}

static void step(struct world *world) {
    struct sim_server *server = &world->server;
    struct sim_client *client = pick_client(world);
    uint32_t what = below(world, 1000);
    if (what < 350)
        act(world, client);
    else if (what < 600)
        while (sim_client_read(client) && below(world, 8))
            ;
    else if (what < 850)
        while (sim_server_read(server, below(world, CLIENTS)) && below(world, 8))
            ;
    else if (what < 930)
        pass_time(world, below(world, 400) * CV_US_PER_MS);
    else if (what < 932)
        pass_time(world, below(world, 40) * CV_US_PER_S);
    else if (what < 980)
        sim_server_commit(server);
    else if (what < 982)
        crash(world);
    else if (what < 984)
        rule(world);
    else
        come_to_rest(world);
}

/* How many signals went from one to another; the same seed gives the same. */
static unsigned run(enum cv_meeting_kind kind, unsigned seed) {
    struct world *world = calloc(1, sizeof *world);
    SIM_CHECK(world);
    sim_seed = seed;
    begin(world, kind, seed);
    for (sim_step = 0; sim_step < STEPS && !world->server.over; sim_step++)
        step(world);
    come_to_rest(world);
    check_store(world);
    unsigned signals = 0;
    for (int i = 0; i < CLIENTS; i++)
        signals += world->clients[i].picture.signals;
    end(world);
    free(world);
    return signals;
}

static void run_all(enum cv_meeting_kind kind) {
    unsigned signals = 0;
    for (unsigned seed = 1; seed <= SEEDS; seed++)
        signals += run(kind, seed);
    assert_true(signals > 0);
}

static void rooms(void **state) {
    run_all(CV_KIND_ROOM);
}

static void instant_meetings_of_nobody(void **state) {
    run_all(CV_KIND_INSTANT);
}

static void scheduled_meetings(void **state) {
    run_all(CV_KIND_SCHEDULED);
}

static void the_same_seed_is_the_same_meeting(void **state) {
    assert_int_equal(run(CV_KIND_ROOM, 7), run(CV_KIND_ROOM, 7));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rooms),
        cmocka_unit_test(instant_meetings_of_nobody),
        cmocka_unit_test(scheduled_meetings),
        cmocka_unit_test(the_same_seed_is_the_same_meeting),
    };
    if (argc == 3) {
        enum cv_meeting_kind kind;
        SIM_CHECK(!cv_meeting_kind_parse(cv_slice_str(argv[1]), &kind));
        run(kind, (unsigned)strtoul(argv[2], NULL, 10));
        return 0;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
