/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules, written down a second time: action, role, and in which states. Every cell that isn't
 * here has to be a "no".
 */
#include "policy/may.h"

#include "test.h"

static const struct {
    const char *action;
    const char *role;
    const char *states; /* of "scheduled open live ended expired", the words that allow it */
} rules[] = {
    {"enter", "host", "open live"},
    {"enter", "moderator", "open live"},
    {"enter", "participant", "open live"},
    {"enter", "guest", "open live"},
    {"pass", "host", "open live"},
    {"pass", "moderator", "open live"},
    {"media", "host", "live"},
    {"media", "moderator", "live"},
    {"media", "participant", "live"},
    {"media", "guest", "live"},
    {"signal", "host", "live"},
    {"signal", "moderator", "live"},
    {"signal", "participant", "live"},
    {"signal", "guest", "live"},
    {"connection", "host", "live"},
    {"connection", "moderator", "live"},
    {"connection", "participant", "live"},
    {"connection", "guest", "live"},
    {"stats", "host", "live"},
    {"stats", "moderator", "live"},
    {"stats", "participant", "live"},
    {"stats", "guest", "live"},
    {"hand", "host", "live"},
    {"hand", "moderator", "live"},
    {"hand", "participant", "live"},
    {"hand", "guest", "live"},
    {"relay", "host", "live"},
    {"relay", "moderator", "live"},
    {"relay", "participant", "live"},
    {"relay", "guest", "live"},
    {"want", "host", "live"},
    {"want", "moderator", "live"},
    {"want", "participant", "live"},
    {"want", "guest", "live"},
    {"tell", "host", "live"},
    {"tell", "moderator", "live"},
    {"tell", "participant", "live"},
    {"tell", "guest", "live"},
    {"rename", "host", "live"},
    {"rename", "moderator", "live"},
    {"rename", "participant", "live"},
    {"rename", "guest", "live"},
    {"leave", "host", "open live"},
    {"leave", "moderator", "open live"},
    {"leave", "participant", "open live"},
    {"leave", "guest", "open live"},
    {"see-waiting", "host", "live"},
    {"see-waiting", "moderator", "live"},
    {"admit", "host", "live"},
    {"admit", "moderator", "live"},
    {"deny", "host", "live"},
    {"deny", "moderator", "live"},
    {"lock", "host", "live"},
    {"lock", "moderator", "live"},
    {"lobby", "host", "live"},
    {"lobby", "moderator", "live"},
    {"mute", "host", "live"},
    {"mute", "moderator", "live"},
    {"remove", "host", "live"},
    {"remove", "moderator", "live"},
    {"role", "host", "live"},
    {"mode", "host", "live"},
    {"mode", "moderator", "live"},
    {"end", "host", "scheduled open live"},
    {"end", "moderator", "live"},
    {"edit", "host", "scheduled open live"},
    {"invite", "host", "scheduled open live ended expired"},
};

/* On whom an action may be aimed. */
static const struct {
    const char *action;
    const char *targets;
} targets[] = {
    {"signal", "guest participant moderator host"}, {"tell", "guest participant moderator host"},
    {"admit", "guest participant moderator host"},  {"deny", "guest participant moderator host"},
    {"mute", "guest participant moderator"},        {"remove", "guest participant moderator"},
    {"role", "guest participant moderator"},
};

static bool has_word(const char *words, const char *word) {
    size_t size = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += size)
        if ((at == words || at[-1] == ' ') && (at[size] == ' ' || at[size] == '\0'))
            return true;
    return false;
}

static bool rule_says(enum cv_role role, enum cv_action action, enum cv_meeting_state state) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (strcmp(rules[i].action, cv_action_name(action)) == 0 &&
            strcmp(rules[i].role, cv_role_name(role)) == 0)
            return has_word(rules[i].states, cv_meeting_state_name(state));
    return false;
}

static bool target_says(enum cv_action action, enum cv_role target) {
    for (size_t i = 0; i < sizeof targets / sizeof *targets; i++)
        if (strcmp(targets[i].action, cv_action_name(action)) == 0)
            return has_word(targets[i].targets, cv_role_name(target));
    return false;
}

static void every_cell_is_as_written_here(void **context) {
    for (int action = 0; action < CV_ACTION_COUNT; action++)
        for (int role = 0; role < CV_ROLE_COUNT; role++)
            for (int state = 0; state < CV_STATE_COUNT; state++)
                if (cv_policy_may(role, action, state) != rule_says(role, action, state))
                    fail_msg("%s by %s in %s", cv_action_name(action), cv_role_name(role),
                             cv_meeting_state_name(state));
}

static void every_target_is_as_written_here(void **context) {
    for (int action = 0; action < CV_ACTION_COUNT; action++)
        for (int target = 0; target < CV_ROLE_COUNT; target++)
            if (cv_policy_may_target(action, target) != target_says(action, target))
                fail_msg("%s on %s", cv_action_name(action), cv_role_name(target));
}

/* A rule for an action or role that doesn't exist would be passed over above. */
static void every_rule_names_something(void **context) {
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        int found = 0;
        for (int action = 0; action < CV_ACTION_COUNT; action++)
            found += strcmp(rules[i].action, cv_action_name(action)) == 0;
        assert_int_equal(found, 1);
        enum cv_role role;
        assert_int_equal(cv_role_parse(cv_slice_str(rules[i].role), &role), CV_OK);
    }
}

/* Who has more to say may do all that others may. */
static void higher_roles_may_all_that_lower_ones_may(void **context) {
    for (int action = 0; action < CV_ACTION_COUNT; action++)
        for (int state = 0; state < CV_STATE_COUNT; state++)
            for (int role = 1; role < CV_ROLE_COUNT; role++)
                assert_true(!cv_policy_may(role - 1, action, state) ||
                            cv_policy_may(role, action, state));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_cell_is_as_written_here),
        cmocka_unit_test(every_target_is_as_written_here),
        cmocka_unit_test(every_rule_names_something),
        cmocka_unit_test(higher_roles_may_all_that_lower_ones_may),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
