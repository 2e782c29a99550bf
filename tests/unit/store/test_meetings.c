/* SPDX-License-Identifier: Apache-2.0 */
/* Meetings and links: with either store. */
#include "bench.h"

#include <stdio.h>

static struct cv_store_op get(const char *id) {
    return (struct cv_store_op){.kind = CV_STORE_MEETING_GET, .meeting_get = {id_of(id)}};
}

static struct cv_store_op resolve(const char *secret) {
    return (struct cv_store_op){.kind = CV_STORE_LINK_RESOLVE, .link_resolve = {hash_of(secret)}};
}

static struct cv_store_op list_links(const char *meeting) {
    return (struct cv_store_op){.kind = CV_STORE_LINK_LIST, .link_list = {id_of(meeting)}};
}

static struct cv_store_op list(enum cv_store_when when, int64_t now_us, int32_t limit) {
    return (struct cv_store_op){
        .kind = CV_STORE_MEETING_LIST,
        .meeting_list = {.owner = id_of("u1"), .when = when, .now_us = now_us, .limit = limit}};
}

static void test_a_meeting_comes_back_as_it_was_made(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    struct cv_store_op op = meeting_op("m1", "u1", CV_KIND_SCHEDULED, AT(5000));
    op.meeting_create.time_zone = TEXT("Europe/Vienna");
    op.meeting_create.record.lobby = true;
    op.meeting_create.record.topology = CV_TOPOLOGY_MESH;
    bench_result(bench, op);

    const struct cv_store_meeting *meeting = &bench_result(bench, get("m1"))->meeting;
    const struct cv_meeting_record *record = &meeting->record;
    assert_memory_equal(record, &op.meeting_create.record, sizeof *record);
    assert_id(meeting->owner, "u1");
    assert_text(meeting->owner_name, "Ana");
    assert_text(meeting->time_zone, "Europe/Vienna");
    assert_int_equal(meeting->closes_at_us, AT(5000) + 6 * CV_US_PER_HOUR);
    assert_int_equal(bench_err(bench, op), CV_ERR_EXISTS);
    assert_int_equal(bench_err(bench, get("m2")), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, meeting_op("m2", "u2", CV_KIND_ROOM, AT(1))),
                     CV_ERR_NOT_FOUND);
    op.meeting_create.record.schedule.starts_at_us = 0;
    assert_int_equal(cv_store_submit(bench->store, &op, 1, NULL, NULL), CV_ERR_RANGE);
}

static void test_an_instant_meeting_needs_no_owner(void **state) {
    struct bench *bench = *state;
    bench_result(bench, meeting_op("m1", "", CV_KIND_INSTANT, AT(5000)));
    const struct cv_store_meeting *meeting = &bench_result(bench, get("m1"))->meeting;
    assert_id(meeting->owner, "");
    assert_false(meeting->record.owned);
    assert_int_equal(meeting->owner_name.size, 0);
}

static void test_saving_changes_what_may_change(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    bench_result(bench, meeting_op("m1", "u1", CV_KIND_SCHEDULED, AT(5000)));
    struct cv_store_op op = save_op(&bench_result(bench, get("m1"))->meeting.record);
    struct cv_meeting_record *record = &op.meeting_save.record;
    snprintf(record->title, sizeof record->title, "Ünïcode ✓");
    record->schedule.starts_at_us = AT(7000);
    record->schedule.duration_us = CV_US_PER_MIN;
    record->schedule.ended_at_us = AT(7100);
    record->lobby = record->locked = true;
    record->topology = CV_TOPOLOGY_MESH;
    op.meeting_save.closes_at_us = AT(9000);
    bench_result(bench, op);
    struct cv_store_op zone = {.kind = CV_STORE_MEETING_SET_TIME_ZONE,
                               .meeting_set_time_zone = {id_of("m1"), TEXT("UTC")}};
    bench_result(bench, zone);
    const struct cv_store_meeting *meeting = &bench_result(bench, get("m1"))->meeting;
    assert_memory_equal(&meeting->record, record, sizeof *record);
    assert_int_equal(meeting->closes_at_us, AT(9000));
    assert_text(meeting->time_zone, "UTC");

    /* These stay as they were made. */
    record->schedule.kind = CV_KIND_ROOM;
    record->schedule.created_at_us = AT(1);
    record->owned = false;
    bench_result(bench, op);
    meeting = &bench_result(bench, get("m1"))->meeting;
    assert_int_equal(meeting->record.schedule.kind, CV_KIND_SCHEDULED);
    assert_int_equal(meeting->record.schedule.created_at_us, AT(5000));
    assert_true(meeting->record.owned);

    record->id = id_of("m2");
    assert_int_equal(bench_err(bench, op), CV_ERR_NOT_FOUND);
    zone.meeting_set_time_zone.id = id_of("m2");
    assert_int_equal(bench_err(bench, zone), CV_ERR_NOT_FOUND);
}

/* The ids of a page, in order, as one text. */
static const char *ids(const struct cv_store_result *result) {
    static char text[1024];
    size_t size = 0;
    text[0] = '\0';
    for (size_t i = 0; i < result->meetings.count; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%s ",
                                 result->meetings.items[i].record.id.text);
    return text;
}

static void test_lists_tell_upcoming_past_and_rooms(void **state) {
    struct bench *bench = *state;
    const int64_t hour = CV_US_PER_HOUR, now_us = 100 * hour;
    bench_result(bench, user_op("u1", "ana@example.org"));
    bench_result(bench, user_op("u2", "bo@example.org"));
    bench_result(bench, meeting_op("soon", "u1", CV_KIND_SCHEDULED, now_us + hour));
    bench_result(bench, meeting_op("later", "u1", CV_KIND_SCHEDULED, now_us + 3 * hour));
    bench_result(bench, meeting_op("going-on", "u1", CV_KIND_SCHEDULED, now_us - 5 * hour));
    bench_result(bench, meeting_op("expired", "u1", CV_KIND_SCHEDULED, now_us - 6 * hour));
    bench_result(bench, meeting_op("instant", "u1", CV_KIND_INSTANT, now_us - hour));
    bench_result(bench, meeting_op("old", "u1", CV_KIND_INSTANT, now_us - 60 * hour));
    struct cv_store_op ended = meeting_op("ended", "u1", CV_KIND_SCHEDULED, now_us + 2 * hour);
    ended.meeting_create.record.schedule.ended_at_us = now_us - 1;
    bench_result(bench, ended);
    bench_result(bench, meeting_op("room1", "u1", CV_KIND_ROOM, now_us - 80 * hour));
    bench_result(bench, meeting_op("room2", "u1", CV_KIND_ROOM, now_us - 70 * hour));
    bench_result(bench, meeting_op("foreign", "u2", CV_KIND_SCHEDULED, now_us + hour));

    assert_string_equal(ids(bench_result(bench, list(CV_STORE_WHEN_UPCOMING, now_us, 100))),
                        "going-on instant soon later ");
    assert_string_equal(ids(bench_result(bench, list(CV_STORE_WHEN_PAST, now_us, 100))),
                        "ended expired old ");
    assert_string_equal(ids(bench_result(bench, list(CV_STORE_WHEN_ROOMS, now_us, 100))),
                        "room2 room1 ");
    assert_int_equal(bench_result(bench, list(CV_STORE_WHEN_ROOMS, now_us, 2))->meetings.next.size,
                     0);
}

static void test_pages_stay_stable_while_meetings_come_and_go(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    for (int i = 0; i < 12; i++) {
        char id[8];
        snprintf(id, sizeof id, "m%02d", i);
        /* Three at each time: the id decides. */
        bench_result(bench, meeting_op(id, "u1", CV_KIND_SCHEDULED, AT(1000 + i / 3)));
    }
    char cursor[CV_STORE_CURSOR_MAX_BYTES + 1];
    struct cv_store_op op = list(CV_STORE_WHEN_UPCOMING, AT(1), 5);
    const struct cv_store_result *result = bench_result(bench, op);
    assert_string_equal(ids(result), "m00 m01 m02 m03 m04 ");
    snprintf(cursor, sizeof cursor, "%s", (const char *)result->meetings.next.data);
    op.meeting_list.cursor = TEXT(cursor);

    bench_result(bench, meeting_op("m00a", "u1", CV_KIND_SCHEDULED, AT(1000)));
    struct cv_store_op gone = {.kind = CV_STORE_MEETING_DELETE, .meeting_delete = {id_of("m04")}};
    bench_result(bench, gone);
    result = bench_result(bench, op);
    assert_string_equal(ids(result), "m05 m06 m07 m08 m09 ");
    snprintf(cursor, sizeof cursor, "%s", (const char *)result->meetings.next.data);
    op.meeting_list.cursor = TEXT(cursor);
    result = bench_result(bench, op);
    assert_string_equal(ids(result), "m10 m11 ");
    assert_int_equal(result->meetings.next.size, 0);

    op = list(CV_STORE_WHEN_PAST, AT(100000), 7);
    result = bench_result(bench, op);
    assert_string_equal(ids(result), "m11 m10 m09 m08 m07 m06 m05 ");
    snprintf(cursor, sizeof cursor, "%s", (const char *)result->meetings.next.data);
    op.meeting_list.cursor = TEXT(cursor);
    assert_string_equal(ids(bench_result(bench, op)), "m03 m02 m01 m00a m00 ");
}

static void test_deleting_a_meeting_takes_all_that_belongs_to_it(void **state) {
    struct bench *bench = *state;
    bench_result(bench, meeting_op("m1", "", CV_KIND_INSTANT, AT(10)));
    bench_result(bench, link_op("l1", "m1", "secret"));
    bench_session(bench, "m1", 1, AT(20), 0);
    bench_result(bench, participant_op("m1", "p1", 1, AT(20)));
    struct cv_store_op block = {.kind = CV_STORE_BLOCK_SAVE,
                                .block_save = {id_of("m1"), {.link = id_of("l1"), .at_us = 1}}};
    bench_result(bench, block);

    struct cv_store_op op = {.kind = CV_STORE_MEETING_DELETE, .meeting_delete = {id_of("m1")}};
    bench_result(bench, op);
    assert_int_equal(bench_err(bench, op), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, resolve("secret")), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_result(bench, list_links("m1"))->links.count, 0);
    struct cv_store_op load = {.kind = CV_STORE_MEETING_LOAD};
    assert_int_equal(bench_result(bench, load)->live.count, 0);
    struct cv_store_op records = {.kind = CV_STORE_RECORD_LIST, .record_list = {.limit = 1}};
    assert_int_equal(bench_result(bench, records)->records.count, 0);
    struct cv_store_op blocks = {.kind = CV_STORE_BLOCK_LIST, .block_list = {id_of("m1")}};
    assert_int_equal(bench_result(bench, blocks)->blocks.count, 0);
}

static void test_unused_instant_meetings_are_purged(void **state) {
    struct bench *bench = *state;
    const int64_t over_us = AT(10) + 6 * CV_US_PER_HOUR;
    bench_result(bench, user_op("u1", "ana@example.org"));
    bench_result(bench, meeting_op("unused", "", CV_KIND_INSTANT, AT(10)));
    bench_result(bench, meeting_op("owned", "u1", CV_KIND_INSTANT, AT(10)));
    bench_result(bench, meeting_op("newer", "", CV_KIND_INSTANT, AT(11)));
    bench_result(bench, meeting_op("booked", "u1", CV_KIND_SCHEDULED, AT(10)));
    bench_result(bench, meeting_op("used", "", CV_KIND_INSTANT, AT(10)));
    bench_session(bench, "used", 1, AT(20), AT(30));
    bench_result(bench, meeting_op("owned-used", "u1", CV_KIND_INSTANT, AT(10)));
    bench_session(bench, "owned-used", 1, AT(20), AT(30));
    bench_result(bench, meeting_op("waiting", "", CV_KIND_INSTANT, AT(10)));
    bench_result(bench, participant_op("waiting", "p1", 0, AT(12)));

    struct cv_store_op op = {.kind = CV_STORE_MEETING_PURGE, .meeting_purge = {over_us}};
    assert_int_equal(bench_result(bench, op)->count, 2);
    assert_int_equal(bench_err(bench, get("unused")), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, get("owned")), CV_ERR_NOT_FOUND);
    bench_result(bench, get("newer"));

    struct cv_store_op records = {.kind = CV_STORE_RECORD_PURGE, .record_purge = {AT(31)}};
    assert_int_equal(bench_result(bench, records)->count, 2);
    assert_int_equal(bench_result(bench, op)->count, 1);
    assert_int_equal(bench_err(bench, get("used")), CV_ERR_NOT_FOUND);
    /* A session whose record is gone reads as over. */
    const struct cv_meeting_record *record =
        &bench_result(bench, get("owned-used"))->meeting.record;
    assert_int_equal(record->session, 1);
    assert_int_equal(record->session_started_at_us, AT(10));
    assert_int_equal(record->session_ended_at_us, AT(10));
}

static void test_a_link_resolves_to_its_meeting_and_owner(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    struct cv_store_op op = link_op("l1", "m1", "secret");
    op.link_create.role = CV_ROLE_MODERATOR;
    op.link_create.label = TEXT("Bo");
    op.link_create.shared = true;
    assert_int_equal(bench_err(bench, op), CV_ERR_NOT_FOUND);
    struct cv_store_op batch[] = {meeting_op("m1", "u1", CV_KIND_SCHEDULED, AT(5000)), op};
    assert_int_equal(bench_ask(bench, batch, 2)->err, CV_OK);

    const struct cv_store_result *result = bench_result(bench, resolve("secret"));
    assert_id(result->link.link.id, "l1");
    assert_id(result->link.link.meeting, "m1");
    assert_int_equal(result->link.link.role, CV_ROLE_MODERATOR);
    assert_text(result->link.link.label, "Bo");
    assert_true(result->link.link.shared);
    assert_int_equal(result->link.link.created_at_us, AT(30));
    assert_int_equal(result->link.link.secret_hash.size, 0);
    assert_id(result->link.meeting.record.id, "m1");
    assert_string_equal(result->link.meeting.record.title, "Title of m1");
    assert_text(result->link.meeting.owner_name, "Ana");
    assert_int_equal(result->link.meeting.record.schedule.starts_at_us, AT(5000));

    assert_int_equal(bench_err(bench, resolve("other")), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, link_op("l1", "m1", "another")), CV_ERR_EXISTS);
    assert_int_equal(bench_err(bench, link_op("l2", "m1", "secret")), CV_ERR_EXISTS);
}

static void test_a_revoked_link_resolves_no_more(void **state) {
    struct bench *bench = *state;
    bench_result(bench, meeting_op("m1", "", CV_KIND_INSTANT, AT(10)));
    bench_result(bench, meeting_op("m2", "", CV_KIND_INSTANT, AT(10)));
    bench_result(bench, link_op("l1", "m1", "secret"));
    struct cv_store_op revoke = {.kind = CV_STORE_LINK_REVOKE,
                                 .link_revoke = {id_of("m2"), id_of("l1"), AT(40)}};
    assert_int_equal(bench_err(bench, revoke), CV_ERR_NOT_FOUND);
    bench_result(bench, resolve("secret"));
    revoke.link_revoke.meeting = id_of("m1");
    bench_result(bench, revoke);
    revoke.link_revoke.revoked_at_us = AT(50);
    bench_result(bench, revoke);
    assert_int_equal(bench_err(bench, resolve("secret")), CV_ERR_NOT_FOUND);
    const struct cv_store_result *result = bench_result(bench, list_links("m1"));
    assert_int_equal(result->links.count, 1);
    assert_int_equal(result->links.items[0].revoked_at_us, AT(40));
    assert_int_equal(result->links.items[0].secret_hash.size, 0);
}

static void test_last_use_of_a_link_is_kept_to_the_hour(void **state) {
    struct bench *bench = *state;
    bench_result(bench, meeting_op("m1", "", CV_KIND_INSTANT, AT(10)));
    bench_result(bench, link_op("l1", "m1", "secret"));
    struct cv_store_op touch = {.kind = CV_STORE_LINK_TOUCH,
                                .link_touch = {id_of("l1"), AT(3 * 3600 + 5)}};
    bench_result(bench, touch);
    assert_int_equal(bench_result(bench, resolve("secret"))->link.link.used_at_us, AT(3 * 3600));
    touch.link_touch.id = id_of("l2");
    bench_result(bench, touch);
}

static void test_a_meeting_has_so_many_links_at_most(void **state) {
    struct bench *bench = *state;
    bench_result(bench, meeting_op("m1", "", CV_KIND_INSTANT, AT(10)));
    struct cv_store_op batch[100];
    char words[100][CV_STORE_HASH_BYTES];
    for (int i = 0; i <= CV_STORE_LINKS_MAX; i += 100) {
        for (int j = 0; j < 100; j++) {
            memset(words[j], '.', sizeof words[j]);
            snprintf(words[j], sizeof words[j], "s%04d", i + j);
            batch[j] = link_op(words[j], "m1", "");
            batch[j].link_create.secret_hash = cv_slice_of(words[j], sizeof words[j]);
        }
        enum cv_err expected = i < CV_STORE_LINKS_MAX ? CV_OK : CV_ERR_FULL;
        assert_int_equal(bench_ask(bench, batch, 100)->err, expected);
    }
    assert_int_equal(bench_result(bench, list_links("m1"))->links.count, CV_STORE_LINKS_MAX);
}

static void test_a_batch_happens_whole_or_not_at_all(void **state) {
    struct bench *bench = *state;
    struct cv_store_op batch[] = {meeting_op("m1", "", CV_KIND_INSTANT, AT(10)),
                                  link_op("l1", "m1", "a"), link_op("l2", "m1", "b"),
                                  link_op("l3", "m1", "a") /* the secret of l1 */};
    const struct cv_store_answer *answer = bench_ask(bench, batch, 4);
    assert_int_equal(answer->err, CV_ERR_EXISTS);
    assert_int_equal(answer->failed, 3);
    assert_int_equal(bench_err(bench, get("m1")), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, resolve("a")), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_ask(bench, batch, 3)->err, CV_OK);
    bench_result(bench, resolve("b"));
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_a_meeting_comes_back_as_it_was_made),
        BENCH_TEST(test_an_instant_meeting_needs_no_owner),
        BENCH_TEST(test_saving_changes_what_may_change),
        BENCH_TEST(test_lists_tell_upcoming_past_and_rooms),
        BENCH_TEST(test_pages_stay_stable_while_meetings_come_and_go),
        BENCH_TEST(test_deleting_a_meeting_takes_all_that_belongs_to_it),
        BENCH_TEST(test_unused_instant_meetings_are_purged),
        BENCH_TEST(test_a_link_resolves_to_its_meeting_and_owner),
        BENCH_TEST(test_a_revoked_link_resolves_no_more),
        BENCH_TEST(test_last_use_of_a_link_is_kept_to_the_hour),
        BENCH_TEST(test_a_meeting_has_so_many_links_at_most),
        BENCH_TEST(test_a_batch_happens_whole_or_not_at_all),
    };
    bench_choose(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
