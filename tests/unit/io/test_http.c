/* SPDX-License-Identifier: Apache-2.0 */
#include "io/http.h"

#include "request.h"
#include "test.h"

static void assert_slice(struct cv_slice slice, const char *text) {
    assert_int_equal(slice.size, strlen(text));
    assert_memory_equal(slice.data, text, slice.size);
}

static void finds_headers_by_name(void **state) {
    struct cv_http_request request =
        REQUEST("/p?q=1", "Host", "a", "X-One", "1", "x-one", "2", "X-ONE-MORE", "3");
    struct cv_slice value;
    assert_slice(request.path, "/p");
    assert_slice(request.query, "q=1");
    assert_slice(request.authority, "a");
    assert_true(cv_http_request_header(&request, "x-one", &value));
    assert_slice(value, "1");
    assert_int_equal(cv_http_request_header_count(&request, "x-one"), 2);
    assert_false(cv_http_request_header(&request, "x-two", &value));
    assert_true(cv_http_request_lists(&request, "x-one", "2"));
    assert_false(cv_http_request_lists(&request, "x-one", "3"));
    cv_http_request_release(&request);
}

static void a_reset_request_is_empty(void **state) {
    struct cv_http_request request = REQUEST("/p", "Host", "a");
    cv_http_request_reset(&request);
    assert_int_equal(request.field_count, 0);
    assert_int_equal(request.path.size, 0);
    assert_true(request.field_capacity > 0);
    cv_http_request_release(&request);
}

static void finds_a_cookie_unless_there_are_two(void **state) {
    static const struct {
        const char *header;
        const char *value; /* NULL: none */
    } cases[] = {
        {"sid=abc", "abc"},     {"a=b; sid=abc; c=d", "abc"},
        {"a=b;sid=", ""},       {"sid=a=b", "a=b"},
        {"xsid=abc", NULL},     {"SID=abc", NULL},
        {"sid", NULL},          {"", NULL},
        {"sid=1; sid=2", NULL}, {"sid=1; sid=1", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cv_http_request request = REQUEST("/", "Cookie", cases[i].header);
        struct cv_slice value;
        bool is_found = cv_http_request_cookie(&request, "sid", &value);
        assert_int_equal(is_found, cases[i].value != NULL);
        if (is_found)
            assert_slice(value, cases[i].value);
        cv_http_request_release(&request);
    }
    struct cv_http_request request = REQUEST("/", "Cookie", "sid=1", "Cookie", "sid=2");
    struct cv_slice value;
    assert_false(cv_http_request_cookie(&request, "sid", &value));
    cv_http_request_release(&request);
}

static void decodes_query_parameters(void **state) {
    static const struct {
        const char *query;
        enum cv_err err;
        const char *value;
    } cases[] = {
        {"a=b", CV_OK, "b"},
        {"x=y&a=b%20c+d&z", CV_OK, "b c d"},
        {"a=%C3%a4", CV_OK, "\xc3\xa4"},
        {"a", CV_OK, ""},
        {"a=", CV_OK, ""},
        {"", CV_ERR_NOT_FOUND, NULL},
        {"b=a", CV_ERR_NOT_FOUND, NULL},
        {"a=1&a=2", CV_ERR_SYNTAX, NULL},
        {"a=%", CV_ERR_SYNTAX, NULL},
        {"a=%2", CV_ERR_SYNTAX, NULL},
        {"a=%2x", CV_ERR_SYNTAX, NULL},
        {"a=%ff", CV_ERR_SYNTAX, NULL},
        {"a=123456789", CV_ERR_LIMIT, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cv_buf value = {.limit_bytes = 8};
        assert_int_equal(cv_http_query_get(cv_slice_str(cases[i].query), "a", &value),
                         cases[i].err);
        if (cases[i].err == CV_OK)
            assert_slice(cv_buf_slice(&value), cases[i].value);
        else
            assert_int_equal(value.size, 0);
        cv_buf_release(&value);
    }
}

static void finds_the_bearer_token(void **state) {
    static const struct {
        const char *header;
        const char *token;
    } cases[] = {
        {"Bearer abc", "abc"}, {"bearer  abc ", "abc"}, {"Basic abc", NULL},
        {"Bearer", NULL},      {"Bearer ", NULL},       {"", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cv_http_request request = REQUEST("/", "Authorization", cases[i].header);
        struct cv_slice token;
        bool is_found = cv_http_request_bearer(&request, &token);
        assert_int_equal(is_found, cases[i].token != NULL);
        if (is_found)
            assert_slice(token, cases[i].token);
        cv_http_request_release(&request);
    }
}

static void compares_media_types_without_parameters(void **state) {
    struct cv_http_request request =
        REQUEST("/", "Content-Type", "Application/JSON ; charset=utf-8");
    assert_true(cv_http_request_has_type(&request, "application/json"));
    assert_false(cv_http_request_has_type(&request, "application/jso"));
    cv_http_request_release(&request);
    request = REQUEST("/");
    assert_false(cv_http_request_has_type(&request, "application/json"));
    cv_http_request_release(&request);
}

static void knows_its_own_origin(void **state) {
    static const struct {
        const char *host;
        const char *origin; /* NULL: none */
        bool is_secure;
        bool is_own;
    } cases[] = {
        {"a.org", "https://a.org", true, true},
        {"A.org:8443", "https://a.org:8443", true, true},
        {"a.org", "http://a.org", true, false},
        {"a.org", "http://a.org", false, true},
        {"a.org", "https://b.org", true, false},
        {"a.org", "https://a.org.b.org", true, false},
        {"a.org", "https://a.org:8443", true, false},
        {"a.org", "null", true, false},
        {"a.org", "", true, false},
        {"a.org", NULL, true, false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cv_http_request request =
            cases[i].origin ? REQUEST("/", "Host", cases[i].host, "Origin", cases[i].origin)
                            : REQUEST("/", "Host", cases[i].host);
        request.is_secure = cases[i].is_secure;
        assert_int_equal(cv_http_request_origin_is_own(&request, false), cases[i].is_own);
        assert_int_equal(cv_http_request_origin_is_own(&request, true),
                         cases[i].is_own || !cases[i].origin);
        cv_http_request_release(&request);
    }
}

static void writes_dates(void **state) {
    char text[CV_HTTP_DATE_BYTES];
    cv_http_date(INT64_C(784111777) * 1000000, text);
    assert_string_equal(text, "Sun, 06 Nov 1994 08:49:37 GMT");
    cv_http_date(0, text);
    assert_string_equal(text, "Thu, 01 Jan 1970 00:00:00 GMT");
}

static void every_byte_has_its_class(void **state) {
    static const char token[] = "!#$%&'*+-.^_`|~0123456789"
                                "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char host[] = "-._0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    for (int c = 0; c < 256; c++) {
        uint8_t byte = (uint8_t)c, target[2] = {'/', byte}, literal[3] = {'[', byte, ']'};
        struct cv_slice one = cv_slice_of(&byte, 1);
        struct cv_http_request request = {0};
        assert_int_equal(cv_http_is_token(one), c != 0 && strchr(token, c) != NULL);
        assert_int_equal(cv_http_is_field_value(one), c == '\t' || (c >= ' ' && c != 0x7f));
        assert_int_equal(cv_http_authority_is_valid(one), c != 0 && strchr(host, c) != NULL);
        assert_int_equal(cv_http_authority_is_valid(cv_slice_of(literal, 3)),
                         c != 0 && strchr("0123456789abcdefABCDEF:.", c) != NULL);
        assert_int_equal(cv_http_request_set_target(&request, cv_slice_of(target, 2)) == CV_OK,
                         c > ' ' && c < 0x7f && c != '#' && c != '\\');
        cv_http_request_release(&request);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_headers_by_name),
        cmocka_unit_test(a_reset_request_is_empty),
        cmocka_unit_test(finds_a_cookie_unless_there_are_two),
        cmocka_unit_test(decodes_query_parameters),
        cmocka_unit_test(finds_the_bearer_token),
        cmocka_unit_test(compares_media_types_without_parameters),
        cmocka_unit_test(knows_its_own_origin),
        cmocka_unit_test(writes_dates),
        cmocka_unit_test(every_byte_has_its_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
