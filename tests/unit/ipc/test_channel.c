/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "ipc/channel.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

static int ends[2];
static struct cv_buf space;

static int open_pair(void **state) {
    (void)state;
    return cv_ipc_pair(ends);
}

static int close_pair(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        if (ends[i] >= 0) {
            close(ends[i]);
        }
    }
    cv_buf_release(&space);
    return 0;
}

static void test_payload_and_descriptors(void **state) {
    static struct cv_ipc_message sent;
    static struct cv_ipc_message got;
    char text[8] = "";
    int file[2];
    (void)state;
    assert_int_equal(pipe(file), 0);
    sent = (struct cv_ipc_message){
        .type = 7, .payload = cv_slice_str("hel"), .more = cv_slice_str("lo"), .fd_count = 2};
    sent.fds[0] = file[0];
    sent.fds[1] = file[1];
    assert_int_equal(cv_ipc_send(ends[0], &sent), CV_OK);
    close(file[0]);
    assert_int_equal(cv_ipc_receive(ends[1], &space, &got), CV_OK);
    assert_int_equal(got.type, 7);
    assert_true(cv_slice_eq_str(got.payload, "hello"));
    assert_int_equal(got.fd_count, 2);
    assert_int_equal(fcntl(got.fds[0], F_GETFD), FD_CLOEXEC);
    assert_int_equal(write(file[1], "through", 7), 7);
    assert_int_equal(read(got.fds[0], text, 7), 7);
    assert_string_equal(text, "through");
    cv_ipc_close_fds(&got);
    assert_int_equal(got.fd_count, 0);
    close(file[1]);
}

static void test_largest_and_too_large(void **state) {
    static uint8_t bytes[CV_IPC_PAYLOAD_BYTES + 1];
    static struct cv_ipc_message message;
    (void)state;
    memset(bytes, 0x5a, sizeof bytes);
    message = (struct cv_ipc_message){.type = 1, .payload = {bytes, CV_IPC_PAYLOAD_BYTES}};
    assert_int_equal(cv_ipc_send(ends[0], &message), CV_OK);
    assert_int_equal(cv_ipc_receive(ends[1], &space, &message), CV_OK);
    assert_true(cv_slice_eq(message.payload, cv_slice_of(bytes, CV_IPC_PAYLOAD_BYTES)));
    message = (struct cv_ipc_message){.payload = {bytes, 1}, .more = {bytes, CV_IPC_PAYLOAD_BYTES}};
    assert_int_equal(cv_ipc_send(ends[0], &message), CV_ERR_LIMIT);
    message = (struct cv_ipc_message){0};
    message.fd_count = CV_IPC_FDS + 1;
    assert_int_equal(cv_ipc_send(ends[0], &message), CV_ERR_LIMIT);
}

/* The other end may have been taken over: what it sends is bytes. */
static void test_malformed(void **state) {
    static const struct {
        uint8_t bytes[16];
        size_t size;
    } cases[] = {
        {{1, 0, 1}, 3},                     /* no whole header */
        {{2, 0, 1, 0, 0, 0, 0, 0}, 8},      /* another version */
        {{1, 0, 1, 0, 9, 0, 0, 0, 'x'}, 9}, /* says more than there is */
        {{1, 0, 1, 0, 0, 0, 0, 0, 'x'}, 9}, /* and less */
        {{1, 0, 1, 0, 255, 255, 255, 255}, 8},
    };
    static uint8_t large[CV_IPC_PAYLOAD_BYTES + 64];
    static struct cv_ipc_message message;
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(send(ends[0], cases[i].bytes, cases[i].size, 0), cases[i].size);
        assert_int_equal(cv_ipc_receive(ends[1], &space, &message), CV_ERR_SYNTAX);
        assert_int_equal(message.fd_count, 0);
    }
    assert_int_equal(send(ends[0], large, sizeof large, 0), sizeof large);
    assert_int_equal(cv_ipc_receive(ends[1], &space, &message), CV_ERR_SYNTAX);
}

static void test_again_and_closed(void **state) {
    static struct cv_ipc_message message;
    (void)state;
    assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    assert_int_equal(cv_ipc_receive(ends[1], &space, &message), CV_ERR_AGAIN);
    close(ends[0]);
    ends[0] = -1;
    assert_int_equal(cv_ipc_receive(ends[1], &space, &message), CV_ERR_CLOSED);
    assert_int_equal(cv_ipc_send(ends[1], &message), CV_ERR_CLOSED);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_payload_and_descriptors, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_largest_and_too_large, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_malformed, open_pair, close_pair),
        cmocka_unit_test_setup_teardown(test_again_and_closed, open_pair, close_pair),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
