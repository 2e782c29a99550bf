/* SPDX-License-Identifier: Apache-2.0 */
#include "talk.h"

#include "base/time.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "test.h"

static void on_request(void *context, struct cv_exchange *exchange) {
    struct talk *talk = context;
    talk->handler(exchange);
}

static void on_give_up(struct cv_timer *timer) {
    cv_loop_stop(CV_CONTAINER_OF(timer, struct talk, give_up)->loop);
}

static void on_answer(struct cv_watch *watch, uint32_t events) {
    struct talk *talk = CV_CONTAINER_OF(watch, struct talk, client);
    ssize_t size = recv(watch->fd, talk->answer + talk->answer_size,
                        sizeof talk->answer - 1 - talk->answer_size, MSG_DONTWAIT);
    if (size > 0) {
        talk->answer_size += (size_t)size;
        return;
    }
    talk->is_closed = true;
    cv_loop_stop(talk->loop);
}

void talk_start(struct talk *talk, const struct cv_server_limits *limits,
                void (*handler)(struct cv_exchange *exchange)) {
    const struct cv_server_handler on = {.context = talk, .on_request = on_request};
    struct cv_server_limits defaults;
    cv_server_limits_default(&defaults);
    memset(talk, 0, sizeof *talk);
    talk->handler = handler;
    talk->give_up.call = on_give_up;
    assert_int_equal(cv_loop_new(&talk->loop), CV_OK);
    assert_int_equal(cv_server_new(talk->loop, &on, limits ? limits : &defaults, &talk->server),
                     CV_OK);
    /* Linux gives a unix socket that is bound to no name one of its own. */
    sa_family_t family = AF_UNIX;
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(fd, (const struct sockaddr *)(const void *)&family, sizeof family), 0);
    assert_int_equal(listen(fd, 16), 0);
    talk->listening_fd = dup(fd);
    const struct cv_listener listener = {.kind = CV_LISTEN_FD, .fd = fd};
    assert_int_equal(cv_server_listen(talk->server, &listener, NULL), CV_OK);
    /* The heap of timers takes its place now, and not in the middle of a test. */
    assert_int_equal(cv_loop_timer_set(talk->loop, &talk->give_up, CV_TIME_NEVER), CV_OK);
}

void talk_stop(struct talk *talk) {
    cv_server_free(talk->server);
    cv_loop_free(talk->loop);
    close(talk->listening_fd);
}

static int connect_and_send(struct talk *talk, const void *bytes, size_t size) {
    struct sockaddr_storage name;
    socklen_t name_size = sizeof name;
    assert_int_equal(getsockname(talk->listening_fd, (struct sockaddr *)&name, &name_size), 0);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&name, name_size), 0);
    assert_int_equal(send(fd, bytes, size, MSG_NOSIGNAL), size);
    talk->answer_size = 0;
    talk->is_closed = false;
    return fd;
}

static void run(struct talk *talk, int64_t limit_us) {
    cv_loop_timer_set(talk->loop, &talk->give_up, cv_loop_now_us(talk->loop) + limit_us);
    assert_int_equal(cv_loop_run(talk->loop), CV_OK);
}

const char *talk_ask_bytes(struct talk *talk, const void *bytes, size_t size) {
    int fd = connect_and_send(talk, bytes, size);
    assert_int_equal(cv_loop_watch(talk->loop, &talk->client, fd, EPOLLIN, on_answer), CV_OK);
    run(talk, 10 * CV_US_PER_S);
    cv_loop_unwatch(talk->loop, &talk->client);
    close(fd);
    assert_true(talk->is_closed);
    talk->answer[talk->answer_size] = '\0';
    return talk->answer;
}

const char *talk_ask(struct talk *talk, const char *request) {
    return talk_ask_bytes(talk, request, strlen(request));
}

void talk_leave(struct talk *talk, const char *request, int64_t leave_after_us) {
    int fd = connect_and_send(talk, request, strlen(request));
    run(talk, leave_after_us);
    close(fd);
    run(talk, leave_after_us);
}
