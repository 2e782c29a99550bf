/* SPDX-License-Identifier: Apache-2.0 */
#include "test.h"

#include "app/ice.h"

static const struct cv_id ana = {.text = "pAna"};
static const int64_t now_us = INT64_C(1700000000) * CV_US_PER_S;

static void test_stun_alone(void **state) {
    const struct cv_ice_settings settings = {.stun_port = 8443};
    struct cv_ice_servers ice;
    (void)state;
    assert_int_equal(cv_ice_make(&settings, "meet.example.org", &ana, false, now_us, &ice), CV_OK);
    assert_int_equal(ice.ice.server_count, 1);
    assert_string_equal(ice.servers[0].urls[0], "stun:meet.example.org:8443");
    assert_null(ice.servers[0].urls[1]);
    assert_null(ice.servers[0].username);
    assert_false(ice.ice.relay_only);
    assert_int_equal(ice.ice.expires_at_us, CV_TIME_NEVER);
    assert_int_equal(cv_ice_make(&settings, "[2001:db8::1]", &ana, false, now_us, &ice), CV_OK);
    assert_string_equal(ice.servers[0].urls[0], "stun:[2001:db8::1]:8443");
    assert_int_equal(cv_ice_make(&settings, "", &ana, true, now_us, &ice), CV_OK);
    assert_int_equal(ice.ice.server_count, 0);
    assert_true(ice.ice.relay_only);
}

/* The REST scheme, against a value computed with openssl dgst -sha1 -hmac. */
static void test_turn_credentials(void **state) {
    static const char *const urls[] = {"turn:a", "turns:b", NULL};
    const struct cv_ice_settings settings = {
        .turn_urls = urls, .turn_secret = cv_slice_str("north"), .credential_us = CV_US_PER_HOUR};
    struct cv_ice_servers ice;
    (void)state;
    assert_int_equal(cv_ice_make(&settings, "h", &ana, false, now_us, &ice), CV_OK);
    assert_int_equal(ice.ice.server_count, 1);
    assert_ptr_equal(ice.servers[0].urls, urls);
    assert_string_equal(ice.servers[0].username, "1700003600:pAna");
    assert_string_equal(ice.servers[0].credential, "+2y6fp46K6ZBOJipJZbTLI+xgek=");
    assert_int_equal(ice.ice.expires_at_us, now_us + CV_US_PER_HOUR);
}

static void test_everybody_relayed(void **state) {
    const struct cv_ice_settings settings = {.stun_port = 1, .relay_only = true};
    struct cv_ice_servers ice;
    (void)state;
    assert_int_equal(cv_ice_make(&settings, "h", &ana, false, now_us, &ice), CV_OK);
    assert_true(ice.ice.relay_only);
}

int main(void) {
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_stun_alone),
        cmocka_unit_test(test_turn_credentials),
        cmocka_unit_test(test_everybody_relayed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
