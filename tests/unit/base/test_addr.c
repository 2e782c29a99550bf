/* SPDX-License-Identifier: Apache-2.0 */
#include "base/addr.h"
#include "test.h"

static struct cv_addr addr(const char *text) {
    struct cv_addr parsed;
    assert_int_equal(cv_addr_parse(cv_slice_str(text), &parsed), CV_OK);
    return parsed;
}

static void parse_and_format_round_trip(void **state) {
    static const struct {
        const char *in, *host, *full;
    } cases[] = {
        {"192.0.2.1", "192.0.2.1", "192.0.2.1:0"},
        {"192.0.2.1:65535", "192.0.2.1", "192.0.2.1:65535"},
        {"2001:DB8:0:0:0:0:0:1", "2001:db8::1", "[2001:db8::1]:0"},
        {"[2001:db8::1]", "2001:db8::1", "[2001:db8::1]:0"},
        {"[::1]:80", "::1", "[::1]:80"},
        {"[::ffff:10.0.0.1]:7", "10.0.0.1", "10.0.0.1:7"},
        {"ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cv_addr a = addr(cases[i].in);
        char text[CV_ADDR_TEXT_BYTES];
        cv_addr_format_host(&a, text);
        assert_string_equal(text, cases[i].host);
        cv_addr_format(&a, text);
        assert_string_equal(text, cases[i].full);
        struct cv_addr back = addr(text);
        assert_true(cv_addr_eq(&a, &back));
    }
}

static void malformed_text_is_refused(void **state) {
    static const char *const bad[] = {
        "",
        "1.2.3",
        "1.2.3.4:",
        "1.2.3.4:65536",
        "1.2.3.4:-1",
        "1.2.3.4:080",
        "1.2.3.256",
        "localhost",
        "[::1",
        "[::1]80",
        "[::1]:",
        "[1.2.3.4]:1",
        "fe80::1%1",
        " 127.0.0.1",
        "::1:2:3:4:5:6:7:8:9",
        "0x7f.1",
        ":::",
        "1.2.3.4 ",
    };
    struct cv_addr untouched = {.port = 9};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_int_equal(cv_addr_parse(cv_slice_str(bad[i]), &untouched), CV_ERR_SYNTAX);
    assert_int_equal(cv_addr_parse(cv_slice_of("1.2.3.4\0x", 9), &untouched), CV_ERR_SYNTAX);
    assert_int_equal(untouched.port, 9);
}

static void one_address_has_one_form(void **state) {
    struct cv_addr plain = addr("10.1.2.3:5"), mapped = addr("[::ffff:10.1.2.3]:5");
    struct cv_addr other_port = addr("10.1.2.3:6"), other = addr("10.1.2.4:5");
    assert_int_equal(mapped.family, CV_ADDR_V4);
    assert_true(cv_addr_eq(&plain, &mapped));
    assert_true(cv_slice_eq(cv_addr_key(&plain), cv_addr_key(&mapped)));
    assert_false(cv_addr_eq(&plain, &other_port));
    assert_true(cv_addr_same_host(&plain, &other_port));
    assert_false(cv_addr_same_host(&plain, &other));
}

static void scopes_at_the_edges_of_every_range(void **state) {
    static const struct {
        const char *text;
        enum cv_addr_scope scope;
    } cases[] = {
        {"0.0.0.0", CV_ADDR_UNSPECIFIED},
        {"1.1.1.1", CV_ADDR_GLOBAL},
        {"9.255.255.255", CV_ADDR_GLOBAL},
        {"10.0.0.0", CV_ADDR_PRIVATE},
        {"100.63.255.255", CV_ADDR_GLOBAL},
        {"100.64.0.0", CV_ADDR_SHARED},
        {"100.127.255.255", CV_ADDR_SHARED},
        {"100.128.0.0", CV_ADDR_GLOBAL},
        {"127.255.0.1", CV_ADDR_LOOPBACK},
        {"169.254.169.254", CV_ADDR_LINK_LOCAL},
        {"172.15.255.255", CV_ADDR_GLOBAL},
        {"172.16.0.0", CV_ADDR_PRIVATE},
        {"172.31.255.255", CV_ADDR_PRIVATE},
        {"172.32.0.0", CV_ADDR_GLOBAL},
        {"192.0.2.9", CV_ADDR_RESERVED},
        {"192.168.0.1", CV_ADDR_PRIVATE},
        {"198.19.255.255", CV_ADDR_RESERVED},
        {"198.20.0.0", CV_ADDR_GLOBAL},
        {"223.255.255.255", CV_ADDR_GLOBAL},
        {"224.0.0.1", CV_ADDR_MULTICAST},
        {"255.255.255.255", CV_ADDR_RESERVED},
        {"::", CV_ADDR_UNSPECIFIED},
        {"::1", CV_ADDR_LOOPBACK},
        {"::2", CV_ADDR_RESERVED},
        {"::ffff:127.0.0.1", CV_ADDR_LOOPBACK},
        {"64:ff9b::10.0.0.1", CV_ADDR_PRIVATE},
        {"64:ff9b::8.8.8.8", CV_ADDR_GLOBAL},
        {"64:ff9b:1::8.8.8.8", CV_ADDR_PRIVATE},
        {"2002:a9fe:a9fe::1", CV_ADDR_LINK_LOCAL},
        {"2002:808:808::1", CV_ADDR_GLOBAL},
        {"2001::1", CV_ADDR_RESERVED},
        {"2001:200::1", CV_ADDR_GLOBAL},
        {"2001:db8::1", CV_ADDR_RESERVED},
        {"2606:4700::1", CV_ADDR_GLOBAL},
        {"fd00::1", CV_ADDR_PRIVATE},
        {"fe80::1", CV_ADDR_LINK_LOCAL},
        {"fec0::1", CV_ADDR_PRIVATE},
        {"ff02::1", CV_ADDR_MULTICAST},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cv_addr a = addr(cases[i].text);
        if (cv_addr_scope(&a) != cases[i].scope)
            fail_msg("%s is %s", cases[i].text, cv_addr_scope_name(cv_addr_scope(&a)));
    }
    assert_int_equal(cv_addr_scope(&(struct cv_addr){0}), CV_ADDR_UNSPECIFIED);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parse_and_format_round_trip),
        cmocka_unit_test(malformed_text_is_refused),
        cmocka_unit_test(one_address_has_one_form),
        cmocka_unit_test(scopes_at_the_edges_of_every_range),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
