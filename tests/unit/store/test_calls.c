/* SPDX-License-Identifier: Apache-2.0 */
/* Who is and was in: recovery and call data records, with either store. */
#include "bench.h"

#include <stdio.h>

static const struct cv_store_op load = {.kind = CV_STORE_MEETING_LOAD};

static struct cv_store_op records(const char *meeting, int32_t limit) {
    return (struct cv_store_op){.kind = CV_STORE_RECORD_LIST,
                                .record_list = {.meeting = id_of(meeting), .limit = limit}};
}

static struct cv_store_op resume(const char *id, const char *hash, const char *old) {
    struct cv_store_op op = {.kind = CV_STORE_PARTICIPANT_RESUME,
                             .participant_resume = {.id = id_of(id), .resume_hash = hash_of(hash)}};
    if (old)
        op.participant_resume.resume_old_hash = hash_of(old);
    return op;
}

static struct cv_store_op address(const char *id, const char *text) {
    return (struct cv_store_op){.kind = CV_STORE_PARTICIPANT_ADDRESS,
                                .participant_address = {.id = id_of(id),
                                                        .address = TEXT(text),
                                                        .country = TEXT("AT"),
                                                        .network = TEXT("Example Net")}};
}

static struct cv_store_op connection(const char *participant, const char *peer,
                                     enum cv_connection_state state, int64_t at_us) {
    return (struct cv_store_op){
        .kind = CV_STORE_CONNECTION_ADD,
        .connection_add = {id_of(participant), id_of(peer), state,
                           state == CV_CONNECTION_CONNECTED ? CV_PATH_RELAY : CV_PATH_UNKNOWN,
                           at_us}};
}

static struct cv_store_op stats(const char *participant, const char *peer, int64_t lost) {
    return (struct cv_store_op){
        .kind = CV_STORE_STATS_SAVE,
        .stats_save = {.participant = id_of(participant),
                       .peer = id_of(peer),
                       .audio = {.packets_sent = 1000, .packets_lost = lost, .jitter_ms = 1.5},
                       .video = {.bytes_received = INT64_C(1) << 40, .rtt_ms = 20.25},
                       .at_us = AT(60)}};
}

static struct cv_store_op block_link(const char *meeting, const char *link, int64_t at_us) {
    return (struct cv_store_op){
        .kind = CV_STORE_BLOCK_SAVE,
        .block_save = {id_of(meeting), {.link = id_of(link), .at_us = at_us}}};
}

static struct cv_store_op block_person(const char *meeting, const char *participant,
                                       uint32_t session) {
    return (struct cv_store_op){
        .kind = CV_STORE_BLOCK_SAVE,
        .block_save = {id_of(meeting),
                       {.participant = id_of(participant), .session = session, .at_us = AT(55)}}};
}

/* Two in m1, one of them resumed once; one waits in m2; m3 is over; m4 was never entered. */
static void set_up_meetings(struct bench *bench) {
    bench_result(bench, user_op("u1", "ana@example.org"));
    bench_result(bench, meeting_op("m1", "u1", CV_KIND_ROOM, AT(10)));
    bench_result(bench, meeting_op("m2", "", CV_KIND_INSTANT, AT(10)));
    bench_result(bench, meeting_op("m3", "", CV_KIND_INSTANT, AT(10)));
    bench_result(bench, meeting_op("m4", "", CV_KIND_INSTANT, AT(10)));
    bench_session(bench, "m1", 3, AT(50), 0);
    bench_session(bench, "m3", 1, AT(40), AT(45));
    bench_result(bench, link_op("l1", "m1", "secret"));

    struct cv_store_op host = participant_op("m1", "host", 3, AT(51));
    host.participant_save.record.account = id_of("u1");
    host.participant_save.record.role = host.participant_save.record.own_role = CV_ROLE_HOST;
    struct cv_store_op guest = participant_op("m1", "guest", 3, AT(50));
    guest.participant_save.record.link = id_of("l1");
    guest.participant_save.record.shared = guest.participant_save.record.hide_address = true;
    bench_result(bench, host);
    bench_result(bench, guest);
    bench_result(bench, resume("guest", "new", "old"));
    bench_result(bench, address("guest", "2001:db8::1"));
    bench_result(bench, participant_op("m2", "waiting", 0, AT(52)));
    bench_result(bench, left_op(participant_op("m3", "left", 1, AT(40)), CV_GONE_LEFT, AT(45)));
    bench_result(bench, block_link("m1", "l9", AT(54)));
    bench_result(bench, block_person("m1", "gone", 3));
}

static void test_live_meetings_load_as_they_were(void **state) {
    struct bench *bench = *state;
    set_up_meetings(bench);
    const struct cv_store_result *result = bench_result(bench, load);
    assert_int_equal(result->live.count, 2);
    const struct cv_store_live *live = &result->live.items[0];
    assert_id(live->meeting.record.id, "m1");
    assert_int_equal(live->meeting.record.session, 3);
    assert_int_equal(live->meeting.record.session_started_at_us, AT(50));
    assert_int_equal(live->meeting.record.session_ended_at_us, 0);
    assert_text(live->meeting.owner_name, "Ana");
    assert_int_equal(live->participant_count, 2);

    const struct cv_participant_record *guest = &live->participants[0];
    assert_id(guest->id, "guest");
    assert_id(guest->link, "l1");
    assert_id(guest->account, "");
    assert_true(guest->shared && guest->hide_address);
    assert_int_equal(guest->own_role, CV_ROLE_GUEST);
    assert_int_equal(guest->session, 3);
    assert_int_equal(guest->came_at_us, AT(50));
    assert_int_equal(guest->joined_at_us, AT(50));
    assert_int_equal(guest->gone, CV_GONE_NOT);
    assert_string_equal(guest->name, "Name of guest");
    assert_memory_equal(live->attachments[0].resume_hash.data, hash_of("new").data, 32);
    assert_memory_equal(live->attachments[0].resume_old_hash.data, hash_of("old").data, 32);
    assert_text(live->attachments[0].address, "2001:db8::1");
    assert_text(live->attachments[0].country, "AT");
    assert_text(live->attachments[0].network, "Example Net");
    assert_id(live->participants[1].account, "u1");
    assert_int_equal(live->participants[1].role, CV_ROLE_HOST);
    assert_int_equal(live->attachments[1].resume_hash.size, 0);

    assert_int_equal(live->block_count, 2);
    assert_id(live->blocks[0].link, "l9");
    assert_id(live->blocks[0].participant, "");
    assert_id(live->blocks[1].participant, "gone");
    assert_int_equal(live->blocks[1].session, 3);

    live = &result->live.items[1];
    assert_id(live->meeting.record.id, "m2");
    assert_int_equal(live->meeting.record.session, 0);
    assert_int_equal(live->participant_count, 1);
    assert_int_equal(live->participants[0].joined_at_us, 0);
    assert_int_equal(live->block_count, 0);
}

static void test_a_participant_changes_and_leaves(void **state) {
    struct bench *bench = *state;
    set_up_meetings(bench);
    struct cv_store_op op = participant_op("m1", "guest", 3, AT(50));
    op.participant_save.record.role = CV_ROLE_MODERATOR;
    snprintf(op.participant_save.record.name, CV_NAME_BYTES, "Renamed");
    bench_result(bench, op);
    const struct cv_store_live *live = bench_result(bench, load)->live.items;
    assert_string_equal(live->participants[0].name, "Renamed");
    assert_int_equal(live->participants[0].role, CV_ROLE_MODERATOR);
    assert_int_equal(live->participants[0].own_role, CV_ROLE_GUEST);
    /* Saving the record leaves how they are connected. */
    assert_memory_equal(live->attachments[0].resume_hash.data, hash_of("new").data, 32);
    assert_text(live->attachments[0].address, "2001:db8::1");

    bench_result(bench, left_op(op, CV_GONE_REMOVED, AT(70)));
    live = bench_result(bench, load)->live.items;
    assert_int_equal(live->participant_count, 1);
    assert_int_equal(bench_err(bench, resume("guest", "x", NULL)), CV_ERR_NOT_FOUND);
    const struct cv_store_record *record = bench_result(bench, records("m1", 1))->records.items;
    assert_int_equal(record->participants[0].gone, CV_GONE_REMOVED);
    assert_int_equal(record->participants[0].left_at_us, AT(70));
    assert_text(record->attachments[0].address, "2001:db8::1");
}

static void test_who_waited_and_left_leaves_no_trace(void **state) {
    struct bench *bench = *state;
    set_up_meetings(bench);
    struct cv_store_op op = participant_op("m2", "waiting", 0, AT(52));
    bench_result(bench, left_op(op, CV_GONE_DENIED, AT(60)));
    bench_result(bench, left_op(op, CV_GONE_DENIED, AT(60)));
    assert_int_equal(bench_result(bench, load)->live.count, 1);
    assert_int_equal(bench_err(bench, address("waiting", "192.0.2.1")), CV_ERR_NOT_FOUND);
}

static void test_participants_need_meeting_session_and_account(void **state) {
    struct bench *bench = *state;
    set_up_meetings(bench);
    assert_int_equal(bench_err(bench, participant_op("m9", "p", 0, AT(1))), CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, participant_op("m1", "p", 2, AT(1))), CV_ERR_NOT_FOUND);
    struct cv_store_op op = participant_op("m1", "p", 3, AT(1));
    op.participant_save.record.account = id_of("u9");
    assert_int_equal(bench_err(bench, op), CV_ERR_NOT_FOUND);
    op.participant_save.record.gone = CV_GONE_LEFT;
    assert_int_equal(cv_store_submit(bench->store, &op, 1, NULL, NULL), CV_ERR_RANGE);
    assert_int_equal(bench_err(bench, block_link("m9", "l1", 1)), CV_ERR_NOT_FOUND);
}

static void test_a_session_begins_and_ends_with_the_meeting_saved(void **state) {
    struct bench *bench = *state;
    set_up_meetings(bench);
    bench_session(bench, "m1", 3, AT(50), AT(80));
    const struct cv_store_result *result = bench_result(bench, records("m1", 10));
    assert_int_equal(result->records.count, 1);
    assert_int_equal(result->records.items[0].session, 3);
    assert_int_equal(result->records.items[0].started_at_us, AT(50));
    assert_int_equal(result->records.items[0].ended_at_us, AT(80));
    assert_text(result->records.items[0].title, "Title of m1");
    /* The blocks of that session are lifted, those of a link are not. */
    struct cv_store_op blocks = {.kind = CV_STORE_BLOCK_LIST, .block_list = {id_of("m1")}};
    result = bench_result(bench, blocks);
    assert_int_equal(result->blocks.count, 1);
    assert_id(result->blocks.items[0].link, "l9");
    bench_result(bench, block_link("m1", "l9", AT(99)));
    assert_int_equal(bench_result(bench, blocks)->blocks.count, 1);

    bench_session(bench, "m1", 4, AT(90), 0);
    result = bench_result(bench, records("m1", 10));
    assert_int_equal(result->records.count, 2);
    assert_int_equal(result->records.items[0].session, 4);
    assert_int_equal(result->records.items[0].ended_at_us, 0);
}

static void test_an_old_session_whose_record_is_gone_stays_gone(void **state) {
    struct bench *bench = *state;
    set_up_meetings(bench);
    struct cv_store_op purge = {.kind = CV_STORE_RECORD_PURGE, .record_purge = {AT(46)}};
    assert_int_equal(bench_result(bench, purge)->count, 1);
    bench_session(bench, "m3", 1, AT(40), AT(45));
    assert_int_equal(bench_result(bench, records("m3", 10))->records.count, 0);
    bench_session(bench, "m3", 2, AT(60), AT(61));
    assert_int_equal(bench_result(bench, records("m3", 10))->records.count, 1);
}

static void test_a_record_holds_connections_and_statistics(void **state) {
    struct bench *bench = *state;
    set_up_meetings(bench);
    bench_result(bench, connection("guest", "host", CV_CONNECTION_CONNECTING, AT(52)));
    bench_result(bench, connection("host", "guest", CV_CONNECTION_CONNECTING, AT(52)));
    bench_result(bench, connection("guest", "host", CV_CONNECTION_CONNECTED, AT(53)));
    bench_result(bench, stats("guest", "host", 1));
    bench_result(bench, stats("guest", "host", -7));
    bench_result(bench, stats("host", "guest", 2));
    assert_int_equal(bench_err(bench, connection("guest", "x", CV_CONNECTION_CLOSED, AT(1))),
                     CV_ERR_NOT_FOUND);
    assert_int_equal(bench_err(bench, stats("x", "guest", 0)), CV_ERR_NOT_FOUND);

    const struct cv_store_record *record = bench_result(bench, records("m1", 10))->records.items;
    assert_int_equal(record->participant_count, 2);
    assert_int_equal(record->attachments[0].resume_hash.size, 0);
    assert_int_equal(record->connection_count, 3);
    assert_id(record->connections[2].participant, "guest");
    assert_id(record->connections[2].peer, "host");
    assert_int_equal(record->connections[2].state, CV_CONNECTION_CONNECTED);
    assert_int_equal(record->connections[2].path, CV_PATH_RELAY);
    assert_int_equal(record->connections[2].at_us, AT(53));
    assert_int_equal(record->connections[0].path, CV_PATH_UNKNOWN);
    assert_int_equal(record->stats_count, 2);
    assert_id(record->stats[0].participant, "guest");
    assert_int_equal(record->stats[0].audio.packets_sent, 1000);
    assert_int_equal(record->stats[0].audio.packets_lost, -7);
    assert_true(record->stats[0].audio.jitter_ms == 1.5);
    assert_int_equal(record->stats[0].video.bytes_received, INT64_C(1) << 40);
    assert_true(record->stats[0].video.rtt_ms == 20.25);
    assert_int_equal(record->stats[0].at_us, AT(60));
}

static struct cv_store_op mode(const char *meeting, uint32_t session, enum cv_call_mode to,
                               int64_t at_us) {
    return (struct cv_store_op){.kind = CV_STORE_MODE_ADD,
                                .mode_add = {id_of(meeting), {session, to, at_us}}};
}

static void test_a_record_holds_modes_and_connections_to_the_server(void **state) {
    struct bench *bench = *state;
    set_up_meetings(bench);
    bench_result(bench, mode("m1", 3, CV_CALL_RELAYED, AT(60)));
    bench_result(bench, mode("m1", 3, CV_CALL_DIRECT, AT(70)));
    assert_int_equal(bench_err(bench, mode("m1", 4, CV_CALL_DIRECT, AT(70))), CV_ERR_NOT_FOUND);
    struct cv_store_op up = connection("guest", "", CV_CONNECTION_CONNECTED, AT(61));
    up.connection_add.path = CV_PATH_TCP;
    bench_result(bench, up);
    bench_result(bench, stats("guest", "", 4));
    bench_result(bench, stats("guest", "", 7));
    const struct cv_store_record *record = bench_result(bench, records("m1", 1))->records.items;
    assert_int_equal(record->mode_count, 2);
    assert_int_equal(record->modes[0].mode, CV_CALL_RELAYED);
    assert_int_equal(record->modes[1].mode, CV_CALL_DIRECT);
    assert_int_equal(record->modes[1].at_us, AT(70));
    assert_int_equal(record->connection_count, 1);
    assert_id(record->connections[0].peer, "");
    assert_int_equal(record->connections[0].path, CV_PATH_TCP);
    assert_int_equal(record->stats_count, 1);
    assert_int_equal(record->stats[0].audio.packets_lost, 7);
    for (int i = 0; i < CV_STORE_MODES_MAX; i++)
        bench_result(bench, mode("m1", 3, CV_CALL_DIRECT, AT(80)));
    record = bench_result(bench, records("m1", 1))->records.items;
    assert_int_equal(record->mode_count, CV_STORE_MODES_MAX);
    assert_int_equal(record->modes[0].at_us, AT(80));
}

static void test_what_relayed_calls_need_outlives_a_restart(void **state) {
    struct bench *bench = *state;
    set_up_meetings(bench);
    struct cv_store_op guest = participant_op("m1", "guest", 3, AT(50));
    guest.participant_save.record.hand = true;
    guest.participant_save.record.silenced = 5;
    guest.participant_save.record.via = CV_VIA_WHEP;
    guest.participant_save.record.until_us = AT(500);
    bench_result(bench, guest);
    struct cv_store_op save = save_op(&bench_result(bench, load)->live.items[0].meeting.record);
    save.meeting_save.record.mode = CV_CALL_RELAYED;
    save.meeting_save.record.relay_asked = true;
    bench_result(bench, save);
    const struct cv_store_live *live = bench_result(bench, load)->live.items;
    assert_true(live->participants[0].hand);
    assert_int_equal(live->participants[0].silenced, 5);
    assert_int_equal(live->participants[0].via, CV_VIA_WHEP);
    assert_int_equal(live->participants[0].until_us, AT(500));
    assert_int_equal(live->meeting.record.mode, CV_CALL_RELAYED);
    assert_true(live->meeting.record.relay_asked);
}

static void test_the_newest_connections_are_kept(void **state) {
    struct bench *bench = *state;
    set_up_meetings(bench);
    struct cv_store_op batch[101];
    for (int i = 0; i < 5; i++) {
        for (int j = 0; j < 101; j++)
            batch[j] = connection("guest", "host", CV_CONNECTION_FAILED, AT(100 + i * 101 + j));
        assert_int_equal(bench_ask(bench, batch, 101)->err, CV_OK);
    }
    const struct cv_store_record *record = bench_result(bench, records("m1", 10))->records.items;
    assert_int_equal(record->connection_count, CV_STORE_CONNECTIONS_MAX);
    assert_int_equal(record->connections[0].at_us, AT(105));
    assert_int_equal(record->connections[CV_STORE_CONNECTIONS_MAX - 1].at_us, AT(604));
}

static void test_records_are_filtered_and_paged(void **state) {
    struct bench *bench = *state;
    bench_result(bench, user_op("u1", "ana@example.org"));
    bench_result(bench, meeting_op("m1", "u1", CV_KIND_ROOM, AT(10)));
    bench_result(bench, meeting_op("m2", "", CV_KIND_INSTANT, AT(10)));
    for (uint32_t i = 1; i <= 10; i++) {
        bench_session(bench, "m1", i, AT(100 + i), AT(101 + i));
        bench_session(bench, "m2", i, AT(100 + i), AT(101 + i));
    }
    struct cv_store_op op = records("", 8);
    char cursor[CV_STORE_CURSOR_MAX_BYTES + 1];
    size_t seen = 0;
    for (bool more = true; more;) {
        const struct cv_store_result *result = bench_result(bench, op);
        for (size_t i = 0; i < result->records.count; i++, seen++) {
            assert_int_equal(result->records.items[i].session, 10 - seen / 2);
            assert_id(result->records.items[i].meeting, seen % 2 ? "m1" : "m2");
        }
        more = result->records.next.size > 0;
        snprintf(cursor, sizeof cursor, "%s", more ? (const char *)result->records.next.data : "");
        op.record_list.cursor = TEXT(cursor);
    }
    assert_int_equal(seen, 20);

    op = records("m2", 100);
    op.record_list.from_us = AT(103);
    op.record_list.until_us = AT(106);
    assert_int_equal(bench_result(bench, op)->records.count, 3);
    op = records("", 100);
    op.record_list.owner = id_of("u1");
    assert_int_equal(bench_result(bench, op)->records.count, 10);
    op.record_list.meeting = id_of("m2");
    assert_int_equal(bench_result(bench, op)->records.count, 0);
}

static void test_records_are_deleted_by_age(void **state) {
    struct bench *bench = *state;
    set_up_meetings(bench);
    bench_result(bench, left_op(participant_op("m1", "early", 3, AT(50)), CV_GONE_LEFT, AT(55)));
    bench_result(bench, connection("early", "guest", CV_CONNECTION_CLOSED, AT(55)));
    struct cv_store_op purge = {.kind = CV_STORE_RECORD_PURGE, .record_purge = {AT(45)}};
    assert_int_equal(bench_result(bench, purge)->count, 0);
    purge.record_purge.before_us = AT(56);
    /* The session of m3, and the stay of one who left a session that goes on. */
    assert_int_equal(bench_result(bench, purge)->count, 2);
    assert_int_equal(bench_result(bench, records("m3", 10))->records.count, 0);
    const struct cv_store_record *record = bench_result(bench, records("m1", 10))->records.items;
    assert_int_equal(record->participant_count, 2);
    assert_int_equal(record->connection_count, 0);
}

static void test_the_oldest_records_go_first_when_room_is_needed(void **state) {
    struct bench *bench = *state;
    set_up_meetings(bench);
    bench_session(bench, "m2", 1, AT(30), AT(41));
    bench_session(bench, "m4", 1, AT(20), AT(48));
    struct cv_store_op trim = {.kind = CV_STORE_RECORD_TRIM, .record_trim = {2}};
    assert_int_equal(bench_result(bench, trim)->count, 2);
    const struct cv_store_result *result = bench_result(bench, records("", 10));
    assert_int_equal(result->records.count, 2);
    assert_id(result->records.items[0].meeting, "m1");
    assert_id(result->records.items[1].meeting, "m4");
    assert_int_equal(bench_result(bench, trim)->count, 1);
    /* What goes on is not touched. */
    assert_int_equal(bench_result(bench, trim)->count, 0);
    assert_int_equal(bench_result(bench, load)->live.count, 2);
}

int main(int argc, char **argv) {
    const struct CMUnitTest tests[] = {
        BENCH_TEST(test_live_meetings_load_as_they_were),
        BENCH_TEST(test_a_participant_changes_and_leaves),
        BENCH_TEST(test_who_waited_and_left_leaves_no_trace),
        BENCH_TEST(test_participants_need_meeting_session_and_account),
        BENCH_TEST(test_a_session_begins_and_ends_with_the_meeting_saved),
        BENCH_TEST(test_an_old_session_whose_record_is_gone_stays_gone),
        BENCH_TEST(test_a_record_holds_connections_and_statistics),
        BENCH_TEST(test_a_record_holds_modes_and_connections_to_the_server),
        BENCH_TEST(test_what_relayed_calls_need_outlives_a_restart),
        BENCH_TEST(test_the_newest_connections_are_kept),
        BENCH_TEST(test_records_are_filtered_and_paged),
        BENCH_TEST(test_records_are_deleted_by_age),
        BENCH_TEST(test_the_oldest_records_go_first_when_room_is_needed),
    };
    bench_choose(argc, argv);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
