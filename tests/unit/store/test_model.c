/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both stores get the same random batches and must give the same answers: the one in memory, which
 * says plainly what each operation does, is the model of the other. Ids, hashes and times come from
 * small sets, so that operations meet. A failure prints the seed and the step.
 */
#include "bench.h"
#include "dump.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 1500, SEEDS = 3, OPS_MAX = 4, USERS = 4, MEETINGS = 6, PEOPLE = 12 };

/* A small generator with a state of its own (xorshift64*), the same everywhere. */
static uint64_t random_state;

static uint32_t below(uint32_t limit) {
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return (uint32_t)((random_state * UINT64_C(0x2545f4914f6cdd1d)) >> 33) % limit;
}

static bool one_in(uint32_t n) {
    return below(n) == 0;
}

static struct cv_id pick(const char *prefix, uint32_t limit) {
    char text[16];
    snprintf(text, sizeof text, "%s%u", prefix, (unsigned)below(limit));
    return id_of(text);
}

static struct cv_id maybe(const char *prefix, uint32_t limit) {
    return one_in(3) ? id_of("") : pick(prefix, limit);
}

static struct cv_slice some_hash(uint32_t limit) {
    return hash_of(pick("h", limit).text);
}

static int64_t some_time(void) {
    return AT(1 + below(2000));
}

static int64_t some_time_or_none(void) {
    return one_in(2) ? 0 : some_time();
}

static struct cv_slice some_text(void) {
    static const char *const texts[] = {"", "a", "Zoë", "=1+1", "longer text with ünïcode ✓"};
    return TEXT(texts[below(5)]);
}

static struct cv_store_op some_user(void) {
    static const char *const emails[] = {"a@x.org", "A@X.ORG", "b@x.org", "c@x.org", "ü@x.org"};
    struct cv_store_op op = user_op(pick("u", USERS).text, emails[below(5)]);
    op.user_create.role = one_in(6) ? CV_STORE_ACCOUNT_ADMIN : CV_STORE_ACCOUNT_USER;
    return op;
}

static struct cv_store_op some_account_op(void) {
    struct cv_store_op op = {.kind = CV_STORE_USER_CREATE + below(CV_STORE_MEETING_CREATE - 1)};
    switch (op.kind) {
    case CV_STORE_USER_CREATE:
        return some_user();
    case CV_STORE_USER_BY_EMAIL:
        op.user_by_email.email = some_user().user_create.email;
        break;
    case CV_STORE_USER_LIST:
        op.user_list.limit = 1 + (int32_t)below(4);
        break;
    case CV_STORE_USER_SET_PASSWORD:
        op.user_set_password.id = pick("u", USERS);
        op.user_set_password.password_hash = TEXT("other");
        break;
    case CV_STORE_USER_DELETE:
        op.user_delete.id = one_in(4) ? pick("u", USERS) : id_of("nobody");
        break;
    case CV_STORE_SETUP_PUT:
        op.setup_put.token_hash = some_hash(2);
        op.setup_put.created_at_us = 1;
        op.setup_put.expires_at_us = some_time_or_none();
        break;
    case CV_STORE_SETUP_CHECK:
        op.setup_check.token_hash = some_hash(2);
        op.setup_check.now_us = some_time();
        break;
    case CV_STORE_SETUP_FINISH:
        op.setup_finish.token_hash = some_hash(2);
        op.setup_finish.now_us = some_time();
        op.setup_finish.user = some_user().user_create;
        op.setup_finish.user.role = CV_STORE_ACCOUNT_ADMIN;
        break;
    case CV_STORE_SESSION_CREATE:
        return session_op(pick("h", 6).text, pick("u", USERS).text, some_time());
    case CV_STORE_SESSION_FIND:
        op.session_find.token_hash = some_hash(6);
        op.session_find.now_us = some_time();
        break;
    case CV_STORE_SESSION_TOUCH:
        op.session_touch.token_hash = some_hash(6);
        op.session_touch.seen_at_us = some_time() * 100 + CV_US_PER_HOUR;
        break;
    case CV_STORE_SESSION_DELETE:
        op.session_delete.token_hash = some_hash(6);
        break;
    case CV_STORE_SESSION_DELETE_ALL:
        op.session_delete_all.user = pick("u", USERS);
        op.session_delete_all.except_hash = one_in(2) ? some_hash(6) : (struct cv_slice){0};
        break;
    default: /* takes nothing */
        break;
    }
    return op;
}

static struct cv_store_op some_meeting(void) {
    enum cv_meeting_kind kind = below(CV_KIND_COUNT);
    struct cv_id owner = kind == CV_KIND_INSTANT ? maybe("u", USERS) : pick("u", USERS);
    struct cv_store_op op = meeting_op(pick("m", MEETINGS).text, owner.text, kind, some_time());
    if (kind != CV_KIND_ROOM)
        op.meeting_create.closes_at_us = some_time();
    op.meeting_create.time_zone = some_text();
    return op;
}

static struct cv_store_op some_save(void) {
    const struct cv_store_op meeting = some_meeting();
    struct cv_store_op op = save_op(&meeting.meeting_create.record);
    struct cv_meeting_record *record = &op.meeting_save.record;
    op.meeting_save.closes_at_us = one_in(4) ? CV_TIME_NEVER : some_time();
    record->session = below(3);
    record->session_started_at_us = record->session ? some_time() : 0;
    record->session_ended_at_us = record->session ? some_time_or_none() : 0;
    record->schedule.ended_at_us = one_in(6) ? some_time() : 0;
    record->lobby = one_in(2);
    record->locked = one_in(2);
    return op;
}

static struct cv_store_op some_list(void) {
    static const char *const cursors[] = {"", "AAAAAAAPQkAAAAAAbTA", "AAAAADuaygAAAAABbTM"};
    return (struct cv_store_op){.kind = CV_STORE_MEETING_LIST,
                                .meeting_list = {.owner = pick("u", USERS),
                                                 .when = below(CV_STORE_WHEN_COUNT),
                                                 .now_us = some_time(),
                                                 .cursor = TEXT(cursors[below(3)]),
                                                 .limit = 1 + (int32_t)below(5)}};
}

static struct cv_store_op some_meeting_op(void) {
    uint32_t kinds = CV_STORE_PARTICIPANT_SAVE - CV_STORE_MEETING_CREATE;
    struct cv_store_op op = {.kind = CV_STORE_MEETING_CREATE + below(kinds)};
    switch (op.kind) {
    case CV_STORE_MEETING_CREATE:
        return some_meeting();
    case CV_STORE_MEETING_SAVE:
        return some_save();
    case CV_STORE_MEETING_LIST:
        return some_list();
    case CV_STORE_MEETING_SET_TIME_ZONE:
        op.meeting_set_time_zone.id = pick("m", MEETINGS);
        op.meeting_set_time_zone.time_zone = some_text();
        break;
    case CV_STORE_MEETING_PURGE:
        op.meeting_purge.now_us = some_time();
        break;
    case CV_STORE_LINK_CREATE:
        op = link_op(pick("l", 12).text, pick("m", MEETINGS).text, pick("h", 12).text);
        op.link_create.role = below(CV_ROLE_COUNT);
        op.link_create.label = some_text();
        op.link_create.created_at_us = some_time();
        break;
    case CV_STORE_LINK_RESOLVE:
        op.link_resolve.secret_hash = some_hash(12);
        break;
    case CV_STORE_LINK_REVOKE:
        op.link_revoke.meeting = pick("m", MEETINGS);
        op.link_revoke.id = pick("l", 12);
        op.link_revoke.revoked_at_us = some_time();
        break;
    case CV_STORE_LINK_TOUCH:
        op.link_touch.id = pick("l", 12);
        op.link_touch.used_at_us = some_time() * 100 + CV_US_PER_HOUR;
        break;
    default: /* get, delete, list of links; load takes nothing */
        op.meeting_get.id = pick("m", MEETINGS);
        break;
    }
    return op;
}

static struct cv_store_op some_participant(void) {
    struct cv_store_op op =
        participant_op(pick("m", MEETINGS).text, pick("p", PEOPLE).text, below(3), some_time());
    struct cv_participant_record *record = &op.participant_save.record;
    record->account = maybe("u", USERS);
    record->link = maybe("l", 12);
    record->role = below(CV_ROLE_COUNT);
    record->hide_address = one_in(2);
    return one_in(3) ? left_op(op, 1 + below(CV_GONE_COUNT - 1), some_time()) : op;
}

static struct cv_store_op some_call_op(void) {
    uint32_t kinds = CV_STORE_OP_KINDS - CV_STORE_PARTICIPANT_SAVE;
    struct cv_store_op op = {.kind = CV_STORE_PARTICIPANT_SAVE + below(kinds)};
    switch (op.kind) {
    case CV_STORE_PARTICIPANT_RESUME:
        op.participant_resume.id = pick("p", PEOPLE);
        op.participant_resume.resume_hash = some_hash(4);
        break;
    case CV_STORE_PARTICIPANT_ADDRESS:
        op.participant_address.id = pick("p", PEOPLE);
        op.participant_address.address = some_text();
        break;
    case CV_STORE_BLOCK_SAVE:
        op.block_save.meeting = pick("m", MEETINGS);
        op.block_save.record.at_us = some_time();
        op.block_save.record.session = below(3);
        if (one_in(2))
            op.block_save.record.link = pick("l", 3);
        else
            op.block_save.record.participant = pick("p", 3);
        break;
    case CV_STORE_BLOCK_LIST:
        op.block_list.meeting = pick("m", MEETINGS);
        break;
    case CV_STORE_MODE_ADD:
        op.mode_add.meeting = pick("m", MEETINGS);
        op.mode_add.record = (struct cv_mode_record){
            .session = below(3), .mode = below(CV_CALL_MODE_COUNT), .at_us = some_time()};
        break;
    case CV_STORE_CONNECTION_ADD:
        op.connection_add = (struct cv_connection_record){pick("p", PEOPLE), maybe("p", PEOPLE),
                                                          below(CV_CONNECTION_STATE_COUNT),
                                                          below(CV_PATH_COUNT), some_time()};
        break;
    case CV_STORE_STATS_SAVE:
        op.stats_save.participant = pick("p", PEOPLE);
        op.stats_save.peer = maybe("p", PEOPLE);
        op.stats_save.video.jitter_ms = below(1000) / 7.0;
        op.stats_save.audio.packets_lost = -(int64_t)below(5);
        op.stats_save.at_us = some_time();
        break;
    case CV_STORE_RECORD_LIST:
        op.record_list.meeting = maybe("m", MEETINGS);
        op.record_list.owner = one_in(3) ? pick("u", USERS) : id_of("");
        op.record_list.from_us = some_time_or_none();
        op.record_list.until_us = some_time_or_none();
        op.record_list.limit = 1 + (int32_t)below(5);
        break;
    case CV_STORE_RECORD_PURGE:
        op.record_purge.before_us = 1 + some_time() / 4;
        break;
    case CV_STORE_RECORD_TRIM:
        op.record_trim.count = 1 + (int32_t)below(2);
        break;
    case CV_STORE_EXPIRE:
        op.expire.now_us = 1 + some_time() / 4;
        break;
    case CV_STORE_IDEMPOTENCY_CLAIM:
        op.idempotency_claim.owner = maybe("u", USERS);
        op.idempotency_claim.meeting = maybe("m", MEETINGS);
        op.idempotency_claim.key_hash = some_hash(4);
        op.idempotency_claim.request_hash = some_hash(2);
        op.idempotency_claim.answer = some_text();
        op.idempotency_claim.created_at_us = some_time();
        op.idempotency_claim.expires_at_us = some_time();
        break;
    default:
        return some_participant();
    }
    return op;
}

static struct cv_store_op any_op(void) {
    switch (below(4)) {
    case 0:
        return some_account_op();
    case 1:
        return some_meeting_op();
    case 2:
        return one_in(2) ? some_participant() : some_save();
    default:
        return some_call_op();
    }
}

/* Deletions are rarer than what they delete. */
static struct cv_store_op some_op(void) {
    struct cv_store_op op = any_op();
    bool deletes = op.kind == CV_STORE_MEETING_DELETE || op.kind == CV_STORE_MEETING_PURGE ||
                   op.kind == CV_STORE_RECORD_PURGE || op.kind == CV_STORE_RECORD_TRIM;
    return deletes && !one_in(4) ? some_participant() : op;
}

/* How often each operation was carried out: one that always fails would show nothing. */
static unsigned done[CV_STORE_OP_KINDS];

static void run(uint64_t seed) {
    struct bench memory, sqlite;
    struct cv_buf expected = {0}, got = {0};
    bench_open(&memory, BENCH_MEMORY);
    bench_open(&sqlite, BENCH_SQLITE);
    random_state = seed;
    for (int step = 0; step < STEPS; step++) {
        struct cv_store_op ops[OPS_MAX];
        size_t count = one_in(3) ? 1 + below(OPS_MAX) : 1;
        for (size_t i = 0; i < count; i++)
            ops[i] = some_op();
        cv_buf_clear(&expected);
        cv_buf_clear(&got);
        const struct cv_store_answer *answer = bench_ask(&memory, ops, count);
        for (size_t i = 0; !answer->err && i < count; i++)
            done[ops[i].kind]++;
        dump_answer(&expected, ops, answer);
        answer = bench_ask(&sqlite, ops, count);
        dump_answer(&got, ops, answer);
        if (strcmp(cv_buf_cstr(&expected), cv_buf_cstr(&got)) != 0) {
            print_error("expected: %s\ngot: %s %s\n", cv_buf_cstr(&expected), cv_buf_cstr(&got),
                        answer->message ? answer->message : "");
            cv_buf_clear(&got);
            for (size_t i = 0; i < count; i++)
                dump_op(&got, &ops[i]);
            print_error("seed %u, step %d: %s\n", (unsigned)seed, step, cv_buf_cstr(&got));
            fail();
        }
    }
    char message[CV_STORE_MESSAGE_BYTES];
    assert_int_equal(cv_store_sqlite_check(sqlite.folder, message), CV_OK);
    cv_buf_release(&expected);
    cv_buf_release(&got);
    bench_close(&memory);
    bench_close(&sqlite);
}

static void test_both_stores_answer_alike(void **state) {
    const char *chosen = getenv("STORE_MODEL_SEED");
    if (chosen) {
        run(strtoull(chosen, NULL, 10));
        return;
    }
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        run(seed);
    for (size_t kind = 1; kind < CV_STORE_OP_KINDS; kind++)
        assert_true(done[kind] > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_both_stores_answer_alike)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
