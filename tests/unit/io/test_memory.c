/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Want of memory: every allocation of a request, or of a WebSocket, is made to fail in turn. The
 * client gets its answer, an error or a close; the server goes on, and nothing leaks.
 */
#include "failing_alloc.h"
#include "io/static.h"
#include "io/websocket.h"
#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test.h"

enum { ALLOCATIONS = 60 }; /* more than any of these needs */

static struct talk talk;
static size_t opened, closed;

static void on_message(void *context, struct cv_websocket *websocket, bool is_text,
                       struct cv_slice message) {
    cv_websocket_send_text(websocket, message);
}

static void on_close(void *context, struct cv_websocket *websocket, uint16_t code,
                     struct cv_slice reason) {
    closed++;
}

static void handle(struct cv_exchange *exchange) {
    static const struct cv_websocket_handlers handlers = {.on_message = on_message,
                                                          .on_close = on_close};
    const struct cv_http_request *request = cv_exchange_request(exchange);
    struct cv_websocket *websocket;
    if (request->is_websocket) {
        opened += cv_exchange_accept(exchange, NULL, &handlers, NULL, &websocket) == CV_OK;
    } else if (cv_slice_eq_str(request->path, "/problem")) {
        cv_exchange_fail(exchange, 409, "conflict", "Something \"quoted\".");
    } else {
        cv_exchange_set_cookie(exchange,
                               &(struct cv_cookie){.name = "a", .value = cv_slice_str("b")});
        cv_exchange_reply(exchange, 200, "text/plain", request->body);
    }
}

/* Asks again and again with one allocation fewer that fails; what comes last is the true answer. */
static void ask_in_want(const void *request, size_t size, const char *expected) {
    size_t good = 0;
    talk_start(&talk, NULL, handle);
    for (int n = 0; n < ALLOCATIONS; n++) {
        cv_fail_alloc(n);
        const char *answer = talk_ask_bytes(&talk, request, size);
        cv_fail_alloc(-1);
        if (strstr(answer, expected))
            good++;
        else
            good = 0;
    }
    assert_true(good > 3);
    assert_true(good < ALLOCATIONS);
    const struct cv_server_counters *counters = cv_server_counters(talk.server);
    assert_int_equal(counters->requests_now, 0);
    assert_int_equal(counters->buffered_bytes_now, 0);
    assert_int_equal(counters->websockets_now, 0);
    talk_stop(&talk);
}

static void requests(void **state) {
    static const char post[] =
        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: "
        "chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    static const char problem[] =
        "GET /problem HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX: y\r\n\r\n";
    static const char malformed[] = "GET / HTTP/1.1\r\nHost : x\r\n\r\n";
    ask_in_want(post, sizeof post - 1, "\r\n\r\nhello");
    ask_in_want(problem, sizeof problem - 1, "urn:conclave:problem:conflict");
    ask_in_want(malformed, sizeof malformed - 1, "HTTP/1.1 400 ");
}

static void large_answers(void **state) {
    static char request[70000];
    int head = snprintf(request, sizeof request,
                        "POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
                        "Content-Length: 60000\r\n\r\n");
    memset(request + head, 'x', 60000);
    request[head + 59999] = '!';
    ask_in_want(request, (size_t)head + 60000, "xxxxxxxx!");
}

static void websockets(void **state) {
    /* A message in two fragments around a ping, and a close. */
    static const char bytes[] = "GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                                "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                                "\x01\x82\0\0\0\0he\x89\x81\0\0\0\0p\x80\x83\0\0\0\0llo"
                                "\x88\x82\0\0\0\0\x03\xe8";
    opened = closed = 0;
    ask_in_want(bytes, sizeof bytes - 1, "hello\x88\x02\x03\xe8");
    assert_true(opened > 3);
    assert_int_equal(closed, opened);
}

static void a_folder_of_files(void **state) {
    char folder[] = "/tmp/cv-static-XXXXXX", file[64];
    assert_non_null(mkdtemp(folder));
    snprintf(file, sizeof file, "%s/index.html", folder);
    FILE *out = fopen(file, "w");
    assert_non_null(out);
    fclose(out);
    struct cv_static *files;
    enum cv_err err;
    int n = 0;
    do {
        cv_fail_alloc(n++);
        err = cv_static_new(folder, &files);
        cv_fail_alloc(-1);
        assert_true(!err || err == CV_ERR_MEMORY || err == CV_ERR_SYSTEM);
    } while (err);
    assert_true(n > 5);
    assert_int_equal(cv_static_count(files), 1);
    cv_static_free(files);
    unlink(file);
    rmdir(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(requests),
        cmocka_unit_test(large_answers),
        cmocka_unit_test(websockets),
        cmocka_unit_test(a_folder_of_files),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
