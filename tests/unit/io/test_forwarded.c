/* SPDX-License-Identifier: Apache-2.0 */
#include "io/forwarded.h"

#include "request.h"
#include "test.h"

struct expected {
    const char *client; /* "": none */
    int https;          /* -1: not said */
};

static void check(struct cv_http_request request, struct expected expected) {
    struct cv_cidr trusted[2];
    assert_int_equal(cv_cidr_parse(cv_slice_str("10.0.0.0/8"), &trusted[0]), CV_OK);
    assert_int_equal(cv_cidr_parse(cv_slice_str("fd00::/8"), &trusted[1]), CV_OK);
    struct cv_forwarded forwarded = cv_forwarded_read(&request, trusted, 2);
    char client[CV_ADDR_TEXT_BYTES];
    cv_addr_format_host(&forwarded.client, client);
    assert_string_equal(client, expected.client);
    assert_int_equal(forwarded.client.port, 0);
    assert_int_equal(forwarded.says_proto, expected.https >= 0);
    assert_int_equal(forwarded.is_https, expected.https > 0);
    cv_http_request_release(&request);
}

static void reads_x_forwarded_for_from_its_end(void **state) {
    static const struct {
        const char *header;
        const char *client;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1"},
        {"192.0.2.1:4711", "192.0.2.1"},
        {"2001:db8::1", "2001:db8::1"},
        {"[2001:db8::1]:1", "2001:db8::1"},
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"198.51.100.9, 192.0.2.1", "192.0.2.1"},
        {"198.51.100.9, 192.0.2.1, 10.0.0.7", "192.0.2.1"},
        {"198.51.100.9, 192.0.2.1, fd00::1, 10.0.0.7", "192.0.2.1"},
        {"10.0.0.1, 10.0.0.2", "10.0.0.1"},
        {"192.0.2.1, unknown, 10.0.0.2", "10.0.0.2"},
        {"192.0.2.1, nonsense", ""},
        {"", ""},
        {",,192.0.2.1,,", "192.0.2.1"},
        {"192.0.2.1 10.0.0.1", ""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check(REQUEST("/", "X-Forwarded-For", cases[i].header),
              (struct expected){cases[i].client, -1});
    check(REQUEST("/", "X-Forwarded-For", "192.0.2.1", "X-Forwarded-For", "192.0.2.2"),
          (struct expected){"192.0.2.2", -1});
}

static void believes_the_last_word_on_the_protocol(void **state) {
    check(REQUEST("/", "X-Forwarded-Proto", "https"), (struct expected){"", 1});
    check(REQUEST("/", "X-Forwarded-Proto", "http"), (struct expected){"", 0});
    check(REQUEST("/", "X-Forwarded-Proto", "https, http"), (struct expected){"", 0});
    check(REQUEST("/", "X-Forwarded-Proto", "ftp"), (struct expected){"", -1});
}

static void the_standard_header_is_not_read(void **state) {
    check(REQUEST("/", "Forwarded", "for=192.0.2.1;proto=https"), (struct expected){"", -1});
}

static void survives_very_many_hops(void **state) {
    struct cv_buf header = {0};
    cv_buf_append_str(&header, "203.0.113.5");
    for (int i = 0; i < 100; i++)
        cv_buf_append_str(&header, ", 10.0.0.1");
    /* The beginning is out of reach: the farthest hop read is a proxy's own. */
    check(REQUEST("/", "X-Forwarded-For", cv_buf_cstr(&header)), (struct expected){"10.0.0.1", -1});
    cv_buf_release(&header);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_x_forwarded_for_from_its_end),
        cmocka_unit_test(believes_the_last_word_on_the_protocol),
        cmocka_unit_test(the_standard_header_is_not_read),
        cmocka_unit_test(survives_very_many_hops),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
