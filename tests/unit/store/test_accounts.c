/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, the set-up token, sign-in sessions and idempotency keys: with either store. */
#include "bench.h"

#include <stdio.h>

static struct cv_store_op by_email(const char *email) {
    return (struct cv_store_op){.kind = CV_STORE_USER_BY_EMAIL, .user_by_email = {TEXT(email)}};
}

static struct cv_store_op find_session(const char *hash, int64_t now_us) {
    return (struct cv_store_op){.kind = CV_STORE_SESSION_FIND,
                                .session_find = {hash_of(hash), now_us}};
}

static void test_users_are_found_by_email_in_any_case(void **state) {
    struct bench *bench = *state;
    struct cv_store_op op = user_op("u1", "Ana.Lopez@Example.ORG");
    op.user_create.role = CV_STORE_ACCOUNT_ADMIN;
    bench_result(bench, op);

    const struct cv_store_user *user =
        &bench_result(bench, by_email("aNA.lopez@eXAMPLE.org"))->user;
    assert_id(user->id, "u1");
    assert_text(user->name, "Ana");
    assert_text(user->email, "Ana.Lopez@Example.ORG");
    assert_int_equal(user->role, CV_STORE_ACCOUNT_ADMIN);
    assert_text(user->password_hash, "$argon2id$v=19$x");
    assert_int_equal(user->created_at_us, AT(10));
    assert_int_equal(bench_err(bench, by_email("ana@example.org")), CV_ERR_NOT_FOUND);
}

static void test_an_email_is_taken_once(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    assert_int_equal(bench_err(bench, user_op("u2", "ANA@example.org")), CV_ERR_EXISTS);
    assert_int_equal(bench_err(bench, user_op("u1", "other@example.org")), CV_ERR_EXISTS);
    struct cv_store_op count = {.kind = CV_STORE_USER_COUNT};
    assert_int_equal(bench_result(bench, count)->user_count.admins, 0);
}

static void test_users_are_listed_by_email_in_pages(void **state) {
    struct bench *bench = *state;
    for (int i = 0; i < 25; i++) {
        char id[8], email[32];
        snprintf(id, sizeof id, "u%d", i);
        snprintf(email, sizeof email, "%c%02d@example.org", i % 2 ? 'P' : 'p', 24 - i);
        bench_result(bench, user_op(id, email));
    }
    struct cv_store_op list = {.kind = CV_STORE_USER_LIST, .user_list = {.limit = 10}};
    char cursor[CV_STORE_CURSOR_MAX_BYTES + 1];
    int seen = 0;
    for (int page = 0; page < 3; page++) {
        const struct cv_store_result *result = bench_result(bench, list);
        assert_int_equal(result->users.count, page < 2 ? 10 : 5);
        for (size_t i = 0; i < result->users.count; i++, seen++) {
            char id[8];
            snprintf(id, sizeof id, "u%d", 24 - seen);
            assert_id(result->users.items[i].id, id);
        }
        assert_int_equal(result->users.next.size == 0, page == 2);
        if (page < 2) {
            snprintf(cursor, sizeof cursor, "%s", (const char *)result->users.next.data);
            list.user_list.cursor = TEXT(cursor);
        }
    }
}

static void test_passwords_change(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    struct cv_store_op op = {.kind = CV_STORE_USER_SET_PASSWORD,
                             .user_set_password = {id_of("u1"), TEXT("$argon2id$new")}};
    bench_result(bench, op);
    assert_text(bench_result(bench, by_email("ana@example.org"))->user.password_hash,
                "$argon2id$new");
    op.user_set_password.id = id_of("u2");
    assert_int_equal(bench_err(bench, op), CV_ERR_NOT_FOUND);
}

static struct cv_store_op finish_setup(const char *token, int64_t now_us, const char *email) {
    struct cv_store_op op = {.kind = CV_STORE_SETUP_FINISH,
                             .setup_finish = {.token_hash = hash_of(token), .now_us = now_us}};
    op.setup_finish.user = user_op("admin", email).user_create;
    op.setup_finish.user.role = CV_STORE_ACCOUNT_ADMIN;
    return op;
}

static void test_the_setup_token_works_once(void **state) {
    struct bench *bench = *state;
    struct cv_store_op put = {.kind = CV_STORE_SETUP_PUT,
                              .setup_put = {hash_of("first"), AT(1), AT(100)}};
    struct cv_store_op check = {.kind = CV_STORE_SETUP_CHECK,
                                .setup_check = {hash_of("second"), AT(50)}};
    bench_result(bench, put);
    assert_int_equal(bench_err(bench, check), CV_ERR_NOT_FOUND);
    put.setup_put.token_hash = hash_of("second");
    bench_result(bench, put);
    bench_result(bench, check);

    assert_int_equal(bench_err(bench, finish_setup("first", AT(50), "a@x")), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, finish_setup("second", AT(100), "a@x")), CV_ERR_NOT_FOUND);
    /* A sign-in in the same batch that can't be: then the token is not used up either. */
    struct cv_store_op batch[] = {finish_setup("second", AT(50), "a@x"),
                                  session_op("cookie", "nobody", AT(100))};
    const struct cv_store_answer *answer = bench_ask(bench, batch, 2);
    assert_int_equal(answer->err, CV_ERR_NOT_FOUND);
    assert_int_equal(answer->failed, 1);
    bench_result(bench, check);

    batch[0] = finish_setup("second", AT(50), "a@x");
    batch[1] = session_op("cookie", "admin", AT(100));
    assert_int_equal(bench_ask(bench, batch, 2)->err, CV_OK);
    assert_int_equal(bench_err(bench, check), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, finish_setup("second", AT(50), "b@x")), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, put), CV_ERR_STATE);
    struct cv_store_op count = {.kind = CV_STORE_USER_COUNT};
    assert_int_equal(bench_result(bench, count)->user_count.admins, 1);
    assert_text(bench_result(bench, find_session("cookie", AT(60)))->session.user.email, "a@x");
}

static void test_sessions_are_found_with_their_user_until_they_expire(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    bench_result(bench, session_op("cookie", "u1", AT(100)));
    const struct cv_store_result *result = bench_result(bench, find_session("cookie", AT(99)));
    assert_memory_equal(result->session.session.token_hash.data, hash_of("cookie").data, 32);
    assert_id(result->session.session.user, "u1");
    assert_int_equal(result->session.session.created_at_us, AT(20));
    assert_int_equal(result->session.session.expires_at_us, AT(100));
    assert_int_equal(result->session.session.seen_at_us, 0);
    assert_id(result->session.user.id, "u1");
    assert_text(result->session.user.email, "ana@example.org");
    assert_int_equal(bench_err(bench, find_session("cookie", AT(100))), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, find_session("other", AT(50))), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, session_op("cookie", "u1", AT(100))), CV_ERR_EXISTS);
    assert_int_equal(bench_err(bench, session_op("more", "u2", AT(100))), CV_ERR_NOT_FOUND);
}

static void test_last_use_is_kept_to_the_hour(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    bench_result(bench, session_op("cookie", "u1", AT(100000)));
    struct cv_store_op touch = {.kind = CV_STORE_SESSION_TOUCH,
                                .session_touch = {hash_of("cookie"), AT(2 * 3600 + 1799)}};
    bench_result(bench, touch);
    assert_int_equal(
        bench_result(bench, find_session("cookie", AT(99)))->session.session.seen_at_us,
        AT(2 * 3600));
    touch.session_touch.token_hash = hash_of("unknown");
    bench_result(bench, touch);
}

static void test_signing_out(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    bench_result(bench, user_op("u2", "bo@example.org"));
    bench_result(bench, session_op("a", "u1", AT(100)));
    bench_result(bench, session_op("b", "u1", AT(100)));
    bench_result(bench, session_op("c", "u1", AT(100)));
    bench_result(bench, session_op("d", "u2", AT(100)));

    struct cv_store_op one = {.kind = CV_STORE_SESSION_DELETE, .session_delete = {hash_of("a")}};
    bench_result(bench, one);
    bench_result(bench, one);
    assert_int_equal(bench_err(bench, find_session("a", AT(50))), CV_ERR_NOT_FOUND);

    struct cv_store_op all = {.kind = CV_STORE_SESSION_DELETE_ALL,
                              .session_delete_all = {id_of("u1"), hash_of("b")}};
    assert_int_equal(bench_result(bench, all)->count, 1);
    bench_result(bench, find_session("b", AT(50)));
    all.session_delete_all.except_hash = (struct cv_slice){0};
    assert_int_equal(bench_result(bench, all)->count, 1);
    assert_int_equal(bench_err(bench, find_session("b", AT(50))), CV_ERR_NOT_FOUND);
    bench_result(bench, find_session("d", AT(50)));
}

static void test_deleting_an_account_takes_its_sessions_and_meetings(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    bench_result(bench, user_op("u2", "bo@example.org"));
    bench_result(bench, session_op("a", "u1", AT(100)));
    bench_result(bench, meeting_op("m1", "u1", CV_KIND_ROOM, AT(30)));
    bench_result(bench, meeting_op("m2", "u2", CV_KIND_ROOM, AT(30)));
    bench_session(bench, "m2", 1, AT(40), 0);
    struct cv_store_op stay = participant_op("m2", "p1", 1, AT(40));
    stay.participant_save.record.account = id_of("u1");
    bench_result(bench, stay);

    struct cv_store_op op = {.kind = CV_STORE_USER_DELETE, .user_delete = {id_of("u1")}};
    bench_result(bench, op);
    assert_int_equal(bench_err(bench, op), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, by_email("ana@example.org")), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, find_session("a", AT(50))), CV_ERR_NOT_FOUND);
    struct cv_store_op get = {.kind = CV_STORE_MEETING_GET, .meeting_get = {id_of("m1")}};
    assert_int_equal(bench_err(bench, get), CV_ERR_NOT_FOUND);
    /* The stay in the other's meeting remains, and says no longer whose it was. */
    struct cv_store_op list = {.kind = CV_STORE_RECORD_LIST, .record_list = {.limit = 10}};
    const struct cv_store_result *result = bench_result(bench, list);
    assert_int_equal(result->records.count, 1);
    assert_int_equal(result->records.items[0].participant_count, 1);
    assert_id(result->records.items[0].participants[0].account, "");
    assert_string_equal(result->records.items[0].participants[0].name, "");
}

static void test_the_only_administrator_stays(void **state) {
    struct bench *bench = *state;
    struct cv_store_op first = user_op("u1", "ana@example.org");
    struct cv_store_op second = user_op("u2", "bo@example.org");
    first.user_create.role = second.user_create.role = CV_STORE_ACCOUNT_ADMIN;
    bench_result(bench, first);
    bench_result(bench, user_op("u3", "cy@example.org"));
    struct cv_store_op op = {.kind = CV_STORE_USER_DELETE, .user_delete = {id_of("u1")}};
    assert_int_equal(bench_err(bench, op), CV_ERR_STATE);
    bench_result(bench, by_email("ana@example.org"));

    bench_result(bench, second);
    bench_result(bench, op);
    op.user_delete.id = id_of("u2");
    assert_int_equal(bench_err(bench, op), CV_ERR_STATE);
    op.user_delete.id = id_of("u3");
    bench_result(bench, op);
}

static struct cv_store_op claim(const char *owner, const char *key, int64_t at_us) {
    return (struct cv_store_op){.kind = CV_STORE_IDEMPOTENCY_CLAIM,
                                .idempotency_claim = {.owner = id_of(owner),
                                                      .key_hash = hash_of(key),
                                                      .request_hash = hash_of("request"),
                                                      .answer = TEXT("first answer"),
                                                      .created_at_us = at_us,
                                                      .expires_at_us = at_us + AT(100)}};
}

static void test_a_request_sent_twice_happens_once(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    struct cv_store_op batch[] = {claim("u1", "key", AT(10)),
                                  meeting_op("m1", "u1", CV_KIND_ROOM, AT(10))};
    assert_int_equal(bench_ask(bench, batch, 2)->err, CV_OK);

    batch[0] = claim("u1", "key", AT(20));
    batch[0].idempotency_claim.answer = TEXT("second answer");
    batch[1] = meeting_op("m2", "u1", CV_KIND_ROOM, AT(20));
    const struct cv_store_answer *answer = bench_ask(bench, batch, 2);
    assert_int_equal(answer->err, CV_ERR_EXISTS);
    assert_int_equal(answer->failed, 0);
    assert_text(answer->results[0].idempotency.answer, "first answer");
    assert_memory_equal(answer->results[0].idempotency.request_hash.data, hash_of("request").data,
                        32);
    struct cv_store_op get = {.kind = CV_STORE_MEETING_GET, .meeting_get = {id_of("m2")}};
    assert_int_equal(bench_err(bench, get), CV_ERR_NOT_FOUND);

    /* Another account's key, nobody's key, and the same after its time. */
    assert_int_equal(bench_err(bench, claim("u2", "key", AT(20))), CV_OK);
    assert_int_equal(bench_err(bench, claim("", "key", AT(20))), CV_OK);
    assert_int_equal(bench_err(bench, claim("", "key", AT(20))), CV_ERR_EXISTS);
    assert_int_equal(bench_err(bench, claim("u1", "key", AT(110))), CV_OK);
}

static void test_a_failed_request_leaves_its_key_free(void **state) {
    struct bench *bench = *state;
    struct cv_store_op batch[] = {claim("", "key", AT(10)),
                                  meeting_op("m1", "nobody", CV_KIND_ROOM, AT(10))};
    assert_int_equal(bench_ask(bench, batch, 2)->err, CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, claim("", "key", AT(10))), CV_OK);
}

static void test_answers_go_with_the_meeting_they_speak_of(void **state) {
    struct bench *bench = *state;
    struct cv_store_op key = claim("", "key", AT(10));
    key.idempotency_claim.meeting = id_of("m1");
    struct cv_store_op batch[] = {key, meeting_op("m1", "", CV_KIND_INSTANT, AT(10))};
    assert_int_equal(bench_ask(bench, batch, 2)->err, CV_OK);
    struct cv_store_op op = {.kind = CV_STORE_MEETING_DELETE, .meeting_delete = {id_of("m1")}};
    bench_result(bench, op);
    assert_int_equal(bench_err(bench, claim("", "key", AT(10))), CV_OK);
}

static void test_what_has_expired_goes(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    bench_result(bench, session_op("a", "u1", AT(100)));
    bench_result(bench, session_op("b", "u1", AT(101)));
    bench_result(bench, claim("u1", "key", AT(0) + 1));
    struct cv_store_op put = {.kind = CV_STORE_SETUP_PUT,
                              .setup_put = {hash_of("token"), AT(1), AT(90)}};
    bench_result(bench, put);
    struct cv_store_op expire = {.kind = CV_STORE_EXPIRE, .expire = {AT(100) + 1}};
    assert_int_equal(bench_result(bench, expire)->count, 3);
    assert_int_equal(bench_result(bench, expire)->count, 0);
    bench_result(bench, find_session("b", AT(50)));
    assert_int_equal(bench_err(bench, find_session("a", AT(50))), CV_ERR_NOT_FOUND);
}

static void test_impossible_input_is_refused(void **state) {
    struct bench *bench = *state;
    char name[CV_STORE_NAME_MAX_BYTES + 2];
    memset(name, 'n', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    struct cv_store_op good = user_op("u1", "ana@example.org"), bad[8];
    for (size_t i = 0; i < 8; i++)
        bad[i] = good;
    bad[0].user_create.id = id_of("");
    bad[1].user_create.name = TEXT(name);
    bad[2].user_create.email = (struct cv_slice){0};
    bad[3].user_create.role = CV_STORE_ACCOUNT_ROLE_COUNT;
    bad[4].user_create.created_at_us = 0;
    bad[5].user_create.name = TEXT("\xff");
    bad[6].user_create.name = cv_slice_of("a\0b", 3);
    bad[7].kind = CV_STORE_OP_KINDS;
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(cv_store_submit(bench->store, &bad[i], 1, NULL, NULL), CV_ERR_RANGE);
    struct cv_store_op list = {.kind = CV_STORE_USER_LIST, .user_list = {.limit = 10}};
    const char *const cursors[] = {"x", "!!!!", "AAAAAAAAAAAAAAA_", "__________________8"};
    for (size_t i = 0; i < 4; i++) {
        list.user_list.cursor = TEXT(cursors[i]);
        enum cv_err err = cv_store_submit(bench->store, &list, 1, NULL, NULL);
        assert_int_equal(err, i == 2 ? CV_OK : CV_ERR_SYNTAX);
    }
    cv_store_deliver(bench_take(bench));
    struct cv_store_op many[CV_STORE_BATCH_MAX + 1];
    for (size_t i = 0; i <= CV_STORE_BATCH_MAX; i++)
        many[i] = (struct cv_store_op){.kind = CV_STORE_USER_COUNT};
    assert_int_equal(cv_store_submit(bench->store, many, CV_STORE_BATCH_MAX + 1, NULL, NULL),
                     CV_ERR_LIMIT);
    assert_int_equal(cv_store_submit(bench->store, many, 0, NULL, NULL), CV_ERR_LIMIT);
    assert_int_equal(bench_ask(bench, many, CV_STORE_BATCH_MAX)->err, CV_OK);
}

static void note(void *context, const struct cv_store_answer *answer) {
    *(enum cv_err *)context = answer->err;
}

static void test_done_is_called_where_there_is_one(void **state) {
    struct bench *bench = *state;
    struct cv_store_op op = by_email("ana@example.org");
    enum cv_err err = CV_OK;
    assert_int_equal(cv_store_submit(bench->store, &op, 1, note, &err), CV_OK);
    assert_int_equal(cv_store_submit(bench->store, &op, 1, NULL, NULL), CV_OK);
    cv_store_deliver(bench_take(bench));
    cv_store_deliver(bench_take(bench));
    assert_int_equal(err, CV_ERR_NOT_FOUND);
    struct cv_store_stats stats;
    cv_store_stats(bench->store, &stats);
    assert_int_equal(stats.batches, 2);
    assert_int_equal(stats.failed, 0);
    assert_int_equal(stats.queued, 0);
    assert_int_equal(stats.fault, CV_STORE_FAULT_NONE);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_users_are_found_by_email_in_any_case),
        BENCH_TEST(test_an_email_is_taken_once),
        BENCH_TEST(test_users_are_listed_by_email_in_pages),
        BENCH_TEST(test_passwords_change),
        BENCH_TEST(test_the_setup_token_works_once),
        BENCH_TEST(test_sessions_are_found_with_their_user_until_they_expire),
        BENCH_TEST(test_last_use_is_kept_to_the_hour),
        BENCH_TEST(test_signing_out),
        BENCH_TEST(test_deleting_an_account_takes_its_sessions_and_meetings),
        BENCH_TEST(test_the_only_administrator_stays),
        BENCH_TEST(test_a_request_sent_twice_happens_once),
        BENCH_TEST(test_a_failed_request_leaves_its_key_free),
        BENCH_TEST(test_answers_go_with_the_meeting_they_speak_of),
        BENCH_TEST(test_what_has_expired_goes),
        BENCH_TEST(test_impossible_input_is_refused),
        BENCH_TEST(test_done_is_called_where_there_is_one),
    };
    bench_choose(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
