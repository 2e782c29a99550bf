/* SPDX-License-Identifier: Apache-2.0 */
#include "io/negotiate.h"

#include "request.h"
#include "test.h"

enum { ALL = 1 << CV_CODING_IDENTITY | 1 << CV_CODING_GZIP | 1 << CV_CODING_BROTLI };

static void chooses_the_best_coding_that_is_wanted(void **state) {
    static const struct {
        const char *accept;
        unsigned available;
        enum cv_coding coding;
    } cases[] = {
        {"gzip, deflate, br", ALL, CV_CODING_BROTLI},
        {"gzip, deflate, br, zstd", ALL & ~(1 << CV_CODING_BROTLI), CV_CODING_GZIP},
        {"gzip, br", 1 << CV_CODING_IDENTITY, CV_CODING_IDENTITY},
        {"gzip;q=1.0, br;q=0.5", ALL, CV_CODING_GZIP},
        {"br;q=0, gzip;q=0.001", ALL, CV_CODING_GZIP},
        {"GZIP", ALL, CV_CODING_GZIP},
        {"*", ALL, CV_CODING_BROTLI},
        {"*;q=0", ALL, CV_CODING_IDENTITY},
        {"*;q=0.1, br;q=0", ALL, CV_CODING_GZIP},
        {"identity;q=1, br;q=0.9", ALL, CV_CODING_IDENTITY},
        {"identity;q=0, br;q=0", ALL, CV_CODING_IDENTITY},
        {"", ALL, CV_CODING_IDENTITY},
        {"br;q=1.1", ALL, CV_CODING_IDENTITY},
        {"br;q=1.0000", ALL, CV_CODING_IDENTITY},
        {"br;q=.5", ALL, CV_CODING_IDENTITY},
        {"br;q=x", ALL, CV_CODING_IDENTITY},
        {"br;level=1", ALL, CV_CODING_IDENTITY},
        {"br ; q=0.5", ALL, CV_CODING_BROTLI},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cv_http_request request = REQUEST("/", "Accept-Encoding", cases[i].accept);
        assert_int_equal(cv_negotiate_coding(&request, cases[i].available), cases[i].coding);
        cv_http_request_release(&request);
    }
    struct cv_http_request request = REQUEST("/");
    assert_int_equal(cv_negotiate_coding(&request, ALL), CV_CODING_IDENTITY);
    cv_http_request_release(&request);
    request = REQUEST("/", "Accept-Encoding", "gzip;q=0.5", "Accept-Encoding", "br");
    assert_int_equal(cv_negotiate_coding(&request, ALL), CV_CODING_BROTLI);
    cv_http_request_release(&request);
}

static void knows_what_the_client_has(void **state) {
    static const struct {
        const char *header;
        bool is_known;
    } cases[] = {
        {"\"a\"", true}, {"W/\"a\"", true}, {"\"b\", \"a\"", true}, {"*", true}, {"\"b\"", false},
        {"a", false},    {"", false},       {"\"a\"\"b\"", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cv_http_request request = REQUEST("/", "If-None-Match", cases[i].header);
        assert_int_equal(cv_negotiate_is_known(&request, "\"a\""), cases[i].is_known);
        cv_http_request_release(&request);
    }
    struct cv_http_request request = REQUEST("/");
    assert_false(cv_negotiate_is_known(&request, "\"a\""));
    cv_http_request_release(&request);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(chooses_the_best_coding_that_is_wanted),
        cmocka_unit_test(knows_what_the_client_has),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
