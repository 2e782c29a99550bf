/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "worker/tcp.h"

#include "base/time.h"
#include "io/socket.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

/* A listener on one loop, and a peer that talks to it by plain system calls. */
static struct cv_loop *loop;
static struct cv_worker_tcp *tcp;
static struct cv_addr address;
static struct cv_timer timer;
static struct cv_ice_path path; /* of the datagram that came last */
static struct cv_buf heard;     /* all of them, each behind its length in a byte */
static size_t heard_count;

static void on_datagram(void *context, const struct cv_ice_path *from, uint8_t *datagram,
                        size_t size) {
    (void)context;
    path = *from;
    heard_count++;
    cv_buf_append_byte(&heard, (uint8_t)size);
    cv_buf_append(&heard, datagram, size);
}

static int rounds;

static void on_timer(struct cv_timer *due) {
    if (--rounds == 0) {
        cv_loop_stop(loop);
    } else {
        cv_loop_timer_set(loop, due, cv_loop_now_us(loop) + 10 * CV_US_PER_MS);
    }
}

/* Some rounds of the loop, however late it comes to them: each looks at what is ready. */
static void turn(void) {
    rounds = 3;
    timer.call = on_timer;
    cv_loop_timer_set(loop, &timer, cv_loop_now_us(loop));
    assert_int_equal(cv_loop_run(loop), CV_OK);
}

static int start(void **state) {
    const struct cv_worker_tcp_handler handler = {.on_datagram = on_datagram};
    struct sockaddr_storage storage;
    socklen_t size;
    (void)state;
    assert_int_equal(cv_loop_new(&loop), CV_OK);
    tcp = cv_worker_tcp_new(loop, &handler);
    assert_non_null(tcp);
    assert_int_equal(cv_addr_parse(cv_slice_str("127.0.0.1"), &address), CV_OK);
    size = cv_socket_address(&address, &storage);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&storage, size), 0);
    assert_int_equal(listen(fd, 64), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&storage, &size), 0);
    address = cv_socket_addr(&storage);
    assert_int_equal(cv_worker_tcp_listen(tcp, fd), CV_OK);
    heard_count = 0;
    return 0;
}

static int stop(void **state) {
    (void)state;
    tcp = cv_worker_tcp_free(tcp);
    loop = cv_loop_free(loop);
    cv_buf_release(&heard);
    return 0;
}

static int dial(void) {
    struct sockaddr_storage storage;
    socklen_t size = cv_socket_address(&address, &storage);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&storage, size), 0);
    return fd;
}

static void say(int fd, const void *bytes, size_t size) {
    assert_int_equal(send(fd, bytes, size, 0), size);
    turn();
}

static void test_frames_in_any_pieces(void **state) {
    static const uint8_t bytes[] = {0,   3, 'o', 'n', 'e', 0,   0,   0,  1,
                                    '2', 0, 5,   't', 'h', 'r', 'e', 'e'};
    static const uint8_t expected[] = "\3one\1"
                                      "2\5three";
    (void)state;
    int fd = dial();
    for (size_t i = 0; i < sizeof bytes; i++) {
        say(fd, bytes + i, 1);
    }
    assert_int_equal(heard_count, 3); /* the empty one is nothing */
    assert_true(cv_slice_eq(cv_buf_slice(&heard), cv_slice_of(expected, sizeof expected - 1)));
    cv_buf_clear(&heard);
    say(fd, bytes, sizeof bytes);
    assert_true(cv_slice_eq(cv_buf_slice(&heard), cv_slice_of(expected, sizeof expected - 1)));
    assert_true(path.link & CV_ICE_LINK_TCP);
    close(fd);
    turn();
    assert_int_equal(cv_worker_tcp_counters(tcp)->now, 0);
    assert_int_equal(cv_worker_tcp_counters(tcp)->ended, 0);
}

static void test_answers_go_by_the_link(void **state) {
    uint8_t bytes[16];
    (void)state;
    int fd = dial();
    say(fd, "\0\1x", 3);
    struct cv_ice_path first = path;
    cv_worker_tcp_send(tcp, first.link, cv_slice_str("hello"));
    cv_worker_tcp_send(tcp, first.link, cv_slice_str("you"));
    cv_worker_tcp_flush(tcp);
    assert_int_equal(recv(fd, bytes, sizeof bytes, 0), 12);
    assert_memory_equal(bytes, "\0\5hello\0\3you", 12);

    /* A connection in the same place is another link; what was meant for the first is dropped. */
    close(fd);
    turn();
    fd = dial();
    say(fd, "\0\1x", 3);
    assert_int_not_equal(path.link, first.link);
    cv_worker_tcp_send(tcp, first.link, cv_slice_str("late"));
    cv_worker_tcp_flush(tcp);
    assert_int_equal(cv_worker_tcp_counters(tcp)->dropped, 1);
    assert_int_equal(recv(fd, bytes, sizeof bytes, MSG_DONTWAIT), -1);
    close(fd);
}

static void test_a_frame_too_long_ends_it(void **state) {
    uint8_t byte;
    (void)state;
    int fd = dial();
    say(fd, "\x08\x01", 2); /* 2049 bytes */
    assert_int_equal(cv_worker_tcp_counters(tcp)->ended, 1);
    assert_int_equal(cv_worker_tcp_counters(tcp)->now, 0);
    assert_true(recv(fd, &byte, 1, 0) <= 0);
    close(fd);
}

/* One that doesn't read costs its own datagrams, and a bounded memory. */
static void test_a_slow_one_loses_its_own(void **state) {
    static const uint8_t datagram[1200];
    (void)state;
    int slow = dial();
    say(slow, "\0\1x", 3);
    uint32_t link = path.link;
    for (int i = 0; i < 20000; i++) {
        cv_worker_tcp_send(tcp, link, cv_slice_of(datagram, sizeof datagram));
        cv_worker_tcp_flush(tcp);
    }
    assert_true(cv_worker_tcp_counters(tcp)->dropped > 1000);
    int good = dial();
    say(good, "\0\1y", 3);
    uint8_t bytes[8];
    cv_worker_tcp_send(tcp, path.link, cv_slice_str("ok"));
    cv_worker_tcp_flush(tcp);
    assert_int_equal(recv(good, bytes, sizeof bytes, 0), 4);
    close(slow);
    close(good);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_frames_in_any_pieces, start, stop),
        cmocka_unit_test_setup_teardown(test_answers_go_by_the_link, start, stop),
        cmocka_unit_test_setup_teardown(test_a_frame_too_long_ends_it, start, stop),
        cmocka_unit_test_setup_teardown(test_a_slow_one_loses_its_own, start, stop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
