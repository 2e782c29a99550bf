/* SPDX-License-Identifier: Apache-2.0 */
#include "io/http1.h"

#include <stdio.h>

#include "test.h"

static const struct cv_http1_limits limits = {
    .request_line_bytes = 64,
    .head = {.header_bytes = 200, .header_count = 6},
};

/* What came of feeding a text: the requests as text, and how it ended. */
struct outcome {
    struct cv_buf text;
    int status; /* of the error; 0: none */
};

/* Feeds `bytes` in pieces of `step` and writes down what comes out. */
static struct outcome feed(struct cv_slice bytes, size_t step, uint64_t body_limit) {
    struct outcome outcome = {0};
    struct cv_http_request request = {0};
    struct cv_http1 parser = {
        .limits = &limits, .request = &request, .body_limit_bytes = body_limit};
    for (size_t at = 0; at < bytes.size; at += step) {
        size_t size = bytes.size - at < step ? bytes.size - at : step;
        struct cv_slice input = {bytes.data + at, size}, piece;
        enum cv_http1_event event;
        while ((event = cv_http1_input(&parser, &input, &piece)) != CV_HTTP1_MORE) {
            if (event == CV_HTTP1_ERROR) {
                assert_non_null(parser.reason);
                outcome.status = parser.status;
                goto out;
            }
            if (event == CV_HTTP1_HEAD) {
                cv_buf_printf(
                    &outcome.text, "%s %.*s?%.*s %d @%.*s%s%s%s",
                    cv_http_method_name(request.method), (int)request.path.size,
                    (const char *)request.path.data, (int)request.query.size,
                    (const char *)request.query.data, request.version, (int)request.authority.size,
                    (const char *)request.authority.data, parser.keep_alive ? " keep" : "",
                    parser.expects_continue ? " continue" : "", parser.has_body ? " body" : "");
                for (size_t i = 0; i < request.field_count; i++) {
                    struct cv_slice name, value;
                    cv_http_request_field(&request, i, &name, &value);
                    if (name.data[0] == 'x')
                        cv_buf_printf(&outcome.text, " %.*s=%.*s", (int)name.size,
                                      (const char *)name.data, (int)value.size,
                                      (const char *)value.data);
                }
                cv_buf_append_str(&outcome.text, " [");
                parser.body_limit_bytes = body_limit;
            } else if (event == CV_HTTP1_BODY) {
                cv_buf_append(&outcome.text, piece.data, piece.size);
            } else {
                cv_buf_append_str(&outcome.text, "]\n");
                cv_http_request_reset(&request);
                cv_http1_next(&parser, &request);
            }
        }
        assert_int_equal(input.size, 0);
    }
out:
    /* After an error nothing comes any more. */
    if (outcome.status) {
        struct cv_slice more = cv_slice_str("GET / HTTP/1.1\r\nHost: a\r\n\r\n"), piece;
        assert_int_equal(cv_http1_input(&parser, &more, &piece), CV_HTTP1_ERROR);
    }
    cv_http1_release(&parser);
    cv_http_request_release(&request);
    return outcome;
}

/* The same whatever way the bytes are cut. */
static void expect(const char *text, size_t size, const char *requests, int status) {
    static const size_t steps[] = {1, 2, 3, 5, 7, 16, 100000};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct outcome outcome = feed(cv_slice_of(text, size), steps[i], 20);
        if (outcome.status != status)
            fprintf(stderr, "%.*s\n", (int)size, text);
        assert_int_equal(outcome.status, status);
        assert_string_equal(outcome.text.size ? cv_buf_cstr(&outcome.text) : "", requests);
        cv_buf_release(&outcome.text);
    }
}
#define EXPECT(text, requests, status) expect(text, sizeof(text) - 1, requests, status)
#define HOST "Host: a\r\n"

static void takes_good_requests(void **state) {
    EXPECT("GET / HTTP/1.1\r\n" HOST "\r\n", "GET /? 1 @a keep []\n", 0);
    EXPECT("\r\nGET /a/b?c=d HTTP/1.1\r\nhOsT:\t example.org:8443 \r\n\r\n",
           "GET /a/b?c=d 1 @example.org:8443 keep []\n", 0);
    EXPECT("HEAD / HTTP/1.0\r\n\r\n", "HEAD /? 0 @ []\n", 0);
    EXPECT("GET / HTTP/1.1\r\n" HOST "Connection: x, Close\r\n\r\n", "GET /? 1 @a []\n", 0);
    EXPECT("GET / HTTP/1.1\r\n" HOST "X-A:b\r\nX-C:  d\te \r\nX-E:\r\n\r\n",
           "GET /? 1 @a keep x-a=b x-c=d\te x-e= []\n", 0);
    EXPECT("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n", "GET /? 1 @[::1]:80 keep []\n", 0);
    EXPECT("GET http://b:1/p?q HTTP/1.1\r\n" HOST "\r\n", "GET /p?q 1 @b:1 keep []\n", 0);
    EXPECT("GET HTTPS://b HTTP/1.1\r\n" HOST "\r\n", "GET /? 1 @b keep []\n", 0);
    EXPECT("GET / HTTP/1.1\r\n" HOST "X-U: \xc3\xa4\r\n\r\n", "GET /? 1 @a keep x-u=\xc3\xa4 []\n",
           0);
}

static void takes_bodies_and_what_follows_them(void **state) {
    EXPECT("POST / HTTP/1.1\r\n" HOST "Content-Length: 5\r\n\r\nhelloGET /2 HTTP/1.1\r\n" HOST
           "\r\n",
           "POST /? 1 @a keep body [hello]\nGET /2? 1 @a keep []\n", 0);
    EXPECT("POST / HTTP/1.1\r\n" HOST "Content-Length: 0\r\n\r\n", "POST /? 1 @a keep []\n", 0);
    EXPECT("PUT / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\nContent-Length: 1\r\n\r\nx",
           "PUT /? 1 @a keep continue body [x]\n", 0);
    EXPECT("POST / HTTP/1.1\r\n" HOST
           "Transfer-Encoding: Chunked\r\n\r\n3\r\nabc\r\n00A;n=\"v\" \r\n0123456789\r\n0\r\n"
           "X-Trailer: dropped\r\n\r\nGET /2 HTTP/1.1\r\n" HOST "\r\n",
           "POST /? 1 @a keep body [abc0123456789]\nGET /2? 1 @a keep []\n", 0);
    EXPECT("GET / HTTP/1.1\r\n" HOST "Expect: 100-continue\r\n\r\n", "GET /? 1 @a keep []\n", 0);
}

static void refuses_bad_request_lines(void **state) {
    EXPECT("\x16\x03\x01", "", 400);
    EXPECT("\r\n\r\nGET / HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET / HTTP/1.1\n" HOST "\r\n", "", 400);
    EXPECT("GET /\r HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET  / HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET /  HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET / HTTP/1.1 \r\n" HOST "\r\n", "", 400);
    EXPECT("GET\t/ HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET /a b HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET /\x80 HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET /#f HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET a HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("OPTIONS * HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET http:///x HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET http://u@b/ HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET ftp://b/ HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("G(T / HTTP/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET /\r\n", "", 400);
    EXPECT("GET / http/1.1\r\n" HOST "\r\n", "", 400);
    EXPECT("GET / HTTP/1.10\r\n" HOST "\r\n", "", 400);
    EXPECT("GET / HTTP/1.2\r\n" HOST "\r\n", "", 505);
    EXPECT("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "", 505);
    EXPECT("get / HTTP/1.1\r\n" HOST "\r\n", "", 501);
    EXPECT("TRACE / HTTP/1.1\r\n" HOST "\r\n", "", 501);
    EXPECT("CONNECT b:443 HTTP/1.1\r\n" HOST "\r\n", "", 501);
    EXPECT("AVERYLONGMETHODINDEED / HTTP/1.1\r\n" HOST "\r\n", "", 501);
    EXPECT("GET /123456789012345678901234567890123456789012345678901234567890 HTTP/1.1\r\n", "",
           414);
    EXPECT("GET /1234567890123456789012345678901234567890123456789012345678901234567890", "", 414);
}

static void refuses_bad_headers(void **state) {
#define HEAD(lines) "GET / HTTP/1.1\r\n" lines "\r\n"
    EXPECT(HEAD("X-A: b\r\n"), "", 400);
    EXPECT(HEAD(HOST HOST), "", 400);
    EXPECT(HEAD("Host:\r\n"), "", 400);
    EXPECT(HEAD("Host: a b\r\n"), "", 400);
    EXPECT(HEAD("Host: a/b\r\n"), "", 400);
    EXPECT(HEAD("Host: u@a\r\n"), "", 400);
    EXPECT(HEAD("Host: a:99999\r\n"), "", 400);
    EXPECT(HEAD("Host: a:\r\n"), "", 400);
    EXPECT(HEAD("Host: [::1\r\n"), "", 400);
    EXPECT(HEAD("Host: [::1]x\r\n"), "", 400);
    EXPECT(HEAD("Host: []\r\n"), "", 400);
    EXPECT(HEAD(HOST "X-A : b\r\n"), "", 400);
    EXPECT(HEAD(HOST " X-A: b\r\n"), "", 400);
    EXPECT(HEAD(HOST "X-A: b\r\n c\r\n"), "", 400);
    EXPECT(HEAD(HOST "X-A: b\r\n\tc\r\n"), "", 400);
    EXPECT(HEAD(HOST "X-A\r\n"), "", 400);
    EXPECT(HEAD(HOST ": b\r\n"), "", 400);
    EXPECT(HEAD(HOST "X(A: b\r\n"), "", 400);
    EXPECT(HEAD(HOST "X-A: b\rc\r\n"), "", 400);
    EXPECT(HEAD(HOST "X-A: b\nX-B: c\r\n"), "", 400);
    EXPECT(HEAD(HOST "X-A: b\x7f\r\n"), "", 400);
    EXPECT(HEAD(HOST "X-A: b\0c\r\n"), "", 400);
    EXPECT(HEAD(HOST "Expect: tea\r\n"), "", 417);
    EXPECT(HEAD(HOST "a:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\n"), "", 431);
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
    EXPECT(HEAD(HOST "a:" FIFTY FIFTY "\r\na:" FIFTY FIFTY "\r\n"), "", 431);
    EXPECT(HEAD(HOST "a:" FIFTY FIFTY FIFTY FIFTY TEN "\r\n"), "", 431);
    EXPECT("GET http://b/ HTTP/1.1\r\n\r\n", "", 400);
    EXPECT("GET http://b/ HTTP/1.1\r\nHost: !\r\n\r\n", "", 400);
}

static void refuses_bodies_that_can_be_read_two_ways(void **state) {
#define POST(lines) "POST / HTTP/1.1\r\n" HOST lines "\r\n"
    EXPECT(POST("Content-Length: 1\r\nContent-Length: 1\r\n"), "", 400);
    EXPECT(POST("Content-Length: 1, 1\r\n"), "", 400);
    EXPECT(POST("Content-Length: +1\r\n"), "", 400);
    EXPECT(POST("Content-Length: 0x1\r\n"), "", 400);
    EXPECT(POST("Content-Length: -1\r\n"), "", 400);
    EXPECT(POST("Content-Length:\r\n"), "", 400);
    EXPECT(POST("Content-Length: 1 1\r\n"), "", 400);
    EXPECT(POST("Content-Length: 18446744073709551617\r\n"), "", 413);
    EXPECT(POST("Transfer-Encoding: chunked\r\nContent-Length: 1\r\n"), "", 400);
    EXPECT(POST("Content-Length: 1\r\nTransfer-Encoding: chunked\r\n"), "", 400);
    EXPECT(POST("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"), "", 400);
    EXPECT(POST("Transfer-Encoding: gzip, chunked\r\n"), "", 501);
    EXPECT(POST("Transfer-Encoding: chunked, chunked\r\n"), "", 501);
    EXPECT(POST("Transfer-Encoding: identity\r\n"), "", 501);
    EXPECT(POST("Transfer-Encoding: \x0b"
                "chunked\r\n"),
           "", 400);
    EXPECT("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "", 400);
}

static void refuses_bad_chunks(void **state) {
#define START "POST /? 1 @a keep body ["
#define CHUNKS(text) POST("Transfer-Encoding: chunked\r\n") text
    EXPECT(CHUNKS("\r\n"), START, 400);
    EXPECT(CHUNKS("x\r\n"), START, 400);
    EXPECT(CHUNKS("0x1\r\na\r\n"), START, 400);
    EXPECT(CHUNKS("-1\r\n"), START, 400);
    EXPECT(CHUNKS("1 \r\na\r\n"), START, 400);
    EXPECT(CHUNKS("1\na\r\n"), START, 400);
    EXPECT(CHUNKS("1;a\x01\r\na\r\n"), START, 400);
    EXPECT(CHUNKS("100000000\r\n"), START, 413);
    EXPECT(CHUNKS("000000001\r\n"), START, 413);
    EXPECT(CHUNKS("2\r\nabc\r\n"), START "ab", 400);
    EXPECT(CHUNKS("2\r\nab\n"), START "ab", 400);
    EXPECT(CHUNKS("0\r\nX-A\r\n\r\n"), START, 400);
    EXPECT(CHUNKS("0\r\n X-A: b\r\n\r\n"), START, 400);
    EXPECT(CHUNKS("0\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\na:1\r\n\r\n"), START, 431);
}

static void refuses_bodies_over_the_limit(void **state) {
    EXPECT(POST("Content-Length: 21\r\n"), START, 413);
    EXPECT(CHUNKS("15\r\n"), START, 413);
    EXPECT(CHUNKS("a\r\n0123456789\r\nb\r\n"), START "0123456789", 413);
}

static void refuses_chunk_lines_that_outweigh_the_body(void **state) {
    struct cv_buf text = {0};
    cv_buf_append_str(&text, CHUNKS(""));
    for (int i = 0; i < 200; i++)
        cv_buf_printf(&text, "1;%0200d\r\nx\r\n", 0);
    struct outcome outcome = feed(cv_buf_slice(&text), 1000, 1000);
    assert_int_equal(outcome.status, 400);
    cv_buf_release(&outcome.text);
    /* One byte a chunk, without extensions, is wasteful and yet honest. */
    text.size = 0;
    cv_buf_append_str(&text, CHUNKS(""));
    for (int i = 0; i < 20000; i++)
        cv_buf_append_str(&text, "1\r\nx\r\n");
    cv_buf_append_str(&text, "0\r\n\r\n");
    outcome = feed(cv_buf_slice(&text), 1000, 20000);
    assert_int_equal(outcome.status, 0);
    assert_true(outcome.text.size > 20000);
    cv_buf_release(&outcome.text);
    cv_buf_release(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_good_requests),
        cmocka_unit_test(takes_bodies_and_what_follows_them),
        cmocka_unit_test(refuses_bad_request_lines),
        cmocka_unit_test(refuses_bad_headers),
        cmocka_unit_test(refuses_bodies_that_can_be_read_two_ways),
        cmocka_unit_test(refuses_bad_chunks),
        cmocka_unit_test(refuses_bodies_over_the_limit),
        cmocka_unit_test(refuses_chunk_lines_that_outweigh_the_body),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
