/* SPDX-License-Identifier: Apache-2.0 */
#include "io/udp.h"

#include "base/time.h"
#include "io/socket.h"

#include "test.h"

enum { MANY = 100, ROOM = 300 };

/* Two sockets on one loop; the first sends, the second writes down what it gets. */
struct rig {
    struct cv_loop *loop;
    struct cv_udp *sender;
    struct cv_udp *receiver;
    struct cv_timer give_up;
    size_t wanted;
    size_t count;
    struct cv_addr peer;
    struct cv_addr local;
    struct cv_buf bytes;
    size_t sizes[ROOM];
};

static struct rig rig;

static void on_datagrams(void *context, struct cv_udp *udp, const struct cv_datagram *datagrams,
                         size_t count) {
    assert_ptr_equal(udp, rig.receiver);
    assert_true(count <= CV_UDP_BATCH);
    for (size_t i = 0; i < count; i++) {
        rig.peer = datagrams[i].peer;
        rig.local = datagrams[i].local;
        assert_true(rig.count < ROOM);
        rig.sizes[rig.count++] = datagrams[i].size;
        cv_buf_append(&rig.bytes, datagrams[i].data, datagrams[i].size);
    }
    if (rig.count >= rig.wanted)
        cv_loop_stop(rig.loop);
}

static void on_give_up(struct cv_timer *timer) {
    cv_loop_stop(rig.loop);
}

static struct cv_udp *open_at(const char *text) {
    const struct cv_udp_handler handler = {.on_datagrams = on_datagrams};
    struct sockaddr_storage storage;
    struct cv_addr addr;
    struct cv_udp *udp = NULL;
    assert_int_equal(cv_addr_parse(cv_slice_str(text), &addr), CV_OK);
    socklen_t size = cv_socket_address(&addr, &storage);
    int fd = socket(storage.ss_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&storage, size), 0);
    assert_int_equal(cv_udp_new(rig.loop, fd, &handler, &udp), CV_OK);
    return udp;
}

static void start(const char *sender, const char *receiver) {
    rig = (struct rig){.give_up.call = on_give_up};
    assert_int_equal(cv_loop_new(&rig.loop), CV_OK);
    rig.sender = open_at(sender);
    rig.receiver = open_at(receiver);
}

static void run(size_t wanted) {
    rig.wanted = wanted;
    cv_loop_timer_set(rig.loop, &rig.give_up, cv_loop_now_us(rig.loop) + 5 * CV_US_PER_S);
    assert_int_equal(cv_loop_run(rig.loop), CV_OK);
    assert_int_equal(rig.count, wanted);
}

static void stop(void) {
    cv_buf_release(&rig.bytes);
    cv_udp_free(rig.sender);
    cv_udp_free(rig.receiver);
    cv_loop_free(rig.loop);
}

/* Where the sender reaches the receiver. */
static struct cv_addr to(const char *host) {
    struct cv_addr addr;
    assert_int_equal(cv_addr_parse(cv_slice_str(host), &addr), CV_OK);
    addr.port = cv_udp_local(rig.receiver).port;
    return addr;
}

static struct cv_udp_run one(const void *data, size_t size) {
    return (struct cv_udp_run){
        .peer = to("127.0.0.1"), .data = cv_slice_of(data, size), .segment_bytes = (uint16_t)size};
}

static void many_datagrams_arrive_in_order(void **state) {
    start("127.0.0.1", "127.0.0.1");
    struct cv_udp_run runs[MANY];
    uint8_t bytes[MANY];
    for (size_t i = 0; i < MANY; i++) {
        bytes[i] = (uint8_t)i;
        runs[i] = one(&bytes[i], 1);
    }
    cv_udp_send(rig.sender, runs, MANY);
    run(MANY);
    assert_memory_equal(rig.bytes.data, bytes, MANY);
    struct cv_addr sender = cv_udp_local(rig.sender);
    assert_true(cv_addr_eq(&rig.peer, &sender));
    struct cv_addr receiver = cv_udp_local(rig.receiver);
    assert_true(cv_addr_same_host(&rig.local, &receiver));
    assert_int_equal(rig.local.port, 0);
    assert_int_equal(cv_udp_counters(rig.sender)->datagrams_out, MANY);
    assert_int_equal(cv_udp_counters(rig.sender)->sends, (MANY + CV_UDP_BATCH - 1) / CV_UDP_BATCH);
    assert_int_equal(cv_udp_counters(rig.receiver)->datagrams_in, MANY);
    stop();
}

static void a_run_arrives_as_its_segments(void **state) {
    start("127.0.0.1", "127.0.0.1");
    uint8_t bytes[2500];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)(i * 7);
    const struct cv_udp_run run_of_three = {
        .peer = to("127.0.0.1"), .data = cv_slice_of(bytes, sizeof bytes), .segment_bytes = 1000};
    cv_udp_send(rig.sender, &run_of_three, 1);
    run(3);
    assert_int_equal(rig.sizes[0], 1000);
    assert_int_equal(rig.sizes[2], 500);
    assert_memory_equal(rig.bytes.data, bytes, sizeof bytes);
    assert_int_equal(cv_udp_counters(rig.sender)->datagrams_out, 3);
    assert_int_equal(cv_udp_counters(rig.sender)->runs, 1);
    assert_int_equal(cv_udp_counters(rig.sender)->sends, 1);
    stop();
}

static void a_socket_on_all_addresses_knows_which_was_asked_and_answers_from_it(void **state) {
    start("0.0.0.0", "0.0.0.0");
    struct cv_addr from;
    assert_int_equal(cv_addr_parse(cv_slice_str("127.0.0.9"), &from), CV_OK);
    const struct cv_udp_run hello = {
        .peer = to("127.0.0.5"), .local = from, .data = cv_slice_str("hello"), .segment_bytes = 5};
    cv_udp_send(rig.sender, &hello, 1);
    run(1);
    char text[CV_ADDR_TEXT_BYTES];
    cv_addr_format_host(&rig.local, text);
    assert_string_equal(text, "127.0.0.5");
    cv_addr_format_host(&rig.peer, text);
    assert_string_equal(text, "127.0.0.9");
    stop();
}

static void ipv6_works_alike(void **state) {
    start("[::1]", "[::]");
    const struct cv_udp_run runs[] = {
        {.peer = to("::1"), .data = cv_slice_str("one"), .segment_bytes = 3},
        {.peer = to("::1"), .data = cv_slice_str("four"), .segment_bytes = 2},
    };
    cv_udp_send(rig.sender, runs, 2);
    run(3);
    char text[CV_ADDR_TEXT_BYTES];
    cv_addr_format_host(&rig.local, text);
    assert_string_equal(text, "::1");
    stop();
}

static void what_can_not_be_sent_or_held_is_counted(void **state) {
    start("127.0.0.1", "127.0.0.1");
    static const uint8_t large[CV_UDP_MAX_BYTES + 1];
    struct cv_udp_run runs[] = {one("to all", 6), one(large, sizeof large), one("good", 4)};
    memset(runs[0].peer.ip, 255, 4); /* broadcast, which no socket of ours may */
    cv_udp_send(rig.sender, runs, 3);
    run(1);
    assert_int_equal(cv_udp_counters(rig.sender)->unsent, 1);
    assert_int_equal(cv_udp_counters(rig.sender)->datagrams_out, 2);
    assert_int_equal(cv_udp_counters(rig.receiver)->oversized, 1);
    stop();
}

/* More segments than any kernel takes stand for a route that takes no run at all. */
static void a_refused_run_arrives_all_the_same(void **state) {
    enum { SEGMENTS = 140 };
    start("127.0.0.1", "127.0.0.1");
    uint8_t bytes[2 * SEGMENTS + 1];
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (uint8_t)i;
    struct cv_udp_run too_many = one(bytes, sizeof bytes);
    too_many.segment_bytes = 2;
    const struct cv_udp_run runs[] = {one("before", 6), too_many, one("after", 5)};
    cv_udp_send(rig.sender, runs, 3);
    run(2 + SEGMENTS + 1);
    assert_memory_equal(rig.bytes.data, "before", 6);
    assert_memory_equal(rig.bytes.data + 6, bytes, sizeof bytes);
    assert_memory_equal(rig.bytes.data + 6 + sizeof bytes, "after", 5);
    assert_int_equal(cv_udp_counters(rig.sender)->split, 1);
    assert_int_equal(cv_udp_counters(rig.sender)->unsent, 0);

    /* To that peer, no more runs are tried. */
    too_many.data.size = 5;
    cv_udp_send(rig.sender, &too_many, 1);
    run(2 + SEGMENTS + 1 + 3);
    assert_int_equal(cv_udp_counters(rig.sender)->split, 1);
    stop();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(many_datagrams_arrive_in_order),
        cmocka_unit_test(a_run_arrives_as_its_segments),
        cmocka_unit_test(a_socket_on_all_addresses_knows_which_was_asked_and_answers_from_it),
        cmocka_unit_test(ipv6_works_alike),
        cmocka_unit_test(what_can_not_be_sent_or_held_is_counted),
        cmocka_unit_test(a_refused_run_arrives_all_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
