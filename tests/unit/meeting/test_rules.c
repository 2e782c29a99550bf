/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules as the meeting applies them: every role tries every command in every state, on a
 * willing target. What may be is written down here once more, by command.
 */
#include "scene.h"

#include "test.h"

/* Who may, of "guest participant moderator host", while the meeting is live. */
static const struct {
    enum cv_command_type type;
    bool may[CV_ROLE_COUNT];
} rules[] = {
    {CV_COMMAND_LEAVE, {true, true, true, true}},
    {CV_COMMAND_MEDIA, {true, true, true, true}},
    {CV_COMMAND_SIGNAL, {true, true, true, true}},
    {CV_COMMAND_CONNECTION, {true, true, true, true}},
    {CV_COMMAND_STATS, {true, true, true, true}},
    {CV_COMMAND_HAND, {true, true, true, true}},
    {CV_COMMAND_RELAY, {true, true, true, true}},
    {CV_COMMAND_WANT, {true, true, true, true}},
    {CV_COMMAND_PASS, {true, true, true, true}},
    {CV_COMMAND_RENAME, {true, true, true, true}},
    {CV_COMMAND_ADMIT, {false, false, true, true}},
    {CV_COMMAND_ADMIT_ALL, {false, false, true, true}},
    {CV_COMMAND_DENY, {false, false, true, true}},
    {CV_COMMAND_LOCK, {false, false, true, true}},
    {CV_COMMAND_LOBBY, {false, false, true, true}},
    {CV_COMMAND_MUTE, {false, false, true, true}},
    {CV_COMMAND_REMOVE, {false, false, true, true}},
    {CV_COMMAND_ROLE, {false, false, false, true}},
    {CV_COMMAND_MODE, {false, false, true, true}},
    {CV_COMMAND_END, {false, false, true, true}},
};

/* The command by "actor", on "waiting" where that makes sense and else on "target". */
static struct cv_command command_of(enum cv_command_type type) {
    struct cv_command command = {.type = type, .by = scene_id("actor")};
    switch (type) {
    case CV_COMMAND_SIGNAL:
        command.signal.to = scene_id("target");
        break;
    case CV_COMMAND_CONNECTION:
        command.connection.peer = scene_id("target");
        break;
    case CV_COMMAND_STATS:
        command.stats.peer = scene_id("target");
        break;
    case CV_COMMAND_RENAME:
        command.name = cv_slice_str("Name");
        break;
    case CV_COMMAND_ADMIT:
    case CV_COMMAND_DENY:
        command.target = scene_id("waiting");
        break;
    case CV_COMMAND_MUTE:
        command.mute.target = scene_id("target");
        break;
    case CV_COMMAND_REMOVE:
        command.remove.target = scene_id("target");
        break;
    case CV_COMMAND_ROLE:
        command.role.target = scene_id("target");
        command.role.role = CV_ROLE_MODERATOR;
        break;
    default:
        break;
    }
    return command;
}

/* A live meeting with the actor, a target of that role, a host, and somebody who waits. */
static void set_stage(struct scene *scene, enum cv_role actor, enum cv_role target) {
    struct cv_meeting_record record = scene_record(CV_KIND_SCHEDULED);
    record.topology = CV_TOPOLOGY_AUTO; /* with three in it is relayed, so all may be done */
    scene_open(scene, &record);
    scene_join(scene, "host", CV_ROLE_HOST);
    scene_join(scene, "actor", actor);
    scene_join(scene, "target", target);
    scene_lobby(scene, "host", true);
    scene_join(scene, "waiting", CV_ROLE_GUEST);
}

static void every_role_tries_every_command(void **state) {
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        for (int role = 0; role < CV_ROLE_COUNT; role++) {
            set_stage(scene, role, CV_ROLE_GUEST);
            enum cv_err err = scene_apply(scene, command_of(rules[i].type));
            if (err != (rules[i].may[role] ? CV_OK : CV_ERR_DENIED))
                fail_msg("%s by %s: %s", cv_command_name(rules[i].type), cv_role_name(role),
                         cv_err_name(err));
            if (err)
                assert_int_equal(scene->effects.count, 0);
        }
    }
}

static void everyone_may_be_acted_on_but_hosts(void **state) {
    static const enum cv_command_type types[] = {CV_COMMAND_MUTE, CV_COMMAND_REMOVE,
                                                 CV_COMMAND_ROLE};
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        for (int target = 0; target < CV_ROLE_COUNT; target++) {
            set_stage(scene, CV_ROLE_HOST, target);
            enum cv_err err = scene_apply(scene, command_of(types[i]));
            assert_int_equal(err, target == CV_ROLE_HOST ? CV_ERR_DENIED : CV_OK);
        }
    }
}

/* Nobody is in a meeting that isn't live, so nobody is found. */
static void nothing_is_done_in_any_other_state(void **state) {
    struct scene *scene = *state;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        for (int role = 0; role < CV_ROLE_COUNT; role++) {
            set_stage(scene, role, CV_ROLE_GUEST);
            scene_tick(scene, CV_US_PER_DAY);
            assert_int_equal(scene_state(scene), CV_STATE_EXPIRED);
            assert_int_equal(scene_apply(scene, command_of(rules[i].type)), CV_ERR_NOT_FOUND);

            set_stage(scene, role, CV_ROLE_GUEST);
            scene_do(scene, "host", CV_COMMAND_END);
            assert_int_equal(scene_state(scene), CV_STATE_ENDED);
            assert_int_equal(scene_apply(scene, command_of(rules[i].type)), CV_ERR_NOT_FOUND);
        }
    }
}

static void strangers_and_the_waiting_do_nothing(void **state) {
    struct scene *scene = *state;
    set_stage(scene, CV_ROLE_GUEST, CV_ROLE_GUEST);
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct cv_command command = command_of(rules[i].type);
        command.by = scene_id("stranger");
        assert_int_equal(scene_apply(scene, command), CV_ERR_NOT_FOUND);
        command.by = scene_id("waiting");
        if (rules[i].type != CV_COMMAND_LEAVE)
            assert_int_equal(scene_apply(scene, command), CV_ERR_DENIED);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define SCENE_TEST(f) cmocka_unit_test_setup_teardown(f, scene_setup, scene_teardown)
        SCENE_TEST(every_role_tries_every_command),
        SCENE_TEST(everyone_may_be_acted_on_but_hosts),
        SCENE_TEST(nothing_is_done_in_any_other_state),
        SCENE_TEST(strangers_and_the_waiting_do_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
