/* SPDX-License-Identifier: Apache-2.0 */
#include "io/exchange.h"

#include "base/time.h"
#include "talk.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "test.h"

#define REQUEST "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"

static struct talk talk;

static void has(const char *answer, const char *part) {
    assert_non_null(strstr(answer, part));
}

static void has_not(const char *answer, const char *part) {
    assert_null(strstr(answer, part));
}

static const char *ask(void (*handler)(struct cv_exchange *exchange)) {
    talk_start(&talk, NULL, handler);
    const char *answer = talk_ask(&talk, REQUEST);
    assert_int_equal(cv_server_counters(talk.server)->requests_now, 0);
    talk_stop(&talk);
    return answer;
}

static void answer_with_headers(struct cv_exchange *exchange) {
    static char large[20000];
    memset(large, 'a', sizeof large);
    assert_int_equal(cv_exchange_add_header(exchange, "x-good", cv_slice_str("a b\t\xc3\xa4")),
                     CV_OK);
    assert_int_equal(cv_exchange_add_header(exchange, "x-bad", cv_slice_str("a\r\nx-evil: b")),
                     CV_ERR_SYNTAX);
    assert_int_equal(cv_exchange_add_header(exchange, "x-bad", cv_slice_of("a\0b", 3)),
                     CV_ERR_SYNTAX);
    assert_int_equal(cv_exchange_add_header(exchange, "x bad", cv_slice_str("a")), CV_ERR_SYNTAX);
    assert_int_equal(cv_exchange_add_header(exchange, "x-bad", cv_slice_of(large, sizeof large)),
                     CV_ERR_LIMIT);
    assert_int_equal(cv_exchange_add_header(exchange, "cache-control", cv_slice_str("max-age=5")),
                     CV_OK);
    cv_exchange_reply(exchange, 200, "text/plain", cv_slice_str("body"));
}

static void headers_are_checked_and_added(void **state) {
    const char *answer = ask(answer_with_headers);
    has(answer, "HTTP/1.1 200 OK\r\n");
    has(answer, "\r\nx-good: a b\t\xc3\xa4\r\n");
    has(answer, "\r\ncontent-type: text/plain\r\n");
    has(answer, "\r\ncontent-length: 4\r\n");
    has(answer, "\r\ncache-control: max-age=5\r\n");
    has(answer, "\r\ndate: ");
    has(answer, "\r\n\r\nbody");
    has_not(answer, "x-bad");
    has_not(answer, "x-evil");
    has_not(answer, "no-store");
}

static void answer_with_cookies(struct cv_exchange *exchange) {
    struct cv_cookie cookie = {.name = "sid", .value = cv_slice_str("v")};
    assert_int_equal(cv_exchange_set_cookie(exchange, &cookie), CV_OK);
    cookie = (struct cv_cookie){.name = "old", .value = cv_slice_str(""), .max_age_s = -1};
    assert_int_equal(cv_exchange_set_cookie(exchange, &cookie), CV_OK);
    cookie.value = cv_slice_str("a; Domain=evil");
    assert_int_equal(cv_exchange_set_cookie(exchange, &cookie), CV_ERR_SYNTAX);
    cookie.value = cv_slice_str("a");
    cookie.name = "a=b";
    assert_int_equal(cv_exchange_set_cookie(exchange, &cookie), CV_ERR_SYNTAX);
    cv_exchange_reply(exchange, 204, NULL, (struct cv_slice){0});
}

static void cookies_are_checked_and_set(void **state) {
    const char *answer = ask(answer_with_cookies);
    has(answer, "\r\nset-cookie: sid=v; Path=/; SameSite=Strict; HttpOnly\r\n");
    has(answer, "\r\nset-cookie: old=; Path=/; SameSite=Strict; HttpOnly; Max-Age=0\r\n");
    has_not(answer, "evil");
    has_not(answer, "content-length");
}

static void answer_with_a_problem(struct cv_exchange *exchange) {
    const struct cv_problem_field errors[] = {{"starts_at", "is in the past"}, {"b\n", "\x7f"}};
    cv_exchange_problem(exchange, &(struct cv_problem){.status = 422,
                                                       .name = "invalid",
                                                       .detail = "\"quoted\\\" \x01 \xc3\xa4",
                                                       .errors = errors,
                                                       .error_count = 2,
                                                       .retry_after_s = 7});
}

static void answer_with_a_bare_problem(struct cv_exchange *exchange) {
    cv_exchange_problem(exchange, &(struct cv_problem){.status = 404, .detail = "\xff"});
}

static void problems_are_escaped_json(void **state) {
    const char *answer = ask(answer_with_a_problem);
    has(answer, "HTTP/1.1 422 Unprocessable Content\r\n");
    has(answer, "\r\ncontent-type: application/problem+json\r\n");
    has(answer, "\r\nretry-after: 7\r\n");
    has(answer, "\r\n\r\n{\"type\":\"urn:conclave:problem:invalid\",\"title\":\"Unprocessable "
                "Content\",\"status\":422,\"detail\":\"\\\"quoted\\\\\\\" \\u0001 \xc3\xa4\","
                "\"errors\":[{\"field\":\"starts_at\",\"message\":\"is in the past\"},"
                "{\"field\":\"b\\u000a\",\"message\":\"\\u007f\"}]}");
    has(ask(answer_with_a_bare_problem), "\r\n\r\n{\"type\":\"about:blank\",\"title\":\"Not "
                                         "Found\",\"status\":404,\"detail\":\"?\"}");
}

static void answer_file(struct cv_exchange *exchange) {
    FILE *file = tmpfile();
    for (int i = 0; i < 50000; i++)
        fputc('0' + i % 10, file);
    fflush(file);
    cv_exchange_reply_file(exchange, 200, "text/plain", dup(fileno(file)), 10005, 30000);
    fclose(file);
}

static void part_of_a_file_is_sent(void **state) {
    const char *answer = ask(answer_file), *body = strstr(answer, "\r\n\r\n") + 4;
    assert_int_equal(strlen(body), 30000);
    assert_memory_equal(body, "5678901234", 10);
}

static struct cv_exchange *kept;

static void keep(struct cv_exchange *exchange) {
    kept = exchange;
}

static void an_exchange_outlives_its_client_and_its_server(void **state) {
    talk_start(&talk, NULL, keep);
    talk_leave(&talk, REQUEST, 20 * CV_US_PER_MS);
    assert_true(cv_exchange_is_gone(kept));
    assert_true(cv_slice_eq_str(cv_exchange_request(kept)->path, "/"));
    assert_int_equal(cv_server_counters(talk.server)->requests_now, 1);
    cv_exchange_json(kept, 200, cv_slice_str("{}"));
    assert_int_equal(cv_server_counters(talk.server)->requests_now, 0);

    talk_leave(&talk, REQUEST, 20 * CV_US_PER_MS);
    talk_stop(&talk);
    assert_true(cv_exchange_is_gone(kept));
    assert_true(cv_slice_eq_str(cv_exchange_request(kept)->authority, "x"));
    cv_exchange_fail(kept, 503, NULL, "too late");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(headers_are_checked_and_added),
        cmocka_unit_test(cookies_are_checked_and_set),
        cmocka_unit_test(problems_are_escaped_json),
        cmocka_unit_test(part_of_a_file_is_sent),
        cmocka_unit_test(an_exchange_outlives_its_client_and_its_server),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
