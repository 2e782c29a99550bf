/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "ipc/relay.h"

#include <unistd.h>

static int ends[2];
static struct cv_buf space;
static struct cv_ipc_relay_message sent;
static struct cv_ipc_relay_message got;

static int open_pair(void **state) {
    (void)state;
    return cv_ipc_pair(ends);
}

static int close_pair(void **state) {
    (void)state;
    close(ends[0]);
    close(ends[1]);
    cv_buf_release(&space);
    return 0;
}

static struct cv_id id(const char *text) {
    struct cv_id made = {0};
    assert_int_equal(cv_id_parse(cv_slice_str(text), &made), CV_OK);
    return made;
}

/* Sends `sent` and reads it into `got`. */
static enum cv_err pass(enum cv_ipc_relay_side from) {
    struct cv_ipc_message message;
    assert_int_equal(cv_ipc_relay_send(ends[0], &sent), CV_OK);
    assert_int_equal(cv_ipc_receive(ends[1], &space, &message), CV_OK);
    return cv_ipc_relay_read(&message, from, &got);
}

static void make_offer(void) {
    cv_ipc_relay_init(&sent, CV_IPC_RELAY_OFFER);
    sent.offer.request = 9;
    sent.offer.peer.meeting = id("m_1");
    sent.offer.peer.participant = id("p_1");
    memcpy(sent.offer.peer.session, "first", 5);
    sent.offer.peer.audio = true;
    sent.sdp = cv_slice_str("v=0\r\n");
}

static void test_offer_and_answer(void **state) {
    static char large[64 * 1024 + 1];
    (void)state;
    make_offer();
    memset(large, 'a', sizeof large - 1);
    sent.sdp = cv_slice_str(large);
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_OK);
    assert_int_equal(got.type, CV_IPC_RELAY_OFFER);
    assert_int_equal(got.offer.request, 9);
    assert_string_equal(got.offer.peer.session, "first");
    assert_true(got.offer.peer.audio);
    assert_false(got.offer.peer.video);
    assert_true(cv_slice_eq(got.sdp, sent.sdp));

    cv_ipc_relay_init(&sent, CV_IPC_RELAY_ANSWER);
    sent.answer.request = 9;
    sent.answer.err = (uint32_t)CV_ERR_FULL;
    memcpy(sent.answer.problem, "no room", 7);
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_OK);
    assert_int_equal((enum cv_err)got.answer.err, CV_ERR_FULL);
    assert_string_equal(got.answer.problem, "no room");
    assert_int_equal(got.sdp.size, 0);
}

/* Lists are sent as long as they are. */
static void test_lists(void **state) {
    (void)state;
    cv_ipc_relay_init(&sent, CV_IPC_RELAY_WANT);
    sent.want.participant = id("p_1");
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_OK);
    assert_int_equal(got.want.count, 0);
    sent.want.count = CV_IPC_RELAY_MAX_WANTS;
    for (unsigned i = 0; i < CV_IPC_RELAY_MAX_WANTS; i++) {
        sent.want.items[i] = (struct cv_relay_want){
            .mid = "5", .participant = id("p_2"), .source = CV_SOURCE_SCREEN, .width = 320};
    }
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_OK);
    assert_int_equal(got.want.items[CV_IPC_RELAY_MAX_WANTS - 1].width, 320);

    cv_ipc_relay_init(&sent, CV_IPC_RELAY_EVENT);
    sent.event.type = CV_RELAY_SLOTS;
    sent.event.meeting = id("m_1");
    sent.event.participant = id("p_1");
    sent.event.slots.count = 2;
    memcpy(sent.event.slots.items[0].mid, "4", 1);
    memcpy(sent.event.slots.items[1].mid, "5", 1);
    sent.event.slots.items[1].participant = id("p_2");
    sent.event.slots.items[1].state = CV_SLOT_STARVED;
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_OK);
    assert_int_equal(got.event.slots.count, 2);
    assert_int_equal(got.event.slots.items[1].state, CV_SLOT_STARVED);
    assert_string_equal(got.event.slots.items[1].participant.text, "p_2");
}

static void test_each_side_has_its_own(void **state) {
    (void)state;
    make_offer();
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_ERR_TYPE);
    cv_ipc_relay_init(&sent, CV_IPC_RELAY_READY);
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_ERR_TYPE);
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_OK);
    sent.type = CV_IPC_RELAY_STATS + 1;
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_ERR_TYPE);
}

/* One wrong thing at a time, in messages that are good otherwise. */
static void test_what_is_checked(void **state) {
    (void)state;
    make_offer();
    memset(sent.offer.peer.session, 'x', sizeof sent.offer.peer.session);
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_ERR_RANGE);
    make_offer();
    sent.offer.peer.session[10] = 'x'; /* behind the end of the text */
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_ERR_RANGE);
    make_offer();
    sent.offer.peer.meeting = (struct cv_id){0};
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_ERR_RANGE);
    make_offer();
    memset(&sent.offer.peer.screen, 2, 1);
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_ERR_RANGE);
    make_offer();
    memcpy(sent.offer.peer.participant.text, "p 1", 3);
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_ERR_RANGE);

    cv_ipc_relay_init(&sent, CV_IPC_RELAY_HELLO);
    sent.hello.limits.peer_max_bps = 1;
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_ERR_RANGE);
    sent.hello.address_count = CV_IPC_RELAY_MAX_ADDRESSES + 1;
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_ERR_RANGE);
    sent.hello.address_count = 1;
    sent.hello.addresses[0] = cv_addr_v4((const uint8_t[]){127, 0, 0, 1}, 5000);
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_OK);
    sent.hello.addresses[0].family = 9;
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_ERR_RANGE);

    cv_ipc_relay_init(&sent, CV_IPC_RELAY_EVENT);
    sent.event.type = CV_RELAY_PEER;
    sent.event.meeting = id("m_1");
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_ERR_RANGE);
    sent.event.participant = id("p_1");
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_OK);
    sent.event.peer.reason = CV_TRANSPORT_OUT_OF_MEMORY + 1;
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_ERR_RANGE);
    sent.event.type = CV_RELAY_WATCHED + 1;
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_ERR_RANGE);
}

static void make_known(void) {
    cv_ipc_relay_init(&sent, CV_IPC_RELAY_KNOWN);
    sent.known.config.meeting = id("m_1");
    sent.known.config.participant = id("p_1");
    memcpy(sent.known.config.session, "first", 5);
    memcpy(sent.known.ufrag, "abcdefgh", 8);
    sent.known.rid_count = CV_SDP_MAX_RIDS;
    for (size_t i = 0; i < CV_SDP_MAX_RIDS; i++)
        sent.known.rids[i][0] = (char)('a' + i);
}

static void test_who_is_known(void **state) {
    (void)state;
    make_known();
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_OK);
    assert_string_equal(got.known.ufrag, "abcdefgh");
    assert_string_equal(got.known.rids[3], "d");
    sent.known.rid_count++;
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_ERR_RANGE);
    make_known();
    sent.known.rids[1][0] = '"';
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_ERR_RANGE);
    make_known();
    sent.known.rids[1][0] = 0;
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_ERR_RANGE);
    make_known();
    sent.known.ufrag[0] = '\n';
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_ERR_RANGE);
    make_known();
    memset(sent.known.ufrag, 'x', sizeof sent.known.ufrag);
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_ERR_RANGE);
    make_known();
    sent.known.config.participant = (struct cv_id){0};
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_ERR_RANGE);
}

static void make_restart(void) {
    cv_ipc_relay_init(&sent, CV_IPC_RELAY_RESTART);
    sent.restart.request = 7;
    sent.restart.participant = id("p_1");
    memset(sent.restart.ufrag, 'u', CV_ICE_MAX_UFRAG_CHARS);
}

static void test_restarts(void **state) {
    (void)state;
    make_restart();
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_OK);
    assert_int_equal(got.restart.request, 7);
    assert_int_equal(strlen(got.restart.ufrag), CV_ICE_MAX_UFRAG_CHARS);
    assert_int_equal(pass(CV_IPC_RELAY_WORKER), CV_ERR_TYPE);
    sent.restart.ufrag[CV_ICE_MAX_UFRAG_CHARS] = 'u';
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_ERR_RANGE);
    make_restart();
    sent.restart.ufrag[0] = 0;
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_ERR_RANGE);
    make_restart();
    sent.restart.participant = (struct cv_id){0};
    assert_int_equal(pass(CV_IPC_RELAY_CONTROL), CV_ERR_RANGE);
}

static enum cv_err read_raw(uint16_t type, const void *payload, size_t size) {
    const struct cv_ipc_message message = {.type = type, .payload = cv_slice_of(payload, size)};
    return cv_ipc_relay_read(&message, CV_IPC_RELAY_CONTROL, &got);
}

static void test_lengths(void **state) {
    static struct cv_ipc_relay_want want;
    size_t head = offsetof(struct cv_ipc_relay_want, items);
    (void)state;
    want.participant = id("p_1");
    assert_int_equal(read_raw(CV_IPC_RELAY_WANT, &want, head), CV_OK);
    assert_int_equal(read_raw(CV_IPC_RELAY_WANT, &want, head - 1), CV_ERR_SYNTAX);
    assert_int_equal(read_raw(CV_IPC_RELAY_WANT, &want, head + 1), CV_ERR_SYNTAX);
    want.count = 1;
    assert_int_equal(read_raw(CV_IPC_RELAY_WANT, &want, head), CV_ERR_SYNTAX);
    want.count = UINT32_MAX;
    assert_int_equal(read_raw(CV_IPC_RELAY_WANT, &want, sizeof want), CV_ERR_RANGE);
    assert_int_equal(read_raw(CV_IPC_RELAY_CLOSE, &want.participant, 32), CV_OK);
    assert_int_equal(read_raw(CV_IPC_RELAY_CLOSE, &want.participant, 0), CV_ERR_SYNTAX);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_offer_and_answer, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_lists, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_each_side_has_its_own, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_what_is_checked, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_who_is_known, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_restarts, open_pair, close_pair),
        cmocka_unit_test(test_lengths),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
