/* SPDX-License-Identifier: Apache-2.0 */
#include "media/ice.h"
#include "seeded.h"
#include "test.h"

#include <stdio.h>

#define REMOTE "brow"
static const int64_t start_us = 1000 * CV_US_PER_S;
static const struct cv_ice_path wifi = {{{192, 0, 2, 1}, 1000, CV_ADDR_V4}, 0};
static const struct cv_ice_path cell = {{{198, 51, 100, 1}, 2000, CV_ADDR_V4}, 0};
static const struct cv_ice_path other_link = {{{192, 0, 2, 1}, 1000, CV_ADDR_V4}, 7};

static struct cv_ice ice;
static struct cv_seeded seeded;

/* What a browser sends, with the parts that tests vary. */
struct check {
    const char *username; /* NULL: the right one */
    const char *password;
    bool nominate;
    bool controlled;
    bool no_priority;
    uint16_t unknown;
    uint32_t priority;
};

static uint8_t answer[CV_ICE_ANSWER_BYTES];
static size_t answer_size;

static int set_up(void **state) {
    seeded.state = 1;
    answer_size = 0;
    return cv_ice_init(&ice, cv_seeded_random(&seeded), cv_slice_str(REMOTE), start_us);
}

static void send_check(const struct cv_ice_path *path, int64_t now_us, struct check check) {
    static const uint8_t transaction[CV_STUN_TRANSACTION_BYTES] = "transaction";
    uint8_t bytes[CV_STUN_MAX_BYTES];
    char username[300];
    struct cv_stun_writer w;
    struct cv_stun_message m;
    size_t size = 0;
    const struct cv_ice_credentials *local = cv_ice_credentials(&ice);
    snprintf(username, sizeof username, "%s:" REMOTE, local->ufrag);
    if (check.username)
        snprintf(username, sizeof username, "%s", check.username);
    cv_stun_begin(&w, bytes, sizeof bytes, CV_STUN_REQUEST, CV_STUN_BINDING, transaction);
    if (username[0])
        cv_stun_add(&w, CV_STUN_ATTR_USERNAME, username, strlen(username));
    if (!check.no_priority)
        cv_stun_add_u32(&w, CV_STUN_ATTR_PRIORITY, check.priority);
    cv_stun_add_u64(
        &w, check.controlled ? CV_STUN_ATTR_ICE_CONTROLLED : CV_STUN_ATTR_ICE_CONTROLLING, 1);
    if (check.nominate)
        cv_stun_add(&w, CV_STUN_ATTR_USE_CANDIDATE, NULL, 0);
    if (check.unknown)
        cv_stun_add_u32(&w, check.unknown, 0);
    const char *password = check.password ? check.password : local->password;
    if (password[0])
        cv_stun_add_integrity(&w, cv_slice_str(password));
    cv_stun_add_fingerprint(&w);
    assert_int_equal(cv_stun_finish(&w, &size), CV_OK);
    assert_int_equal(cv_stun_parse(cv_slice_of(bytes, size), &m), CV_OK);
    memset(answer, 0, sizeof answer);
    answer_size = cv_ice_input(&ice, now_us, &m, path, answer);
    assert_true(answer_size <= size); /* nobody gains bytes by us */
}

static struct cv_stun_message answered(void) {
    struct cv_stun_message m;
    assert_int_equal(cv_stun_parse(cv_slice_of(answer, answer_size), &m), CV_OK);
    assert_true(m.has_fingerprint);
    return m;
}

static bool selected_is(const struct cv_ice_path *path) {
    const struct cv_ice_path *selected = cv_ice_selected(&ice);
    return selected && selected->link == path->link && cv_addr_eq(&selected->remote, &path->remote);
}

static void credentials_are_fresh_ice_chars(void **state) {
    const struct cv_ice_credentials first = *cv_ice_credentials(&ice);
    assert_int_equal(strlen(first.ufrag), CV_ICE_UFRAG_CHARS);
    assert_int_equal(strlen(first.password), CV_ICE_PASSWORD_CHARS);
    assert_null(strpbrk(first.password, "=-_"));
    cv_ice_init(&ice, cv_seeded_random(&seeded), cv_slice_str(REMOTE), start_us);
    assert_string_not_equal(cv_ice_credentials(&ice)->ufrag, first.ufrag);
    assert_string_not_equal(cv_ice_credentials(&ice)->password, first.password);
}

static void bad_remote_ufrags_are_refused(void **state) {
    char text[CV_ICE_MAX_UFRAG_CHARS + 2];
    memset(text, 'a', sizeof text);
    struct cv_random random = cv_seeded_random(&seeded);
    const struct cv_slice bad[] = {
        cv_slice_str(""),     cv_slice_str("abc"),    cv_slice_str("abc:"),
        cv_slice_str("ab c"), cv_slice_str("ab\r\n"), cv_slice_of(text, CV_ICE_MAX_UFRAG_CHARS + 1),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(cv_ice_init(&ice, random, bad[i], start_us), CV_ERR_SYNTAX);
    assert_int_equal(cv_ice_init(&ice, random, cv_slice_of(text, CV_ICE_MAX_UFRAG_CHARS), start_us),
                     CV_OK);
}

static void a_check_is_answered_and_validates_its_path(void **state) {
    assert_false(cv_ice_knows(&ice, &wifi));
    send_check(&wifi, start_us, (struct check){0});
    struct cv_stun_message m = answered();
    assert_int_equal(m.class, CV_STUN_SUCCESS);
    assert_true(cv_addr_eq(&m.mapped, &wifi.remote));
    assert_int_equal(cv_stun_check_integrity(&m, cv_slice_str(cv_ice_credentials(&ice)->password)),
                     CV_OK);
    assert_true(cv_ice_knows(&ice, &wifi));
    assert_false(cv_ice_knows(&ice, &cell));
    assert_false(cv_ice_knows(&ice, &other_link));
    assert_int_equal(cv_ice_state(&ice), CV_ICE_WAITING);
    assert_null(cv_ice_selected(&ice));
}

static void a_nomination_connects(void **state) {
    send_check(&wifi, start_us, (struct check){.nominate = true});
    assert_int_equal(cv_ice_state(&ice), CV_ICE_CONNECTED);
    assert_true(selected_is(&wifi));
}

/* Nothing is told to, and nothing taken from, who lacks the password. */
static void strangers_get_silence(void **state) {
    char wrong_remote[64], wrong_local[64];
    snprintf(wrong_remote, sizeof wrong_remote, "%s:evil", cv_ice_credentials(&ice)->ufrag);
    snprintf(wrong_local, sizeof wrong_local, "AAAAAAAA:" REMOTE);
    const struct check strangers[] = {
        {.nominate = true, .password = "wrong password, right length"},
        {.nominate = true, .password = ""},
        {.nominate = true, .username = ""},
        {.nominate = true, .username = cv_ice_credentials(&ice)->ufrag},
        {.nominate = true, .username = ":"},
        {.nominate = true, .username = ":" REMOTE, .password = ""},
        {.nominate = true, .username = wrong_remote},
        {.nominate = true, .username = wrong_local},
    };
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        send_check(&wifi, start_us, strangers[i]);
        assert_int_equal(answer_size, 0);
        assert_false(cv_ice_knows(&ice, &wifi));
        assert_int_equal(cv_ice_state(&ice), CV_ICE_WAITING);
    }
}

static void bad_checks_get_their_error(void **state) {
    static const struct {
        struct check check;
        uint16_t code;
    } cases[] = {
        {{.nominate = true, .controlled = true}, CV_STUN_ROLE_CONFLICT},
        {{.nominate = true, .no_priority = true}, CV_STUN_BAD_REQUEST},
        {{.nominate = true, .unknown = 0x7777}, CV_STUN_UNKNOWN_ATTRIBUTE},
    };
    for (size_t i = 0; i < 3; i++) {
        send_check(&wifi, start_us, cases[i].check);
        struct cv_stun_message m = answered();
        assert_int_equal(m.class, CV_STUN_ERROR);
        assert_int_equal(m.error_code, cases[i].code);
        assert_false(cv_ice_knows(&ice, &wifi));
    }
}

static void other_messages_are_ignored(void **state) {
    static const enum cv_stun_class classes[] = {CV_STUN_INDICATION, CV_STUN_SUCCESS,
                                                 CV_STUN_ERROR};
    for (size_t i = 0; i < 3; i++) {
        struct cv_stun_message m = {.class = classes[i], .method = CV_STUN_BINDING};
        assert_int_equal(cv_ice_input(&ice, start_us, &m, &wifi, answer), 0);
    }
    struct cv_stun_message allocate = {.class = CV_STUN_REQUEST, .method = 3};
    assert_int_equal(cv_ice_input(&ice, start_us, &allocate, &wifi, answer), 0);
}

static void nominations_compete_at_first_then_lead(void **state) {
    int64_t now_us = start_us;
    send_check(&wifi, now_us, (struct check){.nominate = true, .priority = 50});
    send_check(&cell, now_us, (struct check){.nominate = true, .priority = 40});
    assert_true(selected_is(&wifi));
    send_check(&cell, now_us, (struct check){.nominate = true, .priority = 60});
    assert_true(selected_is(&cell));
    send_check(&wifi, now_us, (struct check){.nominate = true, .priority = 50});
    assert_true(selected_is(&cell));
    now_us += CV_ICE_SETTLE_US; /* from now on the browser means what it says */
    send_check(&wifi, now_us, (struct check){.priority = 50});
    assert_true(selected_is(&cell));
    send_check(&wifi, now_us, (struct check){.nominate = true, .priority = 50});
    assert_true(selected_is(&wifi));
}

/* A browser whose consent checks carry no nomination has moved when the old path falls silent. */
static void checks_that_stop_on_one_path_move_it(void **state) {
    int64_t now_us = start_us;
    send_check(&wifi, now_us, (struct check){.nominate = true});
    for (int i = 0; i < 3; i++) {
        now_us += 2 * CV_US_PER_S;
        send_check(&cell, now_us, (struct check){0});
        assert_true(selected_is(&wifi));
    }
    now_us += 1 * CV_US_PER_S;
    send_check(&cell, now_us, (struct check){0});
    assert_true(selected_is(&cell));
}

static void without_checks_consent_expires(void **state) {
    int64_t now_us = start_us;
    send_check(&wifi, now_us, (struct check){.nominate = true});
    for (int i = 0; i < 20; i++) {
        now_us += 10 * CV_US_PER_S;
        send_check(&wifi, now_us, (struct check){0});
        cv_ice_tick(&ice, now_us);
    }
    assert_true(cv_ice_deadline(&ice) == now_us + CV_ICE_CONSENT_US);
    cv_ice_tick(&ice, now_us + CV_ICE_CONSENT_US - 1);
    assert_true(selected_is(&wifi));
    cv_ice_tick(&ice, now_us + CV_ICE_CONSENT_US);
    assert_int_equal(cv_ice_state(&ice), CV_ICE_EXPIRED);
    assert_null(cv_ice_selected(&ice));
    assert_false(cv_ice_knows(&ice, &wifi));
    assert_true(cv_ice_deadline(&ice) == CV_TIME_NEVER);
    send_check(&wifi, now_us + CV_ICE_CONSENT_US, (struct check){.nominate = true});
    assert_int_equal(answer_size, 0);
    assert_int_equal(cv_ice_state(&ice), CV_ICE_EXPIRED);
}

/* Checks on another path are consent for that path, not for the selected one. */
static void consent_is_for_the_path_in_use(void **state) {
    send_check(&wifi, start_us, (struct check){.nominate = true});
    send_check(&cell, start_us + 5 * CV_US_PER_S, (struct check){0});
    assert_true(cv_ice_deadline(&ice) == start_us + CV_ICE_CONSENT_US);
}

static void who_never_comes_expires(void **state) {
    send_check(&wifi, start_us + CV_US_PER_S, (struct check){0});
    cv_ice_tick(&ice, start_us + CV_ICE_CONSENT_US - 1);
    assert_int_equal(cv_ice_state(&ice), CV_ICE_WAITING);
    cv_ice_tick(&ice, start_us + CV_ICE_CONSENT_US);
    assert_int_equal(cv_ice_state(&ice), CV_ICE_EXPIRED);
}

static void a_restart_goes_over_without_a_gap(void **state) {
    send_check(&wifi, start_us, (struct check){.nominate = true});
    const struct cv_ice_credentials old = *cv_ice_credentials(&ice);
    char old_username[64];
    snprintf(old_username, sizeof old_username, "%s:" REMOTE, old.ufrag);
    const struct check under_old = {.username = old_username, .password = old.password};
    int64_t now_us = start_us + 5 * CV_US_PER_S;
    assert_int_equal(cv_ice_restart(&ice, cv_seeded_random(&seeded), cv_slice_str(REMOTE), now_us),
                     CV_OK);
    assert_string_not_equal(cv_ice_credentials(&ice)->ufrag, old.ufrag);
    assert_true(selected_is(&wifi));
    send_check(&wifi, now_us, under_old);
    assert_int_equal(answered().class, CV_STUN_SUCCESS);
    send_check(&cell, now_us, (struct check){0});
    assert_true(selected_is(&wifi));
    send_check(&cell, now_us, (struct check){.nominate = true});
    assert_true(selected_is(&cell));
    send_check(&wifi, now_us, under_old);
    assert_int_equal(answer_size, 0);
}

static void a_restart_revives_the_expired(void **state) {
    cv_ice_tick(&ice, start_us + CV_ICE_CONSENT_US);
    int64_t now_us = start_us + 60 * CV_US_PER_S;
    assert_int_equal(cv_ice_restart(&ice, cv_seeded_random(&seeded), cv_slice_str(REMOTE), now_us),
                     CV_OK);
    assert_int_equal(cv_ice_state(&ice), CV_ICE_WAITING);
    send_check(&cell, now_us, (struct check){.nominate = true});
    assert_true(selected_is(&cell));
}

static void paths_are_limited_and_the_selected_one_stays(void **state) {
    send_check(&wifi, start_us, (struct check){.nominate = true});
    for (uint16_t i = 1; i <= 100; i++) {
        struct cv_ice_path path = cell;
        path.remote.port = i;
        send_check(&path, start_us + i, (struct check){0});
        assert_true(cv_ice_knows(&ice, &path));
        assert_true(selected_is(&wifi));
    }
    size_t known = 0;
    for (uint16_t i = 1; i <= 100; i++) {
        struct cv_ice_path path = cell;
        path.remote.port = i;
        known += cv_ice_knows(&ice, &path);
        assert_int_equal(cv_ice_knows(&ice, &path), i > 100 - (CV_ICE_MAX_PATHS - 1));
    }
    assert_int_equal(known, CV_ICE_MAX_PATHS - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(credentials_are_fresh_ice_chars, set_up),
        cmocka_unit_test_setup(bad_remote_ufrags_are_refused, set_up),
        cmocka_unit_test_setup(a_check_is_answered_and_validates_its_path, set_up),
        cmocka_unit_test_setup(a_nomination_connects, set_up),
        cmocka_unit_test_setup(strangers_get_silence, set_up),
        cmocka_unit_test_setup(bad_checks_get_their_error, set_up),
        cmocka_unit_test_setup(other_messages_are_ignored, set_up),
        cmocka_unit_test_setup(nominations_compete_at_first_then_lead, set_up),
        cmocka_unit_test_setup(checks_that_stop_on_one_path_move_it, set_up),
        cmocka_unit_test_setup(without_checks_consent_expires, set_up),
        cmocka_unit_test_setup(consent_is_for_the_path_in_use, set_up),
        cmocka_unit_test_setup(who_never_comes_expires, set_up),
        cmocka_unit_test_setup(a_restart_goes_over_without_a_gap, set_up),
        cmocka_unit_test_setup(a_restart_revives_the_expired, set_up),
        cmocka_unit_test_setup(paths_are_limited_and_the_selected_one_stays, set_up),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
