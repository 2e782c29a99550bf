/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cidr.h"

#include "test.h"

static void a_range_holds_its_addresses_and_no_other(void **state) {
    static const struct {
        const char *range;
        enum cv_err err;
        const char *inside;
        const char *outside;
    } cases[] = {
        {"10.0.0.0/8", CV_OK, "10.255.1.2:80", "11.0.0.0"},
        {"192.0.2.128/25", CV_OK, "192.0.2.200", "192.0.2.127"},
        {"0.0.0.0/0", CV_OK, "255.255.255.255", "::1"},
        {"::/0", CV_OK, "ffff::", "10.0.0.1"},
        {"fd00::/8", CV_OK, "fdff::1", "fe00::1"},
        {"192.0.2.1", CV_OK, "::ffff:192.0.2.1", "192.0.2.2"},
        {"2001:db8::/33", CV_OK, "2001:db8:7fff::", "2001:db8:8000::"},
        {"2001:db8::1/128", CV_OK, "[2001:db8::1]:1", "2001:db8::2"},
        {"10.0.0.1/8", CV_ERR_RANGE, NULL, NULL},
        {"10.0.0.0/33", CV_ERR_RANGE, NULL, NULL},
        {"10.0.0.0/999", CV_ERR_RANGE, NULL, NULL},
        {"10.0.0.0/", CV_ERR_SYNTAX, NULL, NULL},
        {"10.0.0.0/08", CV_ERR_SYNTAX, NULL, NULL},
        {"10.0.0.0:80", CV_ERR_SYNTAX, NULL, NULL},
        {"10.0.0.0/-1", CV_ERR_SYNTAX, NULL, NULL},
        {"[::1]/128", CV_ERR_SYNTAX, NULL, NULL},
        {"/8", CV_ERR_SYNTAX, NULL, NULL},
        {"", CV_ERR_SYNTAX, NULL, NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cv_cidr cidr;
        struct cv_addr addr;
        assert_int_equal(cv_cidr_parse(cv_slice_str(cases[i].range), &cidr), cases[i].err);
        if (cases[i].err)
            continue;
        assert_int_equal(cv_addr_parse(cv_slice_str(cases[i].inside), &addr), CV_OK);
        assert_true(cv_cidr_contains(&cidr, &addr));
        assert_int_equal(cv_addr_parse(cv_slice_str(cases[i].outside), &addr), CV_OK);
        assert_false(cv_cidr_contains(&cidr, &addr));
    }
}

static void no_range_holds_no_address(void **state) {
    struct cv_cidr all[2];
    struct cv_addr none = {0}, v6;
    assert_int_equal(cv_cidr_parse(cv_slice_str("0.0.0.0/0"), &all[0]), CV_OK);
    assert_int_equal(cv_cidr_parse(cv_slice_str("::/0"), &all[1]), CV_OK);
    assert_int_equal(cv_addr_parse(cv_slice_str("2001:db8::1"), &v6), CV_OK);
    assert_false(cv_cidr_any_contains(all, 2, &none));
    assert_true(cv_cidr_any_contains(all, 2, &v6));
    assert_false(cv_cidr_any_contains(all, 1, &v6));
    assert_false(cv_cidr_any_contains(NULL, 0, &v6));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_range_holds_its_addresses_and_no_other),
        cmocka_unit_test(no_range_holds_no_address),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
